from __future__ import annotations

import json
import tracemalloc
from pathlib import Path

import pytest

from retrieval.catalogue import CatalogueStore
from retrieval.errors import BadFile, BadSchema, UnknownCatalogue
from retrieval.importing import ImportReport, import_file, preview
from retrieval.sources import read_rows

SHOP = """SKU,Product Name,Body HTML,Price,Brand,Tags,Weight,Rating,In Stock,Image,Link,Ages,Released
A-1,Trail Tent,"<p>A <b>light</b> tent.</p><p>For two &amp; a dog.</p>","£1,299.00",Northfold,"camping, tents",1.2 kg,4.5/5,TRUE,//cdn.example/a.jpg,https://x.example/a,8+,2021-05-01
A-2,Camp Stove,Boils water fast.,£49.50, northfold,"camping, cooking",800 g,4.1/5,FALSE,https://cdn.example/b.jpg,https://x.example/b,12+,2020-03-01
A-3,Head Torch,A bright light for the night.,£19,Lumo,"camping, lights",90 g,3.9/5,TRUE,javascript:alert(1),https://x.example/c,3-5 years,2019-07-11
A-4,Kids Bike,The first bike.,call us,Velo,"bikes, cooking",7 kg,4.8/5,TRUE,https://cdn.example/d.png,https://x.example/d,3-5 years,2018-01-15
A-1,Another Tent,Same id.,£5,Lumo,camping,1 kg,4/5,TRUE,https://cdn.example/e.png,https://x.example/e,,2018-01-15
A-6,,No title.,£5,Lumo,camping,1 kg,4/5,TRUE,https://cdn.example/f.png,https://x.example/f,,2018-01-15
A-7,Broken,"open quote,£5,Lumo,camping,1 kg
A-8,Kettle,Whistles when it boils.,£30,Northfold,cooking,1 kg,4.0/5,TRUE,https://cdn.example/g.jpg,https://x.example/g,,2021-11-11
"""  # noqa: E501


@pytest.fixture
def store(tmp_path: Path) -> CatalogueStore:
    return CatalogueStore(tmp_path / "store")


def write(folder: Path, name: str, content: str) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def lines(items: list[dict[str, object]]) -> str:
    return "\n".join(json.dumps(item) for item in items) + "\n"


