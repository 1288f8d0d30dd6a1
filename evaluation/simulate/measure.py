"""Transcripts → figures: success, violations, repeats, questions, empty answers, time. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.intervals import Array, Interval, bootstrap, bootstrap_of, paired
from evaluation.simulate.transcript import Exchange, Transcript
from evaluation.simulate.wants import Want
from retrieval.items import Item

Look = Callable[[str], Item | None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one conversation, in numbers.

    `success` and `strict` are the turn at which something acceptable, and the target itself, was shown (None:
    never). `violations`, `released`, `repeats`, `kept` and `ignored` count items; `complained` those that
    answered a complaint.
    """

    person: int
    temper: str
    success: int | None
    strict: int | None
    turns: int
    shown: int
    violations: int
    released: int
    repeats: int
    kept: int
    ignored: int
    complained: int
    questions: int
    asked: int
    empty: int
    milliseconds: tuple[float, ...]


def violated(entry: Exchange, look: Look) -> list[tuple[str, str]]:
    """The items of an answer that break a condition stated and not withdrawn, each with that condition.

    A condition that the answer says it can't keep any longer is counted by `released`."""
    return _broken(entry, look, [want for want in entry.conditions if not _let_go(want, entry)])


def released(entry: Exchange, look: Look) -> list[tuple[str, str]]:
    """The items of an answer that break a condition which the answer openly lets go."""
    worse = {key for key, _ in violated(entry, look)}
    let_go = [want for want in entry.conditions if _let_go(want, entry)]
    return [(key, want) for key, want in _broken(entry, look, let_go) if key not in worse]


def _broken(entry: Exchange, look: Look, wants: Sequence[Want]) -> list[tuple[str, str]]:
    found = []
    for key in entry.items:
        item = look(key)
        broken = next((want for want in wants if item is not None and want.breaks(item)), None)
        if broken is not None:
            found.append((key, str(broken)))
    return found


def _let_go(want: Want, entry: Exchange) -> bool:
    return any(
        want.facet == constraint.facet
        and (want.value in constraint.values if want.bounds is None else constraint.bounds is not None)
        for constraint in entry.let_go
    )


def repeated(entry: Exchange, look: Look) -> list[str]:
    """The items of an answer that were shown before, and nobody asked to see again; declined and seen ones in
    any case. A list that is narrowed asks for those on it that meet the new wish: see `kept`."""
    stays = set(kept(entry, look))
    return [key for key in entry.items if key in entry.known | entry.declined and key not in stays]


def kept(entry: Exchange, look: Look) -> list[str]:
    """The items of an answer that were shown before and meet what its message newly wished for."""
    if not entry.news:
        return []
    return [
        key
        for key in entry.items
        if key in entry.known - entry.declined
        and (item := look(key)) is not None
        and all(bool(want.holds(item)) == (want.feeling == "like") for want in entry.news)
    ]


def ignored(entry: Exchange, look: Look) -> list[str]:
    """The items of an answer that are just what its message complained of."""
    return [
        key
        for key in entry.items
        if (item := look(key)) is not None and any(want.breaks(item) for want in entry.complaints)
    ]


def is_empty(entry: Exchange) -> bool:
    """Whether items were asked for and there were none."""
    return entry.asks and not entry.items


def outcome(transcript: Transcript, look: Look) -> Outcome:
    """The numbers of one conversation."""
    entries = transcript.exchanges
    strict = next((n for n, entry in enumerate(entries, 1) if transcript.target in entry.items), None)
    return Outcome(
        person=transcript.person,
        temper=transcript.temper,
        success=transcript.turns if transcript.accepted else None,
        strict=strict,
        turns=transcript.turns,
        shown=sum(len(entry.items) for entry in entries),
        violations=sum(len(violated(entry, look)) for entry in entries),
        released=sum(len(released(entry, look)) for entry in entries),
        repeats=sum(len(repeated(entry, look)) for entry in entries),
        kept=sum(len(kept(entry, look)) for entry in entries),
        ignored=sum(len(ignored(entry, look)) for entry in entries if entry.complaints),
        complained=sum(len(entry.items) for entry in entries if entry.complaints),
        questions=sum(bool(entry.question) or entry.move == "ask" for entry in entries),
        asked=sum(entry.asks for entry in entries),
        empty=sum(is_empty(entry) for entry in entries),
        milliseconds=tuple(entry.milliseconds for entry in entries),
    )


