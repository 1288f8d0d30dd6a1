"""Learned signals and per-request settings in the ranking: they lean it, and lift no condition."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings

from retrieval import rank
from retrieval.catalogue import Catalogue, embedding_text
from retrieval.dials import Dials
from retrieval.embed import HashEmbedder
from retrieval.errors import BadSignal
from retrieval.filters import FacetTable
from retrieval.index import ExactIndex
from retrieval.items import Facet, Item, Query, Wish
from retrieval.lexical import LexicalIndex
from retrieval.retrieve import Retriever
from retrieval.schema import Columns, FacetColumn, Schema
from retrieval.signals import LearnedSignal, Scores
from tests.retrieval.shelf import FACETS, SPACE, ids, thing
from tests.retrieval.test_retrieve import QUERIES

ROWS = {item.id: row for row, item in enumerate(SPACE)}


@dataclass(frozen=True)
class Fixed:
    """A signal that says the same of every query."""

    name: str
    said: Scores | None

    def scores(self, query: Query) -> Scores | None:
        return self.said


@dataclass(frozen=True)
class Echo:
    """Likes what was liked, and says nothing without that."""

    name: str = "echo"

    def scores(self, query: Query) -> Scores | None:
        rows = [ROWS[wish.value] for wish in query.likes if wish.facet == "item"]
        if not rows and not query.said:
            return None
        found = np.zeros(len(SPACE), dtype=np.float32)
        found[ROWS["cake"]] = 1
        return found


def favouring(*favoured: str, name: str = "learned one") -> Fixed:
    scores = np.zeros(len(SPACE), dtype=np.float32)
    for item_id in favoured:
        scores[ROWS[item_id]] = 1
    return Fixed(name, scores)


def over(
    *learned: LearnedSignal,
    weights: rank.Weights | None = None,
    dials: Dials | None = None,
    items: tuple[Item, ...] = SPACE,
    facets: tuple[Facet, ...] = FACETS,
) -> Retriever:
    columns = tuple(FacetColumn(facet, facet.name) for facet in facets)
    schema = Schema("thing", "things", "Things", Columns("title"), facets=columns)
    embedder = HashEmbedder(128)
    vectors = embedder.embed([embedding_text(item, facets) for item in items])
    lexical = LexicalIndex.build(items, facets)
    return Retriever(
        Catalogue("things", schema, items, "1"), embedder, ExactIndex(vectors), lexical,
        FacetTable(items, facets, lexical.containing), vectors,
        weights=weights, learned=learned, dials=dials,
    )  # fmt: skip


WESTERN = Query(likes=(Wish("genres", "western"),), k=3)


def test_a_learned_signal_joins_by_its_name() -> None:
    found = over(favouring("amelie")).retrieve(WESTERN).candidates
    by_id = {candidate.item.id: candidate for candidate in found}
    assert by_id["amelie"].found_by["learned one"] > 0
    assert set(ids(over().retrieve(WESTERN).candidates)) >= {"gold", "rider"}


def test_its_weight_is_set_by_name() -> None:
    loud = over(favouring("amelie"), weights=rank.Weights(learned={"learned one": 9.0}))
    assert ids(loud.retrieve(WESTERN).candidates)[0] == "amelie"
    quiet = over(favouring("amelie"), weights=rank.Weights(learned={"learned one": 0.01}))
    assert ids(quiet.retrieve(WESTERN).candidates)[0] in ("gold", "rider")


@given(QUERIES)
@settings(deadline=None, max_examples=60)
def test_it_never_overrides_a_condition(query: Query) -> None:
    loud = over(favouring(*ROWS), weights=rank.Weights(learned={"learned one": 99.0}))
    assert set(ids(loud.retrieve(replace(query, k=10)).candidates)) == set(
        ids(over().retrieve(replace(query, k=10)).candidates)
    )


def test_it_hears_what_was_said_and_may_be_silent() -> None:
    retriever = over(Echo())
    silent = retriever.retrieve(WESTERN).candidates
    assert all("echo" not in candidate.found_by for candidate in silent)
    heard = retriever.retrieve(replace(WESTERN, said=("anything like a cake",), k=8)).candidates
    assert any(candidate.found_by.get("echo") for candidate in heard)


def test_it_can_speak_alone() -> None:
    found = over(favouring("gold")).retrieve(Query(k=1)).candidates
    assert ids(found) == ["gold"]
    assert set(found[0].found_by) == {"learned one"}


@pytest.mark.parametrize(
    "broken", [np.ones(3, np.float32), np.full(len(SPACE), np.nan, np.float32), np.ones((2, 2), np.float32)]
)
def test_one_that_fits_another_catalogue_is_passed_over(
    broken: Scores, caplog: pytest.LogCaptureFixture
) -> None:
    found = over(Fixed("stale", broken)).retrieve(WESTERN).candidates
    assert ids(found) == ids(over().retrieve(WESTERN).candidates)
    assert "stale" in caplog.text
    assert "Fit it again" in caplog.text


@pytest.mark.parametrize("name", ["traits", "avoided", "variety", ""])
def test_names_of_the_ranking_are_taken(name: str) -> None:
    with pytest.raises(BadSignal, match="a name of its own"):
        over(Fixed(name, None))


def test_two_signals_of_one_name_are_refused() -> None:
    with pytest.raises(BadSignal, match="can't be called 'same'"):
        over(Fixed("same", None), Fixed("same", None))


def test_leaning_moves_the_order_and_not_what_is_disliked() -> None:
    retriever = over(favouring("cake", name="one"), favouring("star", name="two"))
    for name, first in (("one", "cake"), ("two", "star")):
        query = Query(leaning={name: 2.5}, k=1, said=("x",))
        assert ids(retriever.retrieve(query).candidates) == [first]
    weights = rank.Weights().leaning({"avoided": 0.1, "traits": 2.0, "one": 3.0})
    assert weights.avoided == rank.Weights().avoided
    assert weights.traits == pytest.approx(2 * rank.Weights().traits)
    assert weights.of("one") == pytest.approx(3 * rank.LEARNED)
    assert set(retriever.signals) == {*rank.LEANING, "one", "two"}


def test_a_request_brings_its_own_dials() -> None:
    robots = Query(text="lonely robot", k=2)
    assert set(ids(over(dials=Dials(0.0)).retrieve(robots).candidates)) == {"robot", "robot2"}
    varied = over(dials=Dials(0.0)).retrieve(replace(robots, dials=Dials(0.9))).candidates
    assert len({"robot", "robot2"} & set(ids(varied))) == 1


def test_novelty_reads_how_well_known_the_catalogue_says_things_are() -> None:
    facets = (*FACETS[:1], Facet("votes", "number", "votes", role="quantity"))
    items = tuple(
        thing(name, name, genres=("western",), votes=votes)
        for name, votes in (("known", 9_000), ("middling", 500), ("obscure", 3))
    )
    retriever = over(items=items, facets=facets)
    unknown = replace(WESTERN, k=1, dials=Dials(0.0, novelty=1.0))
    assert ids(retriever.retrieve(unknown).candidates) == ["obscure"]
    assert ids(retriever.retrieve(replace(unknown, dials=Dials(0.0))).candidates) == ["known"]


def test_a_rating_is_not_popularity() -> None:
    facets = (Facet("stars", "number", "stars", role="rating"),)
    assert rank.popularity(FacetTable([thing("a", "a", stars=3)], facets)) is None
    facets = (Facet("sold", "number", "sold", role="quantity"),)
    items = [thing("a", "a", sold=10), thing("b", "b", sold=30), thing("c", "c")]
    found = rank.popularity(FacetTable(items, facets))
    assert found is not None
    assert found[1] > found[0]
    assert np.isnan(found[2])
