"""Changes of mind: an interest is stated, lists follow, it is taken back in many ways, and asked for again.

How many lists does it take until the old interest no longer counts? It should be none: the very next list.
The conversations are made from any catalogue's own values, by sentences that the house was not built with.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from chat.build import House, build
from chat.conversation import Turn
from chat.service import Answer, Service
from chat.settings import load_settings
from prompts.dialogue import Interest
from retrieval.items import Facet, Item

Kind = Literal["instead", "against", "away"]
"""What takes the place of the old interest: another, a dislike of it, or nothing."""

#: The ways to change one's mind: {old} is what was wanted, {new} something else of the same kind.
WAYS: tuple[tuple[Kind, str], ...] = (
    ("instead", "Actually, make that {new} instead of {old}."),
    ("instead", "Hmm, on reflection I'd rather have {new} than {old}"),
    ("instead", "not {old} after all, let's try {new}"),
    ("instead", "Changed my mind. {new} please, no {old}."),
    ("instead", "Let's switch from {old} to {new}"),
    ("instead", "forget the {old}, what have you got in {new}?"),
    ("against", "I'm not in the mood for {old} any more."),
    ("against", "ok no more {old} please"),
    ("against", "I don't want {old} anymore, what else is there?"),
    ("against", "Enough {old}. Show me other things."),
    ("against", "I've gone off {old}, actually I can't stand it tonight"),
    ("against", "anything except {old} now"),
    ("away", "Forget what I said about {old}, anything goes."),
    ("away", "never mind the {old}, it doesn't have to be that"),
    ("away", "It needn't be {old} any longer"),
    ("away", "drop the {old} thing, surprise me"),
    ("instead", "scrap that, {new} would suit me better than {old}"),
    ("against", "could you leave {old} out from here on?"),
    ("against", "{old} was a bad idea, nothing of that kind please"),
    ("away", "I no longer need it to be {old}"),
)
_OPENERS = ("I'd like {old}", "could you show me some {old}?", "I feel like {old} today", "{old} please")
_AGAIN = ("OK, back to {old} after all", "let's have {old} again", "I do want {old} now")
#: Lists that are waited for at most.
MOST = 4
#: A value is talked about where so many items have it and so many have not.
ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Change:
    """One conversation to hold: its number, the facet, the value that is wanted and given up, another one,
    and how."""

    number: int
    facet: str
    old: str
    new: str
    way: int
    opener: str
    again: str


@dataclass(frozen=True, slots=True)
class Changed:
    """How it went: lists until the old interest no longer counted (`MOST` + 1: it still did), whether it had
    counted at all before, and whether it did again when it was asked for. `said` holds the messages."""

    change: Change
    counted: bool
    lists: int
    back: bool
    said: tuple[str, ...]


@dataclass(frozen=True)
class Changes:
    """Holds conversations in a house of its own; one for each process."""

    home: Path
    catalogue: str

    @cached_property
    def house(self) -> House:
        settings = load_settings({"home": self.home, "llm": "plain", "catalogue": self.catalogue})
        return build(settings, lasting=False)

    def __reduce__(self) -> tuple[Any, ...]:
        return Changes, (self.home, self.catalogue)

    def draw(self, count: int, seed: int) -> list[Change]:
        """`count` conversations, every way about equally often. Raises nothing; few values give few pairs."""
        shelf = self.house.catalogues.shelf(self.catalogue)
        kinds = {facet.name: usual(facet, shelf.items) for facet in shelf.facets if facet.kind == "category"}
        kinds = {name: values for name, values in kinds.items() if len(values) > 1}
        rng = random.Random(seed)
        out = []
        for number in range(count if kinds else 0):
            facet = rng.choice(sorted(kinds))
            old, new = rng.sample(kinds[facet], 2)
            way = number % len(WAYS)
            out.append(Change(number, facet, old, new, way, rng.choice(_OPENERS), rng.choice(_AGAIN)))
        return out

    def __call__(self, change: Change) -> Changed:
        return hold(self.house.service, self.catalogue, change)


def usual(facet: Facet, items: Sequence[Item]) -> list[str]:
    """The values of a facet that enough items have and enough have not, in words that can be said."""
    counts: dict[str, int] = {}
    for item in items:
        for value in item.values(facet.name):
            counts[str(value)] = counts.get(str(value), 0) + 1
    return sorted(
        value
        for value, count in counts.items()
        if ENOUGH <= count <= len(items) - ENOUGH and value.casefold() not in ("yes", "no")
    )


def hold(service: Service, catalogue: str, change: Change) -> Changed:
    """One conversation, of somebody who was never here before."""
    user = f"change-{change.number}"
    conversation = service.start(user, catalogue).id
    said: list[str] = []

    def say(pattern: str) -> Answer:
        said.append(pattern.format(old=change.old, new=change.new))
        return service.respond(user, conversation, f"{len(said)}", said[-1])

    def counts(answer: Answer) -> bool:
        return influences(answer.turn, answer.taste, change)

    counted = counts(say(change.opener))
    kind, pattern = WAYS[change.way]
    answer = say(pattern)
    lists = 0
    while counts(answer) or (kind == "against" and offered(answer.turn, change)):
        lists += 1
        if lists > MOST:
            break
        answer = say("show me others")
    back = counts(say(change.again))
    return Changed(change, counted, lists, back, tuple(said))


def influences(turn: Turn, taste: Sequence[Interest], change: Change) -> bool:
    """Whether the old interest counts: it is held as liked, or a reason of the list rests on it."""
    held = any(about(one, change) and one.feeling == "like" for one in taste)
    reasons = turn.reply.recommendations if turn.reply else ()
    return held or any(
        about(reason.interest, change) and reason.interest.feeling == "like"
        for entry in reasons
        for reason in entry.reasons
    )


def offered(turn: Turn, change: Change) -> bool:
    """Whether the list has an item of the kind that is no longer wanted."""
    listed = turn.reply.recommendations if turn.reply else ()
    return any(
        change.old.casefold() in {str(value).casefold() for value in entry.item.values(change.facet)}
        for entry in listed
    )


def about(interest: Interest, change: Change) -> bool:
    """Whether an interest is in the old value, as the catalogue calls it or as free words."""
    same = interest.value.casefold() == change.old.casefold()
    return same and interest.kind in (change.facet, "text")
