from __future__ import annotations

import datetime
import itertools
import math
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import cells, columns
from retrieval.errors import BadSchema
from retrieval.facets import infer
from retrieval.facts import FactReader
from retrieval.items import Facet
from retrieval.schema import FacetColumn, Schema
from retrieval.sources import Row

Cells = dict[str, Sequence[object]]


def schema_of(cells_by_column: Cells, name: str = "things.csv") -> Schema:
    length = max(len(values) for values in cells_by_column.values())
    made = [
        Row(line, {column: values[line % len(values)] for column, values in cells_by_column.items()})
        for line in range(length)
    ]
    return infer(made, name)


def facet_of(column: str, values: Sequence[object], **others: Sequence[object]) -> FacetColumn:
    titles = [f"Thing {number}" for number in range(max(len(values), 12))]
    schema = schema_of({"title": titles, column: values, **others})
    return next(facet for facet in schema.facets if facet.column == column)


def read_all(found: FacetColumn, values: Sequence[object]) -> list[object]:
    reader = FactReader(found, values)
    return [reader.read(value)[0] for value in values]


TITLES = [
    f"The {word} Tale"
    for word in (
        "red",
        "blue",
        "green",
        "long",
        "tall",
        "wide",
        "old",
        "new",
        "last",
        "first",
        "best",
        "lost",
    )
]
PROSE = [
    f"A story of {word} and of what came after it, told slowly by the one who stayed." for word in TITLES
]


# --- the columns every item has -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title", ["title", "Name", "product_name", "productName", "headline", "Book Title", "Titel"]
)
@pytest.mark.parametrize("text", ["description", "body_html", "summary", "plot", "overview", "synopsis"])
def test_title_and_description_by_name(title: str, text: str) -> None:
    schema = schema_of({text: PROSE, "sort": ["a", "b"], title: TITLES})
    assert (schema.columns.title, schema.columns.description) == (title, text)


def test_title_and_description_by_values_alone() -> None:
    schema = schema_of({"c1": ["x", "y", "z"], "c2": PROSE, "c3": TITLES, "c4": range(12)})
    assert (schema.columns.title, schema.columns.description) == ("c3", "c2")


def test_addresses_by_name_and_by_shape() -> None:
    pictures = [f"https://cdn.example/{number}.jpg" for number in range(12)]
    pages = [f"https://shop.example/p/{number}" for number in range(12)]
    named = schema_of({"title": TITLES, "thumbnail": pictures, "permalink": pages})
    shaped = schema_of({"title": TITLES, "q1": pictures, "q2": pages})
    assert (named.columns.image, named.columns.url) == ("thumbnail", "permalink")
    assert (shaped.columns.image, shaped.columns.url) == ("q1", "q2")


@pytest.mark.parametrize("name", ["id", "sku", "ASIN", "isbn", "movieId", "product_id"])
def test_id_by_name_if_its_values_differ(name: str) -> None:
    assert schema_of({"title": TITLES, name: [f"k{number}" for number in range(12)]}).columns.id == name
    assert schema_of({"title": TITLES, name: ["k1", "k2"]}).columns.id is None


def test_best_id_wins_and_the_others_are_left_out() -> None:
    schema = schema_of({"imdb_id": [f"tt{n}" for n in range(12)], "book_id": range(12), "title": TITLES})
    assert schema.columns.id == "book_id"
    assert [(column.column, column.note) for column in schema.facets if column.ignore] == [
        ("imdb_id", "an identifier")
    ]


def test_no_title_is_an_error_that_names_the_columns() -> None:
    with pytest.raises(BadSchema, match=r"found: a, b\..*title ="):
        schema_of({"a": [1, 2, 3], "b": [True, False]})


def test_original_title_is_another_title() -> None:
    schema = schema_of({"title": TITLES, "original_title": [f"Der {title}" for title in TITLES]})
    assert schema.other_titles == ("original_title",)
    assert [column.facet.kind for column in schema.kept] == ["words"]


