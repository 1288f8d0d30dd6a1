"""Words → items: BM25 over titles, facet values (also by the other words people use) and descriptions."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

import bm25s
import numpy as np
import numpy.typing as npt
import Stemmer

from retrieval.errors import IndexDamaged
from retrieval.items import Facet, Item

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]

#: A title says most in fewest words, a facet value is a deliberate description, running text is neither.
TITLE_TIMES, FACET_TIMES, TEXT_TIMES = 3, 2, 1

_VERSION = "1"  # of the tokens: an index of another version is not read
_WORD = re.compile(r"\w+")
_WIDE = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af]")  # scripts without spaces
_STOP_WORDS = """
    a about above after again against all am an and any are as at be because been before being below between
    both but by can could did do does doing down during each few for from further had has have having he her
    here hers herself him himself his how i if in into is isn it its itself just let me more most my myself
    no nor not now of off on once only or other our ours ourselves out over own s same she should so some
    such t than that the their theirs them themselves then there these they this those through to too under
    until up us very was we were what when where which while who whom why will with would you your yours
    yourself yourselves d ll m o re ve don doesn didn won
"""
STOP_WORDS = frozenset(_STOP_WORDS.split())
# Words of asking, left out of questions only: in them they say nothing about what is wanted.
_ASKING = """
    anything something someone everything nothing want wanted like liked love loved enjoy enjoyed need
    recommend recommendation suggest suggestion suggestions show give find get got looking look search
    please thanks hi hello hey maybe really kind sort thing things stuff one ones good great best nice
    tonight today similar know tell think feel feeling mood mind else another
