"""Plays conversations against the house and measures its replies: what backs them, and how they repeat."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evaluation.claims import Claims, Problem, Spoken
from evaluation.faithful import fault, fits, true_counts
from evaluation.mentions import plain
from evaluation.planting import planted_is_found
from evaluation.talks import Step, Talk

if TYPE_CHECKING:
    from chat.build import House
    from chat.conversation import Turn
    from chat.reply import Reply
    from prompts.dialogue import Interest
    from retrieval.items import Item

#: Stands for a model in `--llm`: a script that makes claims of its own, to see what the house lets through.
SCRIPTED = "scripted"


@dataclass(frozen=True)
class Answered:
    """One reply: what it answered, what was wrong with it, and how long it took.

    `reasons` counts the reasons on its cards, `faults` says what is wrong with those that are not true.
    """

    said: str
    text: str
    move: str
    voice: str
    ms: float
    problems: tuple[Problem, ...]
    reasons: int
    faults: tuple[str, ...]
    planted: bool | None  # whether a falsehood put into it was found; None where none could be put there
    drafted: bool = False  # whether a model was asked for its words


@dataclass(frozen=True)
class Played:
    """A conversation as it went."""

    name: str
    replies: tuple[Answered, ...]


@dataclass(frozen=True)
class Player:
    """Plays conversations against a house of its own, made at the first one.

    `home` holds the catalogue under its name; conversations are kept in memory only. `llm` is what the
    setting of that name takes, or "scripted".
    """

    home: Path
    catalogue: str
    llm: str
    settings: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def house(self) -> House:
        """The house that answers."""
        from chat.build import build
        from chat.settings import load_settings

        llm = "plain" if self.llm == SCRIPTED else self.llm
        settings = load_settings(
            {**self.settings, "home": self.home, "catalogue": self.catalogue, "llm": llm}
        )
        model = None
        if self.llm == SCRIPTED:
            from chat.llm.scripted import ScriptedChatModel
            from evaluation.boasting import boast

            model = ScriptedChatModel(script=boast)
        return build(settings, lasting=False, chat_model=model)

    @cached_property
    def claims(self) -> Claims:
        """The checker for its catalogue."""
        shelf = self.house.catalogues.shelf(self.catalogue)
        return Claims(shelf.facets, tuple(shelf.items), (shelf.noun, shelf.nouns))

    def __reduce__(self) -> tuple[Any, ...]:
        """Sent to another process without its house, which is made anew there."""
        return Player, (self.home, self.catalogue, self.llm, self.settings)

    def __call__(self, talk: Talk) -> Played:
        return _Play(self.house, self.catalogue, self.claims, talk).run()


class _Play:
    """One conversation while it goes on."""

    def __init__(self, house: House, catalogue: str, claims: Claims, talk: Talk) -> None:
        self.service = house.service
        self.user = f"evaluation-{talk.name}"
        self.talk = talk
        self.claims = claims
        self.facets = {facet.name: facet for facet in claims.names.facets}
        self.items = claims.names.items
        self.conversation = house.service.start(self.user, catalogue).id
        self.said: list[str] = []
        self.clicked: dict[str, str] = {}
        self.known: set[str] = set()
        self.shown: list[str] = []  # every item that was recommended
        self.latest: tuple[Item, ...] = ()

    def run(self) -> Played:
        replies = []
        for number, step in enumerate(self.talk.steps, start=1):
            if step.click is not None:
                self._click(step)
            else:
                replies.append(self._answer(number, step.text))
        return Played(self.talk.name, tuple(replies))

    def _click(self, step: Step) -> None:
        if step.click is not None and step.place < len(self.latest):
            item = self.latest[step.place]
            self.service.feedback(self.user, self.conversation, item.id, step.click)
            self.clicked[item.id] = step.click
            self.known.add(item.id)

    def _answer(self, number: int, text: str) -> Answered:
        before = self.service.taste(self.user, self.conversation)
        started = time.perf_counter()
        answer = self.service.respond(self.user, self.conversation, f"message-{number}", text)
        ms = 1000 * (time.perf_counter() - started)
        turn, reply = answer.turn, answer.turn.reply
        assert reply is not None
        self.said.append(text)
        self._know(turn, answer.taste)
        spoken = self._spoken(reply, answer.taste, before)
        shown = [(entry, reason) for entry in reply.recommendations for reason in entry.reasons]
        faults = [
            f"{entry.item.title}: {wrong} ({reason.text})"
            for entry, reason in shown
            if (
                wrong := fault(
                    reason,
                    entry.item,
                    said=self.said,
                    clicked=self.clicked,
                    facets=self.facets,
                    get=self.items.get,
                )
            )
        ]
        problems = (*self.claims.problems(spoken), *self._left_over(reply, answer.taste))
        if reply.recommendations:
            self.latest = tuple(entry.item for entry in reply.recommendations)
            self.shown += [item.id for item in self.latest]
        return Answered(
            text,
            reply.text,
            reply.move,
            reply.voice,
            ms,
            problems,
            len(shown),
            tuple(faults),
            planted_is_found(self.claims, spoken, f"{self.talk.name}.{number}"),
            "model" in turn.timings,
        )

    def _know(self, turn: Turn, taste: Sequence[Interest]) -> None:
        """Adds the items that the message speaks of: by a name that is really there, or by pointing."""
        words = plain(" . ".join(self.said))
        if turn.reading is not None:
            self.known |= {
                one.item_id
                for one in turn.reading.mentions
                if one.pointed or not one.quote or plain(one.quote) in words
            }
            self.known |= {
                key for one in turn.reading.ambiguities if plain(one.quote) in words for key in one.item_ids
            }
        self.known |= {one.value for one in taste if one.kind == "item" and plain(one.quote) in words}

    def _left_over(self, reply: Reply, taste: Sequence[Interest]) -> list[Problem]:
        """Saying that nothing is left, while items that were never shown meet every condition."""
        if reply.recommendations or reply.question is None or reply.question.about != "relax":
            return []
        firm = [one for one in taste if one.hard and one.kind != "item"]
        gone = {*self.shown, *self.clicked, *self.known}
        left = [item for item in self.items.values() if item.id not in gone and fits(item, firm, self.facets)]
        return [Problem("empty", f"nothing is left, but {len(left)} are", left[0].title)] if left else []

    def _spoken(self, reply: Reply, taste: tuple[Interest, ...], before: tuple[Interest, ...]) -> Spoken:
        listed = [entry.item for entry in reply.recommendations]
        spoken_of = [*reply.item_ids, *(reply.question.item_ids if reply.question else ())]
        listed += [self.items[key] for key in spoken_of if key in self.items]
        own = tuple({item.id: item for item in listed}.values())
        gone = {*self.shown, *self.clicked, *self.known}
        everything = tuple(self.items.values())
        counts: frozenset[int] = frozenset()
        if any(sign.isdigit() for sign in reply.text):
            absent = (gone, gone | {item.id for item in own}, self.known | set(self.clicked))
            for held in (taste, before):
                counts |= true_counts(everything, held, self.facets, absent)
        return Spoken(reply.text, own, frozenset(self.known), tuple(self.said), (*taste, *before), counts)
