"""Facts in words: what a facet's values mean, and how they are said of an item."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from chat.wording.catalogue import CatalogueWords
from chat.wording.grammar import (
    COUNTABLE_KINDS,
    FEATURES,
    FORMS,
    IDIOMS,
    article,
    is_adjective,
    join,
    looks_plural,
    noun_phrase,
    number_in_words,
    place,
    plural,
)
from retrieval.items import Bounds, Facet, Item

Sense = Literal[
    "person", "mood", "about", "kind", "from", "language", "maker", "colour", "level", "material",
    "yesno", "year", "duration", "length", "price", "age", "rating", "weight", "number", "plain",
]  # fmt: skip
"""What a facet's values say of an item, which decides the words around them."""

_SENSES: tuple[tuple[Sense, str], ...] = (
    ("mood", "mood tone vibe feel feeling atmosphere ambience"),
    ("about", "theme topic subject keyword tag plot"),
    ("kind", "genre category type kind section department"),
    ("language", "language"),
    ("from", "country origin nationality region"),
    ("maker", "brand maker manufacturer publisher studio label company"),
    ("colour", "colour color"),
    ("level", "level difficulty"),
    ("material", "material fabric"),
)
#: How each trade is said: before a name in passing, as a past verb, in a question.
TRADES: tuple[tuple[str, str, str], ...] = (
    ("director", "directed by", "directed"),
    ("author", "by", "wrote"),
    ("writer", "written by", "wrote"),
    ("creator", "created by", "created"),
    ("artist", "by", "made"),
    ("musician", "by", "made"),
    ("band", "by", "made"),
    ("performer", "performed by", "performed"),
    ("singer", "sung by", "sang"),
    ("composer", "composed by", "composed"),
    ("instructor", "taught by", "teaches"),
    ("teacher", "taught by", "teaches"),
    ("lecturer", "taught by", "teaches"),
    ("narrator", "narrated by", "narrated"),
    ("producer", "produced by", "produced"),
    ("illustrator", "illustrated by", "illustrated"),
    ("editor", "edited by", "edited"),
    ("designer", "designed by", "designed"),
    ("translator", "translated by", "translated"),
    ("presenter", "presented by", "presented"),
    ("host", "hosted by", "hosted"),
)
_CAST = ("actor", "actress", "cast", "star", "voice")
_CURRENCIES = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "INR": "₹"}
_MASS_UNITS = ("kg", "g", "lb", "lbs", "oz", "kilograms", "grams")
_UNITS = {
    "min": "minutes", "mins": "minutes", "minute": "minutes", "h": "hours", "hr": "hours", "hrs": "hours",
    "hour": "hours", "p": "pages", "pp": "pages", "page": "pages", "day": "days", "week": "weeks",
    "year": "years", "month": "months", "lesson": "lessons",
}  # fmt: skip
_EMPTY = frozenset({"none", "n/a", "unknown", "-", "null", "nan", ""})
YES, NO = frozenset({"yes", "true", "y"}), frozenset({"no", "false", "n"})


@dataclass(frozen=True, slots=True)
class Said:
    """Something said of an item: as a predicate ("is tense", plural "are tense") and as words that may
    follow its name ("tense"). `values` are the facts behind it."""

    facet: str
    values: tuple[str, ...]
    one: str
    many: str
    tail: str

    def verb(self, plural: bool) -> str:
        """The predicate that agrees with the item's name."""
        return self.many if plural else self.one


def sense_of(facet: Facet) -> Sense:
    """What the facet's values say, by its kind, role and name; `"plain"` where nothing tells."""
    if facet.kind == "people":
        return "person"
    if facet.kind == "date" or facet.role == "year":
        return "year"
    if facet.kind == "number":
        if facet.role in ("duration", "length", "price", "age", "rating"):
            return facet.role
        if (facet.unit or "").casefold() in _MASS_UNITS or facet.label.casefold().startswith("weight"):
            return "weight"
        return "number"
    words = re.findall(r"[a-z]+", f"{facet.label} {facet.name}".casefold())
    for sense, names in _SENSES:
        if any(word in (name, f"{name}s", f"{name[:-1]}ies") for word in words for name in names.split()):
            return sense
    return "plain"


