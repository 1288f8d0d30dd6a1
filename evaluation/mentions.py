"""What a text names: titles, people, facet values, numbers, passages in quotes and words that point to items.

Written apart from the chat's own check of its replies, so that one can find what the other lets through. It
knows the catalogue and nothing of how replies are made.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Literal

from retrieval.items import Facet, Item

Kind = Literal["title", "person", "value", "number", "quotation", "pointer", "extreme", "name"]

_TOKEN = re.compile(r"[^\W_]+")
_QUOTED = re.compile(r"“([^“”]*)”|\"([^\"\n]*)\"|«([^«»]*)»")
_YEAR_AFTER = re.compile(r"[”\"]? \((\d{4})\)")
#: What follows a title of one word at the head of a sentence, and not a word that happens to be a title.
_PREDICATE = re.compile(r" (?:is|was|has|runs|costs|takes|comes|deals|brings|weighs|lasts|stars)\b")
_LAST_MARKS = re.compile(r"[^\w]+$")
_NUMBER = re.compile(r"(?<![\w.,])[€$£¥₹]?(\d+(?:,\d{3})*(?:\.\d+)?)(s\b)?")
_CLOCK = re.compile(
    r"(?<![\w.])(\d+):([0-5]\d)\b|(?<![\w.])(\d+) ?h(?:ours?)? (?:and )?(\d+)(?: ?min(?:utes)?\b)?"
)
_HOURS = re.compile(
    r"\b(?:an hour( and a half)|(an|one|two|three|four|five|six)( and a half)? hours?)\b", re.IGNORECASE
)
_SMALL = {"an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6}
_POINTER = re.compile(
    r"\b(?:the (first|second|third|fourth|fifth|former|latter)\b"
    r"(?! (?:that|of the|thing|thought|pick|in line))"
    r"|(it|they|its|their|this|both|each|neither))\b",
    re.IGNORECASE,
)
_EXTREME = re.compile(
    r"\bthe (shortest|longest|oldest|newest|latest|earliest|cheapest|most expensive|dearest|lightest|heaviest"
    r"|highest rated|best rated|shorter|longer|older|newer|cheaper|more expensive|dearer|lighter|heavier)\b"
    r"(?: of the (two|three|four|five|six|\d+))?",
    re.IGNORECASE,
)
_CAPITALS = re.compile(
    r"(?<![\w'’.&-])[^\W\d_a-z][^\W_]*(?:['’&-][^\W_]+)*(?: +[^\W\d_a-z][^\W_]*(?:['’&-][^\W_]+)*)*"
)
_SENTENCE_START = re.compile(r"(?:^|[.!?…:—–][”\"’)]*\s+|[“\"(]\s*)$")


@dataclass(frozen=True)
class Span:
    """A stretch of text and what it names.

    `found` holds item ids (title) or the facets that know the name or value (person, value); `value` is the
    catalogue's own spelling; `number` and `facet` are what a number says, and of which facet its unit is.
    """

    kind: Kind
    start: int
    end: int
    text: str
    found: tuple[str, ...] = ()
    value: str = ""
    number: float | None = None
    facet: str = ""
    loose: bool = False  # rounded, or a decade


@dataclass(frozen=True)
class _Entry:
    kind: Literal["title", "person", "value", "label"]
    words: tuple[str, ...]
    found: tuple[str, ...]
    value: str


def tokens(text: str) -> list[tuple[str, int, int]]:
    """Words with their places; apostrophes and all other signs divide."""
    return [(match[0], match.start(), match.end()) for match in _TOKEN.finditer(text)]


def plain(text: str) -> str:
    """The words of a text in lower case between single spaces, with a space at both ends."""
    return " " + " ".join(_TOKEN.findall(text.casefold())) + " "


def starts_sentence(text: str, place: int) -> bool:
    """Whether a sentence, or what may begin with a capital like one, starts at this place."""
    return bool(_SENTENCE_START.search(text[:place]))


@cache
def function_words() -> frozenset[str]:
    """English words that name nothing: "it", "the", "last"."""
    from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

    return frozenset(ENGLISH_STOP_WORDS)


def stem(word: str) -> str:
    """A word without its plural ending: "comedies" → "comedy", "tents" → "tent"."""
    word = word.casefold()
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


class Gazetteer:
    """All names of one catalogue, to be found in texts: the longest at each place."""

    def __init__(self, facets: Sequence[Facet], items: Sequence[Item], common: Iterable[str] = ()) -> None:
        self.facets = tuple(facets)
        self.items = {item.id: item for item in items}
        self._by_word: dict[str, list[_Entry]] = {}
        skip = {stem(word) for word in common}
        titles: dict[str, list[str]] = {}
        for item in items:
            titles.setdefault(item.title, []).append(item.id)
        for title, ids in titles.items():
            self._add("title", title, tuple(ids))
        for kind, held in (("person", self._held("people")), ("value", self._held("category"))):
            for value, names in held.items():
                if len(value) > 1 and stem(value) not in skip:
                    self._add("person" if kind == "person" else "value", value, tuple(sorted(names)))
        for facet in self.facets:
            for alias, value in facet.aliases.items():
                if not value.startswith("!") and stem(alias) not in skip:
                    self._add("value", alias, (facet.name,), value)
        for facet in self.facets:
            if " " in facet.label:  # "running time" is no claim about running
                self._add("label", facet.label, (facet.name,))
        for entries in self._by_word.values():
            order = {"title": 0, "person": 1, "value": 2, "label": 3}
            entries.sort(key=lambda entry: (-len(entry.words), order[entry.kind]))

    def _held(self, kind: str) -> dict[str, set[str]]:
        held: dict[str, set[str]] = {}
        for facet in self.facets:
            if facet.kind == kind:
                for item in self.items.values():
                    for value in item.values(facet.name):
                        held.setdefault(str(value), set()).add(facet.name)
        return held

    def _add(
        self,
        kind: Literal["title", "person", "value", "label"],
        name: str,
        found: tuple[str, ...],
        value: str = "",
    ) -> None:
        words = tuple(_TOKEN.findall(name))
        if words:
            first = stem(words[0]) if len(words) == 1 else words[0].casefold()
            self._by_word.setdefault(first, []).append(_Entry(kind, words, found, value or name))

    def spans(self, text: str) -> list[Span]:
        """Everything that the text names, in its order; spans don't overlap."""
        taken = [False] * len(text)
        found: list[Span] = []

        def take(spans: Iterable[Span]) -> None:
            for span in spans:
                if not any(taken[span.start : span.end]):
                    taken[span.start : span.end] = [True] * (span.end - span.start)
                    found.append(span)

        take(self._quoted_titles(text))
        take(
            Span(
                "quotation",
                match.start(),
                match.end(),
                next(part for part in match.groups() if part is not None),
            )
            for match in _QUOTED.finditer(text)
        )
        take(self._names(text, taken))
        take(_extremes(text))
        take(self._numbers(text))
        take(
            Span("pointer", match.start(), match.end(), (match[1] or match[2]).casefold())
            for match in _POINTER.finditer(text)
        )
        take(
            Span("name", match.start(), match.end(), match[0])
            for match in _CAPITALS.finditer(text)
            if " " in match[0] or not starts_sentence(text, match.start())
        )
        return sorted(found, key=lambda span: span.start)

    def _quoted_titles(self, text: str) -> Iterator[Span]:
        for match in _QUOTED.finditer(text):
            inside = next(part for part in match.groups() if part is not None)
            words = tuple(_TOKEN.findall(inside))
            for entry in self._by_word.get(words[0].casefold(), ()) if words else ():
                if entry.kind == "title" and entry.words == words:
                    yield self._title(text, entry, match.start(), match.end())
                    break

    def _names(self, text: str, taken: list[bool]) -> Iterator[Span]:
        words = tokens(text)
        place = 0
        while place < len(words):
            span, used = self._longest(text, words, place)
            if span is not None and not any(taken[span.start : span.end]):
                yield span
            place += used

    def _longest(self, text: str, words: list[tuple[str, int, int]], place: int) -> tuple[Span | None, int]:
        word = words[place][0]
        entries = [*self._by_word.get(word.casefold(), ())]
        if stem(word) != word.casefold():
            entries += self._by_word.get(stem(word), ())
        entries.sort(key=lambda entry: -len(entry.words))
        for entry in entries:
            size = len(entry.words)
            here = words[place : place + size]
            if len(here) < size or not _matches(entry, [one[0] for one in here]):
                continue
            start, end = here[0][1], here[-1][2]
            if any(len(gap) > 3 or re.search(r"[“”\"\n;!?]|[.:,] ", gap) for gap in _gaps(text, here)) and (
                entry.value not in text
            ):
                continue
            if entry.kind == "title":
                span = self._title(text, entry, start, end)
                alone = size == 1 and span.number is None and starts_sentence(text, start)
                named = text[start:end].casefold() not in function_words() and _PREDICATE.match(text, end)
                # "Halloween" may be a theme as well as a title.
                theme = any(other.kind == "value" and other.words == entry.words for other in entries)
                if (size > 1 or span.number is not None or not theme) and (not alone or named):
                    return span, size
            elif entry.kind == "label":
                return None, size
            elif entry.kind == "person":
                return Span("person", start, end, text[start:end], entry.found, entry.value), size
            else:
                return Span("value", start, end, text[start:end], entry.found, entry.value), size
        return None, 1

    def _title(self, text: str, entry: _Entry, start: int, end: int) -> Span:
        marks = _LAST_MARKS.search(entry.value)
        if marks and text.startswith(marks[0], end):
            end += len(marks[0])
        year = _YEAR_AFTER.match(text, end)
        if year is None:
            return Span("title", start, end, text[start:end], entry.found, entry.value)
        ids = entry.found
        if len(ids) > 1:
            ids = tuple(key for key in ids if float(year[1]) in self.years(self.items[key])) or ids
        return Span("title", start, year.end(), text[start : year.end()], ids, entry.value, float(year[1]))

    def years(self, item: Item) -> set[float]:
        """The years that an item's facets hold."""
        facets = [facet for facet in self.facets if facet.role == "year" or facet.kind == "date"]
        return {number for facet in facets for number in numbers_of(item, facet)}

    def _numbers(self, text: str) -> Iterator[Span]:
        duration = next((facet for facet in self.facets if facet.role == "duration"), None)
        for match in _CLOCK.finditer(text):
            big, small = (match[1], match[2]) if match[1] else (match[3], match[4])
            number = 60.0 * int(big) + int(small)
            facet = duration.name if duration else ""
            yield Span("number", match.start(), match.end(), match[0], (), "", number, facet)
        for match in _HOURS.finditer(text):
            number = 60.0 * _SMALL[(match[2] or "an").casefold()] + (30 if match[1] or match[3] else 0)
            if duration is not None:
                yield Span(
                    "number", match.start(), match.end(), match[0], (), "", number, duration.name, True
                )
        for match in _NUMBER.finditer(text):
            number = float(match[1].replace(",", ""))
            facet = self._unit(text[match.end() : match.end() + 14])
            yield Span(
                "number", match.start(), match.end(), match[0], (), "", number, facet, loose=bool(match[2])
            )

    def _unit(self, after: str) -> str:
        """The one facet whose unit follows a number; "" where none does, or several share it."""
        word = re.match(r"[\s-]?([^\W\d_]+)", after)
        if word is None:
            return ""
        said = stem(word[1])
        own = [
            facet.name
            for facet in self.facets
            if facet.unit
            and (said == stem(facet.unit) or (len(facet.unit) >= 3 and said.startswith(stem(facet.unit))))
        ]
        return own[0] if len(own) == 1 else ""


def numbers_of(item: Item, facet: Facet) -> list[float]:
    """The numbers of a facet: of a date, its year."""
    found = []
    for value in item.values(facet.name):
        match = re.match(r"-?\d+(?:\.\d+)?", str(value).replace(",", ""))
        if match and facet.kind in ("number", "date"):
            found.append(float(match[0]))
    return found


def _matches(entry: _Entry, said: Sequence[str]) -> bool:
    if entry.kind in ("value", "label"):
        *head, last = entry.words
        return [word.casefold() for word in head] == [word.casefold() for word in said[:-1]] and stem(
            last
        ) == stem(said[-1])
    return list(entry.words) == list(said)


def _gaps(text: str, words: Sequence[tuple[str, int, int]]) -> list[str]:
    return [text[one[2] : other[1]] for one, other in pairwise(words)]


def _extremes(text: str) -> Iterator[Span]:
    for match in _EXTREME.finditer(text):
        number = _SMALL.get(match[2].casefold()) if match[2] else None
        if match[2] and number is None:
            number = int(match[2])
        yield Span("extreme", match.start(), match.end(), match[1].casefold(), number=number)
