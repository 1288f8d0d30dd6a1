"""What the command line shows besides answers: progress on long work, and errors without a stack trace."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import click

from chat.errors import GenreError
from retrieval.errors import RetrievalError

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is in all."""


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """A bar for each long step, on standard error; nothing where the steps are quick or nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(
        *columns, console=console, transient=not console.is_terminal, disable=not sys.stderr.isatty()
    ) as bars:
        tasks: dict[str, object] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total)
                if not sys.stderr.isatty():
                    click.echo(f"  {step} …", err=True)
            bars.update(tasks[step], completed=done, total=total)  # type: ignore[arg-type]

        yield report


@contextmanager
def say_errors() -> Iterator[None]:
    """Errors raised on purpose become one message and exit status 1; others keep their trace."""
    try:
        yield
    except (GenreError, RetrievalError) as error:
        raise click.ClickException(str(error)) from None


async def until_stopped(work: Coroutine[Any, Any, None]) -> None:
    """Runs what never ends by itself until Ctrl+C or SIGTERM, and takes leave. Raises what it raises."""
    task = asyncio.ensure_future(work)
    with suppress(NotImplementedError):  # Windows has no such handlers
        for stop in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(stop, task.cancel)
    try:
        await task
    except asyncio.CancelledError:
        click.echo("  Good-bye.")
