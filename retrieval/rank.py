"""Signals → one order: fusion, likeness and variety. Pure: arrays in, arrays out.

Fusion is a weighted sum of signals, each brought to [0, 1] by what it would say of a good match, and not
reciprocal ranks: ranks throw away how much better the first is than the second, and most signals here tie by
the hundred ("has the genre"). A convex combination beats reciprocal ranks where the scales are fixed with
care (Bruch, Gai & Ingber 2023, "An Analysis of Fusion Functions for Hybrid Retrieval", arXiv 2210.11934).
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from retrieval.filters import FacetTable
from retrieval.items import Bounds, Facet, Item, Wish

Array = npt.NDArray[np.float32]
RowArray = npt.NDArray[np.int64]

#: How many standard deviations above the catalogue's usual similarity count as a full match: of a thousand
#: normal draws the best lies at 3.2, of a hundred thousand at 4.3.
FULL_MATCH = 4.0
#: Of the question's words (by idf), the share that a row must have for BM25 to speak with full voice.
FULL_WORDS = 0.5
#: Of the traits wished for (by idf), the share that counts as all that can be hoped for.
FULL_TRAITS = 0.35
#: The signals whose weights may lean by what people like; what somebody dislikes is not to be learnt away.
LEANING = ("meaning", "words", "traits", "likeness", "numbers", "prior")
#: The weight of a learned signal that no weight is set for: half of what was said outright.
LEARNED = 0.3


@dataclass(frozen=True, slots=True)
class Weights:
    """How loud each signal speaks, in parts of their sum; those without anything to say are left out.

    Set by reasoning and by reading the lists of some forty questions to the bundled films, not by training.

    - `meaning` (embedding) and `words` (BM25) share what one text says, equally: meaning finds paraphrase but
      follows title words ("Total Recall" for memory), words find names and rare themes.
    - `traits`, the facet values wished for, are the surest reading of what was said: as loud as the text.
    - `likeness` to liked items is as loud as traits: "like Heat but funnier" should keep both halves.
    - `numbers` nudge only: a wish for "about 90 minutes" must not outvote the subject.
    - `prior`, the quality that the catalogue itself states, settles what is otherwise close.
    - `avoided` is taken off: a disliked trait costs as much as the text or the traits can bring.
    - `learned` signals (`retrieval/signals.py`) by name; one that isn't named counts `LEARNED`.
    """

    meaning: float = 0.3
    words: float = 0.3
    traits: float = 0.6
    likeness: float = 0.6
    numbers: float = 0.25
    prior: float = 0.06
    avoided: float = 0.6
    learned: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))

    def of(self, signal: str) -> float:
        """The weight of a signal by its name."""
        if signal != "learned" and signal in self.__dataclass_fields__:
            return float(getattr(self, signal))
        return float(self.learned.get(signal, LEARNED))

    def leaning(self, factors: Mapping[str, float]) -> Weights:
        """The weights multiplied by factors of their names; what isn't named stays, `avoided` always."""
        own = {name: self.of(name) * factor for name, factor in factors.items() if name in LEANING}
        others = {
            name: self.of(name) * factor
            for name, factor in factors.items()
            if name not in self.__dataclass_fields__
        }
        return replace(self, **own, learned=MappingProxyType({**self.learned, **others}))


def meaning(cosines: Array, usual: float, deviation: float) -> Array:
    """Cosines as [0, 1]: 0 for what is usual in this catalogue, near 1 for the best few, or for a full match
    where even those are less: a question that nothing fits gets no loud answer."""
    return capped(np.maximum((cosines - usual) / max(deviation, 1e-6), 0), FULL_MATCH)


def capped(signal: Array, full: float) -> Array:
    """A signal as [0, 1) in the same order: 0.9 for the third best, or for `full` where that is more.

    Not for the best: one sequel of a liked film would press all others together at the bottom.
    """
    third = float(np.partition(signal, -3)[-3]) if len(signal) > 2 else float(signal.max(initial=0))
    scaled = signal / max(third, full)
    above = np.maximum(scaled, 1)
    return np.asarray(np.where(scaled > 1, 1 - 0.1 / above, 0.9 * scaled), dtype=np.float32)


