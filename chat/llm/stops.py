"""Ends a streamed answer before the first of some strings, even where one arrives in pieces."""

from __future__ import annotations

from collections.abc import Sequence


class StopFilter:
    """Passes text through until one of `stops` appears; what could be a stop's beginning waits."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [stop for stop in stops if stop]
        self._waiting = ""
        self.hit = False

    def push(self, text: str) -> str:
        """The text that may be shown by now. Nothing after a stop is ever returned."""
        if self.hit:
            return ""
        self._waiting += text
        found = [place for stop in self._stops if (place := self._waiting.find(stop)) >= 0]
        if found:
            self.hit = True
            ready, self._waiting = self._waiting[: min(found)], ""
            return ready
        held = max((self._begun(stop) for stop in self._stops), default=0)
        cut = len(self._waiting) - held
        ready, self._waiting = self._waiting[:cut], self._waiting[cut:]
        return ready

    def flush(self) -> str:
        """What still waited at the end of the answer."""
        ready, self._waiting = self._waiting, ""
        return ready

    def _begun(self, stop: str) -> int:
        """How long a beginning of `stop` the waiting text ends with."""
        longest = min(len(stop) - 1, len(self._waiting))
        return next((n for n in range(longest, 0, -1) if self._waiting.endswith(stop[:n])), 0)
