"""Training of the smallest models there are: it ends where it should, also when it was stopped on the way."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finetune import steps
from finetune.data import prepare
from finetune.errors import BadConfig, NoMemory, NotReady
from finetune.foreign import load_tokenizer
from finetune.rendering import END
from finetune.run import Run
from finetune.train import new_model, train


def _quiet(line: str) -> None:
    """What the steps say is of no interest here."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run that went as far as the merged model."""
    from finetune.config import Config
    from tests.finetune.conftest import TINY

    run = Run(Config.model_validate({**TINY, "folder": tmp_path_factory.mktemp("run")}))
    run.note("tokenizer", steps.tokenizer(run, _quiet))
    run.note("data", prepare(run))
    run.note("pretrain", steps.pretrain(run, _quiet))
    run.note("lora", steps.lora(run, _quiet))
    run.note("merge", steps.merge(run, _quiet))
    return run


def test_the_base_is_saved_with_its_tokenizer_and_losses(made: Run) -> None:
    noted = made.made("pretrain")
    assert noted["updates"] == noted["of"] > 1
    losses = json.loads((made.folder / "pretrain" / "losses.json").read_text())
    assert any("loss" in one for one in losses)
    assert any("eval_loss" in one for one in losses)
    assert (made.folder / "pretrain" / "losses.png").stat().st_size > 1000
    assert load_tokenizer(made.folder / "base").eos_token == END


def test_a_base_that_learned_to_copy_goes_on_from_there(made: Run) -> None:
    noted = made.made("pretrain")["copying"]
    assert noted["updates"] == noted["of"] == 2
    said: list[str] = []
    shutil.rmtree(made.folder / "pretrain" / "checkpoints")
    again = steps.pretrain(made, said.append)
    assert again["copying"] == noted
    assert not any("copies what it is given" in line for line in said), "it would have learned that anew"


def test_a_base_can_be_gone_on_with(made: Run, tiny: Callable[..., Run]) -> None:
    import torch

    from finetune.foreign import load_base

    run = tiny(model={"start": made.base}, pretrain={"learning_rate": 1e-9, "weight_decay": 0})
    assert steps.tokenizer(run, _quiet)["vocabulary"] == len(load_tokenizer(made.base))
    prepare(run)
    assert steps.pretrain(run, _quiet)["copying"] == {}
    before, after = load_base(made.base).state_dict(), load_base(run.base).state_dict()
    assert all(torch.allclose(before[name], after[name], atol=1e-6) for name in before)


def test_the_loss_on_learned_tokens_alone_is_the_models_own(made: Run, tmp_path: Path) -> None:
    import torch
    from transformers import TrainingArguments

    from finetune.foreign import load_base
    from finetune.train import trainer_class, with_adapter

    ids = torch.arange(24).reshape(2, 12) + 10
    labels = ids.clone()
    labels[0, :7], labels[1, :3] = -100, -100
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}
    for model in (load_base(made.base), with_adapter(load_base(made.base), made.config.lora)):
        trainer = trainer_class()(model=model, args=TrainingArguments(str(tmp_path), use_cpu=True))
        ours = trainer.compute_loss(model.eval(), inputs)
        assert ours.item() == pytest.approx(model(**inputs).loss.item(), abs=1e-5)
        learned = (labels[:, 1:] != -100).sum()
        summed = trainer.compute_loss(model, inputs, num_items_in_batch=2 * learned)
        assert summed.item() == pytest.approx(ours.item() / 2, abs=1e-5)


def test_training_leaves_the_process_as_it_was(made: Run) -> None:
    import torch

    assert float(torch.tensor([1e-40]) * 0.5) > 0, "tiny numbers are still taken for 0"


def test_training_ends_where_the_loss_is_low_enough(made: Run, tmp_path: Path) -> None:
    words = load_tokenizer(made.folder / "tokenizer")
    rows = [{"input_ids": list(range(10, 42)), "labels": list(range(10, 42))} for _ in range(48)]
    config = made.config.pretrain
    for loss, ended in ((1e6, True), (1e-6, False)):
        done = train(
            new_model(made.config, words),
            words,
            rows,
            rows[:4],
            config.model_copy(update={"enough": loss}),
            tmp_path / str(ended),
            0,
            _quiet,
        )
        assert (done["updates"] < done["of"]) is ended


def test_the_adapter_is_one_and_the_base_is_untouched(made: Run) -> None:
    adapter = json.loads((made.folder / "lora" / "adapter" / "adapter_config.json").read_text())
    assert (adapter["r"], adapter["lora_alpha"]) == (made.config.lora.rank, made.config.lora.alpha)
    assert {"q_proj", "o_proj", "gate_proj", "down_proj"} <= {
        name.rsplit(".", 1)[-1] for name in adapter["target_modules"]
    }
    assert not (made.folder / "lora" / "adapter" / "model.safetensors").exists()


