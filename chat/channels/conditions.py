"""Conditions as people and programs write them, `genres:western`, as the catalogue's own."""

from __future__ import annotations

import math
from collections.abc import Sequence

from chat.errors import GenreError
from retrieval.items import Bounds, Constraint, Facet

#: How to write them, for whoever is to.
HOW = (
    "`NAME:VALUE`, `NAME:!VALUE` (not that one) or, for numbers, `NAME:LOW..HIGH`, either end left out if "
    "you like. Several values of one facet are alternatives; every facet has to be met."
)


class BadCondition(GenreError):
    """A condition that can't be read; `place` is which one, from 0."""

    def __init__(self, message: str, place: int) -> None:
        super().__init__(message)
        self.place = place


def conditions(written: Sequence[str], facets: Sequence[Facet]) -> tuple[list[Constraint], list[Constraint]]:
    """What must be met, and what may not be. Raises `BadCondition`."""
    known = {facet.name: facet for facet in facets}
    values: dict[str, list[str]] = {}
    ranges: dict[str, Bounds] = {}
    must_nots = []
    for place, one in enumerate(written):
        name, colon, value = (part.strip() for part in one.partition(":"))
        if name not in known or not colon or not value:
            there = ", ".join(known)
            words = f"Found “{one[:80]}”, expected NAME:VALUE with one of the names {there}."
            raise BadCondition(words, place)
        if value.startswith("!") and len(value) > 1:
            must_nots.append(Constraint(name, (value[1:].strip(),)))
        elif ".." in value and known[name].kind in ("number", "date"):
            if name in ranges:
                raise BadCondition(f"There are two ranges of {name}: expected one.", place)
            ranges[name] = _bounds(value, place)
        else:
            values.setdefault(name, []).append(value)
    names = dict.fromkeys([*values, *ranges])
    return [Constraint(name, tuple(values.get(name, ())), ranges.get(name)) for name in names], must_nots


def _bounds(text: str, place: int) -> Bounds:
    low, _, high = text.partition("..")
    try:
        ends = [float(end) if end.strip() else None for end in (low, high)]
    except ValueError:
        ends = [math.nan]
    if any(end is not None and not math.isfinite(end) for end in ends) or ends == [None, None]:
        raise BadCondition(f"Found the range “{text[:80]}”, expected one like 1990..1999.", place)
    return Bounds(*ends)
