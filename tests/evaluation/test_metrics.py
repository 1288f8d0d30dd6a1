"""Measures against values worked by hand, and what must hold for any ranking."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation import metrics

INFINITE = float("inf")


def test_a_target_without_ties_has_its_place() -> None:
    assert metrics.rank_of(np.array([0.1, 0.9, 0.5]), 2) == 2


def test_equal_scores_put_a_target_in_the_middle_of_them() -> None:
    assert metrics.rank_of(np.zeros(5), 0) == 3


def test_relevant_items_that_tie_stand_where_they_would_on_average() -> None:
    # Three equal scores, two of them relevant: over all orders the first is at 4/3, the second at 8/3.
    assert metrics.ranks_of(np.zeros(3), [0, 2]) == pytest.approx([4 / 3, 8 / 3])


def test_barred_rows_take_no_place_and_are_never_found() -> None:
    scores = np.array([4.0, 3.0, 2.0, 1.0])
    assert metrics.ranks_of(scores, [3, 1], barred=[0, 1]).tolist() == [2.0, INFINITE]
    assert metrics.ranks_of(scores, [3], barred=np.array([True, True, False, False])).tolist() == [2.0]


def test_a_score_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="not a number"):
        metrics.rank_of(np.array([1.0, np.nan]), 0)


def test_places_in_a_list() -> None:
    assert metrics.ranks_in(["b", "a", "b", "c"], {"c", "b", "missing"}).tolist() == [1.0, 4.0, INFINITE]


def test_one_list_by_hand() -> None:
    ranks = np.array([1.0, 4.0, INFINITE])  # three relevant items: at places 1 and 4, and nowhere
    assert metrics.recall_at(ranks, 5) == pytest.approx(2 / 3)
    assert metrics.precision_at(ranks, 5) == pytest.approx(2 / 5)
    assert metrics.f1_at(ranks, 5) == pytest.approx(2 * (2 / 3) * (2 / 5) / (2 / 3 + 2 / 5))
    assert metrics.hit_at(ranks, 1) == 1
    assert metrics.mrr_at(np.array([4.0]), 5) == pytest.approx(0.25)
    assert metrics.mrr_at(np.array([6.0]), 5) == 0
    ideal = 1 + 1 / np.log2(3) + 1 / np.log2(4)
    assert metrics.ndcg_at(ranks, 5) == pytest.approx((1 + 1 / np.log2(5)) / ideal)
    assert metrics.average_precision_at(ranks, 5) == pytest.approx((1 / 1 + 2 / 4) / 3)
    # Ten candidates, five shown: 2 rightly shown, 4 rightly not.
    assert metrics.accuracy_at(ranks, 5, 10) == pytest.approx(6 / 10)


def test_graded_gains_want_the_best_first() -> None:
    # Gains 3 at place 2 and 1 at place 1; the best order is the other way round.
    expected = (3 / np.log2(3) + 1) / (3 + 1 / np.log2(3))
    assert metrics.ndcg_at(np.array([2.0, 1.0]), 10, np.array([3.0, 1.0])) == pytest.approx(expected)


def test_auc_by_hand() -> None:
    # Of 2 x 3 pairs (relevant at 1 and 4 of 5), the one at 1 wins three, the one at 4 wins one.
    assert metrics.auc(np.array([1.0, 4.0]), 5) == pytest.approx(4 / 6)
    assert metrics.auc(metrics.ranks_of(np.zeros(7), [1, 2, 5]), 7) == pytest.approx(0.5)


def test_nothing_relevant_is_no_measurement() -> None:
    nothing = np.array([])
    for value in (metrics.recall_at(nothing, 5), metrics.ndcg_at(nothing, 5), metrics.auc(nothing, 5)):
        assert np.isnan(value)


@given(
    scores=st.lists(st.integers(0, 5), min_size=2, max_size=12),
    chosen=st.sets(st.integers(0, 11), min_size=1, max_size=5),
    seed=st.integers(0, 1000),
    k=st.integers(1, 12),
)
def test_order_of_items_never_matters_and_measures_stay_in_bounds(
    scores: list[int], chosen: set[int], seed: int, k: int
) -> None:
    given_scores = np.array(scores, dtype=float)
    relevant = sorted(row for row in chosen if row < len(scores)) or [0]
    ranks = metrics.ranks_of(given_scores, relevant)
    order = np.random.default_rng(seed).permutation(len(scores))
    moved = metrics.ranks_of(given_scores[order], np.flatnonzero(np.isin(order, relevant)))
    assert moved == pytest.approx(ranks)
    assert np.all(np.diff(ranks) >= 1 - 1e-9)
    measures = [measure(ranks, k) for measure in (
        metrics.recall_at, metrics.precision_at, metrics.f1_at, metrics.hit_at, metrics.mrr_at,
        metrics.ndcg_at, metrics.average_precision_at,
    )]  # fmt: skip
    assert all(0 <= value <= 1 + 1e-9 for value in measures)


@given(scores=st.lists(st.integers(-3, 3), min_size=2, max_size=10), target=st.integers(0, 9))
def test_a_rank_is_the_mean_over_all_orders_of_the_ties(scores: list[int], target: int) -> None:
    target %= len(scores)
    above = sum(score > scores[target] for score in scores)
    level = sum(score == scores[target] for score in scores)
    assert metrics.rank_of(np.array(scores, dtype=float), target) == above + (level + 1) / 2


def test_exposure_coverage_and_gini() -> None:
    even = metrics.exposure([np.array([0, 1]), np.array([2, 3])], 4)
    assert even.tolist() == [1, 1, 1, 1]
    assert metrics.coverage(even) == 1
    assert metrics.gini(even) == pytest.approx(0)
    one = metrics.exposure([np.array([0]), np.array([0])], 4)
    assert metrics.coverage(one) == 0.25
    assert metrics.gini(one) == pytest.approx(3 / 4)


def test_novelty() -> None:
    counts = np.array([8, 2, 0])
    assert metrics.self_information([0], counts, 8) == 0  # everybody knows it
    assert metrics.self_information([1], counts, 8) == pytest.approx(2)  # one in four: two bits
    assert np.isfinite(metrics.self_information([2], counts, 8))
    assert metrics.popularity_ranks(np.array([5, 9, 5, 1])).tolist() == [2.5, 1.0, 2.5, 4.0]


def test_similarity_within_a_list() -> None:
    crossed = np.array([[1.0, 0.0], [0.0, 2.0]])
    assert metrics.intra_list_similarity(crossed) == pytest.approx(0)
    assert metrics.diversity(np.array([[1.0, 1.0], [2.0, 2.0]])) == pytest.approx(0)
    assert metrics.intra_list_similarity_by(
        ["ab", "ac", "b"], lambda a, b: len(set(a) & set(b))
    ) == pytest.approx(2 / 3)
    assert np.isnan(metrics.intra_list_similarity(crossed[:1]))


def test_serendipity_counts_what_is_wanted_and_not_expected() -> None:
    assert metrics.serendipity_at(["a", "b", "c", "d"], {"a", "b", "c"}, {"a"}, 4) == pytest.approx(2 / 4)


def test_errors_of_ratings() -> None:
    assert metrics.rmse([1, 2], [1, 4]) == pytest.approx(np.sqrt(2))
    assert metrics.mae([1, 2], [1, 4]) == 1


def test_classes_by_hand() -> None:
    table = metrics.confusion(["a", "a", "a", "b"], ["a", "a", "b", "b"], ["a", "b", "c"])
    assert table.tolist() == [[2, 1, 0], [0, 1, 0], [0, 0, 0]]
    first, second, third = metrics.per_class(table, ["a", "b", "c"])
    assert (first.precision, first.support) == (1.0, 3)
    assert first.recall == pytest.approx(2 / 3)
    assert (second.precision, second.recall) == (0.5, 1.0)
    assert third.f1 == 0
    assert metrics.macro_f1(table, [0, 1]) == pytest.approx((0.8 + 2 / 3) / 2)
    assert metrics.accuracy(table) == pytest.approx(0.75)
    assert metrics.f1_scores(np.stack([table, table])).shape == (2, 3)
