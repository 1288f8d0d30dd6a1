"""Nearest rows through Chroma: built beside, proved by another process, opened to read only.

Chroma's folder is a cache of the catalogue's vectors and treated as one that may break: kills while it wrote
left it unusable within some ten, sometimes with a crash of the whole process. So it is written and proved by
child processes, digests of its vector files are kept, and a folder where they differ is never opened.
Whatever still goes wrong, exact search answers.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.embed import file_digest
from retrieval.errors import IndexDamaged
from retrieval.index import ExactIndex, Hits, Mask, Vectors

logger = logging.getLogger(__name__)

NAME = "items"
#: As many allowed rows are searched exactly: copying out 20,000 vectors takes no longer than Chroma's `ids=`
#: does (its `where` took 500 ms and more).
EXACT_UP_TO = 20_000
#: Where more are allowed, Chroma is asked for more than is wanted, unless a greater share is passed over.
PASSED_OVER = 0.85
MOST_FETCHED = 3_000
_BATCH = 5_000  # Chroma refuses more than 5,461
_SMALLEST_RECALL = 0.95
_PROBES = 100


@dataclass(frozen=True, slots=True)
class Probe:
    """What a fresh process found in a folder: how many items, and the share of the true ten nearest found."""

    items: int
    recall: float


class ChromaIndex:
    """The contract of `ItemIndex` over a folder that `rebuild` made.

    Without a filter, or where a filter leaves much, Chroma answers (asked for more than is wanted, the rest
    passed over); narrow filters go to `exact`, which is the faster then. On any failure `damaged` becomes
    True and `exact` answers from then on. Never writes.
    """

    def __init__(self, folder: Path, ids: Sequence[str], exact: ExactIndex) -> None:
        self._exact = exact
        self._row = {name: row for row, name in enumerate(ids)}
        self._lock = threading.Lock()
        self._client: Any = None
        self._collection: Any = None
        self.damaged = False
        try:
            _compare_digests(folder)
            self._client = _client(folder / "chroma")
            self._collection = self._client.get_collection(NAME, embedding_function=None)
            self._try_out()
        except Exception as error:
            self._give_up(error)

    def __len__(self) -> int:
        return len(self._exact)

    def search(self, vector: Vectors, k: int, allowed: Mask | None = None) -> Hits:
        return self.search_many(vector[None, :], k, allowed)[0]

    def search_many(self, vectors: Vectors, k: int, allowed: Mask | None = None) -> list[Hits]:
        k = min(k, len(self))
        fetched = self._worth_fetching(k, allowed)
        collection = self._collection
        if collection is None or fetched == 0 or not len(vectors):
            return self._exact.search_many(vectors, k, allowed)
        try:
            found = self._query(collection, vectors, fetched)
        except Exception as error:  # Chroma's parts raise whatever they like; the person still gets an answer
            self._give_up(error)
            return self._exact.search_many(vectors, k, allowed)
        kept = [[hit for hit in hits if allowed is None or allowed[hit[0]]][:k] for hits in found]
        enough = k if allowed is None else min(k, int(allowed.sum()))
        if any(len(hits) < enough for hits in kept):
            return self._exact.search_many(vectors, k, allowed)
        return kept

    def close(self) -> None:
        """Lets go of the folder's files; exact search answers from then on."""
        with self._lock:
            client, self._client, self._collection = self._client, None, None
        if client is not None:
            client.close()

    def _worth_fetching(self, k: int, allowed: Mask | None) -> int:
        """How many results to ask Chroma for; 0 where exact search is the better way."""
        size = len(self)
        if k <= 0:
            return 0
        if allowed is None:
            return k
        left = int(allowed.sum())
        if size - left <= k:  # a few seen items
            return min(size, k + size - left)
        if left <= EXACT_UP_TO or left < (1 - PASSED_OVER) * size:
            return 0
        return min(size, MOST_FETCHED, 2 * k * size // left)

    def _query(self, collection: Any, vectors: Vectors, k: int) -> list[Hits]:
        answer = collection.query(query_embeddings=vectors, n_results=k, include=["distances"])
        return [
            sorted(
                ((self._row[name], 1.0 - float(away)) for name, away in zip(ids, distances, strict=True)),
                key=lambda hit: (-hit[1], hit[0]),
            )
            for ids, distances in zip(answer["ids"], answer["distances"], strict=True)
        ]

    def _try_out(self) -> None:
        """A real question, because counts answer even where the index is dead."""
        if self._collection.count() != len(self):
            raise IndexDamaged(f"Chroma holds {self._collection.count()} items, expected {len(self)}.")
        if not len(self):
            return
        row = len(self) // 2
        best = self._query(self._collection, self._exact.vectors[row : row + 1], 1)[0]
        if not best or best[0][1] < 0.999:
            raise IndexDamaged(f"Chroma finds {best} for the vector of row {row}, expected itself.")

    def _give_up(self, error: Exception) -> None:
        logger.warning("Chroma gives up, exact search answers: %s", error)
        self.damaged = True
        try:
            self.close()
        except Exception as late:  # closing what is broken may break too
            logger.warning("Chroma did not close: %s", late)


def rebuild(folder: Path, ids: Sequence[str], vectors: Vectors) -> Probe:
    """Builds an index in a new folder, in a child process, proves it in another and returns what that found.

    Raises `IndexDamaged` where it was not proved; the folder is then worth nothing.
    """
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / "vectors.npy", vectors)
    (folder / "ids.json").write_text(json.dumps(list(ids), ensure_ascii=False), encoding="utf-8")
    _child("build", folder)
    found = json.loads(_child("probe", folder).splitlines()[-1])
    probe = Probe(int(found["items"]), float(found["recall"]))
    (folder / "digests.json").write_text(json.dumps(_digests(folder)), encoding="utf-8")
    return probe


