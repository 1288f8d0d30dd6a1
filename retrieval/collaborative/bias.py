"""Ratings without taste: how good an item is, how kind a person is. And weighted Slope One."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

from retrieval.collaborative.kept import Kept
from retrieval.collaborative.protocol import Array, History, Interactions, Side, Sparse


@dataclass(frozen=True)
class BiasSettings:
    """Damping, in ratings of exactly the mean that every item and every person is given beforehand, ≥ 0."""

    item_damping: float = 5.0
    user_damping: float = 5.0


class Bias(Kept):
    """Mean + item offset + person's offset, each a damped mean of what is left (Funk 2006; Koren 2008,
    "Factorization Meets the Neighborhood", section 2.1)."""

    KIND = "bias"
    LEARNT = ("mean", "item_offsets", "scale", "explicit")

    def __init__(self, settings: BiasSettings | None = None) -> None:
        self.settings = settings or BiasSettings()
        self.mean = 0.0
        self.item_offsets: Array
        self.scale: tuple[float, float] = (0.0, 1.0)
        self.explicit = False

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        self.mean = float(interactions.ratings.mean(dtype=np.float64)) if len(interactions) else 0.0
        self.scale, self.explicit = interactions.scale, interactions.explicit
        users, items = interactions.users, interactions.items
        left = interactions.ratings - self.mean
        of_items = np.maximum(interactions.counts + self.settings.item_damping, 1e-9)
        sizes = np.bincount(users, minlength=interactions.n_users)
        of_users = np.maximum(sizes + self.settings.user_damping, 1e-9)
        offsets, kindness = np.zeros(interactions.n_items), np.zeros(interactions.n_users)
        for _ in range(3):  # an item rated by kind people is not better for it; settles at once
            offsets = np.bincount(items, left - kindness[users], interactions.n_items) / of_items
            kindness = np.bincount(users, left - offsets[items], interactions.n_users) / of_users
        self.item_offsets = offsets.astype(np.float32)
        return self

    def kindness(self, history: History) -> float:
        """How far above an item's usual rating the person rates."""
        left = history.ratings - self.mean - self.item_offsets[history.rows]
        return float(left.sum() / max(len(history) + self.settings.user_damping, 1e-9))

    def expected(self, history: History) -> Array:
        """The rating of each item by mean and offsets alone, not cut to the scale."""
        return np.asarray(self.mean + self.kindness(history) + self.item_offsets, dtype=np.float32)

    def residuals(self, interactions: Interactions) -> Array:
        """What the offsets leave unexplained of each rating, in the order of the columns."""
        left = interactions.ratings - self.mean - self.item_offsets[interactions.items]
        sums = np.bincount(interactions.users, left, minlength=interactions.n_users)
        counts = np.bincount(interactions.users, minlength=interactions.n_users)
        kindness = sums / np.maximum(counts + self.settings.user_damping, 1e-9)
        return np.asarray(left - kindness[interactions.users], dtype=np.float32)

    def scores(self, history: History) -> Array:
        return self.item_offsets.copy()

    def ratings(self, history: History) -> Array | None:
        return self.expected(history).clip(*self.scale) if self.explicit else None


class SlopeOne(Kept):
    """Weighted Slope One (Lemire & Maclachlan 2005, arXiv cs/0702144): mean differences between two items.

    The table of differences (items × items) is never made. With R the ratings, M where there is one, and a
    history (h, r), every sum of the formula is a product with users: w = M[:, h]·1,
    e = M[:, h]·r - R[:, h]·1, then numerator = Rᵀw + Mᵀe and denominator = Mᵀw.
    """

    KIND = "slope one"
    LEARNT = ("_ratings", "_marks", "_bias_mean", "_bias_offsets", "_scale", "_explicit")

    def __init__(self, settings: BiasSettings | None = None) -> None:
        self.settings = settings or BiasSettings()
        self._ratings: Sparse
        self._marks: Sparse
        self._bias_mean = 0.0
        self._bias_offsets: Array
        self._scale: tuple[float, float] = (0.0, 1.0)
        self._explicit = False

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        bias = Bias(self.settings).fit(interactions)
        self._bias_mean, self._bias_offsets = bias.mean, bias.item_offsets
        self._ratings, self._marks = interactions.matrix(interactions.ratings), interactions.matrix()
        self._scale, self._explicit = interactions.scale, interactions.explicit
        return self

    def _predicted(self, history: History) -> Array:
        n_items = self._marks.shape[1]
        ones, given = np.zeros(n_items, np.float32), np.zeros(n_items, np.float32)
        ones[history.rows], given[history.rows] = 1, history.ratings
        both = self._marks @ ones
        ahead = self._marks @ given - self._ratings @ ones
        pairs = both @ self._marks
        usual = self._usual(history)
        # One pair of ratings says little: the plain expectation counts as one pair more.
        top = both @ self._ratings + ahead @ self._marks + usual
        return np.asarray(top / (pairs + 1), dtype=np.float32)

    def _usual(self, history: History) -> Array:
        left = history.ratings - self._bias_mean - self._bias_offsets[history.rows]
        kindness = float(left.sum() / max(len(history) + self.settings.user_damping, 1e-9))
        return np.asarray(self._bias_mean + kindness + self._bias_offsets, dtype=np.float32)

    def scores(self, history: History) -> Array:
        return self._predicted(history)

    def ratings(self, history: History) -> Array | None:
        return self._predicted(history).clip(*self._scale) if self._explicit else None