# --- kinds and roles ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "values", "kind", "role", "unit", "read"),
    [
        ("price", ["£12.50", "£1,299.00", "£3"], "number", "price", "GBP", [12.5, 1299, 3]),
        ("Preis", ["12,50 €", "1.299,00 €", "3 €"], "number", "price", "EUR", [12.5, 1299, 3]),
        ("price_usd", [12.5, 3.0, None], "number", "price", "USD", [12.5, 3, None]),
        ("price", ["free", "$5 - $9", "call us", "$7"], "number", "price", "USD", [0, 5, None, 7]),
        ("runtime", ["95 min", "1h 35m", "2 hours"], "number", "duration", "min", [95, 95, 120]),
        ("Duration", ["PT1H35M", "PT45M", "PT2H"], "number", "duration", "min", [95, 45, 120]),
        ("duration_ms", [210_000, 180_000, 60_000], "number", "duration", "min", [3.5, 3, 1]),
        ("length", ["3:30", "4:15", "10:00"], "number", "duration", "min", [3.5, 4.25, 10]),
        ("hours", [3, 12, 45], "number", "duration", "hours", [3, 12, 45]),
        ("num_pages", ["320", "1,024", "96"], "number", "length", "pages", [320, 1024, 96]),
        ("ages", ["8+", "3-5 years", "18 months"], "number", "age", "years", [8, 3, 1.5]),
        ("average_rating", ["4.5/5", "4,1", "3 stars"], "number", "rating", None, [4.5, 4.1, 3]),
        ("ratings_count", [10, 2_000, 37], "number", "quantity", None, [10, 2000, 37]),
        ("weight", ["1.2 kg", "800 g", "2 kg"], "number", None, "kg", [1.2, 0.8, 2]),
        ("release year", ["1999", 2001.0, "c. 1987"], "number", "year", None, [1999, 2001, 1987]),
        ("published", ["2021-05-01", "May 2, 2019", "03/04/2020"], "date", "year", None, [2021, 2019, 2020]),
        (
            "made",
            [datetime.date(2001, 2, 3), datetime.datetime(1999, 1, 1, 5)],
            "date",
            "year",
            None,
            [2001, 1999],
        ),
        ("is_new", ["true", "FALSE", "Yes"], "category", None, None, ["yes", "no", "yes"]),
        ("in stock", [True, None, False], "category", None, None, ["yes", None, "no"]),
    ],
)
def test_numbers_dates_and_yes_no(
    column: str, values: list[object], kind: str, role: str | None, unit: str | None, read: list[object]
) -> None:
    found = facet_of(column, values)
    assert (found.facet.kind, found.facet.role, found.facet.unit) == (kind, role, unit)
    assert read_all(found, values) == read


@pytest.mark.parametrize(
    ("column", "values", "read"),
    [
        ("genres", ["crime|drama", "drama", "crime|war"], [("crime", "drama"), ("drama",), ("crime", "war")]),
        ("tags", ["a; b", "b;c", "a"], [("a", "b"), ("b", "c"), ("a",)]),
        ("genre", ["Crime, Drama", "Drama", "Crime"], [("Crime", "Drama"), ("Drama",), ("Crime",)]),
        (
            "genres",
            ['["a", "b"]', "['b', 'c']", '[{"id": 1, "name": "a"}]'],
            [("a", "b"), ("b", "c"), ("a",)],
        ),
        ("genres", [["a", "b"], [], ["b", None]], [("a", "b"), None, ("b",)]),
        ("genres", ["(no genres listed)", "a|a|A", "b|a"], [None, ("a",), ("b", "a")]),
        (
            "section",
            ["Home > Garden", "Home > Bath", "Home"],
            [("Home", "Garden"), ("Home", "Bath"), ("Home",)],
        ),
    ],
)
def test_list_cells(column: str, values: list[object], read: list[object]) -> None:
    found = facet_of(column, values)
    assert (found.facet.kind, found.facet.many) == ("category", True)
    assert read_all(found, values) == read


@pytest.mark.parametrize(
    "values",
    [
        ["London, 12 High Street", "Leeds, 3 Low Road", "York, 9 Mill Lane", "Bath, 44 Long Row"],
        ["It rained; we went home and drank tea all day", "It was a long day for all; nobody spoke"],
        ["Simon & Garfunkel", "AC/DC", "Hall & Oates"],
    ],
)
def test_punctuation_alone_makes_no_list(values: list[str]) -> None:
    assert not facet_of("info", values).facet.many


