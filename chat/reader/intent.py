"""What a message is about, where its cues don't settle it: the catalogue, or something else altogether."""

from __future__ import annotations

import json
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType
from typing import Literal, cast, get_args

import numpy as np
import numpy.typing as npt

from chat.errors import ModelError

Label = Literal[
    "catalogue",  # a wish, a taste, a verdict, a question about items: whatever they are
    "smalltalk",  # greetings, thanks, goodbyes, moods, jokes, the weather outside
    "offtopic",  # some other errand or question: code, sums, translation, law, medicine, news of the world
    "attack",  # against the instructions, other people's data or fair ranking
    "abuse",  # insults at the assistant or at people (a bad word about an item is a verdict)
    "meta",  # about the assistant itself: what it is, can do, keeps
    "unclear",  # no meaning to be found: mashed keys, single signs, words in no order
]
LABELS: tuple[Label, ...] = get_args(Label)

#: Places of the hashed n-grams. At some 50,000 different ones in the data each place is shared by a few; more
#: places gained nothing in cross-validation.
PLACES = 1 << 13
_LONGEST = 600  # characters looked at: longer messages say early, or by their vector, what they are about
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s]+|_+")
_NO_VOWEL = re.compile(r"[bcdfghjklmnpqrstvwxz]{4,}")
_REPEAT = re.compile(r"(.)\1{3,}")

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Intent:
    """The likeliest label, its probability, and every label's; the probabilities sum to 1."""

    label: Label
    probability: float
    probabilities: Mapping[Label, float]


@dataclass(frozen=True, slots=True)
class Weights:
    """A multinomial logistic regression: `matrix` (inputs, labels), `bias` (labels), and the temperature
    that its logits are divided by so that probabilities mean what they say."""

    matrix: Floats
    bias: Floats
    temperature: float

    def probabilities(self, logits: Floats) -> npt.NDArray[np.float64]:
        """Softmax of the calibrated logits, which lack the bias still."""
        scaled = (logits.astype(np.float64) + self.bias) / self.temperature
        powers = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
        return cast("npt.NDArray[np.float64]", powers / powers.sum(axis=-1, keepdims=True))


@dataclass(frozen=True, slots=True)
class IntentModel:
    """The learned sense of what a message is about. Only reads its weights: safe across threads.

    `embedder` is the name of the embedder whose vectors `predict` takes; `dimension` their length. It knows
    single messages, no conversation, and English (of other languages a few sentences): let cues that settle
    a message go first.
    """

    embedder: str
    dimension: int
    scale: float
    with_vector: Weights
    alone: Weights

    @classmethod
    def load(cls) -> IntentModel:
        """The fitted model that ships with this package (read once a process).

        Raises `ModelError` where the weights are missing or don't fit this code.
        """
        return _shipped()

    def predict(self, text: str, vector: npt.NDArray[np.float32] | None = None) -> Intent:
        """What `text` is about: the same for the same input, always.

        `vector` is the text's embedding by `self.embedder`, of shape (dimension,) and length 1. Without one
        (another embedder is in use) a second set of weights judges by the letters alone, less well: the
        card beside the weights says how much. Raises ValueError for a vector of another shape.
        """
        places, values = hashed(text)
        if vector is None:
            weights, logits = self.alone, values @ self.alone.matrix[places]
        else:
            if vector.shape != (self.dimension,):
                raise ValueError(
                    f"A vector of shape {vector.shape} was given, expected ({self.dimension},): one vector "
                    f"by {self.embedder}. Leave it out where another embedder is in use."
                )
            weights = self.with_vector
            logits = values @ weights.matrix[self.dimension + places]
            logits = logits + (self.scale * vector) @ weights.matrix[: self.dimension]
        found = weights.probabilities(logits)
        best = int(found.argmax())
        table = {label: float(share) for label, share in zip(LABELS, found, strict=True)}
        return Intent(LABELS[best], float(found[best]), MappingProxyType(table))


def hashed(text: str) -> tuple[npt.NDArray[np.int64], Floats]:
    """The text as places (below `PLACES`, sorted, each once) and values of a vector of length 1.

    Words, pairs of words, pieces of 3 to 5 characters within words, and a few words on the shape of the
    whole; hashed by CRC-32 with a sign (Weinberger et al., "Feature Hashing for Large Scale Multitask
    Learning", ICML 2009), which is the same on every machine.
    """
    sums: dict[int, float] = {}
    for feature in _features(text):
        digest = zlib.crc32(feature.encode())
        place = (digest >> 1) % PLACES
        sums[place] = sums.get(place, 0.0) + (1.0 if digest & 1 else -1.0)
    places = np.array(sorted(sums), dtype=np.int64)
    values = np.array([sums[place] for place in places.tolist()], dtype=np.float32)
    values = np.sign(values) * np.sqrt(np.abs(values))
    length = float(np.linalg.norm(values))
    return places, (values / length if length else values).astype(np.float32)


def _features(text: str) -> Iterator[str]:
    folded = unicodedata.normalize("NFKC", text[:_LONGEST]).casefold().replace("’", "'")
    words = _WORD.findall(folded)
    previous = "^"
    for word in words:
        yield f"w {word}"
        yield f"p {previous} {word}"
        previous = word
        framed = f"<{word}>"
        for size in (3, 4, 5):
            for start in range(len(framed) - size + 1):
                yield framed[start : start + size]
    yield f"p {previous} $"
    letters = sum(char.isalpha() for char in folded)
    yield f"# words {min(len(words), 6) if len(words) < 12 else 12}"
    yield f"# letters {10 * letters // max(len(folded), 1)}"
    if _NO_VOWEL.search(folded):
        yield "# no vowel"
    if _REPEAT.search(folded):
        yield "# repeat"
    if letters and not folded.isascii():
        yield "# other script"


@lru_cache(maxsize=1)
def _shipped() -> IntentModel:
    folder = resources.files("chat.reader") / "intents"
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        with (folder / "weights.npz").open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            found = {name: arrays[name].astype(np.float32) for name in arrays.files}
        dimension, scale = int(card["dimension"]), float(card["scale"])
        embedder, labels, places = str(card["embedder"]), tuple(card["labels"]), int(card["places"])
        sets = [
            Weights(found[f"{name}_matrix"], found[f"{name}_bias"], float(card["temperature"][name]))
            for name in ("with_vector", "alone")
        ]
    except (OSError, KeyError, ValueError) as error:
        raise ModelError(
            f"The intent model in chat/reader/intents cannot be read: {error!r}. Expected weights.npz and "
            "card.json as `python -m chat.reader.fit_intents` writes them; fit them anew or restore them."
        ) from error
    shapes = tuple(one.matrix.shape for one in sets)
    expected = ((dimension + PLACES, len(LABELS)), (PLACES, len(LABELS)))
    if labels != LABELS or places != PLACES or shapes != expected:
        raise ModelError(
            f"The intent model in chat/reader/intents is of another version: labels {labels}, shapes "
            f"{shapes}, expected {LABELS} and {expected}. Fit it anew: `python -m chat.reader.fit_intents`."
        )
    return IntentModel(embedder, dimension, scale, sets[0], sets[1])
