"""What a message says about each item, clause by clause: the clause that names it, those that go on about it,
and the answer to a suggestion."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from chat.reader.feelings import Felt, Verdict
from chat.reader.tokens import Token

How = Literal[
    "named",  # the clause names the item and no other
    "listed",  # it names others too
    "after",  # it names nothing, and this item was named last, earlier in the message
    "answer",  # the first clause, which names nothing, after the item was brought up
    "later",  # a further one like it
    "passed",  # the item was brought up right before, and the clause speaks of others
]
#: In `Remark.words`, what stands for the item itself and for any other.
ITEM, OTHER = "ITEM", "OTHER"

#: Words that open a clause of their own wherever they stand.
_TURNS = frozenset("but however though although because yet".split())
#: After "and", "so" or a comma these show that a new clause begins.
_SUBJECTS = frozenset(
    "i we it that my what how do have can is he she you they ive im id ill its thats not".split()
)
#: "I" after these words goes on with the same clause: "I think I …", "the one I …".
_GOES_ON = frozenset(
    "and so think that what which when if as like know where have did do can should could would movie movies "
    "film films book books one because say ok well it than guess hope oh yes no yeah of for".split()
)
_I = frozenset({"i", "ive", "im", "id", "ill"})
#: A clause is looked at up to so many words: what is felt stands near the name.
LONGEST = 40


@dataclass(frozen=True, slots=True)
class Remark:
    """One clause with regard to one item.

    `words` are plain words and marks with `ITEM` and `OTHER` in place of names. `shared` is how many items
    the clause may be about, `fresh` whether the item was brought up by the other side right before, `clause`
    the place of the clause in its message from 0, and `verdict` what the rules of `feelings.py` made of it.
    """

    words: tuple[str, ...]
    how: How
    shared: int
    fresh: bool
    clause: int
    verdict: Verdict = "none"


@dataclass(frozen=True, slots=True)
class _Name:
    start: int
    end: int
    ids: tuple[str, ...]
    verdict: Verdict


def remarks_in(
    tokens: Sequence[Token], felt: Sequence[Felt], pending: Sequence[str], *, fresh: bool = True
) -> dict[str, list[Remark]]:
    """The remarks of a message by item id, in order.

    `pending` are the ids of what the other side brought up last; `fresh` says that this was in the turn right
    before. A clause with a name is about what it names; one without, about what was named last in the
    message, or else about all that is pending.
    """
    names = [
        _Name(entry.thing.start, entry.thing.end, entry.thing.values, entry.verdict)
        for entry in felt
        if entry.thing.kind == "item" and (not entry.thing.pointed or _picks(entry, pending))
    ]
    pointed = {
        (name, place): entry.verdict
        for entry in felt
        if entry.thing.kind == "item"
        for place in range(entry.thing.start, entry.thing.end)
        for name in entry.thing.values
    }
    found: dict[str, list[Remark]] = {}
    spoken_of: tuple[str, ...] = ()
    for number, (start, end) in enumerate(_clauses(tokens, names)):
        here = [name for name in names if start <= name.start < end]
        ids = tuple(dict.fromkeys(item_id for name in here for item_id in name.ids))
        spoken_of = ids or spoken_of
        how: How = (
            ("named" if len(here) == 1 else "listed")
            if here
            else "after"
            if spoken_of
            else "answer"
            if number == 0
            else "later"
        )
        if spoken_of and fresh:
            for item_id in pending:
                if item_id not in spoken_of:
                    words = tuple(_words(tokens, names, start, end, item_id))
                    found.setdefault(item_id, []).append(Remark(words, "passed", len(pending), True, number))
        for item_id in spoken_of or pending:
            verdict: Verdict = next(
                (pointed[item_id, place] for place in range(start, end) if (item_id, place) in pointed),
                "none",
            )
            words = tuple(_words(tokens, here, start, end, item_id))
            is_fresh = fresh and item_id in pending
            shared = len(spoken_of or pending)
            found.setdefault(item_id, []).append(Remark(words, how, shared, is_fresh, number, verdict))
    return found


def _picks(entry: Felt, pending: Sequence[str]) -> bool:
    """Whether a pointing phrase picks some out of several: "the second", and no mere "it"."""
    return 0 < len(entry.thing.values) < len(pending) and entry.thing.end - entry.thing.start > 1


def _clauses(tokens: Sequence[Token], names: Sequence[_Name]) -> Iterator[tuple[int, int]]:
    """The clauses of a message as stretches of tokens; names are never cut."""
    inside = {place for name in names for place in range(name.start, name.end)}
    begin = 0
    for place, token in enumerate(tokens):
        if place in inside:
            continue
        word = token.norm
        if word in (".", "!", "?", ";", "\n"):
            yield from ((begin, place + 1),) if place > begin else ()
            begin = place + 1
        elif place > begin and (word in _TURNS or _opens(tokens, place, begin, inside)):
            yield begin, place
            begin = place
    if begin < len(tokens):
        yield begin, len(tokens)


def _opens(tokens: Sequence[Token], place: int, begin: int, inside: set[int]) -> bool:
    """Whether a clause opens at this word, with nothing but the word to show it."""
    word = tokens[place].norm
    after = tokens[place + 1].norm if place + 1 < len(tokens) and place + 1 not in inside else ""
    if word in (",", "and", "so"):
        return after in _SUBJECTS
    before = tokens[place - 1].norm if place - 1 not in inside else ""
    return word in _I and place - begin >= 3 and before not in _GOES_ON | _TURNS and before != ","


def _words(
    tokens: Sequence[Token], names: Sequence[_Name], start: int, end: int, item_id: str
) -> Iterator[str]:
    """The clause's words with the names masked; a title's words never say what is felt."""
    place = start
    given = 0
    while place < end and given < LONGEST:
        name = next((name for name in names if name.start <= place < name.end), None)
        if name is not None:
            yield ITEM if item_id in name.ids else OTHER
            place = name.end
        else:
            yield tokens[place].norm
            place += 1
        given += 1
