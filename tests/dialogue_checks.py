"""The checks that a script may make of one reply: each reads its line into a test of a `Stage`."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.dialogue_condition import Condition, Unreadable, read_condition
from tests.dialogue_shelf import Value, fold, holds_words
from tests.dialogue_stage import MOVES, CannotCheck, Stage, item_number, names

Test = Callable[[Stage], str | None]
"""Looks at a reply and says what is wrong with it, None where nothing is."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line under a message: its place, its words, its test, and the titles that it speaks of."""

    line: int
    text: str
    test: Test
    condition: Condition | None = None
    titles: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return self.text.split(":", 1)[0]


def read_check(line: int, key: str, rest: str) -> Check:
    """One check of the grammar in `README.md`; raises `Unreadable` where it isn't one."""
    text = f"{key}: {rest}"
    if key in ("every", "some", "none"):
        condition = read_condition(rest)
        return Check(line, text, partial(_items, key, condition), condition, condition.titles)
    if key in ("includes", "excludes"):
        return Check(line, text, partial(_named, key == "includes", rest), titles=_title(rest))
    if key == "says":
        return Check(line, text, _says(rest), titles=_title(rest.partition(" of ")[2].strip('"')))
    if key not in _OF_REPLY:
        raise Unreadable(f"unknown check {key!r}: use one of {', '.join(sorted([*_OF_REPLY, *_OF_ITEMS]))}")
    return Check(line, text, _OF_REPLY[key](rest))


def _title(reference: str) -> frozenset[str]:
    return frozenset() if item_number(reference) is not None else frozenset({reference})


# ---------------------------------------------------------------- move, sizes, items


def _move(rest: str) -> Test:
    refused = rest.startswith("not ")
    moves = rest.removeprefix("not ").split(" or ")
    for move in moves:
        if move not in MOVES:
            raise Unreadable(f"unknown move {move!r}: use {', '.join(MOVES)}")

    def test(stage: Stage) -> str | None:
        return None if (stage.turn["move"] in moves) is not refused else f"the move was {stage.turn['move']}"

    return test


def _size(rest: str, what: Callable[[Stage], int], unit: str) -> Test:
    shapes = {
        r"(\d+) to (\d+)": (0, 1),
        r"at least (\d+)": (0, None),
        r"at most (\d+)": (None, 0),
        r"(\d+)": (0, 0),
    }
    for shape, (low, high) in shapes.items():
        match = re.fullmatch(shape, rest)
        if match:
            numbers = [int(group) for group in match.groups()]
            least = 0 if low is None else numbers[low]
            most = 10**6 if high is None else numbers[high]
            return lambda stage: None if least <= what(stage) <= most else f"found {what(stage)} {unit}"
    raise Unreadable(f"expected '3', '3 to 5', 'at least 3' or 'at most 3', found {rest!r}")


def _list(rest: str) -> Test:
    size = "0" if rest == "empty" else rest
    return _size(size, lambda stage: len(stage.turn.get("recommendations") or []), "in the list")


def _quick_replies(rest: str) -> Test:
    size = {"yes": "at least 1", "no": "0"}.get(rest, rest)
    return _size(size, lambda stage: len(stage.turn.get("quick_replies") or []), "quick replies")


def _question(rest: str) -> Test:
    size = {"one": "1", "no": "0", "at most one": "at most 1"}.get(rest)
    if size is None:
        raise Unreadable(f"expected 'question: one', 'at most one' or 'no', found {rest!r}")
    return _size(size, _questions, "questions")


def _questions(stage: Stage) -> int:
    text = stage.text
    for thing in stage.shelf:
        if "?" in thing.title:
            text = text.replace(thing.title, "")
    return len(re.findall(r"[?？]+", text))


def _new(rest: str) -> Test:
    if rest != "yes":
        raise Unreadable(f"expected 'new: yes', found {rest!r}")

    def test(stage: Stage) -> str | None:
        again = [thing for thing in stage.listed if thing.id in stage.offered | stage.refused()]
        return f"offers again: {names(again)}" if again else None

    return test


def _items(key: str, condition: Condition, stage: Stage) -> str | None:
    listed = stage.listed
    met = [thing for thing in listed if condition.test(thing, stage)]
    if key == "every" and len(met) < len(listed):
        return f"not true of {names([thing for thing in listed if thing not in met])}"
    if key == "some" and not met:
        return f"true of none of these: {names(listed)}"
    return f"true of {names(met)}" if key == "none" and met else None


def _named(wanted: bool, reference: str, stage: Stage) -> str | None:
    meant = stage.shelf.called(reference) if item_number(reference) is None else [stage.pointed(reference)]
    if not meant:
        raise CannotCheck(f"the catalogue holds no {reference!r}")
    if any(thing in stage.listed for thing in meant) is wanted:
        return None
    return f"{names(meant)} {'is not' if wanted else 'is'} in the list"


# ---------------------------------------------------------------- words


