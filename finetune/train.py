"""Training with transformers' Trainer: the base from scratch, the adapter with peft. Both can be resumed.

The loop, the schedules, checkpoints and logs are the Trainer's. Ours are the rows, the stop after a while and
the picture of the losses.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from finetune.config import Config, LoraConfig, TrainConfig
from finetune.errors import NoMemory
from finetune.rendering import IGNORED
from finetune.rows import Row

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def new_model(config: Config, tokenizer: Any) -> Any:
    """A Llama with random weights, of the configuration's shape."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(config.seed)
    shape = config.model
    model = LlamaForCausalLM(
        LlamaConfig(
            vocab_size=len(tokenizer),
            hidden_size=shape.hidden,
            num_hidden_layers=shape.layers,
            num_attention_heads=shape.heads,
            num_key_value_heads=shape.key_value_heads,
            intermediate_size=shape.inner,
            max_position_embeddings=shape.context,
            tie_word_embeddings=True,
            pad_token_id=tokenizer.pad_token_id,
            bos_token_id=None,
            eos_token_id=tokenizer.eos_token_id,
        )
    )
    _ends(model, tokenizer)
    return model


def with_adapter(model: Any, config: LoraConfig) -> Any:
    """The model with a fresh LoRA adapter on all its linear layers."""
    from peft import LoraConfig as Peft
    from peft import get_peft_model

    return get_peft_model(
        model,
        Peft(
            r=config.rank,
            lora_alpha=config.alpha,  # type: ignore[arg-type]  # a factor, and peft takes any
            lora_dropout=config.dropout,
            target_modules="all-linear",
            task_type="CAUSAL_LM",
        ),
    )


def _ends(model: Any, tokenizer: Any) -> None:
    """Says in the model's own files where its answers end; else a merged model may never stop."""
    from transformers import GenerationConfig

    model.generation_config = GenerationConfig(  # type: ignore[no-untyped-call]
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id
    )


