"""Conversations from files and from catalogues, and how repetition is counted."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from evaluation import repetition
from evaluation.errors import BadData
from evaluation.talks import Step, made_talks, read_talks
from retrieval.items import Facet, Item

FACETS = (Facet("price", "number", "price", role="price"), Facet("colour", "category", "colour"))
ITEMS = tuple(
    Item(str(n), f"Thing {n}", {"price": n, "colour": "red"}, "useful outdoors") for n in range(1, 5)
)


def test_messages_and_clicks_are_read(tmp_path: Path) -> None:
    file = tmp_path / "talks.jsonl"
    file.write_text('{"id": "a", "messages": ["hi", {"click": "like", "place": 1}, {"text": "more"}]}\n\n')
    (talk,) = read_talks(file)
    assert (talk.name, talk.steps) == ("a", (Step("hi"), Step(click="like", place=1), Step("more")))


def test_of_dialogues_the_persons_side_is_read(tmp_path: Path) -> None:
    file = tmp_path / "dialogues.jsonl.gz"
    turns = [{"speaker": "system", "text": "hello"}, {"speaker": "user", "text": "a film"}]
    with gzip.open(file, "wt", encoding="utf-8") as out:
        out.write(json.dumps({"dialogue_id": 7, "turns": turns}))
    (talk,) = read_talks(file)
    assert (talk.name, talk.steps) == ("7", (Step("a film"),))


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "holds no conversation"),
        ("{", "line 1: no JSON"),
        ('{"messages": ["a"]}\n{"words": []}', 'line 2: neither "messages"'),
        ('{"messages": [{"click": "kiss"}]}', "is no message"),
    ],
)
def test_a_broken_file_is_named_with_its_line(tmp_path: Path, text: str, complaint: str) -> None:
    file = tmp_path / "talks.jsonl"
    file.write_text(text)
    with pytest.raises(BadData, match=complaint):
        read_talks(file)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="cannot be read"):
        read_talks(tmp_path / "nothing.jsonl")


def test_the_same_seed_makes_the_same_conversations() -> None:
    few = made_talks(FACETS, ITEMS, "thing", "things", count=5, seed=3)
    assert made_talks(FACETS, ITEMS, "thing", "things", count=9, seed=3)[:5] == few
    assert made_talks(FACETS, ITEMS, "thing", "things", count=5, seed=4) != few
    assert all(step.text.strip() or step.click for talk in few for step in talk.steps)
    assert not any("{" in step.text for talk in few for step in talk.steps)


def test_any_catalogue_will_do() -> None:
    bare = (Item("1", "Only a title"),)
    assert made_talks((), bare, "item", "items", count=20, seed=0)
    with pytest.raises(BadData, match="holds no items"):
        made_talks((), (), "item", "items", count=1, seed=0)


def test_repetition_by_hand() -> None:
    replies = ["I found a good one. Try the red tent.", "Then I found a good one. Try the red tent.", "Yes."]
    assert repetition.repeated_sentences(replies) == [(0, 2), (1, 2), (0, 0)]
    assert repetition.repeated_ngrams(["a b c d e", "a b c d x"]) == [(0, 2), (1, 2)]
    assert repetition.distinct(["a b a"], 1) == pytest.approx(2 / 3)
    assert repetition.shared_openings(["I found it", "I found her", "You"]) == [0, 2, 0]
