"""What ranks in `genre evaluate ranking`: ours, its single signals, and baselines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from evaluation.cases import CaseFiles
from evaluation.errors import BadData
from retrieval.catalogue import embedding_text
from retrieval.dialogues.content import Content
from retrieval.dialogues.fusion import deviations
from retrieval.dialogues.meaning import Meaning, last_words
from retrieval.dialogues.moments import Moment, counts, examples_of
from retrieval.dialogues.ranker import SIGNALS, DialogueRanker
from retrieval.dialogues.sense import Sense, embedded
from retrieval.embed import Embedder
from retrieval.items import Candidate, Facet, Item, Query
from retrieval.rerank import Reranker

Floats = npt.NDArray[np.float32]
Ranks = Callable[[Moment], Floats]


class Method(Protocol):
    """A way to score all items for a moment; what was named is left out by whoever measures."""

    def scores(self, moment: Moment) -> Floats: ...


#: Fitted on nothing, or on the train dialogues.
BASELINES = ("random", "copy", "BM25", "dense")
FITTED_BASELINES = ("popularity",)
#: Rows that read no text.
WORDLESS = frozenset({"random", "copy", "popularity"})
ZERO_SHOT = "genre, nothing fitted"
FITTED = "genre, fitted"

#: Added to the name of what a reranker looks at once more.
AGAIN = ", looked at again"

#: The deviations that make the unfitted order, and their weights: chosen on 200 train moments each of two
#: sets about films, one about music and one about books, for doing passably on all of them.
_ZERO_SHOT = {
    "text": 1.0, "narrow": 1.0, "title": 0.5, "broad": 0.5, "traits_user": 0.3,
    "meant": 0.7, "text_alike": 1.0, "BM25": 1.5, "BM25_last": 0.5,
}  # fmt: skip


@dataclass(frozen=True)
class SecondLook:
    """A method whose best `depth` items a reranker puts into order once more, as in a conversation."""

    first: Ranks
    reranker: Reranker
    items: Sequence[Item]
    depth: int

    def scores(self, moment: Moment) -> Floats:
        found = np.array(self.first(moment), dtype=np.float32)
        order = np.argsort(-found, kind="stable")
        best = [int(row) for row in order if row not in moment.named and np.isfinite(found[row])]
        best = best[: self.depth]
        listed = [Candidate(self.items[row], float(found[row]), {}) for row in best]
        rows = {self.items[row].id: row for row in best}
        again = self.reranker.rerank(Query(said=moment.user, k=self.depth), listed)
        found[[rows[one.item.id] for one in again]] = found[best]
        return found


@dataclass(frozen=True)
class Methods:
    """Makes methods by name, once each. `ranker` is the folder of a fitted one, or None. Picklable: each
    process makes its own. With `make_reranker`, ours has a second row, its best `depth` looked at again."""

    cases: CaseFiles
    make_embedder: Callable[[], Embedder]
    vectors: Path
    ranker: Path | None
    seed: int
    make_reranker: Callable[[], Reranker] | None = None
    depth: int = 12
    _made: dict[str, Ranks] = field(default_factory=dict, compare=False, repr=False)

    def __getstate__(self) -> dict[str, object]:
        made = {"_made", "_fitted", "_content", "sense", "embedder"}
        return {name: value for name, value in self.__dict__.items() if name not in made} | {"_made": {}}

    def names(self) -> tuple[str, ...]:
        """The rows of the table."""
        ours = (ZERO_SHOT,) if self.ranker is None else (FITTED, ZERO_SHOT)
        again = (ours[0] + AGAIN,) if self.make_reranker else ()
        known = () if self.ranker is None else FITTED_BASELINES
        return (ours[0], *again, *ours[1:], *known, *BASELINES)

    def check(self, name: str) -> None:
        """Raises `BadData` for a name that no method has."""
        known = [ZERO_SHOT, *BASELINES, *FITTED_BASELINES, *((FITTED, *SIGNALS) if self.ranker else ())]
        if self.make_reranker and name.removesuffix(AGAIN) in known:
            return
        if name not in known:
            more = f"; with --fit also {', '.join((FITTED, *SIGNALS))}" if self.ranker is None else ""
            raise BadData(f"There is no method {name!r}. Expected one of {', '.join(known)}{more}.")

    @cached_property
    def embedder(self) -> Embedder:
        """What makes sentence vectors."""
        return self.make_embedder()

    def get(self, name: str) -> Ranks:
        """The method of a name. Raises `BadData` for one that isn't known."""
        if name not in self._made:
            self._made[name] = self._make(name)
        return self._made[name]

    def _make(self, name: str) -> Ranks:
        self.check(name)
        if self.make_reranker and name.endswith(AGAIN):
            first = self.get(name.removesuffix(AGAIN))
            return SecondLook(first, self.make_reranker(), self.cases.item_list, self.depth).scores
        if name == FITTED and self.ranker is not None:
            return self._fitted.scores
        if name in SIGNALS and self.ranker is not None:
            return lambda moment: self._fitted.signals.of(moment)[name]
        simple: dict[str, Callable[[], Ranks]] = {
            ZERO_SHOT: self._zero_shot,
            "random": self._random,
            "copy": self._copy,
            "popularity": self._popularity,
            "BM25": self._bm25,
            "dense": self._dense,
        }
        return simple[name]()

    @cached_property
    def _fitted(self) -> DialogueRanker:
        assert self.ranker is not None
        return DialogueRanker.load(self.ranker, self.cases.item_list, self.sense)

    @cached_property
    def sense(self) -> Sense:
        """What the item texts say; `prepare` has made their vectors."""
        items = self.cases.item_list
        return Sense.of(items, facets_of(self.cases), self.embedder, np.load(self.vectors))

    @cached_property
    def _content(self) -> Content:
        return Content(self.cases.item_list)

    def prepare(self, progress: Callable[[str, int, int], None]) -> None:
        """Embeds the item texts, once for all processes and later runs."""
        if self.vectors.exists():
            return
        facets = facets_of(self.cases)
        texts = [embedding_text(item, facets) for item in self.cases.item_list]
        told = partial(progress, "Embedding item texts")
        self.vectors.parent.mkdir(parents=True, exist_ok=True)
        np.save(self.vectors, embedded(texts, self.embedder.embed, told))

    def _zero_shot(self) -> Ranks:
        size = len(self.cases.item_list)

        meaning = Meaning.fit((), self.sense, size)

        def scores(moment: Moment) -> Floats:
            found = self._content.signals(moment) | meaning.signals(moment)
            parts = [weight * deviations(found[name]) for name, weight in _ZERO_SHOT.items()]
            return np.asarray(np.sum(parts, axis=0), dtype=np.float32)

        return scores

    def _random(self) -> Ranks:
        def scores(moment: Moment) -> Floats:
            words = " ".join((*moment.user, *moment.system, *map(str, moment.named)))
            drawn = np.random.default_rng([self.seed, *words.encode()])
            return drawn.random(len(self.cases.item_list), dtype=np.float32)

        return scores

    def _copy(self) -> Ranks:
        """What was named last. All of it is barred, so what is left ties: repeats earn nothing here."""
        size = len(self.cases.item_list)

        def scores(moment: Moment) -> Floats:
            found = np.zeros(size, dtype=np.float32)
            for place, row in enumerate(moment.named, start=1):
                found[row] = place
            return found

        return scores

    def _popularity(self) -> Ranks:
        train = examples_of(self.cases.train, self.cases.rows)
        known = counts((one.targets for one in train), len(self.cases.item_list))
        return lambda moment: known

    def _bm25(self) -> Ranks:
        return lambda moment: self.sense.lexical.scores(" ".join(moment.user))

    def _dense(self) -> Ranks:
        return lambda moment: self.sense.vectors @ self.sense.meant([last_words(moment)])[0]


def facets_of(cases: CaseFiles) -> Sequence[Facet]:
    """The columns of the item list that hold words, as facets for text search."""
    names = dict.fromkeys(name for item in cases.item_list for name in item.facts)
    worded = [
        name
        for name in names
        if any(isinstance(value, str) for item in cases.item_list[:500] for value in item.values(name))
    ]
    return [Facet(name, "category", name, many=True) for name in worded]