def words(scores: Array, reach: float) -> Array:
    """BM25 scores as [0, 1]: 1 for the best, or for half of what all words together could bring."""
    return np.asarray(scores / max(float(scores.max(initial=0)), FULL_WORDS * reach, 1e-6), dtype=np.float32)


def telling(rows: int, of: int) -> float:
    """The idf of a trait in (0, 1]: near 0 for what everything has, 1 for what one thing in all has."""
    return math.log1p((of + 0.5) / (rows + 0.5)) / math.log1p((of + 0.5) / 1.5)


def traits(table: FacetTable, wishes: Iterable[Wish]) -> Array:
    """For all rows, the share of the wished facet values that they have: by weight, more for rare ones."""
    found = np.zeros(len(table), dtype=np.float32)
    total = 0.0
    for wish in wishes:
        rows = table.rows(wish.facet, wish.value)
        worth = wish.weight * telling(len(rows), len(table))
        found[rows] += worth
        total += worth
    return found / total if total else found


def closeness(table: FacetTable, wishes: Iterable[Wish]) -> Array:
    """For all rows, how near their numbers lie to those wished for: 1 inside the bounds, falling by half the
    quartile distance outside (exponentially), 0 where the item doesn't say."""
    found = np.zeros(len(table), dtype=np.float32)
    total = 0.0
    for wish in wishes:
        column = table.numbers.get(wish.facet)
        bounds = wish.bounds
        if column is None or bounds is None:
            continue
        low = column.values if bounds.low is None else bounds.low
        high = column.values if bounds.high is None else bounds.high
        away = np.maximum(np.maximum(low - column.values, column.values - high), 0)
        found[column.rows] += (wish.weight * np.exp(-away / column.spread)).astype(np.float32)
        total += wish.weight
    return found / total if total else found


def shared(table: FacetTable, item: Item) -> Array:
    """For all rows, the share of an item's traits that they have too: categories, people, a near year.

    Traits count by idf; people for 0.6 of it, or "like this" would mean "with the same actor". Traits that
    no other item has are left out, since nothing could share them.
    """
    found = np.zeros(len(table), dtype=np.float32)
    total = 0.0
    for facet in table.facets.values():
        if facet.kind in ("category", "people"):
            for value in dict.fromkeys(str(one) for one in item.values(facet.name)):
                rows = table.rows(facet.name, value)
                if len(rows) > 1:
                    worth = telling(len(rows), len(table)) * (0.6 if facet.kind == "people" else 1.0)
                    found[rows] += worth
                    total += worth
        elif facet.role == "year":
            years = [one for one in item.values(facet.name) if isinstance(one, (int, float))]
            near = [Wish(facet.name, bounds=Bounds(year, year)) for year in years]
            if near:
                found += 0.3 * closeness(table, near)
                total += 0.3
    return found / total if total else found


def together(each: Sequence[Array], weights: Sequence[float]) -> Array:
    """Likeness to several items as one: half to all, half to the nearest: tastes have several ends."""
    matrix = np.stack(each) * (np.asarray(weights, dtype=np.float32)[:, None] / max(weights))
    mean = matrix.sum(axis=0) / (sum(weights) / max(weights))
    return np.asarray((mean + matrix.max(axis=0)) / 2, dtype=np.float32)


def prior(table: FacetTable) -> Array | None:
    """For all rows, the percentile of what the catalogue says of quality or demand; `None` if nothing.

    Reads facets of the roles rating and quantity, and number facets named for popularity.
    """
    found = _percentiles(
        table, lambda facet: facet.role in ("rating", "quantity") or bool(_DEMAND.search(facet.name))
    )
    return None if found is None else np.nan_to_num(found, nan=0.0)


def popularity(table: FacetTable) -> Array | None:
    """For all rows, the percentile of how many know or take it, NaN where the catalogue doesn't say; `None`
    where it says so of nothing. Reads facets of the role quantity, and number facets named for popularity;
    a rating says how good a thing is, not how well known."""
    return _percentiles(table, lambda facet: facet.role == "quantity" or bool(_DEMAND.search(facet.name)))


_DEMAND = re.compile(r"popular|votes|views|sales|plays")


