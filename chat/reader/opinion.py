"""What a person's remarks about an item add up to: liked or not, known already or not. Learned."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import Any

import numpy as np
import numpy.typing as npt

from chat.errors import ModelError
from chat.reader.remarks import ITEM, LONGEST, OTHER, Remark
from chat.reader.scope import NOTS
from chat.reader.valence import valences

Floats = npt.NDArray[np.float32]
Vectors = npt.NDArray[np.float32]

_GRAMS = 4
_NOTHING = -9.0  # in place of a score that there is none of; real ones lie well above
#: What is learned of a clause by itself, each a yes or no.
TRAITS = ("disliked", "unsaid", "seen")


@dataclass(frozen=True, slots=True)
class Opinion:
    """Probabilities: `disliked` + `liked` + `unsaid` are 1, and so are `seen` + `unseen` + `unsaid_seen`."""

    disliked: float
    liked: float
    unsaid: float
    seen: float
    unseen: float
    unsaid_seen: float

    @property
    def dislike(self) -> float:
        """How likely it is that the item is not liked, given that it is one or the other."""
        both = self.disliked + self.liked
        return self.disliked / both if both else 0.0


def grams(remark: Remark) -> Iterator[str]:
    """The features of one clause: runs of words, where they stand to the item, the kind of clause."""
    words = remark.words[:LONGEST]
    kind = {"named": "n", "listed": "n", "after": "a", "answer": "p", "later": "q", "passed": "o"}[remark.how]
    if remark.how == "passed":  # what is said of others tells little
        yield f"kind {kind}"
        yield from (f"{kind}:{word}" for word in words)
        return
    kind += "+" if kind in "pq" and remark.fresh else ""
    for size in range(1, _GRAMS + 1):
        for start in range(len(words) - size + 1):
            run = "_".join(words[start : start + size])
            yield f"*{run}"
            if size <= 2:
                yield f"{kind}:{run}"
    yield f"{kind}^{'_'.join(words[:3])}"
    yield f"kind {kind}"
    yield f"clause {kind}{min(remark.clause, 2)}"
    yield f"shared {kind}{min(remark.shared, 3)}"
    yield f"rules {remark.verdict}"
    yield f"rules {kind}{remark.verdict}"
    felt = valued(words)
    yield f"sum {round(max(-4.0, min(4.0, sum(felt))))}"
    yield f"least {round(min(felt, default=0.0))}"
    yield f"most {round(max(felt, default=0.0))}"
    if ITEM in words:
        place = words.index(ITEM)
        others = [at for at, word in enumerate(words) if word == OTHER]
        low = max((at for at in others if at < place), default=-1)
        high = min((at for at in others if at > place), default=len(words))
        for at, word in enumerate(words):
            if at != place:
                yield f"{'l' if at < place else 'r'}:{word}"
            if low < at < high:
                yield f"s:{word}"


def valued(words: Sequence[str]) -> list[float]:
    """The valence of each word on VADER's scale, turned and weakened behind a negation as VADER does it
    (Hutto and Gilbert, ICWSM 2014)."""
    table = valences()
    out = []
    left = 0
    for word in words:
        if word in NOTS or word in ("without", "nor", "neither"):
            left = 4
            out.append(0.0)
            continue
        value = table.get(word, 0.0)
        out.append(-0.74 * value if left > 0 else value)
        left = 0 if word in (".", ",", "!", "?") else left - 1
    return out


def counted(remark: Remark) -> dict[int, int]:
    """How often each feature of the clause occurs, by the CRC-32 of its name: the same on every machine."""
    counts: dict[int, int] = {}
    for gram in grams(remark):
        key = zlib.crc32(gram.encode())
        counts[key] = counts.get(key, 0) + 1
    return counts


def sentence(remark: Remark) -> str:
    """The clause as text for an embedder, with words of any catalogue for what was masked."""
    plain = {ITEM: "this one", OTHER: "another one"}
    return " ".join(plain.get(word, word) for word in remark.words)


def vectors_of(remarks: Sequence[Remark], embed: Callable[[Sequence[str]], Vectors]) -> Vectors:
    """The sentence vectors of remarks, in one call: (remarks, dimension); of clauses about others, zeros."""
    own = [at for at, one in enumerate(remarks) if one.how != "passed"]
    found = embed([sentence(remarks[at]) for at in own] or [""])
    out = np.zeros((len(remarks), found.shape[1]), dtype=np.float32)
    out[own] = found[: len(own)]
    return out


#: What `summary` gives for each score of a clause, and then once for the whole.
_OF_SCORES = ("most", "last", "first", "mean", "least", "named", "named last", "answer", "second")
_OF_ALL = (
    "remarks", "named", "after", "answers", "later", "listed", "shared", "fresh", "named first",
    "sum named", "sum after", "sum answers", "sum later", "least", "most", "rules dislike", "rules like",
    "rules seen", "rules last", "passed", "sum passed",
)  # fmt: skip


def summary(remarks: Sequence[Remark], scores: Floats) -> Floats:
    """What the forest sees of all remarks on one item: `scores` (remarks, kinds of score), put together in
    `len(_OF_SCORES)` ways each, and counts and valences of the remarks themselves."""
    rows: list[float] = []
    passed = [one for one in remarks if one.how == "passed"]
    keep = [at for at, one in enumerate(remarks) if one.how != "passed"]
    remarks, scores = [remarks[at] for at in keep], scores[keep]
    named = [at for at, one in enumerate(remarks) if one.how in ("named", "listed")]
    answers = [at for at, one in enumerate(remarks) if one.how == "answer"]
    for column in scores.T:
        if not len(column):
            rows += [_NOTHING] * len(_OF_SCORES)
            continue
        rows += [column.max(), column[-1], column[0], column.mean(), column.min()]
        rows += [column[named].max(), column[named[-1]]] if named else [_NOTHING, _NOTHING]
        rows += [column[answers[0]] if answers else _NOTHING]
        rows += [np.sort(column)[-2] if len(column) > 1 else _NOTHING]
    count = {
        how: sum(one.how == how for one in remarks) for how in ("named", "after", "answer", "later", "listed")
    }
    total = dict.fromkeys(("named", "after", "answer", "later"), 0.0)
    least = most = 0.0
    for one in remarks:
        felt = valued(one.words)
        total["named" if one.how == "listed" else one.how] += sum(felt)
        least, most = min(least, *felt, 0.0), max(most, *felt, 0.0)
    verdicts = [one.verdict for one in remarks]
    told = [verdict for verdict in verdicts if verdict in ("dislike", "like", "allow", "want")]
    rows += [len(remarks), count["named"], count["after"], count["answer"], count["later"], count["listed"]]
    rows += [min((one.shared for one in remarks), default=0), any(one.fresh for one in remarks)]
    rows += [bool(remarks) and remarks[0].how in ("named", "listed") and not remarks[0].fresh]
    rows += [total["named"], total["after"], total["answer"], total["later"], least, most]
    rows += [verdicts.count("dislike"), verdicts.count("like"), verdicts.count("seen")]
    rows += [{"dislike": -1.0}.get(told[-1], 1.0) if told else 0.0]
    rows += [len(passed), sum(sum(valued(one.words)) for one in passed)]
    return np.array(rows, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Forest:
    """Boosted trees for three classes, as arrays: node `i` of all trees asks whether the value at
    `feature[i]` is at most `threshold[i]` and goes on to `yes[i]` or `no[i]`; a number below zero is a leaf,
    `~leaf`. `roots` are the trees' first nodes, each third one for the same class."""

    feature: npt.NDArray[np.int16]
    threshold: npt.NDArray[np.float64]
    yes: npt.NDArray[np.int32]
    no: npt.NDArray[np.int32]
    leaf: npt.NDArray[np.float32]
    roots: npt.NDArray[np.int32]

    def shares(self, row: Floats) -> npt.NDArray[np.float64]:
        """The probability of each class for one row of features."""
        at = self.roots.copy()
        while (inner := at >= 0).any():
            node = at[inner]
            at[inner] = np.where(
                row[self.feature[node]] <= self.threshold[node], self.yes[node], self.no[node]
            )
        sums = self.leaf[~at].astype(np.float64).reshape(-1, 3).sum(axis=0)
        powers = np.exp(sums - sums.max())
        return np.asarray(powers / powers.sum())


