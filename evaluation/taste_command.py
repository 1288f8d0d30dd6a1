"""`genre evaluate taste`: what the house believes of each item after a talk, beside the person's own form."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np

from evaluation.human.dialogues import Dialogue, find, read_dialogues
from evaluation.intervals import Array, bootstrap_of
from evaluation.metrics import f1_scores, macro_f1
from evaluation.report import Column, Report, Table, Value, machine
from evaluation.run import Run, measured
from evaluation.work import each, key_of

if TYPE_CHECKING:
    from evaluation.taste import Judged, TasteMeasure

_ABOUT = (
    "People talked about films and then filled in what they thought of each: liked or not, seen or not. Here "
    "is what the house believes after the same talk. Macro-F1 is the mean of the classes' F1, so that the "
    "few films that are not liked count as much as the many that are. Intervals are 95%, by bootstrap over "
    "talks."
)


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    required=True,
    help="Folder with items.jsonl and dialogues that have labels (the format of ReDial; .gz or not).",
)
@click.option(
    "--split", default="valid", show_default=True, help="Which dialogues: SPLIT.jsonl in the folder."
)
@click.option(
    "--remarks", type=click.Path(path_type=Path), help="Write the labelled remarks, to fit on, and stop."
)
@measured
def command(run: Run, data: Path, split: str, remarks: Path | None) -> None:
    """Compare the taste as understood with people's own labels.

    For each film of a talk: did they like it, had they seen it? The rows are baselines (the commonest answer,
    who brought the film up, the sentiment of the sentences around it), the house's rules alone, the house as
    it answers messages, and its learned sense of remarks on the whole talk at once. Each is measured with
    titles found by the house itself and with titles given, so that a missed title and a missed feeling can be
    told apart.
    """
    from chat.settings import load_settings
    from evaluation.taste import TasteMeasure
    from retrieval.minilm import MiniLmEmbedder

    dialogues = [one for one in read_dialogues(find(data, f"{split}.jsonl", "dialogues.jsonl")) if one.labels]
    dialogues = list(run.first(dialogues))
    measure = TasteMeasure(find(data, "items.jsonl"), load_settings({}).home / "embedder")
    if remarks is not None:
        _write_remarks(measure, dialogues, remarks)
        return
    MiniLmEmbedder(measure.cache).warm_up()  # the graph is made once, before there are workers
    key = key_of("taste", str(data), split)
    found = each(measure, dialogues, workers=run.workers, store=run.store, key=key, label="reading talks")
    rows = [judged for one in found for judged in one]
    run.finish(report(rows, run, data, split, len(dialogues)))


def _write_remarks(measure: TasteMeasure, dialogues: Sequence[Dialogue], path: Path) -> None:
    """The labelled remarks of each item of each talk, a line each, as `chat.reader.fit_opinions` reads
    them."""
    from evaluation.taste import stories_of

    with gzip.open(path, "wt", encoding="utf-8") as file:
        for dialogue in dialogues:
            for story in stories_of(measure, dialogue):
                said = [
                    {"words": one.words, "about": [one.how, one.shared, one.fresh, one.clause, one.verdict]}
                    for one in story.remarks
                ]
                row = {"dialogue": story.dialogue, "item": story.item, "liked": story.liked}
                file.write(json.dumps({**row, "seen": story.seen, "remarks": said}) + "\n")


def report(rows: Sequence[Judged], run: Run, data: Path, split: str, dialogues: int) -> Report:
    """The tables: liked or not, liked of three, seen or not, and the confusion of the house."""
    from evaluation.taste import KNOWINGS, LIKINGS

    names = list(rows[0].beliefs) if rows else []
    commonest = Counter(row.liked for row in rows if row.liked != "unsaid").most_common(1)
    knowing = Counter(row.seen for row in rows if row.seen != "unsaid").most_common(1)
    most_liked, most_seen = (commonest or [("liked", 0)])[0][0], (knowing or [("seen", 0)])[0][0]
    common = "always the commonest"
    columns = (Column("method"),)
    liked, three, seen = [], [], []
    for name in [common, *names]:
        two = [
            (row.dialogue, row.liked, row.beliefs[name].liked if name != common else most_liked)
            for row in rows
            if row.liked != "unsaid"
        ]
        all_three = [
            (row.dialogue, row.liked, row.beliefs[name].liked_of_three if name != common else most_liked)
            for row in rows
        ]
        known = [
            (row.dialogue, row.seen, row.beliefs[name].seen if name != common else most_seen)
            for row in rows
            if row.seen != "unsaid"
        ]
        liked.append(_scores(name, two, LIKINGS[:2], run.seed))
        three.append(_scores(name, all_three, LIKINGS, run.seed))
        seen.append(_scores(name, known, KNOWINGS[:2], run.seed))

    def table(title: str, classes: Sequence[str], scored: Sequence[Mapping[str, Value]], note: str) -> Table:
        own = tuple(Column(f"F1 {name}", better="higher") for name in classes)
        return Table(
            title,
            (*columns, Column("macro-F1", better="higher"), *own, Column("items", digits=0)),
            tuple(scored),
            note,
        )

    tables = (
        table(
            "Liked or not liked", LIKINGS[:2], liked,
            "Films whose form says one or the other. With nothing held against it, a film counts as liked.",
        ),
        table("Liked, not liked or not said", LIKINGS, three, "All films with a form."),
        table("Seen or not seen", KNOWINGS[:2], seen, "Films whose form says one or the other."),
    )  # fmt: skip
    from chat.reader.opinion import OpinionModel

    model = OpinionModel.load()
    facts = {
        "data": f"{data.name}, {split}: {dialogues} talks, {len(rows)} items with a form that a turn names",
        "labels": dict(Counter(row.liked for row in rows)),
        "fitted on": "the learned sense: ReDial's train part (see chat/reader/opinions/card.json)",
        "threshold": f"{model.threshold} for “not liked”, chosen on the train part by cross-validation",
        "seed": run.seed,
        **machine(),
    }
    return Report("What people like", run.command, _ABOUT, tables, (), facts)


def _scores(
    name: str, rows: Sequence[tuple[str, str, str]], labels: Sequence[str], seed: int
) -> Mapping[str, Value]:
    """Macro-F1 and each class's F1 with intervals; `rows` are (dialogue, true, believed)."""
    place = {label: at for at, label in enumerate(labels)}
    size = len(labels)
    cells = np.zeros((len(rows), size * size))
    for at, (_, true, believed) in enumerate(rows):
        cells[at, place[true] * size + place[believed]] = 1
    groups = np.array([row[0] for row in rows])

    def tables(totals: Array) -> Array:
        return totals.reshape(-1, size, size)

    out: dict[str, Value] = {
        "method": name,
        "macro-F1": bootstrap_of(lambda totals: macro_f1(tables(totals)), cells, groups, seed=seed),
        "items": len(rows),
    }
    for at, label in enumerate(labels):

        def one(totals: Array, at: int = at) -> Array:
            return np.asarray(f1_scores(tables(totals))[..., at])

        out[f"F1 {label}"] = bootstrap_of(one, cells, groups, seed=seed)
    return out
