"""`genre index`, `genre catalogues` and `genre doctor`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from rich.console import Console

    from retrieval.importing import ImportReport
    from retrieval.schema import Schema

#: Skipped rows and notes that are printed; the rest is counted.
MOST_LINES = 20


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--name", help="Name of the catalogue; the file's own name by default.")
@click.option("--schema", type=click.Path(path_type=Path), help="Schema to use instead of FILE.genre.toml.")
@click.option("--preview", "only_look", is_flag=True, help="Show what would be imported, and stop.")
def index(file: Path, name: str | None, schema: Path | None, only_look: bool) -> None:
    """Make a catalogue of a file: CSV, TSV, JSONL, JSON or Parquet.

    The columns are guessed and the guess is written to FILE.genre.toml: correct it there and run the same
    command again. Rows that can't be used are listed with their line and reason; only what changed is indexed
    anew.
    """
    from rich.console import Console

    from chat.channels.console import progress_bars, say_errors

    console = Console()
    with say_errors():
        if not file.is_file():
            raise click.ClickException(
                f"{file} is not there. Give the path of a CSV, TSV, JSONL, JSON or Parquet file."
            )
        if only_look:
            _preview(console, file, schema)
            return
        from chat.build import make_shelves
        from chat.settings import load_settings

        settings = load_settings({})
        shelves = make_shelves(settings)
        chosen = name or _name_of(file)
        with progress_bars() as progress:
            report = shelves.add(
                file, chosen, schema.read_text(encoding="utf-8") if schema else None, steps=progress
            )
        written = _write_schema(file, schema, report.schema)
        _show_report(console, chosen, report)
        if written is not None:
            console.print(
                f"  The schema as guessed is in [bold]{written}[/bold]: correct it and index again."
            )
        console.print(f"  Talk about it: [bold]genre chat --catalogue {chosen}[/bold]\n")


def _name_of(file: Path) -> str:
    name = re.sub(r"[^a-z0-9_-]+", "-", file.name.split(".")[0].lower()).strip("-")
    return name or "catalogue"


def _write_schema(file: Path, given: Path | None, schema: Schema) -> Path | None:
    """Writes the guessed schema beside the file, where none is there and the folder lets us."""
    from retrieval.schema import schema_beside, schema_path, schema_toml

    if given is not None or schema_beside(file) is not None:
        return None
    path = schema_path(file)
    try:
        path.write_text(schema_toml(schema, file.name), encoding="utf-8")
    except OSError:
        return None
    return path


def _preview(console: Console, file: Path, schema: Path | None) -> None:
    from retrieval.importing import preview

    found = preview(file, schema)
    console.print(f"\n  {found.valid} of {found.rows} rows would be imported.")
    _show_schema(console, found.schema)
    for item in found.items:
        facts = ", ".join(f"{name}: {_value(value)}" for name, value in item.facts.items())
        console.print(f"  • {item.title} [dim]{facts}[/dim]", markup=True, highlight=False)
    _show_lines(console, [f"line {one.line}: {one.reason}" for one in found.skipped], "skipped")
    _show_lines(console, list(found.notes), "note")


def _show_report(console: Console, name: str, report: ImportReport) -> None:
    if report.unchanged:
        console.print(f"\n  {name}: {report.imported} items, nothing had changed.")
        return
    changes = f"{report.added} new, {report.changed} changed, {report.removed} gone"
    console.print(f"\n  [bold]{name}[/bold]: {report.imported} items from {report.rows} rows ({changes}).")
    _show_schema(console, report.schema)
    _show_lines(console, [f"line {one.line}: {one.reason}" for one in report.skipped], "skipped")
    _show_lines(console, list(report.notes), "note")


def _show_schema(console: Console, schema: Schema) -> None:
    from rich.table import Table

    table = Table("facet", "kind", "means", "column", box=None, padding=(0, 2), title_justify="left")
    for column in schema.kept:
        facet = column.facet
        means = " ".join(part for part in (facet.role, facet.unit and f"in {facet.unit}") if part)
        table.add_row(facet.name, facet.kind + (", several" if facet.many else ""), means, column.column)
    console.print(table)


def _show_lines(console: Console, lines: list[str], what: str) -> None:
    for line in lines[:MOST_LINES]:
        console.print(f"  {what}: {line}", markup=False, highlight=False)
    if len(lines) > MOST_LINES:
        console.print(f"  … and {len(lines) - MOST_LINES} more.")


def _value(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@click.command()
def catalogues() -> None:
    """List the catalogues that are here."""
    from rich.console import Console
    from rich.table import Table

    from chat.build import BUNDLED, make_shelves
    from chat.channels.console import say_errors
    from chat.settings import load_settings

    with say_errors():
        settings = load_settings({})
        shelves = make_shelves(settings)
        table = Table("name", "items", "about", box=None, padding=(0, 2))
        for name in shelves.names():
            stored = shelves.stored(name)
            if stored is None:
                table.add_row(name, "–", f"bundled ({BUNDLED[name].name}); read in on first use")
            else:
                table.add_row(name, f"{len(stored):,}", stored.title)
        Console().print(table)


@click.command()
def doctor() -> None:
    """Say what this computer has, what would run and why, and how to mend what is wrong."""
    from rich.console import Console

    from chat.build import catalogue_states, reach_database
    from chat.channels.console import say_errors
    from chat.doctor import diagnose, render
    from chat.settings import load_settings

    with say_errors():
        settings = load_settings({})
        diagnosis = diagnose(
            settings,
            catalogues=lambda: catalogue_states(settings),
            database=lambda: reach_database(settings),
        )
        Console().print(render(diagnosis))
