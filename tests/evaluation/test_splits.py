"""Splits: what is held back is in no training part, and time runs one way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation import splits
from evaluation.errors import EvaluationError
from retrieval.collaborative.protocol import Interactions


def table(seed: int, people: int = 12, items: int = 20) -> Interactions:
    rng = np.random.default_rng(seed)
    users, rows = np.nonzero(rng.random((people, items)) < 0.7)
    return Interactions.of(
        users,
        rows,
        rng.integers(1, 6, len(rows)).astype(np.float32),
        rng.permutation(len(rows)).astype(np.float64),
        n_users=people,
        n_items=items,
    )


def pairs(split: splits.Split) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    train = set(zip(split.train.users.tolist(), split.train.items.tolist(), strict=True))
    held = {(person.user, row) for person in split.people for row in person.held.rows.tolist()}
    return train, held


@given(st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_nothing_held_back_is_trained_on(seed: int) -> None:
    interactions = table(seed)
    for split in (
        splits.temporal(interactions),
        splits.leave_last(interactions),
        splits.leave_last(interactions, count=2),
        *splits.kfold(interactions, 3, seed),
        splits.cold_items(interactions, seed=seed),
        splits.cold_people(interactions, (1, 3), seed=seed),
    ):
        train, held = pairs(split)
        assert held
        assert not train & held
        for person in split.people:
            assert not set(person.history.rows.tolist()) & set(person.held.rows.tolist())
            assert person.known == bool((split.train.users == person.user).any())


def test_one_moment_parts_before_and_after_for_everybody() -> None:
    split = splits.temporal(table(0), share=0.3)
    held = [when for person in split.people for when in person.held.times.tolist()]
    assert split.train.times.max() < min(held)


def test_whoever_comes_later_is_tested_as_somebody_new() -> None:
    late = Interactions.of([0, 0, 0, 0, 1], [0, 1, 2, 3, 0], times=[1.0, 2.0, 3.0, 4.0, 9.0])
    (person,) = splits.temporal(late).people
    assert person.user == 1
    assert not person.known
    assert len(person.history) == 0


def test_the_last_of_each_person_are_left_out() -> None:
    split = splits.leave_last(table(1), count=2)
    for person in split.people:
        assert len(person.held) == 2
        assert person.history.times.max() < person.held.times.min()


def test_nobody_is_left_without_a_history() -> None:
    one = Interactions.of([0, 0, 1], [0, 1, 0], times=[1.0, 2.0, 3.0])
    split = splits.leave_last(one, count=1)
    assert [person.user for person in split.people] == [0]
    assert (1, 0) in pairs(split)[0]


def test_the_parts_together_hold_back_everything_once() -> None:
    interactions = table(2)
    held = [pair for split in splits.kfold(interactions, 4) for pair in pairs(split)[1]]
    assert len(held) == len(set(held)) == len(interactions)


def test_items_kept_out_are_nowhere_in_the_training_part_and_all_that_is_sought() -> None:
    split = splits.cold_items(table(3), share=0.25)
    assert split.new_items is not None
    assert len(split.new_items) == 5
    assert not np.isin(split.train.items, split.new_items).any()
    for person in split.people:
        assert np.isin(person.held.rows, split.new_items).all()


def test_new_people_are_the_same_however_much_is_known_of_them() -> None:
    split = splits.cold_people(table(4), (1, 5), seed=1)
    half = len(split.people) // 2
    for few, more in zip(split.people[:half], split.people[half:], strict=True):
        assert few.user == more.user
        assert len(few.history) == 1
        assert len(more.history) == 5
        np.testing.assert_array_equal(few.held.rows, more.held.rows)
        assert not (split.train.users == few.user).any()


def test_without_times_a_split_by_time_is_refused() -> None:
    timeless = Interactions.of([0, 0, 1], [0, 1, 0])
    for split in (splits.temporal, splits.leave_last):
        with pytest.raises(EvaluationError, match="kfold"):
            split(timeless)
    with pytest.raises(EvaluationError, match="9 parts"):
        splits.kfold(timeless, 9)
