"""How many items are wanted: "give me 2", "just one", "top five films"."""

from __future__ import annotations

from collections.abc import Sequence

from chat.reader.english import english
from chat.reader.feelings import Felt
from chat.reader.tokens import Token
from chat.reader.vocabulary import singular

MOST = 20
_BEFORE = frozenset("me us just only top exactly another show list suggest recommend".split())
_BEFORE_ONE = frozenset("just only me exactly".split())
_BETWEEN = frozenset("of good more other different great".split())


def count_of(tokens: Sequence[Token], felt: Sequence[Felt], nouns: Sequence[str]) -> int | None:
    """The number of items asked for; None where the message names none. `nouns` are words for an item."""
    words = [token.norm if token.kind != "mark" else "\0" for token in tokens]
    taken = {place for entry in felt for place in range(entry.thing.start, entry.thing.end)}
    for place, word in enumerate(words):
        number = _number(word)
        if place in taken or not 0 < number <= MOST:
            continue
        before = words[place - 1] if place else "\0"
        if word == "one" and (before not in _BEFORE_ONE and words[place + 1 : place + 2] != ["more"]):
            continue
        brief = len([one for one in words if one != "\0"]) <= 2 and word != "one"
        if before in _BEFORE or brief or _noun_follows(words, place, taken, nouns):
            return number
    return None


def _number(word: str) -> int:
    if word == "couple":
        return 2
    return int(word) if word.isdigit() and len(word) < 3 else english().number_words.get(word, 0)


def _noun_follows(words: Sequence[str], place: int, taken: set[int], nouns: Sequence[str]) -> bool:
    """Whether a word for items follows: "two good films"."""
    following = (
        word
        for word in words[place + 1 : place + 5]
        if word not in _BETWEEN and (word == "\0" or words.index(word) not in taken)
    )
    after = next(following, "\0")
    table = english()
    return after in nouns or (
        after != "\0"
        and any(table.has(table.pointing, "noun", [form], 0) for form in (after, after[:-1], singular(after)))
    )
