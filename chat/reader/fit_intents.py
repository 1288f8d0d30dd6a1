"""Fits the intent model: `python -m chat.reader.fit_intents [--read NAME=FILE ...] [--unread NAME=FILE ...]`.

Reads `intents/intents.jsonl`, writes `intents/weights.npz` and `intents/card.json`. Needs scikit-learn and
the default embedding model; a minute or two on two cores. The same data give the same weights, up to the last
bits of the linear algebra. `--read` and `--unread` measure the fitted model on people's own messages, which
are never fitted on: gzipped JSONL of dialogues, one a line,
`{"turns": [{"speaker": "user"|"system", "text", "items": [...]}]}`. Give as `--read` those whose errors were
looked at while the data were written: they flatter the model.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
import re
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize_scalar
from scipy.sparse import csr_matrix, hstack
from sklearn.cluster import AgglomerativeClustering
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, log_loss
from sklearn.model_selection import StratifiedGroupKFold

from chat.reader.intent import LABELS, PLACES, Intent, IntentModel, Label, Weights, hashed
from retrieval.embed import Embedder
from retrieval.minilm import MiniLmEmbedder

FOLDER = Path(__file__).resolve().parent / "intents"
SEED = 7
FOLDS = 5

#: Texts nearer than this (cosine distance, average linkage) count as paraphrases and stay in one fold.
PARAPHRASE = 0.45
#: Strength of the vector beside the letters, and inverse regularisation, chosen by grouped cross-validation.
SCALE = 1.0
STRENGTH = {"with_vector": 3.0, "alone": 3.0}
#: What a misspelt or reframed copy counts beside its original.
COPY_WEIGHT = 0.5

#: A message that speaks of items or of a preference, in the words that people use for that.
PREFERENCE = re.compile(
    r"\b(like|love|loved|liked|enjoy\w*|prefer\w*|favou?rite|hate\w*|want|need|looking for|interested in|"
    r"into|recommend\w*|suggest\w*|fan of|mood for|seen|watch\w*|read|listen\w*|find|search\w*|movies?|"
    r"films?|books?|songs?|music|playlist|artists?|restaurants?|hotels?|events?|cars?|genre|comed\w+|horror|action|drama|"
    r"thrillers?|romance)\b",
    re.IGNORECASE,
)
REJECTING: tuple[Label, ...] = ("offtopic", "attack", "abuse")
#: A probability at which a caller may turn a message away more safely; the card gives both measures.
SURE = 0.6

Matrix = Any  # scipy's sparse arrays; their stubs don't say which of them hstack returns


@dataclass(frozen=True, slots=True)
class Data:
    """Texts with their labels (places in `LABELS`), their origin (the row of the original) and vectors."""

    texts: list[str]
    labels: npt.NDArray[np.int64]
    origins: npt.NDArray[np.int64]
    vectors: npt.NDArray[np.float32]


def read_rows(path: Path) -> list[tuple[Label, str]]:
    """The labelled texts. Raises ValueError for an unknown label, or a text that stands there twice."""
    rows: list[tuple[Label, str]] = []
    seen: dict[str, int] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        entry = json.loads(line)
        label, text = entry["label"], entry["text"]
        if label not in LABELS:
            raise ValueError(f"{path}:{number}: label “{label}”, expected one of {', '.join(LABELS)}.")
        key = " ".join(text.casefold().split())
        if key in seen:
            raise ValueError(f"{path}:{number}: “{text}” stands in line {seen[key]} already. Remove one.")
        seen[key] = number
        rows.append((label, text))
    return rows


def noisy(text: str, rng: random.Random) -> str:
    """The text as a hurried hand would type it: other case, lost marks, a slip or two, a hello in front."""
    if rng.random() < 0.35:
        text = rng.choice(("hi, ", "ok ", "so ", "um ", "please ", "well ", "and ", "oh ", "hey ")) + text
    if rng.random() < 0.2:
        text += rng.choice((" please", " thanks", "?", "!", "...", " pls", " ok?"))
    if rng.random() < 0.3:
        text = text.lower() if rng.random() < 0.7 else text.upper()
    if rng.random() < 0.3:
        text = re.sub(r"['’,.!?]", "", text) or text
    for _ in range(rng.choice((0, 1, 1, 2)) if len(text) > 6 else 0):
        place = rng.randrange(1, len(text) - 1)
        slip = rng.randrange(3)
        if slip == 0:
            text = text[:place] + text[place + 1 :]
        elif slip == 1:
            text = text[:place] + text[place + 1] + text[place] + text[place + 2 :]
        else:
            text = text[:place] + text[place] + text[place:]
    return text


def gather(rows: Sequence[tuple[Label, str]], embedder: Embedder) -> Data:
    """The originals, then one noisy copy of each (none of `unclear`: noise is what makes it so)."""
    rng = random.Random(SEED)
    texts = [text for _, text in rows]
    origins = list(range(len(rows)))
    for row, (label, text) in enumerate(rows):
        copy = noisy(text, rng)
        if label != "unclear" and copy != text:
            texts.append(copy)
            origins.append(row)
    labels = np.array([LABELS.index(rows[row][0]) for row in origins], dtype=np.int64)
    return Data(texts, labels, np.array(origins, dtype=np.int64), embedder.embed(texts))


def inputs(texts: Sequence[str], vectors: npt.NDArray[np.float32] | None) -> Matrix:
    """One row a text: the scaled vector (if any), then the hashed letters; as `IntentModel` sees it."""
    found = [hashed(text) for text in texts]
    starts = np.cumsum([0, *(len(places) for places, _ in found)])
    places = np.concatenate([places for places, _ in found])
    values = np.concatenate([values for _, values in found])
    letters = csr_matrix((values, places, starts), shape=(len(texts), PLACES))
    return letters if vectors is None else hstack([csr_matrix(SCALE * vectors), letters], format="csr")


def fit(
    rows: Matrix, labels: npt.NDArray[np.int64], weights: npt.NDArray[np.float64], strength: float
) -> Any:
    return LogisticRegression(C=strength, max_iter=2000, tol=1e-5).fit(rows, labels, sample_weight=weights)


def paraphrases(vectors: npt.NDArray[np.float32]) -> npt.NDArray[np.int64]:
    """The group of each text: texts that say nearly the same share one."""
    clusters = AgglomerativeClustering(
        n_clusters=None, distance_threshold=PARAPHRASE, metric="cosine", linkage="average"
    )
    return cast("npt.NDArray[np.int64]", clusters.fit_predict(vectors))


def cross_validate(rows: Matrix, data: Data, groups: npt.NDArray[np.int64], strength: float) -> Any:
    """Logits of every text by a model that saw neither it nor a paraphrase of it."""
    originals = len(groups)
    logits = np.zeros((len(data.texts), len(LABELS)))
    folds = StratifiedGroupKFold(FOLDS, shuffle=True, random_state=SEED)
    for _, held in folds.split(np.zeros(originals), data.labels[:originals], groups):
        out = np.isin(data.origins, held)
        weights = np.where(np.arange(len(out)) < originals, 1.0, COPY_WEIGHT)
        model = fit(rows[~out], data.labels[~out], weights[~out], strength)
        logits[out] = model.decision_function(rows[out])
    return logits


def best_temperature(logits: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]) -> float:
    """The temperature of the least log loss (Guo et al., "On Calibration of Modern Neural Networks")."""

    def loss(log_temperature: float) -> float:
        return float(log_loss(labels, softmax(logits / np.exp(log_temperature)), labels=range(len(LABELS))))

    return float(np.exp(minimize_scalar(loss, bounds=(-3, 3), method="bounded").x))


def softmax(logits: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return cast("npt.NDArray[np.float64]", powers / powers.sum(axis=1, keepdims=True))


def calibration_error(shares: npt.NDArray[np.float64], labels: npt.NDArray[np.int64]) -> float:
    """Expected calibration error in 10 bins: the mean gap between what was claimed and what was right."""
    claimed, right = shares.max(axis=1), shares.argmax(axis=1) == labels
    bins = np.minimum((claimed * 10).astype(int), 9)
    gaps = [
        (bins == one).mean() * abs(claimed[bins == one].mean() - right[bins == one].mean())
        for one in np.unique(bins)
    ]
    return float(sum(gaps))


def scores(logits: npt.NDArray[np.float64], data: Data, originals: int, temperature: float) -> dict[str, Any]:
    """What cross-validation found: on the originals, and on their noisy copies."""
    labels = data.labels[:originals]
    shares = softmax(logits[:originals] / temperature)
    best = shares.argmax(axis=1)
    table = classification_report(
        labels, best, labels=range(len(LABELS)), target_names=LABELS, output_dict=True, zero_division=0
    )
    own = labels == LABELS.index("catalogue")
    rejected = np.isin(best, [LABELS.index(name) for name in REJECTING])
    return {
        "accuracy": _short(np.mean(best == labels)),
        "accuracy_of_noisy_copies": _short(
            np.mean(logits[originals:].argmax(axis=1) == data.labels[originals:])
        ),
        "macro_f1": _short(table["macro avg"]["f1-score"]),
        "log_loss": _short(log_loss(labels, shares, labels=range(len(LABELS)))),
        "calibration_error": _short(calibration_error(shares, labels)),
        "catalogue_called_offtopic_attack_or_abuse": _short(rejected[own].mean()),
        f"same_when_surer_than_{SURE}": _short((rejected & (shares.max(axis=1) > SURE))[own].mean()),
        "labels": {
            name: {"precision": _short(table[name]["precision"]), "recall": _short(table[name]["recall"])}
            for name in LABELS
        },
    }


def measure_people(model: IntentModel, path: Path, embedder: Embedder) -> dict[str, Any]:
    """How the model takes people's own messages, which nobody labelled: those with an item or a preference
    should hardly ever be called off topic, an attack or abuse."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        turns = [turn for line in file for turn in json.loads(line)["turns"] if turn["speaker"] == "user"]
    texts = [turn["text"] for turn in turns]
    speaks = [bool(turn.get("items")) or bool(PREFERENCE.search(turn["text"])) for turn in turns]
    vectors = embedder.embed(texts)
    found: dict[str, Any] = {"messages": len(texts), "with_item_or_preference": sum(speaks)}
    for name, given in (("with_vector", list(vectors)), ("alone", [None] * len(texts))):
        intents = [model.predict(text, vector) for text, vector in zip(texts, given, strict=True)]
        told = [intent for intent, yes in zip(intents, speaks, strict=True) if yes]
        found[name] = {
            "rejected_with_item_or_preference": _rejected(told),
            f"same_when_surer_than_{SURE}": _rejected(told, SURE),
            "rejected_of_all": _rejected(intents),
            "labels": dict(Counter(intent.label for intent in intents).most_common()),
        }
    return found


