from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.dialogues.files import Dialogue, Said
from retrieval.dialogues.moments import Moment, examples_of

ROWS = {"a": 0, "b": 1, "c": 2}
TALK = Dialogue(
    "x",
    (
        Said(False, "Hello, seen A?", ("a",)),
        Said(True, "yes, and B", ("b", "unknown")),
        Said(False, "B was fine, try A or C", ("b", "a", "c")),
        Said(True, "C it is", ("c",)),
        Said(False, "enjoy C", ("c",)),
    ),
)


def test_only_what_was_not_named_before_is_a_target() -> None:
    (example,) = examples_of([TALK], ROWS)
    assert example.targets == (2,)
    assert example.turn == 2
    assert example.moment == Moment((0, 1), (False, True), ("yes, and B",), ("Hello, seen A?",))


def test_with_both_sides_the_person_names_things_too() -> None:
    assert [(one.turn, one.targets, one.by_user) for one in examples_of([TALK], ROWS, both=True)] == [
        (1, (1,), True),
        (2, (2,), False),
    ]


@given(st.lists(st.sampled_from([("a",), ("b",), ("c", "a"), ()]), max_size=8))
def test_no_target_was_named_before_and_nothing_later_is_known(turns: list[tuple[str, ...]]) -> None:
    said = tuple(Said(bool(place % 2), f"turn {place}", ids) for place, ids in enumerate(turns))
    for example in examples_of([Dialogue("x", said)], ROWS, both=True):
        before = [ROWS[one] for turn in said[: example.turn] for one in turn.items]
        assert list(example.moment.named) == before
        assert not set(example.targets) & set(before)
        assert f"turn {example.turn}" not in example.moment.everything


def test_newer_names_weigh_more_and_all_weigh_one() -> None:
    rows, weights = Moment((4, 5, 6), (True, False, True)).weights()
    assert rows.tolist() == [4, 5, 6]
    assert np.all(np.diff(weights) > 0)
    assert weights.sum() == pytest.approx(1)
    assert Moment((4, 5, 6), (True, False, True)).weights(only_user=True)[0].tolist() == [4, 6]
    assert not len(Moment().weights()[0])
