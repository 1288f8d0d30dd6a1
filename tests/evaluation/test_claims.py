"""The checker of claims, on a shelf of four films whose facts are plain."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from chat.reply import Fact, Reason
from evaluation.claims import Claims, Spoken
from evaluation.faithful import fault, fits, true_counts
from evaluation.mentions import Gazetteer, stem
from evaluation.planting import planted_is_found
from prompts.dialogue import Interest
from retrieval.items import Bounds, Facet, FactValue, Item

FACETS = (
    Facet("year", "number", "year", role="year"),
    Facet("runtime", "number", "running time", role="duration", unit="min"),
    Facet("directors", "people", "director", many=True),
    Facet("cast", "people", "actor", many=True),
    Facet("genres", "category", "genre", many=True, aliases={"sci-fi": "science fiction"}),
    Facet("moods", "category", "mood", many=True),
)


def film(id: str, title: str, text: str, **facts: FactValue) -> Item:
    return Item(id, title, facts, text)


HARBOUR = film(
    "harbour", "Harbour Lights", "A keeper counts ships. Nobody comes.",
    year=1994, runtime=112, directors=("Ann Lee",), cast=("Bo Ray",), genres=("drama",), moods=("quiet",),
)  # fmt: skip
ROBOT = film(
    "robot", "The Tin Heart", "A robot learns to cook.",
    year=2011, runtime=95, directors=("Bo Ray",), cast=("Cy Fox",), genres=("science fiction", "comedy"),
    moods=("funny",),
)  # fmt: skip
OTHER = film(
    "other", "Night Train", "Two strangers share a cabin.",
    year=1951, runtime=101, directors=("Cy Fox",), cast=("Ann Lee",), genres=("thriller",), moods=("tense",),
)  # fmt: skip
IT = film("it", "It", "A clown.", year=2017, runtime=135, genres=("horror",), moods=("scary",))
TWIN = film("twin", "Twin", "", year=1994, cast=("Bo Ray",), moods=("quiet",))
CLAIMS = Claims(FACETS, (HARBOUR, ROBOT, OTHER, IT), ("film", "films"))


def found(
    text: str,
    *own: Item,
    said: tuple[str, ...] = (),
    taste: tuple[Interest, ...] = (),
    counts: set[int] | None = None,
) -> list[str]:
    spoken = Spoken(text, own or (HARBOUR, ROBOT), frozenset(), said, taste, frozenset(counts or ()))
    return [f"{one.kind}: {one.found}" for one in CLAIMS.problems(spoken)]


@pytest.mark.parametrize(
    "text",
    [
        "Harbour Lights (1994) is quiet, directed by Ann Lee, with Bo Ray. The Tin Heart (2011) is funny.",
        "Harbour Lights (1994) runs 112 minutes: “A keeper counts ships.” The Tin Heart (2011), a comedy.",
        "The Tin Heart (2011) is the shortest of the two at 95 minutes, a sci-fi comedy from the 2010s.",
        "The Tin Heart (2011) isn't listed as quiet.",
        "Harbour Lights (1994) runs 1 h 52, which is just under two hours.",
        "Harbour Lights (1994), 112 minutes, against 95 for The Tin Heart (2011).",
    ],
)
def test_what_the_facts_bear_out_passes(text: str) -> None:
    assert not found(text)


def test_examples_of_what_to_ask_for_are_no_claims() -> None:
    assert not CLAIMS.problems(Spoken("You could say a tense thriller, to start with.", (), frozenset(), ()))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Harbour Lights (1994) is funny.", "value: funny"),
        ("Harbour Lights (1994) is quiet. The Tin Heart (2011) is quiet.", "value: quiet"),
        ("Harbour Lights (1994) and The Tin Heart (2011) are quiet.", "value: quiet"),
        ("Harbour Lights (1994) is directed by Bo Ray.", "person: Bo Ray"),
        ("Harbour Lights (1994) runs 95 minutes.", "number: 95"),
        ("Harbour Lights (2011) is quiet.", "number: 2011"),
        ("Harbour Lights (1994), as good as Night Train (1951).", "title: Night Train (1951)"),
        ("Harbour Lights (1994) is the shortest of the two.", "extreme: the shortest"),
        ("The Tin Heart (2011) is the newest of the three.", "extreme: the newest"),
        ("The Tin Heart (2011): “A robot learns to dance.”", "quotation: A robot learns to dance."),
        ("The Tin Heart (2011) isn't listed as funny.", "denial: funny"),
        ("The Tin Heart (2011) was praised by Jon Feather.", "name: Jon Feather"),
        ("There are 12 more if it needn't be quiet.", "number: 12"),
    ],
)
def test_what_no_fact_bears_out_is_found(text: str, problem: str) -> None:
    assert problem in found(text, said=("something quiet",))


def test_before_a_name_the_persons_own_words_may_stand() -> None:
    said = ("a tense film of at most 100 minutes by Cy Fox",)
    assert not found(
        "Among tense films of at most 100 minutes by Cy Fox, I'd start with The Tin Heart (2011).", said=said
    )
    assert found("I'd start with The Tin Heart (2011), which is tense.", said=said) == ["value: tense"]


def test_a_true_count_passes() -> None:
    assert not found("There are 12 more if it needn't be quiet.", said=("quiet",), counts={12})


def test_ordinals_point_at_the_items() -> None:
    assert not found("The first is quiet; the second is funny.")
    assert found("The first is funny.") == ["value: funny"]


def test_words_that_are_titles_too_are_left_alone() -> None:
    assert not found("Harbour Lights (1994) is quiet. It runs 112 minutes.", HARBOUR)
    assert found("Try It (2017).", HARBOUR) == ["title: It (2017)"]


def test_a_title_may_hold_any_signs() -> None:
    odd = film("odd", "Stop! Where, Inc.", "", year=2001)
    names = Gazetteer(FACETS, (odd,))
    (span,) = [one for one in names.spans("See Stop! Where, Inc. (2001) tonight.") if one.kind == "title"]
    assert (span.text, span.number) == ("Stop! Where, Inc. (2001)", 2001)


def test_plurals_are_one_word() -> None:
    assert stem("comedies") == stem("comedy")
    assert stem("glass") == "glass"


def test_most_planted_falsehoods_are_found() -> None:
    text = "Harbour Lights (1994) is quiet, directed by Ann Lee. The Tin Heart (2011) is funny, with Cy Fox."
    spoken = Spoken(text, (HARBOUR, ROBOT), frozenset(), ("hello",))
    claims = Claims(FACETS, (HARBOUR, ROBOT, OTHER), ("film", "films"))
    answers = [planted_is_found(claims, spoken, str(seed)) for seed in range(30)]
    assert answers.count(True) >= 0.9 * len([one for one in answers if one is not None]) > 0


# --- reasons ----------------------------------------------------------------------------------------------

MOOD = Interest("quiet", "moods", "like", 0.8, "something quiet", 1, value="quiet")
UNSAID = Interest("tense", "moods", "like", 1, "tense", 1, value="tense")
LATER = Interest("quiet", "moods", "like", 1, "quiet", 2, value="quiet")
CLICK = Interest("", "item", "like", 0.8, "", 1, value="twin")


def faulty(reason: Reason, item: Item = HARBOUR, clicked: Mapping[str, str] | None = None) -> str:
    shelf = {one.id: one for one in (HARBOUR, ROBOT, OTHER, TWIN)}
    return fault(
        reason, item, said=("I'd like something quiet",), clicked=clicked or {},
        facets={facet.name: facet for facet in FACETS}, get=shelf.get,
    )  # fmt: skip


def test_a_true_reason_has_no_fault() -> None:
    assert not faulty(Reason(MOOD, Fact("moods", "quiet"), ""))
    assert not faulty(Reason(MOOD, Fact("text", "A keeper counts … Nobody comes"), ""))
    assert not faulty(Reason(CLICK, Fact("cast", "Bo Ray, quiet"), ""), HARBOUR, {"twin": "like"})


@pytest.mark.parametrize(
    ("reason", "item", "why"),
    [
        (Reason(MOOD, Fact("moods", "quiet"), ""), ROBOT, "is not"),
        (Reason(MOOD, Fact("moods", "funny"), ""), ROBOT, "missing"),
        (Reason(MOOD, Fact("text", "A robot learns"), ""), HARBOUR, "its text has no"),
        (Reason(UNSAID, Fact("moods", "tense"), ""), OTHER, "not in message 1"),
        (Reason(LATER, Fact("moods", "quiet"), ""), HARBOUR, "no message 2"),
        (Reason(CLICK, Fact("cast", "Bo Ray"), ""), HARBOUR, "nobody said or clicked"),
        (Reason(MOOD, Fact("colour", "red"), ""), HARBOUR, "no facet"),
        (Reason(MOOD, Fact("moods", "quiet"), "", against=True), HARBOUR, "there"),
    ],
)  # fmt: skip
def test_a_reason_that_is_not_true_is_found(reason: Reason, item: Item, why: str) -> None:
    assert why in faulty(reason, item)


def test_numbers_lie_within_what_was_asked_for() -> None:
    short = Interest("short", "runtime", "like", 1, "quiet", 1, bounds=Bounds(high=100))
    assert "outside" in faulty(Reason(short, Fact("runtime", "112"), ""))
    assert not faulty(Reason(short, Fact("runtime", "95"), ""), ROBOT)


def test_counting_what_fits() -> None:
    facets = {facet.name: facet for facet in FACETS}
    quiet = Interest("quiet", "moods", "like", 1, "quiet", 1, hard=True, value="quiet")
    no_horror = Interest("horror", "genres", "dislike", 1, "no horror", 1, hard=True, value="horror")
    shelf = (HARBOUR, ROBOT, OTHER, IT)
    assert [item.id for item in shelf if fits(item, (quiet, no_horror), facets)] == ["harbour"]
    counts = true_counts(shelf, (quiet, no_horror), facets, ({"robot"},))
    assert counts == {1, 3, 4, 2}  # both; not quiet; nothing; not quiet and without the robot
