"""What somebody finds wrong with a list: only what is true of the items, and only what they mind. Pure."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace

from evaluation.simulate.aspects import Aspects
from evaluation.simulate.speech import Complaint
from evaluation.simulate.user import Taste
from evaluation.simulate.wants import Want
from retrieval.items import Bounds, Item

#: The least step by which a better number differs: "newer" means newer, not as new.
_STEP = 1e-6


def complaints(
    aspects: Aspects, taste: Taste, said: Sequence[Want], shown: Sequence[Item], chance: random.Random
) -> list[Complaint]:
    """What may be said against the items shown, what concerns most of them first."""
    found: list[Complaint] = []
    for want in (*taste.wants, *taste.quiet):
        if want.bounds is not None:
            found += _of_number(aspects, want, shown)
        elif want.feeling == "dislike":
            found += _of_value(want, shown, chance)
        elif (
            want in said
            and want.facet in aspects.facets
            and shown
            and all(want.holds(item) is False for item in shown)
        ):
            found.append(Complaint(replace(want, hard=False), "missing", tuple(item.id for item in shown)))
    return sorted(found, key=lambda one: (-len(one.item_ids), chance.random()))


def true_of(aspects: Aspects, complaint: Complaint, item: Item) -> bool:
    """Whether the complaint is true of an item."""
    if complaint.want.bounds is not None:
        number = aspects.number(item, complaint.want.facet)
        return number is not None and not complaint.want.bounds.holds(number)
    held = complaint.want.holds(item)
    return held is (complaint.want.feeling == "dislike")


def _of_number(aspects: Aspects, want: Want, shown: Sequence[Item]) -> list[Complaint]:
    bounds = want.bounds
    assert bounds is not None
    years = aspects.meaning(want.facet) == "year"
    numbers = {item.id: number for item in shown if (number := aspects.number(item, want.facet)) is not None}
    low = {key: number for key, number in numbers.items() if bounds.low is not None and number < bounds.low}
    high = {
        key: number for key, number in numbers.items() if bounds.high is not None and number > bounds.high
    }
    found = []
    for side, outside in (("low", low), ("high", high)):
        if outside:
            every = outside if len(outside) == len(shown) else dict([next(iter(outside.items()))])
            edge = max(every.values()) if side == "low" else min(every.values())
            better = Bounds(low=edge + _STEP) if side == "low" else Bounds(high=edge - _STEP)
            how = ("older" if side == "low" else "newer") if years else side
            found.append(Complaint(Want(want.facet, bounds=better), how, tuple(every)))
    return found


def _of_value(want: Want, shown: Sequence[Item], chance: random.Random) -> list[Complaint]:
    having = [item.id for item in shown if want.holds(item)]
    if not having:
        return []
    how = "ban" if want.hard or chance.random() < 0.5 else "less"
    about = tuple(having if len(having) == len(shown) else having[:1])
    return [Complaint(replace(want, hard=how == "ban"), how, about)]
