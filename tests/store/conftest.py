from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from chat.store.memory import MemoryStore
from chat.store.protocol import ConversationStore
from chat.store.sql import SqlStore

#: Where a PostgreSQL for tests is looked for. Each run makes a schema of its own there and drops it after.
SERVERS = (
    "postgresql+psycopg://postgres@127.0.0.1:5432/test",
    "postgresql+psycopg://postgres@127.0.0.1:5432/root",
)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of an empty schema on a PostgreSQL server."""
    schema = f"genre_test_{uuid.uuid4().hex[:12]}"
    for url in SERVERS:
        engine = create_engine(url, connect_args={"connect_timeout": 3})
        try:
            with engine.begin() as connection:
                connection.execute(text(f"CREATE SCHEMA {schema}"))
        except OperationalError:
            engine.dispose()
            continue
        try:
            yield f"{url}?options=-csearch_path%3D{schema}"
        finally:
            with engine.begin() as connection:
                connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
            engine.dispose()
        return
    pytest.skip("no PostgreSQL answers at 127.0.0.1:5432 (user postgres, database test or root)")


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ConversationStore]:
    """Every store there is, empty."""
    if request.param == "memory":
        yield MemoryStore()
        return
    if request.param == "sqlite":
        kept = SqlStore(f"sqlite:///{tmp_path / 'kept.db'}")
    else:
        url = request.getfixturevalue("postgresql")
        kept = SqlStore(url)
        engine = create_engine(url)
        with engine.begin() as connection:
            connection.execute(text("TRUNCATE conversations CASCADE"))
        engine.dispose()
    yield kept
    kept.close()
