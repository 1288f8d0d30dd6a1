from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.channels.discord.cards import CARDS, CONTENT, WORDS, Sheet, sent, sheets, speech, why
from chat.channels.discord.markup import linked, markdown, said, written
from chat.channels.discord.places import PRESS, Member, Place, Ref, item_key
from chat.channels.members import PRESSES, Marks
from chat.reply import Fact, Reason, Recommendation, Reply
from prompts.dialogue import Interest
from retrieval.items import Facet, Item
from tests.fakes.discord_shapes import Json, problem_of, walk

FACETS = (Facet("genre", "category", "genre"), Facet("year", "number", "year", "year"))
REF = Ref(2**64 - 1, Place(Member(1), 2, None).conversation("films"), str(2**64 - 1))

unhurried = settings(max_examples=40, deadline=None)

texts = st.one_of(
    st.text(max_size=300), st.sampled_from(["*", "🎬", "@everyone ", "# x\n"]).map(lambda t: t * 200)
)


@st.composite
def entries(draw: st.DrawFn) -> Recommendation:
    item = Item(
        draw(st.text(min_size=1, max_size=150)),
        draw(texts),
        {"genre": draw(texts.filter(str.strip)), "year": 1999},
        url=draw(st.sampled_from([None, "https://a.example/x(1)", "https://a.example/" + "y" * 900])),
    )
    reasons = tuple(
        Reason(
            Interest(draw(texts), "genre", "like", 1.0, draw(texts), 1),
            Fact("genre", draw(texts)),
            draw(texts),
            against,
        )
        for against in draw(st.lists(st.booleans(), min_size=1, max_size=6))
    )
    return Recommendation(item, reasons, 1.0)


replies = st.builds(
    lambda text, found, chips: Reply(text, "recommend", tuple(found), tuple(chips)),
    st.one_of(texts, st.text(alphabet="ab. *_\n", min_size=1500, max_size=9000)),
    st.lists(entries(), max_size=12, unique_by=lambda entry: entry.item.id),
    st.lists(texts, max_size=7),
)


def payload(sheet: Sheet) -> Json:
    """The sheet as the library sends it."""
    content = sent(sheet)
    if "view" not in content:
        return {"content": content["content"]}
    return {"components": content["view"].to_components(), "flags": 1 << 15}


@unhurried
@given(replies, st.booleans())
def test_discord_takes_every_reply_with_all_its_cards(reply: Reply, pressed: bool) -> None:
    ids = [entry.item.id for entry in reply.recommendations]
    marks = Marks(frozenset((item, "like") for item in ids), frozenset(ids)) if pressed else Marks()
    drawn = sheets(reply, REF, FACETS, marks)
    payloads = [payload(sheet) for sheet in drawn]
    assert [problem_of(one) for one in payloads] == [""] * len(payloads)
    assert all(one.get("content") or one.get("components") for one in payloads)
    parts = [part for one in payloads for part in walk(one.get("components", []))]
    likes = [part["custom_id"] for part in parts if part.get("custom_id", "").startswith("g:like:")]
    assert likes == [REF.press("like", item) for item in ids]


@unhurried
@given(replies)
def test_every_card_has_its_reason_and_no_word_of_the_answer_is_lost(reply: Reply) -> None:
    drawn = sheets(reply, REF, FACETS, Marks())
    words = "\n".join(part for sheet in drawn for part in sheet.parts if isinstance(part, str))
    assert words.count("\n✓ ") + words.count("\n– ") >= len(reply.recommendations)
    for word in reply.text.split():
        if len(word) < 100 and word.isalnum():
            assert word in words


@unhurried
@given(st.integers(0, 12))
def test_cards_are_shared_out(count: int) -> None:
    reason = Reason(Interest("x", "text", "like", 1.0, "x", 1), Fact("genre", "x"), "x")
    found = tuple(Recommendation(Item(str(at), f"Film {at}"), (reason,), 1.0) for at in range(count))
    drawn = sheets(Reply("Here.", "recommend", found, ("More",)), REF, FACETS, Marks())
    assert len(drawn) == max(1, -(-count // CARDS))
    assert drawn[-1].buttons[-1].label == "More"


@unhurried
@given(entries())
def test_why_fits_into_a_message(entry: Recommendation) -> None:
    assert len(why(entry, FACETS)) <= CONTENT


def test_words_alone_are_plain_and_long_ones_are_cut() -> None:
    (one,) = sheets(Reply("Well said.", "converse"), REF, FACETS, Marks())
    assert payload(one) == {"content": "Well said."}
    long = "A sentence of five words. " * 200
    assert len(long) > WORDS
    assert sheets(Reply(long, "converse"), REF, FACETS, Marks()) == speech(long)
    with_chips = sheets(Reply(long, "ask", (), ("Yes",)), REF, FACETS, Marks())
    assert [button.label for button in with_chips[-1].buttons] == ["Yes"]


# ---------------------------------------------------------------- ids and markup


@unhurried
@given(st.sampled_from(PRESSES), st.text(min_size=1, max_size=300))
def test_a_button_brings_back_what_it_stands_for(press: str, item: str) -> None:
    button = REF.press(press, item)  # type: ignore[arg-type]
    found = PRESS.fullmatch(button)
    assert found
    assert len(button) <= 100
    assert (Ref.read(found), found["press"], found["item"]) == (REF, press, item_key(item))


@unhurried
@given(st.text(max_size=60), st.text(max_size=60))
def test_different_items_have_different_keys(one: str, other: str) -> None:
    assert (item_key(one) == item_key(other)) == (one == other)


def test_members_and_places_are_told_apart() -> None:
    places = [
        Place(Member(user), channel, server)
        for user in (1, 11)
        for channel in (1, 11)
        for server in (None, 1)
    ]
    assert len({place.conversation("films") for place in places}) == 8
    assert len({place.prefix(name) for place in places for name in ("films", "shop")}) == 16
    assert len({place.user_id for place in places}) == 4
    assert "11" not in Member(1111111111).user_id(None)[:20]


@unhurried
@given(st.text(max_size=80))
def test_text_is_shown_to_the_letter(text: str) -> None:
    """Taking away the backslashes, as Discord does, and what breaks mentions gives the text back."""
    shown = re.sub(r"\\([^0-9A-Za-z\s])", r"\1", markdown(text))
    assert shown.replace("\u2060", "") == text.replace("\u2060", "")
    assert written(text) >= len(text)


@pytest.mark.parametrize(
    "text", ["# head", "-# small", "> quote", "**b**", "_i_", "||s||", "`c`", "[a](b)", "<#1>"]
)
def test_markup_is_broken(text: str) -> None:
    assert markdown(text) != text
    assert "\\" in markdown(text)


def test_only_short_addresses_of_the_web_become_links() -> None:
    assert linked("A", "https://a.example/b_(c)") == "[A](https://a.example/b_%28c%29)"
    for url in (None, "", "javascript:x", "ftp://a", "https://a.example/" + "x" * 300):
        assert linked("A", url) == "A"


def test_what_was_said_is_read_without_numbers() -> None:
    names = {5: "Bob", 6: "general"}
    assert (
        said("<@9> hi <@!5> in <#6>, <a:wow:77> </genre ask:8> <@&4>", 9, names)
        == "hi Bob in general, wow genre ask"
    )
    assert said("1 < 2 and <3", 9, names) == "1 < 2 and <3"
