"""Nearest rows to a vector: the protocol, and exact search over the matrix."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Vectors = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Hits = list[tuple[int, float]]
"""Rows with their cosine, best first, ties by row."""

#: Below this share of allowed rows, copying them out is cheaper than multiplying the whole matrix.
_GATHER = 0.4


class ItemIndex(Protocol):
    """Finds the rows whose vectors lie nearest. Rows are those of the catalogue; safe across threads."""

    @property
    def damaged(self) -> bool:
        """Whether the index lost its fast path and should be built anew. It answers all the same."""
        ...

    def __len__(self) -> int: ...

    def search(self, vector: Vectors, k: int, allowed: Mask | None = None) -> Hits:
        """The `k` nearest of the allowed rows (all without `allowed`), or as many as there are."""
        ...

    def search_many(self, vectors: Vectors, k: int, allowed: Mask | None = None) -> list[Hits]:
        """`search` for each row of `vectors`, shape (m, d), sharing the work where it can."""
        ...

    def close(self) -> None:
        """Lets go of any files; it still answers."""
        ...


class ExactIndex:
    """Every allowed row is compared: nothing is missed. 100,000 rows of 384 take
    some 5 ms a question with one BLAS thread; two lose to whatever else runs.

    `vectors` has shape (n, d), rows of length 1 (or 0 for an item that has no vector yet: those are never
    found); it may be a memory map.
    """

    damaged = False

    def __init__(self, vectors: Vectors) -> None:
        self.vectors = vectors

    def __len__(self) -> int:
        return len(self.vectors)

    def search(self, vector: Vectors, k: int, allowed: Mask | None = None) -> Hits:
        return self.search_many(vector[None, :], k, allowed)[0]

    def search_many(self, vectors: Vectors, k: int, allowed: Mask | None = None) -> list[Hits]:
        k = min(k, len(self))
        if k <= 0:
            return [[] for _ in vectors]
        rows = None if allowed is None else np.flatnonzero(allowed)
        if rows is not None and len(rows) < _GATHER * len(self):
            near = self.vectors[rows]
            return [self._best(near @ vector, rows, k) for vector in vectors]
        found = []
        for vector in vectors:  # one by one: a product with few columns is slower than that many with one
            scores = self.vectors @ vector
            if allowed is not None:
                scores[~allowed] = -np.inf
            found.append(self._best(scores, None, k))
        return found

    def close(self) -> None:
        """Nothing to let go of."""

    def _best(self, scores: Vectors, rows: npt.NDArray[np.int64] | None, k: int) -> Hits:
        found = np.arange(len(scores)) if len(scores) <= k else _at_least_the_kth(scores, k)
        found = found[np.isfinite(scores[found]) & (scores[found] != 0)]  # a row of zeros scores 0 exactly
        places = found if rows is None else rows[found]
        order = np.lexsort((places, -scores[found]))[:k]
        return [(int(places[at]), float(scores[found[at]])) for at in order]


def _at_least_the_kth(scores: Vectors, k: int) -> npt.NDArray[np.int64]:
    """All places with a score no less than the k-th best: ties are settled later, by row."""
    cut = np.partition(scores, len(scores) - k)[len(scores) - k]
    return np.flatnonzero(scores >= cut)
