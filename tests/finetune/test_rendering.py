"""Messages as tokens: what trains is what serves, and exactly the answers are learned."""

from __future__ import annotations

import random
from typing import Any

import pytest

from finetune.config import Config
from finetune.examples import made_up_one
from finetune.rendering import END, IGNORED, PAD, SLOTS, SPECIAL, render, tokens
from finetune.talk.patterns import domains

TALK = (
    {"role": "system", "content": "Read."},
    {"role": "user", "content": "something bleak"},
    {"role": "assistant", "content": "Try [1], it has [1b]."},
    {"role": "user", "content": "no [not that]"},
    {"role": "assistant", "content": "Fine."},
)


@pytest.mark.parametrize("write", [False, True])
def test_training_and_serving_render_the_same_bytes(words: Any, write: bool) -> None:
    for seed in range(20):
        messages = made_up_one(random.Random(seed), domains()["films"], write=write).messages
        served = words.apply_chat_template(list(messages[:-1]), tokenize=False, add_generation_prompt=True)
        assert render(messages) == served + messages[-1]["content"] + END
        ids, labels = tokens(words, messages)
        asked = words.apply_chat_template(
            list(messages[:-1]), tokenize=True, add_generation_prompt=True, return_dict=True
        )["input_ids"]
        assert ids[: len(asked)] == list(asked)
        assert set(labels[: len(asked)]) == {IGNORED}
        assert labels[len(asked) :] == ids[len(asked) :]
        assert words.decode(ids[len(asked) :]) == messages[-1]["content"] + END


def test_every_answer_of_a_talk_is_learned_with_its_end_and_nothing_else(words: Any) -> None:
    ids, labels = tokens(words, TALK)
    assert words.decode(ids) == render(TALK)
    learned = [one for one in labels if one != IGNORED]
    assert words.decode(learned) == f"Try [1], it has [1b].{END}Fine.{END}"
    assert [one for one, label in zip(ids, labels, strict=True) if label != IGNORED] == learned


def test_a_partial_answer_has_no_end(words: Any) -> None:
    messages = (*TALK[:2], {"role": "assistant", "content": '{"act":"request'})
    ids, labels = tokens(words, messages, partial=True)
    assert words.decode([one for one in labels if one != IGNORED]) == '{"act":"request'
    assert words.decode(ids).endswith('{"act":"request')


def test_the_beginning_of_a_reading_has_the_tokens_of_the_whole(words: Any) -> None:
    for act in ("request", "inform", "thanks"):
        part = words.encode(f'{{"act":"{act}', add_special_tokens=False)
        for rest in ('"}', '","interests":[]}'):
            whole = words.encode(f'{{"act":"{act}{rest}', add_special_tokens=False)
            assert whole[: len(part)] == part


@pytest.mark.parametrize("slot", SLOTS)
def test_a_slot_is_one_token_wherever_it_stands(words: Any, slot: str) -> None:
    number = words.convert_tokens_to_ids(slot)
    for text in (slot, f"is {slot}.", f"({slot}", f"a{slot}b"):
        assert number in words.encode(text, add_special_tokens=False)


def test_any_text_comes_back_from_its_tokens(words: Any) -> None:
    for text in ("don't  stop\n", "Amélie – 1995", "日本 🎬", '{"a":[1.5,-2]}', "\ttab"):
        assert words.decode(words.encode(text, add_special_tokens=False)) == text


def test_the_tokenizer_knows_where_answers_end(words: Any) -> None:
    assert words.eos_token == END
    assert words.pad_token == PAD
    assert all(len(words.encode(token, add_special_tokens=False)) == 1 for token in SPECIAL)
    assert len(words) <= Config().tokenizer.vocabulary
