"""What is said of the list on the table: what all of it lacks is wanted, what it has too much of is not, and
a "no" behind one of its items turns that one down."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from chat.reader.context import ReadContext
from chat.reader.english import english
from chat.reader.feelings import Felt
from chat.reader.letting_go import clauses
from chat.reader.scope import ANSWERS, COPULA, NOTS
from chat.reader.tokens import Token

_LIST = frozenset("these those them they theyre".split())
_PART = frozenset("all both most some one any each none neither half".split())
_NONE = frozenset("none neither no not hardly nothing never".split())
_HAS = frozenset(
    "has have had havent hasnt got contain contains feature features dont doesnt do does did didnt".split()
)
_MUCH = (
    ("a", "lot", "of"), ("lots", "of"), ("loads", "of"), ("plenty", "of"), ("tons", "of"), ("too", "much"),
    ("too", "many"), ("so", "much"), ("so", "many"), ("mostly",), ("only",), ("nothing", "but"),
)  # fmt: skip
_ASKS = frozenset("is are was were do does isnt arent".split())
#: What may stand between an item and the "no" behind it, and what may follow that.
_BEFORE_NO = frozenset(", ? - – … . hm hmm well um uh".split())
_AFTER_NO = frozenset("sorry thanks thank please what show".split())
_ENDS = frozenset(".!?;:–—|\n")


@dataclass(frozen=True, slots=True)
class _Remark:
    """A clause about the list: its predicate is `start:end`; `lacking` what the predicate names is missed,
    else there is too much of it. `told` says that the subject alone (`subject:start`) is the list."""

    subject: int
    start: int
    end: int
    lacking: bool


@dataclass(frozen=True, slots=True)
class Remarked:
    """What is felt once remarks on the list are understood, and whether others are wanted in its place."""

    felt: list[Felt]
    fresh: bool = False
    refused: bool = False


def remarked(tokens: Sequence[Token], felt: Sequence[Felt], context: ReadContext) -> Remarked:
    """The feelings of a message with its remarks on the list on the table."""
    words = [token.norm for token in tokens]
    held = [_turned_down(words, entry) for entry in felt if not _not_it(words, entry, context)]
    if not context.shown or "?" in words and words[-1:] == ["?"] and words.count("?") == 1 and _asks(words):
        return Remarked(held)
    found = list(_remarks(words))
    refused = not held and any(_unmoved(clause) for clause in clauses(tokens))
    for one in found:
        inside = [entry for entry in held if one.start <= entry.thing.start < one.end]
        facets = [entry for entry in inside if entry.thing.kind not in ("item", "text")]
        if not facets and one.lacking:
            refused = refused or "me" in words[one.start : one.end] or "us" in words[one.start : one.end]
        if not facets and not refused:
            continue
        held = [
            _judged(entry, one)
            for entry in held
            if not _of_list(entry, one) and not (refused and entry in inside)
        ]
    about = [entry for entry in held if any(one.start <= entry.thing.start < one.end for one in found)]
    return Remarked(held, bool(about) or refused, refused)


def _asks(words: Sequence[str]) -> bool:
    """Whether the message asks rather than remarks: "are these funny?"."""
    return words[0] in english().filler and words[0] in (
        "is",
        "are",
        "was",
        "were",
        "do",
        "does",
        "isnt",
        "arent",
    )


def _remarks(words: Sequence[str]) -> Iterator[_Remark]:
    start = 0
    while start < len(words):
        end = _clause_end(words, start)
        found = _of_subject(words, start, end) or _of_existence(words, start, end)
        if found is not None:
            yield found
        start = end + 1


def _unmoved(clause: Sequence[str]) -> bool:
    """ "I'm not convinced": the speaker's own state, and it is a no."""
    me = clause[:1] in (["im"], ["were"]) or clause[:2] in (["i", "am"], ["we", "are"])
    said = [
        word for word in clause if word not in ("really", "quite", "yet", "fully", "entirely", "so", "that")
    ]
    place = next((place for place, word in enumerate(said) if word == "not"), None)
    if not me or place is None or place > 2 or place + 2 < len(said) or place + 1 >= len(said):
        return False
    return english().acts.at(said, place) is None and said[place + 1] not in english().filler


