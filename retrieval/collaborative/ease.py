"""EASE: each item as a linear mix of the others, in closed form."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from scipy import linalg, sparse

from retrieval.collaborative.kept import Kept
from retrieval.collaborative.protocol import Array, History, Interactions, Side, Sparse, stacked


@dataclass(frozen=True)
class EaseSettings:
    """`regularisation`: of the mix, in people, > 0; more for sparser tables. `fading`: newer items of a
    history after which an older one counts half, > 0; infinity counts all alike."""

    regularisation: float = 300.0
    fading: float = float("inf")


class Ease(Kept):
    """EASE (Steck 2019, "Embarrassingly Shallow Autoencoders", arXiv 1905.03375): B = I - P / diag(P) with
    P = (XᵀX + λI)⁻¹, scores = x B.

    By Woodbury, P = (I - VᵀV) / λ with V = L⁻¹X and LLᵀ = XXᵀ + λI of people × people. Neither P nor B is
    ever made: asking costs two products with V, and memory is people × items instead of items × items. Where
    there are fewer items than people, the same V of items × items is had from P itself.
    """

    KIND = "ease"
    LEARNT = ("_half", "_diagonal")

    def __init__(self, settings: EaseSettings | None = None) -> None:
        self.settings = settings or EaseSettings()
        self._half: Array  # V, of shape (rank, n_items)
        self._diagonal: Array  # of I - VᵀV, of shape (n_items,)

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        return self._solve(interactions.matrix())

    def _solve(self, matrix: Sparse) -> Self:
        self._half = half(matrix, self.settings.regularisation)
        self._diagonal = np.maximum(1 - (self._half**2).sum(axis=0), 1e-6).astype(np.float32)
        return self

    def scores(self, history: History) -> Array:
        weights = faded(len(history), self.settings.fading)
        shared = self._half.T @ (self._half[:, history.rows] @ weights)
        shared /= self._diagonal
        # x - (x - VᵀVx) / d: on the history itself 1 - 1/d is what the zero diagonal of B takes away.
        shared[history.rows] += weights * (1 - 1 / self._diagonal[history.rows])
        return np.asarray(shared, dtype=np.float32)

    def scores_many(self, histories: Sequence[History]) -> Array:
        """The scores of several people, of shape (people, n_items)."""
        asked = stacked(histories, self._half.shape[1])
        asked.data = np.concatenate([faded(len(history), self.settings.fading) for history in histories])
        shared = np.asarray((asked @ self._half.T) @ self._half) / self._diagonal
        return np.asarray(shared + asked @ sparse.diags_array(1 - 1 / self._diagonal), dtype=np.float32)

    def ratings(self, history: History) -> Array | None:
        return None


def faded(length: int, fading: float) -> Array:
    """The weight of each item of a history, oldest first: 1 for the newest, half of it `fading` items ago."""
    return np.exp2(-np.arange(length - 1, -1, -1) / fading).astype(np.float32)


def half(matrix: Sparse, regularisation: float) -> Array:
    """V of shape (min(matrix.shape), columns), float32, with VᵀV = Xᵀ(XXᵀ + λI)⁻¹X."""
    people, items = matrix.shape
    if people <= items:
        gram = (matrix @ matrix.T).toarray().astype(np.float64)
        gram[np.diag_indices(people)] += regularisation
        lower = linalg.cholesky(gram, lower=True, overwrite_a=True, check_finite=False)
        found = linalg.solve_triangular(
            lower, matrix.toarray().astype(np.float64), lower=True, overwrite_b=True, check_finite=False
        )
        return np.asarray(found, dtype=np.float32)
    # Xᵀ(XXᵀ + λI)⁻¹X = G(G + λI)⁻¹ = I - λ(G + λI)⁻¹ with G = XᵀX, which is Q diag(g / (g + λ)) Qᵀ.
    gram = (matrix.T @ matrix).toarray().astype(np.float64)
    values, vectors = linalg.eigh(gram, overwrite_a=True, check_finite=False)
    values = np.maximum(values, 0)
    return np.asarray((vectors * np.sqrt(values / (values + regularisation))).T, dtype=np.float32)
