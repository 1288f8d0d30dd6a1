"""What people did with items, and the one protocol of everything that learns from it.

A recommender never needs to have met a person: it is asked with a `History`, so somebody new is no special
case. Items are row numbers of a catalogue, the same for every value here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy import sparse

from retrieval.errors import BadInteractions
from retrieval.items import Item

if TYPE_CHECKING:
    from retrieval.collaborative.features import Blocks

Array = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]
Times = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Sparse: TypeAlias = "sparse.csr_array[Any, tuple[int, int]]"

DAY = 86_400.0  # seconds


@dataclass(frozen=True)
class History:
    """What one person did, oldest first: item rows, ratings in the table's scale, seconds since 1970.

    The three have one length; an item comes at most once. `EMPTY` is somebody new.
    """

    rows: Rows
    ratings: Array
    times: Times

    def __len__(self) -> int:
        return len(self.rows)

    def first(self, n: int) -> History:
        """The oldest `n` of them."""
        return History(self.rows[:n], self.ratings[:n], self.times[:n])

    def after(self, n: int) -> History:
        """What came after the oldest `n`."""
        return History(self.rows[n:], self.ratings[n:], self.times[n:])

    @classmethod
    def of(cls, rows: Sequence[int] | Rows, ratings: Sequence[float] | Array | None = None) -> History:
        """A history without times, all ratings 1 where none are given."""
        count = len(rows)
        given = np.ones(count, np.float32) if ratings is None else np.asarray(ratings, np.float32)
        return cls(np.asarray(rows, np.int64), given, np.zeros(count))


EMPTY = History.of([])


@dataclass(frozen=True)
class Interactions:
    """A ratings table by columns: who (0 … n_users - 1), what (a row number), how much, when (seconds).

    Where nothing was rated, only done, every rating is 1 and `explicit` is false. Raises `BadInteractions`
    where the columns differ in length, a number is out of range or not finite, or a pair comes twice.
    """

    users: Rows
    items: Rows
    ratings: Array
    times: Times
    n_users: int
    n_items: int

    def __post_init__(self) -> None:
        lengths = {len(self.users), len(self.items), len(self.ratings), len(self.times)}
        if len(lengths) != 1:
            raise BadInteractions(f"The four columns must have one length; found {sorted(lengths)}.")
        for name, column, count in (("users", self.users, self.n_users), ("items", self.items, self.n_items)):
            if len(column) and not (column.min() >= 0 and column.max() < count):
                raise BadInteractions(
                    f"{name} must lie between 0 and {count - 1}; found {column.min()} to {column.max()}."
                )
        if not (np.isfinite(self.ratings).all() and np.isfinite(self.times).all()):
            raise BadInteractions("Ratings and times must be finite numbers; fill or drop the missing ones.")
        pairs = self.users * self.n_items + self.items
        if len(np.unique(pairs)) != len(pairs):
            raise BadInteractions("A person may rate an item once; keep the newest of each pair.")

    def __len__(self) -> int:
        return len(self.users)

    @classmethod
    def of(
        cls,
        users: Sequence[int] | Rows,
        items: Sequence[int] | Rows,
        ratings: Sequence[float] | Array | None = None,
        times: Sequence[float] | Times | None = None,
        *,
        n_users: int | None = None,
        n_items: int | None = None,
    ) -> Interactions:
        """From plain columns; ratings default to 1, times to 0, the counts to what the columns hold."""
        who, what = np.asarray(users, np.int64), np.asarray(items, np.int64)
        return cls(
            who,
            what,
            np.ones(len(who), np.float32) if ratings is None else np.asarray(ratings, np.float32),
            np.zeros(len(who)) if times is None else np.asarray(times, np.float64),
            int(who.max(initial=-1)) + 1 if n_users is None else n_users,
            int(what.max(initial=-1)) + 1 if n_items is None else n_items,
        )

    @cached_property
    def explicit(self) -> bool:
        """Whether the ratings say anything: more than one value among them."""
        return bool(len(self.ratings)) and bool(self.ratings.min() < self.ratings.max())

    @cached_property
    def scale(self) -> tuple[float, float]:
        """The least and the greatest rating given; (0, 1) where there is none."""
        return (float(self.ratings.min()), float(self.ratings.max())) if len(self) else (0.0, 1.0)

    @cached_property
    def now(self) -> float:
        """The newest time, seconds; 0 where there is none."""
        return float(self.times.max(initial=0.0))

    @cached_property
    def counts(self) -> Rows:
        """Interactions of each item, of shape (n_items,)."""
        return np.bincount(self.items, minlength=self.n_items).astype(np.int64)

    def matrix(self, values: npt.NDArray[Any] | None = None) -> Sparse:
        """Users × items, float32, 1 where something was done, or `values` in the order of the columns."""
        data = np.ones(len(self), np.float32) if values is None else values.astype(np.float32)
        return sparse.csr_array((data, (self.users, self.items)), shape=(self.n_users, self.n_items))

    def take(self, chosen: npt.NDArray[Any]) -> Interactions:
        """The interactions that a mask or row numbers choose; users and items keep their numbers."""
        return Interactions(
            self.users[chosen],
            self.items[chosen],
            self.ratings[chosen],
            self.times[chosen],
            self.n_users,
            self.n_items,
        )

    def histories(self) -> list[History]:
        """Each user's history, oldest first, ties by row; empty for users without one."""
        order = np.lexsort((self.items, self.times, self.users))
        ends = np.searchsorted(self.users[order], np.arange(self.n_users + 1))
        rows, ratings, times = self.items[order], self.ratings[order], self.times[order]
        return [
            History(rows[start:end], ratings[start:end], times[start:end]) for start, end in pairwise(ends)
        ]


