"""What a turn cost, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter
from types import MappingProxyType


class Trace:
    """Milliseconds by step, summed where a step runs twice, and notes on what went another way than usual."""

    def __init__(self) -> None:
        self._started = perf_counter()
        self._steps: dict[str, float] = {}
        self.notes: list[str] = []

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Times what runs inside."""
        started = perf_counter()
        try:
            yield
        finally:
            self._steps[name] = self._steps.get(name, 0.0) + (perf_counter() - started) * 1000

    def note(self, words: str) -> None:
        """Keeps a remark, such as a draft that failed its check."""
        self.notes.append(words)

    @property
    def timings(self) -> Mapping[str, float]:
        """Milliseconds by step, and "total" since the trace began."""
        total = (perf_counter() - self._started) * 1000
        return MappingProxyType({name: round(ms, 2) for name, ms in {**self._steps, "total": total}.items()})
