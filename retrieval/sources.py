"""Anyone's file as a stream of rows: CSV and its kin, JSON Lines, JSON, Parquet; broken rows are named, not
fatal."""

from __future__ import annotations

import csv
import io
import json
import re
import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from retrieval.errors import BadFile
from retrieval.sniff import delimiter_of, open_bytes, shape_of

_LONGEST_CELL = 500  # lines; a quote still open after that was never meant to be
_LONGEST_VALUE = 4 * 1024 * 1024  # characters of one element of a JSON list; beyond it counts as broken
_PIECE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One row by column name. `line` is where it begins in the file, from 1 (for Parquet, and for a list
    inside a JSON object, its number). Nested objects are flat: `{"a": {"b": 1}}` is `{"a.b": 1}`."""

    line: int
    values: dict[str, object]


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read, and why, for people."""

    line: int
    reason: str


def read_rows(path: Path) -> Iterator[Row | BadRow]:
    """Every row of the file in order, a few at a time in memory (a list inside a JSON object is read whole).

    The format is found from content and name. Raises `BadFile`, at once or at the first row, where the file
    is empty, has only a header, or is no table at all.
    """
    path = Path(path)
    shape = shape_of(path)
    if shape.kind == "parquet":
        return _some(_parquet(path), path)
    readers: dict[str, Callable[[TextIO], Iterator[Row | BadRow]]] = {
        "jsonl": _json_lines,
        "json": lambda text: _json(text, path),
        "delimited": lambda text: _delimited(text, delimiter_of(shape.head), path),
    }

    def rows() -> Iterator[Row | BadRow]:
        try:
            with open_bytes(path, shape.gzipped) as raw:
                yield from readers[shape.kind](
                    io.TextIOWrapper(raw, encoding=shape.encoding, errors="replace")
                )
        except (OSError, EOFError, zlib.error) as error:
            raise BadFile(f"{path.name} cannot be read to its end: {error}. Is it whole?") from error

    return _some(rows(), path)


def _some(rows: Iterator[Row | BadRow], path: Path) -> Iterator[Row | BadRow]:
    nothing = True
    for row in rows:
        nothing = False
        yield row
    if nothing:
        raise BadFile(f"{path.name} has no rows below its header: expected one item a row.")


# --- delimited text -----------------------------------------------------------------------------------------


class _Lines:
    """Numbered lines that can be put back."""

    def __init__(self, text: Iterable[str]) -> None:
        self._coming = iter(enumerate(text, 1))
        self._held: deque[tuple[int, str]] = deque()

    def take(self) -> tuple[int, str] | None:
        if self._held:
            return self._held.popleft()
        numbered = next(self._coming, None)
        return (numbered[0], numbered[1].replace("\x00", "")) if numbered else None

    def put_back(self, lines: list[tuple[int, str]]) -> None:
        self._held.extendleft(reversed(lines))


def _delimited(text: TextIO, delimiter: str | None, path: Path) -> Iterator[Row | BadRow]:
    lines = _Lines(text)
    header: list[str] | None = None
    split = delimiter or "\x1f"
    while (numbered := lines.take()) is not None:
        number, line = numbered
        if not line.strip() or (number == 1 and re.fullmatch(r"\ufeff?sep=.\s*", line)):
            continue
        cells = _cells(line, lines, split, len(header) if header else None)
        if isinstance(cells, str):
            if header is None:
                raise BadFile(f"{path.name}: the header (line {number}) cannot be read: {cells}.")
            yield BadRow(number, cells)
        elif header is None:
            header = _header(cells, path)
        elif any(cell.strip() for cell in cells):
            yield Row(number, dict(zip(header, cells, strict=False)))