"""
ASKING = frozenset(_ASKING.split())


def tokens(text: str, leave_out: frozenset[str] = STOP_WORDS) -> list[str]:
    """The stems of a text's words, in order: no case, accents, possessives or stop words.

    Scripts written without spaces become pairs of characters, so that parts of a phrase are found too.
    """
    plain = unicodedata.normalize("NFKD", text.replace("’", "'").casefold().replace("'s", ""))
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    # A new stemmer costs half a microsecond, less than a lock: PyStemmer's are not safe across threads.
    stemmer = Stemmer.Stemmer("english", 0)
    found: list[str] = []
    for word in _WORD.findall(unicodedata.normalize("NFC", plain).replace("_", " ")):
        if _WIDE.search(word):
            found += [word[at : at + 2] for at in range(len(word) - 1)] or [word]
        elif word not in leave_out:
            found.append(stemmer.stemWord(word))
    return found


def asked(text: str) -> list[str]:
    """The tokens of a question: without the words of asking, unless there are no others."""
    return tokens(text, STOP_WORDS | ASKING) or tokens(text)


class LexicalIndex:
    """BM25 over a catalogue's rows (Robertson & Zaragoza 2009; bm25s' Lucene variant, k1 = 1.5, b = .75).

    Row numbers are those of the items it was made from. Read-only, so safe across threads.
    """

    def __init__(
        self,
        size: int,
        vocabulary: Mapping[str, int],
        starts: npt.NDArray[np.int64],
        rows: npt.NDArray[np.int32],
        weights: Scores,
    ) -> None:
        self._size = size
        self._vocabulary = vocabulary
        self._starts, self._rows, self._weights = starts, rows, weights
        frequency = np.diff(starts)
        self._idf = np.log1p((size - frequency + 0.5) / (frequency + 0.5)).astype(np.float32)
        self._unknown_idf = float(np.log1p(2 * size + 1))

    @classmethod
    def build(cls, items: Sequence[Item], facets: Sequence[Facet]) -> LexicalIndex:
        """Indexes the items; 100,000 take about 7 s."""
        return cls.of(_documents(items, facets))

    @classmethod
    def of(cls, documents: Sequence[list[str]]) -> LexicalIndex:
        """Indexes documents that are tokens already."""
        if not any(documents):
            nothing = np.zeros(0, dtype=np.int32)
            return cls(len(documents), {}, np.zeros(1, dtype=np.int64), nothing, nothing.astype(np.float32))
        model = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
        model.index(documents, show_progress=False)
        vocabulary = {str(word): int(place) for word, place in model.vocab_dict.items() if word}
        stored = model.scores
        return cls(
            len(documents),
            vocabulary,
            np.asarray(stored["indptr"], dtype=np.int64),
            np.asarray(stored["indices"], dtype=np.int32),
            np.asarray(stored["data"], dtype=np.float32),
        )

    def __len__(self) -> int:
        return self._size

    def search(self, text: str, k: int, allowed: Mask | None = None) -> tuple[Rows, Scores]:
        """The best `k` rows with any of the words, best first, ties by row; nothing for unknown words."""
        scores = self.scores(text)
        if allowed is not None:
            scores = np.where(allowed, scores, 0)
        rows = best_rows(scores, k)
        return rows, scores[rows]

    def scores(self, text: str) -> Scores:
        """The BM25 score of every row for a question, 0 where none of its words stands."""
        scores = np.zeros(self._size, dtype=np.float32)
        for token, times in Counter(asked(text)).items():
            place = self._vocabulary.get(token)
            if place is not None:
                part = slice(self._starts[place], self._starts[place + 1])
                scores[self._rows[part]] += self._weights[part] * times  # a row stands once a word
        return scores

    def reach(self, text: str) -> float:
        """The sum of the question's idf: what a row would score that had every word very often.

        A word the catalogue doesn't have counts as the rarest, so that matching the rest is seen as partial.
        """
        return sum(self.idf(token) * times for token, times in Counter(asked(text)).items())

    def idf(self, token: str) -> float:
        """How telling a token is: 0 for one that every row has, the greatest for one that none has."""
        place = self._vocabulary.get(token)
        return self._unknown_idf if place is None else float(self._idf[place])

    def containing(self, text: str) -> Mask:
        """The rows that have all words of a phrase, wherever they stand; none for a phrase without words."""
        wanted = set(tokens(text))
        counts = np.zeros(self._size, dtype=np.int32)
        for token in wanted:
            place = self._vocabulary.get(token)
            if place is not None:
                counts[self._rows[self._starts[place] : self._starts[place + 1]]] += 1
        return counts == len(wanted) if wanted else np.zeros(self._size, dtype=np.bool_)

    def save(self, folder: Path) -> None:
        """Writes the index into a folder of its own."""
        folder.mkdir(parents=True, exist_ok=True)
        np.savez(folder / "bm25.npz", starts=self._starts, rows=self._rows, weights=self._weights)
        described = {"version": _VERSION, "size": self._size, "vocabulary": dict(self._vocabulary)}
        (folder / "bm25.json").write_text(json.dumps(described, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> LexicalIndex:
        """Reads what `save` wrote. Raises `IndexDamaged` where that is not all there."""
        try:
            described = json.loads((folder / "bm25.json").read_text(encoding="utf-8"))
            if described["version"] != _VERSION:
                raise IndexDamaged(f"{folder} holds version {described['version']}, expected {_VERSION}.")
            with np.load(folder / "bm25.npz", allow_pickle=False) as arrays:
                starts, rows, weights = arrays["starts"], arrays["rows"], arrays["weights"]
            size, vocabulary = int(described["size"]), described["vocabulary"]
            whole = len(rows) == len(weights) == starts[-1] and len(starts) > max(
                vocabulary.values(), default=-1
            )
            if not whole or (len(rows) and not 0 <= rows.min() <= rows.max() < size):
                raise IndexDamaged(f"The arrays in {folder} don't fit each other: build the index anew.")
        except IndexDamaged:
            raise
        except Exception as error:  # a cut-off file fails in the zip, JSON or numpy reader, each in its way
            raise IndexDamaged(f"{folder} cannot be read ({error}): build the index anew.") from error
        return cls(size, vocabulary, starts, rows, weights)


def best_rows(scores: Scores, k: int) -> Rows:
    """The rows of the `k` greatest scores above 0, best first, ties by row."""
    found = np.flatnonzero(scores > 0)
    if len(found) > k > 0:
        cut = np.partition(scores[found], len(found) - k)[len(found) - k]
        found = found[scores[found] >= cut]
    return found[np.lexsort((found, -scores[found]))][: max(k, 0)].astype(np.int64)


def _documents(items: Sequence[Item], facets: Sequence[Facet]) -> list[list[str]]:
    sayings = [_Saying(facet) for facet in facets if facet.kind not in ("number", "date")]
    years = [facet.name for facet in facets if facet.role == "year"]
    documents = []
    for item in items:
        words = tokens(item.title) * TITLE_TIMES + tokens(item.text) * TEXT_TIMES
        words += [token for saying in sayings for token in saying.of(item)]
        words += [str(value)[:4] for name in years for value in item.values(name)]
        documents.append(words)
    return documents


class _Saying:
    """What a facet's values say in tokens: their words, once more for weight, and their other names once."""

    def __init__(self, facet: Facet) -> None:
        self._facet = facet
        self._others: dict[str, list[str]] = {}
        for other, value in facet.aliases.items():
            self._others.setdefault(value.casefold(), []).append(other)
        self._known: dict[str, list[str]] = {}  # values come back thousands of times

    def of(self, item: Item) -> list[str]:
        return [token for value in item.values(self._facet.name) for token in self._said(str(value))]

    def _said(self, value: str) -> list[str]:
        key = value.casefold()
        if key not in self._known:
            # A column of yes and no is about its name: "yes" under "vegan" says vegan.
            words = tokens({"yes": self._facet.label, "no": ""}.get(key, value))
            more = {token for other in self._others.get(key, ()) for token in tokens(other)}
            self._known[key] = words * FACET_TIMES + sorted(more - set(words))
        return self._known[key]
