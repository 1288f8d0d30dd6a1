"""Intervals: known answers, groups that move together, the same seed the same ends."""

from __future__ import annotations

import numpy as np
import pytest

from evaluation.intervals import bootstrap, bootstrap_of, paired


def test_equal_values_leave_no_doubt() -> None:
    interval = bootstrap(np.full(20, 0.3), np.arange(20))
    assert (interval.value, interval.low, interval.high) == pytest.approx((0.3, 0.3, 0.3))
    assert interval.n == 20


def test_the_interval_of_a_coin_is_the_textbook_one() -> None:
    coin = np.tile([0.0, 1.0], 200)
    interval = bootstrap(coin, np.arange(400), draws=4000)
    error = 1.96 * 0.5 / np.sqrt(400)
    assert interval.low == pytest.approx(0.5 - error, abs=0.006)
    assert interval.high == pytest.approx(0.5 + error, abs=0.006)


def test_copies_within_a_group_add_no_certainty() -> None:
    values = np.random.default_rng(1).random(50)
    alone = bootstrap(values, np.arange(50))
    copied = bootstrap(np.repeat(values, 10), np.repeat(np.arange(50), 10))
    assert (copied.low, copied.high) == pytest.approx((alone.low, alone.high))
    assert copied.n == 50


def test_the_names_of_groups_and_many_draws_change_nothing() -> None:
    values = np.random.default_rng(2).random(30)
    numbered = bootstrap(values, np.arange(30) // 3, seed=5)
    named = bootstrap(values, [f"dialogue {row // 3:02}" for row in range(30)], seed=5)
    assert named == numbered


def test_a_steady_gain_is_settled_though_the_values_overlap() -> None:
    random = np.random.default_rng(3)
    a = random.random(100)
    gain = paired(a + 0.01, a, np.arange(100))
    assert gain.value == pytest.approx(0.01)
    assert gain.excludes_zero
    assert not paired(a, a, np.arange(100)).excludes_zero


def test_what_was_not_measured_is_left_out() -> None:
    assert bootstrap([1.0, np.nan, 3.0], [0, 1, 2]).value == 2
    nothing = bootstrap([], [])
    assert np.isnan(nothing.value)
    assert nothing.n == 0


def test_any_statistic_of_sums() -> None:
    def f1(totals: np.ndarray) -> np.ndarray:
        right, said, true = totals.T
        return np.asarray(2 * right / (said + true))

    interval = bootstrap_of(f1, [[1, 1, 1]] * 8 + [[0, 1, 0]] * 2, np.arange(10))
    assert interval.value == pytest.approx(16 / 18)
    assert interval.low < interval.value < interval.high <= 1
