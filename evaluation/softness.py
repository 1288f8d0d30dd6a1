"""“More violent than Heat”: do our signals order films as people did?

People put films below, about as, or above a reference film on a soft attribute (Balog, Radlinski and
Karatzoglou, "On Interpretation and Measurement of Soft Attributes for Recommendation", SIGIR 2021). Every two
films of one person's answer that stand in different groups are a pair, and a signal is right where it puts
them in that order; a tie is half right.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from evaluation.errors import BadData
from evaluation.human.dialogues import find, read_rows
from evaluation.intervals import Array
from retrieval.catalogue import Catalogue, embedding_text
from retrieval.embed import Embedder
from retrieval.lexical import LexicalIndex
from retrieval.support import sentences

_GROUPS = ("less_than", "about_as", "more_than")


@dataclass(frozen=True, slots=True)
class Sets:
    """One person's answer: the attribute, and film ids from less of it to more."""

    rater: str
    attribute: str
    groups: tuple[tuple[str, ...], ...]

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """(less, more) of every two films in different groups."""
        return [
            (low, high)
            for place, lower in enumerate(self.groups)
            for upper in self.groups[place + 1 :]
            for low in lower
            for high in upper
        ]


def read_sets(folder: Path, films: Catalogue) -> list[Sets]:
    """The answers of a folder (`sets.jsonl`, `titles.csv`), their films by our ids; films that the catalogue
    lacks are left out. The reference stands with those "about as"."""
    path = find(folder, "titles.csv")
    packed = path.suffix == ".gz"
    with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as rows:
        ids = {row["title"]: row["redial_id"] for row in csv.DictReader(rows) if row.get("redial_id")}
    ids = {title: name for title, name in ids.items() if films.get(name) is not None}
    if not ids:
        raise BadData(f"{path}: none of its films is in the item list, expected “redial_id” to name them.")
    out = []
    for _, row in read_rows(find(folder, "sets.jsonl")):
        groups = {name: list(row.get(name) or ()) for name in _GROUPS}
        groups["about_as"].append(str(row.get("reference")))
        known = tuple(tuple(ids[title] for title in groups[name] if title in ids) for name in _GROUPS)
        out.append(Sets(str(row["rater_id"]), str(row["soft_attribute"]), known))
    return out


Signal = Callable[[str], Array]
"""An attribute → a score for each film (films,)."""


def signals(films: Catalogue, ids: Sequence[str], embedder: Embedder) -> Mapping[str, Signal]:
    """What could tell how much of an attribute a film has, each fitted on nothing.

    "meaning": cosine of the attribute and the film's text. "best sentence": of the best-fitting sentence of
    its description. "words": BM25. "meaning against its opposite": that cosine less the one with "not …".
    "the mix": the z-scores of meaning, best sentence and words, added. "popularity": how many know the film
    stands for no attribute.
    """
    items = [item for item in map(films.get, ids) if item is not None]
    whole = embedder.embed([embedding_text(item, films.facets) for item in items])
    said = [sentences(item.text) or (item.title,) for item in items]
    flat = embedder.embed([one for parts in said for one in parts])
    starts = np.cumsum([0, *(len(parts) for parts in said)])[:-1]
    words = LexicalIndex.build(items, films.facets)

    def embedded(text: str) -> Array:
        return np.asarray(embedder.embed([text])[0])

    def meaning(attribute: str) -> Array:
        return np.asarray(whole @ embedded(f"{attribute} film"))

    def sentence(attribute: str) -> Array:
        return np.asarray(np.maximum.reduceat(flat @ embedded(attribute), starts))

    def opposed(attribute: str) -> Array:
        return meaning(attribute) - np.asarray(whole @ embedded(f"not {attribute} film"))

    def lexical(attribute: str) -> Array:
        return np.asarray(words.scores(attribute), dtype=np.float64)

    def mix(attribute: str) -> Array:
        return sum((_standard(one(attribute)) for one in (meaning, sentence, lexical)), np.zeros(len(items)))

    return {
        "meaning": meaning,
        "best sentence": sentence,
        "words (BM25)": lexical,
        "meaning against its opposite": opposed,
        "the mix": mix,
    }


def _standard(values: Array) -> Array:
    spread = float(values.std())
    return np.asarray((values - values.mean()) / spread if spread else values * 0.0)


def right(
    answers: Sequence[Sets], scores: Mapping[str, Array], place: Mapping[str, int]
) -> tuple[Array, list[str]]:
    """For every pair 1 where it is ordered as the person did, 0.5 for a tie, 0 otherwise; and its rater.

    `scores` has each attribute's scores by film, `place` the film's row.
    """
    values: list[float] = []
    raters: list[str] = []
    for answer in answers:
        given = scores[answer.attribute]
        for low, high in answer.pairs:
            gap = float(given[place[high]] - given[place[low]])
            values.append(1.0 if gap > 0 else 0.5 if gap == 0 else 0.0)
            raters.append(answer.rater)
    return np.array(values), raters
