"""What items are, against what was named and said: no dialogue is needed to fit it, so new items have it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.preprocessing import normalize

from retrieval.dialogues.moments import Moment
from retrieval.dialogues.postings import Postings, transposed
from retrieval.dialogues.terms import TermSpace, stems
from retrieval.items import Item

Floats = npt.NDArray[np.float32]

#: A trait that at least this share of the items has is broad (a genre), others are narrow (a person).
_BROAD = 0.01
#: A word that more than this share of descriptions has says nothing about one of them.
_USUAL = 0.2
#: Items that must share a word before the encoder learns of it, and how loud features are to it: its learning
#: rate is for embeddings of whole items, which each feature moves by less.
_ENOUGH, _LOUD = 4, 2.0


class Content:
    """Likeness by traits, title, description and year to the items named, and of item texts to messages."""

    NAMES = (
        "broad", "broad_last", "narrow", "narrow_last", "title", "title_last", "text", "text_last",
        "year_gap", "words_last", "words_user", "traits_last", "traits_user",
    )  # fmt: skip

    def __init__(self, items: Sequence[Item]) -> None:
        traits = [_traits(item) for item in items]
        frequency = Counter(trait for one in traits for trait in one)
        broad = {t for t, n in frequency.items() if n >= max(_BROAD * len(items), 3)}
        narrow = {t for t, n in frequency.items() if n >= 2} - broad
        self._broad = _Likeness(_matrix(traits, sorted(broad)))
        self._narrow = _Likeness(_matrix(traits, sorted(narrow)))
        titles = [stems(item.title) for item in items]
        self._titles = _Likeness(TermSpace.fit(titles, at_least=2).matrix(titles))
        texts = [stems(item.text) for item in items]
        self._texts = _Likeness(TermSpace.fit(texts, at_least=2, at_most=_USUAL).matrix(texts))
        whole = [
            2 * title + 2 * stems(" ".join(trait)) + text
            for title, trait, text in zip(titles, traits, texts, strict=True)
        ]
        self._space = TermSpace.fit(whole, at_least=1, at_most=_USUAL)
        self._words = transposed(self._space.matrix(whole))
        # The words of broad traits: "comedy" said is comedies wanted.
        said = [stems(" ".join(sorted(set(one) & broad))) for one in traits]
        self._trait_space = TermSpace.fit(said, at_least=1)
        self._trait_words = transposed(self._trait_space.matrix(said))
        self.years = np.array([_year(item) for item in items], dtype=np.float32)
        self.described = np.array([bool(item.text) for item in items], dtype=np.float32)
        self.features = self._features(items)

    def signals(self, moment: Moment) -> dict[str, Floats]:
        """Each of `NAMES` for all items, shape (n,)."""
        rows, weights = moment.weights()
        last, one = rows[-1:], np.ones(min(len(rows), 1), dtype=np.float32)
        found = {
            "broad": self._broad.to(rows, weights), "broad_last": self._broad.to(last, one),
            "narrow": self._narrow.to(rows, weights), "narrow_last": self._narrow.to(last, one),
            "title": self._titles.to(rows, weights), "title_last": self._titles.to(last, one),
            "text": self._texts.to(rows, weights), "text_last": self._texts.to(last, one),
            "year_gap": self._year_gap(rows),
        }  # fmt: skip
        latest, all_said = stems(moment.last), stems(" ".join(moment.user))
        found["words_last"] = self._words.scores(*self._space.vector(latest))
        found["words_user"] = self._words.scores(*self._space.vector(all_said))
        found["traits_last"] = self._trait_words.scores(*self._trait_space.vector(latest))
        found["traits_user"] = self._trait_words.scores(*self._trait_space.vector(all_said))
        return found

    def _year_gap(self, rows: npt.NDArray[np.int64]) -> Floats:
        """Years between each item and the mean of those named; -1 where either is unknown."""
        known = self.years[rows][self.years[rows] > 0]
        if not len(known):
            return np.full(len(self.years), -1, dtype=np.float32)
        return np.where(self.years > 0, np.abs(self.years - known.mean()), -1).astype(np.float32)

    def _features(self, items: Sequence[Item]) -> sparse.csr_array:
        """Items × what they are made of, for the encoder: traits, words of title and text, decade."""
        decades = np.clip((self.years // 10).astype(np.int64) - 185, 0, 24)
        decade = sparse.csr_array(np.eye(25, dtype=np.float32)[decades])
        parts = [_ones(self._broad.matrix), _ones(self._narrow.matrix), self._titles.matrix]
        parts += [_shared(self._texts.matrix), decade]
        whole: Any = sparse.hstack(parts, format="csr")
        found: sparse.csr_array[np.float32, tuple[int, int]] = (_LOUD * whole).astype(np.float32)
        return found


class _Likeness:
    """Cosine likeness between rows of a sparse matrix of items × features."""

    def __init__(self, matrix: sparse.csr_array) -> None:
        self.matrix = sparse.csr_array(normalize(matrix), dtype=np.float32)
        self._rows, self._columns = Postings.of(self.matrix), transposed(self.matrix)

    def to(self, rows: npt.NDArray[np.int64], weights: Floats) -> Floats:
        """Of every item to the weighted rows together."""
        return self._columns.scores(*self._rows.mixed(rows, weights))


def _ones(matrix: sparse.csr_array[np.float32, tuple[int, int]]) -> Any:
    """1 where the matrix has anything."""
    ones = np.ones_like(matrix.data)
    return sparse.csr_array((ones, matrix.indices, matrix.indptr), shape=matrix.shape)


def _shared(matrix: sparse.csr_array) -> sparse.csr_array:
    """The columns that enough items have to learn something of them."""
    whole: Any = matrix
    kept: sparse.csr_array[np.float32, tuple[int, int]] = whole[
        :, np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) >= _ENOUGH)
    ]
    return kept


def _traits(item: Item) -> list[str]:
    """The facts that are words, lower case, each once."""
    values = (str(value) for name in item.facts for value in item.values(name) if isinstance(value, str))
    return list(dict.fromkeys(value.casefold() for value in values if value.strip()))


def _matrix(traits: Sequence[Sequence[str]], kept: Sequence[str]) -> sparse.csr_array:
    """Items × traits, weighted by idf."""
    places = {trait: place for place, trait in enumerate(kept)}
    pairs = [(row, places[trait]) for row, one in enumerate(traits) for trait in one if trait in places]
    shape = (len(traits), max(len(kept), 1))
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    idf = np.log(len(traits) / np.bincount(columns, minlength=len(kept)).clip(1)) + 0.1
    return sparse.csr_array((idf[columns].astype(np.float32), (rows, columns)), shape=shape)


def _year(item: Item) -> float:
    """The year that an item states, 0 where it states none."""
    values = item.values("year")
    return float(values[0]) if values and isinstance(values[0], (int, float)) else 0.0
