"""Many jobs over a few processes: progress on standard error, results kept as they come.

Workers are started fresh ("spawn"): a process that was forked from one with threads of torch or ONNX inside
can hang. Each worker runs numeric libraries on one thread, since there are as many workers as cores.
"""

from __future__ import annotations

import hashlib
import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from multiprocessing import connection, get_context
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, TypeVar, cast

from evaluation.errors import FailedJob

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Job = TypeVar("Job")
Result = TypeVar("Result")

#: The project's rooms: what is kept of a run counts only for the very code that made it.
_ROOMS = ("retrieval", "prompts", "chat", "evaluation")
_ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def each(
    function: Callable[[Job], Result],
    jobs: Sequence[Job],
    *,
    workers: int,
    store: Path | None,
    key: str,
    label: str,
) -> list[Result]:
    """`function` of each job, in the order of `jobs`, over `workers` processes; 1 runs in this one.

    Function, jobs and results must be picklable. The function is sent to each worker once, so a frozen
    dataclass with `__call__` and a `cached_property` for what is costly to make (a model, a house) makes it
    once a worker.

    Each finished result is kept in the folder `store`, in a file of `key`, at once: called again with the
    same key, jobs and code, only what is missing runs. `key` therefore names everything that matters and is
    not in the jobs: see `key_of`. Raises `FailedJob` with the job's number and its error; what was finished
    stays.
    """
    names = [_name(job) for job in jobs]
    with _kept(store, key) as (known, keep):
        results: dict[int, Any] = {row: known[name] for row, name in enumerate(names) if name in known}
        left = [row for row in range(len(jobs)) if row not in results]
        with _bar(label, len(jobs), len(results)) as step:
            for row, result in _run(function, jobs, left, min(workers, len(left))):
                results[row] = result
                keep(names[row], result)
                step()
    return [cast(Result, results[row]) for row in range(len(jobs))]


def key_of(*parts: object) -> str:
    """A short name for settings that decide a measurement; the same parts give the same name in any process.

    Parts must have a stable text form: numbers, text, paths, frozen dataclasses and containers of them.
    """
    text = "\x1f".join(repr(_ordered(part)) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:20]


def _ordered(part: object) -> object:
    if isinstance(part, Mapping):
        return sorted((str(name), repr(_ordered(value))) for name, value in part.items())
    if isinstance(part, set | frozenset):
        return sorted(map(repr, part))
    return part


def _name(job: object) -> str:
    return hashlib.sha256(pickle.dumps(job, protocol=5)).hexdigest()


# --- running ------------------------------------------------------------------------------------------------


def _run(
    function: Callable[[Job], Result], jobs: Sequence[Job], rows: Sequence[int], workers: int
) -> Iterator[tuple[int, Result]]:
    """(row, result) as they are finished."""
    if workers <= 1:
        for row in rows:
            try:
                result = function(jobs[row])
            except Exception as error:
                raise FailedJob(_failure(row, jobs[row], f"{type(error).__name__}: {error}")) from error
            yield row, result
        return
    context = get_context("spawn")
    todo = iter(rows)
    busy: dict[Connection, int] = {}
    processes = {}
    try:
        with _one_thread():
            for _ in range(workers):
                ours, theirs = context.Pipe()
                process = context.Process(target=_serve, args=(function, theirs), daemon=True)
                process.start()
                theirs.close()
                processes[ours] = process
        for pipe in list(processes):
            _hand_out(pipe, todo, jobs, busy)
        while busy:
            for ready in connection.wait(list(busy)):
                pipe = cast("Connection", ready)
                row = busy.pop(pipe)
                try:
                    good, answer = pipe.recv()
                except (EOFError, ConnectionError):
                    died = "its process ended without an answer (out of memory?); try fewer --workers"
                    raise FailedJob(_failure(row, jobs[row], died)) from None
                if not good:
                    raise FailedJob(_failure(row, jobs[row], answer))
                yield row, answer
                _hand_out(pipe, todo, jobs, busy)
    finally:
        for pipe in processes:
            pipe.close()
        for process in processes.values():
            if not busy:  # it ends by itself and tidies up; one at work would finish its job first
                process.join(timeout=5)
            process.terminate()
            process.join()


