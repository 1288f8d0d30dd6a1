"""A query → ranked candidates: the room's verb."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Generic, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from retrieval import rank
from retrieval.browse import Browser
from retrieval.catalogue import Catalogue
from retrieval.dials import Dials, choose
from retrieval.embed import Embedder, Vectors
from retrieval.filters import FacetTable, without_unknown
from retrieval.index import ItemIndex
from retrieval.items import Bounds, Candidate, Item, Query, Relaxation, Retrieval, Wish
from retrieval.lexical import LexicalIndex, best_rows
from retrieval.signals import LearnedSignal, check_names, spoken
from retrieval.support import Support, best_support

Rows = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float32]
Mask = npt.NDArray[np.bool_]
Value = TypeVar("Value")

#: Rows that each signal may send to the common pool. Whatever is best in sum is near the top somewhere.
_POOL = 300
_SMALL = 2_000  # as many allowed rows are all compared
_SAMPLE = 512  # rows that tell what similarity is usual, to within some 3%
_SHORTLIST = 60  # of the best, from which the varied few are chosen
_APART = 0.6  # the least diversity of a list for a query that says nothing
_MOST_ITEMS = 6  # liked items that count, the strongest: each costs a search


class Closes(Protocol):
    """Something held open for as long as the retriever lives."""

    def close(self) -> None: ...


class Retriever:
    """Answers queries over one catalogue. Everything it holds is read-only, so any thread may ask.

    `vectors` has one row an item, zeros for an item that was never embedded: those are found by words and
    facets alone. A damaged index answers exactly and says so in `needs_build`. `learned` signals join the
    ranking by the weights of their names; `dials` balance every list whose query brings none of its own, by
    `popularity` (of shape (n,), percentiles in [0, 1], NaN where unknown), or else what the catalogue says.
    Raises `BadSignal` for a learned signal whose name is taken.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        embedder: Embedder,
        index: ItemIndex,
        lexical: LexicalIndex,
        table: FacetTable,
        vectors: Vectors,
        stale: bool = False,
        weights: rank.Weights | None = None,
        on_close: Closes | None = None,
        learned: Sequence[LearnedSignal] = (),
        dials: Dials | None = None,
        popularity: Scores | None = None,
    ) -> None:
        check_names(learned)
        self.catalogue = catalogue
        self._embedder = embedder
        self._index = index
        self._lexical = lexical
        self._table = table
        self._vectors = vectors
        self._stale = stale
        self._on_close = on_close
        self._weights = weights or rank.Weights()
        self._learned = tuple(learned)
        self._dials = dials or Dials()
        self._prior = rank.prior(table)
        self._popularity = rank.popularity(table) if popularity is None else popularity
        self._texts: _Recent[Vectors] = _Recent(2_048)
        self._supports: _Recent[Support] = _Recent(512)
        #: The search box of the same catalogue.
        self.browser = Browser(catalogue.items, catalogue.facets, table, lexical.scores)
        # Drawn, the same every time, and not every n-th: catalogues repeat themselves in steps.
        self._shuffled = np.random.default_rng(0).permutation(len(vectors))
        sample = np.asarray(vectors[np.sort(self._shuffled[:_SAMPLE])], dtype=np.float32)
        self._sample = sample[np.any(sample != 0, axis=1)]
        half = len(self._sample) // 2
        pairs = np.einsum("ij,ij->i", self._sample[:half], self._sample[half : 2 * half])
        self._usual = float(pairs.mean()) if half else 0.0

    @property
    def needs_build(self) -> bool:
        """Whether the indexes are missing, older than the catalogue, or damaged. It answers all the same."""
        return self._stale or self._index.damaged

    @property
    def signals(self) -> tuple[str, ...]:
        """The names of the signals whose weights may lean: its own, but what is disliked, and the learned."""
        return (*rank.LEANING, *(signal.name for signal in self._learned))

    def retrieve(self, query: Query) -> Retrieval:
        """The best `query.k` items that meet all conditions, varied, best first.

        Never one of `seen`, never one that the wishes name. `matching` counts the items that meet the
        conditions and may be offered; where they are fewer than `k`, `relaxations` say what one condition
        less would let through. A query that says nothing gets a varied sample.
        """
        query = self._readable(query)
        allowed = self._table.mask(query)
        matching = int(allowed.sum())
        relaxations = self._table.relaxations(query) if matching < query.k else ()
        if not matching or query.k <= 0:
            return Retrieval((), matching, relaxations)
        return Retrieval(self._ranked(query, allowed, matching), matching, relaxations)

    def pairs_to_relax(self, query: Query) -> tuple[tuple[Relaxation, Relaxation], ...]:
        """Which two conditions must go together where no single one helps: the most helpful pair first."""
        return self._table.pairs(self._readable(query))

    def similar(self, item_id: str, k: int = 5) -> tuple[Candidate, ...]:
        """The items most like one, without itself; none for an id that the catalogue doesn't hold."""
        if self.catalogue.get(item_id) is None:
            return ()
        return self.retrieve(Query(likes=(Wish("item", item_id),), k=k)).candidates

    def sentence_support(self, item: Item, text: str) -> tuple[str, float] | None:
        """The sentence of the item's description that best bears out free words; and how well, 0 to 1.

        A sentence that has the words comes first; else one that means about the same; `None` where neither.
        """
        support = self._supports.get(item.id, lambda: Support.of(item.text, self._embedder))
        if support.text != item.text:  # another version of the catalogue
            support = Support.of(item.text, self._embedder)
        return best_support(support, text, self._lexical.idf, self._vector)

    def close(self) -> None:
        """Lets go of the index's files, where it has any; exact search answers from then on."""
        self._index.close()
        if self._on_close is not None:
            self._on_close.close()

    def _readable(self, query: Query) -> Query:
        """Wishes that the facets can't answer, turned into wishes for their words."""
        query = without_unknown(query, self._table.facets)

        def read(wish: Wish) -> Wish:
            if wish.facet in ("item", "text") or wish.bounds is not None:
                return wish
            if wish.facet in self._table.numbers:
                try:
                    number = float(wish.value)
                except ValueError:
                    return replace(wish, facet="text")
                return replace(wish, value="", bounds=Bounds(number, number))
            return wish if len(self._table.rows(wish.facet, wish.value)) else replace(wish, facet="text")

        return replace(query, likes=tuple(map(read, query.likes)), dislikes=tuple(map(read, query.dislikes)))

    def _ranked(self, query: Query, allowed: Mask, matching: int) -> tuple[Candidate, ...]:
        asked = _Asked(query, self._table)
        texts = [self._vector(text) for text, _ in asked.texts]
        liked = [self._vectors[row] for row, _ in asked.liked]
        traits = [rank.shared(self._table, self._item(row)) for row, _ in asked.liked]
        wide = self._wide_signals(asked)
        learned = spoken(self._learned, query, len(self._table))
        lexical = [(self._lexical.scores(text), self._lexical.reach(text), w) for text, w in asked.texts]
        if matching <= _SMALL:
            rows = np.flatnonzero(allowed)
        else:
            summed = [np.sum(list(wide.values()), axis=0)] if wide else []
            everywhere = [*(s for s, _, _ in lexical), *traits, *summed, *learned.values()]
            rows = self._pool(texts + liked, everywhere, allowed)
        signals = {name: signal[rows] for name, signal in (wide | learned).items()}
        near = np.asarray(self._vectors[rows], dtype=np.float32)
        if asked.texts:
            shares = np.array([weight for _, weight in asked.texts]) / sum(w for _, w in asked.texts)
            signals["meaning"] = _mixed([self._meaning(near, vector) for vector in texts], shares)
            signals["words"] = _mixed([rank.words(s[rows], reach) for s, reach, _ in lexical], shares)
        if asked.liked:
            each = [
                self._likeness(near, vector, shared[rows])
                for vector, shared in zip(liked, traits, strict=True)
            ]
            signals["likeness"] = rank.together(each, [weight for _, weight in asked.liked])
        something = any(signal.any() for signal in signals.values())
        avoided = self._avoided(asked, rows, near)
        if avoided is not None:
            signals["avoided"] = avoided
        dials = query.dials or self._dials
        if not something:
            return self._sampled(rows, signals, query.k, dials)
        if self._prior is not None:
            signals["prior"] = self._prior[rows]
        scores, parts = rank.fuse(signals, self._weights.leaning(query.leaning))
        best = self._ordered(scores, rows)[: max(_SHORTLIST, 3 * query.k)]
        likeness = signals.get("likeness")
        familiar = None if likeness is None else likeness[best]
        chosen = self._varied(rows[best], near[best], scores[best], query.k, dials, familiar)
        return self._candidates(rows, scores, parts, sorted(int(best[place]) for place in chosen))

    def _wide_signals(self, asked: _Asked) -> dict[str, Scores]:
        """The signals that cost little enough to have for all rows."""
        found: dict[str, Scores] = {}
        if asked.traits:
            found["traits"] = rank.traits(self._table, asked.traits)
            found["traits"] /= max(float(found["traits"].max(initial=0)), rank.FULL_TRAITS)
        if asked.numbers:
            found["numbers"] = rank.closeness(self._table, asked.numbers)
        return found

    def _pool(self, vectors: Sequence[Vectors], signals: Sequence[Scores], allowed: Mask) -> Rows:
        """The rows worth comparing: the best of each vector's neighbours and of each signal over all rows."""
        pool: set[int] = set()
        if vectors:
            everything = bool(allowed.all())
            for hits in self._index.search_many(np.stack(vectors), _POOL, None if everything else allowed):
                pool.update(row for row, _ in hits)
        for scores in signals:
            if self._prior is not None:  # of a thousand that tie, the better ones
                scores = scores + np.where(scores > 0, 1e-3 * self._prior, 0)
            pool.update(best_rows(np.where(allowed, scores, 0), _POOL).tolist())
        if len(pool) < _POOL:  # little was said: what is there besides comes from everywhere
            pool.update(self._shuffled[allowed[self._shuffled]][:_POOL].tolist())
        return np.array(sorted(pool), dtype=np.int64)

    def _meaning(self, near: Vectors, vector: Vectors) -> Scores:
        usual = self._sample @ vector
        if not len(usual):
            return np.zeros(len(near), dtype=np.float32)
        return rank.meaning(near @ vector, float(usual.mean()), float(usual.std()))

    def _likeness(self, near: Vectors, vector: Vectors, shared: Scores) -> Scores:
        """To one item: more by what both are said to be than by their texts, in which titles mislead."""
        by_traits = rank.capped(shared, rank.FULL_TRAITS)
        return np.asarray(0.6 * by_traits + 0.4 * self._meaning(near, vector), dtype=np.float32)

    def _avoided(self, asked: _Asked, rows: Rows, near: Vectors) -> Scores | None:
        """How much of what is disliked each row has, in [0, 1]; likeness counts half of having it."""
        if not asked.dislikes:
            return None
        found = np.zeros(len(rows), dtype=np.float32)
        for wish in asked.dislikes:
            if wish.facet == "item":
                row = self._table.row(wish.value)
                if row is not None:
                    shared = rank.shared(self._table, self._item(row))[rows]
                    found += wish.weight * 0.5 * self._likeness(near, self._vectors[row], shared)
            elif wish.facet == "text":
                has = self._lexical.containing(wish.value)[rows]
                means = 0.5 * self._meaning(near, self._vector(wish.value))
                found += wish.weight * np.where(has, 1, means).astype(np.float32)
            elif wish.bounds is not None:
                found += wish.weight * rank.closeness(self._table, [replace(wish, weight=1.0)])[rows]
            else:
                has = np.zeros(len(self._table), dtype=np.bool_)
                has[self._table.rows(wish.facet, wish.value)] = True
                found += wish.weight * has[rows]
        return np.minimum(found, 1)

    def _sampled(self, rows: Rows, signals: dict[str, Scores], k: int, dials: Dials) -> tuple[Candidate, ...]:
        """Where nothing speaks for anything: a few that are good, if the catalogue says, and far apart."""
        chance = rank.scatter([self._item(int(row)).id for row in rows])
        parts: dict[str, Scores] = {"variety": chance}
        if self._prior is not None:
            half = np.float32(0.5)
            parts = {"variety": half * chance, "prior": half * self._prior[rows]}
        if "avoided" in signals:
            parts["avoided"] = -signals["avoided"]
        scores = np.asarray(np.sum(np.stack(list(parts.values())), axis=0), dtype=np.float32)
        best = rank.order(scores, chance)[: max(2 * _SHORTLIST, 3 * k)]
        near = np.asarray(self._vectors[rows[best]], dtype=np.float32)
        apart = replace(dials, diversity=max(_APART, dials.diversity))
        chosen = self._varied(rows[best], near, scores[best], k, apart)
        return self._candidates(rows, scores, parts, [int(best[place]) for place in sorted(chosen)])

    def _varied(
        self,
        rows: Rows,
        near: Vectors,
        scores: Scores,
        k: int,
        dials: Dials,
        familiar: Scores | None = None,
    ) -> list[int]:
        items = [self._item(int(row)) for row in rows]
        known = None if self._popularity is None else self._popularity[rows]
        alike = rank.alikeness(items, near, self._usual, self._table)
        return choose(scores, alike, k, dials, known, familiar)

    def _candidates(
        self, rows: Rows, scores: Scores, parts: dict[str, Scores], places: Sequence[int]
    ) -> tuple[Candidate, ...]:
        ranked = [places[at] for at in self._ordered(scores[list(places)], rows[list(places)])]
        return tuple(
            Candidate(
                self._item(int(rows[place])),
                float(scores[place]),
                {name: round(float(part[place]), 4) for name, part in parts.items() if part[place]},
            )
            for place in ranked
        )

    def _ordered(self, scores: Scores, rows: Rows) -> Rows:
        return rank.order(scores, rank.scatter([self._item(int(row)).id for row in rows]))

    def _item(self, row: int) -> Item:
        return self.catalogue.items[row]

    def _vector(self, text: str) -> Vectors:
        return self._texts.get(text, lambda: self._embedder.embed([text])[0])


