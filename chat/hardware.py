"""What this machine has to run a model on, found without importing torch, and what fits into it."""

from __future__ import annotations

import platform
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Weights = Literal["none", "8bit", "4bit"]
Place = Literal["cpu", "cuda", "mps"]

PLACES: dict[str, Place] = {"cpu": "cpu", "cuda": "cuda", "mps": "mps"}
WEIGHTS: dict[str, Weights] = {"none": "none", "8bit": "8bit", "4bit": "4bit"}

GIB = 1024**3

#: Bytes of a weight by quantisation; 4 bit is NF4 with double quantisation, 4.127 bits (arXiv 2305.14314).
BYTES_PER_WEIGHT: dict[Weights, float] = {"none": 2.0, "8bit": 1.0, "4bit": 4.127 / 8}

#: Left free beside the weights: activations, the attention cache of one 4,096-token conversation
#: (144 MiB per 1,000 tokens for a 4B model) and the runtime's own memory.
HEADROOM = 1.2 * GIB


@dataclass(frozen=True, slots=True)
class Gpu:
    """One CUDA card; memory in bytes."""

    name: str
    total: int
    free: int


@dataclass(frozen=True, slots=True)
class Hardware:
    """Cores that this process may use, its memory in bytes (a container's limit counts), and accelerators.

    `bfloat16` says whether the processor multiplies bfloat16 natively.
    """

    processor: str
    cores: int
    total: int
    available: int
    gpus: tuple[Gpu, ...] = ()
    mps: bool = False
    bfloat16: bool = False


def find_hardware() -> Hardware:
    """Looks at this machine; takes well under a second, two at most where a driver hangs."""
    import psutil

    memory = psutil.virtual_memory()
    total, available = limited(memory.total, memory.available)
    name, flags = _processor()
    process = psutil.Process()
    cores = len(process.cpu_affinity()) if hasattr(process, "cpu_affinity") else psutil.cpu_count() or 1
    return Hardware(
        processor=name,
        cores=cores,
        total=total,
        available=available,
        gpus=_cards(),
        mps=platform.system() == "Darwin" and platform.machine() == "arm64",
        bfloat16=bool(flags & {"avx512_bf16", "amx_bf16", "bf16"}),
    )


def choose_place(wanted: str, hardware: Hardware) -> Place:
    """Where a model should run: as wanted, or for "auto" the best there is."""
    if wanted in PLACES:
        return PLACES[wanted]
    if hardware.gpus:
        return "cuda"
    return "mps" if hardware.mps else "cpu"


def choose_weights(
    wanted: str, parameters: int, place: Place, hardware: Hardware, bitsandbytes: bool
) -> Weights:
    """How to hold a model's weights: as wanted, or for "auto" the most exact form that fits.

    `parameters` is the number of weights. On a processor 8 bit is skipped: it is slower than 16 bit there,
    4 bit is not. Where nothing fits, the smallest is chosen and loading says what happened.
    """
    if wanted in WEIGHTS:
        return WEIGHTS[wanted]
    if place == "mps" or not bitsandbytes:
        return "none"
    room = max((gpu.free for gpu in hardware.gpus), default=0) if place == "cuda" else hardware.available
    choices: tuple[Weights, ...] = ("none", "8bit", "4bit") if place == "cuda" else ("none", "4bit")
    for choice in choices:
        if needed(parameters, choice) <= room:
            return choice
    return "4bit"


def needed(parameters: int, weights: Weights) -> int:
    """About how many bytes a model needs to run."""
    return int(parameters * BYTES_PER_WEIGHT[weights] * 1.05 + HEADROOM)


def limited(total: int, available: int, groups: Path = Path("/sys/fs/cgroup")) -> tuple[int, int]:
    """Total and available memory within the limit that a container sets (cgroup version 2 or 1)."""
    for limit_file, used_file in (
        ("memory.max", "memory.current"),
        ("memory/memory.limit_in_bytes", "memory/memory.usage_in_bytes"),
    ):
        try:
            limit = int((groups / limit_file).read_text())  # "max" where there is none
            used = int((groups / used_file).read_text())
        except (OSError, ValueError):
            continue
        # The page cache counts as used but yields: never report less than a tenth for its sake.
        total = min(total, limit)
        available = min(available, max(limit - used, limit // 10))
    return total, available


def read_cards(output: str) -> tuple[Gpu, ...]:
    """The cards in the output of `nvidia-smi --query-gpu=name,memory.total,memory.free` (MiB, CSV)."""
    cards = []
    for line in output.splitlines():
        parts = [part.strip() for part in line.rsplit(",", 2)]
        if len(parts) == 3 and parts[1].isdigit() and parts[2].isdigit():
            cards.append(Gpu(parts[0], int(parts[1]) * 1024**2, int(parts[2]) * 1024**2))
    return tuple(cards)


def _cards(which: Callable[[str], str | None] = shutil.which) -> tuple[Gpu, ...]:
    program = which("nvidia-smi")
    if program is None:
        return ()
    query = [program, "--query-gpu=name,memory.total,memory.free", "--format=csv,noheader,nounits"]
    try:
        done = subprocess.run(query, capture_output=True, text=True, timeout=2, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return read_cards(done.stdout) if done.returncode == 0 else ()


def _processor() -> tuple[str, frozenset[str]]:
    """The processor's name and its feature flags, where Linux tells them."""
    name, flags = platform.processor() or platform.machine(), frozenset[str]()
    try:
        text = Path("/proc/cpuinfo").read_text(errors="replace")
    except OSError:
        return name, flags
    for line in text.splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "model name":
            name = value.strip()
        elif key.strip() in ("flags", "Features"):
            return name, frozenset(value.split())
    return name, flags
