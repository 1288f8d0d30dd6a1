"""Numbers as people write them: with a unit, in words, in parts ("2h 30"), as a decade, as two ends."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from chat.reader.english import english
from chat.reader.tokens import Token

HOUR_UNITS = frozenset({"h", "hr", "hrs", "hour", "hours"})
#: A bare number of this size is a year.
YEARS = range(1880, 2101)
_TO = frozenset({"to", "and", "-", "–", "—", "through", "till", "until"})


@dataclass(frozen=True, slots=True)
class Number:
    """A number that ends before the token `end`; `unit` is a key of `units` in english.toml, or "decade"."""

    end: int
    value: float
    unit: str | None


def number_at(tokens: Sequence[Token], words: Sequence[str], start: int) -> Number | None:
    """A number with its unit: "2h 30", "an hour and a half", "90s", "$50", "two thousand"."""
    table = english()
    money = start < len(tokens) and table.units.get(words[start]) == "money" and tokens[start].kind == "mark"
    place = start + 1 if money else start
    if place >= len(tokens):
        return None
    value: float | None = None
    if tokens[place].kind == "number":
        try:
            value = float(words[place])
        except ValueError:
            return None
        place += 1
        if place < len(words) and words[place] == "k" and tokens[place].glued:
            value, place = value * 1000, place + 1
    elif words[place] in table.decades:
        decade = table.decades[words[place]]
        return Number(place + 1, decade if decade > 1000 else 1900 + decade, "decade")
    elif words[place] in table.number_words and words[place] != "second":
        value, place = float(table.number_words[words[place]]), place + 1
        while place < len(words) and words[place] in table.number_words:
            more = table.number_words[words[place]]
            value = value * more if more in (100, 1000) and value else value + more
            place += 1
    elif words[place] in ("an", "a", "half") and place + 1 < len(words):
        if words[place : place + 3] == ["half", "an", "hour"]:
            return Number(place + 3, 30, "minutes")
        if words[place + 1] in HOUR_UNITS:
            value, place = 1.0, place + 1
    if value is None:
        return None
    return _with_unit(tokens, words, place, value, "money" if money else None)


def _with_unit(
    tokens: Sequence[Token], words: Sequence[str], place: int, value: float, unit: str | None
) -> Number:
    table = english()
    tens = value in YEARS or (value < 100 and value % 10 == 0)
    if tens and place < len(words) and words[place] == "s" and tokens[place].glued:  # 90s, 1990s, 80's
        year = value if value in YEARS else (2000 + value if value < 20 else 1900 + value)
        return Number(place + 1, year, "decade")
    if place + 2 < len(words) and words[place : place + 3] == ["and", "a", "half"]:
        value, place = value + 0.5, place + 3
    if place < len(words) and unit is None and words[place] in table.units:
        unit = table.units[words[place]]
        if words[place] in HOUR_UNITS:
            value, place = value * 60, place + 1
            if words[place : place + 3] == ["and", "a", "half"]:
                return Number(place + 3, value + 30, "minutes")
            more = place + 1 if place < len(words) and words[place] == "and" else place
            if more < len(tokens) and tokens[more].kind == "number" and float_of(words[more]) < 60:
                value, place = value + float_of(words[more]), more + 1
                if place < len(words) and table.units.get(words[place]) == "minutes":
                    place += 1
            return Number(place, value, "minutes")
        place += 1
    return Number(place, value, unit)


def second_at(tokens: Sequence[Token], words: Sequence[str], place: int) -> Number | None:
    """The upper end in "1970 to 1985", "20-40", "between 5 and 10"; `place` is where the lower one ends."""
    if place + 1 >= len(words) or words[place] not in _TO:
        return None
    number = number_at(tokens, words, place + 2 if words[place + 1] == "the" else place + 1)
    joined = words[place] != "and" or words[max(0, place - 2)] == "between"
    return number if number and (joined or number.value > 0) else None


def number_of(value: object) -> float | None:
    """A fact as a number: itself, or the year that a date begins with."""
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value)[:4]
    return float(text) if text.isdigit() else None


def float_of(word: str) -> float:
    """The number that a word writes; infinity where it writes none."""
    try:
        return float(word)
    except ValueError:
        return math.inf
