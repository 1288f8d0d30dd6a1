"""A simulated person: a hidden taste, a hidden target, a way of going about it, drawn from the catalogue."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evaluation.simulate.aspects import Aspects, End
from evaluation.simulate.temper import TEMPERS, Temper
from evaluation.simulate.wants import TEXT, Want
from retrieval.items import Bounds, Item

#: Share of the catalogue that a person has had already, apart from their target.
SEEN = 0.05
#: Sums of weights that differ by less are the same.
_CLOSE = 1e-9


@dataclass(frozen=True)
class Taste:
    """What somebody likes: wants in the order in which they come to mind. `quiet` ones are never wished for;
    they show when something is wrong with what is offered."""

    wants: tuple[Want, ...]
    quiet: tuple[Want, ...] = ()

    def worth(self, item: Item) -> float:
        """The sum of weights, likes that the item has less dislikes that it has."""
        return sum(
            want.weight * (1 if want.feeling == "like" else -1)
            for want in (*self.wants, *self.quiet)
            if want.holds(item)
        )

    def broken(self, item: Item) -> bool:
        """Whether the item goes against a condition, spoken or not."""
        return any(want.breaks(item) for want in self.wants if want.hard)

    def fits(self, item: Item, target: Item) -> bool:
        """Whether the item would do as well as the target."""
        return item.id == target.id or (
            not self.broken(item) and self.worth(item) >= self.worth(target) - _CLOSE
        )


@dataclass(frozen=True)
class Change:
    """A change of mind after so many messages, and with it of the taste and the target.

    `old` turns into `new` (None: it just doesn't matter any more). `targets` come in order of preference: one
    that was shown before the change is no use.
    """

    after: int
    old: Want
    new: Want | None
    taste: Taste
    targets: tuple[Item, ...]


@dataclass(frozen=True)
class Person:
    """One simulated user; `seen` are ids of what they have had before."""

    number: int
    seed: int
    temper: Temper
    taste: Taste
    target: Item
    seen: frozenset[str]
    change: Change | None = None

    def chance(self, name: str = "") -> random.Random:
        """The person's own chance, the same for every partner they talk to."""
        return random.Random(f"{self.seed}/{self.number}/{name}")

    def acceptable(self, item: Item, taste: Taste, target: Item) -> bool:
        """Whether they would take the item."""
        return item.id not in self.seen and taste.fits(item, target)


def draw_person(
    aspects: Aspects,
    number: int,
    seed: int,
    tempers: Sequence[Temper] = TEMPERS,
    targets: Sequence[Item] | None = None,
) -> Person:
    """Person `number` of a seed, temperaments taking turns. The same arguments give the same person.

    `targets` are the items that may be looked for: all of `possible_targets` by default. There must be one.
    """
    temper = tempers[number % len(tempers)]
    chance = random.Random(f"{seed}/{number}/person")
    targets = possible_targets(aspects) if targets is None else targets
    target = chance.choice(targets)
    taste = _taste(aspects, target, chance)
    seen = {item.id for item in aspects.items if chance.random() < SEEN} - {target.id}
    person = Person(number, seed, temper, taste, target, frozenset(seen))
    if temper.changes:
        change = _change(aspects, person, [item for item in targets if item.id not in seen], chance)
        if change is not None:
            wanted = {item.id for item in change.targets}
            person = replace(person, change=change, seen=person.seen - wanted)
    return person


def possible_targets(aspects: Aspects, nameable: Callable[[Item], bool] = lambda _: True) -> tuple[Item, ...]:
    """The items that enough can be said about.

    `nameable` refuses those whose title anyone may say by chance.
    """
    return tuple(item for item in aspects.items if nameable(item) and len(_things(aspects, item)) >= 2)


def _things(aspects: Aspects, item: Item) -> list[tuple[str, str]]:
    return [
        *aspects.held(item),
        *((name, "") for name in aspects.numbers if aspects.number(item, name) is not None),
    ]


def _taste(aspects: Aspects, target: Item, chance: random.Random) -> Taste:
    likes = _likes(aspects, target, chance)
    if aspects.nouns.get(target.id) and chance.random() < 0.3:
        likes.append(Want(TEXT, chance.choice(aspects.nouns[target.id]), weight=1.0))
    if aspects.numbers and chance.random() < 0.65:
        limit = _limit(aspects, target, chance)
        if limit is not None:
            likes.append(limit)
    near = _half_way(aspects.items, likes, target)
    unwanted = _lacking(aspects, target, near, chance)
    if unwanted and chance.random() < 0.6:
        hard = chance.random() < 0.75
        likes.append(replace(unwanted.pop(0), hard=hard, weight=1.5))
    wants = sorted(likes, key=lambda want: -want.weight * chance.uniform(0.5, 1.5))
    taken = {want.facet for want in likes}
    apart = [want for want in unwanted if aspects.facets[want.facet].many or want.facet not in taken]
    if apart and chance.random() < 0.25:  # a wish that the target doesn't bear out
        unwanted.remove(apart[0])
        wants.append(replace(apart[0], feeling="like", weight=0.5))
    quiet = tuple(replace(want, weight=0.75) for want in unwanted[:2])
    return Taste(tuple(wants), quiet)


def _likes(aspects: Aspects, target: Item, chance: random.Random) -> list[Want]:
    """Two to four values of the target, of different facets where that can be, people now and then."""
    pairs = aspects.held(target)
    chance.shuffle(pairs)
    people = [pair for pair in pairs if aspects.facets[pair[0]].kind == "people"]
    traits = [pair for pair in pairs if aspects.facets[pair[0]].kind != "people"]
    chosen: list[tuple[str, str]] = []
    count = chance.choice((2, 3, 3, 4))
    if people and (chance.random() < 0.2 or len(traits) < 2):
        chosen.append(people[0])
    while traits and len(chosen) < count:
        taken = [facet for facet, _ in chosen]
        best = min(traits, key=lambda pair: taken.count(pair[0]))
        traits.remove(best)
        chosen.append(best)
    return [
        Want(facet, value, hard=chance.random() < 0.15, weight=round(chance.uniform(1, 3), 2))
        for facet, value in chosen
    ]


def _limit(aspects: Aspects, target: Item, chance: random.Random) -> Want | None:
    """A limit that the target keeps and a fair part of the catalogue doesn't, in round numbers."""
    facets = [name for name in aspects.numbers if aspects.number(target, name) is not None]
    chance.shuffle(facets)
    for facet in facets:
        value, known = aspects.number(target, facet), aspects.numbers[facet]
        assert value is not None
        end = chance.choice(aspects.ends(facet))
        bounds = rounded(value, end, known, chance, years=aspects.meaning(facet) == "year")
        share = sum(bounds.holds(number) for number in known) / len(known)
        if 0.05 <= share <= 0.85:
            return Want(facet, bounds=bounds, hard=True, weight=2.0)
    return None


def rounded(
    value: float, end: End, known: Sequence[float], chance: random.Random, years: bool = False
) -> Bounds:
    """A range of round numbers around a value, open at the other end. `known` are all values, sorted."""
    if years and end == "both":
        return Bounds(value // 10 * 10, value // 10 * 10 + 9)
    spread = (known[len(known) * 3 // 4] - known[len(known) // 4]) or (known[-1] - known[0]) or 1.0
    step = 5.0 if years else 10 ** math.floor(math.log10(max(spread, 1e-6)))
    if not years and spread / step >= 5:
        step *= 5
    slack = chance.uniform(0, 0.4) * spread
    low = round(math.floor((value - slack) / step) * step, 6)
    high = round(math.ceil((value + slack) / step) * step, 6)
    if end == "both":
        return Bounds(low, high)
    return Bounds(low=low) if end == "low" else Bounds(high=high)


def _half_way(items: Sequence[Item], likes: Sequence[Want], target: Item) -> list[Item]:
    """The items that have about half of what is liked: what a list will be full of."""
    half = len(likes) / 2
    return [
        item for item in items if item.id != target.id and sum(bool(w.holds(item)) for w in likes) >= half
    ]


def _lacking(aspects: Aspects, target: Item, near: Sequence[Item], chance: random.Random) -> list[Want]:
    """Values that the target lacks and many items near it have, as dislikes."""
    mine = set(_things(aspects, target))
    known = {facet for facet, _ in mine}
    counts: dict[tuple[str, str], int] = {}
    for item in near:
        for pair in aspects.held(item):
            if pair not in mine and pair[0] in known and aspects.facets[pair[0]].kind == "category":
                counts[pair] = counts.get(pair, 0) + 1
    common = sorted(counts, key=lambda pair: (-counts[pair], pair))[:12]
    chance.shuffle(common)
    return [Want(facet, value, feeling="dislike") for facet, value in common]


def _change(
    aspects: Aspects, person: Person, targets: Sequence[Item], chance: random.Random
) -> Change | None:
    """A change of the wish that comes to mind first, so that it has been voiced by then. None where no other
    item would suit the new mind."""
    old = person.taste.wants[0]
    rest = tuple(want for want in person.taste.wants if want.subject != old.subject)
    without = Taste(rest, person.taste.quiet)
    others = (
        [item for item in targets if old.holds(item) is False] if old.feeling == "like" else list(targets)
    )
    # What is disliked may be ruled out for good later on, so the new target must have none of it.
    disliked = [want for want in (*rest, *person.taste.quiet) if want.feeling == "dislike"]
    others = [
        item
        for item in others
        if item.id != person.target.id
        and not without.broken(item)
        and not any(want.holds(item) for want in disliked)
    ]
    if not others:
        return None
    others.sort(key=lambda item: (-without.worth(item), chance.random()))
    best = others[:8]
    new: Want | None = None
    if old.feeling == "like" and old.bounds is None:
        swaps = [value for facet, value in aspects.held(best[0]) if facet == old.facet]
        if swaps and chance.random() < 0.5:
            new = Want(old.facet, chance.choice(swaps), weight=old.weight)
            best = [item for item in best if new.holds(item)]
        else:
            new = replace(old, feeling="dislike", hard=True)
    taste = replace(without, wants=(*((new,) if new else ()), *rest))
    return Change(chance.choice((2, 3)), old, new, taste, tuple(best))
