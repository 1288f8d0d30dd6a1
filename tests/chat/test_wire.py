from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from types import MappingProxyType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import wire
from chat.conversation import Feedback, Turn
from chat.reply import Recommendation, Reply
from prompts.dialogue import Interest
from retrieval.items import Item
from tests.store.samples import ANY_TEXT, CRIME, HEAT, LONG, NOON, conversation, message, turns


class Shelf:
    def get(self, id: str, /) -> Item | None:
        return HEAT if id == HEAT.id else None


# ---------------------------------------------------------------- what leaves the house


def test_the_public_shape_of_an_answer() -> None:
    out = wire.turn_json(message(1), (CRIME,), conversation_id="c1", message_id="m1")
    assert out == {
        "text": "Try Heat (1995). It is a crime film.",
        "move": "recommend",
        "recommendations": [
            {
                "item": {
                    "id": "heat",
                    "title": "Heat",
                    "facts": {"year": 1995, "genres": ["crime", "thriller"], "rating": 8.3},
                    "text": "A thief and a detective.",
                    "image": "https://example.org/heat.jpg",
                },
                "score": 0.5,
                "reasons": [
                    {
                        "text": "It is a crime film.",
                        "interest": {
                            "subject": "crime",
                            "kind": "genres",
                            "quote": "a crime film",
                            "turn": 1,
                        },
                        "fact": {"facet": "genres", "value": "crime"},
                    },
                    {
                        "text": "It is long.",
                        "interest": {
                            "subject": "at most 2 h",
                            "kind": "runtime",
                            "quote": "not too long",
                            "turn": 1,
                        },
                        "fact": {"facet": "runtime", "value": "170"},
                        "against": True,
                    },
                ],
            }
        ],
        "taste": [
            {
                "id": wire.interest_id(CRIME),
                "subject": "crime",
                "kind": "genres",
                "feeling": "like",
                "strength": 0.88,
                "quote": "a crime film",
                "turn": 1,
                "hard": False,
            }
        ],
        "quick_replies": ["More"],
        "voice": "plain",
        "timings": {"read": 1.5},
        "conversation_id": "c1",
        "message_id": "m1",
    }


def test_ids_are_given_only_when_asked_for_and_a_bare_item_has_no_empty_fields() -> None:
    reply = Reply("x", "recommend", (Recommendation(Item("1", "T"), (), 1.0),))
    out = wire.turn_json(replace(message(1), reply=reply), ())
    assert not {"conversation_id", "message_id"} & out.keys()
    assert out["recommendations"][0]["item"] == {"id": "1", "title": "T", "facts": {}}


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "//evil", "", " http://x"])
def test_only_web_addresses_leave(address: str) -> None:
    item = Item("1", "T", image=address, url=address)
    out = wire.turn_json(
        Turn(1, NOON, "m", reply=Reply("x", "recommend", (Recommendation(item, (), 1),))), ()
    )
    assert out["recommendations"][0]["item"].keys() == {"id", "title", "facts"}


def test_a_click_names_its_item_by_title_where_the_catalogue_knows_it() -> None:
    clicked = Interest("", "item", "like", 0.9, "", 1, value="heat")
    gone = replace(clicked, value="gone")
    out = wire.turn_json(Turn(1, NOON, "m", feedback=Feedback("heat", "like")), (clicked, gone), Shelf())
    assert [entry["subject"] for entry in out["taste"]] == ["Heat", "gone"]
    assert (out["text"], out["move"], out["recommendations"]) == ("", None, [])


@settings(max_examples=60, deadline=None)
@given(turns(ANY_TEXT))
def test_whatever_the_turn_its_json_can_be_sent(turn: Turn) -> None:
    taste = turn.reading.interests if turn.reading else ()
    for out in (
        wire.turn_json(turn, taste, conversation_id="c", message_id=turn.message_id),
        wire.conversation_json(conversation("c", "u", "f", NOON, turn), taste),
    ):
        sent = json.dumps(out, allow_nan=False, ensure_ascii=False).encode("utf-8")
        assert json.loads(sent) == out


def test_an_entry_keeps_its_name_while_it_fades_and_not_when_it_changes() -> None:
    assert wire.interest_id(replace(CRIME, strength=0.1, turn=9, quote="x")) == wire.interest_id(CRIME)
    others = [replace(CRIME, feeling="dislike"), replace(CRIME, hard=True), replace(CRIME, value="war"), LONG]
    assert len({wire.interest_id(one) for one in (CRIME, *others)}) == 5


