"""How good the merged model is: losses, answers to what it never saw, and what each precision costs."""

from __future__ import annotations

import importlib
import itertools
import json
import math
import platform
import random
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tqdm import tqdm

from finetune.data import key, load_examples
from finetune.engines import MIB, Engine, Precision, load_engine
from finetune.errors import FinetuneError
from finetune.examples import LEFT_OUT, Example, made_up
from finetune.foreign import load_tokenizer
from finetune.rendering import tokens
from finetune.rows import domain_names, validation_examples
from finetune.run import Run
from finetune.scores import Scores, act_scores, read_scores, write_scores
from finetune.steps import quantize

Say = Callable[[str], None]
#: The longest answer, in tokens: replies of five items are below it.
LONGEST = 320
ACT_TOKENS = 12
#: Examples made up of each domain that was left out.
UNSEEN = 800


def evaluate(
    run: Run, limit: int = 100, chosen: Sequence[Precision] = ("fp32",), say: Say = print
) -> dict[str, Any]:
    """Measures the merged model and writes `evaluation.json`.

    The losses are those of the weights as trained. `limit` bounds the answers of each kind in each part. All
    parts are answered in the first precision, and the validation part in the others.
    """
    merged = run.need("merge")
    parts = held_out(run, ("validation", *_left_out(run)))
    losses = {name: loss_by_kind(merged, examples) for name, examples in parts.items()}
    answers: dict[str, Any] = {}
    table: list[dict[str, Any]] = []
    for place, precision in enumerate(chosen):
        folder = _built(run, precision, say)
        asked = tuple(parts) if place == 0 else ("validation",)
        # A process of its own, so that memory is the model's and nothing else's.
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
            try:
                found = pool.submit(measure, precision, folder, run, asked, limit).result()
            except FinetuneError as error:
                say(f"{precision}: left out: {error}")
                continue
        answers = answers or found["answers"]
        table.append({"precision": precision, **found["costs"], **_quality(found["answers"]["validation"])})
        say(f"{precision}: measured")
    outcome = {
        "limit": limit,
        "machine": {"processor": _processor(), "threads": _threads()},
        "losses": losses,
        "answered_in": table[0]["precision"] if table else "",
        "answers": answers,
        "precisions": table,
    }
    run.outcome("evaluate").write_text(json.dumps(outcome, indent=1) + "\n", encoding="utf-8")
    return outcome


def held_out(run: Run, names: Iterable[str]) -> dict[str, list[Example]]:
    """What the model never saw: the validation part, or domains that were left out."""
    return {name: _held_out(run, name) for name in names}


def _held_out(run: Run, name: str) -> list[Example]:
    config = run.config
    if name != "validation":
        made = made_up(random.Random(config.seed + 10 + LEFT_OUT.index(name)), [name], write=0.5)
        return list(itertools.islice(made, UNSEEN))
    kept = {key(one): one for one in load_examples(run.need("data") / "validation.jsonl")}
    # Made anew rather than read, since a judge needs the brief and the facets too.
    judged = {key(one): one for one in validation_examples(config) if key(one) in kept}
    return [judged.get(said, one) for said, one in kept.items()]


def _left_out(run: Run) -> list[str]:
    return [name for name in LEFT_OUT if name not in domain_names(run.config)]


def loss_by_kind(folder: Path, examples: Iterable[Example]) -> dict[str, Scores]:
    """Mean loss in nats a learned token, and perplexity, by kind of example."""
    import torch
    from transformers import AutoModelForCausalLM

    words = load_tokenizer(folder)
    place = "cuda" if torch.cuda.is_available() else "cpu"
    loaded: Any = AutoModelForCausalLM.from_pretrained(folder, dtype="auto")
    model = loaded.to(place).eval()
    sums: dict[str, list[float]] = {}
    for example in tqdm(list(examples), "losses", leave=False, disable=None):
        ids, labels = tokens(words, example.messages, partial=example.partial)
        if example.kind == "talk":
            labels = list(ids)
        ids, labels = (
            ids[: model.config.max_position_embeddings],
            labels[: model.config.max_position_embeddings],
        )
        learned = sum(label >= 0 for label in labels[1:])
        if not learned:
            continue
        with torch.inference_mode():
            given = torch.tensor([ids], device=place)
            loss = model(input_ids=given, labels=torch.tensor([labels], device=place)).loss
        found = sums.setdefault(example.kind, [0.0, 0, 0])
        found[0] += float(loss) * learned
        found[1] += learned
        found[2] += 1
    return {
        kind: {
            "loss": round(total / learned, 4),
            "perplexity": round(math.exp(min(total / learned, 50)), 3),
            "tokens": int(learned),
            "examples": int(count),
        }
        for kind, (total, learned, count) in sorted(sums.items())
    }


