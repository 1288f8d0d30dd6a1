"""What is said and what it was taken to mean: the values that reading makes and writing uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from retrieval.items import Bounds

Role = Literal["user", "assistant"]
Feeling = Literal["like", "dislike", "seen"]

Act = Literal[
    "request",  # wants items: "a western for tonight", "more", "something else"
    "inform",  # tells of a taste without asking: "I love Kurosawa"
    "feedback",  # judges what was offered or named: "seen it", "not that one", "the second looks great"
    "question",  # asks for a fact of an item: "who directed it?", "is it scary?"
    "describe",  # wants to know about an item: "tell me more about the second"
    "explain",  # asks for the reason: "why that one?"
    "compare",  # "which is shorter?", "Heat or Ronin?"
    "taste",  # asks what is known of them, or to forget it all
    "greet",
    "thanks",
    "bye",
    "agree",  # a bare yes to what was offered
    "refuse",  # a bare no
    "help",  # what can you do?
    "care",  # somebody who is not safe with themselves: no list, a kind word and where help is
    "chat",  # small talk around the subject
    "offtopic",  # nothing to do with the catalogue
]


@dataclass(frozen=True, slots=True)
class Utterance:
    """One message of the dialogue."""

    role: Role
    text: str


@dataclass(frozen=True, slots=True)
class Interest:
    """One thing a person feels something about.

    `subject` is for people ("horror", "Heat (1995)", "at most 120 min"); `kind` is a facet's name, `"item"`
    or `"text"`; `value` is what the catalogue calls it (an item's id, a facet's value, free words), and
    `bounds` stands in its place for numbers. `quote` keeps the person's own words, `turn` counts their
    messages from 1. `strength` lies in (0, 1]. A `hard` interest is a condition until it is lifted.
    Interests of one `group` (other than "") are alternatives: "a comedy or a western".
    """

    subject: str
    kind: str
    feeling: Feeling
    strength: float
    quote: str
    turn: int
    hard: bool = False
    value: str = ""
    bounds: Bounds | None = None
    group: str = ""


@dataclass(frozen=True, slots=True)
class Retraction:
    """A wish to forget: everything (`kind == ""`), a whole kind, or one value of it."""

    kind: str = ""
    value: str = ""
    quote: str = ""


@dataclass(frozen=True, slots=True)
class Mention:
    """An item the person spoke of: by title, or by pointing at it ("the second one", "that")."""

    item_id: str
    quote: str
    pointed: bool = False


@dataclass(frozen=True, slots=True)
class Ambiguity:
    """Words that fit several items equally well: ask which."""

    quote: str
    item_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one message was taken to mean.

    `asked` names the facet of a question ("directors"), or holds the value asked about
    (`asked_value`, as in "is it scary?"). `count` is how many items were asked for. `replaces` says that
    new conditions stand instead of the old ones ("actually, something French instead"). `leftover` are
    the content words that nothing in the catalogue's vocabulary accounts for; `unknown` are names given as
    titles that the catalogue doesn't hold. `open` says that anything will do ("surprise me"), `fresh` that
    others than those shown are wanted ("something else").
    """

    act: Act
    interests: tuple[Interest, ...] = ()
    retractions: tuple[Retraction, ...] = ()
    mentions: tuple[Mention, ...] = ()
    ambiguities: tuple[Ambiguity, ...] = ()
    asked: str = ""
    asked_value: str = ""
    count: int | None = None
    replaces: bool = False
    leftover: str = ""
    unknown: tuple[str, ...] = ()
    open: bool = False
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A reply as a writer proposes it: item slots such as `[1]` are still to be filled by code."""

    text: str
