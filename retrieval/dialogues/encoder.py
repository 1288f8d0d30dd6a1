"""A small neural encoder: a moment → a score for every item, by what was named and said and what items are.

A moment is the sum of the embeddings of the items named and of the terms said (by whom, and when), then one
residual layer; an item is an embedding of its own plus those of its traits and words, so that items that
nobody ever named are placed by what they are. A two-tower model in the manner of Covington et al. (RecSys
2016) with the content-based item embeddings of LightFM (Kula 2015). Trained with torch, asked with numpy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
from scipy.special import erf

from retrieval.dialogues.moments import FADES, Moment
from retrieval.dialogues.terms import TermSpace, stems

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class EncoderSettings:
    """`width`: of all embeddings. `epochs`: passes over the examples. `rate`: greatest learning rate (one
    cycle). `decay`: AdamW's weight decay. The `drop_…` are shares left out at random while training: of the
    items named, of the terms said, of the hidden values. `batch`: examples a step. `frequent`: dialogues that
    a term must be in."""

    width: int = 128
    epochs: int = 4
    rate: float = 3e-3
    decay: float = 2.0
    drop_items: float = 0.5
    drop_terms: float = 0.75
    drop_hidden: float = 0.5
    batch: int = 256
    frequent: int = 6


class Encoder:
    """The trained encoder. `weights` are numpy arrays: see `retrieval/dialogues/train.py`."""

    def __init__(self, space: TermSpace, weights: Mapping[str, Floats]) -> None:
        self._space = space
        self._weights = dict(weights)

    def scores(self, moment: Moment) -> Floats:
        """The logarithm of each item's chance to be recommended next, shape (n,)."""
        weights = self._weights
        hidden = weights["speaker"].copy()
        count = len(moment.named)
        for place, (row, by_user) in enumerate(zip(moment.named, moment.by_user, strict=True)):
            hidden += FADES ** (count - 1 - place) * (
                weights["items"][row] + (0 if by_user else weights["offered"])
            )
        hidden += weights["terms"][term_keys(self._space, moment)].sum(axis=0)
        hidden = (hidden - hidden.mean()) / np.sqrt(hidden.var() + 1e-5) * weights["norm"] + weights["shift"]
        inner = weights["in"] @ hidden + weights["in_bias"]
        inner = 0.5 * inner * (1 + erf(inner / np.sqrt(2)))
        hidden = hidden + weights["out"] @ inner + weights["out_bias"]
        found = weights["answers"] @ hidden + weights["bias"]
        found -= found.max()
        return np.asarray(found - np.log(np.exp(found).sum()), dtype=np.float32)

    def arrays(self) -> dict[str, npt.NDArray[np.generic]]:
        """What `of_arrays` needs; matrices at half precision."""
        found: dict[str, npt.NDArray[np.generic]] = {
            f"weight.{name}": (value.astype(np.float16) if value.ndim == 2 else value)
            for name, value in self._weights.items()
        }
        return found | self._space.arrays("space")

    @classmethod
    def of_arrays(cls, arrays: Mapping[str, npt.NDArray[np.generic]]) -> Self:
        """What `arrays` made. Raises `KeyError` where something is missing."""
        weights = {
            name.removeprefix("weight."): np.asarray(arrays[name], dtype=np.float32)
            for name in arrays
            if name.startswith("weight.")
        }
        return cls(TermSpace.of_arrays(arrays, "space"), weights)


def term_keys(space: TermSpace, moment: Moment) -> npt.NDArray[np.int64]:
    """Places of a moment's terms in a table of 3 × terms: the last message, those before, the system's."""
    parts = (moment.last, " ".join(moment.user[:-1]), " ".join(moment.system))
    return np.concatenate(
        [space.vector(stems(part))[0] + number * len(space) for number, part in enumerate(parts)]
    )
