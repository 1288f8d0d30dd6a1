"""Leaning by feedback: which way, how far, and the same way every time."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.bandit import REWARDS, Bandit, Outcome, apart

SIGNALS = ("meaning", "traits", "words")
CALM = Bandit(exploration=0.0)
outcomes = st.lists(
    st.builds(
        Outcome,
        st.dictionaries(st.sampled_from(SIGNALS), st.floats(-1, 1), max_size=3),
        st.sampled_from(sorted(REWARDS.values())),
    ),
    max_size=12,
)


def test_without_feedback_and_chance_nothing_leans() -> None:
    assert CALM.leaning((), SIGNALS) == {"meaning": 1.0, "traits": 1.0, "words": 1.0}
    assert CALM.leaning((), ()) == {}


def test_what_brought_something_liked_gets_louder() -> None:
    liked = CALM.leaning([Outcome({"meaning": 0.3, "traits": -0.2}, 1.0)], SIGNALS)
    assert liked["meaning"] > 1 > liked["traits"]
    assert liked["words"] == 1
    disliked = CALM.leaning([Outcome({"meaning": 0.3, "traits": -0.2}, -1.0)], SIGNALS)
    assert disliked["meaning"] < 1 < disliked["traits"]


def test_more_of_the_same_leans_further_but_not_beyond_its_bounds() -> None:
    same = Outcome({"meaning": 0.3}, 1.0)
    some = [CALM.leaning([same] * count, SIGNALS)["meaning"] for count in (1, 3, 9)]
    assert some == sorted(some)
    assert CALM.leaning([Outcome({"meaning": 0.3}, -1.0)] * 500, SIGNALS)["meaning"] >= CALM.least


def test_with_enough_feedback_the_useful_signal_is_found() -> None:
    """A hidden taste follows `traits`; `words` says nothing about it."""
    draw = np.random.default_rng(0)
    seen = []
    for _ in range(100):
        parts = {"traits": float(draw.normal(0, 0.2)), "words": float(draw.normal(0, 0.2))}
        seen.append(Outcome(parts, float(np.sign(parts["traits"]))))
    found = CALM.leaning(seen, ("traits", "words"))
    assert found["traits"] > 2 > 1.5 > found["words"]


def test_chance_is_small_at_first_and_the_same_for_the_same_seed() -> None:
    bandit = Bandit(exploration=0.1)
    draws = [bandit.leaning((), SIGNALS, str(seed))["meaning"] for seed in range(200)]
    assert np.std(draws) == pytest.approx(0.1 * bandit.prior, rel=0.2)
    assert np.mean(draws) == pytest.approx(1, abs=0.02)
    assert bandit.leaning((), SIGNALS, "a") == bandit.leaning((), SIGNALS, "a")
    assert bandit.leaning((), SIGNALS, "a") != bandit.leaning((), SIGNALS, "b")


def test_what_is_known_is_tried_less() -> None:
    bandit = Bandit(exploration=1.0)
    known = [Outcome({"meaning": 1.0}, 0.0)] * 50
    spread = [np.std([bandit.leaning(seen, SIGNALS, str(seed))["meaning"] for seed in range(100)])
              for seen in ((), known)]  # fmt: skip
    assert spread[1] < spread[0] / 3


@given(outcomes, st.text(max_size=5), st.floats(0, 2))
def test_no_weight_leaves_its_bounds(seen: list[Outcome], seed: str, exploration: float) -> None:
    bandit = Bandit(exploration=exploration)
    found = bandit.leaning(seen, SIGNALS, seed)
    assert set(found) == set(SIGNALS)
    assert all(bandit.least <= factor <= bandit.most for factor in found.values())


@given(outcomes)
def test_the_order_of_feedback_does_not_matter(seen: list[Outcome]) -> None:
    forth, back = CALM.leaning(seen, SIGNALS), CALM.leaning(seen[::-1], SIGNALS)
    assert forth == pytest.approx(back)


def test_what_sets_an_item_apart() -> None:
    shown = [{"meaning": 0.5, "avoided": -0.2}, {"meaning": 0.1}, {"meaning": 0.3, "words": 0.2}]
    assert apart(shown, 0) == {"meaning": 0.3, "words": -0.1}
    assert apart(shown[:1], 0) == {}
    assert apart([{"meaning": 0.2}] * 3, 1) == {}
