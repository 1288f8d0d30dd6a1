"""Rows of tokens: what is learned of an example, what is cut, and rows to copy."""

from __future__ import annotations

import itertools
import random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from finetune.config import CopyingConfig
from finetune.copying import copying_rows
from finetune.examples import Example
from finetune.rendering import IGNORED, SPECIAL
from finetune.rows import Row, in_batches, rows_of


def test_a_talk_is_learned_whole_and_cut_where_it_is_too_long(words: Any) -> None:
    said = ({"role": "user", "content": "hello " * 30}, {"role": "assistant", "content": "yes"})
    (row,) = rows_of([Example("talk", "redial", said)], words, 20, "")
    assert row["labels"] == row["input_ids"]
    assert len(row["input_ids"]) == 20


def test_an_answer_that_would_be_cut_is_left_out(words: Any) -> None:
    said = ({"role": "user", "content": "hello " * 30}, {"role": "assistant", "content": "yes"})
    assert list(rows_of([Example("write", "generator", said)], words, 20, "")) == []
    assert len(list(rows_of([Example("write", "generator", said)], words, 200, ""))) == 1


def _of(length: int, first: int) -> Row:
    return {"input_ids": list(range(first, first + length)), "labels": [IGNORED] * length}


@given(st.lists(st.integers(1, 50), max_size=300), st.integers(1, 7))
def test_batches_hold_every_row_once(lengths: list[int], batch: int) -> None:
    rows = [_of(length, 100 * place) for place, length in enumerate(lengths)]
    found = in_batches(rows, batch, 0)
    assert sorted(row["input_ids"] for row in found) == sorted(row["input_ids"] for row in rows)
    assert in_batches(rows, batch, 0) == found


def test_batches_are_of_like_length_and_in_no_order() -> None:
    rng = random.Random(0)
    rows = [_of(rng.randint(1, 400), 1000 * place) for place in range(2000)]
    found = [len(row["input_ids"]) for row in in_batches(rows, 10, 0)]
    batches = [found[start : start + 10] for start in range(0, len(found), 10)]
    padding = sum(10 * max(batch) for batch in batches) / sum(found) - 1
    assert padding < 0.2
    longest = [max(batch) for batch in batches]
    rises = sum(later > earlier for earlier, later in itertools.pairwise(longest)) / len(longest)
    assert 0.4 < rises < 0.6, "the next batch can be guessed from this one"


def test_rows_to_copy_say_the_same_twice_and_only_the_second_time_is_learned(words: Any) -> None:
    text = (
        {"role": "user", "content": "a quiet film about the sea"},
        {"role": "assistant", "content": "yes"},
    )
    known = list(rows_of([Example("talk", "redial", text)], words, 200, ""))
    marks = {words.convert_tokens_to_ids(name) for name in SPECIAL}
    rows = list(copying_rows(known, words, CopyingConfig(shortest=3, longest=9), 50, 0))
    assert len(rows) == 50
    lengths = set()
    for row in rows:
        learned = [one for one in row["labels"] if one != IGNORED]
        asked = row["input_ids"][: -len(learned)]
        assert row["labels"] == [IGNORED] * len(asked) + learned
        assert [one for one in asked if one not in marks] == learned[:-1]
        assert learned[-1] == words.eos_token_id
        assert set(learned[:-1]) <= set(known[0]["input_ids"]) - marks
        lengths.add(len(learned) - 1)
    assert min(lengths) >= 3
    assert 9 >= max(lengths) > min(lengths)
    again = list(copying_rows(known, words, CopyingConfig(shortest=3, longest=9), 50, 0))
    assert again == rows
