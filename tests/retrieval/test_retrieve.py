"""Retrieval as a whole, over the small fake embedder: what must never come back, and what must come first."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.catalogue import Catalogue, embedding_text
from retrieval.embed import HashEmbedder
from retrieval.filters import FacetTable
from retrieval.index import ExactIndex
from retrieval.items import Bounds, Constraint, Facet, Item, Query, Wish
from retrieval.lexical import LexicalIndex
from retrieval.retrieve import Retriever
from retrieval.schema import Columns, FacetColumn, Schema
from retrieval.support import sentences
from tests.retrieval.shelf import FACETS, SPACE, ids, thing


def over(items: tuple[Item, ...], facets: tuple[Facet, ...] = FACETS, embedded: bool = True) -> Retriever:
    columns = tuple(FacetColumn(facet, facet.name) for facet in facets)
    catalogue = Catalogue(
        "things", Schema("thing", "things", "Things", Columns("title"), facets=columns), items, "1"
    )
    embedder = HashEmbedder(128)
    vectors = embedder.embed([embedding_text(item, facets) for item in items])
    if not embedded:
        vectors = np.zeros_like(vectors)
    lexical = LexicalIndex.build(items, facets)
    table = FacetTable(items, facets, lexical.containing)
    return Retriever(catalogue, embedder, ExactIndex(vectors), lexical, table, vectors)


SMALL = over(SPACE)
MANY = over(
    tuple(
        thing(
            f"id{row}", f"Title {row}", f"word{row % 50} word{row % 7}",
            genres=(f"genre{row % 9}",), year=1950 + row % 70, stars=row % 5,
        )
        for row in range(3_000)
    ),
    (*FACETS[:1], FACETS[2], Facet("stars", "number", "stars", role="rating")),
)  # fmt: skip

WISHES = st.one_of(
    st.builds(Wish, st.just("item"), st.sampled_from([item.id for item in SPACE] + ["gone"])),
    st.builds(Wish, st.just("genres"), st.sampled_from(["western", "comedy", "opera"]), weight=st.just(0.5)),
    st.builds(Wish, st.just("text"), st.text(max_size=12)),
    st.builds(Wish, st.just("year"), st.just(""), st.builds(Bounds, st.just(1990.0), st.none())),
    st.builds(Wish, st.just("nothing like it"), st.just("robot")),
)
CONDITIONS = st.one_of(
    st.builds(Constraint, st.just("genres"), st.lists(st.sampled_from(["western", "drama"])).map(tuple)),
    st.builds(Constraint, st.just("year"), st.just(()), st.builds(Bounds, st.just(1960.0), st.just(2005.0))),
    st.builds(Constraint, st.just("text"), st.just(("robot",))),
    st.builds(Constraint, st.just("item"), st.just(("star", "cake"))),
)
QUERIES = st.builds(
    Query,
    text=st.sampled_from(["", "robot garden", "zzz", "western gold", "日本"]),
    musts=st.lists(CONDITIONS, max_size=1).map(tuple),
    must_nots=st.lists(CONDITIONS, max_size=2).map(tuple),
    likes=st.lists(WISHES, max_size=3).map(tuple),
    dislikes=st.lists(WISHES, max_size=2).map(tuple),
    seen=st.frozensets(st.sampled_from([item.id for item in SPACE]), max_size=5),
    k=st.integers(0, 10),
)


@given(QUERIES)
@settings(deadline=None)
def test_nothing_seen_named_or_excluded_ever_returns(query: Query) -> None:
    found = SMALL.retrieve(query)
    table = FacetTable(SPACE, FACETS, LexicalIndex.build(SPACE, FACETS).containing)
    rows = {item.id: row for row, item in enumerate(SPACE)}
    named = {wish.value for wish in query.likes + query.dislikes if wish.facet == "item"}
    for candidate in found.candidates:
        row = rows[candidate.item.id]
        assert candidate.item.id not in query.seen | named
        assert all(table.meeting(one)[row] for one in query.musts)
        assert not any(table.meeting(one)[row] for one in query.must_nots)


@given(QUERIES)
@settings(deadline=None)
def test_gives_k_or_all_there_are_once_each_and_the_same_every_time(query: Query) -> None:
    found = SMALL.retrieve(query)
    assert len(found.candidates) == min(query.k, found.matching)
    assert len(set(ids(found.candidates))) == len(found.candidates)
    assert found == over(SPACE).retrieve(query)
    best = [round(candidate.score, 4) for candidate in found.candidates]
    assert best == sorted(best, reverse=True)
    for candidate in found.candidates:
        assert sum(candidate.found_by.values()) == pytest.approx(candidate.score, abs=1e-3)


@pytest.mark.parametrize(
    ("query", "first"),
    [
        (Query("a robot in an empty garden"), "robot"),
        (Query("amelie"), "amelie"),
        (Query(likes=(Wish("genres", "western"), Wish("text", "sheriff"))), "rider"),
        (Query(likes=(Wish("genres", "opera"), Wish("plot", "outlaws and gold"))), "gold"),  # words, then
        (Query(likes=(Wish("item", "robot"),)), "robot2"),
        (Query("robot", dislikes=(Wish("directors", "Ada North"),)), "robot2"),
        (Query(likes=(Wish("genres", "comedy"), Wish("year", bounds=Bounds(2017, None)))), "bread"),
        (Query(likes=(Wish("genres", "comedy"), Wish("year", "2018"))), "bread"),
        (Query("baker", dislikes=(Wish("text", "wedding"),)), "bread"),
        (Query(likes=(Wish("genres", "western"),), dislikes=(Wish("item", "rider"),)), "gold"),
    ],
)
def test_what_was_asked_for_comes_first(query: Query, first: str) -> None:
    assert ids(SMALL.retrieve(query).candidates)[0] == first


def test_says_what_found_each() -> None:
    best = SMALL.retrieve(Query("robot garden", likes=(Wish("genres", "family"),))).candidates[0]
    assert set(best.found_by) == {"meaning", "words", "traits"}
    assert best.found_by["traits"] == max(best.found_by.values())


def test_without_vectors_words_and_facets_still_find() -> None:
    bare = over(SPACE, embedded=False)
    assert ids(bare.retrieve(Query("robot in an empty garden")).candidates)[0] == "robot"
    assert ids(bare.retrieve(Query(likes=(Wish("item", "gold"),))).candidates)[0] == "rider"


def test_a_query_that_says_nothing_gets_a_varied_sample() -> None:
    found = SMALL.retrieve(Query(k=4)).candidates
    genres = {candidate.item.facts["genres"] for candidate in found}
    assert len(genres) == 4
    assert ids(found) != [item.id for item in SPACE[:4]]
    more = SMALL.retrieve(Query(k=4, seen=frozenset(ids(found)))).candidates
    assert not set(ids(found)) & set(ids(more))


def test_a_sample_avoids_what_is_disliked() -> None:
    found = SMALL.retrieve(Query(k=3, dislikes=(Wish("genres", "western"),))).candidates
    assert not {"gold", "rider"} & set(ids(found))


def test_a_sample_prefers_what_is_rated_well() -> None:
    found = MANY.retrieve(Query(k=20)).candidates
    stars = [candidate.item.facts["stars"] for candidate in found]
    assert sum(star for star in stars if isinstance(star, int)) / 20 > 3


def test_few_matches_come_with_what_to_relax() -> None:
    query = Query(musts=(Constraint("genres", ("western",)), Constraint("year", bounds=Bounds(1999, 2005))))
    found = SMALL.retrieve(query)
    assert (found.matching, found.candidates) == (0, ())
    assert [(one.constraint.facet, one.matching) for one in found.relaxations] == [("genres", 3), ("year", 2)]
    assert SMALL.retrieve(Query("robot", k=3)).relaxations == ()


def test_two_conditions_that_must_both_go() -> None:
    query = Query(musts=(Constraint("genres", ("opera",)), Constraint("directors", ("Nobody",))))
    assert SMALL.retrieve(query).relaxations == ()
    [(one, two)] = SMALL.pairs_to_relax(query)
    assert {one.constraint, two.constraint} == set(query.musts)


def test_similar_leaves_the_thing_itself_out() -> None:
    found = ids(SMALL.similar("robot", 3))
    assert found[0] == "robot2"
    assert "robot" not in found
    assert SMALL.similar("gone") == ()


def test_large_catalogues_are_searched_by_pools_and_find_the_same() -> None:
    found = MANY.retrieve(
        Query("word13", musts=(Constraint("genres", ("genre4",)),), seen=frozenset({"id13"}), k=5)
    )
    assert found.matching == len(range(4, 3_000, 9)) - (13 % 9 == 4)
    everywhere = MANY.retrieve(Query("word13 word6", seen=frozenset({"id13"}), k=5)).candidates
    assert all("word13" in candidate.item.text.split() for candidate in everywhere)
    assert "id13" not in ids(everywhere)


def test_an_empty_catalogue_gives_nothing() -> None:
    empty = over(())
    assert empty.retrieve(Query("robot")).candidates == ()
    assert empty.retrieve(Query()).matching == 0


def item(name: str) -> Item:
    found = SMALL.catalogue.get(name)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("robot", "singing", "It learns to sing."),
        ("robot", "empty gardens", "A robot tends an empty garden."),
        ("robot", "submarine", None),
        ("robot", "something with hurt", None),  # "nobody is hurt" says the opposite
        ("robot", "not sing", None),
        ("robot", "", None),
        ("amelie", "neighbours", "Flowers, secrets, a shy neighbour."),
    ],
)
def test_support_is_the_sentence_that_bears_it_out(name: str, text: str, sentence: str | None) -> None:
    found = SMALL.sentence_support(item(name), text)
    assert (found[0] if found else None) == sentence
    assert found is None or 0 < found[1] <= 1


def test_support_follows_a_changed_description() -> None:
    assert SMALL.sentence_support(thing("robot", "x", "A whale sings."), "whale") == ("A whale sings.", 1.0)
    assert SMALL.sentence_support(item("robot"), "whale") is None


def test_sentences_end_where_they_end() -> None:
    text = "Dr. No meets Mrs. Dalloway. “Who?” asks J. R. at 3.5 km… silence! 東京。大阪。"
    assert sentences(text) == (
        "Dr. No meets Mrs. Dalloway.", "“Who?”", "asks J. R. at 3.5 km…", "silence!", "東京。", "大阪。",
    )  # fmt: skip
    assert sentences("") == ()
