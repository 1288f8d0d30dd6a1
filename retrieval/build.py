"""A catalogue → vectors, Chroma and BM25, published together; and back: what is published → a retriever."""

from __future__ import annotations

import json
import logging
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import filelock
import numpy as np

from retrieval import chroma, published
from retrieval.catalogue import Catalogue, CatalogueStore, embedding_text, text_hash
from retrieval.chroma import ChromaIndex
from retrieval.embed import Embedder, Vectors
from retrieval.errors import IndexDamaged
from retrieval.filters import FacetTable
from retrieval.index import ExactIndex, ItemIndex
from retrieval.lexical import LexicalIndex
from retrieval.retrieve import Retriever
from retrieval.signals import Ranking

logger = logging.getLogger(__name__)

Progress = Callable[[str, int, int], None]
"""Called now and then with what is being done ("embed", "index"), how much is done, and how much in all."""

_FORMAT = "1"  # of the folder: a published folder of another format is built anew
_BATCH = 512  # texts whose vectors are saved together: what a killed job loses at most
_IN_MEMORY = 200_000  # items whose vectors are held: 300 MB of MiniLM's
_AT_ONCE = 20_000  # items for which BM25 is made while opening, where none is published: some 1.5 s


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. `fresh` says that all was up to date, so nothing was done."""

    items: int
    embedded: int
    reused: int
    seconds: float
    recall: float | None = None
    fresh: bool = False


def build_index(
    store: CatalogueStore,
    name: str,
    embedder: Embedder,
    progress: Progress | None = None,
    force: bool = False,
) -> BuildReport:
    """Brings a catalogue's indexes up to date and publishes them; readers see the old ones until then.

    Embeds only texts that have no vector of this model yet, and saves as it goes. One builder at a time: a
    second waits, and then finds the work done. `force` builds although all seems fresh, as after damage.
    Raises `UnknownCatalogue`, `BadModel`, and `IndexDamaged` where Chroma did not pass its probe (the
    vectors and the old index stay).
    """
    started = time.monotonic()
    store.open(name)  # before anything is written: an unknown name must leave no folder behind
    root = _root(store, name)
    root.mkdir(parents=True, exist_ok=True)
    with filelock.FileLock(root / "build.lock"):
        catalogue = store.open(name)
        size = len(catalogue)
        if not force and _is_fresh(root, catalogue, embedder):
            return BuildReport(size, 0, size, time.monotonic() - started, fresh=True)
        hashes, vectors, embedded = _embedded(store, catalogue, embedder, progress)
        if progress:
            progress("index", 0, 1)
        published.clean(root)
        folder = published.draft(root)
        try:
            probe = chroma.rebuild(folder, [item.id for item in catalogue.items], vectors)
            LexicalIndex.build(catalogue.items, catalogue.facets).save(folder / "lexical")
            manifest = _manifest(catalogue, embedder) | {"built": time.time(), "recall": probe.recall}
            (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
            published.publish(root, folder)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        published.clean(root)
        store.prune_vectors(name, embedder.name, hashes)
        if progress:
            progress("index", 1, 1)
    return BuildReport(size, embedded, size - embedded, time.monotonic() - started, probe.recall)


def is_fresh(store: CatalogueStore, name: str, embedder: Embedder) -> bool:
    """Whether what is published for a catalogue fits it as it is stored now. Raises `UnknownCatalogue`."""
    return _is_fresh(_root(store, name), store.open(name), embedder)


def open_retriever(
    store: CatalogueStore,
    name: str,
    embedder: Embedder,
    ranking: Callable[[Catalogue], Ranking] = lambda _: Ranking(),
) -> Retriever:
    """A retriever over the catalogue as it is stored now, whatever state its indexes are in.

    With missing or stale indexes it answers from the vectors that are stored (and from words and facets
    alone where there are none), and `needs_build` is True. `ranking` says how this catalogue is ranked.
    Raises `UnknownCatalogue`.
    """
    catalogue = store.open(name)
    ranked = ranking(catalogue)
    held = published.reading(_root(store, name))
    try:
        if held is not None and _fits(held.folder, catalogue, embedder):
            return _published(catalogue, embedder, held, ranked)
    except (IndexDamaged, OSError, ValueError) as error:
        logger.warning("The published index of %s is not used: %s", name, error)
    if held is not None:
        held.close()
    return _without_index(store, catalogue, embedder, ranked)


def _published(
    catalogue: Catalogue, embedder: Embedder, held: published.Reading, ranking: Ranking
) -> Retriever:
    folder = held.folder
    # Large matrices stay on disk and are paged in; small ones are faster to have.
    large = len(catalogue) > _IN_MEMORY
    vectors: Vectors = np.load(folder / "vectors.npy", mmap_mode="r" if large else None, allow_pickle=False)
    if vectors.shape != (len(catalogue), embedder.dimension):
        raise IndexDamaged(f"{folder} holds vectors of shape {vectors.shape}: build the index anew.")
    lexical = LexicalIndex.load(folder / "lexical")
    if len(lexical) != len(catalogue):
        raise IndexDamaged(f"{folder} holds words of {len(lexical)} items, expected {len(catalogue)}.")
    index = ChromaIndex(folder, [item.id for item in catalogue.items], ExactIndex(vectors))
    return _retriever(catalogue, embedder, index, lexical, vectors, False, held, ranking)


def _without_index(
    store: CatalogueStore, catalogue: Catalogue, embedder: Embedder, ranking: Ranking
) -> Retriever:
    hashes = _hashes(catalogue)
    known = store.load_vectors(catalogue.name, embedder.name, hashes)
    vectors = np.zeros((len(catalogue), embedder.dimension), dtype=np.float32)
    for row, key in enumerate(hashes):
        if key in known:
            vectors[row] = known[key]
    small = len(catalogue) <= _AT_ONCE
    lexical = (
        LexicalIndex.build(catalogue.items, catalogue.facets)
        if small
        else LexicalIndex.of([[] for _ in catalogue.items])
    )
    return _retriever(catalogue, embedder, ExactIndex(vectors), lexical, vectors, True, None, ranking)


def _retriever(
    catalogue: Catalogue,
    embedder: Embedder,
    index: ItemIndex,
    lexical: LexicalIndex,
    vectors: Vectors,
    stale: bool,
    held: published.Reading | None,
    ranking: Ranking,
) -> Retriever:
    table = FacetTable(catalogue.items, catalogue.facets, lexical.containing)
    return Retriever(
        catalogue,
        embedder,
        index,
        lexical,
        table,
        vectors,
        stale,
        weights=ranking.weights,
        on_close=held,
        learned=ranking.learned,
        dials=ranking.dials,
        popularity=ranking.popularity,
    )


def vectors_of(store: CatalogueStore, catalogue: Catalogue, embedder: Embedder) -> Vectors:
    """The vectors of the items' texts, (n, d), from what is stored; what is missing is embedded and kept."""
    return _embedded(store, catalogue, embedder, None)[1]


