"""`genre serve` as its own process: what the document shows, and what a killed one has kept."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from chat.build import House
from chat.channels.app import create_api
from tests.channels.api.talking import Api, served

ROOT = Path(__file__).resolve().parents[3]
DOCUMENT = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
KEY = "0123456789-abcdef-key"
DEFAULT = "http://127.0.0.1:7860"


@contextmanager
def genre_serve(home: Path, database: Path) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The program on a free port, with its address."""
    settings = {"HOME": home, "DATABASE": database, "PORT": 0, "LLM": "plain"}
    environment = {**os.environ, **{f"GENRE_{name}": str(value) for name, value in settings.items()}}
    command = [str(Path(sys.executable).with_name("genre")), "serve"]
    process = subprocess.Popen(
        command, env={**environment, "PYTHONUNBUFFERED": "1"}, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout
        for line in process.stdout:
            if found := re.search(r"ready: (http://\S+)", line):
                yield found[1], process
                return
        raise AssertionError(f"it ended with {process.wait()} before it was ready")
    finally:
        process.kill()
        process.wait()


@pytest.mark.slow
def test_what_was_answered_is_there_after_the_program_was_killed(house: House, tmp_path: Path) -> None:
    home, database = house.settings.home, tmp_path / "kept.sqlite"
    with (
        genre_serve(home, database) as (address, process),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        api = Api(client)
        first = api.say("a western from the 60s", message_id="m-1")
        api.call("POST", "/feedback", json={"item": "high-noon-1952", "kind": "save"})
        os.kill(process.pid, signal.SIGKILL)
    with (
        genre_serve(home, database) as (address, process),
        httpx.Client(base_url=address, timeout=60) as client,
    ):
        api.client = client
        assert api.say("a western from the 60s", message_id="m-1") == first
        assert [item["id"] for item in api.call("GET", "/saved")["saved"]] == ["high-noon-1952"]
        more = api.say("something else")
        ids = [{entry["item"]["id"] for entry in answer["recommendations"]} for answer in (first, more)]
        assert ids[1]
        assert not ids[0] & ids[1]
        assert [turn["said"] for turn in api.call("GET")["turns"]] == [
            "a western from the 60s",
            "something else",
        ]
        process.terminate()
        assert process.wait(60) in (0, -signal.SIGTERM)


def blocks(language: str) -> list[tuple[str, str]]:
    """The heading and the text of each block of that language in the document."""
    found, heading = [], ""
    for part in re.split(r"^(?=## )|(?=^```)", DOCUMENT, flags=re.MULTILINE):
        if part.startswith("## "):
            heading = part.splitlines()[0].removeprefix("## ")
        elif part.startswith(f"```{language}\n"):
            found.append((heading, part.removeprefix(f"```{language}\n")))
    return found


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here")
def test_every_command_of_the_document_works(house: House, tmp_path: Path) -> None:
    keyed = house.settings.model_copy(update={"api_keys": (SecretStr(KEY),)})
    with (
        served(create_api(house.service, house.catalogues, house.settings)) as local,
        served(create_api(house.service, house.catalogues, keyed)) as closed,
    ):
        script = f'set -euo pipefail\nKEY={KEY}\ncurl() {{ command curl --fail-with-body "$@"; echo; }}\n'
        for heading, text in blocks("bash"):
            address = closed if heading == "Keys and limits" else local
            script += f"echo {shlex.quote(f'=== {heading}')}\n" + text.replace(DEFAULT, address)
        ran = subprocess.run(
            ["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
        )
        assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr
        assert script.count("command curl") == 1
        assert len(re.findall(r"^(?:\w+=\$\()?curl ", script, re.MULTILINE)) >= 20
        said = dict(re.findall(r"^=== (.*?)\n(.*?)(?=^=== |\Z)", ran.stdout, re.MULTILINE | re.DOTALL))
        assert re.findall(r"^event: (\w+)", said["Stream"], re.MULTILINE)[:2] == ["cards", "sentence"]
        assert "event: done" in said["Stream"]
        assert '"palm-springs-2020"' in said["Feedback"]
        assert said["Taste"].rstrip().endswith('{"taste":[]}')
        assert "genre_answers_total" in said["Health and metrics"]
        for _, text in blocks("python"):
            code = text.replace(DEFAULT, local)
            ran = subprocess.run(
                [sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False
            )
            assert ran.returncode == 0, ran.stderr
            assert "1. **" in ran.stdout


def test_the_document_names_settings_and_routes_that_are_there(house: House) -> None:
    fields = type(house.settings).model_fields
    rows = re.findall(r"^\| `(\w+)` \| (\d+) \|", DOCUMENT, re.MULTILINE)
    assert len(rows) == 5
    for name, default in rows:
        assert fields[name].default == int(default)
    app = create_api(house.service, house.catalogues, house.settings)
    routes = [re.sub(r"\{.*?\}", "[^/ ]+", path) for path in app.openapi()["paths"]]
    addresses = re.findall(rf"curl [^\n]*{DEFAULT}(/[^\s'?]*)", DOCUMENT)
    assert len(addresses) > 20
    for path in addresses:
        assert any(re.fullmatch(route, path) for route in routes), path
