"""The chat model itself as the second look at the best of a list."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence

from chat.errors import ModelError
from prompts.rerank import parse_order, rerank_messages
from retrieval.items import Candidate, Query
from retrieval.rerank import asked, described, reordered

logger = logging.getLogger(__name__)

Ask = Callable[[Sequence[dict[str, str]]], str]
"""Asks the model; raises `ModelError`."""


class ModelReranker:
    """Asks a chat model for the order of a list. What is said of an item can't leave the prompt as anything
    but text, and the answer can't do more than order what is there."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def order(self, said: Sequence[str], items: Sequence[str]) -> list[int]:
        """Places of the item texts, best first; empty where the answer is no order. Raises `ModelError`."""
        return parse_order(self._ask(rerank_messages(said, items)), len(items))

    def ready(self) -> None:
        """See `retrieval.rerank.Reranker`. Raises `ModelError`."""
        self.order(["a trial"], ["one", "another"])

    def rerank(self, query: Query, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        """See `retrieval.rerank.Reranker`."""
        said = query.said or ((asked(query),) if asked(query) else ())
        if not said or len(candidates) < 2:
            return tuple(candidates)
        try:
            order = self.order(said, [described(candidate.item) for candidate in candidates])
        except ModelError as error:
            logger.warning("A list was not reranked: %s", error)
            return tuple(candidates)
        return reordered(candidates, order)
