"""What a message does: asks for items, judges, questions, greets. Decided from what was found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.reader.context import ReadContext
from chat.reader.english import english
from chat.reader.feelings import STRONG_WANT, Felt, valences
from chat.reader.pointing import plain_scale, scale_of
from chat.reader.tokens import Token, stem
from chat.reader.vocabulary import Vocabulary
from prompts.dialogue import Act
from retrieval.items import Facet

#: Question words that ask for the value of a facet by what it means.
ASKING: dict[str, tuple[tuple[str, ...], ...]] = {
    "duration": (("how", "long"), ("how", "many", "minutes"), ("how", "many", "hours")),
    "length": (("how", "long"), ("how", "many", "pages")),
    "price": (("how", "much"), ("what", "does", "it", "cost"), ("how", "expensive"), ("cost",)),
    "year": (("how", "old", "is"), ("what", "year"), ("which", "year"), ("when",)),
    "age": (
        ("what", "age"),
        ("how", "old", "do"),
        ("how", "old", "should"),
        ("suitable",),
        ("appropriate",),
        ("ok", "for"),
        ("okay", "for"),
        ("kid", "friendly"),
        ("age", "rating"),
    ),
    "rating": (("how", "good"), ("what", "rating"), ("how", "many", "stars")),
}
#: Questions that ask for something to be found, not for a fact.
WISHES = frozenset(
    {
        "is there",
        "are there",
        "can you",
        "could you",
        "do you",
        "have you",
        "can u",
        "would you",
        "can i",
        "could i",
        "can we",
        "do u",
        "what else",
        "will you",
    }
)
STARTERS = frozenset(
    "who whos what whats when where which whose how is are was were does do did has have can could will "
    "would isnt".split()
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question for a fact: the facet, and the value where one is asked about ("is it scary?")."""

    facet: str
    value: str = ""


OPENERS = frozenset(
    "in at on by from for to and but so ok okay btw also hey please then oh well hi hello now cool great lol "
    "haha hm hmm wonderful gracias merci thanks might may i ask tell me".split()
)


def phrases_in(words: Sequence[str], name: str) -> list[str]:
    """The phrases of an act that stand in the message."""
    found = []
    for start in range(len(words)):
        match = english().acts.at(words, start)
        if match and name in match[1]:
            found.append(" ".join(words[start : start + match[0]]))
    return found


def covered(words: Sequence[str], name: str) -> bool:
    """Whether the message is nothing but phrases of an act, fillers of politeness apart."""
    kept = [word for word in words if word != "\0"]
    place = 0
    hit = False
    while place < len(kept):
        match = english().acts.at(kept, place)
        if match and name in match[1]:
            place, hit = place + match[0], True
        elif kept[place] in (
            "then",
            "so",
            "you",
            "very",
            "much",
            "a",
            "lot",
            "for",
            "now",
            "the",
            "all",
            "oh",
            "ah",
            "well",
            "please",
            "there",
            "again",
            "again",
            "haha",
            "lol",
            "mate",
            "man",
            "s",
            "im",
            "i",
            "that",
            "it",
            "is",
            "just",
            "really",
            "my",
        ):
            place += 1
        elif match and match[1] & {"greet", "thanks", "bye", "agree", "refuse", "good"}:
            place += match[0]
        else:
            return False
    return hit


