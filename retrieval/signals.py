"""The seam for what was learnt: anything that scores the whole catalogue for a query joins the ranking here.

A learned signal is one voice among those of `retrieval/rank.py`. It ranks what the conditions let through
and lifts none of them; where it has nothing to say it is silent and the others keep their full share.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Protocol

import numpy as np
import numpy.typing as npt

from retrieval import rank
from retrieval.dials import Dials
from retrieval.errors import BadSignal
from retrieval.items import Query

Scores = npt.NDArray[np.float32]

logger = logging.getLogger(__name__)

#: The names that the ranking uses itself.
TAKEN = frozenset(entry.name for entry in fields(rank.Weights)) - {"learned"} | {"variety"}


class LearnedSignal(Protocol):
    """Something learnt from behaviour or dialogues that can score every item for a query.

    Fitted on the catalogue whose rows it scores; read-only once it is in use, so that any thread may ask.
    """

    @property
    def name(self) -> str:
        """What `Candidate.found_by` and `rank.Weights.learned` call it; none of the ranking's own names."""
        ...

    def scores(self, query: Query) -> Scores | None:
        """How well each row of the catalogue fits, of shape (n,), in [0, 1]: 0 for what it says nothing of,
        near 1 for the best it could hope for. None where it has nothing to say to this query."""
        ...


@dataclass(frozen=True)
class Ranking:
    """How the items of one catalogue are ranked: how loud each signal is, how lists are balanced, what was
    learnt.

    `popularity` has shape (n,), percentiles in [0, 1], NaN where unknown; None: as the catalogue says.
    """

    weights: rank.Weights = field(default_factory=rank.Weights)
    dials: Dials = field(default_factory=Dials)
    learned: tuple[LearnedSignal, ...] = ()
    popularity: Scores | None = None


def check_names(signals: Sequence[LearnedSignal]) -> None:
    """Raises `BadSignal` where two signals share a name or one takes a name of the ranking's own."""
    names = [signal.name for signal in signals]
    for name in names:
        if name in TAKEN or names.count(name) > 1 or not name:
            raise BadSignal(
                f"A learned signal can't be called {name!r}: expected a name of its own, "
                f"none of {', '.join(sorted(TAKEN))}."
            )


def spoken(signals: Sequence[LearnedSignal], query: Query, size: int) -> dict[str, Scores]:
    """What each signal says, by name; those with nothing to say, or nothing above 0, are left out.

    Scores outside [0, 1] are cut off. A signal whose scores don't fit the catalogue (fitted on another one,
    or not numbers) is passed over with a warning: an answer without it beats none.
    """
    found: dict[str, Scores] = {}
    for signal in signals:
        scores = signal.scores(query)
        if scores is None:
            continue
        scores = np.asarray(scores, dtype=np.float32)
        if scores.shape != (size,) or not np.isfinite(scores).all():
            logger.warning(
                "The learned signal %s is not used: its scores have shape %s, expected (%d,) of finite "
                "numbers. Fit it again on this catalogue.",
                signal.name,
                scores.shape,
                size,
            )
            continue
        if scores.max(initial=0) > 0:
            found[signal.name] = np.clip(scores, 0, 1)
    return found