def train(
    model: Any,
    tokenizer: Any,
    rows: Sequence[Row],
    held: Sequence[Row],
    config: TrainConfig,
    folder: Path,
    seed: int,
    say: Callable[[str], None] = print,
) -> dict[str, Any]:
    """Trains until the data, the patience or the minutes end, from the last checkpoint on if there is one.

    Rows are taken in the order given, from the start again in each epoch. Leaves the best weights in the
    model, the losses in `losses.json` and `losses.png`, and logs for TensorBoard in `logs`. Raises `NoMemory`
    with the setting to lower.
    """
    import torch
    from datasets import Dataset
    from transformers import (
        DataCollatorForSeq2Seq,
        EarlyStoppingCallback,
        TrainingArguments,
        set_seed,
    )
    from transformers.trainer_utils import get_last_checkpoint

    set_seed(seed)
    steps = max(1, int(len(rows) * config.epochs) // (config.batch * config.accumulate))
    every = max(1, min(config.evaluate_every, steps // 2 or 1))
    cuda = torch.cuda.is_available()
    arguments = TrainingArguments(
        output_dir=str(folder / "checkpoints"),
        per_device_train_batch_size=config.batch,
        per_device_eval_batch_size=config.batch,
        gradient_accumulation_steps=config.accumulate,
        max_steps=steps,
        learning_rate=config.learning_rate,
        lr_scheduler_type="warmup_stable_decay",
        lr_scheduler_kwargs={"num_decay_steps": max(1, int(steps * config.decay)), "min_lr_ratio": 0.02},
        warmup_steps=min(config.warmup, steps // 5),
        weight_decay=config.weight_decay,
        adam_beta2=0.95,
        max_grad_norm=1.0,
        eval_strategy="steps",
        eval_steps=every,
        save_strategy="steps",
        save_steps=every,
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model="eval_loss",
        logging_steps=max(1, every // 10),
        report_to=["tensorboard"],
        seed=seed,
        use_cpu=not cuda and not torch.backends.mps.is_available(),
        bf16=cuda,
        disable_tqdm=None,
        dataloader_pin_memory=cuda,
        remove_unused_columns=False,
        prediction_loss_only=True,
        train_sampling_strategy="sequential",
    )
    os.environ["TENSORBOARD_LOGGING_DIR"] = str(folder / "logs")
    clock = _Clock(config.minutes)
    trainer = trainer_class()(
        model=model,
        args=arguments,
        train_dataset=Dataset.from_list(list(rows)),
        eval_dataset=Dataset.from_list(list(held)),
        data_collator=DataCollatorForSeq2Seq(tokenizer, label_pad_token_id=IGNORED, pad_to_multiple_of=8),
        callbacks=[EarlyStoppingCallback(config.patience), clock.callback(), _enough(config.enough)],
    )
    kept = folder / "checkpoints"
    last = get_last_checkpoint(str(kept)) if kept.is_dir() else None  # type: ignore[no-untyped-call]
    if last:
        say(f"resuming from {Path(last).name}")
    try:
        with _processor(config.threads):
            trainer.train(resume_from_checkpoint=last)
    except (RuntimeError, MemoryError) as error:
        if (
            isinstance(error, MemoryError)
            or "out of memory" in str(error).lower()
            or "can't allocate" in str(error)
        ):
            raise NoMemory(
                f"The machine ran out of memory with batch {config.batch} and {config.tokens} tokens a row: "
                "lower batch and raise accumulate by as much, then lower tokens, then the model's hidden and "
                "layers."
            ) from None
        raise
    losses = [one for one in trainer.state.log_history if "loss" in one or "eval_loss" in one]
    (folder / "losses.json").write_text(json.dumps(losses, indent=1) + "\n", encoding="utf-8")
    draw_losses(losses, folder / "losses.png")
    return {
        "updates": trainer.state.global_step,
        "of": steps,
        "best_validation_loss": trainer.state.best_metric,
        "seconds": round(clock.spent()),
        "stopped_by_the_clock": clock.stopped,
    }


def trainer_class() -> Any:
    """transformers' Trainer, which on a processor scores only the tokens that are learned.

    Of a reading or a reply that is a quarter of all tokens, and scoring each against the whole vocabulary is
    much of a small model's work. The loss is the same.
    """
    import torch
    from transformers import Trainer

    class Answers(Trainer):
        def compute_loss(
            self,
            model: Any,
            inputs: Any,
            return_outputs: bool = False,
            num_items_in_batch: Any = None,
            **kwargs: Any,
        ) -> Any:
            causal = model.get_base_model() if hasattr(model, "get_base_model") else model
            if causal.device.type != "cpu":
                return super().compute_loss(model, inputs, return_outputs, num_items_in_batch, **kwargs)
            labels = inputs["labels"][:, 1:]
            learned = labels != IGNORED
            states = causal.base_model(
                input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False
            ).last_hidden_state
            scores = causal.get_output_embeddings()(states[:, :-1][learned])
            total = torch.nn.functional.cross_entropy(scores.float(), labels[learned], reduction="sum")
            loss = total / (num_items_in_batch or learned.sum().clamp(min=1))
            return (loss, {}) if return_outputs else loss

    return Answers


@contextmanager
def _processor(threads: int) -> Iterator[None]:
    """So many threads (0: as many as there were), and tiny numbers as 0, which saves a processor much time.

    Both hold for the whole process, so they are put back.
    """
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(before)


def _enough(loss: float) -> Any:
    """Ends training at a validation below the loss; at 0 never."""
    from transformers import TrainerCallback

    class Enough(TrainerCallback):
        def on_evaluate(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
            control.should_training_stop |= kwargs["metrics"]["eval_loss"] < loss
            return control

    return Enough()


class _Clock:
    """Ends training after so many minutes, a checkpoint kept."""

    def __init__(self, minutes: float) -> None:
        self._minutes = minutes
        self._start = time.monotonic()
        self.stopped = False

    def spent(self) -> float:
        return time.monotonic() - self._start

    def callback(self) -> Any:
        from transformers import TrainerCallback

        clock = self

        class Stop(TrainerCallback):
            def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> Any:
                if clock._minutes and clock.spent() > 60 * clock._minutes and not clock.stopped:
                    clock.stopped = True
                    control.should_evaluate = control.should_save = control.should_training_stop = True
                return control

        return Stop()


def draw_losses(losses: Sequence[dict[str, Any]], path: Path) -> None:
    """The losses as a picture: training and validation by update."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4))
    for name, label, style in (("loss", "training", "-"), ("eval_loss", "validation", "o-")):
        points = [(one["step"], one[name]) for one in losses if name in one]
        if points:
            axes.plot(*zip(*points, strict=True), style, label=label, linewidth=1.5, markersize=4)
    axes.set_xlabel("updates")
    axes.set_ylabel("loss (nats a token)")
    axes.grid(alpha=0.3)
    axes.legend(frameon=False)
    figure.tight_layout()
    figure.savefig(path, dpi=120)
    pyplot.close(figure)
