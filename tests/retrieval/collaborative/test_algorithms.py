"""Formulas against their textbook form, on tables small enough to do by hand or by brute force."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.collaborative.aligned import at_par
from retrieval.collaborative.bias import Bias, BiasSettings, SlopeOne
from retrieval.collaborative.content import ridge
from retrieval.collaborative.ease import Ease, EaseSettings
from retrieval.collaborative.factors import solved
from retrieval.collaborative.features import csr, weighted
from retrieval.collaborative.mixture import Mixture
from retrieval.collaborative.neighbours import alike
from retrieval.collaborative.popularity import Popularity, PopularitySettings
from retrieval.collaborative.protocol import DAY, EMPTY, History, Interactions
from retrieval.collaborative.registry import make
from retrieval.errors import BadInteractions
from tests.retrieval.collaborative.boards import N_ITEMS, board, side


def table(seed: int, people: int, items: int) -> Interactions:
    rng = np.random.default_rng(seed)
    users, rows = np.nonzero(rng.random((people, items)) < 0.4)
    ratings = rng.integers(1, 6, len(rows)).astype(np.float32)
    return Interactions.of(users, rows, ratings, n_users=people, n_items=items)


@given(st.integers(0, 1000), st.integers(2, 12), st.integers(2, 12))
@settings(max_examples=40, deadline=None)
def test_ease_without_its_matrix_is_ease(seed: int, people: int, items: int) -> None:
    interactions = table(seed, people, items)
    x = interactions.matrix().toarray().astype(np.float64)
    p = np.linalg.inv(x.T @ x + 3 * np.eye(items))
    b = -p / np.diag(p)[None, :]
    np.fill_diagonal(b, 0)
    history = History.of(np.flatnonzero(np.arange(items) % 2 == 0))
    asked = np.zeros(items)
    asked[history.rows] = 1
    ease = Ease(EaseSettings(3.0)).fit(interactions)
    np.testing.assert_allclose(ease.scores(history), asked @ b, atol=1e-4)
    np.testing.assert_allclose(ease.scores_many([history, EMPTY])[0], asked @ b, atol=1e-4)


@given(st.integers(0, 1000), st.integers(2, 8), st.integers(2, 8))
@settings(max_examples=40, deadline=None)
def test_slope_one_by_products_is_slope_one_by_pairs(seed: int, people: int, items: int) -> None:
    interactions = table(seed, people, items)
    if not interactions.explicit:
        return
    rated: dict[tuple[int, int], float] = {
        (user, item): rating
        for user, item, rating in zip(
            interactions.users.tolist(),
            interactions.items.tolist(),
            interactions.ratings.tolist(),
            strict=True,
        )
    }
    history = History.of([0, 1], [5.0, 2.0])
    usual = Bias(BiasSettings()).fit(interactions).expected(history)
    found = SlopeOne().fit(interactions).scores(history)
    for item in range(items):
        top, pairs = float(usual[item]), 1.0
        for mine, rating in zip(history.rows.tolist(), history.ratings.tolist(), strict=True):
            for user in range(people):
                if (user, item) in rated and (user, mine) in rated:
                    top += rating + rated[user, item] - rated[user, mine]
                    pairs += 1
        assert found[item] == pytest.approx(top / pairs, abs=1e-3)


@given(st.integers(0, 1000))
@settings(max_examples=20, deadline=None)
def test_rows_solved_together_are_those_solved_alone(seed: int) -> None:
    rng = np.random.default_rng(seed)
    dense = np.where(rng.random((9, 7)) < 0.5, rng.normal(size=(9, 7)), 0).astype(np.float32)
    known = rng.normal(size=(7, 3)).astype(np.float32)
    found = solved(csr(dense), known, 0.5)
    for row, given_ in enumerate(dense):
        places = np.flatnonzero(given_)
        near = known[places]
        alone = np.linalg.solve(
            near.T @ near + 0.5 * max(len(places), 1) * np.eye(3), near.T @ given_[places]
        )
        np.testing.assert_allclose(found[row], alone, atol=1e-3)


def test_ridge_by_steps_is_ridge_at_once() -> None:
    rng = np.random.default_rng(0)
    known, targets = rng.normal(size=(40, 6)), rng.normal(size=(40, 3)).astype(np.float32)
    at_once = np.linalg.solve(known.T @ known + 2 * np.eye(6), known.T @ targets)
    np.testing.assert_allclose(ridge(csr(known), targets, 2.0), at_once, atol=1e-3)


def test_likeness_is_the_shrunk_cosine_and_knows_its_nearest() -> None:
    # Items 0 and 1 share two of two people, 2 shares one with them, 3 nobody.
    taken = csr(np.array([[1, 1, 0, 0], [1, 1, 1, 0], [0, 0, 1, 0], [0, 0, 0, 1]]))
    near = alike(taken, k=3, shrink=1.0, norm=0.5).toarray()
    assert near[0, 1] == pytest.approx(2 / 3)  # cosine 1, two people of two plus one
    assert near[0, 2] == pytest.approx(0.5 / 2)  # cosine 1/2, one of one plus one
    assert not near[3].any()
    assert not near[:, 3].any()
    assert not np.diag(near).any()
    nearest = alike(taken, k=1, shrink=1.0, norm=0.5).toarray()
    assert nearest[1, 0] > 0
    assert nearest[2, 0] == 0


def test_offsets_are_damped_means() -> None:
    interactions = Interactions.of([0, 1, 0, 1], [0, 0, 1, 1], [5, 5, 1, 1])
    bias = Bias(BiasSettings(item_damping=2, user_damping=0)).fit(interactions)
    assert bias.mean == 3
    np.testing.assert_allclose(bias.item_offsets, [1, -1], atol=1e-5)  # 4 of 2 + 2 ratings
    kind = bias.ratings(History.of([1], [3.0]))  # two above what item 1 usually gets: 2, and 1 above that
    assert kind is not None
    np.testing.assert_allclose(kind, [5, 3], atol=1e-5)


class TestPopularity:
    table = Interactions.of([0, 1, 2], [0, 0, 1], times=[0.0, 0.0, 20 * DAY])

    def test_without_forgetting_it_counts(self) -> None:
        np.testing.assert_array_equal(Popularity().fit(self.table).scores(EMPTY), [2, 1])

    def test_with_it_the_newer_wins(self) -> None:
        scores = Popularity(PopularitySettings(10)).fit(self.table).scores(EMPTY)
        np.testing.assert_allclose(scores, [0.5, 1], atol=1e-4)

    def test_what_comes_after_the_moment_is_not_known(self) -> None:
        then = History(np.array([0]), np.ones(1, np.float32), np.array([1 * DAY]))
        scores = Popularity(PopularitySettings(10)).fit(self.table).scores(then)
        assert scores[0] > 1.8
        assert scores[1] < 1e-5


def test_new_items_at_par_keep_their_order_and_take_the_places_of_the_others() -> None:
    scores = np.array([10, 20, 30, 40, 0.1, 0.3, 0.2], np.float32)
    new = np.array([4, 5, 6])
    np.testing.assert_array_equal(at_par(scores, new, 0.0), scores[new])
    spread = at_par(scores, new, 1.0)
    assert spread[1] > spread[2] > spread[0]
    assert spread.min() >= 10
    assert spread.max() <= 40
    same = at_par(np.array([10, 20, 5, 5], np.float32), np.array([2, 3]), 1.0)
    assert same[0] == same[1] == 15


def test_words_of_one_item_alone_say_nothing_of_likeness() -> None:
    matrix = weighted([["sea", "alone"], ["sea"], ["hill"], ["hill"], []]).toarray()
    np.testing.assert_allclose(np.linalg.norm(matrix, axis=1), [1, 1, 1, 1, 0], atol=1e-6)
    assert matrix[0] @ matrix[1] == pytest.approx(1)
    assert matrix[0] @ matrix[2] == 0


class TestMixture:
    def test_it_finds_out_which_member_is_worth_listening_to(self) -> None:
        options: dict[str, Any] = {"relevant": 0.0, "least": 20, "trees": 40, "pool": 6, "others": 10}
        members = {"chance": {}, "ease": {"regularisation": 30.0}}
        mixed = make("mixture", {**options, "members": members}).fit(board(), side())
        history = History.of([0, 2, 4])
        order = np.argsort(-mixed.scores(history), kind="stable")
        first = [row for row in order.tolist() if row not in history.rows][:5]
        assert all(row % 2 == 0 for row in first)

    @settings(max_examples=40, deadline=None)
    @given(
        hold=st.sampled_from(["random", "last", "moment"]),
        parts=st.integers(1, 6),
        share=st.floats(0.05, 0.5),
        newcomers=st.floats(0, 0.5),
        seed=st.integers(0, 9),
    )
    def test_what_teaches_it_was_seen_by_no_member(
        self, hold: str, parts: int, share: float, newcomers: float, seed: int
    ) -> None:
        options = {"hold": hold, "parts": parts, "share": share, "newcomers": newcomers, "seed": seed}
        mixture = make("mixture", options)
        assert isinstance(mixture, Mixture)
        for inside, outside in mixture._parts(board(explicit=True)):
            assert len(inside)
            assert len(outside)
            pairs = [
                set(zip(part.users.tolist(), part.items.tolist(), strict=True)) for part in (inside, outside)
            ]
            assert not pairs[0] & pairs[1]
            if hold == "moment":
                assert inside.times.max() < outside.times.min()
            if hold == "last":
                for known, held in zip(inside.histories(), outside.histories(), strict=True):
                    assert not len(known) or not len(held) or known.times.max() <= held.times.min()

    @pytest.mark.parametrize("hold", ["random", "last"])
    def test_some_people_of_each_part_are_new(self, hold: str) -> None:
        mixture = make("mixture", {"hold": hold, "newcomers": 0.2})
        assert isinstance(mixture, Mixture)
        met = []
        for inside, outside in mixture._parts(board()):
            met.append(set(outside.users.tolist()) - set(inside.users.tolist()))
            for user in met[-1]:  # the whole of what they did is held back
                assert (outside.users == user).sum() == (board().users == user).sum()
        assert [len(people) for people in met] == [6, 6]
        assert not met[0] & met[1]

    def test_a_table_without_times_can_be_held_back_by_a_moment(self) -> None:
        timeless = Interactions.of(board().users, board().items, n_items=N_ITEMS)
        members = {"popularity": {}, "ease": {"regularisation": 30.0}}
        mixed = make("mixture", {"hold": "moment", "members": members}).fit(timeless)
        order = np.argsort(-mixed.scores(History.of([0, 2, 4])), kind="stable")
        assert np.isfinite(mixed.scores(EMPTY)).all()
        assert sum(row % 2 == 0 for row in order[:8].tolist()) >= 6

    def test_without_a_member_there_is_none(self) -> None:
        with pytest.raises(BadInteractions):
            Mixture({})


class TestRegistry:
    def test_settings_are_taken(self) -> None:
        made = make("ease", {"regularisation": 12})
        assert isinstance(made, Ease)
        assert made.settings == EaseSettings(12.0)

    @pytest.mark.parametrize(
        ("name", "given_", "said"),
        [
            ("eaze", {}, "eaze"),
            ("ease", {"lambda": 3}, "lambda"),
            ("ease", {"regularisation": "much"}, "regularisation"),
            ("ease", {"regularisation": -1.0}, "regularisation"),
            ("implicit-factors", {"factors": 2.5}, "factors"),
            ("implicit-factors", {"factors": 0}, "above 0"),
            ("mixture", {"hold": "first"}, "hold"),
            ("mixture", {"members": {"ease": {"alpha": 1}}}, "alpha"),
            ("aligned", {"content": {"wordz": 1.0}}, "wordz"),
        ],
    )
    def test_what_does_not_exist_is_refused_by_name(
        self, name: str, given_: dict[str, Any], said: str
    ) -> None:
        with pytest.raises(BadInteractions, match=said):
            make(name, given_)


class TestInteractions:
    @pytest.mark.parametrize(
        "columns",
        [
            ([0, 0], [1, 1], [1.0, 2.0], [0.0, 0.0]),  # a pair twice
            ([0], [1, 2], [1.0, 2.0], [0.0, 0.0]),
            ([0], [1], [float("nan")], [0.0]),
            ([0], [-1], [1.0], [0.0]),
        ],
    )
    def test_what_does_not_hold_together_is_refused(self, columns: tuple[list[Any], ...]) -> None:
        with pytest.raises(BadInteractions):
            Interactions.of(*columns, n_items=N_ITEMS)

    def test_histories_are_in_order_of_time_and_nobody_is_left_out(self) -> None:
        interactions = Interactions.of([2, 0, 0], [5, 1, 3], [1, 2, 3], [9.0, 8.0, 7.0], n_users=4)
        first, second, third, fourth = interactions.histories()
        assert first.rows.tolist() == [3, 1]
        assert first.ratings.tolist() == [3, 2]
        assert third.rows.tolist() == [5]
        assert not len(second)
        assert not len(fourth)
