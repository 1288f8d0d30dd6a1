"""BM25: what words find, and what they don't."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import IndexDamaged
from retrieval.items import Facet
from retrieval.lexical import LexicalIndex, asked, tokens
from tests.retrieval.shelf import FACETS, SPACE, thing


@pytest.fixture
def index() -> LexicalIndex:
    return LexicalIndex.build(SPACE, FACETS)


def found(index: LexicalIndex, text: str, k: int = 5) -> list[str]:
    rows, _ = index.search(text, k)
    return [SPACE[row].id for row in rows]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("robots singing", "robot"),  # other forms of the words
        ("AMELIE", "amelie"),  # neither case nor accent
        ("ada north memory", "star"),  # a person and a word of the description
        ("1966", "rider"),
        ("bakers in winter", "bread"),
    ],
)
def test_finds_what_has_the_words(index: LexicalIndex, text: str, first: str) -> None:
    assert found(index, text)[0] == first


def test_other_names_of_a_value_find_it(index: LexicalIndex) -> None:
    assert set(found(index, "sci-fi")) == {"star", "robot", "robot2"}


def test_a_title_weighs_more_than_a_mention() -> None:
    items = [thing("1", "A long way", "There is heat and dust."), thing("2", "Heat", "A long way and dust.")]
    rows, _ = LexicalIndex.build(items, ()).search("heat", 2)
    assert rows.tolist() == [1, 0]


@pytest.mark.parametrize("text", ["", "   ", "the of and", "qwertyuiop", "?!", "日本"])
def test_finds_nothing_for_nothing_and_for_unknown_words(index: LexicalIndex, text: str) -> None:
    assert found(index, text) == []


def test_words_of_asking_find_nothing_beside_others(index: LexicalIndex) -> None:
    assert asked("I want something like robots please") == tokens("robots")
    assert asked("something nice") == tokens("something nice")  # unless that is all there is


def test_only_allowed_rows_come_back(index: LexicalIndex) -> None:
    allowed = np.array([item.id == "robot2" for item in SPACE])
    rows, scores = index.search("robot", 5, allowed)
    assert [SPACE[row].id for row in rows] == ["robot2"]
    assert scores[0] > 0


def test_containing_wants_every_word(index: LexicalIndex) -> None:
    def having(text: str) -> set[str]:
        return {SPACE[row].id for row in np.flatnonzero(index.containing(text))}

    assert having("robot garden") == {"robot", "robot2"}
    assert having("robot gold") == set()
    assert having("") == set()


def test_scripts_without_spaces_are_found_by_parts() -> None:
    index = LexicalIndex.build([thing("1", "千と千尋の神隠し"), thing("2", "東京物語")], ())
    assert index.search("東京", 5)[0].tolist() == [1]


def test_yes_stands_for_the_name_of_its_column() -> None:
    facets = (Facet("vegan", "category", "vegan"),)
    index = LexicalIndex.build([thing("1", "Stew", vegan="no"), thing("2", "Soup", vegan="yes")], facets)
    assert index.search("vegan", 5)[0].tolist() == [1]


def test_comes_back_from_disk_as_it_was(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "words")
    again = LexicalIndex.load(tmp_path / "words")
    for text in ("robot garden", "drama", "zzz"):
        assert np.array_equal(again.scores(text), index.scores(text))
        assert again.reach(text) == index.reach(text)


@pytest.mark.parametrize("harm", ["arrays", "json", "version", "missing", "mixed"])
def test_a_broken_index_is_refused(index: LexicalIndex, tmp_path: Path, harm: str) -> None:
    index.save(tmp_path)
    if harm == "arrays":
        (tmp_path / "bm25.npz").write_bytes((tmp_path / "bm25.npz").read_bytes()[:50])
    elif harm == "json":
        (tmp_path / "bm25.json").write_text("{")
    elif harm == "version":
        described = (tmp_path / "bm25.json").read_text()
        (tmp_path / "bm25.json").write_text(described.replace('"version": "1"', '"version": "0"'))
    elif harm == "missing":
        (tmp_path / "bm25.npz").unlink()
    else:
        LexicalIndex.build(SPACE[:2], FACETS).save(tmp_path / "other")
        (tmp_path / "other" / "bm25.npz").replace(tmp_path / "bm25.npz")
    with pytest.raises(IndexDamaged):
        LexicalIndex.load(tmp_path)


def test_no_items_no_finds(tmp_path: Path) -> None:
    index = LexicalIndex.build([], FACETS)
    index.save(tmp_path)
    assert len(LexicalIndex.load(tmp_path)) == 0
    assert index.search("anything at all", 5)[0].tolist() == []


@given(st.text(max_size=60), st.integers(0, 10))
def test_any_text_is_answered_in_order(text: str, k: int) -> None:
    rows, scores = LexicalIndex.build(SPACE, FACETS).search(text, k)
    assert len(rows) <= k
    assert all(scores > 0)
    assert list(scores) == sorted(scores, reverse=True)
