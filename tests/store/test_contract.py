"""What every store promises, held against each of them."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat.conversation import TasteEdit, Turn
from chat.errors import NoSuchConversation
from chat.store.protocol import TITLE_CHARS, ConversationStore
from tests.store.samples import CRIME, NOON, click, conversation, message, turns


def test_a_conversation_comes_back_as_it_was(store: ConversationStore) -> None:
    edit = Turn(1, NOON, "e1", edit=TasteEdit(CRIME, None))
    kept = conversation("c1", "ann", "films", NOON, message(1), click(1, "heat", "like", "k1"), edit)
    store.create(kept)
    assert store.load("c1", "ann") == kept


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(turn=turns())
def test_any_turn_comes_back_as_it_was(store: ConversationStore, turn: Turn) -> None:
    turn = replace(turn, message_id="m1")
    store.create(conversation("any", "ann"))
    try:
        assert store.append("any", "ann", turn)
        assert store.load("any", "ann").turns == (turn,)
    finally:
        store.delete("any", "ann")


def test_turns_come_back_in_the_order_they_were_appended(store: ConversationStore) -> None:
    store.create(conversation())
    late_clock = [message(1), message(2, minutes=-60), click(2, "heat", "seen", "k")]
    for turn in late_clock:
        assert store.append("c1", "ann", turn) is True
    assert store.load("c1", "ann").turns == tuple(late_clock)


def test_the_same_message_id_changes_nothing_the_second_time(store: ConversationStore) -> None:
    store.create(conversation())
    store.create(conversation("c2"))
    assert store.append("c1", "ann", message(1, "first"))
    before = store.export("ann")
    assert store.append("c1", "ann", message(2, "second", id="m1", minutes=99)) is False
    assert store.export("ann") == before
    assert store.append("c2", "ann", message(1, "elsewhere", id="m1"))


def test_somebody_elses_conversation_is_not_there(store: ConversationStore) -> None:
    store.create(
        conversation("c1", "ann", "films", NOON, message(1, "a secret"), click(1, "heat", "save", "k"))
    )
    store.create(conversation("b1", "bob"))
    for attempt in (
        lambda one: store.load(one, "bob"),
        lambda one: store.append(one, "bob", message(2)),
        lambda one: store.truncate(one, "bob", 1),
        lambda one: store.replace_from(one, "bob", 1, (message(1),)),
        lambda one: store.delete(one, "bob"),
    ):
        with pytest.raises(NoSuchConversation) as theirs:
            attempt("c1")
        with pytest.raises(NoSuchConversation) as unknown:
            attempt("c0")
        assert str(theirs.value) == str(unknown.value).replace("c0", "c1")
    store.erase("bob")
    assert len(store.load("c1", "ann").turns) == 2
    store.create(conversation("b2", "bob"))
    assert [entry.id for entry in store.list("bob")] == ["b2"]
    assert store.long_term("bob", "films") == ()
    assert store.saved("bob", "films") == ()
    assert "secret" not in json.dumps(store.export("bob"))


@pytest.mark.parametrize("odd", ["", "a\0b", "\ud800", "x" * 201])
def test_odd_ids_find_nothing_and_are_not_written(store: ConversationStore, odd: str) -> None:
    store.create(conversation("c1", "ann", "films", NOON, message(1)))
    for one, user in ((odd, "ann"), ("c1", odd)):
        with pytest.raises(NoSuchConversation) as error:
            store.load(one, user)
        str(error.value).encode("utf-8")
    assert store.list(odd) == []
    assert store.saved(odd, odd) == ()
    assert store.long_term("ann", odd) == ()
    assert len(store.long_term("ann", "films", besides=odd)) == 1
    assert store.export(odd)["conversations"] == []
    store.erase(odd)
    for kept in (
        conversation(odd),
        conversation("c2", odd),
        conversation("c2", "ann", odd),
        conversation("c2", "ann", "films", NOON, message(1, id=odd)),
    ):
        if odd or kept.turns == ():
            with pytest.raises(ValueError):
                store.create(kept)
    with pytest.raises(ValueError):
        store.append("c1", "ann", replace(message(2), message_id=odd))
    assert [entry.id for entry in store.list("ann")] == ["c1"]


def test_a_taken_id_is_refused_and_the_old_conversation_stays(store: ConversationStore) -> None:
    store.create(conversation("c1", "ann", "films", NOON, message(1)))
    for user in ("ann", "bob"):
        with pytest.raises(ValueError, match="already"):
            store.create(conversation("c1", user))
    assert len(store.load("c1", "ann").turns) == 1


def test_truncating_drops_the_message_and_all_that_followed(store: ConversationStore) -> None:
    turns = (
        message(1),
        click(1, "heat", "like", "k1"),
        message(2),
        click(2, "heat", "seen", "k2"),
        message(3),
    )
    store.create(conversation("c1", "ann", "films", NOON, *turns))
    store.truncate("c1", "ann", 4)
    assert store.load("c1", "ann").turns == turns
    store.truncate("c1", "ann", 2)
    assert store.load("c1", "ann").turns == turns[:2]
    assert store.append("c1", "ann", message(2, "again", id="m2"))
    assert store.load("c1", "ann").turns[-1].text == "again"


def test_replacing_is_all_or_nothing(store: ConversationStore) -> None:
    turns = (message(1), message(2), message(3))
    store.create(conversation("c1", "ann", "films", NOON, *turns))
    for new in ((message(2, id="new"), message(3, id="m1")), (message(2, id="a"), message(3, id="a"))):
        with pytest.raises(ValueError):
            store.replace_from("c1", "ann", 2, new)
        assert store.load("c1", "ann").turns == turns
    new = (click(1, "heat", "like", "k"), message(2, "other words", id="m3"))
    store.replace_from("c1", "ann", 2, new)
    assert store.load("c1", "ann").turns == (turns[0], *new)


def test_the_list_shows_the_latest_used_first(store: ConversationStore) -> None:
    for number, one in enumerate(("old", "mid", "new")):
        store.create(conversation(one, "ann", "films", NOON + timedelta(hours=number)))
    assert [entry.id for entry in store.list("ann")] == ["new", "mid", "old"]
    store.append("old", "ann", click(0, "heat", "like", "k0", minutes=300))
    store.append("old", "ann", message(1, " A western\0, please\n\tand \ud83d\ude00 ", minutes=301))
    store.append("old", "ann", message(2, "no, a comedy", minutes=302))
    first, *_ = store.list("ann", limit=1)
    assert (first.id, first.catalogue, first.title) == ("old", "films", "A western , please and 😀")
    assert (first.started, first.updated) == (NOON, message(2, minutes=302).at)
    assert len(store.list("ann", limit=1)) == 1
    assert store.list("ann", limit=0) == []
    store.truncate("old", "ann", 1)
    assert store.list("ann", limit=1)[0].title == ""


def test_a_long_first_message_is_cut_between_words(store: ConversationStore) -> None:
    store.create(conversation("c1", "ann", "films", NOON, message(1, "something " * 40)))
    store.create(
        conversation("c2", "ann", "films", NOON - timedelta(1), message(1, "x" * 500, minutes=-2000))
    )
    words, one_word = (entry.title for entry in store.list("ann"))
    assert words == " ".join(["something"] * 5) + "…"
    assert one_word == "x" * (TITLE_CHARS - 1) + "…"


def test_deleting_forgets_one_conversation_only(store: ConversationStore) -> None:
    store.create(conversation("c1", "ann", "films", NOON, message(1)))
    store.create(conversation("c2", "ann", "films", NOON, message(1)))
    store.delete("c1", "ann")
    with pytest.raises(NoSuchConversation):
        store.delete("c1", "ann")
    assert [entry.id for entry in store.list("ann")] == ["c2"]
    store.create(conversation("c1", "ann"))
    assert store.load("c1", "ann").turns == ()


def test_former_turns_come_newest_first_and_without_replies(store: ConversationStore) -> None:
    store.create(conversation("old", "ann", "films", NOON, message(1, "a", "o1"), message(2, "b", "o2")))
    store.create(conversation("shop", "ann", "shop", NOON, message(1, "kettle", minutes=50)))
    store.create(conversation("bobs", "bob", "films", NOON, message(1, "secret", minutes=50)))
    store.create(
        conversation("new", "ann", "films", NOON, message(1, "c", "n1", 60), message(2, "d", "n2", 60))
    )
    former = store.long_term("ann", "films")
    assert [turn.text for turn in former] == ["d", "c", "b", "a"]
    assert former[0] == replace(message(2, "d", "n2", 60), reply=None)
    assert [turn.text for turn in store.long_term("ann", "films", limit=3)] == ["d", "c", "b"]
    assert [turn.text for turn in store.long_term("ann", "films", besides="new")] == ["b", "a"]
    assert store.long_term("ann", "films", limit=0) == ()


def test_saved_items_are_those_not_let_go_again(store: ConversationStore) -> None:
    assert store.saved("ann", "films") == ()
    for one, catalogue in (("c1", "films"), ("c2", "films"), ("c3", "shop")):
        store.create(conversation(one, "ann", catalogue))
    store.append("c1", "ann", click(1, "heat", "save", "k1", minutes=0))
    store.append("c1", "ann", click(1, "ran", "save", "k2", minutes=1))
    store.append("c1", "ann", click(1, "up", "like", "k3", minutes=2))
    store.append("c3", "ann", click(1, "kettle", "save", "k4", minutes=3))
    store.append("c2", "ann", click(1, "heat", "unsave", "k5", minutes=4))
    assert store.saved("ann", "films") == ("ran",)
    store.append("c2", "ann", click(1, "heat", "save", "k6", minutes=5))
    store.append("c1", "ann", click(1, "heat", "save", "k7", minutes=6))
    assert store.saved("ann", "films") == ("ran", "heat")
    assert store.saved("ann", "shop") == ("kettle",)
    store.delete("c1", "ann")
    assert store.saved("ann", "films") == ("heat",)


def test_export_holds_every_word_and_erase_leaves_none(store: ConversationStore) -> None:
    store.create(conversation("c1", "ann", "films", NOON, message(1, "my words")))
    store.create(conversation("c2", "ann", "shop", NOON, click(0, "kettle", "save", "k")))
    store.create(conversation("b1", "bob"))
    out = json.loads(json.dumps(store.export("ann"), allow_nan=False))
    assert out["user_id"] == "ann"
    by_id = {entry["id"]: entry for entry in out["conversations"]}
    assert by_id["c1"]["turns"][0]["text"] == "my words"
    assert by_id["c1"]["turns"][0]["reply"]["recommendations"][0]["item"]["title"] == "Heat"
    assert by_id["c2"]["turns"][0]["feedback"] == {"item_id": "kettle", "kind": "save", "apart": {}}
    store.erase("ann")
    assert store.export("ann") == {"user_id": "ann", "conversations": []}
    assert store.list("ann") == []
    assert store.saved("ann", "shop") == ()
    assert store.load("b1", "bob").id == "b1"


def test_threads_append_to_one_conversation_without_loss(store: ConversationStore) -> None:
    store.create(conversation())
    answers: dict[str, list[bool]] = {"a": [], "b": []}

    def talk(name: str) -> None:
        for number in range(1, 16):
            answers[name].append(store.append("c1", "ann", message(number, id=f"{name}{number}")))
            store.append("c1", "ann", message(number, id=f"both{number}"))

    threads = [threading.Thread(target=talk, args=(name,)) for name in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = [turn.message_id for turn in store.load("c1", "ann").turns]
    assert answers == {"a": [True] * 15, "b": [True] * 15}
    assert sorted(kept) == sorted(f"{name}{n}" for name in ("a", "b", "both") for n in range(1, 16))
    for name in "ab":
        own = [int(one[1:]) for one in kept if one.startswith(name) and not one.startswith("both")]
        assert own == list(range(1, 16))


def test_a_store_that_is_there_answers(store: ConversationStore) -> None:
    store.ping()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(times=st.lists(st.integers(0, 5), min_size=1, max_size=6))
def test_updated_never_runs_backwards(store: ConversationStore, times: list[int]) -> None:
    store.create(conversation("t", "tim"))
    try:
        for place, minutes in enumerate(times):
            store.append(
                "t", "tim", replace(message(1, id=f"m{place}"), at=NOON + timedelta(minutes=minutes))
            )
        assert store.list("tim")[0].updated == NOON + timedelta(minutes=max(times))
    finally:
        store.delete("t", "tim")
