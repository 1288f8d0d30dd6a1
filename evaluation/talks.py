"""Conversations to play: from a file, or made from what a catalogue holds.

Only the person's side is fixed. Made conversations point at places of lists ("the second one"), so that any
voice can answer them, and ask for what items of the catalogue really have, so that most wishes can be met.
"""

from __future__ import annotations

import gzip
import json
import random
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast, get_args

from chat.conversation import FeedbackKind
from evaluation.errors import BadData
from evaluation.mentions import numbers_of
from retrieval.items import Facet, Item

NTH = ("first", "second", "third")


@dataclass(frozen=True)
class Step:
    """A message, or a click on the item at `place` (from 0) of the latest list."""

    text: str = ""
    click: FeedbackKind | None = None
    place: int = 0


@dataclass(frozen=True)
class Talk:
    """The person's side of one conversation."""

    name: str
    steps: tuple[Step, ...]


# --- from a file --------------------------------------------------------------------------------------------


def read_talks(path: Path) -> tuple[Talk, ...]:
    """The conversations of a JSONL file (.gz too), one a line.

    A line is {"messages": [...]}, each a text or {"click": "like", "place": 0}; or {"turns": [{"speaker":
    "user", "text": ...}, ...]}, of which the user's turns count. Raises `BadData` with the line.
    """
    talks = []
    for number, line in enumerate(_lines(path), start=1):
        if line.strip():
            talks.append(_talk(path, number, line))
    if not talks:
        raise BadData(f"{path} holds no conversation. Put one JSON object on each line.")
    return tuple(talks)


def _lines(path: Path) -> Iterator[str]:
    open_text = gzip.open if path.suffix == ".gz" else open
    try:
        with open_text(path, "rt", encoding="utf-8") as lines:
            yield from lines
    except (OSError, UnicodeDecodeError) as error:
        raise BadData(f"{path} cannot be read: {error}. Name a JSONL file, plain or gzipped.") from None


def _talk(path: Path, number: int, line: str) -> Talk:
    where = f"{path}, line {number}"
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadData(f"{where}: no JSON ({error}). Put one JSON object on each line.") from None
    if isinstance(row, dict) and isinstance(row.get("messages"), list):
        steps = tuple(_step(where, one) for one in row["messages"])
    elif isinstance(row, dict) and isinstance(row.get("turns"), list):
        steps = tuple(_turn(where, one) for one in row["turns"] if _by_user(one))
    else:
        raise BadData(f'{where}: neither "messages" nor "turns" is a list there.')
    name = str(row.get("dialogue_id", row.get("id", number)))
    return Talk(name, tuple(step for step in steps if step.text.strip() or step.click))


def _by_user(turn: Any) -> bool:
    return isinstance(turn, dict) and turn.get("speaker") == "user"


def _turn(where: str, turn: Mapping[str, Any]) -> Step:
    return _step(where, turn.get("text"))


def _step(where: str, one: Any) -> Step:
    if isinstance(one, str):
        return Step(one)
    if isinstance(one, dict) and isinstance(one.get("text"), str):
        return Step(one["text"])
    kinds = get_args(FeedbackKind)
    if isinstance(one, dict) and one.get("click") in kinds and isinstance(one.get("place", 0), int):
        return Step(click=cast(FeedbackKind, one["click"]), place=one.get("place", 0))
    raise BadData(f"{where}: {one!r} is no message. Write a text, or a click: one of {', '.join(kinds)}.")


# --- made from a catalogue ----------------------------------------------------------------------------------

_OPENERS = (
    "{wish}", "I'm looking for {wish}", "Hi! {wish} please", "can you recommend {wish}?", "{wish}?",
    "do you have {wish}?", "show me {wish}", "I'd like {wish}, nothing else matters", "what about {wish}",
)  # fmt: skip
_VALUE = ("something {v}", "{nouns} with {v}", "{v} {nouns}", "a {noun}, {v} if possible")
_PERSON = ("something by {v}", "{nouns} with {v}", "anything {v} had a hand in")
_LIKE = ("something like {v}", "more {nouns} like {v}", "{nouns} in the style of {v}")
_FREE = ("{nouns} about {a} and {b}", "a {noun} that has to do with {a}", "something with {a} or {b}")
_LESS = ("{label} under {n}", "at most {n} {unit}", "less than {n} {unit}", "no more than {n} {unit}")
_MORE = ("{label} over {n}", "at least {n} {unit}", "more than {n} {unit}")
_YEARS = ("from the {decade}s", "from before {n}", "from after {n}", "older than {n}", "newer than {n}")
_TALK = (
    "hello", "hi there", "what can you do?", "how are you?", "what's the weather like?",
    "who won the match?", "no idea, you choose", "surprise me", "I don't know what I want", "I'm bored",
)  # fmt: skip
_AFTER = (
    "something else", "more", "more like the {nth} one", "why the {nth} one?", "tell me more about the {nth}",
    "compare the first two", "why these?", "I've had the {nth} already", "the {nth} sounds good",
    "not the {nth} one", "what else do you have?", "any others?", "just one, please", "give me five",
)  # fmt: skip
_ASK = (
    "what's the {label} of the {nth}?",
    "{label} of the {nth}?",
    "and the {label}?",
    "which {label} is it?",
)
_IS_IT = ("is it {v}?", "is the {nth} {v}?", "does the {nth} have {v}?")
_COMPARE = {
    "duration": "which is shorter?", "length": "which is shorter?", "price": "which is cheaper?",
    "year": "which is older?", "rating": "which has the best rating?",
}  # fmt: skip
_NOT = ("no {v}", "nothing {v} please", "not {v} though", "anything but {v}", "less {v}")
_CHANGE = ("actually, {v} instead", "forget about {v}", "{v} is fine after all", "rather something {v}")
_MEMORY = ("what do you know about me?", "forget everything", "what have I told you so far?")
_ENDS = ("thanks", "great, I'll take the {nth}", "bye", "no thanks", "perfect, thank you", "yes", "ok")
_WORDS = re.compile(r"[a-z]{5,}")


