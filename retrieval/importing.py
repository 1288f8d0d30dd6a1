"""A file → a validated catalogue: read twice as a stream (to learn it, then to take it), stored in one go."""

from __future__ import annotations

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from retrieval import cells, clean
from retrieval.catalogue import INVERSE, CatalogueStore, Source
from retrieval.errors import BadFile, BadSchema, UnknownCatalogue
from retrieval.facets import infer
from retrieval.facts import FactReader
from retrieval.items import FactValue, Item
from retrieval.schema import Schema, check_columns, load_schema, schema_beside, schema_toml
from retrieval.sniff import open_bytes
from retrieval.sources import BadRow, Row, read_rows

Progress = Callable[[int, int], None]
"""Called now and then with the rows done and the rows in all."""

_SAMPLE = 5_000  # rows that the schema is guessed from, drawn evenly from the whole file
_EVERY = 500  # rows between two calls of `progress`
_VERSION = "1"  # of the cleaning: a higher one makes unchanged files be imported anew
_LONGEST_ID = 200


@dataclass(frozen=True, slots=True)
class Skipped:
    """A row that is not in the catalogue: its line, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `unchanged` says that file and schema were those already stored, so nothing was
    done.

    `rows` counts all rows of the file; `added`, `changed` and `removed` items compare with what was stored;
    `notes` tell of things that were put right or left out, for people.
    """

    rows: int
    imported: int
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    schema: Schema
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """What an import would do: the schema it would use, the first items as they would be stored."""

    schema: Schema
    items: tuple[Item, ...]
    skipped: tuple[Skipped, ...]
    notes: tuple[str, ...]
    rows: int
    valid: int


def import_file(
    path: Path,
    store: CatalogueStore,
    name: str,
    schema_path: Path | None = None,
    progress: Progress | None = None,
) -> ImportReport:
    """Makes the file the catalogue `name`, in place of what was there.

    The schema is `schema_path`, else the `.genre.toml` beside the file, else a guess. Raises `BadFile` where
    no valid item is found, `BadSchema` where the schema doesn't fit; then the stored catalogue stays as it
    was."""
    path = Path(path)
    store.folder(name)  # refuses an impossible name before the work, not after
    schema_path = schema_path or schema_beside(path)
    source = Source(path.name, _digest(path, schema_path))
    try:
        stored = store.open(name) if store.source(name).digest == source.digest else None
    except (UnknownCatalogue, BadSchema):
        stored = None
    if stored is not None:
        return ImportReport(len(stored), len(stored), (), (), stored.schema, unchanged=True)
    draft = _draft(path, name, schema_path, progress)
    try:
        before = {item.id: item for item in store.open(name).items}
    except (UnknownCatalogue, BadSchema):
        before = {}
    store.replace(name, draft.schema, draft.items, source)
    now = {item.id for item in draft.items}
    return ImportReport(
        draft.rows,
        len(draft.items),
        tuple(draft.skipped),
        tuple(draft.notes),
        draft.schema,
        added=len(now - before.keys()),
        changed=sum(item.id in before and before[item.id] != item for item in draft.items),
        removed=len(before.keys() - now),
    )


def preview(path: Path, schema_path: Path | None = None, limit: int = 5) -> Preview:
    """What importing the file would give, without storing anything. Reads all of it; raises as
    `import_file`."""
    path = Path(path)
    draft = _draft(path, path.name.split(".")[0], schema_path or schema_beside(path), None)
    return Preview(
        draft.schema,
        tuple(draft.items[:limit]),
        tuple(draft.skipped),
        tuple(draft.notes),
        draft.rows,
        len(draft.items),
    )


@dataclass
class _Draft:
    """A catalogue being made."""

    schema: Schema
    rows: int
    items: list[Item] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def _draft(path: Path, name: str, schema_path: Path | None, progress: Progress | None) -> _Draft:
    sample, present, total = _learn(path)
    if schema_path is not None:
        schema = load_schema(schema_path)
        check_columns(schema, present, schema_path.name)
    else:
        schema = infer(sample, path.name if name in path.name else f"{name} {path.name}")
    draft = _Draft(schema, total)
    taken = _Taking(schema, sample)
    lines: list[int] = []
    for done, row in enumerate(read_rows(path), 1):
        if progress is not None and (done % _EVERY == 0 or done == total):
            progress(done, total)
        if isinstance(row, BadRow):
            draft.skipped.append(Skipped(row.line, row.reason))
            continue
        try:
            draft.items.append(taken.item(row))
            lines.append(row.line)
        except _Unfit as unfit:
            draft.skipped.append(Skipped(row.line, str(unfit)))
    draft.items, merged = _one_spelling(draft.items, schema)
    draft.items, doubles = _settled(draft.items, lines, schema)
    draft.skipped = sorted([*draft.skipped, *doubles], key=lambda skipped: skipped.line)
    draft.notes += [
        *_notes_on(schema, schema_path),
        *taken.notes(),
        *merged,
        *_alias_notes(draft.items, schema),
    ]
    if not draft.items:
        reasons = "; ".join(f"line {skipped.line}: {skipped.reason}" for skipped in draft.skipped[:3])
        raise BadFile(f"{path.name} has no usable row among {total}. {reasons}. Nothing was changed.")
    return draft


