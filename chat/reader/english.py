"""The closed-class English of `english.toml`, read once and looked up by phrase."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Any

Phrase = tuple[str, ...]


class Phrases:
    """A set of phrases that finds the longest one starting at a word."""

    def __init__(self, phrases: Mapping[Phrase, frozenset[str]]) -> None:
        self._names = phrases
        self._longest: dict[str, int] = {}
        for phrase in phrases:
            self._longest[phrase[0]] = max(len(phrase), self._longest.get(phrase[0], 0))

    def at(self, words: Sequence[str], start: int) -> tuple[int, frozenset[str]] | None:
        """The length and the names of the longest phrase that begins at `start`, if any does."""
        if start >= len(words):
            return None
        most = min(self._longest.get(words[start], 0), len(words) - start)
        for length in range(most, 0, -1):
            names = self._names.get(tuple(words[start : start + length]))
            if names:
                return length, names
        return None

    def __contains__(self, phrase: Phrase) -> bool:
        return phrase in self._names


@dataclass(frozen=True)
class English:
    """One table of each section; see the comments in `english.toml` for what each holds."""

    cues: Phrases
    acts: Phrases
    numbers: Phrases
    pointing: Phrases
    questions: Phrases
    people: Phrases
    clauses: Phrases
    filler: frozenset[str]
    number_words: Mapping[str, int]
    decades: Mapping[str, int]
    ordinals: Mapping[str, int]
    units: Mapping[str, str]
    child: frozenset[str]
    ages: Mapping[str, int]
    scales: Mapping[str, Mapping[str, tuple[str, ...]]]
    measures: Mapping[str, tuple[str, ...]]
    words: frozenset[str]

    def has(self, section: Phrases, name: str, words: Sequence[str], start: int) -> int:
        """The length of the phrase called `name` that begins at `start`; 0 where there is none."""
        found = section.at(words, start)
        return found[0] if found and name in found[1] else 0


def _phrases(table: Mapping[str, Any]) -> Phrases:
    names: dict[Phrase, set[str]] = {}
    for name, text in table.items():
        if isinstance(text, str):
            for phrase in split(text):
                names.setdefault(tuple(phrase.split()), set()).add(name)
    return Phrases({phrase: frozenset(held) for phrase, held in names.items()})


def split(text: str) -> list[str]:
    """The phrases of a `|`-separated list that may run over lines."""
    return [phrase for phrase in (part.strip() for part in re.sub(r"\s+", " ", text).split("|")) if phrase]


@lru_cache(maxsize=1)
def english() -> English:
    """The tables, read once for the process: they never change while it runs."""
    data = tomllib.loads((resources.files("chat.reader") / "english.toml").read_text(encoding="utf-8"))
    numbers = data["numbers"]
    sections = {name: data[name] for name in ("cues", "acts", "pointing", "questions", "people", "clauses")}
    known = {
        word
        for table in [*sections.values(), numbers]
        for text in table.values()
        if isinstance(text, str)
        for phrase in split(text)
        for word in phrase.split()
    }
    filler = frozenset(word for phrase in split(data["filler"]["words"]) for word in phrase.split())
    scales = {
        role: {end: tuple(words) for end, words in ends.items()} for role, ends in data["scales"].items()
    }
    known |= filler | set(numbers["words"]) | set(numbers["decades"]) | set(numbers["ordinals"])
    known |= {form for forms in numbers["units"].values() for form in forms} | set(numbers["ages"])
    known |= {
        part for ends in scales.values() for forms in ends.values() for form in forms for part in form.split()
    }
    return English(
        **{name: _phrases(table) for name, table in sections.items()},
        numbers=_phrases(numbers),
        filler=filler,
        number_words=MappingProxyType(numbers["words"]),
        decades=MappingProxyType(numbers["decades"]),
        ordinals=MappingProxyType(numbers["ordinals"]),
        units=MappingProxyType({form: unit for unit, forms in numbers["units"].items() for form in forms}),
        child=frozenset(split(numbers["child"])),
        ages=MappingProxyType(numbers["ages"]),
        scales=MappingProxyType(scales),
        measures=MappingProxyType({word: tuple(names.split()) for word, names in data["measures"].items()}),
        words=frozenset(known),
    )
