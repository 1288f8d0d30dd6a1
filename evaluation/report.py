"""What a measurement hands out: tables with intervals, plots and the facts around them.

One `Report` is written as JSON (everything, at full precision), as one HTML file that needs nothing else, and
as a table in the terminal.
"""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from evaluation.errors import EvaluationError
from evaluation.intervals import Interval

if TYPE_CHECKING:
    from rich.console import Console

Value = Interval | float | int | str | None
Better = Literal["higher", "lower", ""]

#: Libraries whose version can change a figure.
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "lightgbm", "implicit", "lenskit", "onnxruntime", "torch")


@dataclass(frozen=True)
class Column:
    """A column: its name (also the key in each row), the unit of its values, the better way, decimals."""

    name: str
    unit: str = ""
    better: Better = ""
    digits: int = 3

    @property
    def heading(self) -> str:
        """Name and unit, on two lines."""
        return f"{self.name}\n{self.unit}" if self.unit else self.name


@dataclass(frozen=True)
class Table:
    """Rows of values by column name; the first column is the row's label. None was not measured."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Mapping[str, Value], ...]
    note: str = ""


@dataclass(frozen=True)
class Plot:
    """A drawing, as SVG that may stand inside a page (see `evaluation/plots.py`)."""

    title: str
    svg: str
    caption: str = ""


@dataclass(frozen=True)
class Report:
    """A whole measurement. `facts` tell on what, fitted on what, with which seed, where and when."""

    title: str
    command: str
    about: str
    tables: tuple[Table, ...]
    plots: tuple[Plot, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)


def machine() -> dict[str, str]:
    """This computer and what is installed on it: processor, cores, memory, Python and library versions."""
    import psutil

    found = {
        "processor": _processor(),
        "cores": str(cores()),
        "memory": f"{psutil.virtual_memory().total / 2**30:.1f} GiB",
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "date": datetime.now(UTC).date().isoformat(),
    }
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


# --- values in words ----------------------------------------------------------------------------------------


def number(value: Value) -> float | None:
    """The number behind a value, None where there is none (text, not measured, not a number)."""
    if isinstance(value, Interval):
        value = value.value
    if isinstance(value, bool | str) or value is None or not math.isfinite(value):
        return None
    return float(value)


def shown(value: Value, digits: int) -> str:
    """A value as people read it: 0.217, 1,204, –."""
    if isinstance(value, str):
        return value
    plain = value.value if isinstance(value, Interval) else value
    if plain is None or not math.isfinite(plain):
        return "–"
    if isinstance(plain, int):
        return f"{plain:,}"
    return f"{plain:,.{digits}f}"


def spread(value: Value, digits: int) -> str:
    """The interval of a value, as "0.201–0.233" or "-0.02 to 0.01"; empty where it has none."""
    if not isinstance(value, Interval) or not (math.isfinite(value.low) and math.isfinite(value.high)):
        return ""
    between = "–" if value.low >= 0 else " to "
    return f"{value.low:,.{digits}f}{between}{value.high:,.{digits}f}"


def best_rows(table: Table) -> dict[str, set[int]]:
    """For each column that has a better way: the rows whose value, as shown, is the best."""
    best: dict[str, set[int]] = {}
    for column in table.columns[1:]:
        rounded = {
            row: round(found, column.digits)
            for row, values in enumerate(table.rows)
            if (found := number(values.get(column.name))) is not None
        }
        if column.better and len(rounded) > 1:
            top = (max if column.better == "higher" else min)(rounded.values())
            best[column.name] = {row for row, value in rounded.items() if value == top}
    return best


# --- JSON ---------------------------------------------------------------------------------------------------


def write_json(report: Report, path: Path) -> None:
    """The report as JSON; an interval is {"value", "low", "high", "n"}, and what is no number is null.

    Plots are left out: they are drawn from the tables.
    """
    document = {
        "title": report.title,
        "command": report.command,
        "about": report.about,
        "tables": [_table_json(table) for table in report.tables],
        "facts": _plain(report.facts),
    }
    _write(path, json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False) + "\n")


def _table_json(table: Table) -> dict[str, Any]:
    return {
        "title": table.title,
        "note": table.note,
        "columns": [
            {"name": column.name, "unit": column.unit, "better": column.better} for column in table.columns
        ],
        "rows": [
            {column.name: _plain(row.get(column.name)) for column in table.columns} for row in table.rows
        ],
    }


def _plain(value: Any) -> Any:
    """A value in the types of JSON."""
    if isinstance(value, Interval):
        return {name: _plain(getattr(value, name)) for name in ("value", "low", "high", "n")}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if hasattr(value, "item") and getattr(value, "ndim", 1) == 0:  # a number of numpy
        return _plain(value.item())
    if isinstance(value, Path | date):
        return str(value)
    if isinstance(value, Iterable):
        return [_plain(one) for one in value]
    return str(value)


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(
            f"The report cannot be written to {path}: {error.strerror}. Name a file that you may write."
        ) from None


# --- HTML ---------------------------------------------------------------------------------------------------


def write_html(report: Report, path: Path) -> None:
    """The report as one HTML file: no script, nothing fetched, light and dark, wide and narrow."""
    _write(path, html(report))


def html(report: Report) -> str:
    """The page's text."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    folder = Path(__file__).resolve().parent
    pages = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters.update(shown=shown, spread=spread, fact=_fact)
    tables = [(table, best_rows(table), _text_columns(table)) for table in report.tables]
    return pages.get_template("report.html.jinja").render(report=report, tables=tables)


