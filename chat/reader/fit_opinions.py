"""Fits the opinion model: `python -m chat.reader.fit_opinions REMARKS.jsonl.gz [--cache FOLDER]`.

Reads labelled remarks as `genre evaluate taste --remarks FILE` writes them from dialogues with labels (one
item of one dialogue a line), and writes `opinions/weights.npz` and `opinions/card.json`. Needs scikit-learn,
LightGBM and the default embedding model; some five minutes on two cores.

Two stages. A clause inherits the label of its item, though most clauses of somebody who does not like a film
say nothing bad: so the first stage is fitted three times, and each time only the clause that speaks most for
the label keeps its full weight (multiple-instance learning: Andrews et al., "Support Vector Machines for
Multiple-Instance Learning", NIPS 2002, with a logistic regression). The second stage, a small boosted forest
(Ke et al., "LightGBM", NIPS 2017), sees the scores of all clauses, cross-fitted by dialogue.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.model_selection import GroupKFold

from chat.reader.opinion import TRAITS, counted, sentence, summary, weighed
from chat.reader.remarks import Remark
from retrieval.embed import Embedder
from retrieval.minilm import MiniLmEmbedder

FOLDER = Path(__file__).resolve().parent / "opinions"
FOLDS = 5
#: Features seen in fewer clauses are left out: half the file for .002 of macro-F1.
RARE = 6
#: Inverse regularisation, what a clause counts that does not speak most for its label, and one about others.
STRENGTH, SILENT, PASSED = 4.0, 0.15, 0.3
TREES: dict[str, Any] = {
    "n_estimators": 150, "learning_rate": 0.05, "num_leaves": 8, "min_child_samples": 40, "subsample": 0.7,
    "subsample_freq": 1, "colsample_bytree": 0.5, "reg_lambda": 5.0, "random_state": 0, "n_jobs": 1,
    "deterministic": True, "force_row_wise": True, "verbose": -1,
}  # fmt: skip
Array = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Story:
    """All remarks on one item in one dialogue, and what the form said: 0 no, 1 yes, 2 not said."""

    dialogue: str
    liked: int
    seen: int
    remarks: tuple[Remark, ...]


@dataclass(frozen=True)
class Data:
    """The clauses of all stories: `own` is the story of each, `matrix` their features."""

    stories: Sequence[Story]
    own: Array
    passed: Array
    matrix: Any
    folds: Array
    liked: Array
    seen: Array


def read_stories(path: Path) -> list[Story]:
    """The stories of a file of JSON lines."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [
            Story(
                row["dialogue"],
                row["liked"],
                row["seen"],
                tuple(Remark(tuple(one["words"]), *one["about"]) for one in row["remarks"]),
            )
            for row in map(json.loads, lines)
        ]


def vocabulary(remarks: Sequence[Remark]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.float32]]:
    """The features that occur in `RARE` clauses or more, and their inverse document frequency."""
    counts = Counter(key for remark in remarks for key in counted(remark))
    keys = np.array(sorted(key for key, count in counts.items() if count >= RARE), dtype=np.uint32)
    found = np.array([counts[int(key)] for key in keys])
    return keys, (np.log((1 + len(remarks)) / (1 + found)) + 1).astype(np.float32)


def features(remarks: Sequence[Remark], keys: Array, idf: Array, vectors: Array | None) -> Any:
    """One row a clause: TF-IDF, then the sentence vector."""
    rows = [weighed(remark, keys, idf) for remark in remarks]
    starts = np.cumsum([0, *(len(places) for places, _ in rows)])
    places = np.concatenate([places for places, _ in rows])
    values = np.concatenate([values for _, values in rows])
    matrix = csr_matrix((values, places, starts), shape=(len(rows), len(keys)))
    return matrix if vectors is None else hstack([matrix, csr_matrix(vectors)], format="csr")


def fit_clauses(data: Data, labels: Array, use: Array, rounds: int) -> LogisticRegression:
    """One trait of clauses from the labels of their stories; `use` says which stories count."""
    rows = np.where(use[data.own])[0]
    passed = data.passed[rows]
    wanted = labels[data.own[rows]].astype(int)
    share = np.where(passed, PASSED, 1.0)
    weights = share
    for left in range(rounds, 0, -1):
        model = LogisticRegression(C=STRENGTH, max_iter=400).fit(
            data.matrix[rows], wanted, sample_weight=weights
        )
        if left > 1:
            scores = model.decision_function(data.matrix[rows]) - 9 * passed
            order = np.lexsort((scores, data.own[rows]))
            ends = np.append(np.diff(data.own[rows][order]) != 0, True)
            loudest = np.zeros(len(rows), dtype=bool)
            loudest[order[ends]] = True
            weights = np.where((wanted == 1) & ~loudest, SILENT, 1.0) * share
    return model


