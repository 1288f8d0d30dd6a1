"""Titles found for the reader: each work that a turn names gets a stand-in title that nothing else can mean.

So a measurement of feelings is not one of titles. The stand-ins are made-up words; a catalogue of them, with
no facts, is what the reader then knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluation.human.dialogues import Dialogue
from retrieval.items import Item

_PARTS = ("qor", "vath", "zil", "brun", "dax", "mep", "tuv", "yol", "fenk", "gral")
_YEAR = re.compile(r"\s*\((?:19|20)\d\d\)")


def stand_in(number: int) -> str:
    """A made-up title: 0 → "Qorqorum", 1 → "Qorvathum", and so on; the same number, the same title."""
    first, second = divmod(number, len(_PARTS))
    return f"{_PARTS[first % len(_PARTS)]}{_PARTS[second]}um".capitalize()


def stand_ins(count: int) -> tuple[Item, ...]:
    """`count` items with no facts, ids "0", "1", …; at most 100 differ."""
    return tuple(Item(str(number), stand_in(number)) for number in range(count))


@dataclass(frozen=True, slots=True)
class Marked:
    """A dialogue with its works replaced: the texts, whether the seeker said them, each turn's stand-in ids,
    and which id is whose."""

    texts: tuple[str, ...]
    seeker: tuple[bool, ...]
    ids: tuple[tuple[str, ...], ...]
    place_of: Mapping[str, str]


def marked(dialogue: Dialogue, items: Mapping[str, Item]) -> Marked:
    """The dialogue with the given mentions as stand-ins. A work whose title cannot be found in the text that
    names it is left out of the text, as are works that `items` lacks."""
    place_of: dict[str, str] = {}
    texts, ids = [], []
    for said in dialogue.turns:
        known = [name for name in dict.fromkeys(said.items) if name in items]
        for name in known:
            place_of.setdefault(name, str(len(place_of)))
        texts.append(_replaced(said.text, [(items[name], place_of[name]) for name in known]))
        ids.append(tuple(place_of[name] for name in known))
    seeker = tuple(said.speaker == "user" for said in dialogue.turns)
    return Marked(tuple(texts), seeker, tuple(ids), place_of)


def spans(text: str, items: Sequence[Item]) -> list[tuple[int, int, str]]:
    """Where titles stand in a text, each with its year in brackets: (start, end, id), without overlaps.

    The longest title goes first, and one with its own year before one without.
    """
    low = text.casefold()
    if len(low) != len(text):
        return []
    free = [True] * len(text)
    found: list[tuple[int, int, str]] = []
    for item in sorted(items, key=lambda item: -len(item.title)):
        year = str(item.facts.get("year", ""))
        title = re.escape(_YEAR.sub("", item.title).strip().casefold())
        shapes = [rf"(?<!\w){title}\s*\(\s*{year}\s*\)"] if year else []
        for shape in (*shapes, rf"(?<!\w){title}(?!\w)(?:\s*\((?:19|20)\d\d\))?"):
            places = [one.span() for one in re.finditer(shape, low) if all(free[one.start() : one.end()])]
            for start, end in places:
                free[start:end] = [False] * (end - start)
                found.append((start, end, item.id))
            if places:
                break
    return sorted(found)


def _replaced(text: str, named: Sequence[tuple[Item, str]]) -> str:
    stand = {item.id: number for item, number in named}
    out, reached = [], 0
    for start, end, name in spans(text, [item for item, _ in named]):
        out += [text[reached:start], stand_in(int(stand[name]))]
        reached = end
    return "".join([*out, text[reached:]])