def test_a_conversation_tells_what_was_said_and_answered() -> None:
    turns = (message(1, "hi"), Turn(1, NOON, "k", feedback=Feedback("heat", "save")), message(2, "more"))
    out = wire.conversation_json(conversation("c1", "ann", "films", NOON, *turns), (LONG,))
    assert [(turn["number"], turn["said"], turn["message_id"]) for turn in out["turns"]] == [
        (1, "hi", "m1"),
        (2, "more", "m2"),
    ]
    assert out["started"] == "2026-03-01T12:00:00+00:00"
    assert out["taste"][0]["hard"] is True
    assert "user_id" not in out


# ---------------------------------------------------------------- what is kept


@settings(max_examples=100, deadline=None)
@given(turns())
def test_a_turn_comes_back_as_it_was(turn: Turn) -> None:
    payload = wire.encode_turn(turn)
    assert payload.isascii()
    assert "\0" not in payload
    assert wire.decode_turn(payload) == turn
    if turn.reply:
        assert wire.decode_reply(wire.encode_reply(turn.reply)) == turn.reply


@settings(max_examples=40, deadline=None)
@given(st.lists(turns(), max_size=3))
def test_a_conversation_comes_back_as_it_was(kept: list[Turn]) -> None:
    one = conversation("c", "u\0", "f", NOON, *kept)
    assert wire.decode_conversation(wire.encode_conversation(one)) == one


@settings(max_examples=60, deadline=None)
@given(turns(ANY_TEXT))
def test_a_turn_with_half_surrogates_settles_after_one_round(turn: Turn) -> None:
    once = wire.decode_turn(wire.encode_turn(turn))
    assert once.text == wire.repaired(turn.text)
    assert wire.decode_turn(wire.encode_turn(once)) == once


@pytest.mark.parametrize(
    ("broken", "whole"),
    [
        ("half \ud83d pair", "half \ufffd pair"),
        ("\udc00\ud800", "\ufffd\ufffd"),
        ("\ud83d\ude00", "😀"),
        ("a\0b é 👨\u200d👩", "a\0b é 👨\u200d👩"),
    ],
)
def test_lone_surrogates_are_replaced_and_nothing_else(broken: str, whole: str) -> None:
    assert wire.repaired(broken) == whole
    assert wire.decode_turn(wire.encode_turn(Turn(1, NOON, "m", broken))).text == whole


def test_what_comes_back_is_frozen() -> None:
    turn = wire.decode_turn(wire.encode_turn(message(1)))
    assert turn.reply is not None
    facts: Any = turn.reply.recommendations[0].item.facts
    assert isinstance(facts, MappingProxyType)
    assert facts["genres"] == ("crime", "thriller")
    assert type(facts["year"]) is int
    assert isinstance(turn.timings, MappingProxyType)


def test_times_are_kept_in_utc_and_without_a_zone_taken_for_it() -> None:
    tokyo = datetime(2026, 3, 1, 21, tzinfo=timezone(timedelta(hours=9)))
    for at in (tokyo, datetime(2026, 3, 1, 12)):
        back = wire.decode_turn(wire.encode_turn(Turn(1, at, "m"))).at
        assert back == NOON
        assert back.utcoffset() == UTC.utcoffset(None)


def test_an_older_payload_without_newer_fields_still_loads() -> None:
    record = json.loads(wire.encode_turn(message(1)))
    for name in ("timings", "edit", "feedback"):
        del record[name]
    for name in ("open", "fresh", "unknown", "replaces"):
        del record["reading"][name]
    del record["reply"]["item_ids"]
    del record["reply"]["recommendations"][0]["reasons"][0]["interest"]["group"]
    assert wire.decode_turn(json.dumps(record)) == replace(message(1), timings=MappingProxyType({}))


def test_fields_of_a_newer_program_are_passed_over() -> None:
    record = json.loads(wire.encode_turn(message(1)))
    record["mood"] = record["reading"]["mood"] = record["reply"]["recommendations"][0]["item"]["mood"] = {
        "a": 1
    }
    assert wire.decode_turn(json.dumps(record)) == message(1)


@pytest.mark.parametrize("payload", ["", "{", "null", "[]", "{}", '{"number": 1, "at": "never"}'])
def test_what_is_no_turn_is_a_value_error(payload: str) -> None:
    with pytest.raises(ValueError):
        wire.decode_turn(payload)
    with pytest.raises(ValueError):
        wire.decode_reply(payload)
    with pytest.raises(ValueError):
        wire.decode_conversation(payload)
