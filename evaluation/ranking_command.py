"""`genre evaluate ranking`: what dialogues went on to recommend, ranked by us and by baselines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from evaluation.cases import CaseFiles, key_facts
from evaluation.errors import BadData
from evaluation.plots import curves
from evaluation.ranking import COLUMNS, CUTS, Job, Judge, Measure, Outcome, against_table, cold_table
from evaluation.ranking_methods import FITTED, WORDLESS, ZERO_SHOT, Methods
from evaluation.report import Plot, Report, Table, machine
from evaluation.run import Run, measured
from evaluation.work import each, key_of

if TYPE_CHECKING:
    from chat.settings import Settings
    from retrieval.rerank import Reranker

_CHUNK = 60  # recommending turns of a job
_ABOUT = """For each turn of a dialogue in which the recommender names something new, the whole list of items
is ranked from what was said and named before it. Items named before are never candidates, so repeats
earn nothing. Each target counts once; places that tie are shared. Intervals are 95% bootstrap intervals over
dialogues."""


@click.command()
@click.option("--data", type=click.Path(path_type=Path), required=True, help="Folder of dialogues.")
@click.option(
    "--split",
    "part",
    default="valid",
    show_default=True,
    help="Part to measure on; holdout takes a fifth of the train dialogues.",
)
@click.option("--set", "prefix", default="", help="Which set, where the folder holds several: movie, book.")
@click.option("--items", type=click.Path(path_type=Path), help="List of items; by default the folder's own.")
@click.option(
    "--fit", "fit", type=click.Path(path_type=Path), help="Folder whose train part to fit on; often --data."
)
@click.option("--method", "chosen", multiple=True, metavar="NAME", help="Rows to measure; may be repeated.")
@click.option(
    "--rerank",
    "reranker",
    metavar="NAME",
    help="A row more: the best looked at again by a cross-encoder (hub name or folder), or by llm.",
)
@click.option(
    "--rerank-depth", "depth", type=click.IntRange(2, 100), help="How many of the best; 12 by default."
)
@click.option("--keep", type=click.Path(path_type=Path), help="Keep the fitted ranker in this folder.")
@measured
def command(
    run: Run,
    data: Path,
    part: str,
    prefix: str,
    items: Path | None,
    fit: Path | None,
    chosen: tuple[str, ...],
    reranker: str | None,
    depth: int | None,
    keep: Path | None,
) -> None:
    """Rank the whole list for real dialogues, and say how often what was recommended next comes first.

    The folder holds items.jsonl, train.jsonl and, for each part, PART.jsonl (all may end in .gz), in the
    format that docs/evaluation.md describes. Nothing is fitted without --fit.
    """
    from chat.build import make_embedder
    from chat.channels.console import progress_bars
    from chat.settings import load_settings

    settings = load_settings({})
    ranking = {"reranker": reranker, "rerank_depth": depth}
    chosen_ranking = {name: value for name, value in ranking.items() if value is not None}
    settings = settings.model_copy(update={"ranking": settings.ranking.model_copy(update=chosen_ranking)})
    again = partial(reranker_of, settings) if reranker else None
    if again:
        again().ready()
    cases = CaseFiles(data, part, prefix, items)
    if not cases.examples:
        raise BadData(f"In the part {part!r} of {data} the recommender never names an item of the list.")
    kept = settings.home / "evaluation"
    marks = (str(data.resolve()), prefix, str(items), settings.embedder, len(cases.item_list))
    vectors = kept / f"items-{key_of(*marks)}.npy"
    embedder = partial(make_embedder, settings)
    methods = Methods(cases, embedder, vectors, None, run.seed, again, settings.ranking.rerank_depth)
    if fit or not chosen or set(chosen) - WORDLESS:
        with progress_bars() as progress:
            methods.prepare(progress)
    ranker = _fitted(run, methods, fit, keep or kept / "rankers") if fit else None
    methods = replace(methods, ranker=ranker)
    names = chosen or methods.names()
    for name in names:
        methods.check(name)
    places = list(range(len(run.first(cases.examples))))
    jobs = [
        Job(name, tuple(places[start : start + _CHUNK]))
        for name in names
        for start in range(0, len(places), _CHUNK)
    ]
    key = key_of("ranking", *marks, part, str(ranker), run.seed, str(reranker), settings.ranking.rerank_depth)
    found = each(Measure(methods), jobs, workers=run.workers, store=run.store, key=key, label="Ranking")
    outcomes = {name: [one for one in found if one.method == name] for name in names}
    run.finish(_report(run, cases, outcomes, ranker, fit))


def reranker_of(settings: Settings) -> Reranker:
    """The reranker that the settings name, with its model; raises where that can't work."""
    from chat.build import make_reranker
    from chat.llm.providers import chat_model

    model = chat_model(settings) if settings.ranking.reranker == "llm" and settings.llm != "plain" else None
    made = make_reranker(settings, model)
    if made is None:
        raise BadData("--rerank takes a cross-encoder (a hub name or a folder) or llm.")
    return made