def _hand_out(
    pipe: Connection, todo: Iterator[int], jobs: Sequence[Any], busy: dict[Connection, int]
) -> None:
    row = next(todo, None)
    if row is not None:
        busy[pipe] = row
        pipe.send(jobs[row])


def _serve(function: Callable[[Any], Any], pipe: Connection) -> None:
    """A worker: answers jobs until its pipe is closed. Ctrl-C is the parent's to handle."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    while True:
        try:
            job = pipe.recv()
        except (EOFError, OSError):
            return
        try:
            answer: tuple[bool, Any] = (True, function(job))
        except Exception:
            answer = (False, traceback.format_exc(limit=-6).strip())
        try:
            pipe.send(answer)
        except (BrokenPipeError, ConnectionError):
            return
        except Exception as error:  # a result that cannot be pickled is a failed job like any other
            pipe.send((False, f"its result cannot be sent to the other process: {error}"))


@contextmanager
def _one_thread() -> Iterator[None]:
    """Children inherit the environment, and numpy reads these when it is imported."""
    before = {name: os.environ.get(name) for name in _ONE_THREAD}
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _failure(row: int, job: object, why: str) -> str:
    shown = repr(job)
    shown = shown if len(shown) <= 300 else shown[:297] + "..."
    kept = "What was finished before is kept: the same command goes on from it."
    return f"Job {row + 1} failed: {shown}\n{why}\n{kept}"


# --- what is kept -------------------------------------------------------------------------------------------


@contextmanager
def _kept(store: Path | None, key: str) -> Iterator[tuple[dict[str, Any], Callable[[str, Any], None]]]:
    """What an earlier run finished, by job, and a function that keeps one more."""
    if store is None:
        yield {}, lambda name, result: None
        return
    store.mkdir(parents=True, exist_ok=True)
    path = store / f"{key}-{code_version()[:12]}.pickles"
    known, good_bytes = _read(path)
    with path.open("ab") as file:
        file.truncate(good_bytes)

        def keep(name: str, result: Any) -> None:
            # One write for one record: two processes that were started by mistake do not mix theirs.
            file.write(pickle.dumps((name, result), protocol=5))
            file.flush()

        yield known, keep


def _read(path: Path) -> tuple[dict[str, Any], int]:
    """The records of a file, and the length of its sound part: the last one may have been cut off."""
    known: dict[str, Any] = {}
    if not path.is_file():
        return known, 0
    with path.open("rb") as file:
        sound = 0
        while (record := _record(file)) is not None:
            known[record[0]] = record[1]
            sound = file.tell()
    return known, sound


def _record(file: BinaryIO) -> tuple[str, Any] | None:
    try:
        name, result = pickle.load(file)
    except Exception:  # a damaged pickle raises nearly anything; whatever it is, this record is not there
        return None
    return str(name), result


def code_version() -> str:
    """A fingerprint of the project's code and of the data files beside it."""
    root = Path(__file__).resolve().parent.parent
    digest = hashlib.sha256()
    for room in _ROOMS:
        for path in sorted((root / room).rglob("*")):
            if path.suffix in (".py", ".toml", ".json", ".jinja", ".npz") and path.is_file():
                digest.update(str(path.relative_to(root)).encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


# --- progress -----------------------------------------------------------------------------------------------


@contextmanager
def _bar(label: str, total: int, done: int) -> Iterator[Callable[[], None]]:
    """One bar on standard error; where nobody watches, a line when it starts and a line when it ends."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    watched = sys.stderr.isatty()
    console = Console(stderr=True)
    again = f" ({done} kept from before)" if done else ""
    if not watched:
        console.print(f"  {label}: {total} to do{again}", highlight=False, markup=False)
    step = TextColumn("  {task.description}", markup=False)
    columns = (step, BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not watched) as bars:
        task = bars.add_task(label + again, total=total, completed=done)
        yield lambda: bars.advance(task)
    if not watched:
        console.print(f"  {label}: done", highlight=False, markup=False)
