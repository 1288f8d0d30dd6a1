"""A conversation is the list of its turns; everything else about it can be rebuilt from them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Literal

from chat.reply import Reply
from prompts.dialogue import Interest, Reading

FeedbackKind = Literal["like", "dislike", "seen", "save", "unsave", "hide", "click", "skip"]


@dataclass(frozen=True, slots=True)
class Feedback:
    """A click on a card. `apart` is what had set the item apart in its list, by signal; empty for one that
    was not in a list."""

    item_id: str
    kind: FeedbackKind
    apart: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class TasteEdit:
    """A change made by hand in the taste panel: `after is None` removes the entry `before`."""

    before: Interest | None
    after: Interest | None


@dataclass(frozen=True, slots=True)
class Turn:
    """One thing that a person did, what it was taken to mean, and what was answered.

    A turn is a message (`text` and `reading`), a click (`feedback`) or an edit of the taste (`edit`); only a
    message has a `reply`. `number` counts messages from 1; a click or an edit carries the number of the
    message before it. `message_id` makes a retry of the same message harmless.
    """

    number: int
    at: datetime
    message_id: str
    text: str = ""
    reading: Reading | None = None
    reply: Reply | None = None
    feedback: Feedback | None = None
    edit: TasteEdit | None = None
    timings: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Conversation:
    """Somebody's conversation about one catalogue, oldest turn first."""

    id: str
    user_id: str
    catalogue: str
    started: datetime
    turns: tuple[Turn, ...] = ()

    @property
    def messages(self) -> tuple[Turn, ...]:
        """The turns that are messages."""
        return tuple(turn for turn in self.turns if turn.reply is not None)

    @property
    def shown(self) -> tuple[str, ...]:
        """The ids of every item that was ever recommended here, oldest first, each once."""
        ids = [entry.item.id for turn in self.messages if turn.reply for entry in turn.reply.recommendations]
        return tuple(dict.fromkeys(ids))

    @property
    def named(self) -> frozenset[str]:
        """The ids of the items that the person called by name, one or two at a time: they know of them."""
        return frozenset(
            mention.item_id
            for turn in self.messages
            if turn.reading and len(turn.reading.mentions) < 3
            for mention in turn.reading.mentions
            if not mention.pointed
        )

    @property
    def last(self) -> Reply | None:
        """The latest reply."""
        messages = self.messages
        return messages[-1].reply if messages else None
