"""EASE that also speaks of items nobody has taken: what the crowd's mix would be, read off the content."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

import numpy as np

from retrieval.collaborative.content import ContentSettings, ridge, weighted_features
from retrieval.collaborative.ease import Ease, EaseSettings
from retrieval.collaborative.features import beside, described
from retrieval.collaborative.kept import Kept
from retrieval.collaborative.protocol import Array, History, Interactions, Mask, Rows, Side


@dataclass(frozen=True)
class AlignedSettings:
    """`regularisation`: EASE's, > 0; `factors`: dimensions of its mix that are aligned, ≥ 1; `damping` of the
    alignment, > 0; `trust`: people who must have taken an item before its own numbers count as much as its
    content, ≥ 0; `new_items`: 0 ranks an item nobody has taken by its expectation, which is modest, 1 spreads
    such items over the list as evenly as the others, in between mixes the two;
    `content`: the weights of the blocks.
    """

    regularisation: float = 300.0
    factors: int = 64
    damping: float = 12.0
    trust: float = 2.0
    new_items: float = 0.0
    content: ContentSettings = field(default_factory=ContentSettings)


class Aligned(Kept):
    """Metadata-aligned EASE, after Monteil et al. 2024 (MARec, arXiv 2404.13298).

    MARec draws a recommender towards a likeness learnt from metadata so that new items get scores. Here the
    alignment is a ridge regression: EASE's score is Vh·(V/d) for a history h, so each item has a vector
    eⱼ = Vⱼ/dⱼ; the regression predicts it from the item's content, êⱼ = W fⱼ, in the leading `factors`
    dimensions. An item that n people took gets (n · EASE + trust · Vh·êⱼ) / (n + trust).
    """

    KIND = "aligned"
    LEARNT = ("_half", "_diagonal", "_leading", "_aligned", "_own", "_new")

    def __init__(self, settings: AlignedSettings | None = None) -> None:
        self.settings = settings or AlignedSettings()
        self._half: Array
        self._diagonal: Array
        self._leading: Array  # (factors, n_items)
        self._aligned: Array  # (n_items, factors)
        self._own: Array  # the share of an item's own numbers, (n_items,)
        self._new: Rows  # rows that nobody has taken

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        options = self.settings
        ease = Ease(EaseSettings(options.regularisation)).fit(interactions)
        self._half, self._diagonal = ease._half, ease._diagonal
        _, axes = np.linalg.eigh((self._half @ self._half.T).astype(np.float64))
        self._leading = np.asarray(axes[:, -options.factors :].T @ self._half, dtype=np.float32)
        own = np.asarray((self._leading / self._diagonal).T, dtype=np.float32)
        found = described(side, interactions.n_items)
        constant = np.ones((interactions.n_items, 1), np.float32)
        features = beside([weighted_features(found, options.content), 0.3 * found.traits, constant])
        taken = interactions.counts > 0
        self._aligned = np.asarray(features @ ridge(features[taken], own[taken], options.damping))
        self._own = (interactions.counts / np.maximum(interactions.counts + options.trust, 1e-9)).astype(
            np.float32
        )
        self._new = np.flatnonzero(~taken)
        return self

    def scores(self, history: History) -> Array:
        ease = Ease()
        ease._half, ease._diagonal = self._half, self._diagonal
        content = self._aligned @ self._leading[:, history.rows].sum(axis=1)
        total = self._own * ease.scores(history) + (1 - self._own) * content
        if self.settings.new_items and 0 < len(self._new) < len(total):
            total[self._new] = at_par(total, self._new, self.settings.new_items)
        return np.asarray(total, dtype=np.float32)

    def ratings(self, history: History) -> Array | None:
        return None


def at_par(scores: Array, new: Rows, share: float) -> Array:
    """Scores for the `new` rows: `share` of what the others score at the same place of their own order."""
    others = np.delete(scores, new)
    places = (np.argsort(np.argsort(scores[new], kind="stable"), kind="stable") + 0.5) / len(new)
    # Equal scores get equal places: what cannot be told apart is not spread out.
    for value in np.unique(scores[new][_repeated(scores[new])]):
        same = scores[new] == value
        places[same] = places[same].mean()
    return np.asarray((1 - share) * scores[new] + share * np.quantile(others, places), dtype=np.float32)


def _repeated(values: Array) -> Mask:
    _, back, counts = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray(counts[back] > 1)
