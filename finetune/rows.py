"""Which examples each part of the training is given, and examples as rows of tokens."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from tqdm import tqdm

from finetune.config import Config
from finetune.examples import LEFT_OUT, Counts, Example, human, made_up, made_up_drills
from finetune.rendering import render, tokens
from finetune.talk.patterns import domains
from finetune.tokenizer import fit_tokenizer

Row = dict[str, list[int]]
#: Batches that are sorted by length together: enough to save padding, few enough to mix kinds of examples.
_GROUPED = 8


def domain_names(config: Config) -> list[str]:
    """The domains to train on."""
    return list(config.data.domains) or [name for name in domains() if name not in LEFT_OUT]


def human_examples(config: Config, counts: Counts, *, held: bool) -> list[Example]:
    """All human examples that the configuration allows."""
    if config.data.folder is None:
        return []
    there = [name for name in config.data.sets if (config.data.folder / name).is_dir()]
    return list(human(config.data.folder, there, counts, held=held))


def make_tokenizer(config: Config, folder: Path) -> Any:
    """A tokenizer fitted on made-up examples and human talk."""
    made = made_up(random.Random(config.seed), domain_names(config), write=config.data.write_share)
    texts = (render(one.messages) for one in itertools.islice(made, config.tokenizer.examples))
    talk = (
        render(one.messages) for one in human_examples(config, Counts(), held=False) if one.kind == "talk"
    )
    return fit_tokenizer(
        itertools.chain(texts, talk), config.tokenizer.vocabulary, folder, config.model.context
    )


def _drawn(made: Iterator[Example], count: int, label: str) -> list[Example]:
    return list(tqdm(itertools.islice(made, count), label, count, leave=False, disable=None))


def pretrain_examples(config: Config, counts: Counts) -> list[Example]:
    """What the base learns from, shuffled: human talk, exercises in copying, made-up readings and replies."""
    rng = random.Random(config.seed + 1)
    made = made_up(rng, domain_names(config), write=config.data.write_share)
    talks = [one for one in human_examples(config, counts, held=False) if one.kind == "talk"]
    rng.shuffle(talks)
    drills = itertools.islice(made_up_drills(rng, domain_names(config)), config.data.drill_examples)
    chosen = [
        *talks[: config.data.talk_examples],
        *drills,
        *_drawn(made, config.data.pretrain_examples, "base"),
    ]
    counts.given["generator: base"] += config.data.pretrain_examples + config.data.drill_examples
    rng.shuffle(chosen)
    return chosen


def lora_examples(config: Config, counts: Counts) -> list[Example]:
    """What the adapter learns from: other made-up examples, and what people labelled."""
    rng = random.Random(config.seed + 2)
    drawn = made_up(rng, domain_names(config), write=config.data.write_share)
    made = _drawn(drawn, config.data.lora_examples, "adapter")
    counts.given["generator: adapter"] += len(made)
    acts = [one for one in human_examples(config, counts, held=False) if one.kind == "act"]
    rng.shuffle(acts)
    chosen = [*made, *acts[: config.data.act_examples]]
    rng.shuffle(chosen)
    return chosen


def validation_examples(config: Config) -> list[Example]:
    """Held-out talks and examples of a seed of their own."""
    rng = random.Random(config.seed + 3)
    drawn = made_up(rng, domain_names(config), write=config.data.write_share)
    made = _drawn(drawn, config.data.validation_examples, "validation")
    kept = human_examples(config, Counts(), held=True)
    talks = [one for one in kept if one.kind == "talk"][:100]
    acts = [one for one in kept if one.kind == "act"][:200]
    return [*made, *talks, *acts]


def rows_of(examples: Iterable[Example], tokenizer: Any, longest: int, label: str) -> Iterator[Row]:
    """A row for each example: whole talks are learned whole, of the others only the answer."""
    for example in tqdm(list(examples), desc=label, leave=False, disable=None):
        ids, labels = tokens(tokenizer, example.messages, partial=example.partial)
        if example.kind == "talk":
            labels = list(ids)
        if len(ids) > longest:
            if example.kind != "talk":
                continue
            ids, labels = ids[:longest], labels[:longest]
        yield {"input_ids": ids, "labels": labels}


def in_batches(rows: Sequence[Row], batch: int, seed: int) -> list[Row]:
    """The rows in an order that puts those of similar length into one batch, so that little is padding.

    The batches themselves come in random order: were they sorted, as by the Trainer's own grouping, a model
    could guess from one batch what the next is like, and would follow that instead of learning.
    """
    rng = random.Random(seed)
    mixed = rng.sample(rows, len(rows))
    batches: list[list[Row]] = []
    for start in range(0, len(mixed), _GROUPED * batch):
        near = sorted(mixed[start : start + _GROUPED * batch], key=lambda row: len(row["input_ids"]))
        batches += [near[first : first + batch] for first in range(0, len(near), batch)]
    # What is no whole batch goes last: anywhere else it would shift all batches after it.
    whole, rest = ([one for one in batches if (len(one) == batch) is full] for full in (True, False))
    rng.shuffle(whole)
    return [row for one in [*whole, *rest] for row in one]
