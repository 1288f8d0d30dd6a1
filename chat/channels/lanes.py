"""Waiting in line without holding a thread: for channels that hear everybody in one event loop."""

from __future__ import annotations

import asyncio
from weakref import WeakValueDictionary


class Lanes:
    """One at a time for each name, first come, first served; keeps nothing of names that nobody is at."""

    def __init__(self) -> None:
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    def lane(self, name: str) -> asyncio.Lock:
        """The lock of that name."""
        return self._locks.setdefault(name, asyncio.Lock())
