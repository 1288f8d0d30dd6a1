"""A fitted recommender as one voice of the ranking: what the person likes, read as a history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retrieval.collaborative.content import standardised
from retrieval.collaborative.protocol import Array, History, Recommender
from retrieval.items import Query

#: Standard deviations above the usual score that count as a full match; as `rank.FULL_MATCH`.
_FULL = 4.0


@dataclass(frozen=True)
class HistorySignal:
    """A `LearnedSignal` of any recommender fitted on this catalogue's rows.

    Items liked in the query become the history, rated `high`; with `low`, disliked ones join it, rated so
    (for recommenders that heed ratings; to others everything in a history is something done). The score is
    how many standard deviations an item lies above the usual, in parts of four, cut to [0, 1].
    """

    name: str
    recommender: Recommender
    rows: Mapping[str, int]  # item id → row
    high: float = 1.0
    low: float | None = None

    def scores(self, query: Query) -> Array | None:
        """As `LearnedSignal.scores`; None where the query names no item that the catalogue holds."""
        given = {
            self.rows[wish.value]: self.high for wish in query.likes if self._is_item(wish.facet, wish.value)
        }
        if not given:
            return None
        if self.low is not None:
            disliked = [wish.value for wish in query.dislikes if self._is_item(wish.facet, wish.value)]
            given |= {self.rows[value]: self.low for value in disliked if self.rows[value] not in given}
        found = self.recommender.scores(History.of(list(given), list(given.values())))
        return np.asarray(np.clip(standardised(found) / _FULL, 0, 1), dtype=np.float32)

    def _is_item(self, facet: str, value: str) -> bool:
        return facet == "item" and value in self.rows
