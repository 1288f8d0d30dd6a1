"""The rows of `genre evaluate ratings`: which recommenders, ours and others', under which settings."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from evaluation import splits
from evaluation.errors import BadData, EvaluationError
from evaluation.ratings import Asked, K, Lister, Measured, Ours, best, measure
from evaluation.references import references
from retrieval.collaborative.content import leading
from retrieval.collaborative.protocol import Array, History, Mask, Rows
from retrieval.collaborative.ratings_file import RatingsTable, read_ratings
from retrieval.collaborative.registry import make
from retrieval.dials import Dials, choose
from retrieval.errors import RetrievalError

DIALS, FAR = "mixture + dials", "mixture + far dials"
MIXTURES = ("mixture", DIALS, FAR)
_RAW_TEXT = {"algorithm": "content", "facets": 0.0, "numbers": 0.0, "prior": 0.0, "nearest": 0.0}

#: Our rows: name → settings; `algorithm` where the name is not one itself.
OURS: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {
        "mixture": {},
        "aligned": {},
        "ease": {},
        "implicit-factors": {},
        "user-neighbours": {},
        "item-neighbours": {},
        "content": {},
        "raw text similarity": _RAW_TEXT,
        "rated-factors": {},
        "slope-one": {},
        "bias": {},
        "lately popular": {"algorithm": "popularity", "half_life": 365.0},
        "popularity": {},
        "chance": {},
    }
)
#: What a mixture holds back to learn from is held back as the split does it.
_HOLD: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"kfold": {"hold": "random"}, "temporal": {"hold": "moment", "parts": 3}}
)
#: Rows of ours that others' work is measured against; they count as references.
FLOOR = ("popularity", "chance", "raw text similarity")
ONLY_RATINGS = ("bias", "slope-one", "rated-factors")
COLD = (
    "aligned, new at par",
    "aligned",
    "content",
    "mixture",
    "raw text similarity",
    "popularity",
    "chance",
)
COLD_PEOPLE = (
    "mixture", "aligned", "ease", "implicit-factors", "user-neighbours", "item-neighbours", "content",
    "raw text similarity", "popularity", "lately popular", "chance", "implicit ALS", "implicit item-kNN",
    "lenskit UserKNN", "lenskit EASE",
)  # fmt: skip
MORE: Mapping[str, Mapping[str, Any]] = MappingProxyType(
    {"aligned, new at par": {"algorithm": "aligned", "new_items": 1.0}}
)
GIVEN = (1, 3, 5)  # interactions that are known of somebody new


@dataclass(frozen=True)
class Task:
    """One row on one part of one split."""

    split: str
    part: int
    row: str


@dataclass(frozen=True)
class Bench:
    """Measures tasks; reads the data once a process. All fields decide figures.

    `relevant` is the least rating that is worth recommending, `config` a TOML file with a table a row.
    """

    data: Path
    items: Path | None
    seed: int
    limit: int | None
    relevant: float
    folds: int
    last: int | None
    config: Path | None = None

    @cached_property
    def table(self) -> RatingsTable:
        """The ratings, at most `limit` people of them."""
        found = read_ratings(self.data, self.items)
        if self.limit is None:
            return found
        kept = np.random.default_rng(self.seed).permutation(len(found.users))[: self.limit]
        chosen = np.isin(found.interactions.users, kept)
        return RatingsTable(
            found.interactions.take(chosen),
            found.users,
            found.items,
            found.side,
            found.repeats,
            found.described,
        )

    @cached_property
    def vectors(self) -> Array | None:
        """What diversity is measured by: the leading 64 dimensions of the items' facets and words."""
        side = self.table.side
        if side is None:
            return None
        return leading(side.blocks.joined(), 64)

    @cached_property
    def rows(self) -> Mapping[str, Mapping[str, Any]]:
        """Our rows with their settings, those of the configuration file included."""
        return MappingProxyType({**OURS, **MORE, **configured(self.config)})

    def split(self, name: str, part: int) -> splits.Split:
        """One part of a split."""
        table = self.table.interactions
        if name == "temporal":
            return splits.temporal(table)
        if name == "leave-last":
            return splits.leave_last(table, count=self.last)
        if name == "kfold":
            return splits.kfold(table, self.folds, self.seed)[part]
        if name == "new items":
            return splits.cold_items(table, seed=self.seed + part)
        return splits.cold_people(table, GIVEN, seed=self.seed + part)

    def __call__(self, task: Task) -> dict[str, Measured]:
        split = self.split(task.split, task.part)
        listers: dict[str, Lister | None] = {task.row: None}
        if task.row == "mixture" and self.vectors is not None and not task.split.startswith("new "):
            near, far = Dials(0.2, 0.1, 0.0, 0.5), Dials(0.2, 0.45, 0.0, 1.0)
            listers[DIALS] = Dialled(self.vectors, split.train.counts, near, 60)
            listers[FAR] = Dialled(self.vectors, split.train.counts, far, 300)
        return measure(
            self.asked(task),
            split,
            least=self.relevant,
            vectors=self.vectors,
            listers=listers,
            ranks=task.row not in self.only_ratings,
        )

    @cached_property
    def only_ratings(self) -> frozenset[str]:
        """Rows that predict ratings and were never meant to rank: their lists are not made."""
        ours = {name for name, table in self.rows.items() if table.get("algorithm", name) in ONLY_RATINGS}
        others = {name for name, make in references().items() if getattr(make(), "only_ratings", False)}
        return frozenset(ours | others)

    def asked(self, task: Task) -> Asked:
        """What a row's name stands for."""
        known = references()
        if task.row in known:
            return known[task.row]()
        settings = dict(self.rows[task.row])
        kind = str(settings.pop("algorithm", task.row))
        if kind == "mixture":
            settings = {
                "relevant": self.relevant,
                **_HOLD.get(task.split, {"hold": "last"}),
                "seed": self.seed,
                **settings,
            }
        return Ours(make(kind, settings), self.table.side)


