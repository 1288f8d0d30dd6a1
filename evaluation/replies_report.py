"""The report of `genre evaluate replies`: one row a voice, problems by kind, moves, examples."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from chat.reply import MOVES
from evaluation import repetition
from evaluation.claims import PROBLEMS
from evaluation.intervals import Interval, bootstrap, bootstrap_of
from evaluation.plots import COLOURS, LINES, bars, canvas, finished
from evaluation.replies import Answered, Played
from evaluation.report import Column, Plot, Report, Table, Value

Voices = Mapping[str, Sequence[Played]]
"""For each voice, its conversations: the same ones for all."""

#: Unbacked replies and reasons that are printed in full, at most, for each voice.
EXAMPLES = 25
ABOUT = (
    "The same messages are sent to each voice. Every title, person, facet value, number and passage of a"
    " reply is held against the facts of the very item it is said of, by a checker that shares no code with"
    " the house's own; every reason on a card against the person's message and the item's facts."
)


def report(voices: Voices, *, command: str, facts: Mapping[str, Any], seed: int) -> Report:
    """All that was measured over these conversations."""
    tables = (
        Table(
            "Replies by voice",
            _COLUMNS,
            tuple(_row(name, played, seed) for name, played in voices.items()),
            _NOTE,
        ),
        _variety(voices),
        _problems(voices, seed),
        _moves(voices),
        _examples(voices),
    )
    return Report("What replies claim", command, ABOUT, tables, tuple(_plots(voices, seed)), facts)


_COLUMNS = (
    Column("voice"),
    Column("backed", "share of replies", "higher"),
    Column("true reasons", "share of reasons", "higher"),
    Column("planted found", "share of falsehoods", "higher"),
    Column("own words", "share of replies"),
    Column("drafts pass", "share of drafts", "higher"),
    Column("sentences again", "share", "lower"),
    Column("4-grams again", "share", "lower"),
    Column("distinct-1", "", "higher"),
    Column("distinct-2", "", "higher"),
    Column("same opening", "words", "lower", 1),
    Column("length", "words", "", 1),
    Column("longest", "words"),
    Column("time", "ms, median", "lower", 0),
    Column("replies"),
)
_NOTE = (
    "Backed: nothing in the reply lacks a fact behind it. Planted found: of replies with one fact exchanged"
    " for a wrong one, the share that the checker objects to; it tells how much the first column can miss."
    " Own words: not replaced by the plain voice. Drafts pass: of the replies that a model was asked for,"
    " those whose first draft passed the check. Again: said before in the same conversation. Distinct-n is"
    " over each conversation; same opening: the most words with which an earlier reply of it began alike."
)


def _replies(played: Sequence[Played]) -> Iterator[tuple[str, Answered]]:
    for one in played:
        for reply in one.replies:
            yield one.name, reply


def _mean(played: Sequence[Played], measure: Callable[[Answered], float | None], seed: int) -> Interval:
    found = [(measure(reply), name) for name, reply in _replies(played)]
    return bootstrap(
        [np.nan if value is None else value for value, _ in found], [name for _, name in found], seed=seed
    )


def _share(pairs: Sequence[tuple[str, int, int]], seed: int) -> Interval:
    """The ratio of two totals, resampled by conversation."""

    def ratio(totals: Any) -> Any:
        whole = totals[:, 1]
        return np.divide(totals[:, 0], whole, out=np.full(len(totals), np.nan), where=whole > 0)

    return bootstrap_of(ratio, [pair[1:] for pair in pairs], [pair[0] for pair in pairs], seed=seed)


def _talkwise(played: Sequence[Played], measure: Callable[[list[str]], float], seed: int) -> Interval:
    texts = [[reply.text for reply in one.replies] for one in played]
    return bootstrap([measure(one) for one in texts], [one.name for one in played], seed=seed)


def _row(name: str, played: Sequence[Played], seed: int) -> dict[str, Value]:
    again = [
        (one.name, *pair)
        for one in played
        for pair in repetition.repeated_sentences([reply.text for reply in one.replies])
    ]
    grams = [
        (one.name, *pair)
        for one in played
        for pair in repetition.repeated_ngrams([reply.text for reply in one.replies])
    ]
    reasons = [(talk, reply.reasons - len(reply.faults), reply.reasons) for talk, reply in _replies(played)]
    everything = [reply for _, reply in _replies(played)]
    lengths = [len(repetition.words(reply.text)) for reply in everything]
    return {
        "voice": name,
        "backed": _mean(played, lambda reply: float(not reply.problems), seed),
        "true reasons": _share(reasons, seed),
        "planted found": _mean(
            played, lambda reply: None if reply.planted is None else float(reply.planted), seed
        ),
        "own words": float(np.mean([_own(name, reply) for reply in everything])) if everything else None,
        "drafts pass": _mean(
            played, lambda reply: float(reply.voice != "plain") if reply.drafted else None, seed
        ),
        "sentences again": _share(again, seed),
        "4-grams again": _share(grams, seed),
        "distinct-1": _talkwise(played, lambda texts: repetition.distinct(texts, 1), seed),
        "distinct-2": _talkwise(played, lambda texts: repetition.distinct(texts, 2), seed),
        "same opening": _talkwise(
            played, lambda texts: float(max(repetition.shared_openings(texts), default=0)), seed
        ),
        "length": _mean(played, lambda reply: float(len(repetition.words(reply.text))), seed),
        "longest": max(lengths, default=0),
        "time": float(np.median([reply.ms for reply in everything])) if everything else None,
        "replies": len(everything),
    }


#: Replies over which variety is counted: the same number for each voice, since it falls with their number.
VARIED = 500


def _variety(voices: Voices) -> Table:
    """How varied replies are from one conversation to the next."""
    texts = {name: [reply.text for _, reply in _replies(played)] for name, played in voices.items()}
    count = min([VARIED, *(len(one) for one in texts.values())])
    rows: list[Mapping[str, Value]] = [
        {
            "voice": name,
            "distinct-2": repetition.distinct(one[:count], 2),
            "shared prefix": max(repetition.shared_openings(one[:count]), default=0),
            "said before": float(np.mean([text in one[:place] for place, text in enumerate(one[:count])])),
        }
        for name, one in texts.items()
        if count
    ]
    columns = (
        Column("voice"),
        Column("distinct-2", "", "higher"),
        Column("shared prefix", "words", "lower"),
        Column("said before", "share of replies", "lower"),
    )
    note = (
        "Over all conversations together. Shared prefix: the most words with which two replies begin alike."
    )
    return Table(f"Variety of {count} replies", columns, tuple(rows), note)


def _count_of(kind: str) -> Callable[[Answered], float]:
    return lambda reply: 100.0 * sum(one.kind == kind for one in reply.problems)


def _backed_in(move: str) -> Callable[[Answered], float | None]:
    return lambda reply: float(not reply.problems) if reply.move == move else None


def _own(name: str, reply: Answered) -> bool:
    return name == "plain" or reply.voice != "plain"


def _problems(voices: Voices, seed: int) -> Table:
    rows = []
    for kind in PROBLEMS:
        row: dict[str, Value] = {"kind": kind}
        for name, played in voices.items():
            row[name] = _mean(played, _count_of(kind), seed)
        rows.append(row)
    columns = (Column("kind"), *(Column(name, "per 100 replies", "", 2) for name in voices))
    return Table("What nothing bears out", columns, tuple(rows), _KINDS)


_KINDS = (
    "title: an item that is neither offered nor spoken of by the person; person, value, number: not this"
    " item's; quotation: words that neither the item's text nor the person has; extreme: “the longest” that"
    " is not; denial: said not to have what it has; empty: “nothing is left” where something is; name: a name"
    " that nothing knows."
)


def _moves(voices: Voices) -> Table:
    rows = []
    for move in MOVES:
        row: dict[str, Value] = {"move": move}
        for name, played in voices.items():
            counts = Counter(reply.move for _, reply in _replies(played))
            row[name] = counts[move] / max(1, counts.total())
        rows.append(row)
    return Table(
        "Replies by move",
        (Column("move"), *(Column(name, "share of replies") for name in voices)),
        tuple(rows),
    )


def _examples(voices: Voices) -> Table:
    rows: list[dict[str, Value]] = []
    for name, played in voices.items():
        wrong = [(talk, reply) for talk, reply in _replies(played) if reply.problems or reply.faults]
        for talk, reply in wrong[:EXAMPLES]:
            what = "; ".join([*map(str, reply.problems), *reply.faults])
            rows.append(
                {"voice": f"{name}, {talk}", "said": reply.said, "reply": reply.text, "what is wrong": what}
            )
    columns = (Column("voice"), Column("said"), Column("reply"), Column("what is wrong"))
    return Table("Examples", columns, tuple(rows), "" if rows else "Nothing was found.")


def _plots(voices: Voices, seed: int) -> Iterator[Plot]:
    yield bars(
        "Backed replies, by voice and move",
        {
            f"{name}, {move}": _mean(played, _backed_in(move), seed)
            for name, played in voices.items()
            for move in MOVES
        },
        x_label="share of replies without a claim that nothing bears out",
        caption="Lines are 95% intervals, resampling whole conversations.",
    )
    figure, axes = canvas()
    lengths = {
        name: [len(repetition.words(reply.text)) for _, reply in _replies(played)]
        for name, played in voices.items()
    }
    edges = np.arange(0, max((max(held, default=0) for held in lengths.values()), default=0) + 10, 5)
    for place, (name, held) in enumerate(lengths.items()):
        share, _ = np.histogram(held, bins=edges)
        axes.step(
            edges[:-1],
            share / max(1, len(held)),
            where="post",
            label=name,
            linewidth=1.8,
            color=COLOURS[place % len(COLOURS)],
            linestyle=LINES[place % len(LINES)],
        )
    axes.set(xlabel="words in a reply", ylabel="share of replies")
    if len(lengths) > 1:
        axes.legend()
    yield finished(figure, "Length of replies")