def _cells(line: str, lines: _Lines, delimiter: str, columns: int | None) -> list[str] | str:
    """The cells of the record that begins with `line`, or what is wrong with that line.

    A quote that is opened and not closed would swallow all that follows. So a record over several lines
    counts only if its quotes close properly and it has as many cells as the header; otherwise its further
    lines are put back, and the first line is read for itself or given up."""
    if '"' not in line:
        return _checked(line.rstrip("\r\n").split(delimiter), columns)
    for escape in (None, "\\"):  # MySQL and some shops write \" within quotes
        taken: list[tuple[int, str]] = []
        try:
            cells = next(
                csv.reader(_feed(line, lines, taken), delimiter=delimiter, strict=True, escapechar=escape)
            )
            checked = _checked(cells, columns)
            if not taken or not isinstance(checked, str):
                return checked
        except (csv.Error, StopIteration):
            pass
        lines.put_back(taken)
    cells = _loose(line.rstrip("\r\n"), delimiter)
    if columns is not None and len(cells) != columns:
        return f"a quote is opened and not closed, or closed too early: {line.strip()[:60]!r}"
    return cells


def _loose(line: str, delimiter: str) -> list[str]:
    """The cells of one line whose quotes are not doubled: only a quote before a delimiter closes a cell."""
    mark = re.escape(delimiter)
    quoted = re.compile(rf'\s*"((?:[^"]|"(?!\s*(?:{mark}|$)))*)"\s*(?={mark}|$)')
    cells, at = [], 0
    while True:
        if match := quoted.match(line, at):
            cells.append(match[1].replace('""', '"'))
            at = match.end()
        else:
            # A quote that is never closed takes the rest of the line: what was meant to end it is not known.
            end = -1 if line.startswith('"', at) else line.find(delimiter, at)
            end = len(line) if end < 0 else end
            cells.append(line[at:end].removeprefix('"'))
            at = end
        if at >= len(line):
            return cells
        at += len(delimiter)


def _feed(first: str, lines: _Lines, taken: list[tuple[int, str]]) -> Iterator[str]:
    yield first
    while len(taken) < _LONGEST_CELL and (numbered := lines.take()) is not None:
        taken.append(numbered)
        yield numbered[1]


def _checked(cells: list[str], columns: int | None) -> list[str] | str:
    """The cells, if they fit the header: too many are an error, some missing at the end are not."""
    if columns is None or len(cells) == columns:
        return cells
    if len(cells) > columns:
        if not any(cell.strip() for cell in cells[columns:]):
            return cells[:columns]
        return f"has {len(cells)} cells, but the header names {columns}: is a delimiter in a cell not quoted?"
    if len(cells) * 2 < columns:
        return f"has {len(cells)} cells, but the header names {columns}"
    return cells


def _header(cells: list[str], path: Path) -> list[str]:
    names = [" ".join(cell.replace("\ufeff", "").split()) for cell in cells]
    numbers = sum(bool(re.fullmatch(r"[-+]?\d+([.,]\d+)?", name)) for name in names)
    if numbers and (names[0].isdigit() or numbers * 2 > len(names)):
        raise BadFile(
            f"{path.name}: the first line looks like a row, not like column names: {', '.join(names)[:80]}. "
            "Add a header line."
        )
    unique: list[str] = []
    for position, name in enumerate(names, 1):
        base = name or f"column {position}"
        copy, again = base, 2
        while copy in unique:
            copy, again = f"{base} {again}", again + 1
        unique.append(copy)
    return unique


# --- JSON ---------------------------------------------------------------------------------------------------


def _json_lines(text: TextIO) -> Iterator[Row | BadRow]:
    for number, line in enumerate(text, 1):
        line = line.strip().lstrip("\ufeff\x1e").rstrip(",")
        if line in ("", "[", "]"):
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError) as error:
            yield BadRow(number, f"is no JSON: {_why(error)}")
            continue
        yield _json_row(number, value)


