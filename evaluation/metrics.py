"""Measures of ranked lists, of predicted ratings and of classifications, in numpy alone.

Measures of accuracy take `ranks`: the 1-based places of one query's relevant items in the FULL ranking of all
candidates (never of a sample; Krichene & Rendle, KDD 2020), infinite for an item that is not in the ranking.
`ranks_of` makes them from scores and `ranks_in` from a list that is ranked already. Formulas are those of
Herlocker et al., "Evaluating collaborative filtering recommender systems" (TOIS 2004), unless named else.

Ties never flatter: items with equal scores share the places they would take on average over all orders, so a
system that gives every item the same score stands in the middle, not at the top.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]
Floats = NDArray[np.float64]


# --- places in a ranking ------------------------------------------------------------------------------------


def ranks_of(scores: Array, relevant: ArrayLike, *, barred: ArrayLike | None = None) -> Floats:
    """Places (m,) of the m relevant rows in the ranking of `scores` (n,), best first, ascending.

    `barred` are rows that are no candidates, as indices or as a mask (n,); a relevant one has rank infinity.
    Of a group of `size` equal scores below `above` better ones, the j-th of its r relevant items stands at
    above + j (size + 1) / (r + 1): the mean of its place over all orders of the group. Raises `ValueError`
    for a score that is not a number.
    """
    scores = np.asarray(scores)
    rows = np.unique(np.asarray(relevant, dtype=np.intp))
    if np.isnan(scores).any():
        raise ValueError("a score is not a number; give unknown items a low score instead")
    candidate = np.ones(len(scores), dtype=bool)
    if barred is not None:
        given = np.asarray(barred)
        candidate[given if given.dtype == bool else given.astype(np.intp)] = False
    inside = rows[candidate[rows]]
    ordered = np.sort(scores[candidate])
    values, inverse, count = np.unique(scores[inside], return_inverse=True, return_counts=True)
    above = len(ordered) - np.searchsorted(ordered, values, side="right")
    size = np.searchsorted(ordered, values, side="right") - np.searchsorted(ordered, values, side="left")
    order = np.argsort(inverse, kind="stable")
    group = inverse[order]
    nth = np.arange(len(group)) - np.searchsorted(group, group, side="left") + 1
    places = above[group] + nth * (size[group] + 1) / (count[group] + 1)
    missing = np.full(len(rows) - len(inside), np.inf)
    return np.concatenate([np.sort(places), missing])


def rank_of(scores: Array, target: int, *, barred: ArrayLike | None = None) -> float:
    """Place of one row among all candidates, ties shared; infinity where the row is barred."""
    return float(ranks_of(scores, [target], barred=barred)[0])


def ranks_in(ranked: Sequence[Hashable], relevant: Collection[Hashable]) -> Floats:
    """Places of the relevant items in a list, best first, that may be shorter than the catalogue.

    An item that stands twice counts at its first place; one that is missing has rank infinity.
    """
    wanted = set(relevant)
    places: dict[Hashable, int] = {}
    for place, item in enumerate(ranked, start=1):
        if item in wanted:
            places.setdefault(item, place)
    missing = [np.inf] * (len(wanted) - len(places))
    return np.array([*sorted(places.values()), *missing], dtype=np.float64)


# --- target by target: arrays in, arrays out, for queries with one target each ------------------------------


def hits(ranks: Array, k: int) -> Floats:
    """1 for each rank within the first k, else 0. Over one-target queries its mean is Recall@k."""
    return np.asarray(np.asarray(ranks) <= k, dtype=np.float64)


def reciprocals(ranks: Array, k: float = np.inf) -> Floats:
    """1/rank for each rank within the first k, else 0. Over one-target queries its mean is MRR@k."""
    ranks = np.asarray(ranks, dtype=np.float64)
    return np.asarray(np.where(ranks <= k, 1.0 / ranks, 0.0))


def discounts(ranks: Array, k: float = np.inf) -> Floats:
    """1/log2(rank + 1) for each rank within the first k, else 0. Over one-target queries: NDCG@k."""
    ranks = np.asarray(ranks, dtype=np.float64)
    return np.asarray(np.where(ranks <= k, 1.0 / np.log2(ranks + 1.0), 0.0))


# --- one query with one or more relevant items --------------------------------------------------------------
# A query without relevant items has no accuracy: these return nan for it; leave such queries out.


def recall_at(ranks: Array, k: int) -> float:
    """Share of the relevant items within the first k."""
    return float(hits(ranks, k).mean()) if len(ranks) else np.nan


def precision_at(ranks: Array, k: int) -> float:
    """Share of the first k places that hold a relevant item."""
    return float(hits(ranks, k).sum() / k) if len(ranks) else np.nan


def f1_at(ranks: Array, k: int) -> float:
    """Harmonic mean of precision and recall at k; 0 where both are."""
    if not len(ranks):
        return np.nan
    found = float(hits(ranks, k).sum())
    return 2 * found / (k + len(ranks))


def hit_at(ranks: Array, k: int) -> float:
    """1 where any relevant item is within the first k (hit rate, once averaged)."""
    return float(hits(ranks, k).max()) if len(ranks) else np.nan


def mrr_at(ranks: Array, k: float = np.inf) -> float:
    """1 over the place of the first relevant item, 0 beyond k (Voorhees, TREC-8)."""
    return float(reciprocals(ranks, k).max()) if len(ranks) else np.nan


def ndcg_at(ranks: Array, k: int, gains: Array | None = None) -> float:
    """Normalised discounted cumulative gain (Järvelin & Kekäläinen, TOIS 2002), discount log2(rank + 1).

    `gains` are the worth of each of `ranks`, in the same order, at least 0; all 1 by default. With graded
    gains the caller pairs each item with its own rank (`rank_of`). The best order of the gains has NDCG 1.
    """
    if not len(ranks):
        return np.nan
    worth = np.ones(len(ranks)) if gains is None else np.asarray(gains, dtype=np.float64)
    ideal = np.sort(worth)[::-1][:k] @ discounts(np.arange(1, min(k, len(worth)) + 1), k)
    # Places shared by ties can let more than k items stand within k: hence the cap.
    return min(float(worth @ discounts(ranks, k) / ideal), 1.0) if ideal > 0 else 0.0


def average_precision_at(ranks: Array, k: int) -> float:
    """Mean precision at the places of the relevant items within k, over min(k, relevant) of them.

    Averaged over queries it is MAP@k. Source: Manning, Raghavan & Schütze, "Introduction to Information
    Retrieval", 8.4, with the cut that recommender contests use.
    """
    if not len(ranks):
        return np.nan
    inside = np.sort(np.asarray(ranks, dtype=np.float64))
    inside = inside[inside <= k]
    nth = np.arange(1, len(inside) + 1)
    return float((nth / inside).sum() / min(k, len(ranks)))


def auc(ranks: Array, candidates: int) -> float:
    """Chance that a relevant item stands before one that is not (Mann-Whitney), of `candidates` ranked items.

    All ranks must be finite: AUC needs the full ranking. nan where nothing or everything is relevant.
    """
    relevant = len(ranks)
    others = candidates - relevant
    if relevant == 0 or others <= 0:
        return np.nan
    before = np.sort(np.asarray(ranks, dtype=np.float64)) - np.arange(1, relevant + 1)
    return float(1.0 - before.mean() / others)


def accuracy_at(ranks: Array, k: int, candidates: int) -> float:
    """Share of all candidates that are rightly in the first k, or rightly not; near 1 for short lists."""
    if not len(ranks):
        return np.nan
    found = float(hits(ranks, k).sum())
    return (candidates - k - len(ranks) + 2 * found) / candidates


# --- beyond accuracy: what the lists of everybody show ------------------------------------------------------


def exposure(lists: Sequence[Array], items: int) -> NDArray[np.int64]:
    """How many of the lists show each of the `items` rows. Cut the lists to k before."""
    counts = np.zeros(items, dtype=np.int64)
    for rows in lists:
        counts[np.unique(np.asarray(rows, dtype=np.intp))] += 1
    return counts


def coverage(exposures: Array) -> float:
    """Share of the catalogue that some list shows (Ge, Delgado-Battenfeld & Jannach, RecSys 2010)."""
    return float((np.asarray(exposures) > 0).mean()) if len(exposures) else np.nan


def gini(exposures: Array) -> float:
    """Gini coefficient of exposure: 0 where all items are shown alike, (n - 1)/n where only one is shown.

    Source: Fleder & Hosanagar, Management Science 2009. nan where nothing is shown.
    """
    counts = np.sort(np.asarray(exposures, dtype=np.float64))
    n, total = len(counts), counts.sum()
    if n == 0 or total <= 0:
        return np.nan
    return float((2 * np.arange(1, n + 1) - n - 1) @ counts / (n * total))


def self_information(rows: ArrayLike, counts: Array, people: int) -> float:
    """Novelty of a list: the mean of -log2(share of `people` who know the item), in bits.

    `counts` (n,) tells how many people know each item; nobody counts as half a person, so that it stays
    finite. Source: Zhou et al., PNAS 2010.
    """
    chosen = np.asarray(rows, dtype=np.intp)
    known = np.maximum(np.asarray(counts, dtype=np.float64)[chosen], 0.5)
    return float(-np.log2(known / max(people, 1)).mean()) if len(chosen) else np.nan


def popularity_ranks(counts: Array) -> Floats:
    """Place of each item by popularity, 1 for the most popular; equal counts share their mean place."""
    counts = np.asarray(counts)
    _, inverse, size = np.unique(-counts, return_inverse=True, return_counts=True)
    last = np.cumsum(size)
    return np.asarray(last - (size - 1) / 2)[inverse]


def intra_list_similarity(vectors: Array) -> float:
    """Mean cosine similarity of the pairs of a list (Ziegler et al., WWW 2005, as a mean), in [-1, 1].

    `vectors` (k, d) are the list's items; a vector of zeros is like nothing. nan for fewer than two items.
    """
    if len(vectors) < 2:
        return np.nan
    vectors = np.asarray(vectors, dtype=np.float64)
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = np.divide(vectors, length, out=np.zeros_like(vectors), where=length > 0)
    similar = unit @ unit.T
    return float(similar[np.triu_indices(len(unit), 1)].mean())


def intra_list_similarity_by(items: Sequence[Any], similarity: Callable[[Any, Any], float]) -> float:
    """The same for any symmetric similarity of two items."""
    pairs = [similarity(a, b) for place, a in enumerate(items) for b in items[place + 1 :]]
    return float(np.mean(pairs)) if pairs else np.nan


def diversity(vectors: Array) -> float:
    """1 less the intra-list similarity (Smyth & McClave, ICCBR 2001)."""
    return 1.0 - intra_list_similarity(vectors)


def serendipity_at(
    ranked: Sequence[Hashable], relevant: Collection[Hashable], expected: Collection[Hashable], k: int
) -> float:
    """Share of the first k that are relevant and that a plain list would not have shown.

    `expected` is what a primitive recommender shows here, such as the k most popular items that the person
    does not know. Source: Ge, Delgado-Battenfeld & Jannach, "Beyond accuracy", RecSys 2010.
    """
    return sum(item in relevant and item not in expected for item in ranked[:k]) / k


# --- ratings ------------------------------------------------------------------------------------------------


def rmse(predicted: ArrayLike, true: ArrayLike) -> float:
    """Root of the mean squared error, in the ratings' own scale."""
    return float(np.sqrt(np.mean((np.asarray(predicted, float) - np.asarray(true, float)) ** 2)))


