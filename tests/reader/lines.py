"""Readings as short lines, so that a table can say what a message must mean.

act request            must genres: horror      likes moods: funny       never genres: war
less text: violent     must runtime: ..100      must year: 1980..1989    likes item: heat
dislikes item: heat    seen item: heat          means heat               which solaris-1972, solaris-2002
forget price           forget genres: horror    forget everything        asks directors
asks moods=scary       count 2                  open / fresh / replaces  leftover lighthouse
unknown Barbarella     either genres: comedy (a "must" that is one of several alternatives)
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

import pytest

from chat.reply import Question
from prompts.dialogue import Interest, Reading
from retrieval.items import Bounds
from tests import shelves_for_tests as shelves

#: Lines that a table has to name wherever they appear: what changes the list, or rules something out.
WEIGHTY = (
    "must ",
    "either ",
    "never ",
    "seen ",
    "forget ",
    "dislikes ",
    "likes ",
    "less ",
    "which ",
    "count ",
)


@dataclass(frozen=True)
class Case:
    """A message and what it must mean: lines parted by ";", with `*` for anything and "no …" for what must
    not be there. Weighty lines that it doesn't name are wrong too, apart from soft free words."""

    said: str
    means: str
    shown: str = ""
    focus: str = ""
    taste: tuple[Interest, ...] = ()
    question: Question | None = None
    asking: str = ""

    @property
    def turn(self) -> int:
        """A message with something before it is a second one."""
        return 2 if self.shown or self.focus or self.taste or self.question else 1

    def read(self, catalogue: str) -> Reading:
        """The reading of the message in its context."""
        context = shelves.context(
            shelves.shelf(catalogue),
            shown=self.shown.split(),
            focus=self.focus.split(),
            taste=self.taste,
            question=self.question,
            asking=self.asking,
            turn=self.turn,
        )
        return shelves.reader(catalogue).read(self.said, context)


def cases(*table: Case) -> list[object]:
    """The table as parameters, each called by its message."""
    return [pytest.param(case, id=f"{case.said}{' <' if case.turn > 1 else ''}") for case in table]


def known_gaps(table: Sequence[tuple[str, Case]]) -> list[object]:
    """Cases that fail today, each with why it matters; one that passes must lose its mark."""
    return [
        pytest.param(
            case,
            id=f"{case.said}{' <' if case.turn > 1 else ''}",
            marks=pytest.mark.xfail(strict=True, reason=reason),
        )
        for reason, case in table
    ]


def wrong(case: Case, reading: Reading) -> list[str]:
    """What the reading lacks or has too much, in words."""
    told = list(lines(reading))
    wanted = [part.strip() for part in case.means.split(";") if part.strip()]
    absent = [part.removeprefix("no ") for part in wanted if part.startswith("no ")]
    wanted = [part for part in wanted if not part.startswith("no ")]
    out = [f"lacks “{part}”" for part in wanted if not any(fnmatchcase(line, part) for line in told)]
    out += [f"has “{line}”" for line in told for part in absent if fnmatchcase(line, part)]
    for line in told:
        soft_words = line.startswith(("likes text", "less text"))
        if line.startswith(WEIGHTY) and not soft_words and not any(fnmatchcase(line, one) for one in wanted):
            out.append(f"adds “{line}”")
    return [*out, f"read as: {'; '.join(told)}"] if out else []


def lines(reading: Reading) -> Iterator[str]:
    """The reading, line by line."""
    yield f"act {reading.act}"
    for interest in reading.interests:
        said = span(interest.bounds) if interest.bounds else interest.value
        yield f"{_verb(interest)} {interest.kind}: {said}"
    for gone in reading.retractions:
        about = f"{gone.kind}: {gone.value}" if gone.value else gone.kind
        yield f"forget {about or 'everything'}"
    for mention in reading.mentions:
        yield f"means {mention.item_id}"
    for ambiguity in reading.ambiguities:
        yield f"which {', '.join(ambiguity.item_ids)}"
    if reading.asked or reading.asked_value:
        yield f"asks {reading.asked}{'=' if reading.asked_value else ''}{reading.asked_value}"
    if reading.count is not None:
        yield f"count {reading.count}"
    yield from (name for name in ("replaces", "open", "fresh") if getattr(reading, name))
    if reading.leftover:
        yield f"leftover {reading.leftover}"
    yield from (f"unknown {name}" for name in reading.unknown)


def _verb(interest: Interest) -> str:
    if interest.feeling == "seen":
        return "seen"
    if interest.kind == "item":
        return "likes" if interest.feeling == "like" else "dislikes"
    if interest.feeling == "dislike":
        return "never" if interest.hard else "less"
    if not interest.hard:
        return "likes"
    return "either" if interest.group else "must"


def span(bounds: Bounds) -> str:
    """A range as "1980..1989", open ends left empty."""
    low = "" if bounds.low is None else f"{bounds.low:g}"
    high = "" if bounds.high is None else f"{bounds.high:g}"
    return f"{low}..{high}"
