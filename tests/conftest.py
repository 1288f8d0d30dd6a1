"""One house for the whole run: the bundled films and the test catalogues, indexed with the real embedder."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat.build import House, build
from chat.settings import load_settings

DATA = Path(__file__).parent / "data"

Talk = Callable[[str], dict[str, Any]]


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> House:
    """The house in a folder of its own, conversations in memory, with all test catalogues taken in."""
    home = tmp_path_factory.mktemp("home")
    settings = load_settings({"home": home, "llm": "plain"})
    built = build(settings, lasting=False)
    for path in sorted(DATA.glob("*.csv")):
        built.catalogues.add(path, path.stem)
    return built


@pytest.fixture
def talk(house: House) -> Callable[[str], Talk]:
    """Starts a fresh conversation about a catalogue; each call of what it returns sends one message."""

    def start(catalogue: str) -> Talk:
        user = f"test-{uuid.uuid4().hex}"
        conversation = house.service.start(user, catalogue)

        def say(text: str) -> dict[str, Any]:
            return house.json(house.service.respond(user, conversation.id, uuid.uuid4().hex, text))

        return say

    return start
