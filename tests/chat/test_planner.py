"""What a reply has to say."""

from __future__ import annotations

import pytest

from chat.conversation import Turn
from chat.planner import Planner
from chat.reply import Fact, Question, Reason, Recommendation, Reply
from prompts.dialogue import Ambiguity, Interest, Mention, Reading
from retrieval.items import Bounds, Candidate, Constraint, Relaxation, Retrieval
from tests.chat.test_taste import about, between
from tests.shelves_for_tests import (
    NOW,
    context,
    conversation,
    courses,
    films,
    item,
    reader,
    reasoner,
    shelf,
    shop,
)


def planner(name: str = "films") -> Planner:
    """The planner of a catalogue."""
    return Planner(shelf(name), reader(name).vocabulary)


def entry(id: str, interest: Interest | None = None) -> Recommendation:
    """A film with one reason."""
    why = Reason(interest or about("crime", hard=True), Fact("genres", "crime"), "You asked for “crime”")
    return Recommendation(item(films(), id), (why,), 1.0)


def mentions(*ids: str) -> tuple[Mention, ...]:
    """Items that are spoken of."""
    return tuple(Mention(each, each) for each in ids)


# ------------------------------------------------------------------------------------ lists


def test_a_full_list_asks_nothing() -> None:
    found = Retrieval((), 9, ())
    plan = planner().recommend(Reading("request"), [], (entry("heat"),), found, 1, context(films()))
    assert (plan.move, plan.question, plan.unmet, plan.wanted) == ("recommend", None, (), None)
    assert [one.item.id for one in plan.recommendations] == ["heat"]


def test_a_short_list_says_what_it_would_let_go() -> None:
    held = [about("crime", hard=True), between(None, 100, kind="runtime")]
    relaxations = (
        Relaxation(Constraint("runtime", bounds=Bounds(None, 100)), False, 7),
        Relaxation(Constraint("genres", ("crime",)), False, 3),
        Relaxation(Constraint("moods", ("dark",)), True, 2),
    )
    found = Retrieval((), 1, relaxations)
    held.append(about("dark", "moods", "dislike", hard=True))
    plan = planner().recommend(Reading("request"), held, (entry("heat"),), found, 4, context(films()))
    assert plan.question is not None
    assert plan.question.about == "relax"
    assert plan.question.constraints == tuple(one.constraint for one in relaxations)
    assert len(plan.question.options) == 3
    assert [one.matching for one in plan.unmet] == [7, 3, 2]
    assert plan.unmet[2].excluded
    assert plan.unmet[2].words == "no dark"
    assert plan.wanted == 4
    for option, constraint in zip(plan.question.options, plan.question.constraints, strict=True):
        asked = context(films(), question=plan.question, turn=2)
        read = reader("films").read(option, asked)
        assert read.retractions[0].kind == constraint.facet, option


def test_a_condition_is_asked_about_once_and_not_beside_a_choice() -> None:
    held = [about("crime", hard=True), between(None, 100, kind="runtime")]
    found = Retrieval((), 0, (Relaxation(Constraint("genres", ("crime",)), False, 3),))
    first = planner().recommend(Reading("request"), held, (), found, 4, context(films()))
    assert first.question is not None
    assert first.question.about == "relax"
    asked = context(films(), question=first.question, turn=2)
    again = planner().recommend(Reading("request"), held, (), found, 4, asked)
    assert again.question is not None
    assert again.question.about == "open"
    two = planner().recommend(
        Reading("request"), held, (entry("heat"), entry("ronin")), found, 4, context(films())
    )
    assert two.question is None
    assert two.wanted == 4


