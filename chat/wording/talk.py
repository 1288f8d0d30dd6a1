"""Everything that isn't about an item: questions, small talk, what is known of the person, and saying no."""

from __future__ import annotations

from collections.abc import Sequence

from chat.reply import Plan, Question
from chat.wording.catalogue import CatalogueWords
from chat.wording.facts import is_cast, known, say, sense_of, theme_shape, trade_of
from chat.wording.grammar import (
    COUNTABLE_KINDS,
    article,
    is_adjective,
    join,
    looks_plural,
    noun_phrase,
    number_in_words,
)
from chat.wording.listing import forgotten, nothing_left, unknown
from chat.wording.names import UNFIT, name, named, quotable, subject_of
from chat.wording.phrases import Chooser
from chat.wording.points import ADJUNCT
from chat.wording.wishes import avoided, hear, wishes
from retrieval.items import Facet, Item

#: Interests of one sort that are named when somebody asks what is known of them.
MOST_KNOWN = 6


# ---------------------------------------------------------------- asking


def ask(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """One question, with what was understood so far before it."""
    question = plan.question
    if plan.unmet or (question is not None and question.about == "relax"):
        return nothing_left(plan, words, chooser)
    if plan.wanted is not None and not plan.recommendations:
        return _nothing(plan, words, chooser)
    before = [unknown(plan.unknown_titles, words, chooser), _forgot(plan, words, chooser)]
    if question is not None and question.about == "which":
        return " ".join(part for part in (before[0], _which(plan, question, words, chooser)) if part)
    heard = _noted(plan, words)
    if heard and not before[1]:
        before.append(chooser.say("ask.heard", heard=heard))
    before.append(_question(question, words, chooser))
    return " ".join(part for part in before if part)


def _nothing(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """Says that the conditions left nothing where no single one is to blame."""
    heard = hear(plan.heard, words)
    if heard.wish:
        start = chooser.say("relax.wish", wish=heard.wish)
    else:
        start = chooser.say("relax.nothingplain", noun=words.noun)
    end = chooser.say("ask.instead", options=_options(plan.question)) if plan.question is not None else ""
    return " ".join(part for part in (unknown(plan.unknown_titles, words, chooser), start, end) if part)


def _question(question: Question | None, words: CatalogueWords, chooser: Chooser) -> str:
    facet = words.facet(question.about) if question is not None else None
    options = _options(question)
    if facet is None:
        key = "ask.mood" if words.verb not in ("get", "take") else "ask.goods"
        return chooser.say(key, options=options, verb=words.verb, noun=words.noun)
    sense = sense_of(facet)
    keys = {
        "person": "person",
        "mood": "moodof",
        "about": "about",
        "kind": "kindof",
        "year": "year",
        "price": "price",
    }
    keys |= {"duration": "duration", "age": "age", "language": "language", "level": "level"}
    key = keys.get(sense, "number" if facet.kind == "number" else "plain")
    return chooser.say(f"ask.{key}", label=facet.label, noun=words.noun, options=options)


def _options(question: Question | None) -> str:
    if question is None:
        return ""
    kept = [option for option in question.options if quotable(option, 4) and option != "Surprise me"]
    return join(kept[:3], "or") if len(kept) > 1 else ""


def _which(plan: Plan, question: Question, words: CatalogueWords, chooser: Chooser) -> str:
    quote = f"“{question.quote}”" if quotable(question.quote) else "that"
    by_id = {item.id: item for item in plan.items}
    items = [by_id[item_id] for item_id in question.item_ids if item_id in by_id]
    if items and len(items) == len(question.item_ids):
        names = join([_told_apart(item, items, words) for item in items[:4]], "or")
    else:
        options = [option if option.endswith(")") else named(option) for option in question.options[:4]]
        names = join(options, "or")
    if not names:
        return chooser.say("talk.which_one", noun=words.noun)
    count = number_in_words(len(question.item_ids) or len(question.options))
    if quote == "that":
        return f"Do you mean {names}?"
    return chooser.say("ask.which", quote=quote, names=names, count=count)


def _told_apart(item: Item, items: Sequence[Item], words: CatalogueWords) -> str:
    """An item's name and what tells it from the others: who made it, or the first fact that differs."""
    title = name(item, words)
    others = [other for other in items if other is not item]
    order = ("person", "maker", "colour", "price", "kind")
    facets = sorted(words.facets, key=lambda facet: order.index(s) if (s := sense_of(facet)) in order else 9)
    for facet in facets:
        values = known(item, facet.name)
        if facet.kind == "words" or sense_of(facet) == "year" or is_cast(facet) or not values:
            continue
        if all(set(values) != set(known(other, facet.name)) for other in others):
            tail = say(facet, values[:1], words).tail
            return f"{title} {tail}" if ADJUNCT.match(tail) else f"{title} ({tail})"
    return title


# ---------------------------------------------------------------- talking


def converse(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """Greetings, thanks, help, what is known, and what was understood where nothing is asked."""
    admitted = unknown(plan.unknown_titles, words, chooser)
    if plan.topic == "care":
        return chooser.say("talk.care", **_fills(words, chooser))
    if plan.topic == "taste":
        return _taste(plan, words, chooser)
    if plan.topic in ("question", "describe", "explain", "compare"):
        if admitted:
            return f"{admitted} {chooser.say('unknown.say_nothing')}"
        if plan.topic == "explain":
            return chooser.say("explain.nothing")
        return chooser.say("talk.which_one", noun=words.noun)
    forgot = _forgot(plan, words, chooser)
    said = _told(plan, words, chooser)
    fills = _fills(words, chooser)
    if forgot or said:
        return " ".join(part for part in (admitted, forgot, said) if part)
    if plan.topic == "feedback":
        if plan.items:
            return chooser.say("talk.feedback", item=name(plan.items[0], words))
        return chooser.say("talk.feedback0")
    if plan.topic == "greet":
        return chooser.say("greet.again" if chooser.avoid else "greet.first", **fills)
    key = plan.topic if plan.topic in ("thanks", "bye", "help", "agree", "refuse") else "chat"
    return " ".join(part for part in (admitted, chooser.say(f"talk.{key}", **fills)) if part)


def _fills(words: CatalogueWords, chooser: Chooser) -> dict[str, str]:
    examples = example_requests(words, chooser)
    return {
        "noun": words.noun, "nouns": words.nouns, "verb": words.verb, "a_noun": article(words.noun),
        "example": examples[0], "example2": examples[1],
    }  # fmt: skip


def _noted(plan: Plan, words: CatalogueWords) -> str:
    heard = hear(plan.heard, words)
    likes = [part for part in (heard.wish, heard.free) if part]
    likes += [f"close to {heard.like}"] if heard.like else []
    likes += [f"{heard.allowed} again"] if heard.allowed else []
    text = join(likes)
    without = [part for part in (heard.without, heard.rejected) if part]
    if without:
        text = f"{text}, without {join(without, 'or')}" if text else f"without {join(without, 'or')}"
    return text


def _told(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """What the message told of the person, where it asks for nothing."""
    heard = hear(plan.heard, words)
    them = "it" if sum(one.kind == "item" for one in plan.heard) == 1 else "them"
    if heard.seen and not heard.wish:
        return chooser.say("talk.seen", items=heard.seen, it=them)
    if heard.like and not (heard.wish or heard.without or heard.rejected):
        key = "talk.feedback" if plan.topic == "feedback" and plan.items and them == "it" else "talk.liked"
        return chooser.say(key, item=heard.like, items=heard.like, it=them)
    noted = _noted(plan, words)
    return chooser.say("talk.noted", heard=noted) if noted else ""


def _forgot(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    if any(not one.kind for one in plan.forgot):
        return chooser.say("talk.forgotall")
    forgot = forgotten(plan, words)
    return chooser.say("talk.forgot", forgot=forgot) if forgot else ""


def _taste(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    forgot = _forgot(plan, words, chooser)
    if not plan.profile:
        fills = _fills(words, chooser)
        return forgot or chooser.say("taste.nothing", **fills)
    if forgot and any(not one.kind for one in plan.forgot):
        return forgot
    likes = wishes([one for one in plan.profile if one.feeling == "like"], words)
    disliked = [one for one in plan.profile if one.feeling == "dislike"]
    dislikes = [subject_of(one) if one.kind == "item" else avoided(one, words) for one in disliked]
    seen = [subject_of(one) for one in plan.profile if one.feeling == "seen"]
    parts = [forgot, chooser.say("taste.start")]
    parts += [chooser.say("taste.likes", likes=_some(likes))] if likes else []
    parts += [chooser.say("taste.dislikes", dislikes=_some(dislikes, "or"))] if dislikes else []
    parts += [chooser.say("taste.seen", seen=_some(seen))] if seen else []
    return " ".join(part for part in (*parts, chooser.say("taste.end")) if part)


def _some(entries: Sequence[str], last: str = "and") -> str:
    """The newest of the entries, and that there are more."""
    unique = list(dict.fromkeys(entries))
    shown = unique[-MOST_KNOWN:]
    return join([*shown, "a few more"] if len(unique) > len(shown) else shown, last)


def decline(plan: Plan, words: CatalogueWords, chooser: Chooser) -> str:
    """A friendly no, and one way back to the subject. What was asked for is not repeated."""
    fills = _fills(words, chooser)
    return f"{chooser.say('decline.start', **fills)} {chooser.say('decline.suggest', **fills)}"


# ---------------------------------------------------------------- examples


def example_requests(words: CatalogueWords, chooser: Chooser) -> tuple[str, str]:
    """Two requests that this catalogue can answer, made of its own values."""
    by_sense: dict[str, list[tuple[Facet, str]]] = {}
    for facet in words.facets:
        values = words.samples.get(facet.name) or tuple(dict.fromkeys(facet.aliases.values()))[:8]
        usable = [value for value in values if quotable(value, 3) and not UNFIT.search(value)]
        by_sense.setdefault(sense_of(facet), []).extend((facet, value) for value in usable)

    def some(sense: str) -> tuple[Facet, str] | None:
        held = by_sense.get(sense)
        return chooser.pick(f"example.{sense}", held) if held else None

    made: list[str] = []
    kind, mood, about = some("kind"), some("mood"), some("about")
    adjective = mood[1] if mood and is_adjective(mood[1]) else ""
    if kind:
        made.append(_kind_example(kind[1], adjective, words))
    if about and theme_shape(about[1]) == "noun":
        made.append(f"{article(words.noun)} about {noun_phrase(about[1])}")
    if adjective and not kind:
        made.append(f"something {adjective}")
    for sense in ("person", "from", "maker", "colour", "level", "plain"):
        found = some(sense)
        if found:
            passing = trade_of(found[0])[0] if sense == "person" else ""
            tail = f"{passing} {found[1]}" if passing else say(found[0], [found[1]], words).tail
            made.append(f"something {tail}")
    roles = {
        "duration": "something not too long",
        "price": "something not too expensive",
        "year": "something recent",
    }
    made += [text for role, text in roles.items() if words.role(role)]
    made += [f"{article(words.noun)} for a friend", "something new"]
    first = made[0]
    return first, chooser.pick("example.second", made[1:4])


def _kind_example(value: str, adjective: str, words: CatalogueWords) -> str:
    if value.casefold() in COUNTABLE_KINDS:
        return article(f"{adjective} {value}".strip())
    if not words.works:
        return value if looks_plural(value) else f"something in {value}"
    if words.noun.casefold() in value.casefold().split():
        return article(f"{adjective} {value}".strip())
    return article(f"{adjective} {value} {words.noun}".strip())
