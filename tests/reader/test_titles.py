"""Items by their names: whole, in part, misspelt, in any case, and names that are ordinary words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.reader.titles import CERTAIN, find_titles, key_of, overlap, strength
from chat.reader.tokens import words_of
from chat.reader.vocabulary import Vocabulary
from tests.shelves_for_tests import films, reader, shop

FILMS = reader("films")


@pytest.mark.parametrize(
    ("said", "names"),
    [
        ("I loved Heat (1995)", ["Heat (1995)"]),
        ("I loved Heat 1995 a lot", ["Heat 1995"]),
        ("Solaris (2002) was slow", ["Solaris (2002)"]),
        ("I saw Heat (1996)", ["Heat (1996)"]),  # off by one, as people's years are
        ("I saw Heat (2019)", ["Heat"]),
    ],
)
def test_a_year_behind_a_title_is_part_of_it(said: str, names: list[str]) -> None:
    tokens = FILMS.found.tokens(said)
    found = find_titles(tokens, FILMS.titles, FILMS.vocabulary, frozenset())
    assert [said[tokens[one.start].start : tokens[one.end - 1].end] for one in found] == names


def test_the_year_behind_a_title_tells_which_of_one_name_is_meant() -> None:
    assert named("I liked Solaris (1972) and Solaris (2002)") == [("solaris-1972",), ("solaris-2002",)]


def test_a_first_name_before_a_surname_is_no_title() -> None:
    assert named("a film with Carrie Fisher") == []


def named(said: str, catalogue: str = "films", recent: frozenset[str] = frozenset()) -> list[tuple[str, ...]]:
    """The ids of everything that is named, in order."""
    reads = reader(catalogue)
    found = find_titles(reads.found.tokens(said), reads.titles, reads.vocabulary, recent)
    return [one.ids for one in found]


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("Heat", "heat"),
        ("heat", "heat"),
        ("HEAT", "heat"),
        ("I loved Heat", "heat"),
        ("i loved heat", "heat"),
        ("have you seen Ronin?", "ronin"),
        ("something like ronin", "ronin"),
        ("I love Up", "up"),
        ("have you seen Up?", "up"),
        ("I liked “Her”", "her"),
        ("I watched \"It\" yesterday", "it"),
        ("I saw It last night", "it"),
        ("the film Her", "her"),
        ("have you got the movie Up", "up"),
        ("Heat? seen it", "heat"),
        ("The Shining", "shining"),
        ("shining", "shining"),
        ("Toy Story 2", "toy-story-2"),
        ("Toy Story II", "toy-story-2"),
        ("something like toy story", "toy-story"),
        ("toy storry", "toy-story"),
        ("Paddinton", "paddington"),
        ("amelie", "amelie"),
        ("AMÉLIE", "amelie"),
        ("Le Fabuleux Destin d'Amélie Poulain", "amelie"),
        ("shichinin no samurai", "samurai"),
        ("have you seen Airplane!", "airplane"),
        ("airplane", "airplane"),
        ("some like it hot", "hot"),
        ("the good the bad and the ugly", "ugly"),
        ("I loved The Good, the Bad and the Ugly", "ugly"),
        ("The Good, The Bad & The Ugly", "ugly"),
        ("my favourite film is The Shining", "shining"),
    ],
)  # fmt: skip
def test_one_item(said: str, ids: str) -> None:
    assert named(said) == [(ids,)]


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("Heat and Ronin", [("heat",), ("ronin",)]),
        ("films like heat, ronin and seven samurai", [("heat",), ("ronin",), ("samurai",)]),
        ("I liked Up and Paddington", [("up",), ("paddington",)]),
        ("favorite movies: Heat, Ronin, Up", [("heat",), ("ronin",), ("up",)]),
    ],
)
def test_several_items(said: str, ids: list[tuple[str, ...]]) -> None:
    assert named(said) == ids


def test_two_of_one_name_come_together() -> None:
    assert named("I loved Solaris") == [("solaris-1972", "solaris-2002")]


@pytest.mark.parametrize(
    "said",
    [
        "turn up the heat",
        "too much heat in the kitchen",
        "it's up to you",
        "what's up",
        "I like her style",
        "is it any good",
        "up to two hours",
        "something to heat up a cold night",
        "cheer me up",
        "I love it",
        "a story about toys",
    ],
)
def test_ordinary_words_are_no_names(said: str) -> None:
    assert named(said) == []


def test_what_was_just_spoken_of_is_meant_sooner() -> None:
    assert named("is her sad") == []
    assert named("and up, is it long", recent=frozenset({"up"})) in ([("up",)], [])
    assert named("i've seen up", recent=frozenset({"up"})) == [("up",)]


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        ("tell me about the Solo Tent", [("solo",)]),
        ("which is cheaper, Solo Tent or Big Family Tent?", [("solo",), ("family-tent",)]),
        ("I already own the Daypack 20", [("daypack",)]),
        ("a big tent for the family", []),
        ("a jacket", []),
        ("boots for the garden", []),
    ],
)
def test_names_in_a_shop(said: str, ids: list[tuple[str, ...]]) -> None:
    assert named(said, "shop") == ids


KNOWN_GAPS = [
    ("the year after a title is enough for any title", "Up (2009)", [("up",)]),
    ("a question whether we hold it names it", "have you got Up?", [("up",)]),
    ("a judged one-word title at the start of a sentence", "Heat was brilliant", [("heat",)]),
    ("a judged one-word title at the start of a sentence", "Heat wasn't great", [("heat",)]),
    ("a title owned by its director", "Michael Mann's Heat", [("heat",)]),
    ("capitals in a list", "Up, Her and Heat", [("up",), ("her",), ("heat",)]),
    ("a long title at the start of a sentence", "Some like it hot but not too silly", [("hot",)]),
]


@pytest.mark.parametrize(
    ("said", "ids"),
    [
        pytest.param(said, ids, id=said, marks=pytest.mark.xfail(strict=True, reason=reason))
        for reason, said, ids in KNOWN_GAPS
    ],
)
def test_known_gaps(said: str, ids: list[tuple[str, ...]]) -> None:
    assert named(said) == ids


@given(
    st.lists(st.sampled_from("up her it heat ronin the , . and solaris story toy 2 is I saw good".split()))
)
def test_names_never_overlap_and_are_certain_or_listed(words: list[str]) -> None:
    tokens = FILMS.found.tokens(" ".join(words))
    found = find_titles(tokens, FILMS.titles, FILMS.vocabulary, frozenset())
    assert all(not overlap(one, other) for one in found for other in found if one is not other)
    assert all(films().get(each) for one in found for each in one.ids)
    assert not found or max(one.score for one in found) >= CERTAIN


def test_keys_and_strength() -> None:
    assert key_of(("the", "toy", "story", "ii")) == ("toy", "story", "2")
    assert key_of(words_of("The Good, the Bad & the Ugly")) == key_of(words_of("good the bad and the ugly"))
    assert strength(("up",)) < strength(("heat",)) < strength(("ronin",))


def test_whole_titles_and_close_ones() -> None:
    assert FILMS.titles.holds("shining")
    assert not FILMS.titles.holds("The Shine")
    assert FILMS.titles.close_to("the shinning") == ("shining",)
    assert FILMS.titles.close_to("barbarella") == ()
    assert FILMS.titles.years["heat"] == "1995"


def test_a_catalogue_without_years_has_titles_too() -> None:
    vocabulary = Vocabulary(shop())
    assert vocabulary.by_role("year") is None
    assert reader("shop").titles.years == {}