def made_talks(
    facets: Sequence[Facet], items: Sequence[Item], noun: str, nouns: str, *, count: int, seed: int
) -> tuple[Talk, ...]:
    """So many conversations of two to nine steps; the same seed makes the same, however many are made."""
    if not items:
        raise BadData("The catalogue holds no items, so there is nothing to talk about.")
    return tuple(
        Talk(f"made-{number + 1}", tuple(_Maker(facets, items, noun, nouns, f"{seed}.{number}").steps()))
        for number in range(count)
    )


class _Maker:
    """One person, who has one item in mind and asks for what it has."""

    def __init__(
        self, facets: Sequence[Facet], items: Sequence[Item], noun: str, nouns: str, seed: str
    ) -> None:
        self.random = random.Random(seed)
        self.facets = [facet for facet in facets if facet.kind != "words"]
        self.items = items
        self.fill = {"noun": noun, "nouns": nouns}
        self.item = self.random.choice(items)

    def steps(self) -> Iterator[Step]:
        if self.random.random() < 0.15:
            yield self._say(_TALK)
        yield Step(self._opener())
        for _ in range(self.random.randint(1, 6)):
            yield self._next()
        if self.random.random() < 0.4:
            yield self._say(_ENDS)

    def _opener(self) -> str:
        wishes = [self._wish() for _ in range(self.random.choice((1, 1, 1, 2, 2, 3)))]
        wish = self.random.choice((", ", " and ", " ")).join(dict.fromkeys(wishes))
        return self.random.choice(_OPENERS).format(wish=wish)

    def _wish(self, item: Item | None = None) -> str:
        item = item or self.item
        kind = self.random.choices(("facet", "like", "free"), (6, 1.5, 1.5))[0]
        held = [facet for facet in self.facets if item.values(facet.name)]
        found = _WORDS.findall(item.text.lower())
        if kind == "like":
            other = self.random.choice(self.items)
            return self._text(_LIKE, v=other.title)
        if kind == "free" and len(found) > 1:
            a, b = self.random.sample(found, 2)
            return self._text(_FREE, a=a, b=b)
        return self._facet_wish(item, self.random.choice(held)) if held else self._text(_LIKE, v=item.title)

    def _facet_wish(self, item: Item, facet: Facet) -> str:
        numbers = numbers_of(item, facet)
        if facet.kind == "people":
            return self._text(_PERSON, v=str(self.random.choice(item.values(facet.name))))
        if not numbers:
            return self._text(_VALUE, v=str(self.random.choice(item.values(facet.name))))
        number = numbers[0]
        if facet.role == "year" or facet.kind == "date":
            near = number + self.random.choice((-8, -2, 2, 8))
            return self._text(_YEARS, n=f"{near:.0f}", decade=f"{number - number % 10:.0f}")
        ways, by = self.random.choice(((_LESS, 1.2), (_MORE, 0.8)))
        edge = round(number * by) if number >= 5 else round(number * by, 1)
        return self._text(ways, n=f"{edge:g}", label=facet.label, unit=facet.unit or facet.label)

    def _next(self) -> Step:
        kind = self.random.choices(
            ("after", "ask", "is it", "compare", "not", "wish", "change", "click", "memory", "talk"),
            (8, 3, 2, 1.5, 2.5, 4, 1.5, 3, 0.7, 0.8),
        )[0]
        facet = self.random.choice(self.facets) if self.facets else None
        if kind == "click":
            likes: tuple[FeedbackKind, ...] = ("like", "dislike", "seen", "save", "like")
            return Step(click=self.random.choice(likes), place=self.random.randrange(3))
        if kind == "ask" and facet is not None:
            return self._say(_ASK, label=facet.label)
        if kind == "compare":
            known = [_COMPARE[facet.role] for facet in self.facets if facet.role in _COMPARE]
            return Step(
                self.random.choice([*known, "compare the first two", "compare the second and the third"])
            )
        if kind in ("is it", "not", "change"):
            value = self._value(self.random.choice(self.items))
            return self._say({"is it": _IS_IT, "not": _NOT, "change": _CHANGE}[kind], v=value)
        if kind == "wish":
            return Step(self._wish(self.random.choice((self.item, self.random.choice(self.items)))))
        return self._say({"memory": _MEMORY, "talk": _TALK}.get(kind, _AFTER))

    def _value(self, item: Item) -> str:
        held = [
            str(value)
            for facet in self.facets
            if facet.kind == "category"
            for value in item.values(facet.name)
        ]
        return self.random.choice(held) if held else item.title

    def _text(self, ways: Sequence[str], **fill: str) -> str:
        return self.random.choice(ways).format(**self.fill, nth=self.random.choice(NTH), **fill)

    def _say(self, ways: Sequence[str], **fill: str) -> Step:
        return Step(self._text(ways, **fill))