def _fact(value: Any) -> str:
    """A fact on one line."""
    value = _plain(value)
    if isinstance(value, dict):
        return " · ".join(f"{name} {_fact(one)}" for name, one in value.items())
    if isinstance(value, list):
        return ", ".join(map(_fact, value))
    return shown(value, 3) if isinstance(value, float | int | None) else str(value)


# --- terminal -----------------------------------------------------------------------------------------------


def show(report: Report, console: Console) -> None:
    """Prints the report's first table; the others are in the files.

    Intervals stand under their value, quietly; the best of a column is bold. A table that is wider than the
    terminal is printed in parts, each with the rows' labels.
    """
    from rich.text import Text

    console.print()
    console.print(Text(f"  {report.title}", style="bold"))
    for table in report.tables[:1]:
        _show_table(table, console)
    rest = [table.title for table in report.tables[1:]]
    if rest:
        console.print(Text(f"  Also in the report (--html, --json): {', '.join(rest)}.", style="dim"))


def _show_table(table: Table, console: Console) -> None:
    from rich import box
    from rich.table import Table as Printed
    from rich.text import Text

    best, texts = best_rows(table), _text_columns(table)
    for columns in _parts(table, console.width):
        printed = Printed(box=box.SIMPLE_HEAD, padding=(0, 1), title_justify="left", pad_edge=True)
        printed.add_column(table.columns[0].heading, no_wrap=True)
        for column in columns:
            printed.add_column(column.heading, justify="left" if column.name in texts else "right")
        for row, values in enumerate(table.rows):
            cells = [Text(shown(values.get(table.columns[0].name), 0))]
            for column in columns:
                value = values.get(column.name)
                cell = Text(shown(value, column.digits))
                if row in best.get(column.name, ()):
                    cell.stylize("bold")
                if between := spread(value, column.digits):
                    cell.append(f"\n{between}", style="dim")
                cells.append(cell)
            printed.add_row(*cells)
        console.print(printed)
    if table.note:
        console.print(Text(f"  {table.note}", style="dim"))


def _text_columns(table: Table) -> set[str]:
    return {name for row in table.rows for name, value in row.items() if isinstance(value, str)}


def _parts(table: Table, width: int) -> list[list[Column]]:
    """The columns after the first, in groups that fit beside it."""

    def wide(column: Column) -> int:
        lengths = [len(line) for line in column.heading.split("\n")]
        for row in table.rows:
            value = row.get(column.name)
            lengths += [len(shown(value, column.digits)), len(spread(value, column.digits))]
        return max(lengths) + 3

    first, *others = table.columns
    room = width - wide(first) - 2
    groups: list[list[Column]] = [[]]
    used = 0
    for column in others:
        if groups[-1] and used + wide(column) > room:
            groups.append([])
            used = 0
        groups[-1].append(column)
        used += wide(column)
    return groups
