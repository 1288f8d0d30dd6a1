"""Items side by side: which one wins what was asked, what they share, where they part, which suits better."""

from __future__ import annotations

from collections.abc import Sequence

from chat.reply import Plan
from chat.wording.answers import rests_on
from chat.wording.catalogue import CatalogueWords
from chat.wording.facts import amount, is_cast, known, number_of, say, sense_of
from chat.wording.grammar import finish, join, number_in_words
from chat.wording.listing import unknown
from chat.wording.names import UNFIT, is_plural, name, names
from chat.wording.phrases import Chooser
from chat.wording.points import merged
from retrieval.items import Facet, Item

_MORE = {
    "duration": ("shorter", "longer", "shortest", "longest"),
    "length": ("shorter", "longer", "shortest", "longest"),
    "price": ("cheaper", "more expensive", "cheapest", "most expensive"),
    "weight": ("lighter", "heavier", "lightest", "heaviest"),
    "year": ("older", "newer", "oldest", "newest"),
    "rating": ("lower rated", "better rated", "lowest rated", "best rated"),
    "age": ("one for younger ones", "one for older ones", "one for the youngest", "one for the oldest"),
}


def compare(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """Two to four items compared; every one of them is named."""
    items = plan.items
    if len(items) < 2:
        return chooser.say("talk.which_one", noun=words.noun)
    parts = [unknown(plan.unknown_titles, words, chooser)]
    facet = words.facet(plan.asked)
    if facet is not None:
        asked = _winner(plan, facet, words, chooser) if plan.winner is not None else _tie(facet, chooser)
        parts.append(asked)
    if plan.winner is None or facet is None:
        parts.append(_shared(items, words, chooser))
        parts.append(_differences(items, facet, words, chooser))
        parts.append(_suits(plan, words, chooser))
    text = " ".join(part for part in parts if part)
    missing = [item for item in items if name(item, words) not in text]
    return text if not missing else f"{text} {_differences(items, None, words, chooser)}"


def _winner(plan: Plan, facet: Facet, words: CatalogueWords, chooser: Chooser) -> str:
    assert plan.winner is not None
    items, best = plan.items, plan.items[plan.winner]
    others = [item for item in items if item is not best]
    numbers = {item.id: number_of(item.values(facet.name)[0]) for item in items if item.values(facet.name)}
    mine = numbers.get(best.id)
    if facet.kind in ("number", "date") and mine is not None:
        rest = [number for item in others if (number := numbers.get(item.id)) is not None]
        low = all(mine < number for number in rest)
        names_ = _MORE.get(sense_of(facet))
        place = (0 if low else 1) + (2 if len(items) > 2 else 0)
        more = names_[place] if names_ else f"one with the {'lower' if low else 'higher'} {facet.label}"
        against = join([_sized(item, facet, numbers.get(item.id), words) for item in others])
        return finish(
            chooser.say("compare.win", t=name(best, words), more=more, size=amount(facet, mine), rest=against)
        )
    held = [
        value
        for value in known(best, facet.name)
        if not any(value in known(one, facet.name) for one in others)
    ]
    if plan.asked_value and plan.asked_value in known(best, facet.name):
        held = [plan.asked_value]
    said = say(facet, (held or list(known(best, facet.name)))[:2], words) if known(best, facet.name) else None
    if said is None:
        return f"{name(best, words)}, by what the catalogue says."
    return chooser.say(
        "compare.winvalue", t=name(best, words), is1=said.verb(False), others=names(others, words)
    )


def _sized(item: Item, facet: Facet, number: float | None, words: CatalogueWords) -> str:
    if number is None:
        return f"nothing said for {name(item, words)}"
    return f"{amount(facet, number)} for {name(item, words)}"


def _tie(facet: Facet, chooser: Chooser) -> str:
    return chooser.say("compare.tie", label=f"the {facet.label}")


def _shared(items: Sequence[Item], words: CatalogueWords, chooser: Chooser) -> str:
    shared: list[str] = []
    for facet in sorted(words.facets, key=_rank):
        if facet.kind not in ("category", "people"):
            continue
        first = [value for value in known(items[0], facet.name) if not UNFIT.search(value)]
        common = [value for value in first if all(value in known(item, facet.name) for item in items[1:])][:3]
        if common:
            shared.append(say(facet, common, words).many)
    if not shared:
        return chooser.say("compare.noshare", names=names(items, words))
    both = "both" if len(items) == 2 else f"all {number_in_words(len(items))}"
    return chooser.say("compare.share", names=names(items, words), both=both, shared=join(_light(shared)))


def _light(shared: Sequence[str]) -> list[str]:
    """Two things at most, so that the sentence stays light."""
    return list(shared[:2])


def _differences(items: Sequence[Item], asked: Facet | None, words: CatalogueWords, chooser: Chooser) -> str:
    """Up to three ways in which the items part: the first by name, the others told together."""
    facets: list[tuple[Facet, list[list[str]]]] = []
    for facet in sorted(words.facets, key=lambda facet: (facet is not asked, _rank(facet))):
        values = [_own(item, items, facet) for item in items]
        if facet.kind == "words" or not all(values) or len({tuple(one) for one in values}) < len(items):
            continue
        if sense_of(facet) == "year" and words.role("year") is facet and facet is not asked:
            continue
        facets.append((facet, values))
    if not facets:
        return ""
    clauses = [
        f"{name(item, words)} {_verbs(facets[:1], place, item, words)}" for place, item in enumerate(items)
    ]
    if len(items) > 2:
        return finish(join([f"{name(item, words)} {_verbs(facets[:2], place, item, words)}"
                            for place, item in enumerate(items)]).replace(" and ", ", and ", 0))  # fmt: skip
    out = [finish(chooser.say("compare.differ", a=clauses[0], b=clauses[1]))]
    if len(facets) > 1:
        again = Chooser(f"{chooser.seed}.again", chooser.avoid)
        ends = [_verbs(facets[1:3], place, item, words) for place, item in enumerate(items)]
        out.append(finish(again.say("compare.differ", a=f"the first {ends[0]}", b=f"the second {ends[1]}")))
    return " ".join(out)


def _verbs(
    facets: Sequence[tuple[Facet, list[list[str]]]], place: int, item: Item, words: CatalogueWords
) -> str:
    """What an item is by some facets: "costs 27.50 and weighs 0.1 kg"."""
    many = is_plural(item, words)
    return join([say(facet, values[place][:2], words).verb(many) for facet, values in facets])


def _own(item: Item, items: Sequence[Item], facet: Facet) -> list[str]:
    values = [value for value in known(item, facet.name) if not UNFIT.search(value)]
    if facet.kind == "number":
        return values
    others = [other for other in items if other is not item]
    return [value for value in values if not any(value in known(other, facet.name) for other in others)]


def _rank(facet: Facet) -> int:
    sense = sense_of(facet)
    if sense == "person" and is_cast(facet):
        return 9
    order = (
        "mood",
        "price",
        "duration",
        "person",
        "about",
        "kind",
        "level",
        "weight",
        "length",
        "rating",
        "colour",
    )
    return order.index(sense) if sense in order else 8


def _suits(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    if not plan.reasons:
        return ""
    mine: list[list[str]] = []
    for item in plan.items:
        own = [reason for reason in plan.reasons if not reason.against and rests_on(reason, item, words)]
        mine.append([said.verb(is_plural(item, words)) for said in merged(own, item, words)])
    counts = [len(one) for one in mine]
    best = max(range(len(mine)), key=lambda place: counts[place])
    alone = [
        verb for verb in mine[best] if not any(verb in other for i, other in enumerate(mine) if i != best)
    ]
    if not alone or counts.count(counts[best]) > 1:
        return chooser.say("compare.even") if max(counts) else ""
    it = join(alone[:2])
    if is_plural(plan.items[best], words):
        return chooser.say("compare.suits", t=name(plan.items[best], words), it=it).replace(" it ", " they ")
    return chooser.say("compare.suits", t=name(plan.items[best], words), it=it)
