"""What the person said, in a few words that may stand in a sentence: "tense thrillers from the 1970s"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from chat.wording.catalogue import CatalogueWords
from chat.wording.facts import (
    NO,
    YES,
    Sense,
    amount,
    digits,
    is_cast,
    kinds,
    say,
    sense_of,
    theme_shape,
    trade_of,
    within,
)
from chat.wording.grammar import (
    COUNTABLE_KINDS,
    IDIOMS,
    is_adjective,
    join,
    noun_phrase,
    place,
    plural,
)
from chat.wording.names import quotable, subject_of
from prompts.dialogue import Interest
from retrieval.items import Bounds, Constraint, Facet

#: Parts of a wish that are named; more would parrot.
MOST_PARTS = 4


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said, by what it does: `wish` is a plural noun phrase, `free` the person's own words, `like`,
    `seen` and `rejected` name items, `without` is what shall stay away, `allowed` what is fine again."""

    wish: str = ""
    free: str = ""
    like: str = ""
    seen: str = ""
    rejected: str = ""
    without: str = ""
    allowed: str = ""


def hear(interests: Sequence[Interest], words: CatalogueWords) -> Heard:
    """The interests sorted into what can be said of them."""
    items = [one for one in interests if one.kind == "item"]
    others = [one for one in interests if one.kind != "item"]
    likes = [one for one in others if one.feeling == "like"]
    allowed = [one for one in likes if one.strength <= 0.3 and one.bounds is None]
    free = [one.subject or one.value for one in likes if one.kind == "text"]
    return Heard(
        wish=wish([one for one in likes if one not in allowed], words),
        free=join([f"“{words}”" for words in free if quotable(words, 8)][:2]),
        like=join([subject_of(one) for one in items if one.feeling == "like"][:3]),
        seen=join([subject_of(one) for one in items if one.feeling == "seen"][:3]),
        rejected=join([subject_of(one) for one in items if one.feeling == "dislike"][:3]),
        without=join([avoided(one, words) for one in others if one.feeling == "dislike"][:3], "or"),
        allowed=join([avoided(one, words) for one in allowed if one.kind != "text"][:2]),
    )


def wish(likes: Sequence[Interest], words: CatalogueWords) -> str:
    """The likes of facets as one noun phrase in the plural; "" where there are none."""
    by_facet: dict[str, list[Interest]] = {}
    for one in likes:
        by_facet.setdefault(one.kind, []).append(one)
    before: list[str] = []
    core = ""
    after: list[tuple[int, str]] = []
    parts = 0
    for name, group in by_facet.items():
        facet = words.facet(name)
        if facet is None or parts >= MOST_PARTS:
            continue
        last = "or" if group[0].group and group[0].group == group[-1].group and len(group) > 1 else "and"
        values = [one.value for one in group if one.value and one.bounds is None][:3]
        bounds = [one.bounds for one in group if one.bounds is not None]
        parts += 1
        if bounds:
            after.append(
                (
                    _order(sense_of(facet)),
                    join([within(facet, one) for one in (bounds if last == "or" else bounds[-1:])], last),
                )
            )
        elif values and sense_of(facet) == "kind" and not core:
            core = join([kinds(value, words) for value in values], last)
        elif values:
            adjectives, rest = _placed(facet, values, last, words)
            before += [adjectives] if adjectives else []
            after += [(_order(sense_of(facet)), rest)] if rest else []
    if not (before or core or after):
        return ""
    trailing = " ".join(text for _, text in sorted(after, key=lambda entry: entry[0]))
    return " ".join(part for part in (", ".join(before), core or words.nouns, trailing) if part)


def _order(sense: Sense) -> int:
    order: tuple[Sense, ...] = ("person", "maker", "about", "language", "from", "year")
    return order.index(sense) if sense in order else len(order)


