from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.catalogue import CatalogueStore, Source, embedding_text, text_hash
from retrieval.errors import BadFile, UnknownCatalogue
from retrieval.items import Bounds, Facet, Item
from retrieval.schema import Columns, FacetColumn, Schema

FACETS = (
    Facet(
        "genres",
        "category",
        "genre",
        many=True,
        aliases=MappingProxyType({"sci-fi": "Science Fiction", "docu": "documentary"}),
    ),
    Facet("year", "number", "year", "year"),
    Facet("director", "people", "director"),
    Facet("colour", "category", "colour"),
    Facet("new", "category", "new"),
    Facet("aka", "words", "other name"),
)
SCHEMA = Schema(
    "film",
    "films",
    "Films",
    Columns("title"),
    ("aka",),
    tuple(FacetColumn(facet, facet.name) for facet in FACETS),
)
HEAT = Item(
    "1",
    "Heat",
    {"genres": ("crime", "drama"), "year": 1995, "director": "Michael Mann"},
    "A thief and a cop.",
)
DUNE = Item(
    "2",
    "Dune",
    {"genres": ("science fiction",), "year": 2021, "new": "yes", "aka": "Dune: Part One"},
    "",
    "https://x/i",
    "https://x/u",
)
BARE = Item("3", "Bare")


@pytest.fixture
def store(tmp_path: Path) -> CatalogueStore:
    return CatalogueStore(tmp_path / "catalogues")


def test_what_is_stored_comes_back(store: CatalogueStore) -> None:
    fingerprint = store.replace("films", SCHEMA, [HEAT, DUNE, BARE], Source("films.csv", "d1"))
    catalogue = store.open("films")
    assert catalogue.items == (HEAT, DUNE, BARE)
    assert (catalogue.name, catalogue.title, catalogue.noun, catalogue.nouns) == (
        "films",
        "Films",
        "film",
        "films",
    )
    assert catalogue.schema == SCHEMA
    assert catalogue.fingerprint == fingerprint
    assert len(catalogue) == 3
    assert catalogue.get("2") == DUNE
    assert catalogue.get("9") is None
    assert store.source("films") == Source("films.csv", "d1")


def test_values_bounds_and_titles(store: CatalogueStore) -> None:
    store.replace("films", SCHEMA, [HEAT, DUNE, BARE])
    catalogue = store.open("films")
    assert catalogue.values("genres") == {"crime": 1, "drama": 1, "science fiction": 1}
    assert catalogue.values("year") == {}
    assert catalogue.values("nothing") == {}
    assert catalogue.bounds("year") == Bounds(1995, 2021)
    assert catalogue.bounds("genres") is None
    assert catalogue.other_titles == ("aka",)
    assert catalogue.titles(DUNE) == ("Dune", "Dune: Part One")


def test_aliases_point_only_to_values_that_are_there(store: CatalogueStore) -> None:
    store.replace("films", SCHEMA, [HEAT, DUNE])
    genres = store.open("films").facet("genres")
    assert genres is not None
    assert genres.aliases == {"sci-fi": "science fiction"}


def test_fingerprint_follows_items_and_schema(store: CatalogueStore) -> None:
    first = store.replace("films", SCHEMA, [HEAT, DUNE])
    assert store.replace("films", SCHEMA, [HEAT, DUNE]) == first
    assert store.replace("films", SCHEMA, [DUNE, HEAT]) != first
    other = Schema("movie", "movies", "Films", SCHEMA.columns, SCHEMA.other_titles, SCHEMA.facets)
    assert store.replace("films", other, [HEAT, DUNE]) != first


def test_a_failed_replace_keeps_the_old_items(store: CatalogueStore) -> None:
    store.replace("films", SCHEMA, [HEAT])
    with pytest.raises(BadFile, match="same id"):
        store.replace("films", SCHEMA, [DUNE, DUNE])
    assert store.open("films").items == (HEAT,)


def test_an_unknown_catalogue_is_answered_with_those_there_are(store: CatalogueStore) -> None:
    with pytest.raises(UnknownCatalogue, match="none yet"):
        store.open("films")
    store.replace("films", SCHEMA, [HEAT])
    store.replace("books", SCHEMA, [HEAT])
    assert store.names() == ("books", "films")
    for act in (store.open, store.delete, store.source):
        with pytest.raises(UnknownCatalogue, match=r"“wines”.*books, films"):
            act("wines")
    assert not store.folder("wines").exists()


@pytest.mark.parametrize(
    "name", ["", "..", "../x", "a/b", "A", "a b", ".hidden", "-x", "a" * 65, "a\n", "café"]
)
def test_names_are_no_paths(store: CatalogueStore, name: str) -> None:
    with pytest.raises(UnknownCatalogue, match="cannot be the name"):
        store.replace(name, SCHEMA, [HEAT])


