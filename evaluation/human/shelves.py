"""Catalogues in memory for the items that public dialogues speak of, with the ids of the data set kept.

The importer would merge twins (ReDial lists some films twice), and labels would lose their item.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evaluation.errors import BadData
from evaluation.human.dialogues import read_rows
from retrieval.catalogue import Catalogue
from retrieval.items import FactValue, Item
from retrieval.schema import parse_schema

_FILMS = """
noun = "film"
nouns = "films"
title = "Films"
columns = { title = "title", id = "id", description = "description" }
[facets]
year = { kind = "number", label = "year", role = "year" }
genres = { kind = "category", label = "genre", many = true }
directors = { kind = "people", label = "director", many = true }
stars = { kind = "people", label = "actor", many = true }
"""
_PLACES = """
noun = "place"
nouns = "places"
title = "Places"
columns = { title = "title", id = "id", description = "description" }
[facets]
type = { kind = "category", label = "type" }
area = { kind = "category", label = "area" }
food = { kind = "category", label = "food" }
stars = { kind = "number", label = "stars", role = "rating" }
[facets.pricerange]
kind = "category"
label = "price range"
[facets.internet]
kind = "category"
label = "wifi"
[facets.parking]
kind = "category"
label = "parking"
"""


def films(path: Path) -> Catalogue:
    """Films of `items.jsonl`: `item_id`, `title`, `year`, `genres`, `directors`, `stars`, `description`.

    Raises `BadData` for a row without an id.
    """
    items = []
    for number, row in read_rows(path):
        name = row.get("item_id")
        if not name:
            raise BadData(f"{path}, line {number}: expected “item_id”, found {', '.join(row)}.")
        facts: dict[str, FactValue] = {}
        if isinstance(row.get("year"), int):
            facts["year"] = row["year"]
        for facet in ("genres", "directors", "stars"):
            if values := tuple(map(str, row.get(facet) or ())):
                facts[facet] = values
        title = str(row.get("title") or f"(no title: {name})")  # ReDial has one film without
        items.append(Item(str(name), title, facts, str(row.get("description") or "")))
    return film_shelf(items)


def film_shelf(items: Sequence[Item]) -> Catalogue:
    """A catalogue of films with the facets year, genres, directors and stars."""
    return Catalogue("films", parse_schema(_FILMS), items, "")


def merged(shelf: Catalogue) -> tuple[Catalogue, Mapping[str, str]]:
    """The films without twins (same title, same year), as an import would have them, and for every id the one
    that stands for it."""
    first: dict[tuple[str, object], str] = {}
    same = {
        item.id: first.setdefault((item.title.casefold(), item.facts.get("year")), item.id)
        for item in shelf.items
    }
    return film_shelf([item for item in shelf.items if same[item.id] == item.id]), same


def places(path: Path) -> Catalogue:
    """Restaurants, hotels and sights of MultiWOZ: `item_id`, `title`, `domain`, `attributes`."""
    schema = parse_schema(_PLACES)
    kept = {column.facet.name for column in schema.kept}
    items = [
        Item(
            str(row["item_id"]),
            str(row["title"]),
            dict(_facts(row.get("attributes") or {}, kept, str(row.get("domain") or ""))),
            str(row.get("description") or ""),
        )
        for _, row in read_rows(path)
    ]
    return Catalogue("places", schema, items, "")


def _facts(
    attributes: Mapping[str, Any], kept: Iterable[str], domain: str
) -> Iterable[tuple[str, FactValue]]:
    """The attributes that are facets. A restaurant's type is its domain, as a guest would say it."""
    for name in kept:
        value = attributes.get(name)
        if name == "stars":
            if str(value).isdigit():
                yield name, int(str(value))
        elif value not in (None, "", "?"):
            yield name, str(value)
    if "type" not in attributes and domain:
        yield "type", domain
