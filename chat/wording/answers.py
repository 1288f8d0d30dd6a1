"""Words about single items: what one is, a fact that was asked for, and why it was recommended."""

from __future__ import annotations

import re
from collections.abc import Sequence

from chat.reply import Plan, Reason
from chat.wording.catalogue import CatalogueWords
from chat.wording.facts import (
    Said,
    amount,
    is_cast,
    kinds,
    known,
    loosely,
    number_of,
    say,
    sense_of,
    trade_of,
)
from chat.wording.grammar import capital, finish, join, looks_plural, plural
from chat.wording.listing import unknown
from chat.wording.names import UNFIT, around, is_plural, name, quotable, sentences, subject_of
from chat.wording.phrases import Chooser
from chat.wording.points import facts_of, merged, objection
from chat.wording.wishes import avoided
from retrieval.items import Facet, Item

#: A description is told up to so many words.
LONGEST_TEXT = 60
ORDINALS = "first second third fourth fifth sixth seventh eighth ninth tenth".split()


def describe(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """The answer to a question about items, or what they are; says so where the catalogue doesn't tell."""
    parts = [unknown(plan.unknown_titles, words, chooser)]
    facet = words.facet(plan.asked)
    if plan.topic == "explain":
        parts.append(explain(plan, words, chooser))
    elif facet is not None and plan.items:
        answer = _answer(plan, facet, words, chooser)
        parts.append(_naming(answer, name(plan.items[0], words)) if plan.turned else answer)
    elif plan.topic == "question" and plan.items:
        parts.append(_unanswered(plan.items[0], words, chooser))
    else:
        for place, item in enumerate(plan.items[:3]):
            parts.append(
                portrait(item, words, Chooser(f"{chooser.seed}.{place}", chooser.avoid), len(plan.items))
            )
    return " ".join(part for part in parts if part)


# ---------------------------------------------------------------- what it is


def portrait(item: Item, words: CatalogueWords, chooser: Chooser, among: int = 1) -> str:
    """An item in a few sentences: who made it, what it is, its description, and how long or dear it is."""
    title, many = name(item, words), is_plural(item, words)
    said = _portrait_points(item, words)
    if len(said) > 1:
        intro = chooser.say(
            "describe.intro", t=title, is1=said[0].verb(many), tail2=said[1].tail, is2=said[1].verb(many)
        )
    elif said:
        intro = chooser.say("describe.intro1", t=title, is1=said[0].verb(many))
    else:
        intro = ""
    text = told(item, LONGEST_TEXT if among == 1 else 25)
    if not said and not text:
        return chooser.say("describe.bare", t=title)
    if text and intro:
        body = finish(chooser.say("describe.text", text=text))
    elif text:
        return finish(f"{chooser.say('describe.intro0', t=title).removesuffix(':')}: {text}")
    else:
        body = ""
    return " ".join(part for part in (intro, body, _practical(item, words, chooser, among)) if part)


def _portrait_points(item: Item, words: CatalogueWords) -> list[Said]:
    kind: list[Said] = []
    maker: list[Said] = []
    mood: list[Said] = []
    for facet in words.facets:
        values = [value for value in known(item, facet.name) if not UNFIT.search(value)]
        sense = sense_of(facet)
        if not values or all(value.casefold().rstrip("s") in item.title.casefold() for value in values):
            continue
        if sense == "kind":
            kind.append(say(facet, values[:2], words))
        elif sense == "person" and not is_cast(facet):
            maker.append(say(facet, values[:2], words))
        elif sense in ("mood", "about", "colour", "level", "plain"):
            mood.append(say(facet, values[:2], words))
        elif sense == "maker":
            maker.append(say(facet, values[:1], words))
    return [*kind[:1], *maker[:1], *mood[: 2 - len(kind[:1]) - len(maker[:1])]]


def told(item: Item, most_words: int) -> str:
    """The description in quotes: as many whole sentences as fit; "" where there is none to tell."""
    kept: list[str] = []
    for sentence in sentences(item.text):
        if UNFIT.search(sentence):
            break
        if kept and sum(len(one.split()) for one in [*kept, sentence]) > most_words:
            break
        kept.append(sentence)
    if not kept:
        return ""
    passage = " ".join(kept)
    if len(passage.split()) > 2 * most_words:
        passage = " ".join(passage.split()[:most_words]).rstrip(",;:.") + " …"
    return f"“{passage}”"


def _practical(item: Item, words: CatalogueWords, chooser: Chooser, among: int) -> str:
    said = [
        say(facet, [str(item.values(facet.name)[0])], words)
        for facet in words.facets
        if sense_of(facet) in ("duration", "length", "price", "age") and item.values(facet.name)
    ]
    if not said or among > 1:
        return ""
    verbs = join([one.verb(False) for one in said[:2]])
    text = chooser.say("describe.size", is1=verbs)
    if not is_plural(item, words):
        return text
    verbs = join([one.verb(True) for one in said[:2]])
    return chooser.say("describe.size", is1=verbs).replace("It ", "They ").replace(" it ", " they ")


def _unanswered(item: Item, words: CatalogueWords, chooser: Chooser) -> str:
    text = told(item, 30)
    key = "describe.unanswered" if text else "describe.unanswered0"
    return finish(chooser.say(key, t=name(item, words), text=text))


# ---------------------------------------------------------------- a fact


def _naming(answer: str, title: str) -> str:
    """The answer with the title in place of the first "it", or before it all."""
    if title in answer:
        return answer
    named = re.sub(
        r"\b[Ii]t('s)?\b", lambda found: title + (" is" if found.group(1) else ""), answer, count=1
    )
    return named if named != answer else f"{title}: {answer}"


def _answer(plan: Plan, facet: Facet, words: CatalogueWords, chooser: Chooser) -> str:
    if len(plan.items) == 1:
        values = plan.answers[0] if plan.answers else ()
        return finish(_one_answer(plan.items[0], facet, values, plan.asked_value, words, chooser))
    parts = []
    for place, item in enumerate(plan.items):
        values = plan.answers[place] if place < len(plan.answers) else ()
        if not values:
            parts.append(f"for {name(item, words)} the catalogue doesn't say")
            continue
        held = _matching(plan.asked_value, values)
        shown = say(facet, held or list(values)[:4], words)
        parts.append(f"{name(item, words)} {shown.verb(is_plural(item, words))}")
    return capital(finish("; ".join(part.rstrip(".") for part in parts)))


def _one_answer(
    item: Item, facet: Facet, values: Sequence[str], asked: str, words: CatalogueWords, chooser: Chooser
) -> str:
    title = name(item, words)
    kept = [value for value in values if value.strip()]
    if not kept:
        return _not_said(item, facet, words, chooser)
    sense = sense_of(facet)
    if sense == "age":
        return _age(facet, kept[0], asked, words, chooser)
    if asked and asked not in ("low", "high"):
        return _yes_or_no(facet, kept, asked, words, chooser)
    if sense == "person":
        return _people(title, facet, kept, chooser)
    number = number_of(kept[0]) if facet.kind in ("number", "date") else None
    if number is not None and (facet.role or facet.unit):
        is1 = say(facet, kept[:1], words).verb(False)
        loose = loosely(facet, number)
        size = amount(facet, number)
        if sense == "year":
            return chooser.say("answer.value", it=title, is1=is1)
        if sense == "rating":
            return chooser.say("answer.label", label=facet.label, value=size)
        key = "answer.sizeloose" if loose else "answer.size"
        return chooser.say(key, size=capital(size), loose=loose, is1=is1, it=title)
    if sense in ("language", "from", "maker", "colour", "level", "material"):
        return chooser.say("answer.value", it=title, is1=say(facet, kept[:6], words).one)
    if len(kept) > 1:
        label = facet.label if looks_plural(facet.label) else plural(facet.label)
        return chooser.say("answer.labels", label=facet.label, labels=label, value=join(kept[:8]))
    return chooser.say("answer.label", label=facet.label, value=kept[0])


def _people(title: str, facet: Facet, people: Sequence[str], chooser: Chooser) -> str:
    _, past = trade_of(facet)
    everyone = join(list(people)[:6])
    if is_cast(facet):
        return chooser.say("answer.cast" if len(people) > 1 else "answer.cast1", people=everyone)
    if past == "teaches":
        if len(people) > 1:
            return f"It's taught by {everyone}."
        return chooser.say("answer.teaches", people=everyone)
    if past:
        return chooser.say("answer.who", people=everyone, did=past)
    if len(people) > 1:
        return chooser.say("answer.labels", label=facet.label, labels=plural(facet.label), value=everyone)
    return chooser.say("answer.label", label=facet.label, value=everyone)


def _matching(asked: str, values: Sequence[str]) -> list[str]:
    return [value for value in values if asked and value.casefold() == asked.casefold()]


def _yes_or_no(
    facet: Facet, values: Sequence[str], asked: str, words: CatalogueWords, chooser: Chooser
) -> str:
    held = _matching(asked, values)
    if held and len(values) == 1:
        return chooser.say("answer.yes", is1=say(facet, held, words).one, value=held[0])
    if held:
        others = join([value for value in values if value not in held][:3])
        return chooser.say("answer.yesmore", value=held[0], others=others)
    value = asked if quotable(asked) else "it"
    return chooser.say("answer.no", value=value, others=join(list(values)[:4]))


def _age(facet: Facet, value: str, asked: str, words: CatalogueWords, chooser: Chooser) -> str:
    number, wanted = number_of(value), number_of(asked) if asked else None
    if number is None or wanted is None:
        return chooser.say("answer.value", must=("is1",), is1=say(facet, [value], words).one, it="It")
    if number == 0:
        return "Yes, it's fine for all ages."
    return chooser.say("answer.ageyes" if number <= wanted else "answer.ageno", age=amount(facet, number))


def _not_said(item: Item, facet: Facet, words: CatalogueWords, chooser: Chooser) -> str:
    title = name(item, words)
    _, past = trade_of(facet) if facet.kind == "people" else ("", "")
    what = f"who {past}" if past else "who is in" if is_cast(facet) else f"the {facet.label} of"
    return chooser.say("answer.unknown", what=what, t=title)


# ---------------------------------------------------------------- the reasons


def explain(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """The reasons for the items in full, in the person's words and with the message they come from."""
    if not plan.items:
        return chooser.say("explain.nothing")
    parts = []
    reasons = list(plan.reasons)
    cited: set[int] = set()
    for place, item in enumerate(plan.items[:3]):
        mine = [reason for reason in reasons if len(plan.items) == 1 or rests_on(reason, item, words)]
        if len(plan.items) > 1:
            mine = mine[:4]
            reasons = [reason for reason in reasons if not any(reason is one for one in mine)]
        slot = Chooser(f"{chooser.seed}.{place}", chooser.avoid)
        parts.append(_explained(item, mine, words, slot, cited, first=place == 0))
    return " ".join(parts)


def rests_on(reason: Reason, item: Item, words: CatalogueWords) -> bool:
    """Whether the fact of a reason is one of this item's."""
    if reason.fact.facet == "text":
        return reason.fact.value in item.text
    return bool(facts_of(reason, item, words))


def _explained(
    item: Item,
    reasons: Sequence[Reason],
    words: CatalogueWords,
    chooser: Chooser,
    cited: set[int],
    *,
    first: bool,
) -> str:
    """The reasons for one item. `cited` holds the messages that were quoted already, and grows."""
    title = name(item, words)
    speaking = [reason for reason in reasons if not reason.against]
    clauses: list[str] = []
    for place, alike in enumerate(_by_message(speaking[:4])):
        clause = _because(alike, item, words, Chooser(f"{chooser.seed}.{place}", chooser.avoid), cited)
        if clause and clause not in clauses:
            clauses.append(clause)
    if not clauses:
        said = _portrait_points(item, words)
        if not said:
            return chooser.say("explain.none0", t=title)
        return chooser.say("explain.none", t=title, it=said[0].one)
    start = chooser.say("explain.start" if first else "explain.start2", t=title)
    body = finish("; ".join(clauses))
    against = [reason for reason in reasons if reason.against][:1]
    end = ""
    for reason in against:
        clause = objection(reason, words, chooser)
        end = chooser.say("explain.against", against=clause) if clause else ""
    return " ".join(part for part in (f"{start} {body}", end) if part)


def _by_message(reasons: Sequence[Reason]) -> list[list[Reason]]:
    """Reasons that rest on the person's words, together where they come from one message; others alone."""
    groups: dict[object, list[Reason]] = {}
    for place, reason in enumerate(reasons):
        told = (
            reason.interest.kind != "item"
            and reason.fact.facet != "text"
            and quotable(reason.interest.quote, 10)
        )
        groups.setdefault(reason.interest.turn if told else ("alone", place), []).append(reason)
    return list(groups.values())


def _because(
    reasons: Sequence[Reason], item: Item, words: CatalogueWords, chooser: Chooser, cited: set[int]
) -> str:
    """Reasons of one group as a clause: "you said “…” in your second message, and it is …"."""
    reason, interest = reasons[0], reasons[0].interest
    said = interest.subject or interest.value
    it = join([one.one for one in merged(reasons, item, words)])
    if interest.kind == "item":
        return _lower(chooser.say("explain.like", it=it, other=subject_of(interest))) if it else ""
    if reason.fact.facet == "text":
        quote = around(reason.fact.value, said, 16)
        key = "explain.text" if quotable(said, 10) else "explain.text0"
        return _lower(chooser.say(key, text=quote, said=_quoted([said]))) if quote else ""
    if not it:
        return ""
    facet = words.facet(interest.kind)
    if interest.kind == "text" and not interest.value:
        return _lower(chooser.say("explain.open", it=it))
    if quotable(interest.quote, 10):
        quotes = _quoted([one.interest.quote for one in reasons])
        if interest.turn in cited:
            return f"it {it}"
        cited.add(interest.turn)
        return _lower(chooser.say("explain.quote", said=quotes, when=when(interest.turn), it=it))
    if facet is None or interest.bounds is not None or not interest.value:
        return f"it {it}"
    wanted = kinds(interest.value, words) if sense_of(facet) == "kind" else avoided(interest, words)
    return _lower(chooser.say("explain.want", wanted=wanted, it=it))


def _quoted(texts: Sequence[str]) -> str:
    """The person's words in quotes; what another of them holds already is left out."""
    kept: list[str] = []
    for text in sorted({text.strip() for text in texts if quotable(text, 10)}, key=len, reverse=True):
        if not any(text in other for other in kept):
            kept.append(text)
    return join([f"“{text}”" for text in texts if text.strip() in kept and texts.index(text) >= 0][:3])


def _lower(clause: str) -> str:
    """The clause as it goes on after a colon."""
    first = clause.split(" ")[0].rstrip(",:")
    starters = ("It", "You", "Its", "With", "Like", "In", "At")
    return clause[:1].lower() + clause[1:] if first in starters else clause


def when(turn: int) -> str:
    """Which message something was said in."""
    if turn <= 0:
        return "in an earlier conversation"
    if turn <= len(ORDINALS):
        return f"in your {ORDINALS[turn - 1]} message"
    return "a while ago"
