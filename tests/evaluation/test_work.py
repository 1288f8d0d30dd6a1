"""Work over processes: order, resuming after a cut, and errors that name the job."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import pytest

from evaluation.errors import FailedJob
from evaluation.work import each, key_of


def square(number: int) -> int:
    return number * number


def process_of(number: int) -> tuple[int, str | None]:
    return os.getpid(), os.environ.get("OMP_NUM_THREADS")


def fails_at_three(number: int) -> int:
    if number == 3:
        raise ValueError("three is too many")
    return number


def dies(number: int) -> int:
    os._exit(9)


@dataclass(frozen=True)
class Noted:
    """Squares, and leaves a line for each call."""

    notes: Path
    fail_at: int = -1

    def __call__(self, number: int) -> int:
        if number == self.fail_at:
            raise ValueError("cut off")
        with self.notes.open("a", encoding="utf-8") as lines:
            lines.write(f"{number}\n")
        return number * number


def calls(noted: Noted) -> list[int]:
    return [int(line) for line in noted.notes.read_text(encoding="utf-8").split()]


def test_results_come_in_the_order_of_the_jobs() -> None:
    assert each(square, [3, 1, 2], workers=2, store=None, key="", label="squares") == [9, 1, 4]
    assert each(square, [], workers=2, store=None, key="", label="squares") == []


def test_several_workers_are_other_processes_with_one_numeric_thread() -> None:
    answers = each(process_of, [1, 2, 3, 4], workers=2, store=None, key="", label="processes")
    assert os.getpid() not in {process for process, _ in answers}
    assert {threads for _, threads in answers} == {"1"}


def test_a_run_that_was_cut_off_goes_on(tmp_path: Path) -> None:
    notes, store = tmp_path / "notes", tmp_path / "store"
    with pytest.raises(FailedJob, match="cut off"):
        each(Noted(notes, fail_at=3), [1, 2, 3, 4], workers=1, store=store, key="k", label="squares")
    assert each(Noted(notes), [1, 2, 3, 4], workers=1, store=store, key="k", label="squares") == [1, 4, 9, 16]
    assert calls(Noted(notes)) == [1, 2, 3, 4]  # nothing was done twice
    each(Noted(notes), [1, 2, 3, 4], workers=1, store=store, key="other settings", label="squares")
    assert calls(Noted(notes)) == [1, 2, 3, 4] * 2


def test_half_a_record_at_the_end_is_done_again(tmp_path: Path) -> None:
    notes, store = tmp_path / "notes", tmp_path / "store"
    each(Noted(notes), [1, 2, 3], workers=1, store=store, key="k", label="squares")
    (file,) = store.iterdir()
    file.write_bytes(file.read_bytes()[:-4])
    assert each(Noted(notes), [1, 2, 3], workers=1, store=store, key="k", label="squares") == [1, 4, 9]
    assert calls(Noted(notes)) == [1, 2, 3, 3]
    assert each(Noted(notes), [1, 2, 3], workers=1, store=store, key="k", label="squares") == [1, 4, 9]
    assert calls(Noted(notes)) == [1, 2, 3, 3]


@pytest.mark.parametrize("workers", [1, 2])
def test_a_failure_names_its_job(workers: int) -> None:
    with pytest.raises(FailedJob, match=r"Job 4 failed: 3\n[\s\S]*three is too many"):
        each(fails_at_three, [0, 1, 2, 3], workers=workers, store=None, key="", label="numbers")


def test_a_worker_that_dies_is_an_error_and_no_hang() -> None:
    with pytest.raises(FailedJob, match="ended without an answer"):
        each(dies, [1, 2], workers=2, store=None, key="", label="numbers")


def test_keys_follow_the_settings() -> None:
    assert key_of({"a": 1, "b": 2}) == key_of({"b": 2, "a": 1})
    assert key_of("a", 1) != key_of("a", 2)
    assert key_of({"b", "a"}) == key_of({"a", "b"})
