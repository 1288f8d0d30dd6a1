"""Building and opening indexes, with real SQLite and Chroma on disk."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval import build, published
from retrieval.build import build_index, open_retriever
from retrieval.catalogue import CatalogueStore, embedding_text, text_hash
from retrieval.embed import HashEmbedder, Progress, Vectors
from retrieval.errors import UnknownCatalogue
from retrieval.items import Query
from tests.retrieval.shelf import FACETS, SPACE, filled, ids


class Counting(HashEmbedder):
    """Keeps what it was asked to embed; stops as if killed once `limit` texts are done."""

    def __init__(self, limit: int | None = None) -> None:
        super().__init__(32)
        self.texts: list[str] = []
        self.limit = limit

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        if self.limit is not None and len(self.texts) + len(texts) > self.limit:
            raise KeyboardInterrupt
        self.texts += texts
        return super().embed(texts, progress)


def first(store: CatalogueStore, text: str) -> tuple[str, bool]:
    retriever = open_retriever(store, "things", HashEmbedder(32))
    try:
        return ids(retriever.retrieve(Query(text)).candidates)[0], retriever.needs_build
    finally:
        retriever.close()


def test_before_during_and_after_a_build_it_answers(tmp_path: Path) -> None:
    store = filled(tmp_path)
    assert first(store, "empty garden") == ("robot", True)  # by words alone
    told: list[tuple[str, int, int]] = []
    report = build_index(store, "things", HashEmbedder(32), lambda *step: told.append(step))
    assert (report.items, report.embedded, report.reused, report.fresh) == (8, 8, 0, False)
    assert report.recall == pytest.approx(1)
    assert told == [("embed", 8, 8), ("index", 0, 1), ("index", 1, 1)]
    assert first(store, "empty garden") == ("robot", False)
    assert build_index(store, "things", HashEmbedder(32)).fresh

    changed = (replace(SPACE[0], text="A whale swims to the moon."), *SPACE[1:])
    filled(tmp_path, changed)
    assert first(store, "whale") == ("star", True)  # stale, and still right
    report = build_index(store, "things", counting := Counting())
    assert (report.embedded, report.reused) == (1, 7)
    assert "whale" in counting.texts[0]
    assert first(store, "whale") == ("star", False)
    old = text_hash(embedding_text(SPACE[0], FACETS))
    assert store.load_vectors("things", counting.name, [old]) == {}  # pruned

    other = open_retriever(store, "things", HashEmbedder(64))  # another model's vectors are never used
    assert other.needs_build
    other.close()

    folder = published.current(store.folder("things") / "index")
    assert folder is not None
    assert len(list(folder.parent.glob("build-*"))) == 1
    next((folder / "chroma").rglob("data_level0.bin")).write_bytes(b"")
    assert first(store, "whale") == ("star", True)
    assert not build_index(store, "things", HashEmbedder(32), force=True).fresh
    assert first(store, "whale") == ("star", False)


def test_a_killed_build_resumes_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "_BATCH", 3)
    store = filled(tmp_path)
    killed = Counting(limit=6)
    with pytest.raises(KeyboardInterrupt):
        build_index(store, "things", killed)
    again = Counting()
    assert build_index(store, "things", again).embedded == 2
    assert sorted(killed.texts + again.texts) == sorted(embedding_text(item, FACETS) for item in SPACE)


def test_two_builders_do_the_work_once(tmp_path: Path) -> None:
    store, embedders = filled(tmp_path), [Counting(), Counting()]
    fresh: list[bool] = []
    workers = [
        threading.Thread(target=lambda e=e: fresh.append(build_index(store, "things", e).fresh))
        for e in embedders
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(fresh) == [False, True]
    assert sum(len(embedder.texts) for embedder in embedders) == len(SPACE)


@pytest.mark.parametrize("harm", ["manifest.json", "vectors.npy", "lexical/bm25.npz", "current"])
def test_a_harmed_folder_is_left_aside(tmp_path: Path, harm: str) -> None:
    store = filled(tmp_path, SPACE[:3])
    build_index(store, "things", HashEmbedder(32))
    root = store.folder("things") / "index"
    folder = published.current(root)
    assert folder is not None
    (root / "current" if harm == "current" else folder / harm).write_text("harmed")
    assert first(store, "empty garden") == ("robot", True)


def test_an_unknown_catalogue_leaves_nothing_behind(tmp_path: Path) -> None:
    store = CatalogueStore(tmp_path)
    with pytest.raises(UnknownCatalogue):
        build_index(store, "nothing", HashEmbedder(32))
    assert not (tmp_path / "nothing").exists()


def test_a_folder_that_is_read_is_not_removed(tmp_path: Path) -> None:
    one = published.draft(tmp_path)
    published.publish(tmp_path, one)
    held = published.reading(tmp_path)
    assert held is not None
    assert held.folder == one
    two, stray = published.draft(tmp_path), published.draft(tmp_path)
    published.publish(tmp_path, two)
    assert published.clean(tmp_path) == [stray]
    held.close()
    assert published.clean(tmp_path) == [one]
    assert published.current(tmp_path) == two


def test_a_pointer_that_leads_astray_is_no_folder(tmp_path: Path) -> None:
    root = tmp_path / "index"
    root.mkdir()
    assert published.current(root) is None
    (root / "current").write_text("../elsewhere")
    (tmp_path / "elsewhere").mkdir()
    assert published.current(root) is None
    assert published.reading(root) is None
