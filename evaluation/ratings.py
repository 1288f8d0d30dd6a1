"""One recommender on one split: every person's measures, the time it took and the memory it needed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol, Self

import numpy as np
import numpy.typing as npt

from evaluation import metrics
from evaluation.splits import Split, relevant
from retrieval.collaborative.mixture import Mixture
from retrieval.collaborative.protocol import Array, History, Interactions, Mask, Recommender, Rows, Side

K = 10
#: Measures of one person's list, by column.
LIST = (
    "Precision", "Recall", "F1", "Accuracy", "NDCG", "MAP", "AUC", "Hit rate", "MRR", "Recall@50",
    "Recall@50 new", "Novelty", "Diversity", "Serendipity",
)  # fmt: skip


class Asked(Protocol):
    """Anything that can be measured: ours, or a reference of another library."""

    def fit(self, interactions: Interactions) -> Self: ...

    def scores(self, user: int | None, history: History) -> Array: ...

    def ratings(self, user: int | None, history: History, rows: Rows) -> Array | None: ...


@dataclass
class Ours:
    """One of our recommenders, asked by history alone.

    Of somebody without a history many have nothing to say; then popularity answers, as for the references.
    """

    recommender: Recommender
    side: Side | None
    _counts: Array = field(init=False, repr=False)

    def fit(self, interactions: Interactions) -> Self:
        self.recommender.fit(interactions, self.side)
        self._counts = interactions.counts.astype(np.float32)
        return self

    def scores(self, user: int | None, history: History) -> Array:
        found = self.recommender.scores(history)
        return self._counts if not len(history) and found.min() == found.max() else found

    def ratings(self, user: int | None, history: History, rows: Rows) -> Array | None:
        if isinstance(self.recommender, Mixture):  # which is spared the rest of the catalogue
            return self.recommender.ratings_at(history, rows)
        found = self.recommender.ratings(history)
        return None if found is None else found[rows]


#: Scores, history and the rows that are no candidates → the list of K rows, best first.
Lister = Callable[[Array, History, Mask], Rows]


@dataclass(frozen=True)
class Measured:
    """What was found for one recommender on one split.

    `values` (people, len(LIST)), nan where a person has no such value; `lists` (people, K) rows; `errors`
    (people, 3): sums of squared errors, of absolute errors, ratings; `users` (people,); `known` (people,),
    how long each history was.
    """

    users: Rows
    known: Rows
    values: npt.NDArray[np.float64]
    lists: Rows
    errors: npt.NDArray[np.float64]
    fit_seconds: float
    ask_milliseconds: float
    peak_megabytes: float | None

    def of_those(self, chosen: Mask) -> Measured:
        """The same of some of the people, a mask (people,)."""
        return replace(
            self,
            users=self.users[chosen],
            known=self.known[chosen],
            values=self.values[chosen],
            lists=self.lists[chosen],
            errors=self.errors[chosen],
        )


def measure(
    asked: Asked,
    split: Split,
    *,
    least: float,
    vectors: Array | None,
    listers: Mapping[str, Lister | None],
    ranks: bool = True,
) -> dict[str, Measured]:
    """Fits on the training part and asks for everybody. The whole catalogue is ranked, without the history.

    `least` is the rating from which something held back is relevant; `vectors` (n_items, d) are what
    diversity is measured by. Each of `listers` makes a row of its own: None shows the best K; a function
    picks another list, and measures then see that list first and the other items behind it by score.
    """
    _reset_peak()
    before = _peak()
    start = time.perf_counter()
    asked.fit(split.train)
    fitted = time.perf_counter() - start
    train = split.train
    n_people = max(int((np.bincount(train.users, minlength=1) > 0).sum()), 1)
    by_popularity = np.argsort(-train.counts, kind="stable")
    new = None
    if split.new_items is not None:
        new = np.zeros(train.n_items, dtype=bool)
        new[split.new_items] = True
    people: list[int] = []
    errors: list[npt.NDArray[np.float64]] = []
    values: dict[str, list[npt.NDArray[np.float64]]] = {name: [] for name in listers}
    lists: dict[str, list[Rows]] = {name: [] for name in listers}
    spent: dict[str, float] = dict.fromkeys(listers, 0.0)
    asked_for = 0
    for person in split.people:
        known = person.user if person.known else None
        people.append(person.user)
        errors.append(_errors(asked.ratings(known, person.history, person.held.rows), person.held))
        good = relevant(person.held, least)
        if not ranks or not len(good):
            for name in listers:
                values[name].append(np.full(len(LIST), np.nan))
                lists[name].append(np.full(K, -1))
            continue
        barred = np.zeros(train.n_items, dtype=bool)
        barred[person.history.rows] = True
        start = time.perf_counter()
        scores = asked.scores(known, person.history)
        scoring = time.perf_counter() - start
        asked_for += 1
        for name, lister in listers.items():
            start = time.perf_counter()
            rows = best(scores, K, barred) if lister is None else lister(scores, person.history, barred)
            spent[name] += scoring + time.perf_counter() - start
            shown = scores if lister is None else moved_up(scores, rows)
            lists[name].append(rows)
            values[name].append(
                _values(shown, rows, good, barred, new, by_popularity, train.counts, n_people, vectors)
            )
    after = _peak()
    return {
        name: Measured(
            np.array(people, np.int64),
            np.array([len(person.history) for person in split.people], np.int64),
            np.array(values[name]).reshape(len(people), len(LIST)),
            np.array(lists[name], np.int64).reshape(len(people), K),
            np.array(errors).reshape(len(people), 3),
            fitted,
            1000 * spent[name] / max(asked_for, 1),
            None if before is None or after is None else max(after - before, 0.0),
        )
        for name in listers
    }


def _errors(predicted: Array | None, held: History) -> npt.NDArray[np.float64]:
    """Sums of squared and absolute errors, and their number; zeros where nothing is predicted."""
    if predicted is None:
        return np.zeros(3)
    off = predicted.astype(np.float64) - held.ratings
    return np.array([(off**2).sum(), np.abs(off).sum(), len(off)])


def _values(
    scores: Array,
    rows: Rows,
    good: Rows,
    barred: Mask,
    new: Mask | None,
    by_popularity: npt.NDArray[Any],
    counts: npt.NDArray[Any],
    n_people: int,
    vectors: Array | None,
) -> npt.NDArray[np.float64]:
    ranks = metrics.ranks_of(scores, good, barred=barred)
    candidates = int((~barred).sum())
    plain = by_popularity[~barred[by_popularity]][:K]
    among_new = np.nan
    if new is not None:
        among_new = metrics.recall_at(metrics.ranks_of(scores, good, barred=barred | ~new), 50)
    found = {
        "Precision": metrics.precision_at(ranks, K),
        "Recall": metrics.recall_at(ranks, K),
        "F1": metrics.f1_at(ranks, K),
        "Accuracy": metrics.accuracy_at(ranks, K, candidates),
        "NDCG": metrics.ndcg_at(ranks, K),
        "MAP": metrics.average_precision_at(ranks, K),
        "AUC": metrics.auc(ranks, candidates),
        "Hit rate": metrics.hit_at(ranks, K),
        "MRR": metrics.mrr_at(ranks, K),
        "Recall@50": metrics.recall_at(ranks, 50),
        "Recall@50 new": among_new,
        "Novelty": metrics.self_information(rows, counts, n_people),
        "Diversity": np.nan if vectors is None else metrics.diversity(vectors[rows]),
        "Serendipity": metrics.serendipity_at(rows.tolist(), set(good.tolist()), set(plain.tolist()), K),
    }
    return np.array([found[name] for name in LIST], dtype=np.float64)


def best(scores: Array, k: int, barred: Mask) -> Rows:
    """The `k` best rows that are not barred, best first; equal scores in an order of their own, not by row.

    Rows are often sorted (by date, by fame): breaking ties by row would lend a score to who has none.
    """
    open_rows = np.flatnonzero(~barred)
    mine = scores[open_rows]
    if len(mine) > k:
        cut = np.partition(mine, len(mine) - k)[len(mine) - k]
        open_rows = open_rows[mine >= cut]
    jitter = np.random.default_rng(len(scores)).permutation(len(scores))[open_rows]
    return open_rows[np.lexsort((jitter, -scores[open_rows]))][:k].astype(np.int64)


def moved_up(scores: Array, rows: Rows) -> Array:
    """Scores in which `rows` stand first, in their order, and all others keep theirs."""
    raised = scores.astype(np.float64)
    top = float(raised.max(initial=0.0))
    raised[rows] = top + np.arange(len(rows), 0, -1)
    return np.asarray(raised)


def _reset_peak() -> None:
    """Forgets the process's peak memory, where the system can (Linux)."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return


def _peak() -> float | None:
    """The process's peak memory in MB since it was last forgotten; None where the system does not tell."""
    try:
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1024
    except OSError:
        return None
    return None