def question_of(
    tokens: Sequence[Token], vocabulary: Vocabulary, felt: Sequence[Felt], context: ReadContext
) -> Asked | None:
    """The fact that the message asks for, if it asks for one."""
    words = [token.norm for token in tokens if token.kind != "mark"]
    if not words:
        return None
    question = "?" in (token.norm for token in tokens)
    starters = _starters(tokens)
    if not starters and not (question and len(words) <= 4):
        return None
    items = [entry for entry in felt if entry.thing.kind == "item"]
    if not items and not context.recent:
        return None
    tail = words[min(starters) if starters else 0 :]
    if tail[:3] in (["do", "you", "know"], ["do", "u", "know"], ["can", "you", "tell"]):
        tail = [word for word in tail[3:] if word not in ("if", "whether", "me")] or tail
        tail = tail if tail[0] in STARTERS else ["is", *tail]
    if " ".join(tail[:2]) in WISHES or "else" in tail[:3]:
        return None
    for role, shapes in ASKING.items():
        facet = vocabulary.by_role(role)
        told = facet is not None and any(entry.thing.kind == facet.name for entry in felt)
        if facet and any(_contains(tail, shape) for shape in shapes) and (role == "age" or not told):
            return Asked(facet.name, _age_asked(felt, facet) if role == "age" else "")
    asks_for = tail[0] in ("who", "whos", "what", "whats", "which", "where", "whose", "when", "how")
    subject = items[0].thing if items else None
    pointer = _pointer(tail, vocabulary)
    if (
        asks_for
        and pointer
        and (subject is not None or context.focus or len(context.shown) == 1 or len(tail) <= 5)
    ):
        return Asked(pointer)
    if tail[0] == "where" and "from" in tail:
        name = next(
            (
                name
                for name in vocabulary.facets
                if any(part in name for part in ("countr", "origin", "place"))
                and vocabulary.facets[name].kind == "category"
            ),
            "",
        )
        if name:
            return Asked(name)
    yes_no = tail[0] in (
        "is",
        "are",
        "was",
        "were",
        "does",
        "do",
        "did",
        "has",
        "have",
        "isnt",
        "can",
        "will",
    )
    if yes_no and (subject is not None or set(tail[:3]) & {"it", "that", "this", "they"}):
        for entry in felt:
            if entry.thing.kind not in ("item", "text") and entry.thing.values:
                return Asked(entry.thing.kind, entry.thing.values[0])
        if pointer:
            return Asked(pointer)
        for word in tail:
            scale = scale_of(word) or plain_scale(word)
            facet = vocabulary.by_role(scale[0]) if scale else None
            if facet is not None:
                return Asked(facet.name)  # "is it long?"
    measured = _measured(tail, vocabulary)
    if measured:
        return Asked(measured)
    facets = any(entry.thing.kind not in ("item", "text") for entry in felt)
    about_it = subject is not None or bool(set(tail[:4]) & {"it", "that", "this", "they"})
    future = question and bool(context.recent) and tail[0] in ("will", "does", "when", "where", "can")
    if phrases_in(tail, "more") or (tail[0] in ("what", "whats") and tail[-1] == "about"):
        return None
    if (asks_for or yes_no) and (about_it or future) and not facets and not _asks_about(words) and starters:
        return Asked("")  # a question about an item, for something the catalogue has no facet for
    return None


