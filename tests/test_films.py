"""The bundled films: schema, ranges, doubles, vocabulary, and breadth."""

from __future__ import annotations

import importlib.util
import json
import tomllib
from collections import Counter
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parent.parent / "data" / "films"


@pytest.fixture(scope="module")
def check() -> ModuleType:
    spec = importlib.util.spec_from_file_location("check_films", FOLDER / "check.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def films() -> list[dict[str, Any]]:
    lines = (FOLDER / "films.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="module")
def vocabulary() -> dict[str, list[Any]]:
    return tomllib.loads((FOLDER / "vocabulary.toml").read_text(encoding="utf-8"))


def test_every_entry_is_whole_and_in_the_vocabulary(
    check: ModuleType, films: list[dict[str, Any]], vocabulary: dict[str, list[Any]]
) -> None:
    wrong = {film["id"]: found for film in films if (found := check.problems(film, vocabulary))}
    assert wrong == {}


def test_no_film_stands_twice(films: list[dict[str, Any]]) -> None:
    ids = Counter(film["id"] for film in films)
    told = Counter(film["description"] for film in films)
    assert [one for one, count in (ids + told).items() if count > 1] == []


def test_the_shelf_is_broad(films: list[dict[str, Any]]) -> None:
    decades = Counter(film["year"] // 10 * 10 for film in films)
    countries = Counter(country for film in films for country in film["countries"])
    genres = Counter(genre for film in films for genre in film["genres"])
    assert len(films) >= 600
    assert set(range(1920, 2030, 10)) <= set(decades)
    assert len(countries) >= 40
    assert min(genres.values()) >= 5
    assert sum(film["suitability"] <= 6 for film in films) >= 60


def test_a_bad_entry_is_found(
    check: ModuleType, films: list[dict[str, Any]], vocabulary: dict[str, list[Any]]
) -> None:
    bad = {**films[0], "genres": ["sci-fi-ish"], "runtime": 5, "description": "Too short."}
    found = " ".join(check.problems(bad, vocabulary))
    assert "sci-fi-ish" in found
    assert "runtime" in found
    assert "words" in found
