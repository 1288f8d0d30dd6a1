"""Bootstrap intervals that respect groups: turns of one dialogue, or lists of one user, are drawn together.

Percentile intervals of the cluster bootstrap: Efron & Tibshirani, "An Introduction to the Bootstrap" (1993),
13.3; Field & Welsh, "Bootstrapping clustered data" (JRSS B 2007). Drawing groups with replacement gives each
a multinomial weight, so that all resamples are one product of matrices.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = NDArray[Any]

#: Most weights that are held at once (draws times groups): 32 MB.
_MOST_WEIGHTS = 4_000_000


@dataclass(frozen=True)
class Interval:
    """A measured value, the ends of its interval, and the number of groups that it rests on."""

    value: float
    low: float
    high: float
    n: int

    @property
    def excludes_zero(self) -> bool:
        """Whether zero lies outside: for a difference, whether its sign is settled."""
        return self.low > 0 or self.high < 0


def bootstrap(
    values: ArrayLike, groups: ArrayLike, *, draws: int = 1000, seed: int = 0, level: float = 0.95
) -> Interval:
    """The mean of `values` (n,) with its interval, resampling whole `groups` (n,) of any labels.

    Values that are nan are left out with their place in their group. Without any value all is nan and n is 0.
    """
    values = np.asarray(values, dtype=np.float64)
    there = ~np.isnan(values)
    sums = np.column_stack([np.where(there, values, 0.0), there])
    labels = np.asarray(groups)
    return bootstrap_of(_ratio, sums[there], labels[there], draws=draws, seed=seed, level=level)


def paired(
    a: ArrayLike, b: ArrayLike, groups: ArrayLike, *, draws: int = 1000, seed: int = 0, level: float = 0.95
) -> Interval:
    """The mean difference a - b of two measurements (n,) of the same things, with its interval."""
    difference = np.asarray(a, dtype=np.float64) - np.asarray(b, dtype=np.float64)
    return bootstrap(difference, groups, draws=draws, seed=seed, level=level)


def bootstrap_of(
    statistic: Callable[[Array], Array],
    sums: ArrayLike,
    groups: ArrayLike,
    *,
    draws: int = 1000,
    seed: int = 0,
    level: float = 0.95,
) -> Interval:
    """Any statistic of sums with its interval: F1 from counts, a ratio of two totals, an RMSE.

    `sums` (n, c) are what each example adds; `statistic` turns totals (draws, c) into values (draws,). For
    macro-F1, give each example's one-hot cell of the confusion table, and reshape in the statistic. Resamples
    for which the statistic is nan are left out.
    """
    rows = np.asarray(sums, dtype=np.float64)
    if len(rows) == 0:
        return Interval(np.nan, np.nan, np.nan, 0)
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    count = int(group.max()) + 1
    totals = np.zeros((count, rows.shape[1]))
    np.add.at(totals, group, rows)
    value = float(np.asarray(statistic(totals.sum(axis=0)[None, :]))[0])
    random = np.random.default_rng(seed)
    step = max(1, _MOST_WEIGHTS // count)
    drawn = []
    for start in range(0, draws, step):
        weights = random.multinomial(count, np.full(count, 1 / count), size=min(step, draws - start))
        drawn.append(np.asarray(statistic(weights @ totals), dtype=np.float64))
    resampled = np.concatenate(drawn)
    resampled = resampled[~np.isnan(resampled)]
    if len(resampled) == 0:
        return Interval(value, np.nan, np.nan, count)
    low, high = np.quantile(resampled, [(1 - level) / 2, (1 + level) / 2])
    return Interval(value, float(low), float(high), count)


def _ratio(totals: Array) -> Array:
    """Mean from (sum of values, number of values); nan where nothing was drawn."""
    counted = totals[:, 1]
    means = np.divide(totals[:, 0], counted, out=np.full(len(totals), np.nan), where=counted > 0)
    return np.asarray(means)
