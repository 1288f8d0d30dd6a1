"""Ranges measured from items: "shorter than that", "something newer", "too long", "not cheap enough"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chat.reader.context import ReadContext
from chat.reader.elements import Thing
from chat.reader.feelings import Felt
from chat.reader.numerals import number_of
from chat.reader.quantities import Quantities
from chat.reader.scales import plain_scale, scale_of
from chat.reader.scope import NOTS
from chat.reader.tokens import Token
from chat.reader.vocabulary import Shelf, Vocabulary
from retrieval.items import Bounds, Facet, Item

End = Literal["low", "high"]

_FLIP: dict[End, End] = {"low": "high", "high": "low"}
_DEGREES = frozenset("way far much bit little really just still".split())
_ALL = frozenset("all these those they theyre them both everything".split())
_ASKING = frozenset("there have got else isnt".split())


@dataclass(frozen=True, slots=True)
class _Wish:
    """An adjective at `start:end` that asks for less (`low`) or more of a facet than something has.
    `than` is the place of "than"; `beyond` says that what is there falls short of a limit, or exceeds it."""

    start: int
    end: int
    facet: Facet
    side: End
    than: int | None = None
    beyond: bool = False


class Relative:
    """Finds, in messages about one catalogue, the ranges that only an item gives a number to."""

    def __init__(self, shelf: Shelf, vocabulary: Vocabulary, quantities: Quantities) -> None:
        self._shelf = shelf
        self._vocabulary = vocabulary
        self._quantities = quantities

    def compared(self, tokens: Sequence[Token], felt: list[Felt], context: ReadContext) -> list[Felt]:
        """What is felt, with the ranges that are measured from an item or from the list."""
        words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
        if {"which", "whichs"} & set(words) or words[:1] in (["whats"], ["what"]):
            return felt
        felt = list(felt)
        for place in range(len(words)):
            if any(e.thing.kind != "text" and e.thing.start <= place < e.thing.end for e in felt):
                continue
            wish = self._comparative(words, place) or self._limit(words, place, context)
            if wish is None:
                continue
            edge = self._edge(wish, words, felt, context)
            if edge is None:
                continue
            thing = Thing(wish.start, wish.end, wish.facet.name, (), edge, more=True)
            if not self._ruled_out(tokens, words, wish):
                felt = [_spoken_of(entry, wish) for entry in felt if not _inside(entry, wish)]
                felt.append(Felt(thing, "want", True, False, (max(0, wish.start - 1), wish.end)))
        return sorted(felt, key=lambda entry: entry.thing.start)

    def _comparative(self, words: Sequence[str], place: int) -> _Wish | None:
        """ "Shorter", "more recent", "less expensive than the second"."""
        word, end = words[place], place + 1
        scale = scale_of(word) if word.endswith("er") else None
        flipped = False
        if scale is None and word in ("more", "less") and end < len(words):
            scale, flipped = plain_scale(words[end]), word == "less"
            end += 1
        if (
            scale is None
            or words[max(0, place - 1) : place] in (["any"], ["no"])
            and words[end:][:1] != ["than"]
        ):
            return None  # "any longer" is no length
        facet = self._facet(scale[0], words[end - 1])
        if facet is None:
            return None
        side: End = "low" if (scale[1] == "low") != flipped else "high"
        return _Wish(place, end, facet, side, end if _at(words, end) == "than" else None)

    def _limit(self, words: Sequence[str], place: int, context: ReadContext) -> _Wish | None:
        """ "Too long", "not recent enough", of what is on the table."""
        scale = self._scale(words[place])
        if scale is None or not context.recent:
            return None
        start = place
        while start and words[start - 1] in _DEGREES:
            start -= 1
        before = words[start - 1] if start else ""
        after = words[place + 1] if place + 1 < len(words) else "\0"
        excess = before == "too" and not NOTS & set(words[max(0, start - 4) : start - 1])
        falls_short = after == "enough" and bool(NOTS & set(words[max(0, place - 6) : place]))
        if not (excess or falls_short) or after in ("ago", "notice", "to"):
            return None
        facet = self._facet(scale[0], words[place])
        if facet is None:
            return None
        side: End = "low" if (scale[1] == "low") != excess else "high"
        while start and words[start - 1] in _DEGREES | {"too", "a"}:
            start -= 1
        return _Wish(start, place + 1 + falls_short, facet, side, beyond=True)

    def _scale(self, word: str) -> tuple[str, str] | None:
        """The role and end of the scale that an adjective names, weights and sizes among them."""
        found = plain_scale(word)
        if found is None and self._quantities.measured(word) is not None:
            return self._quantities.end_of(word)
        return found

    def _facet(self, role: str, word: str) -> Facet | None:
        if role == "quantity":
            base = self._quantities.measured(word)
            return base or self._vocabulary.by_role(role)
        facet = self._vocabulary.by_role(role)
        return facet or (self._vocabulary.by_role("length") if role == "duration" else None)

    def _edge(
        self, wish: _Wish, words: Sequence[str], felt: list[Felt], context: ReadContext
    ) -> Bounds | None:
        """The range: beyond the item compared with, or else what was pointed at, the list, the catalogue."""
        name, low = wish.facet.name, wish.side == "low"
        base = self._than(wish, felt) or self._named(wish, felt, context)
        if not base:
            shown = sorted(first_number(item, name) for item in context.shown)
            shown = [number for number in shown if number != float("inf")]
            if shown and (wish.beyond and _ALL & set(words[: wish.start])):
                base = shown  # they are all too long: none of them will do
            elif shown:
                middle = (len(shown) - 1) // 2 if low else len(shown) // 2
                base = shown[middle : middle + 1]
        base = [number for number in base if number != float("inf")]
        if not base:
            share = self._quantities.quantile(name, 0.33 if low else 0.67)
            base = [share] if share is not None else []
        if not base:
            return None
        whole = wish.facet.role in ("year", "duration", "length", "age")
        step = 1.0 if whole and base[0] == int(base[0]) else 0.01
        edge = round(min(base) - step, 2) if low else round(max(base) + step, 2)
        return Bounds(None, edge) if low else Bounds(edge, None)

    def _than(self, wish: _Wish, felt: list[Felt]) -> list[float]:
        """The numbers of the item after "than", which is marked as only compared with."""
        if wish.than is None:
            return []
        for index, entry in enumerate(felt):
            if entry.thing.kind == "item" and entry.thing.start in range(wish.than + 1, wish.than + 4):
                felt[index] = replace(entry, thing=replace(entry.thing, than=True), verdict="none")
                return self._numbers(entry, wish.facet)
        return []

    def _named(self, wish: _Wish, felt: Sequence[Felt], context: ReadContext) -> list[float]:
        """The numbers of what the message speaks of: an item that it points at, else the one in focus."""
        items = [entry for entry in felt if entry.thing.kind == "item"]
        single = [entry for entry in items if len(entry.thing.values) == 1]
        before = [entry for entry in single if entry.thing.end <= wish.start]
        if wish.beyond and before:
            return self._numbers(before[-1], wish.facet)
        if wish.beyond and items:
            return [number for entry in items for number in self._numbers(entry, wish.facet)]
        if len(context.focus) == 1:
            return [first_number(context.focus[0], wish.facet.name)]
        return [number for entry in items for number in self._numbers(entry, wish.facet)]

    def _numbers(self, entry: Felt, facet: Facet) -> list[float]:
        items = (self._shelf.get(item_id) for item_id in entry.thing.values)
        return [first_number(item, facet.name) for item in items if item is not None]

    def _ruled_out(self, tokens: Sequence[Token], words: Sequence[str], wish: _Wish) -> bool:
        """Whether a negation takes the comparison back: "not longer", but not "is there nothing longer?"."""
        before = list(words[max(0, wish.start - 2) : wish.start])
        before = before[before.index("\0") + 1 :] if "\0" in before else before  # "no. older?"
        if wish.beyond or not {"not", "no", "nothing"} & set(before):
            return False
        asked = "?" in {token.norm for token in tokens} or bool(_ASKING & set(words[: wish.start]))
        return not ("nothing" in before and asked and wish.than is None)


def _at(words: Sequence[str], place: int) -> str:
    return words[place] if place < len(words) else ""


def _spoken_of(entry: Felt, wish: _Wish) -> Felt:
    """A whole list that is "too long" is not disliked piece by piece."""
    several = entry.thing.kind == "item" and entry.thing.pointed and len(entry.thing.values) > 1
    return replace(entry, verdict="none", hard=False, explicit=False) if several and wish.beyond else entry


def _inside(entry: Felt, wish: _Wish) -> bool:
    return entry.thing.kind == "text" and wish.start <= entry.thing.start < wish.end


def first_number(item: Item, facet: str) -> float:
    """The item's number on a facet; infinity where it has none."""
    values = item.values(facet)
    number = number_of(values[0]) if values else None
    return float("inf") if number is None else number