def _measured(words: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """The facet that "how heavy", "how expensive" asks for."""
    if len(words) < 2 or words[0] != "how":
        return None
    names = {stem(name) for name in english().measures.get(words[1], ())}
    for facet in vocabulary.facets.values():
        if names & {stem(word) for word in f"{facet.name} {facet.label}".replace("_", " ").split()}:
            return facet.name
    return None


def _asks_about(words: Sequence[str]) -> bool:
    table = english()
    return any(
        table.has(table.questions, name, words, place)
        for place in range(len(words))
        for name in ("about", "why", "compare")
    )


def _starters(tokens: Sequence[Token]) -> list[int]:
    """Where questions begin, counted in words: at the start of a sentence or clause, small words apart."""
    found = []
    place = 0
    fresh = True
    polite = ""
    for token in tokens:
        if token.kind == "mark":
            fresh = fresh or token.norm not in "()[]"
            continue
        if fresh and token.norm in STARTERS:
            found.append(place)
        if token.norm == "i" and polite not in ("might", "may", "can", "could"):
            fresh = False
        polite = token.norm
        fresh = fresh and token.norm in OPENERS or token.norm in ("and", "but", "so")
        place += 1
    return found


def _age_asked(felt: Sequence[Felt], facet: Facet) -> str:
    for entry in felt:
        if (
            entry.thing.kind == facet.name
            and not entry.thing.vague
            and entry.thing.bounds
            and entry.thing.bounds.high is not None
        ):
            return f"{entry.thing.bounds.high:g}"
    return ""


def _contains(words: Sequence[str], shape: Sequence[str]) -> bool:
    return any(
        tuple(words[place : place + len(shape)]) == tuple(shape)
        for place in range(len(words) - len(shape) + 1)
    )


def _pointer(words: Sequence[str], vocabulary: Vocabulary) -> str | None:
    """The facet that a question's words name: "who directed it", "which country is it from"."""
    for word in words:
        name = vocabulary.pointer(word)
        if name and vocabulary.facets[name].kind != "words":
            return name
    for word in words:  # "directed" and "director", "acts" and "actor": the same stem but for the ending
        if len(word) > 4:
            for facet in vocabulary.facets.values():
                if (
                    facet.kind == "people"
                    and stem(word)[:5] == stem(facet.label)[:5]
                    and len(stem(word)) >= 5
                ):
                    return facet.name
    player = next(
        (
            f.name
            for f in vocabulary.facets.values()
            if f.kind == "people" and stem(f.label) in (stem("actor"), stem("cast"))
        ),
        None,
    )
    if (
        player
        and (set(words) & {"in", "stars", "star", "starring", "plays", "acts", "play", "acting"})
        and words[0] in ("who", "whos")
    ):
        return player
    people = [facet.name for facet in vocabulary.facets.values() if facet.kind == "people"]
    makes = set(words) & {"wrote", "made", "writes", "makes", "by"}
    return people[0] if words[0] in ("who", "whos") and people and (makes or len(people) == 1) else None


def act_of(
    tokens: Sequence[Token],
    felt: Sequence[Felt],
    asked: Asked | None,
    context: ReadContext,
    vocabulary: Vocabulary,
    leftover: str,
    nouns: frozenset[str],
) -> Act | None:
    """The act, or None where the words found don't settle it."""
    table = english()
    words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
    kept = [word for word in words if word != "\0"]
    items = [entry for entry in felt if entry.thing.kind == "item"]
    facets = [entry for entry in felt if entry.thing.kind not in ("item", "text")]
    if phrases_in(kept, "reset"):
        return "taste"
    if phrases_in(kept, "taste") and not facets:
        return "taste"
    if covered(kept, "help"):
        return "help"
    if kept[:1] in (["none"], ["neither"]) and covered(kept, "refuse") and context.recent:
        return "refuse"
    why = any(table.has(table.questions, "why", kept, place) for place in range(min(len(kept), 4)))
    if (
        why
        and (
            items
            or len(kept) <= 3
            or set(kept)
            & {
                "recommend",
                "suggest",
                "pick",
                "picked",
                "chose",
                "choose",
                "those",
                "these",
                "suggested",
                "recommended",
                "list",
                "them",
            }
        )
        and context.recent
        and "not" not in kept
    ):
        return "explain"
    mentioned = sum(len(entry.thing.values) if entry.thing.pointed else 1 for entry in items)
    compares = any(table.has(table.questions, "compare", kept, place) for place in range(len(kept)))
    either = (
        len(items) >= 2 and any(entry.join == "or" for entry in items) and "?" in (t.norm for t in tokens)
    )
    scaled = any(scale_of(word) for word in kept)
    among = bool(set(kept) & {"which", "whichs"}) and (
        scaled or "first" in kept or any(entry.thing.more for entry in felt) or "most" in kept
    )
    if (mentioned >= 2 and (compares or either)) or (
        among
        and (mentioned >= 2 or len(context.shown) > 1 or len(context.talked) > 1)
        and not any(w in STRONG_WANT for w in kept[:3])
    ):
        return "compare"
    if (
        compares
        and len(context.shown) > 1
        and ("which" in kept[:2] or "compare" in kept or "difference" in kept or "vs" in kept)
    ):
        return "compare"
    if asked is not None:
        return "question"
    if context.recent and not facets and not leftover and len(kept) <= 5 and not judged_items(items):
        tone = sum(valences().get(word, 0.0) for word in kept)
        negated = bool(set(kept) & {"not", "isnt", "arent", "no"})
        polite = phrases_in(kept, "thanks") or phrases_in(kept, "anything")
        if abs(tone) >= 0.9 and not polite and (tone < 0) != negated:
            return "refuse"
    about = any(table.has(table.questions, "about", kept, place) for place in range(len(kept)))
    if (
        about
        and (items or (context.recent and not facets and not leftover))
        and not any(entry.explicit and entry.verdict in ("like", "dislike") for entry in items)
    ):
        return "describe"
    phrases = [found for place in range(len(kept)) if (found := table.cues.at(kept, place))]
    asking = any(length > 1 and "want" in names for length, names in phrases)
    wanting = (
        asking
        or any(word in STRONG_WANT for word in kept)
        or any(entry.verdict == "want" and entry.explicit for entry in facets)
    )
    nouns_like = nouns | {
        "something",
        "anything",
        "more",
        "stuff",
        "one",
        "ones",
        "someone",
        "things",
        "sth",
        "smth",
    }
    comparing = "similar" in kept or any(
        word == "like" and place and kept[place - 1] in nouns_like for place, word in enumerate(kept)
    )
    wanting = wanting or comparing or kept[:1] in (["something"], ["anything"], ["some"])
    judged = [entry for entry in items if entry.verdict in ("like", "dislike", "seen", "allow")]
    more = phrases_in(kept, "more")
    if judged and not facets and not leftover:
        pointed = any(
            entry.thing.pointed
            or any(value in {item.id for item in context.recent} for value in entry.thing.values)
            for entry in judged
        )
        if pointed and not more and not comparing:
            return "feedback"
        return (
            "request"
            if wanting or more or any(w in kept for w in ("like", "similar")) and len(kept) < 6
            else "inform"
        )
    if facets or judged:
        told = all(entry.verdict in ("like", "dislike", "seen") for entry in [*facets, *judged])
        return "inform" if told and not wanting and not more else "request"
    if items and not wanting:
        return "describe"
    if covered(kept, "greet"):
        return "greet"
    opening = table.acts.at(kept, 0)
    if opening and "refuse" in opening[1] and covered(kept, "refuse") and context.recent:
        return "refuse"
    if covered(kept, "bye"):
        return "bye"
    if covered(kept, "thanks"):
        return "thanks"
    if phrases_in(kept, "help") and not wanting and len(kept) <= 9 and not leftover:
        return "help"
    if phrases_in(kept, "anything") and not leftover:
        return "request"
    if covered(kept, "agree") and not more:
        return "agree"
    if more and not leftover:
        return "request"
    if items:
        return (
            "request" if wanting and not about and all(entry.thing.pointed for entry in items) else "describe"
        )
    if set(kept) & nouns and (wanting or len(kept) > 2):
        return "request"
    if context.shown and any("allow" in names for _, names in phrases):
        return "request"  # "same years are fine"
    if phrases_in(kept, "thanks") and not felt and not wanting and len(kept) <= 12:
        return "bye" if phrases_in(kept, "bye") else "thanks"
    if covered(kept, "thanks") or (phrases_in(kept, "bye") and len(kept) <= 8 and not leftover):
        return "bye" if phrases_in(kept, "bye") else "thanks"
    carries_on = (
        bool(context.shown) and kept[:1] and kept[0] in ("for", "with", "in", "or", "but", "maybe", "rather")
    )
    if (context.question is not None or carries_on) and len(kept) <= 6 and not leftover:
        return "request"  # whatever it says, it answers what we asked
    return "request" if wanting and not leftover else None


def judged_items(items: Sequence[Felt]) -> bool:
    """Whether any item was given a verdict."""
    return any(entry.explicit and entry.verdict not in ("none", "want") for entry in items)
