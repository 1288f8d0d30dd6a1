"""How long a turn takes and what it needs: `python benchmarks/turn_latency.py [--llm small] [--starts N]`.

Holds the conversations of `conversations.txt` (200 messages about the bundled films) the way a
channel does, through the service and with every turn kept in SQLite, and prints p50 and p95 of each step in
milliseconds. Beside them: how long the program takes from being started until it could serve the page (the
first time, in an empty folder, and later), and its peak resident memory. Each start, and the talk, is a
process of its own. The targets are printed beside the figures; nothing here fails where one is missed.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

#: In the order of a turn. "write" is without the model and the check, which run inside it.
STEPS = ("read", "taste", "retrieve", "reasons", "plan", "write", "model", "check")
TOTAL, WHOLE = "all steps", "whole turn, stored"
#: Milliseconds at p95, without a model and with one; seconds of a later start are not promised, memory is.
TARGETS_MS = {TOTAL: 60.0, WHOLE: 150.0}
MODEL_TARGETS_MS = {WHOLE: 900.0}
TARGET_MB = 1500.0
PACKAGES = ("numpy", "onnxruntime", "chromadb", "sqlalchemy", "gradio", "fastapi")

Child = Callable[[Path, str], dict[str, Any]]


# ------------------------------------------------------------ in a process of its own


def ready(home: Path, llm: str) -> Any:
    """The house as `genre serve` has it before it listens, page and API included."""
    from chat.build import build
    from chat.channels.app import create_app
    from chat.settings import load_settings

    settings = load_settings(
        {"home": home, "database": str(home / "conversations.sqlite"), "llm": llm, "catalogue": "films"}
    )
    house = build(settings)
    create_app(house.service, house.catalogues, settings, house.voice_line)
    return house


def start(home: Path, llm: str) -> dict[str, Any]:
    """Peak memory of a start, and of the largest process that it started itself."""
    ready(home, llm)
    return {"mb": peak_mb(resource.RUSAGE_SELF), "helper_mb": peak_mb(resource.RUSAGE_CHILDREN)}


def talk(home: Path, llm: str) -> dict[str, Any]:
    """Every turn's milliseconds by step, and the peak memory after all of them."""
    house = ready(home, llm)
    turns = []
    for messages in conversations():
        user = f"benchmark-{uuid.uuid4().hex}"
        conversation = house.service.start(user, "films")
        for text in messages:
            started = time.perf_counter()
            answer = house.service.respond(user, conversation.id, uuid.uuid4().hex, text)
            turns.append(steps_of(answer.turn.timings, (time.perf_counter() - started) * 1e3))
    return {"turns": turns, "mb": peak_mb(resource.RUSAGE_SELF), "voice": house.voice_line}


def steps_of(timings: Mapping[str, float], whole: float) -> dict[str, float]:
    """One turn's milliseconds by the names that are printed."""
    found = {name: timings[name] for name in STEPS if name in timings}
    if "write" in found:
        found["write"] -= found.get("check", 0.0) + found.get("model", 0.0)
    return {**found, TOTAL: timings["total"], "load and keep": whole - timings["total"], WHOLE: whole}


def peak_mb(who: int) -> float:
    """Peak resident memory in megabytes (10^6 bytes); Linux counts it in KiB, macOS in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(who).ru_maxrss * unit / 1e6


# ------------------------------------------------------------ in the process that measures


def conversations(path: Path = ROOT / "benchmarks" / "conversations.txt") -> list[list[str]]:
    """The scripted messages, by conversation."""
    lines = [line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    blocks = "\n".join(lines).strip().split("\n\n")
    return [block.splitlines() for block in blocks]


def run_child(name: str, home: Path, llm: str) -> dict[str, Any]:
    """What the child of that name reports, with the seconds from its start until it was done."""
    command = [sys.executable, __file__, "--child", name, "--home", str(home), "--llm", llm]
    clean = {key: value for key, value in os.environ.items() if not key.startswith("GENRE_")}
    started = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=clean, cwd=home)
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"The process that measures {name!r} failed:\n{done.stderr[-2000:]}")
    report: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return {**report, "seconds": seconds}


def percentile(values: Sequence[float], share: int) -> float:
    """The value that `share` percent of the values don't exceed, interpolated."""
    if len(values) < 2:
        return values[0]
    return statistics.quantiles(values, n=100, method="inclusive")[share - 1]


