from __future__ import annotations

import re
from html import escape

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from chat.channels.text import WORD_JOINER, pieces, shortened, without_mentions

#: Prose with sentences, paragraphs, long words and signs that are written longer.
PROSE = st.lists(
    st.text(alphabet="abcdé.!?&<>@ \n😀\u200d\u0301", max_size=30) | st.just("Well. That is it!\n\n"),
    max_size=12,
).map("".join)


def written(text: str) -> int:
    return len(escape(text, quote=False))


def letters(text: str) -> str:
    return "".join(text.split())


@settings(deadline=None)
@given(PROSE, st.integers(8, 60))
@example("a" * 100, 8)
def test_pieces_fit_and_lose_nothing_but_white_space(text: str, most: int) -> None:
    found = pieces(text, most, written)
    assert all(0 < written(piece) <= most for piece in found)
    assert all(piece == piece.strip() for piece in found)
    assert letters("".join(found)) == letters(text)


@settings(deadline=None)
@given(PROSE)
def test_what_fits_is_left_whole(text: str) -> None:
    assert pieces(text, 10_000) == ([text.strip()] if text.strip() else [])


def test_a_cut_is_made_after_a_sentence_where_one_fits() -> None:
    text = "The first is short. The second is a little longer! And here is the third one."
    assert pieces(text, 55) == [
        "The first is short. The second is a little longer!",
        "And here is the third one.",
    ]


def test_a_paragraph_stays_together_where_it_can() -> None:
    assert pieces("One. Two.\n\nThree. Four.", 15) == ["One. Two.", "Three. Four."]


def test_a_long_sentence_is_cut_between_words_and_a_long_word_inside() -> None:
    assert pieces("one two three", 8) == ["one two", "three"]
    assert pieces("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_an_emoji_of_several_code_points_is_not_torn() -> None:
    family = "👩\u200d👩\u200d👧"
    assert pieces(family * 3, 7) == [family] * 3


@settings(deadline=None)
@given(PROSE, st.integers(1, 40))
def test_a_shortened_text_fits_and_is_the_start_of_the_whole(text: str, most: int) -> None:
    short = shortened(text, most)
    assert len(short) <= most
    whole = " ".join(text.split())
    assert short == whole or (short.endswith("…") and whole.startswith(short[:-1]))


@settings(deadline=None)
@given(st.text(alphabet="@<>#!&/a everyonHERchl.") | PROSE)
def test_no_mention_is_left_and_the_words_are_the_same(text: str) -> None:
    quiet = without_mentions(text)
    assert quiet.replace(WORD_JOINER, "") == text.replace(WORD_JOINER, "")
    assert without_mentions(quiet) == quiet
    assert not re.search(r"<[@#!&/]|@(everyone|here|channel)\b|(?<!\w)@\w", quiet, re.IGNORECASE)


@pytest.mark.parametrize("text", ["ann@example.org", "3 @ 5 €", "a < b", "AT&T"])
def test_what_is_no_mention_is_left_alone(text: str) -> None:
    assert without_mentions(text) == text
