"""Whom simulated people talk to: the house, the house without some part, lists that listen to nobody."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from chat.conversation import FeedbackKind
from chat.reply import Question, Reply
from chat.service import Service
from retrieval.items import Constraint, Item


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer as a person gets it."""

    text: str
    move: str
    items: tuple[Item, ...] = ()
    question: Question | None = None
    options: tuple[str, ...] = ()
    let_go: tuple[Constraint, ...] = ()
    milliseconds: float = 0.0


class Partner(Protocol):
    """Anything that people can talk to."""

    def say(self, text: str) -> Heard:
        """The answer to a message."""

    def click(self, item: Item, kind: FeedbackKind) -> None:
        """A verdict on a card."""


@dataclass
class HousePartner:
    """A conversation with the house.

    With `memory=False` each message is the first of a conversation, with somebody unknown; with
    `questions=False` nobody hears what it asks, or the quick replies to that.
    """

    service: Service
    catalogue: str
    memory: bool = True
    questions: bool = True
    _place: tuple[str, str] | None = field(default=None, init=False)
    _said: int = field(default=0, init=False)

    def say(self, text: str) -> Heard:
        self._said += 1
        if self._place is None or not self.memory:
            user = f"simulated-{self._said}"
            self._place = (user, self.service.start(user, self.catalogue).id)
        started = time.perf_counter()
        answer = self.service.respond(*self._place, f"message-{self._said}", text)
        heard = _heard(answer.turn.reply, 1000 * (time.perf_counter() - started))
        if self.questions or heard.question is None:
            return heard
        return replace(heard, move="recommend" if heard.items else "converse", question=None, options=())

    def click(self, item: Item, kind: FeedbackKind) -> None:
        if self._place is not None and self.memory:
            self.service.feedback(*self._place, item.id, kind)


@dataclass
class ListPartner:
    """A fixed order of the catalogue, a few items at a time, whatever is said."""

    order: Sequence[Item]
    size: int
    _at: int = field(default=0, init=False)

    def say(self, text: str) -> Heard:
        items = tuple(self.order[self._at : self._at + self.size])
        self._at += self.size
        return Heard("", "recommend" if items else "converse", items)

    def click(self, item: Item, kind: FeedbackKind) -> None:
        pass


def _heard(reply: Reply | None, milliseconds: float) -> Heard:
    if reply is None:
        return Heard("", "", milliseconds=milliseconds)
    items = tuple(entry.item for entry in reply.recommendations)
    return Heard(
        reply.text, reply.move, items, reply.question, reply.quick_replies, reply.let_go, milliseconds
    )
