"""`genre evaluate ratings`: every recommender on a table of ratings, beside other libraries' and chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from evaluation.plots import canvas, finished
from evaluation.ratings import Measured
from evaluation.ratings_report import COLUMNS, against, cold_table, people_table, table_of
from evaluation.ratings_rows import COLD, COLD_PEOPLE, GIVEN, MIXTURES, Bench, Task, chosen_rows
from evaluation.references import references
from evaluation.report import Plot, Report, Table, machine, number
from evaluation.run import Run, measured
from evaluation.work import each, key_of

SPLITS = ("temporal", "leave-last", "kfold")
_ABOUT = """Everything is ranked that the person's training part does not hold, all of the catalogue, none of
it sampled. A person counts where something held back is relevant. Intervals are 95% bootstrap intervals over
people; Coverage and Gini are of all lists together and have none, since drawing people anew repeats lists."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Table of ratings: CSV, JSONL.")
@click.option("--items", type=click.Path(path_type=Path), help="The catalogue that the ratings are about.")
@click.option(
    "--split",
    "names",
    type=click.Choice(SPLITS),
    multiple=True,
    default=("temporal", "leave-last"),
    show_default=True,
    help="How ratings are held back; may be given several times.",
)
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True, help="Parts of kfold.")
@click.option("--last", type=click.IntRange(min=1), help="Ratings that leave-last holds back; else a fifth.")
@click.option(
    "--algorithm",
    "rows",
    multiple=True,
    metavar="NAME",
    help="Measure only these rows; several may be given.",
)
@click.option(
    "--relevant",
    type=click.FloatRange(min=0),
    default=4.0,
    show_default=True,
    help="Least rating worth recommending; 0 takes everything rated.",
)
@click.option("--cold/--no-cold", default=True, show_default=True, help="Also new items and new people.")
@click.option("--config", type=click.Path(path_type=Path), help="TOML: a table of settings for each row.")
@measured
def command(
    run: Run,
    data: Path,
    items: Path | None,
    names: tuple[str, ...],
    folds: int,
    last: int | None,
    rows: tuple[str, ...],
    relevant: float,
    cold: bool,
    config: Path | None,
) -> None:
    """Learn from a table of ratings, and say how well, beside other libraries.

    The table has a column each for the person, the item, the rating and the time, under any usual name.
    """
    bench = Bench(data, items, run.seed, run.limit, relevant, folds, last, config)
    table = bench.table
    chosen = chosen_rows(rows, bench, table.side is not None)
    if not table.interactions.explicit and relevant > table.interactions.scale[1]:
        bench = replace(bench, relevant=0.0)
    tasks = [
        Task(name, part, row)
        for name in names
        for row in chosen
        for part in range(folds if name == "kfold" else 1)
    ]
    if cold and table.side is not None:
        tasks += [
            Task("new items", 0, row) for row in COLD if not rows or row in rows or row.split(",")[0] in rows
        ]
    if cold:
        tasks += [Task("new people", 0, row) for row in COLD_PEOPLE if row in chosen]
    tasks.sort(key=lambda task: task.row != "mixture")  # the longest first, so that no core waits for it
    found = dict(
        zip(
            tasks,
            each(
                replace(bench),  # without the table that this one has read already: workers read their own
                tasks,
                workers=run.workers,
                store=run.store,
                key=key_of("ratings", bench, data.stat().st_mtime if data.exists() else 0),
                label="Ratings",
            ),
            strict=True,
        )
    )
    run.finish(_report(run, bench, names, found, folds))


def _report(
    run: Run, bench: Bench, names: Sequence[str], found: dict[Task, dict[str, Measured]], folds: int
) -> Report:
    n_items = bench.table.interactions.n_items
    tables: list[Table] = []
    comparisons: list[Table] = []
    plots: list[Plot] = []
    for name in names:
        parts = _of(found, name)
        title = f"{name}: {_told(name, folds)}"
        tables.append(table_of(title, parts, n_items, run.seed, _note(bench)))
        plots.append(_plot(name, tables[-1]))
        comparisons.append(
            against(f"{name}: against the best reference", parts, [*references()], n_items, run.seed)
        )
    tables += [table for table in comparisons if table.rows]
    new = _of(found, "new items")
    if new:
        note = (
            "A fifth of the rated items left the training part with all their ratings; only they are sought."
        )
        tables.append(cold_table(new, n_items, run.seed, note))
    people = _of(found, "new people")
    if people:
        note = "A fifth of the people left the training part; their sixth rating and later ones are sought."
        tables.append(people_table(people, GIVEN, n_items, run.seed, note))
    table = bench.table
    facts = {
        "data": str(bench.data),
        "items": str(bench.items or "none"),
        "people": len(table.users),
        "catalogue": n_items,
        "ratings": len(table.interactions),
        "repeated pairs dropped": table.repeats,
        "fitted on": "the training part of each split alone; the mixture holds back a part of that again",
        "relevant": f"rated {bench.relevant:g} or more" if bench.relevant else "everything rated",
        "seed": run.seed,
        "machine": machine(),
    }
    return Report("Ratings", run.command, " ".join(_ABOUT.split()), tuple(tables), tuple(plots), facts)


def _of(found: dict[Task, dict[str, Measured]], split: str) -> dict[str, list[Measured]]:
    parts: dict[str, list[Measured]] = {}
    for task, result in sorted(found.items(), key=lambda pair: pair[0].part):
        if task.split == split:
            for name, one in result.items():
                parts.setdefault(name, []).append(one)
    return parts


def _told(name: str, folds: int) -> str:
    return {
        "temporal": "trained on what came before one moment, tested on what came after",
        "leave-last": "each person's last ratings held back",
        "kfold": f"{folds} parts, each held back once",
    }[name]


def _note(bench: Bench) -> str:
    what = f"rated {bench.relevant:g} or more" if bench.relevant else "rated at all"
    return f"Lists of 10 of all {bench.table.interactions.n_items:,} items; relevant is what was {what}."


def _plot(name: str, table: Table) -> Plot:
    """Accuracy against reach: NDCG@10 across, coverage up, a mark for each row that ranks."""
    figure, axes = canvas()
    for row in table.rows:
        across, up = number(row.get("NDCG")), number(row.get("Coverage"))
        if across is None or up is None:
            continue
        label = str(row[COLUMNS[0].name])
        ours = label in MIXTURES
        axes.plot([across], [up], marker="D" if ours else "o", color="#D55E00" if ours else "#0072B2")
        axes.annotate(
            label, (across, up), textcoords="offset points", xytext=(5, 3), fontsize=7, color="#7F7F7F"
        )
    axes.set_xlabel("NDCG@10")
    axes.set_ylabel("Share of the catalogue shown to somebody")
    return finished(figure, f"{name}: accuracy and reach", "Up and to the right is better.")