def _learn(path: Path) -> tuple[list[Row], tuple[str, ...], int]:
    """Rows drawn evenly from the file (reservoir sampling: Vitter 1985, algorithm R), all column names, the
    count of rows. The same file always gives the same sample."""
    chance = random.Random(0)
    sample: list[tuple[int, Row]] = []
    present: dict[str, None] = {}
    good = total = 0
    for row in read_rows(path):
        total += 1
        if isinstance(row, BadRow):
            continue
        present.update(dict.fromkeys(row.values))
        if good < _SAMPLE:
            sample.append((good, row))
        elif (place := chance.randrange(good + 1)) < _SAMPLE:
            sample[place] = (good, row)
        good += 1
    if not sample:
        raise BadFile(f"{path.name}: none of its {total} rows can be read. Is it the right file?")
    return [row for _, row in sorted(sample, key=lambda pair: pair[0])], tuple(present), total


class _Unfit(Exception):
    """A row that makes no item."""


class _Taking:
    """Turns rows into items and keeps count of what had to be dropped or cut on the way."""

    def __init__(self, schema: Schema, sample: Sequence[Row]) -> None:
        self._schema = schema
        title = schema.columns.title
        self._readers = [
            (
                column,
                FactReader(
                    column,
                    [value for row in sample if (value := row.values.get(column.column)) is not None],
                    from_title=column.column == title and column.facet.role == "year",
                ),
            )
            for column in schema.kept
        ]
        self._year = next((column.facet.name for column in schema.kept if column.facet.role == "year"), None)
        self._odd: dict[
            tuple[str, str], tuple[int, int, str]
        ] = {}  # (column, what): (how often, first line, first cell)

    def item(self, row: Row) -> Item:
        """The row as an item, its id "" where the row has none. Raises `_Unfit`."""
        columns = self._schema.columns
        title = clean.title(cells.text_of(row.values.get(columns.title)))
        if not title or clean.is_missing(title, fact=False):
            raise _Unfit(f"has no title (column “{columns.title}” is empty)")
        facts: dict[str, FactValue] = {}
        for column, reader in self._readers:
            raw = row.values.get(column.column)
            if raw is None:
                continue
            fact, odd = reader.read(raw)
            if fact is not None:
                facts[column.facet.name] = fact
            elif odd:
                wanted = column.facet.kind + (f" in {column.facet.unit}" if column.facet.unit else "")
                self._note(column.facet.name, f"no {wanted}, left out", row, raw)
        if self._year is not None and cells.title_year(title) == facts.get(self._year, ""):
            # Cleaned again: the year hid the article in "Matrix, The (1999)".
            title = clean.title(cells.without_year(title))
        if len(title) > clean.TITLE_LIMIT:
            self._note(columns.title, f"longer than {clean.TITLE_LIMIT} characters, cut", row, title)
            title = clean.cut(title, clean.TITLE_LIMIT)
        text = self._text(row, columns.description)
        key = cells.text_of(row.values.get(columns.id))[:_LONGEST_ID] if columns.id else ""
        if clean.is_missing(key, fact=False):
            key = ""
        image, url = self._address(row, columns.image), self._address(row, columns.url)
        return Item(key, title, MappingProxyType(facts), text, image, url)

    def notes(self) -> list[str]:
        """What was dropped or cut, a sentence for each kind."""
        return [
            f"{where}: {count:,} cell{'s' if count > 1 else ''} {what} (line {line}: {cell!r})."
            for (where, what), (count, line, cell) in self._odd.items()
        ]

    def _text(self, row: Row, column: str | None) -> str:
        text = cells.text_of(row.values.get(column)) if column else ""
        if clean.is_missing(text):
            return ""
        if len(text) > clean.TEXT_LIMIT:
            self._note(str(column), f"longer than {clean.TEXT_LIMIT:,} characters, cut", row, text)
        return clean.cut(text, clean.TEXT_LIMIT)

    def _address(self, row: Row, column: str | None) -> str | None:
        """An http(s) address or nothing: anything else (a script, a file of somebody's disk) is never
        shown."""
        raw = row.values.get(column) if column else None
        found = cells.parts(raw, None) if raw is not None else ()
        if not found:
            return None
        address = f"https:{found[0]}" if found[0].startswith("//") else found[0]
        address = f"https://{address}" if address.lower().startswith("www.") else address
        if not address.lower().startswith(("http://", "https://")) or any(
            mark in address for mark in ' "<>\\'
        ):
            self._note(str(column), "no http(s) address, left out", row, raw)
            return None
        return address

    def _note(self, where: str, what: str, row: Row, cell: object) -> None:
        count, line, first = self._odd.get((where, what), (0, row.line, clean.cut(cells.text_of(cell), 40)))
        self._odd[where, what] = (count + 1, line, first)