def test_the_merged_model_says_what_base_and_adapter_say(made: Run) -> None:
    import torch
    from peft import PeftModel

    from finetune.foreign import load_base

    merged = load_base(made.folder / "merged").eval()
    both: Any = PeftModel.from_pretrained(load_base(made.base), str(made.folder / "lora" / "adapter")).eval()
    ids = torch.arange(5, 25)[None]
    with torch.inference_mode():
        one, other = merged(ids).logits, both(ids).logits
        plain = load_base(made.base).eval()(ids).logits
    assert torch.allclose(one, other, atol=1e-4)
    assert not torch.allclose(one, plain, atol=1e-6)


def test_the_merged_model_knows_where_answers_end(made: Run) -> None:
    words = load_tokenizer(made.folder / "merged")
    settings = json.loads((made.folder / "merged" / "generation_config.json").read_text())
    assert settings["eos_token_id"] == words.eos_token_id == words.convert_tokens_to_ids(END)
    assert settings["pad_token_id"] == words.pad_token_id


def test_training_that_was_stopped_goes_on_to_the_same_end(
    made: Run, tiny: Callable[..., Run], tmp_path: Path
) -> None:
    words = load_tokenizer(made.folder / "tokenizer")
    rows = [{"input_ids": list(range(10, 42)), "labels": list(range(10, 42))} for _ in range(48)]
    run = tiny()
    config = run.config.pretrain
    stopped = train(
        new_model(run.config, words),
        words,
        rows,
        rows[:4],
        config.model_copy(update={"minutes": 1e-6}),
        tmp_path / "stopped",
        0,
        _quiet,
    )
    assert stopped["stopped_by_the_clock"]
    assert 0 < stopped["updates"] < stopped["of"]
    said: list[str] = []
    gone_on = train(
        new_model(run.config, words), words, rows, rows[:4], config, tmp_path / "stopped", 0, said.append
    )
    assert said == [f"resuming from checkpoint-{stopped['updates']}"]
    assert gone_on["updates"] == gone_on["of"] == stopped["of"]
    assert not gone_on["stopped_by_the_clock"]


def test_out_of_memory_says_what_to_lower(
    made: Run, tiny: Callable[..., Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from transformers import LlamaModel

    def full(*args: Any, **kwargs: Any) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")

    monkeypatch.setattr(LlamaModel, "forward", full)
    words = load_tokenizer(made.folder / "tokenizer")
    rows = [{"input_ids": list(range(10, 42)), "labels": list(range(10, 42))} for _ in range(16)]
    config = tiny().config
    with pytest.raises(NoMemory, match=r"batch 4 and 1024 tokens a row: lower batch"):
        train(new_model(config, words), words, rows, rows[:2], config.pretrain, tmp_path, 0, _quiet)


def test_steps_want_what_they_start_from(tiny: Callable[..., Run]) -> None:
    run = tiny()
    for step, named in ((steps.pretrain, "tokenizer"), (steps.merge, "lora"), (steps.quantize, "merge")):
        with pytest.raises(NotReady, match=f"genre finetune {named} first"):
            step(run)


def test_a_base_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadConfig, match=r"lora\.base"):
        load_tokenizer(tmp_path)


def test_a_chat_format_that_is_not_known_is_refused_and_chatml_is_tagged(made: Run, tmp_path: Path) -> None:
    words = load_tokenizer(made.folder / "tokenizer")
    words.chat_template = None
    words.save_pretrained(tmp_path / "none")
    with pytest.raises(BadConfig, match=r"chat format.*<\|im_end\|>"):
        load_tokenizer(tmp_path / "none")
    words.add_special_tokens({"additional_special_tokens": ["<|im_start|>", "<|im_end|>"]})
    words.save_pretrained(tmp_path / "chatml")
    known = load_tokenizer(tmp_path / "chatml")
    assert known.eos_token == "<|im_end|>"
    talk = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
    from finetune.rendering import tokens

    ids, labels = tokens(known, talk)
    assert known.decode([one for one in labels if one >= 0]) == "hello<|im_end|>"
    served = known.apply_chat_template(talk[:1], tokenize=False, add_generation_prompt=True)
    assert known.decode(ids) == f"{served}hello<|im_end|>\n"
    part, learned = tokens(known, talk, partial=True)
    assert known.decode(part) == f"{served}hello"
    assert known.decode([one for one in learned if one >= 0]) == "hello"
