"""Data on disk: hashes that repeat, own rows, a split without leaks, and what counts as done."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finetune.data import key, load_examples, prepare, read_extra
from finetune.errors import BadData, NotReady
from finetune.run import Run
from finetune.sources import is_held

ROW = {"messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]}


def _file(folder: Path, *rows: Any) -> Path:
    path = folder / "mine.jsonl"
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return path


def test_data_repeat_by_seed(tiny: Callable[..., Run], tmp_path: Path) -> None:
    first = prepare(tiny(folder=tmp_path / "a"))
    assert prepare(tiny(folder=tmp_path / "b")) == first
    assert prepare(tiny(folder=tmp_path / "c", seed=5))["data_hash"] != first["data_hash"]


def test_sources_say_what_was_counted(tiny: Callable[..., Run]) -> None:
    run = tiny()
    found = prepare(run)
    assert json.loads((run.folder / "data" / "sources.json").read_text()) == found
    asked = run.config.data
    assert found["examples"]["pretrain"]["generator: drill"] == asked.drill_examples
    assert sum(found["examples"]["pretrain"].values()) == asked.pretrain_examples + asked.drill_examples
    assert sum(found["examples"]["lora"].values()) == run.config.data.lora_examples
    assert set(found["domains_left_out"]) == {"boardgames", "plants"}
    assert found["licences"] == {"generator": "MIT"}
    assert "opendialkg" in found["sets_refused"]
    assert len(list(load_examples(run.folder / "data" / "lora.jsonl"))) == run.config.data.lora_examples


def test_validation_holds_nothing_that_is_taught(tiny: Callable[..., Run], tmp_path: Path) -> None:
    own = [
        {"messages": [{"role": "user", "content": f"hi {number}"}, {"role": "assistant", "content": "x"}]}
        for number in range(60)
    ]
    run = tiny(data={"pretrain_examples": 200, "lora_examples": 100, "validation_examples": 100})
    prepare(run, _file(tmp_path, *own, *own[:30]))
    data = run.folder / "data"
    taught, held = (
        {key(one) for name in names for one in load_examples(data / f"{name}.jsonl")}
        for names in (("pretrain", "lora"), ("validation",))
    )
    assert held
    assert not taught & held
    extra = [one for one in load_examples(data / "validation.jsonl") if one.kind == "extra"]
    assert extra
    assert all(is_held(key(one)) for one in extra)


def test_own_rows_join_the_adapter_only(tiny: Callable[..., Run], tmp_path: Path) -> None:
    rows = [
        {"messages": [{"role": "user", "content": f"hi {n}"}, {"role": "assistant", "content": "x"}]}
        for n in range(20)
    ]
    run = tiny()
    found = prepare(run, _file(tmp_path, *rows))
    assert found["examples"]["lora"]["mine.jsonl: extra"] >= 10
    assert "mine.jsonl: extra" not in found["examples"]["pretrain"]
    assert found["licences"]["mine.jsonl"] == "the user's own"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "no JSON"),
        ("[]", "field messages"),
        ({"messages": []}, "field messages"),
        ({"messages": ["hi"]}, r"field messages\[0\]\.role is 'hi'"),
        ({"messages": [{"role": "bot", "content": "x"}]}, r"field messages\[0\]\.role is 'bot'; expected"),
        ({"messages": [{"role": "user", "content": 7}]}, r"field messages\[0\]\.content"),
        ({"messages": [{"role": "user", "content": " "}]}, r"field messages\[0\]\.content"),
        (
            {"messages": [*ROW["messages"], {"role": "user", "content": "x"}]},
            r"messages\[2\]\.role is 'user'",
        ),
        (
            {"messages": [{"role": "user", "content": "<|end|>"}]},
            r"content holds the control token <\|end\|>",
        ),
    ],
)
def test_an_own_row_that_is_wrong_is_named(row: Any, words: str, tmp_path: Path) -> None:
    path = _file(tmp_path, ROW, "", row)
    with pytest.raises(BadData, match=rf"mine\.jsonl, line 3: .*{words}"):
        list(read_extra(path))


def test_a_step_is_done_until_what_it_depends_on_changes(tiny: Callable[..., Run]) -> None:
    run = tiny()
    assert not run.done("data")
    run.note("data", prepare(run))
    assert run.done("data")
    assert not run.done("data", "another file of own rows")
    assert not tiny(seed=1).done("data")
    assert tiny(lora={"rank": 4}).done("data")
    run.forget("data")
    assert not run.done("data")


def test_what_was_made_elsewhere_counts_as_done(tiny: Callable[..., Run]) -> None:
    run = tiny()
    run.outcome("pretrain").parent.mkdir(parents=True)
    run.outcome("pretrain").write_text("{}")
    assert run.done("pretrain")
    run.note("pretrain", {"stopped_by_the_clock": True})
    assert not run.done("pretrain")


def test_how_long_training_may_take_changes_nothing_of_what_it_makes(tiny: Callable[..., Run]) -> None:
    assert tiny(pretrain={"minutes": 3}).hash("pretrain") == tiny().hash("pretrain")
    assert tiny(pretrain={"batch": 2}).hash("pretrain") != tiny().hash("pretrain")


def test_a_step_whose_start_is_missing_names_the_command(tiny: Callable[..., Run]) -> None:
    with pytest.raises(NotReady, match="genre finetune lora"):
        tiny().need("lora")


def test_checkpoints_of_another_configuration_are_not_gone_on_with(tiny: Callable[..., Run]) -> None:
    run = tiny()
    folder = run.folder / "pretrain"
    run.begin("pretrain", folder)
    (folder / "checkpoints").mkdir()
    run.begin("pretrain", folder)
    with pytest.raises(NotReady, match="--again"):
        tiny(model={"layers": 2}).begin("pretrain", folder)


def test_a_base_of_somebody_else_needs_no_tokenizer_and_no_pretraining(tiny: Callable[..., Run]) -> None:
    run = tiny(lora={"base": "Qwen/Qwen3-0.6B"})
    assert run.steps == ("data", "lora", "merge", "quantize", "evaluate", "card")
    assert "pretrain" not in prepare(run)["examples"]
