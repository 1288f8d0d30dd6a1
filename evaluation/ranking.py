"""How well methods rank what a dialogue went on to recommend: turn by turn, and summed up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
import psutil

from evaluation import metrics
from evaluation.cases import CaseFiles
from evaluation.intervals import bootstrap, paired
from evaluation.ranking_methods import Methods
from evaluation.report import Column, Table, Value
from retrieval.dialogues.content import Content
from retrieval.dialogues.moments import counts, named_in

Floats = npt.NDArray[np.float64]

KEPT = 50  # of each list, for what is said of lists
SHOWN = 10  # of each list, for diversity and novelty
CUTS = (1, 5, 10, 20, 50)


@dataclass(frozen=True)
class Job:
    """One method on some of the recommending turns, by their place."""

    method: str
    places: tuple[int, ...]


@dataclass(frozen=True)
class Outcome:
    """Of a job: for each target its rank and dialogue, for each turn the first rows and the milliseconds.

    `cold` is the rank among the items that no train dialogue names, nan for a target that one does.
    """

    method: str
    ranks: Floats
    cold: Floats
    dialogues: npt.NDArray[np.int64]
    lists: tuple[tuple[int, ...], ...]
    lists_of: npt.NDArray[np.int64]
    milliseconds: Floats
    memory: float  # MB at most so far, of the process


@dataclass(frozen=True)
class Measure:
    """Runs jobs; picklable, and each process makes its methods once."""

    methods: Methods

    @cached_property
    def _seen(self) -> npt.NDArray[np.bool_]:
        """Which items a train dialogue names, (n,)."""
        cases = self.methods.cases
        return counts((named_in(one, cases.rows) for one in cases.train), len(cases.item_list)) > 0

    def __call__(self, job: Job) -> Outcome:
        ranks = self.methods.get(job.method)
        examples = self.methods.cases.examples
        seen = self._seen
        found: list[float] = []
        cold: list[float] = []
        dialogues: list[int] = []
        lists: list[tuple[int, ...]] = []
        times: list[float] = []
        for number, place in enumerate(job.places):
            example = examples[place]
            if not number:
                ranks(example.moment)  # what loads late is not a turn's time
            started = time.perf_counter()
            scores = ranks(example.moment)
            times.append((time.perf_counter() - started) * 1000)
            barred = list(example.moment.named)
            scores = np.where(np.isfinite(scores), scores, np.finfo(np.float32).min)
            for target in example.targets:
                found.append(metrics.rank_of(scores, target, barred=barred))
                dialogues.append(example.dialogue)
                cold.append(np.nan if seen[target] else metrics.rank_of(scores, target, barred=seen))
            scores[barred] = -np.inf
            best = np.argpartition(-scores, KEPT)[:KEPT] if len(scores) > KEPT else np.arange(len(scores))
            best = best[np.lexsort((best, -scores[best]))]
            lists.append(tuple(int(row) for row in best if np.isfinite(scores[row])))
        return Outcome(
            job.method,
            np.array(found),
            np.array(cold),
            np.array(dialogues, dtype=np.int64),
            tuple(lists),
            np.array([examples[place].dialogue for place in job.places], dtype=np.int64),
            np.array(times),
            psutil.Process().memory_info().rss / 1e6,
        )


COLUMNS = (
    Column("method"),
    *(Column(f"R@{k}", better="higher") for k in CUTS),
    Column("MRR@10", better="higher"),
    Column("NDCG@10", better="higher"),
    Column("NDCG@50", better="higher"),
    Column("coverage", "share of items", "higher"),
    Column("novelty", "mean popularity rank", "higher", 0),
    Column("diversity", "1 - similarity", "higher"),
    Column("p50", "ms a turn", "lower", 1),
    Column("p95", "ms a turn", "lower", 1),
    Column("memory", "MB", "lower", 0),
)


@dataclass(frozen=True)
class Judge:
    """Sums outcomes up. Popularity is counted on the train dialogues where there are some."""

    cases: CaseFiles
    seed: int

    @cached_property
    def _popular(self) -> Floats:
        named = (named_in(dialogue, self.cases.rows) for dialogue in self.cases.train)
        return metrics.popularity_ranks(counts(named, len(self.cases.item_list)))

    @cached_property
    def _vectors(self) -> npt.NDArray[np.float32]:
        """What items are made of, (n, 64): random projections keep cosines to a few hundredths (Achlioptas
        2003)."""
        features = Content(self.cases.item_list).features
        draw = np.random.default_rng(0).standard_normal((features.shape[1], 256)).astype(np.float32)
        return np.asarray(features @ draw, dtype=np.float32)

    def row(self, method: str, outcomes: Sequence[Outcome]) -> dict[str, Value]:
        """The row of a method in the table."""
        ranks, dialogues = _joined(outcomes)
        lists = [row for outcome in outcomes for row in outcome.lists]
        lists_of = np.concatenate([outcome.lists_of for outcome in outcomes])
        times = np.concatenate([outcome.milliseconds for outcome in outcomes])
        novelty = [float(self._popular[list(one[:SHOWN])].mean()) for one in lists]
        diverse = [metrics.diversity(self._vectors[list(one[:SHOWN])]) for one in lists]
        shown = [np.array(one[:SHOWN]) for one in lists]
        values: dict[str, Value] = {"method": method}
        for k in CUTS:
            values[f"R@{k}"] = bootstrap(metrics.hits(ranks, k), dialogues, seed=self.seed)
        values["MRR@10"] = bootstrap(metrics.reciprocals(ranks, 10), dialogues, seed=self.seed)
        for k in (10, 50):
            values[f"NDCG@{k}"] = bootstrap(metrics.discounts(ranks, k), dialogues, seed=self.seed)
        values["coverage"] = metrics.coverage(metrics.exposure(shown, len(self.cases.item_list)))
        values["novelty"] = bootstrap(novelty, lists_of, seed=self.seed)
        values["diversity"] = bootstrap(diverse, lists_of, seed=self.seed)
        values["p50"], values["p95"] = (float(np.percentile(times, at)) for at in (50, 95))
        values["memory"] = max(outcome.memory for outcome in outcomes)
        return values

    def against(self, ours: Sequence[Outcome], other: str, theirs: Sequence[Outcome]) -> dict[str, Value]:
        """How much better we are than another method, on the same targets."""
        (our_ranks, dialogues), (their_ranks, _) = _joined(ours), _joined(theirs)
        found: dict[str, Value] = {"ours less": other}
        for k in CUTS:
            differs = paired(
                metrics.hits(our_ranks, k), metrics.hits(their_ranks, k), dialogues, seed=self.seed
            )
            found[f"R@{k}"] = differs
        return found

    def new_items(self, method: str, outcomes: Sequence[Outcome]) -> dict[str, Value]:
        """The row of a method for targets that no train dialogue names, ranked among all such items."""
        ranks = np.concatenate([outcome.cold for outcome in outcomes])
        _, dialogues = _joined(outcomes)
        there = ~np.isnan(ranks)
        values: dict[str, Value] = {"method": method, "targets": int(there.sum())}
        for k in (10, 50):
            hits = metrics.hits(ranks[there], k)
            values[f"R@{k}"] = bootstrap(hits, dialogues[there], seed=self.seed)
        return values


def cold_table(rows: Sequence[dict[str, Value]]) -> Table:
    """Items that are new to everything fitted."""
    columns = (
        Column("method"),
        Column("targets", digits=0),
        *(Column(f"R@{k}", better="higher") for k in (10, 50)),
    )
    return Table(
        "Items that no train dialogue names",
        columns,
        tuple(rows),
        "Ranked among themselves, so that nothing but what they are tells them apart.",
    )


def against_table(rows: Sequence[dict[str, Value]]) -> Table:
    columns = (Column("ours less"), *(Column(f"R@{k}") for k in CUTS))
    return Table(
        "Differences on the same targets",
        columns,
        tuple(rows),
        "Above zero we are ahead; where the interval leaves zero out, that is settled.",
    )


def _joined(outcomes: Sequence[Outcome]) -> tuple[Floats, npt.NDArray[np.int64]]:
    ranks = np.concatenate([outcome.ranks for outcome in outcomes])
    return ranks, np.concatenate([outcome.dialogues for outcome in outcomes])
