"""What people say beside their wish: of their day, of themselves, of the talk itself. No taste is in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from chat.reader.english import english
from chat.reader.feelings import Felt
from chat.reader.scope import COPULA
from chat.reader.tokens import Token

Judge = Callable[[str], tuple[str, float]]
"""What a message is about at all, with its probability: "catalogue", "smalltalk", "offtopic", "attack",
"abuse", "meta" or "unclear"."""

#: How sure the judge must be that a clause is no wish: where it tells of the world in a whole sentence, or
#: has free words only and stands beside a wish; and where it names what the catalogue knows.
BESIDE, ALONE = 0.5, 0.75
_FEWEST_WORDS = 3
_ENDS = frozenset(". ! ? ; : , – — but so because cos cuz since while".split())
_TELLS = frozenset(
    "i im ive we weve my our it its hes shes he she they theyre the this youre you your theres".split()
)
_VERBS = COPULA | frozenset("has have had am im ive theres weve hes shes its theyre youre".split())


def without_asides(
    text: str, tokens: Sequence[Token], felt: Sequence[Felt], judge: Judge, nouns: frozenset[str]
) -> list[Felt]:
    """The feelings without what stands in clauses that are about something else.

    Only clauses are judged that wish for nothing in so many words, and that name no item, no number and no
    `nouns` for one.
    """
    kept = list(felt)
    for start, end in _clauses(tokens):
        inside = [entry for entry in kept if start <= entry.thing.start < end]
        words = [token.norm for token in tokens[start:end]]
        if len(words) < _FEWEST_WORDS or not inside or not all(map(_idle, inside)) or nouns & set(words):
            continue
        if any(english().cues.at([word], 0) and word in _WISHES for word in words):
            continue
        told = _tells(words)
        scenery = told or len(inside) < len(kept) and all(one.thing.kind == "text" for one in inside)
        label, probability = judge(text[tokens[start].start : tokens[end - 1].end])
        small = label == "smalltalk" or (scenery and label in ("offtopic", "meta", "unclear"))
        if small and probability >= (BESIDE if scenery else ALONE):
            kept = [entry for entry in kept if entry not in inside]
    return kept


_WISHES = frozenset(
    "want need looking fancy craving recommend suggest show find give something anything".split()
)


def _idle(entry: Felt) -> bool:
    """Whether nothing is said of a thing but its name."""
    firm = entry.thing.kind == "item" or entry.thing.who
    firm = firm or entry.thing.bounds is not None and not entry.thing.vague
    return not (firm or entry.explicit or entry.hard)


def _tells(words: Sequence[str]) -> bool:
    """Whether a clause is a sentence about somebody or something: "the dog is asleep"."""
    return words[0] in _TELLS and bool(_VERBS & set(words[:5]))


def _clauses(tokens: Sequence[Token]) -> Iterator[tuple[int, int]]:
    start = 0
    for place, token in enumerate(tokens):
        if token.norm in _ENDS:
            if place > start:
                yield start, place
            start = place + 1
    if start < len(tokens):
        yield start, len(tokens)
