"""A message as a row of elements: things it speaks of, words that steer it, and breaks between clauses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from chat.reader.english import english
from chat.reader.own import does
from chat.reader.quantities import Quantities
from chat.reader.spelling import rank
from chat.reader.titles import Titles, find_titles
from chat.reader.tokens import Token, comparative, shouted
from chat.reader.vocabulary import Meaning, Vocabulary, people_facets
from retrieval.items import Bounds, Item

#: A part of a name rarer than this needs no capital to be taken for the person.
RARE_NAME = 12_000
#: Tokens that a full name may take, the points of its initials among them.
LONGEST_NAME = 12


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that the words `start:end` speak of.

    `kind` is a facet's name, `"item"` or `"text"`; `values` are alternatives (item ids, facet values);
    `bounds` stands in for numbers. `inverse` means any other value. `pointed` items were not named but
    pointed at. `vague` ranges were adjectives; `who` is a person the items are for. `than` marks what
    something else is compared with; `exact` is False for a part of a title, `more` marks a comparative.
    """

    start: int
    end: int
    kind: str
    values: tuple[str, ...] = ()
    bounds: Bounds | None = None
    inverse: bool = False
    pointed: bool = False
    vague: bool = False
    who: bool = False
    than: bool = False
    exact: bool = True
    plural: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class Element:
    """A stretch of the message: a thing, a cue (with its names), a break, a join or a plain word."""

    start: int
    end: int
    role: Literal["thing", "cue", "break", "comma", "join", "word"]
    cues: frozenset[str] = frozenset()
    thing: Thing | None = None


def value_things(tokens: Sequence[Token], vocabulary: Vocabulary) -> Iterable[Thing]:
    """Facet values, and comparatives of them."""
    words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
    named = {  # "running time" speaks of no running
        place
        for start in range(len(words))
        if (label := vocabulary.label_at(words, start))
        for place in range(start, start + label[0])
    }
    for start in range(len(words)):
        found = vocabulary.value_at(words, start)
        more = False
        if found is None:
            base = comparative(words[start])
            forms = (base, base + "e") if base else ()
            found = next((at for form in forms if (at := vocabulary.value_at([form], 0, spelt=True))), None)
            more = found is not None
        if found is None or start in named or does(words, start):
            continue
        length, meanings = found
        before = words[max(0, start - 2) : start]
        after = words[start + length] if start + length < len(words) else ""
        spoken = (
            before[-1:] == ["in"]
            or "speaking" in (after, *before)
            or after in ("language", "audio", "spoken", "dialogue")
        )
        about = bool({"about", "of", "on", "around", "involving", "featuring", "with"} & set(before[-1:]))
        meaning = vocabulary.choose(meanings, about=about, spoken=spoken)
        if before[-1:] == ["my"] and ("lang" in meaning.facet or "countr" in meaning.facet):
            continue  # "sorry, my English is not good"
        last = words[start + length - 1]
        plural = last.endswith("s") and not meaning.value.casefold().endswith(last)
        yield Thing(
            start,
            start + length,
            meaning.facet,
            (meaning.value,),
            inverse=meaning.inverse,
            plural=plural,
            more=more,
        )


def people_things(tokens: Sequence[Token], vocabulary: Vocabulary) -> Iterable[Thing]:
    """People by full name, or by a part of it that can hardly mean anything else here."""
    table = english()
    words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
    loud = shouted(tokens)
    for start in range(len(words)):
        if tokens[start].kind == "mark":
            continue
        found = _full_name(tokens, words, start, vocabulary)
        length = found[0] if found else 1
        meanings = found[1] if found else []
        if not meanings and start + 1 < len(words) and not vocabulary.value_at(words, start + 1):
            meanings = vocabulary.name_near(words[start], tokens[start + 1].written)
            length = 2 if meanings else 1
        if not meanings:
            word = words[start]
            meanings = vocabulary.name_part(word)
            if not meanings or table.cues.at([word], 0) or vocabulary.value_at([word], 0):
                continue
            opening = start == 0 or words[start - 1] == "\0"
            introduced = bool(_people_cues(words, start))
            owned = start + 1 < len(words) and words[start + 1] in (
                "s",
                "films",
                "movies",
                "film",
                "movie",
                "books",
                "fan",
                "stuff",
                "style",
                "directed",
                "direct",
            )
            capital = tokens[start].capital and not loud and (not opening or owned)
            alone = len([word for word in words if word != "\0"]) <= 2
            if not (
                rank(word) > RARE_NAME
                or capital
                or introduced
                and rank(word) > 300
                or alone
                and rank(word) > 1_500
            ):
                continue
        if words[start + length : start + length + 1] in (["brothers"], ["sisters"], ["bros"]):
            length += 1
        yield _person(start, start + length, meanings, _people_cues(words, start), vocabulary)


