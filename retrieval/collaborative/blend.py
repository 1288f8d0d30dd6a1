"""What a mixture looks at: every member's word on every item, and where the person and the item stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from retrieval.collaborative.bias import Bias
from retrieval.collaborative.protocol import DAY, Array, History, Interactions, Recommender, Rows, Side

_YEAR = 365.25 * DAY
CIRCUMSTANCES = (
    "taken by",
    "known for",
    "age",
    "usual rating",
    "spread of ratings",
    "history",
    "kindness",
    "spread of the person",
)


@dataclass(frozen=True)
class Circumstances:
    """What is known of items besides the members' scores, fitted once; all of shape (n_items,).

    `first` is when an item was first taken (seconds, infinite for never), `year` the year that its facts
    state (nan for none), `usual` its damped rating above the mean, `spread` the deviation of its ratings.
    """

    counts: Array
    first: Array
    year: Array
    usual: Array
    spread: Array
    mean: float
    now: float

    @classmethod
    def of(cls, interactions: Interactions, side: Side | None) -> Circumstances:
        """Read off the interactions and the facts of the items."""
        n_items = interactions.n_items
        first = np.full(n_items, np.inf)
        np.minimum.at(first, interactions.items, interactions.times)
        counts = np.maximum(interactions.counts, 1)
        sums = np.bincount(interactions.items, interactions.ratings, minlength=n_items)
        squares = np.bincount(
            interactions.items, interactions.ratings.astype(np.float64) ** 2, minlength=n_items
        )
        spread = np.sqrt(np.maximum(squares / counts - (sums / counts) ** 2, 0))
        bias = Bias().fit(interactions)
        return cls(
            interactions.counts.astype(np.float32),
            first,
            years(side, n_items),
            bias.item_offsets,
            spread.astype(np.float32),
            bias.mean,
            interactions.now,
        )

    def told(self, history: History) -> Array:
        """One column for each of `CIRCUMSTANCES`, of shape (n_items, 8); nan where something is not known."""
        n_items = len(self.counts)
        now = float(history.times[-1]) if len(history) else self.now
        left = history.ratings - self.mean - self.usual[history.rows]
        columns = [
            np.log1p(self.counts),
            np.clip((now - self.first) / _YEAR, -30, 30),
            1970 + now / _YEAR - self.year,
            self.usual,
            self.spread,
            np.full(n_items, np.log1p(len(history))),
            np.full(n_items, left.sum() / (len(history) + 5)),
            np.full(n_items, history.ratings.std() if len(history) else np.nan),
        ]
        return np.stack(columns, axis=1).astype(np.float32)


def years(side: Side | None, n_items: int) -> Array:
    """The year that each item states: the number facet whose values look most like years; nan for none."""
    items = side.items if side is not None else ()
    best, found = 0, np.full(n_items, np.nan, np.float32)
    for facet in sorted({name for item in items for name in item.facts}):
        column = np.full(n_items, np.nan, np.float32)
        for row, item in enumerate(items):
            value = item.facts.get(facet)
            if isinstance(value, int | float):
                column[row] = value
        known = column[~np.isnan(column)]
        like = int(((known >= 1400) & (known <= 2100) & (known == np.round(known))).sum())
        if like > max(best, 0.9 * len(known)):
            best, found = like, column
    return found


def ranking_table(members: Mapping[str, Recommender], history: History, told: Array) -> Array:
    """What the ranker sees of each item, of shape (n_items, members + their ratings + circumstances).

    A member's scores come standardised over the items outside the history: a member speaks of an order and
    of how far it is from the usual, never of its own scale.
    """
    outside = np.ones(len(told), dtype=bool)
    outside[history.rows] = False
    columns = []
    for member in members.values():
        scores = member.scores(history)
        rest = scores[outside] if outside.any() else scores
        columns.append((scores - rest.mean()) / (float(rest.std()) or 1.0))
    return np.hstack([np.stack(columns, axis=1), told]).astype(np.float32)


def rating_table(
    members: Mapping[str, Recommender], history: History, told: Array, rows: Rows | None = None
) -> tuple[Array, Array]:
    """What the rating stack sees, (rows, members + circumstances), and the plain expectation, (rows,).

    The expectation is the mean of the members' predictions; their columns are differences from it.
    """
    predicted = [found for member in members.values() if (found := member.ratings(history)) is not None]
    chosen = slice(None) if rows is None else rows
    table = np.stack(predicted, axis=1)[chosen]
    middle = table.mean(axis=1)
    return (
        np.hstack([table - middle[:, None], middle[:, None], told[chosen]]).astype(np.float32),
        middle.astype(np.float32),
    )