def test_what_only_lacks_a_reason_is_not_called_nothing() -> None:
    held = [about("crime", hard=True), about("silly", "moods")]
    relaxed = Relaxation(Constraint("genres", ("crime",)), False, 9)
    found = Retrieval((Candidate(item(films(), "heat"), 1.0, {}),), 2, (relaxed,))
    plan = planner().recommend(Reading("request"), held, (), found, 4, context(films()))
    assert plan.question is not None
    assert [(one.constraint.facet, one.constraint.values, one.matching) for one in plan.unmet] == [
        ("moods", ("silly",), 2)
    ]
    asked = context(films(), question=plan.question, taste=held, turn=2)
    read = reader("films").read("yes", asked)
    assert [(one.kind, one.value) for one in read.retractions] == [("moods", "silly")]


def test_what_is_let_go_is_said() -> None:
    held = [about("crime", hard=True)]
    relaxed = Relaxation(Constraint("genres", ("crime",)), False, 3)
    plan = planner().recommend(
        Reading("request"), held, (entry("up"),), Retrieval((), 0, (relaxed,)), 4, context(films())
    )
    plan = planner().loosened(plan, relaxed, held)
    assert [one.quote for one in plan.forgot] == ["crime"]
    assert plan.let_go == (relaxed.constraint,)
    assert (plan.question, plan.unmet, plan.wanted) == (None, (), None)  # and no word that all is met


def test_an_empty_list_is_a_question() -> None:
    plan = planner().recommend(Reading("request"), [], (), Retrieval((), 0, ()), 4, context(films()))
    assert plan.move == "ask"
    assert plan.question is not None
    assert plan.question.about == "open"


@pytest.mark.parametrize("name", ["films", "courses", "shop"])
def test_the_open_question_offers_words_that_are_read(name: str) -> None:
    plan = planner(name).plan(
        "ask", Reading("request"), [], context(shelf(name)), conversation(name), reasoner(name)
    )
    assert plan.question is not None
    assert plan.question.options[-1] == "Surprise me"
    assert 3 <= len(plan.question.options) <= 5
    for option in plan.question.options[:-1]:
        read = reader(name).read(option, context(shelf(name)))
        assert [one.value for one in read.interests] == [option], option
    assert reader(name).read("Surprise me", context(shelf(name))).open


# ------------------------------------------------------------------------------------ items


def test_which_of_two() -> None:
    reading = Reading("inform", ambiguities=(Ambiguity("Solaris", ("solaris-1972", "solaris-2002")),))
    plan = planner().plan("ask", reading, [], context(films()), conversation("films"), reasoner("films"))
    assert plan.question == Question(
        "which", ("Solaris (1972)", "Solaris (2002)"), ("solaris-1972", "solaris-2002"), quote="Solaris"
    )


@pytest.mark.parametrize(
    ("asked", "value", "answers"),
    [
        ("directors", "", (("Michael Mann",),)),
        ("runtime", "", (("170",),)),
        ("moods", "scary", (("tense", "dark"),)),
        ("original_title", "", ((),)),
    ],
)
def test_an_answer_is_what_the_catalogue_holds(
    asked: str, value: str, answers: tuple[tuple[str, ...], ...]
) -> None:
    reading = Reading("question", mentions=mentions("heat"), asked=asked, asked_value=value)
    plan = planner().plan("describe", reading, [], context(films()), conversation("films"), reasoner("films"))
    assert [one.id for one in plan.items] == ["heat"]
    assert (plan.asked, plan.asked_value, plan.answers) == (asked, value, answers)


def test_the_reasons_given_are_the_reasons_explained() -> None:
    reply = Reply("…", "recommend", (entry("heat"), entry("ronin")))
    talk = conversation("films", Turn(1, NOW, "m1", "crime", Reading("request"), reply))
    here = context(films(), shown=("heat", "ronin"), turn=2)
    plan = planner().plan("describe", Reading("explain"), [], here, talk, reasoner("films"))
    assert [one.id for one in plan.items] == ["heat", "ronin"]
    assert plan.reasons == (*entry("heat").reasons, *entry("ronin").reasons)


