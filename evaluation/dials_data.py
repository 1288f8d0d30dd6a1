"""What the dials are measured on: dialogues or ratings, both as lists to make for people with a history.

A dialogue is a person whose history is what was named in it so far; so one set of algorithms serves both.
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from evaluation.errors import BadData
from evaluation.splits import leave_last, relevant
from retrieval.collaborative.ease import Ease, EaseSettings
from retrieval.collaborative.neighbours import ItemNeighbours
from retrieval.collaborative.protocol import Array, History, Interactions, Rows, scores_many
from retrieval.collaborative.ratings_file import read_ratings
from retrieval.items import Item

#: Of `ReDial`'s labels: 1 is liked, 0 is not, 2 was not said.
_FELT = {1: 1.0, 0: -1.0}
_WIDTH = 96  # of the vectors that tell how alike two items are


@dataclass(frozen=True)
class Case:
    """One list to make: for whom (`group`), what they named or took so far, oldest first, and what they went
    on to take (`relevant`, rows). What is in the history is no candidate. `felt` is what is known to have
    come of each of `relevant`, from -1 to 1, in the same order; `judged` the same of everything that the
    person went on to judge, by row."""

    group: str
    history: History
    relevant: Rows
    felt: tuple[float, ...] = ()
    judged: Mapping[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Ground:
    """Everything that lists are made from and measured by.

    `train` is all that anything may be fitted on; `traits` (n, t) are unit rows of categories alone, which no
    dial looks at, so that they can check what the dials claim.
    """

    name: str
    train: Interactions
    items: tuple[Item, ...]
    traits: Array
    cases: tuple[Case, ...]
    facts: Mapping[str, Any]

    @cached_property
    def counts(self) -> Rows:
        """People (or dialogues) in the training part who took each item, of shape (n,)."""
        return self.train.counts

    @cached_property
    def vectors(self) -> Array:
        """Unit vectors of shape (n, 96) from what the catalogue says: words and facets, reduced (latent
        semantic analysis, Deerwester et al. 1990); zeros for an item that it says nothing of."""
        from sklearn.decomposition import TruncatedSVD
        from sklearn.feature_extraction.text import TfidfVectorizer

        texts = [_text(item) for item in self.items]
        matrix = TfidfVectorizer(sublinear_tf=True, max_df=0.3, stop_words="english").fit_transform(texts)
        width = min(_WIDTH, min(matrix.shape) - 1)
        if width < 2:
            return unit(np.asarray(matrix.todense(), dtype=np.float32))
        found = TruncatedSVD(width, random_state=0).fit_transform(matrix)
        return unit(found)

    @cached_property
    def popularity(self) -> Array:
        """The percentile of each item's count, of shape (n,), in [0, 1]; ties share it."""
        ordered = np.sort(self.counts)
        low = np.searchsorted(ordered, self.counts, "left")
        high = np.searchsorted(ordered, self.counts, "right")
        return np.asarray((low + high) / (2 * max(len(ordered), 1)), dtype=np.float32)


class Signals:
    """The base ranking: popularity, item neighbours, EASE and likeness, fitted on the training part alone.

    `of` gives each as standard scores over all items, shape (n,); `score` their weighted sum.
    """

    WEIGHTS: Mapping[str, float] = {"popularity": 0.4, "neighbours": 0.6, "EASE": 1.0, "likeness": 0.2}

    def __init__(self, ground: Ground, regularisation: float) -> None:
        self._popularity = standard(np.log1p(ground.counts).astype(np.float32))
        self._neighbours = ItemNeighbours().fit(ground.train)
        self._ease = Ease(EaseSettings(regularisation)).fit(ground.train)
        self._vectors = ground.vectors

    def of(self, histories: Sequence[History]) -> dict[str, Array]:
        """What each signal says, of shape (histories, n); without a history popularity alone speaks."""
        somebody = np.array([[len(history) > 0] for history in histories])
        profiles = np.stack(
            [self._vectors[history.rows].sum(axis=0) / max(len(history), 1) for history in histories]
        )
        learnt = {
            "neighbours": scores_many(self._neighbours, histories),
            "EASE": scores_many(self._ease, histories),
            "likeness": profiles @ self._vectors.T,
        }
        found = {"popularity": np.tile(self._popularity, (len(histories), 1))}
        return found | {name: standard(scores) * somebody for name, scores in learnt.items()}

    def score(self, histories: Sequence[History]) -> Array:
        """The base ranking's scores, of shape (histories, n)."""
        found = self.of(histories)
        return np.asarray(sum(self.WEIGHTS[name] * part for name, part in found.items()), dtype=np.float32)


def standard(scores: Array) -> Array:
    """Standard scores of each row: mean 0, deviation 1."""
    mean, deviation = scores.mean(axis=-1, keepdims=True), scores.std(axis=-1, keepdims=True)
    return np.asarray((scores - mean) / np.maximum(deviation, 1e-9), dtype=np.float32)


def unit(rows: Array) -> Array:
    """Rows of length 1; zeros stay zeros."""
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(lengths > 0, lengths, 1), dtype=np.float32)


