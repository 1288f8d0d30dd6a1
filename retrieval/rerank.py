"""A second, slower look at the best few: reads each item against what was asked, word by word.

Off unless it is chosen. A reranker that fails leaves the order as it was: an answer without it beats none.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from retrieval.errors import BadModel
from retrieval.items import Candidate, Item, Query, Relaxation, Retrieval

if TYPE_CHECKING:
    from sentence_transformers import CrossEncoder

Array = npt.NDArray[np.float32]

logger = logging.getLogger(__name__)

#: Characters of an item that are read, and of what was asked: what such models take in at most.
MOST_READ, MOST_ASKED = 600, 600


class Reranker(Protocol):
    """Puts candidates into a better order, or leaves them as they are; never adds one and never loses one."""

    def rerank(self, query: Query, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """The same candidates, best first. Raises nothing: what fails changes nothing."""
        ...

    def ready(self) -> None:
        """Loads what it needs and tries it. Raises `BadModel`, or the model's own error, where it can't."""
        ...


def reordered(candidates: Sequence[Candidate], order: Sequence[int]) -> tuple[Candidate, ...]:
    """The candidates by places of an order, best first. Places that don't exist or come again are passed
    over; candidates that it leaves out follow as they were. Scores are dealt out anew, so that they fall."""
    places = list(dict.fromkeys(place for place in order if 0 <= place < len(candidates)))
    places += [place for place in range(len(candidates)) if place not in places]
    scores = sorted((candidate.score for candidate in candidates), reverse=True)
    return tuple(replace(candidates[place], score=score) for place, score in zip(places, scores, strict=True))


def asked(query: Query) -> str:
    """What is looked for, in words: the last things that were said, else the text of the query."""
    said = " ".join(query.said).strip() or query.text
    return said[-MOST_ASKED:]


def described(item: Item) -> str:
    """An item in words: title, categories and people, description."""
    values = [str(value) for name in item.facts for value in item.values(name)]
    return ". ".join(part for part in (item.title, ", ".join(values), item.text) if part)[:MOST_READ]


class Finds(Protocol):
    """What answers a query; `retrieval.retrieve.Retriever` does."""

    def retrieve(self, query: Query) -> Retrieval: ...
    def pairs_to_relax(self, query: Query) -> tuple[tuple[Relaxation, Relaxation], ...]: ...


class Reranking:
    """A retriever whose best `depth` are looked at once more before the list is cut to its length."""

    def __init__(self, finds: Finds, reranker: Reranker, depth: int) -> None:
        self._finds = finds
        self._reranker = reranker
        self._depth = depth

    def retrieve(self, query: Query) -> Retrieval:
        """See `Retriever.retrieve`."""
        if query.k <= 0:
            return self._finds.retrieve(query)
        found = self._finds.retrieve(replace(query, k=max(query.k, self._depth)))
        best = self._reranker.rerank(query, found.candidates)[: query.k]
        enough = found.matching >= query.k
        return replace(found, candidates=best, relaxations=() if enough else found.relaxations)

    def pairs_to_relax(self, query: Query) -> tuple[tuple[Relaxation, Relaxation], ...]:
        """See `Retriever.pairs_to_relax`."""
        return self._finds.pairs_to_relax(query)


class CrossEncoderReranker:
    """A cross-encoder of sentence-transformers (Nogueira & Cho 2019, "Passage Re-ranking with BERT", arXiv
    1901.04085), by hub name or folder; loaded when it is first asked. `share` is how much of the order it
    decides, the rest is the place that an item had: 1 is the model's own order. Safe across threads.
    """

    def __init__(self, model: str, share: float = 0.5, offline: bool = False) -> None:
        self._name = model
        self._share = share
        self._offline = offline
        self._lock = threading.Lock()
        self._model: CrossEncoder | None = None
        self._failed = False

    def order(self, text: str, items: Sequence[str]) -> list[int]:
        """Places of the item texts, best first, for what is looked for. Raises `BadModel`."""
        if not items:
            return []
        scores = np.asarray(self._loaded().predict([(text, item) for item in items]), dtype=np.float32)
        if scores.shape != (len(items),):
            raise BadModel(
                f"{self._name} gave scores of shape {scores.shape}, expected one for each of {len(items)} "
                "pairs: choose a cross-encoder with a single output."
            )
        return mixed(scores, self._share)

    def ready(self) -> None:
        """See `Reranker`."""
        self.order("a trial", ["one", "another"])

    def rerank(self, query: Query, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """See `Reranker`. A model that can't be loaded is not tried again."""
        text = asked(query)
        if self._failed or not text or len(candidates) < 2:
            return tuple(candidates)
        try:
            order = self.order(text, [described(candidate.item) for candidate in candidates])
        except BadModel as error:
            self._failed = True
            logger.warning("Lists are not reranked: %s", error)
            return tuple(candidates)
        except Exception as error:  # a model of anyone's may raise anything
            logger.warning("A list was not reranked: %s: %s", type(error).__name__, error)
            return tuple(candidates)
        return reordered(candidates, order)

    def _loaded(self) -> CrossEncoder:
        with self._lock:
            if self._model is None:
                from sentence_transformers import CrossEncoder

                try:
                    self._model = CrossEncoder(self._name, local_files_only=self._offline, device="cpu")
                except Exception as error:  # the hub, the disk and the model's own code each have theirs
                    raise BadModel(
                        f"The cross-encoder {self._name} can't be loaded: {type(error).__name__}: "
                        f"{' '.join(str(error).split())[:200]}. Give a hub name or a folder."
                    ) from None
            return self._model


def mixed(scores: Array, share: float) -> list[int]:
    """Places by a mix of two orders: that of the scores, and the one they came in.

    Both count by 1 / (place + 10): reciprocal rank fusion (Cormack, Clarke & Büttcher 2009) with a constant
    that fits short lists.
    """
    count = len(scores)
    by_score = np.empty(count)
    by_score[np.argsort(-scores, kind="stable")] = np.arange(count)
    worth = share / (by_score + 10) + (1 - share) / (np.arange(count) + 10)
    return [int(place) for place in np.argsort(-worth, kind="stable")]
