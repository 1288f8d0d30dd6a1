"""Corrections inside one message: "a western, no wait, a musical", "funny but not stupid funny"."""

from __future__ import annotations

from collections.abc import Sequence

from chat.reader.english import english
from chat.reader.feelings import Felt
from chat.reader.tokens import Token

#: Words that take something back only with one of these around them, or with a dash or dots.
_TURNS = frozenset("actually wait nah no scratch scrap forget nevermind nvm".split())
_BACK = frozenset("nah no wait scratch scrap nevermind nvm".split())


def settled(tokens: Sequence[Token], felt: Sequence[Felt]) -> list[Felt]:
    """What is felt in the end: wishes that a later one of the same message takes the place of are gone, and
    so are bans on a kind of what is wished for."""
    words = [token.norm for token in tokens]
    kept = list(felt)
    for place in _turns(words):
        after = {entry.thing.kind for entry in kept if entry.thing.start >= place and _wished(entry)}
        kept = [
            entry
            for entry in kept
            if entry.thing.start >= place or not _wished(entry) or entry.thing.kind not in after
        ]
    wished = {(entry.thing.kind, entry.thing.values) for entry in kept if _wished(entry)}
    return [entry for entry in kept if not (_banned_kind(entry, kept) and _key(entry) in wished)]


def _turns(words: Sequence[str]) -> list[int]:
    """Where a message takes back what it began with: "actually nah", "no wait", "on second thought"."""
    found = []
    for place in range(1, len(words)):
        cue = english().cues.at(words, place)
        phrase = (
            cue is not None and cue[0] > 1 and "instead" in cue[1] and words[place] not in ("how", "what")
        )
        pair = words[place] in _TURNS and words[place + 1 : place + 2] != []
        pair = pair and words[place + 1] in _BACK | {"that"} and words[place] != words[place + 1]
        thought = words[place : place + 3] in (["then", "i", "thought"], ["but", "i", "thought"])
        if phrase or pair or thought:
            found.append(place)
    return found


def _wished(entry: Felt) -> bool:
    return (
        entry.thing.kind not in ("item", "text")
        and entry.verdict in ("want", "like", "none")
        and not entry.less
    )


def _key(entry: Felt) -> tuple[str, tuple[str, ...]]:
    return entry.thing.kind, entry.thing.values


def _banned_kind(entry: Felt, felt: Sequence[Felt]) -> bool:
    """Whether only a kind of something is ruled out: "not *stupid funny*"."""
    if entry.verdict != "dislike" or not entry.thing.values:
        return False
    return any(one.thing.kind == "text" and one.thing.end == entry.thing.start for one in felt)
