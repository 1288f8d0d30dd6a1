"""Misspelt words, mended towards the catalogue and left alone where they are words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.reader.spelling import Speller, english_ranks, rank, undoubled
from tests.shelves_for_tests import reader

FILMS = reader("films").speller
SHOP = reader("shop").speller


@pytest.mark.parametrize(
    ("speller", "typed", "meant"),
    [
        (FILMS, "horor", "horror"),
        (FILMS, "comdey", "comedy"),
        (FILMS, "thrillr", "thriller"),
        (FILMS, "westren", "western"),
        (FILMS, "romanse", "romance"),
        (FILMS, "kurosowa", "kurosawa"),
        (FILMS, "tarkovski", "tarkovsky"),
        (FILMS, "paddinton", "paddington"),
        (FILMS, "samuraii", "samurai"),
        (FILMS, "soooo", "so"),
        (FILMS, "moive", "movie"),
        (SHOP, "jaket", "jacket"),
        (SHOP, "waterprof", "waterproof"),
        (SHOP, "lether", "leather"),
        (SHOP, "norvik", "norrvik"),
        (SHOP, "backpak", "backpack"),
        (SHOP, "yelow", "yellow"),
    ],
)
def test_typing_errors_are_mended(speller: Speller, typed: str, meant: str) -> None:
    assert speller.mend(typed) == meant


@pytest.mark.parametrize(("typed", "meant"), [("teh", "the"), ("adn", "and")])
def test_swapped_letters_of_tiny_words(typed: str, meant: str) -> None:
    assert FILMS.mend(typed) == meant


@pytest.mark.parametrize("word", ["love", "scare", "boat", "heart", "tens", "i", "ok", "xy", "zqxvkw", ""])
def test_words_and_gibberish_are_left_alone(word: str) -> None:
    assert FILMS.mend(word) == word


def test_the_catalogue_wins_over_the_rest_of_english() -> None:
    assert Speller().mend("jackat") == Speller(["jacket"]).mend("jackat") == "jacket"
    assert Speller().mend("lether") == "letter"
    assert Speller(["leather"]).mend("lether") == "leather"


def test_values_come_before_names() -> None:
    speller = Speller(values=["mann"], names=["mano"])
    assert speller.mend("mannq") == "mann"


@given(st.text(max_size=30))
def test_mending_ends_in_a_known_word_or_nowhere(word: str) -> None:
    mended = FILMS.mend(word)
    assert mended == word or FILMS.knows(mended)
    assert FILMS.mend(word) == mended


@given(st.sampled_from(sorted(word for word, place in english_ranks().items() if place < 3_000)))
def test_common_words_stay(word: str) -> None:
    assert FILMS.mend(word) == word


@pytest.mark.parametrize("name", ["amy", "sue", "rae"])
def test_names_of_the_catalogue_stay(name: str) -> None:
    assert Speller(names=[name]).mend(name) == name


def test_ranks_and_doubles() -> None:
    assert rank("the") < rank("horror") < rank("zqxvkw")
    assert undoubled("committee") == "comite"
