"""How fast should interests fade? The same history, weighted by age, ranked by the same algorithm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from evaluation.dials_data import Case, Ground, standard
from evaluation.intervals import Interval, bootstrap, paired
from evaluation.metrics import ndcg_at, ranks_of
from retrieval.collaborative.ease import Ease, EaseSettings
from retrieval.collaborative.protocol import Array, History, scores_many

#: Items after which an interest counts half; infinity forgets nothing.
HALF_LIVES = (float("inf"), 32.0, 16.0, 8.0, 4.0, 2.0)
#: What counts of earlier sessions; 0.5 is what the house takes (`chat/taste.py`).
EARLIER = (1.0, 0.5, 0.25, 0.0)
#: The newest items of a history that are looked at.
NEWEST = 50
#: Seconds without a sign that end a session.
PAUSE = 6 * 3600.0

Row = tuple[str, Interval, Interval]


def fading(ground: Ground, regularisation: float, seed: int) -> list[Row]:
    """NDCG@10 for each half-life, and its difference to none: over people with at least two items behind."""
    cases = [case for case in ground.cases if len(case.history) > 1]
    weights = {_name(half): _by_age(half) for half in HALF_LIVES}
    return _rows(ground, cases, weights, regularisation, seed)


def sessions(ground: Ground, regularisation: float, seed: int) -> list[Row]:
    """The same for what earlier sessions count, over people who had more than one."""
    cases = [case for case in ground.cases if 0 < _session(case.history) < min(len(case.history), NEWEST)]
    weights = {f"earlier sessions × {share:g}": _by_session(share) for share in EARLIER}
    return _rows(ground, cases, weights, regularisation, seed)


class _by_age:  # noqa: N801 - reads as a verb where it is used
    """Weights of a history of any length, oldest first."""

    def __init__(self, half: float) -> None:
        self._half = half

    def __call__(self, history: History) -> Array:
        age = np.arange(len(history))[::-1]
        return np.asarray(0.5 ** (age / self._half), dtype=np.float32)


class _by_session:  # noqa: N801
    """Weights that are 1 in the latest session, and less before it."""

    def __init__(self, share: float) -> None:
        self._share = share

    def __call__(self, history: History) -> Array:
        weights = np.full(len(history), self._share, dtype=np.float32)
        weights[len(history) - _session(history) :] = 1
        return weights


def _session(history: History) -> int:
    """How many of the newest items belong to the latest session; 0 where times say nothing."""
    if not len(history) or not history.times.any():
        return 0
    breaks = np.flatnonzero(np.diff(history.times) > PAUSE)
    return len(history) - (int(breaks[-1]) + 1 if len(breaks) else 0)


def _rows(
    ground: Ground,
    cases: Sequence[Case],
    weights: Mapping[str, _by_age | _by_session],
    regularisation: float,
    seed: int,
) -> list[Row]:
    if not cases:
        return []
    ease = Ease(EaseSettings(regularisation)).fit(ground.train)
    popular = 0.4 * standard(np.log1p(ground.counts).astype(np.float32))
    values: dict[str, list[float]] = {name: [] for name in weights}
    for case in cases:
        history = case.history
        newest = History(history.rows[-NEWEST:], history.ratings[-NEWEST:], history.times[-NEWEST:])
        one_by_one = scores_many(ease, [History.of([row]) for row in newest.rows])
        for name, weigh in weights.items():
            scores = standard(weigh(newest) @ one_by_one) + popular
            ranks = ranks_of(scores, case.relevant, barred=history.rows)
            values[name].append(ndcg_at(ranks, 10))
    groups = [case.group for case in cases]
    first = np.array(next(iter(values.values())))
    return [
        (name, bootstrap(found, groups, seed=seed), paired(np.array(found), first, groups, seed=seed))
        for name, found in values.items()
    ]


def _name(half: float) -> str:
    return "nothing fades" if np.isinf(half) else f"half after {half:g} items"