def traits(data: Data) -> list[tuple[Array, Array, int]]:
    """Labels, the stories that have them and the rounds of each trait, as in `TRAITS`."""
    everywhere = np.ones(len(data.stories), dtype=bool)
    return [
        (data.liked == 0, data.liked != 2, 3),
        (data.liked == 2, everywhere, 1),
        (data.seen == 1, data.seen != 2, 1),
    ]


def cross_fitted(data: Data) -> Array:
    """The log-odds of each clause by models that saw nothing of its dialogue."""
    scores = np.zeros((len(data.own), len(TRAITS)), dtype=np.float32)
    for column, (labels, use, rounds) in enumerate(traits(data)):
        for fold in range(FOLDS):
            held = data.folds[data.own] == fold
            model = fit_clauses(data, labels, use & (data.folds != fold), rounds)
            scores[held, column] = model.decision_function(data.matrix[held])
    return scores


def summaries(data: Data, scores: Array) -> Array:
    """One row a story."""
    starts = np.searchsorted(data.own, np.arange(len(data.stories) + 1))
    return np.stack(
        [summary(story.remarks, scores[starts[at] : starts[at + 1]]) for at, story in enumerate(data.stories)]
    )


def held_out(rows: Array, labels: Array, folds: Array) -> Array:
    """Probabilities of the three classes by forests that saw nothing of a story's dialogue."""
    shares = np.zeros((len(labels), 3))
    for fold in range(FOLDS):
        shares[folds == fold] = forest(rows[folds != fold], labels[folds != fold]).predict_proba(
            rows[folds == fold]
        )
    return shares


def forest(rows: Array, labels: Array) -> Any:
    from lightgbm import LGBMClassifier

    return LGBMClassifier(**TREES).fit(rows, labels)


def flat(model: Any) -> dict[str, Array]:
    """The trees of a fitted LightGBM model as the arrays of `opinion.Forest`."""
    feature: list[int] = []
    threshold: list[float] = []
    branches: tuple[list[int], list[int]] = ([], [])
    leaf: list[float] = []

    def grow(node: dict[str, Any]) -> int:
        if "split_feature" not in node:
            leaf.append(node["leaf_value"])
            return ~(len(leaf) - 1)
        at = len(feature)
        feature.append(node["split_feature"])
        threshold.append(node["threshold"])
        for branch in branches:
            branch.append(0)
        for branch, child in zip(branches, ("left_child", "right_child"), strict=True):
            branch[at] = grow(node[child])
        return at

    roots = [grow(tree["tree_structure"]) for tree in model.booster_.dump_model()["tree_info"]]
    return {
        "feature": np.array(feature, dtype=np.int16),
        "threshold": np.array(threshold, dtype=np.float64),
        "yes": np.array(branches[0], dtype=np.int32),
        "no": np.array(branches[1], dtype=np.int32),
        "leaf": np.array(leaf, dtype=np.float32),
        "roots": np.array(roots, dtype=np.int32),
    }


def best_threshold(dislike: Array, disliked: Array) -> tuple[float, float]:
    """The threshold with the highest macro-F1, and that macro-F1."""
    steps = np.unique(np.quantile(dislike, np.linspace(0.5, 1, 201)))
    scores = [f1_score(disliked, dislike >= step, average="macro") for step in steps]
    best = int(np.argmax(scores))
    return float(steps[best]), float(scores[best])


def best_unsaid(shares: Array, liked: Array) -> tuple[float, float, float]:
    """What to multiply "disliked" and "unsaid" by for the highest macro-F1 of three classes, and that."""
    found = [
        (float(f1_score(liked, (shares * [one, 1, two]).argmax(axis=1), average="macro")), one, two)
        for one in (1.0, 1.5, 2.0, 3.0, 4.0)
        for two in (1.0, 1.5, 2.0, 2.5, 3.0)
    ]
    score, one, two = max(found)
    return one, two, score


