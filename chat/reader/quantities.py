"""Numbers, years, lengths, prices and ages in a message, as ranges of the facet that they speak of."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from chat.reader.english import english
from chat.reader.tokens import Token, comparative, stem
from chat.reader.vocabulary import Shelf, Vocabulary
from retrieval.items import Bounds, Facet

HOUR_UNITS = frozenset({"h", "hr", "hrs", "hour", "hours"})
UNIT_ROLES = {
    "minutes": "duration",
    "hours": "duration",
    "pages": "length",
    "money": "price",
    "stars": "rating",
}
#: A small word and a number make a range; a bare number of this size is a year.
YEARS = range(1880, 2101)
PREDICATES = frozenset({"is", "are", "was", "were", "it", "looks", "look", "sounds"})
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


@dataclass(frozen=True, slots=True)
class _Number:
    end: int
    value: float
    unit: str | None  # a key of `units`, or "decade"
    high: float | None = None


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

    # -- one number ---------------------------------------------------------------------------------------

    def _number(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> _Number | None:
        """A number with its unit: "2h 30", "an hour and a half", "90s", "$50", "two thousand"."""
        table = english()
        money = (
            start < len(tokens) and table.units.get(words[start]) == "money" and tokens[start].kind == "mark"
        )
        place = start + 1 if money else start
        if place >= len(tokens):
            return None
        value: float | None = None
        if tokens[place].kind == "number":
            try:
                value = float(words[place])
            except ValueError:
                return None
            place += 1
            if place < len(words) and words[place] == "k" and tokens[place].glued:
                value, place = value * 1000, place + 1
        elif words[place] in table.decades:
            decade = table.decades[words[place]]
            return _Number(place + 1, decade if decade > 1000 else 1900 + decade, "decade")
        elif words[place] in table.number_words and words[place] != "second":
            value, place = float(table.number_words[words[place]]), place + 1
            while place < len(words) and words[place] in table.number_words:
                more = table.number_words[words[place]]
                value = value * more if more in (100, 1000) and value else value + more
                place += 1
        elif words[place] in ("an", "a", "half") and place + 1 < len(words):
            if words[place : place + 3] == ["half", "an", "hour"]:
                return _Number(place + 3, 30, "minutes")
            if words[place + 1] in HOUR_UNITS:
                value, place = 1.0, place + 1
        if value is None:
            return None
        return self._with_unit(tokens, words, place, value, "money" if money else None)

    def _with_unit(
        self, tokens: Sequence[Token], words: Sequence[str], place: int, value: float, unit: str | None
    ) -> _Number:
        table = english()
        tens = value in YEARS or (value < 100 and value % 10 == 0)
        if tens and place < len(words) and words[place] == "s" and tokens[place].glued:  # 90s, 1990s, 80's
            year = value if value in YEARS else (2000 + value if value < 20 else 1900 + value)
            return _Number(place + 1, year, "decade")
        if place + 2 < len(words) and words[place : place + 3] == ["and", "a", "half"]:
            value, place = value + 0.5, place + 3
        if place < len(words) and unit is None and words[place] in table.units:
            unit = table.units[words[place]]
            if words[place] in HOUR_UNITS:
                value, place = value * 60, place + 1
                if words[place : place + 3] == ["and", "a", "half"]:
                    return _Number(place + 3, value + 30, "minutes")
                more = place + 1 if place < len(words) and words[place] == "and" else place
                if more < len(tokens) and tokens[more].kind == "number" and float_of(words[more]) < 60:
                    value, place = value + float_of(words[more]), more + 1
                    if place < len(words) and table.units.get(words[place]) == "minutes":
                        place += 1
                return _Number(place, value, "minutes")
            place += 1
        return _Number(place, value, unit)

    # -- comparisons --------------------------------------------------------------------------------------

    def _compared(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> Quantity | None:
        table, end, sign = english(), start, ""
        early = words[start] in ("early", "mid", "late", "mid-")
        if early:
            end += 1
        for name in ("at_most", "at_least", "about"):
            length = table.has(table.numbers, name, words, start)
            if length and start + length > end:
                end, sign = start + length, name
        if words[start] == "between":
            end, sign = start + 1, "between"
        while end < len(words) and words[end] in (
            "the",
            "a",
            "an",
            "about",
            "around",
            "like",
            "of",
            "than",
            "year",
        ):
            if words[end] in ("a", "an") and end + 1 < len(words) and words[end + 1] in HOUR_UNITS:
                break
            end += 1
        if end >= len(words):
            return None
        number = self._number(tokens, words, end)
        if number is None:
            return None
        second = self._second(tokens, words, number.end)
        unit = number.unit or (second.unit if second else None)
        end = second.end if second else number.end
        if second is None:
            for name in ("at_most", "at_least", "about"):
                length = table.has(table.numbers, name, words, end)
                if (
                    length
                    and not sign
                    and words[end] not in ("before", "after", "from", "over", "under", "about", "plus")
                ):
                    sign, end = name, end + length
                    break
        if not sign and second is None and number.value in YEARS:
            for word in reversed(words[max(0, start - 6) : start]):  # "before I was born, 1985"
                if word in ("before", "after", "since"):
                    low = number.value + (1 if word == "after" else 0)
                    year_bounds = Bounds(None, low - 1) if word == "before" else Bounds(low, None)
                    year = self._vocabulary.by_role("year")
                    return Quantity(start, end, year.name, year_bounds) if year else None
        if not sign and {"have", "got", "only"} & set(words[max(0, start - 3) : start]):
            sign = "at_most"  # "we have two hours"
        facet = self._facet(tokens, words, start, end, number, unit, bool(sign))
        if facet is None:
            return None
        if facet.role == "duration" and not sign and second is None and len(words) > 15:
            return None  # "three hours of people staring at walls": a tale, not a wish
        low, high = number.value, second.value if second else number.value
        if unit == "decade" or number.unit == "decade":
            low, high = number.value, (second.value if second else number.value) + 9
            if early and second is None:
                third = {"early": (0, 3), "mid": (3, 6), "late": (6, 9)}.get(words[start], (0, 9))
                low, high = number.value + third[0], number.value + third[1]
        if unit == "grams" and (facet.unit or "").casefold() == "kg":
            low, high = low / 1000, high / 1000
        if facet.role == "duration" and unit == "minutes" and (facet.unit or "min").startswith("h"):
            low, high = low / 60, high / 60
        bounds = self._bounds(facet, sign, low, high, words[start], second is not None)
        return Quantity(start, end, facet.name, bounds) if bounds else None

    def _second(self, tokens: Sequence[Token], words: Sequence[str], place: int) -> _Number | None:
        """The upper end in "1970 to 1985", "20-40", "between 5 and 10"."""
        if place + 1 < len(words) and words[place] in (
            "to",
            "and",
            "-",
            "–",
            "—",
            "through",
            "till",
            "until",
        ):
            after = place + 2 if words[place + 1] == "the" else place + 1
            number = self._number(tokens, words, after)
            if number and (
                words[place] != "and" or words[max(0, place - 2)] == "between" or number.value > 0
            ):
                return number
        return None

    def _facet(
        self,
        tokens: Sequence[Token],
        words: Sequence[str],
        start: int,
        end: int,
        number: _Number,
        unit: str | None,
        signed: bool,
    ) -> Facet | None:
        vocabulary = self._vocabulary
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
            previous = words[start - 1] if start else ""
            if year is not None and (
                signed or previous in ("in", "from", "of", "the", "made") or end == len(words) or True
            ):
                return year
        near = [*words[max(0, start - 3) : start], *words[end : end + 2]]
        for word in near:
            name = vocabulary.pointer(word)
            if (
                name
                and vocabulary.facets[name].kind in ("number", "date")
                and vocabulary.facets[name].role != "age"
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
        self, facet: Facet, sign: str, low: float, high: float, word: str, ranged: bool
    ) -> Bounds | None:
        open_end = facet.role == "year" or facet.kind == "date"
        if ranged or sign == "between":
            return Bounds(min(low, high), max(low, high))
        if sign == "at_most":
            strictly = open_end and word in ("before", "pre", "prior", "earlier", "older", "under", "less")
            return Bounds(None, low - 1 if strictly else high)
        if sign == "at_least":
            after = open_end and word in ("after", "post", "newer", "later", "over", "more")
            if facet.role == "year" and word == "from":
                return Bounds(low, high)  # "from 1995" names the year, not the start
            return Bounds((high + 1) if after else low, None)
        if sign == "about" or facet.role in ("duration", "length", "price", "rating", "quantity"):
            if sign != "about" and facet.role in ("price", "rating"):
                return Bounds(low, None) if facet.role == "rating" else Bounds(None, high)
            if open_end:
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
            number = self._number(tokens, words, start + 1)
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

    # -- people it is for ---------------------------------------------------------------------------------

    def _age(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> Quantity | None:
        facet = self._vocabulary.by_role("age")
        if facet is None:
            return None
        number = self._number(tokens, words, start)
        if number is not None and number.value < 20:
            end = number.end
            before = list(words[max(0, start - 2) : start])
            child = before[-1:] in (["theyre"], ["shes"], ["hes"]) or (
                before[:1] in (["she"], ["he"], ["they"], ["who"]) and before[1:] in (["is"], ["s"], ["are"])
            )
            if (
                words[end : end + 1]
                and words[end] in english().child
                and number.unit in (None, "years")
                and end == start + 1
            ):
                return None  # "my 2 kids": how many, not how old
            ages = [number.value]
            while end + 1 < len(words) and words[end] in ("and", ",", "&", "or", "-"):
                other = self._number(tokens, words, end + 1)
                if other is None or other.value >= 20:
                    break
                ages.append(other.value)
                end = other.end
                number = other if other.unit else number
            if words[end : end + 1] in (["old"], ["olds"], ["y"]) or number.unit == "years":
                child = number.unit == "years" or words[end] == "y"
                while end < len(words) and words[end] in ("old", "olds", "y", "o", "s", "year", "years"):
                    end += 1
            previous = words[max(0, start - 3) : start]
            if {"age", "aged", "ages"} & set(previous):
                child = True
            if (
                any(word in english().child or word in english().ages for word in previous)
                and {"is", "are", "(", "theyre"} & set(previous)
                or (previous[-1:] and previous[-1] in english().child and previous[-1] not in ("one",))
            ):
                child = True
            if child and number.unit in ("years", None):
                while end < len(words) and words[end] in english().child:
                    end += 1
                begin = start
                while begin and words[begin - 1] in english().child | english().ages.keys() | {
                    "aged",
                    "age",
                    "ages",
                    "is",
                    "are",
                    "my",
                    "our",
                    "(",
                    "who",
                }:
                    begin -= 1
                return Quantity(begin, end, facet.name, Bounds(None, min(ages)), who=True)
        for length in (2, 1):
            phrase = " ".join(words[start : start + length])
            if phrase in english().ages and start + length <= len(words):
                return self._company(words, start, length, phrase, facet)
        return None

    def _company(
        self, words: Sequence[str], start: int, length: int, phrase: str, facet: Facet
    ) -> Quantity | None:
        """ "With my kids", "for a toddler": children without a number, where they are the company."""
        age = english().ages[phrase]
        before = set(words[max(0, start - 4) : start])
        after = words[start + length : start + length + 3]
        friendly = bool(after) and after[0] in ("friendly", "safe", "appropriate", "proof")
        if friendly:
            return Quantity(start, start + length + 1, facet.name, Bounds(None, age), True, who=True)
        if age >= 99 and (words[start - 1 : start] == ["for"] or "only" in after[:1]):
            return Quantity(start, start + length, facet.name, Bounds(15, None), True)
        company = before & {
            "for",
            "with",
            "suitable",
            "ok",
            "okay",
            "watch",
            "watching",
            "appropriate",
            "please",
        }
        if not company or before & {"about", "no", "not", "like", "without"} or age >= 99:
            return None
        if words[start + length : start + length + 2] in (["is"], ["are"]):
            return None
        for place in range(start + length, min(start + length + 5, len(words))):
            if words[place] in ("aged", "is", "are", "who") or words[place].isdigit():
                return None  # the number that follows says it better
        begin = start - 1 if words[start - 1] in ("my", "our") else start
        return Quantity(begin, start + length, facet.name, Bounds(None, age), True, who=True)

    # -- adjectives ---------------------------------------------------------------------------------------

    def _scale(self, tokens: Sequence[Token], words: Sequence[str], start: int) -> Quantity | None:
        """ "Something short", "not too long", "a recent one", "cheap shoes"."""
        for role, ends in english().scales.items():
            facet = self._vocabulary.by_role(role) if role != "quantity" else self._measured(words[start])
            if facet is None:
                continue
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

    def _measured(self, word: str) -> Facet | None:
        """The numeric facet that "light" or "big" speaks of: the one called weight, or size."""
        names = {stem(name) for name in english().measures.get(word.removesuffix("weight"), ())}
        for facet in self._vocabulary.facets.values():
            called = f"{facet.name} {facet.label}".replace("_", " ").split()
            if facet.kind == "number" and names & {stem(part) for part in called}:
                return facet
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


def number_of(value: object) -> float | None:
    """A fact as a number: itself, or the year that a date begins with."""
    if isinstance(value, (int, float)):
        return float(value)
    text = str(value)[:4]
    return float(text) if text.isdigit() else None


def float_of(word: str) -> float:
    """The number that a word writes; infinity where it writes none."""
    try:
        return float(word)
    except ValueError:
        return math.inf
