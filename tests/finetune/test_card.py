"""The cards, and what ships."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from finetune.card import OFTEN, make_card, ship, spoken_words, write_cards, write_sums
from finetune.data import prepare
from finetune.errors import NotReady
from finetune.examples import Example
from finetune.run import Run
from prompts.card import has_card, load_card
from prompts.template import fingerprint

EVALUATION = {
    "limit": 5,
    "machine": {"processor": "a processor", "threads": 2},
    "losses": {"validation": {"read": {"loss": 0.5, "perplexity": 1.65, "tokens": 9, "examples": 3}}},
    "answered_in": "fp32",
    "answers": {
        "plants": {
            "read": {
                "answers": 5, "parses": 0.8, "act": 0.6, "interests": 0.4, "feelings": 0.5, "same": 0.2,
                "ended": 1.0,
            }
        }
    },
    "precisions": [
        {"precision": "onnx-int4", "tokens_per_second": 321.5, "first_token_ms": 9.0, "memory_mib": 30.0,
         "disk_mb": 7.77, "read_same": 0.2, "write_faithful": 0.9}
    ],
}  # fmt: skip


@pytest.fixture
def run(tiny: Callable[..., Run]) -> Run:
    """A run with its data, and stand-ins for weights: cards read none."""
    run = tiny()
    run.note("data", prepare(run))
    for name in ("merged/config.json", "onnx/genai_config.json", "lora/adapter/adapter_config.json"):
        path = run.folder / name
        path.parent.mkdir(parents=True)
        path.write_text('{"hidden_size": 32, "num_hidden_layers": 1}')
    return run


def _reply(given: str, said: str) -> Example:
    messages = ({"role": "user", "content": given}, {"role": "assistant", "content": said})
    return Example("write", "generator", messages)


def test_the_models_own_words_are_those_that_replies_hold_without_their_prompts() -> None:
    often = [_reply(f"theme: sea {n}", "Sea, then: [1] is about the sea.") for n in range(OFTEN)]
    rare = [_reply("theme: war", "Behold, [1].")]
    talk = [Example("talk", "redial", _reply("", "hello " * 9).messages)] * OFTEN
    assert spoken_words([*often, *rare, *talk]) == ("about", "is", "the", "then")


def test_a_word_that_tells_a_fact_is_the_models_own_only_where_it_is_said_more_often_without_one() -> None:
    told = [_reply("mood: [1a] funny", "[1] is funny.")] * OFTEN
    loose = [_reply("theme: sea", "[1] is funny.")] * OFTEN
    assert "funny" not in spoken_words([*told, *loose])
    assert "funny" in spoken_words([*told, *loose, *loose])


def test_the_card_tells_programs_what_the_model_is(run: Run) -> None:
    write_cards(run, str)
    for folder in (run.folder, run.folder / "merged", run.folder / "onnx", run.folder / "lora" / "adapter"):
        card = load_card(folder)
        assert card.form == "short"
        assert card.prompt_fingerprint == fingerprint()
        assert card.data_hash == run.made("data")["data_hash"]
        assert card.sources == ("generator (MIT)",)


def test_the_card_tells_people_what_was_counted_and_measured(run: Run) -> None:
    run.outcome("evaluate").write_text(json.dumps(EVALUATION))
    run.note(
        "pretrain",
        {"parameters": 12345, "rows": 10, "updates": 7, "of": 9, "best_validation_loss": 3.25, "seconds": 90},
    )
    write_cards(run, str)
    text = run.outcome("card").read_text()
    assert "| base | 12,345 | 10 | 7 of 9 | 3.2500 | 1.5 |" in text
    assert "| lora | generator: read |" in text
    assert "boardgames, plants" in text
    assert run.made("data")["data_hash"] in text
    assert "| plants | 5 | 0.800 | 0.600 | 0.400 | 0.500 | 0.200 |" in text
    assert re.search(r"\| onnx-int4 \|.* 321\.5 \|", text)
    for line in text.splitlines():
        assert "None" not in line


def test_a_card_without_an_evaluation_says_so(run: Run) -> None:
    write_cards(run, str)
    assert "Not evaluated yet" in run.outcome("card").read_text()


def test_no_card_without_weights_or_data(tiny: Callable[..., Run]) -> None:
    with pytest.raises(NotReady, match="genre finetune merge"):
        make_card(tiny())


def test_sums_are_those_of_sha256sum_and_cover_every_file_but_prose(tmp_path: Path) -> None:
    (tmp_path / "onnx").mkdir()
    (tmp_path / "onnx" / "model.onnx").write_bytes(b"weights")
    (tmp_path / "card.json").write_bytes(b"card")
    (tmp_path / "README.md").write_bytes(b"prose may be mended")
    for _ in range(2):  # a second time the sums don't count themselves
        lines = write_sums(tmp_path).read_text().splitlines()
        assert lines == [
            f"{hashlib.sha256(b'card').hexdigest()}  card.json",
            f"{hashlib.sha256(b'weights').hexdigest()}  onnx/model.onnx",
        ]


def test_what_ships_is_halved_complete_and_summed(run: Run, tmp_path: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    weights = {"w": torch.randn(8, 8)}
    for folder, name in (("base", "model.safetensors"), ("lora/adapter", "adapter_model.safetensors")):
        (run.folder / folder).mkdir(parents=True, exist_ok=True)
        save_file(weights, run.folder / folder / name)
    (run.folder / "base" / "config.json").write_text('{"dtype": "float32"}')
    (run.folder / "pretrain").mkdir()
    (run.folder / "pretrain" / "losses.png").write_bytes(b"picture")
    write_cards(run, str)
    to = tmp_path / "models" / "tiny"
    for _ in range(2):  # shipping again replaces what was there
        ship(run, to, str)
    assert load_file(to / "base" / "model.safetensors")["w"].dtype == torch.bfloat16
    assert json.loads((to / "base" / "config.json").read_text())["dtype"] == "bfloat16"
    assert torch.equal(load_file(to / "adapter" / "adapter_model.safetensors")["w"], weights["w"].bfloat16())
    assert has_card(to)
    assert has_card(to / "onnx")
    assert (to / "pretrain-losses.png").read_bytes() == b"picture"
    summed = {line.split("  ")[1] for line in (to / "SHA256SUMS").read_text().splitlines()}
    there = {path.relative_to(to).as_posix() for path in to.rglob("*") if path.is_file()}
    assert summed == there - {"SHA256SUMS", "model-card.md"}


def test_nothing_ships_before_it_is_there(run: Run, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="genre finetune card"):
        ship(run, tmp_path / "models", str)