def summary(outcomes: Sequence[Outcome], *, seed: int = 0) -> dict[str, Interval | float]:
    """All figures of some conversations, with 95% intervals over people.

    `success`, `target` are shares of people; `turns` the mean turn of success; `violations`, `released`,
    `repeats` and `kept` percent of the items shown; `ignored` of those that answered a complaint;
    `questions` a conversation; `empty` percent of the messages that asked for items; `median` and `p95`
    milliseconds a turn.
    """
    people = np.array([one.person for one in outcomes])

    def mean(values: Sequence[float]) -> Interval:
        return bootstrap(np.array(values, dtype=np.float64), people, seed=seed)

    def rate(parts: Sequence[int], wholes: Sequence[int]) -> Interval:
        return bootstrap_of(_share, np.column_stack([parts, wholes]), people, seed=seed)

    times = np.array([spent for one in outcomes for spent in one.milliseconds])
    return {
        "success": mean([one.success is not None for one in outcomes]),
        "target": mean([one.strict is not None for one in outcomes]),
        "turns": mean([np.nan if one.success is None else one.success for one in outcomes]),
        "violations": rate([one.violations for one in outcomes], [one.shown for one in outcomes]),
        "released": rate([one.released for one in outcomes], [one.shown for one in outcomes]),
        "repeats": rate([one.repeats for one in outcomes], [one.shown for one in outcomes]),
        "kept": rate([one.kept for one in outcomes], [one.shown for one in outcomes]),
        "ignored": rate([one.ignored for one in outcomes], [one.complained for one in outcomes]),
        "questions": mean([one.questions for one in outcomes]),
        "empty": rate([one.empty for one in outcomes], [one.asked for one in outcomes]),
        "median": float(np.median(times)) if len(times) else float("nan"),
        "p95": float(np.quantile(times, 0.95)) if len(times) else float("nan"),
    }


def curve(outcomes: Sequence[Outcome], *, turns: int, seed: int = 0, strict: bool = False) -> list[Interval]:
    """The share of people who have found something (strictly: the target) by turn 1, 2, …, `turns`."""
    people = [one.person for one in outcomes]
    found = [one.strict if strict else one.success for one in outcomes]
    return [
        bootstrap([place is not None and place <= turn for place in found], people, seed=seed)
        for turn in range(1, turns + 1)
    ]


def gains(
    ours: Mapping[int, Outcome], theirs: Mapping[int, Outcome], *, turns: int, seed: int = 0
) -> dict[str, Interval]:
    """The mean differences for the same people, in success and in turns; failing counts as `turns` + 1."""
    people = sorted(ours.keys() & theirs.keys())
    pairs = [(ours[person], theirs[person]) for person in people]

    def cost(one: Outcome) -> float:
        return turns + 1 if one.success is None else one.success

    return {
        "success": paired(
            [one.success is not None for one, _ in pairs],
            [other.success is not None for _, other in pairs],
            people,
            seed=seed,
        ),
        "turns": paired(
            [cost(one) for one, _ in pairs], [cost(other) for _, other in pairs], people, seed=seed
        ),
    }


def _share(totals: Array) -> Array:
    """Ratio of (part, whole) in percent; nan where there is no whole."""
    whole = totals[:, 1]
    return np.asarray(100 * np.divide(totals[:, 0], whole, out=np.full(len(totals), np.nan), where=whole > 0))