def _phrases(rest: str) -> list[Callable[[str], bool]]:
    """`"some words" or /a pattern/ or …` as tests of a text."""
    one = r"\"([^\"]+)\"|/((?:\\.|[^/\\])+)/"
    if not re.fullmatch(rf"(?:{one})(?: or (?:{one}))*", rest):
        raise Unreadable(f"expected \"words in quotes\" or /a pattern/, joined with 'or', found {rest!r}")
    return [partial(_matches, pattern, words) for words, pattern in re.findall(one, rest)]


def _matches(pattern: str, words: str, text: str) -> bool:
    if pattern:
        return re.search(pattern, fold(text), re.IGNORECASE) is not None
    return holds_words(text, words)


def _words(rest: str) -> Test:
    refused = rest.startswith("not ")
    phrases = _phrases(rest.removeprefix("not "))

    def test(stage: Stage) -> str | None:
        found = any(phrase(stage.text) for phrase in phrases)
        return None if found is not refused else f"the reply {'says' if found else 'does not say'} it"

    return test


def _reason(rest: str) -> Test:
    how, _, phrase = rest.partition(" ")
    if how not in ("some", "every", "none"):
        raise Unreadable(f"expected 'some', 'every' or 'none' and then \"words\", found {rest!r}")
    phrases = _phrases(phrase)

    def test(stage: Stage) -> str | None:
        reasons = [
            " ".join(str(reason["text"]) for reason in entry.get("reasons") or [])
            for entry in stage.turn.get("recommendations") or []
        ]
        met = [any(phrase(text) for phrase in phrases) for text in reasons]
        right = {"some": any(met), "every": all(met), "none": not any(met)}[how]
        return None if right else "the reasons were: " + " | ".join(reasons)

    return test


def _says(rest: str) -> Test:
    facet, of, reference = rest.partition(" of ")
    if not of:
        raise Unreadable(f"expected 'says: directors of item 1', found {rest!r}")

    def test(stage: Stage) -> str | None:
        thing = stage.pointed(reference.strip('"'))
        values = thing.values(facet)
        if not values:
            raise CannotCheck(f"{thing} has no {facet}")
        said = any(_says_value(value, stage.text) for value in values)
        return None if said else f"the {facet} of {thing}: {', '.join(map(str, values))}"

    return test


def _says_value(value: Value, text: str) -> bool:
    """Whether the text says the value; 170 also as "2 h 50 min", 1.2 also as "1.20", 1200 as "1,200"."""
    if isinstance(value, str):
        return holds_words(text, value)
    text = re.sub(r"(?<=\d),(?=\d{3}\b)", "", fold(text))
    hours, minutes = divmod(round(value), 60)
    clock = rf"\b{hours} ?h\w*[ ,]*(?:and )?0?{minutes}\b" if minutes else rf"\b{hours} ?h"
    point = "" if "." in f"{value:g}" else r"(?:\.0+)?"
    number = rf"(?<![\d.]){re.escape(f'{value:g}')}{point or '0*'}(?!\.?\d)"
    return re.search(number, text) is not None or re.search(clock, text) is not None


# ---------------------------------------------------------------- taste


def _taste(rest: str) -> Test:
    if rest == "empty":
        return lambda stage: f"the taste holds: {_held(stage)}" if stage.taste else None
    match = re.fullmatch(r"(not )?(likes|dislikes|seen) (.+?)(?: \((hard|soft)\))?", rest)
    if not match:
        raise Unreadable(f"expected 'likes|dislikes|seen subject', 'not …' or 'empty', found {rest!r}")
    refused, feeling, subjects, force = (
        bool(match[1]),
        match[2].removesuffix("s"),
        match[3].split(" or "),
        match[4],
    )

    def test(stage: Stage) -> str | None:
        found = any(
            entry["feeling"] == feeling
            and (force is None or bool(entry.get("hard")) is (force == "hard"))
            and any(_about(subject, str(entry["subject"]), stage) for subject in subjects)
            for entry in stage.taste
        )
        return None if found is not refused else f"the taste holds: {_held(stage)}"

    return test


def _held(stage: Stage) -> str:
    entries = (f"{e['feeling']} {e['subject']}{' (hard)' * bool(e.get('hard'))}" for e in stage.taste)
    return ", ".join(entries) or "nothing"


def _about(wanted: str, subject: str, stage: Stage) -> bool:
    if wanted.startswith("/"):
        return re.search(wanted.strip("/"), fold(subject)) is not None
    if item_number(wanted) is not None:
        wanted = stage.pointed(wanted).title
    return holds_words(subject, wanted.strip('"'))


_OF_ITEMS = ("every", "some", "none", "includes", "excludes", "says")
_OF_REPLY: dict[str, Callable[[str], Test]] = {
    "move": _move,
    "list": _list,
    "quick replies": _quick_replies,
    "question": _question,
    "new": _new,
    "words": _words,
    "reason": _reason,
    "taste": _taste,
}
