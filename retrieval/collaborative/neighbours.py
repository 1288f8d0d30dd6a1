"""Neighbourhoods: items that the same people take, and people who take the same items."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import sparse

from retrieval.collaborative.bias import Bias, BiasSettings
from retrieval.collaborative.features import csr
from retrieval.collaborative.kept import Kept
from retrieval.collaborative.protocol import Array, History, Interactions, Side, Sparse

_BLOCK = 512  # columns that are compared with all others at a time


@dataclass(frozen=True)
class ItemNeighboursSettings:
    """`neighbours`: alike items kept for each, ≥ 1; `shrink`: people that pull a similarity towards 0, ≥ 0;
    `norm`: how much an item's popularity is divided out, 0 (counts), 0.5 (cosine) to 1;
    `rating_neighbours`, `rating_shrink`: the same for predicted ratings."""

    neighbours: int = 200
    shrink: float = 5.0
    norm: float = 0.5
    rating_neighbours: int = 400
    rating_shrink: float = 10.0


class ItemNeighbours(Kept):
    """Item-item neighbourhood: an item's score is the sum of its similarities to the history.

    Top-N by Deshpande & Karypis 2004, "Item-Based Top-N Recommendation Algorithms", with shrinkage; ratings
    as the offsets plus a weighted mean of what the neighbours left unexplained (Koren 2008, section 2.2).
    """

    KIND = "item neighbours"
    LEARNT = ("_alike", "_rated_alike", "_mean", "_offsets", "_scale", "_explicit")

    def __init__(self, settings: ItemNeighboursSettings | None = None) -> None:
        self.settings = settings or ItemNeighboursSettings()
        self._alike: Sparse
        self._rated_alike: Sparse
        self._mean = 0.0
        self._offsets: Array
        self._scale: tuple[float, float] = (0.0, 1.0)
        self._explicit = False

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        options = self.settings
        self._alike = alike(interactions.matrix(), options.neighbours, options.shrink, options.norm)
        bias = Bias().fit(interactions)
        self._mean, self._offsets = bias.mean, bias.item_offsets
        self._scale, self._explicit = interactions.scale, interactions.explicit
        self._rated_alike = self._alike[:0]
        if self._explicit:
            left = interactions.matrix(bias.residuals(interactions))
            self._rated_alike = alike(left, options.rating_neighbours, options.rating_shrink, 0.5)
        return self

    def scores(self, history: History) -> Array:
        return np.asarray(self._alike[history.rows].sum(axis=0), dtype=np.float32).ravel()

    def ratings(self, history: History) -> Array | None:
        if not self._explicit:
            return None
        bias = _bias(self._mean, self._offsets)
        expected = bias.expected(history)
        near = self._rated_alike[history.rows]
        left = (history.ratings - expected[history.rows]) @ near
        weights = np.asarray(abs(near).sum(axis=0)).ravel()
        return np.asarray(expected + left / (weights + 0.5), dtype=np.float32).clip(*self._scale)


@dataclass(frozen=True)
class UserNeighboursSettings:
    """`neighbours`: people asked for a ranking, ≥ 1; `power`: how much the nearer count more, > 0;
    `rating_power`, `rating_prior`: the same for ratings, and the similarity that the offsets count for."""

    neighbours: int = 100
    power: float = 2.0
    rating_power: float = 1.5
    rating_prior: float = 0.1


class UserNeighbours(Kept):
    """User-user neighbourhood: what the people nearest to this one took, weighted by nearness.

    Resnick et al. 1994, "GroupLens"; Herlocker et al. 1999. Nearness is the cosine of the two histories;
    for ratings, the cosine of what the offsets leave unexplained, positive ones only.
    """

    KIND = "user neighbours"
    LEARNT = ("_marks", "_left", "_mean", "_offsets", "_scale", "_explicit")

    def __init__(self, settings: UserNeighboursSettings | None = None) -> None:
        self.settings = settings or UserNeighboursSettings()
        self._marks: Sparse
        self._left: Sparse
        self._mean = 0.0
        self._offsets: Array
        self._scale: tuple[float, float] = (0.0, 1.0)
        self._explicit = False

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        self._marks = interactions.matrix()
        bias = Bias().fit(interactions)
        self._mean, self._offsets = bias.mean, bias.item_offsets
        self._left = interactions.matrix(bias.residuals(interactions))
        self._scale, self._explicit = interactions.scale, interactions.explicit
        return self

    def scores(self, history: History) -> Array:
        asked = np.zeros(self._marks.shape[1], np.float32)
        asked[history.rows] = 1
        sizes = np.maximum(np.asarray(self._marks.sum(axis=1)).ravel() * max(len(history), 1), 1)
        near = (self._marks @ asked) / np.sqrt(sizes)
        if len(near) > self.settings.neighbours:
            cut = np.partition(near, -self.settings.neighbours)[-self.settings.neighbours]
            near = np.where(near >= cut, near, 0)
        return np.asarray(near**self.settings.power @ self._marks, dtype=np.float32)

    def ratings(self, history: History) -> Array | None:
        if not self._explicit:
            return None
        bias = _bias(self._mean, self._offsets)
        expected = bias.expected(history)
        asked = np.zeros(self._marks.shape[1], np.float32)
        asked[history.rows] = history.ratings - expected[history.rows]
        lengths = np.sqrt(np.asarray(self._left.multiply(self._left).sum(axis=1)).ravel())
        near = (self._left @ asked) / np.maximum(lengths * np.linalg.norm(asked), 1e-6)
        near = np.maximum(near, 0) ** self.settings.rating_power
        weights = near @ self._marks + self.settings.rating_prior
        return np.asarray(expected + near @ self._left / weights, dtype=np.float32).clip(*self._scale)


def alike(matrix: Sparse, k: int, shrink: float, norm: float) -> Sparse:
    """The `k` most alike columns of each column, as a sparse square matrix without a diagonal.

    Similarity = xᵢ·xⱼ / (|xᵢ|·|xⱼ|)^(2·norm), times n / (n + shrink) with n the people who have both.
    Row j, column i holds how alike i is to j among i's own `k` nearest.
    """
    marks = matrix.copy()
    marks.data = np.ones_like(marks.data)
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=0)).ravel()) ** (2 * norm)
    lengths[lengths == 0] = 1
    taken = np.flatnonzero(np.asarray(marks.sum(axis=0)).ravel())
    columns, marked = matrix[:, taken].T.tocsr(), marks[:, taken].T.tocsr()
    people, marking = columns.T.tocsr(), marked.T.tocsr()
    rows, values, targets = [], [], []
    for start in range(0, len(taken), _BLOCK):
        here = np.arange(start, min(start + _BLOCK, len(taken)))
        near, both = columns[here] @ people, marked[here] @ marking
        near.sort_indices()
        both.sort_indices()  # both have an entry wherever two columns share a person, and only there
        for at, item in enumerate(here.tolist()):
            mine = slice(near.indptr[at], near.indptr[at + 1])
            others, shared = near.indices[mine], both.data[mine]
            found = near.data[mine] * shared / np.maximum(shared + shrink, 1e-9)
            found = found / (lengths[taken[item]] * lengths[taken[others]])
            found[others == item] = 0
            if len(found) > k:
                best = np.argpartition(np.abs(found), -k)[-k:]
                others, found = others[best], found[best]
            values.append(found)
            rows.append(taken[others])
            targets.append(np.full(len(others), taken[item]))
    size = matrix.shape[1]
    if not rows:
        return csr(sparse.csr_array((size, size)))
    row, value, target = np.concatenate(rows), np.concatenate(values), np.concatenate(targets)
    there = value != 0
    return csr(
        sparse.csr_array((value[there].astype(np.float32), (row[there], target[there])), shape=(size, size))
    )


def _bias(mean: float, offsets: Array) -> Bias:
    bias = Bias(BiasSettings())
    bias.mean, bias.item_offsets = mean, offsets
    return bias
