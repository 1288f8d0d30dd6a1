"""What a channel gets: an answer, and the events that lead up to one."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from chat.conversation import Turn
from chat.reply import Recommendation
from prompts.dialogue import Interest


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of a message, a click or an edit: its turn, as it is kept, and the taste after it."""

    conversation_id: str
    catalogue: str
    turn: Turn
    taste: tuple[Interest, ...]


@dataclass(frozen=True, slots=True)
class Cards:
    """The recommendations of a reply that is still being worded."""

    recommendations: tuple[Recommendation, ...]


@dataclass(frozen=True, slots=True)
class Sentence:
    """The next piece of the reply's words, spaces included: all pieces joined are the reply's text."""

    text: str


@dataclass(frozen=True, slots=True)
class Done:
    """The whole answer, once it is kept."""

    answer: Answer


Event = Cards | Sentence | Done


def sentences(text: str) -> list[str]:
    """The text in sentences and lines, each with the white space after it: joined, they are the text."""
    return [piece for piece in _SENTENCE_END.split(text) if piece]


#: After a sentence's end, its closing quotes and the space behind it, before what isn't lower case: "e.g. a"
#: stays whole. A wrong cut does no harm, since the pieces are joined again.
_SENTENCE_END = re.compile(r"(?:(?<=[.!?…] )|(?<=[.!?…][\"\u201d\u2019)] ))(?![a-z\s])|(?<=\n)(?!\s)")


def relayed(pieces: Iterator[tuple[Recommendation, ...] | str | Turn]) -> Generator[Event, None, Turn]:
    """Passes a manager's pieces on as events and returns its turn; closing this closes the pieces."""
    try:
        for piece in pieces:
            if isinstance(piece, Turn):
                return piece
            yield Sentence(piece) if isinstance(piece, str) else Cards(piece)
    finally:
        if isinstance(pieces, Generator):
            pieces.close()
    raise RuntimeError("the manager's stream ended without a turn")


def last_answer(events: Iterator[Event]) -> Answer:
    """Runs through all events and returns the answer at their end."""
    for event in events:
        if isinstance(event, Done):
            return event.answer
    raise AssertionError("a stream that ends without an error ends with Done")
