"""Which signals serve this person: Thompson sampling over the weights of the ranking. Pure.

What people do with what they are shown tells which signals brought them something good. The weights of the
signals lean that way, and a little by chance, so that what was never tried gets its turn. There is no state:
the lean follows from the outcomes, and the outcomes from the turns that are kept.

Bayesian linear regression with posterior sampling (Thompson 1933; Agrawal & Goyal 2013, "Thompson Sampling
for Contextual Bandits with Linear Payoffs", arXiv 1209.3352): an outcome's reward is explained by how much
more of each signal the item had than the rest of its list. The prior is that the weights are right as they
are.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: What people can do with an item, from worst to best; what they pass over counts a little against it.
REWARDS: Mapping[str, float] = MappingProxyType(
    {"dislike": -1.0, "hide": -1.0, "skip": -0.1, "seen": 0.0, "click": 0.5, "save": 1.0, "like": 1.0}
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """One item that was shown: how much more each signal spoke for it than for the rest of its list (parts of
    a score, by name), and what came of it, from -1 to 1."""

    apart: Mapping[str, float]
    reward: float


@dataclass(frozen=True, slots=True)
class Bandit:
    """How fast weights lean and how far.

    - `exploration`: standard deviations of the posterior that are drawn, 0 or more; 0 learns without trying.
    - `prior`: how far a weight may lie from the one that is set, as a share of it, one standard deviation.
    - `noise`: how much of a score chance is worth, one standard deviation; more learns slower.
    - `least`, `most`: no weight leaves these multiples of the one that is set, whatever happens.
    """

    exploration: float = 0.1
    prior: float = 0.5
    noise: float = 0.5
    least: float = 0.25
    most: float = 2.5

    def leaning(
        self, outcomes: Sequence[Outcome], signals: Sequence[str], seed: str = ""
    ) -> dict[str, float]:
        """The factor of each signal's weight after these outcomes, drawn by `seed`: the same outcomes and
        seed give the same factors. Without outcomes and exploration every factor is 1."""
        names = sorted({*signals, *(name for outcome in outcomes for name in outcome.apart)})
        if not names:
            return {}
        mean, precision = self._posterior(outcomes, names)
        if self.exploration > 0:
            digest = hashlib.blake2b(seed.encode(), digest_size=8).digest()
            chance = np.random.default_rng(int.from_bytes(digest, "big")).standard_normal(len(names))
            # With precision LLᵀ, L⁻ᵀz has the posterior's covariance.
            lower = np.linalg.cholesky(precision)
            mean = mean + self.exploration * np.linalg.solve(lower.T, chance)
        factors = np.clip(1 + mean, self.least, self.most)
        return {name: float(factor) for name, factor in zip(names, factors, strict=True)}

    def _posterior(self, outcomes: Sequence[Outcome], names: Sequence[str]) -> tuple[Array, Array]:
        """Mean and precision of the factors' distances from 1."""
        precision = np.eye(len(names)) / self.prior**2
        if not outcomes:
            return np.zeros(len(names)), precision
        apart = np.array([[outcome.apart.get(name, 0.0) for name in names] for outcome in outcomes])
        rewards = np.array([outcome.reward for outcome in outcomes])
        precision += apart.T @ apart / self.noise**2
        return np.linalg.solve(precision, apart.T @ rewards / self.noise**2), precision


def apart(shown: Sequence[Mapping[str, float]], place: int) -> dict[str, float]:
    """How much more of each signal the item at `place` of a list had than the others on average, 4 decimals.

    Alone in its list, it stands out by nothing.
    """
    others = [parts for at, parts in enumerate(shown) if at != place]
    if not others:
        return {}
    names = sorted({name for parts in shown for name in parts if name != "avoided"})
    found = {
        name: shown[place].get(name, 0.0) - sum(parts.get(name, 0.0) for parts in others) / len(others)
        for name in names
    }
    return {name: round(value, 4) for name, value in found.items() if round(value, 4)}