def build(stories: Sequence[Story], embedder: Embedder) -> tuple[dict[str, Array], dict[str, Any]]:
    """The arrays of the weights, and the card."""
    remarks = [remark for story in stories for remark in story.remarks]
    own = np.repeat(np.arange(len(stories)), [len(story.remarks) for story in stories])
    liked = np.array([story.liked for story in stories])
    seen = np.array([story.seen for story in stories])
    folds = np.zeros(len(stories), dtype=int)
    groups = [story.dialogue for story in stories]
    for fold, (_, held) in enumerate(GroupKFold(FOLDS).split(liked, liked, groups)):
        folds[held] = fold
    keys, idf = vocabulary(remarks)
    passed = np.array([remark.how == "passed" for remark in remarks])
    texts = sorted({sentence(remark) for remark in remarks if remark.how != "passed"})
    place = {text: row for row, text in enumerate(texts)}
    vectors = np.zeros((len(remarks), embedder.dimension), dtype=np.float32)
    table = embedder.embed(texts)
    for row in np.where(~passed)[0]:
        vectors[row] = table[place[sentence(remarks[row])]]
    arrays: dict[str, Array] = {"keys": keys, "idf": idf.astype(np.float16)}
    measured: dict[str, Any] = {}
    thresholds: dict[str, Any] = {}
    for name, given in (("with_vector", vectors), ("alone", None)):
        data = Data(stories, own, passed, features(remarks, keys, idf, given), folds, liked, seen)
        rows = summaries(data, cross_fitted(data))
        shares, knowing = held_out(rows, liked, folds), held_out(rows, seen, folds)
        told, known = liked != 2, seen != 2
        dislike = shares[:, 0] / (shares[:, 0] + shares[:, 1])
        threshold, macro = best_threshold(dislike[told], liked[told] == 0)
        one, two, three = best_unsaid(shares, liked)
        thresholds[name] = (threshold, one, two)
        measured[name] = {
            "macro_f1_liked_disliked": round(macro, 4),
            "f1_disliked": round(float(f1_score(liked[told] == 0, dislike[told] >= threshold)), 4),
            "macro_f1_with_unsaid": round(three, 4),
            "macro_f1_seen_unseen": round(
                float(f1_score(seen[known] == 1, knowing[known, 1] > knowing[known, 0], average="macro")), 4
            ),
        }
        models = [fit_clauses(data, labels, use, rounds) for labels, use, rounds in traits(data)]
        weights = np.stack([model.coef_[0] for model in models], axis=1)
        arrays[f"{name}_matrix"] = weights[: len(keys)].astype(np.float16)
        arrays[f"{name}_bias"] = np.array([model.intercept_[0] for model in models], dtype=np.float32)
        if given is not None:
            arrays["vector"] = weights[len(keys) :].astype(np.float16)
        for kind, labels in (("liking", liked), ("knowing", seen)):
            arrays |= {f"{name}_{kind}_{part}": value for part, value in flat(forest(rows, labels)).items()}
    card = {
        "what": "Clauses by logistic regression on TF-IDF and a sentence vector; a boosted forest over them.",
        "embedder": embedder.name,
        "features": int(rows.shape[1]),
        "threshold": round(thresholds["with_vector"][0], 4),
        "unsaid_weights": {"disliked": thresholds["with_vector"][1], "unsaid": thresholds["with_vector"][2]},
        "data": {
            "source": "ReDial (Li et al., NeurIPS 2018), train dialogues; CC BY 4.0. Titles were masked; the "
            "weights hold hashes and no text.",
            "sha256": hashlib.sha256(repr(stories).encode()).hexdigest(),
            "items": len(stories),
            "clauses": len(remarks),
            "disliked": int((liked == 0).sum()),
            "liked": int((liked == 1).sum()),
            "unsaid": int((liked == 2).sum()),
        },
        "cross_validation": {"folds": FOLDS, "kept_together": "all items of a dialogue", **measured},
    }
    return arrays, card


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the opinion model from labelled remarks.")
    parser.add_argument("remarks", type=Path, help="as `genre evaluate taste --remarks` writes them")
    parser.add_argument("--cache", type=Path, help="folder for the embedder's graph; a passing one otherwise")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as passing:
        arrays, card = build(read_stories(chosen.remarks), MiniLmEmbedder(chosen.cache or Path(passing)))
    FOLDER.mkdir(exist_ok=True)
    np.savez_compressed(FOLDER / "weights.npz", **arrays)  # type: ignore[arg-type]
    text = json.dumps(card, indent=2, ensure_ascii=False) + "\n"
    (FOLDER / "card.json").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
