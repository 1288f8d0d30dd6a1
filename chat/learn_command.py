"""`genre learn`: what people said or did, learnt for a catalogue."""

from __future__ import annotations

from pathlib import Path

import click


@click.command()
@click.argument("name")
@click.option(
    "--dialogues",
    type=click.Path(path_type=Path),
    help="Folder with train.jsonl and items.jsonl: earlier dialogues about these items.",
)
@click.option(
    "--ratings",
    type=click.Path(path_type=Path),
    help="Table of who rated, bought or clicked which item: CSV, TSV, JSON or JSON Lines.",
)
@click.option(
    "--titles",
    type=click.Path(path_type=Path),
    help="List of the table's items, where its ids are not the catalogue's: matched by title and year.",
)
@click.option(
    "--algorithm", default="ease", show_default=True, help="What learns from ratings; mixture is all of them."
)
@click.option("--set", "prefix", default="", help="Which set, where the folder holds several: movie, book.")
@click.option(
    "--small", is_flag=True, help="A third of the size, and hardly less good: to send along with a catalogue."
)
@click.option(
    "--keep", type=click.Path(path_type=Path), help="Keep what dialogues taught in this folder instead."
)
@click.option("--forget", is_flag=True, help="Remove what was learnt for this catalogue.")
def learn(
    name: str,
    dialogues: Path | None,
    ratings: Path | None,
    titles: Path | None,
    algorithm: str,
    prefix: str,
    small: bool,
    keep: Path | None,
    forget: bool,
) -> None:
    """Let a catalogue learn from dialogues about its items, or from a table of who liked which.

    Items are matched by title and year where there is a list of items, else by id. What is learnt joins the
    ranking of lists from the next start on; conditions and reasons stay as they are.

    \b
    genre learn films --dialogues talks/
    genre learn films --ratings ratings.csv --titles movies.csv
    """
    from rich.console import Console

    from chat.build import make_shelves
    from chat.channels.console import progress_bars, say_errors
    from chat.settings import load_settings
    from retrieval.dialogues.ranker import SMALL, RankerSettings
    from retrieval.learned import forget as forget_learned
    from retrieval.learned import learn_from_dialogues, learn_from_ratings

    console = Console()
    with say_errors():
        shelves = make_shelves(load_settings({}))
        with progress_bars() as progress:
            shelves.open(name, progress)
        if forget:
            there = forget_learned(shelves.store, name)
            console.print(f"  {name}: {'forgotten' if there else 'there was nothing to forget'}.")
            return
        if dialogues is None and ratings is None:
            raise click.ClickException(
                "Say what to learn from: --dialogues FOLDER or --ratings FILE. Or --forget."
            )
        if dialogues is not None:
            with progress_bars() as progress:
                settings = SMALL if small else RankerSettings()
                learnt = learn_from_dialogues(
                    shelves.store, name, shelves.embedder, dialogues, prefix, settings, progress, keep
                )
            console.print(
                f"  {name}: learnt from {learnt.used:,} of {learnt.dialogues:,} dialogues, which "
                f"name {learnt.items:,} of its items. It knows {learnt.known_ids:,} of {learnt.ids:,} ids in "
                "them.",
                highlight=False,
            )
        if ratings is not None:
            with console.status("Learning from ratings"):
                done = learn_from_ratings(shelves.store, name, ratings, titles, algorithm)
            console.print(
                f"  {name}: learnt from {done.used:,} of {done.rows:,} rows: {done.people:,} people who "
                f"liked {done.items:,} of its items. It knows {done.known_ids:,} of {done.ids:,} ids in the "
                "table.",
                highlight=False,
            )
