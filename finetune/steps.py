"""The steps that make a model: tokenizer, base, adapter, both merged, and the merged one quantised.

Each takes a run, leaves its outcome in the run's folder and returns what is worth noting of it.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from finetune.data import load_examples
from finetune.errors import NoPackage, ToolFailed
from finetune.foreign import load_base, load_tokenizer
from finetune.rows import Row, in_batches, make_tokenizer, rows_of
from finetune.run import Run

Say = Callable[[str], None]
Precision = Literal["int4", "int8", "fp16", "fp32"]
#: Rows that the base is validated on, at most: enough to see its loss move.
VALIDATION_ROWS = 200


def tokenizer(run: Run, say: Say = print) -> dict[str, Any]:
    """Fits the tokenizer, or takes that of the base to go on with."""
    folder, start = run.folder / "tokenizer", run.config.model.start
    if start:
        made = load_tokenizer(start, "model.start")
        made.save_pretrained(folder)
    else:
        made = make_tokenizer(run.config, folder)
    say(f"{len(made):,} tokens in the vocabulary")
    return {"vocabulary": len(made)}


def pretrain(run: Run, say: Say = print) -> dict[str, Any]:
    """Trains the base from random weights or those of `model.start`, or goes on from its last checkpoint."""
    from finetune.train import new_model, train

    config = run.config
    words = load_tokenizer(run.need("tokenizer"))
    data = run.need("data")
    folder = run.folder / "pretrain"
    run.begin("pretrain", folder)
    longest = config.pretrain.tokens
    rows = _rows(words, data / "pretrain.jsonl", longest, "the base's rows")
    held = _rows(words, data / "validation.jsonl", longest, "validation")[:VALIDATION_ROWS]
    start = config.model.start
    model = _exact(load_base(start, field="model.start")) if start else new_model(config, words)
    parameters = sum(one.numel() for one in model.parameters())
    tokens = sum(len(row["input_ids"]) for row in rows)
    say(f"{parameters:,} weights, {len(rows):,} rows, {tokens:,} tokens")
    model, copied = _copied(run, model, words, rows, folder / "copying", say)
    if copied.get("stopped_by_the_clock"):
        return {"parameters": parameters, **copied}
    ordered = in_batches(rows, config.pretrain.batch, config.seed)
    made = train(model, words, ordered, held, config.pretrain, folder, config.seed, say)
    _save(model, words, run.folder / "base")
    return {"parameters": parameters, "rows": len(rows), "tokens": tokens, "copying": copied, **made}


def _copied(
    run: Run, model: Any, words: Any, rows: Sequence[Row], folder: Path, say: Say
) -> tuple[Any, dict[str, Any]]:
    """The model after it has learned to copy, and how that went. Where it was learned before, as it was."""
    from finetune.copying import copying_rows
    from finetune.train import train

    config = run.config.copying
    note = folder / "made.json"
    if note.is_file():
        return load_base(folder / "model"), json.loads(note.read_text(encoding="utf-8"))
    if not config.rows or run.config.model.start:
        return model, {}
    seed = run.config.seed
    drawn = in_batches(list(copying_rows(rows, words, config, config.rows, seed)), config.batch, seed)
    held = list(copying_rows(rows, words, config, VALIDATION_ROWS, seed + 1))
    made = train(model, words, drawn, held, config, folder, seed, say)
    if not made["stopped_by_the_clock"]:
        _save(model, words, folder / "model")
        note.write_text(json.dumps(made) + "\n", encoding="utf-8")
        say(f"copies what it is given after {made['updates']:,} updates")
    return model, made


def lora(run: Run, say: Say = print) -> dict[str, Any]:
    """Trains the adapter, or goes on from its last checkpoint. A base held in 4 or 8 bit makes it QLoRA."""
    from finetune.train import train, with_adapter

    config = run.config
    if run.own_base:
        run.need("pretrain")
    data = run.need("data")
    folder = run.folder / "lora"
    run.begin("lora", folder)
    words = load_tokenizer(run.base)
    base = _exact(load_base(run.base, config.lora.quantisation))
    if config.lora.quantisation != "none":
        from peft import prepare_model_for_kbit_training

        base = prepare_model_for_kbit_training(  # type: ignore[no-untyped-call]
            base, use_gradient_checkpointing=False
        )
    base.config.use_cache = False
    model = with_adapter(base, config.lora)
    longest = config.lora.tokens
    rows = _rows(words, data / "lora.jsonl", longest, "the adapter's rows")
    answers = [one for one in load_examples(data / "validation.jsonl") if one.kind != "talk"]
    held = list(rows_of(answers, words, longest, "validation"))
    parameters = sum(one.numel() for one in model.parameters() if one.requires_grad)
    say(f"{parameters:,} weights to train, {len(rows):,} rows")
    ordered = in_batches(rows, config.lora.batch, config.seed)
    made = train(model, words, ordered, held, config.lora, folder, config.seed, say)
    _save(model, words, folder / "adapter")
    learned = sum(sum(label >= 0 for label in row["labels"]) for row in rows)
    return {"parameters": parameters, "rows": len(rows), "learned_tokens": learned, **made}


def merge(run: Run, say: Say = print) -> dict[str, Any]:
    """Adds the adapter to the base's weights: `merged/` is a model like any other.

    Where its answers end is said in its generation config, whatever the base's said.
    """
    adapter = run.need("lora")
    from peft import PeftModel

    words = load_tokenizer(adapter)
    model: Any = PeftModel.from_pretrained(load_base(run.base), str(adapter))
    model = model.merge_and_unload()
    settings = model.generation_config
    ends = settings.eos_token_id
    known = [] if ends is None else [ends] if isinstance(ends, int) else list(ends)
    settings.eos_token_id = list(dict.fromkeys([words.eos_token_id, *known]))
    if len(settings.eos_token_id) == 1:
        settings.eos_token_id = words.eos_token_id
    settings.pad_token_id = words.pad_token_id
    model.config.use_cache = True
    _save(model, words, run.folder / "merged")
    size = folder_bytes(run.folder / "merged")
    say(f"{size / 1e6:,.1f} MB")
    return {"bytes": size}


def quantize(
    run: Run, precision: Precision = "int4", folder: Path | None = None, say: Say = print
) -> dict[str, Any]:
    """Builds the merged model for onnxruntime-genai on a processor, by its own model builder.

    Raises `NoPackage` where the builder isn't installed and `ToolFailed` with its last words.
    """
    merged = run.need("merge")
    for package, name in (("onnxruntime_genai", "onnxruntime-genai"), ("onnx_ir", "onnx-ir")):
        if find_spec(package) is None:
            raise NoPackage(f"{name} is not installed, and quantize needs it: pip install {name}")
    folder = folder or run.folder / "onnx"
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    command = [sys.executable, "-m", "onnxruntime_genai.models.builder"]
    command += ["-m", str(merged), "-o", str(part), "-p", precision, "-e", "cpu", "-c", f"{part}.cache"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    shutil.rmtree(f"{part}.cache", ignore_errors=True)
    if done.returncode or not (part / "genai_config.json").is_file():
        shutil.rmtree(part, ignore_errors=True)
        said = "\n".join((done.stderr or done.stdout).strip().splitlines()[-5:])
        raise ToolFailed(f"The builder of onnxruntime-genai could not build {precision}:\n{said}")
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)
    size = folder_bytes(folder)
    say(f"{precision}: {size / 1e6:,.1f} MB")
    return {"precision": precision, "bytes": size}


def folder_bytes(folder: Path) -> int:
    """Bytes of all files in the folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _exact(model: Any) -> Any:
    """In 32 bit where a processor trains it: most know no 16-bit numbers and take many times longer."""
    on_processor = model.device.type == "cpu" and not getattr(model, "quantization_method", None)
    return model.float() if on_processor else model


def _rows(words: Any, path: Path, longest: int, label: str) -> list[Row]:
    return list(rows_of(load_examples(path), words, longest, label))


def _save(model: Any, words: Any, folder: Path) -> None:
    """Saves a model with its tokenizer in the place of what was there, all of it or nothing."""
    part = folder.with_name(f"{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    model.save_pretrained(part)
    words.save_pretrained(part)
    shutil.rmtree(folder, ignore_errors=True)
    part.replace(folder)
