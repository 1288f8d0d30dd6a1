"""Whole turns with real reading, retrieval and reasons; only the words are plain."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.conversation import Conversation, Feedback, FeedbackKind, Turn
from chat.manager import DialogueManager
from chat.query import make_query
from chat.taste import faded, profile_of
from chat.voice import PlainVoice
from chat.wording.catalogue import words_for
from prompts.dialogue import Interest
from retrieval.filters import FacetTable
from tests.chat.test_reasons import check_true
from tests.shelves_for_tests import NOW, conversation, manager, reader, retriever, shelf

MANAGERS = {name: manager(name) for name in ("films", "shop", "courses")}


def say(talk: Conversation, *texts: str, with_manager: DialogueManager | None = None) -> Conversation:
    """The conversation after these messages."""
    answers = with_manager or MANAGERS[talk.catalogue]
    for text in texts:
        at = NOW + timedelta(minutes=len(talk.turns))
        turn = answers.respond(talk, (), text, f"m{len(talk.turns)}", at)
        talk = replace(talk, turns=(*talk.turns, turn))
    return talk


def click(talk: Conversation, item_id: str, kind: FeedbackKind) -> Conversation:
    """The conversation after a click on a card."""
    turn = Turn(len(talk.messages), NOW, f"c{len(talk.turns)}", feedback=Feedback(item_id, kind))
    return replace(talk, turns=(*talk.turns, turn))


def listed(talk: Conversation) -> list[str]:
    """The ids of the last list."""
    return [entry.item.id for entry in talk.last.recommendations] if talk.last else []


def move(talk: Conversation) -> str:
    """The last move."""
    assert talk.last is not None
    return talk.last.move


# ------------------------------------------------------------------------------------ scripts


def test_a_wish_is_met() -> None:
    talk = say(conversation("films"), "a horror film")
    assert move(talk) == "recommend"
    assert set(listed(talk)) == {"it", "shining"}


def test_conditions_add_up_and_are_taken_back() -> None:
    talk = say(conversation("films"), "a comedy", "for kids")
    assert set(listed(talk)) <= {"toy-story", "toy-story-2", "paddington", "hot"}
    talk = say(conversation("films"), "a comedy", "no animation")
    assert not {"toy-story", "toy-story-2", "up"} & set(listed(talk))


def test_something_else_is_something_else() -> None:
    talk = say(conversation("films"), "something funny")
    first = set(listed(talk))
    talk = say(talk, "something else")
    assert listed(talk)
    assert not first & set(listed(talk))


def test_a_list_is_shown_again_only_where_it_is_narrowed() -> None:
    talk = say(conversation("courses"), "a course about music")
    first = set(listed(talk))
    for more in ("next", "keep going", "I have no idea"):
        assert not first & set(listed(say(talk, more))), more
    narrowed = say(talk, "for beginners")
    assert set(listed(narrowed)) <= first
    assert listed(narrowed)


def test_a_limit_is_never_let_go_unasked() -> None:
    talk = say(conversation("courses"), "something under 20 euros")
    for _ in range(6):
        talk = say(talk, "something else")
        assert talk.last is not None
        prices = [float(entry.item.values("price")[0]) for entry in talk.last.recommendations]
        assert all(price <= 20 for price in prices)
        if not prices:
            break
    assert talk.last is not None
    assert talk.last.question is not None


def test_a_value_that_is_let_go_is_named() -> None:
    talk = say(conversation("films"), "a funny horror film", "something else", "something else")
    assert talk.last is not None
    assert listed(talk)
    assert not any("horror" in entry.item.values("genres") for entry in talk.last.recommendations)
    assert [one.values for one in talk.last.let_go] == [("horror",)]


def test_only_limits_ruled_out_still_make_a_list() -> None:
    assert listed(say(conversation("courses"), "I don't want to spend more than 100"))


def test_what_is_seen_stays_away() -> None:
    talk = say(conversation("films"), "I've seen Heat and hated Ronin", "a thriller")
    assert not {"heat", "ronin"} & set(listed(talk))


def test_the_second_of_the_list_is_meant() -> None:
    talk = say(conversation("films"), "a horror film")
    second = listed(talk)[1]
    talk = say(talk, "tell me about the second one")
    assert talk.last is not None
    assert talk.last.item_ids == (second,)
    talk = say(talk, "who directed it?")
    assert talk.last is not None
    assert talk.last.item_ids == (second,)
    reading = talk.messages[-1].reading
    assert reading is not None
    assert reading.asked == "directors"


def test_two_of_one_name_are_asked_back_and_settled() -> None:
    talk = say(conversation("films"), "something like Solaris")
    assert move(talk) == "ask"
    talk = say(talk, "the Tarkovsky one")
    held = {one.value for one in MANAGERS["films"].taste(talk)}
    assert "solaris-1972" in held
    assert "solaris-2002" not in held


def test_an_impossible_wish_offers_a_way_out() -> None:
    talk = say(conversation("films"), "a western under 90 minutes")
    assert talk.last is not None
    assert talk.last.question is not None
    assert talk.last.question.about == "relax"
    option = talk.last.question.options[0]
    talk = say(talk, option)
    assert listed(talk), option


def test_a_list_in_a_shop_keeps_its_conditions() -> None:
    talk = say(conversation("shop"), "something waterproof under 100 euros", "no boots")
    assert set(listed(talk)) == {"puddle", "roll"}
    talk = say(talk, "something cheaper")
    for entry in talk.last.recommendations if talk.last else ():
        assert float(entry.item.values("price")[0]) < 95


def test_a_course_for_beginners() -> None:
    talk = say(conversation("courses"), "beginner courses under 10 hours")
    found = [entry.item for entry in talk.last.recommendations] if talk.last else []
    assert found
    for one in found:
        assert one.values("level") == ("beginner",)
        assert float(one.values("hours")[0]) <= 10


def test_a_number_of_items_is_kept_to() -> None:
    assert len(listed(say(conversation("films"), "give me two comedies"))) == 2
    assert len(listed(say(conversation("films"), "just one thriller please"))) <= 1


def test_clicks_change_the_next_list() -> None:
    talk = say(conversation("films"), "something funny")
    gone = listed(talk)[0]
    talk = say(click(talk, gone, "dislike"), "more")
    assert gone not in listed(talk)
    assert [one.subject for one in MANAGERS["films"].taste(talk) if one.kind == "item"]


def test_earlier_conversations_are_remembered() -> None:
    before = say(conversation("films"), "I've seen The Shining", "I love horror")
    now = conversation("films", id="c2")
    turn = MANAGERS["films"].respond(now, before.turns, "something scary", "m1", NOW)
    assert turn.reply is not None
    assert "shining" not in {entry.item.id for entry in turn.reply.recommendations}
    assert "horror" in {one.value for one in MANAGERS["films"].taste(now, before.turns)}


@pytest.mark.parametrize("said", ["hi", "thanks", "bye", "help", "what do you know about me?"])
def test_talk_lists_nothing(said: str) -> None:
    talk = say(conversation("films"), said)
    assert move(talk) == "converse"
    assert listed(talk) == []


MOVES = [
    ("films", ["a horror film", "which is the shortest?"], "compare"),
    ("films", ["something funny", "none of these"], "recommend"),
    ("courses", ["data and programming"], "recommend"),
    ("shop", ["boots", "jackets"], "recommend"),
    ("shop", ["jackets, any brand but Okapi"], "recommend"),
]


@pytest.mark.parametrize(("name", "texts", "expected"), MOVES, ids=[texts[-1] for _, texts, _ in MOVES])
def test_the_move_that_answers(name: str, texts: list[str], expected: str) -> None:
    assert move(say(conversation(name), *texts)) == expected


def test_any_brand_but_one() -> None:
    talk = say(conversation("shop"), "jackets, any brand but Okapi")
    assert listed(talk)
    found = [entry.item for entry in talk.last.recommendations] if talk.last else []
    assert not [one.title for one in found if "Okapi" in one.values("brand")]


KNOWN_GAPS = [
    ("which Solaris I loved being settled, a list is due as for any other title", "films",
     ["I loved Solaris", "the Tarkovsky one"], "recommend"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "texts", "expected"),
    [
        pytest.param(*row, id=row[1][-1], marks=pytest.mark.xfail(strict=True, reason=reason))
        for reason, *row in KNOWN_GAPS
    ],
)
def test_known_gaps(name: str, texts: list[str], expected: str) -> None:
    assert move(say(conversation(name), *texts)) == expected


# ------------------------------------------------------------------------------------ whatever is said

SCRIPTS = {
    "films": [
        "a horror film", "something funny", "no horror", "for kids", "under 2 hours", "something else",
        "more", "seen the first one", "I loved Heat", "not those", "I don't like any of them",
        "the second looks great", "something like Up", "surprise me", "forget everything",
        "I hate comedies", "comedies are fine", "who directed it?", "tell me about the first",
        "I've seen Toy Story and It", "Solaris", "the old one", "yes", "no", "why?", "which is newer?",
        "a western or a comedy", "shorter", "subtitles are fine",
        "french films", "hi", "xyzzy", "forget the year",
        "from the 90s", "Heat or Ronin?", "give me 2",
    ],
    "shop": [
        "boots", "a jacket under 100", "no leather", "something cheaper", "waterproof", "yes",
        "brands other than Norrvik", "I own the first one", "the blue one", "is it waterproof?", "not those",
        "something else", "no", "any colour is fine", "forget everything", "green or black",
        "lighter than that", "more", "no boots",
        "I bought the Solo Tent", "price doesn't matter", "surprise me", "give me 3", "which is cheaper?",
    ],
    "courses": [
        "beginner python under 10 hours", "free courses", "taught by Claire Moreau", "no music", "more",
        "I took SQL in a Weekend", "shorter", "cheaper", "in Spanish", "the first one looks good",
        "music or art", "any level", "forget everything", "who teaches the second?", "something else",
        "advanced", "yes", "not those", "surprise me", "with a certificate", "not by Okafor", "no", "data",
    ],
}  # fmt: skip
KINDS: tuple[FeedbackKind, ...] = ("like", "dislike", "seen", "save", "unsave", "hide")
Step = str | tuple[FeedbackKind, int]
Script = tuple[str, list[Step]]


@st.composite
def scripts(draw: st.DrawFn) -> Script:
    """A catalogue and what somebody does in it: messages, and clicks on what was shown."""
    name = draw(st.sampled_from(sorted(SCRIPTS)))
    said = st.sampled_from(SCRIPTS[name])
    clicks: st.SearchStrategy[Step] = st.tuples(st.sampled_from(KINDS), st.integers(0, 5))
    steps: st.SearchStrategy[Step] = st.one_of(said, said, clicks)
    return name, draw(st.lists(steps, min_size=1, max_size=8))


@settings(max_examples=60, deadline=None)
@given(scripts())
def test_what_is_ruled_out_never_comes(script: Script) -> None:
    name, steps = script
    talk = conversation(name)
    catalogue = shelf(name)
    table = FacetTable(catalogue.items, catalogue.facets)
    for step in steps:
        if not isinstance(step, str):
            if talk.shown:
                talk = click(talk, talk.shown[step[1] % len(talk.shown)], step[0])
            continue
        shown_before = set(talk.shown)
        talk = say(talk, step)
        turn = talk.messages[-1]
        assert turn.reply is not None
        assert turn.reading is not None
        taste = profile_of(talk.turns)
        ids = [entry.item.id for entry in turn.reply.recommendations]
        assert len(ids) == len(set(ids))
        assert not set(ids) & taste.excluded
        assert all(catalogue.get(each) is not None for each in (*ids, *turn.reply.item_ids))
        if turn.reading.fresh:
            assert not set(ids) & shown_before
        interests = faded(taste, turn.number)
        hard = make_query(tuple(one for one in interests if one.feeling == "dislike"), frozenset(), 1)
        allowed = table.mask(hard)
        rows = {one.id: row for row, one in enumerate(catalogue.items)}
        words_only = any(one.facet == "text" for one in hard.must_nots)
        assert words_only or all(allowed[rows[each]] for each in ids)
        if turn.reply.move == "recommend":
            assert ids
            for entry in turn.reply.recommendations:
                behind = tuple(reason.interest for reason in entry.reasons)
                assert set(behind) <= set(interests) or any(one.quote == step for one in behind)
                check_true(name, entry, behind)
        assert turn.reply.move != "ask" or turn.reply.question is not None


def test_a_hard_dislike_holds_although_all_else_was_shown() -> None:
    talk = say(conversation("films"), "no horror", "I hate comedies", *["something else"] * 3)
    shown = [entry.item for turn in talk.messages if turn.reply for entry in turn.reply.recommendations]
    assert shown
    assert not [one.title for one in shown if {"horror", "comedy"} & set(one.values("genres"))]


@settings(max_examples=25, deadline=None)
@given(scripts(), scripts())
def test_two_conversations_never_touch(one: Script, other: Script) -> None:
    name = one[0]
    ours = [step for step in one[1] if isinstance(step, str)]
    theirs = [step for step in other[1] if isinstance(step, str)]
    alone = say(conversation(name), *ours, with_manager=manager(name))
    here, there = conversation(name), conversation(name, id="c9", user="bo")
    for place in range(max(len(ours), len(theirs))):
        there = say(there, *theirs[place : place + 1])
        here = say(here, *ours[place : place + 1])
    assert [_said(turn) for turn in here.turns] == [_said(turn) for turn in alone.turns]


def test_two_threads_get_their_own_answers() -> None:
    texts = ["a horror film", "something funny", "a western", "for kids", "I love Kurosawa", "from the 90s"]
    alone = [_said(say(conversation("films"), text).turns[0]) for text in texts]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda text: _said(say(conversation("films"), text).turns[0]), texts * 4))
    assert together == alone * 4


def _said(turn: Turn) -> tuple[object, ...]:
    return turn.text, turn.reading, turn.reply


def test_the_same_conversation_gets_the_same_answers() -> None:
    texts = SCRIPTS["films"][:8]
    first, second = (say(conversation("films"), *texts, with_manager=manager("films")) for _ in range(2))
    assert [_said(turn) for turn in first.turns] == [_said(turn) for turn in second.turns]


def test_every_step_is_timed() -> None:
    turn = say(conversation("films"), "a horror film").turns[0]
    assert {"read", "taste", "retrieve", "reasons", "plan", "write", "total"} <= set(turn.timings)


def test_the_plain_voice_speaks_of_what_is_listed() -> None:
    voice = PlainVoice(words_for(shelf("films")), reader("films").titles.holds)
    talk = say(conversation("films"), "a horror film", with_manager=manager("films", voice))
    assert talk.last is not None
    assert talk.last.voice == "plain"
    for entry in talk.last.recommendations:
        assert entry.item.title in talk.last.text


def test_the_context_is_what_stands_on_the_table() -> None:
    talk = say(conversation("films"), "a horror film", "hi")
    here = MANAGERS["films"].context(talk, profile_of(talk.turns), 3)
    assert {one.id for one in here.shown} == {"it", "shining"}
    assert here.focus == ()
    assert here.turn == 3
    assert here.last_act == "greet"
    assert retriever("films").catalogue is shelf("films")


def test_taste_names_its_items() -> None:
    talk = click(say(conversation("films"), "a horror film"), "it", "dislike")
    held: tuple[Interest, ...] = MANAGERS["films"].taste(talk)
    assert [(one.subject, one.feeling) for one in held if one.kind == "item"] == [("It (2017)", "dislike")]


def test_a_click_is_explained_by_the_item_s_title() -> None:
    talk = say(conversation("films"), "crime films")
    clicked = talk.shown[0]
    talk = say(click(talk, clicked, "like"), "something else", "why the first one?")
    assert talk.last is not None
    assert f"“{clicked}”" not in talk.last.text
