from __future__ import annotations

from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import BadSchema
from retrieval.items import Facet
from retrieval.schema import (
    Columns,
    FacetColumn,
    Schema,
    check_columns,
    load_schema,
    parse_schema,
    schema_beside,
    schema_toml,
)

SMALL = """
noun = "film"
[columns]
title = "title"
other_titles = ["original_title"]
[facets.genres]
kind = "category"
many = true
[facets.genres.aliases]
"sci-fi" = "science fiction"
[facets.length]
column = "running time"
kind = "number"
role = "duration"
unit = "min"
"""

WORDS = st.text(st.characters(codec="utf-8"), min_size=1, max_size=12)
FACETS = st.builds(
    lambda name, kind, label, unit, many, aliases, column, separator, ignore: FacetColumn(
        Facet(
            name, kind, label, "price" if kind == "number" else None, unit, many, MappingProxyType(aliases)
        ),
        column,
        separator,
        ignore,
        "a\nnote",
    ),
    WORDS.filter(lambda name: name not in ("item", "text")),
    st.sampled_from(["category", "people", "number", "date", "words"]),
    WORDS,
    st.none() | WORDS,
    st.booleans(),
    st.dictionaries(WORDS, WORDS, max_size=3),
    WORDS,
    st.none() | WORDS,
    st.booleans(),
)
SCHEMAS = st.builds(
    lambda noun, nouns, title, columns, facets: Schema(noun, nouns, title, columns, (), tuple(facets)),
    WORDS,
    WORDS,
    WORDS,
    st.builds(Columns, WORDS, st.none() | WORDS, st.none() | WORDS, st.none() | WORDS, st.none() | WORDS),
    st.lists(FACETS, max_size=3, unique_by=lambda column: column.facet.name),
)


@given(SCHEMAS)
def test_any_schema_survives_its_toml(schema: Schema) -> None:
    assert parse_schema(schema_toml(schema, "a\nfile.csv")) == schema


def test_small_schema() -> None:
    schema = parse_schema(SMALL)
    assert (schema.noun, schema.nouns, schema.title) == ("film", "films", "Films")
    genres, length, original = schema.facets
    assert genres.facet == Facet(
        "genres", "category", "genre", many=True, aliases={"sci-fi": "science fiction"}
    )
    assert (length.column, length.facet.role, length.facet.unit) == ("running time", "duration", "min")
    assert (original.column, original.facet.kind) == ("original_title", "words")


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (SMALL.replace("noun", "nuon"), "did you mean “noun”|Did you mean “noun”"),
        (SMALL.replace("many = true", "mnay = true"), r"\[facets.genres\].*Did you mean “many”"),
        (SMALL.replace('"category"', '"categorie"'), "expected one of category, people"),
        (SMALL.replace("many = true", 'many = "yes"'), "expected true or false"),
        (SMALL.replace('role = "duration"', 'role = "speed"'), "expected one of year"),
        (SMALL.replace('kind = "number"', 'kind = "words"'), "a role is for numbers"),
        (SMALL.replace('title = "title"', ""), "names no title"),
        (SMALL.replace('= "science fiction"', "= 3"), "expected one text value"),
        (SMALL.replace("facets.length", "facets.text"), "mean something else"),
        (SMALL + "[facets.x", "no valid TOML"),
    ],
)
def test_a_wrong_schema_is_refused_helpfully(wrong: str, says: str) -> None:
    with pytest.raises(BadSchema, match=says):
        parse_schema(wrong, "films.genre.toml")


def test_missing_columns_are_named_with_the_nearest() -> None:
    schema = parse_schema(SMALL)
    with pytest.raises(BadSchema, match=r"“running time”.*did you mean “running_time”"):
        check_columns(schema, ["title", "genres", "running_time", "original_title"], "films.genre.toml")
    check_columns(schema, ["title", "genres", "running time", "original_title"], "films.genre.toml")


@pytest.mark.parametrize("name", ["films.jsonl", "films.csv.gz", "films.parquet"])
def test_the_schema_beside_the_file_is_found(tmp_path: Path, name: str) -> None:
    assert schema_beside(tmp_path / name) is None
    (tmp_path / "films.genre.toml").write_text(SMALL)
    assert schema_beside(tmp_path / name) == tmp_path / "films.genre.toml"


FILMS = Path(__file__).parents[2] / "data" / "films"


def test_the_schema_of_the_bundled_films_speaks_their_vocabulary() -> None:
    import tomllib

    vocabulary = tomllib.loads((FILMS / "vocabulary.toml").read_text(encoding="utf-8"))
    schema = load_schema(FILMS / "films.genre.toml")
    assert (schema.noun, schema.nouns, schema.title) == ("film", "films", "Films")
    assert schema.other_titles == ("original_title",)
    for column in schema.facets:
        allowed = vocabulary.get(column.facet.name, [])
        meant = [value.removeprefix("!") for value in column.facet.aliases.values()]
        assert [value for value in meant if value not in allowed] == []
        # An alias that is itself a value would have two meanings.
        known = {str(value).casefold() for value in allowed}
        assert [other for other in column.facet.aliases if other.casefold() in known] == []
    countries = next(column.facet for column in schema.facets if column.facet.name == "countries")
    # "Russian" is left to the language: most of what people mean by it was made in the Soviet Union.
    assert set(vocabulary["countries"]) - set(countries.aliases.values()) == {"Russia"}
