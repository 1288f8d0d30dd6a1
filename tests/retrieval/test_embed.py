"""Embedders: one contract for the fake and MiniLM; and what MiniLM refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import minilm
from retrieval.embed import Embedder, HashEmbedder, SentenceTransformerEmbedder, unit
from retrieval.errors import BadModel
from retrieval.minilm import MiniLmEmbedder, model_folder


@pytest.fixture(scope="module")
def mini(tmp_path_factory: pytest.TempPathFactory) -> MiniLmEmbedder:
    embedder = MiniLmEmbedder(tmp_path_factory.mktemp("graph"))
    embedder.warm_up()  # exports the graph, and compares it with torch
    return embedder


@pytest.fixture(params=["hash", "minilm"])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    made: Embedder = HashEmbedder(64) if request.param == "hash" else request.getfixturevalue("mini")
    return made


def test_gives_one_unit_vector_a_text(embedder: Embedder) -> None:
    vectors = embedder.embed(["a film about robots", "", "bread " * 2_000, "🙂 日本"])
    assert vectors.shape == (4, embedder.dimension)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_gives_nothing_for_nothing(embedder: Embedder) -> None:
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_a_text_has_its_vector_whatever_stands_beside_it(embedder: Embedder) -> None:
    texts = ["short", "a much longer text that needs padding around the other one " * 5, "robots"]
    together = embedder.embed(texts)
    for row, text in enumerate(texts):
        assert np.allclose(together[row], embedder.embed([text])[0], atol=1e-5)


def test_texts_on_the_same_lie_nearer(embedder: Embedder) -> None:
    one, two, other = embedder.embed(["a robot in space", "robots of outer space", "a wedding cake recipe"])
    assert one @ two > one @ other


def test_reports_progress_up_to_the_end(embedder: Embedder) -> None:
    told: list[tuple[int, int]] = []
    embedder.embed(["text"] * 40, progress=lambda done, whole: told.append((done, whole)))
    assert told[-1] == (40, 40)
    assert told == sorted(told)


def test_minilm_knows_meaning_beyond_words(mini: MiniLmEmbedder) -> None:
    question, right, wrong = mini.embed(["a sad movie", "a melancholic film that makes you cry", "fast cars"])
    assert question @ right > 0.4 > question @ wrong


@pytest.mark.slow  # exports the graph a second time
def test_the_graph_is_made_once_and_anew_when_it_changed(mini: MiniLmEmbedder, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    shutil.copytree(mini._cache, cache)
    graph = next(cache.glob("*.onnx"))
    before = graph.stat().st_mtime_ns
    MiniLmEmbedder(cache).embed(["once"])
    assert graph.stat().st_mtime_ns == before
    graph.write_bytes(graph.read_bytes()[:1_000])
    assert np.allclose(MiniLmEmbedder(cache).embed(["once"]), mini.embed(["once"]), atol=1e-4)


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(model_folder(), model)
    with (model / "model.safetensors").open("r+b") as file:
        file.seek(-1, 2)
        file.write(b"\x7f")
    with pytest.raises(BadModel, match="SHA-256"):
        MiniLmEmbedder(tmp_path / "cache", model).warm_up()
    assert not list((tmp_path / "cache").glob("*.onnx"))


def test_a_folder_without_the_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match=r"model\.safetensors"):
        model_folder(tmp_path)


def test_a_model_that_is_nowhere_is_asked_for(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(minilm, "PACKAGE", "no_such_package")
    monkeypatch.setattr(minilm, "REPOSITORY", "nobody/no-such-model")
    with pytest.raises(BadModel, match="pip install"):
        model_folder()


def test_names_tell_models_apart() -> None:
    assert HashEmbedder(64).name != HashEmbedder(128).name


@pytest.mark.slow  # imports torch
def test_a_model_that_cannot_be_loaded_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadModel, match="no-model-here"):
        SentenceTransformerEmbedder(str(tmp_path / "no-model-here")).embed(["text"])


@given(st.lists(st.text(max_size=40), max_size=5))
def test_the_fake_is_the_same_every_time(texts: list[str]) -> None:
    assert np.array_equal(HashEmbedder(32).embed(texts), HashEmbedder(32).embed(texts))


def test_unit_leaves_no_row_without_direction() -> None:
    found = unit(np.array([[3, 4], [0, 0]], dtype=np.float32))
    assert np.allclose(found, np.array([[0.6, 0.8], [1, 0]]))
