"""Which items come up together, and which after which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

from retrieval.collaborative.ease import Ease, EaseSettings
from retrieval.collaborative.protocol import History, Interactions
from retrieval.dialogues.moments import Example, Moment, counts
from retrieval.dialogues.postings import Postings, strongest

Floats = npt.NDArray[np.float32]

_SHRINK = 3.0  # dialogues that an item is taken to have been in without company, against chance pairs
_EASE = EaseSettings(regularisation=30.0)
_NEIGHBOURS = 150  # that are kept of each item's EASE weights: the rest changes no list of 50


class Behaviour:
    """Popularity, co-mention, succession and EASE over which items dialogues name."""

    NAMES = (
        "recommended", "mentioned", "together", "together_last", "together_user",
        "alike", "after", "after_last", "ease", "ease_last",
    )  # fmt: skip

    def __init__(self, recommended: Floats, mentioned: Floats, tables: Mapping[str, Postings]) -> None:
        self.recommended, self.mentioned = recommended, mentioned
        self._tables = dict(tables)

    @classmethod
    def fit(cls, named: Sequence[frozenset[int]], examples: Sequence[Example], size: int) -> Self:
        """From the rows that each dialogue names and what the system named next, when."""
        mentioned = counts(named, size)
        recommended = counts((one.targets for one in examples), size)
        rows = np.array([row for group in named for row in sorted(group)], dtype=np.int64)
        lengths = [len(group) for group in named]
        people = np.repeat(np.arange(len(named)), lengths)
        table = sparse.csr_array(
            (np.ones(len(rows), dtype=np.float32), (people, rows)), shape=(len(named), size)
        )
        pairs = sparse.coo_array(table.T @ table)
        off = pairs.row != pairs.col
        one, two, n = pairs.row[off], pairs.col[off], pairs.data[off]
        shape = (size, size)
        given = sparse.csr_array((n / (mentioned[one] + _SHRINK), (one, two)), shape=shape)
        norm = np.sqrt((mentioned[one] + _SHRINK) * (mentioned[two] + _SHRINK))
        cosine = sparse.csr_array((n / norm, (one, two)), shape=shape)
        tables = {"given": Postings.of(given), "cosine": Postings.of(cosine)}
        tables["after"] = _after(examples, size, only_last=False)
        tables["next"] = _after(examples, size, only_last=True)
        tables["ease"] = _ease(people, rows, len(named), size)
        return cls(np.log1p(recommended), np.log1p(mentioned), tables)

    def signals(self, moment: Moment) -> dict[str, Floats]:
        """Each of `NAMES` for all items, shape (n,)."""
        rows, weights = moment.weights()
        users, user_weights = moment.weights(only_user=True)
        last, one = rows[-1:], np.ones(min(len(rows), 1), dtype=np.float32)
        table = self._tables
        return {
            "recommended": self.recommended,
            "mentioned": self.mentioned,
            "together": table["given"].scores(rows, weights),
            "together_last": table["given"].scores(last, one),
            "together_user": table["cosine"].scores(users, user_weights),
            "alike": table["cosine"].scores(rows, weights),
            "after": table["after"].scores(rows, weights),
            "after_last": table["next"].scores(last, one),
            "ease": table["ease"].scores(rows, weights),
            "ease_last": table["ease"].scores(last, one),
        }

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """What `of_arrays` needs."""
        found: dict[str, npt.NDArray[np.generic]] = {
            "recommended": self.recommended,
            "mentioned": self.mentioned,
        }
        for name, table in self._tables.items():
            found |= table.arrays(name)
        return found

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Self:
        """What `arrays` made. Raises `KeyError` where something is missing."""
        tables = {
            name: Postings.of_arrays(arrays, name) for name in ("given", "cosine", "after", "next", "ease")
        }
        recommended, mentioned = (
            np.asarray(arrays[name], dtype=np.float32) for name in ("recommended", "mentioned")
        )
        return cls(recommended, mentioned, tables)


def _after(examples: Sequence[Example], size: int, only_last: bool) -> Postings:
    """The chance that the system names an item next once another was named (last)."""
    pairs: list[tuple[int, int]] = []
    seen = np.zeros(size, dtype=np.float32)
    for example in examples:
        before = example.moment.named[-1:] if only_last else tuple(dict.fromkeys(example.moment.named))
        seen[list(before)] += 1
        pairs += [(one, two) for one in before for two in example.targets]
    if not pairs:
        return Postings.of(sparse.csr_array((size, size), dtype=np.float32))
    one, two = np.array(pairs, dtype=np.int64).T
    chances = sparse.csr_array((1 / (seen[one] + _SHRINK), (one, two)), shape=(size, size))
    chances.sum_duplicates()
    return Postings.of(chances)


def _ease(people: npt.NDArray[np.int64], rows: npt.NDArray[np.int64], named: int, size: int) -> Postings:
    """EASE of dialogues × items as sparse rows: its dense matrix has most of its weight in few places."""
    ones = np.ones(len(rows), dtype=np.float32)
    known, columns = np.unique(rows, return_inverse=True)
    if not len(known):
        return Postings.of(sparse.csr_array((size, size), dtype=np.float32))
    table = Interactions.of(people, columns, ones, n_users=named, n_items=len(known))
    model = Ease(_EASE).fit(table)
    parts: list[sparse.csr_array] = []
    for start in range(0, len(known), 512):
        alone = np.arange(start, min(start + 512, len(known)))
        weights = model.scores_many([History.of([int(row)]) for row in alone])
        weights[np.arange(len(alone)), alone] = 0
        parts.append(strongest(sparse.csr_array(weights), _NEIGHBOURS))
    small = sparse.coo_array(sparse.vstack(parts))
    return Postings.of(
        sparse.csr_array((small.data, (known[small.row], known[small.col])), shape=(size, size))
    )
