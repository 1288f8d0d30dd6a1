"""How fast retrieval answers: `python benchmarks/retrieval.py [--items N] [--model CACHE] [--folder DIR]`.

Makes clustered synthetic items (vectors around 200 centres, categories that follow the cluster, names, years,
prices), builds Chroma and BM25, and prints p50 and p95 of `Retriever.retrieve` in milliseconds. The
embedder is the small fake, so that texts cost next to nothing; with `--model`, MiniLM's speed too.
The target on 2 cores is a p95 under 50 ms. BLAS gets `--threads` threads: with two, whatever else runs
makes the matrix products three times slower.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from retrieval import chroma
from retrieval.catalogue import Catalogue
from retrieval.chroma import ChromaIndex
from retrieval.embed import HashEmbedder, Vectors, unit
from retrieval.filters import FacetTable
from retrieval.index import ExactIndex, ItemIndex
from retrieval.items import Bounds, Constraint, Facet, FactValue, Item, Query, Wish
from retrieval.lexical import LexicalIndex
from retrieval.minilm import MiniLmEmbedder
from retrieval.retrieve import Retriever
from retrieval.schema import Columns, FacetColumn, Schema

DIMENSION = 384
CLUSTERS = 200
FACETS = (
    Facet("genres", "category", "genre", many=True),
    Facet("makers", "people", "maker", many=True),
    Facet("year", "number", "year", role="year"),
    Facet("price", "number", "price", role="price"),
    Facet("rating", "number", "rating", role="rating"),
)


def synthetic(count: int) -> tuple[Catalogue, Vectors]:
    """Items whose genres, words and vectors follow their cluster."""
    random = np.random.default_rng(7)
    centres = random.normal(size=(CLUSTERS, DIMENSION))
    cluster = random.integers(0, CLUSTERS, count)
    vectors = unit((centres[cluster] + random.normal(size=(count, DIMENSION)) * 0.8).astype(np.float32))
    words = random.zipf(1.3, size=(count, 40)) % 20_000
    items = []
    for row in range(count):
        group = int(cluster[row])
        genres = (f"genre{group % 40}", f"genre{int(random.integers(40))}")
        facts: dict[str, FactValue] = {
            "genres": tuple(dict.fromkeys(genres)),
            "makers": (f"Maker {int(random.integers(count // 8))}",),
            "year": int(random.integers(1950, 2026)),
            "price": float(random.integers(100, 9_999)) / 100,
            "rating": float(random.integers(10, 50)) / 10,
        }
        text = f"topic{group} " + " ".join(f"word{word}" for word in words[row])
        items.append(Item(f"item-{row}", f"Thing {row} of topic{group}", facts, text))
    columns = tuple(FacetColumn(facet, facet.name) for facet in FACETS)
    schema = Schema("thing", "things", "Things", Columns(title="title"), facets=columns)
    return Catalogue("synthetic", schema, items, "synthetic"), vectors


def queries(kind: str, count: int, size: int) -> list[Query]:
    """Questions of one kind."""
    random = np.random.default_rng(11)
    made = []
    for _ in range(count):
        group, row = int(random.integers(CLUSTERS)), int(random.integers(size))
        text = f"topic{group} word{int(random.integers(3000))}"
        genre = f"genre{group % 40}"
        low = int(random.integers(1950, 2010))
        years = Constraint("year", bounds=Bounds(low, low + 15))
        seen = frozenset(f"item-{int(one)}" for one in random.integers(0, size, 30))
        made.append(
            {
                "plain": Query(text, seen=seen),
                "filtered": Query(
                    text,
                    musts=(years, Constraint("genres", (genre,))),
                    must_nots=(Constraint("price", bounds=Bounds(low=80)),),
                    seen=seen,
                ),
                "wide filter": Query(text, must_nots=(Constraint("genres", (genre,)),), seen=seen),
                "like this": Query(
                    likes=(Wish("item", f"item-{row}"), Wish("item", f"item-{(row * 7) % size}", weight=0.5)),
                    seen=seen,
                ),
                "taste": Query(
                    text,
                    likes=(
                        Wish("item", f"item-{row}"),
                        Wish("genres", genre),
                        Wish("year", bounds=Bounds(low, low + 9)),
                    ),
                    dislikes=(Wish("genres", f"genre{(group + 3) % 40}"), Wish("text", "word7")),
                    must_nots=(Constraint("price", bounds=Bounds(low=90)),),
                    seen=seen,
                ),
                "nothing said": Query(seen=seen),
            }[kind]
        )
    return made


def percentiles(calls: Sequence[Callable[[], object]]) -> tuple[float, float]:
    """The median and the 95th percentile of the calls, in milliseconds."""
    took = []
    for call in calls:
        started = time.perf_counter()
        call()
        took.append((time.perf_counter() - started) * 1e3)
    middle, late = np.percentile(took, [50, 95])
    return float(middle), float(late)


def timed(name: str, make: Callable[[], object]) -> object:
    """What `make` makes, with the seconds printed."""
    started = time.perf_counter()
    made = make()
    print(f"{name:<34}{time.perf_counter() - started:8.1f} s", flush=True)
    return made


def retrieval_speed(count: int, folder: Path, asked: int) -> None:
    """Prints how long building takes, and each kind of question over Chroma and over exact search."""
    catalogue, vectors = synthetic(count)
    ids = [item.id for item in catalogue.items]
    probe = timed("Chroma: build, prove", lambda: chroma.rebuild(folder, ids, vectors))
    print(f"  {probe}")
    lexical = timed("BM25: build", lambda: LexicalIndex.build(catalogue.items, FACETS))
    assert isinstance(lexical, LexicalIndex)
    table = timed("facets: build", lambda: FacetTable(catalogue.items, FACETS, lexical.containing))
    assert isinstance(table, FacetTable)
    exact = ExactIndex(vectors)
    indexes: dict[str, ItemIndex] = {"chroma": ChromaIndex(folder, ids, exact), "exact": exact}
    print(f"\n{count} items, retrieve in ms{'p50':>12}{'p95':>8}")
    for name, index in indexes.items():
        retriever = Retriever(catalogue, HashEmbedder(DIMENSION), index, lexical, table, vectors)
        for kind in ("plain", "filtered", "wide filter", "like this", "taste", "nothing said"):
            some = queries(kind, asked, count)
            for query in some[:5]:
                retriever.retrieve(query)
            middle, late = percentiles([partial(retriever.retrieve, query) for query in some])
            print(f"{name:<8}{kind:<22}{middle:10.1f}{late:8.1f}", flush=True)
    masks = [partial(table.mask, query) for query in queries("filtered", asked, count)]
    print("{:<30}{:10.2f}{:8.2f}".format("mask alone", *percentiles(masks)))


def model_speed(cache: Path) -> None:
    """Prints MiniLM's start, texts a second and the time of one short question."""
    embedder = MiniLmEmbedder(cache)
    timed("\nMiniLM: start", embedder.warm_up)
    again = MiniLmEmbedder(cache)
    timed("MiniLM: start once more", again.warm_up)
    text = "Two friends who have not met for years share one long night of talk, jokes and old quarrels. "
    texts = [f"{number} {text * 3}" for number in range(256)]
    started = time.perf_counter()
    again.embed(texts)
    print(f"{'MiniLM: texts of 60 words':<34}{len(texts) / (time.perf_counter() - started):8.0f} /s")
    calls = [partial(again.embed, [f"melancholic films about memory {number}"]) for number in range(100)]
    print("{:<30}{:10.1f}{:8.1f}".format("MiniLM: one question, ms", *percentiles(calls)))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--items", type=int, default=100_000)
    parser.add_argument("--asked", type=int, default=100, help="questions of each kind")
    parser.add_argument(
        "--model", type=Path, help="cache folder of MiniLM's graph; without it no model is timed"
    )
    parser.add_argument("--folder", type=Path, help="where to build; by default a temporary folder")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    with threadpool_limits(options.threads, user_api="blas"), tempfile.TemporaryDirectory() as temporary:
        retrieval_speed(options.items, options.folder or Path(temporary) / "index", options.asked)
    if options.model:
        model_speed(options.model)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
