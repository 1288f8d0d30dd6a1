"""The store for daily use: SQLite in one file, or PostgreSQL for several processes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from chat.conversation import Conversation, Turn
from chat.errors import StoreError
from chat.store.database import Database
from chat.store.protocol import (
    LONG_TERM,
    ConversationSummary,
    Summaries,
    check_ids,
    export_of,
    is_id,
    kind_of,
    not_there,
    saved_after,
    title_of,
)
from chat.store.schema import MIGRATIONS, migrate
from chat.store.schema import conversations as conversation_table
from chat.store.schema import turns as turn_table
from chat.wire import decode_reply, decode_turn, encode_reply, encode_turn

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class SqlStore:
    """`ConversationStore` in a database. Opening it makes or updates the tables."""

    def __init__(self, url: str, *, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> None:
        """`url` as in `sqlite:///folder/conversations.db` or `postgresql://user:password@host/database`.

        Raises `StoreError` where the database can't be opened, `BadSettings` for another kind of URL."""
        self._database = Database(url)
        with self._database.writing() as connection:
            migrate(connection, migrations)

    def create(self, conversation: Conversation) -> None:
        check_ids(conversation)
        times = [_micros(conversation.started), *(_micros(turn.at) for turn in conversation.turns)]
        with self._database.writing() as connection:
            try:
                connection.execute(
                    insert(conversation_table).values(
                        id=conversation.id,
                        user_id=conversation.user_id,
                        catalogue=conversation.catalogue,
                        started=times[0],
                        updated=max(times),
                    )
                )
            except IntegrityError:
                raise ValueError(
                    f"found a conversation {conversation.id!r} already, expected a new id"
                ) from None
            _add(connection, conversation.id, 1, conversation.turns)

    def load(self, conversation_id: str, user_id: str) -> Conversation:
        with self._database.reading() as connection:
            head = _own(connection, conversation_id, user_id)
            return _conversation(connection, head)

    def append(self, conversation_id: str, user_id: str, turn: Turn) -> bool:
        with self._database.writing() as connection:
            head = _own(connection, conversation_id, user_id, lock=True)
            check_ids(_bare(head, (turn,)))
            known = select(turn_table.c.position).where(
                turn_table.c.conversation_id == conversation_id, turn_table.c.message_id == turn.message_id
            )
            if connection.scalar(known) is not None:
                return False
            self._extend(connection, head, (turn,))
            return True

    def replace_from(
        self, conversation_id: str, user_id: str, number: int, turns: Sequence[Turn] = ()
    ) -> None:
        with self._database.writing() as connection:
            head = _own(connection, conversation_id, user_id, lock=True)
            mine = turn_table.c.conversation_id == conversation_id
            connection.execute(delete(turn_table).where(mine, turn_table.c.number >= number))
            check_ids(_bare(head, turns))
            taken = set(connection.scalars(select(turn_table.c.message_id).where(mine)))
            if taken & {turn.message_id for turn in turns}:
                raise ValueError(
                    "found two turns with the same message_id, expected each once in a conversation"
                )
            self._extend(connection, head, turns)

    def truncate(self, conversation_id: str, user_id: str, from_turn: int) -> None:
        self.replace_from(conversation_id, user_id, from_turn)

    def list(self, user_id: str, limit: int = 50) -> Summaries:
        if not is_id(user_id):
            return []
        title = (
            select(turn_table.c.title)
            .where(turn_table.c.conversation_id == conversation_table.c.id, turn_table.c.title != "")
            .order_by(turn_table.c.position)
            .limit(1)
            .scalar_subquery()
        )
        query = select(conversation_table, title.label("title")).where(
            conversation_table.c.user_id == user_id
        )
        with self._database.reading() as connection:
            rows = connection.execute(query.order_by(*_LATEST).limit(max(0, limit))).all()
        return [
            ConversationSummary(
                row.id, row.catalogue, _time(row.started), _time(row.updated), row.title or ""
            )
            for row in rows
        ]

    def delete(self, conversation_id: str, user_id: str) -> None:
        with self._database.writing() as connection:
            _own(connection, conversation_id, user_id, lock=True)
            connection.execute(delete(conversation_table).where(conversation_table.c.id == conversation_id))
        self._database.wipe()

    def long_term(
        self, user_id: str, catalogue: str, *, besides: str | None = None, limit: int = LONG_TERM
    ) -> tuple[Turn, ...]:
        if not (is_id(user_id) and is_id(catalogue)):
            return ()
        query = (
            select(turn_table.c.conversation_id, turn_table.c.position, turn_table.c.payload)
            .join(conversation_table)
            .where(conversation_table.c.user_id == user_id, conversation_table.c.catalogue == catalogue)
            .order_by(*_LATEST, turn_table.c.position.desc())
            .limit(max(0, limit))
        )
        if besides is not None and is_id(besides):
            query = query.where(conversation_table.c.id != besides)
        with self._database.reading() as connection:
            return tuple(map(_turn, connection.execute(query)))

    def saved(self, user_id: str, catalogue: str) -> tuple[str, ...]:
        if not (is_id(user_id) and is_id(catalogue)):
            return ()
        query = (
            select(turn_table.c.conversation_id, turn_table.c.position, turn_table.c.payload)
            .join(conversation_table)
            .where(conversation_table.c.user_id == user_id, conversation_table.c.catalogue == catalogue)
            .where(turn_table.c.kind == "feedback")
            .order_by(turn_table.c.at, conversation_table.c.id, turn_table.c.position)
        )
        with self._database.reading() as connection:
            return saved_after([_turn(row) for row in connection.execute(query)])

    def export(self, user_id: str) -> dict[str, Any]:
        if not is_id(user_id):
            return export_of(user_id, ())
        query = select(conversation_table).where(conversation_table.c.user_id == user_id).order_by(*_LATEST)
        with self._database.reading() as connection:
            heads = connection.execute(query).all()
            return export_of(user_id, [_conversation(connection, head) for head in heads])

    def erase(self, user_id: str) -> None:
        if is_id(user_id):
            with self._database.writing() as connection:
                connection.execute(delete(conversation_table).where(conversation_table.c.user_id == user_id))
            self._database.wipe()

    def ping(self) -> None:
        with self._database.reading() as connection:
            connection.execute(text("SELECT 1"))

    def close(self) -> None:
        """Closes all connections; the next call opens new ones."""
        self._database.close()

    def _extend(self, connection: Connection, head: Row[*tuple[Any, ...]], new: Sequence[Turn]) -> None:
        if not new:
            return
        last = connection.scalar(
            select(func.max(turn_table.c.position)).where(turn_table.c.conversation_id == head.id)
        )
        _add(connection, head.id, (last or 0) + 1, new)
        updated = max(head.updated, *(_micros(turn.at) for turn in new))
        connection.execute(
            update(conversation_table).where(conversation_table.c.id == head.id).values(updated=updated)
        )


