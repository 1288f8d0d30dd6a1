from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import clean


@pytest.mark.parametrize(
    ("dirty", "plain"),
    [
        ("<p>Hello</p><p>you</p>", "Hello you"),
        ("A<br>B<br/>C", "A B C"),
        ("li<b>nk</b>", "link"),
        ("x<script>alert('<p>')</script>y", "xy"),
        ("<style>p { color: red }</style>Tent", "Tent"),
        ("<a href=\"javascript:x\" onclick='a>b'>Buy</a>", "Buy"),
        ("Tom &amp; Jerry &pound;5 &#8211; &#x263A;", "Tom & Jerry £5 – ☺"),
        ("&lt;p&gt;R&amp;amp;B&lt;/p&gt;", "R&B"),
        ("I <3 you & 2 < 3 > 1", "I <3 you & 2 < 3 > 1"),
        ("<Untitled> AT&T", "<Untitled> AT&T"),
        ("a\x00b\x07c\u200bd\ufeff", "abcd"),
        ("  two\u00a0 words\r\n\tmore ", "two words more"),
        ("half \ud83d pair", "half pair"),
        ("CafÃ© â€œquotedâ€\u009d".replace("\u009d", ""), None),
        ("Ã©tÃ©", "été"),
        ("e\u0301", "é"),
        ("👨\u200d👩\u200d👧", "👨\u200d👩\u200d👧"),
    ],
)
def test_plain(dirty: str, plain: str | None) -> None:
    if plain is None:  # half of its bytes are lost: nothing may be guessed, nothing may raise
        assert clean.plain(dirty).startswith("Caf")
    else:
        assert clean.plain(dirty) == plain


@given(st.text(max_size=60))
def test_plain_text_is_stable_and_can_be_stored(text: str) -> None:
    once = clean.plain(text)
    assert clean.plain(once) == once
    assert once.encode().decode() == once  # half a surrogate pair would raise
    assert "\x00" not in once
    assert "\n" not in once
    assert once == once.strip()


@given(st.text("ab. !\n…é", max_size=80), st.integers(5, 40))
def test_cut_never_exceeds_the_limit_and_keeps_the_beginning(text: str, limit: int) -> None:
    short = clean.cut(text, limit)
    assert len(short) <= limit
    assert short == text if len(text) <= limit else text.startswith(short.removesuffix("…"))


def test_cut_prefers_sentences_then_words() -> None:
    assert clean.cut("One tent. Two tents are better than one.", 20) == "One tent. Two tents…"
    assert clean.cut("One tent is fine. Two tents are better.", 20) == "One tent is fine."
    assert clean.cut("x" * 50, 10) == "x" * 9 + "…"


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Matrix, The", "The Matrix"),
        ("Avventura, L'", "Avventura, L'"),
        ("Mépris, Le", "Le Mépris"),
        ("Heat", "Heat"),
    ],
)
def test_title(written: str, said: str) -> None:
    assert clean.title(written) == said


def test_missing_words_differ_for_titles() -> None:
    assert all(clean.is_missing(word) for word in ("", " N/A", "null", "None", "unknown", "-"))
    assert not clean.is_missing("Unknown", fact=False)
    assert not clean.is_missing("0")


def test_slug_keeps_letters_of_any_script() -> None:
    assert clean.slug("WALL·E & L’Été!") == "wall-e-and-lete"
    assert clean.slug("채식주의자") == "채식주의자"
    assert clean.slug("???") == ""
