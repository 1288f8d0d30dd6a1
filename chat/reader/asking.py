"""Questions for a fact: which facet is asked for, of which value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.reader.context import ReadContext
from chat.reader.english import english
from chat.reader.feelings import Felt
from chat.reader.phrases import phrases_in
from chat.reader.scales import plain_scale, scale_of
from chat.reader.tokens import Token, stem
from chat.reader.vocabulary import Vocabulary
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


#: What may stand before a question word at the start of a clause.
OPENERS = frozenset(
    "in at on by from for to and but so ok okay btw also hey please then oh well hi hello now cool great lol "
    "haha hm hmm wonderful gracias merci thanks might may i ask tell me".split()
)


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
    words = [token.norm for token in tokens if token.kind != "mark"]
    following = [*words[1:], ""]
    place = 0
    fresh = True
    polite = ""
    for token in tokens:
        if token.kind == "mark":
            fresh = fresh or token.norm not in "()[]"
            continue
        if (
            fresh
            and token.norm in STARTERS
            and not (token.norm == "what" and following[place] in ("a", "an"))
        ):
            found.append(place)  # "what a week!" asks nothing
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


def scale_asked(tokens: Sequence[Token], felt: Sequence[Felt], vocabulary: Vocabulary) -> Asked | None:
    """What a comparison turns on: "which is shorter?" → the runtime, low; "the scariest" → that mood."""
    for token in tokens:
        scale = (
            ("year", "low")
            if token.norm == "first" and {"came", "which"} & {t.norm for t in tokens}
            else scale_of(token.norm)
        )
        facet = vocabulary.by_role(scale[0]) if scale else None
        if scale and facet:
            return Asked(facet.name, scale[1])
    for entry in felt:
        if entry.thing.kind not in ("item", "text") and entry.thing.values:
            return Asked(entry.thing.kind, entry.thing.values[0])
    return None
