"""What a simulated person has in mind while they talk."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from chat.conversation import FeedbackKind
from evaluation.simulate.aspects import Aspects
from evaluation.simulate.leaks import leaked
from evaluation.simulate.partner import Heard
from evaluation.simulate.speech import Speech
from evaluation.simulate.user import Person, Taste
from evaluation.simulate.wants import Want
from retrieval.items import Item

#: Ways of saying a thing that are tried before it is left unsaid, where they would give a title away.
TRIES = 30
#: An item worth this share of the target is close enough to build on: "like the second, but newer".
CLOSE = 0.6


@dataclass(frozen=True)
class Scene:
    """Where conversations take place: a catalogue, the words for it, and the titles of its items."""

    aspects: Aspects
    speech: Speech
    titles: Callable[[Item], Sequence[str]]
    taken: str = "seen_one"  # how one says that an item is known already: watched, or owned


@dataclass(frozen=True)
class Step:
    """What the person does next: how to say it, and what it means."""

    act: str
    say: Callable[[random.Random], str]
    wants: tuple[Want, ...] = ()
    complaints: tuple[Want, ...] = ()
    about: tuple[str, ...] = ()  # ids judged by the message
    asks: bool = True
    raw: bool = False  # a quick reply is sent as it stands
    withdraws: tuple[Want, ...] = ()


@dataclass
class Mind:
    """What a person has in mind as the conversation goes on.

    `conditions` are the hard wants that were stated; `secret` the titles that may not be said before they are
    shown: those of everything that was acceptable at some time.
    """

    person: Person
    scene: Scene
    chance: random.Random
    taste: Taste
    target: Item
    targets: list[str]
    unsaid: list[Want]
    patience: int
    acceptable: list[Item] = field(default_factory=list)
    said: list[Want] = field(default_factory=list)
    conditions: list[Want] = field(default_factory=list)
    shown: list[Item] = field(default_factory=list)
    declined: set[str] = field(default_factory=set)
    secret: set[str] = field(default_factory=set)
    lists: int = 0
    changed: bool = False

    def __post_init__(self) -> None:
        self.look()

    def look(self) -> None:
        """Works out anew which items would do."""
        self.acceptable = [
            item
            for item in self.scene.aspects.items
            if self.person.acceptable(item, self.taste, self.target)
            and not any(want.breaks(item) for want in self.conditions)
        ]
        self.secret |= {title for item in self.acceptable for title in self.scene.titles(item)}

    # ---------------------------------------------------------------- around a message

    def clicks(self, heard: Heard) -> list[tuple[Item, FeedbackKind]]:
        """The verdicts clicked on the list before anything is said."""
        if not heard.items or self.chance.random() >= self.person.temper.clicks:
            return []
        item = self.chance.choice(heard.items)
        if item.id in self.person.seen:
            return [(item, "seen")]
        worth, goal = self.taste.worth(item), self.taste.worth(self.target)
        if self.taste.broken(item) or worth < 0.3 * goal:
            return [(item, "dislike")]
        return [(item, "like")] if worth >= CLOSE * goal else []

    def words(self, step: Step) -> str | None:
        """The step in words that give nothing away; None where there are none."""
        known = {title for item in self.shown for title in self.scene.titles(item)}
        for _ in range(TRIES):
            text = step.say(self.chance)
            if not step.raw:
                text = self.scene.speech.dressed(text, self.person.temper, self.chance)
            if text and not leaked(text, self.secret - known):
                return text
        return None

    def meant(self, step: Step) -> tuple[Want, ...]:
        """Takes down what was just said: wishes, conditions, what doesn't count any more, items judged.

        Returns the wishes that were not said before.
        """
        if step.act in ("seen", "dislike"):
            self.declined |= set(step.about)
        news = tuple(want for want in step.wants if want not in self.said)
        for want in step.withdraws:
            self.said = [one for one in self.said if one.subject != want.subject]
            if want in self.conditions:
                self.conditions = [one for one in self.conditions if one != want]
                kept = tuple(one for one in self.taste.wants if one != want)
                self.taste = replace(self.taste, wants=kept)
                self.look()
        for want in step.wants:
            if want not in self.said:
                self.said.append(want)
            if want.hard and want not in self.conditions:
                self.conditions.append(want)
                self.look()
        self.unsaid = [want for want in self.unsaid if want not in step.wants and want in self.taste.wants]
        return news

    def hear(self, heard: Heard) -> None:
        """Takes down what was answered."""
        self.lists += bool(heard.items)
        self.shown += [item for item in heard.items if item not in self.shown]
