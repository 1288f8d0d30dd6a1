"""One suite over every recommender: what `Recommender` promises, whoever implements it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from retrieval.collaborative.protocol import EMPTY, History, Interactions, Recommender, scores_many
from retrieval.collaborative.registry import ALGORITHMS, make
from retrieval.errors import IndexDamaged
from tests.retrieval.collaborative.boards import N_ITEMS, board, fan, side

#: Settings for a table of thirty people: the defaults are made for hundreds.
SMALL: Mapping[str, Mapping[str, Any]] = {
    "ease": {"regularisation": 30.0},
    "aligned": {"regularisation": 30.0, "factors": 8, "damping": 1.0},
    "implicit-factors": {"factors": 4, "regularisation": 1.0},
    "rated-factors": {"factors": 4},
    "user-neighbours": {"neighbours": 10},
    "item-neighbours": {"neighbours": 10, "shrink": 1.0},
    "mixture": {
        "relevant": 0.0,
        "least": 20,
        "trees": 30,
        "pool": 6,
        "others": 10,
        "members": {
            "popularity": {},
            "ease": {"regularisation": 30.0},
            "content": {},
            "bias": {},
            "item-neighbours": {"neighbours": 10},
        },
    },
}
NAMES = [*ALGORITHMS, "mixture"]
#: Those that read a taste out of a history, and so must tell the two tastes apart.
TASTE = ("item-neighbours", "user-neighbours", "ease", "aligned", "implicit-factors", "content", "mixture")
TASTE_IN_RATINGS = ("slope-one", "item-neighbours", "user-neighbours", "rated-factors", "content", "mixture")


def small(name: str) -> Recommender:
    return make(name, SMALL.get(name, {}))


@pytest.fixture(scope="module")
def fitted() -> dict[tuple[str, bool], Recommender]:
    return {
        (name, explicit): small(name).fit(board(explicit=explicit), side())
        for name in NAMES
        for explicit in (False, True)
    }


@pytest.mark.parametrize("explicit", [False, True])
@pytest.mark.parametrize("name", NAMES)
class TestEveryone:
    def test_any_history_gets_a_finite_score_for_every_item(
        self, fitted: dict[tuple[str, bool], Recommender], name: str, explicit: bool
    ) -> None:
        everything = History.of(range(N_ITEMS))
        for history in (EMPTY, fan(0), fan(1, explicit=True), History.of([N_ITEMS - 1]), everything):
            scores = fitted[name, explicit].scores(history)
            assert scores.shape == (N_ITEMS,)
            assert scores.dtype == np.float32
            assert np.isfinite(scores).all()

    def test_ratings_stay_in_the_scale(
        self, fitted: dict[tuple[str, bool], Recommender], name: str, explicit: bool
    ) -> None:
        for history in (EMPTY, fan(0, explicit=True), History.of([N_ITEMS - 1], [3.0])):
            ratings = fitted[name, explicit].ratings(history)
            if not explicit:
                assert ratings is None  # things done, not rated, say nothing of ratings
            elif ratings is not None:
                assert ratings.shape == (N_ITEMS,)
                assert (ratings >= 1).all()
                assert (ratings <= 5).all()

    def test_asking_changes_nothing(
        self, fitted: dict[tuple[str, bool], Recommender], name: str, explicit: bool
    ) -> None:
        before = fitted[name, explicit].scores(fan(0)).copy()
        fitted[name, explicit].scores(fan(1))[:] = 7
        fitted[name, explicit].scores(EMPTY)[:] = 7
        np.testing.assert_array_equal(fitted[name, explicit].scores(fan(0)), before)

    def test_two_fits_give_the_same_scores(
        self, fitted: dict[tuple[str, bool], Recommender], name: str, explicit: bool
    ) -> None:
        again = small(name).fit(board(explicit=explicit), side())
        np.testing.assert_array_equal(again.scores(fan(1)), fitted[name, explicit].scores(fan(1)))

    def test_what_is_loaded_scores_as_what_was_saved(
        self, fitted: dict[tuple[str, bool], Recommender], name: str, explicit: bool, tmp_path: Path
    ) -> None:
        fitted[name, explicit].save(tmp_path)
        loaded = small(name).load(tmp_path)
        for history in (EMPTY, fan(0, explicit=True)):
            np.testing.assert_array_equal(loaded.scores(history), fitted[name, explicit].scores(history))
            rated, again = fitted[name, explicit].ratings(history), loaded.ratings(history)
            assert (rated is None) == (again is None)
            if rated is not None and again is not None:
                np.testing.assert_array_equal(again, rated)

    def test_several_at_once_score_as_one_by_one(
        self, fitted: dict[tuple[str, bool], Recommender], name: str, explicit: bool
    ) -> None:
        together = scores_many(fitted[name, explicit], [fan(0), EMPTY, fan(1)])
        apart = [fitted[name, explicit].scores(history) for history in (fan(0), EMPTY, fan(1))]
        np.testing.assert_allclose(together, np.stack(apart), atol=1e-4)


@pytest.mark.parametrize("taste", [0, 1])
@pytest.mark.parametrize("name", TASTE)
def test_somebody_never_met_gets_their_own_colour_of_the_board(
    fitted: dict[tuple[str, bool], Recommender], name: str, taste: int
) -> None:
    history = fan(taste)
    scores = fitted[name, False].scores(history)
    free = [row for row in range(N_ITEMS - 1) if row not in history.rows]
    own = [scores[row] for row in free if row % 2 == taste]
    others = [scores[row] for row in free if row % 2 != taste]
    assert min(own) > max(others)


@pytest.mark.parametrize("taste", [0, 1])
@pytest.mark.parametrize("name", TASTE_IN_RATINGS)
def test_predicted_ratings_tell_the_colours_apart(
    fitted: dict[tuple[str, bool], Recommender], name: str, taste: int
) -> None:
    history = fan(taste, explicit=True)
    ratings = fitted[name, True].ratings(history)
    assert ratings is not None
    free = [row for row in range(N_ITEMS - 1) if row not in history.rows]
    own = np.mean([ratings[row] for row in free if row % 2 == taste])
    others = np.mean([ratings[row] for row in free if row % 2 != taste])
    assert own > others + 0.5


@pytest.mark.parametrize("name", ["content", "aligned"])
def test_an_item_that_nobody_took_is_placed_by_what_it_is(
    fitted: dict[tuple[str, bool], Recommender], name: str
) -> None:
    new = N_ITEMS - 1  # loud and red, like all odd ones
    assert fitted[name, False].scores(fan(1))[new] > fitted[name, False].scores(fan(0))[new]


@pytest.mark.parametrize("name", NAMES)
def test_a_table_without_a_row_can_be_fitted(name: str) -> None:
    nothing = Interactions.of([], [], n_users=3, n_items=N_ITEMS)
    scores = small(name).fit(nothing, side()).scores(fan(0))
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("name", NAMES)
def test_nothing_need_be_known_of_the_items(name: str) -> None:
    scores = small(name).fit(board()).scores(fan(0))
    assert np.isfinite(scores).all()


@pytest.mark.parametrize("name", NAMES)
def test_what_is_kept_runs_no_code_and_is_missed_when_it_is_gone(name: str, tmp_path: Path) -> None:
    small(name).fit(board(), side()).save(tmp_path)
    kept = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert {path.suffix for path in kept} == {".npz", ".json"}
    kept[0].unlink()
    with pytest.raises(IndexDamaged):
        small(name).load(tmp_path)