def _child(verb: str, folder: Path) -> str:
    command = [sys.executable, "-m", "retrieval.chroma", verb, str(folder.resolve())]
    root = Path(__file__).resolve().parent.parent
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = "\n".join(done.stderr.strip().splitlines()[-3:])
        raise IndexDamaged(f"To {verb} the index in {folder} failed ({done.returncode}): {last}")
    return done.stdout


def _client(folder: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(str(folder), settings=Settings(anonymized_telemetry=False))


def _digests(folder: Path) -> dict[str, str]:
    # Not of chroma.sqlite3: opening it to read changes it, and SQLite fails with an error, never a crash.
    files = sorted(path for path in (folder / "chroma").glob("*/*") if path.is_file())
    return {path.relative_to(folder).as_posix(): file_digest(path) for path in files}


def _compare_digests(folder: Path) -> None:
    """Raises `IndexDamaged` where a file is not what was proved: opening it could end the process."""
    kept = folder / "digests.json"
    if not kept.exists():
        raise IndexDamaged(f"{folder} was never proved.")
    wrong = {name for name, _ in set(json.loads(kept.read_text()).items()) ^ set(_digests(folder).items())}
    if wrong:
        raise IndexDamaged(f"In {folder} {', '.join(sorted(wrong))} changed since the index was proved.")


def _build(folder: Path) -> None:
    ids = json.loads((folder / "ids.json").read_text(encoding="utf-8"))
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    client = _client(folder / "chroma")
    # Written out once, at the end: the default writes the whole index every 1,000 items.
    space = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "max_neighbors": 24}
    space["sync_threshold"] = max(2, len(ids))
    collection = client.create_collection(NAME, embedding_function=None, configuration={"hnsw": space})
    for start in range(0, len(ids), _BATCH):
        part = slice(start, start + _BATCH)
        collection.upsert(ids=ids[part], embeddings=np.asarray(vectors[part]))
    client.close()


def _probe(folder: Path) -> Probe:
    ids: list[str] = json.loads((folder / "ids.json").read_text(encoding="utf-8"))
    vectors = np.load(folder / "vectors.npy", mmap_mode="r")
    client = _client(folder / "chroma")
    collection = client.get_collection(NAME, embedding_function=None)
    held: set[str] = set()
    for start in range(0, len(ids) + 1, _BATCH):
        held.update(collection.get(limit=_BATCH, offset=start, include=[])["ids"])
    if held != set(ids):
        raise IndexDamaged(
            f"Chroma holds {len(held)} ids, {len(held & set(ids))} of the {len(ids)} expected."
        )
    recalls = []
    row_of = {name: row for row, name in enumerate(ids)}
    rows = np.linspace(0, len(ids) - 1, num=min(_PROBES, len(ids)), dtype=np.int64)
    k = min(10, len(ids))
    for row in rows:
        scores = vectors @ vectors[row]
        # Items of one vector are each as good as the other: what counts is to be no farther than the tenth.
        enough = float(np.sort(scores)[-k]) - 1e-4
        answer = collection.query(query_embeddings=vectors[row : row + 1], n_results=k, include=[])["ids"][0]
        recalls.append(sum(scores[row_of[name]] >= enough for name in answer) / k)
    client.close()
    recall = float(np.mean(recalls)) if recalls else 1.0
    if recall < _SMALLEST_RECALL:
        raise IndexDamaged(f"Chroma finds {recall:.2f} of the ten nearest, expected {_SMALLEST_RECALL}.")
    return Probe(len(held), recall)


if __name__ == "__main__":
    if sys.argv[1] == "build":
        _build(Path(sys.argv[2]))
    else:
        found = _probe(Path(sys.argv[2]))
        print(json.dumps({"items": found.items, "recall": found.recall}))
