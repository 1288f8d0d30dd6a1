"""The conditions on items that a script may set, such as `genres is comedy and year above 1990`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tests.dialogue_shelf import Thing, Value, fold, holds_words
from tests.dialogue_stage import Stage, item_number


class Unreadable(ValueError):
    """What can't be understood in a line of a script, and what was expected; its place is added later."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What is asked of an item, and the columns, (column, value) pairs and titles that its words speak of."""

    test: Callable[[Thing, Stage], bool]
    columns: frozenset[str] = frozenset()
    values: frozenset[tuple[str, str]] = frozenset()
    titles: frozenset[str] = frozenset()
    relative: bool = False  # speaks of another item, so that it can't be judged on its own


_NUMBERS: dict[str, Callable[[float, float], bool]] = {
    "at most": operator.le,
    "at least": operator.ge,
    "below": operator.lt,
    "above": operator.gt,
}
_OPERATORS = ("is none of", "is one of", "is not", "is", "includes", "between", *_NUMBERS)


def read_condition(text: str) -> Condition:
    """`genres is comedy and (runtime at most 100 or year above 1990)`; 'and' binds tighter than 'or'."""
    tokens = re.findall(r'"[^"]*"|[(),]|[^\s(),"]+', text)
    condition, rest = _any_of(tokens)
    if rest:
        raise Unreadable(f"can't read {' '.join(rest)!r} in {text!r}")
    return condition


def _any_of(tokens: list[str]) -> tuple[Condition, list[str]]:
    return _joined(tokens, "or", _all_of, any)


def _all_of(tokens: list[str]) -> tuple[Condition, list[str]]:
    return _joined(tokens, "and", _term, all)


def _joined(
    tokens: list[str],
    word: str,
    part: Callable[[list[str]], tuple[Condition, list[str]]],
    together: Callable[[Iterator[bool]], bool],
) -> tuple[Condition, list[str]]:
    first, tokens = part(tokens)
    parts = [first]
    while tokens[:1] == [word]:
        following, tokens = part(tokens[1:])
        parts.append(following)
    if len(parts) == 1:
        return first, tokens
    return (
        Condition(
            lambda thing, stage: together(part.test(thing, stage) for part in parts),
            frozenset().union(*(part.columns for part in parts)),
            frozenset().union(*(part.values for part in parts)),
            frozenset().union(*(part.titles for part in parts)),
            any(part.relative for part in parts),
        ),
        tokens,
    )


def _term(tokens: list[str]) -> tuple[Condition, list[str]]:
    if tokens[:1] == ["("]:
        condition, rest = _any_of(tokens[1:])
        if rest[:1] != [")"]:
            raise Unreadable("a bracket isn't closed")
        return condition, rest[1:]
    if not tokens:
        raise Unreadable("expected a condition such as 'genres is comedy'")
    facet, rest = tokens[0], tokens[1:]
    how = next((name for name in _OPERATORS if rest[: len(name.split())] == name.split()), None)
    if how is None:
        hint = "; several values: 'is one of a, b'; a value with and, or, comma or brackets goes in quotes"
        raise Unreadable(
            f"after {facet!r} expected one of {', '.join(_OPERATORS)}, found {' '.join(rest[:3])!r}{hint}"
        )
    values, rest = _values(rest[len(how.split()) :])
    if how == "between":
        low, rest = values, rest[1:]
        high, rest = _values(rest)
        values = low + high
        if len(values) != 2:
            raise Unreadable("expected 'between 1980 and 1989'")
    if not values or (len(values) > 1 and how not in ("is one of", "is none of", "between")):
        raise Unreadable(f"{facet} {how}: expected one value, found {', '.join(values) or 'nothing'}")
    return _condition(facet, how, values), rest


def _values(tokens: list[str]) -> tuple[list[str], list[str]]:
    """The values up to the next and, or, or closing bracket; commas part them, quotes keep them whole."""
    values: list[list[str]] = [[]]
    while tokens and tokens[0] not in ("and", "or", ")"):
        if tokens[0] == ",":
            values.append([])
        else:
            values[-1].append(tokens[0])
        tokens = tokens[1:]
    return [" ".join(words) for words in values if words], tokens


def _condition(facet: str, how: str, values: list[str]) -> Condition:
    operands = [_operand(value, number=how == "between" or how in _NUMBERS) for value in values]
    titles = {title for operand in operands if (title := operand.title)}

    def test(thing: Thing, stage: Stage) -> bool:
        own = thing.values(facet)
        given = [value for operand in operands for value in operand.read(stage)]
        if how == "includes":
            return any(holds_words(str(value), str(wanted)) for value in own for wanted in given)
        if how == "between" or how in _NUMBERS:
            numbers = [float(value) for value in own if isinstance(value, float)]
            limits = [float(value) for value in given if isinstance(value, float)]
            if how == "between":
                return any(limits[0] <= number <= limits[1] for number in numbers)
            return any(_NUMBERS[how](number, limit) for number in numbers for limit in limits)
        same = any(_same(value, wanted) for value in own for wanted in given)
        return same if how in ("is", "is one of") else not same

    columns = frozenset({facet, *(operand.facet for operand in operands if operand.facet)})
    exact = frozenset((facet, str(o.value)) for o in operands if how.startswith("is") and not o.facet)
    return Condition(test, columns, exact, frozenset(titles), any(operand.facet for operand in operands))


def _same(own: Value, wanted: Value) -> bool:
    if isinstance(own, str):
        return isinstance(wanted, str) and fold(own) == fold(wanted)
    try:
        return own == float(wanted)
    except ValueError:
        return False


@dataclass(frozen=True, slots=True)
class _Operand:
    """A value of a condition: itself, or the value that another item has (`runtime of item 1`)."""

    value: Value
    facet: str = ""
    reference: str = ""

    @property
    def title(self) -> str:
        return self.reference if self.reference and item_number(self.reference) is None else ""

    def read(self, stage: Stage) -> tuple[Value, ...]:
        return stage.pointed(self.reference).values(self.facet) if self.facet else (self.value,)


def _operand(words: str, number: bool) -> _Operand:
    match = re.fullmatch(r'(\w+) of (item \d+|last item|"[^"]+")', words)
    if match:
        return _Operand("", match[1], match[2].strip('"'))
    if not number:
        return _Operand(words.strip('"'))
    try:
        return _Operand(float(words))
    except ValueError:
        raise Unreadable(f"expected a number or 'year of item 1', found {words!r}") from None
