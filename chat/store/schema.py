"""The tables of the store, and the steps that lead from any earlier shape of them to the present one."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    ForeignKey,
    Integer,
    MetaData,
    Table,
    Text,
    func,
    select,
)
from sqlalchemy import text as sql

from chat.errors import StoreError

metadata = MetaData()

#: Times are microseconds since 1970 in UTC: exact, and the same in every database.
conversations = Table(
    "conversations",
    metadata,
    Column("id", Text, primary_key=True),
    Column("user_id", Text, nullable=False),
    Column("catalogue", Text, nullable=False),
    Column("started", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
)

#: `payload` is the turn without its reply, `reply` the reply: a taste is read from many turns, but from no
#: reply, and replies are nine tenths of the bytes. `title` is the turn's share in the conversation's title.
turns = Table(
    "turns",
    metadata,
    Column("conversation_id", Text, ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("message_id", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("title", Text, nullable=False),
    Column("payload", Text, nullable=False),
    Column("reply", Text),
)

versions = Table(
    "schema_version",
    MetaData(),
    Column("version", Integer, primary_key=True),
    Column("applied", BigInteger, nullable=False),
)

#: Step n leads from version n to n + 1. A step that was released is never edited: what changes is a new step.
#: The statements are of the SQL that SQLite and PostgreSQL share.
MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE conversations (
            id TEXT PRIMARY KEY,
            user_id TEXT NOT NULL,
            catalogue TEXT NOT NULL,
            started BIGINT NOT NULL,
            updated BIGINT NOT NULL
        )""",
        "CREATE INDEX conversations_of_user ON conversations (user_id, updated)",
        """CREATE TABLE turns (
            conversation_id TEXT NOT NULL REFERENCES conversations (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            message_id TEXT NOT NULL,
            number INTEGER NOT NULL,
            kind TEXT NOT NULL,
            at BIGINT NOT NULL,
            title TEXT NOT NULL,
            payload TEXT NOT NULL,
            reply TEXT,
            PRIMARY KEY (conversation_id, position),
            UNIQUE (conversation_id, message_id)
        )""",
    ),
)

#: Any number will do, as long as nobody else locks the same in this database.
_ADVISORY_LOCK = 7_203_115_901


def migrate(connection: Connection, migrations: Sequence[Sequence[str]] = MIGRATIONS) -> int:
    """Brings the database to the newest version within the caller's transaction, and returns that version.

    Several processes may do so at once: one migrates, the others wait and find it done. Raises `StoreError`
    for a database that a newer program has made.
    """
    if connection.dialect.name == "postgresql":  # in SQLite, BEGIN IMMEDIATE has locked all already
        connection.execute(sql("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _ADVISORY_LOCK})
    connection.execute(
        sql(
            "CREATE TABLE IF NOT EXISTS schema_version (version INTEGER PRIMARY KEY, applied BIGINT NOT NULL)"
        )
    )
    version = connection.scalar(select(func.max(versions.c.version))) or 0
    if version > len(migrations):
        raise StoreError(
            f"The store of conversations has version {version}, this program knows up to {len(migrations)}. "
            "A newer GENRE has used it: update this one, or give it a store of its own."
        )
    for number, statements in enumerate(migrations[version:], version + 1):
        for statement in statements:
            connection.execute(sql(statement))
        connection.execute(versions.insert().values(version=number, applied=time.time_ns() // 1000))
    return len(migrations)
