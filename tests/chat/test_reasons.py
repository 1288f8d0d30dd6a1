"""Every item in a list has a reason, and every reason is true."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.query import make_query
from chat.reader.numerals import number_of
from chat.reasons import MOST_AGAINST, MOST_FOR, in_words
from chat.reply import Reason, Recommendation
from prompts.dialogue import Feeling, Interest
from retrieval.items import Bounds, Candidate, Facet, Item
from tests.chat.test_taste import about, between
from tests.shelves_for_tests import FILMS, films, item, reasoner, retriever, shelf

REASONER = reasoner("films")


def reasons(id: str, *interests: Interest) -> list[str]:
    """The reasons for a film, "-" before those against it."""
    found = REASONER.reasons(item(films(), id), interests, 1)
    return [f"{'-' if one.against else '+'} {one.fact.facet}: {one.fact.value}" for one in found]


@pytest.mark.parametrize(
    ("id", "interest", "expected"),
    [
        ("heat", about("crime"), ["+ genres: crime"]),
        ("heat", about("CRIME"), ["+ genres: crime"]),
        ("heat", about("Michael Mann", "directors"), ["+ directors: Michael Mann"]),
        ("heat", between(1990, 1999), ["+ year: 1995"]),
        ("heat", between(None, 180, kind="runtime"), ["+ runtime: 170"]),
        ("heat", about("tense", "moods"), ["+ moods: tense"]),
        ("heat", about("dark", "moods", "dislike"), ["- moods: dark"]),
        ("ronin", about("heat", "item"), ["+ cast: Robert De Niro, thriller, tense"]),
        ("heat", about("heat", "item"), []),
        ("heat", about("ronin", "item", "dislike"), []),
        ("heat", about("western"), ["- genres: crime, thriller"]),
        ("heat", about("western", hard=True), []),
        ("heat", about("heat", "item", "seen"), []),
        ("heat", about("nowhere", "no such facet"), []),
        ("paddington", about("a bear from Peru", "text"),
         ["+ text: A bear from Peru finds a home in London."]),
        ("heat", about("a bear from Peru", "text"), []),
    ],
)  # fmt: skip
def test_reasons_of_one_interest(id: str, interest: Interest, expected: list[str]) -> None:
    found = reasons(id, interest)
    if expected and expected[0].startswith("+ cast"):
        assert found[0].startswith("+ cast: Robert De Niro")
    else:
        assert found == expected


def test_what_is_said_of_a_wish_and_of_a_liking() -> None:
    asked, liked = (
        about("crime", hard=True),
        Interest("crime", "genres", "like", 0.5, "crime", 1, value="crime"),
    )
    first = REASONER.reasons(item(films(), "heat"), [asked], 1)[0]
    second = REASONER.reasons(item(films(), "heat"), [liked], 1)[0]
    assert first.text.startswith("You asked for “crime”")
    assert second.text.startswith("You like “crime”")


def test_a_value_of_another_facet_is_not_missed() -> None:
    """A theme of that name is there: "not marked crime" would be wrong."""
    found = reasons("heat", Interest("crime", "moods", "like", 0.8, "crime", 1, value="crime"))
    assert found == []


def test_a_click_is_told_by_title_and_year() -> None:
    clicked = Interest("", "item", "like", 0.8, "", 1, value="heat")
    (reason,) = REASONER.reasons(item(films(), "ronin"), (clicked,), 1)
    assert reason.text.startswith("Like Heat (1995): ")


def test_the_person_s_own_words_stand_in_the_reason() -> None:
    under = Interest(
        "at most 180 min", "runtime", "like", 0.9, "under 3 hours", 1, True, "", Bounds(None, 180)
    )
    assert "under 3 hours" in REASONER.reasons(item(films(), "heat"), [under], 1)[0].text


def test_the_newest_and_strongest_come_first_and_few_are_told() -> None:
    interests = [
        about("crime", turn=1), about("thriller", turn=3), about("tense", "moods", turn=2),
        about("heist", "themes"), about("USA", "countries"), about("English", "languages"),
        about("police", "themes", "dislike"), about("dark", "moods", "dislike"),
    ]  # fmt: skip
    found = REASONER.reasons(item(films(), "heat"), interests, 3)
    assert [one.fact.value for one in found][:2] == ["thriller", "tense"]
    assert sum(not one.against for one in found) <= MOST_FOR
    assert sum(one.against for one in found) <= MOST_AGAINST
    assert [one.against for one in found] == sorted(one.against for one in found)


def test_what_two_films_share() -> None:
    shared = REASONER.shared(item(films(), "ronin"), item(films(), "heat"))
    assert shared[0] == ("cast", "Robert De Niro")
    assert {value for _, value in shared[1:]} <= {"thriller", "heist", "tense"}
    assert REASONER.shared(item(films(), "amelie"), item(films(), "it")) == []


@pytest.mark.parametrize(
    ("facet", "number", "words"),
    [
        (Facet("runtime", "number", "running time", "duration", "min"), 95, "95 min"),
        (Facet("year", "number", "year", "year"), 1974, "from 1974"),
        (Facet("age", "number", "age", "age", "years"), 6, "suitable from age 6"),
        (Facet("age", "number", "age", "age", "years"), 0, "suitable for all ages"),
        (Facet("price", "number", "price", "price"), 49.5, "price 49.5"),
    ],
)
def test_numbers_in_words(facet: Facet, number: float, words: str) -> None:
    assert in_words(facet, number) == words


def test_nothing_said_is_answered_by_what_the_item_is() -> None:
    candidates = [Candidate(one, 1.0, {}) for one in FILMS[:3]]
    found = REASONER.recommendations(candidates, [], 1, "surprise me")
    assert [one.item.id for one in found] == ["heat", "ronin", "solaris-1972"]
    assert all(one.reasons[0].interest.quote == "surprise me" for one in found)
    assert REASONER.recommendations(candidates, [], 1, "") == ()


def test_an_item_that_no_wish_meets_is_left_out() -> None:
    candidates = [Candidate(item(films(), each), 1.0, {}) for each in ("heat", "up")]
    found = REASONER.recommendations(candidates, [about("crime", hard=True)], 1, "")
    assert [one.item.id for one in found] == ["heat"]


# ------------------------------------------------------------------------------------ whatever is liked


def _values(name: str) -> list[tuple[str, str]]:
    catalogue = shelf(name)
    return [(one.name, value) for one in catalogue.facets for value in catalogue.values(one.name)]


VALUES = {name: _values(name) for name in ("films", "shop", "courses")}


@st.composite
def tastes(draw: st.DrawFn) -> tuple[str, tuple[Interest, ...]]:
    """A catalogue and likes and dislikes of what it holds, in each of the ways in which they come."""
    name = draw(st.sampled_from(["films", "shop", "courses"]))
    catalogue = shelf(name)
    numbers = [one.name for one in catalogue.facets if one.kind in ("number", "date")]
    out: list[Interest] = []
    for turn in range(1, draw(st.integers(1, 4)) + 1):
        feeling: Feeling = draw(st.sampled_from(["like", "like", "dislike"]))
        hard = draw(st.booleans())
        kind = draw(st.sampled_from(["value", "value", "item", "number", "text"]))
        if kind == "value":
            facet, value = draw(st.sampled_from(VALUES[name]))
            out.append(Interest(value, facet, feeling, 0.9, value, turn, hard, value))
        elif kind == "item":
            value = draw(st.sampled_from([one.id for one in catalogue.items]))
            out.append(Interest(value, "item", feeling, 0.9, value, turn, False, value))
        elif kind == "number":
            facet = draw(st.sampled_from(numbers))
            edge = draw(st.integers(0, 200))
            bounds = draw(st.sampled_from([Bounds(None, edge), Bounds(edge, None)]))
            out.append(Interest("range", facet, feeling, 0.9, "range", turn, hard, "", bounds))
        else:
            word = draw(st.sampled_from(["laptop", "toys", "chords", "snow", "zeppelin"]))
            out.append(Interest(word, "text", feeling, 0.7, word, turn, False, word))
    return name, tuple(out)


def check_true(name: str, entry: Recommendation, interests: tuple[Interest, ...]) -> None:
    """At least one reason for the item; each from an interest, each a fact of the item."""
    assert any(not reason.against for reason in entry.reasons)
    for reason in entry.reasons:
        assert reason.interest in interests
        assert is_fact(entry.item, reason, name)
        if not reason.against:
            assert reason.interest.feeling == "like"


def is_fact(one: Item, reason: Reason, name: str) -> bool:
    """Whether the item is as the reason says."""
    if reason.fact.facet == "text":
        return reason.fact.value in one.text
    told = {str(value) for facet in shelf(name).facets for value in one.values(facet.name)}
    if reason.fact.value in told:
        numbers = [number_of(value) for value in one.values(reason.fact.facet)]
        bounds = reason.interest.bounds
        return bounds is None or any(number is not None and bounds.holds(number) for number in numbers)
    return set(reason.fact.value.split(", ")) <= told


@settings(max_examples=150, deadline=None)
@given(tastes())
def test_every_recommendation_has_a_true_reason(case: tuple[str, tuple[Interest, ...]]) -> None:
    name, interests = case
    never = frozenset(one.value for one in interests if one.kind == "item")
    found = retriever(name).retrieve(make_query(interests, never, 4))
    now = max(one.turn for one in interests)
    entries = reasoner(name).recommendations(found.candidates, interests, now)
    assert [entry.item.id for entry in entries] == [
        candidate.item.id
        for candidate in found.candidates
        if candidate.item.id in {entry.item.id for entry in entries}
    ]
    for entry in entries:
        check_true(name, entry, interests)