def numbers(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.rows, report.imported, report.added, report.changed, report.removed


def test_a_dirty_shop_file_becomes_a_clean_catalogue(tmp_path: Path, store: CatalogueStore) -> None:
    report = import_file(write(tmp_path, "products.csv", SHOP), store, "shop")
    assert numbers(report) == (8, 5, 5, 0, 0)
    assert [(skipped.line, skipped.reason.split(" ")[0]) for skipped in report.skipped] == [
        (6, "has"),
        (7, "has"),
        (8, "a"),
    ]
    assert report.skipped[0].reason == "has the id 'A-1' of line 2"
    catalogue = store.open("shop")
    assert (catalogue.noun, catalogue.nouns, catalogue.title) == ("product", "products", "Products")
    tent = catalogue.items[0]
    assert (tent.id, tent.title, tent.text) == ("A-1", "Trail Tent", "A light tent. For two & a dog.")
    assert (tent.image, tent.url) == ("https://cdn.example/a.jpg", "https://x.example/a")
    assert dict(tent.facts) == {
        "price": 1299,
        "brand": "Northfold",
        "tags": ("camping", "tents"),
        "weight": 1.2,
        "rating": 4.5,
        "in_stock": "yes",
        "ages": 8,
        "released": 2021,
    }
    roles = {facet.name: (facet.kind, facet.role, facet.unit) for facet in catalogue.facets}
    assert roles["price"] == ("number", "price", "GBP")
    assert roles["weight"] == ("number", None, "kg")
    assert roles["released"] == ("date", "year", None)
    torch, bike = catalogue.items[2], catalogue.items[3]
    assert torch.image is None
    assert torch.facts["weight"] == 0.09
    assert "price" not in bike.facts
    notes = "\n".join(report.notes)
    assert "price: 1 cell no number in GBP, left out (line 5: 'call us')" in notes
    assert "no http(s) address" in notes
    assert "javascript" in notes
    assert "brand: 1 spelling merged" in notes
    assert catalogue.values("brand") == {"Northfold": 3, "Lumo": 1, "Velo": 1}


def test_the_same_file_again_is_no_work_and_a_changed_one_is_counted(
    tmp_path: Path, store: CatalogueStore
) -> None:
    items: list[dict[str, object]] = [
        {"id": n, "title": f"Film {n}", "genre": ["crime", "drama"][n % 2]} for n in range(4)
    ]
    path = write(tmp_path, "films.jsonl", lines(items))
    first = import_file(path, store, "films")
    before = store.open("films").fingerprint
    again = import_file(path, store, "films")
    assert (first.unchanged, again.unchanged, again.imported) == (False, True, 4)
    assert store.open("films").fingerprint == before
    items[1]["genre"] = "crime"
    write(tmp_path, "films.jsonl", lines([*items[1:], {"id": 9, "title": "New", "genre": "war"}]))
    assert numbers(import_file(path, store, "films")) == (4, 4, 1, 1, 1)


def test_a_changed_schema_is_work_too(tmp_path: Path, store: CatalogueStore) -> None:
    path = write(tmp_path, "films.jsonl", lines([{"id": 1, "title": "Heat", "genre": "crime"}]))
    import_file(path, store, "films")
    write(
        tmp_path,
        "films.genre.toml",
        'noun = "movie"\n[columns]\ntitle = "title"\nid = "id"\n[facets.genre]\nkind = "category"\n',
    )
    report = import_file(path, store, "films")
    assert not report.unchanged
    assert store.open("films").noun == "movie"


def test_nothing_valid_leaves_the_stored_catalogue(tmp_path: Path, store: CatalogueStore) -> None:
    path = write(tmp_path, "films.jsonl", lines([{"title": "Heat"}, {"title": "Ronin"}]))
    import_file(path, store, "films")
    write(tmp_path, "films.genre.toml", '[columns]\ntitle = "name"\n')
    write(tmp_path, "films.jsonl", lines([{"name": "", "x": 1}, {"name": None, "x": 2}]))
    with pytest.raises(BadFile, match=r"no usable row among 2.*line 1: has no title"):
        import_file(path, store, "films")
    write(tmp_path, "films.jsonl", "{broken\n{worse\n")
    with pytest.raises(BadFile, match="none of its 2 rows"):
        import_file(path, store, "films")
    (tmp_path / "films.jsonl").unlink()
    with pytest.raises(BadFile, match="cannot be read"):
        import_file(path, store, "films")
    assert [item.title for item in store.open("films").items] == ["Heat", "Ronin"]


def test_a_failed_first_import_leaves_no_catalogue(tmp_path: Path, store: CatalogueStore) -> None:
    with pytest.raises(BadFile):
        import_file(write(tmp_path, "a.csv", "title\n"), store, "films")
    assert store.names() == ()
    with pytest.raises(UnknownCatalogue, match="cannot be the name"):
        import_file(write(tmp_path, "a.csv", "title\nHeat\n"), store, "../films")


def test_ids_are_made_from_titles_and_last(tmp_path: Path, store: CatalogueStore) -> None:
    rows: list[dict[str, object]] = [
        {"title": "Dune", "year": 2021, "description": "The new one."},
        {"title": "Dune", "year": 1984, "description": "The old one."},
        {"title": "Dune", "year": 2021, "description": "A third of that year."},
        {"title": "七人の侍", "year": 1954, "description": "Seven samurai."},
        {"title": "???", "year": 1999, "description": "Marks only."},
    ]
    import_file(write(tmp_path, "films.jsonl", lines(rows)), store, "films")
    ids = {item.text: item.id for item in store.open("films").items}
    assert list(ids.values())[:2] == ["dune-2021", "dune-1984"]
    assert ids["A third of that year."].startswith("dune-2021-")
    assert ids["Seven samurai."] == "七人の侍-1954"
    import_file(
        write(
            tmp_path, "films.jsonl", lines([*rows, {"title": "Heat", "year": 1995, "description": "More."}])
        ),
        store,
        "films",
    )
    again = {item.text: item.id for item in store.open("films").items}
    assert {text: again[text] for text in ids} == ids


def test_rows_that_repeat_another_are_skipped(tmp_path: Path, store: CatalogueStore) -> None:
    rows: list[dict[str, object]] = [
        {"id": 1, "title": "Heat", "genre": "crime"},
        {"id": 2, "title": "HEAT ", "genre": "Crime"},
        {"id": 3, "title": "Heat", "genre": "drama"},
        {"id": 4, "title": "Ronin", "genre": "crime"},
    ]
    report = import_file(write(tmp_path, "films.jsonl", lines(rows)), store, "films")
    assert [item.id for item in store.open("films").items] == ["1", "3", "4"]
    assert [(skipped.line, skipped.reason) for skipped in report.skipped] == [(2, "repeats line 1: 'HEAT'")]


def test_spellings_are_merged_into_the_most_frequent(tmp_path: Path, store: CatalogueStore) -> None:
    genres = [["Sci-Fi", "drama"], ["sci-fi"], ["Sci-Fi"], ["SCI-FI ", "Sci-Fi"], ["Drama"], ["drama"]]
    rows: list[dict[str, object]] = [
        {"title": f"Film {n}", "genres": value} for n, value in enumerate(genres)
    ]
    import_file(write(tmp_path, "films.jsonl", lines(rows)), store, "films")
    catalogue = store.open("films")
    assert catalogue.values("genres") == {"Sci-Fi": 4, "drama": 3}
    assert catalogue.items[3].values("genres") == ("Sci-Fi",)


def test_a_schema_of_ones_own(tmp_path: Path, store: CatalogueStore) -> None:
    path = write(tmp_path, "list.csv", "what;cat;secret\nHeat;crime/drama;x\nRonin;crime;y\n")
    schema = write(
        tmp_path,
        "mine.toml",
        """
        noun = "film"
        [columns]
        title = "what"
        [facets.genre]
        column = "cat"
        kind = "category"
        many = true
        separator = "/"
        [facets.genre.aliases]
        gangster = "Crime"
        docu = "documentary"
        [facets.secret]
        kind = "words"
        ignore = true
        """,
    )
    report = import_file(path, store, "films", schema)
    catalogue = store.open("films")
    assert dict(catalogue.items[0].facts) == {"genre": ("crime", "drama")}
    genre = catalogue.facet("genre")
    assert genre is not None
    assert genre.aliases == {"gangster": "crime"}
    assert report.notes == ("genre: no item has documentary; other words for these are not used.",)
    with pytest.raises(BadSchema, match="did you mean “cat”"):
        import_file(
            path, store, "films", write(tmp_path, "bad.toml", schema.read_text().replace('"cat"', '"cats"'))
        )


def test_years_and_late_articles_in_titles(tmp_path: Path, store: CatalogueStore) -> None:
    rows = 'movieId,title,genres\n1,"Matrix, The (1999)",Action|War\n2,Heat (1995),Crime\n3,Up (2009),War\n'
    import_file(write(tmp_path, "movies.csv", rows), store, "movies")
    items = store.open("movies").items
    assert [(item.title, item.facts["year"]) for item in items] == [
        ("The Matrix", 1999),
        ("Heat", 1995),
        ("Up", 2009),
    ]


def test_long_texts_are_cut_and_noted(tmp_path: Path, store: CatalogueStore) -> None:
    rows: list[dict[str, object]] = [
        {"id": 1, "title": "T" * 400, "description": "One sentence. " * 1_000},
        {"id": 2, "title": "B"},
    ]
    report = import_file(write(tmp_path, "books.jsonl", lines(rows)), store, "books")
    book = store.open("books").items[0]
    assert len(book.title) == 300
    assert len(book.text) <= 8_000
    assert book.text.endswith("sentence.")
    assert [note.split(" (line")[0] for note in report.notes[1:]] == [
        "title: 1 cell longer than 300 characters, cut",
        "description: 1 cell longer than 8,000 characters, cut",
    ]


def test_nested_json_with_mixed_types(tmp_path: Path, store: CatalogueStore) -> None:
    rows: list[dict[str, object]] = [
        {"name": "Inn", "details": {"area": "north", "price": {"double": "60 pounds"}, "stars": 4}},
        {"name": "Grand", "details": {"area": "South", "price": {"double": 95}, "stars": "four"}},
        {"name": "Lodge", "details": {"area": "south", "price": {"double": "£80.50"}, "stars": "3"}},
    ]
    import_file(write(tmp_path, "hotels.json", json.dumps(rows)), store, "hotels")
    catalogue = store.open("hotels")
    assert [dict(item.facts) for item in catalogue.items] == [
        {"area": "north", "price_double": 60, "stars": 4},
        {"area": "South", "price_double": 95},
        {"area": "South", "price_double": 80.5, "stars": 3},
    ]
    assert catalogue.noun == "hotel"


def test_preview_shows_and_stores_nothing(tmp_path: Path) -> None:
    shown = preview(write(tmp_path, "products.csv", SHOP), limit=2)
    assert [item.title for item in shown.items] == ["Trail Tent", "Camp Stove"]
    assert (shown.rows, shown.valid, len(shown.skipped)) == (8, 5, 3)
    assert shown.schema.noun == "product"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["products.csv"]


def test_progress_reaches_the_end(tmp_path: Path, store: CatalogueStore) -> None:
    rows: list[dict[str, object]] = [{"id": n, "title": f"Film {n}"} for n in range(1_200)]
    seen: list[tuple[int, int]] = []
    import_file(
        write(tmp_path, "films.jsonl", lines(rows)),
        store,
        "films",
        progress=lambda *counts: seen.append(counts),
    )
    assert seen == [(500, 1200), (1000, 1200), (1200, 1200)]


def test_many_rows_stream_in_little_memory(tmp_path: Path) -> None:
    row = json.dumps({"title": "A film", "text": "word " * 200}) + "\n"
    path = write(tmp_path, "films.jsonl", row * 20_000)  # 20 MB
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_rows(path)) == 20_000
        assert tracemalloc.get_traced_memory()[1] < 3_000_000
    finally:
        tracemalloc.stop()
