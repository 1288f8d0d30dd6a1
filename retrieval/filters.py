"""Conditions → the rows that meet them, exactly, from columns made once for a catalogue."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from retrieval.items import Bounds, Constraint, Facet, Item, Query, Relaxation, Wish

Mask = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int32]

_YEAR = re.compile(r"(?<!\d)\d{4}(?!\d)")
_NONE = np.zeros(0, dtype=np.int32)


@dataclass(frozen=True, slots=True)
class Numbers:
    """A number facet's values in rising order, each with its row, and how far apart they usually lie.

    `spread` is half the distance between the quartiles, never 0: the step that people would call near.
    """

    values: npt.NDArray[np.float64]
    rows: Rows
    spread: float

    def within(self, bounds: Bounds) -> Rows:
        """The rows with a value inside the bounds, ends included."""
        low = 0 if bounds.low is None else int(np.searchsorted(self.values, bounds.low, "left"))
        high = (
            len(self.values)
            if bounds.high is None
            else int(np.searchsorted(self.values, bounds.high, "right"))
        )
        return self.rows[low:high]


class FacetTable:
    """The columns of a catalogue: for each facet value its rows, for each number facet its sorted values.

    `contains` tells which rows have the words of a phrase, for conditions on the facet `"text"`; without it
    such a condition is met by no item. The facet `"item"` stands for ids. Read-only, so safe across threads.
    """

    def __init__(
        self,
        items: Sequence[Item],
        facets: Sequence[Facet],
        contains: Callable[[str], Mask] | None = None,
    ) -> None:
        self._size = len(items)
        self._contains = contains
        self._row = {item.id: row for row, item in enumerate(items)}
        self.facets = {facet.name: facet for facet in facets}
        self.numbers = {
            facet.name: _numbers(items, facet.name) for facet in facets if facet.kind in ("number", "date")
        }
        self._by_value = {
            facet.name: _by_value(items, facet.name) for facet in facets if facet.name not in self.numbers
        }

    def __len__(self) -> int:
        return self._size

    def row(self, item_id: str) -> int | None:
        """The row of an item."""
        return self._row.get(item_id)

    def rows(self, facet: str, value: str) -> Rows:
        """The rows that have a value of a facet, whatever its case, in order; empty where none has."""
        return self._by_value.get(facet, {}).get(value.casefold().strip(), _NONE)

    def values(self, facet: str) -> Iterator[tuple[str, Rows]]:
        """All values of a facet that is not of numbers, casefolded, with their rows."""
        yield from self._by_value.get(facet, {}).items()

    def mask(self, query: Query) -> Mask:
        """Which rows meet all conditions of the query and are none of its `seen`: shape (n,)."""
        return self.unseen(query) & ~self._broken(query).any(axis=0)

    def unseen(self, query: Query) -> Mask:
        """Which rows may come back at all: those that the query neither lists as seen nor wishes by id.

        An item named as liked or disliked is known to the person; offering it would be no news.
        """
        allowed = np.ones(self._size, dtype=np.bool_)
        named = {wish.value for wish in named_items(query)}
        rows = [row for name in query.seen | named if (row := self._row.get(name)) is not None]
        allowed[rows] = False
        return allowed

    def meeting(self, constraint: Constraint) -> Mask:
        """Which rows have any of the condition's values, or a number within its bounds.

        An unknown facet, or a condition that names nothing, is met by no item.
        """
        met = np.zeros(self._size, dtype=np.bool_)
        for value in constraint.values:
            if constraint.facet == "item":
                row = self._row.get(value)
                met[[] if row is None else [row]] = True
            elif constraint.facet == "text":
                met |= self._contains(value) if self._contains else False
            elif constraint.facet in self.numbers:
                number = _number(value)
                if number is not None:
                    met[self.numbers[constraint.facet].within(Bounds(number, number))] = True
            else:
                met[self.rows(constraint.facet, value)] = True
        if constraint.bounds is not None and constraint.facet in self.numbers:
            met[self.numbers[constraint.facet].within(constraint.bounds)] = True
        return met

    def relaxations(self, query: Query) -> tuple[Relaxation, ...]:
        """The conditions whose removal, one alone, lets more items fit, with the number that then fits; most
        first."""
        conditions, broken, fit = self._counted(query)
        found = []
        for place, (constraint, excluded) in enumerate(conditions):
            matching = int((fit[0] | (fit[1] & broken[place])).sum())
            if matching > fit[0].sum():
                found.append(Relaxation(constraint, excluded, matching))
        return tuple(sorted(found, key=lambda relaxation: -relaxation.matching))

    def pairs(self, query: Query, most: int = 3) -> tuple[tuple[Relaxation, Relaxation], ...]:
        """The pairs of conditions of which both must go before more items fit, the most helpful first.

        For where `relaxations` finds nothing. The number, the same in both halves, counts what fits without
        the two.
        """
        conditions, broken, fit = self._counted(query)
        found = []
        for one, two in combinations(range(len(conditions)), 2):
            matching = int((fit[0] | (fit[2] & broken[one] & broken[two])).sum())
            if matching > fit[0].sum():
                found.append((Relaxation(*conditions[one], matching), Relaxation(*conditions[two], matching)))
        return tuple(sorted(found, key=lambda pair: -pair[0].matching)[:most])

    def _counted(self, query: Query) -> tuple[list[tuple[Constraint, bool]], Mask, list[Mask]]:
        """The conditions (True: it excludes), who breaks each, and the unseen rows that break 0, 1 and 2."""
        conditions = [(one, False) for one in query.musts] + [(one, True) for one in query.must_nots]
        broken = self._broken(query)
        count, unseen = broken.sum(axis=0, dtype=np.int16), self.unseen(query)
        return conditions, broken, [unseen & (count == number) for number in range(3)]

    def _broken(self, query: Query) -> Mask:
        """For each condition, musts first, the rows that break it: shape (conditions, n)."""
        broken = np.zeros((len(query.musts) + len(query.must_nots), self._size), dtype=np.bool_)
        for place, constraint in enumerate(query.musts):
            broken[place] = ~self.meeting(constraint)
        for place, constraint in enumerate(query.must_nots, len(query.musts)):
            broken[place] = self.meeting(constraint)
        return broken


def named_items(query: Query) -> tuple[Wish, ...]:
    """The wishes that are about an item."""
    return tuple(wish for wish in (*query.likes, *query.dislikes) if wish.facet == "item")


def without_unknown(query: Query, facets: Iterable[str]) -> Query:
    """The query with wishes for facets that don't exist turned into wishes for their words."""
    known = {"item", "text", *facets}

    def read(wish: Wish) -> Wish:
        return wish if wish.facet in known else replace(wish, facet="text")

    return replace(query, likes=tuple(map(read, query.likes)), dislikes=tuple(map(read, query.dislikes)))


