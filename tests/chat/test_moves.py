"""Which move answers what."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.moves import Situation, choose_move, knows_something, open_question
from chat.reply import MOVES, Move, Question
from chat.taste import TasteProfile
from prompts.dialogue import Act, Ambiguity, Interest, Mention, Reading
from tests.chat.test_taste import about, between

NOTHING = TasteProfile()
WESTERNS = TasteProfile((about("western", hard=True),))
ASKED = Question("open", ("funny",))
RELAX = Question("relax", ("Forget it",))


@pytest.mark.parametrize(
    ("reading", "taste", "situation", "move"),
    [
        # nothing is known yet
        (Reading("request"), NOTHING, Situation(), "ask"),
        (Reading("inform"), NOTHING, Situation(), "ask"),
        (Reading("request", leftover="lighthouse"), NOTHING, Situation(), "recommend"),
        (Reading("request", open=True), NOTHING, Situation(), "recommend"),
        (Reading("request"), NOTHING, Situation(ASKED, asked_in_a_row=1), "recommend"),
        (Reading("agree"), NOTHING, Situation(ASKED, asked_in_a_row=1), "recommend"),
        # something is
        (Reading("request"), WESTERNS, Situation(), "recommend"),
        (Reading("inform"), WESTERNS, Situation(), "recommend"),
        (Reading("refuse"), WESTERNS, Situation(listed=3), "recommend"),
        # several works of one name
        (Reading("inform", ambiguities=(Ambiguity("Solaris", ("a", "b")),)), WESTERNS, Situation(), "ask"),
        # items
        (Reading("question", asked="year"), WESTERNS, Situation(items=1), "describe"),
        (Reading("describe"), NOTHING, Situation(items=1), "describe"),
        (Reading("explain"), WESTERNS, Situation(items=3), "describe"),
        # "none of these, others?" speaks of all of them, "the second looks good, tell me more" of one
        (Reading("describe", fresh=True), WESTERNS, Situation(items=3, listed=3), "recommend"),
        (
            Reading("describe", fresh=True, mentions=(Mention("a", "the second one", True),)),
            WESTERNS,
            Situation(items=1, listed=3),
            "describe",
        ),
        (Reading("describe", unknown=("Barbarella",)), NOTHING, Situation(), "converse"),
        (Reading("question", asked="year"), NOTHING, Situation(), "converse"),
        (Reading("compare"), WESTERNS, Situation(items=2), "compare"),
        (Reading("compare"), WESTERNS, Situation(items=1), "recommend"),
        # verdicts
        (Reading("feedback", (about("a", "item", "seen"),)), WESTERNS, Situation(listed=3), "recommend"),
        (Reading("feedback", (about("a", "item", "dislike"),)), NOTHING, Situation(listed=3), "recommend"),
        (Reading("feedback", (about("a", "item"),)), WESTERNS, Situation(listed=3), "converse"),
        (Reading("feedback", (about("a", "item"),), fresh=True), WESTERNS, Situation(listed=3), "recommend"),
        # talk
        (Reading("greet"), WESTERNS, Situation(), "converse"),
        (Reading("thanks"), WESTERNS, Situation(), "converse"),
        (Reading("bye"), WESTERNS, Situation(), "converse"),
        (Reading("help"), WESTERNS, Situation(), "converse"),
        (Reading("taste"), WESTERNS, Situation(), "converse"),
        (Reading("chat"), WESTERNS, Situation(), "converse"),
        (Reading("offtopic"), WESTERNS, Situation(), "decline"),
        (Reading("agree"), WESTERNS, Situation(), "converse"),
        (Reading("agree"), WESTERNS, Situation(RELAX), "recommend"),
    ],
)
def test_the_move(reading: Reading, taste: TasteProfile, situation: Situation, move: Move) -> None:
    assert choose_move(reading, taste, situation) == move


ACTS: list[Act] = [
    "request", "inform", "feedback", "question", "describe", "explain", "compare", "taste", "greet", "thanks",
    "bye", "agree", "refuse", "help", "chat", "offtopic",
]  # fmt: skip
READINGS = st.builds(
    Reading,
    st.sampled_from(ACTS),
    st.lists(st.sampled_from([about("western", hard=True), about("a", "item", "dislike")]), max_size=2).map(
        tuple
    ),
    leftover=st.sampled_from(["", "fog"]),
    unknown=st.sampled_from([(), ("Barbarella",)]),
    open=st.booleans(),
    fresh=st.booleans(),
)
SITUATIONS = st.builds(
    Situation,
    st.sampled_from([None, ASKED, RELAX]),
    st.integers(0, 3),
    st.integers(0, 4),
    st.integers(0, 3),
)


@given(READINGS, st.sampled_from([NOTHING, WESTERNS]), SITUATIONS)
def test_there_is_always_a_move_and_never_two_open_questions_in_a_row(
    reading: Reading, taste: TasteProfile, situation: Situation
) -> None:
    move = choose_move(reading, taste, situation)
    assert move in MOVES
    if situation.asked_in_a_row or reading.open:
        assert move != "ask"
    if move == "compare":
        assert situation.items >= 2
    if move == "describe":
        assert situation.items


@pytest.mark.parametrize(
    ("interests", "known"),
    [
        ((), False),
        ((about("western"),), True),
        ((about("heat", "item"),), True),
        ((about("horror", feeling="dislike", hard=True),), False),
        ((about("heat", "item", "seen"),), False),
        ((between(1990, None),), True),
    ],
)
def test_what_a_list_can_be_made_from(interests: tuple[Interest, ...], known: bool) -> None:
    assert knows_something(TasteProfile(interests)) is known


def test_the_open_question_can_be_left_open() -> None:
    assert open_question(("funny", "dark")).options == ("funny", "dark", "Surprise me")