def _full_name(
    tokens: Sequence[Token], words: Sequence[str], start: int, vocabulary: Vocabulary
) -> tuple[int, list[Meaning]] | None:
    """The longest full name that begins at `start`, in tokens; the point of an initial is no mark."""
    places = [
        place
        for place in range(start, min(start + LONGEST_NAME, len(tokens)))
        if not (tokens[place].norm == "." and tokens[place].glued and len(words[place - 1]) < 3)
    ]
    found = vocabulary.name_at([words[place] for place in places], 0)
    return (places[found[0] - 1] + 1 - start, found[1]) if found else None


def _people_cues(words: Sequence[str], start: int) -> frozenset[str]:
    """The people cues that end right before `start` ("directed by", "starring"), or stand right after."""
    table = english()
    for back in (1, 2, 3):
        if start - back >= 0:
            found = table.people.at(words, start - back)
            if found and start - back + found[0] >= start - (
                1 if words[start - 1] in ("and", "or", "\0") else 0
            ):
                return found[1]
    return frozenset()


def _person(
    start: int, end: int, meanings: Sequence[Meaning], cues: frozenset[str], vocabulary: Vocabulary
) -> Thing:
    wanted: set[str] = set()
    sections = {
        "maker": "director author writer artist maker instructor teacher brand filmmaker composer by",
        "player": "cast actor actress star",
    }
    for cue in cues:
        wanted |= people_facets(vocabulary.facets, sections[cue].split())
    kept = [meaning for meaning in meanings if meaning.facet in wanted] or list(meanings)
    best = max(kept, key=vocabulary.count)
    values = dict.fromkeys(meaning.value for meaning in kept if meaning.facet == best.facet)
    return Thing(start, end, best.facet, tuple(values))


def title_things(
    tokens: Sequence[Token], titles: Titles, vocabulary: Vocabulary, recent: Iterable[Item]
) -> Iterable[Thing]:
    """Items by their names."""
    for named in find_titles(tokens, titles, vocabulary, frozenset(item.id for item in recent)):
        yield Thing(named.start, named.end, "item", named.ids, exact=named.exact)


def quantity_things(tokens: Sequence[Token], quantities: Quantities) -> Iterable[Thing]:
    """Ranges of numeric facets."""
    for found in quantities.find(tokens):
        yield Thing(found.start, found.end, found.facet, (), found.bounds, vague=found.vague, who=found.who)


def lay_out(tokens: Sequence[Token], things: Iterable[Thing], vocabulary: Vocabulary) -> list[Element]:
    """The row of elements: longer stretches win over shorter ones, things over cues of the same length."""
    table = english()
    words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
    possible: list[tuple[float, Element]] = []
    for thing in things:
        length = sum(token.kind != "mark" for token in tokens[thing.start : thing.end])
        weight = 0.9 if thing.kind == "item" else 0.8 if thing.bounds else 0.7
        if thing.kind == "unknown":
            weight -= 0.3
        if thing.kind == "item" and not thing.pointed:
            weight += 1.0  # a name that stands up to scrutiny is rarely anything else
        possible.append((length + weight, Element(thing.start, thing.end, "thing", thing=thing)))
    for start in range(len(tokens)):
        found = table.cues.at(words, start)
        if found:
            names = found[1] - {"title"}
            if names:
                verdict = 0.1 * bool(names & {"suits", "essential"})
                possible.append((found[0] + 0.4 + verdict, Element(start, start + found[0], "cue", names)))
        clause = table.clauses.at(words, start)
        if clause:
            role: Literal["break", "join"] = "break" if "break" in clause[1] else "join"
            possible.append((clause[0] + 0.2, Element(start, start + clause[0], role, clause[1])))
    possible.sort(key=lambda entry: (-entry[0], entry[1].start))
    taken: dict[int, Element] = {}
    for _, element in possible:
        span = range(element.start, element.end)
        if not any(place in taken for place in span):
            taken.update(dict.fromkeys(span, element))
    row: list[Element] = []
    for place, token in enumerate(tokens):
        held = taken.get(place)
        if held is not None:
            if not row or row[-1] is not held:
                row.append(held)
        elif token.kind == "mark":
            if token.norm in ",":
                row.append(Element(place, place + 1, "comma"))
            elif token.norm in ".!?;:–—()\n|" or (token.norm == "-" and not token.glued):
                row.append(Element(place, place + 1, "break"))
        else:
            row.append(Element(place, place + 1, "word"))
    return row
