"""What the documents say is so: every command of the README runs, every file they name is there."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Literal

import pytest

from chat.build import House
from chat.ranking import RankingSettings
from chat.settings import CONFIG_VARIABLE, PREFIX, Settings
from retrieval.schema import parse_schema
from tests.dialogue_script import read_script

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
DOCUMENTS = sorted(
    [
        *ROOT.glob("*.md"),
        *(ROOT / "docs").rglob("*.md"),
        ROOT / "benchmarks/README.md",
        ROOT / "data/films/README.md",
    ]
)

How = Literal["run", "serve", "talk", "help", "make", "doctor", "source"]

#: How each command of the README is tried. One that isn't listed fails the test.
#: run: as it is written · serve: until it answers, then stopped · talk: until it greets, then /quit ·
#: help: with --help, where the whole takes minutes · make: make says what it would do · doctor: the settings
#: that stand before it, read by `genre doctor`, since the model isn't here · source: the environment's own.
COMMANDS: dict[str, How] = {
    "make run": "make",
    "make test": "make",
    "source .venv/bin/activate": "source",
    "genre chat": "talk",
    'genre ask "a western, but a funny one" "and one without John Wayne"': "run",
    'genre ask --json "a heist film from the 90s"': "run",
    "genre --help": "run",
    "genre index shelf.csv": "run",
    'genre ask --catalogue shelf "a short book about grief" "who wrote it?"': "run",
    "genre catalogues": "run",
    "GENRE_LLM=small genre serve": "doctor",
    "GENRE_LLM=local:Qwen/Qwen3-4B-Instruct-2507 GENRE_QUANTISATION=4bit genre serve": "doctor",
    "GENRE_LLM=ollama:qwen3:4b genre serve": "doctor",
    "GENRE_LLM=openai:gpt-4.1-mini genre serve": "doctor",
    "GENRE_LLM=openai:my-model GENRE_LLM_BASE_URL=http://127.0.0.1:8000/v1 genre serve": "doctor",
    "genre doctor": "run",
    "python benchmarks/turn_latency.py": "help",
    "genre finetune demo": "help",
    "genre evaluate ranking --data DIR --fit DIR": "help",
}

#: What `make` would run in the end.
MAKES = {"make run": "genre serve", "make test": "python -m pytest"}

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAMS = ("genre", "make", "python", "source", "pip", "git", "docker", "curl", "sh", "hf", "cd")


def blocks(language: str) -> list[str]:
    """The README's fenced blocks of one language."""
    return [text for found, text in _FENCE.findall(README) if found == language]


def commands() -> list[str]:
    """Every line of a plain block that begins with a program, settings before it allowed."""
    lines = (line.strip() for text in blocks("") for line in text.splitlines())
    return [line for line in lines if line and _program(line) in _PROGRAMS and "  " not in line]


def _setting_names() -> list[str]:
    return [*Settings.model_fields, *(f"ranking__{name}" for name in RankingSettings.model_fields)]


def _program(line: str) -> str:
    words = [word for word in line.split() if not re.match(r"[A-Z_]+=", word)]
    return words[0] if words else ""


