"""What every `genre evaluate` command shares: its options, where it keeps unfinished work, how it ends."""

from __future__ import annotations

import functools
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import click

from evaluation.errors import EvaluationError
from evaluation.report import Report, cores, show, write_html, write_json
from evaluation.work import key_of

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Run:
    """One call of a command. `store` is for `work.each`; it is removed once the report is out."""

    command: str
    seed: int
    limit: int | None
    workers: int
    store: Path
    json: Path | None
    html: Path | None

    def first(self, things: Sequence[Thing]) -> Sequence[Thing]:
        """At most `limit` of a sequence."""
        return things if self.limit is None else things[: self.limit]

    def finish(self, report: Report) -> None:
        """Writes what was asked for, prints the table, and clears the unfinished work."""
        from rich.console import Console

        console = Console()
        show(report, console)
        for path, write in ((self.json, write_json), (self.html, write_html)):
            if path is not None:
                write(report, path)
                console.print(f"  Written: {path}", highlight=False, markup=False)
        console.print()
        shutil.rmtree(self.store, ignore_errors=True)


def measured(function: Callable[..., None]) -> Callable[..., None]:
    """Gives a click command the shared options; `function` is called with `run=Run(...)` and its own.

    Use it under `@click.command()` and the command's own options:

        @click.command()
        @click.option("--data", type=click.Path(path_type=Path), required=True, help="Folder of dialogues.")
        @measured
        def command(run: Run, data: Path) -> None: ...

    Errors raised on purpose become one message and exit status 1.
    """

    @click.option(
        "--json", "json_", type=click.Path(path_type=Path), help="Write everything measured to this file."
    )
    @click.option("--html", type=click.Path(path_type=Path), help="Write a report with plots to this file.")
    @click.option("--seed", type=int, default=0, show_default=True, help="Seed of everything random.")
    @click.option(
        "--limit", type=click.IntRange(min=1), help="Measure on this many at most, for a quick look."
    )
    @click.option(
        "--workers", type=click.IntRange(min=1), help="Processes to use. Default: one for each core."
    )
    @functools.wraps(function)
    def call(
        *,
        json_: Path | None,
        html: Path | None,
        seed: int,
        limit: int | None,
        workers: int | None,
        **own: Any,
    ) -> None:
        context = click.get_current_context()
        with said():
            for path in (json_, html):
                if path is not None and path.is_dir():
                    raise EvaluationError(f"{path} is a folder. Name a file for the report.")
            run = Run(
                command=command_line(),
                seed=seed,
                limit=limit,
                workers=workers or cores(),
                store=_store(context.info_name or "", seed, limit, own),
                json=json_,
                html=html,
            )
            function(run=run, **own)

    return call


def _store(name: str, seed: int, limit: int | None, own: dict[str, Any]) -> Path:
    """A folder that belongs to a command with just these options, wherever its report goes."""
    from chat.settings import load_settings

    return load_settings({}).home / "evaluation" / f"{name}-{key_of(seed, limit, own)}"


def command_line() -> str:
    """The command as it was typed, for the report."""
    words = sys.argv[1:] if len(sys.argv) > 1 else []
    return shlex.join(["genre", *words])


@contextmanager
def said() -> Iterator[None]:
    """Errors raised on purpose become one message and exit status 1; Ctrl-C says that work is kept."""
    from chat.channels.console import say_errors

    try:
        with say_errors():
            yield
    except EvaluationError as error:
        raise click.ClickException(str(error)) from None
    except KeyboardInterrupt:
        click.echo("\n  Stopped. What was finished is kept: the same command goes on from there.", err=True)
        raise SystemExit(130) from None
