"""What somebody wishes for, put into words: noun phrases whose parts are known and can be labelled."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from finetune.talk.patterns import Aspect
from finetune.talk.world import Thing, Trait, World, amount, invented_brand, invented_person

Place = Literal["before", "head", "after"]
#: A message in the making: words, and for those that mean something the label that goes with them.
Piece = tuple[str, "dict[str, Any] | None"]

_NUMBERS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_HOURS = {
    45: "three quarters of an hour", 60: "an hour", 90: "an hour and a half", 120: "two hours",
    150: "two and a half hours", 180: "three hours", 100: "an hour forty",
}  # fmt: skip
_DECADES = {
    20: "twenties",
    30: "thirties",
    40: "forties",
    50: "fifties",
    60: "sixties",
    70: "seventies",
    80: "eighties",
    90: "nineties",
}


@dataclass(frozen=True)
class Wish:
    """One wish: the words, where they stand around the noun, and what it means."""

    trait: Trait
    words: str
    place: Place
    subject: str
    low: float | None = None
    high: float | None = None
    plural: str = ""

    @property
    def phrase(self) -> str:
        """As one speaks of it: “westerns”, “anything bleak”, “small towns”, a name."""
        kind = self.trait.aspect.kind
        if kind == "kind":
            return self.plural or f"anything {self.words}"
        if kind in ("adjective", "level"):
            return f"anything {self.words}" if self.place == "before" else f"anything {self.subject}"
        if kind == "place":
            return f"anything from {self.subject}"
        return self.subject if kind in ("topic", "person") else self.words

    def label(self, feeling: str = "like", hard: bool = False, group: str = "") -> dict[str, Any]:
        """As an interest of a reading; the quote is put in once the message stands."""
        interest: dict[str, Any] = {"subject": self.subject, "kind": self.trait.name, "feeling": feeling}
        interest["quote"] = ""
        if hard or self.low is not None or self.high is not None:
            interest["hard"] = True
        if self.low is not None:
            interest["low"] = self.low
        if self.high is not None:
            interest["high"] = self.high
        if group:
            interest["group"] = group
        return interest


def make_wish(rng: random.Random, trait: Trait, thing: Thing | None = None) -> Wish | None:
    """A wish about one facet; with `thing`, one that it meets. `None` where the facet gives none."""
    aspect = trait.aspect
    held = thing.values.get(trait.name, ()) if thing is not None else ()
    if aspect.kind == "number":
        return _number(rng, trait, float(held[0]) if held else None)
    if aspect.kind == "person":
        name = str(rng.choice(held)) if held else (invented_brand if aspect.brand else invented_person)(rng)
        return Wish(trait, _put(rng.choice(aspect["after"] or ("by {v}",)), name), "after", name)
    values = {value.split("|")[0]: value for value in aspect.values}
    value = str(rng.choice(held)) if held else rng.choice(list(values))
    full = values.get(value, value)
    words = value
    others = [word for word, meant in aspect.also.items() if meant == value]
    if others and rng.random() < 0.35:
        words = rng.choice(others)
        full = f"{words}|{words}s" if "|" in full else words
    if aspect.kind == "kind":
        if "|" in full:
            return Wish(trait, words, "head", value, plural=full.split("|")[1])
        return Wish(trait, words, "before", value)
    if aspect.kind == "place":
        name, adjective = [*full.split("|"), full][:2]
        if adjective != name and rng.random() < 0.5:
            return Wish(trait, adjective, "before", name)
        return Wish(trait, _put(rng.choice(aspect["after"] or ("from {v}",)), name), "after", name)
    if aspect.kind == "topic":
        return Wish(trait, _put(rng.choice(aspect["after"] or ("about {v}",)), words), "after", value)
    if aspect.kind == "level" and aspect["after"] and rng.random() < 0.5:
        return Wish(trait, _put(rng.choice(aspect["after"]), words), "after", value)
    if aspect["after"] and rng.random() < 0.15:
        return Wish(trait, _put(rng.choice(aspect["after"]), words), "after", value)
    return Wish(trait, words, "before", value)


def _number(rng: random.Random, trait: Trait, held: float | None) -> Wish | None:
    aspect = trait.aspect
    if "year" in aspect.names and rng.random() < 0.55:
        start = int((held or amount(rng, aspect)) // 10 * 10)
        short = start % 100
        forms = [f"from the {start}s", f"{start}s", f"made in the {start}s", f"of the {start}s"]
        if start < 2000 and short in _DECADES:
            forms += [
                f"from the {short}s",
                f"{short}s",
                f"from the {_DECADES[short]}",
                f"{_DECADES[short]}",
                f"out of the {short}s",
            ]
        words = rng.choice(forms)
        place: Place = "after" if " " in words else "before"
        return Wish(trait, words, place, f"{start}s", start, start + 9)
    lists = [
        name
        for name in ("below", "below", "below", "above", "around", "between", "little", "much")
        if aspect[name]
    ]
    if not lists:
        return None
    name = rng.choice(lists)
    pattern = rng.choice(aspect[name])
    if name in ("little", "much"):
        # "Something" can carry it before or after; a word can stand before a noun only if it is one.
        return Wish(trait, pattern, "before" if re.fullmatch(r"[\w-]+", pattern) else "after", pattern)
    number = held if held is not None else amount(rng, aspect)
    span = (aspect.high - aspect.low) / 10
    if name == "below":
        number = _round(number + (rng.random() * span if held is not None else 0), aspect)
        return Wish(
            trait,
            _put(pattern, _heard(rng, number, aspect)),
            "after",
            _bounds(None, number, aspect),
            None,
            number,
        )
    if name == "above":
        number = _round(number - (rng.random() * span if held is not None else 0), aspect)
        return Wish(
            trait,
            _put(pattern, _heard(rng, number, aspect)),
            "after",
            _bounds(number, None, aspect),
            number,
            None,
        )
    if name == "around":
        number = _round(number, aspect)
        slack = max(span / 2, aspect.step)
        low, high = _tidy(max(0, number - slack)), _tidy(number + slack)
        if "year" in aspect.names:
            low, high = number - 2, number + 2
        return Wish(
            trait,
            _put(pattern, _heard(rng, number, aspect)),
            "after",
            f"around {_said(number, aspect)}",
            low,
            high,
        )
    low = _round(number - rng.random() * span, aspect)
    high = _round(number + span * (0.5 + rng.random()), aspect)
    if low >= high:
        return None
    words = pattern.replace("{n}", _heard(rng, low, aspect)).replace("{m}", _heard(rng, high, aspect))
    return Wish(trait, words, "after", _bounds(low, high, aspect), low, high)


def _bounds(low: float | None, high: float | None, aspect: Aspect) -> str:
    if low is None and high is not None:
        return f"at most {_said(high, aspect)}"
    if high is None and low is not None:
        return f"at least {_said(low, aspect)}"
    return f"{low:g} to {_said(high or 0, aspect)}"


def _said(number: float, aspect: Aspect) -> str:
    return f"{number:g} {aspect.unit}".strip()


def _round(number: float, aspect: Aspect) -> float:
    if "year" in aspect.names:
        return int(number)
    span = aspect.high - aspect.low
    step = next((one for one in (1, 5, 10, 50, 100) if span / one <= 40), 100)
    return max(_tidy(round(number / step) * step), step)


def _tidy(number: float) -> float:
    return int(number) if float(number).is_integer() else round(number, 1)


def _heard(rng: random.Random, number: float, aspect: Aspect) -> str:
    if aspect.unit == "min" and number in _HOURS and rng.random() < 0.5:
        return _HOURS[int(number)]
    words = rng.choice(aspect.heard).replace("{n}", f"{number:g}")
    if number < len(_NUMBERS) and float(number).is_integer() and rng.random() < 0.4:
        words = re.sub(rf"(?<![\d$£€]){number:g}(?![\d\w])", _NUMBERS[int(number)], words)
    return words


def _put(pattern: str, value: str) -> str:
    return pattern.replace("{v}", value).replace("{n}", value)


# --- noun phrases -------------------------------------------------------------------------------------------


def choose_wishes(rng: random.Random, world: World, most: int, thing: Thing | None = None) -> list[Wish]:
    """One to `most` wishes about different facets that go into one noun phrase."""
    chosen: list[Wish] = []
    traits = list(world.traits)
    rng.shuffle(traits)
    wanted = rng.choices(range(1, most + 1), weights=[4, 4, 2, 1][:most])[0]
    for trait in traits:
        if len(chosen) == wanted:
            break
        wish = make_wish(rng, trait, thing)
        if wish is None or (wish.place == "head" and any(one.place == "head" for one in chosen)):
            continue
        if sum(one.place == wish.place for one in chosen) >= 2:
            continue
        chosen.append(wish)
    return chosen


def noun_phrase(
    rng: random.Random,
    wishes: Sequence[Wish],
    noun: str,
    nouns: str,
    *,
    plural: bool = False,
    some: bool | None = None,
    labels: Sequence[dict[str, Any]] | None = None,
) -> list[Piece]:
    """“A slow-burning thriller about heists”, “something bleak”, or the plural without article."""
    labels = labels if labels is not None else [wish.label() for wish in wishes]
    tagged = list(zip(wishes, labels, strict=True))
    before = [(wish.words, label) for wish, label in tagged if wish.place == "before"]
    head = [(wish, label) for wish, label in tagged if wish.place == "head"]
    after = [(wish.words, label) for wish, label in tagged if wish.place == "after"]
    rng.shuffle(before)
    rng.shuffle(after)
    something = not head and not plural and (rng.random() < 0.45 if some is None else some)
    pieces: list[Piece] = []
    if something:
        pieces.append((rng.choice(("something ", "something ", "something ", "anything ")), None))
        for place, (words, label) in enumerate(before):
            pieces += [((" and " if rng.random() < 0.7 else ", ") if place else "", None), (words, label)]
    else:
        for place, (words, label) in enumerate(before):
            pieces += [(", " if place and rng.random() < 0.5 else " " if place else "", None), (words, label)]
        if before:
            pieces.append((" ", None))
        if head:
            wish, label = head[0]
            pieces.append((wish.plural if plural else wish.words, label))
        else:
            pieces.append((nouns if plural else noun, None))
        if not plural:
            first = next(text for text, _ in pieces if text.strip())
            pieces.insert(0, (f"{article(first)} ", None))
    for place, (words, label) in enumerate(after):
        joint = " " if not (something and not before and not place) else ""
        if place:
            joint = rng.choice((", ", " and ", " "))
        pieces += [(joint, None), (words, label)]
    return [(text, label) for text, label in pieces if text]


def article(word: str) -> str:
    """“a” or “an”, by sound as far as spelling tells."""
    plain = word.lstrip("“\"'").casefold()
    if re.match(r"(?:hour|honest|heir|honou?r)", plain):
        return "an"
    if re.match(r"(?:uni(?!n|m)|use|usu|eu|one\b|once|u-)", plain):
        return "a"
    if re.match(r"(?:[rfhlmnsx]\d|[fhlmnrsx][&.-]|(?:rpg|lp|ep|mc|sf)\b)", plain):
        return "an"
    return "an" if plain[:1] in set("aeiou8") else "a"
