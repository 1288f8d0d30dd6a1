"""What a moment means: items whose texts mean the like, and what followed moments that meant the like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

import numpy as np
import numpy.typing as npt

from retrieval.dialogues.moments import Example, Moment, followed
from retrieval.dialogues.postings import Postings
from retrieval.dialogues.sense import Sense

Floats = npt.NDArray[np.float32]

_NEAREST = 100  # earlier moments that have a say
_SHARP = 12.0  # how much more the nearest of them count: exp of this times the cosine
_STEPS = 400.0  # to 1, in which vectors are kept; hardly a value of a unit vector lies beyond 127 of them
_LONGEST = 1200  # characters of what the person said, counted from the end: about what an embedder reads


def last_words(moment: Moment) -> str:
    """The latest exchange."""
    return moment.recent.strip()


def whole_wish(moment: Moment) -> str:
    """All that the person said, the end of it where it is long."""
    return " ".join(moment.user)[-_LONGEST:].strip()


class Meaning:
    """Items by BM25 and sentence vectors, and the targets of earlier moments by nearness in meaning.

    The latter is kernel regression (Nadaraya and Watson, 1964) from a moment's vector to what was recommended
    then, over the nearest moments.
    """

    NAMES = (
        "BM25", "BM25_last", "meant", "meant_user", "text_alike", "text_alike_last", "near", "near_user",
    )  # fmt: skip

    def __init__(self, sense: Sense, vectors: Mapping[str, npt.NDArray[np.int8]], targets: Postings) -> None:
        self._sense, self._kept, self._targets = sense, dict(vectors), targets
        self._vectors = {name: (kept / _STEPS).astype(np.float32) for name, kept in vectors.items()}

    @classmethod
    def fit(cls, examples: Sequence[Example], sense: Sense, size: int) -> Self:
        """From what followed which moments."""
        vectors = {
            name: _small(sense.meant([words(one.moment) for one in examples]), sense.vectors.shape[1])
            for name, words in (("near", last_words), ("near_user", whole_wish))
        }
        return cls(sense, vectors, Postings.of(followed(examples, size)))

    def with_sense(self, sense: Sense) -> Meaning:
        """The same for messages that `sense` can embed."""
        return Meaning(sense, self._kept, self._targets)

    def signals(self, moment: Moment) -> dict[str, Floats]:
        """Each of `NAMES` for all items, shape (n,)."""
        sense = self._sense
        last, wish = sense.meant([last_words(moment), whole_wish(moment)])
        nothing = np.zeros(len(sense.vectors), dtype=np.float32)
        found = {
            "BM25": sense.lexical.scores(" ".join(moment.user)),
            "BM25_last": sense.lexical.scores(moment.last),
            "meant": sense.vectors @ last,
            "meant_user": sense.vectors @ wish,
            "text_alike": nothing,
            "text_alike_last": nothing,
            "near": self._near("near", last),
            "near_user": self._near("near_user", wish),
        }
        if moment.named:
            rows, weights = moment.weights()
            found["text_alike"] = sense.vectors @ (weights @ sense.vectors[rows])
            found["text_alike_last"] = sense.vectors @ sense.vectors[rows[-1]]
        return found

    def _near(self, name: str, vector: Floats) -> Floats:
        """What followed the moments nearest to a vector."""
        alike = self._vectors[name] @ vector
        if len(alike) > _NEAREST:
            nearest = np.argpartition(-alike, _NEAREST)[:_NEAREST].astype(np.int64)
        else:
            nearest = np.arange(len(alike))
        weights = np.exp(_SHARP * (alike[nearest] - alike.max(initial=-1)))
        return self._targets.scores(nearest, (weights / max(weights.sum(), 1e-9)).astype(np.float32))

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """What `of_arrays` needs."""
        return {**self._kept, **self._targets.arrays("targets")}

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]], sense: Sense) -> Self:
        """What `arrays` made. Raises `KeyError` where something is missing."""
        vectors = {name: np.asarray(arrays[name], dtype=np.int8) for name in ("near", "near_user")}
        return cls(sense, vectors, Postings.of_arrays(arrays, "targets"))


def _small(vectors: Floats, width: int) -> npt.NDArray[np.int8]:
    """Unit vectors in a byte a value: products are off by less than a hundredth."""
    return np.round(_STEPS * vectors.reshape(-1, width)).clip(-127, 127).astype(np.int8)