def _why(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at {error.doc[error.pos : error.pos + 20]!r}"
    return "it is nested too deep" if isinstance(error, RecursionError) else str(error)


def _json_row(line: int, value: Any) -> Row | BadRow:
    if not isinstance(value, dict):
        return BadRow(
            line, f"is {type(value).__name__} {str(value)[:40]!r}, expected an object with named fields"
        )
    return Row(line, flat(value))


def flat(value: dict[str, Any], prefix: str = "", depth: int = 0) -> dict[str, object]:
    """Nested objects as dotted names, three deep; deeper ones stay as they are."""
    row: dict[str, object] = {}
    for name, inner in value.items():
        if isinstance(inner, dict) and depth < 3:
            row.update(flat(inner, f"{prefix}{name}.", depth + 1))
        else:
            row[f"{prefix}{name}"] = inner
    return row


def _json(text: TextIO, path: Path) -> Iterator[Row | BadRow]:
    start = text.read(_PIECE)
    if start.lstrip("\ufeff \t\r\n").startswith("["):
        yield from _json_list(start, text)
        return
    whole = (start + text.read()).lstrip("\ufeff")
    decoder = json.JSONDecoder()
    try:
        first, end = decoder.raw_decode(whole, _skip_space(whole, 0))
    except (ValueError, RecursionError) as error:
        raise BadFile(f"{path.name} is no JSON: {error}.") from error
    if not isinstance(first, dict):
        raise BadFile(f"{path.name} holds {str(first)[:40]!r}, expected a list of objects.")
    if whole[end:].strip():  # objects one after another, over several lines each
        yield from _json_list("[" + whole, io.StringIO())
        return
    rows = list(_rows_within(first))
    if len(rows) > 1:
        names = ", ".join(name for name, _ in rows)
        raise BadFile(
            f"{path.name} holds several lists ({names}): save the one that is the catalogue on its own."
        )
    if rows:
        for number, value in enumerate(rows[0][1], 1):
            yield _json_row(number, value)
    elif len(first) > 1 and all(isinstance(value, dict) for value in first.values()):
        for number, (name, value) in enumerate(first.items(), 1):
            yield Row(number, {"id": name, **flat(value)})
    else:
        yield _json_row(1, first)


def _rows_within(value: dict[str, Any], prefix: str = "", depth: int = 0) -> Iterator[tuple[str, list[Any]]]:
    """The lists of objects inside an object, at most three deep, by dotted name."""
    for name, inner in value.items():
        if isinstance(inner, list) and inner and all(isinstance(element, dict) for element in inner):
            yield f"{prefix}{name}", inner
        elif isinstance(inner, dict) and depth < 2:
            yield from _rows_within(inner, f"{prefix}{name}.", depth + 1)


def _json_list(start: str, text: TextIO) -> Iterator[Row | BadRow]:
    """The elements of a JSON list as they come. After a broken one, reading goes on at the next line that
    begins an object with the same indent."""
    decoder = json.JSONDecoder()
    buffer, at, line = start.lstrip("\ufeff"), 0, 1
    at = buffer.index("[") + 1
    line += buffer.count("\n", 0, at)
    indent = ""
    while True:
        position = _skip_space(buffer, at, ",")
        if position == len(buffer):
            if not (piece := text.read(_PIECE)):
                return
            line += buffer.count("\n", at, position)
            buffer, at = piece, 0
            continue
        line += buffer.count("\n", at, position)
        if buffer[position] == "]":
            return
        line_start = buffer.rfind("\n", 0, position) + 1
        if not buffer[line_start:position].strip():
            indent = buffer[line_start:position]
        try:
            value, end = decoder.raw_decode(buffer, position)
        except (ValueError, RecursionError) as error:
            if len(buffer) - position < _LONGEST_VALUE and (
                piece := text.read(max(_PIECE, len(buffer) - position))
            ):
                buffer, at = buffer[position:] + piece, 0
                continue
            yield BadRow(line, f"is no JSON: {_why(error)}")
            again = re.compile(rf"\n{re.escape(indent)}\{{").search(buffer, position + 1)
            if again is None:
                return
            line += buffer.count("\n", position, again.start() + 1)
            at = again.start() + 1
            continue
        yield _json_row(line, value)
        line += buffer.count("\n", position, end)
        at = end
        if at > _PIECE:
            buffer, at = buffer[at:], 0


def _skip_space(text: str, at: int, also: str = "") -> int:
    match = re.compile(rf"[\s{also}]*").match(text, at)
    return match.end() if match else at


# --- Parquet ------------------------------------------------------------------------------------------------


def _parquet(path: Path) -> Iterator[Row | BadRow]:
    import pyarrow as arrow
    from pyarrow import parquet

    number = 0
    try:
        with parquet.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1000):
                for value in batch.to_pylist():
                    number += 1
                    yield _json_row(number, value)
    except (arrow.ArrowException, OSError) as error:
        raise BadFile(f"{path.name} is a damaged Parquet file (after row {number}): {error}.") from error