class _Asked:
    """A query's wishes by the way they are answered."""

    def __init__(self, query: Query, table: FacetTable) -> None:
        said = query.text.casefold()
        texts = {query.text.strip(): 1.0} if query.text.strip() else {}
        for wish in query.likes:
            if wish.facet == "text" and wish.value.strip() and wish.value.casefold() not in said:
                texts.setdefault(wish.value.strip(), wish.weight)
        self.texts = tuple(texts.items())
        rows = {
            wish.value: (table.row(wish.value), wish.weight) for wish in query.likes if wish.facet == "item"
        }
        liked = [(row, weight) for row, weight in rows.values() if row is not None]
        self.liked = tuple(sorted(liked, key=lambda pair: (-pair[1], pair[0]))[:_MOST_ITEMS])
        about = [wish for wish in query.likes if wish.facet not in ("item", "text")]
        self.traits = tuple(wish for wish in about if wish.bounds is None)
        self.numbers = tuple(wish for wish in about if wish.bounds is not None)
        self.dislikes = query.dislikes


class _Recent(Generic[Value]):
    """The values of the last so many keys, made when they are missing. Safe across threads."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._lock = threading.Lock()
        self._values: OrderedDict[str, Value] = OrderedDict()

    def get(self, key: str, make: Callable[[], Value]) -> Value:
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()  # outside the lock: two threads may make the same, none waits for another's
        with self._lock:
            self._values[key] = value
            while len(self._values) > self._size:
                self._values.popitem(last=False)
        return value


def _mixed(each: Sequence[Scores], shares: npt.NDArray[np.float64]) -> Scores:
    return np.asarray(np.tensordot(shares, np.stack(each), axes=1), dtype=np.float32)