def _rejected(intents: Sequence[Intent], above: float = 0.0) -> float:
    """The share called off topic, an attack or abuse, with a probability above `above`."""
    away = sum(intent.label in REJECTING and intent.probability > above for intent in intents)
    return _short(away / max(len(intents), 1))


def _short(number: Any) -> float:
    return round(float(number), 4)


def build(rows: Sequence[tuple[Label, str]], embedder: Embedder) -> tuple[dict[str, Any], dict[str, Any]]:
    """The arrays of the weights, and the card without its measurements on people."""
    data = gather(rows, embedder)
    originals = len(rows)
    groups = paraphrases(data.vectors[:originals])
    weights = np.where(np.arange(len(data.texts)) < originals, 1.0, COPY_WEIGHT)
    arrays: dict[str, Any] = {}
    temperatures: dict[str, float] = {}
    measured: dict[str, Any] = {}
    for name, vectors in (("with_vector", data.vectors), ("alone", None)):
        matrix = inputs(data.texts, vectors)
        logits = cross_validate(matrix, data, groups, STRENGTH[name])
        temperatures[name] = round(best_temperature(logits[:originals], data.labels[:originals]), 4)
        measured[name] = scores(logits, data, originals, temperatures[name])
        fitted = fit(matrix, data.labels, weights, STRENGTH[name])
        # Half precision: 0.0005 of a weight is far below what the data decide, and the file is half as large.
        arrays[f"{name}_matrix"] = fitted.coef_.T.astype(np.float16)
        arrays[f"{name}_bias"] = fitted.intercept_.astype(np.float32)
    counts = Counter(label for label, _ in rows)
    card = {
        "what": "Multinomial logistic regression on a sentence vector and hashed character n-grams.",
        "labels": list(LABELS),
        "embedder": embedder.name,
        "dimension": int(data.vectors.shape[1]),
        "places": PLACES,
        "scale": SCALE,
        "temperature": temperatures,
        "data": {
            "source": "intents.jsonl: every line written for this project, none taken from a data set",
            "sha256": hashlib.sha256(_as_lines(rows)).hexdigest(),
            "texts": originals,
            "noisy_copies": len(data.texts) - originals,
            "labels": {name: counts[name] for name in LABELS},
        },
        "cross_validation": {
            "folds": FOLDS,
            "groups": int(groups.max()) + 1,
            "kept_together": f"texts within {PARAPHRASE} cosine distance (average linkage), and noisy copies",
            **measured,
        },
    }
    return arrays, card


