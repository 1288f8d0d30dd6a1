"""What is worth saying of each item in a list: what answers the person, and what sets it apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chat.reply import Reason, Recommendation
from chat.wording.catalogue import CatalogueWords
from chat.wording.facts import (
    Said,
    amount,
    is_cast,
    known,
    number_of,
    say,
    sense_of,
    trade_of,
)
from chat.wording.grammar import is_adjective, number_in_words
from chat.wording.names import UNFIT, around
from chat.wording.phrases import Chooser
from prompts.dialogue import Interest
from retrieval.items import Facet, Item

#: A number stands out where it is this share beyond the next one; years by so many years.
STANDS_OUT, YEARS_APART = 0.08, 4
#: A tail that follows a name after a comma; others follow a colon.
ADJUNCT = re.compile(
    r"^(?:with|without|by|from|in|at|for|based|set|made|about|under|rated|of"
    r"|(?:direct|writt|creat|perform|sung|compos|taught|narrat|produc|illustrat|edit|design|translat|present|host)"
    r"\w* by)\b"
)
_EXTREMES = {
    "duration": ("shortest", "longest"),
    "price": ("cheapest", "most expensive"),
    "weight": ("lightest", "heaviest"),
    "length": ("shortest", "longest"),
    "year": ("oldest", "newest"),
    "rating": ("", "best rated"),
}


@dataclass(frozen=True, slots=True)
class Points:
    """What is said of one item: `said` best first, `quote` a passage in quotes, `against` a clause after
    "though"; "" where there is none."""

    said: tuple[Said, ...]
    quote: str = ""
    against: str = ""


def points(
    recommendations: Sequence[Recommendation],
    words: CatalogueWords,
    chooser: Chooser,
    heard: Sequence[Interest] = (),
) -> list[Points]:
    """The points of every item of a list, in its order. A kind just asked for (`heard`) needs no saying."""
    items = [entry.item for entry in recommendations]
    standing = extremes(items, words, chooser)
    year = words.role("year")
    asked: dict[str, set[str]] = {}
    for one in heard:
        facet = words.facet(one.kind)
        if facet is not None and sense_of(facet) in ("kind", "maker", "from", "language", "level"):
            asked.setdefault(facet.name, set()).add(one.value)
    out: list[Points] = []
    told_before: set[tuple[str, str]] = set()
    for place, entry in enumerate(recommendations):
        item, slot = entry.item, Chooser(f"{chooser.seed}.{place}")
        met = merged(
            [reason for reason in entry.reasons if not reason.against],
            item,
            words,
            3 if len(items) == 1 else 2,
        )
        reasons = [
            said
            for said in met
            if (len(items) == 1 or not all(_holds(one, said) for one in items))
            and not (year is not None and said.facet == year.name)  # the name tells the year
            and not _in_title(said, item)
            and not (said.values and set(said.values) <= asked.get(said.facet, set()))
        ]
        extreme = [standing[place]] if place in standing else []
        told = {(said.facet, value) for said in [*reasons, *extreme] for value in said.values}
        said = _in_turn(reasons, extreme, apart(item, items, words, told), told_before)
        told_before |= {(one.facet, value) for one in said[:2] for value in one.values}
        said = [_varied(one, words, slot) for one in said]
        out.append(Points(tuple(said), _support(entry), against(entry, words, slot)))
    return out


def _in_turn(
    reasons: list[Said], extreme: list[Said], more: list[Said], told_before: set[tuple[str, str]]
) -> list[Said]:
    """Reasons first, but what stands out in the list before a second reason, and what an earlier item was
    praised for last; one saying for each facet, kinds before moods."""
    order = [*reasons[:1], *extreme, *reasons[1:], *more]
    order.sort(
        key=lambda said: bool(said.values) and all((said.facet, v) in told_before for v in said.values)
    )
    kept: dict[str, Said] = {}
    for said in order:
        kept.setdefault(said.facet, said)
    out = list(kept.values())
    if len(out) > 1 and _rank(out[1]) < _rank(out[0]):  # "is a drama, tense and stylish, with a heist"
        out[:2] = out[1], out[0]
    return out


def _rank(said: Said) -> int:
    if said.one.startswith("is ") and said.tail.startswith(("a ", "an ", "part ")):
        return 0
    return 1 if said.one == f"is {said.tail}" and not ADJUNCT.match(said.tail) else 2


def _in_title(said: Said, item: Item) -> bool:
    """Whether the item's name tells it already: "tents" of a "Tern Solo Tent"."""
    title = item.title.casefold()
    return bool(said.values) and all(value.casefold().rstrip("s") in title for value in said.values)


