"""What the catalogue says of its items, as numbers: facet values, words and vectors, block by block."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse

from retrieval.collaborative.protocol import Array, Side, Sparse
from retrieval.errors import BadInteractions
from retrieval.items import Item
from retrieval.lexical import tokens

_MOST = 20_000  # different words or values kept of a block: the commonest
_STEPS = 12  # quantiles that the numbers of a facet are cut at
_FLAT = 3  # mean words of a facet's values above which they are read as text


@dataclass(frozen=True)
class Blocks:
    """Matrices of shape (n_items, values) by name, every row of length 1 or empty; and plain item traits.

    `traits` has shape (n_items, t): how much the catalogue says of an item (facets filled, values, words of
    text) and its numbers, standardised. What is well described is often what is well known. `numbers` are the
    blocks made of numbers.
    """

    names: tuple[str, ...]
    matrices: tuple[Sparse, ...]
    traits: Array
    numbers: frozenset[str] = frozenset()

    def joined(self, weights: Sequence[float] | None = None) -> Sparse:
        """The blocks side by side, each times the root of its weight: products of rows add up by weight."""
        given = weights if weights is not None else [1.0] * len(self.names)
        parts = [matrix * math.sqrt(max(w, 0.0)) for matrix, w in zip(self.matrices, given, strict=True)]
        return beside(parts)


def blocks(items: Sequence[Item], vectors: Array | None = None) -> Blocks:
    """One block a facet of words, one for each number, one for title and text, one for the vectors.

    Values that only one item has say nothing of likeness and are left out. Weighted by idf.
    """
    names: list[str] = []
    matrices: list[Sparse] = []
    traits: list[npt.NDArray[np.float64]] = []
    numeric: set[str] = set()
    for facet in sorted({name for item in items for name in item.facts}):
        numbers = [_number(item, facet) for item in items]
        if sum(number is not None for number in numbers) * 2 > sum(facet in item.facts for item in items):
            column = np.array([np.nan if number is None else number for number in numbers])
            bags: list[list[str]] = _steps(column)
            numeric.add(facet)
            usual = np.nanmedian(column)
            spread = np.nanstd(column) or 1.0
            traits.append(np.where(np.isnan(column), 0, (column - usual) / spread).clip(-4, 4))
        else:
            bags = [_values(item, facet) for item in items]
            traits.append(np.log1p([len(bag) for bag in bags]))
        _add(facet, bags, names, matrices)
    if items:
        words = [tokens(item.title) + tokens(item.text) for item in items]
        _add("words", words, names, matrices, sublinear=True)
        _add("title", [tokens(item.title) for item in items], names, matrices)
        traits.append(np.log1p([len(bag) for bag in words]))
        traits.append(np.array([float(bool(item.text)) for item in items]))
    if vectors is not None:
        names.append("vectors")
        matrices.append(csr(vectors))
    if not matrices:
        return nothing(len(items))
    table = np.stack(traits, axis=1) if traits else np.zeros((matrices[0].shape[0], 1))
    return Blocks(tuple(names), tuple(matrices), table.astype(np.float32), frozenset(numeric))


def csr(matrix: Any) -> Sparse:
    """Any matrix as a sparse one by rows, float32."""
    found: Sparse = sparse.csr_array(matrix, dtype=np.float32)
    return found


def beside(parts: Sequence[Any]) -> Sparse:
    """Matrices side by side, sparse by rows, float32."""
    return csr(sparse.hstack([csr(part) for part in parts], format="csr"))


def nothing(n_items: int) -> Blocks:
    """What is known of items that nothing is known of."""
    empty = np.zeros((n_items, 1), np.float32)
    return Blocks(("nothing",), (csr(empty),), empty)


def described(side: Side | None, n_items: int) -> Blocks:
    """The blocks of a side, or nothing. Raises `BadInteractions` where it has another number of items."""
    if side is None or not (side.items or side.vectors is not None):
        return nothing(n_items)
    found = side.blocks
    if found.traits.shape[0] != n_items:
        raise BadInteractions(
            f"The interactions are about {n_items} items, but {found.traits.shape[0]} are described."
        )
    return found


def _add(
    name: str,
    bags: Iterable[list[str]],
    names: list[str],
    matrices: list[Sparse],
    *,
    sublinear: bool = False,
) -> None:
    matrix = weighted(list(bags), sublinear=sublinear)
    if matrix.nnz:
        names.append(name)
        matrices.append(matrix)


def weighted(bags: Sequence[Sequence[str]], *, sublinear: bool = False) -> Sparse:
    """TF-IDF of bags of words, rows of length 1 (Salton & Buckley 1988), float32."""
    counts = [Counter(bag) for bag in bags]
    spread = Counter(word for bag in counts for word in bag)
    common = sorted(((n, word) for word, n in spread.items() if n > 1), key=lambda pair: (-pair[0], pair[1]))
    place = {word: at for at, (_, word) in enumerate(common[:_MOST])}
    rows, columns, values = [], [], []
    for row, bag in enumerate(counts):
        for word, n in bag.items():
            if word in place:
                rows.append(row)
                columns.append(place[word])
                often = 1 + math.log(n) if sublinear else 1.0
                values.append(often * math.log((1 + len(bags)) / (0.5 + spread[word])))
    matrix = sparse.csr_array(
        (np.asarray(values, np.float32), (rows, columns)), shape=(len(bags), max(len(place), 1))
    )
    lengths = np.sqrt(np.asarray(matrix.multiply(matrix).sum(axis=1)).ravel())
    scale: Any = sparse.diags_array((1 / np.where(lengths > 0, lengths, 1)).astype(np.float32))
    return csr(scale @ matrix)


def _number(item: Item, facet: str) -> float | None:
    value = item.facts.get(facet)
    return float(value) if isinstance(value, int | float) else None


def _values(item: Item, facet: str) -> list[str]:
    found = [str(value).casefold() for value in item.values(facet)]
    if found and sum(len(value.split()) for value in found) > _FLAT * len(found):
        return [word for value in found for word in tokens(value)]
    return found


def _steps(column: npt.NDArray[np.float64]) -> list[list[str]]:
    """The step of each number between the quantiles, and its two neighbours': what is near shares two."""
    known = column[~np.isnan(column)]
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _STEPS + 1)[1:-1]))
    steps = np.searchsorted(edges, column)
    return [
        [] if np.isnan(number) else [f"{step - 1}", f"{step}", f"{step + 1}"]
        for number, step in zip(column, steps, strict=True)
    ]
