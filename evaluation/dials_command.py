"""`genre evaluate dials`: what each dial costs, whether feedback pays, how fast interests should fade."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click

from evaluation import recency, replay
from evaluation.dials import MEASURES, OFF, Measured, changes, cheapest, means, measure, settings, shortlists
from evaluation.dials_data import Ground, Signals, from_dialogues, from_ratings
from evaluation.intervals import Interval
from evaluation.plots import curves, trade_off
from evaluation.report import Column, Plot, Report, Table, Value, machine
from evaluation.run import Run, measured
from evaluation.work import each, key_of
from retrieval.dials import Dials

STEPS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.75, 1.0)
#: The step, and the measures, that the table in the terminal shows.
BRIEF = 0.3
BRIEFLY = ("NDCG@10", "NDCG@50", "similarity", "shared categories", "novelty", "unexpected", "tail")
PARTS = ("dials", "feedback", "fading")
#: Regularisation of EASE in people: tuned on the training parts of ReDial and MovieLens small.
_REGULARISATION = {"dialogues": 20.0, "ratings": 300.0}


@dataclass(frozen=True)
class Measurement:
    """One part of the measurement by its name; what it stands on is made once in each process."""

    data: Path
    items: Path | None
    split: str
    least: float
    limit: int | None
    seed: int

    @cached_property
    def ground(self) -> Ground:
        if self.data.is_dir():
            ground = from_dialogues(self.data, self.split)
        else:
            ground = from_ratings(self.data, self.items, self.least)
        cases = ground.cases[: self.limit] if self.limit else ground.cases
        return Ground(ground.name, ground.train, ground.items, ground.traits, cases, ground.facts)

    @cached_property
    def signals(self) -> Signals:
        return Signals(self.ground, _REGULARISATION[self.ground.name])

    def __call__(self, part: str) -> Any:
        if part == "feedback":
            on = replay.on_dialogues if self.ground.name == "dialogues" else replay.on_ratings
            return on(self.ground, self.signals, self.seed)
        if part == "fading":
            strength = _REGULARISATION[self.ground.name]
            return (
                recency.fading(self.ground, strength, self.seed),
                recency.sessions(self.ground, strength, self.seed),
            )
        return self._dials()

    def _dials(self) -> Mapping[str, list[Row]]:
        shorts = shortlists(self.ground, self.signals.score)
        groups = [short.case.group for short in shorts]
        base = measure(self.ground, shorts, OFF)

        def row(name: str, found: Measured) -> Row:
            change = changes(found, base, groups, self.seed)
            return Row(name, means(found, groups, self.seed), change, found.gini, found.coverage)

        found = {
            "default": [
                row("all dials at 0", base),
                row("the default", measure(self.ground, shorts, Dials())),
            ]
        }
        for dial, swept in settings(STEPS).items():
            measures = [measure(self.ground, shorts, one) for one in swept]
            found[dial] = [row(f"{dial} {step:g}", one) for step, one in zip(STEPS, measures, strict=True)]
            if dial == "diversity" and (best := cheapest(measures, base, measure="similarity", less=0.2)):
                found["target"] = [row(f"diversity {best[0].dials.diversity:g}", best[0])]
        return found


@dataclass(frozen=True)
class Row:
    """One setting: what its lists are like, what it changes in percent, and shares of the catalogue."""

    name: str
    means: Mapping[str, Interval]
    changes: Mapping[str, Interval]
    gini: float
    coverage: float


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True),
    required=True,
    help="A folder of dialogues in ReDial's format, or a file of ratings (user, item, rating, time).",
)
@click.option(
    "--items",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="The catalogue that a file of ratings is about.",
)
@click.option(
    "--split", default="valid", show_default=True, help="Which part of the dialogues to measure on."
)
@click.option(
    "--relevant", default=4.0, show_default=True, help="The least rating that counts as liked, for ratings."
)
@measured
def command(run: Run, data: Path, items: Path | None, split: str, relevant: float) -> None:
    """Trade accuracy for diversity, novelty, serendipity and fairness, and see what each costs.

    The same lists are made at every setting of every dial. The base ranking (popularity, item neighbours,
    EASE, likeness) is fitted on the training part alone. Also measured: whether leaning by feedback pays, and
    how fast interests should fade.
    """
    work = Measurement(data, items, split, relevant, run.limit, run.seed)
    key = key_of("dials", data, items, split, relevant, run.limit, run.seed)
    dials, feedback, fading = each(
        work, PARTS, workers=min(run.workers, len(PARTS)), store=run.store, key=key, label="Dials"
    )
    run.finish(report(run, work.ground.facts, dials, feedback, fading))


def report(
    run: Run,
    facts: Mapping[str, Any],
    dials: Mapping[str, Sequence[Row]],
    feedback: Mapping[str, tuple[Interval, Interval, int]],
    fading: tuple[list[recency.Row], list[recency.Row]],
) -> Report:
    """The tables and plots of one run."""
    swept = {name: rows for name, rows in dials.items() if name not in ("default", "target")}
    in_brief = [
        *dials["default"],
        *dials.get("target", ()),
        *(rows[STEPS.index(BRIEF)] for rows in swept.values()),
    ]
    tables = [
        _changes("What a dial changes", _once(in_brief)),
        *(_means(f"The dial {name}", [dials["default"][0], *rows]) for name, rows in swept.items()),
        _feedback(feedback),
        *(_fading(title, rows) for title, rows in zip(_FADING, fading, strict=True) if rows),
    ]
    return Report(
        title="Dials: accuracy against diversity, novelty, serendipity and fairness",
        command=run.command,
        about="Each dial is turned up alone, the others at 0. A list has 10 items out of the best 60 of the "
        "base ranking; NDCG@50 counts the rest of these behind them. Similarity is the mean cosine of a "
        "list's pairs by words and facets, which the diversity dial looks at; shared categories are a check "
        "that it doesn't look at.",
        tables=tuple(tables),
        plots=_plots(dials["default"][0], swept),
        facts={
            **facts,
            "base ranking": dict(Signals.WEIGHTS),
            "default dials": str(Dials()),
            "seed": run.seed,
            **machine(),
        },
    )


_FADING = ("How fast interests should fade", "What earlier sessions should count")


def _once(rows: Sequence[Row]) -> list[Row]:
    return list({row.name: row for row in rows}.values())


def _changes(title: str, rows: Sequence[Row]) -> Table:
    columns = [
        Column("setting"),
        *(Column(name, "change, %", MEASURES[name][1], 1) for name in BRIEFLY),
        Column("Gini", "of exposure", "lower"),
    ]
    values: list[dict[str, Value]] = [{"setting": row.name, **row.changes, "Gini": row.gini} for row in rows]
    values[0] |= dict.fromkeys(MEASURES, 0.0)
    note = "Changes in percent of the lists with all dials at 0, with 95% intervals over people or dialogues."
    return Table(title, tuple(columns), tuple(values), note)


def _means(title: str, rows: Sequence[Row]) -> Table:
    columns = [
        Column("setting"),
        *(Column(name, unit, better) for name, (unit, better) in MEASURES.items()),
        Column("Gini", "of exposure", "lower"),
        Column("coverage", "", "higher"),
    ]
    values: list[dict[str, Value]] = [
        {"setting": row.name, **row.means, "Gini": row.gini, "coverage": row.coverage} for row in rows
    ]
    return Table(title, tuple(columns), tuple(values))


def _feedback(rows: Mapping[str, tuple[Interval, Interval, int]]) -> Table:
    columns = (
        Column("policy"),
        Column("value", "reward or NDCG@10", "higher", 4),
        Column("difference", "to no bandit", "higher", 4),
        Column("decisions", "that count"),
    )
    learning = [name for name, bandit in replay.POLICIES.items() if bandit is not None]
    values: list[dict[str, Value]] = [
        {
            "policy": name,
            "value": value,
            "difference": difference if name in learning else None,
            "decisions": n,
        }
        for name, (value, difference, n) in rows.items()
    ]
    note = (
        "Ratings: mean reward (1 liked, -1 disliked) of replayed choices, logged evenly by chance. "
        "Dialogues: NDCG@10 of later recommendations, after what came of the earlier ones."
    )
    return Table("Does leaning by feedback pay?", columns, tuple(values), note)


def _fading(title: str, rows: Sequence[recency.Row]) -> Table:
    columns = (
        Column("history"),
        Column("NDCG@10", "", "higher", 4),
        Column("difference", "to the first", "higher", 4),
    )
    values: list[dict[str, Value]] = [
        {"history": name, "NDCG@10": value, "difference": by if at else None}
        for at, (name, value, by) in enumerate(rows)
    ]
    return Table(title, columns, tuple(values))


def _plots(off: Row, swept: Mapping[str, Sequence[Row]]) -> tuple[Plot, ...]:
    brings = {
        "diversity": "similarity",
        "novelty": "novelty",
        "serendipity": "unexpected",
        "fairness": "tail",
    }
    frontier = {
        name: [(0.0, 0.0), *((row.changes[brings[name]].value, row.changes["NDCG@10"].value) for row in rows)]
        for name, rows in swept.items()
    }
    steps = [0.0, *STEPS]
    ndcg = {
        name: [off.means["NDCG@10"], *(row.means["NDCG@10"] for row in rows)] for name, rows in swept.items()
    }
    return (
        trade_off(
            "What diversity costs",
            {"diversity": [(-x, y) for x, y in frontier["diversity"]]},
            x_label="less similarity within lists, %",
            y_label="change of NDCG@10, %",
        ),
        trade_off(
            "What being less known and less expected costs",
            {name: points for name, points in frontier.items() if name != "diversity"},
            x_label="gain of novelty, unexpectedness or long tail, %",
            y_label="change of NDCG@10, %",
        ),
        curves(
            "NDCG@10 as a dial is turned up", steps, ndcg, x_label="dial", y_label="NDCG@10",
            caption="Bands are 95% intervals.",
        ),
    )  # fmt: skip
