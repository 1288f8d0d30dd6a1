"""Numbers, years, lengths, prices and ages in a message, as ranges of the facet that they speak of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chat.reader.company import company_at
from chat.reader.comparing import Sign, sign_after, sign_before, skip_small
from chat.reader.english import english
from chat.reader.numerals import HOUR_UNITS, YEARS, Number, float_of, number_at, number_of, second_at
from chat.reader.tokens import Token, comparative, stem
from chat.reader.vocabulary import Shelf, Vocabulary
from retrieval.items import Bounds, Facet

UNIT_ROLES = {
    "minutes": "duration",
    "hours": "duration",
    "pages": "length",
    "money": "price",
    "stars": "rating",
}
PREDICATES = frozenset({"is", "are", "was", "were", "it", "looks", "look", "sounds"})
#: "I'm after a film noir" looks for one.
SEEKERS = frozenset("im were am are was is something anything".split())
INTENSIFIERS = frozenset({"too", "very", "super", "overly", "so", "that"})
WHOLE_ITEM = frozenset(
    "something anything ones one movie movies film films book books product products".split()
)


@dataclass(frozen=True, slots=True)
class Quantity:
    """The words `start:end` ask for this range of a facet. `vague` ones ("something short") lean on what the
    catalogue holds. `who` marks a person the items are for."""

    start: int
    end: int
    facet: str
    bounds: Bounds
    vague: bool = False
    who: bool = False


class Quantities:
    """Finds ranges for the numeric facets of one catalogue.

    `quantile(facet, share)` tells the number that this share of the items stays below: it gives "short" and
    "cheap" their meaning in this catalogue.
    """

    def __init__(self, shelf: Shelf, vocabulary: Vocabulary, today: date) -> None:
        self._vocabulary = vocabulary
        self._today = today
        self._nouns = WHOLE_ITEM | {shelf.noun, shelf.nouns}
        self._sorted: dict[str, list[float]] = {}
        for facet in shelf.facets:
            if facet.kind in ("number", "date"):
                numbers = (number_of(value) for item in shelf.items for value in item.values(facet.name))
                self._sorted[facet.name] = sorted(number for number in numbers if number is not None)

    def quantile(self, facet: str, share: float) -> float | None:
        """The number that `share` of the items stay at or below; None where the facet is empty."""
        numbers = self._sorted.get(facet) or []
        return numbers[min(len(numbers) - 1, int(share * len(numbers)))] if numbers else None

    def find(self, tokens: Sequence[Token]) -> list[Quantity]:
        """Every range that the message asks for, in order, without overlaps."""
        words = [token.norm for token in tokens]
        found: list[Quantity] = []
        place = 0
        while place < len(tokens):
            quantity = self._at(tokens, words, place)
            if quantity is not None:
                found.append(quantity)
                place = quantity.end
            else:
                place += 1
        return found

    def _at(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> Quantity | None:
        return (
            self._age(tokens, words, start)
            or self._last_years(tokens, words, start)
            or self._compared(tokens, words, start)
            or self._scale(tokens, words, start)
        )

    def _age(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> Quantity | None:
        facet = self._vocabulary.by_role("age")
        found = company_at(tokens, words, start, self._nouns) if facet is not None else None
        if facet is None or found is None:
            return None
        return Quantity(found.start, found.end, facet.name, found.bounds, found.vague, found.who)

    # -- comparisons --------------------------------------------------------------------------------------

    def _compared(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> Quantity | None:
        early = words[start] in ("early", "mid", "late")
        sign = None if early else sign_before(words, start)
        begin = skip_small(words, sign.end, HOUR_UNITS) if sign else start + early
        within = words[start] == "in" and sign is None
        if within:
            begin = skip_small(words, start + 1, HOUR_UNITS)
        if begin >= len(words):
            return None
        number = number_at(tokens, words, begin)
        if number is None or within and number.unit not in ("minutes", "hours"):
            return None
        second = second_at(tokens, words, number.end)
        unit = number.unit or (second.unit if second else None)
        end = second.end if second else number.end
        if within:
            sign = Sign(begin, "at_most")  # "done in two hours"
        named = words[start] == "from"  # "from 1995" names the year, not the start
        if second is None and (sign is None or named):
            behind = Sign(end + 1, "at_least") if named and words[end : end + 1] == ["on"] else None
            behind = behind or sign_after(words, end)
            sign, end, named = (behind, behind.end, False) if behind else (sign, end, named)
        if sign is None and second is None and number.value in YEARS and number.unit is None:
            told = self._year_told(words, start, end, number.value)
            if told is not None:
                return told
        if sign is None and {"have", "got", "only"} & set(words[max(0, start - 3) : start]):
            sign = Sign(begin, "at_most")  # "we have two hours"
        facet = self._facet(words, start, end, number, unit, sign)
        if facet is None:
            return None
        if facet.role == "duration" and sign is None and second is None and len(words) > 15:
            return None  # "three hours of people staring at walls": a tale, not a wish
        low, high = self._ends(facet, number, second, unit, words[start] if early else "")
        if facet.role == "age" and sign is not None:
            sign = sign.of_age()
        bounds = self._bounds(facet, sign, low, high, named, second is not None)
        begin, end = self._labelled(words, start, end, facet)
        return Quantity(begin, end, facet.name, bounds)

    def _year_told(self, words: Sequence[str], start: int, end: int, year: float) -> Quantity | None:
        """ "Before I was born, 1985": the small word stands further off."""
        facet = self._vocabulary.by_role("year")
        for place in range(start - 1, max(-1, start - 7), -1):
            word = words[place]
            if word in ("before", "after", "since") and words[max(0, place - 1)] not in SEEKERS:
                low = year + (1 if word == "after" else 0)
                bounds = Bounds(None, low - 1) if word == "before" else Bounds(low, None)
                return Quantity(start, end, facet.name, bounds) if facet else None
        return None

    def _ends(
        self, facet: Facet, number: Number, second: Number | None, unit: str | None, part: str
    ) -> tuple[float, float]:
        """The lower and the upper number, in the facet's own unit; `part` is "early", "mid" or "late"."""
        low, high = number.value, second.value if second else number.value
        if unit == "decade" or number.unit == "decade":
            high += 9
            if part and second is None:
                first, last = {"early": (0, 3), "mid": (3, 6), "late": (6, 9)}[part]
                low, high = number.value + first, number.value + last
        if unit == "grams" and (facet.unit or "").casefold() == "kg":
            low, high = low / 1000, high / 1000
        if facet.role == "duration" and unit == "minutes" and (facet.unit or "min").startswith("h"):
            low, high = low / 60, high / 60
        return low, high

    def _labelled(self, words: Sequence[str], start: int, end: int, facet: Facet) -> tuple[int, int]:
        """The words of a range with the facet's own name right before it: "running time over 80"."""
        begin = start
        while begin and words[begin - 1] in ("of", "is", "a", ":"):
            begin -= 1
        length = self._vocabulary.label_before(words, begin, facet)
        return (begin - length if length else start), end

    def _facet(
        self,
        words: Sequence[str],
        start: int,
        end: int,
        number: Number,
        unit: str | None,
        sign: Sign | None,
    ) -> Facet | None:
        """The facet that a number with these words around it speaks of."""
        vocabulary, signed = self._vocabulary, sign is not None
        if unit == "decade":
            return vocabulary.by_role("year")
        if unit in UNIT_ROLES:
            return vocabulary.by_role(UNIT_ROLES[unit])
        for facet in vocabulary.facets.values():  # "under 2 kg" where a facet counts in kg
            if unit and facet.unit and facet.role not in ("year", "age"):
                own = facet.unit.casefold()
                if unit == "grams" and own == "kg":
                    return facet
                if own == unit or english().units.get(own) == unit:
                    return facet
        if number.value in YEARS and unit is None:
            year = vocabulary.by_role("year")
            if year is not None:
                return year
        if unit == "years" and signed:
            return vocabulary.by_role("age")
        near = [*words[max(0, start - 3) : start], *words[end : end + 2]]
        if words[end : end + 1] in (["time"], ["times"]):
            return None  # "seen it ten times"
        for word in near:
            name = vocabulary.pointer(word)
            if (
                name
                and vocabulary.facets[name].kind in ("number", "date")
                and (signed or vocabulary.facets[name].role != "age")
            ):
                return vocabulary.facets[name]
        if unit is None and signed and number.value >= 5 and vocabulary.by_role("price"):
            return vocabulary.by_role("price")
        if unit is None and signed and number.value >= 30:
            comparer = set(words[start:end])
            if comparer & {"longer", "shorter"}:
                return vocabulary.by_role("duration") or vocabulary.by_role("length")
            return vocabulary.by_role("price") or vocabulary.by_role("duration")
        if unit is None and signed and set(words[start:end]) & {"budget", "cheaper"}:
            return vocabulary.by_role("price")
        return None

    def _bounds(
        self, facet: Facet, sign: Sign | None, low: float, high: float, named: bool, ranged: bool
    ) -> Bounds:
        dated = facet.role == "year" or facet.kind == "date"
        side = sign.side if sign else ""
        if ranged or side == "between":
            return Bounds(min(low, high), max(low, high))
        if sign is not None and side == "at_most":
            return Bounds(None, low - 1 if dated and sign.strict else high)
        if sign is not None and side == "at_least":
            if facet.role == "year" and named:
                return Bounds(low, high)
            return Bounds(high + 1 if dated and sign.strict else low, None)
        if side == "about" or facet.role in ("duration", "length", "price", "rating", "quantity"):
            if side != "about" and facet.role in ("price", "rating"):
                return Bounds(low, None) if facet.role == "rating" else Bounds(None, high)
            if dated:
                return Bounds(low - 3, high + 3)
            return Bounds(math.floor(low * 0.85), math.ceil(high * 1.15))
        if facet.role == "age":
            return Bounds(None, high)
        return Bounds(low, high)

    def _last_years(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> Quantity | None:
        """ "The last ten years", "past decade", "this century", "20th century", "older than me, I'm 40"."""
        facet = self._vocabulary.by_role("year")
        if facet is None:
            return None
        if list(words[start : start + 3]) == ["older", "than", "me"]:
            for place in range(len(words) - 1):
                if words[place] in ("im", "am") and words[place + 1].isdigit():
                    return Quantity(
                        start,
                        start + 3,
                        facet.name,
                        Bounds(None, self._today.year - int(words[place + 1]) - 1),
                    )
        newest = self._sorted.get(facet.name, [self._today.year])
        now = max(self._today.year, int(newest[-1]) if newest else 0)
        if words[start] in ("last", "past") and start + 1 < len(words):
            number = number_at(tokens, words, start + 1)
            if number and number.unit == "years":
                return Quantity(start, number.end, facet.name, Bounds(now - number.value, None))
            for offset in (1, 2):
                if start + offset < len(words) and words[start + offset] in ("decade", "decades"):
                    return Quantity(start, start + offset + 1, facet.name, Bounds(now - 10 * offset, None))
                if (
                    start + offset < len(words)
                    and words[start + offset] == "few"
                    and words[start + offset + 1 : start + offset + 2] == ["years"]
                ):
                    return Quantity(start, start + offset + 2, facet.name, Bounds(now - 5, None))
        if (
            words[start] == "this"
            and start + 1 < len(words)
            and words[start + 1] in ("century", "decade", "year")
        ):
            low = {"century": 2000, "decade": now - now % 10, "year": now}[words[start + 1]]
            return Quantity(start, start + 2, facet.name, Bounds(low, None))
        if start + 2 < len(words) and words[start + 2] == "century" and tokens[start].kind == "number":
            century = float_of(words[start])
            if 19 <= century <= 22:
                return Quantity(start, start + 3, facet.name, Bounds((century - 1) * 100, century * 100 - 1))
        return None

    # -- adjectives ---------------------------------------------------------------------------------------

    def _scale(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> Quantity | None:
        """ "Something short", "not too long", "a recent one", "cheap shoes"."""
        for role, ends in english().scales.items():
            facet = self._vocabulary.by_role(role) if role != "quantity" else self.measured(words[start])
            if facet is None:
                continue
            if words[start] == "dear":
                continue  # "oh dear", "dear all": a price only where it is too much
            if role == "price" and words[start] == "free" and not tokens[start].glued:
                return Quantity(start, start + 1, facet.name, Bounds(None, 0))
            base = comparative(words[start]) if words[start].endswith("est") else None
            for end_name, forms in ends.items():
                if base is not None and {base, base + "e"} & set(forms):
                    return self._scaled(words, start, start + 1, facet, end_name == "low")
                for form in forms:
                    parts = form.split()
                    if list(words[start : start + len(parts)]) == parts:
                        return self._scaled(words, start, start + len(parts), facet, end_name == "low")
        return None

    def _open_end(self, words: Sequence[str], end: int) -> bool:
        """Whether what follows an adjective can be the thing that is wanted, or ends the phrase."""
        word = words[end]
        return (
            word in self._nouns
            or not word.isalnum()
            or word in english().filler
            or english().clauses.at(words, end) is not None
            or english().cues.at(words, end) is not None
            or (found := self._vocabulary.value_at(words, end)) is not None
            and (
                self._vocabulary.heads[:1] == [found[1][0].facet]
                or "countr" in found[1][0].facet
                or "lang" in found[1][0].facet
                or self._vocabulary.is_impression(found[1][0].facet)
            )
        )

    def measured(self, word: str) -> Facet | None:
        """The numeric facet that "light", "lighter" or "big" speaks of: the one called weight, or size."""
        base = comparative(word) or word
        names = {stem(name) for name in english().measures.get(base.removesuffix("weight"), ())}
        for facet in self._vocabulary.facets.values():
            called = f"{facet.name} {facet.label}".replace("_", " ").split()
            if facet.kind == "number" and names & {stem(part) for part in called}:
                return facet
        return None

    def end_of(self, word: str) -> tuple[str, str] | None:
        """Which end of a measure an adjective names: "heavy" → the quantity, high."""
        for end, forms in english().scales["quantity"].items():
            if word in forms:
                return "quantity", end
        return None

    def _scaled(self, words: Sequence[str], start: int, end: int, facet: Facet, low: bool) -> Quantity | None:
        before = list(words[max(0, start - 3) : start])
        after = words[end] if end < len(words) else ""
        if after in ("as", "is", "time", "story", "stories", "lived", "shot", "than") or before[-1:] in (
            ["how"],
            ["as"],
            ["years"],
            ["year"],
        ):
            return None
        if (
            words[start] in ("fresh", "new", "current", "big", "small", "high", "low")
            and after not in self._nouns
            and not (facet.role == "year" and before[-1:] and before[-1] in ("something", "anything"))
        ):
            return None
        much = bool(INTENSIFIERS & set(before[-2:]))
        begin = start
        while begin > 0 and words[begin - 1] in INTENSIFIERS | {"not", "nothing"}:
            begin -= 1
        negated = bool({"not", "nothing"} & set(words[begin:start]))
        if not negated and set(words[max(0, start - 2) : start]) & PREDICATES:
            return None  # "these are old", "is it long?": a remark or a question, not a wish
        if (
            facet.role != "price"
            and after
            and not self._open_end(words, end)
            and before[-1:] != ["something"]
        ):
            return None  # "a long train ride"
        if negated:
            share = 0.6 if low else 0.4  # "not too short" lets most through
            low = not low
            edge = self.quantile(facet.name, share if low else 1 - share)
        elif facet.role == "year":
            edge = (self._sorted[facet.name][-1] - 10) if not low and self._sorted.get(facet.name) else 1979.0
        else:
            edge = self.quantile(facet.name, 0.33 if low else 0.7)
        if edge is None or (much and not negated):
            return None
        bounds = Bounds(None, edge) if low else Bounds(edge, None)
        begin = begin if negated else start
        return Quantity(begin, end, facet.name, bounds, vague=True)
