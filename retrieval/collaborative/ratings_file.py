"""A table of ratings from anyone's file: who, what, how much, when."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from retrieval.collaborative.protocol import Interactions, Side
from retrieval.errors import BadInteractions, RetrievalError
from retrieval.importing import preview
from retrieval.items import Item
from retrieval.sources import BadRow, Row, read_rows

_NAMES = {
    "user": ("user", "userid", "uid", "reviewer", "reviewerid", "customer", "customerid", "person", "member"),
    "item": (
        "item", "itemid", "iid", "movie", "movieid", "film", "filmid", "book", "bookid", "product",
        "productid", "asin", "track", "trackid", "song", "songid", "artist", "artistid", "game", "gameid",
        "title", "id",
    ),
    "rating": ("rating", "ratings", "score", "stars", "overall", "grade", "value", "vote"),
    "time": ("timestamp", "time", "date", "unixreviewtime", "datetime", "created", "createdat", "when"),
}  # fmt: skip


@dataclass(frozen=True)
class RatingsTable:
    """Interactions with the names behind their numbers, and what is known of the items.

    `users` and `items` are names by number. Every item of the items file has a row, rated or not. `repeats`
    counts pairs that came more than once: the newest was kept.
    """

    interactions: Interactions
    users: tuple[str, ...]
    items: tuple[str, ...]
    side: Side | None
    repeats: int
    described: int

    @property
    def timed(self) -> bool:
        """Whether times say anything."""
        return len(np.unique(self.interactions.times)) > 1


def read_ratings(path: Path, items: Path | None = None) -> RatingsTable:
    """The table in the file, CSV, TSV, JSON or JSON Lines, plain or gzipped, with any usual column names.

    A file without a column of ratings is one of things done: each counts 1. Without times all are 0. Raises
    `BadInteractions`, naming file, line and field, for the first row that cannot be read.
    """
    side_items = items_of(items) if items is not None else ()
    row_of = {item.id: row for row, item in enumerate(side_items)}
    names = [item.id for item in side_items]
    user_of: dict[str, int] = {}
    found: dict[tuple[int, int], tuple[float, float]] = {}
    repeats = 0
    columns: dict[str, str] = {}
    for row in _rows(path):
        if not columns:
            columns = columns_of(row.values, path)
        user = user_of.setdefault(_name(row, columns["user"], path), len(user_of))
        name = _name(row, columns["item"], path)
        if name not in row_of:
            row_of[name] = len(names)
            names.append(name)
        pair = user, row_of[name]
        rating = _number(row, columns["rating"], path) if "rating" in columns else 1.0
        when = _time(row, columns["time"], path) if "time" in columns else 0.0
        if pair in found:
            repeats += 1
            if when < found[pair][1]:
                continue
        found[pair] = rating, when
    if not found:
        raise BadInteractions(f"{path.name} holds no ratings: a header and nothing below it.")
    pairs = np.array(list(found), np.int64)
    values = np.array(list(found.values()), np.float64)
    table = Interactions.of(
        pairs[:, 0], pairs[:, 1], values[:, 0].astype(np.float32), values[:, 1], n_items=len(names)
    )
    side = None
    if side_items:
        bare = tuple(Item(name, name) for name in names[len(side_items) :])
        side = Side((*side_items, *bare))
        if pairs[:, 1].min() >= len(side_items):
            raise BadInteractions(
                f"None of the {len(names) - len(side_items)} items of {path.name} is in the items file: its "
                f"ids are like “{side_items[0].id}”, those of the ratings like “{names[-1]}”."
            )
    return RatingsTable(table, tuple(user_of), tuple(names), side, repeats, len(side_items))


def columns_of(values: Iterable[str], path: Path) -> dict[str, str]:
    """Which column is the user, the item, the rating and the time.

    Raises `BadInteractions` where there is none for the first or the second.
    """
    given = list(values)
    plain = {re.sub(r"[^a-z]", "", name.casefold()): name for name in reversed(given)}
    found: dict[str, str] = {}
    for field, known in _NAMES.items():
        for name in known:
            if name in plain and plain[name] not in found.values():
                found[field] = plain[name]
                break
    missing = [field for field in ("user", "item") if field not in found]
    if missing:
        raise BadInteractions(
            f"{path.name}: no column for the {' and the '.join(missing)} among {', '.join(given[:8])}. Name "
            "the columns in the first line: user, item, rating, time (the last two may be missing)."
        )
    return found


def _rows(path: Path) -> Iterable[Row]:
    if not path.is_file():
        raise BadInteractions(f"There is no file {path}. Give a table of ratings: CSV or JSON Lines.")
    try:
        for row in read_rows(path):
            if isinstance(row, BadRow):
                raise BadInteractions(f"{path.name}, line {row.line}: {row.reason}")
            yield row
    except RetrievalError as error:
        raise BadInteractions(str(error)) from error


def _name(row: Row, column: str, path: Path) -> str:
    value = row.values.get(column)
    text = "" if value is None else str(value).strip()
    if not text:
        raise BadInteractions(
            f"{path.name}, line {row.line}, field “{column}”: empty; a name or a number is expected."
        )
    return text


def _number(row: Row, column: str, path: Path) -> float:
    value = row.values.get(column)
    try:
        number = float(str(value))
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        raise BadInteractions(
            f"{path.name}, line {row.line}, field “{column}”: {value!r}; a number is expected."
        )
    return number


def _time(row: Row, column: str, path: Path) -> float:
    """Seconds since 1970, from a number (seconds, milliseconds) or a date of ISO 8601."""
    value = str(row.values.get(column) or "").strip()
    try:
        number = float(value)
    except ValueError:
        try:
            when = datetime.fromisoformat(value)
        except ValueError:
            raise BadInteractions(
                f"{path.name}, line {row.line}, field “{column}”: {value!r}; seconds since 1970 or a "
                "date such as 2024-05-17 are expected."
            ) from None
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    if not math.isfinite(number):
        raise BadInteractions(
            f"{path.name}, line {row.line}, field “{column}”: {value!r}; a time is expected."
        )
    return number / 1000 if number > 1e11 else number


def items_of(path: Path) -> Sequence[Item]:
    """The items of a list in any form that a catalogue is made of. Raises `BadInteractions`."""
    if not path.is_file():
        raise BadInteractions(f"There is no file {path}. Give the catalogue that the ratings are about.")
    try:
        return preview(path, limit=10**9).items
    except RetrievalError as error:
        raise BadInteractions(str(error)) from error
