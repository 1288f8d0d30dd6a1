"""`genre evaluate reading`: what the house reads in messages, beside what people say that they mean."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click
import numpy as np

from evaluation.errors import BadData
from evaluation.human.dialogues import find, read_dialogues
from evaluation.intervals import Array, bootstrap, bootstrap_of
from evaluation.report import Column, Report, Table, Value, machine
from evaluation.run import Run, measured
from evaluation.work import each, key_of

if TYPE_CHECKING:
    from chat.settings import ReadBy
    from evaluation.reading import Counted, Labelled, Readers
    from evaluation.reversals import Changed

_ABOUT = (
    "People's messages, labelled by people, read by the house: what a message does, which conditions it "
    "sets, which works it names, how much of something a film has, and how fast a change of mind is "
    "followed. Intervals are 95%, by bootstrap over talks (or raters)."
)
Has = Literal["iard", "sgd", "multiwoz", "soft", "redial"]


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path),
    multiple=True,
    help="Folder of IARD, Schema-Guided Dialogue, MultiWOZ, SoftAttributes or ReDial. May be repeated.",
)
@click.option(
    "--items",
    type=click.Path(path_type=Path),
    help="List of films for sets that have none (ReDial's items.jsonl).",
)
@click.option("--catalogue", default="films", show_default=True, help="Catalogue to change one's mind about.")
@click.option(
    "--changes", type=int, default=160, show_default=True, help="Changes of mind to hold; 0 for none."
)
@click.option(
    "--by",
    type=click.Choice(["code", "model", "joined"]),
    default="code",
    show_default=True,
    help="Who reads what messages do and the conditions of talks: the code, a model, or both.",
)
@click.option("--llm", default="small", show_default=True, help="The model, as in the setting llm.")
@measured
def command(
    run: Run,
    data: tuple[Path, ...],
    items: Path | None,
    catalogue: str,
    changes: int,
    by: ReadBy,
    llm: str,
) -> None:
    """Compare what is read in messages with human labels.

    Each --data adds a table, by what its folder holds: intents (IARD, Schema-Guided Dialogue), conditions
    that a talk sets (MultiWOZ), titles (ReDial), soft attributes. Without any, only changes of mind are
    measured: talks made from a catalogue in which an interest is stated, taken back in many ways and asked
    for again.
    """
    from evaluation.reading import Readers

    readers = Readers(by, llm if by != "code" else "plain")
    kinds = [(folder, kind_of(folder)) for folder in data]
    films = items or next((find(folder, "items.jsonl") for folder, kind in kinds if kind == "redial"), None)
    tables: list[Table] = []
    for folder, kind in kinds:
        if kind in ("iard", "sgd"):
            tables.append(_acts(run, folder, kind, films, readers))
        elif kind == "multiwoz":
            tables.append(_goals(run, folder, readers))
        elif kind == "redial":
            tables.append(_titles(run, folder))
        else:
            if films is None:
                raise BadData(f"{folder} has no films. Add --items, or --data with ReDial's folder.")
            tables.append(_soft(run, folder, films))
    if changes:
        tables.append(_changes(run, catalogue, changes))
    if not tables:
        raise BadData("There is nothing to measure: name a folder by --data, or leave --changes above 0.")
    facts = {
        "data": [f"{folder.name} ({kind})" for folder, kind in kinds],
        "read by": by if by == "code" else f"{by} ({llm})",
        "fitted on": "nothing here; the sense of remarks on ReDial's train part",
        "seed": run.seed,
        **machine(),
    }
    run.finish(Report("What is read in messages", run.command, _ABOUT, tuple(tables), (), facts))


def kind_of(folder: Path) -> Has:
    """Which data set a folder holds. Raises `BadData` where it is none that is known."""

    def there(name: str) -> bool:
        return any((folder / one).is_file() for one in (name, f"{name}.gz"))

    if there("sets.jsonl"):
        return "soft"
    if there("dialogues.jsonl"):
        return "iard"
    if there("dev.jsonl"):
        return "sgd"
    if there("val.jsonl") and there("items.jsonl"):
        return "multiwoz"
    if there("valid.jsonl") and there("items.jsonl"):
        return "redial"
    raise BadData(
        f"{folder} holds none of the known sets: sets.jsonl (SoftAttributes), dialogues.jsonl (IARD), "
        "dev.jsonl (Schema-Guided Dialogue), val.jsonl and items.jsonl (MultiWOZ), valid.jsonl and "
        "items.jsonl (ReDial)."
    )


# --- what messages do ---------------------------------------------------------------------------------------


def _acts(
    run: Run, folder: Path, kind: Literal["iard", "sgd"], films: Path | None, readers: Readers
) -> Table:
    from evaluation.reading import DOES, SGD_DOES, ActMeasure

    iard = kind == "iard"
    dialogues = run.first(read_dialogues(find(folder, "dialogues.jsonl" if iard else "dev.jsonl")))
    measure = ActMeasure(kind, films if iard else None, readers)
    key = key_of("acts", kind, str(folder), readers.by, readers.llm)
    found = each(
        measure, dialogues, workers=run.workers, store=run.store, key=key, label=f"reading {folder.name}"
    )
    rows = [row for one in found for row in one if row.true]
    title = f"What a message does ({folder.name}, {len(dialogues)} talks)"
    return acts_table(title, rows, DOES if iard else SGD_DOES, run.seed)


def acts_table(title: str, rows: Sequence[Labelled], classes: Sequence[str], seed: int) -> Table:
    """Each class by itself, since a message may do several things; then all, beside the commonest."""
    groups = np.array([row.dialogue for row in rows])
    out: list[Mapping[str, Value]] = []
    for name in classes:
        true = np.array([name in row.true for row in rows])
        read = np.array([name in row.read for row in rows])
        out.append(
            {"class": name, **_precision_recall(true & read, read & ~true, true & ~read, groups, seed)}
        )
    common = max(classes, key=lambda name: sum(name in row.true for row in rows))
    for label, given in (("all", None), (f"always “{common}”", frozenset({common}))):
        hits = np.array([len(row.true & (given or row.read)) for row in rows])
        extra = np.array([len((given or row.read) - row.true) for row in rows])
        missed = np.array([len(row.true - (given or row.read)) for row in rows])
        share = bootstrap(hits > 0, groups, seed=seed)
        out.append(
            {"class": label, **_precision_recall(hits, extra, missed, groups, seed), "one is right": share}
        )
    columns = (*_columns("class"), Column("one is right", better="higher"))
    note = "A message may do several things. “One is right”: at least one of the labels was read."
    return Table(title, columns, tuple(out), note)


def _columns(first: str) -> tuple[Column, ...]:
    names = ("precision", "recall", "F1")
    return (Column(first), *(Column(name, better="higher") for name in names), Column("true", digits=0))


def _precision_recall(
    right: Array, extra: Array, missed: Array, groups: Array, seed: int
) -> Mapping[str, Value]:
    sums = np.column_stack([right, extra, missed]).astype(float)

    def share(other: Sequence[int]) -> Value:
        def of(totals: Array) -> Array:
            whole = totals[:, 0] * (2 if len(other) == 2 else 1) + totals[:, list(other)].sum(axis=1)
            part = totals[:, 0] * (2 if len(other) == 2 else 1)
            return np.asarray(np.divide(part, whole, out=np.full(len(totals), np.nan), where=whole > 0))

        return bootstrap_of(of, sums, groups, seed=seed)

    return {
        "precision": share((1,)),
        "recall": share((2,)),
        "F1": share((1, 2)),
        "true": int(np.sum(right) + np.sum(missed)),
    }


# --- conditions and titles ----------------------------------------------------------------------------------


def _goals(run: Run, folder: Path, readers: Readers) -> Table:
    from evaluation.reading import GoalMeasure

    dialogues = run.first(read_dialogues(find(folder, "val.jsonl")))
    measure = GoalMeasure(find(folder, "items.jsonl"), readers)
    key = key_of("goals", str(folder), readers.by, readers.llm)
    found = each(
        measure, dialogues, workers=run.workers, store=run.store, key=key, label=f"reading {folder.name}"
    )
    title = f"Conditions that a talk sets ({folder.name}, {len(dialogues)} talks)"
    note = "Facet values of the goal against all that was read as wished for in the talk."
    return counted_table(title, [row for one in found for row in one], run.seed, "facet", note, whole=True)


def _titles(run: Run, folder: Path) -> Table:
    from evaluation.reading import LinkMeasure

    dialogues = run.first(read_dialogues(find(folder, "valid.jsonl")))
    measure = LinkMeasure(find(folder, "items.jsonl"), run.seed)
    key = key_of("titles", str(folder), run.seed)
    found = each(
        measure, dialogues, workers=run.workers, store=run.store, key=key, label=f"titles of {folder.name}"
    )
    rows = [row for one in found for row in one]
    asked = {name.removesuffix(": asked") for name in {row.kind for row in rows} if name.endswith(": asked")}
    table = counted_table(
        f"Titles in messages ({folder.name}, {len(dialogues)} talks)",
        [row for row in rows if not row.kind.endswith(": asked")],
        run.seed,
        "titles",
        "“Asks which”: several works fit, the right one among them, and the house asks: neither right nor "
        "missed. Titles that people did not mark count as wrongly found, so precision is at least this.",
    )
    counts = {name: sum(row.right for row in rows if row.kind == f"{name}: asked") for name in asked}
    with_asked = tuple({**row, "asks which": counts.get(str(row["titles"]), 0)} for row in table.rows)
    return Table(table.title, (*table.columns, Column("asks which", digits=0)), with_asked, table.note)


def counted_table(
    title: str, rows: Sequence[Counted], seed: int, first: str, note: str, *, whole: bool = False
) -> Table:
    """Precision, recall and F1 of each kind, and of all together where `whole`."""
    kinds = list(dict.fromkeys(row.kind for row in rows))
    out: list[Mapping[str, Value]] = []
    for kind in [*kinds, *(["all"] if whole else [])]:
        own = [row for row in rows if kind in ("all", row.kind)]
        counts = [np.array([getattr(row, name) for row in own]) for name in ("right", "extra", "missed")]
        groups = np.array([row.dialogue for row in own])
        out.append({first: kind, **_precision_recall(counts[0], counts[1], counts[2], groups, seed)})
    return Table(title, _columns(first), tuple(out), note)


# --- soft attributes and changes of mind --------------------------------------------------------------------


def _soft(run: Run, folder: Path, items: Path) -> Table:
    from chat.build import make_embedder
    from chat.settings import load_settings
    from evaluation.human.shelves import films
    from evaluation.softness import read_sets, right, signals

    shelf = films(items)
    answers = list(run.first(read_sets(folder, shelf)))
    ids = sorted({name for answer in answers for group in answer.groups for name in group})
    place = {name: row for row, name in enumerate(ids)}
    attributes = sorted({answer.attribute for answer in answers})
    out: list[Mapping[str, Value]] = []
    for name, signal in signals(shelf, ids, make_embedder(load_settings({}))).items():
        scores = {attribute: signal(attribute) for attribute in attributes}
        values, raters = right(answers, scores, place)
        out.append(
            {"signal": name, "pairs in order": bootstrap(values, raters, seed=run.seed), "pairs": len(values)}
        )
    chance = np.random.default_rng(run.seed)
    values, raters = right(answers, {one: chance.random(len(ids)) for one in attributes}, place)
    out.append(
        {"signal": "chance", "pairs in order": bootstrap(values, raters, seed=run.seed), "pairs": len(values)}
    )
    return Table(
        f"More or less of something ({folder.name}, {len(attributes)} attributes, {len(ids)} films)",
        (Column("signal"), Column("pairs in order", better="higher"), Column("pairs", digits=0)),
        tuple(out),
        "Of two films that one person put in different groups, how often a signal puts them in that order.",
    )


def _changes(run: Run, catalogue: str, count: int) -> Table:
    from evaluation.reversals import Changes

    with tempfile.TemporaryDirectory() as home:
        changes = Changes(Path(home), catalogue)
        drawn = run.first(changes.draw(count, run.seed))
        if not drawn:
            raise BadData(f"The catalogue {catalogue} has no facet with two values that enough items share.")
        key = key_of("changes", catalogue, run.seed)
        found = each(
            changes, drawn, workers=run.workers, store=run.store, key=key, label="changing one's mind"
        )
    return changes_table(found, catalogue, run.seed)


def changes_table(found: Sequence[Changed], catalogue: str, seed: int) -> Table:
    """A row for each way to change one's mind, and one for all."""
    from evaluation.reversals import WAYS

    out: list[Mapping[str, Value]] = []
    counted = [one for one in found if one.counted]
    groups = [
        (pattern, [one for one in counted if one.change.way == way]) for way, (_, pattern) in enumerate(WAYS)
    ]
    for name, own in [("all", counted), *groups]:
        if own:
            numbers = [one.change.number for one in own]
            out.append(
                {
                    "change": name,
                    "at once": bootstrap([one.lists == 0 for one in own], numbers, seed=seed),
                    "lists until gone": bootstrap([one.lists for one in own], numbers, seed=seed),
                    "comes back": bootstrap([one.back for one in own], numbers, seed=seed),
                    "talks": len(own),
                }
            )
    columns = (
        Column("change"),
        Column("at once", better="higher"),
        Column("lists until gone", better="lower", digits=2),
        Column("comes back", better="higher"),
        Column("talks", digits=0),
    )
    left = len(found) - len(counted)
    note = "“At once”: the very next answer no longer holds the old interest, and lists nothing of a kind "
    note += f"spoken against. {left} openers were not read as an interest and are left out."
    return Table(f"Changes of mind ({catalogue})", columns, tuple(out), note)
