"""What happened in a simulated conversation: values only, made while it is played, judged afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from evaluation.simulate.wants import Want
from retrieval.items import Constraint


@dataclass(frozen=True, slots=True)
class Exchange:
    """One message and its answer.

    `act` is what the person did ("wish", "more", "why", …) and `meant` what it was to say. `asks` tells
    whether items were to be expected. `conditions` are those stated by then and not withdrawn,
    `complaints` what this very message found wrong, `news` what it wished for that was not said before.
    `known` are the ids shown before this answer, `declined` those that were said or clicked to be
    unwanted, or seen.
    """

    said: str
    act: str
    meant: tuple[str, ...]
    clicks: tuple[tuple[str, str], ...]
    asks: bool
    conditions: tuple[Want, ...]
    complaints: tuple[Want, ...]
    news: tuple[Want, ...]
    known: frozenset[str]
    declined: frozenset[str]
    reply: str
    move: str
    items: tuple[str, ...]
    question: str
    options: tuple[str, ...]
    let_go: tuple[Constraint, ...]
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Transcript:
    """One conversation. `ended` is "accepted", "left" (out of patience) or "turns" (out of turns)."""

    person: int
    temper: str
    variant: str
    wants: tuple[str, ...]
    target: str  # id: the latest, where the mind changed
    targets: tuple[str, ...]  # every target it ever had
    acceptable: int  # how many items would have done, at the end
    exchanges: tuple[Exchange, ...]
    accepted: str | None
    ended: str
    leaks: tuple[str, ...] = ()

    @property
    def turns(self) -> int:
        """Messages that were sent."""
        return len(self.exchanges)


def markdown(
    transcripts: Iterable[Transcript],
    titles: Mapping[str, str],
    problems: Callable[[Exchange], Sequence[str]],
) -> str:
    """The conversations for people to read. `titles` names items by id; `problems` says what is wrong with an
    answer."""
    lines: list[str] = []
    for one in transcripts:
        lines += [
            f"## {one.temper} person {one.person}, {one.variant}",
            "",
            f"Hidden taste: {'; '.join(one.wants)}. Target: {' → '.join(titles[key] for key in one.targets)} "
            f"({one.acceptable} items would do).",
            "",
        ]
        for number, entry in enumerate(one.exchanges, 1):
            lines += [f"*clicks {kind} on {titles[key]}*  " for key, kind in entry.clicks]
            lines += [
                f"**{number}. {entry.said}**  ",
                f"*({entry.act}: {'; '.join(entry.meant)})*  " if entry.meant else "",
            ]
            lines += ["", f"> [{entry.move}] {entry.reply}"]
            if entry.items:
                lines += [">", f"> {' · '.join(titles[key] for key in entry.items)}"]
            if entry.question:
                lines += [">", f"> *asks about {entry.question}: {' | '.join(entry.options)}*"]
            lines += [f"\n⚠ {problem}" for problem in problems(entry)]
            lines.append("")
        end = (
            f"takes {titles[one.accepted]}"
            if one.accepted
            else {"left": "gives up", "turns": "out of turns"}[one.ended]
        )
        lines += [f"*{end}*", ""]
    return "\n".join(lines)
