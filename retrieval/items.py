"""What the catalogue holds and what is asked of it: frozen values, no behaviour beyond reading themselves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from retrieval.dials import Dials

#: A fact is one word or number, or several words: `"Japan"`, `1995`, `("crime", "thriller")`.
FactValue = str | int | float | tuple[str, ...]

FacetKind = Literal["category", "people", "number", "date", "words"]
"""How a facet is matched: by value, by a person's name, by range, by range of years, or only as text."""

FacetRole = Literal["year", "duration", "length", "price", "age", "rating", "quantity"]
"""What a number means, so that "short", "cheap" and "for my six-year-old" find their facet."""


@dataclass(frozen=True, slots=True)
class Facet:
    """One column that people can ask about or filter by.

    `unit` is what one step of a number means ("min", "years", "EUR"); `aliases` maps other words people
    use to the catalogue's own value (`{"sci-fi": "science fiction"}`;
    `"!English"` means any other value); `label` is the singular for people
    ("director"), `name` the column ("directors").
    """

    name: str
    kind: FacetKind
    label: str
    role: FacetRole | None = None
    unit: str | None = None
    many: bool = False
    aliases: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to recommend. `facts` holds facet values only; `text` is its description, plain."""

    id: str
    title: str
    facts: Mapping[str, FactValue] = field(default_factory=lambda: MappingProxyType({}))
    text: str = ""
    image: str | None = None
    url: str | None = None

    def values(self, facet: str) -> tuple[str | int | float, ...]:
        """The item's values of a facet, always as a tuple; empty where the catalogue doesn't say."""
        value = self.facts.get(facet)
        if value is None:
            return ()
        return value if isinstance(value, tuple) else (value,)


@dataclass(frozen=True, slots=True)
class Bounds:
    """A closed range of numbers; `None` leaves an end open. Years for a date facet."""

    low: float | None = None
    high: float | None = None

    def holds(self, number: float) -> bool:
        """Whether the number lies inside, ends included."""
        return (self.low is None or number >= self.low) and (self.high is None or number <= self.high)


@dataclass(frozen=True, slots=True)
class Constraint:
    """One exact condition on a facet: any of `values`, or a number within `bounds`.

    In `Query.musts` every constraint must be met, and an item that doesn't say does not meet it; in
    `Query.must_nots` no constraint may be met, and an item that doesn't say is let through.
    """

    facet: str
    values: tuple[str, ...] = ()
    bounds: Bounds | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """A leaning, not a condition: towards (or, among dislikes, away from) an item, a facet value or words.

    `facet` is a facet's name, `"item"` (then `value` is an item id) or `"text"` (then `value` is free
    words). `bounds` stands in place of `value` for a number. `weight` lies in (0, 1].
    """

    facet: str
    value: str = ""
    bounds: Bounds | None = None
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Query:
    """Everything that ranking may know about one request. `seen` are ids that may not come back.

    `said` are the person's latest messages, oldest first, for signals learnt from text. `dials` stand in
    place of the ranking's own; `leaning` multiplies the weights of signals by name, 1 for one not named.
    """

    text: str = ""
    musts: tuple[Constraint, ...] = ()
    must_nots: tuple[Constraint, ...] = ()
    likes: tuple[Wish, ...] = ()
    dislikes: tuple[Wish, ...] = ()
    seen: frozenset[str] = frozenset()
    k: int = 5
    said: tuple[str, ...] = ()
    dials: Dials | None = None
    leaning: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item with its fused score (higher is better) and the share that each signal had in it."""

    item: Item
    score: float
    found_by: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Relaxation:
    """A condition whose removal would let `matching` items through."""

    constraint: Constraint
    excluded: bool  # True where the constraint is one of `must_nots`
    matching: int


@dataclass(frozen=True, slots=True)
class Retrieval:
    """The ranked candidates, how many items met the conditions, and what to relax where those were few.

    `pair` says that the two relaxations help only together.
    """

    candidates: tuple[Candidate, ...]
    matching: int
    relaxations: tuple[Relaxation, ...] = ()
    pair: bool = False
