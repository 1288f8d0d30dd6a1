"""Mends the spelling of words that neither English nor the catalogue knows."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from rapidfuzz.distance import OSA

from chat.reader.english import english

#: Words more frequent than this rank are never taken for a misspelt name.
COMMON = 30_000


@lru_cache(maxsize=1)
def english_ranks() -> Mapping[str, int]:
    """Every known English word with its rank by frequency, 0 the most frequent.

    Source: the 82,765-word frequency dictionary shipped with symspellpy (MIT), made from Google Books
    Ngram counts (CC BY 3.0) and the SCOWL word lists.
    """
    path = resources.files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    lines = path.read_text(encoding="utf-8-sig").splitlines()
    return MappingProxyType({line.split()[0]: rank for rank, line in enumerate(lines)})


def rank(word: str) -> int:
    """The frequency rank of a plain word; a very high number for one that English doesn't have."""
    return english_ranks().get(word, 1_000_000)


def undoubled(word: str) -> str:
    """The word with every run of a letter cut to one."""
    return re.sub(r"(.)\1+", r"\1", word)


#: The favour of a word of a facet value.
_VALUE = 0.4
#: The rank before which a word is one that people use every day.
_USUAL = 2_500


class Speller:
    """Knows the catalogue's words and English, and mends what is close to one of them.

    A word of four or five letters may be off by one edit (insertion, deletion, change, or two letters
    swapped: optimal string alignment distance), a longer one by two; a letter wrongly doubled or not doubled
    counts half. At the same distance the words of facet values win over those of titles, function words,
    names and the rest of English, in this order: people here talk about the catalogue.
    """

    def __init__(
        self, values: Iterable[str] = (), titles: Iterable[str] = (), names: Iterable[str] = ()
    ) -> None:
        self._favour: dict[str, float] = {}
        for words, favour in ((values, _VALUE), (titles, 0.25), (english().words, 0.2), (names, 0.1)):
            for word in words:
                if len(word) > 1:
                    self._favour.setdefault(word, favour)
        self._known = self._favour.keys()
        self._by_length: dict[int, list[str]] = defaultdict(list)
        common = (word for word, place in english_ranks().items() if place < COMMON)
        for word in sorted(set(self._known) | set(common)):
            if len(word) > 2:
                self._by_length[len(word)].append(word)
        self._mended: dict[str, str] = {}

    def knows(self, word: str) -> bool:
        """Whether a plain word is spelt as English or the catalogue spells it."""
        return word in self._known or word in english_ranks()

    def mend(self, word: str) -> str:
        """The word as it was probably meant; itself where nothing is close."""
        if len(word) < 3:
            return word
        if self.knows(word):
            return self._untwisted(word) if rank(word) > 3_000 and word not in self._known else word
        if (swapped := self._untwisted(word)) != word:
            return swapped
        if word not in self._mended:
            if len(self._mended) > 50_000:  # an attacker's gibberish must not fill the memory
                self._mended.clear()
            self._mended[word] = self._closest(word)
        return self._mended[word]

    def means(self, word: str) -> bool:
        """Whether an unknown word is a slip for a usual one, or for a word of the catalogue's values."""
        mended = self.mend(word)
        value = any(self._favour.get(one, 0.0) >= _VALUE for one in (mended, mended.removesuffix("s")))
        return mended != word and (value or rank(mended) < _USUAL)

    def _untwisted(self, word: str) -> str:
        """A very rare word that two swapped letters part from a very common one: "teh" → "the"."""
        for place in range(len(word) - 1):
            other = word[:place] + word[place + 1] + word[place] + word[place + 2 :]
            if other != word and rank(other) < 100:
                return other
        return word

    def _closest(self, word: str) -> str:
        for form in (re.sub(r"(.)\1{2,}", r"\1\1", word), undoubled(word)):
            if form != word and self.knows(form):
                return form
        allowed = 0 if len(word) < 4 else 1 if len(word) < 6 else 2
        best: tuple[float, int, str] | None = None
        for length in range(len(word) - allowed, len(word) + allowed + 1):
            for other in self._by_length.get(length, ()):
                distance = OSA.distance(word, other, score_cutoff=allowed)
                if distance > allowed:
                    continue
                penalty = 0.5 if undoubled(other) == undoubled(word) else float(distance)
                penalty += (0.5 if other[0] != word[0] else 0.0) - self._favour.get(other, 0.0)
                key = (penalty, rank(other), other)
                if best is None or key < best:
                    best = key
        return best[2] if best is not None else word
