"""Texts → weighted terms: stems and pairs of stems, TF-IDF."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Self

import numpy as np
import numpy.typing as npt
import Stemmer
from scipy import sparse

Rows = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float32]

_WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")
_YEAR = re.compile(
    r"\(\d{4}\)"
)  # "Heat (1995)" names a film; its year would speak for all others of that year


def stems(text: str) -> list[str]:
    """The stems of a text's words, in order; function words stay: how people talk tells something too."""
    words: list[str] = _WORD.findall(_YEAR.sub(" ", text).casefold().replace("’", "'"))
    found: list[str] = Stemmer.Stemmer("english", 0).stemWords(words)
    return found


def with_pairs(words: Sequence[str]) -> list[str]:
    """Words and pairs of neighbouring words."""
    return [*words, *(f"{one} {two}" for one, two in pairwise(words))]


class TermSpace:
    """A vocabulary with weights: `(1 + log tf) * idf`, length 1 (Salton & Buckley 1988)."""

    def __init__(self, places: Mapping[str, int], idf: Floats, pairs: bool) -> None:
        self._places, self._idf, self._pairs = places, idf, pairs

    @classmethod
    def fit(
        cls,
        documents: Iterable[Sequence[str]],
        *,
        pairs: bool = False,
        at_least: int = 2,
        at_most: float = 1.0,
        terms: int = 80_000,
    ) -> Self:
        """The terms of documents (their stems): those in `at_least` documents and in no more than the share
        `at_most` of them, the `terms` most frequent."""
        frequency: Counter[str] = Counter()
        size = 0
        for words in documents:
            frequency.update(set(with_pairs(words) if pairs else words))
            size += 1
        kept = [(term, n) for term, n in frequency.items() if at_least <= n <= max(at_most * size, at_least)]
        kept.sort(key=lambda pair: (-pair[1], pair[0]))
        places = {term: place for place, (term, _) in enumerate(kept[:terms])}
        idf = np.array([np.log((1 + size) / (1 + n)) + 1 for _, n in kept[:terms]], dtype=np.float32)
        return cls(places, idf, pairs)

    def __len__(self) -> int:
        return len(self._places)

    def vector(self, words: Sequence[str]) -> tuple[Rows, Floats]:
        """Places and weights of a text's terms, by place; none for a text without known ones."""
        found = Counter(
            place
            for term in (with_pairs(words) if self._pairs else words)
            if (place := self._places.get(term)) is not None
        )
        keys = np.array(sorted(found), dtype=np.int64)
        if not len(keys):
            return keys, np.zeros(0, dtype=np.float32)
        times = np.array([found[int(key)] for key in keys], dtype=np.float32)
        weights = (1 + np.log(times)) * self._idf[keys]
        return keys, np.asarray(weights / np.linalg.norm(weights), dtype=np.float32)

    def matrix(self, documents: Sequence[Sequence[str]]) -> sparse.csr_array:
        """`vector` of each document, documents × terms."""
        vectors = [self.vector(words) for words in documents]
        starts = np.concatenate([[0], np.cumsum([len(keys) for keys, _ in vectors])])
        keys = np.concatenate([keys for keys, _ in vectors]) if vectors else np.zeros(0, dtype=np.int64)
        values = np.concatenate([values for _, values in vectors]) if vectors else np.zeros(0)
        shape = (len(documents), max(len(self), 1))
        return sparse.csr_array((values.astype(np.float32), keys, starts), shape=shape)

    def arrays(self, name: str) -> dict[str, npt.NDArray[np.generic]]:
        """What `of_arrays` needs, to be saved under a name."""
        words = "\n".join(sorted(self._places, key=self._places.__getitem__)).encode()
        return {
            f"{name}.terms": np.frombuffer(words, dtype=np.uint8),
            f"{name}.idf": self._idf,
            f"{name}.pairs": np.array(self._pairs),
        }

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]], name: str) -> Self:
        """What `arrays` made. Raises `KeyError` where something is missing."""
        text = np.asarray(arrays[f"{name}.terms"], dtype=np.uint8).tobytes().decode()
        places = {term: place for place, term in enumerate(text.split("\n"))} if text else {}
        idf = np.asarray(arrays[f"{name}.idf"], dtype=np.float32)
        return cls(places, idf, bool(arrays[f"{name}.pairs"]))
