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
@click.option("--set", "prefix", default="", help="Which set, where the folder holds several: movie, book.")
@click.option("--forget", is_flag=True, help="Remove what was learnt for this catalogue.")
def learn(name: str, dialogues: Path | None, prefix: str, forget: bool) -> None:
    """Let a catalogue learn from dialogues that people had about its items.

    Items are matched by title and year where the folder has a list of items, else by id. What is learnt joins
    the ranking of lists from the next start on; conditions and reasons stay as they are.
    """
    from rich.console import Console

    from chat.build import make_shelves
    from chat.channels.console import progress_bars, say_errors
    from chat.settings import load_settings
    from retrieval.learned import forget as forget_learned
    from retrieval.learned import learn_from_dialogues

    console = Console()
    with say_errors():
        shelves = make_shelves(load_settings({}))
        with progress_bars() as progress:
            shelves.open(name, progress)
        if forget:
            there = forget_learned(shelves.store, name)
            console.print(f"  {name}: {'forgotten' if there else 'there was nothing to forget'}.")
            return
        if dialogues is None:
            raise click.ClickException("Say what to learn from: --dialogues FOLDER. Or --forget.")
        with progress_bars() as progress:
            learnt = learn_from_dialogues(shelves.store, name, dialogues, prefix, progress=progress)
        console.print(
            f"  {name}: learnt from {learnt.used:,} of {learnt.dialogues:,} dialogues, which name "
            f"{learnt.items:,} of its items. It knows {learnt.known_ids:,} of {learnt.ids:,} ids in them.",
            highlight=False,
        )