@dataclass(frozen=True)
class Dialled:
    """Picks the list from the `shortlist` best by the dials of `retrieval/dials.py`, popularity counted as a
    place within that shortlist: all of it is well known, seen from the whole catalogue."""

    vectors: Array
    counts: Rows
    dials: Dials
    shortlist: int

    def __call__(self, scores: Array, history: History, barred: Mask) -> Rows:
        rows = best(scores, self.shortlist, barred)
        near = self.vectors[rows]
        near = near / np.maximum(np.linalg.norm(near, axis=1, keepdims=True), 1e-6)
        relevance = 1 / (1 + np.exp(-scores[rows].astype(np.float64)))
        places = np.argsort(np.argsort(self.counts[rows], kind="stable"), kind="stable")
        chosen = choose(
            relevance.astype(np.float32),
            np.maximum(near @ near.T, 0).astype(np.float32),
            K,
            self.dials,
            (places / max(len(places) - 1, 1)).astype(np.float32),
        )
        return np.asarray(rows[np.sort(np.asarray(chosen))])


def configured(path: Path | None) -> Mapping[str, Mapping[str, Any]]:
    """Rows of a TOML file: a table for each, `algorithm` and settings in it. Raises `BadData`."""
    if path is None:
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
        for name, settings in found.items():
            table = dict(settings)
            make(str(table.pop("algorithm", name)), table)
    except (OSError, tomllib.TOMLDecodeError, RetrievalError, TypeError, ValueError) as error:
        raise BadData(f"{path.name}: {error}") from error
    return found


def chosen_rows(asked: Sequence[str], bench: Bench, described: bool) -> tuple[str, ...]:
    """The rows to measure: all, or those named. Raises `EvaluationError` for a name that does not exist."""
    every = [*bench.rows, *references()]
    every.remove("aligned, new at par")
    for name in asked:
        if name not in every:
            raise EvaluationError(f"There is no row “{name}”. There are: {', '.join(every)}.")
    names = [name for name in every if not asked or name in asked]
    if not described:
        names = [name for name in names if name not in ("content", "raw text similarity")]
    return tuple(names)
