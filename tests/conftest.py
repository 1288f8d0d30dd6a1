"""One house for the whole run: the bundled films and the test catalogues, indexed with the real embedder."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from chat.build import House, build
from chat.settings import load_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """One browser for the whole run: two can't be driven at the same time."""
    from playwright.sync_api import sync_playwright

    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        words = "There is no Chromium on this machine: install the package chromium to run the browser tests."
        if os.environ.get("CI"):
            pytest.fail(words)
        pytest.skip(words)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


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
