"""The catalogue as the scripted conversations see it: read from the file itself, so that what the
recommender serves is held against the source and not against its own copy."""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

Value = str | float


def fold(text: str) -> str:
    """The text for comparing: no case, no accents, straight quotes, single spaces."""
    text = text.replace("’", "'").replace("‘", "'").replace("·", "-").replace("–", "-").replace("—", "-")
    plain = unicodedata.normalize("NFKD", text)
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).casefold().split())


def holds_words(text: str, words: str) -> bool:
    """Whether `words` stand in `text` as whole words, whatever their case and accents."""
    return re.search(rf"(?<!\w){re.escape(fold(words))}(?!\w)", fold(text)) is not None


@dataclass(frozen=True, slots=True)
class Thing:
    """One item of a catalogue file; every fact is a tuple, numbers are floats."""

    id: str
    title: str
    facts: Mapping[str, tuple[Value, ...]]

    def values(self, facet: str) -> tuple[Value, ...]:
        """The values of a column, `title` and `id` among them; empty where the file doesn't say."""
        return {"title": (self.title,), "id": (self.id,)}.get(facet) or self.facts.get(facet, ())

    def __str__(self) -> str:
        years = self.values("year")
        return f"{self.title} ({years[0]:.0f})" if years and isinstance(years[0], float) else self.title


class Shelf:
    """The things of one catalogue by id, by title, and the columns that they have."""

    def __init__(self, things: Iterable[Thing]) -> None:
        self.by_id: dict[str, Thing] = {thing.id: thing for thing in things}
        self.columns = {"title", "id"} | {name for thing in self for name in thing.facts}
        self.words = {
            fold(str(value)) for thing in self for values in thing.facts.values() for value in values
        }
        self.folded = [(fold(thing.title), fold(str(thing)), thing) for thing in self]
        self.titles = sorted(self, key=lambda thing: -len(thing.title))

    def __iter__(self) -> Iterator[Thing]:
        return iter(self.by_id.values())

    def called(self, reference: str) -> list[Thing]:
        """The things of that title; a year in brackets behind it picks one of several."""
        wanted = fold(reference)
        return [thing for title, with_year, thing in self.folded if wanted in (title, with_year)]


def load_shelf(path: Path) -> Shelf:
    """Reads a JSON Lines or CSV catalogue with the columns `id` and `title`.

    A CSV column counts as numbers where every filled cell is one.
    """
    with path.open(encoding="utf-8", newline="") as lines:
        if path.suffix == ".jsonl":
            return Shelf(_thing(json.loads(line)) for line in lines if line.strip())
        rows = list(csv.DictReader(lines))
    numeric = {name for name in rows[0] if all(_is_number(row[name]) for row in rows if row[name])}
    return Shelf(
        _thing({name: float(cell) if name in numeric else cell for name, cell in row.items() if cell})
        for row in rows
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _thing(row: Mapping[str, object]) -> Thing:
    facts: dict[str, tuple[Value, ...]] = {}
    for name, value in row.items():
        if name not in ("id", "title"):
            cells = value if isinstance(value, list) else [value]
            facts[name] = tuple(float(c) if isinstance(c, int | float) else str(c) for c in cells)
    return Thing(str(row["id"]), str(row["title"]), facts)
