"""What all engines share: conversations take turns, an answer comes in pieces, and it can be stopped."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import Generic, Literal, Protocol, TypeVar

from chat.errors import ModelError
from chat.llm.chat_format import ChatFormat, ChatMessage
from chat.llm.guidance import Form
from chat.llm.stops import StopFilter

Finish = Literal["stop", "length", "cancelled"]


class Ready(Protocol):
    """A model in memory: how its prompts are written, and how many tokens it takes in all."""

    @property
    def format(self) -> ChatFormat: ...

    @property
    def context(self) -> int: ...


ReadyT = TypeVar("ReadyT", bound=Ready)


@dataclass(slots=True)
class Run:
    """One answer in the making: `tokens` grows, and `finish` tells why it ended once it has."""

    prompt_tokens: int = 0
    tokens: int = 0
    finish: Finish = "stop"


class Late(Exception):
    """The deadline passed."""


@dataclass(frozen=True, slots=True)
class Job:
    """One answer to make. `pieces` takes its text; `deadline` is in `time.monotonic()` seconds."""

    prompt: list[int]
    max_tokens: int
    temperature: float
    deadline: float
    form: Form | None = None
    seed: int | None = None
    run: Run = field(default_factory=Run)
    cancelled: threading.Event = field(default_factory=threading.Event)
    pieces: SimpleQueue[str | None] = field(default_factory=SimpleQueue)

    def count(self) -> bool:
        """Counts one more token, and tells whether to go on. Raises `Late`."""
        self.run.tokens += 1
        if time.monotonic() > self.deadline:
            raise Late
        if self.cancelled.is_set():
            self.run.finish = "cancelled"
            return False
        return True


class Turns(ABC, Generic[ReadyT]):
    """One model in memory, for all conversations. Safe to call from several threads: they take turns."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._loading = threading.Lock()
        self._running = threading.Lock()
        self._loaded: ReadyT | None = None

    @abstractmethod
    def _load(self) -> ReadyT:
        """Loads the model. Raises `ModelError`."""

    @abstractmethod
    def _answer(self, loaded: ReadyT, job: Job) -> None:
        """Makes an answer, on a thread of its own. It asks `job.count()` after every token."""

    def load(self) -> ReadyT:
        """Loads the model unless it is loaded. Raises `ModelError`, or `OutOfMemory` where it doesn't fit."""
        with self._loading:
            if self._loaded is None:
                self._loaded = self._load()
            return self._loaded

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        temperature: float,
        stop: Sequence[str] = (),
        timeout_s: float = 60,
        form: Form | None = None,
        seed: int | None = None,
        run: Run | None = None,
    ) -> Iterator[str]:
        """The answer in pieces as they are made, ended before the first of the `stop` strings.

        With `form`, only tokens that keep to it are ever taken; an answer that `max_tokens` cuts off is the
        beginning of one that does. With `seed`, sampling can be repeated. Closing the
        iterator stops the model at its next token and waits for that. Raises `ModelError` where the answer
        takes longer than `timeout_s` seconds, waiting for other conversations' answers included.
        """
        loaded = self.load()
        max_tokens = min(max_tokens, loaded.context // 2)
        prompt = loaded.format.encode(messages, loaded.context - max_tokens)
        job = Job(
            prompt=prompt,
            max_tokens=max_tokens,
            temperature=temperature,
            deadline=time.monotonic() + timeout_s,
            form=form,
            seed=seed,
            run=run if run is not None else Run(),
        )
        job.run.prompt_tokens = len(prompt)
        failures: list[BaseException] = []
        worker = threading.Thread(
            target=self._work, args=(loaded, job, failures), name="genre-model", daemon=True
        )
        worker.start()
        stops = StopFilter((*stop, *loaded.format.stops))
        try:
            for piece in iter(job.pieces.get, None):
                ready = stops.push(piece)
                if ready:
                    yield ready
                if stops.hit:
                    return
            worker.join()
            if failures:
                raise self._explained(failures[0], timeout_s)
            rest = stops.flush()
            if rest:
                yield rest
        finally:
            job.cancelled.set()
            worker.join()
            if stops.hit:
                job.run.finish = "stop"

    def _work(self, loaded: ReadyT, job: Job, failures: list[BaseException]) -> None:
        try:
            # Polled, so that a request given up while it queues doesn't run later for nobody.
            while not self._running.acquire(timeout=0.05):
                if job.cancelled.is_set():
                    return
                if time.monotonic() > job.deadline:
                    raise Late
            try:
                self._answer(loaded, job)
            finally:
                self._running.release()
        except BaseException as error:  # handed to the caller's thread
            failures.append(error)
        finally:
            job.pieces.put(None)

    def _explained(self, error: BaseException, timeout_s: float) -> BaseException:
        if isinstance(error, Late):
            return ModelError(
                f"The model {self._name!r} didn't finish within {timeout_s:g} s: lower llm_max_tokens, raise "
                "llm_timeout_s, or choose a smaller model."
            )
        if isinstance(error, Exception) and not isinstance(error, ModelError):
            made = ModelError(f"The model {self._name!r} failed: {type(error).__name__}: {error}")
            made.__cause__ = error
            return made
        return error
