"""Who the items are for: ages and children in a message, as a range of the facet of suitable ages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chat.reader.english import english
from chat.reader.numerals import number_at
from chat.reader.tokens import Token
from retrieval.items import Bounds

_AGED = frozenset({"aged", "age", "ages", "is", "are", "my", "our", "(", "who"})
_OLD = frozenset({"old", "olds", "y", "o", "s", "year", "years"})
#: Words that make children the company, and words that make them the subject or rule them out.
_COMPANY = frozenset("for with suitable ok okay watch watching appropriate please".split())
_SUBJECT = frozenset("about no not like without".split())


@dataclass(frozen=True, slots=True)
class Company:
    """The words `start:end` tell of an age; `vague` where no number was given."""

    start: int
    end: int
    bounds: Bounds
    vague: bool = False
    who: bool = True


def company_at(
    tokens: Sequence[Token], words: Sequence[str], start: int, nouns: frozenset[str]
) -> Company | None:
    """The age at `start`: "my kids are 4 and 7", "a six-year-old", "for a toddler"."""
    found = _numbered(tokens, words, start)
    if found is not None:
        return found
    for length in (2, 1):
        phrase = " ".join(words[start : start + length])
        if phrase in english().ages and start + length <= len(words):
            return _unnumbered(words, start, length, english().ages[phrase], nouns)
    return None


def _numbered(tokens: Sequence[Token], words: Sequence[str], start: int) -> Company | None:
    number = number_at(tokens, words, start)
    if number is None or number.value >= 20:
        return None
    table, end = english(), number.end
    if (
        words[end : end + 1]
        and words[end] in table.child
        and number.unit in (None, "years")
        and end == start + 1
    ):
        return None  # "my 2 kids": how many, not how old
    ages = [number.value]
    while end + 1 < len(words) and words[end] in ("and", ",", "&", "or", "-"):
        other = number_at(tokens, words, end + 1)
        if other is None or other.value >= 20:
            break
        ages.append(other.value)
        end = other.end
        number = other if other.unit else number
    child = _child_before(words, start)
    if words[end : end + 1] in (["old"], ["olds"], ["y"]) or number.unit == "years":
        child = child or number.unit == "years" or words[end] == "y"
        while end < len(words) and words[end] in _OLD:
            end += 1
    if not child or number.unit not in ("years", None):
        return None
    while end < len(words) and words[end] in table.child:
        end += 1
    begin = start
    while begin and words[begin - 1] in table.child | table.ages.keys() | _AGED:
        begin -= 1
    return Company(begin, end, Bounds(None, min(ages)))


def _child_before(words: Sequence[str], start: int) -> bool:
    """Whether the words before a number make it the age of a child: "my son is", "aged", "they're"."""
    table = english()
    two, three = list(words[max(0, start - 2) : start]), words[max(0, start - 3) : start]
    if two[-1:] in (["theyre"], ["shes"], ["hes"]) or {"age", "aged", "ages"} & set(three):
        return True
    if two[:1] in (["she"], ["he"], ["they"], ["who"]) and two[1:] in (["is"], ["s"], ["are"]):
        return True
    named = any(word in table.child or word in table.ages for word in three)
    said = bool({"is", "are", "(", "theyre"} & set(three))
    return named and said or bool(three[-1:]) and three[-1] in table.child and three[-1] != "one"


def _unnumbered(
    words: Sequence[str], start: int, length: int, age: int, nouns: frozenset[str]
) -> Company | None:
    """ "With my kids", "for a toddler": children without a number, where they are the company."""
    before = set(words[max(0, start - 4) : start])
    after = words[start + length : start + length + 3]
    if after and after[0] in ("friendly", "safe", "appropriate", "proof"):
        return Company(start, start + length + 1, Bounds(None, age), True)
    if age >= 99 and (words[start - 1 : start] == ["for"] or "only" in after[:1]):
        return Company(start, start + length, Bounds(15, None), True, who=False)
    if not before & _COMPANY or before & _SUBJECT or age >= 99 or _told_of(words, start, nouns):
        return None
    if words[start + length : start + length + 2] in (["is"], ["are"]):
        return None
    for place in range(start + length, min(start + length + 5, len(words))):
        if words[place] in ("aged", "is", "are", "who") or words[place].isdigit():
            return None  # the number that follows says it better
    begin = start - 1 if words[start - 1] in ("my", "our") else start
    return Company(begin, start + length, Bounds(None, age), True)


def _told_of(words: Sequence[str], start: int, nouns: frozenset[str]) -> bool:
    """Whether children are what the items tell of: "movies with teenagers", but not "… with my teenagers"."""
    return words[start - 1 : start] == ["with"] and bool(nouns & set(words[max(0, start - 2) : start - 1]))
