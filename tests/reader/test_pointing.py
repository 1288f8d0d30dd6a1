"""Words that point at items on the table."""

from __future__ import annotations

import pytest

from chat.reader.elements import Thing, people_things, quantity_things, value_things
from chat.reader.pointing import fits, options, pointed_things
from chat.reader.scales import plain_scale, scale_of
from retrieval.items import Bounds
from tests.shelves_for_tests import context, films, item, reader, shelf

SHOWN = {"films": ("heat", "ronin", "up", "amelie"), "shop": ("fjord", "breeze", "puddle"),
         "courses": ("py-first", "draw", "oil", "sheets")}  # fmt: skip


def pointed(
    said: str, catalogue: str = "films", focus: str = "", shown: tuple[str, ...] | None = None
) -> str:
    """What the message points at: ids of each phrase, phrases parted by "|"."""
    reads = reader(catalogue)
    tokens = reads.found.tokens(said)
    things = [
        *quantity_things(tokens, reads.quantities),
        *people_things(tokens, reads.vocabulary),
        *value_things(tokens, reads.vocabulary),
    ]
    table = SHOWN[catalogue] if shown is None else shown
    here = context(shelf(catalogue), shown=table, focus=focus.split())
    found = pointed_things(tokens, here, things, reads.vocabulary, ())
    return " | ".join(" ".join(thing.values) for thing in found)


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("the first", "heat"),
        ("the second one", "ronin"),
        ("the third film", "up"),
        ("the 3rd one", "up"),
        ("the last one", "amelie"),
        ("number two", "ronin"),
        ("#3", "up"),
        ("option 1", "heat"),
        ("the first two", "heat ronin"),
        ("the last two", "up amelie"),
        ("the first and the third", "heat | up"),
        ("tell me about the second", "ronin"),
        ("tell me about the 2nd", "ronin"),
        ("is the second suitable for kids?", "ronin"),
        ("is the third scary?", "up"),
        ("I've seen the first one", "heat"),
        ("the French one", "amelie"),
        ("the 1998 one", "ronin"),
        ("the one with Jean Reno", "ronin"),
        ("the one by Michael Mann", "heat"),
        ("the newest one", "up"),
        ("the oldest one", "heat"),
        ("the shortest", "up"),
        ("the longer one", "heat"),
        ("all of them", "heat ronin up amelie"),
        ("those", "heat ronin up amelie"),
    ],
)
def test_pointing_at_a_list(said: str, ids: str) -> None:
    assert pointed(said) == ids


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("is it scary?", "up"),
        ("that looks great", "up"),
        ("more like that", "up"),
        ("I loved it", "up"),
        ("this one", "up"),
        ("the others", "heat ronin amelie"),
        ("the second one", "ronin"),
    ],
)
def test_what_was_last_spoken_of_comes_first(said: str, ids: str) -> None:
    assert pointed(said, focus="up") == ids


@pytest.mark.parametrize(
    "said",
    [
        "a film that makes me laugh",
        "last night I watched something",
        "the fifth one",
        "one of the best",
        "it has to be short",
        "keep it short",
        "the American one",
        "the one with Tom Hanks",
    ],
)
def test_words_that_only_look_like_it(said: str) -> None:
    assert pointed(said) == ""


@pytest.mark.parametrize("said", ["the first", "it", "that one", "both", "those", "the newest one"])
def test_nothing_to_point_at(said: str) -> None:
    assert pointed(said, shown=()) == ""


@pytest.mark.parametrize(
    ("catalogue", "said", "ids"),
    [
        ("shop", "the blue one", "fjord"),
        ("shop", "the cheapest", "puddle"),
        ("shop", "the red one looks good", "breeze"),
        ("shop", "the Norrvik one", "fjord"),
        ("shop", "is the second waterproof?", "breeze"),
        ("courses", "the advanced one", "oil"),
        ("courses", "the one by Yuki Tanabe", "draw"),
    ],
)
def test_other_catalogues(catalogue: str, said: str, ids: str) -> None:
    assert pointed(said, catalogue) == ids


KNOWN_GAPS = [
    ("a range hides the item at the end of the scale", "shop", "the cheapest one", "puddle"),
    ("a range hides the item at the end of the scale", "courses", "the shortest one", "sheets"),
    ("an ordinal that belongs to a name", "films", "something about the second world war", ""),
    ("an ordinal that belongs to a name", "films", "first love", ""),
    ("four on the table are not “both”: nobody likes all four by it", "films", "both look good", ""),
]


@pytest.mark.parametrize(
    ("catalogue", "said", "ids"),
    [
        pytest.param(*row, id=row[1], marks=pytest.mark.xfail(strict=True, reason=reason))
        for reason, *row in KNOWN_GAPS
    ],
)
def test_known_gaps(catalogue: str, said: str, ids: str) -> None:
    assert pointed(said, catalogue) == ids


@pytest.mark.parametrize(
    ("word", "scale"),
    [
        ("shorter", ("duration", "low")),
        ("longest", ("duration", "high")),
        ("cheaper", ("price", "low")),
        ("cheapest", ("price", "low")),
        ("newer", ("year", "high")),
        ("newest", ("year", "high")),
        ("older", ("year", "low")),
        ("lighter", ("quantity", "low")),
        ("heavier", ("quantity", "high")),
        ("short", None),
        ("water", None),
        ("never", None),
        ("funnier", None),
    ],
)
def test_scales(word: str, scale: tuple[str, str] | None) -> None:
    assert scale_of(word) == scale


def test_plain_scales() -> None:
    assert plain_scale("recent") == ("year", "high")
    assert plain_scale("cheap") == ("price", "low")
    assert plain_scale("banana") is None


def test_fitting() -> None:
    heat = item(films(), "heat")
    assert fits(heat, Thing(0, 1, "genres", ("crime",)))
    assert not fits(heat, Thing(0, 1, "genres", ("western",)))
    assert not fits(heat, Thing(0, 1, "languages", ("English",), inverse=True))
    assert fits(item(films(), "amelie"), Thing(0, 1, "languages", ("English",), inverse=True))
    assert fits(heat, Thing(0, 1, "year", bounds=Bounds(1990, 1999)))
    assert not fits(heat, Thing(0, 1, "runtime", bounds=Bounds(None, 120)))


def test_the_table_is_the_list_or_what_was_spoken_of() -> None:
    assert [one.id for one in options(context(films(), shown=("heat",), focus=("up",)))] == ["heat"]
    assert [one.id for one in options(context(films(), focus=("up",)))] == ["up"]