def _varied(said: Said, words: CatalogueWords, chooser: Chooser) -> Said:
    """Themes said in another way than "has … in it" now and then."""
    if (
        not (said.one.startswith("has ") and said.one.endswith(" in it"))
        or said.tail.startswith("with ") is False
    ):
        return said
    facet = words.facet(said.facet)
    if facet is None or sense_of(facet) != "about":
        return said
    themes = said.tail.removeprefix("with ")
    many = " and " in themes
    one = chooser.say("item.themes2" if many else "item.themes", themes=themes)
    return replace(said, one=one[:1].lower() + one[1:])


def merged(reasons: Sequence[Reason], item: Item, words: CatalogueWords, most: int = 3) -> list[Said]:
    """The facts that reasons rest on, one saying for each facet, in the order of the reasons."""
    by_facet: dict[str, list[str]] = {}
    for reason in reasons:
        for name, value in facts_of(reason, item, words):
            held = by_facet.setdefault(name, [])
            if value not in held and len(held) < most:
                held.append(value)
    return [
        say(found, values, words)
        for name, values in by_facet.items()
        if (found := words.facet(name)) is not None
    ]


def facts_of(reason: Reason, item: Item, words: CatalogueWords) -> list[tuple[str, str]]:
    """The facets and values behind a reason: a likeness names several at once, of several facets."""
    if reason.fact.facet == "text":
        return []
    own = [str(value) for value in item.values(reason.fact.facet)]
    if reason.fact.value in own:
        return [(reason.fact.facet, reason.fact.value)]
    found = []
    rest = f", {reason.fact.value}, "
    for facet in (
        reason.fact.facet,
        *(facet.name for facet in words.facets if facet.name != reason.fact.facet),
    ):
        for value in known(item, facet):
            if f", {value}, " in rest:
                found.append((facet, value))
                rest = rest.replace(f", {value}, ", ", ", 1)
    return found


def _holds(item: Item, said: Said) -> bool:
    return {str(value) for value in item.values(said.facet)} >= set(said.values)


def _support(entry: Recommendation) -> str:
    """The passage that bears out the person's free words, if one does."""
    for reason in entry.reasons:
        if reason.fact.facet == "text" and not reason.against:
            quote = around(reason.fact.value, reason.interest.value or reason.interest.subject, 14)
            if quote:
                return quote
    return ""


def extremes(items: Sequence[Item], words: CatalogueWords, chooser: Chooser) -> dict[int, Said]:
    """Which items of a list stand out by a number: "is the shortest of the four at 97 minutes". One of a list
    of works, two of goods."""
    out: dict[int, Said] = {}
    if len(items) < 3:
        return out
    among = f"of the {number_in_words(len(items))}"
    most = 1 if words.works else 2
    for facet in chooser.order("extremes", [facet for facet in words.facets if sense_of(facet) in _EXTREMES]):
        names = _EXTREMES.get(sense_of(facet))
        if names is None or facet.kind not in ("number", "date"):
            continue
        numbers = [
            number_of(item.values(facet.name)[0]) if item.values(facet.name) else None for item in items
        ]
        held = sorted((number, place) for place, number in enumerate(numbers) if number is not None)
        if len(held) < len(items):
            continue
        ends = list(zip(names, ((held[0], held[1]), (held[-1], held[-2])), strict=True))
        for which, (first, second) in chooser.order(facet.name, ends):
            gap = abs(first[0] - second[0])
            enough = gap >= YEARS_APART if sense_of(facet) == "year" else gap > STANDS_OUT * abs(second[0])
            if which and enough and gap and first[1] not in out and len(out) < most:
                out[first[1]] = _extreme(facet, which, first[0], among)
    return out