def _clause_end(words: Sequence[str], start: int) -> int:
    for place in range(start, len(words)):
        if words[place] in _ENDS or words[place] == "," or words[place] in ("but", "so"):
            return place
    return len(words)


def _of_subject(words: Sequence[str], start: int, end: int) -> _Remark | None:
    """ "None of these is …", "they're all …", "those don't have …"."""
    place = start
    while place < end and words[place] in _PART | _NONE | ANSWERS | {
        "of",
        "and",
        "the",
        "but",
        "nah",
        "nope",
        "yes",
        "ok",
    }:
        place += 1
    if place >= end or words[place] not in _LIST:
        return None
    before = set(words[start:place])
    negative = bool(before & {"none", "neither"} or "of" in before and before & _NONE)
    place += 1
    verb = words[place - 1] == "theyre" or place < end and words[place] in COPULA | _HAS
    if not verb:
        return None
    part = {"all", "both", "mostly", "just", "only", "so", "too", "every"}
    negated = negative != bool(NOTS & set(words[place:end]))
    much = bool(part & set(words[start:end])) and "too" not in words[start:end]
    if not (negated or much):
        return None
    return _Remark(start, place, end, negated)


def _of_existence(words: Sequence[str], start: int, end: int) -> _Remark | None:
    """ "There's a lot of …", "that's mostly …"."""
    opening = list(words[start : start + 2])
    there = opening[:1] in (["theres"], ["thats"], ["its"]) or opening in (
        ["there", "s"], ["there", "is"], ["there", "are"], ["that", "s"], ["that", "is"],
    )  # fmt: skip
    place = start + (1 if opening[:1] in (["theres"], ["thats"], ["its"]) else 2)
    for much in _MUCH:
        if there and tuple(words[place : place + len(much)]) == much:
            return _Remark(start, place + len(much), end, False)
    return None


def _of_list(entry: Felt, one: _Remark) -> bool:
    """Whether an entry is only the subject of the remark."""
    return (
        entry.thing.kind == "item"
        and entry.thing.pointed
        and one.subject <= entry.thing.start < one.start + 1
    )


def _judged(entry: Felt, one: _Remark) -> Felt:
    inside = one.start <= entry.thing.start < one.end and entry.thing.kind not in ("item", "text")
    if not inside or entry.thing.more:
        return entry
    if one.lacking:
        return replace(entry, verdict="want", hard=False, less=False, explicit=True)
    if entry.explicit and entry.verdict in ("like", "allow"):
        return entry
    return replace(entry, verdict="dislike", hard=False, less=True, explicit=True)


def _turned_down(words: Sequence[str], entry: Felt) -> Felt:
    """ "The second? nope", "number 1 not really", "Heat, nah": a no and nothing else behind an item."""
    if entry.thing.kind != "item" or entry.explicit or entry.verdict != "none":
        return entry
    place = entry.thing.end
    while place < len(words) and words[place] in (
        ",",
        "?",
        "-",
        "–",
        "…",
        ".",
        "hm",
        "hmm",
        "well",
        "um",
        "uh",
    ):
        place += 1
    found = english().acts.at(words, place) if place < len(words) else None
    if found is None or "refuse" not in found[1]:
        return entry
    after = words[place + found[0] : place + found[0] + 1]
    ends = (
        not after
        or not after[0].isalnum()
        or after[0] in ("sorry", "thanks", "thank", "please", "what", "show")
    )
    ends = ends or english().acts.at(words, place + found[0]) is not None
    return replace(entry, verdict="dislike", hard=True, explicit=True) if ends else entry


def _not_it(words: Sequence[str], entry: Felt, context: ReadContext) -> bool:
    """ "Not quite it", where several things are on the table: a no, and about none of them in particular."""
    thing = entry.thing
    if not thing.pointed or words[thing.start : thing.end] != ["it"] or len(context.focus) == 1:
        return False
    before = words[max(0, thing.start - 2) : thing.start]
    return len(context.shown) > 1 and bool({"not", "isnt"} & set(before))
