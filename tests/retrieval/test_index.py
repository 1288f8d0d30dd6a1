"""One contract for exact search and Chroma, on disk; and what Chroma does when its folder is broken."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from retrieval import chroma
from retrieval.chroma import ChromaIndex, rebuild
from retrieval.embed import unit
from retrieval.errors import IndexDamaged
from retrieval.index import ExactIndex, ItemIndex

Vectors = npt.NDArray[np.float32]
SIZE, DIMENSION = 300, 16


def some_vectors(size: int = SIZE) -> Vectors:
    random = np.random.default_rng(3)
    return unit(random.normal(size=(size, DIMENSION)).astype(np.float32))


def names(size: int = SIZE) -> list[str]:
    return [f"item {row} é" for row in range(size)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("chroma") / "built"
    probe = rebuild(folder, names(), some_vectors())
    assert probe.items == SIZE
    assert probe.recall >= 0.95
    return folder


@pytest.fixture(params=["exact", "chroma", "chroma, every filter passed over"])
def index(
    request: pytest.FixtureRequest, built: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ItemIndex]:
    exact = ExactIndex(some_vectors())
    if request.param == "exact":
        yield exact
        return
    if "passed over" in request.param:
        monkeypatch.setattr(chroma, "EXACT_UP_TO", 0)
        monkeypatch.setattr(chroma, "PASSED_OVER", 1.0)
    made = ChromaIndex(built, names(), exact)
    yield made
    made.close()


def brute(vector: Vectors, k: int, allowed: npt.NDArray[np.bool_] | None = None) -> list[int]:
    scores = some_vectors() @ vector
    if allowed is not None:
        scores[~allowed] = -9
    return [int(row) for row in np.argsort(-scores)[:k]]


def test_finds_the_nearest_in_order_with_their_cosine(index: ItemIndex) -> None:
    vector = some_vectors()[17]
    hits = index.search(vector, 10)
    assert [row for row, _ in hits] == brute(vector, 10)
    assert abs(hits[0][1] - 1) < 1e-4
    assert [score for _, score in hits] == sorted((score for _, score in hits), reverse=True)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.9])
def test_never_leaves_what_is_allowed_and_fills_up(index: ItemIndex, share: float) -> None:
    allowed = np.random.default_rng(5).random(SIZE) < share
    vector = some_vectors()[40]
    k = min(10, int(allowed.sum()))
    assert [row for row, _ in index.search(vector, 10, allowed)] == brute(vector, k, allowed)


def test_gives_as_many_as_there_are(index: ItemIndex) -> None:
    vector = some_vectors()[0]
    assert len(index.search(vector, 10_000)) == SIZE
    assert index.search(vector, 0) == []
    assert index.search(vector, 5, np.zeros(SIZE, dtype=np.bool_)) == []


def test_many_questions_are_each_answered(index: ItemIndex) -> None:
    some = some_vectors()[:4]
    assert [hits[0][0] for hits in index.search_many(some, 3)] == [0, 1, 2, 3]
    assert index.search_many(some[:0], 3) == []


def test_has_its_size_and_is_whole(index: ItemIndex) -> None:
    assert len(index) == SIZE
    assert not index.damaged


def test_reading_changes_no_vector_file(built: Path) -> None:
    before = json.loads((built / "digests.json").read_text())
    index = ChromaIndex(built, names(), ExactIndex(some_vectors()))
    index.search(some_vectors()[0], 5)
    index.close()
    assert chroma._digests(built) == before
    assert any(name.endswith("data_level0.bin") for name in before)  # the vectors did reach the disk


def test_rows_of_zeros_are_never_found() -> None:
    vectors = some_vectors(5)
    vectors[2] = 0
    assert 2 not in [row for row, _ in ExactIndex(vectors).search(vectors[0], 5)]


def test_ties_go_to_the_earlier_row() -> None:
    same = np.tile(unit(np.ones((1, 4), dtype=np.float32)), (9, 1))
    assert [row for row, _ in ExactIndex(same).search(same[0], 4)] == [0, 1, 2, 3]


@pytest.mark.parametrize("harm", ["cut", "gone", "sqlite", "unproved"])
def test_a_broken_folder_answers_exactly_and_says_so(built: Path, tmp_path: Path, harm: str) -> None:
    folder = tmp_path / "built"
    shutil.copytree(built, folder)
    file = next((folder / "chroma").rglob("data_level0.bin"))
    if harm == "cut":
        file.write_bytes(file.read_bytes()[:100])
    elif harm == "gone":
        file.unlink()
    elif harm == "sqlite":
        (folder / "chroma" / "chroma.sqlite3").write_bytes(b"not a database" * 1_000)
    else:
        (folder / "digests.json").unlink()
    index = ChromaIndex(folder, names(), ExactIndex(some_vectors()))
    assert index.damaged
    assert index.search(some_vectors()[7], 1)[0][0] == 7


def test_an_index_of_other_items_is_damaged(built: Path) -> None:
    index = ChromaIndex(built, names(SIZE - 1), ExactIndex(some_vectors(SIZE - 1)))
    assert index.damaged
    assert index.search(some_vectors()[3], 1)[0][0] == 3


def test_failing_while_it_answers_falls_back(built: Path) -> None:
    index = ChromaIndex(built, names(), ExactIndex(some_vectors()))
    index._client.close()  # behind its back: Chroma itself now refuses to answer
    assert index.search(some_vectors()[9], 1)[0][0] == 9
    assert index.damaged


def test_what_chroma_cannot_hold_is_not_proved(tmp_path: Path) -> None:
    with pytest.raises(IndexDamaged):
        rebuild(tmp_path / "twice", ["same", "same"], some_vectors(2))


def test_an_empty_catalogue_has_an_index_too(tmp_path: Path) -> None:
    nothing = np.zeros((0, DIMENSION), dtype=np.float32)
    assert rebuild(tmp_path / "empty", [], nothing).items == 0
    index = ChromaIndex(tmp_path / "empty", [], ExactIndex(nothing))
    assert index.search(some_vectors()[0], 3) == []
    index.close()