def _as_lines(rows: Sequence[tuple[Label, str]]) -> bytes:
    return "\n".join(f"{label}\t{text}" for label, text in rows).encode()


def model_of(arrays: Mapping[str, Any], card: Mapping[str, Any]) -> IntentModel:
    """The model in memory that the files will hold."""
    sets = [
        Weights(
            arrays[f"{name}_matrix"].astype(np.float32), arrays[f"{name}_bias"], card["temperature"][name]
        )
        for name in ("with_vector", "alone")
    ]
    return IntentModel(card["embedder"], card["dimension"], card["scale"], sets[0], sets[1])


def _measure_all(model: IntentModel, entries: Sequence[str], embedder: Embedder) -> dict[str, Any]:
    pairs = (entry.partition("=") for entry in entries)
    return {name: measure_people(model, Path(path), embedder) for name, _, path in pairs}


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the intent model from intents.jsonl.")
    parser.add_argument("--cache", type=Path, help="folder for the embedder's graph; a passing one otherwise")
    for option, what in (("--read", "errors were looked at"), ("--unread", "errors nobody looked at")):
        parser.add_argument(
            option, action="append", default=[], metavar="NAME=FILE", help=f"people's messages whose {what}"
        )
    given = parser.parse_args()
    rows = read_rows(FOLDER / "intents.jsonl")
    with tempfile.TemporaryDirectory() as passing:
        embedder = MiniLmEmbedder(given.cache or Path(passing))
        arrays, card = build(rows, embedder)
        model = model_of(arrays, card)
        card["people"] = {
            "errors_looked_at": _measure_all(model, given.read, embedder),
            "errors_not_looked_at": _measure_all(model, given.unread, embedder),
        }
    np.savez_compressed(FOLDER / "weights.npz", **arrays)
    text = json.dumps(card, indent=2, ensure_ascii=False)
    (FOLDER / "card.json").write_text(text + "\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
