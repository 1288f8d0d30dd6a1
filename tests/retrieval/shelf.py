"""Small catalogues for the tests of this folder, whose right answers are plain to see."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from retrieval.catalogue import CatalogueStore
from retrieval.items import Candidate, Facet, FactValue, Item
from retrieval.schema import Columns, FacetColumn, Schema

FACETS = (
    Facet("genres", "category", "genre", many=True, aliases={"sci-fi": "science fiction"}),
    Facet("directors", "people", "director", many=True),
    Facet("year", "number", "year", role="year"),
    Facet("minutes", "number", "running time", role="duration", unit="min"),
)


def thing(id: str, title: str, text: str = "", **facts: FactValue) -> Item:
    """An item in one line."""
    return Item(id, title, facts, text)


SPACE = (
    thing(
        "star", "Star Drift", "A crew drifts between planets and loses its memory.",
        genres=("science fiction", "drama"), directors=("Ada North",), year=1999, minutes=130,
    ),
    thing(
        "robot", "The Lonely Robot", "A robot tends an empty garden. It learns to sing. Nobody is hurt.",
        genres=("science fiction", "family"), directors=("Ada North",), year=2004, minutes=88,
    ),
    thing(
        "robot2", "The Lonely Robot 2", "The robot leaves its garden and finds a choir.",
        genres=("science fiction", "family"), directors=("Ben South",), year=2008, minutes=92,
    ),
    thing(
        "gold", "Gold at Noon", "Two outlaws ride for a buried chest of gold.",
        genres=("western",), directors=("Cleo West",), year=1961, minutes=101,
    ),
    thing(
        "rider", "The Last Rider", "A sheriff grows old while the frontier closes.",
        genres=("western", "drama"), directors=("Cleo West",), year=1966, minutes=118,
    ),
    thing(
        "cake", "Cake for Three", "A baker, her sister and a wedding that goes wrong.",
        genres=("comedy", "romance"), directors=("Dora East",), year=2015, minutes=95,
    ),
    thing("bread", "Bread and Jam", "A village baker feeds a whole winter.", genres=("comedy",), year=2018),
    thing("amelie", "Amélie's Garden", "Flowers, secrets, a shy neighbour.", genres=("romance",), year=2001),
)  # fmt: skip


def filled(
    root: Path, items: Sequence[Item] = SPACE, facets: Sequence[Facet] = FACETS, name: str = "things"
) -> CatalogueStore:
    """A store that holds the items under the name."""
    store = CatalogueStore(root)
    columns = tuple(FacetColumn(facet, facet.name) for facet in facets)
    store.replace(name, Schema("thing", "things", "Things", Columns("title"), facets=columns), items)
    return store


def ids(found: Sequence[Candidate]) -> list[str]:
    """The ids of candidates, in order."""
    return [candidate.item.id for candidate in found]
