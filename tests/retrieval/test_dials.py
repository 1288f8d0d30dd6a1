"""Dials on shortlists whose right answer is plain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retrieval.dials import Array, Dials, choose

ZERO = Dials(diversity=0.0)
EVEN = np.array([1.0, 0.99, 0.98, 0.97], dtype=np.float32)
APART = np.eye(4, dtype=np.float32)
scores = arrays(np.float32, st.integers(0, 12), elements=st.floats(-5, 50, width=32))
dials = st.builds(Dials, *[st.floats(0, 1)] * 4)


def test_all_at_zero_is_relevance_alone() -> None:
    alike = np.ones((4, 4), dtype=np.float32)
    assert choose(EVEN, alike, 3, ZERO, popularity=EVEN, familiar=EVEN) == [0, 1, 2]


def test_variety_passes_over_the_copy() -> None:
    alike = np.array([[1, 1, 0], [1, 1, 0], [0, 0, 1]], dtype=np.float32)
    best = np.array([1.0, 0.95, 0.8], dtype=np.float32)
    assert choose(best, alike, 2, Dials(diversity=0.3)) == [0, 2]
    assert choose(best, alike, 2, ZERO) == [0, 1]


def test_novelty_prefers_the_less_known_of_equals() -> None:
    popularity = np.array([0.9, 0.9, 0.1, 0.9], dtype=np.float32)
    assert choose(EVEN, APART, 1, Dials(diversity=0, novelty=0.3), popularity) == [2]


def test_what_is_not_known_to_be_known_lies_between() -> None:
    popularity = np.array([0.9, np.nan, 0.1, 0.9], dtype=np.float32)
    assert choose(EVEN, APART, 4, Dials(diversity=0, novelty=1.0), popularity) == [2, 1, 0, 3]


def test_serendipity_wants_the_relevant_that_nobody_expects() -> None:
    relevance = np.array([1.0, 0.9, 0.1], dtype=np.float32)
    popularity = np.array([0.9, 0.1, 0.0], dtype=np.float32)
    familiar = np.array([0.2, 0.1, 0.0], dtype=np.float32)
    chosen = choose(relevance, APART[:3, :3], 1, Dials(diversity=0, serendipity=0.8), popularity, familiar)
    assert chosen == [1]  # neither the one that everybody knows nor the one that nobody wants
    unlike = choose(relevance, APART[:3, :3], 1, Dials(diversity=0, serendipity=0.8), None, popularity)
    assert unlike == [1]


def test_fairness_keeps_places_for_the_less_known_half() -> None:
    popularity = np.array([0.9, 0.8, 0.2, 0.1], dtype=np.float32)
    assert choose(EVEN, APART, 2, ZERO, popularity) == [0, 1]
    assert choose(EVEN, APART, 2, Dials(diversity=0, fairness=1.0), popularity) == [0, 2]
    assert choose(EVEN, APART, 2, Dials(diversity=0, fairness=0.9), popularity) == [
        0,
        1,
    ]  # not one whole place


def test_a_dial_without_its_facts_does_nothing() -> None:
    turned = Dials(diversity=0, novelty=1.0, serendipity=1.0, fairness=1.0)
    assert choose(EVEN, APART, 3, turned) == [0, 1, 2]
    unknown = np.full(4, np.nan, dtype=np.float32)
    assert choose(EVEN, APART, 3, Dials(diversity=0, fairness=1.0), unknown) == [0, 1, 2]


@given(scores, st.integers(0, 15), dials, st.randoms(use_true_random=False))
def test_each_place_is_chosen_at_most_once(signal: Array, k: int, set_to: Dials, chance: object) -> None:
    draw = np.random.default_rng(len(signal))
    popularity = draw.random(len(signal), dtype=np.float32)
    alike = np.eye(len(signal), dtype=np.float32)
    chosen = choose(signal, alike, k, set_to, popularity, popularity[::-1])
    assert len(chosen) == len(set(chosen)) == min(k, len(signal))
    assert all(0 <= place < len(signal) for place in chosen)


@given(st.integers(2, 12), st.integers(1, 10), st.floats(0, 1))
def test_fairness_keeps_its_promise(size: int, k: int, fairness: float) -> None:
    relevance = np.linspace(1, 0.1, size, dtype=np.float32)
    popularity = np.linspace(1, 0, size, dtype=np.float32)  # the best known are the most relevant
    chosen = choose(relevance, np.eye(size, dtype=np.float32), k, Dials(0.0, fairness=fairness), popularity)
    less_known = sum(popularity[place] <= np.median(popularity) for place in chosen)
    assert less_known >= int(fairness * 0.5 * min(k, size))


@pytest.mark.parametrize("value", [-0.1, 1.1, float("nan")])
def test_a_dial_goes_from_0_to_1(value: float) -> None:
    with pytest.raises(ValueError, match="novelty goes from 0 to 1"):
        Dials(novelty=value)