def from_dialogues(folder: Path, split: str) -> Ground:
    """Dialogues in ReDial's format: `items`, `train` and `split` as .jsonl or .jsonl.gz, `*_rec_turns` too.

    Raises `BadData` where a file is missing or a line of it is not what the format says.
    """
    described = [_item(row) for row in _rows(folder, "items")]
    place = {item.id: row for row, item in enumerate(described)}
    people, items = [], []
    for number, dialogue in enumerate(_rows(folder, "train")):
        named = _named(dialogue["turns"], place)
        people += [number] * len(named)
        items += named
    train = Interactions.of(people, items, n_users=max(people, default=-1) + 1, n_items=len(described))
    dialogues = {row["dialogue_id"]: row for row in _rows(folder, split)}
    cases = []
    for turn in _rows(folder, f"{split}_rec_turns"):
        dialogue = dialogues[turn["dialogue_id"]]
        new = [one for one in turn["new_items"] if one in place]
        labels = dialogue.get("labels", {})
        felt = tuple(_FELT.get(labels.get(one, {}).get("liked"), 0.0) for one in new)
        history = History.of(_named(dialogue["turns"][: turn["turn_index"]], place))
        if new:
            rows = np.array([place[one] for one in new], dtype=np.int64)
            cases.append(Case(turn["dialogue_id"], history, rows, felt))
    facts = {"data": f"{folder}, split {split}", "lists": len(cases), "fitted on": f"{folder}, train"}
    return Ground("dialogues", train, tuple(described), traits_of(described), tuple(cases), facts)


def from_ratings(path: Path, items: Path | None, least: float) -> Ground:
    """A table of ratings: each person's newest fifth is to be found, of it what was rated `least` or more."""
    table = read_ratings(path, items)
    split = leave_last(table.interactions)
    cases = []
    for person in split.people:
        good = relevant(person.held, least)
        if len(good):
            felt = dict(zip(person.held.rows.tolist(), map(_feeling, person.held.ratings), strict=True))
            cases.append(Case(str(person.user), person.history, good, tuple(felt[row] for row in good), felt))
    described = table.side.items if table.side else tuple(Item(name, name) for name in table.items)
    facts = {
        "data": f"{path}, the newest fifth of each person's ratings",
        "relevant": f"rated {least:g} or more",
        "lists": len(cases),
        "fitted on": f"{path}, the rest",
    }
    return Ground("ratings", split.train, described, traits_of(described), tuple(cases), facts)


def traits_of(items: Sequence[Item]) -> Array:
    """Unit rows (n, values) of the facet that says most with fewest values: genres, kinds, subjects."""
    facets = {name for item in items for name, value in item.facts.items() if isinstance(value, tuple)}
    best: tuple[float, str] = (0.0, "")
    for name in sorted(facets):
        values = {value for item in items for value in item.values(name)}
        best = max(best, (sum(name in item.facts for item in items) / (len(values) or 1), name))
    known = sorted({str(value) for item in items for value in item.values(best[1])}) if best[1] else []
    place = {value: column for column, value in enumerate(known)}
    found = np.zeros((len(items), max(len(known), 1)), dtype=np.float32)
    for row, item in enumerate(items):
        for value in item.values(best[1]) if best[1] else ():
            found[row, place[str(value)]] = 1
    return unit(found)


def _feeling(rating: float) -> float:
    """What a rating from 0.5 to 5 says: liked from 4 on, disliked up to 2.5."""
    return 1.0 if rating >= 4 else -1.0 if rating <= 2.5 else 0.0


def _item(row: Mapping[str, Any]) -> Item:
    facts = {name: tuple(row[name]) for name in ("genres", "directors", "stars", "cast") if row.get(name)}
    if row.get("year"):
        facts["year"] = row["year"]
    return Item(str(row["item_id"]), row.get("title") or "", facts, row.get("description") or "")


def _text(item: Item) -> str:
    """All that the catalogue says of an item in words; values of several words stay together."""
    values = [str(value) for name in item.facts for value in item.values(name)]
    together = [re.sub(r"\W+", "_", value.casefold()) for value in values]
    return " ".join([item.title, *values, *together, item.text])


def _named(turns: Sequence[Mapping[str, Any]], place: Mapping[str, int]) -> list[int]:
    return list(dict.fromkeys(place[one] for turn in turns for one in turn["items"] if one in place))


def _rows(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    path = next((p for p in (folder / f"{name}.jsonl.gz", folder / f"{name}.jsonl") if p.is_file()), None)
    if path is None:
        raise BadData(
            f"There is no {name}.jsonl or {name}.jsonl.gz in {folder}. Expected dialogues in ReDial's "
            "format: items, train, valid and valid_rec_turns."
        )
    needed = "item_id" if name == "items" else "dialogue_id"
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open() as lines:
        for number, line in enumerate(lines, start=1):
            try:
                row = json.loads(line)
                row[needed]
            except (ValueError, KeyError, TypeError):
                raise BadData(f"{path.name}, line {number}: expected an object with “{needed}”.") from None
            yield row
