"""Matrix factorisation: hidden traits of items, with a person's own found from their history when asked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from retrieval.collaborative.bias import Bias, BiasSettings
from retrieval.collaborative.kept import Kept
from retrieval.collaborative.protocol import Array, History, Interactions, Side, Sparse


@dataclass(frozen=True)
class ImplicitFactorsSettings:
    """`factors`: hidden traits, ≥ 1; `regularisation` > 0; `weight`: how much more surely a thing done is
    liked than a thing not done is disliked, > 0; `rounds` of alternation, ≥ 1; `seed`: of the start."""

    factors: int = 96
    regularisation: float = 40.0
    weight: float = 5.0
    rounds: int = 15
    seed: int = 0


class ImplicitFactors(Kept):
    """ALS for things done, not rated (Hu, Koren & Volinsky 2008), fitted by the `implicit` library.

    A person's traits are solved for from their history, as one half-step of the fit:
    (YᵀY + w YₕᵀYₕ + λI) x = (1 + w) Yₕᵀ1.
    """

    KIND = "implicit factors"
    LEARNT = ("_factors",)

    def __init__(self, settings: ImplicitFactorsSettings | None = None) -> None:
        self.settings = settings or ImplicitFactorsSettings()
        self._factors: Array
        self._gram: npt.NDArray[np.float64] | None = None

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        from implicit.cpu.als import AlternatingLeastSquares  # takes a moment to import

        options = self.settings
        model = AlternatingLeastSquares(
            factors=options.factors,
            regularization=options.regularisation,
            alpha=1.0,
            iterations=options.rounds,
            random_state=options.seed,
            num_threads=1,  # the same sums in the same order: the same scores
        )
        matrix = sparse.csr_matrix(interactions.matrix()) * (1 + options.weight)
        if len(interactions):
            model.fit(matrix, show_progress=False)
            self._factors = np.asarray(model.item_factors, dtype=np.float32)
        else:
            self._factors = np.zeros((interactions.n_items, options.factors), np.float32)
        self._gram = None
        return self

    def scores(self, history: History) -> Array:
        if self._gram is None:
            self._gram = (self._factors.T @ self._factors).astype(np.float64)
        near = self._factors[history.rows].astype(np.float64)
        left = self._gram + self.settings.weight * (near.T @ near)
        left[np.diag_indices(len(left))] += self.settings.regularisation
        person = np.linalg.solve(left, (1 + self.settings.weight) * near.sum(axis=0))
        return np.asarray(self._factors @ person.astype(np.float32))

    def ratings(self, history: History) -> Array | None:
        return None

    def load(self, folder: Path) -> Self:
        self._gram = None
        return super().load(folder)


@dataclass(frozen=True)
class RatedFactorsSettings:
    """`factors`: hidden traits, ≥ 1; `regularisation` for each rating, > 0; `rounds` of alternation, ≥ 1;
    `item_damping`, `user_damping`: of the offsets, in ratings, ≥ 0; `seed`: of the start."""

    factors: int = 40
    regularisation: float = 0.1
    rounds: int = 12
    item_damping: float = 5.0
    user_damping: float = 5.0
    seed: int = 0


class RatedFactors(Kept):
    """Biased matrix factorisation for ratings: offsets, then ALS on what they leave (Zhou et al. 2008,
    "Large-scale Parallel Collaborative Filtering for the Netflix Prize": λ times the number of ratings)."""

    KIND = "rated factors"
    LEARNT = ("_factors", "_mean", "_offsets", "_scale", "_explicit")

    def __init__(self, settings: RatedFactorsSettings | None = None) -> None:
        self.settings = settings or RatedFactorsSettings()
        self._factors: Array
        self._mean = 0.0
        self._offsets: Array
        self._scale: tuple[float, float] = (0.0, 1.0)
        self._explicit = False

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        options = self.settings
        bias = self._bias().fit(interactions)
        self._mean, self._offsets = bias.mean, bias.item_offsets
        self._scale, self._explicit = interactions.scale, interactions.explicit
        rng = np.random.default_rng(options.seed)
        start = rng.standard_normal((interactions.n_items, options.factors)) / np.sqrt(options.factors)
        items = np.where(interactions.counts[:, None] > 0, start, 0).astype(np.float32)
        people = interactions.matrix(bias.residuals(interactions))
        rated = people.T.tocsr()
        for _ in range(options.rounds if self._explicit else 0):
            items = solved(rated, solved(people, items, options.regularisation), options.regularisation)
        self._factors = items
        return self

    def scores(self, history: History) -> Array:
        expected = self._bias_of().expected(history)
        if not len(history) or not self._explicit:
            return expected
        left = history.ratings - expected[history.rows]
        one: Sparse = sparse.csr_array(
            (left, history.rows, np.asarray([0, len(history)])), shape=(1, len(self._factors))
        )
        return np.asarray(
            expected + self._factors @ solved(one, self._factors, self.settings.regularisation)[0]
        )

    def ratings(self, history: History) -> Array | None:
        return self.scores(history).clip(*self._scale) if self._explicit else None

    def _bias(self) -> Bias:
        return Bias(BiasSettings(self.settings.item_damping, self.settings.user_damping))

    def _bias_of(self) -> Bias:
        bias = self._bias()
        bias.mean, bias.item_offsets = self._mean, self._offsets
        return bias


def solved(targets: Sparse, known: Array, regularisation: float) -> Array:
    """For each row of `targets` the traits that best explain its entries by `known` (n, f), ridge-damped.

    Rows of like length are solved together, padded with zeros, which change no sum.
    """
    count, factors = targets.shape[0], known.shape[1]
    found = np.zeros((count, factors), np.float32)
    lengths = np.diff(targets.indptr)
    order = np.argsort(lengths, kind="stable")
    order = order[lengths[order] > 0]
    at = 0
    while at < len(order):
        # About two million numbers at a time, and no row padded to more than twice its length.
        longest = max(2 * int(lengths[order[at]]), 8)
        fit = int(np.searchsorted(lengths[order], longest, side="right"))
        end = max(at + 1, min(fit, at + max(1, 2_000_000 // (longest * factors))))
        rows = order[at:end]
        width = int(lengths[rows].max())
        places = targets.indptr[rows][:, None] + np.arange(width)[None, :]
        real = np.arange(width)[None, :] < lengths[rows][:, None]
        places = np.where(real, places, 0)
        near = known[targets.indices[places]] * real[:, :, None]
        values = np.where(real, targets.data[places], 0)
        left = near.transpose(0, 2, 1) @ near
        left[:, np.arange(factors), np.arange(factors)] += regularisation * lengths[rows][:, None]
        right = (near.transpose(0, 2, 1) @ values[:, :, None]).astype(np.float32)
        found[rows] = np.linalg.solve(left, right)[:, :, 0]
        at = end
    return found
