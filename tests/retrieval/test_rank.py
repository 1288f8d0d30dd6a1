"""Fusion, likeness and variety on cases whose answer is plain."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from retrieval import rank
from retrieval.filters import FacetTable
from retrieval.items import Bounds, Facet, Wish
from tests.retrieval.shelf import FACETS, SPACE, thing

TABLE = FacetTable(SPACE, FACETS)
BY_ID = {item.id: row for row, item in enumerate(SPACE)}
scores = arrays(np.float32, st.integers(1, 12), elements=st.floats(0, 50, width=32))


def test_a_rare_trait_outweighs_a_common_one() -> None:
    found = rank.traits(TABLE, [Wish("genres", "science fiction"), Wish("genres", "family")])
    assert found[BY_ID["robot"]] == pytest.approx(1)
    rare = rank.traits(TABLE, [Wish("genres", "comedy"), Wish("genres", "science fiction")])
    assert rare[BY_ID["cake"]] > rare[BY_ID["star"]] > 0  # two comedies, three of science fiction


def test_a_weaker_wish_counts_less() -> None:
    found = rank.traits(TABLE, [Wish("genres", "comedy", weight=0.2), Wish("genres", "romance")])
    assert found[BY_ID["amelie"]] > found[BY_ID["bread"]] > 0


def test_nearer_numbers_are_closer_and_unknown_ones_are_not() -> None:
    found = rank.closeness(TABLE, [Wish("minutes", bounds=Bounds(80, 90))])
    order = [found[BY_ID[id]] for id in ("robot", "robot2", "cake", "star", "bread")]  # noqa: A001
    assert order == sorted(order, reverse=True)
    assert order[0] == 1
    assert order[-1] == 0


def test_an_open_end_reaches_on() -> None:
    found = rank.closeness(TABLE, [Wish("year", bounds=Bounds(2001, None))])
    assert found[BY_ID["bread"]] == 1 > found[BY_ID["star"]] > found[BY_ID["gold"]]


def test_who_shares_more_is_more_alike() -> None:
    found = rank.shared(TABLE, SPACE[BY_ID["robot"]])
    assert found[BY_ID["robot2"]] > found[BY_ID["star"]] > found[BY_ID["gold"]]
    assert int(np.argmax(found)) == BY_ID["robot"]


def test_tastes_with_two_ends_keep_both() -> None:
    one, two = np.array([1, 0, 0.4, 0], dtype=np.float32), np.array([0, 1, 0.4, 0], dtype=np.float32)
    found = rank.together([one, two], [1, 1])
    assert found[0] == found[1] > found[2] > found[3]  # not only what lies between them


def test_no_prior_where_the_catalogue_says_nothing() -> None:
    assert rank.prior(TABLE) is None


def test_the_prior_is_a_percentile() -> None:
    facets = (Facet("stars", "number", "stars", role="rating"),)
    items = [thing(str(place), str(place), stars=stars) for place, stars in enumerate((5, 1, 3))]
    found = rank.prior(FacetTable([*items, thing("x", "x")], facets))
    assert found is not None
    assert found[0] > found[2] > found[1] > found[3] == 0


def test_the_parts_add_up_to_the_score() -> None:
    signals = {name: np.array([0.5, 1.0], dtype=np.float32) for name in ("meaning", "traits", "avoided")}
    score, parts = rank.fuse(signals, rank.Weights())
    assert np.allclose(score, sum(parts.values()))
    assert (parts["avoided"] < 0).all()
    without, _ = rank.fuse({name: signals[name] for name in ("meaning", "traits")}, rank.Weights())
    assert without == pytest.approx([0.5, 1.0])  # a score means the same whichever signals spoke


def test_a_question_that_nothing_fits_gets_no_loud_answer() -> None:
    weak = rank.meaning(np.array([0.21, 0.2, 0.2], dtype=np.float32), usual=0.2, deviation=0.1)
    strong = rank.meaning(np.array([0.8, 0.2, 0.2], dtype=np.float32), usual=0.2, deviation=0.1)
    assert weak.max() < 0.1 < 0.85 < strong.max()
    assert rank.words(np.array([1.0], dtype=np.float32), reach=40)[0] < 0.1


@given(scores, st.floats(0.125, 20, width=32))
def test_capping_keeps_order_and_range(signal: rank.Array, full: float) -> None:
    found = rank.capped(signal, full)
    assert ((found >= 0) & (found < 1)).all()
    by_signal, by_found = np.argsort(signal, kind="stable"), found[np.argsort(signal, kind="stable")]
    assert (np.diff(by_found) >= 0).all()
    assert len(by_signal) == len(found)


def test_what_ties_does_not_go_by_the_catalogues_order() -> None:
    same, chance = np.ones(3, dtype=np.float32), np.array([0.9, 0.1, 0.5], dtype=np.float32)
    assert rank.order(same, chance).tolist() == [1, 2, 0]
    assert rank.order(np.array([1, 2, 3], dtype=np.float32), chance).tolist() == [2, 1, 0]


@pytest.mark.parametrize(
    ("one", "two", "same"),
    [
        ("Toy Story", "Toy Story 2", True),
        ("The Godfather", "The Godfather Part II", True),
        ("Blade: Trinity", "Blade", True),
        ("Dune (1984)", "Dune", True),
        ("Harry Potter and the Goblet of Fire", "Harry Potter and the Half-Blood Prince", True),
        ("Black Swan", "Black Panther", False),
        ("Heat", "In the Heat of the Night", False),
        ("1917", "2001", False),
        ("X", "Y", False),
        ("", "Something", False),
    ],
)
def test_titles_of_one_series(one: str, two: str, same: bool) -> None:
    pair = [thing("1", one), thing("2", two)]
    apart = np.eye(2, dtype=np.float32)
    alike = rank.alikeness(pair, apart, 0, FacetTable(pair, ()))
    assert bool(alike[0, 1] > 0) is same


def test_one_maker_in_common_is_alike_a_shared_cast_is_not() -> None:
    facets = (*FACETS, Facet("cast", "people", "actor", many=True))
    cast = ("A B", "C D", "E F")
    trio = [
        thing("1", "One", directors=("Ada North",)),
        thing("2", "Two", directors=("ada north",), cast=cast),
        thing("3", "Three", directors=("Ben South",), cast=cast),
    ]
    alike = rank.alikeness(trio, np.eye(3, dtype=np.float32), 0, FacetTable(trio, facets))
    assert alike[0, 1] > 0
    assert alike[1, 2] == alike[0, 2] == 0
