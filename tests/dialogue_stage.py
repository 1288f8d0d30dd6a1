"""The moment at which a check looks: one reply, what led to it, and what must hold of every reply."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.dialogue_shelf import Shelf, Thing, fold, holds_words

MOVES = ("ask", "recommend", "describe", "compare", "converse", "decline")


class CannotCheck(Exception):
    """The check speaks of something that this conversation didn't bring, such as the third of two items."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One reply (`turn`), the replies before it, and all that the person has said up to it."""

    shelf: Shelf
    said: Sequence[str]
    earlier: Sequence[Mapping[str, Any]]
    turn: Mapping[str, Any]

    @property
    def text(self) -> str:
        return str(self.turn["text"])

    @property
    def listed(self) -> list[Thing]:
        """What this reply recommends, in order."""
        return _things(self.turn, self.shelf)

    @property
    def last_list(self) -> list[Thing]:
        """What was recommended most recently before this reply: "the second one" counts in it."""
        lists = [_things(turn, self.shelf) for turn in self.earlier if turn["move"] == "recommend"]
        return next((things for things in reversed(lists) if things), [])

    @property
    def offered(self) -> set[str]:
        """Ids of all that was recommended before this reply."""
        return {thing.id for turn in self.earlier for thing in _things(turn, self.shelf)}

    @property
    def taste(self) -> list[Mapping[str, Any]]:
        return list(self.turn.get("taste") or [])

    def pointed(self, reference: str) -> Thing:
        """The thing meant by `item 2`, `last item` or a title; raises `CannotCheck` where there is none."""
        number = item_number(reference)
        if number is not None:
            things = self.last_list
            if len(things) < max(number, 1):
                raise CannotCheck(f"{reference!r} needs a list before it, the last one held {len(things)}")
            return things[number - 1 if number else -1]
        found = self.shelf.called(reference)
        if len(found) != 1:
            raise CannotCheck(f"{reference!r} fits {len(found)} items of the catalogue, expected exactly one")
        return found[0]

    def refused(self) -> set[str]:
        """Ids of things that the taste of this reply holds as seen or not wanted."""
        subjects = [
            entry["subject"] for entry in self.taste if entry["kind"] == "item" and entry["feeling"] != "like"
        ]
        return {thing.id for subject in subjects for thing in self.shelf.called(subject)}


def item_number(reference: str) -> int | None:
    """2 for `item 2`, 0 for `last item`, None for anything else."""
    if reference == "last item":
        return 0
    match = re.fullmatch(r"item (\d+)", reference)
    return int(match[1]) if match else None


def names(things: Sequence[Thing]) -> str:
    """The things in words, for messages."""
    return ", ".join(map(str, things)) or "nothing"


def _things(turn: Mapping[str, Any], shelf: Shelf) -> list[Thing]:
    ids = [entry["item"]["id"] for entry in turn.get("recommendations") or []]
    return [shelf.by_id[identity] for identity in ids if identity in shelf.by_id]


def house_rules(stage: Stage) -> Iterator[str]:
    """What is wrong with a reply whatever was asked: the promises that hold in every conversation."""
    if stage.turn["move"] not in MOVES:
        yield f"the move {stage.turn['move']!r} is none of {', '.join(MOVES)}"
    if not stage.text.strip():
        yield "the reply has no words"
    yield from _listed_rightly(stage)
    yield from _taste_kept(stage)
    yield from _named_rightly(stage)


def _listed_rightly(stage: Stage) -> Iterator[str]:
    seen: set[str] = set()
    for entry in stage.turn.get("recommendations") or []:
        identity, title = entry["item"]["id"], entry["item"]["title"]
        thing = stage.shelf.by_id.get(identity)
        if thing is None:
            yield f"recommends {identity!r}, which the catalogue doesn't hold"
        elif fold(thing.title) != fold(title):
            yield f"calls {identity!r} {title!r}, the catalogue calls it {thing.title!r}"
        if identity in seen:
            yield f"lists {title!r} twice"
        seen.add(identity)
        reasons = [reason for reason in entry.get("reasons") or [] if not reason.get("against")]
        if not any(str(reason.get("text", "")).strip() for reason in reasons):
            yield f"recommends {title!r} without a reason for it"


def _taste_kept(stage: Stage) -> Iterator[str]:
    """What is remembered is in the person's own words, and what they ruled out stays out."""
    said = set(_words(" ".join(stage.said)))
    for entry in stage.taste:
        foreign = [word for word in _words(str(entry.get("quote") or "")) if word not in said]
        if foreign:
            yield f"the taste quotes {entry['quote']!r}, which nobody said"
    listed = stage.listed if stage.turn["move"] == "recommend" else []
    refused = stage.refused()
    for thing in listed:
        if thing.id in refused:
            yield f"recommends {thing}, which the person has seen or doesn't want"
        for entry in stage.taste:
            ruled_out = entry["feeling"] == "dislike" and entry.get("hard")
            if ruled_out and fold(entry["subject"]) in map(fold, map(str, thing.values(entry["kind"]))):
                yield f"recommends {thing} in spite of {entry['quote']!r}"


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", fold(text).replace("'", ""))


def _named_rightly(stage: Stage) -> Iterator[str]:
    """Nothing is named in the words that isn't in the list, was offered before, or came from the person."""
    for match in re.finditer(r"([^\n.!?;]*?[^\W\d_][\w'’!.?]*)[\"”’*_]*\s\(((?:19|20)\d\d)\)", stage.text):
        before, year = fold(match[1]), f"({match[2]})"
        last = re.split(r"[\s\"“*]+", match[1].strip())[-1]
        known = any(
            with_year.endswith(year) and before.endswith(title[-len(before) :])
            for title, with_year, _ in stage.shelf.folded
        )
        if last[:1].isupper() and not known and not any(holds_words(words, last) for words in stage.said):
            yield f"names {match[0].strip()!r}, which the catalogue doesn't hold"
    if stage.turn["move"] == "recommend":
        allowed = _may_be_named(stage)
        text = stage.text
        for thing in stage.shelf.titles:
            if thing.title not in text:
                continue
            pattern = rf"(?<!\w){re.escape(thing.title)}(?!\w)"
            if " " not in thing.title:  # one word may be any word: it counts in quotes or with its year
                pattern = rf"(?:(?<=[\"“*]){re.escape(thing.title)}(?=[\"”*])|{pattern}(?= \(\d{{4}}\)))"
            if re.search(pattern, text):
                text = re.sub(pattern, " ", text)
                folded = fold(thing.title)
                if folded not in stage.shelf.words and not any(
                    holds_words(words, folded) for words in allowed
                ):
                    yield f"names {thing} in the reply, which isn't in the list"


def _may_be_named(stage: Stage) -> list[str]:
    things = [*stage.listed, *(stage.shelf.by_id[identity] for identity in stage.offered)]
    facts = [str(value) for thing in things for values in thing.facts.values() for value in values]
    return [*(thing.title for thing in things), *facts, *stage.said, *(e["subject"] for e in stage.taste)]