def known(item: Item, facet: str) -> tuple[str, ...]:
    """The values of a facet in words, without those that mean "unknown"."""
    return tuple(
        text for value in item.values(facet) if (text := str(value).strip()).casefold() not in _EMPTY
    )


# ---------------------------------------------------------------- numbers


def digits(number: float) -> str:
    """A number as people write it: "4.5", "1,200", "1995"."""
    if number == int(number):
        whole = int(number)
        return f"{whole:,}" if abs(whole) >= 10_000 else str(whole)
    return f"{number:,.2f}".rstrip("0").rstrip(".")


def number_of(value: str | int | float) -> float | None:
    """The number of a fact; the year of a date; None where there is none."""
    if isinstance(value, int | float):
        return float(value)
    match = re.match(r"-?\d+(?:\.\d+)?", value.replace(",", ""))
    return float(match[0]) if match else None


def amount(facet: Facet, number: float) -> str:
    """A number of a facet with its unit: "97 minutes", "€27.50", "1.2 kg", "4.5"."""
    unit = (facet.unit or "").strip()
    if facet.role == "price":
        if number == 0:
            return "free"
        money = digits(number) if number == int(number) else f"{number:,.2f}"
        sign = _CURRENCIES.get(unit.upper(), unit if unit in _CURRENCIES.values() else "")
        return f"{sign}{money}" if sign else f"{money} {unit}".strip()
    if facet.kind == "date" or facet.role == "year":
        return f"{number:.0f}"
    if facet.role == "duration" and unit.casefold() in ("s", "sec", "seconds"):
        return f"{int(number) // 60}:{int(number) % 60:02d}"
    if facet.role == "duration" and unit.casefold() == "ms":
        return f"{int(number / 1000) // 60}:{int(number / 1000) % 60:02d}"
    if facet.role == "age":
        return digits(number)
    word = _UNITS.get(unit.casefold(), unit)
    if facet.role == "length" and not word:
        word = "pages" if "page" in f"{facet.label} {facet.name}".casefold() else ""
    if facet.role == "duration" and not word:
        word = next((unit for unit in ("hours", "minutes", "days") if unit in facet.name.casefold()), "")
    if number == 1 and word.endswith("s") and word in _UNITS.values():
        word = word[:-1]
    return f"{digits(number)} {word}".strip()


def loosely(facet: Facet, number: float) -> str:
    """Minutes as a person would round them: "just under three hours"; "" where that adds nothing."""
    if facet.role != "duration" or _UNITS.get((facet.unit or "").casefold()) != "minutes" or number < 50:
        return ""
    half_hours = round(number / 30)
    whole, half = divmod(half_hours, 2)
    if whole == 0 or half_hours == 0:
        return ""
    if half:
        near = "an hour and a half" if whole == 1 else f"{number_in_words(whole)} and a half hours"
    else:
        near = "an hour" if whole == 1 else f"{number_in_words(whole)} hours"
    off = number - 30 * half_hours
    if abs(off) > 12:
        return ""
    return near if off == 0 else f"just under {near}" if off < 0 else f"a little over {near}"


