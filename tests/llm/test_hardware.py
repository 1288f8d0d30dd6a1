"""What is found on a machine, and what is made of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.hardware import (
    GIB,
    Gpu,
    Hardware,
    choose_place,
    choose_weights,
    find_hardware,
    limited,
    needed,
    read_cards,
)

LAPTOP = Hardware("a laptop", cores=8, total=16 * GIB, available=8 * GIB)
MAC = Hardware("a mac", cores=8, total=16 * GIB, available=8 * GIB, mps=True)


def with_card(gib: float) -> Hardware:
    return Hardware("a desktop", 16, 64 * GIB, 60 * GIB, gpus=(Gpu("card", int(gib * GIB), int(gib * GIB)),))


def test_this_machine_is_found() -> None:
    found = find_hardware()
    assert found.cores >= 1
    assert 0 < found.available <= found.total
    assert found.processor


def test_cards_are_read_from_nvidia_smi() -> None:
    output = (
        "NVIDIA GeForce RTX 4090, 24564, 23010\nNVIDIA H100 80GB, HBM3, 81559, 81000\nNo devices were found\n"
    )
    assert read_cards(output) == (
        Gpu("NVIDIA GeForce RTX 4090", 24564 * 1024**2, 23010 * 1024**2),
        Gpu("NVIDIA H100 80GB, HBM3", 81559 * 1024**2, 81000 * 1024**2),
    )


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"memory.max": "max", "memory.current": "5"}, (100, 80)),
        ({"memory.max": "50", "memory.current": "20"}, (50, 30)),
        ({"memory.max": "50", "memory.current": "50"}, (50, 5)),
        ({"memory/memory.limit_in_bytes": "50", "memory/memory.usage_in_bytes": "10"}, (50, 40)),
        ({"memory.max": "nonsense"}, (100, 80)),
        ({}, (100, 80)),
    ],
)
def test_a_containers_limit_counts(files: dict[str, str], expected: tuple[int, int], tmp_path: Path) -> None:
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert limited(100, 80, tmp_path) == expected


@pytest.mark.parametrize(
    ("wanted", "hardware", "place"),
    [
        ("auto", LAPTOP, "cpu"),
        ("auto", with_card(8), "cuda"),
        ("auto", MAC, "mps"),
        ("cpu", with_card(8), "cpu"),
    ],
)
def test_where_a_model_runs(wanted: str, hardware: Hardware, place: str) -> None:
    assert choose_place(wanted, hardware) == place


@pytest.mark.parametrize(
    ("billions", "hardware", "weights"),
    [
        (1.7, LAPTOP, "none"),
        (4.0, LAPTOP, "4bit"),  # never 8 bit on a processor
        (4.0, with_card(24), "none"),
        (8.0, with_card(12), "8bit"),
        (8.0, with_card(8), "4bit"),
        (4.0, with_card(4), "4bit"),
        (70.0, with_card(4), "4bit"),
        (8.0, MAC, "none"),
    ],
)
def test_auto_takes_the_most_exact_form_that_fits(billions: float, hardware: Hardware, weights: str) -> None:
    place = choose_place("auto", hardware)
    assert choose_weights("auto", int(billions * 1e9), place, hardware, bitsandbytes=True) == weights


def test_without_bitsandbytes_nothing_is_quantised_unless_asked_for() -> None:
    assert choose_weights("auto", 10**11, "cuda", with_card(4), bitsandbytes=False) == "none"
    assert choose_weights("8bit", 10**6, "cpu", LAPTOP, bitsandbytes=True) == "8bit"


@given(st.integers(10**6, 10**11), st.floats(1, 200), st.floats(1, 200))
def test_more_memory_never_means_a_coarser_form(parameters: int, one: float, other: float) -> None:
    order = ["4bit", "8bit", "none"]
    small, large = (
        order.index(choose_weights("auto", parameters, "cuda", with_card(gib), True))
        for gib in sorted((one, other))
    )
    assert small <= large


def test_published_sizes_are_met() -> None:
    # QLoRA's 8B model: about 6 GB of card memory in 4 bit.
    assert 4 * GIB < needed(8 * 10**9, "4bit") < 7 * GIB
