"""Dials of a list: from a shortlist, a few that are good, unlike each other, and not only the well known.

Pure: arrays in, places out. What is chosen is decided here, in what order it stands is not: callers keep the
chosen in the order of their scores.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Dials:
    """How a list is balanced, each from 0 (relevance alone) to 1. Measured by `genre evaluate dials`.

    - `diversity`: how much likeness to what is in the list already counts against an item (maximal marginal
      relevance, Carbonell & Goldstein 1998).
    - `novelty`: how much being little known counts for an item. Needs a measure of popularity.
    - `serendipity`: how much being unexpected counts for a relevant item: neither well known nor like what
      the person named (relevance × unexpectedness; Vargas & Castells 2011, Kaminskas & Bridge 2016).
    - `fairness`: places kept for the less known half of what is relevant enough to be considered; at 1, half
      of the list (a minimum quota in proportion: Geyik, Ambler & Kenthapadi 2019, arXiv 1905.01989; their
      prefixes are left out, since a list is looked at as a whole). Needs a measure of popularity.

    Raises `ValueError` for a number outside 0 to 1.
    """

    diversity: float = 0.2
    novelty: float = 0.0
    serendipity: float = 0.0
    fairness: float = 0.0

    def __post_init__(self) -> None:
        for entry in fields(self):
            value = getattr(self, entry.name)
            if not 0 <= value <= 1:
                raise ValueError(f"The dial {entry.name} goes from 0 to 1, found {value!r}.")


def choose(
    relevance: Array,
    alike: Array,
    k: int,
    dials: Dials,
    popularity: Array | None = None,
    familiar: Array | None = None,
) -> list[int]:
    """`k` places of a shortlist (all of them where there are fewer), as they are picked one after another.

    `relevance` has shape (n,) and is taken as shares of the best. `alike` is (n, n) in [0, 1]: how much of
    the same two items are. `popularity`, (n,) in [0, 1], is a percentile, NaN where unknown; `familiar`, (n,)
    in [0, 1], how like an item is to what the person named. Ties go to the earlier place.
    """
    count = min(k, len(relevance))
    if count <= 0:
        return []
    worth = worths(relevance, dials, popularity, familiar)
    less_known = np.ones(len(worth), bool)
    if popularity is not None and not np.isnan(popularity).all():
        less_known = ~(popularity > np.nanmedian(popularity))
    needed = int(dials.fairness * min(0.5, float(less_known.mean())) * count + 1e-9)
    chosen: list[int] = []
    nearest = np.zeros(len(worth), dtype=np.float32)
    while len(chosen) < count:
        gain = (1 - dials.diversity) * worth - dials.diversity * nearest
        gain[chosen] = -np.inf
        if needed - int(less_known[chosen].sum()) >= count - len(chosen):
            gain[~less_known] = -np.inf  # the places left are those kept for them
        chosen.append(int(np.argmax(gain)))
        nearest = np.maximum(nearest, alike[chosen[-1]])
    return chosen


def worths(relevance: Array, dials: Dials, popularity: Array | None, familiar: Array | None) -> Array:
    """What each place is worth by itself, of shape (n,), at most 1: relevance as a share of the best, mixed
    with how little known and how unexpected it is. A dial without its facts does nothing."""
    relevant = relevance / max(float(relevance.max(initial=0)), 1e-6)
    worth = relevant
    if popularity is not None and dials.novelty:
        worth = (1 - dials.novelty) * worth + dials.novelty * (1 - _known(popularity))
    if dials.serendipity and (popularity is not None or familiar is not None):
        expected = np.zeros_like(relevant)
        if popularity is not None:
            expected = np.maximum(expected, _known(popularity))
        if familiar is not None:
            expected = np.maximum(expected, familiar)
        worth = (1 - dials.serendipity) * worth + dials.serendipity * relevant * (1 - expected)
    return np.asarray(worth, dtype=np.float32)


def _known(popularity: Array) -> Array:
    """Popularity with what is unknown in the middle."""
    return np.nan_to_num(popularity, nan=0.5)
