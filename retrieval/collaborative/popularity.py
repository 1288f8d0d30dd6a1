"""What everybody takes: popularity, with or without forgetting, and pure chance as the floor."""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from typing import Self

import numpy as np

from retrieval.collaborative.kept import Kept
from retrieval.collaborative.protocol import DAY, Array, History, Interactions, Rows, Side, Times


@dataclass(frozen=True)
class PopularitySettings:
    """`half_life`: days after which an interaction counts half, > 0; infinity counts all alike."""

    half_life: float = float("inf")


class Popularity(Kept):
    """The number of interactions of an item, each halved every `half_life` days before the moment asked for.

    The moment is the newest time of the history, else of the whole table: what was popular when the person
    was last here. Interactions after it do not count, so nothing is learnt from a later time.
    """

    KIND = "popularity"
    LEARNT = ("_items", "_times", "_counts", "_now")

    def __init__(self, settings: PopularitySettings | None = None) -> None:
        self.settings = settings or PopularitySettings()
        self._items: Rows
        self._times: Times
        self._counts: Array
        self._now = 0.0

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        order = np.argsort(interactions.times, kind="stable")
        self._items, self._times = interactions.items[order], interactions.times[order]
        self._counts = interactions.counts.astype(np.float32)
        self._now = interactions.now
        return self

    def scores(self, history: History) -> Array:
        if np.isinf(self.settings.half_life):
            return self._counts.copy()
        now = float(history.times[-1]) if len(history) else self._now
        past = np.searchsorted(self._times, now, side="right")
        weights = np.exp2((self._times[:past] - now) / (self.settings.half_life * DAY))
        faded = np.bincount(self._items[:past], weights, minlength=len(self._counts))
        # What has faded out altogether keeps the order of its plain counts, below all that has not.
        return (faded + 1e-6 * self._counts).astype(np.float32)

    def ratings(self, history: History) -> Array | None:
        return None


@dataclass(frozen=True)
class ChanceSettings:
    """`seed`: of the shuffling; the same history always gets the same order."""

    seed: int = 0


class Chance(Kept):
    """A random order, fixed by the seed and the history."""

    KIND = "chance"
    LEARNT = ("_n_items",)

    def __init__(self, settings: ChanceSettings | None = None) -> None:
        self.settings = settings or ChanceSettings()
        self._n_items = 0

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        self._n_items = interactions.n_items
        return self

    def scores(self, history: History) -> Array:
        who = zlib.crc32(history.rows.tobytes())
        return np.random.default_rng((self.settings.seed, who)).random(self._n_items, dtype=np.float32)

    def ratings(self, history: History) -> Array | None:
        return None
