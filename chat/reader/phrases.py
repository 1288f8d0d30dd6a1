"""Phrases of an act: whether a message holds one, or is nothing else."""

from __future__ import annotations

from collections.abc import Sequence

from chat.reader.english import english
from chat.reader.letting_go import clauses, rest_dropped
from chat.reader.tokens import Token

_SOME = frozenset("any some few many got have see".split())


def phrases_in(words: Sequence[str], name: str) -> list[str]:
    """The phrases of an act that stand in the message."""
    found = []
    for start in range(len(words)):
        match = english().acts.at(words, start)
        if match and name in match[1]:
            found.append(" ".join(words[start : start + match[0]]))
    return found


def covered(words: Sequence[str], name: str) -> bool:
    """Whether the message is nothing but phrases of an act, fillers of politeness apart."""
    kept = [word for word in words if word != "\0"]
    place = 0
    hit = False
    while place < len(kept):
        match = english().acts.at(kept, place)
        if match and name in match[1]:
            place, hit = place + match[0], True
        elif kept[place] in (
            "then",
            "so",
            "you",
            "very",
            "much",
            "a",
            "lot",
            "for",
            "now",
            "the",
            "all",
            "oh",
            "ah",
            "well",
            "please",
            "sorry",
            "there",
            "again",
            "again",
            "haha",
            "lol",
            "mate",
            "man",
            "s",
            "im",
            "i",
            "that",
            "it",
            "is",
            "just",
            "really",
            "my",
        ):
            place += 1
        elif match and match[1] & {"greet", "thanks", "bye", "agree", "refuse", "good"}:
            place += match[0]
        else:
            return False
    return hit


def fresh_asked(tokens: Sequence[Token]) -> bool:
    """Whether others than those shown are wanted; a single small word says so only in a short clause, or at
    the end of one that asks for some ("have you got any more")."""
    return any(
        " " in phrase or len(clause) <= 4 or phrase == clause[-1] and clause[-2] in _SOME
        for clause in clauses(tokens)
        if not rest_dropped(clause)
        for phrase in phrases_in(clause, "more")
    )
