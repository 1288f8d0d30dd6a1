"""Tables whose answer is obvious: a checkerboard of two tastes, with facts that say the same."""

from __future__ import annotations

import numpy as np

from retrieval.collaborative.protocol import History, Interactions, Side
from retrieval.items import Item

N_USERS, N_ITEMS = 30, 24


def board(*, explicit: bool = False, seed: int = 0) -> Interactions:
    """Even people take even items, odd people odd ones, three in four of them; item 23 nobody takes.

    With `explicit`, people also rate a few of the others' items, low; their own get 4 or 5.
    """
    rng = np.random.default_rng(seed)
    users: list[int] = []
    items: list[int] = []
    ratings: list[float] = []
    times: list[float] = []
    for user in range(N_USERS):
        for item in range(N_ITEMS - 1):
            own = user % 2 == item % 2
            if rng.random() < (0.75 if own else 0.2 if explicit else 0):
                users.append(user)
                items.append(item)
                ratings.append(float(rng.integers(4, 6) if own else rng.integers(1, 3)) if explicit else 1.0)
                times.append(1e9 + 86_400.0 * len(times))
    return Interactions.of(users, items, ratings, times, n_users=N_USERS, n_items=N_ITEMS)


def side() -> Side:
    """Even items are calm and green, odd ones loud and red: so is the one that nobody takes."""
    words = ("calm meadow morning", "loud engine night")
    return Side(
        tuple(
            Item(
                str(row),
                f"{words[row % 2].split()[1]} {row // 2}",
                {"colour": ("green", "red")[row % 2], "year": 1990 + row},
                f"A {words[row % 2]} story.",
            )
            for row in range(N_ITEMS)
        )
    )


def fan(taste: int, *, explicit: bool = False) -> History:
    """Somebody whom no table holds: likes the first four items of a taste, rates one of the other low."""
    rows = [taste, taste + 2, taste + 4, taste + 6, 9 - taste]
    return History(
        np.array(rows if explicit else rows[:4], np.int64),
        np.array([5, 5, 4, 5, 1] if explicit else [1, 1, 1, 1], np.float32),
        1e9 + 86_400.0 * np.arange(5 if explicit else 4, dtype=np.float64),
    )
