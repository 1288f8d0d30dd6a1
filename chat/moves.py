"""What to do next: ask, recommend, describe, compare, converse or decline. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.reply import Move, Question
from chat.taste import TasteProfile
from prompts.dialogue import Reading

#: Acts that are answered in words, without a list.
TALK = frozenset({"greet", "thanks", "bye", "help", "taste", "chat"})


@dataclass(frozen=True, slots=True)
class Situation:
    """What the choice hangs on besides the message: what the last reply asked, how many questions in a row
    were asked, whether a list is on the table, and which shown items the message speaks of."""

    question: Question | None = None
    asked_in_a_row: int = 0
    listed: int = 0
    items: int = 0


def choose_move(reading: Reading, taste: TasteProfile, situation: Situation) -> Move:
    """The move that answers a message.

    A question is asked only where its answer changes the list: which of several works was meant, or
    anything at all where nothing is known yet; never twice in a row, and never to somebody who leaves the
    choice to us.
    """
    act = reading.act
    if act == "offtopic":
        return "decline"
    if act == "care":
        return "converse"
    if reading.ambiguities and act != "taste":
        return "ask"
    if act == "compare":
        return "compare" if situation.items >= 2 else _list_or_ask(reading, taste, situation)
    if act == "describe" and reading.fresh and len(reading.mentions) != 1:
        # "none of these, others?" speaks of all of them, and wants others
        return _list_or_ask(reading, taste, situation)
    if act in ("question", "describe", "explain"):
        return (
            "describe"
            if situation.items
            else ("converse" if reading.unknown or act != "describe" else "recommend")
        )
    if act in TALK:
        return "converse"
    if act == "feedback":
        liked = all(interest.feeling == "like" for interest in reading.interests)
        return "converse" if liked and not reading.fresh else _list_or_ask(reading, taste, situation)
    if act == "agree" and not (situation.question or reading.interests):
        return "converse"
    if act == "agree" and situation.question is not None and situation.question.about not in ("relax",):
        return _list_or_ask(reading, taste, situation)
    return _list_or_ask(reading, taste, situation)


def _list_or_ask(reading: Reading, taste: TasteProfile, situation: Situation) -> Move:
    if reading.open or reading.fresh or situation.asked_in_a_row:
        return "recommend"
    if knows_something(taste) or reading.leftover or situation.listed:
        return "recommend"
    return "ask"


def knows_something(taste: TasteProfile) -> bool:
    """Whether the taste holds anything that a list can be made from: a like, or a range of numbers."""
    return any(
        interest.feeling == "like" or (interest.hard and interest.bounds) for interest in taste.interests
    )


def open_question(values: Sequence[str]) -> Question:
    """The first question to somebody of whom nothing is known, with words to tap."""
    return Question("open", (*values, "Surprise me"))
