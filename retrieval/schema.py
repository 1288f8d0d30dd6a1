"""What a file's columns mean: guessed by `facets.infer`, written as TOML for people to correct, read back
strictly."""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

from retrieval import columns as names
from retrieval.errors import BadSchema
from retrieval.items import Facet, FacetKind, FacetRole

_KEYS = ("noun", "nouns", "title", "columns", "facets")
_COLUMN_KEYS = ("title", "id", "description", "image", "url", "other_titles")
_FACET_KEYS = ("column", "kind", "label", "role", "unit", "many", "separator", "ignore", "aliases")
_DATA_SUFFIXES = (
    ".gz", ".gzip", ".csv", ".tsv", ".tab", ".psv", ".dat", ".txt", ".jsonl", ".ndjson", ".jl", ".json",
    ".parquet", ".pq",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns hold what every item has; `None` where there is none. Nested ones are dotted:
    `"info.title"`."""

    title: str
    id: str | None = None
    description: str | None = None
    image: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class FacetColumn:
    """A facet and the column it is read from. `separator` parts the values of text cells (`None`: found from
    the cells); `ignore` leaves the column out; `note` says why, for people."""

    facet: Facet
    column: str
    separator: str | None = None
    ignore: bool = False
    note: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Schema:
    """How to read one catalogue: what an item is called, where its parts are, and its facets.

    `other_titles` are columns whose values count as titles too ("Das Boot" for "The Boat"); each is also a
    `words` facet, so that items keep them as facts.
    """

    noun: str
    nouns: str
    title: str
    columns: Columns
    other_titles: tuple[str, ...] = ()
    facets: tuple[FacetColumn, ...] = ()

    @property
    def kept(self) -> tuple[FacetColumn, ...]:
        """The facets that are not ignored."""
        return tuple(column for column in self.facets if not column.ignore)


def schema_beside(path: Path) -> Path | None:
    """The schema file that belongs to a catalogue file, `films.genre.toml` for `films.jsonl.gz`, if it is
    there."""
    beside = schema_path(path)
    return beside if beside.is_file() else None


def schema_path(path: Path) -> Path:
    """Where the schema of a catalogue file is looked for, whether it is there or not."""
    stem = path.name
    while (suffix := Path(stem).suffix.lower()) in _DATA_SUFFIXES:
        stem = stem[: -len(suffix)]
    return path.with_name(f"{stem}.genre.toml")


def load_schema(path: Path) -> Schema:
    """The schema of a TOML file. Raises `BadSchema` for anything that it doesn't know or can't use."""
    try:
        return parse_schema(path.read_text(encoding="utf-8"), path.name)
    except FileNotFoundError as error:
        raise BadSchema(f"{path}: there is no such schema file.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise BadSchema(f"{path} cannot be read: {error}.") from error


def parse_schema(text: str, where: str = "the schema") -> Schema:
    """The schema that the TOML text holds; `where` names it in errors."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSchema(f"{where} is no valid TOML: {error}.") from error
    read = _Table(table, where, _KEYS)
    noun = read.text("noun") or "item"
    nouns = read.text("nouns") or names.plural(noun)
    columns = _Table(read.table("columns"), f"{where} [columns]", _COLUMN_KEYS)
    title = columns.text("title")
    if not title:
        raise BadSchema(
            f'{where} [columns] names no title: add title = "…", the column that items are called by.'
        )
    others = columns.texts("other_titles")
    facets = [_facet(name, inner, where) for name, inner in read.table("facets").items()]
    known = {column.column for column in facets}
    facets += [
        FacetColumn(Facet(names.facet_name(column), "words", names.label(column)), column)
        for column in others
        if column not in known
    ]
    return Schema(
        noun,
        nouns,
        read.text("title") or nouns[:1].upper() + nouns[1:],
        Columns(title, *(columns.text(key) for key in ("id", "description", "image", "url"))),
        others,
        tuple(facets),
    )


def check_columns(schema: Schema, present: Iterable[str], where: str) -> None:
    """Raises `BadSchema` where the schema names a column that the file hasn't."""
    there = list(present)
    wanted = [("the title", schema.columns.title)]
    wanted += [
        (f"the {key}", column)
        for key in ("id", "description", "image", "url")
        if (column := getattr(schema.columns, key)) is not None
    ]
    wanted += [(f"facet “{column.facet.name}”", column.column) for column in schema.kept]
    for what, column in wanted:
        if column not in there:
            near = difflib.get_close_matches(column, there, 1, 0.5)
            hint = f"did you mean “{near[0]}”?" if near else f"it has {', '.join(there)}."
            raise BadSchema(
                f"{where} reads {what} from column “{column}”, which the file doesn't have: {hint}"
            )


def schema_toml(schema: Schema, source: str = "") -> str:
    """The schema as commented TOML, meant to be edited by hand; `parse_schema` reads it back to the same."""
    about = f" {_comment(source)}" if source else " the catalogue"
    lines = [
        f"# How to read{about}. Edit freely, then import again. A file named like the catalogue with the",
        "# ending .genre.toml, beside it, is picked up by itself.",
        "",
        "# What one item is called, several, and the whole.",
        f"noun = {_toml(schema.noun)}",
        f"nouns = {_toml(schema.nouns)}",
        f"title = {_toml(schema.title)}",
        "",
        "[columns]",
        f"title = {_toml(schema.columns.title)}",
    ]
    for key, why in (
        ("id", "unique and lasting; without it ids are made from titles"),
        ("description", "plain text or HTML; what people's wishes are matched with"),
        ("image", "an http(s) address"),
        ("url", "an http(s) address"),
    ):
        column = getattr(schema.columns, key)
        lines.append(f"{key} = {_toml(column)}" if column is not None else f'# {key} = "…"  # {why}')
    if schema.other_titles:
        lines.append(f"other_titles = {_toml(list(schema.other_titles))}  # also found by these")
    lines += [
        "",
        f"# What people can ask about and filter by. kind: {', '.join(get_args(FacetKind))}.",
        f"# role, for numbers: {', '.join(get_args(FacetRole))}.",
        "# Other words for a value go in a table of their own, other word first:",
        "#   [facets.genres.aliases]",
        '#   "sci-fi" = "science fiction"',
    ]
    for column in schema.facets:
        lines += ["", *_facet_lines(column)]
    return "\n".join(lines) + "\n"


def _facet_lines(column: FacetColumn) -> list[str]:
    facet = column.facet
    lines = [f"[facets.{_toml_key(facet.name)}]"]
    if column.column != facet.name:
        lines.append(f"column = {_toml(column.column)}")
    lines += [f"kind = {_toml(facet.kind)}", f"label = {_toml(facet.label)}"]
    lines += [f"role = {_toml(facet.role)}"] if facet.role else []
    lines += [f"unit = {_toml(facet.unit)}"] if facet.unit is not None else []
    lines += ["many = true"] if facet.many else []
    lines += [f"separator = {_toml(column.separator)}"] if column.separator is not None else []
    if column.ignore:
        lines.append("ignore = true" + (f"  # left out: {_comment(column.note)}" if column.note else ""))
    if facet.aliases:
        lines += ["", f"[facets.{_toml_key(facet.name)}.aliases]"]
        lines += [f"{_toml(other)} = {_toml(value)}" for other, value in facet.aliases.items()]
    return lines


def _facet(name: str, table: Any, where: str) -> FacetColumn:
    where = f"{where} [facets.{name}]"
    if name in ("item", "text"):
        raise BadSchema(
            f"{where}: “item” and “text” mean something else in queries; name the facet otherwise."
        )
    if not isinstance(table, dict):
        raise BadSchema(f"{where} is {table!r}, expected a table with kind, label and so on.")
    read = _Table(table, where, _FACET_KEYS)
    aliases = read.table("aliases")
    for other, value in aliases.items():
        if not isinstance(value, str):
            raise BadSchema(f"{where}: the alias “{other}” stands for {value!r}, expected one text value.")
    column = read.text("column") or name
    facet = Facet(
        name,
        read.choice("kind", get_args(FacetKind)) or "category",
        read.text("label") or names.label(name),
        read.choice("role", get_args(FacetRole)),
        read.text("unit"),
        read.flag("many"),
        MappingProxyType(dict(aliases)),
    )
    if facet.role is not None and facet.kind not in ("number", "date"):
        raise BadSchema(
            f"{where}: a role is for numbers and dates, but kind is “{facet.kind}”. Drop one of them."
        )
    return FacetColumn(facet, column, read.text("separator"), read.flag("ignore"))


class _Table:
    """A TOML table read key by key: unknown keys are refused at once, wrong types when they are met."""

    def __init__(self, table: Mapping[str, Any], where: str, known: tuple[str, ...]) -> None:
        self._table, self._where = table, where
        for key in table:
            if key not in known:
                near = difflib.get_close_matches(key, known, 1)
                hint = f"Did you mean “{near[0]}”?" if near else f"Known are {', '.join(known)}."
                raise BadSchema(f"{where}: there is no key “{key}”. {hint}")

    def _get(self, key: str, kind: type, what: str) -> Any:
        value = self._table.get(key)
        if value is not None and not isinstance(value, kind):
            raise BadSchema(f"{self._where}: {key} is {value!r}, expected {what}.")
        return value

    def text(self, key: str) -> str | None:
        value: str | None = self._get(key, str, 'text in quotes, like "film"')
        return value if value else None

    def flag(self, key: str) -> bool:
        return bool(self._get(key, bool, "true or false"))

    def table(self, key: str) -> dict[str, Any]:
        value: dict[str, Any] | None = self._get(key, dict, f"a table, [{key}]")
        return value or {}

    def texts(self, key: str) -> tuple[str, ...]:
        value = self._get(key, list, 'a list, like ["original_title"]') or []
        if not all(isinstance(text, str) for text in value):
            raise BadSchema(f"{self._where}: {key} is {value!r}, expected texts in quotes.")
        return tuple(value)

    def choice(self, key: str, choices: tuple[str, ...]) -> Any:
        value = self.text(key)
        if value is not None and value not in choices:
            raise BadSchema(f"{self._where}: {key} is “{value}”, expected one of {', '.join(choices)}.")
        return value


def _toml(value: str | list[str]) -> str:
    """A TOML string or list of strings; JSON's escapes are TOML's, but for DEL, which TOML wants escaped."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _toml_key(name: str) -> str:
    plain = name.isascii() and name.replace("_", "").replace("-", "").isalnum()
    return name if plain else _toml(name)


def _comment(text: str) -> str:
    """The text for a comment: on one line, without the control characters that TOML refuses there."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())