def within(facet: Facet, bounds: Bounds) -> str:
    """A range as words that may follow a noun: "from the 1990s", "of at most 97 minutes", "up to €100"."""
    low, high = bounds.low, bounds.high
    sense = sense_of(facet)
    if low is None and high is None:
        return f"of any {facet.label}"
    if sense == "year":
        if low is not None and high is not None:
            if low == high:
                return f"from {low:.0f}"
            if low % 10 == 0 and high - low == 9:
                return f"from the {low:.0f}s"
            return f"from {low:.0f} to {high:.0f}"
        return f"from {low:.0f} on" if low is not None else f"from {high:.0f} or earlier"
    if sense == "age":
        age = high if high is not None else low
        assert age is not None
        return "for all ages" if age == 0 else f"suitable from age {digits(age)}"
    named = {"rating": "rated ", "price": "for "}.get(sense, "of ")
    if sense in ("number", "weight") and not facet.unit:
        named = f"with {facet.label} "
    if low is not None and high is not None:
        if low == high:
            return f"{named}{amount(facet, low)}"
        return f"{named}{digits(low)} to {amount(facet, high)}"
    if low is not None:
        return f"{named}at least {amount(facet, low)}"
    assert high is not None
    if sense == "price":
        return "for free" if high == 0 else f"up to {amount(facet, high)}"
    return f"{named}at most {amount(facet, high)}"


# ---------------------------------------------------------------- sayings


def trade_of(facet: Facet) -> tuple[str, str]:
    """How people of a facet are named in passing and by a past verb: ("directed by", "directed"). The verb
    is "" for those who appear in a work, and where the label tells no trade."""
    words = re.findall(r"[a-z]+", f"{facet.label} {facet.name}".casefold())
    for trade, passing, past in TRADES:
        if any(word.rstrip("s") == trade for word in words):
            return passing, past
    if any(word.rstrip("s") in _CAST for word in words):
        return "with", ""
    return "with", ""


def is_cast(facet: Facet) -> bool:
    """Whether the people of a facet appear in the work rather than make it."""
    words = re.findall(r"[a-z]+", f"{facet.label} {facet.name}".casefold())
    return any(word.rstrip("s") in _CAST for word in words)


def say(facet: Facet, values: Sequence[str], words: CatalogueWords) -> Said:
    """One or more values of one facet, said of an item. `values` must not be empty."""
    kept = tuple(values)
    one, many, tail = _said(facet, kept, words)
    return Said(facet.name, kept, one, many, tail)


def _be(phrase: str) -> tuple[str, str, str]:
    return f"is {phrase}", f"are {phrase}", phrase


def _said(facet: Facet, values: tuple[str, ...], words: CatalogueWords) -> tuple[str, str, str]:
    sense, both = sense_of(facet), join(values)
    if facet.kind in ("number", "date"):
        return _said_number(facet, sense, values[0])
    if len(values) == 1 and values[0].casefold() in YES | NO:
        return _said_yes_no(facet.label, values[0].casefold() in YES)
    if sense == "person":
        passing, _ = trade_of(facet)
        if is_cast(facet):
            return f"has {both} in it", f"have {both} in them", f"with {both}"
        if passing == "with":
            return f"has {both} as {facet.label}", f"have {both} as {facet.label}", f"with {both}"
        return _be(f"{passing} {both}")
    if sense == "mood":
        if all(is_adjective(value) for value in values) or words.works:
            return _be(both)
        return f"has a mood of {both}", f"have a mood of {both}", f"with a mood of {both}"
    if sense == "about":
        return _said_theme(values, words)
    if sense == "kind":
        return _said_kind(values, words)
    if sense == "language":
        return _be(f"in {both}")
    if sense == "from":
        return _be(f"from {join([place(value) for value in values])}")
    if sense == "maker":
        return _be(f"by {both}")
    if sense == "colour":
        return f"comes in {both}", f"come in {both}", f"in {both}"
    if sense == "level":
        return _be(f"at {both} level")
    if sense == "material":
        return _be(f"made of {both}")
    if all(is_adjective(value) for value in values):
        return _be(both)
    return f"has {both} as {facet.label}", f"have {both} as {facet.label}", f"with {both} as {facet.label}"


def _said_yes_no(label: str, yes: bool) -> tuple[str, str, str]:
    if is_adjective(label):
        return _be(label) if yes else (f"isn't {label}", f"aren't {label}", f"not {label}")
    if yes:
        return f"has {label}", f"have {label}", f"with {label}"
    return f"has no {label}", f"have no {label}", f"without {label}"