def _extreme(facet: Facet, which: str, number: float, among: str) -> Said:
    phrase = f"the {which} {among}"
    if sense_of(facet) != "year":
        shown = amount(facet, number)
        phrase = f"{phrase}, {shown}" if shown == "free" else f"{phrase} at {shown}"
    return Said(facet.name, (), f"is {phrase}", f"are {phrase}", phrase)


def apart(item: Item, items: Sequence[Item], words: CatalogueWords, told: set[tuple[str, str]]) -> list[Said]:
    """What else sets an item apart from the list: rare traits first, then who made it, then a price."""
    out: list[Said] = []
    ranked: list[tuple[float, int, Said]] = []
    for place, facet in enumerate(words.facets):
        values = [value for value in known(item, facet.name) if (facet.name, value) not in told]
        sense = sense_of(facet)
        if facet.kind == "words" or not values or any(UNFIT.search(value) for value in values):
            continue
        if sense in ("mood", "about"):
            if all(name == facet.name for name, _ in told) and told:
                continue
            rare = sorted(values, key=lambda value: sum(value in known(other, facet.name) for other in items))
            rare = [value for value in rare if is_adjective(value) or sense == "about"] or rare
            share = sum(rare[0] in known(other, facet.name) for other in items) / len(items)
            if share < 1 or len(items) == 1:
                ranked.append((share, place, say(facet, rare[:2], words)))
        elif sense == "person" and not is_cast(facet) and trade_of(facet)[1]:
            ranked.append((0.4, place, say(facet, values[:2], words)))
        elif sense == "price":
            ranked.append((0.3, place, say(facet, values[:1], words)))
        elif sense in ("level", "weight", "colour", "rating", "duration", "kind", "plain", "material"):
            said_in_title = any(value.casefold().rstrip("s") in item.title.casefold() for value in values)
            share = sum(set(values) <= set(known(other, facet.name)) for other in items) / len(items)
            numeric = facet.kind == "number"
            if not said_in_title and (share < 1 or len(items) == 1):
                ranked.append(
                    (0.9 + share + numeric * 0.5 + words.works * 0.5, place, say(facet, values[:2], words))
                )
        elif sense == "from":
            share = sum(values[0] in known(other, facet.name) for other in items) / len(items)
            if share < 0.5 or len(items) == 1:
                ranked.append((0.8 + share, place, say(facet, values[:1], words)))
    out += [said for _, _, said in sorted(ranked, key=lambda entry: (entry[0], entry[1]))]
    return out


def against(entry: Recommendation, words: CatalogueWords, chooser: Chooser) -> str:
    """What speaks against an item, as a clause after "though": "it isn't listed as funny"."""
    clauses = (objection(reason, words, chooser) for reason in entry.reasons if reason.against)
    return next((clause for clause in clauses if clause), "")


def objection(reason: Reason, words: CatalogueWords, chooser: Chooser) -> str:
    """A reason against an item as a clause; "" where it can't be told."""
    facet = words.facet(reason.fact.facet)
    wanted = reason.interest.value or reason.interest.subject
    if reason.fact.facet == "text":
        quote = around(reason.fact.value, wanted, 10)
        return f"its description has {quote}" if quote else ""
    if facet is None or UNFIT.search(wanted):
        return ""
    if reason.interest.feeling == "dislike":
        return f"it {say(facet, [reason.fact.value], words).one}"
    key = "though.lacks" if is_adjective(wanted) else "though.lacksnoun"
    clause = chooser.say(key, wanted=wanted)
    return (
        clause
        if clause.startswith(wanted[:1].upper()) and wanted[:1].isupper()
        else clause[:1].lower() + clause[1:]
    )
