"""`genre evaluate simulate`: simulated people with a hidden taste look for something in a catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from evaluation.errors import BadData, EvaluationError
from evaluation.intervals import Interval
from evaluation.plots import curves
from evaluation.report import Column, Plot, Report, Table, machine
from evaluation.run import Run, measured
from evaluation.simulate.measure import (
    Outcome,
    curve,
    gains,
    ignored,
    is_empty,
    outcome,
    released,
    repeated,
    summary,
    violated,
)
from evaluation.simulate.stage import VARIANTS, Stage, Variant
from evaluation.simulate.temper import TEMPERS
from evaluation.simulate.transcript import Exchange, Transcript, markdown
from evaluation.work import each, key_of

_FIGURES = (
    Column("success", "share", "higher"),
    Column("target", "share", "higher"),
    Column("turns", "of success", "lower", 2),
    Column("violations", "% of items", "lower", 2),
    Column("released", "% of items", "lower", 2),
    Column("repeats", "% of items", "lower", 2),
    Column("kept", "% of items", "", 2),
    Column("ignored", "% of items", "lower", 1),
    Column("questions", "a talk", "", 2),
    Column("empty", "% of answers", "lower", 1),
    Column("median", "ms a turn", "lower", 1),
    Column("p95", "ms a turn", "lower", 1),
)
_FIGURES_NOTE = (
    "success: something was shown that fits the hidden taste at least as well as the hidden target; target: "
    "the target itself was. violations: items that break a condition as it was meant, stated and not "
    "withdrawn; released: items that break one which the answer openly lets go; repeats: items shown again "
    "and not asked for; kept: items of a list that was narrowed; ignored: items that are just what was "
    "complained of. Intervals: 95%, bootstrap over people."
)


@click.command()
@click.option("--catalogue", default="films", show_default=True, help="Name of a catalogue of this house.")
@click.option(
    "--file",
    type=click.Path(path_type=Path),
    help="A file to read as a catalogue instead: CSV, TSV, JSONL, JSON or Parquet.",
)
@click.option("--users", type=click.IntRange(min=2), default=300, show_default=True, help="Simulated people.")
@click.option(
    "--turns",
    type=click.IntRange(min=1, max=50),
    default=10,
    show_default=True,
    help="Messages that each sends at most.",
)
@click.option(
    "--temper",
    "tempers",
    multiple=True,
    type=click.Choice([temper.name for temper in TEMPERS]),
    help="Only people of this temperament; may be given several times.",
)
@click.option(
    "--variant",
    "variants",
    multiple=True,
    type=click.Choice(VARIANTS),
    help="Only these besides the house itself; may be given several times. Default: all.",
)
@click.option(
    "--transcripts", type=click.Path(path_type=Path), help="Write the house's conversations, to be read."
)
@measured
def command(
    run: Run,
    catalogue: str,
    file: Path | None,
    users: int,
    turns: int,
    tempers: tuple[str, ...],
    variants: tuple[Variant, ...],
    transcripts: Path | None,
) -> None:
    """Let simulated people look for something, and count how they fare.

    Each has a taste and a target drawn from the catalogue, and never names the target. The same people talk
    to the house, to the house without questions or without memory, and to lists that listen to nobody.
    """
    home, name = _house(catalogue, file)
    stage = Stage(home, name, run.seed, turns, tempers or tuple(temper.name for temper in TEMPERS))
    chosen: tuple[Variant, ...] = ("house", *(one for one in variants or VARIANTS if one != "house"))
    people = run.first(range(users))
    jobs = [(number, variant) for variant in chosen for number in people]
    look = stage.items  # opens the catalogue here, so that an unfit one is told before any worker starts
    if not stage.targets:
        raise BadData(f"{name} has nothing to look for")
    talks = each(
        replace(stage),  # what is opened here stays here
        jobs,
        workers=run.workers,
        store=run.store,
        key=key_of(stage, look.fingerprint),
        label="Conversations",
    )
    _refuse_leaks(talks)
    if transcripts is not None:
        _write(transcripts, [talk for talk in talks if talk.variant == "house"], stage)
    by_variant = {
        variant: [outcome(talk, look.get) for talk in talks if talk.variant == variant] for variant in chosen
    }
    run.finish(_report(run, stage, by_variant, talks))


def _house(catalogue: str, file: Path | None) -> tuple[Path, str]:
    """A home for simulated people, apart from the person's own, with the catalogue in it; and its name."""
    from chat.build import BUNDLED, make_shelves
    from chat.channels.console import progress_bars
    from chat.settings import load_settings

    own = load_settings({})
    if file is not None and not file.is_file():
        raise BadData(f"{file} is not there. Give the path of a CSV, TSV, JSONL, JSON or Parquet file.")
    if file is None and catalogue not in BUNDLED:
        return own.home, catalogue
    home = own.home / "evaluation" / "house"
    name = catalogue if file is None else f"file-{key_of(file.resolve().as_posix())[:12]}"
    shelves = make_shelves(load_settings({"home": home, "llm": "plain"}))
    with progress_bars() as progress:
        if file is None:
            shelves.open(name, progress)
        else:
            shelves.add(file, name, None, steps=progress)
    return home, name


