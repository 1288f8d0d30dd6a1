"""What the databases promise beyond the contract: durability, versions, and errors that help."""

from __future__ import annotations

import signal
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, text

from chat.errors import BadSettings, StoreError
from chat.store.schema import MIGRATIONS, metadata
from chat.store.sql import SqlStore
from tests.store.samples import NOON, conversation, message

ROOT = Path(__file__).resolve().parents[2]

WRITER = """
import sys
from chat.store.sql import SqlStore
from tests.store.samples import conversation, message
store = SqlStore(sys.argv[1])
store.create(conversation())
number = 0
while True:
    number += 1
    store.append("c1", "ann", message(number))
    print(number, flush=True)
"""


def sqlite_url(folder: Path) -> str:
    return f"sqlite:///{folder / 'kept.db'}"


@pytest.mark.parametrize("acknowledged", [1, 25])
def test_a_killed_writer_loses_nothing_acknowledged(tmp_path: Path, acknowledged: int) -> None:
    command = [sys.executable, "-c", WRITER, sqlite_url(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(acknowledged):
            assert writer.stdout.readline()
        writer.send_signal(signal.SIGKILL)
        rest = writer.stdout.read().splitlines()
    last = acknowledged + sum(line.isdigit() for line in rest)
    store = SqlStore(sqlite_url(tmp_path))
    numbers = [turn.number for turn in store.load("c1", "ann").turns]
    # One more may be kept whose acknowledgement was cut off.
    assert numbers in (list(range(1, last + 1)), list(range(1, last + 2)))
    assert store.append("c1", "ann", message(999))
    store.close()


def test_two_openings_of_one_file_write_side_by_side(tmp_path: Path) -> None:
    stores = [SqlStore(sqlite_url(tmp_path)) for _ in range(2)]
    stores[0].create(conversation())

    def talk(place: int) -> None:
        for number in range(1, 21):
            stores[place].append("c1", "ann", message(number, id=f"{place}-{number}"))

    threads = [threading.Thread(target=talk, args=(place,)) for place in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(stores[0].load("c1", "ann").turns) == 40
    for store in stores:
        store.close()


def test_sqlite_is_set_to_keep_what_it_acknowledged(tmp_path: Path) -> None:
    store = SqlStore(sqlite_url(tmp_path))
    with store._database.reading() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 15_000}
    store.close()


def test_the_file_is_for_its_owner_only_and_its_folder_is_made(tmp_path: Path) -> None:
    path = tmp_path / "a" / "b" / "kept.db"
    SqlStore(f"sqlite:///{path}").close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_deleted_words_are_in_none_of_the_files(tmp_path: Path) -> None:
    def holds(words: bytes) -> bool:
        return any(words in path.read_bytes() for path in tmp_path.iterdir())

    store = SqlStore(sqlite_url(tmp_path))
    store.create(conversation("c1", "ann", "films", NOON, message(1, "Rumpelstiltskin " * 100)))
    store.create(conversation("c2", "ann", "films", NOON, message(1, "Rapunzel")))
    assert holds(b"Rumpelstiltskin")
    assert holds(b"Rapunzel")
    store.delete("c1", "ann")
    assert not holds(b"Rumpelstiltskin")
    assert holds(b"Rapunzel")
    store.erase("ann")
    assert not holds(b"Rapunzel")
    store.close()


# ---------------------------------------------------------------- versions


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database."""
    if request.param == "sqlite":
        yield sqlite_url(tmp_path)
        return
    found: str = request.getfixturevalue("postgresql")
    engine = create_engine(found)
    drop = text("DROP TABLE IF EXISTS turns, conversations, schema_version")
    with engine.begin() as connection:
        connection.execute(drop)
    yield found
    with engine.begin() as connection:  # other tests expect the tables of now
        connection.execute(drop)
    engine.dispose()


def test_the_migrations_make_the_tables_that_the_queries_expect(url: str) -> None:
    SqlStore(url).close()
    engine = create_engine(url)
    found = inspect(engine)
    for table in metadata.tables.values():
        columns = {column["name"]: column["nullable"] for column in found.get_columns(table.name)}
        assert {name: bool(nullable) for name, nullable in columns.items()} == {
            # SQLite doesn't say of a text key that it is never null
            column.name: columns[column.name] if column.primary_key else bool(column.nullable)
            for column in table.columns
        }
    engine.dispose()


def test_a_later_version_keeps_what_an_earlier_one_wrote(url: str) -> None:
    first = SqlStore(url)
    first.create(conversation("c1", "ann", "films", NOON, message(1)))
    first.close()
    steps = (*MIGRATIONS, ("ALTER TABLE turns ADD COLUMN mood TEXT", "UPDATE turns SET mood = 'calm'"))
    for _ in range(2):  # the second opening finds nothing left to do
        later = SqlStore(url, migrations=steps)
        assert later.load("c1", "ann").turns == (message(1),)
        later.close()
    with pytest.raises(StoreError, match="version 2, this program knows up to 1"):
        SqlStore(url)


def test_a_step_that_fails_leaves_the_version_before_it(url: str) -> None:
    store = SqlStore(url)
    store.create(conversation("c1", "ann", "films", NOON, message(1)))
    with pytest.raises(StoreError):
        SqlStore(
            url, migrations=(*MIGRATIONS, ("DELETE FROM turns", "ALTER TABLE nowhere ADD COLUMN x TEXT"))
        )
    assert len(store.load("c1", "ann").turns) == 1
    store.close()
    SqlStore(url).close()


def test_many_may_open_a_new_database_at_once(url: str) -> None:
    failed: list[Exception] = []

    def open_it() -> None:
        try:
            SqlStore(url).close()
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []


# ---------------------------------------------------------------- errors


def test_an_unreachable_server_says_what_to_check_and_no_secret() -> None:
    url = "postgresql://somebody:hunter2@127.0.0.1:1/kept?sslpassword=hunter3&application_name=hunter4"
    with pytest.raises(StoreError) as error:
        SqlStore(url)
    said = str(error.value)
    assert "cannot be reached" in said
    assert "127.0.0.1" in said
    assert "Check that the server runs" in said
    assert "hunter" not in said
    assert "somebody" not in said


@pytest.mark.parametrize(
    "url",
    ["mysql://ann:hunter2@host/db", "hunter2", "sqlite://", "sqlite:///:memory:", "postgresql+hunter2:"],
)
def test_a_url_of_no_use_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadSettings, match="sqlite:///") as error:
        SqlStore(url)
    assert "hunter2" not in str(error.value)


def test_an_odd_driver_name_still_means_postgresql() -> None:
    with pytest.raises(StoreError, match="PostgreSQL at 127"):
        SqlStore("postgres://ann:hunter2@127.0.0.1:1/db")


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept.db"
    path.write_text("Dear diary, this is not a database. " * 100)
    with pytest.raises(StoreError, match=r"kept\.db failed: file is not a database"):
        SqlStore(f"sqlite:///{path}")
    assert path.read_text().startswith("Dear diary")


def test_a_folder_that_cannot_be_made_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreError, match="Check that the folder is there"):
        SqlStore(f"sqlite:///{tmp_path / 'file' / 'kept.db'}")


def test_a_store_that_went_away_raises_on_every_call(tmp_path: Path) -> None:
    store = SqlStore(sqlite_url(tmp_path))
    store.create(conversation())
    with sqlite3.connect(tmp_path / "kept.db") as other:
        other.execute("DROP TABLE turns")
    other.close()
    for attempt in (
        lambda: store.load("c1", "ann"),
        lambda: store.append("c1", "ann", message(1, "my secret words")),
        lambda: store.list("ann"),
        lambda: store.saved("ann", "films"),
    ):
        with pytest.raises(StoreError, match="no such table: turns"):
            attempt()
    store.close()


def test_a_refused_write_tells_nobody_what_was_said(tmp_path: Path) -> None:
    store = SqlStore(sqlite_url(tmp_path))
    store.create(conversation())
    with sqlite3.connect(tmp_path / "kept.db") as other:
        other.execute("CREATE TRIGGER full BEFORE INSERT ON turns BEGIN SELECT RAISE(ABORT, 'no room'); END")
    other.close()
    with pytest.raises(StoreError, match="no room") as error:
        store.append("c1", "ann", message(1, "my secret words"))
    assert "secret" not in str(error.value) + str(error.value.__cause__)
    assert store.load("c1", "ann").turns == ()
    store.close()


def test_a_damaged_turn_is_named_and_not_shown(tmp_path: Path) -> None:
    store = SqlStore(sqlite_url(tmp_path))
    store.create(conversation("c1", "ann", "films", NOON, message(1)))
    with sqlite3.connect(tmp_path / "kept.db") as other:
        other.execute("""UPDATE turns SET payload = '{"text": "my secret"}'""")
    other.close()
    with pytest.raises(StoreError, match="Turn 1 of conversation c1") as error:
        store.load("c1", "ann")
    assert "secret" not in str(error.value)
    assert error.value.__suppress_context__
    store.close()
