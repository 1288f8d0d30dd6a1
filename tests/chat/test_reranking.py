"""The chat model as the second look: its order counts, its failures don't."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from chat.errors import ModelError
from chat.reranking import ModelReranker
from retrieval.items import Candidate, Query
from tests.retrieval.shelf import SPACE, ids

FOUND = tuple(Candidate(item, 1 - place / 10, {}) for place, item in enumerate(SPACE[:3]))
QUERY = Query(said=("a robot film",))


def test_the_order_of_the_model_counts() -> None:
    asked: list[Sequence[dict[str, str]]] = []

    def answer(messages: Sequence[dict[str, str]]) -> str:
        asked.append(messages)
        return "2 > 3 > 1"

    assert ids(ModelReranker(answer).rerank(QUERY, FOUND)) == ["robot", "robot2", "star"]
    assert "a robot film" in asked[0][1]["content"]
    assert "The Lonely Robot 2" in asked[0][1]["content"]


@pytest.mark.parametrize("answer", ["", "sorry, I can't", "99 > 98", "2"])
def test_an_answer_that_is_no_order_changes_nothing(answer: str) -> None:
    assert ModelReranker(lambda _: answer).rerank(QUERY, FOUND) == FOUND


def test_a_model_that_fails_changes_nothing(caplog: pytest.LogCaptureFixture) -> None:
    def fail(_: Sequence[dict[str, str]]) -> str:
        raise ModelError("it is asleep")

    assert ModelReranker(fail).rerank(QUERY, FOUND) == FOUND
    assert "it is asleep" in caplog.text


def test_nothing_is_asked_without_words() -> None:
    def never(_: Sequence[dict[str, str]]) -> str:
        raise AssertionError("asked")

    assert ModelReranker(never).rerank(Query(), FOUND) == FOUND
    assert ModelReranker(never).rerank(QUERY, FOUND[:1]) == FOUND[:1]