@pytest.mark.parametrize(
    ("asked", "value", "winner"),
    [
        ("runtime", "low", 1),
        ("runtime", "high", 0),
        ("year", "high", 1),
        ("genres", "crime", 0),
        ("genres", "thriller", None),
        ("genres", "western", None),
        ("", "", None),
    ],
)
def test_who_wins_a_comparison(asked: str, value: str, winner: int | None) -> None:
    reading = Reading("compare", mentions=mentions("heat", "ronin"), asked=asked, asked_value=value)
    plan = planner().plan("compare", reading, [], context(films()), conversation("films"), reasoner("films"))
    assert [one.id for one in plan.items] == ["heat", "ronin"]
    assert plan.winner == winner
    lengths = next(one for one in plan.comparisons if one.facet == "runtime")
    assert lengths.values == ("170", "122")


def test_a_draw_has_no_winner() -> None:
    reading = Reading("compare", mentions=mentions("heat", "toy-story"), asked="year", asked_value="low")
    plan = planner().plan("compare", reading, [], context(films()), conversation("films"), reasoner("films"))
    assert plan.winner is None


@pytest.mark.parametrize(
    ("reading", "shown", "focus", "meant"),
    [
        (Reading("describe", mentions=mentions("up")), "heat ronin", "ronin", ["up"]),
        (Reading("question"), "heat ronin", "ronin", ["ronin"]),
        (Reading("question"), "heat ronin", "", ["heat"]),
        (Reading("explain"), "heat ronin", "", ["heat", "ronin"]),
        (Reading("compare"), "heat ronin", "", ["heat", "ronin"]),
        (Reading("compare", mentions=mentions("up")), "heat ronin", "ronin", ["up", "ronin"]),
        (Reading("feedback"), "heat ronin", "", []),
        (Reading("describe", unknown=("Barbarella",)), "heat", "", []),
        (Reading("question"), "", "", []),
    ],
)
def test_what_a_message_is_about(reading: Reading, shown: str, focus: str, meant: list[str]) -> None:
    here = context(films(), shown=shown.split(), focus=focus.split())
    assert [one.id for one in planner().items_meant(reading, here)] == meant


def test_taste_is_told_with_names() -> None:
    clicked = Interest("", "item", "like", 0.9, "", 1, value="heat")
    plan = planner().plan(
        "converse", Reading("taste"), [clicked], context(films()), conversation("films"), reasoner("films")
    )
    assert [one.subject for one in plan.profile] == ["Heat (1995)"]
    assert (
        planner("shop").named(Interest("", "item", "like", 0.9, "", 1, value="solo")).subject == "Solo Tent"
    )
    assert planner().named(Interest("", "item", "like", 0.9, "", 1, value="gone")).subject == "gone"


# ------------------------------------------------------------------------------------ quick replies


@pytest.mark.parametrize(
    ("name", "id", "shorter"),
    [
        ("films", "heat", "Something shorter"),
        ("shop", "solo", "Something cheaper"),
        ("courses", "oil", "Something shorter"),
    ],
)
def test_quick_replies_are_read_as_they_are_meant(name: str, id: str, shorter: str) -> None:
    catalogue = {"films": films(), "shop": shop(), "courses": courses()}[name]
    first = item(catalogue, id)
    why = Reason(about("x"), Fact("x", "x"), "x")
    plan = planner(name).recommend(
        Reading("request"),
        [],
        (Recommendation(first, (why,), 1.0),),
        Retrieval((), 9, ()),
        1,
        context(catalogue),
    )
    replies = planner(name).quick_replies(plan)
    assert replies == (f"More like {first.title}", "Something else", shorter, "Why these?")
    here = context(catalogue, shown=(id,), focus=(id,), turn=2)
    more, other, less, why_these = (reader(name).read(one, here) for one in replies)
    assert [one.value for one in more.interests if one.feeling == "like"] == [id]
    assert other.act == "request"
    assert other.fresh
    assert [one.bounds for one in less.interests if one.bounds]
    assert why_these.act == "explain"
