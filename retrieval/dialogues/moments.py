"""What is known when a recommendation is due, and what was recommended then: the examples to learn from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from retrieval.dialogues.files import Dialogue

Floats = npt.NDArray[np.float32]

#: What an older mention counts against the next newer one.
FADES = 0.85


@dataclass(frozen=True, slots=True)
class Moment:
    """A dialogue up to the turn that is due. Rows are those of the list to rank.

    `named` are the rows named so far, in order, and `by_user` who named each; `user` and `system` are the
    messages of both sides, oldest first.
    """

    named: tuple[int, ...] = ()
    by_user: tuple[bool, ...] = ()
    user: tuple[str, ...] = ()
    system: tuple[str, ...] = ()

    @property
    def last(self) -> str:
        """The person's last message."""
        return self.user[-1] if self.user else ""

    @property
    def recent(self) -> str:
        """The person's last two messages and the answer between them."""
        return " ".join((*self.user[-2:], *self.system[-1:]))

    @property
    def everything(self) -> str:
        return " ".join((*self.user, *self.system))

    def weights(self, only_user: bool = False) -> tuple[npt.NDArray[np.int64], Floats]:
        """The rows named, newest loudest, and their weights, which sum to 1 (none for none)."""
        rows = np.asarray(self.named, dtype=np.int64)
        weights = FADES ** np.arange(len(rows) - 1, -1, -1, dtype=np.float32)
        if only_user:
            kept = np.asarray(self.by_user, dtype=bool)
            rows, weights = rows[kept], weights[kept]
        return rows, np.asarray(weights / max(float(weights.sum()), 1e-9), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Example:
    """A moment and the rows that were named next, for the first time, by the side that then spoke."""

    moment: Moment
    targets: tuple[int, ...]
    dialogue: int
    turn: int
    by_user: bool


def examples_of(
    dialogues: Sequence[Dialogue], rows: Mapping[str, int], both: bool = False
) -> tuple[Example, ...]:
    """The moments at which the system named something new; with `both`, also those of the person.

    The opening turn has no dialogue before it and is left out; ids without a row are passed over.
    """
    found: list[Example] = []
    for number, dialogue in enumerate(dialogues):
        named: list[int] = []
        by_user: list[bool] = []
        user: list[str] = []
        system: list[str] = []
        for place, turn in enumerate(dialogue.turns):
            here = [rows[one] for one in turn.items if one in rows]
            new = tuple(one for one in dict.fromkeys(here) if one not in named)
            if place and new and (both or not turn.by_user):
                moment = Moment(tuple(named), tuple(by_user), tuple(user), tuple(system))
                found.append(Example(moment, new, number, place, turn.by_user))
            named += here
            by_user += [turn.by_user] * len(here)
            (user if turn.by_user else system).append(turn.text)
    return tuple(found)


def named_in(dialogue: Dialogue, rows: Mapping[str, int]) -> frozenset[int]:
    """All rows that a dialogue names."""
    return frozenset(rows[one] for turn in dialogue.turns for one in turn.items if one in rows)


def counts(groups: Iterable[Iterable[int]], size: int) -> Floats:
    """How many groups have each row, of shape (size,)."""
    found = np.zeros(size, dtype=np.float32)
    for group in groups:
        found[list(group)] += 1
    return found


def followed(examples: Sequence[Example], size: int) -> sparse.csr_array:
    """Moments × items, 1 for what was named next."""
    pairs = [(place, row) for place, example in enumerate(examples) for row in example.targets]
    one, two = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return sparse.csr_array(
        (np.ones(len(pairs), dtype=np.float32), (one, two)), shape=(max(len(examples), 1), size)
    )
