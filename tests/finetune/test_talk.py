"""What the generator makes: readings that can be believed, replies that say what their briefs hold."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from chat.llm.guidance import Form, Guides
from finetune.config import Config
from finetune.examples import LEFT_OUT, Counts, Example, made_up_one
from finetune.rows import domain_names, lora_examples, pretrain_examples, validation_examples
from finetune.scores import items_in_order, known_slots, loose_numbers, quotes_known
from finetune.talk.patterns import domains
from prompts.forms import reply_grammar, short_reading_schema
from prompts.read import parse_reading
from prompts.short import short_read_messages, short_write_messages, slots_in, words_in

SEEDS = range(40)
TINY = Config.model_validate(
    {"data": {"pretrain_examples": 60, "lora_examples": 60, "validation_examples": 20}}
)


def _made(domain: str, *, write: bool) -> Iterator[Example]:
    for seed in SEEDS:
        yield made_up_one(random.Random(f"{domain} {seed}"), domains()[domain], write=write)


@pytest.mark.parametrize("domain", domains())
def test_every_reading_keeps_to_the_schema_of_its_facets(domain: str, words: Any) -> None:
    guides = Guides(words.backend_tokenizer.to_str(), len(words), [words.eos_token_id])
    for example in itertools.islice(_made(domain, write=False), 12):
        assert _can_be_written(example, short_reading_schema(example.facets), guides, words)


@pytest.mark.parametrize(("write", "most"), [(False, 0.75), (True, 0.9)], ids=["readings", "replies"])
def test_most_of_what_is_taught_can_be_written_in_the_form_that_serving_enforces(
    write: bool, most: float, words: Any
) -> None:
    """A form is stricter than people, who speak of two items in one breath, and leaves to the linker what is
    another word for a value, or a slip of the finger."""
    guides = Guides(words.backend_tokenizer.to_str(), len(words), [words.eos_token_id])
    made = [example for name in domains() for example in itertools.islice(_made(name, write=write), 12)]
    spoken = {word for one in made if one.brief for word in words_in(one.messages[-1]["content"])}
    kept = sum(_can_be_written(example, _form(example, spoken), guides, words) for example in made)
    assert kept >= most * len(made)


def _can_be_written(example: Example, form: Form, guides: Guides, words: Any) -> bool:
    guide = guides.guide(form)
    for token in words(example.messages[-1]["content"], add_special_tokens=False)["input_ids"]:
        if not guide.allowed(len(words))[token]:
            return False
        guide.took(token)
    return bool(guide.allowed(len(words))[words.eos_token_id])


def _form(example: Example, spoken: set[str]) -> Form:
    if example.brief is not None:
        return reply_grammar(example.brief, example.message, spoken)
    meant = json.loads(example.messages[-1]["content"])
    held: dict[str, list[str]] = {}
    for one in meant.get("interests", ()):
        held.setdefault(one["kind"].strip(), []).append(one["subject"].strip())
    for one in meant.get("retractions", ()):
        held.setdefault(one["kind"].strip(), []).append(one["value"].strip())
    return short_reading_schema(example.facets, example.message, example.shown, held)


@pytest.mark.parametrize("domain", domains())
def test_every_reading_can_be_believed(domain: str) -> None:
    for example in _made(domain, write=False):
        answer = example.messages[-1]["content"]
        reading = parse_reading(
            answer, 1, message=example.message, shown=example.shown, facets=example.facets
        )
        assert reading is not None, (example.message, answer)
        assert reading.act == json.loads(answer)["act"]


@pytest.mark.parametrize("domain", domains())
def test_every_reply_says_only_what_its_brief_holds(domain: str) -> None:
    for example in _made(domain, write=True):
        reply, brief = example.messages[-1]["content"], example.brief
        assert brief is not None
        assert known_slots(reply, brief), (reply, brief)
        assert quotes_known(reply, example), (reply, brief)
        assert not loose_numbers(reply, example), (reply, brief)
        assert "{" not in reply


@pytest.mark.parametrize("domain", domains())
def test_a_list_names_every_item_once_and_in_order(domain: str) -> None:
    lists = 0
    for example in _made(domain, write=True):
        assert example.brief is not None
        reply = example.messages[-1]["content"]
        assert items_in_order(reply, example.brief), reply
        if example.brief.move == "recommend":
            lists += 1
            named = [int(slot) for slot in slots_in(reply) if slot.isdigit()]
            assert named == list(range(1, len(example.brief.entries) + 1))
    assert lists


@pytest.mark.parametrize("domain", domains())
def test_prompts_are_the_ones_that_serve(domain: str) -> None:
    for example in _made(domain, write=False):
        asked = short_read_messages(example.message, example.shown, example.facets)
        assert list(example.messages[:-1]) == asked
    for example in _made(domain, write=True):
        assert example.brief is not None
        assert list(example.messages[:-1]) == short_write_messages(example.message, example.brief)


def test_a_seed_gives_the_same_examples_again() -> None:
    assert pretrain_examples(TINY, Counts()) == pretrain_examples(TINY, Counts())
    assert lora_examples(TINY, Counts()) == lora_examples(TINY, Counts())
    other = TINY.model_copy(update={"seed": 1})
    assert lora_examples(other, Counts()) != lora_examples(TINY, Counts())


def test_nothing_of_the_domains_left_out_is_trained_on() -> None:
    assert set(LEFT_OUT) < set(domains())
    assert not set(LEFT_OUT) & set(domain_names(TINY))
    known, hidden = (
        {
            name
            for domain in domains().values()
            if (domain.name in LEFT_OUT) is out
            for name in (domain.noun, *(one for one, _ in domain.more_nouns))
        }
        for out in (False, True)
    )
    told = [*pretrain_examples(TINY, Counts()), *lora_examples(TINY, Counts()), *validation_examples(TINY)]
    nouns = {one.brief.noun for one in told if one.brief is not None}
    assert nouns
    assert nouns <= known
    assert not nouns & (hidden - known)


def test_the_parts_are_drawn_apart() -> None:
    base, adapter, held = (
        {json.dumps(one.messages) for one in part}
        for part in (
            pretrain_examples(TINY, Counts()),
            lora_examples(TINY, Counts()),
            validation_examples(TINY),
        )
    )
    # Small talk is short and may come up twice by chance; the rest doesn't.
    assert len(held & (base | adapter)) <= 0.1 * len(held)