def _percentiles(table: FacetTable, wanted: Callable[[Facet], bool]) -> Array | None:
    """For all rows, the mean percentile over the wanted number facets; those that a row lacks count as 0,
    and a row that lacks all of them is NaN."""
    columns = [
        table.numbers[facet.name]
        for facet in table.facets.values()
        if facet.name in table.numbers and len(table.numbers[facet.name].values) and wanted(facet)
    ]
    if not columns:
        return None
    found = np.zeros(len(table), dtype=np.float32)
    said = np.zeros(len(table), dtype=np.bool_)
    for column in columns:
        low = np.searchsorted(column.values, column.values, "left")
        high = np.searchsorted(column.values, column.values, "right")
        found[column.rows] += ((low + high) / (2 * len(column.values) * len(columns))).astype(np.float32)
        said[column.rows] = True
    found[~said] = np.nan
    return found


def fuse(signals: Mapping[str, Array], weights: Weights) -> tuple[Array, dict[str, Array]]:
    """The weighted sum of signals in [0, 1], and the part that each had in it: the parts add up to the score.

    The positive weights are taken as shares of those present, so a score means the same whichever spoke.
    """
    whole = sum(weights.of(name) for name in signals if name != "avoided") or 1.0
    parts: dict[str, Array] = {
        name: (-weights.avoided if name == "avoided" else weights.of(name) / whole) * signal
        for name, signal in signals.items()
    }
    score = np.asarray(np.sum(np.stack(list(parts.values())), axis=0), dtype=np.float32)
    return score, parts


def order(scores: Array, chance: Array) -> npt.NDArray[np.int64]:
    """Places by score, best first; what ties to the fourth decimal goes by `chance`, then by place.

    A catalogue's own order must not decide: it is often by age or alphabet.
    """
    return np.lexsort((chance, -np.round(scores, 4))).astype(np.int64)


def alikeness(items: Sequence[Item], vectors: Array, usual: float, table: FacetTable) -> Array:
    """How much of the same each pair is, (n, n) in [0, 1]: by meaning, by maker, by series.

    `usual` is the similarity of two items drawn by chance, which counts as 0. One maker in common (people
    of a facet that names few of them) counts 0.5; titles of one series 0.9.
    """
    alike = np.clip((vectors @ vectors.T - usual) / max(1 - usual, 1e-6), 0, 1).astype(np.float32)
    series = [_series(item.title) for item in items]
    makers = [_makers(item, table) for item in items]
    for one in range(len(items)):
        for two in range(one):
            if series[one] == series[two]:
                same = 0.9
            elif makers[one] & makers[two]:
                same = 0.5
            else:
                continue
            alike[one, two] = alike[two, one] = max(float(alike[one, two]), same)
    return np.asarray(alike, dtype=np.float32)


def _makers(item: Item, table: FacetTable) -> frozenset[tuple[str, str]]:
    """The people of the facets that name at most two here: directors and authors, not casts."""
    return frozenset(
        (facet.name, str(value).casefold())
        for facet in table.facets.values()
        if facet.kind == "people" and len(item.values(facet.name)) <= 2
        for value in item.values(facet.name)
    )


_PART = re.compile(
    r"[:(\[–—]| - |,? (?:part|chapter|vol|volume|season|episode|book)\b|\s(?:\d+|[ivx]+)$", re.I
)
_ARTICLE = re.compile(r"^(?:the|a|an)\s+", re.I)


def _series(title: str) -> str:
    """What titles of one series have in common: all before a number, a colon, "and the" or a part."""
    head = _PART.split(title.strip(), maxsplit=1)[0].strip() or title
    head = re.split(r" and the ", head, maxsplit=1, flags=re.I)[0]
    return _ARTICLE.sub("", head).casefold().strip(" ,.!?")


def scatter(ids: Sequence[str]) -> Array:
    """A number in [0, 1) for each id, the same every time: for a choice where nothing speaks for any."""
    digests = (hashlib.blake2b(name.encode(), digest_size=4).digest() for name in ids)
    return np.array([int.from_bytes(digest, "big") / 2**32 for digest in digests], dtype=np.float32)
