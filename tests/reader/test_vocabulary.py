"""Which words may mean which value."""

from __future__ import annotations

import pytest

from chat.reader.tokens import words_of
from chat.reader.vocabulary import Meaning, Vocabulary, people_facets, singular
from tests.shelves_for_tests import courses, films, shop

FILMS, SHOP, COURSES = Vocabulary(films()), Vocabulary(shop()), Vocabulary(courses())


@pytest.mark.parametrize(
    ("vocabulary", "phrase", "meaning"),
    [
        (FILMS, "horror", Meaning("genres", "horror")),
        (FILMS, "comedies", Meaning("genres", "comedy")),
        (FILMS, "westerns", Meaning("genres", "western")),
        (FILMS, "Science Fiction", Meaning("genres", "science fiction")),
        (FILMS, "sci-fi", Meaning("genres", "science fiction")),
        (FILMS, "sci fi", Meaning("genres", "science fiction")),
        (FILMS, "american", Meaning("countries", "USA")),
        (FILMS, "subtitles", Meaning("languages", "English", inverse=True)),
        (FILMS, "old age", Meaning("themes", "old age")),
        (SHOP, "jacket", Meaning("category", "jackets")),
        (SHOP, "leather", Meaning("material", "leather")),
        (SHOP, "waterproof", Meaning("waterproof", "yes")),
        (SHOP, "norrvik", Meaning("brand", "Norrvik")),
        (COURSES, "no experience", Meaning("level", "beginner")),
        (COURSES, "certificate", Meaning("certificate", "yes")),
    ],
)
def test_values_by_any_form(vocabulary: Vocabulary, phrase: str, meaning: Meaning) -> None:
    words = words_of(phrase)
    found = vocabulary.value_at(words, 0)
    assert found is not None
    assert found[0] == len(words)
    assert meaning in found[1]


@pytest.mark.parametrize("phrase", ["lighthouse", "hor", "the", "science", "yes", ""])
def test_other_words_mean_nothing(phrase: str) -> None:
    for vocabulary in (FILMS, SHOP, COURSES):
        assert vocabulary.value_at(words_of(phrase), 0) is None


def test_the_longest_value_wins() -> None:
    found = FILMS.value_at(("artificial", "intelligence", "horror"), 0)
    assert found == (2, [Meaning("themes", "artificial intelligence")])


@pytest.mark.parametrize(
    ("name", "people"),
    [
        ("kurosawa", ["Akira Kurosawa"]),
        ("niro", ["Robert De Niro"]),
        ("pacino", ["Al Pacino"]),
        ("tom", []),
        ("al", []),
        ("akira", ["Akira Kurosawa"]),
    ],
)
def test_parts_of_names(name: str, people: list[str]) -> None:
    assert [meaning.value for meaning in FILMS.name_part(name)] == people


def test_full_names_and_facets() -> None:
    assert FILMS.name_at(("robert", "de", "niro"), 0) == (3, [Meaning("cast", "Robert De Niro")])
    assert FILMS.name_at(("robert", "redford"), 0) is None
    assert people_facets(FILMS.facets, ["director"]) == {"directors"}
    assert people_facets(FILMS.facets, ["actor", "star"]) == {"cast"}


@pytest.mark.parametrize(
    ("vocabulary", "word", "facet"),
    [
        (FILMS, "director", "directors"),
        (FILMS, "directors", "directors"),
        (FILMS, "actor", "cast"),
        (FILMS, "length", "runtime"),
        (FILMS, "runtime", "runtime"),
        (FILMS, "genre", "genres"),
        (FILMS, "country", "countries"),
        (SHOP, "price", "price"),
        (SHOP, "budget", "price"),
        (SHOP, "weight", "weight_kg"),
        (SHOP, "colour", "colour"),
        (SHOP, "brands", "brand"),
        (COURSES, "level", "level"),
        (COURSES, "instructor", "instructor"),
        (FILMS, "banana", None),
    ],
)
def test_words_that_name_a_facet(vocabulary: Vocabulary, word: str, facet: str | None) -> None:
    assert vocabulary.pointer(word) == facet


def test_roles_and_impressions() -> None:
    price, duration = SHOP.by_role("price"), COURSES.by_role("duration")
    assert price is not None
    assert price.name == "price"
    assert duration is not None
    assert duration.name == "hours"
    assert FILMS.by_role("price") is None
    assert FILMS.is_impression("moods")
    assert not FILMS.is_impression("genres")


def test_one_of_several_meanings() -> None:
    either = [Meaning("themes", "music"), Meaning("genres", "music")]
    assert FILMS.choose(either).facet == "genres"
    assert FILMS.choose(either, about=True).facet == "themes"
    french = [Meaning("countries", "France"), Meaning("languages", "French")]
    assert FILMS.choose(french, spoken=True).facet == "languages"
    assert FILMS.choose(french).facet == "countries"


@pytest.mark.parametrize(
    ("plural", "one"),
    [("comedies", "comedy"), ("witches", "witch"), ("boots", "boot"), ("glass", "glass"), ("bus", "bus"),
     ("boxes", "box"), ("tennis", "tennis"), ("s", "s")],
)  # fmt: skip
def test_singular(plural: str, one: str) -> None:
    assert singular(plural) == one
