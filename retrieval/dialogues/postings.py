"""Sparse rows that are added up fast: terms (or items) → the items they speak for, and how loudly."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from scipy import sparse

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]


class Postings:
    """A sparse matrix of keys × items. Read-only."""

    def __init__(self, starts: Rows, items: npt.NDArray[np.int32], values: Floats, size: int) -> None:
        self._starts, self._items, self._values, self._size = starts, items, values, size

    @classmethod
    def of(cls, matrix: Any) -> Self:
        """From any sparse matrix of keys × items."""
        rows: sparse.csr_array[np.float32] = sparse.csr_array(matrix)
        return cls(
            rows.indptr.astype(np.int64),
            rows.indices.astype(np.int32),
            rows.data.astype(np.float32),
            rows.shape[1],
        )

    def __len__(self) -> int:
        return len(self._starts) - 1

    def scores(self, keys: Rows, weights: Floats) -> Floats:
        """The weighted sum of the rows of `keys`, of shape (items,)."""
        if not len(keys):
            return np.zeros(self._size, dtype=np.float32)
        lengths = self._starts[keys + 1] - self._starts[keys]
        ends = np.cumsum(lengths)
        places = np.arange(ends[-1]) + np.repeat(self._starts[keys] - (ends - lengths), lengths)
        values = self._values[places] * np.repeat(weights, lengths)
        return np.bincount(self._items[places], values, self._size).astype(np.float32)

    def row(self, key: int) -> tuple[npt.NDArray[np.int32], Floats]:
        """The items of one key, and their values."""
        part = slice(self._starts[key], self._starts[key + 1])
        return self._items[part], self._values[part]

    def mixed(self, keys: Rows, weights: Floats) -> tuple[Rows, Floats]:
        """The weighted sum of rows as places and values, without the zeros."""
        scores = self.scores(keys, weights)
        places = np.flatnonzero(scores)
        return places, scores[places]

    def arrays(self, name: str) -> dict[str, npt.NDArray[np.generic]]:
        """What `of_arrays` needs, to be saved under a name."""
        return {
            f"{name}.starts": self._starts,
            f"{name}.items": self._items,
            f"{name}.values": self._values,
            f"{name}.size": np.array(self._size),
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]], name: str) -> Self:
        """What `arrays` made. Raises `KeyError` where something is missing."""
        return cls(
            np.asarray(arrays[f"{name}.starts"], dtype=np.int64),
            np.asarray(arrays[f"{name}.items"], dtype=np.int32),
            np.asarray(arrays[f"{name}.values"], dtype=np.float32),
            int(arrays[f"{name}.size"]),
        )


def transposed(matrix: sparse.csr_array) -> Postings:
    """Items × terms → terms → items."""
    return Postings.of(sparse.csr_array(matrix.T))


def strongest(matrix: sparse.csr_array, keep: int) -> sparse.csr_array:
    """The `keep` greatest positive values of each row."""
    rows: list[npt.NDArray[np.int64]] = []
    columns: list[npt.NDArray[np.int64]] = []
    values: list[Floats] = []
    for row in range(matrix.shape[0]):
        part = slice(matrix.indptr[row], matrix.indptr[row + 1])
        found, data = matrix.indices[part], matrix.data[part]
        best = np.flatnonzero(data > 0)
        if len(best) > keep:
            best = best[np.argpartition(-data[best], keep)[:keep]]
        rows.append(np.full(len(best), row))
        columns.append(found[best].astype(np.int64))
        values.append(data[best].astype(np.float32))
    kept: sparse.csr_array[np.float32, tuple[int, int]] = sparse.csr_array(
        (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns))), shape=matrix.shape
    )
    return kept
