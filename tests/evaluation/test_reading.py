"""Messages beside human labels: small ones whose answers are plain, and the ways they are counted."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz.distance import OSA

from chat.reader.read import Reader
from chat.service import Service
from chat.store.memory import MemoryStore
from evaluation.errors import BadData
from evaluation.human.dialogues import Dialogue, Said
from evaluation.human.replay import replay
from evaluation.human.shelves import film_shelf, merged, places
from evaluation.intervals import Interval
from evaluation.reading import (
    WRITTEN,
    Counted,
    GoalMeasure,
    Labelled,
    LinkMeasure,
    Readers,
    folded,
    iard_does,
    rewritten,
    sgd_does,
    slipped,
    undated,
)
from evaluation.reading_command import acts_table, changes_table, counted_table, kind_of
from evaluation.reversals import WAYS, Change, Changed, hold, usual
from evaluation.softness import Sets, read_sets, right
from retrieval.items import Facet, Item
from tests import shelves_for_tests as shelves

# --- what a message does ------------------------------------------------------------------------------------


def does(*said: str) -> set[str]:
    """What the last message does, after a suggestion of Heat."""
    turns = [
        Said("user", "a crime film"),
        Said("system", "Heat?", ("heat",)),
        *(Said("user", one) for one in said),
    ]
    reads = replay(Dialogue("a", tuple(turns)), shelves.films(), shelves.reader("films"))
    return set(iard_does(reads[-1]))


@pytest.mark.parametrize(
    ("said", "act"),
    [
        ("I've seen it", "seen"),
        ("I hated it", "rejects"),
        ("who directed it?", "inquires"),
        ("I love Ronin", "tells"),
        ("something funnier", "critiques"),
        ("thank you", "other"),
    ],
)
def test_acts_are_named_in_the_terms_of_the_labels(said: str, act: str) -> None:
    assert act in does(said)


def test_acts_of_the_other_set() -> None:
    turns = (Said("user", "thanks a lot"), Said("user", "bye"))
    reads = replay(Dialogue("a", turns), shelves.films(), shelves.reader("films"))
    assert [set(sgd_does(one)) for one in reads] == [{"thanks"}, {"bye"}]


def value(cell: Any) -> float:
    return cell.value if isinstance(cell, Interval) else float(cell)


def test_several_labels_are_counted_each_and_together() -> None:
    rows = [
        Labelled("a", frozenset({"seen", "rejects"}), frozenset({"seen"})),
        Labelled("b", frozenset({"seen"}), frozenset({"rejects"})),
        Labelled("c", frozenset({"rejects"}), frozenset({"rejects"})),
    ]
    table = {row["class"]: row for row in acts_table("t", rows, ("seen", "rejects"), 0).rows}
    assert (value(table["seen"]["precision"]), value(table["seen"]["recall"])) == (1.0, 0.5)
    assert value(table["rejects"]["F1"]) == pytest.approx(0.5)
    assert value(table["all"]["F1"]) == pytest.approx(4 / 7)  # 2 right, 1 extra, 2 missed
    assert value(table["all"]["one is right"]) == pytest.approx(2 / 3)
    assert value(table["always “seen”"]["one is right"]) == pytest.approx(2 / 3)


# --- conditions ---------------------------------------------------------------------------------------------

PLACES = [
    {"item_id": "p1", "title": "blue door", "domain": "restaurant",
     "attributes": {"area": "north", "food": "thai", "pricerange": "cheap", "type": "restaurant"}},
    {"item_id": "p2", "title": "red gate", "domain": "hotel",
     "attributes": {"area": "south", "pricerange": "expensive", "type": "hotel", "stars": "4"}},
]  # fmt: skip


def test_conditions_of_a_goal_are_found_missed_or_made_up(tmp_path: Path) -> None:
    path = tmp_path / "items.jsonl"
    path.write_text("\n".join(map(json.dumps, PLACES)))
    measure = GoalMeasure(path)
    vars(measure)["reader"] = Reader(places(path), shelves.TODAY)
    goal = {"restaurant": {"food": "thai", "area": "south", "name": "blue door"}}
    talk = Dialogue("a", (Said("user", "a cheap thai restaurant please"),), {}, {"goal": goal})
    found = {one.kind: (one.right, one.extra, one.missed) for one in measure(talk)}
    assert found == {"food": (1, 0, 0), "area": (0, 0, 1), "pricerange": (0, 1, 0)}
    assert folded("Guest-House ") == folded("guest house")


def test_counts_add_up_over_dialogues() -> None:
    rows = [Counted("a", "food", 1, 0, 1), Counted("b", "food", 1, 2, 0), Counted("b", "area", 1, 0, 0)]
    table = {row["facet"]: row for row in counted_table("t", rows, 0, "facet", "", whole=True).rows}
    assert value(table["food"]["precision"]) == 0.5
    assert value(table["food"]["recall"]) == pytest.approx(2 / 3)
    assert value(table["all"]["F1"]) == pytest.approx(6 / 9)


# --- titles -------------------------------------------------------------------------------------------------


@given(st.text(alphabet="abcdefgh ", min_size=1, max_size=30), st.integers(0, 1000))
def test_a_slip_is_one_edit_at_most(title: str, seed: int) -> None:
    assert OSA.distance(title, slipped(title, random.Random(seed))) <= 1


def test_titles_are_rewritten_and_nothing_else() -> None:
    text = "I saw Heat (1995) in (1996)"
    placed = [(6, 17, "heat")]
    ways = {way: rewritten(text, placed, way, random.Random(1)) for way in WRITTEN}
    assert ways["as written"] == text
    assert ways["without years"] == "I saw Heat in (1996)"
    assert ways["lower case, no years"] == "i saw heat in (1996)"
    assert undated("Solaris  (2002)") == "Solaris"


def test_linking_counts_twins_as_one_and_questions_apart() -> None:
    twins = [
        Item("1", "Copper Lantern", {"year": 1999}),
        Item("2", "Copper Lantern", {"year": 1999}),
        Item("3", "Quiet Harbour", {"year": 2004}),
        Item("4", "Quiet Harbour", {"year": 2011}),
    ]
    measure = LinkMeasure(Path(), 0)
    vars(measure)["merged"] = merged(film_shelf(twins))
    talk = Dialogue(
        "a", (Said("user", "I loved Copper Lantern (1999) and Quiet Harbour (2011)", ("2", "4")),)
    )
    found = {one.kind: (one.right, one.extra, one.missed) for one in measure(talk)}
    assert found["as written"] == (2, 0, 0)
    assert found["without years"] == (1, 0, 0)
    assert found["without years: asked"] == (1, 0, 0)


# --- soft attributes ----------------------------------------------------------------------------------------


def test_pairs_run_from_less_to_more() -> None:
    one = Sets("r", "funny", (("a",), ("b", "c"), ("d",)))
    assert len(one.pairs) == 2 + 1 + 2
    place = {name: row for row, name in enumerate("abcd")}
    values, raters = right([one], {"funny": np.array([0.0, 1.0, 2.0, 3.0])}, place)
    assert (values.mean(), set(raters)) == (1.0, {"r"})
    assert right([one], {"funny": np.zeros(4)}, place)[0].mean() == 0.5
    assert right([one], {"funny": np.array([3.0, 2.0, 1.0, 0.0])}, place)[0].mean() == 0.0


def test_answers_keep_the_films_that_are_there(tmp_path: Path) -> None:
    row = {"rater_id": 1, "soft_attribute": "funny", "reference": "A", "less_than": ["B"], "more_than": ["Z"]}
    (tmp_path / "sets.jsonl").write_text(json.dumps(row))
    (tmp_path / "titles.csv").write_text("title,redial_id\nA,1\nB,2\nZ,9\n")
    (found,) = read_sets(tmp_path, film_shelf([Item("1", "A"), Item("2", "B")]))
    assert found.groups == (("2",), ("1",), ())
    with pytest.raises(BadData, match="redial_id"):
        read_sets(tmp_path, film_shelf([Item("5", "E")]))


# --- changes of mind ----------------------------------------------------------------------------------------


def service(name: str) -> Service:
    return Service(MemoryStore(), lambda catalogue: shelves.manager(name), lambda: shelves.NOW)


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_a_change_of_mind_counts_at_once(way: int) -> None:
    change = Change(way, "genres", "crime", "comedy", way, "I'd like {old}", "OK, back to {old} after all")
    found = hold(service("films"), "films", change)
    assert found.counted
    assert found.said[0] == "I'd like crime"
    assert found.lists == 0
    assert found.back


def test_only_values_that_enough_have_and_have_not_are_talked_about() -> None:
    items = [Item(str(n), str(n), {"g": "a" if n < 6 else "b", "h": "x"}) for n in range(14)]
    facet = Facet("g", "category", "genre")
    assert usual(facet, items) == ["a", "b"]
    assert usual(Facet("h", "category", "h"), items) == []


def test_the_table_leaves_out_what_never_counted() -> None:
    change = Change(0, "genres", "crime", "comedy", 0, "", "")
    found = [
        Changed(change, True, 0, True, ()),
        Changed(change, True, 2, False, ()),
        Changed(change, False, 0, True, ()),
    ]
    table = changes_table(found, "films", 0)
    assert table.rows[0]["talks"] == 2
    assert value(table.rows[0]["at once"]) == 0.5
    assert value(table.rows[0]["lists until gone"]) == 1.0
    assert "1 openers" in table.note


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        (("sets.jsonl.gz",), "soft"),
        (("dialogues.jsonl",), "iard"),
        (("dev.jsonl.gz",), "sgd"),
        (("val.jsonl", "items.jsonl.gz"), "multiwoz"),
        (("valid.jsonl", "items.jsonl"), "redial"),
    ],
)
def test_a_folder_is_known_by_what_it_holds(tmp_path: Path, files: tuple[str, ...], kind: str) -> None:
    for name in files:
        (tmp_path / name).write_text("")
    assert kind_of(tmp_path) == kind


def test_a_folder_of_nothing_known_says_what_is_known(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"sets\.jsonl"):
        kind_of(tmp_path)


def test_reading_by_a_model_needs_one() -> None:
    with pytest.raises(BadData, match="--llm"):
        _ = Readers("model", "plain").model
