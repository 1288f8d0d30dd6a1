"""From taste to query."""

from __future__ import annotations

import pytest
from hypothesis import given

from chat.conversation import Turn
from chat.query import TEXT_LIKES, interests_behind, make_query, wanted_in_words
from chat.taste import faded, profile_of
from prompts.dialogue import Interest
from retrieval.items import Bounds, Constraint, Wish
from tests.chat.test_taste import about, between, turn_lists


def alternatives(*values: str, kind: str = "genres") -> list[Interest]:
    """Hard likes of one group."""
    return [Interest(one, kind, "like", 0.9, one, 1, True, one, None, "1.1") for one in values]


def test_conditions_and_leanings() -> None:
    query = make_query(
        [
            about("western", hard=True),
            about("horror", feeling="dislike", hard=True),
            about("funny", "moods"),
            about("sad", "moods", "dislike"),
            about("heat", "item"),
            about("ronin", "item", "seen"),
            between(None, 120, kind="runtime"),
        ],
        frozenset({"heat", "ronin"}),
        4,
    )
    assert query.musts == (
        Constraint("genres", ("western",)),
        Constraint("runtime", bounds=Bounds(None, 120)),
    )
    assert query.must_nots == (Constraint("genres", ("horror",)),)
    assert query.likes == (Wish("moods", "funny", weight=0.9), Wish("item", "heat", weight=0.9))
    assert query.dislikes == (Wish("moods", "sad", weight=0.9),)
    assert query.seen == {"heat", "ronin"}
    assert query.k == 4


def test_alternatives_make_one_condition() -> None:
    query = make_query(alternatives("comedy", "western"), frozenset(), 4)
    assert query.musts == (Constraint("genres", ("comedy", "western")),)


def test_alternative_ranges_make_one_range() -> None:
    forties = Interest("1940s", "year", "like", 0.9, "q", 1, True, "", Bounds(1940, 1949), "1.1")
    fifties = Interest("1950s", "year", "like", 0.9, "q", 1, True, "", Bounds(1950, 1959), "1.1")
    query = make_query([forties, fifties], frozenset(), 4)
    assert query.musts == (Constraint("year", bounds=Bounds(1940, 1959)),)
    assert interests_behind(query.musts[0], [forties, fifties], False) == [forties, fifties]


def test_what_is_wanted_in_words() -> None:
    said = [about("old wish", "text", turn=1), about("lighthouse", "text", turn=3), about("western", turn=3)]
    assert wanted_in_words([*said, about("heat", "item"), between(1990, None)]) == (
        "lighthouse, western, old wish"
    )
    assert wanted_in_words([about("x", feeling="dislike"), about("y", "item", "seen")]) == ""
    many = [about(f"w{n}", "text", turn=n) for n in range(1, 20)]
    assert len(wanted_in_words(many).split(", ")) == TEXT_LIKES


def test_the_interests_behind_a_condition() -> None:
    held = [
        about("western", hard=True),
        about("western", "themes", hard=True),
        about("horror", feeling="dislike", hard=True),
        about("western"),
        between(None, 1990),
    ]
    assert interests_behind(Constraint("genres", ("Western",)), held, False) == held[:1]
    assert interests_behind(Constraint("genres", ("horror",)), held, True) == held[2:3]
    assert interests_behind(Constraint("genres", ("horror",)), held, False) == []
    assert interests_behind(Constraint("year", bounds=Bounds(None, 1990)), held, False) == held[4:]


@given(turn_lists())
def test_nothing_is_asked_for_and_ruled_out_at_once(turns: tuple[Turn, ...]) -> None:
    profile = profile_of(turns)
    now = max((turn.number for turn in turns), default=1)
    query = make_query(faded(profile, now), profile.excluded, 4)
    musts = {(one.facet, value) for one in query.musts for value in one.values}
    must_nots = {(one.facet, value) for one in query.must_nots for value in one.values}
    assert not musts & must_nots
    ranges = {(one.facet, one.bounds) for one in query.musts if one.bounds}
    assert not ranges & {(one.facet, one.bounds) for one in query.must_nots if one.bounds}


@given(turn_lists())
def test_every_hard_interest_is_a_condition_and_every_other_a_leaning(turns: tuple[Turn, ...]) -> None:
    profile = profile_of(turns)
    query = make_query(profile.interests, profile.excluded, 4)
    hard = [one for one in profile.interests if one.hard and one.feeling != "seen"]
    for constraint, excluded in [(one, False) for one in query.musts] + [
        (one, True) for one in query.must_nots
    ]:
        assert interests_behind(constraint, hard, excluded)
    soft = [one for one in profile.interests if not one.hard and one.feeling != "seen"]
    assert len(query.likes) + len(query.dislikes) == len(soft)
    assert all(0 < wish.weight <= 1 for wish in (*query.likes, *query.dislikes))
    assert make_query(profile.interests, profile.excluded, 4) == query


@pytest.mark.xfail(strict=True, reason="“the 40s or the 60s” lets the 50s in, and no reply says so")
def test_ranges_apart_stay_apart() -> None:
    forties = Interest("1940s", "year", "like", 0.9, "q", 1, True, "", Bounds(1940, 1949), "1.1")
    sixties = Interest("1960s", "year", "like", 0.9, "q", 1, True, "", Bounds(1960, 1969), "1.1")
    query = make_query([forties, sixties], frozenset(), 4)
    assert not any(one.bounds and one.bounds.holds(1955) for one in query.musts)
