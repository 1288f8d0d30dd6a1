"""Other libraries' recommenders under our protocol of measuring: `implicit` and `lenskit`, as published.

Only what a reference needs to be asked is here; its arithmetic is the library's own. Where a library has no
score for an item or a person, the table's popularity (for a rating: lenskit's own bias model) answers below
everything that it did score, as both libraries recommend.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from scipy import sparse

from retrieval.collaborative.protocol import Array, History, Interactions, Rows


@dataclass
class ImplicitReference:
    """A model of `implicit`, fitted on ones; somebody new gets `recalculate_user` where the model has it."""

    make: Callable[[], Any]
    weight: float = 1.0
    _model: Any = field(default=None, init=False)
    _matrix: Any = field(default=None, init=False)
    _counts: Any = field(default=None, init=False)

    def fit(self, interactions: Interactions) -> Self:
        self._matrix = sparse.csr_matrix(interactions.matrix() * self.weight)
        self._counts = interactions.counts
        self._model = self.make()
        self._model.fit(self._matrix, show_progress=False)
        return self

    def scores(self, user: int | None, history: History) -> Array:
        if not len(history):
            return np.asarray(self._counts, dtype=np.float32)
        n_items = len(self._counts)
        row = sparse.csr_matrix(
            (np.full(len(history), self.weight, np.float32), (np.zeros(len(history), int), history.rows)),
            shape=(1, n_items),
        )
        if hasattr(self._model, "similarity"):  # neighbours: a history is all they look at
            found = (row @ self._model.similarity).toarray().ravel()
        elif user is not None:
            found = self._model.item_factors @ self._model.user_factors[user]
        elif hasattr(self._model, "recalculate_user"):
            found = self._model.item_factors @ self._model.recalculate_user(0, row)
        else:
            return np.asarray(self._counts, dtype=np.float32)
        return filled(found, np.arange(n_items), self._counts)

    def ratings(self, user: int | None, history: History, rows: Rows) -> Array | None:
        return None


@dataclass
class LenskitReference:
    """A scorer of `lenskit`, asked with the history as the library's own pipelines do."""

    make: Callable[[], Any]
    predicts: bool = False
    only_ratings: bool = False
    _scorer: Any = field(default=None, init=False)
    _bias: Any = field(default=None, init=False)
    _known: Any = field(default=None, init=False)
    _counts: Any = field(default=None, init=False)
    _scale: tuple[float, float] = field(default=(0.0, 1.0), init=False)

    def fit(self, interactions: Interactions) -> Self:
        import pandas as pd
        from lenskit.basic import BiasScorer
        from lenskit.data import from_interactions_df
        from lenskit.training import TrainingOptions

        table = pd.DataFrame(
            {
                "user_id": interactions.users,
                "item_id": interactions.items,
                "rating": interactions.ratings,
                "timestamp": interactions.times.astype(np.int64),
            }
        )
        data = from_interactions_df(table)
        self._known, self._counts = np.unique(interactions.items), interactions.counts
        self._scale = interactions.scale
        options = TrainingOptions(rng=0)
        self._scorer = self.make()
        self._scorer.train(data, options)
        if self.predicts:
            self._bias = BiasScorer(damping=5)
            self._bias.train(data, options)
        return self

    def _asked(self, scorer: Any, user: int | None, history: History, rows: Rows) -> Array:
        from lenskit.data import ItemList, RecQuery

        mine = ItemList(item_ids=history.rows, rating=history.ratings)
        query = RecQuery(user_id=user, user_items=mine)
        answer = scorer(query, ItemList(item_ids=rows))
        scores = answer.scores()
        empty = np.full(len(rows), np.nan, np.float32)
        return empty if scores is None else np.asarray(scores, np.float32)

    def scores(self, user: int | None, history: History) -> Array:
        return filled(self._asked(self._scorer, user, history, self._known), self._known, self._counts)

    def ratings(self, user: int | None, history: History, rows: Rows) -> Array | None:
        if not self.predicts:
            return None
        usual = self._asked(self._bias, user, history, rows)
        found = self._asked(self._scorer, user, history, rows)
        return np.where(np.isfinite(found), found, usual).astype(np.float32).clip(*self._scale)


def filled(found: Array, rows: Any, counts: Any) -> Array:
    """Scores of all items: what was found at `rows`, and below it, by popularity, whatever has no score."""
    known = np.isfinite(found)
    floor = float(found[known].min()) - 1 if known.any() else 0.0
    scores = floor - 1 + counts / (1.0 + counts.max(initial=0))
    scores[rows[known]] = found[known]
    return np.asarray(scores, dtype=np.float32)


def references() -> Mapping[str, Callable[[], ImplicitReference | LenskitReference]]:
    """Every reference by its row's name. Settings other than a library's defaults were chosen by NDCG@10 (or
    RMSE) on a part of MovieLens small's training ratings: `docs/decisions/0010-collaborative.md`."""

    def als() -> Any:
        from implicit.cpu.als import AlternatingLeastSquares

        return AlternatingLeastSquares(
            factors=96, regularization=40.0, alpha=1.0, iterations=15, random_state=0, num_threads=1
        )

    def bpr() -> Any:
        from implicit.cpu.bpr import BayesianPersonalizedRanking

        return BayesianPersonalizedRanking(
            factors=32, learning_rate=0.02, regularization=0.05, iterations=300, random_state=0, num_threads=1
        )

    def items() -> Any:
        from implicit.nearest_neighbours import CosineRecommender

        return CosineRecommender(K=20, num_threads=1)

    def tfidf() -> Any:
        from implicit.nearest_neighbours import TFIDFRecommender

        return TFIDFRecommender(K=100, num_threads=1)

    def lenskit(module: str, scorer: str, **settings: Any) -> Callable[[], Any]:
        def make() -> Any:
            import importlib

            return getattr(importlib.import_module(f"lenskit.{module}"), scorer)(**settings)

        return make

    return {
        "implicit ALS": lambda: ImplicitReference(als, 6.0),
        "implicit BPR": lambda: ImplicitReference(bpr),
        "implicit item-kNN": lambda: ImplicitReference(items),
        "implicit TF-IDF-kNN": lambda: ImplicitReference(tfidf),
        "lenskit ItemKNN": lambda: LenskitReference(
            lenskit("knn.item", "ItemKNNScorer", max_nbrs=20, feedback="implicit")
        ),
        "lenskit UserKNN": lambda: LenskitReference(
            lenskit("knn.user", "UserKNNScorer", max_nbrs=20, feedback="implicit")
        ),
        "lenskit ImplicitMF": lambda: LenskitReference(
            lenskit("als", "ImplicitMFScorer", embedding_size=64, regularization=10.0, weight=5)
        ),
        "lenskit EASE": lambda: LenskitReference(lenskit("knn.ease", "EASEScorer", regularization=400)),
        "lenskit Bias": lambda: LenskitReference(lenskit("basic", "BiasScorer", damping=5), True, True),
        "lenskit ItemKNN ratings": lambda: LenskitReference(
            lenskit("knn.item", "ItemKNNScorer", max_nbrs=20), True, True
        ),
        "lenskit UserKNN ratings": lambda: LenskitReference(
            lenskit("knn.user", "UserKNNScorer", max_nbrs=30), True, True
        ),
        "lenskit BiasedMF": lambda: LenskitReference(
            lenskit("als", "BiasedMFScorer", embedding_size=50, regularization=0.1), True, True
        ),
        "lenskit FunkSVD": lambda: LenskitReference(lenskit("funksvd", "FunkSVDScorer"), True, True),
    }
