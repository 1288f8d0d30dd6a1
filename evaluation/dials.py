"""What a dial costs and what it brings: the same lists at every setting, measured side by side."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np

from evaluation.dials_data import Case, Ground
from evaluation.intervals import Interval, bootstrap, paired
from evaluation.metrics import coverage, exposure, gini, ndcg_at, ranks_in, recall_at
from evaluation.report import Better
from retrieval.collaborative.protocol import Array, History, Rows
from retrieval.dials import Dials, choose

Score = Callable[[Sequence[History]], Array]
"""A base ranking: for each of m histories the scores of all items, of shape (m, n); higher is better, 0 is
the usual item."""

#: As many of the best are considered for a list, as in `retrieval/retrieve.py`.
SHORTLIST = 60
#: Length of a list.
K = 10
#: Items up to this percentile of popularity are the long tail (the 80/20 cut of Abdollahpouri, Burke &
#: Mobasher 2019, arXiv 1901.07555).
HEAD = 0.8
OFF = Dials(diversity=0.0)


@dataclass(frozen=True)
class Short:
    """The best of one list before any dial: rows, scores, how alike they are, how well known, how expected;
    and the `K` that a plain list of the most popular would show."""

    case: Case
    rows: Rows
    scores: Array
    alike: Array
    popularity: Array
    familiar: Array
    plain: frozenset[int]


@dataclass(frozen=True)
class Measured:
    """What lists of one setting are like: values by measure, each of shape (lists,), and shares of the
    catalogue that are a matter of all lists together."""

    dials: Dials
    values: Mapping[str, Array]
    gini: float
    coverage: float


def shortlists(ground: Ground, score: Score, step: int = 256) -> list[Short]:
    """The best `SHORTLIST` of every list, `step` of them at a time."""
    found: list[Short] = []
    for start in range(0, len(ground.cases), step):
        cases = ground.cases[start : start + step]
        scores = score([case.history for case in cases])
        found += [shortlist(ground, case, row) for case, row in zip(cases, scores, strict=True)]
    return found


def shortlist(ground: Ground, case: Case, scores: Array) -> Short:
    """The best `SHORTLIST` of one list by scores (n,); what the history holds is no candidate."""
    scores = scores.astype(np.float32)
    scores[case.history.rows] = -np.inf
    rows = np.argsort(-scores, kind="stable")[:SHORTLIST]
    rows = rows[np.isfinite(scores[rows])]
    vectors = ground.vectors[rows]
    named = ground.vectors[case.history.rows]
    familiar = (vectors @ named.T).max(axis=1) if len(named) else np.zeros(len(rows), np.float32)
    known = ground.counts.copy()
    known[case.history.rows] = -1
    plain = np.argsort(-known, kind="stable")[:K]
    return Short(
        case,
        rows,
        scores[rows],
        np.clip(vectors @ vectors.T, 0, 1),
        ground.popularity[rows],
        np.clip(familiar, 0, 1),
        frozenset(plain.tolist()),
    )


def ordered(short: Short, dials: Dials) -> Rows:
    """The whole shortlist: first the `K` that the dials choose, then the rest, each by score."""
    places = choose(short.scores, short.alike, K, dials, short.popularity, short.familiar)
    chosen = sorted(places)
    rest = sorted(set(range(len(short.rows))) - set(places))
    return short.rows[[*chosen, *rest]]


def measure(ground: Ground, shorts: Sequence[Short], dials: Dials) -> Measured:
    """The lists of one setting, measured."""
    values: dict[str, list[float]] = {name: [] for name in MEASURES}
    lists = []
    information = -np.log2(np.maximum(ground.counts, 0.5) / max(ground.train.n_users, 1))
    for short in shorts:
        rows = ordered(short, dials)
        shown = rows[:K]
        lists.append(shown)
        ranks = ranks_in(rows.tolist(), short.case.relevant.tolist())
        values["NDCG@10"].append(ndcg_at(ranks, 10))
        values["NDCG@50"].append(ndcg_at(ranks, 50))
        values["Recall@10"].append(recall_at(ranks, 10))
        values["similarity"].append(_alike(ground.vectors[shown]))
        values["shared categories"].append(_alike(ground.traits[shown]))
        values["novelty"].append(float(information[shown].mean()))
        values["unexpected"].append(float(1 - np.maximum(short.familiar, short.popularity)[
            np.isin(short.rows, shown)].mean()))  # fmt: skip
        found = set(short.case.relevant.tolist()) & set(shown.tolist())
        values["serendipity"].append(len(found - short.plain) / K)
        values["tail"].append(float((ground.popularity[shown] <= HEAD).mean()))
    shares = exposure(lists, len(ground.counts))
    return Measured(dials, {n: np.array(v) for n, v in values.items()}, gini(shares), coverage(shares))


#: What is measured of every list, with the unit and the better way.
MEASURES: Mapping[str, tuple[str, Better]] = {
    "NDCG@10": ("", "higher"),
    "NDCG@50": ("", "higher"),
    "Recall@10": ("", "higher"),
    "similarity": ("cosine", "lower"),
    "shared categories": ("cosine", "lower"),
    "novelty": ("bits", "higher"),
    "unexpected": ("", "higher"),
    "serendipity": ("", "higher"),
    "tail": ("share", "higher"),
}


def changes(measured: Measured, base: Measured, groups: Sequence[str], seed: int) -> dict[str, Interval]:
    """What a setting changes against another one, in percent of that one's mean, by measure."""
    found = {}
    for name, before in base.values.items():
        usual = float(np.nanmean(before)) or float("nan")
        by = paired(measured.values[name], before, groups, seed=seed)
        found[name] = Interval(100 * by.value / usual, 100 * by.low / usual, 100 * by.high / usual, by.n)
    return found


def means(measured: Measured, groups: Sequence[str], seed: int) -> dict[str, Interval]:
    """The mean of every measure with its interval, drawn by whole groups."""
    return {name: bootstrap(values, groups, seed=seed) for name, values in measured.values.items()}


def settings(steps: Sequence[float]) -> dict[str, list[Dials]]:
    """One dial turned up at a time, by its name, the others off."""
    return {
        entry.name: [Dials(**{"diversity": 0.0, entry.name: step}) for step in steps]
        for entry in fields(Dials)
    }


def cheapest(
    swept: Sequence[Measured], base: Measured, *, measure: str, less: float
) -> tuple[Measured, float] | None:
    """The first setting that brings a measure down by `less` (a share of it), and what it changes of NDCG@10,
    in percent; None where none does."""
    usual = float(np.nanmean(base.values[measure]))
    for one in swept:
        if float(np.nanmean(one.values[measure])) <= (1 - less) * usual:
            ndcg = float(np.nanmean(base.values["NDCG@10"]))
            return one, 100 * (float(np.nanmean(one.values["NDCG@10"])) / ndcg - 1)
    return None


def _alike(vectors: Array) -> float:
    """Mean cosine of the pairs of unit rows; NaN for fewer than two."""
    count = len(vectors)
    if count < 2:
        return float("nan")
    total = vectors.sum(axis=0)
    lengths = float((vectors**2).sum())
    return (float(total @ total) - lengths) / (count * (count - 1))