@pytest.mark.parametrize(
    ("column", "values", "label", "read"),
    [
        (
            "directors",
            ["Ann Lee|Bo Ek", "Cy Dow", "Ann Lee"],
            "director",
            [("Ann Lee", "Bo Ek"), ("Cy Dow",), ("Ann Lee",)],
        ),
        (
            "authors",
            ["J. K. Ro, Mary Gra", "Ed Poe", "Al Poe"],
            "author",
            [("J. K. Ro", "Mary Gra"), ("Ed Poe",), ("Al Poe",)],
        ),
        (
            "Author",
            ["Poe, Edgar", "Austen, Jane", "Eco, Umberto"],
            "author",
            ["Edgar Poe", "Jane Austen", "Umberto Eco"],
        ),
        ("cast", [["A B", "C D"], ["E F"]], "actor", [("A B", "C D"), ("E F",)]),
        ("stars", [["A B", "C D"], ["E F"]], "actor", [("A B", "C D"), ("E F",)]),
        ("written by", ["A B", "C D"], "writer", ["A B", "C D"]),
    ],
)
def test_people_by_name(column: str, values: list[object], label: str, read: list[object]) -> None:
    found = facet_of(column, values)
    assert (found.facet.kind, found.facet.label) == ("people", label)
    assert read_all(found, values) == read


def test_people_by_shape_but_no_brands_or_products() -> None:
    names = [
        "John Ford",
        "Mary Shelley",
        "Anna van Dyk",
        "Paul Klee",
        "David Lean",
        "Peter O'Toole",
        "Jane Austen",
    ]
    names += ["Sarah Waters", "Tom Waits", "Emma Stone", "Ivan Bunin", "Laura Dern"]
    assert facet_of("leading figure", names * 2).facet.kind == "people"
    assert facet_of("brand", names * 2).facet.kind == "category"
    goods = [
        f"{colour} {thing}"
        for colour in ("Red", "Blue", "Green")
        for thing in ("Tent", "Lamp", "Boot", "Rope")
    ]
    assert facet_of("variant", goods * 2).facet.kind == "category"


def test_stars_with_numbers_are_a_rating() -> None:
    assert facet_of("stars", [4, 5, 3]).facet.role == "rating"


def test_unique_text_is_words_and_repeated_text_a_category() -> None:
    assert facet_of("tagline", [f"Be {number} times better" for number in range(12)]).facet.kind == "words"
    assert facet_of("finish", ["matt", "gloss", "satin"] * 4).facet.kind == "category"


def test_numbers_that_are_no_amounts_stay_text() -> None:
    assert facet_of("phone", [f"012233{number}" for number in range(11687, 11699)]).facet.kind == "words"
    assert facet_of("size", ["S", "M", "10", "12", "L", "XL"] * 2).facet.kind == "category"


@pytest.mark.parametrize(
    ("column", "values", "why"),
    [
        ("empty", ["", "n/a", None], "empty"),
        ("origin", ["imported"] * 12, "always"),
        ("created_at", ["2021-01-01T10:00:00Z", "2021-01-02T10:00:00Z"], "written"),
        ("Unnamed: 0", range(12), "row numbers"),
        ("more pictures", [f"https://x.example/{n}.png" for n in range(12)], "addresses"),
    ],
)
def test_useless_columns_are_left_out_with_a_reason(column: str, values: Sequence[object], why: str) -> None:
    found = facet_of(column, values, image=[f"https://y.example/{n}.png" for n in range(12)])
    assert found.ignore
    assert why in found.note


def test_numbered_series_are_left_out() -> None:
    schema = schema_of(
        {"title": TITLES, **{f"votes_{stars}": range(stars, stars + 12) for stars in range(1, 6)}}
    )
    assert [column.note for column in schema.facets] == ["one of a numbered series"] * 5


def test_year_in_titles_makes_a_facet_unless_a_column_has_it() -> None:
    titles = [f"{title} ({1950 + place})" for place, title in enumerate(TITLES)]
    assert [(c.facet.name, c.facet.role, c.column) for c in schema_of({"title": titles}).facets] == [
        ("year", "year", "title")
    ]
    with_column = schema_of({"title": titles, "year": range(1950, 1962)})
    assert [column.column for column in with_column.facets] == ["year"]