def test_delete_takes_everything_of_one_catalogue(store: CatalogueStore) -> None:
    store.replace("films", SCHEMA, [HEAT])
    store.replace("books", SCHEMA, [DUNE])
    (store.folder("films") / "index-1").mkdir()
    store.delete("films")
    assert store.names() == ("books",)
    assert not store.folder("films").exists()


def test_the_schema_lies_beside_for_people(store: CatalogueStore) -> None:
    store.replace("films", SCHEMA, [HEAT])
    assert "[facets.genres]" in (store.folder("films") / "schema.toml").read_text()


def test_the_file_is_durable_and_shared(store: CatalogueStore) -> None:
    store.replace("films", SCHEMA, [HEAT])
    with sqlite3.connect(store.folder("films") / "catalogue.sqlite") as connection:
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    with ThreadPoolExecutor(4) as pool:  # readers meanwhile see whole catalogues: one item or two, never none
        writes = [
            pool.submit(store.replace, "films", SCHEMA, [HEAT, DUNE][: 1 + turn % 2]) for turn in range(20)
        ]
        reads = [pool.submit(lambda: len(store.open("films"))) for _ in range(40)]
        assert {read.result() for read in reads} <= {1, 2}
        assert all(len(write.result()) == 32 for write in writes)


# --- vectors ------------------------------------------------------------------------------------------------


def test_vectors_by_model_and_text(store: CatalogueStore) -> None:
    store.replace("films", SCHEMA, [HEAT])
    a, b = text_hash("a"), text_hash("b")
    store.save_vectors("films", "m1", {a: np.array([1, 2], np.float32), b: np.array([3, 4], np.float32)})
    store.save_vectors("films", "m2", {a: np.array([5], np.float64)})
    store.save_vectors("films", "m1", {b: np.array([6, 7], np.float32)})
    found = store.load_vectors("films", "m1", [a, b, text_hash("c")])
    assert {key: vector.tolist() for key, vector in found.items()} == {a: [1, 2], b: [6, 7]}
    assert all(vector.dtype == np.float32 and vector.flags.writeable for vector in found.values())
    assert store.load_vectors("films", "m2", [a])[a].tolist() == [5]
    store.replace("films", SCHEMA, [DUNE])  # an import doesn't forget what was embedded
    assert len(store.load_vectors("films", "m1", [a, b])) == 2
    assert store.prune_vectors("films", "m1", [b]) == 1
    assert list(store.load_vectors("films", "m1", [a, b])) == [b]
    assert len(store.load_vectors("films", "m2", [a])) == 1


def test_many_vectors_at_once(store: CatalogueStore) -> None:
    store.replace("films", SCHEMA, [HEAT])
    vectors = {text_hash(str(number)): np.full(3, number, np.float32) for number in range(2_000)}
    store.save_vectors("films", "m", vectors)
    found = store.load_vectors("films", "m", vectors)
    assert all((found[key] == vector).all() for key, vector in vectors.items())


def test_vectors_need_a_catalogue(store: CatalogueStore) -> None:
    with pytest.raises(UnknownCatalogue):
        store.save_vectors("films", "m", {text_hash("a"): np.zeros(2, np.float32)})


# --- texts --------------------------------------------------------------------------------------------------


def test_embedding_text_says_what_the_item_is() -> None:
    assert embedding_text(HEAT, FACETS) == "Heat. genre: crime, drama. A thief and a cop."
    assert embedding_text(DUNE, FACETS) == "Dune. genre: science fiction; new"
    assert embedding_text(BARE, FACETS) == "Bare"


@given(st.text(), st.text())
def test_text_hash_tells_texts_apart(one: str, other: str) -> None:
    one, other = one.encode(errors="replace").decode(), other.encode(errors="replace").decode()
    assert (text_hash(one) == text_hash(other)) == (one == other)
    assert len(text_hash(one)) == 16


WORDS = st.text(st.characters(codec="utf-8"), max_size=8)
ITEMS = st.lists(
    st.builds(
        Item,
        WORDS,
        WORDS,
        st.dictionaries(
            WORDS, WORDS | st.integers() | st.floats(allow_nan=False) | st.lists(WORDS).map(tuple), max_size=3
        ),
        WORDS,
        st.none() | WORDS,
        st.none() | WORDS,
    ),
    max_size=5,
    unique_by=lambda item: item.id,
)


@settings(deadline=None)  # each example waits for the disk, and a busy one takes its time
@given(ITEMS)
def test_any_items_survive_the_store(tmp_path_factory: pytest.TempPathFactory, items: list[Item]) -> None:
    store = CatalogueStore(tmp_path_factory.mktemp("store"))
    store.replace("any", SCHEMA, items)
    assert list(store.open("any").items) == items
