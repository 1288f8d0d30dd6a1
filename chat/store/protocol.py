"""What a store of conversations promises, whichever it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from chat.conversation import Conversation, Turn
from chat.errors import NoSuchConversation
from chat.wire import encode_conversation, repaired

#: How many turns of former conversations are read at most: with a half-life of eight messages and half the
#: weight for what is past, older ones add nothing that could be noticed but what was seen.
LONG_TERM = 400
#: Longest id, in characters: short enough for an index entry of any database.
ID_CHARS = 200
#: Longest title of a conversation, in characters.
TITLE_CHARS = 60
#: Not printable by itself, but without it one emoji becomes three.
JOINER = "\u200d"

TurnKind = Literal["message", "feedback", "edit"]


@dataclass(frozen=True, slots=True)
class ConversationSummary:
    """One line in the list of a person's conversations. `title` are their first words, empty before any."""

    id: str
    catalogue: str
    started: datetime
    updated: datetime
    title: str


#: In a class with a method `list`, this is how a list is called.
Summaries = list[ConversationSummary]


class ConversationStore(Protocol):
    """Keeps conversations, each for one person only.

    Every method may be called from any thread. What a write was given is on disk when it returns (memory:
    in memory). A conversation that isn't there and one of another person's raise the same
    `NoSuchConversation`; a store that can't be reached or written raises `StoreError`. Times come back in
    UTC, and turns in the order in which they were appended.

    Ids (of people, conversations, catalogues, messages) are 1 to 200 characters without NUL and lone
    surrogates. Nothing is found under any other id, and writing one raises `ValueError`.
    """

    def create(self, conversation: Conversation) -> None:
        """Keeps a new conversation with its turns. Raises `ValueError` where the id is taken."""

    def load(self, conversation_id: str, user_id: str) -> Conversation:
        """The conversation as it was kept. Raises `NoSuchConversation`."""

    def append(self, conversation_id: str, user_id: str, turn: Turn) -> bool:
        """Keeps one more turn. False, and nothing changes, where its message id is kept here already."""

    def replace_from(
        self, conversation_id: str, user_id: str, number: int, turns: Sequence[Turn] = ()
    ) -> None:
        """Drops every turn numbered `number` or higher and appends `turns`: all of it or nothing.

        Raises `ValueError` where a message id among `turns` stands in the rest already."""

    def truncate(self, conversation_id: str, user_id: str, from_turn: int) -> None:
        """Drops every turn numbered `from_turn` or higher."""

    def list(self, user_id: str, limit: int = 50) -> Summaries:
        """The person's conversations, the latest used first."""

    def delete(self, conversation_id: str, user_id: str) -> None:
        """Forgets one conversation and all that was in it."""

    def long_term(
        self, user_id: str, catalogue: str, *, besides: str | None = None, limit: int = LONG_TERM
    ) -> tuple[Turn, ...]:
        """The person's turns in other conversations about the catalogue, newest first, without their replies.

        The conversation `besides` is left out. Order: the latest used conversation first, and in each the
        last turn first."""

    def saved(self, user_id: str, catalogue: str) -> tuple[str, ...]:
        """The ids of the items that the person saved, in any conversation about the catalogue, and didn't let
        go again; the latest saved last."""

    def export(self, user_id: str) -> dict[str, Any]:
        """All that is kept about the person, ready for JSON."""

    def erase(self, user_id: str) -> None:
        """Forgets all that is kept about the person."""

    def ping(self) -> None:
        """Returns if the store answers; raises `StoreError` if not."""


def is_id(text: str) -> bool:
    """Whether the text may serve as an id in a store."""
    return 0 < len(text) <= ID_CHARS and "\0" not in text and not any("\ud800" <= c <= "\udfff" for c in text)


def check_ids(conversation: Conversation) -> None:
    """Raises `ValueError` where something of the conversation can't be kept under the ids it has."""
    named = [
        ("id", conversation.id),
        ("user_id", conversation.user_id),
        ("catalogue", conversation.catalogue),
    ]
    named += [("message_id", turn.message_id) for turn in conversation.turns]
    for name, text in named:
        if not is_id(text):
            raise ValueError(
                f"found the {name} {text[:50]!r} of {len(text)} characters, "
                f"expected 1 to {ID_CHARS} without NUL and lone surrogates"
            )
    if len({turn.message_id for turn in conversation.turns}) < len(conversation.turns):
        raise ValueError("found two turns with the same message_id, expected each once in a conversation")


def not_there(conversation_id: str) -> NoSuchConversation:
    """The one answer for an unknown conversation and for somebody else's."""
    shown = conversation_id[:40].encode("ascii", "backslashreplace").decode()
    return NoSuchConversation(
        f"There is no conversation {shown!r} of yours. It may have been deleted: start a new one."
    )


def kind_of(turn: Turn) -> TurnKind:
    """What sort of turn it is."""
    if turn.feedback is not None:
        return "feedback"
    return "edit" if turn.edit is not None else "message"


def title_of(text: str) -> str:
    """The first words of a message, on one line, cut between words where it is long."""
    printable = "".join(
        c if c.isprintable() or c == JOINER else " " for c in repaired(text[: TITLE_CHARS * 4])
    )
    words = " ".join(printable.split())
    if len(words) <= TITLE_CHARS:
        return words
    cut = words[: TITLE_CHARS - 1]
    head, space, _ = cut.rpartition(" ")
    return (head if space and len(head) > TITLE_CHARS // 2 else cut).rstrip(" ,.;:") + "…"


def saved_after(turns: Sequence[Turn]) -> tuple[str, ...]:
    """What stays saved after these turns, oldest first: each item once, the latest saved last."""
    saved: dict[str, None] = {}
    for turn in turns:
        if turn.feedback is not None and turn.feedback.kind in ("save", "unsave"):
            saved.pop(turn.feedback.item_id, None)
            if turn.feedback.kind == "save":
                saved[turn.feedback.item_id] = None
    return tuple(saved)


def export_of(user_id: str, conversations: Sequence[Conversation]) -> dict[str, Any]:
    """All that is kept about a person, as JSON: nothing but text, numbers, lists and objects."""
    return {
        "user_id": user_id,
        "conversations": [json.loads(encode_conversation(conversation)) for conversation in conversations],
    }
