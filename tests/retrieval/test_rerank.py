"""The second look: a better order of the same items, or the order as it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import BadModel
from retrieval.items import Candidate, Constraint, Query, Wish
from retrieval.rerank import CrossEncoderReranker, Reranker, Reranking, asked, described, mixed, reordered
from tests.llm.tiny import make_tokenizer
from tests.retrieval.shelf import SPACE, ids
from tests.retrieval.test_retrieve import SMALL

FOUND = tuple(Candidate(item, 1 - place / 10, {}) for place, item in enumerate(SPACE))


@dataclass(frozen=True)
class Backwards:
    """A reranker that thinks the opposite."""

    def rerank(self, query: Query, candidates: Sequence[Candidate]) -> tuple[Candidate, ...]:
        return reordered(candidates, range(len(candidates))[::-1])

    def ready(self) -> None:
        """Always."""


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cross-encoder of a few thousand random weights, in a folder."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification

    folder = tmp_path_factory.mktemp("cross")
    tokenizer = make_tokenizer(folder, template=False)
    tokenizer.pad_token = tokenizer.eos_token
    tokenizer.save_pretrained(folder)
    config = BertConfig(  # type: ignore[call-arg]
        vocab_size=len(tokenizer), hidden_size=16, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=16, max_position_embeddings=2_048, num_labels=1, initializer_range=0.5,
        pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        BertForSequenceClassification(config).save_pretrained(folder)
    return folder


@given(st.lists(st.integers(-3, 12), max_size=12))
def test_an_order_neither_adds_nor_loses(order: list[int]) -> None:
    found = reordered(FOUND, order)
    assert sorted(ids(found)) == sorted(ids(FOUND))
    assert [one.score for one in found] == [one.score for one in FOUND]  # they still fall
    named = list(dict.fromkeys(place for place in order if 0 <= place < len(FOUND)))
    assert ids(found)[: len(named)] == [SPACE[place].id for place in named]


def test_two_orders_are_mixed() -> None:
    scores = np.array([0.1, 0.2, 0.3, 0.9], dtype=np.float32)
    assert mixed(scores, 1.0) == [3, 2, 1, 0]
    assert mixed(scores, 0.0) == [0, 1, 2, 3]
    assert mixed(np.array([0.1, 0.9, 0.2, 0.3], np.float32), 0.5)[0] == 1


def test_a_cross_encoder_orders_by_what_is_read(tiny: Path) -> None:
    reranker = CrossEncoderReranker(str(tiny), share=1.0, offline=True)
    query = Query(said=("a film with a robot",))
    found = reranker.rerank(query, FOUND)
    assert sorted(ids(found)) == sorted(ids(FOUND))
    assert ids(found) != ids(FOUND)
    assert ids(reranker.rerank(query, FOUND)) == ids(found)
    best = reranker.order("a film with a robot", [described(one.item) for one in FOUND])[0]
    assert ids(found)[0] == SPACE[best].id
    assert ids(CrossEncoderReranker(str(tiny), share=0.0, offline=True).rerank(query, FOUND)) == ids(FOUND)


def test_without_words_or_choice_nothing_is_read(tiny: Path) -> None:
    reranker = CrossEncoderReranker("no such model", offline=True)
    assert reranker.rerank(Query(), FOUND) == FOUND
    assert reranker.rerank(Query(text="robots"), FOUND[:1]) == FOUND[:1]


def test_a_model_that_is_not_there_changes_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reranker = CrossEncoderReranker(str(tmp_path / "nothing"), offline=True)
    assert reranker.rerank(Query(text="robots"), FOUND) == FOUND
    assert "can't be loaded" in caplog.text
    caplog.clear()
    assert reranker.rerank(Query(text="robots"), FOUND) == FOUND
    assert not caplog.text  # it isn't tried at every turn
    with pytest.raises(BadModel, match="hub name or a folder"):
        reranker.order("robots", ["one", "two"])


def test_more_is_looked_at_than_is_listed() -> None:
    query = Query(likes=(Wish("genres", "western"), Wish("genres", "comedy", weight=0.3)), k=2)
    backwards: Reranker = Backwards()
    deep = Reranking(SMALL, backwards, depth=4).retrieve(query).candidates
    plain = SMALL.retrieve(replace(query, k=4)).candidates
    assert ids(deep) == ids(plain)[::-1][:2]


def test_conditions_and_relaxations_stay_as_they_are() -> None:
    query = Query(musts=(Constraint("genres", ("western",)),), likes=(Wish("genres", "drama"),), k=2)
    found = Reranking(SMALL, Backwards(), depth=5).retrieve(query)
    assert set(ids(found.candidates)) == {"gold", "rider"}
    assert found.relaxations == () == SMALL.retrieve(query).relaxations
    short = replace(query, k=3)
    assert (
        Reranking(SMALL, Backwards(), depth=5).retrieve(short).relaxations
        == SMALL.retrieve(short).relaxations
    )


def test_what_is_read() -> None:
    assert asked(Query(text="robots", said=("hello", "a robot film"))) == "hello a robot film"
    assert asked(Query(text="robots")) == "robots"
    assert described(SPACE[1]).startswith("The Lonely Robot. science fiction, family, Ada North, 2004")