def measure(starts: int, llm: str) -> dict[str, Any]:
    """All figures, with where and when they were taken."""
    from chat.hardware import find_hardware

    machine = find_hardware()
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        first = run_child("start", home, llm)
        later = [run_child("start", home, llm) for _ in range(starts)]
        talked = run_child("talk", home, llm)
    turns: list[dict[str, float]] = talked["turns"]
    names = [*STEPS, TOTAL, "load and keep", WHOLE]
    steps = {}
    for name in names:
        values = [turn[name] for turn in turns if name in turn]
        steps[name] = {
            "turns": len(values),
            "p50_ms": round(percentile(values, 50), 1),
            "p95_ms": round(percentile(values, 95), 1),
            "target_p95_ms": (TARGETS_MS if llm == "plain" else MODEL_TARGETS_MS).get(name),
        }
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{machine.processor}, {machine.cores} cores, {machine.total / 2**30:.0f} GiB",
        "load_before": round(load, 2),
        "python": platform.python_version(),
        "versions": {package: version(package) for package in PACKAGES},
        "voice": talked["voice"],
        "conversations": len(conversations()),
        "turns": len(turns),
        "steps": steps,
        "first_start_s": round(first["seconds"], 1),
        "first_start_helper_mb": round(first["helper_mb"]),
        "later_start_s": round(statistics.median(run["seconds"] for run in later), 1),
        "resident_mb": round(talked["mb"]),
        "target_resident_mb": TARGET_MB,
    }


def table(figures: Mapping[str, Any]) -> Iterator[str]:
    """The figures in lines for people."""
    packages = ", ".join(f"{name} {number}" for name, number in figures["versions"].items())
    yield f"{figures['machine']}; load {figures['load_before']} before the run; {figures['date']}"
    yield f"Python {figures['python']}, {packages}"
    yield f"{figures['turns']} turns in {figures['conversations']} conversations. {figures['voice']}"
    yield ""
    yield f"{'ms':<34}{'turns':>6}{'p50':>9}{'p95':>9}{'target p95':>13}"
    for name, row in figures["steps"].items():
        target = f"{row['target_p95_ms']:.0f}" if row["target_p95_ms"] else ""
        yield f"{name:<34}{row['turns']:>6}{row['p50_ms']:>9.1f}{row['p95_ms']:>9.1f}{target:>13}"
    yield ""
    yield f"{'first start, empty folder':<34}{figures['first_start_s']:>15.1f} s"
    yield f"{'later start':<34}{figures['later_start_s']:>15.1f} s"
    target = f"{figures['target_resident_mb']:.0f}"
    yield f"{'peak resident, page and all':<34}{figures['resident_mb']:>15} MB{target:>10}"
    yield f"{'helper of the first start':<34}{figures['first_start_helper_mb']:>15} MB"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--llm", default="plain", help="the model that reads and writes, as in the setting")
    parser.add_argument("--starts", type=int, default=3, help="later starts; their median is printed")
    parser.add_argument("--json", action="store_true", help="one JSON object instead of the table")
    parser.add_argument("--child", choices=("start", "talk"), help=argparse.SUPPRESS)
    parser.add_argument("--home", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.starts < 1:
        parser.error("--starts needs at least 1")
    if options.child:
        children: dict[str, Child] = {"start": start, "talk": talk}
        print(json.dumps(children[options.child](options.home, options.llm)))
        return
    figures = measure(options.starts, options.llm)
    print(json.dumps(figures, indent=1) if options.json else "\n".join(table(figures)))


if __name__ == "__main__":
    main()