def _said_number(facet: Facet, sense: Sense, value: str) -> tuple[str, str, str]:
    number = number_of(value)
    if number is None:
        return _be(f"from {value}") if facet.kind == "date" else _be(f"listed with {facet.label} {value}")
    shown = amount(facet, number)
    if sense == "year":
        return _be(f"from {shown}")
    if sense == "duration":
        return (
            (f"runs {shown}", f"run {shown}", f"{shown} long")
            if not re.search("hours?|days?|weeks?", shown)
            else (f"takes {shown}", f"take {shown}", f"{shown} long")
        )
    if sense == "price":
        return _be("free") if number == 0 else (f"costs {shown}", f"cost {shown}", f"at {shown}")
    if sense == "age":
        return _be("fine for all ages" if number == 0 else f"fine from age {shown}")
    if sense == "rating":
        return _be(f"rated {shown}")
    if sense == "weight":
        return f"weighs {shown}", f"weigh {shown}", f"{shown} in weight"
    if sense == "length" or (facet.unit and sense == "number"):
        return f"has {shown}", f"have {shown}", f"with {shown}"
    return f"has {facet.label} {shown}", f"have {facet.label} {shown}", f"with {facet.label} {shown}"


def _said_theme(values: tuple[str, ...], words: CatalogueWords) -> tuple[str, str, str]:
    """Themes come in three shapes; the first value decides, and values of another shape are left out."""
    shape = theme_shape(values[0])
    alike = [value for value in values if theme_shape(value) == shape]
    if shape == "adjective":
        return _be(join([IDIOMS.get(value.casefold(), value) for value in alike]))
    if shape == "form":
        forms = join([noun_phrase(value) for value in alike])
        return f"is {forms}", f"are {join([plural(value) for value in alike])}", forms
    both = join([noun_phrase(value) for value in alike])
    if shape == "feature":
        return f"has {both}", f"have {both}", f"with {both}"
    if words.works:
        return f"has {both} in it", f"have {both} in them", f"with {both}"
    return _be(f"about {both}")


def theme_shape(value: str) -> Literal["adjective", "form", "feature", "noun"]:
    """How a theme is said of an item: it is one, it has one, or it is about one."""
    if is_adjective(value) or value.casefold() in IDIOMS:
        return "adjective"
    last = value.casefold().split()[-1] if value.split() else ""
    return "form" if last in FORMS else "feature" if last in FEATURES else "noun"


def kind_phrase(value: str, words: CatalogueWords) -> str:
    """What a kind makes of an item: "a comedy", "a horror film", "film noir"."""
    low = value.casefold()
    if low in COUNTABLE_KINDS:
        return article(value)
    if words.noun.casefold() in low.split():
        return value if low.split()[0] == words.noun.casefold() else article(value)
    return article(f"{value} {words.noun}")


def _said_kind(values: tuple[str, ...], words: CatalogueWords) -> tuple[str, str, str]:
    if not words.works:
        if len(values) == 1 and looks_plural(values[0]):
            return f"is one of the {values[0]}", f"are {values[0]}", f"from the {values[0]}"
        return _be(f"listed under {join(values)}")
    if len(values) == 1:
        phrase = kind_phrase(values[0], words)
        return f"is {phrase}", f"are {kinds(values[0], words)}", phrase
    return _be(", ".join(f"part {value}" for value in values[:3]))


def kinds(value: str, words: CatalogueWords) -> str:
    """A kind in the plural: "comedies", "horror films", "sleeping bags"."""
    if value.casefold() in COUNTABLE_KINDS:
        return plural(value)
    if words.noun.casefold() in value.casefold().split():
        return value if value.casefold().startswith(words.noun.casefold()) else plural(value)
    return value if not words.works and looks_plural(value) else f"{value} {words.nouns}"