def mae(predicted: ArrayLike, true: ArrayLike) -> float:
    """Mean absolute error, in the ratings' own scale."""
    return float(np.mean(np.abs(np.asarray(predicted, float) - np.asarray(true, float))))


# --- classes ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PerClass:
    """One class: its precision, recall and F1 in [0, 1], and how many examples truly belong to it."""

    label: str
    precision: float
    recall: float
    f1: float
    support: int


def confusion(true: Sequence[str], predicted: Sequence[str], labels: Sequence[str]) -> NDArray[np.int64]:
    """Counts (classes, classes): a row for the true label, a column for the predicted one, as in `labels`."""
    place = {label: row for row, label in enumerate(labels)}
    table = np.zeros((len(labels), len(labels)), dtype=np.int64)
    for real, said in zip(true, predicted, strict=True):
        table[place[real], place[said]] += 1
    return table


def f1_scores(table: Array) -> Floats:
    """F1 of each class of a confusion table (..., classes, classes); 0 where a class never occurs.

    Leading axes are kept, so that all resamples of a bootstrap are scored at once.
    """
    table = np.asarray(table, dtype=np.float64)
    right = np.diagonal(table, axis1=-2, axis2=-1)
    both = table.sum(axis=-1) + table.sum(axis=-2)
    return np.asarray(np.divide(2 * right, both, out=np.zeros_like(right), where=both > 0))


def macro_f1(table: Array, classes: Sequence[int] | None = None) -> Floats:
    """Mean of the classes' F1 (..., ), of those at the places `classes` only where given."""
    scores = f1_scores(table)
    return np.asarray((scores if classes is None else scores[..., list(classes)]).mean(axis=-1))


def accuracy(table: Array) -> Floats:
    """Share of examples with the right label (...,)."""
    table = np.asarray(table, dtype=np.float64)
    total = table.sum(axis=(-2, -1))
    right = np.trace(table, axis1=-2, axis2=-1)
    return np.asarray(np.divide(right, total, out=np.full_like(total, np.nan), where=total > 0))


def per_class(table: Array, labels: Sequence[str]) -> tuple[PerClass, ...]:
    """Precision, recall, F1 and support of every class of a confusion table (classes, classes)."""
    table = np.asarray(table, dtype=np.float64)
    right, true, said = np.diagonal(table), table.sum(axis=1), table.sum(axis=0)
    scores = f1_scores(table)
    return tuple(
        PerClass(
            label,
            float(right[row] / said[row]) if said[row] else 0.0,
            float(right[row] / true[row]) if true[row] else 0.0,
            float(scores[row]),
            int(true[row]),
        )
        for row, label in enumerate(labels)
    )
