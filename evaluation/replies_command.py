"""`genre evaluate replies`."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

import click

from evaluation.run import Run, measured

#: Conversations that are made where no file is given.
MADE = 200


@click.command()
@click.option("--catalogue", help="Name of the catalogue to talk about. Default: the one in the settings.")
@click.option("--file", type=click.Path(path_type=Path), help="Talk about this catalogue file instead.")
@click.option(
    "--conversations",
    type=click.Path(path_type=Path),
    help='JSONL of {"messages": [...]} or of dialogues with "turns": the person\'s messages are sent. '
    "Default: made from the catalogue.",
)
@click.option(
    "--llm", "llms", multiple=True, help="Voice to measure, as in the setting llm; several to compare."
)
@click.option(
    "--pairs",
    type=click.Path(path_type=Path),
    help="Write the two voices' replies here, unnamed, to be judged.",
)
@click.option("--pair-count", type=int, default=200, show_default=True, help="Pairs to write, at most.")
@measured
def command(
    run: Run,
    catalogue: str | None,
    file: Path | None,
    conversations: Path | None,
    llms: tuple[str, ...],
    pairs: Path | None,
    pair_count: int,
) -> None:
    """Check what replies claim against the catalogue.

    Plays conversations, holds every claim of every reply against the facts of its item and every reason
    against what the person said, and measures repetition and length. Besides the voices of the setting llm
    there is "scripted": a stand-in for a careless model, which shows what the house lets through.

    \b
    genre evaluate replies
    genre evaluate replies --file shop.csv --llm plain --llm small
    """
    from chat.settings import load_settings
    from evaluation.errors import BadData
    from evaluation.pairs import make_pairs, write_pairs
    from evaluation.replies import SCRIPTED, Player
    from evaluation.replies_report import report
    from evaluation.report import machine
    from evaluation.talks import made_talks, read_talks
    from evaluation.work import each, key_of

    if file is not None and not file.is_file():
        raise BadData(f"{file} is not there. Give the path of a CSV, TSV, JSONL, JSON or Parquet file.")
    settings = load_settings({})
    home = settings.home
    name = catalogue or settings.catalogue
    if file is not None:
        home, name = run.store / "home", "evaluated"
        _take_in(home, file, name, settings.home / "embedder")
    voices = llms or ("plain",)
    first = Player(home, name, "plain")
    shelf = first.house.catalogues.shelf(name)
    if conversations is not None:
        talks = run.first(read_talks(conversations))
        source = str(conversations)
    else:
        count = MADE if run.limit is None else run.limit
        talks = made_talks(
            shelf.facets, tuple(shelf.items), shelf.noun, shelf.nouns, count=count, seed=run.seed
        )
        source = "made from the catalogue"
    played = {}
    for llm in voices:
        # A model that runs here needs the memory and the cores for itself.
        alone = llm not in ("plain", SCRIPTED)
        played[llm] = each(
            first if llm == "plain" else Player(home, name, llm),
            talks,
            workers=1 if alone else run.workers,
            store=run.store,
            key=key_of("replies", llm, name),
            label=f"Conversations with {llm}",
        )
    if pairs is not None:
        made = make_pairs(played, pair_count, run.seed)
        key = write_pairs(made, voices, pairs)
        click.echo(f"  {len(made)} pairs in {pairs}; which is which stands in {key}")
    facts = {
        "catalogue": f"{file or name}, {len(shelf.items)} {shelf.nouns}",
        "conversations": f"{len(talks)}, {source}",
        "fitted on": "nothing",
        "seed": run.seed,
        "machine": machine(),
    }
    run.finish(report(played, command=run.command, facts=facts, seed=run.seed))


def _take_in(home: Path, file: Path, name: str, embedder: Path) -> None:
    """Imports and indexes a file in a home of its own, apart from the person's catalogues.

    `embedder` is where the embedding graph lies that all homes may share.
    """
    from chat.build import make_shelves
    from chat.channels.console import progress_bars
    from chat.settings import load_settings

    home.mkdir(parents=True, exist_ok=True)
    embedder.mkdir(parents=True, exist_ok=True)
    with suppress(OSError):  # no links here, or there already: then it is made, or used, as it is
        (home / "embedder").symlink_to(embedder, target_is_directory=True)
    shelves = make_shelves(load_settings({"home": home}))
    with progress_bars() as progress:
        shelves.add(file, name, steps=progress)
