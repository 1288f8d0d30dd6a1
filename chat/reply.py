"""What is answered: reasons, recommendations, the plan of a reply and the reply itself. Values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from prompts.dialogue import Act, Interest, Retraction
from retrieval.items import Constraint, Item

Move = Literal["ask", "recommend", "describe", "compare", "converse", "decline"]

MOVES: tuple[Move, ...] = ("ask", "recommend", "describe", "compare", "converse", "decline")


@dataclass(frozen=True, slots=True)
class Fact:
    """One checkable fact of an item: a facet and one of its values, or `"text"` and a passage."""

    facet: str
    value: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Which interest met which fact, in words. `against` marks a fact that speaks against the item."""

    interest: Interest
    fact: Fact
    text: str
    against: bool = False


@dataclass(frozen=True, slots=True)
class Recommendation:
    """An item with at least one reason for it. Reasons against it come last.

    `found_by` are the parts of the score by signal, as the retriever gave them.
    """

    item: Item
    reasons: tuple[Reason, ...]
    score: float
    found_by: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Question:
    """The one question a reply may ask.

    `about` says what hangs on it: `"open"` (anything at all), a facet's name, `"which"` (several items fit
    the words), or `"relax"` (which condition to let go). `options` are the quick replies, in the words the
    person could have typed; `item_ids` belong to `"which"`, `constraints` to `"relax"`, in that order;
    `also` goes with the first of them, where it takes two.
    """

    about: str
    options: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    constraints: tuple[Constraint, ...] = ()
    quote: str = ""
    also: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Unmet:
    """A condition that nothing met, and how many items there are without it."""

    constraint: Constraint
    excluded: bool
    matching: int
    words: str  # the person's own words for it, or a plain rendering


@dataclass(frozen=True, slots=True)
class Comparison:
    """One facet in which compared items differ or agree; `values[i]` belongs to `items[i]` of the plan."""

    facet: str
    label: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a reply must say, decided before a word of it is chosen.

    `topic` is the act that is answered. `heard` and `forgot` are what this message added to and took from
    the taste. `items` are those described, asked about or compared; `asked` is the facet of a question,
    `asked_value` a value asked about ("is it scary?"), and `answers[i]` the known values for `items[i]`
    (empty: the catalogue doesn't say). `winner` is the index into `items` that answers "which is shorter?".
    `wanted` is how many items were asked for where fewer are left. `profile` is shown for the topic "taste".
    `turned` says that the talk has just turned to `items[0]`, so that "it" would be unclear. `exhausted` says
    that there is no list because all that fits was shown; `let_go` are conditions that this one list doesn't
    keep, which its words must say.
    """

    move: Move
    topic: Act
    recommendations: tuple[Recommendation, ...] = ()
    question: Question | None = None
    heard: tuple[Interest, ...] = ()
    forgot: tuple[Retraction, ...] = ()
    unmet: tuple[Unmet, ...] = ()
    items: tuple[Item, ...] = ()
    asked: str = ""
    asked_value: str = ""
    answers: tuple[tuple[str, ...], ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    winner: int | None = None
    reasons: tuple[Reason, ...] = ()
    wanted: int | None = None
    profile: tuple[Interest, ...] = ()
    unknown_titles: tuple[str, ...] = ()
    turned: bool = False
    exhausted: bool = False
    let_go: tuple[Constraint, ...] = ()


@dataclass(frozen=True, slots=True)
class Reply:
    """What leaves the house. `voice` names who worded it: `"plain"` or a model's name. `let_go` are the
    conditions that its list openly doesn't keep."""

    text: str
    move: Move
    recommendations: tuple[Recommendation, ...] = ()
    quick_replies: tuple[str, ...] = ()
    question: Question | None = None
    voice: str = "plain"
    item_ids: tuple[str, ...] = field(default=())  # the items that it speaks of without recommending them
    let_go: tuple[Constraint, ...] = ()
