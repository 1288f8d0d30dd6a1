"""Conditions: the table answers as the plain reading of a constraint does, item by item."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from retrieval.filters import FacetTable
from retrieval.items import Bounds, Constraint, Facet, Item, Query, Wish
from retrieval.lexical import LexicalIndex
from tests.retrieval.shelf import FACETS, SPACE, thing

TABLE = FacetTable(SPACE, FACETS, LexicalIndex.build(SPACE, FACETS).containing)


def left(query: Query, table: FacetTable = TABLE) -> set[str]:
    return {item.id for item, kept in zip(SPACE, table.mask(query), strict=True) if kept}


def test_values_are_alternatives_and_case_does_not_count() -> None:
    assert left(Query(musts=(Constraint("genres", ("WESTERN", "Family")),))) == {
        "gold", "rider", "robot", "robot2",
    }  # fmt: skip


def test_conditions_are_met_together() -> None:
    musts = (Constraint("genres", ("western",)), Constraint("directors", ("cleo west",)))
    assert left(Query(musts=(*musts, Constraint("year", bounds=Bounds(1962, None))))) == {"rider"}


def test_bounds_hold_at_their_ends() -> None:
    assert left(Query(musts=(Constraint("minutes", bounds=Bounds(88, 92)),))) == {"robot", "robot2"}


def test_who_says_nothing_meets_no_must_and_breaks_no_must_not() -> None:
    short = Constraint("minutes", bounds=Bounds(None, 100))
    assert "bread" not in left(Query(musts=(short,)))
    assert left(Query(must_nots=(short,))) == {"star", "gold", "rider", "bread", "amelie"}


def test_an_unknown_facet_or_value_is_met_by_none() -> None:
    assert left(Query(musts=(Constraint("colour", ("red",)),))) == set()
    assert left(Query(musts=(Constraint("genres", ("opera",)),))) == set()
    assert len(left(Query(must_nots=(Constraint("colour", ("red",)),)))) == len(SPACE)


def test_a_number_may_be_given_as_a_value() -> None:
    assert left(Query(musts=(Constraint("year", ("1999", "2001")),))) == {"star", "amelie"}


def test_items_and_words_can_be_conditions() -> None:
    assert left(Query(musts=(Constraint("item", ("gold", "cake", "none")),))) == {"gold", "cake"}
    assert left(Query(must_nots=(Constraint("text", ("robots", "bakers")),))) == {
        "star", "gold", "rider", "amelie",
    }  # fmt: skip


def test_seen_and_named_items_do_not_come_back() -> None:
    query = Query(
        likes=(Wish("item", "star"),), dislikes=(Wish("item", "gold"),), seen=frozenset({"cake", "none"})
    )
    assert left(query) == {"robot", "robot2", "rider", "bread", "amelie"}


def test_a_date_is_its_year() -> None:
    items = [thing("1", "One", released="2021-05-01"), thing("2", "Two", released=1999), thing("3", "Three")]
    table = FacetTable(items, (Facet("released", "date", "release"),))
    assert table.meeting(Constraint("released", bounds=Bounds(2021, 2021))).tolist() == [True, False, False]


def test_relaxing_tells_what_each_condition_costs() -> None:
    query = Query(
        musts=(Constraint("genres", ("western",)), Constraint("year", bounds=Bounds(1999, 2005))),
        seen=frozenset({"gold"}),
    )
    assert [(one.constraint.facet, one.excluded, one.matching) for one in TABLE.relaxations(query)] == [
        ("year", False, 1),
        ("genres", False, 3),
    ][::-1]


def test_relaxing_an_exclusion_says_so() -> None:
    query = Query(
        musts=(Constraint("genres", ("western",)),), must_nots=(Constraint("genres", ("Western",)),)
    )
    relaxed = {(one.excluded, one.matching) for one in TABLE.relaxations(query)}
    assert relaxed == {(True, 2), (False, 6)}


def test_two_that_must_go_together_are_a_pair() -> None:
    query = Query(
        musts=(
            Constraint("genres", ("opera",)),
            Constraint("directors", ("Nobody",)),
            Constraint("year", bounds=Bounds(1900, 2030)),
        )
    )
    assert TABLE.relaxations(query) == ()
    [(one, two)] = TABLE.pairs(query)
    assert (one.constraint.facet, two.constraint.facet) == ("genres", "directors")
    assert one.matching == two.matching == len(SPACE)


values = st.sampled_from(["western", "Drama", "comedy", "Ada North", "opera", "1999", ""])
numbers = st.none() | st.integers(1950, 2020).map(float)
constraints = st.builds(
    Constraint,
    st.sampled_from(["genres", "directors", "year", "minutes", "nothing"]),
    st.lists(values, max_size=2).map(tuple),
    st.none() | st.builds(Bounds, numbers, numbers),
)
queries = st.builds(
    Query,
    musts=st.lists(constraints, max_size=2).map(tuple),
    must_nots=st.lists(constraints, max_size=2).map(tuple),
    seen=st.frozensets(st.sampled_from([item.id for item in SPACE]), max_size=3),
)


def plainly(item: Item, constraint: Constraint) -> bool:
    """The docstring of `Constraint`, read word by word."""
    for value in item.values(constraint.facet):
        if isinstance(value, str):
            if value.casefold() in {one.casefold() for one in constraint.values}:
                return True
        elif str(value) in constraint.values or (constraint.bounds and constraint.bounds.holds(value)):
            return True
    return False


@given(queries)
def test_the_table_reads_conditions_as_they_are_written(query: Query) -> None:
    expected = {
        item.id
        for item in SPACE
        if item.id not in query.seen
        and all(plainly(item, one) for one in query.musts)
        and not any(plainly(item, one) for one in query.must_nots)
    }
    assert left(query) == expected


@given(queries)
def test_a_relaxation_keeps_its_word(query: Query) -> None:
    for one in TABLE.relaxations(query):
        musts, nots = list(query.musts), list(query.must_nots)
        (nots if one.excluded else musts).remove(one.constraint)
        lifted = Query(musts=tuple(musts), must_nots=tuple(nots), seen=query.seen)
        assert len(left(lifted)) == one.matching > len(left(query))
