"""The frame that all commands of `genre evaluate` share."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from evaluation.commands import COMMANDS, evaluate
from evaluation.errors import BadData
from evaluation.report import Column, Report, Table
from evaluation.run import Run, measured
from evaluation.work import each


@click.command()
@click.option("--data", required=True)
@measured
def command(run: Run, data: str) -> None:
    if data == "broken":
        raise BadData("broken, line 3: no rating. Give every row one.")
    if data == "stopped":
        raise KeyboardInterrupt
    numbers = each(str, run.first(range(10)), workers=1, store=run.store, key="k", label="numbers")
    table = Table("Numbers", (Column("number"),), tuple({"number": one} for one in numbers))
    run.finish(Report("Numbers", run.command, "", (table,), facts={"seed": run.seed, "data": data}))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("GENRE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_a_run_writes_its_report_and_leaves_no_unfinished_work(tmp_path: Path, home: Path) -> None:
    out = tmp_path / "out.json"
    done = CliRunner().invoke(
        command,
        [
            "--data",
            "x",
            "--limit",
            "2",
            "--seed",
            "7",
            "--json",
            str(out),
            "--html",
            str(tmp_path / "o.html"),
        ],
    )
    assert done.exit_code == 0, done.output
    document = json.loads(out.read_text(encoding="utf-8"))
    assert [row["number"] for row in document["tables"][0]["rows"]] == ["0", "1"]
    assert document["facts"] == {"seed": 7, "data": "x"}
    assert (tmp_path / "o.html").is_file()
    assert not any((home / "evaluation").iterdir())


def test_an_error_is_one_message_and_status_one() -> None:
    done = CliRunner().invoke(command, ["--data", "broken"])
    assert done.exit_code == 1
    assert "Error: broken, line 3: no rating" in done.output
    assert "Traceback" not in done.output


def test_a_report_to_a_folder_is_refused_before_anything_is_measured(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["--data", "x", "--json", str(tmp_path)])
    assert done.exit_code == 1
    assert "is a folder" in done.output


def test_stopping_says_that_work_is_kept() -> None:
    done = CliRunner().invoke(command, ["--data", "stopped"])
    assert done.exit_code == 130
    assert "goes on from there" in done.output


def test_the_group_lists_every_measurement_without_importing_it() -> None:
    done = CliRunner().invoke(evaluate, ["--help"])
    assert done.exit_code == 0
    assert all(name in done.output for name in COMMANDS)