def _fitted(run: Run, methods: Methods, fit: Path, folder: Path) -> Path:
    """The folder of the ranker fitted on the train part of `fit`; one that is there already is used again."""
    from chat.channels.console import progress_bars
    from retrieval.dialogues.ranker import DialogueRanker, RankerSettings

    cases = methods.cases
    train = cases.train if fit == cases.folder else CaseFiles(fit, cases.part, cases.prefix).train
    settings = RankerSettings(seed=run.seed, threads=run.workers)
    shape = (settings, [one.id for one in train], [item.id for item in cases.item_list])
    place = folder / key_of(str(fit.resolve()), cases.prefix, *map(str, shape), methods.sense.name, _code())
    if not (place / "ranker.json").exists():
        with progress_bars() as progress:
            spread = partial(
                each, workers=run.workers, store=run.store, key=f"fit-{place.name}", label="Fitting"
            )
            ranker = DialogueRanker.fit(train, cases.item_list, methods.sense, settings, progress, spread)
            ranker.save(place)
    return place


def _code() -> str:
    """A mark of the code that fits: another version fits anew."""
    import retrieval.dialogues as package

    folder = Path(package.__path__[0])
    return key_of(*(path.read_bytes() for path in sorted(folder.glob("*.py"))))


def _report(
    run: Run,
    cases: CaseFiles,
    outcomes: dict[str, list[Outcome]],
    ranker: Path | None,
    fit: Path | None,
) -> Report:
    judge = Judge(cases, run.seed)
    examples = run.first(cases.examples)
    rows = [judge.row(name, found) for name, found in outcomes.items()]
    note = "Methods see the dialogue before the turn and nothing else."
    tables = [
        Table(
            f"{cases.folder.name} {cases.prefix} {cases.part}".replace("  ", " "), COLUMNS, tuple(rows), note
        )
    ]
    ours = next((name for name in (FITTED, ZERO_SHOT) if name in outcomes), None)
    if ours and len(outcomes) > 1:
        others = [(name, found) for name, found in outcomes.items() if name != ours]
        tables.append(against_table([judge.against(outcomes[ours], name, found) for name, found in others]))
    cold = [judge.new_items(name, found) for name, found in outcomes.items()]
    if cold and cold[0]["targets"]:
        tables.append(cold_table(cold))
    facts: dict[str, Any] = {
        "data": str(cases.folder),
        "items": len(cases.item_list),
        **key_facts(examples),
        "fitted on": f"{len(cases.train)} train dialogues of {fit}" if fit else "nothing",
        "seed": run.seed,
        "machine": machine(),
    }
    if ranker is not None:
        facts["signals that the fusion uses most"] = _most_used(ranker, cases)
    return Report("Ranking", run.command, " ".join(_ABOUT.split()), tuple(tables), (_plot(rows),), facts)


def _most_used(ranker: Path, cases: CaseFiles) -> str:
    from retrieval.dialogues.fusion import Fusion

    share = Fusion.of_text((ranker / "fusion.txt").read_text(encoding="utf-8")).importance()
    best = sorted(share.items(), key=lambda pair: -pair[1])[:12]
    return ", ".join(f"{name} {part:.0%}" for name, part in best)


def _plot(rows: Sequence[dict[str, Any]]) -> Plot:
    lines = {str(row["method"]): [row[f"R@{k}"] for k in CUTS] for row in rows}
    return curves(
        "Recall by length of list", CUTS, lines, x_label="items shown", y_label="recall", log_x=True
    )
