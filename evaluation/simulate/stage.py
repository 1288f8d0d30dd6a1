"""Everything that conversations of one catalogue need: made once a process, used for every person."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import count
from pathlib import Path
from typing import Literal, Protocol, get_args

import numpy as np

from chat.build import make_shelves
from chat.manager import DialogueManager
from chat.moves import Situation, choose_move
from chat.reply import Move
from chat.service import Service
from chat.settings import Settings, load_settings
from chat.store.memory import MemoryStore
from chat.taste import TasteProfile
from evaluation.errors import BadData
from evaluation.simulate.aspects import Aspects
from evaluation.simulate.leaks import everyday, folded, leaked
from evaluation.simulate.mind import Scene
from evaluation.simulate.partner import HousePartner, ListPartner, Partner
from evaluation.simulate.play import play
from evaluation.simulate.speech import Speech
from evaluation.simulate.temper import TEMPERS, temper_named
from evaluation.simulate.transcript import Transcript
from evaluation.simulate.user import Person, draw_person, possible_targets
from prompts.dialogue import Reading
from retrieval.catalogue import Catalogue
from retrieval.filters import FacetTable
from retrieval.items import Item
from retrieval.rank import prior

Variant = Literal["house", "no questions", "no memory", "popularity", "random"]
VARIANTS: tuple[Variant, ...] = get_args(Variant)


class Titles(Protocol):
    """Where items and all their titles can be looked up; a catalogue."""

    def get(self, id: str, /) -> Item | None: ...
    def titles(self, item: Item, /) -> tuple[str, ...]: ...


#: Of these one says "seen it", of others "got it".
_WATCHED = frozenset({"film", "series"})


@dataclass(frozen=True)
class Stage:
    """A catalogue in a house of its own under `home`, and the people who come to it.

    Called with a person's number and a variant, it plays their conversation.
    """

    home: Path
    catalogue: str
    seed: int
    turns: int
    tempers: tuple[str, ...] = tuple(temper.name for temper in TEMPERS)

    def __call__(self, job: tuple[int, Variant]) -> Transcript:
        number, variant = job
        person = self.person(number)
        partner = self.partner(variant, number)
        transcript = play(person, partner, self.scene, variant, self.turns)
        return replace(transcript, leaks=self.leaks(transcript, person))

    # ---------------------------------------------------------------- made once

    @cached_property
    def settings(self) -> Settings:
        """The settings of the house: no model, and nothing of the person's own."""
        return load_settings({"home": self.home, "llm": "plain", "catalogue": self.catalogue})

    @cached_property
    def manager(self) -> DialogueManager:
        """What answers."""
        return make_shelves(self.settings).manager(self.catalogue)

    @cached_property
    def items(self) -> Catalogue:
        """The catalogue."""
        found = self.manager.shelf
        if not isinstance(found, Catalogue):
            raise BadData(f"{self.catalogue} is no catalogue of items, expected one that was imported")
        return found

    @cached_property
    def scene(self) -> Scene:
        """Where people talk."""
        items = self.items
        aspects = Aspects.of(items.items, items.facets)
        taken = "seen_one" if items.noun in _WATCHED else "had_one"
        return Scene(aspects, Speech.load(aspects, items.noun, items.nouns), items.titles, taken)

    @cached_property
    def popular(self) -> tuple[Item, ...]:
        """All items by what the catalogue says of rating or demand; where it says nothing of that, the most
        usual first: those whose facts most others share."""
        items = self.items.items
        scores = prior(FacetTable(items, self.items.facets))
        if scores is None:
            values = self.scene.aspects.values
            usual = [
                sum(values[facet][value] for facet, value in self.scene.aspects.held(item)) for item in items
            ]
            scores = np.asarray(usual, dtype=np.float32)
        order = sorted(range(len(items)), key=lambda row: (-float(scores[row]), items[row].id))
        return tuple(items[row] for row in order)

    @cached_property
    def targets(self) -> tuple[Item, ...]:
        """What people may look for. Raises `BadData` where there is nothing."""
        aspects = self.scene.aspects
        words = self.scene.speech.rules.words()
        values = frozenset(folded(value) for held in aspects.values.values() for value in held)

        def nameable(item: Item) -> bool:
            return not any(everyday(title, words, values) for title in self.items.titles(item))

        found = possible_targets(aspects, nameable)
        if not found:
            raise BadData(
                f"Nothing in {self.catalogue} can be looked for: expected items with at least two facts "
                "that other items share, and titles that are no everyday words. Use a larger catalogue."
            )
        return found

    # ---------------------------------------------------------------- who is there

    def person(self, number: int) -> Person:
        """Person `number`."""
        tempers = [temper_named(name) for name in self.tempers]
        return draw_person(self.scene.aspects, number, self.seed, tempers, self.targets)

    def partner(self, variant: Variant, number: int) -> Partner:
        """Whom they talk to."""
        if variant == "popularity":
            return ListPartner(self.popular, self.manager.results)
        if variant == "random":
            mixed: list[Item] = list(self.items.items)
            random.Random(f"{self.seed}/{number}/random").shuffle(mixed)
            return ListPartner(mixed, self.manager.results)
        manager = self.manager if variant != "no questions" else replace(self.manager, decide=never_asking)
        ids = count()  # the wording hangs on ids, and is to be the same again
        service = Service(
            MemoryStore(), lambda _: manager, _now, new_id=lambda: f"{self.seed}-{number}-{next(ids)}"
        )
        return HousePartner(service, self.catalogue, variant != "no memory", variant != "no questions")

    def leaks(self, transcript: Transcript, person: Person) -> tuple[str, ...]:
        """The messages that name a target or another acceptable item before it was shown, judged from the
        finished conversation and not from what its player held secret."""
        by_mind = [(person.taste, person.target)]
        if person.change is not None and len(transcript.targets) > 1:
            target = self.items.get(transcript.target)
            assert target is not None
            by_mind.append((person.change.taste, target))
        secret = [
            {item.id for item in self.items.items if person.acceptable(item, taste, target)}
            for taste, target in by_mind
        ]
        changed = next((n for n, entry in enumerate(transcript.exchanges) if entry.act == "change"), None)
        return leaks_of(transcript, secret, changed, self.items)


def leaks_of(
    transcript: Transcript, secret: Sequence[set[str]], changed: int | None, items: Titles
) -> tuple[str, ...]:
    """Messages that hold a secret title not yet shown.

    The ids of `secret[0]` count before message `changed` (from 0), from there those of `secret[1]`.
    """
    shown: set[str] = set()
    found: list[str] = []
    for number, entry in enumerate(transcript.exchanges):
        after = changed is not None and number >= changed and len(secret) > 1
        titles = [
            title
            for key in sorted(secret[1 if after else 0] - shown)
            if (item := items.get(key)) is not None
            for title in items.titles(item)
        ]
        known = [
            title for key in shown if (item := items.get(key)) is not None for title in items.titles(item)
        ]
        named = [title for title in leaked(entry.said, titles) if title not in known]
        found += [f"“{entry.said}” names {title}" for title in named]
        shown.update(entry.items)
    return tuple(found)


def never_asking(reading: Reading, taste: TasteProfile, situation: Situation) -> Move:
    """The usual move, with a list wherever that would be a question."""
    move = choose_move(reading, taste, situation)
    return "recommend" if move == "ask" else move


def _now() -> datetime:
    return datetime.now(UTC)
