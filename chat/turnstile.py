"""One at a time for each key, with a limit to the waiting and no memory of keys that nobody is at."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from chat.errors import Busy


class Turnstile:
    """Lets one caller at a time pass for each key; keeps nothing of keys that nobody is at."""

    def __init__(self, wait_seconds: float) -> None:
        self._wait = wait_seconds
        self._guard = Lock()
        self._locks: dict[tuple[str, str], tuple[Lock, int]] = {}  # with how many hold it or wait for it

    def __len__(self) -> int:
        return len(self._locks)

    @contextmanager
    def passing(self, key: tuple[str, str]) -> Iterator[None]:
        """Waits for its turn and holds it in the block; raises `Busy` after the limit. The block may end on
        another thread than it began on, as a generator's does."""
        with self._guard:
            lock, count = self._locks.get(key, (Lock(), 0))
            self._locks[key] = (lock, count + 1)
        try:
            if not lock.acquire(timeout=self._wait):
                raise Busy(
                    "Your message before this one is still being answered. Please try again in a moment."
                )
            try:
                yield
            finally:
                lock.release()
        finally:
            with self._guard:
                count = self._locks[key][1] - 1
                if count:
                    self._locks[key] = (lock, count)
                else:
                    del self._locks[key]
