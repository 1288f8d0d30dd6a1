"""Ways to hold ratings back: by time, each person's last, in parts, whole items, whole people."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evaluation.errors import EvaluationError
from retrieval.collaborative.protocol import History, Interactions, Rows


@dataclass(frozen=True)
class Person:
    """Somebody to recommend to: what is known of them, what they went on to do.

    `user` is their number in the table; `known` says that the training part holds the history too, so that
    references which cannot take up somebody new may be asked by number.
    """

    user: int
    known: bool
    history: History
    held: History


@dataclass(frozen=True)
class Split:
    """A training part and the people it is tested on. `new_items`: rows kept out of it on purpose."""

    name: str
    train: Interactions
    people: tuple[Person, ...]
    new_items: Rows | None = None


def temporal(table: Interactions, share: float = 0.2) -> Split:
    """One moment for everybody: training is what came before, the newest `share` of all is held back.

    People who came only later are tested with an empty history: on that day they were new.
    """
    if len(np.unique(table.times)) < 2:
        raise EvaluationError("A split by time needs times; this table has none. Use --split kfold.")
    moment = float(np.quantile(table.times, 1 - share))
    later = table.times >= moment
    train = table.take(~later)
    return Split("temporal", train, people_of(train, table.take(later)))


def leave_last(table: Interactions, share: float = 0.2, count: int | None = None) -> Split:
    """Each person's newest `count`, or `share` of theirs (at least one), are held back; ties by row.

    Nobody is tested who would have no history. Others' later ratings stay in the training part.
    """
    if len(np.unique(table.times)) < 2:
        raise EvaluationError("Leaving out the last needs times; this table has none. Use --split kfold.")
    order = np.lexsort((table.items, table.times, table.users))
    sizes = np.bincount(table.users, minlength=table.n_users)
    starts = np.concatenate([[0], np.cumsum(sizes)])[:-1]
    to_end = np.empty(len(table), np.int64)
    to_end[order] = sizes[table.users[order]] - 1 - (np.arange(len(table)) - starts[table.users[order]])
    back = np.full(table.n_users, count) if count else np.maximum((sizes * share).astype(np.int64), 1)
    back = np.where(sizes > back, back, 0)
    held = to_end < back[table.users]
    train = table.take(~held)
    return Split("leave-last", train, people_of(train, table.take(held)))


def kfold(table: Interactions, parts: int = 5, seed: int = 0) -> tuple[Split, ...]:
    """All ratings dealt into `parts` at random; each is held back once (as ML-100K's u1 … u5)."""
    if not 2 <= parts <= len(table):
        raise EvaluationError(f"{parts} parts cannot be made of {len(table)} ratings; 2 or more are needed.")
    part_of = np.random.default_rng(seed).permutation(len(table)) % parts
    splits = []
    for part in range(parts):
        train = table.take(part_of != part)
        splits.append(Split(f"part {part + 1}", train, people_of(train, table.take(part_of == part))))
    return tuple(splits)


def cold_items(table: Interactions, share: float = 0.2, seed: int = 0) -> Split:
    """A `share` of the rated items leaves the training part with all its ratings; only they are tested on."""
    rated = np.flatnonzero(table.counts > 0)
    chosen = np.random.default_rng(seed).choice(rated, max(int(len(rated) * share), 1), replace=False)
    new = np.zeros(table.n_items, dtype=bool)
    new[chosen] = True
    train = table.take(~new[table.items])
    people = people_of(train, table.take(new[table.items]))
    return Split("new items", train, people, np.sort(chosen).astype(np.int64))


def cold_people(
    table: Interactions, given: tuple[int, ...] = (1, 3, 5), share: float = 0.2, seed: int = 0
) -> Split:
    """A `share` of the people leaves the training part; each comes once for every number in `given`, with
    their first so many interactions known.

    What is held back is what comes after the largest of those numbers, the same each time, so that rows can
    be compared. People with less than twice as many ratings are not drawn.
    """
    most = max(given)
    sizes = np.bincount(table.users, minlength=table.n_users)
    able = np.flatnonzero(sizes >= 2 * most)
    if not len(able):
        raise EvaluationError(
            f"Nobody in the table has the {2 * most} ratings that testing new people takes."
        )
    chosen = np.random.default_rng(seed).choice(able, max(int(len(able) * share), 1), replace=False)
    new = np.zeros(table.n_users, dtype=bool)
    new[chosen] = True
    histories = table.histories()
    people = [
        Person(user, False, histories[user].first(count), histories[user].after(most))
        for count in given
        for user in np.sort(chosen).tolist()
    ]
    return Split("new people", table.take(~new[table.users]), tuple(people))


def people_of(train: Interactions, held: Interactions) -> tuple[Person, ...]:
    """Everybody with something held back, with the history that the training part has of them."""
    pairs: list[tuple[History, History]] = list(zip(train.histories(), held.histories(), strict=True))
    return tuple(
        Person(user, len(history) > 0, history, rest)
        for user, (history, rest) in enumerate(pairs)
        if len(rest)
    )


def relevant(held: History, least: float) -> npt.NDArray[np.int64]:
    """The rows held back that were rated at least so; all of them for 0."""
    return held.rows[held.ratings >= least] if least > 0 else held.rows