def measure(precision: Precision, folder: Path, run: Run, names: Sequence[str], limit: int) -> dict[str, Any]:
    """Answers to the parts named, and costs, of one precision; for a process that does nothing else.

    `limit` bounds the answers of each kind in each part. Memory is what the process grew by, its libraries
    loaded before; a token's speed is without the first's.
    """
    import psutil

    parts = {name: _some(examples, limit) for name, examples in held_out(run, names).items()}
    _libraries(precision)
    process = psutil.Process()
    before = process.memory_info().rss
    engine = load_engine(precision, folder)
    loaded = process.memory_info().rss - before
    for example in [one for part in parts.values() for one in part][:1]:
        engine.answer(example.messages[:-1], 8)  # what is set up once is nobody's time
    answered = {name: _answered(engine, examples, f"{precision}: {name}") for name, examples in parts.items()}
    peak = process.memory_info().rss - before
    said = [answer for pairs in answered.values() for _, answer in pairs]
    after = sum(answer.tokens - 1 for answer in said if answer.tokens > 1)
    spent = sum(answer.seconds - answer.first for answer in said if answer.tokens > 1)
    firsts = sorted(answer.first for answer in said)
    return {
        "answers": {name: _scored(pairs) for name, pairs in answered.items()},
        "costs": {
            "tokens_per_second": round(after / spent, 1) if spent else 0.0,
            "first_token_ms": round(1000 * firsts[len(firsts) // 2], 1) if firsts else 0.0,
            "memory_mib": round(max(loaded, peak) / MIB, 1),
            "disk_mb": round(engine.bytes / 1e6, 2),
        },
    }


def precision_table(rows: Sequence[dict[str, Any]]) -> list[list[str]]:
    """The rows of `evaluation.json` under headings, for people."""
    heads = {
        "precision": "precision",
        "read_same": "readings right",
        "read_interests": "interests F1",
        "write_faithful": "replies faithful",
        "tokens_per_second": "tokens/s",
        "first_token_ms": "first token, ms",
        "memory_mib": "memory, MiB",
        "disk_mb": "weights, MB",
    }
    return [list(heads.values()), *([_cell(row.get(name)) for name in heads] for row in rows)]


def _cell(value: object) -> str:
    if isinstance(value, float):
        return f"{value:,.3f}" if value <= 1 else f"{value:,.1f}"
    return "-" if value is None else str(value)


def _answered(engine: Engine, examples: Sequence[Example], label: str) -> list[tuple[Example, Any]]:
    return [
        (example, engine.answer(example.messages[:-1], ACT_TOKENS if example.partial else LONGEST))
        for example in tqdm(examples, label, leave=False, disable=None)
    ]


def _scored(pairs: Sequence[tuple[Example, Any]]) -> dict[str, Scores]:
    kinds = {"read": read_scores, "write": write_scores, "act": act_scores}
    scored = {kind: score([pair for pair in pairs if pair[0].kind == kind]) for kind, score in kinds.items()}
    return {kind: scores for kind, scores in scored.items() if scores["answers"]}


def _quality(answers: dict[str, Scores]) -> dict[str, float | int]:
    wanted = (("read", ("parses", "act", "interests", "same")), ("write", ("slots", "items", "faithful")))
    return {
        f"{kind}_{name}": answers[kind][name] for kind, names in wanted if kind in answers for name in names
    }


def _some(examples: Sequence[Example], limit: int) -> list[Example]:
    """The first examples of each kind that answers are judged of."""
    judged = ("read", "write", "act")
    return [
        one for kind in judged for one in [example for example in examples if example.kind == kind][:limit]
    ]


def _built(run: Run, precision: Precision, say: Say) -> Path:
    if not precision.startswith("onnx-"):
        return run.need("merge")
    kind: Any = precision.removeprefix("onnx-")
    if run.outcome("quantize").is_file() and run.made("quantize").get("precision", "int4") == kind:
        return run.need("quantize")
    folder = run.folder / precision
    quantize(run, kind, folder, say)
    return folder


def _libraries(precision: Precision) -> None:
    """Loads what an engine imports, and lets each library set itself up."""
    names = ["torch", "transformers.generation.utils", "transformers.models.llama.modeling_llama"]
    if precision.startswith("onnx-"):
        names.append("onnxruntime_genai")
    elif precision in ("int8", "nf4"):
        names.append("bitsandbytes")
    for name in names:
        with suppress(ImportError):  # said when the model is loaded
            importlib.import_module(name)


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return platform.processor() or platform.machine()


def _threads() -> int:
    import torch

    return torch.get_num_threads()
