"""What a model that is held to a form can write, tried letter by letter with the library that holds it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.llm.guidance import Form, Guides
from chat.llm.tokens import FolderTokenizer
from chat.slotted import fill
from prompts.forms import QUOTE_WORDS, reply_grammar, short_reading_schema
from prompts.read import parse_reading
from prompts.short import SAYS, Entry, ShortBrief, Stated, Tie, reading_text
from prompts.template import neutralise
from prompts.write import parse_draft
from retrieval.items import Facet, Item
from tests.llm.tiny import make_tokenizer

Allows = Callable[[Form, str], bool]

FACETS = (
    Facet("genres", "category", "genre"),
    Facet("moods", "category", "mood"),
    Facet("runtime", "number", "running time", unit="min"),
    Facet("directors", "people", "director"),
)
VALUES = {"genres": ("western", "science fiction"), "moods": ("tense", "funny")}
SHOWN = (Item("heat", "Heat"), Item("ronin", "Ronin"))


@pytest.fixture(scope="module")
def allows(tmp_path_factory: pytest.TempPathFactory) -> Allows:
    """Whether a text can be written, and ended, by a model whose tokens are bytes."""
    folder = tmp_path_factory.mktemp("bytes")
    make_tokenizer(folder)
    tokenizer = FolderTokenizer(folder)
    end = tokenizer.eos_token_id
    assert end is not None
    guides = Guides(tokenizer.json, len(tokenizer), [end])

    def written(form: Form, text: str) -> bool:
        guide = guides.guide(form)
        for token in tokenizer.encode(text):
            if not guide.allowed(len(tokenizer))[token]:
                return False
            guide.took(token)
        return bool(guide.allowed(len(tokenizer))[end])

    return written


# --- readings -----------------------------------------------------------------------------------------------

SAID = "three tense westerns under 120 minutes by John Ford, not #2"


def reading(quote: str, subject: str, kind: str, **more: Any) -> str:
    """A reading with one interest, as a model writes it."""
    interest = {"quote": quote, "subject": subject, "kind": kind, "feeling": "like", **more}
    return reading_text({"act": "request", "interests": [interest]})


@pytest.mark.parametrize(
    ("text", "possible"),
    [
        (reading("westerns", "western", "genres"), True),
        (reading("tense", "tense", "moods"), True),
        (reading("under 120 minutes", "at most 120 min", "runtime", high=120), True),
        (reading("by John Ford", "John Ford", "directors"), True),
        (reading("not #2", "Ronin", "item"), True),
        (reading("three tense", "three tense", "text"), True),
        (reading("comedies", "western", "genres"), False),  # a quote that nobody said
        (reading("westerns", "comedy", "genres"), False),  # a value that the catalogue hasn't
        (reading("tense", "tense", "genres"), True),  # no value of the facet, so nothing will link it
        (reading("by John Ford", "Howard Hawks", "directors"), False),  # a name that nobody said
        (reading("westerns", "western", "colour"), False),  # a facet that there isn't
        (reading("westerns", "Alien", "item"), False),  # an item that wasn't shown
    ],
)
def test_a_reading_quotes_the_person_and_takes_values_from_the_catalogue(
    allows: Allows, text: str, possible: bool
) -> None:
    assert allows(short_reading_schema(FACETS, SAID, SHOWN, VALUES), text) is possible
    assert allows(short_reading_schema(FACETS), text) is (" colour" not in text)


def test_the_schema_asks_for_a_reading_in_the_order_in_which_it_is_written() -> None:
    schema = short_reading_schema(FACETS)
    interest = schema["$defs"]["_Interest"]["properties"]
    assert list(interest)[:4] == ["quote", "subject", "kind", "feeling"]
    assert interest["kind"]["enum"] == [" genres", " moods", " runtime", " directors", " item", " text"]
    assert list(schema["$defs"]["_Mention"]["properties"]) == ["quote", "number"]
    assert next(iter(schema["properties"])) == "act"


def test_no_item_is_pointed_at_where_none_or_fewer_were_shown(allows: Allows) -> None:
    pointed = {number: reading_text({"act": "question", "mentions": [{"number": number, "quote": "#2"}]})
               for number in (2, 3)}  # fmt: skip
    two = short_reading_schema(FACETS, SAID, SHOWN, VALUES)
    assert allows(two, pointed[2])
    assert not allows(two, pointed[3])
    assert not allows(short_reading_schema(FACETS, SAID, (), VALUES), pointed[2])


def test_what_is_taken_back_is_quoted_too(allows: Allows) -> None:
    schema = short_reading_schema(FACETS, "forget the westerns, forget everything", (), VALUES)
    for kind, value, quote, possible in (
        ("genres", "western", "the westerns", True),
        ("genres", "", "the westerns", True),
        ("", "", "forget everything", True),
        ("", "western", "the westerns", False),
        ("genres", "comedy", "the westerns", False),
    ):
        text = reading_text(
            {"act": "request", "retractions": [{"kind": kind, "value": value, "quote": quote}]}
        )
        assert allows(schema, text) is possible, text


@settings(max_examples=60, deadline=None)
@given(st.data(), st.lists(st.text(max_size=12), min_size=1, max_size=8).map(" ".join))
def test_any_words_in_a_row_can_be_quoted_and_what_is_quoted_is_believed(
    allows: Allows, data: st.DataObject, message: str
) -> None:
    schema = short_reading_schema(FACETS, message)
    words = [word for word in neutralise(message).split() if word.isalnum()]
    if not words:
        assert json.dumps(schema)  # there is nothing to hold it to, and that is no error
        return
    word = data.draw(st.sampled_from(words))
    text = reading(word, word, "text")
    assert allows(schema, text)
    assert parse_reading(text, 1, message=message, facets=FACETS) is not None


def test_a_quote_is_no_speech(allows: Allows) -> None:
    words = [f"w{place}" for place in range(QUOTE_WORDS + 1)]
    schema = short_reading_schema(FACETS, " ".join(words))
    assert allows(schema, reading(" ".join(words[:QUOTE_WORDS]), "w1", "text"))
    assert not allows(schema, reading(" ".join(words), "w1", "text"))


# --- replies ------------------------------------------------------------------------------------------------

SPOKEN = (
    "a about and are as at by cosy first for have i if is it it's of only or runs the then to you".split()
)
HEAT = Entry(
    "Heat",
    1995,
    (Tie("tense", Stated("mood", "tense", part="adjective")),),
    (Stated("topic", "bank robbery", part="topic"), Stated("director", "Michael Mann", True, "name")),
)
CAR = Entry(
    "Tokyo Taxi",
    None,
    (Tie("tense", Stated("mood", "gentle", part="adjective"), lacking=True),),
    (Stated("topic", "cars", part="topic"), Stated("running time", "90 minutes", True, "number")),
)
LIST = ShortBrief("recommend", "request", "film", "films", "watch", (HEAT, CAR), titles=("Ronin",))
LAST = "something tense for us, if you have it"


@pytest.mark.parametrize(
    "reply",
    [
        "[1] is [1a], [2] is [2a].",
        "If you have [A], [1] is a film for you: it's about [1e], by [1h]. Then [2], only [2i].",
        "“tense”: [1], then [2].",
        "Something tense for us: as it's [1a], [1] is first. The [2a] [2] runs [2i].",
        "It's about [1e]: [1]. “[2e]”: [2]!",
        "The director of [1] is [1h]; the “tense” of [2] is [2a].",
    ],
)
def test_replies_that_a_list_allows(allows: Allows, reply: str) -> None:
    assert allows(reply_grammar(LIST, LAST, SPOKEN), reply)
    assert "[" not in fill(parse_draft(reply), LIST)


@pytest.mark.parametrize(
    "reply",
    [
        "[1] is [1a].",  # the second is left out
        "[2] is [2a], [1] is [1a].",  # out of order
        "[1] is [1a], [2] is [2a], [3] is a film.",  # one too many
        "[1] is [1a], [1] is a film, [2] is [2a].",  # one twice
        "[1] runs [2i], [2] is [2a].",  # a slot of the other
        "It is [2a]. [1] is [1a], [2] is a film.",  # a slot before its item, in another sentence
        "[1] is first. It is [1a] as is [2].",  # a slot in a sentence about the next item
        "[1] is by [1c], [2] is [2a].",  # a slot that there isn't
        "[1] is [1a], as is [B], [2] is [2a].",  # a title that nobody named
        "[1] runs 170 or so, [2] is [2a].",  # a number
        "[1] is about conspiracies, [2] is [2a].",  # a word that is nobody's
        "[1] is about cars, [2] is [2a].",  # a fact that is no slot
        "[1]  is [1a], [2] is [2a].",  # two spaces
        "[1] is [1a], [2] is tense.",  # what the person said, told of an item
        "“something nice”: [1], then [2].",  # a quotation of nobody
        "[1] is [1a], [2] is [2a]",  # no end
        "Are you for [1]? Then [2].",  # a question that nobody decided on
        "",
    ],
)
def test_replies_that_a_list_does_not_allow(allows: Allows, reply: str) -> None:
    assert not allows(reply_grammar(LIST, LAST, SPOKEN), reply)


def test_a_word_that_tells_a_fact_is_told_by_its_slot_alone(allows: Allows) -> None:
    assert not allows(reply_grammar(LIST, "hello", [*SPOKEN, "gentle"]), "[1] is gentle, [2] is [2a].")
    other = ShortBrief("recommend", "request", "film", "films", "watch", (HEAT,))
    assert allows(reply_grammar(other, "hello", [*SPOKEN, "gentle"]), "[1] is gentle.")


def test_without_words_of_its_own_a_model_may_say_any(allows: Allows) -> None:
    assert allows(reply_grammar(LIST, LAST), "[1] is about conspiracies, [2] is gentle.")
    assert not allows(reply_grammar(LIST, LAST), "[1] is about conspiracies.")


def test_small_talk_and_comparisons_name_what_they_like(allows: Allows) -> None:
    hello = ShortBrief("converse", "greet", "film", "films", "watch")
    assert allows(reply_grammar(hello, "hi", SPOKEN), "For you, a film?")
    assert not allows(reply_grammar(hello, "hi", SPOKEN), "For you, [1].")
    both = ShortBrief("compare", "compare", "film", "films", "watch", (HEAT, CAR))
    assert allows(reply_grammar(both, "which is it?", SPOKEN), "[2] runs [2i]; [1] is about [1e].")
    assert not allows(reply_grammar(both, "which is it?", SPOKEN), "[2] runs [2i]. Is it for you?")


@given(st.text(max_size=40), st.lists(st.text(max_size=12), max_size=3), st.text(min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_no_words_of_people_or_catalogues_break_the_grammar(
    allows: Allows, last: str, likes: list[str], value: str
) -> None:
    entry = Entry("T", None, (Tie(value, Stated(value, value)),), (Stated(value, last),))
    brief = ShortBrief("recommend", "request", value, "films", "watch", (entry,), tuple(likes))
    assert allows(reply_grammar(brief, last, SPOKEN), "It is [1].")


def test_what_was_asked_is_told(allows: Allows) -> None:
    asked = ShortBrief("describe", "question", "film", "films", "watch", (HEAT,), asked="director")
    assert allows(reply_grammar(asked, "who made it?", SPOKEN), "It is by [1h], [1] is.")
    assert not allows(reply_grammar(asked, "who made it?", SPOKEN), "[1] is [1a].")
    unknown = ShortBrief("describe", "question", "film", "films", "watch", (HEAT,), asked="price")
    assert allows(reply_grammar(unknown, "what is it?", SPOKEN), "[1] is [1a].")
    long = replace(CAR, facts=(Stated("director", "A B", True, "name"),))
    both = ShortBrief("compare", "compare", "film", "films", "watch", (HEAT, long), asked="director")
    for reply, told in (
        ("[1] is by [1h], [2] by [2h].", True),
        ("By [2h] is [2]; [1h] is for [1].", True),
        ("[1] is by [1h], [2] is [2a].", False),
    ):
        assert allows(reply_grammar(both, "by?", SPOKEN), reply) is told
    described = replace(CAR, facts=(Stated(SAYS, "“A taxi.”", True), *CAR.facts))
    more = ShortBrief("describe", "describe", "film", "films", "watch", (described,))
    assert allows(reply_grammar(more, "more?", SPOKEN), "It is [1a]: [1j].")
    assert not allows(reply_grammar(more, "more?", SPOKEN), "It is [1a].")
