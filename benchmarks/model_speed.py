"""How fast a language model is here: `python benchmarks/model_speed.py [--llm small --llm local:FOLDER …]`.

For each model, in a process of its own: how long it loads, the memory that it adds, the time to the first
token on a prompt of 500 tokens, and the tokens a second after that, one answer at a time. Prompts differ from
their first words on, so nothing of one helps another. The first model is also the measure of the others.
Answers without a schema: what is measured is the engine, not what the model has to say.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

PROMPT_TOKENS = 500
#: What the bundled model is to reach on two cores.
TARGETS = {"tokens_per_second": 300.0, "first_token_ms": 250.0, "memory_mb": 300.0}
PACKAGES = ("torch", "transformers", "onnxruntime-genai", "llguidance")


def measure_one(llm: str, answers: int, longest: int) -> dict[str, Any]:
    """One model's figures; for a process that does nothing else."""
    import psutil

    from chat.llm.providers import chat_model
    from chat.llm.streamed import EngineChatModel
    from chat.llm.turns import Run
    from chat.settings import load_settings

    process = psutil.Process()
    before = process.memory_info().rss
    model = chat_model(load_settings({"llm": llm}))
    if not isinstance(model, EngineChatModel):
        raise SystemExit(f"{llm} doesn't run in this process: name small, local:FOLDER or local:HUB_ID.")
    started = time.perf_counter()
    model.warm_up()
    loading = time.perf_counter() - started
    firsts, speeds, lengths = [], [], []
    for messages in prompts(model.engine.load().format, answers):
        run = Run()
        started = time.perf_counter()
        stream = model.engine.stream(messages, max_tokens=longest, temperature=0.6, seed=0, run=run)
        next(stream, None)
        first = time.perf_counter() - started
        for _ in stream:
            pass
        lengths.append(run.prompt_tokens)
        firsts.append(first * 1e3)
        if run.tokens > 8:  # a shorter answer says nothing of speed
            speeds.append((run.tokens - 1) / (time.perf_counter() - started - first))
    return {
        "llm": llm,
        "load_s": round(loading, 2),
        "memory_mb": round((process.memory_info().rss - before) / 1e6),
        "prompt_tokens": round(statistics.median(lengths)),
        "first_token_ms": round(statistics.median(firsts), 1),
        "tokens_per_second": round(statistics.median(speeds), 1) if speeds else None,
        "answers": answers,
    }


def prompts(form: Any, count: int) -> Iterator[list[Any]]:
    """Messages of about `PROMPT_TOKENS` tokens, each beginning elsewhere in `conversations.txt`."""
    from chat.llm.chat_format import ChatMessage

    text = (ROOT / "benchmarks" / "conversations.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    for number in range(count):
        place = number * 7 % len(lines)
        told = lines[place:] + lines[:place]
        taken = 1
        while taken < len(told):
            messages = [ChatMessage("user", " ".join(told[: taken + 1]))]
            if len(form.encode(messages, 100_000)) > PROMPT_TOKENS:
                break
            taken += 1
        yield [ChatMessage("user", " ".join(told[:taken]))]


def run_child(llm: str, options: argparse.Namespace) -> dict[str, Any]:
    """What a process that measures that model reports."""
    command = [sys.executable, __file__, "--child", "--llm", llm]
    command += ["--answers", str(options.answers), "--longest", str(options.longest)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"The process that measures {llm} failed:\n{done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return report


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures in lines for people."""
    packages = ", ".join(f"{name} {number}" for name, number in figures["versions"].items())
    yield f"{figures['machine']}; load {figures['load_before']} before the run; {figures['date']}"
    yield f"Python {figures['python']}, {packages}"
    yield ""
    yield f"{'model':<44}{'tokens/s':>10}{'first token':>13}{'memory':>10}{'load':>8}{'speed':>8}"
    rows: Sequence[Mapping[str, Any]] = figures["models"]
    for row in rows:
        speed, against = row["tokens_per_second"], rows[0]["tokens_per_second"]
        ratio = f"{speed / against:.2f}x" if speed and against else "-"
        yield (
            f"{row['llm'][-43:]:<44}{speed or '-':>10}{row['first_token_ms']:>10} ms{row['memory_mb']:>7} MB"
            f"{row['load_s']:>6} s{ratio:>8}"
        )
    yield (
        f"{'target of the bundled model':<44}{TARGETS['tokens_per_second']:>10.0f}"
        f"{TARGETS['first_token_ms']:>10.0f} ms{TARGETS['memory_mb']:>7.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--llm", action="append", help="a model, as in the setting llm; may be repeated")
    parser.add_argument("--answers", type=int, default=30, help="answers for each model")
    parser.add_argument("--longest", type=int, default=96, help="tokens of an answer, at most")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    named = options.llm or ["small"]
    if options.child:
        print(json.dumps(measure_one(named[0], options.answers, options.longest)))
        return
    from chat.hardware import find_hardware

    machine = find_hardware()
    figures = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{machine.processor}, {machine.cores} cores, {machine.total / 2**30:.0f} GiB",
        "load_before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
        "models": [run_child(llm, options) for llm in named],
    }
    print(json.dumps(figures, indent=1) if options.json else "\n".join(table(figures)))


if __name__ == "__main__":
    main()
