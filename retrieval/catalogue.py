"""The catalogue: SQLite is the record of items and of their vectors; all that is searched is derived from
it."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import sqlite3
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from retrieval import clean
from retrieval.errors import BadFile, UnknownCatalogue
from retrieval.items import Bounds, Facet, FactValue, Item
from retrieval.schema import Schema, parse_schema, schema_toml

_FILE = "catalogue.sqlite"
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS items (row INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, data TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS vectors (
    model TEXT NOT NULL, text_hash BLOB NOT NULL, vector BLOB NOT NULL, PRIMARY KEY (model, text_hash)
) WITHOUT ROWID;
"""
#: Before a value in an alias: any value but this one ("foreign" = "!English").
INVERSE = "!"
_MOST_VALUES = 6  # of one facet in an embedded text: more would crowd out the description

Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Source:
    """Where a catalogue came from: the file's name, and a digest of its content and schema."""

    file: str = ""
    digest: str = ""


class Catalogue:
    """All items of one catalogue, in memory and unchanging, so that any thread may read it."""

    def __init__(self, name: str, schema: Schema, items: Sequence[Item], fingerprint: str) -> None:
        self.name = name
        self.schema = schema
        self.title = schema.title
        self.noun = schema.noun
        self.nouns = schema.nouns
        self.items = tuple(items)
        self.fingerprint = fingerprint
        self._by_id = {item.id: item for item in self.items}
        columns = schema.kept
        self._values = {column.facet.name: _counted(self.items, column.facet) for column in columns}
        self._bounds = {column.facet.name: _bounded(self.items, column.facet) for column in columns}
        # An alias for a value that no item has would make filters that nothing can meet.
        self.facets = tuple(
            _with_aliases(column.facet, self._values[column.facet.name]) for column in columns
        )
        self._facets = {facet.name: facet for facet in self.facets}
        self.other_titles = tuple(
            column.facet.name for column in columns if column.column in schema.other_titles
        )

    def __len__(self) -> int:
        return len(self.items)

    def get(self, id: str) -> Item | None:
        """The item of that id."""
        return self._by_id.get(id)

    def facet(self, name: str) -> Facet | None:
        """The facet of that name. Its aliases are those whose value some item has, in the items' spelling."""
        return self._facets.get(name)

    def values(self, facet: str) -> Mapping[str, int]:
        """How many items have each value of a category, people or words facet, the most frequent first; empty
        for numbers, dates and unknown facets."""
        return self._values.get(facet, MappingProxyType({}))

    def bounds(self, facet: str) -> Bounds | None:
        """The least and the greatest number (or year) of a number or date facet; `None` where there is
        none."""
        return self._bounds.get(facet)

    def titles(self, item: Item) -> tuple[str, ...]:
        """All titles that the item goes by, its own first."""
        others = [str(value) for name in self.other_titles for value in item.values(name)]
        return tuple(dict.fromkeys([item.title, *others]))


