"""`genre finetune` from the outside."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from finetune.commands import finetune
from finetune.talk.patterns import domains
from retrieval.importing import preview

SMALL = """
[data]
pretrain_examples = 6
drill_examples = 2
lora_examples = 4
validation_examples = 3
[tokenizer]
vocabulary = 700
examples = 10
"""


def _config(folder: Path, text: str = SMALL) -> str:
    path = folder / "mine.toml"
    path.write_text(text)
    return str(path)


def test_every_command_is_listed_and_explained() -> None:
    told = CliRunner().invoke(finetune, ["--help"]).output
    for name in finetune.commands:
        assert f"\n  {name} " in told
        shown = CliRunner().invoke(finetune, [name, "--help"])
        assert shown.exit_code == 0
        assert "--folder" in shown.output or name == "catalogue"


def test_asking_for_help_loads_no_library_that_trains() -> None:
    code = (
        "import sys; from click.testing import CliRunner; from app import main;"
        "assert CliRunner().invoke(main, ['finetune', '--help']).exit_code == 0;"
        "print([name for name in ('torch', 'transformers', 'peft', 'datasets') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_invented_catalogue_can_be_read_in(tmp_path: Path) -> None:
    file = tmp_path / "plants.csv"
    done = CliRunner().invoke(finetune, ["catalogue", "plants", str(file), "--count", "30"])
    assert done.exit_code == 0, done.output
    read = preview(file)
    assert (read.valid, read.skipped) == (30, ())
    assert {column.facet.kind for column in read.schema.facets} >= {"category", "number"}
    other = CliRunner().invoke(finetune, ["catalogue", "ships", str(file)])
    assert other.exit_code == 1
    assert "plants" in other.output


def test_data_are_made_once(tmp_path: Path) -> None:
    arguments = ["data", "--config", _config(tmp_path), "--folder", str(tmp_path / "run")]
    first = CliRunner().invoke(finetune, arguments)
    assert first.exit_code == 0, first.output
    assert "pretrain: 8 examples" in first.output
    made = (tmp_path / "run" / "data" / "sources.json").stat().st_mtime_ns
    again = CliRunner().invoke(finetune, arguments)
    assert "done already" in again.output
    assert (tmp_path / "run" / "data" / "sources.json").stat().st_mtime_ns == made
    anew = CliRunner().invoke(finetune, [*arguments, "--again"])
    assert "pretrain: 8 examples" in anew.output


def test_human_talk_joins_by_its_folder(tmp_path: Path) -> None:
    (tmp_path / "sets" / "redial").mkdir(parents=True)
    turns = [{"speaker": "user", "text": "I love heist films"}, {"speaker": "system", "text": "Try one."}]
    (tmp_path / "sets" / "redial" / "train.jsonl").write_text(
        "".join(
            json.dumps({"dialogue_id": f"{n}", "turns": [*turns, {"speaker": "user", "text": f"no {n}"}]})
            + "\n"
            for n in range(20)
        )
    )
    arguments = ["data", "--config", _config(tmp_path), "--folder", str(tmp_path / "run")]
    done = CliRunner().invoke(finetune, [*arguments, "--data", str(tmp_path / "sets")])
    assert done.exit_code == 0, done.output
    found = json.loads((tmp_path / "run" / "data" / "sources.json").read_text())
    assert found["licences"] == {"generator": "MIT", "redial": "CC BY 4.0"}
    assert found["examples"]["pretrain"]["redial: talk"] > 10
    assert "redial" not in found["sets_not_found"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["merge"], "run genre finetune lora first"),
        (["quantize"], "run genre finetune merge first"),
        (["evaluate"], "run genre finetune merge first"),
        (["card"], "run genre finetune merge first"),
    ],
)
def test_what_goes_wrong_is_said_in_a_line(arguments: list[str], words: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        finetune, [*arguments, "--config", _config(tmp_path), "--folder", str(tmp_path / "run")]
    )
    assert done.exit_code == 1
    assert done.output.strip().splitlines()[-1].startswith("Error: ")
    assert words in done.output


def test_a_wrong_field_and_a_wrong_row_are_named(tmp_path: Path) -> None:
    done = CliRunner().invoke(finetune, ["data", "--config", _config(tmp_path, "[lora]\nrnk = 1")])
    assert done.exit_code == 1
    assert "lora.rnk" in done.output
    rows = tmp_path / "mine.jsonl"
    rows.write_text('{"messages": []}\n')
    arguments = ["data", "--config", _config(tmp_path), "--folder", str(tmp_path / "run")]
    done = CliRunner().invoke(finetune, [*arguments, "--extra", str(rows)])
    assert done.exit_code == 1
    assert "mine.jsonl, line 1: field messages" in done.output


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_demonstration_goes_from_nothing_to_a_model_that_answers(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime_genai")
    folder = tmp_path / "demo"
    command = [sys.executable, "-c", "from app import main; main()", "finetune", "demo"]
    done = subprocess.run(
        [*command, "--folder", str(folder)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == 0, done.stdout + done.stderr
    for step in ("tokenizer", "data", "pretrain", "lora", "merge", "quantize", "evaluate", "card"):
        assert f"{step} …" in done.stdout
    found = json.loads((folder / "evaluation.json").read_text())
    assert [one["precision"] for one in found["precisions"]] == ["fp32", "onnx-int4"]
    assert all(one["tokens_per_second"] > 0 for one in found["precisions"])
    assert set(found["losses"]) == {"validation", "boardgames", "plants"}
    assert set(found["answers"]) <= {"validation", *domains()}
    # It learned something: a token of so small a vocabulary is guessed with a loss of ln 2048 = 7.6.
    assert found["losses"]["validation"]["read"]["loss"] < 6
    for name in ("merged", "onnx", "lora/adapter"):
        assert (folder / name / "genre-card.json").is_file()