_LATEST = (conversation_table.c.updated.desc(), conversation_table.c.id.desc())


def _own(
    connection: Connection, conversation_id: str, user_id: str, *, lock: bool = False
) -> Row[*tuple[Any, ...]]:
    """The conversation's row, locked against other writers if asked; raises `NoSuchConversation`."""
    if not (is_id(conversation_id) and is_id(user_id)):
        raise not_there(conversation_id)
    query = select(conversation_table).where(
        conversation_table.c.id == conversation_id, conversation_table.c.user_id == user_id
    )
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise not_there(conversation_id)
    return row


def _add(connection: Connection, conversation_id: str, first: int, new: Iterable[Turn]) -> None:
    rows = [
        {
            "conversation_id": conversation_id,
            "position": position,
            "message_id": turn.message_id,
            "number": turn.number,
            "kind": kind_of(turn),
            "at": _micros(turn.at),
            "title": title_of(turn.text),
            "payload": encode_turn(replace(turn, reply=None)),
            "reply": encode_reply(turn.reply) if turn.reply else None,
        }
        for position, turn in enumerate(new, first)
    ]
    if rows:
        connection.execute(insert(turn_table), rows)


def _bare(head: Row[*tuple[Any, ...]], new: Sequence[Turn]) -> Conversation:
    return Conversation(head.id, head.user_id, head.catalogue, _time(head.started), tuple(new))


def _conversation(connection: Connection, head: Row[*tuple[Any, ...]]) -> Conversation:
    query = select(turn_table).where(turn_table.c.conversation_id == head.id).order_by(turn_table.c.position)
    return _bare(head, [_turn(row, with_reply=True) for row in connection.execute(query)])


def _turn(row: Row[*tuple[Any, ...]], *, with_reply: bool = False) -> Turn:
    try:
        turn = decode_turn(row.payload)
        return replace(turn, reply=decode_reply(row.reply)) if with_reply and row.reply else turn
    except ValueError:
        # Without its cause, which would show what somebody said.
        raise StoreError(
            f"Turn {row.position} of conversation {row.conversation_id} in the store cannot be read: it is "
            "damaged, or a newer GENRE has written it. Update this one, or restore the store from a copy."
        ) from None


def _micros(at: datetime) -> int:
    return ((at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH) // timedelta(microseconds=1)


def _time(micros: int) -> datetime:
    return _EPOCH + timedelta(microseconds=micros)