@dataclass(frozen=True, slots=True)
class Clauses:
    """What single clauses tell: logistic regressions on TF-IDF of `grams`, for each of `TRAITS` one.

    `keys` (n,) are the sorted CRC-32 of the features known, `idf` (n,) their rarity, `matrix` (n, traits) and
    `bias` (traits,) the weights; `vector` (dimension, traits) those of a sentence vector, or empty.
    """

    keys: npt.NDArray[np.uint32]
    idf: Floats
    matrix: Floats
    bias: Floats
    vector: Floats

    def scores(self, remarks: Sequence[Remark], vectors: Vectors | None) -> Floats:
        """The log-odds of each trait for each remark: (remarks, traits)."""
        out = np.zeros((len(remarks), len(TRAITS)), dtype=np.float32)
        for row, remark in enumerate(remarks):
            places, values = weighed(remark, self.keys, self.idf)
            out[row] = values @ self.matrix[places] + self.bias
        if vectors is not None:
            out += vectors @ self.vector
        return out


def weighed(
    remark: Remark, keys: npt.NDArray[np.uint32], idf: Floats
) -> tuple[npt.NDArray[np.int64], Floats]:
    """The clause as places in `keys` and TF-IDF values of length 1 (counts by 1 + their logarithm)."""
    counts = counted(remark)
    asked = np.array(sorted(counts), dtype=np.uint32)
    places = np.minimum(np.searchsorted(keys, asked), len(keys) - 1)
    known = keys[places] == asked
    places = places[known]
    values = (1 + np.log([counts[int(key)] for key in asked[known]])) * idf[places]
    length = float(np.linalg.norm(values))
    return places, np.asarray(values / length if length else values, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class OpinionModel:
    """The learned sense of what remarks tell of somebody's taste. Only reads: safe across threads.

    It learned from people who talk about films in English, and hardly ever of one they do not like:
    `threshold` is the value of `Opinion.dislike` from which "not liked" is the better guess for macro-F1 on
    its training data. That an item is liked is its guess wherever nothing speaks against it, so take a like
    from what was said in so many words.
    """

    embedder: str
    threshold: float
    unsaid: tuple[float, float]
    clauses: Mapping[bool, Clauses]
    liking: Mapping[bool, Forest]
    knowing: Mapping[bool, Forest]

    @classmethod
    def load(cls) -> OpinionModel:
        """The fitted model that ships with this package (read once a process).

        Raises `ModelError` where the weights are missing or don't fit this code.
        """
        return _shipped()

    def judge(self, remarks: Sequence[Remark], vectors: Vectors | None = None) -> Opinion:
        """What all remarks on one item add up to. `vectors` (remarks, dimension) are their `sentence`s by
        `self.embedder`; without them a second set of weights judges by the words alone, a little worse."""
        which = vectors is not None
        row = summary(remarks, self.clauses[which].scores(remarks, vectors))
        disliked, liked, unsaid = map(float, self.liking[which].shares(row))
        unseen, seen, unknown = map(float, self.knowing[which].shares(row))
        return Opinion(disliked, liked, unsaid, seen, unseen, unknown)


def model_of(arrays: Mapping[str, Any], card: Mapping[str, Any]) -> OpinionModel:
    """The model that the arrays of `weights.npz` and its card make up."""
    clauses: dict[bool, Clauses] = {}
    liking: dict[bool, Forest] = {}
    knowing: dict[bool, Forest] = {}
    keys, idf = arrays["keys"], arrays["idf"].astype(np.float32)
    for name, which in (("with_vector", True), ("alone", False)):
        matrix = arrays[f"{name}_matrix"].astype(np.float32)
        if matrix.shape != (len(keys), len(TRAITS)):
            raise ValueError(f"{name}_matrix of shape {matrix.shape}, expected {(len(keys), len(TRAITS))}")
        vector = arrays["vector"].astype(np.float32) if which else np.zeros((0, len(TRAITS)), np.float32)
        clauses[which] = Clauses(keys, idf, matrix, arrays[f"{name}_bias"].astype(np.float32), vector)
        for kind, forests in (("liking", liking), ("knowing", knowing)):
            parts = ("feature", "threshold", "yes", "no", "leaf", "roots")
            forests[which] = Forest(*(arrays[f"{name}_{kind}_{part}"] for part in parts))
    weights = card["unsaid_weights"]
    return OpinionModel(
        str(card["embedder"]),
        float(card["threshold"]),
        (float(weights["disliked"]), float(weights["unsaid"])),
        clauses,
        liking,
        knowing,
    )


@lru_cache(maxsize=1)
def _shipped() -> OpinionModel:
    folder = resources.files("chat.reader") / "opinions"
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        if card["features"] != len(_OF_SCORES) * len(TRAITS) + len(_OF_ALL):
            raise ValueError(f"{card['features']} features, expected those of this code")
        with (folder / "weights.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return model_of({name: arrays[name] for name in arrays.files}, card)
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(
            f"The opinion model in chat/reader/opinions cannot be read: {error!r}. Expected weights.npz and "
            "card.json as `python -m chat.reader.fit_opinions` writes them; fit them anew or restore them."
        ) from error
