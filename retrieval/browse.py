"""Leafing through a catalogue: words and conditions → all that matches, by the page, with facet counts."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from retrieval.filters import FacetTable
from retrieval.items import Bounds, Constraint, Facet, Item

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

#: Values of a facet that are counted for people: a long list helps nobody to choose.
MOST_VALUES = 30


@dataclass(frozen=True, slots=True)
class FacetCount:
    """How many items have each value, the most frequent first; for numbers, from where to where they reach.

    Counted over what matches everything but the conditions on this facet itself, so that its other values
    can still be chosen.
    """

    values: Mapping[str, int] = field(default_factory=dict)
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """One page of what matches, `matching` of it in all, and the counts by facet. `scores` are BM25's, 0
    without words."""

    items: tuple[Item, ...]
    scores: tuple[float, ...]
    matching: int
    facets: Mapping[str, FacetCount]


class Browser:
    """Answers a catalogue's search box. `scores` gives each row's score for words, shape (n,), 0 where none
    stands in it. Read-only, so safe across threads."""

    def __init__(
        self,
        items: Sequence[Item],
        facets: Sequence[Facet],
        table: FacetTable,
        scores: Callable[[str], Scores],
    ) -> None:
        self._items = items
        self._facets = facets
        self._table = table
        self._scores = scores

    def page(
        self,
        text: str = "",
        musts: Sequence[Constraint] = (),
        must_nots: Sequence[Constraint] = (),
        start: int = 0,
        size: int = 20,
    ) -> Page:
        """The items from place `start` (0 is the first) of those with any of the words that meet every
        condition: best match first, without words in the catalogue's order."""
        scores = self._scores(text) if text.strip() else np.zeros(len(self._table), dtype=np.float32)
        worded = scores > 0 if text.strip() else np.ones(len(self._table), dtype=np.bool_)
        met = [(one.facet, self._table.meeting(one)) for one in musts]
        met += [(one.facet, ~self._table.meeting(one)) for one in must_nots]
        found = np.flatnonzero(_all(worded, met))
        ordered = found[np.lexsort((found, -scores[found]))]
        rows = ordered[start : start + max(0, size)]
        counts = {facet.name: self._count(facet, worded, met) for facet in self._facets}
        return Page(
            tuple(self._items[int(row)] for row in rows),
            tuple(float(score) for score in scores[rows]),
            len(found),
            MappingProxyType({name: count for name, count in counts.items() if count is not None}),
        )

    def _count(self, facet: Facet, worded: Mask, met: Sequence[tuple[str, Mask]]) -> FacetCount | None:
        mask = _all(worded, [pair for pair in met if pair[0] != facet.name])
        if facet.name in self._table.numbers:
            numbers = self._table.numbers[facet.name]
            inside = numbers.values[mask[numbers.rows]]
            return FacetCount(bounds=Bounds(float(inside[0]), float(inside[-1])) if len(inside) else None)
        if facet.kind == "words":  # free text: its values are hardly ever the same twice
            return None
        names, rows, values = self._columns[facet.name]
        counts = np.bincount(values[mask[rows]], minlength=len(names))
        most = heapq.nsmallest(
            MOST_VALUES, np.flatnonzero(counts).tolist(), key=lambda place: (-counts[place], names[place])
        )
        return FacetCount(MappingProxyType({names[place]: int(counts[place]) for place in most}))

    @cached_property
    def _columns(self) -> dict[str, tuple[list[str], Rows, Rows]]:
        """For each facet of values: the values, and pairs of a row and the place of a value it has."""
        return {
            facet.name: _column(self._items, facet.name)
            for facet in self._facets
            if facet.name not in self._table.numbers and facet.kind != "words"
        }


def _all(worded: Mask, met: Sequence[tuple[str, Mask]]) -> Mask:
    mask = worded.copy()
    for _, one in met:
        mask &= one
    return mask


def _column(items: Sequence[Item], facet: str) -> tuple[list[str], Rows, Rows]:
    places: dict[str, int] = {}
    pairs = {
        (row, places.setdefault(str(value), len(places)))
        for row, item in enumerate(items)
        for value in item.values(facet)
    }
    both = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2)
    return list(places), both[:, 0], both[:, 1]
