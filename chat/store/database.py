"""The way to a database: SQLite in a file, or PostgreSQL. Opens it, and says what to check when it fails."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from chat.errors import BadSettings, StoreError

#: How long a write waits for another process's write to the same SQLite file, in seconds.
BUSY_SECONDS = 15
#: How long to wait for a PostgreSQL server to answer a connection, in seconds.
CONNECT_SECONDS = 5


class Database:
    """Transactions on one database, from any thread. Raises `StoreError` for whatever goes wrong there, and
    `BadSettings` for a URL that is none, or of another kind of database."""

    def __init__(self, url: str) -> None:
        self._url = _read(url)
        self._sqlite = self._url.get_backend_name() == "sqlite"
        connect: dict[str, Any] = {"timeout": BUSY_SECONDS}
        if self._sqlite:
            self._make_file()
        else:
            connect = {} if "connect_timeout" in self._url.query else {"connect_timeout": CONNECT_SECONDS}
        with self._failing_plainly():
            # Parameters are what people said: they don't belong into error messages and logs.
            self._engine = create_engine(
                self._url, connect_args=connect, hide_parameters=True, pool_pre_ping=not self._sqlite
            )
        if self._sqlite:
            event.listen(self._engine, "connect", _set_up)
            event.listen(self._engine, "begin", _begin)
        self._writer = self._engine.execution_options(writes=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that only reads."""
        with self._failing_plainly(), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that is on disk when the block ends, or never was."""
        with self._failing_plainly(), self._writer.begin() as connection:
            yield connection

    def wipe(self) -> None:
        """Moves what was written from SQLite's log into its file, so that deleted words stay in neither.

        PostgreSQL clears its pages by itself, in its own time."""
        if not self._sqlite:
            return
        with self._failing_plainly():
            connection = self._engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            pass  # somebody reads the log just now; it is emptied the next time
        finally:
            connection.close()

    def close(self) -> None:
        """Closes all connections."""
        self._engine.dispose()

    def _make_file(self) -> None:
        """SQLite's file and its folder, if they aren't there: for the owner's eyes only."""
        if self._url.database in (None, "", ":memory:"):
            raise BadSettings(
                "The database URL names no file. Expected one like sqlite:///folder/conversations.db"
            )
        path = Path(str(self._url.database))
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise StoreError(
                f"The store of conversations {path} cannot be opened: {error.strerror}. "
                "Check that the folder is there and that this program may write in it."
            ) from error

    @contextmanager
    def _failing_plainly(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            raise StoreError(self._explained(error)) from error

    def _explained(self, error: SQLAlchemyError) -> str:
        said = str(error.orig).strip().splitlines()[:1] if isinstance(error, DBAPIError) else []
        what = self._without_secrets(said[0] if said else type(error).__name__)
        if self._sqlite:
            return (
                f"The store of conversations {self._url.database} failed: {what}. Check that the file is a "
                "database of this program, that it may be written, that the disk has room, and that no other "
                "program holds it open."
            )
        where = f'PostgreSQL at {self._url.host or "the local socket"}, database "{self._url.database or ""}"'
        if isinstance(error, OperationalError | PoolTimeout):
            return (
                f"The store of conversations, {where}, cannot be reached: {what}. Check that the server "
                "runs, and the host, port, name and password in the database URL."
            )
        return (
            f"The store of conversations, {where}, failed: {what}. Check that its user may create and write "
            "tables, and that the tables are those of this program."
        )

    def _without_secrets(self, said: str) -> str:
        secrets = [self._url.password, self._url.username]
        for value in self._url.query.values():
            secrets += [value] if isinstance(value, str) else list(value)
        for secret in sorted(filter(None, map(str, filter(None, secrets))), key=len, reverse=True):
            said = said.replace(secret, "…")
        return said.rstrip(".")


def _read(url: str) -> URL:
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        read = None
    if read is None or read.get_backend_name() not in ("sqlite", "postgresql", "postgres"):
        found = f"a URL of {read.get_backend_name()}" if read is not None else "no URL that could be read"
        # Without the URL itself and without its cause: there is a password in it.
        raise BadSettings(
            f"The database URL is {found}. Expected sqlite:///folder/conversations.db "
            "or postgresql://user:password@host:5432/database"
        ) from None
    return read if read.get_backend_name() == "sqlite" else read.set(drivername="postgresql+psycopg")


def _set_up(connection: Any, _: object) -> None:
    connection.isolation_level = None  # transactions begin where `_begin` says
    cursor = connection.cursor()
    _write_ahead(cursor)
    cursor.execute("PRAGMA synchronous = FULL")  # an acknowledged turn survives a power cut
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what people delete is overwritten, not just unlinked
    cursor.close()


def _write_ahead(cursor: Any) -> None:
    """Lets readers not wait for a writer. The file remembers it, so this changes something only once; and
    just that change doesn't wait where another process is making it too."""
    deadline = time.monotonic() + BUSY_SECONDS
    while cursor.execute("PRAGMA journal_mode").fetchone() != ("wal",):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return  # a file system without shared memory keeps the old way, slower but as safe
        except sqlite3.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _begin(connection: Connection) -> None:
    # A writer takes its lock at once: one that reads first and writes later fails without waiting when
    # another has written in between (https://www.sqlite.org/isolation.html).
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
