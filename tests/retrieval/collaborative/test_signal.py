"""A recommender as a signal of the ranking: shape, range, and silence where it has nothing to say."""

from __future__ import annotations

import numpy as np

from retrieval.collaborative.registry import make
from retrieval.collaborative.signal import HistorySignal
from retrieval.items import Query, Wish
from tests.retrieval.collaborative.boards import N_ITEMS, board

ROWS = {str(row): row for row in range(N_ITEMS)}


def signal() -> HistorySignal:
    return HistorySignal("people", make("item-neighbours", {"neighbours": 10}).fit(board()), ROWS)


def test_items_that_others_took_with_the_liked_ones_are_heard() -> None:
    scores = signal().scores(Query(likes=(Wish("item", "0"), Wish("item", "2"), Wish("colour", "green"))))
    assert scores is not None
    assert scores.shape == (N_ITEMS,)
    assert scores.min() >= 0
    assert scores.max() <= 1
    assert scores[4] > 0
    assert not scores[np.arange(1, N_ITEMS, 2)].any()


def test_without_a_known_item_it_is_silent() -> None:
    assert signal().scores(Query()) is None
    assert signal().scores(Query(likes=(Wish("item", "of another shop"), Wish("colour", "0")))) is None
    assert signal().scores(Query(dislikes=(Wish("item", "0"),))) is None
