"""Messages as rows of words."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat.reader.tokens import QUOTES, plain, respelt, shouted, stem, tokenise, words_of


@pytest.mark.parametrize(
    ("text", "norms"),
    [
        ("horror, please!", ["horror", ",", "please", "!"]),
        ("I don't like it", ["i", "dont", "like", "it"]),
        ("I don’t like it", ["i", "dont", "like", "it"]),
        ("Kubrick's films", ["kubrick", "s", "films"]),
        ("Kubrick’s films", ["kubrick", "s", "films"]),
        ("Amélie", ["amelie"]),
        ("sci-fi", ["sci", "fi"]),
        ("black-and-white", ["black", "and", "white"]),
        ("and/or", ["and", "or"]),
        ("1990-1999", ["1990", "-", "1999"]),
        ("90s", ["90", "s"]),
        ("80's", ["80", "s"]),
        ("$1,500", ["$", "1500"]),
        ("2.5 kg", ["2.5", "kg"]),
        ("#2", ["#", "2"]),
        ("rock n roll", ["rock", "and", "roll"]),
        ("  two   spaces ", ["two", "spaces"]),
        ("映画", ["映画"]),
        ("", []),
        ("   \n\t", []),
        ("👍", ["👍"]),
    ],
)
def test_words_and_marks(text: str, norms: list[str]) -> None:
    assert [token.norm for token in tokenise(text)] == norms


def test_kinds_and_glue() -> None:
    kinds = [(token.kind, token.glued) for token in tokenise("under $50, ok")]
    assert kinds == [("word", False), ("mark", False), ("number", True), ("mark", True), ("word", False)]


@given(st.text(max_size=200))
@example("ﬁlm’s")
@example("İstanbul's")
def test_tokens_stand_where_they_say(text: str) -> None:
    tokens = tokenise(text)
    evened = text.translate({ord(key): value for key, value in QUOTES.items()})
    assert [evened[token.start : token.end] for token in tokens] == [token.text for token in tokens]
    assert all(one.end <= other.start for one, other in pairwise(tokens))
    assert all(token.text.strip() for token in tokens)


@given(st.text(max_size=100))
def test_plain_has_no_apostrophes(text: str) -> None:
    assert not set("'’") & set(plain(text))


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("Amélie’s", "amelies"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        ("Ｗｅｓｔｅｒｎ", "western"),
        ("𝐇𝐨𝐫𝐫𝐨𝐫", "horror"),
    ],
)
def test_plain_forms(text: str, form: str) -> None:
    assert plain(text) == form


@pytest.mark.parametrize(
    ("phrase", "words"),
    [
        ("The Good, the Bad & the Ugly", ("the", "good", "the", "bad", "the", "ugly")),
        ("Ocean's Eleven", ("ocean", "eleven")),
        ("Airplane!", ("airplane",)),
        ("2001: A Space Odyssey", ("2001", "a", "space", "odyssey")),
    ],
)
def test_phrases_are_looked_up_without_marks(phrase: str, words: tuple[str, ...]) -> None:
    assert words_of(phrase) == words


@pytest.mark.parametrize(
    ("text", "loud"),
    [
        ("NO HORROR PLEASE", True),
        ("Something Like Heat And Ronin", True),
        ("something like Heat and Ronin", False),
        ("I love Heat", False),
        ("OK", True),
        ("no", False),
    ],
)
def test_capitals_that_tell_nothing(text: str, loud: bool) -> None:
    assert shouted(tokenise(text)) is loud


def test_stems_meet_and_mending_keeps_what_was_written() -> None:
    assert stem("westerns") == stem("western")
    assert stem("comedies") == stem("comedy")
    token = tokenise("horor")[0]
    mended = respelt(token, "horror")
    assert (mended.norm, mended.written, mended.text) == ("horror", "horor", "horor")
