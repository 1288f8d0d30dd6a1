"""Trees that have as much say as they earned where they had not learnt."""

from __future__ import annotations

import numpy as np
import pytest

from retrieval.collaborative.stack import Lesson, Part, Rated, Stack, StackSettings, ndcg

SMALL = StackSettings(trees=40, least=20)


def rated(rng: np.random.Generator, way: float) -> Rated:
    """Twenty ratings that lie 1 beside what is expected, to the side that the one feature tells: `way` 1; or
    to the other one: -1."""
    side = rng.choice([-1.0, 1.0], 20).astype(np.float32)
    return Rated(way * side[:, None], np.full(20, 3, np.float32), 3 + side)


def lesson(rng: np.random.Generator, agree: bool) -> Lesson:
    """Forty items: the first feature is what makes one good; with `agree` false, chance makes it."""
    table = rng.random((40, 2)).astype(np.float32)
    by = table[:, 0] if agree else rng.random(40)
    good = by > np.quantile(by, 0.8)
    return Lesson(table, good, np.ones(40, np.float32), np.ones(40, dtype=bool))


@pytest.mark.parametrize(("ways", "share"), [((1.0, 1.0), 1.0), ((1.0, -1.0), 0.0)])
def test_a_correction_counts_as_far_as_it_holds_elsewhere(ways: tuple[float, float], share: float) -> None:
    rng = np.random.default_rng(0)
    stack = Stack(SMALL).fit([Part([], [rated(rng, way) for _ in range(10)]) for way in ways])
    assert stack.say["rating"] == pytest.approx(share, abs=0.1)
    down, up = stack.correction(np.array([[-1], [1]], np.float32))
    assert up - down == pytest.approx(2 * share, abs=0.4)


def test_the_best_stand_first_and_the_head_keeps_its_places() -> None:
    rng = np.random.default_rng(1)
    stack = Stack(SMALL).fit([Part([lesson(rng, True) for _ in range(30)], []) for _ in range(2)])
    fresh = lesson(rng, True)
    head = np.flatnonzero(fresh.table[:, 0] > 0.5)
    plain = stack.predicted("list", fresh.table).astype(np.float32)
    scores = stack.scores(fresh.table, head)
    assert scores is not None
    assert ndcg(fresh.good, scores.astype(np.float64)) > 0.9
    np.testing.assert_array_equal(np.sort(scores[head]), np.sort(plain[head]))
    others = np.setdiff1d(np.arange(40), head)
    np.testing.assert_array_equal(scores[others], plain[others])


def test_a_head_without_a_say_changes_nothing() -> None:
    rng = np.random.default_rng(2)
    honest = Part([lesson(rng, True) for _ in range(30)], [])
    stack = Stack(SMALL).fit([honest, honest])
    stack.say["head"] = 0.0
    fresh = lesson(rng, True)
    scores = stack.scores(fresh.table, np.arange(40))
    np.testing.assert_array_equal(scores, stack.predicted("list", fresh.table).astype(np.float32))


def test_without_anything_relevant_there_is_no_list() -> None:
    nothing = Stack(SMALL).fit([])
    assert nothing.scores(np.zeros((3, 2), np.float32), np.arange(3)) is None


def test_ndcg_by_hand() -> None:
    good = np.array([True, False, True])
    assert ndcg(good, np.array([3.0, 2.0, 1.0])) == pytest.approx((1 + 1 / 2) / (1 + 1 / np.log2(3)))
    assert ndcg(good, np.array([3.0, 1.0, 2.0])) == 1