def _number(value: str | int | float) -> float | None:
    """A number, or the year of a date written as text."""
    if isinstance(value, str):
        try:
            return float(value)
        except ValueError:
            year = _YEAR.search(value)
            return float(year[0]) if year else None
    return float(value)


def _numbers(items: Sequence[Item], facet: str) -> Numbers:
    pairs = sorted(
        (number, row)
        for row, item in enumerate(items)
        for value in item.values(facet)
        if (number := _number(value)) is not None and number == number
    )
    values = np.array([number for number, _ in pairs], dtype=np.float64)
    spread = 0.0
    if len(values):
        low, high = np.quantile(values, [0.25, 0.75])
        spread = float(high - low) / 2 or float(values[-1] - values[0]) / 4
    return Numbers(values, np.array([row for _, row in pairs], dtype=np.int32), spread or 1.0)


def _by_value(items: Sequence[Item], facet: str) -> dict[str, Rows]:
    rows: dict[str, list[int]] = {}
    folded: dict[str | int | float, str] = {}
    for row, item in enumerate(items):
        for value in item.values(facet):
            key = folded.get(value)
            if key is None:
                key = folded[value] = str(value).casefold().strip()
            here = rows.setdefault(key, [])
            if not here or here[-1] != row:
                here.append(row)
    return {value: np.array(here, dtype=np.int32) for value, here in rows.items()}
