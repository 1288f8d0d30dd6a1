"""Simulated people: their taste is the catalogue's, their target fits it, and what they say is true."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evaluation.simulate.aspects import Aspects
from evaluation.simulate.complaints import complaints, true_of
from evaluation.simulate.leaks import everyday, leaked
from evaluation.simulate.user import Taste, draw_person, rounded
from evaluation.simulate.wants import TEXT, Want
from retrieval.items import Bounds
from tests.evaluation.simulate.kiosk import BY_ID, FACETS, KITES

ASPECTS = Aspects.of(KITES, FACETS)
SEEDS = st.integers(0, 2_000)


@given(seed=SEEDS, number=st.integers(0, 30))
def test_the_target_is_acceptable_and_the_taste_is_of_the_catalogue(seed: int, number: int) -> None:
    person = draw_person(ASPECTS, number, seed)
    assert person == draw_person(ASPECTS, number, seed)
    assert person.acceptable(person.target, person.taste, person.target)
    assert not person.taste.broken(person.target)
    for want in (*person.taste.wants, *person.taste.quiet):
        assert want.facet == TEXT or want.facet in ASPECTS.facets
        if want.feeling == "dislike":
            assert not want.holds(person.target)


@given(seed=SEEDS)
def test_a_changed_mind_really_wants_something_else(seed: int) -> None:
    person = draw_person(ASPECTS, 3, seed)
    assert person.temper.changes
    if person.change is None:
        return
    assert person.change.old in person.taste.wants
    assert person.change.old not in person.change.taste.wants
    for target in person.change.targets:
        assert target.id != person.target.id
        assert not person.change.taste.broken(target)
        if person.change.old.feeling == "like":
            assert not person.change.old.holds(target)


@given(
    seed=SEEDS,
    number=st.integers(0, 30),
    shown=st.lists(st.sampled_from(KITES), min_size=1, max_size=5, unique_by=lambda item: item.id),
)
def test_a_complaint_is_true_of_what_it_is_about(seed: int, number: int, shown: list) -> None:  # type: ignore[type-arg]
    person = draw_person(ASPECTS, number, seed)
    for complaint in complaints(ASPECTS, person.taste, person.taste.wants, shown, random.Random(seed)):
        assert complaint.item_ids
        assert set(complaint.item_ids) <= {item.id for item in shown}
        assert all(true_of(ASPECTS, complaint, BY_ID[key]) for key in complaint.item_ids)


def test_complaints_by_hand() -> None:
    taste = Taste(
        (Want("price", bounds=Bounds(high=50)), Want("colour", "red", feeling="dislike", hard=True))
    )
    shown = (BY_ID["tarantas"], BY_ID["umbrage"])  # red for 80, blue for 90
    found = {one.how: one for one in complaints(ASPECTS, taste, (), shown, random.Random(0))}
    assert found["high"].item_ids == ("tarantas", "umbrage")
    assert found["high"].want.breaks(BY_ID["tarantas"])  # as dear as the cheapest of them is still too dear
    assert not found["high"].want.breaks(BY_ID["lumbago"])
    assert found["ban"].item_ids == ("tarantas",)
    assert found["ban"].want.hard


@settings(max_examples=200)
@given(
    place=st.integers(0, len(KITES) - 1),
    facet=st.sampled_from(["price", "year"]),
    end=st.sampled_from(["low", "high", "both"]),
    seed=SEEDS,
)
def test_a_limit_holds_what_it_was_made_for(place: int, facet: str, end: str, seed: int) -> None:
    value = ASPECTS.number(KITES[place], facet)
    assert value is not None
    known = ASPECTS.numbers[facet]
    bounds = rounded(value, end, known, random.Random(seed), years=facet == "year")  # type: ignore[arg-type]
    assert bounds.holds(value)


def test_wants_are_judged_by_the_facts() -> None:
    quibble = BY_ID["quibble"]
    assert Want("colour", "Red").holds(quibble)
    assert Want(TEXT, "dragons").holds(quibble)
    assert Want("price", bounds=Bounds(high=20)).holds(quibble)
    assert Want("weight", bounds=Bounds(high=20)).holds(quibble) is None
    assert not Want("weight", bounds=Bounds(high=20), hard=True).breaks(quibble)
    assert Want("kinds", "stunt", feeling="dislike").breaks(quibble)


def test_values_that_say_nothing_are_no_wishes() -> None:
    twice = Aspects.of((*KITES[:4],), FACETS)
    assert "Ben Ruck" not in twice.values.get("maker", {})  # one kite of four: it would name it
    assert "Ada Holm" not in twice.values.get("maker", {})  # three of four: it says nothing
    assert "dragon" in ASPECTS.nouns["quibble"]
    assert not any("kite" in nouns for nouns in ASPECTS.nouns.values())


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("have you got Quibble?", True),
        ("something like the QUIBBLE!", True),
        ("quibbles are fine", False),
        ("a red one", False),
    ],
)
def test_a_leak_is_found(text: str, named: bool) -> None:
    assert bool(leaked(text, ["The Quibble"])) is named


def test_titles_that_anyone_may_say_are_no_targets() -> None:
    words = frozenset({"something", "else", "it"})
    assert everyday("It", words, frozenset())
    assert everyday("Something Else", words, frozenset())
    assert everyday("Red", words, frozenset({" red "}))
    assert not everyday("Quibble", words, frozenset())