def _placed(facet: Facet, values: Sequence[str], last: str, words: CatalogueWords) -> tuple[str, str]:
    """The values as words before the noun, or after it."""
    sense, both = sense_of(facet), join(values, last)
    if sense == "yesno" or (len(values) == 1 and values[0].casefold() in YES | NO):
        tail = say(facet, values, words).tail
        return (tail, "") if is_adjective(tail) else ("", tail)
    if sense == "mood" or (sense in ("colour", "plain") and all(is_adjective(value) for value in values)):
        return both, ""
    if sense == "person":
        passing, _ = trade_of(facet)
        return "", f"{'with' if is_cast(facet) else passing} {both}"
    if sense == "about":
        adjectives = [value for value in values if theme_shape(value) == "adjective"]
        nouns = [noun_phrase(value) for value in values if theme_shape(value) == "noun"]
        others = [noun_phrase(value) for value in values if theme_shape(value) in ("form", "feature")]
        rest = [IDIOMS.get(value.casefold(), value) for value in adjectives]
        rest += [f"about {join(nouns, last)}"] if nouns else []
        rest += [f"with {join(others, last)}"] if others else []
        return "", " ".join(rest)
    if sense == "from":
        return "", f"from {join([place(value) for value in values], last)}"
    if sense == "kind":
        return both, ""
    if sense in ("language", "maker", "level", "material", "colour"):
        return "", say(facet, values, words).tail
    return "", f"with {both} as {facet.label}"


def avoided(one: Interest, words: CatalogueWords) -> str:
    """Something as it stands after "without": "musicals", "anything violent", "Tom Cruise"."""
    facet = words.facet(one.kind)
    if facet is None:
        text = one.subject or one.value
        return f"“{text}”" if quotable(text) else "that"
    if one.bounds is not None:
        return f"anything {within(facet, one.bounds)}"
    value, sense = one.value or one.subject, sense_of(facet)
    if value.casefold() in YES | NO:
        return f"anything {say(facet, [value], words).tail}"
    if sense in ("person", "about") and not is_adjective(value) and value.casefold() not in IDIOMS:
        return plural(value) if theme_shape(value) == "form" and sense == "about" else value
    if sense == "kind":
        return plural(value) if value.casefold() in COUNTABLE_KINDS else value
    if sense in ("mood", "colour", "plain", "about") and (
        is_adjective(value) or (sense == "mood" and words.works)
    ):
        return f"anything {IDIOMS.get(value.casefold(), value)}"
    if sense in ("from", "language", "maker", "level", "material", "colour"):
        return f"anything {say(facet, [value], words).tail}"
    return value


def wishes(interests: Sequence[Interest], words: CatalogueWords) -> list[str]:
    """Each like on its own, for a list of what is known."""
    out = []
    for one in interests:
        facet = words.facet(one.kind)
        if one.kind == "item":
            out.append(subject_of(one))
        elif facet is None:
            text = one.subject or one.value
            out += [f"“{text}”"] if quotable(text) else []
        elif one.bounds is not None:
            out.append(f"{words.nouns} {within(facet, one.bounds)}")
        elif sense_of(facet) == "person":
            out.append(one.value or one.subject)
        else:
            out.append(re.sub("^anything", "something", avoided(one, words)))
    return list(dict.fromkeys(out))


def demand(facet: Facet, constraint: Constraint, words: CatalogueWords) -> str:
    """What a condition asks of an item, after "must": "be from 2030", "run at most 97 minutes"."""
    if constraint.bounds is not None:
        return _bounded(facet, constraint.bounds)
    values = constraint.values[:3]
    bare = [bare_verb(say(facet, [value], words).one) for value in values]
    kept = (
        [bare[0], *[text.removeprefix(_head(bare[0])) for text in bare[1:]]]
        if bare
        else [f"have {facet.label}"]
    )
    return join(kept, "or")


def bare_verb(predicate: str) -> str:
    """A predicate after "must": "is tense" → "be tense", "has a heist in it" → "have a heist in it"."""
    verb, _, rest = predicate.partition(" ")
    return f"{_BARE.get(verb, verb.removesuffix('s'))} {rest}"


_BARE = {"is": "be", "isn't": "not be", "has": "have"}


def _head(text: str) -> str:
    return f"{text.split()[0]} "


def _bounded(facet: Facet, bounds: Bounds) -> str:
    sense = sense_of(facet)
    low, high = bounds.low, bounds.high
    if sense in ("year", "age"):
        return f"be {within(facet, bounds)}"
    verb = {"duration": "run", "price": "cost", "rating": "be rated", "weight": "weigh"}.get(sense, "have")
    label = f"{facet.label} " if sense == "number" and not facet.unit else ""
    if low is not None and high is not None:
        size = amount(facet, low) if low == high else f"{digits(low)} to {amount(facet, high)}"
    elif high is not None:
        if sense == "price" and high == 0:
            return "be free"
        size = f"at most {amount(facet, high)}"
    else:
        size = f"at least {amount(facet, low or 0)}"
    return f"{verb} {label}{size}"