class CatalogueStore:
    """The catalogues under one folder, `root/NAME/` each, with all that is derived from them.

    Writing is one transaction, on disk before it returns (WAL, `synchronous=FULL`: 200 kills, nothing lost).
    Any number of processes may read and write; the readers see the old items or the new, never a mix.
    """

    def __init__(self, root: Path) -> None:
        self.root = Path(root)

    def names(self) -> tuple[str, ...]:
        """The names of all catalogues, sorted."""
        if not self.root.is_dir():
            return ()
        there = (
            path.name for path in self.root.iterdir() if _NAME.fullmatch(path.name) and self._holds(path.name)
        )
        return tuple(sorted(there))

    def folder(self, name: str) -> Path:
        """Where the catalogue's files are (or would be). Raises `UnknownCatalogue` for a name that can't be
        one."""
        if not _NAME.fullmatch(name):
            raise UnknownCatalogue(
                f"“{name}” cannot be the name of a catalogue: use a-z, 0-9, - and _, at most 64."
            )
        return self.root / name

    def open(self, name: str) -> Catalogue:
        """The catalogue as it is stored now. Raises `UnknownCatalogue`, naming those there are."""
        with self._connected(name) as connection, _reading(connection):
            meta = dict(connection.execute("SELECT key, value FROM meta"))
            rows = connection.execute("SELECT data FROM items ORDER BY row").fetchall()
        if "schema" not in meta:  # a first import was cut off before its only transaction
            raise self._unknown(name)
        schema = parse_schema(meta["schema"], f"the stored schema of {name}")
        return Catalogue(name, schema, [_item(data) for (data,) in rows], meta["fingerprint"])

    def replace(self, name: str, schema: Schema, items: Iterable[Item], source: Source | None = None) -> str:
        """Stores the items and schema in place of what was there, and returns the new fingerprint.

        All or nothing: if anything fails, the old catalogue stays. Raises `BadFile` for two items of one id.
        """
        folder = self.folder(name)
        folder.mkdir(parents=True, exist_ok=True)
        source = source or Source()
        text = schema_toml(schema, source.file)
        digest = hashlib.sha256(text.encode())
        rows = []
        for row, item in enumerate(items):
            data = _data(item)
            digest.update(data.encode())
            digest.update(b"\n")
            rows.append((row, item.id, data))
        fingerprint = digest.hexdigest()[:32]
        meta = {"schema": text, "fingerprint": fingerprint, "file": source.file, "digest": source.digest}
        with self._connected(name, new=True) as connection, _writing(connection):
            connection.execute("DELETE FROM items")
            try:
                connection.executemany("INSERT INTO items VALUES (?, ?, ?)", rows)
            except sqlite3.IntegrityError as error:
                raise BadFile(f"Two items of {name} have the same id: {error}.") from error
            connection.executemany("INSERT OR REPLACE INTO meta VALUES (?, ?)", meta.items())
            # A copy for people; the one that counts is in the database. Written before the commit, so that of
            # two writers the one who holds the lock is alone with the draft too.
            draft = folder / "schema.toml.new"
            draft.write_text(text, encoding="utf-8")
            draft.replace(folder / "schema.toml")
        return fingerprint

    def source(self, name: str) -> Source:
        """What the catalogue was imported from. Raises `UnknownCatalogue`."""
        with self._connected(name) as connection:
            meta = dict(connection.execute("SELECT key, value FROM meta WHERE key IN ('file', 'digest')"))
        return Source(meta.get("file", ""), meta.get("digest", ""))

    def delete(self, name: str) -> None:
        """Removes the catalogue with its vectors and indexes. Raises `UnknownCatalogue`."""
        folder = self.folder(name)
        if not self._holds(name):
            raise self._unknown(name)
        (folder / _FILE).unlink()  # first: without it the rest counts as nothing
        shutil.rmtree(folder)

    # --- vectors --------------------------------------------------------------------------------------------

    def load_vectors(self, name: str, model: str, hashes: Iterable[bytes]) -> dict[bytes, Vector]:
        """The stored vectors of those texts that have one, by hash."""
        wanted = list(dict.fromkeys(hashes))
        found: dict[bytes, Vector] = {}
        with self._connected(name) as connection:
            for start in range(0, len(wanted), 500):
                some = wanted[start : start + 500]
                marks = ",".join("?" * len(some))
                query = f"SELECT text_hash, vector FROM vectors WHERE model = ? AND text_hash IN ({marks})"
                for text, vector in connection.execute(query, (model, *some)):
                    found[text] = np.frombuffer(vector, dtype="<f4").astype(np.float32)
        return found

    def save_vectors(self, name: str, model: str, vectors: Mapping[bytes, npt.NDArray[Any]]) -> None:
        """Stores vectors by the hash of their text, durably before it returns: a job cut off resumes here."""
        rows = [(model, text, np.asarray(vector, dtype="<f4").tobytes()) for text, vector in vectors.items()]
        with self._connected(name) as connection, _writing(connection):
            connection.executemany("INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)", rows)

    def prune_vectors(self, name: str, model: str, keep: Iterable[bytes]) -> int:
        """Deletes the model's vectors of all texts but `keep`, and returns how many went."""
        kept = set(keep)
        with self._connected(name) as connection, _writing(connection):
            stored = connection.execute("SELECT text_hash FROM vectors WHERE model = ?", (model,)).fetchall()
            gone = [(model, text) for (text,) in stored if text not in kept]
            connection.executemany("DELETE FROM vectors WHERE model = ? AND text_hash = ?", gone)
        return len(gone)

    # --- connections ----------------------------------------------------------------------------------------

    def _holds(self, name: str) -> bool:
        return (self.root / name / _FILE).is_file()

    def _unknown(self, name: str) -> UnknownCatalogue:
        there = ", ".join(self.names()) or "none yet"
        return UnknownCatalogue(
            f"There is no catalogue “{name}”. Stored: {there}. Import a file to make one."
        )

    @contextmanager
    def _connected(self, name: str, *, new: bool = False) -> Iterator[sqlite3.Connection]:
        path = self.folder(name) / _FILE
        if not new and not path.is_file():
            raise self._unknown(name)
        connection = sqlite3.connect(path, timeout=30, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=FULL")
            connection.executescript(_TABLES)
            yield connection
        finally:
            connection.close()


@contextmanager
def _reading(connection: sqlite3.Connection) -> Iterator[None]:
    """One snapshot for several queries."""
    connection.execute("BEGIN")
    try:
        yield
    finally:
        connection.execute("ROLLBACK")


@contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.execute("ROLLBACK")
        raise
    connection.execute("COMMIT")


def embedding_text(item: Item, facets: Iterable[Facet]) -> str:
    """What is embedded for an item: title, what it is in its categories' words, description.

    People and numbers stay out: an embedding would mistake them for meaning ("Hope" the director), and they
    are matched exactly elsewhere. Categories come before the description, whose end the model may not read.
    """
    said = []
    for facet in facets:
        values = [str(value) for value in item.values(facet.name)][:_MOST_VALUES]
        if facet.kind != "category" or not values or values == ["no"]:
            continue
        said.append(facet.label if values == ["yes"] else f"{facet.label}: {', '.join(values)}")
    return ". ".join(part for part in (item.title, "; ".join(said), item.text) if part)


def text_hash(text: str) -> bytes:
    """Sixteen bytes that stand for the text."""
    return hashlib.blake2b(text.encode(), digest_size=16).digest()


def _data(item: Item) -> str:
    fields: dict[str, object] = {"id": item.id, "title": item.title, "facts": dict(item.facts)}
    fields |= {"text": item.text, "image": item.image, "url": item.url}
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _item(data: str) -> Item:
    fields = json.loads(data)
    facts: dict[str, FactValue] = {}
    for name, value in fields["facts"].items():
        # Interned: a hundred thousand items share their few hundred words.
        if isinstance(value, list):
            facts[sys.intern(name)] = tuple(sys.intern(word) for word in value)
        else:
            facts[sys.intern(name)] = sys.intern(value) if isinstance(value, str) else value
    return Item(
        fields["id"], fields["title"], MappingProxyType(facts), fields["text"], fields["image"], fields["url"]
    )


def _counted(items: Sequence[Item], facet: Facet) -> Mapping[str, int]:
    if facet.kind in ("number", "date"):
        return MappingProxyType({})
    counts = Counter(str(value) for item in items for value in item.values(facet.name))
    return MappingProxyType(dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))))


def _bounded(items: Sequence[Item], facet: Facet) -> Bounds | None:
    if facet.kind not in ("number", "date"):
        return None
    numbers = [
        value for item in items for value in item.values(facet.name) if isinstance(value, (int, float))
    ]
    return Bounds(min(numbers), max(numbers)) if numbers else None


def _with_aliases(facet: Facet, values: Mapping[str, int]) -> Facet:
    if not facet.aliases:
        return facet
    spelled = {clean.key(value): value for value in values}
    aliases = {}
    for other, value in facet.aliases.items():
        bare = value.removeprefix(INVERSE)
        if clean.key(bare) in spelled:
            aliases[other] = value[: len(value) - len(bare)] + spelled[clean.key(bare)]
    return replace(facet, aliases=MappingProxyType(aliases))
