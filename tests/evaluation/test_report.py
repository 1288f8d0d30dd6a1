"""Reports: what the files hold, that they are self-contained, and what the terminal shows."""

from __future__ import annotations

import io
import json
import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console

from evaluation.errors import EvaluationError
from evaluation.intervals import Interval
from evaluation.plots import bars, curves, trade_off
from evaluation.report import (
    Column,
    Report,
    Table,
    best_rows,
    html,
    machine,
    show,
    shown,
    spread,
    write_html,
    write_json,
)

TABLE = Table(
    "Two methods & more",
    (
        Column("method"),
        Column("Recall@10", "share", "higher"),
        Column("turn", "ms", "lower", 1),
        Column("turns"),
    ),
    (
        {"method": "<ours>", "Recall@10": Interval(0.26, 0.24, 0.28, 300), "turn": 12.34, "turns": 1780},
        {
            "method": "chance",
            "Recall@10": Interval(0.01, -0.002, 0.02, 300),
            "turn": float("nan"),
            "turns": None,
        },
        {"method": "popularity", "Recall@10": 0.0614, "turn": np.float64(0.2), "turns": 1780},
    ),
    note="Full ranking.",
)
PLOTS = (
    curves(
        "By length",
        [1, 10],
        {"a": [Interval(1, 0, 2, 3)] * 2, "b": [0.5, 1.0]},
        x_label="k",
        y_label="Recall",
    ),
    bars("By <method>", {"a": Interval(1, 0, 2, 3), "b": 0.5, "c": None}, x_label="Recall"),
    trade_off("Traded", {"a": [(0.1, 0.2), (0.2, 0.1)]}, x_label="x", y_label="y"),
)
REPORT = Report(
    "Ranking",
    "genre evaluate ranking",
    "What it is.",
    (TABLE,),
    PLOTS,
    {"seed": 0, "fitted on": {"ease": "train"}},
)


class Page(HTMLParser):
    """Tags and the places that they would fetch."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []
        self.ids: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href") and value and not value.startswith("#"):
                self.fetched.append(value)
            if name == "id" and value:
                self.ids.append(value)


def test_json_holds_everything_and_nothing_that_json_does_not_know(tmp_path: Path) -> None:
    write_json(REPORT, tmp_path / "new folder" / "report.json")
    text = (tmp_path / "new folder" / "report.json").read_text(encoding="utf-8")
    document = json.loads(text, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    ours, chance, popularity = document["tables"][0]["rows"]
    assert ours["Recall@10"] == {"value": 0.26, "low": 0.24, "high": 0.28, "n": 300}
    assert chance["turn"] is None
    assert popularity["turn"] == 0.2
    assert document["facts"]["fitted on"] == {"ease": "train"}
    assert document["command"] == "genre evaluate ranking"


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    write_html(REPORT, tmp_path / "report.html")
    text = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = Page(text)
    assert page.fetched == []
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert not re.search(r"@import|url\((?!#)", text)
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("svg") == 3


def test_the_page_says_what_was_measured_and_escapes_it() -> None:
    text = html(REPORT)
    assert "&lt;ours&gt;" in text
    assert "<ours>" not in text
    assert "<b>0.260</b><small>0.240–0.280</small>" in text
    assert "-0.002 to 0.020" in text
    assert "1,780" in text
    assert "ease train" in text


def test_plots_take_their_ink_from_the_page() -> None:
    for plot in PLOTS:
        assert plot.svg.startswith("<svg ")
        assert "currentColor" in plot.svg
        assert "var(--line)" in plot.svg
        assert not re.search(r"<svg [^>]*\b(width|height)=", plot.svg)
    assert 'aria-label="By &lt;method>"' in PLOTS[1].svg
    assert bars("same", {"a": 1.0}, x_label="x") == bars("same", {"a": 1.0}, x_label="x")


def test_the_best_of_a_column() -> None:
    assert best_rows(TABLE) == {"Recall@10": {0}, "turn": {2}}
    tied = Table(
        "t", (Column("m"), Column("x", "", "higher", 1)), ({"m": "a", "x": 0.31}, {"m": "b", "x": 0.34})
    )
    assert best_rows(tied) == {"x": {0, 1}}  # what looks equal is equal


def test_values_in_words() -> None:
    assert shown(Interval(0.5, 0.4, 0.6, 9), 2) == "0.50"
    assert shown(1234, 3) == "1,234"
    assert shown(None, 3) == "–"
    assert spread(0.5, 2) == ""


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_terminal_shows_every_value_at_any_width(width: int) -> None:
    out = io.StringIO()
    show(REPORT, Console(file=out, width=width))
    text = out.getvalue()
    for expected in ("<ours>", "0.260", "0.240–0.280", "12.3", "1,780", "Full ranking."):
        assert expected in text
    assert all(len(line) <= width for line in text.splitlines())


def test_the_machine_is_named() -> None:
    found = machine()
    assert {"processor", "cores", "memory", "python", "numpy"} <= set(found)


def test_a_report_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(EvaluationError, match="cannot be written"):
        write_json(REPORT, tmp_path / "file" / "report.json")
