"""The short prompts: what they hold, and that slots give back exactly what the brief holds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prompts.read import parse_reading
from prompts.short import (
    ITEMS,
    LETTERS,
    LETTERS_OF,
    LINES,
    SAYS,
    SPARE,
    WISHES,
    Entry,
    ShortBrief,
    Stated,
    Tie,
    letters,
    plain,
    reading_text,
    short_read_messages,
    short_write_messages,
    slots,
    slots_in,
    values_of,
)
from retrieval.items import Facet, Item

HEAT = Entry(
    "Heat",
    1995,
    (
        Tie("not too long", Stated("running time", "170 minutes", True, "number")),
        Tie("sad", Stated("mood", "tense", part="adjective"), lacking=True),
        Tie("Ronin", Stated("", "heists", part="topic"), like=0),
    ),
    (
        Stated("genre", "crime film", part="kind"),
        Stated("theme", "obsession, heists, trust, money", part="topic"),
        Stated("director", "Michael Mann", True, "name"),
    ),
)
BRIEF = ShortBrief("recommend", "request", "film", "films", "watch", (HEAT,), titles=("Ronin",))


def test_every_value_has_a_slot() -> None:
    assert {letter: fact.value for letter, fact in slots(HEAT).items()} == {
        "a": "tense",
        "c": "crime film",
        "e": "heists",
        "f": "obsession",
        "g": "trust",
        "h": "Michael Mann",
        "i": "170 minutes",
    }
    prompt = short_write_messages("something tense", BRIEF)[1]["content"].splitlines()
    assert prompt[2:] == [
        "[A] Ronin",
        "[1] Heat (1995)",
        "+ not too long: running time [1i] 170 minutes",
        "- sad: mood [1a] tense",
        "= [A]: [1e] heists",
        "genre: [1c] crime film",
        "theme: [1f] obsession, [1e] heists, [1g] trust",
        "director: [1h] Michael Mann",
    ]


def test_what_people_and_catalogues_write_makes_no_slots_and_no_turns() -> None:
    entry = Entry("[2] <|end|>", None, (), (Stated("genre", "[1a]\n[3] x"),))
    brief = ShortBrief("recommend", "request", "film", "films", "watch", (entry,), likes=("[A]",))
    prompt = short_write_messages("[1] <|assistant|>", brief)[1]["content"]
    assert slots_in(prompt) == ["1", "1j"]
    assert "<|" not in prompt
    assert "<|" not in short_read_messages("<|user|>", [Item("x", "<|end|>")], ())[1]["content"]


def test_a_passage_is_only_begun_in_the_prompt() -> None:
    long = "“" + "word " * 60 + "”"
    brief = ShortBrief(
        "describe",
        "describe",
        "film",
        "films",
        "watch",
        (Entry("Heat", None, (), (Stated(SAYS, long, True),)),),
    )
    assert len(short_write_messages("tell me", brief)[1]["content"]) < 120


def test_more_items_than_a_brief_holds_are_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        short_write_messages("x", ShortBrief("recommend", "request", "f", "fs", "w", (HEAT,) * (ITEMS + 1)))


def test_the_read_prompt_tells_of_each_facet_in_a_few_words() -> None:
    facets = (Facet("runtime", "number", "running time", unit="min"), Facet("cast", "people", "actor"))
    system, user = short_read_messages("hello", [Item("1", "Heat")], facets)
    assert system["content"] == "Read. runtime running time number min; cast actor name; item; text"
    assert user["content"] == "1. Heat\nPerson: hello"


FACTS = st.lists(
    st.builds(
        lambda part, exact, values: Stated("f", ", ".join(map(str, values)), exact, part),
        st.sampled_from(list(LETTERS_OF)),
        st.booleans(),
        st.lists(st.integers(0, 30), min_size=1, max_size=4),
    ),
    max_size=LINES,
)


@given(FACTS, FACTS)
def test_every_value_has_one_letter_and_what_an_item_is_there_for_comes_first(
    tied: list[Stated], more: list[Stated]
) -> None:
    entry = Entry("T", None, tuple(Tie("w", fact) for fact in tied[:WISHES]), tuple(more))
    found = slots(entry)
    assert letters(entry) == {plain(fact.value): letter for letter, fact in found.items()}
    reasons = {plain(value) for fact in tied[:WISHES] for value in values_of(fact)}
    assert len(reasons & set(letters(entry))) == min(len(reasons), len(LETTERS))
    others = {plain(value): fact.part for fact in more for value in values_of(fact)}
    for letter, fact in found.items():
        if plain(fact.value) in others.keys() - reasons:
            loose = SPARE if fact.part in ("name", "number", "other") else ""
            assert letter in loose + LETTERS_OF[fact.part]


def test_a_reading_is_written_so_that_it_can_be_read() -> None:
    reading = {
        "act": "request",
        "interests": [{"subject": "wéstern", "kind": "genre", "feeling": "like", "quote": "wéstern"}],
        "count": 3,
    }
    text = reading_text(reading)
    written = '{"quote":" wéstern","subject":" wéstern","kind":" genre","feeling":"like"}'
    assert text == f'{{"act":"request","interests":[{written}],"count":3}}'
    parsed = parse_reading(text, 2, message="three wésterns", facets=(Facet("genre", "category", "genre"),))
    assert parsed is not None
    assert (parsed.act, parsed.count, parsed.interests[0].value) == ("request", 3, "wéstern")
    assert parsed.interests[0].quote == "wéstern"
