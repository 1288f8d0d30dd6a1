"""How answers are judged, on answers whose worth is plain."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from finetune.engines import Answer, precisions
from finetune.errors import BadConfig
from finetune.examples import Example
from finetune.scores import act_scores, known_slots, read_scores, write_scores
from prompts.short import Entry, ShortBrief, Stated, short_read_messages, short_write_messages
from retrieval.items import Facet

FACETS = (Facet("genre", "category", "genre"), Facet("year", "number", "year"))
SAID = "a bleak western, no romance"
MEANT = {
    "act": "request",
    "interests": [
        {"subject": "western", "kind": "genre", "feeling": "like", "quote": "western"},
        {"subject": "romance", "kind": "genre", "feeling": "dislike", "quote": "romance"},
    ],
}
READ = Example(
    "read",
    "generator",
    (*short_read_messages(SAID, (), FACETS), {"role": "assistant", "content": json.dumps(MEANT)}),
    message=SAID,
    facets=FACETS,
)
BRIEF = ShortBrief(
    "recommend",
    "request",
    "film",
    "films",
    "watch",
    (Entry("Heat", 1995, (), (Stated("length", "170 minutes", True, "number"),)), Entry("Ronin", 1998)),
    likes=("bleak films",),
)
REPLY = "For “bleak films”: [1], which runs [1i]. Then [2]."
WRITE = Example(
    "write",
    "generator",
    (*short_write_messages(SAID, BRIEF), {"role": "assistant", "content": REPLY}),
    message=SAID,
    brief=BRIEF,
)


def _answer(text: str, *, ended: bool = True) -> Answer:
    return Answer(text, len(text.split()), ended, 0.1, 0.2)


def _without_the_first() -> str:
    return json.dumps({**MEANT, "interests": MEANT["interests"][1:]})


def test_a_perfect_reading() -> None:
    scores = read_scores([(READ, _answer(json.dumps(MEANT)))])
    assert {
        name: scores[name] for name in ("parses", "act", "interests", "feelings", "same")
    } == dict.fromkeys(("parses", "act", "interests", "feelings", "same"), 1.0)


def test_half_of_what_was_meant() -> None:
    scores = read_scores([(READ, _answer(_without_the_first()))])
    assert scores["parses"] == scores["act"] == 1
    assert scores["interests"] == round(2 / 3, 4)  # precision 1, recall 1/2
    assert scores["same"] == 0


def test_the_right_feeling_about_the_wrong_thing() -> None:
    wrong = json.dumps(MEANT).replace('"subject": "western"', '"subject": "bleak"')
    scores = read_scores([(READ, _answer(wrong))])
    assert scores["interests"] == 0.5
    assert scores["feelings"] == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "no idea",
        json.dumps(MEANT).replace('"quote": "western"', '"quote": "cowboys"'),
        json.dumps(MEANT).replace('"kind": "genre"', '"kind": "mood"'),
    ],
)
def test_what_can_not_be_believed_says_nothing(text: str) -> None:
    scores = read_scores([(READ, _answer(text, ended=False)), (READ, _answer(json.dumps(MEANT)))])
    assert scores["parses"] == scores["act"] == scores["same"] == scores["ended"] == 0.5
    assert scores["interests"] == round(2 / 3, 4)


def test_a_perfect_reply() -> None:
    scores = write_scores([(WRITE, _answer(REPLY))])
    names = ("slots", "items", "numbers", "quotes", "faithful", "same", "different", "ended")
    assert {name: scores[name] for name in names} == dict.fromkeys(names, 1.0)


@pytest.mark.parametrize(
    ("text", "failed"),
    [
        ("Try [1] and [2] and [3].", {"slots", "items"}),
        ("Try [1] and [2], [2b].", {"slots"}),
        ("Try [1] and [2], like [A].", {"slots"}),
        ("Try [1] and [2] [x].", {"slots"}),
        ("Try [2], then [1].", {"items"}),
        ("Try [1].", {"items"}),
        ("Try [1], [2] and [1].", {"items"}),
        ("Try [1] of 1999 and [2].", {"numbers"}),
        ("Try [1] of 1995 and [2].", set()),
        ("For “sad films”: [1], [2].", {"quotes"}),
        ("For “Bleak,”: [1], [2].", set()),
    ],
)
def test_what_a_reply_may_not_do(text: str, failed: set[str]) -> None:
    scores = write_scores([(WRITE, _answer(text))])
    assert {name for name in ("slots", "items", "numbers", "quotes") if not scores[name]} == failed
    assert scores["faithful"] == (not failed)


def test_an_empty_reply_is_not_faithful() -> None:
    chat = replace(WRITE, brief=ShortBrief("converse", "thanks", "film", "films", "watch"))
    scores = write_scores([(chat, _answer(" "))])
    assert scores["faithful"] == 0
    assert scores["lists"] == 0


def test_slots_know_titles() -> None:
    brief = replace(BRIEF, titles=("Ronin",))
    assert known_slots("As [A] does, [1] and [2]", brief)
    assert not known_slots("As [B] does, [1] and [2]", brief)


def test_acts_are_read_from_the_beginning() -> None:
    example = Example("act", "sgd_rec", ({"role": "assistant", "content": '{"act":"thanks'},), partial=True)
    pairs = [(example, _answer(text)) for text in ('{"act":"thanks"}', '{"act":"bye"}', "", '{"act":"thank')]
    assert act_scores(pairs) == {"answers": 4, "act": 0.25}


def test_precisions_are_named_or_refused() -> None:
    assert precisions("onnx-int4, fp32") == ("fp32", "onnx-int4")
    with pytest.raises(BadConfig, match=r"'int2'; known are fp32"):
        precisions("fp32,int2")
    with pytest.raises(BadConfig, match="No precision"):
        precisions(" ,")