def _embedded(
    store: CatalogueStore, catalogue: Catalogue, embedder: Embedder, progress: Progress | None
) -> tuple[list[bytes], Vectors, int]:
    """The hash and vector of every item's text, and how many texts had to be embedded."""
    texts = [embedding_text(item, catalogue.facets) for item in catalogue.items]
    hashes = [text_hash(text) for text in texts]
    known: dict[bytes, Any] = dict(store.load_vectors(catalogue.name, embedder.name, hashes))
    missing = {key: text for key, text in zip(hashes, texts, strict=True) if key not in known}
    todo = sorted(missing.items(), key=lambda pair: (-len(pair[1]), pair[0]))  # alike lengths batch well
    for start in range(0, len(todo), _BATCH):
        some = todo[start : start + _BATCH]
        found = embedder.embed([text for _, text in some])
        fresh = {key: vector for (key, _), vector in zip(some, found, strict=True)}
        store.save_vectors(catalogue.name, embedder.name, fresh)
        known |= fresh
        if progress:
            progress("embed", start + len(some), len(todo))
    vectors = np.zeros((len(hashes), embedder.dimension), dtype=np.float32)
    for row, key in enumerate(hashes):
        vectors[row] = known[key]
    return hashes, vectors, len(todo)


def _hashes(catalogue: Catalogue) -> list[bytes]:
    return [text_hash(embedding_text(item, catalogue.facets)) for item in catalogue.items]


def _root(store: CatalogueStore, name: str) -> Path:
    return store.folder(name) / "index"


def _manifest(catalogue: Catalogue, embedder: Embedder) -> dict[str, Any]:
    return {"format": _FORMAT, "catalogue": catalogue.fingerprint, "embedder": embedder.name}


def _fits(folder: Path, catalogue: Catalogue, embedder: Embedder) -> bool:
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return all(manifest.get(key) == value for key, value in _manifest(catalogue, embedder).items())


def _is_fresh(root: Path, catalogue: Catalogue, embedder: Embedder) -> bool:
    folder = published.current(root)
    try:
        return folder is not None and _fits(folder, catalogue, embedder)
    except (OSError, ValueError):
        return False
