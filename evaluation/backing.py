"""Whether the facts of one item bear out one claim: a person, a value, a number, an extreme."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from evaluation.mentions import Gazetteer, Span, function_words, numbers_of, plain, stem
from retrieval.items import Facet, Item

#: Which role an adjective speaks of, and whether its extreme is the highest.
_EXTREMES: dict[str, tuple[tuple[str, ...], bool]] = {
    "short": (("duration", "length"), False), "long": (("duration", "length"), True),
    "old": (("year",), False), "earli": (("year",), False),
    "new": (("year",), True), "late": (("year",), True),
    "cheap": (("price",), False), "expensive": (("price",), True), "dear": (("price",), True),
    "light": (("weight",), False), "heavi": (("weight",), True), "rated": (("rating",), True),
}  # fmt: skip
#: Words with a capital that name nothing, besides function words.
_COMMON = frozenset(
    "ok okay shall let tv dvd monday tuesday wednesday thursday friday saturday sunday january february"
    " march april may june july august september october november december".split()
)


class Backing:
    """Whether facts of one catalogue bear out single claims."""

    def __init__(self, facets: Sequence[Facet], items: Sequence[Item], nouns: Iterable[str] = ()) -> None:
        self.names = Gazetteer(facets, items, nouns)
        self._facets = {facet.name: facet for facet in facets}
        labels = [*nouns, *(facet.label for facet in facets), *self._facets]
        self._idle = function_words() | _COMMON
        self._labels = {stem(word) for label in labels for word in plain(label).split()}

    # -- one claim against one item -------------------------------------------------------------------------

    def holds(self, item: Item, span: Span, before: str) -> bool:
        """Whether the item's facts, title or description bear out a claim."""
        if span.kind == "person":
            return self._person(item, span, before)
        if span.kind == "value":
            return self.has(item, span.value) or plain(span.text) in plain(f"{item.title} . {item.text}")
        if span.kind == "number" and span.number is not None:
            return self._number(item, span)
        words = plain(" . ".join([item.title, item.text, *self.values(item)]))
        return plain(span.text) in words

    def has(self, item: Item, value: str) -> bool:
        """Whether any facet of the item holds the value."""
        return value.casefold() in {held.casefold() for held in self.values(item)}

    def values(self, item: Item) -> list[str]:
        """All that the item's facets hold, as text."""
        return [str(value) for name in self._facets for value in item.values(name)]

    def _person(self, item: Item, span: Span, before: str) -> bool:
        """A trade named right before a person must be theirs: being in the cast is not "directed by"."""
        near = [stem(word) for word in plain(before).split()[-3:]]
        trades = [
            name for name in self._facets
            if self._facets[name].kind == "people"
            and any(word[:5] == stem(self._facets[name].label)[:5] and len(word) > 4 for word in near)
        ]  # fmt: skip
        return any(span.value in map(str, item.values(name)) for name in (trades or span.found)) or (
            not trades and plain(span.value) in plain(f"{item.title} {item.text}")
        )

    def _number(self, item: Item, span: Span) -> bool:
        number = span.number
        assert number is not None
        for facet in self._facets.values():
            if span.facet and facet.name != span.facet:
                continue
            for held in numbers_of(item, facet):
                if span.loose and facet.role == "duration" and span.facet:
                    minutes = held * 60 if "hour" in f"{facet.unit} {facet.name}".casefold() else held
                    if abs(minutes - number) <= 15:
                        return True
                if held == number or (facet.role == "price" and abs(held - number) < 0.005):
                    return True
                is_year = facet.role == "year" or facet.kind == "date"
                if span.loose and is_year and number in (held - held % 10, held % 100 - held % 10):
                    return True
        return not span.loose and plain(span.text) in plain(
            " . ".join([item.title, item.text, *(str(v) for v in self._words(item))])
        )

    def _words(self, item: Item) -> list[str]:
        facets = [facet for facet in self._facets.values() if facet.kind not in ("number", "date")]
        return [str(value) for facet in facets for value in item.values(facet.name)]

    def extreme(self, items: Sequence[Item], item: Item, span: Span) -> bool:
        """Whether an item alone is the shortest (…) of those it is named among."""
        word = span.text.split()[-1]
        roles, high = next((entry for key, entry in _EXTREMES.items() if word.startswith(key)), ((), True))
        high = high if not word.startswith("rated") else True
        if span.number is not None and span.number != len(items):
            return False
        facets = [
            facet for facet in self._facets.values()
            if facet.role in roles or ("weight" in roles and facet.name.startswith("weight"))
        ]  # fmt: skip
        for facet in facets:
            held = {one.id: numbers_of(one, facet)[:1] for one in items}
            if item.id not in held or not held[item.id]:
                continue
            mine = held[item.id][0]
            others = [number[0] for key, number in held.items() if key != item.id and number]
            if others and all(mine > other if high else mine < other for other in others):
                return True
        return False

    def common(self, word: str) -> bool:
        """Whether a word names a facet or the kind of thing, or nothing at all."""
        bare = re.split("['’]", word.casefold())[0]
        return stem(bare) in self._labels or bare in self._idle
