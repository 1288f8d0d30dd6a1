"""A store that forgets with the process: for tests and for trying things out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from threading import RLock
from typing import Any

from chat.conversation import Conversation, Turn
from chat.store.protocol import (
    LONG_TERM,
    ConversationSummary,
    Summaries,
    check_ids,
    export_of,
    kind_of,
    not_there,
    saved_after,
    title_of,
)
from chat.wire import decode_turn, encode_turn


@dataclass(slots=True)
class _Kept:
    """One conversation. Its turns are kept encoded, so that they come back as from a real store."""

    head: Conversation
    updated: datetime
    turns: list[str] = field(default_factory=list)
    message_ids: list[str] = field(default_factory=list)

    def add(self, turn: Turn) -> None:
        self.turns.append(encode_turn(turn))
        self.message_ids.append(turn.message_id)
        self.updated = max(self.updated, _utc(turn.at))

    def decoded(self) -> tuple[Turn, ...]:
        return tuple(map(decode_turn, self.turns))


class MemoryStore:
    """`ConversationStore` in a dictionary."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._kept: dict[str, _Kept] = {}

    def create(self, conversation: Conversation) -> None:
        check_ids(conversation)
        with self._lock:
            if conversation.id in self._kept:
                raise ValueError(f"found a conversation {conversation.id!r} already, expected a new id")
            started = _utc(conversation.started)
            kept = _Kept(replace(conversation, started=started, turns=()), started)
            for turn in conversation.turns:
                kept.add(turn)
            self._kept[conversation.id] = kept

    def load(self, conversation_id: str, user_id: str) -> Conversation:
        with self._lock:
            kept = self._of(conversation_id, user_id)
            return replace(kept.head, turns=kept.decoded())

    def append(self, conversation_id: str, user_id: str, turn: Turn) -> bool:
        with self._lock:
            kept = self._of(conversation_id, user_id)
            check_ids(replace(kept.head, turns=(turn,)))
            if turn.message_id in kept.message_ids:
                return False
            kept.add(turn)
            return True

    def replace_from(
        self, conversation_id: str, user_id: str, number: int, turns: Sequence[Turn] = ()
    ) -> None:
        with self._lock:
            kept = self._of(conversation_id, user_id)
            rest = tuple(turn for turn in kept.decoded() if turn.number < number)
            check_ids(replace(kept.head, turns=(*rest, *turns)))
            kept.turns, kept.message_ids = [], []
            for turn in (*rest, *turns):
                kept.add(turn)

    def truncate(self, conversation_id: str, user_id: str, from_turn: int) -> None:
        self.replace_from(conversation_id, user_id, from_turn)

    def list(self, user_id: str, limit: int = 50) -> Summaries:
        with self._lock:
            return [_summary(kept) for kept in self._latest(user_id)][: max(0, limit)]

    def delete(self, conversation_id: str, user_id: str) -> None:
        with self._lock:
            self._of(conversation_id, user_id)
            del self._kept[conversation_id]

    def long_term(
        self, user_id: str, catalogue: str, *, besides: str | None = None, limit: int = LONG_TERM
    ) -> tuple[Turn, ...]:
        with self._lock:
            turns = [
                replace(turn, reply=None)
                for kept in self._latest(user_id)
                if kept.head.catalogue == catalogue and kept.head.id != besides
                for turn in reversed(kept.decoded())
            ]
            return tuple(turns[: max(0, limit)])

    def saved(self, user_id: str, catalogue: str) -> tuple[str, ...]:
        with self._lock:
            turns = [
                (turn.at, kept.head.id, position, turn)
                for kept in self._latest(user_id)
                if kept.head.catalogue == catalogue
                for position, turn in enumerate(kept.decoded())
                if kind_of(turn) == "feedback"
            ]
        return saved_after([turn for *_, turn in sorted(turns, key=lambda entry: entry[:3])])

    def export(self, user_id: str) -> dict[str, Any]:
        with self._lock:
            return export_of(
                user_id, [replace(kept.head, turns=kept.decoded()) for kept in self._latest(user_id)]
            )

    def erase(self, user_id: str) -> None:
        with self._lock:
            for kept in tuple(self._latest(user_id)):
                del self._kept[kept.head.id]

    def ping(self) -> None:
        """Memory always answers."""

    def _of(self, conversation_id: str, user_id: str) -> _Kept:
        kept = self._kept.get(conversation_id)
        if kept is None or kept.head.user_id != user_id:
            raise not_there(conversation_id)
        return kept

    def _latest(self, user_id: str) -> Iterator[_Kept]:
        """The person's conversations, the latest used first."""
        theirs = [kept for kept in self._kept.values() if kept.head.user_id == user_id]
        return iter(sorted(theirs, key=lambda kept: (kept.updated, kept.head.id), reverse=True))


def _utc(at: datetime) -> datetime:
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)


def _summary(kept: _Kept) -> ConversationSummary:
    titles = (title_of(turn.text) for turn in kept.decoded())
    head = kept.head
    return ConversationSummary(
        head.id, head.catalogue, head.started, kept.updated, next(filter(None, titles), "")
    )