@dataclass(frozen=True)
class Side:
    """What is known of the items themselves: the catalogue's items by row, their vectors if there are any.

    `vectors` has shape (n_items, d), rows of length 1.
    """

    items: tuple[Item, ...] = ()
    vectors: Array | None = field(default=None, repr=False)

    @cached_property
    def blocks(self) -> Blocks:
        """The items as features, made once: several recommenders read the same."""
        from retrieval.collaborative.features import blocks  # which needs the items' reader of words

        return blocks(self.items, self.vectors)


class Recommender(Protocol):
    """Learns from interactions, then scores every item for a person it may never have met.

    Every array has shape (n_items,), float32, without NaN. An item that nothing is known of gets the
    algorithm's neutral score; so does every item for an empty history where the algorithm has nothing to
    say without one. Two fits on the same data with the same settings give the same scores.
    """

    def fit(self, interactions: Interactions, side: Side | None = None) -> Self:
        """Learns anew, forgetting earlier fits; returns itself. Raises `BadInteractions` where it can't."""
        ...

    def scores(self, history: History) -> Array:
        """How good each item would be next, higher is better. Items of the history are scored too."""
        ...

    def ratings(self, history: History) -> Array | None:
        """The rating that the person would give each item, in the table's scale; None where it can't say."""
        ...

    def save(self, folder: Path) -> None:
        """Keeps what was learnt in the folder as JSON and arrays; nothing that runs code when it is read."""
        ...

    def load(self, folder: Path) -> Self:
        """Takes up what `save` kept; settings stay as they are given. Raises `IndexDamaged`."""
        ...


def scores_many(recommender: Recommender, histories: Sequence[History]) -> Array:
    """The scores of several people, of shape (people, n_items); in one go where the recommender can."""
    batch = getattr(recommender, "scores_many", None)
    if batch is not None:
        found: Array = batch(histories)
        return found
    return np.stack([recommender.scores(history) for history in histories])


def stacked(histories: Sequence[History], n_items: int) -> Sparse:
    """Histories as rows of a sparse matrix of ones, of shape (people, n_items), float32."""
    rows = np.concatenate([history.rows for history in histories]) if histories else np.zeros(0, np.int64)
    ends = np.cumsum([0, *(len(history) for history in histories)])
    return sparse.csr_array((np.ones(len(rows), np.float32), rows, ends), shape=(len(histories), n_items))
