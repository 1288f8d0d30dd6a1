"""Whether a reason is true at both ends: the person said the interest, and the fact is the item's."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import combinations

import numpy as np
import Stemmer

from chat.reply import Reason
from evaluation.mentions import numbers_of, plain
from prompts.dialogue import Interest
from retrieval.items import Facet, Item


def fault(
    reason: Reason,
    item: Item,
    *,
    said: Sequence[str],
    clicked: Mapping[str, str],
    facets: Mapping[str, Facet],
    get: Callable[[str], Item | None],
) -> str:
    """What is wrong with a reason, in words; "" where nothing is.

    `said` are the person's messages, oldest first; `clicked` maps ids of items to the last click on them.
    """
    return _unsaid(reason.interest, said, clicked) or _untrue(reason, item, facets, get)


def _unsaid(interest: Interest, said: Sequence[str], clicked: Mapping[str, str]) -> str:
    if not interest.quote:
        if interest.kind == "item" and interest.value in clicked:
            return ""
        return f"nobody said or clicked “{interest.subject or interest.value}”"
    if not 1 <= interest.turn <= len(said):
        return f"there is no message {interest.turn}"
    if plain(interest.quote).strip() and plain(interest.quote) not in plain(said[interest.turn - 1]):
        return f"“{interest.quote}” is not in message {interest.turn}"
    return ""


def _untrue(
    reason: Reason, item: Item, facets: Mapping[str, Facet], get: Callable[[str], Item | None]
) -> str:
    fact, interest = reason.fact, reason.interest
    if fact.facet == "text":
        pieces = [piece for piece in re.split(r"…|\.\.\.", fact.value) if plain(piece).strip()]
        whole = plain(item.text)
        return "" if all(plain(piece) in whole for piece in pieces) else f"its text has no “{fact.value}”"
    facet = facets.get(fact.facet)
    if facet is None:
        return f"there is no facet {fact.facet!r}"
    if interest.kind == "item":
        other = get(interest.value)
        if other is None:
            return f"there is no item {interest.value!r}"
        if rest := _rest(fact.value, _all(item, facets) & _all(other, facets)):
            return f"“{rest}” is not in both {item.title} and {other.title}"
        return ""
    if rest := _rest(fact.value, {str(value) for value in item.values(fact.facet)}):
        return f"its {facet.label} is not “{rest}”"
    if interest.kind != fact.facet:
        return ""  # left open: any fact answers
    if interest.bounds is not None:
        inside = any(interest.bounds.holds(number) for number in numbers_of(item, facet))
        return "" if inside else f"{facet.label} {fact.value} is outside what was asked for"
    held = interest.value.casefold() in {str(value).casefold() for value in item.values(fact.facet)}
    if held == (reason.against and interest.feeling == "like"):
        return f"“{interest.value}” is {'there' if held else 'missing'}, and the reason says otherwise"
    if not reason.against and interest.feeling == "dislike":
        return f"“{interest.value}” is disliked, and speaks for it"
    return ""


def _all(item: Item, facets: Iterable[str]) -> set[str]:
    return {str(value) for name in facets for value in item.values(name)}


def _rest(joined: str, values: Iterable[str]) -> str:
    """What of "a, b, c" is left once the known values are taken out; a value may hold a comma itself."""
    rest = f", {joined}, "
    for value in sorted(values, key=len, reverse=True):
        while f", {value}, " in rest:
            rest = rest.replace(f", {value}, ", ", ", 1)
    return rest.strip(", ")


# --- counting -----------------------------------------------------------------------------------------------


def meets(item: Item, interest: Interest, facets: Mapping[str, Facet]) -> bool:
    """Whether an item has what an interest names; of free words, whether its text has them all."""
    if interest.kind == "text":
        return _stems(interest.value) <= _stems(" . ".join([item.title, item.text, *_all(item, facets)]))
    facet = facets.get(interest.kind)
    if facet is None:
        return False
    if interest.bounds is not None:
        return any(interest.bounds.holds(number) for number in numbers_of(item, facet))
    return interest.value.casefold() in {str(value).casefold() for value in item.values(interest.kind)}


def fits(item: Item, conditions: Sequence[Interest], facets: Mapping[str, Facet]) -> bool:
    """Whether an item meets all of these interests, of one group any, and none of the dislikes."""
    groups: dict[str, list[Interest]] = {}
    for place, one in enumerate(conditions):
        groups.setdefault(one.group or f"#{place}", []).append(one)
    return all(
        any(meets(item, one, facets) == (one.feeling == "like") for one in group) for group in groups.values()
    )


def _stems(text: str) -> set[str]:
    return set(Stemmer.Stemmer("english").stemWords(plain(text).split()))


def true_counts(
    items: Sequence[Item],
    taste: Sequence[Interest],
    facets: Mapping[str, Facet],
    gone: Sequence[Collection[str]],
) -> frozenset[int]:
    """How many items meet all conditions of a taste, and all but one or two of them.

    Counted with every item, and without each set of ids in `gone` (what was shown or named already); over the
    conditions alone and over leanings as well.
    """
    groups: dict[str, list[Interest]] = {}
    for place, one in enumerate(taste):
        if (one.kind in facets or (one.kind == "text" and one.hard)) and one.feeling in ("like", "dislike"):
            groups.setdefault(one.group or f"#{place}", []).append(one)
    met = np.array(
        [
            [any(meets(item, one, facets) == (one.feeling == "like") for one in group) for item in items]
            for group in groups.values()
        ],
        dtype=bool,
    ).reshape(len(groups), len(items))
    firm = [any(one.hard for one in group) for group in groups.values()]
    left = [np.ones(len(items), dtype=bool)]
    left += [np.array([item.id not in absent for item in items], dtype=bool) for absent in gone]
    places = range(len(groups))
    dropped = [(), *combinations(places, 1), *combinations(places, 2)]
    counts = {len(items)}
    for use in (firm, [True] * len(firm)):
        for leave in dropped:
            rows = [place for place in places if use[place] and place not in leave]
            fits = met[rows].all(axis=0)
            counts |= {int((fits & there).sum()) for there in left}
    return frozenset(counts)