@pytest.fixture(scope="module")
def place(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A working folder with the README's own file in it, and `home`, where the films are indexed."""
    folder = tmp_path_factory.mktemp("readme")
    shutil.copytree(house.settings.home, folder / "home")
    (folder / "shelf.csv").write_text(blocks("csv")[0], encoding="utf-8")
    return folder


def environment(place: Path, **settings: str) -> dict[str, str]:
    clean = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    path = f"{BIN}{os.pathsep}{clean.get('PATH', '')}"
    return {**clean, "PATH": path, "GENRE_HOME": str(place / "home"), "COLUMNS": "200", **settings}


def run(words: list[str], place: Path, said: str = "", **settings: str) -> str:
    """What the command prints; it has to succeed."""
    program = shutil.which(words[0], path=environment(place)["PATH"])
    assert program, f"{words[0]} is not there"
    done = subprocess.run(
        [program, *words[1:]],
        cwd=place,
        env=environment(place, **settings),
        input=said,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---------------------------------------------------------------- commands


def test_every_command_is_listed_and_every_listed_one_is_there() -> None:
    assert sorted(commands()) == sorted(COMMANDS)


@pytest.mark.parametrize("line", [line for line, how in COMMANDS.items() if how == "run"])
def test_it_runs_as_written(line: str, place: Path) -> None:
    if "--catalogue shelf" in line:
        run(["genre", "index", "shelf.csv"], place)
    assert run(shlex.split(line), place).strip()


@pytest.mark.parametrize("line", [line for line, how in COMMANDS.items() if how == "make"])
def test_make_would_run_it(line: str) -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "-n", *line.split()[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={name: value for name, value in os.environ.items() if not name.startswith("MAKE")},
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith(MAKES[line])


@pytest.mark.parametrize("line", [line for line, how in COMMANDS.items() if how == "doctor"])
def test_its_settings_name_a_voice(line: str, place: Path) -> None:
    words = line.split()
    settings = dict(word.split("=", 1) for word in words if "=" in word)
    assert words[len(settings) :] == ["genre", "serve"]
    shown = run(["genre", "doctor"], place, **settings)
    assert shown.startswith(f"Replies: {settings['GENRE_LLM']}.")


def test_what_takes_minutes_explains_itself(place: Path) -> None:
    for line in (line for line, how in COMMANDS.items() if how == "help"):
        program, *words = (word for word in line.split() if not word.startswith("--") and word != "DIR")
        start = [sys.executable, str(ROOT / words[0])] if program == "python" else [program, *words]
        assert "usage" in run([*start, "--help"], place).casefold()


def test_the_chat_greets_and_lets_go(place: Path) -> None:
    shown = run(["genre", "chat"], place, said="a western\n/quit\n")
    assert "what are you in the mood for?" in shown
    assert "  1. " in shown


def test_the_environment_has_the_command() -> None:
    script = f"source {shlex.quote(str(BIN / 'activate'))} && command -v genre"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert Path(done.stdout.strip()) == BIN / "genre"


def test_serve_serves_the_page_and_the_api(place: Path) -> None:
    """`make run` ends in `genre serve`; here it is, on a port of the test's own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [str(BIN / "genre"), "serve", "--port", str(port)],
        cwd=place,
        env=environment(place, PYTHONUNBUFFERED="1"),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert server.stdout is not None
        for shown in server.stdout:
            if "GENRE is ready" in shown:
                break
        assert f"http://127.0.0.1:{port}" in shown
        assert '"status":"ok"' in fetched(f"http://127.0.0.1:{port}/healthz")
        assert "GENRE" in fetched(f"http://127.0.0.1:{port}/")
        assert '"name":"films"' in fetched(f"http://127.0.0.1:{port}/v1/catalogues")
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)


def fetched(address: str) -> str:
    """The page at an address; the server says that it is ready a moment before it listens."""
    for _ in range(100):
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return str(answer.read().decode())
        except (ConnectionError, urllib.error.URLError):
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {address}")


# ---------------------------------------------------------------- examples


def test_the_catalogue_example_does_what_the_text_says(place: Path) -> None:
    (place / "copy.csv").write_text(blocks("csv")[0], encoding="utf-8")
    shown = run(["genre", "index", "copy.csv"], place)
    assert "5 items from 6 rows" in shown
    assert "skipped: line 6: has no title" in shown
    schema_file = place / "copy.genre.toml"
    schema = parse_schema(schema_file.read_text(encoding="utf-8"))
    kinds = {column.facet.name: (column.facet.kind, column.facet.role) for column in schema.kept}
    assert kinds == {
        "author": ("people", None),
        "pages": ("number", "length"),
        "published": ("number", "year"),
        "topics": ("category", None),
    }
    assert next(column.facet.many for column in schema.kept if column.facet.name == "topics")
    with schema_file.open("a", encoding="utf-8") as file:
        file.write("\n" + blocks("toml")[0])
    run(["genre", "index", "copy.csv"], place)
    shown = run(["genre", "ask", "--catalogue", "copy", "a short book about loss"], place)
    assert "1. Kitchen" in shown
    assert "topic: grief" in shown


def test_the_exchange_tells_facts_of_the_films(house: House) -> None:
    """The exchange is copied from a run; what it says of a film has to be so still."""
    shelf = house.catalogues.shelf("films")
    titles = {item.title: item for item in shelf.items}
    exchange = next(text for text in blocks("") if text.startswith("› "))
    item = None
    reasons = 0
    for line in exchange.splitlines():
        if numbered := re.fullmatch(r"  \d\. (.+)", line):
            item = titles[numbered[1]]
        elif item and (
            reason := re.fullmatch(r"     [+–] .* — (?:(\w+): (.+)|(\d+) min|from (\d{4}))", line)
        ):
            facet = next((one.name for one in shelf.facets if one.label == reason[1]), "")
            said = reason[2] or reason[3] or reason[4]
            name = facet or ("runtime" if reason[3] else "year")
            assert said in {str(value) for value in item.values(name)}, line
            reasons += 1
    assert reasons >= 4


def test_the_script_in_contributing_is_a_script(tmp_path: Path) -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    example = next(text for _, text in _FENCE.findall(text) if text.startswith("title:"))
    file = tmp_path / "example.dialogue"
    file.write_text(example, encoding="utf-8")
    (conversation,) = read_script(file)
    assert all(step.checks for step in conversation.steps)


def test_the_schema_and_the_dials_in_the_catalogue_guide_are_so() -> None:
    text = (ROOT / "docs/catalogues.md").read_text(encoding="utf-8")
    schema, dials = [text for language, text in _FENCE.findall(text) if language == "toml"]
    assert parse_schema(schema).noun == "book"
    told = tomllib.loads(dials)["ranking"]
    assert told == {
        name: field.default for name, field in RankingSettings.model_fields.items() if name in told
    }


# ---------------------------------------------------------------- names


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_files_and_settings_that_it_names_are_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"
    code = re.findall(r"`((?:chat|retrieval|prompts|tests|data|docs|benchmarks|deploy)/[\w./*-]+)`", text)
    for name in code:
        assert list(ROOT.glob(name.rstrip("/"))), f"{document.name} names {name}"
    known = {f"{PREFIX}{name}".upper() for name in _setting_names()} | {CONFIG_VARIABLE}
    for variable in re.findall(r"\bGENRE_[A-Z_]+\b", text):
        assert variable in known, f"{document.name} names the setting {variable}"


def test_the_settings_of_the_models_page_are_settings() -> None:
    text = (ROOT / "docs/models.md").read_text(encoding="utf-8")
    table = text[text.index("| setting |") : text.index("## What fits")]
    named = re.findall(r"^\| `(\w+)` \| (?:`([^`]+)`)?", table, re.MULTILINE)
    assert len(named) >= 8
    for name, default in named:
        assert name in Settings.model_fields
        if default:
            assert str(Settings.model_fields[name].get_default(call_default_factory=True)).lower() == default


def test_every_entry_of_the_tree_is_there() -> None:
    tree = next(text for text in blocks("") if text.startswith("app.py"))
    folder = ""
    for line in tree.splitlines():
        found = re.match(r"( *)([\w./]+)", line)
        assert found
        indented, name = found.groups()
        assert (ROOT / (folder if indented else "") / name).exists(), line
        folder = folder if indented else name
    # and no room is left out
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert all(f"{room}/" in tree for room in rooms)


def test_torch_has_one_version() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (pinned,) = [
        name.removeprefix("torch==") for name in project["dependencies"] if name.startswith("torch==")
    ]
    assert f"version={pinned}\n" in (ROOT / "deploy/torch.sh").read_text(encoding="utf-8")


def test_the_image_copies_what_is_there() -> None:
    text = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    for line in re.findall(r"^COPY (.+)$", text, re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests"}
    assert all(f"COPY {room} {room}\n" in text for room in rooms)