def _refuse_leaks(talks: Sequence[Transcript]) -> None:
    leaks = [f"person {talk.person} ({talk.variant}): {leak}" for talk in talks for leak in talk.leaks]
    if leaks:
        raise EvaluationError(
            f"{len(leaks)} messages of simulated people named what they look for, so nothing was measured: "
            f"{'; '.join(leaks[:3])}. Expected no title before it is shown: mend evaluation/simulate/grammar."
        )


def _write(path: Path, talks: Sequence[Transcript], stage: Stage) -> None:
    titles = {item.id: item.title for item in stage.items.items}
    look = stage.items.get

    def problems(entry: Exchange) -> list[str]:
        return [
            *(f"breaks “{want}”: {titles[key]}" for key, want in violated(entry, look)),
            *(f"lets “{want}” go: {titles[key]}" for key, want in released(entry, look)),
            *(f"shows again: {titles[key]}" for key in repeated(entry, look)),
            *(f"is what was complained of: {titles[key]}" for key in ignored(entry, look)),
            *(["nothing, though items were asked for"] if is_empty(entry) else []),
        ]

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(markdown(talks, titles, problems), encoding="utf-8")
    except OSError as error:
        raise EvaluationError(
            f"The conversations cannot be written to {path}: {error.strerror}. Name a file you may write."
        ) from None


def _report(
    run: Run, stage: Stage, by_variant: Mapping[Variant, Sequence[Outcome]], talks: Sequence[Transcript]
) -> Report:
    house = by_variant["house"]
    rows = [_row("everyone", house, run.seed)]
    for temper in dict.fromkeys(one.temper for one in house):
        rows.append(_row(temper, [one for one in house if one.temper == temper], run.seed))
    acceptable = sorted(talk.acceptable for talk in talks if talk.variant == "house")
    return Report(
        title=f"{len(house)} simulated people look for something in {stage.items.title.lower()}",
        command=run.command,
        about="People with a hidden taste and a hidden target, of several temperaments, talk to the house. "
        "They speak a grammar of their own; what breaks a condition is judged by what they meant.",
        tables=(
            _against(by_variant, stage.turns, run.seed),
            Table("By temperament", (Column("people"), *_FIGURES), tuple(rows), _FIGURES_NOTE),
        ),
        plots=(_plot(by_variant, stage.turns, run.seed), _plot_tempers(house, stage.turns, run.seed)),
        facts={
            "catalogue": f"{stage.catalogue}, {len(stage.items)} {stage.items.nouns}",
            "people": len(house),
            "turns": stage.turns,
            "seed": run.seed,
            "fitted on": "nothing",
            "leaks": 0,
            "acceptable items a person, median": acceptable[len(acceptable) // 2],
            "machine": machine(),
        },
    )


def _row(label: str, outcomes: Sequence[Outcome], seed: int) -> dict[str, Any]:
    return {"people": f"{label} ({len(outcomes)})", **summary(outcomes, seed=seed)}


def _against(by_variant: Mapping[Variant, Sequence[Outcome]], turns: int, seed: int) -> Table:
    """The same people with each partner, and what the house gains over it."""
    house = {one.person: one for one in by_variant["house"]}
    rows: list[dict[str, Any]] = []
    for variant, outcomes in by_variant.items():
        figures = summary(outcomes, seed=seed)
        row: dict[str, Any] = {name: figures[name] for name in ("success", "target", "turns", "violations")}
        row |= {name: figures[name] for name in ("repeats", "questions", "empty")}
        row["partner"] = variant
        if variant != "house":
            gained = gains(house, {one.person: one for one in outcomes}, turns=turns, seed=seed)
            row |= {"success gained": gained["success"], "turns saved": _negative(gained["turns"])}
        rows.append(row)
    shown = [column for column in _FIGURES if column.name in rows[0]]
    gained_columns = (Column("success gained", "share"), Column("turns saved", "a person", digits=2))
    note = (
        "What the house gains over each partner, for the same people; who finds nothing counts "
        f"{turns + 1} turns. popularity and random page through a fixed list; popularity has the items first "
        "that the catalogue rates best or, where it says nothing of that, the most usual ones."
    )
    return Table("Against other partners", (Column("partner"), *shown, *gained_columns), tuple(rows), note)


def _negative(interval: Interval) -> Interval:
    return Interval(-interval.value, -interval.high, -interval.low, interval.n)


def _plot(by_variant: Mapping[Variant, Sequence[Outcome]], turns: int, seed: int) -> Plot:
    lines = {
        str(variant): curve(outcomes, turns=turns, seed=seed) for variant, outcomes in by_variant.items()
    }
    return curves(
        "Who has found something, by turn",
        list(range(1, turns + 1)),
        lines,
        x_label="messages sent",
        y_label="share of people",
    )


def _plot_tempers(outcomes: Sequence[Outcome], turns: int, seed: int) -> Plot:
    tempers = dict.fromkeys(one.temper for one in outcomes)
    lines = {
        temper: [
            point.value
            for point in curve([one for one in outcomes if one.temper == temper], turns=turns, seed=seed)
        ]
        for temper in tempers
    }
    return curves(
        "Who has found something, by temperament",
        list(range(1, turns + 1)),
        lines,
        x_label="messages sent",
        y_label="share of people",
    )
