"""What an item is like, by what the catalogue says of it: works for items that nobody has taken yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import linalg

from retrieval.collaborative.bias import Bias
from retrieval.collaborative.features import Blocks, beside, described
from retrieval.collaborative.kept import Kept
from retrieval.collaborative.protocol import Array, History, Interactions, Side, Sparse

_RECENT = 50  # items of a history, the newest, that the most alike one is looked for among


@dataclass(frozen=True)
class ContentSettings:
    """How loud each part speaks, all ≥ 0.

    `facets`, `words`, `title`, `numbers`, `vectors`: blocks of features; `prior`: what items so described
    are usually taken, learnt from all interactions, beside the likeness to the history; `nearest`: the one
    most alike item of the history, beside the sum. `dimensions` (≥ 1) and `damping` (> 0, in ratings) are
    those of the ridge regression that predicts one person's ratings from content.
    """

    facets: float = 1.5
    words: float = 2.0
    title: float = 0.0
    numbers: float = 1.0
    vectors: float = 2.0
    prior: float = 0.5
    nearest: float = 0.5
    dimensions: int = 128
    damping: float = 5.0


class Content(Kept):
    """A profile of the person from the items of their history (Lops, de Gemmis & Semeraro 2011,
    "Content-based Recommender Systems"), over weighted facets, words and vectors.

    Ranking: z(Σ likeness) + nearest · z(max likeness) + prior · z(prior). Ratings: offsets plus one ridge
    regression a person, of what the offsets leave on the leading dimensions of the content (a truncated SVD).
    """

    KIND = "content"
    LEARNT = ("_features", "_prior", "_space", "_mean", "_offsets", "_scale", "_explicit")

    def __init__(self, settings: ContentSettings | None = None) -> None:
        self.settings = settings or ContentSettings()
        self._features: Sparse
        self._prior: Array
        self._space: Array  # (n_items, dimensions + traits)
        self._mean = 0.0
        self._offsets: Array
        self._scale: tuple[float, float] = (0.0, 1.0)
        self._explicit = False

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        found = described(side, interactions.n_items)
        self._features = weighted_features(found, self.settings)
        self._space = np.hstack([leading(self._features, self.settings.dimensions), 0.3 * found.traits])
        counts = interactions.counts
        taken = np.flatnonzero(counts > 0)
        with_traits = beside([self._features, found.traits])
        popular = np.log1p(counts).astype(np.float32)[:, None]
        usual = float(popular[taken].mean()) if len(taken) else 0.0
        weights = ridge(with_traits[taken], popular[taken] - usual, 10.0)
        self._prior = np.asarray(with_traits @ weights).ravel().astype(np.float32)
        bias = Bias().fit(interactions)
        self._mean, self._offsets = bias.mean, bias.item_offsets
        self._scale, self._explicit = interactions.scale, interactions.explicit
        return self

    def scores(self, history: History) -> Array:
        total = self.settings.prior * standardised(self._prior)
        if len(history):
            total = total + standardised(self.likeness(history))
            if self.settings.nearest:
                near = (
                    self._space[:, : self.settings.dimensions]
                    @ self._space[history.rows[-_RECENT:], : self.settings.dimensions].T
                )
                total = total + self.settings.nearest * standardised(near.max(axis=1))
        return np.asarray(total, dtype=np.float32)

    def likeness(self, history: History) -> Array:
        """How much each item is like those of the history altogether, without the prior."""
        return np.asarray(self._features @ np.asarray(self._features[history.rows].sum(axis=0)).ravel())

    def ratings(self, history: History) -> Array | None:
        if not self._explicit:
            return None
        bias = Bias()
        bias.mean, bias.item_offsets = self._mean, self._offsets
        expected = bias.expected(history)
        if len(history):
            mine = self._space[history.rows].astype(np.float64)
            left = (history.ratings - expected[history.rows]).astype(np.float64)
            gram = mine.T @ mine
            gram[np.diag_indices(len(gram))] += self.settings.damping
            leaning = linalg.solve(gram, mine.T @ left, assume_a="pos")
            expected = expected + self._space @ leaning.astype(np.float32)
        return np.asarray(expected, dtype=np.float32).clip(*self._scale)


def weighted_features(found: Blocks, settings: ContentSettings) -> Sparse:
    """The blocks side by side at the settings' weights."""
    own = {"words": settings.words, "title": settings.title, "vectors": settings.vectors}
    weights = [
        own.get(name, settings.numbers if name in found.numbers else settings.facets) for name in found.names
    ]
    return found.joined(weights)


def standardised(scores: npt.NDArray[np.floating]) -> Array:
    """Mean 0 and standard deviation 1; all zeros where every score is the same."""
    spread = float(scores.std())
    return np.asarray((scores - scores.mean()) / (spread or 1.0), dtype=np.float32)


def leading(features: Sparse, dimensions: int) -> Array:
    """The features' leading dimensions, of shape (n_items, at most `dimensions`); same data, same answer."""
    from sklearn.utils.extmath import randomized_svd  # takes a moment to import

    size = min(dimensions, *features.shape)
    left, values, _ = randomized_svd(features, size, n_iter=2, random_state=0)
    return np.asarray(left * values, dtype=np.float32)


def ridge(known: Sparse, targets: Array, damping: float, rounds: int = 40) -> Array:
    """argmin |known·W - targets|² + damping·|W|², for all columns of `targets` at once, by conjugate
    gradients (Hestenes & Stiefel 1952). Neither the features' nor the items' square matrix is made."""
    turned = known.T.tocsr()
    rest = np.asarray(turned @ targets)
    found = np.zeros_like(rest)
    step, size = rest.copy(), (rest**2).sum(axis=0)
    for _ in range(rounds):
        moved = turned @ (known @ step) + damping * step
        far = size / np.maximum((step * moved).sum(axis=0), 1e-12)
        found += far * step
        rest -= far * moved
        after = (rest**2).sum(axis=0)
        step = rest + after / np.maximum(size, 1e-12) * step
        size = after
    return np.asarray(found, dtype=np.float32)