def test_each_role_is_given_once() -> None:
    schema = schema_of(
        {"title": TITLES, "list price": range(5, 17), "price": range(12), "sale price": range(2, 14)}
    )
    assert {column.column: column.facet.role for column in schema.facets} == {
        "list price": None,
        "price": "price",
        "sale price": None,
    }


def test_nested_columns_get_short_unique_names() -> None:
    schema = schema_of(
        {"title": TITLES, "attributes.area": ["n", "s"], "area": ["x", "y"], "price.double": range(12)}
    )
    assert [column.facet.name for column in schema.facets] == ["area", "area_2", "price_double"]


@given(
    st.dictionaries(
        st.text(max_size=8),
        st.lists(
            st.none()
            | st.text(max_size=12)
            | st.integers()
            | st.floats()
            | st.booleans()
            | st.lists(st.text(max_size=4)),
            min_size=3,
            max_size=3,
        ),
        max_size=5,
    )
)
def test_any_table_gives_a_schema_whose_facets_read_any_cell(table: dict[str, list[object]]) -> None:
    schema = schema_of({**table, "title": TITLES})
    names = [column.facet.name for column in schema.facets]
    assert len(set(names)) == len(names)
    assert not {"item", "text"} & set(names)
    for column, values in itertools.product(schema.kept, table.values()):
        for fact in read_all(column, values):
            if column.facet.kind in ("number", "date"):
                assert fact is None or (isinstance(fact, (int, float)) and math.isfinite(fact))
            else:
                assert fact is None or (fact and isinstance(fact, tuple if column.facet.many else str))


# --- words of names -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "label"),
    [("directors", "director"), ("product_type", "product type"), ("countries", "country"),
     ("seriesName", "series"),
     ("is_new", "new"), ("language_code", "language"), ("Boxes", "box"), ("movies", "movie"),
     ("glass", "glass")],
)  # fmt: skip
def test_labels(name: str, label: str) -> None:
    assert columns.label(name) == label


@pytest.mark.parametrize(
    ("file", "noun", "nouns"),
    [("products.csv", "product", "products"), ("retail_products.jsonl.gz", "product", "products"),
     ("movies_metadata.csv", "movie", "movies"), ("wines.csv", "wine", "wines"),
     ("film.csv", "film", "films"),
     ("stories.json", "story", "stories"), ("my_shop.csv", "item", "items"), ("data.csv", "item", "items")],
)  # fmt: skip
def test_noun_from_the_file_name(file: str, noun: str, nouns: str) -> None:
    assert columns.noun_of(file) == noun
    assert columns.plural(noun) == nouns


def test_noun_from_columns_where_the_file_does_not_tell() -> None:
    assert columns.noun_of("data.csv", ["movieId", "title"]) == "movie"
    assert columns.noun_of("data.csv", ["item_id", "artists", "album"]) == "song"


@pytest.mark.parametrize(
    "text",
    [
        "PS4",
        "12 Angry Men",
        "01223 311687",
        "106 Regent Street",
        "Room 5",
        "2 x 4",
        "4K",
        "2021-05-01",
        "",
        "n/a",
    ],
)
def test_texts_with_digits_are_no_amounts(text: str) -> None:
    assert cells.amount(text) is None


@given(st.floats(0, 1e7).map(lambda number: round(number, 2)))
def test_amounts_survive_the_ways_they_are_written(number: float) -> None:
    point = f"{number:,.2f}"
    comma = point.translate(str.maketrans(",.", ".,"))
    for text in (f"{number:.2f}", point, f"£{point}", f"{point} EUR", f"from ${point}"):
        amount = cells.amount(text)
        assert amount is not None
        assert amount.value == number
    amount = cells.amount(f"{comma} €", comma=True)
    assert amount is not None
    assert (amount.value, amount.unit) == (number, "EUR")


def test_odd_cells_are_told_from_empty_ones() -> None:
    reader = FactReader(FacetColumn(Facet("price", "number", "price", "price", "GBP"), "price"), ["£5", "£6"])
    assert reader.read("£5") == (5, False)
    assert reader.read("") == (None, False)
    assert reader.read("ask") == (None, True)
    assert reader.read("€5") == (None, True)
