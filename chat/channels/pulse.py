"""Whether a program without an address of its own is well: it says so in a file, again and again."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

log = logging.getLogger(__name__)

State = Literal["connecting", "connected", "lost"]

#: Seconds after which a sign of life is too old to count.
FRESH_S = 60.0


@dataclass(frozen=True, slots=True)
class Pulse:
    """The file of one program; the newest sign of life replaces the one before."""

    path: Path

    def beat(self, state: State, detail: str = "") -> None:
        """Says how things are. `detail` is for people. Where it can't be written, the work goes on."""
        fresh = self.path.with_suffix(".new")
        kept = json.dumps({"state": state, "detail": detail, "at": time.time()})
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            fresh.write_text(kept, encoding="utf-8")
            fresh.replace(self.path)
        except OSError as error:
            log.warning("The sign of life could not be written: %s", error)

    def trouble(self, fresh_s: float = FRESH_S) -> str:
        """What is wrong, in a sentence; empty where the program is connected and said so just now."""
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
            state, detail, age = str(kept["state"]), str(kept["detail"]), time.time() - float(kept["at"])
        except (OSError, ValueError, KeyError, TypeError):
            return "It has not run here yet: there is no sign of life."
        if age > fresh_s:
            return f"The last sign of life is {age:,.0f} seconds old: it has stopped, or it hangs."
        return "" if state == "connected" else f"It is not connected ({state}). {detail}".strip()