def _one_spelling(items: list[Item], schema: Schema) -> tuple[list[Item], list[str]]:
    """The items with each category value and each person in its most frequent spelling; case and space
    only."""
    spelling: dict[str, dict[str, str]] = {}
    notes = []
    for column in schema.kept:
        facet = column.facet
        if facet.kind not in ("category", "people"):
            continue
        counts = Counter(str(value) for item in items for value in item.values(facet.name))
        groups: dict[str, list[str]] = {}
        for value in counts:
            groups.setdefault(clean.key(value), []).append(value)
        best = {}
        for values in groups.values():
            # The first in the file wins a tie, so that the same file always reads the same.
            chosen = max(values, key=lambda value: counts[value])
            best.update({value: chosen for value in values if value != chosen})
        if best:
            spelling[facet.name] = best
            example = next(iter(best.items()))
            notes.append(
                f"{facet.name}: {len(best):,} spelling{'s' if len(best) > 1 else ''} merged, "
                f"such as {example[0]!r} into {example[1]!r}."
            )
    return [_spelled(item, spelling) for item in items] if spelling else items, notes


def _spelled(item: Item, spelling: Mapping[str, Mapping[str, str]]) -> Item:
    facts = dict(item.facts)
    for name, best in spelling.items():
        value = facts.get(name)
        if isinstance(value, str):
            facts[name] = best.get(value, value)
        elif isinstance(value, tuple):
            facts[name] = tuple(dict.fromkeys(best.get(word, word) for word in value))
    return replace(item, facts=MappingProxyType(facts)) if facts != item.facts else item


def _settled(items: list[Item], lines: list[int], schema: Schema) -> tuple[list[Item], list[Skipped]]:
    """The items without doubles, each with an id: a later row of an id goes, and so does one that repeats
    title, facts and description under another id."""
    year = next((column.facet.name for column in schema.kept if column.facet.role == "year"), None)
    by_id: dict[str, int] = {}
    by_content: dict[tuple[object, ...], int] = {}
    kept: list[Item] = []
    skipped: list[Skipped] = []
    taken = {item.id for item in items if item.id}
    for item, line in zip(items, lines, strict=True):
        content = (clean.key(item.title), tuple(sorted(item.facts.items())), item.text)
        if item.id and item.id in by_id:
            skipped.append(Skipped(line, f"has the id {item.id!r} of line {by_id[item.id]}"))
            continue
        if content in by_content:
            skipped.append(
                Skipped(line, f"repeats line {by_content[content]}: {clean.cut(item.title, 60)!r}")
            )
            continue
        settled = item if item.id else replace(item, id=_made_id(item, year, taken))
        taken.add(settled.id)
        by_id[settled.id] = by_content[content] = line
        kept.append(settled)
    return kept, skipped


def _made_id(item: Item, year: str | None, taken: AbstractSet[str]) -> str:
    """An id from the title (and year): the same at every import, as long as the row says the same."""
    base = "-".join(
        part for part in (clean.slug(item.title), str(item.facts.get(year, "")) if year else "") if part
    )
    digest = hashlib.sha256(repr((item.title, sorted(item.facts.items()), item.text)).encode()).hexdigest()
    if base and base not in taken:
        return base
    return f"{base or 'item'}-{digest[:8]}"


def _notes_on(schema: Schema, schema_path: Path | None) -> Iterator[str]:
    if schema_path is None:
        yield f"No schema file was given: “{schema.columns.title}” was taken for the title."
        for column in schema.facets:
            if column.ignore:
                yield f"Column “{column.column}” was left out: {column.note}."


def _alias_notes(items: list[Item], schema: Schema) -> Iterator[str]:
    for column in schema.kept:
        facet = column.facet
        if not facet.aliases:
            continue
        there = {clean.key(str(value)) for item in items for value in item.values(facet.name)}
        meant = {value.removeprefix(INVERSE) for value in facet.aliases.values()}
        absent = sorted(value for value in meant if clean.key(value) not in there)
        if absent:
            shown = ", ".join(absent[:8]) + (", …" if len(absent) > 8 else "")
            yield f"{facet.name}: no item has {shown}; other words for these are not used."


def _digest(path: Path, schema_path: Path | None) -> str:
    """What stands for the file's bytes, its schema and the way of cleaning. Raises `BadFile`."""
    digest = hashlib.sha256(f"{_VERSION}\n".encode())
    try:
        with open_bytes(path, gzipped=False) as file:
            while piece := file.read(1024 * 1024):
                digest.update(piece)
    except OSError as error:
        raise BadFile(f"{path} cannot be read: {error.strerror or error}.") from error
    if schema_path is not None:
        digest.update(schema_toml(load_schema(schema_path)).encode())
    return digest.hexdigest()
