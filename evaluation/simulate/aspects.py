"""What a taste can be made of in a catalogue: telling values, numbers, and nouns of its descriptions."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from evaluation.simulate.wants import number_in, stem
from retrieval.items import Facet, Item

End = Literal["low", "high", "both"]

#: A value that fewer items have would name its item; one that more have says nothing.
LEAST_HOLDERS, LARGEST_SHARE = 2, 0.5
#: A noun is a telling one where it stands in at least so many descriptions, and in at most so many or this
#: share of them.
LEAST_TEXTS, MOST_TEXTS, LARGEST_TEXT_SHARE = 2, 4, 0.08

_BEFORE = frozenset("a an the his her their its two three this every another".split())
_AFTER = frozenset(
    "a an the and or of in on at to from with for by who that which is are was were has have as but into "
    "near turns makes takes gets goes comes becomes".split()
)
#: What a limit on a number is usually about: "no longer", "no older", "no dearer".
_ENDS: Mapping[str, tuple[End, ...]] = {
    "year": ("low", "low", "high", "both", "both"),
    "duration": ("high", "high", "high", "low"),
    "price": ("high",),
    "age": ("high",),
    "rating": ("low",),
    "weight": ("high",),
}


@dataclass(frozen=True)
class Aspects:
    """One catalogue as wishes are drawn from it. Make it with `of`."""

    items: tuple[Item, ...]
    facets: Mapping[str, Facet]
    values: Mapping[str, Mapping[str, int]]  # telling values of category and people facets
    numbers: Mapping[str, tuple[float, ...]]  # sorted
    nouns: Mapping[str, tuple[str, ...]]  # item id → telling nouns of its description

    @classmethod
    def of(cls, items: Sequence[Item], facets: Sequence[Facet]) -> Aspects:
        """What the items and facets offer."""
        values: dict[str, dict[str, int]] = {}
        numbers: dict[str, tuple[float, ...]] = {}
        for facet in facets:
            if facet.kind in ("category", "people"):
                counts = Counter(str(value) for item in items for value in set(item.values(facet.name)))
                values[facet.name] = {
                    value: count
                    for value, count in sorted(counts.items())
                    if LEAST_HOLDERS <= count <= LARGEST_SHARE * len(items)
                }
            elif facet.kind in ("number", "date") and facet.role != "quantity":
                found = sorted(
                    number
                    for item in items
                    for value in item.values(facet.name)[:1]
                    if (number := number_in(value)) is not None
                )
                if len(set(found)) > 2:
                    numbers[facet.name] = tuple(found)
        return cls(
            items=tuple(items),
            facets={facet.name: facet for facet in facets},
            values={name: held for name, held in values.items() if held},
            numbers=numbers,
            nouns=_nouns(items),
        )

    def held(self, item: Item) -> list[tuple[str, str]]:
        """The telling (facet, value) pairs of an item."""
        return [
            (name, str(value))
            for name, telling in self.values.items()
            for value in item.values(name)
            if str(value) in telling
        ]

    def number(self, item: Item, facet: str) -> float | None:
        """The item's number of a facet."""
        found = item.values(facet)
        return number_in(found[0]) if found and facet in self.numbers else None

    def meaning(self, facet: str) -> str:
        """What a number means: its role, `"weight"`, or `"other"`."""
        entry = self.facets[facet]
        if entry.role in ("year", "duration", "price", "age", "rating"):
            return entry.role
        if entry.kind == "date":
            return "year"
        if entry.role == "length":
            return "duration" if (entry.unit or "").startswith(("min", "hour")) else "other"
        return "weight" if re.search(r"weight|mass", f"{entry.name} {entry.label}") else "other"

    def ends(self, facet: str) -> tuple[End, ...]:
        """The ends at which people bound a number, the likelier ones more often."""
        return _ENDS.get(self.meaning(facet), ("low", "high"))


def _nouns(items: Sequence[Item]) -> dict[str, tuple[str, ...]]:
    """Words that stand where nouns stand ("a ___ who", "the ___ of") in a few descriptions, by item id."""
    as_noun: Counter[str] = Counter()
    all_uses: Counter[str] = Counter()
    holders: defaultdict[str, set[str]] = defaultdict(set)
    forms: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for item in items:
        tokens = re.findall(r"[^\W\d_]+(?:['’][^\W\d_]+)?|[.,;:!?]", item.text)
        for place, token in enumerate(tokens):
            if not token.islower() or len(token) < 4 or "'" in token or "’" in token:
                continue
            root = stem(token)
            all_uses[root] += 1
            holders[root].add(item.id)
            forms[root][token] += 1
            before = tokens[place - 1].casefold() if place else "."
            after = tokens[place + 1].casefold() if place + 1 < len(tokens) else "."
            if before in _BEFORE and (after in _AFTER or not after[0].isalpha()):
                as_noun[root] += 1
    most = max(MOST_TEXTS, LARGEST_TEXT_SHARE * len(items))
    found: defaultdict[str, list[str]] = defaultdict(list)
    for root in sorted(all_uses):
        common = LEAST_TEXTS <= len(holders[root]) <= most
        if common and as_noun[root] >= max(2, 0.3 * all_uses[root]):
            for item_id in holders[root]:
                found[item_id].append(forms[root].most_common(1)[0][0])
    return {item_id: tuple(words) for item_id, words in found.items()}
