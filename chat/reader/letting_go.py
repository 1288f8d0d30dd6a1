"""What a message lets go of: a whole facet, the last message, or everything that it doesn't say anew."""

from __future__ import annotations

from collections.abc import Sequence

from chat.reader.context import ReadContext
from chat.reader.english import english
from chat.reader.tokens import Token
from chat.reader.vocabulary import Vocabulary
from prompts.dialogue import Interest, Retraction

_NOT = frozenset("nothing not doesnt dont isnt no arent never".split())
_MATTERS = frozenset("matter matters mattered important care count counts".split())
_REST = frozenset("else rest other others".split())


def let_go(
    text: str,
    tokens: Sequence[Token],
    vocabulary: Vocabulary,
    context: ReadContext,
    interests: Sequence[Interest],
) -> list[Retraction]:
    """Everything that the message takes back beyond the things that it names."""
    words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
    quote = text.strip()[:80]
    found = [*_kinds(words, vocabulary, quote), *_last(words, context)]
    if any(rest_dropped(clause) for clause in clauses(tokens)):
        found += _rest(context, interests, quote)
    return list(dict.fromkeys(found))


def clauses(tokens: Sequence[Token]) -> list[list[str]]:
    """The words of a message, parted at its marks."""
    parts: list[list[str]] = [[]]
    for token in tokens:
        if token.kind == "mark":
            parts.append([])
        else:
            parts[-1].append(token.norm)
    return parts


def rest_dropped(clause: Sequence[str]) -> bool:
    """Whether a clause says that what it doesn't name is no condition: "nothing else matters"."""
    said = set(clause)
    return bool(said & _REST and said & _MATTERS and said & _NOT)


def _kinds(words: Sequence[str], vocabulary: Vocabulary, quote: str) -> list[Retraction]:
    """ "Any length is fine", "the year doesn't matter", "forget the budget": a whole facet let go."""
    found = []
    for place, word in enumerate(words):
        name = vocabulary.pointer(word) if word != "\0" else None
        if not name or words[max(0, place - 1) : place] == ["same"]:
            continue
        before, after = words[max(0, place - 4) : place], words[place + 1 : place + 6]
        cues = _cues(words, max(0, place - 4), place)
        later = _cues(words, place + 1, min(len(words), place + 4))
        if "any" in before[-2:] or "forget" in cues or "allow" in cues | later or "matter" in after:
            found.append(Retraction(name, "", quote))
    return found


def _cues(words: Sequence[str], start: int, end: int) -> set[str]:
    """The names of all cues that begin in a stretch of words."""
    table = english().cues
    return {cue for place in range(start, end) for cue in (table.at(words, place) or (0, frozenset()))[1]}


def _last(words: Sequence[str], context: ReadContext) -> list[Retraction]:
    """ "Just kidding": what the message before added is taken back."""
    if not {"kidding", "joking", "jk"} & set(words):
        return []
    last = [held for held in context.taste if held.turn == context.turn - 1]
    return [Retraction(held.kind, held.value, "just kidding") for held in last]


def _rest(context: ReadContext, interests: Sequence[Interest], quote: str) -> list[Retraction]:
    """Every wish that is held and not said anew; what was ruled out stays so."""
    anew = {(one.kind, one.value.casefold()) for one in interests}
    return [
        Retraction(held.kind, held.value, quote)
        for held in context.taste
        if held.feeling == "like" and held.kind != "item" and (held.kind, held.value.casefold()) not in anew
    ]
