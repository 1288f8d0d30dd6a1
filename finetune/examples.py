"""Training examples: chat messages that end with what the model should say, from talk made up or human.

They are rendered by the prompt code that serves, so that what is trained on is what is asked.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from finetune.sources import SOURCES, Talk, plain_key, read_talks, unfit
from finetune.talk.drills import make_drill
from finetune.talk.messages import make_message, make_scene
from finetune.talk.patterns import Domain, domains
from finetune.talk.replies import make_reply
from finetune.talk.world import make_world
from prompts.short import ShortBrief, reading_text, short_read_messages, short_write_messages
from prompts.template import neutralise
from retrieval.items import Facet, Item

Kind = Literal["read", "write", "drill", "talk", "act", "extra"]

#: Domains that no training example comes from: what the model writes about them shows what it has learned.
LEFT_OUT = ("boardgames", "plants")


@dataclass(frozen=True)
class Example:
    """Messages that end with the assistant's. A `partial` answer teaches its beginning only.

    What an answer is judged by comes along where it is known: the message, the items shown and the facets of
    a reading, the brief of a reply.
    """

    kind: Kind
    source: str
    messages: tuple[dict[str, str], ...]
    partial: bool = False
    message: str = ""
    shown: tuple[Item, ...] = ()
    facets: tuple[Facet, ...] = ()
    brief: ShortBrief | None = None


@dataclass
class Counts:
    """How many examples each source gave, and how many were left out and why."""

    given: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)


def made_up(rng: random.Random, names: Sequence[str], *, write: float = 0.45) -> Iterator[Example]:
    """Examples without end over invented catalogues of the domains named; `write` is the share of replies."""
    chosen = [domains()[name] for name in names]
    while True:
        yield made_up_one(rng, rng.choice(chosen), write=rng.random() < write)


def made_up_one(rng: random.Random, domain: Domain, *, write: bool) -> Example:
    """One example over a new invented catalogue."""
    while True:
        world = make_world(rng, domain)
        scene = make_scene(rng, world)
        message = make_message(rng, scene)
        if not message.text:
            continue
        if write:
            written = make_reply(rng, scene, message)
            if written is None:
                continue
            prompt = short_write_messages(message.text, written.brief)
            said = {"role": "assistant", "content": written.reply}
            return Example("write", "generator", (*prompt, said), message=message.text, brief=written.brief)
        shown = tuple(thing.item for thing in scene.shown)
        prompt = short_read_messages(message.text, shown, world.facets)
        said = {"role": "assistant", "content": reading_text(message.reading)}
        return Example(
            "read", "generator", (*prompt, said), message=message.text, shown=shown, facets=world.facets
        )


def made_up_drills(rng: random.Random, names: Sequence[str]) -> Iterator[Example]:
    """Exercises in copying, without end, over the words of the domains named."""
    chosen = [domains()[name] for name in names]
    while True:
        asked, given, answer = make_drill(rng, rng.choice(chosen))
        said = (("system", asked), ("user", given), ("assistant", answer))
        yield Example("drill", "generator", tuple({"role": role, "content": text} for role, text in said))


def human(folder: Path, names: Sequence[str], counts: Counts, *, held: bool) -> Iterator[Example]:
    """Examples of human dialogues: whole talks, and labelled acts. `held` gives the validation part instead.

    `folder` holds a folder for each set. Talks that occur in two sets, or twice in one, are taken once.
    """
    seen: set[str] = set()
    for name in names:
        source = SOURCES[name]
        for talk in read_talks(folder / name, source):
            if talk.held is not held:
                continue
            yield from _acts(talk, counts)
            key = plain_key(" ".join(one.text for one in talk.utterances))
            if key in seen:
                counts.left_out["said twice"] += 1
                continue
            seen.add(key)
            said = _clean(talk, counts)
            if said:
                counts.given[f"{name}: talks"] += 1
                yield Example("talk", name, said)


def _clean(talk: Talk, counts: Counts) -> tuple[dict[str, str], ...]:
    messages: list[dict[str, str]] = []
    for utterance in talk.utterances:
        reason = unfit(utterance.text)
        if reason:
            counts.left_out[reason] += 1
            continue
        text = neutralise(utterance.text)
        if messages and messages[-1]["role"] == utterance.role:
            messages[-1]["content"] += f" {text}"
        elif text:
            messages.append({"role": utterance.role, "content": text})
    return tuple(messages)


#: Facets that a labelled message is shown with, since its set comes without a catalogue.
_FILMS = (
    Facet("genres", "category", "genre"),
    Facet("directors", "people", "director"),
    Facet("year", "number", "year"),
)
_PLACES = (
    Facet("type", "category", "kind"),
    Facet("city", "category", "city"),
    Facet("price", "number", "price"),
)


def _acts(talk: Talk, counts: Counts) -> Iterator[Example]:
    facets = _FILMS if "redial" in talk.source else _PLACES
    for utterance, act in zip(talk.utterances, talk.acts, strict=True):
        if not act or unfit(utterance.text) or not utterance.text.strip():
            continue
        prompt = short_read_messages(utterance.text, (), facets)
        counts.given[f"{talk.source}: acts"] += 1
        # Without the closing quote, which the tokenizer joins to what follows it in a whole reading.
        answer = {"role": "assistant", "content": f'{{"act":"{act}'}
        yield Example("act", talk.source, (*prompt, answer), partial=True)
