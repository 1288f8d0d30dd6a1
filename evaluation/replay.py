"""Does leaning by feedback pay? The bandit of `retrieval/bandit.py`, replayed on what people did.

Two ways, since one log doesn't answer for the other. On ratings, a log is drawn: from a few items that a
person rated one is shown, evenly by chance, and its rating is what came of it. Where a policy would have
shown just that one, its reward counts and it learns; all else is passed over (Li, Chu, Langford & Wang 2011,
arXiv 1003.5956), which is unbiased because the log was drawn evenly. On dialogues somebody recommended, with
probabilities that nobody knows; there the items that were recommended and how they were felt about lean the
weights, and what is measured is how well the next ones of the same dialogue are ranked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluation.dials_data import Case, Ground, Signals
from evaluation.intervals import Interval, bootstrap, paired
from evaluation.metrics import ndcg_at, ranks_of
from retrieval.bandit import Bandit, Outcome, apart

Array = NDArray[Any]

#: Items that one is shown from, and choices logged for a person.
OFFERED, CHOICES = 10, 200
#: The bandits compared: nothing learnt, learnt without trying, and with more and more of it.
POLICIES: Mapping[str, Bandit | None] = {
    "no bandit": None,
    "bandit, exploration 0": Bandit(exploration=0.0),
    "bandit, exploration 0.1": Bandit(exploration=0.1),
    "bandit, exploration 0.5": Bandit(exploration=0.5),
    "bandit, exploration 1": Bandit(exploration=1.0),
}


@dataclass(frozen=True)
class Logged:
    """One logged choice: what each signal said of what was offered (offered, signals), which of it was shown,
    how probably, and what came of it, from -1 to 1."""

    offered: Array
    shown: int
    propensity: float
    reward: float


def replayed(
    log: Sequence[Logged], bandit: Bandit | None, weights: Mapping[str, float], seed: int
) -> list[tuple[float, float]]:
    """What a policy would have got: (reward, weight) of each logged choice that it agrees with, in order; it
    learns from just those. The weight is 1 over the log's probability of showing it."""
    names = list(weights)
    base = np.array([weights[name] for name in names])
    outcomes: list[Outcome] = []
    factors: Array = np.ones(len(names))
    got = []
    for at, entry in enumerate(log):
        if bandit is not None and (bandit.exploration > 0 or not at):
            factors = _factors(bandit, outcomes, names, f"{seed}.{at}")
        parts = entry.offered * base
        if int(np.argmax(parts @ factors)) != entry.shown:
            continue
        got.append((entry.reward, 1 / entry.propensity))
        if bandit is not None:
            outcomes.append(Outcome(_apart(parts, entry.shown, names), entry.reward))
            factors = _factors(bandit, outcomes, names, f"{seed}.{at}")
    return got


def ratings_log(signals: Signals, case: Case, seed: int) -> list[Logged]:
    """An evenly drawn log over what a person judged after their history; none for one who judged fewer than
    `OFFERED` items."""
    rows = np.array(sorted(case.judged), dtype=np.int64)
    if len(rows) < OFFERED:
        return []
    said = {name: scores[0] for name, scores in signals.of([case.history]).items()}
    table = shares(np.stack([said[name][rows] for name in signals.WEIGHTS], axis=1))
    rewards = np.array([case.judged[int(row)] for row in rows])
    draw = np.random.default_rng((seed, int(case.group)))
    log = []
    for _ in range(CHOICES):
        offered = draw.choice(len(rows), OFFERED, replace=False)
        shown = int(draw.integers(OFFERED))
        log.append(Logged(table[offered], shown, 1 / OFFERED, float(rewards[offered[shown]])))
    return log


def on_ratings(ground: Ground, signals: Signals, seed: int) -> dict[str, tuple[Interval, Interval, int]]:
    """For each policy its mean reward, the difference to no bandit, and the choices that were replayed. The
    rewards of a person are one group."""
    logs = {case.group: log for case in ground.cases if (log := ratings_log(signals, case, seed))}
    found: dict[str, tuple[Interval, Interval, int]] = {}
    usual: Array | None = None
    for name, bandit in POLICIES.items():
        mean, count = [], 0
        for log in logs.values():
            got = replayed(log, bandit, signals.WEIGHTS, seed)
            count += len(got)
            total = sum(weight for _, weight in got)
            mean.append(sum(reward * weight for reward, weight in got) / total if total else np.nan)
        values = np.array(mean)
        usual = values if usual is None else usual
        groups = list(logs)
        found[name] = bootstrap(values, groups, seed=seed), paired(values, usual, groups, seed=seed), count
    return found


def on_dialogues(ground: Ground, signals: Signals, seed: int) -> dict[str, tuple[Interval, Interval, int]]:
    """For each policy its NDCG@10 over the later recommendations of dialogues, the difference to no bandit,
    and the number of lists that something had been learnt for."""
    talks: dict[str, list[Case]] = defaultdict(list)
    for case in ground.cases:
        talks[case.group].append(case)
    names = list(signals.WEIGHTS)
    base = np.array([signals.WEIGHTS[name] for name in names])
    values: dict[str, list[float]] = {name: [] for name in POLICIES}
    groups: list[str] = []
    for group, cases in talks.items():
        if len(cases) < 2:
            continue
        said = signals.of([case.history for case in cases])
        learnt: list[Outcome] = []
        for at, case in enumerate(cases):
            parts = shares(np.stack([said[name][at] for name in names], axis=1)) * base
            if learnt:
                groups.append(group)
                for name, bandit in POLICIES.items():
                    factors: Array = np.ones(len(names))
                    if bandit is not None:
                        factors = _factors(bandit, learnt, names, f"{seed}.{group}.{at}")
                    ranks = ranks_of(parts @ factors, case.relevant, barred=case.history.rows)
                    values[name].append(ndcg_at(ranks, 10))
            best = np.argsort(-(parts @ np.ones(len(names))), kind="stable")[:10]
            for row, felt in zip(case.relevant, case.felt, strict=True):
                if felt:
                    others = best[best != row]
                    shown = _apart(parts[[row, *others]], 0, names)
                    learnt.append(Outcome(shown, felt))
    plain = np.array(values["no bandit"])
    return {
        name: (
            bootstrap(scores, groups, seed=seed),
            paired(np.array(scores), plain, groups, seed=seed),
            len(scores),
        )
        for name, scores in values.items()
    }


def shares(table: Array) -> Array:
    """Standard scores as the house's signals are: 0 for the usual item and below, towards 1 for the best."""
    risen = np.maximum(table, 0)
    return np.asarray(risen / np.maximum(risen.max(axis=0, keepdims=True), 1e-9))


def _factors(bandit: Bandit, outcomes: Sequence[Outcome], names: Sequence[str], seed: str) -> Array:
    found = bandit.leaning(outcomes, names, seed)
    return np.array([found[name] for name in names])


def _apart(parts: Array, place: int, names: Sequence[str]) -> Mapping[str, float]:
    return apart([dict(zip(names, map(float, row), strict=True)) for row in parts], place)
