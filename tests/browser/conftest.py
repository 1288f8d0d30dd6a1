"""A real server and a real Chromium. Without a Chromium these tests are skipped, in CI they fail."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Browser, BrowserContext, Page, Route

from chat.channels.app import create_app
from chat.service import Service
from chat.store.memory import MemoryStore
from retrieval.catalogue import CatalogueStore
from tests.channels.fake_service import FakeCatalogues, FakeSettings, managers
from tests.chromium import running_chromium

ROOT = Path(__file__).resolve().parents[2]
NASTY = '<img src=x onerror="window.broken=1"><script>window.broken=2</script>${window.broken=3}{{7*7}}'


@dataclass
class Site:
    """A running server; `hold` lets a message with the word “slowly” through only when it is set."""

    url: str
    catalogues: FakeCatalogues
    hold: threading.Event = field(default_factory=threading.Event)


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for this folder."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The whole application on a free port of this machine."""
    folder = tmp_path_factory.mktemp("site")
    catalogues = FakeCatalogues(folder / "catalogues")
    catalogues.add(ROOT / "data/films/films.jsonl", "films")
    catalogues.add(_nasty(folder / "nasty.csv"), "nasty")
    store = CatalogueStore(folder / "catalogues")  # importing strips markup, so it is put in past the import
    plain = store.open("nasty")
    bad = "javascript:window.broken=4"
    store.replace(
        "nasty",
        plain.schema,
        [replace(item, title=f"{NASTY} {item.id}", text=NASTY, url=bad, image=bad) for item in plain.items],
    )
    hold = threading.Event()
    service = Service(MemoryStore(), managers(catalogues, hold), lambda: datetime.now(UTC), wait_seconds=60)
    app = create_app(service, catalogues, FakeSettings(), "plain voice")
    with serving(app) as url:
        yield Site(url, catalogues, hold)
        hold.set()


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The application on a free port of this machine, for as long as the block lasts."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="warning"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        assert thread.is_alive(), "the server did not start"
        time.sleep(0.05)
    yield f"http://127.0.0.1:{port}/"
    server.should_exit = True
    thread.join(10)


def _nasty(path: Path) -> Path:
    path.write_text("title,genre\n" + "\n".join(f"Title {n},comedy" for n in range(6)) + "\nOther,drama\n")
    return path


@pytest.fixture
def open_page(site: Site, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """Opens the page in a browser of its own (cookies and storage apart from all others).

    Whatever the page asks of another machine is refused, and fails the test at its end, as does any error
    of the page's script.
    """
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def refuse(url: str, route: Route) -> None:
        if route.request.url.startswith(url):
            route.continue_()
        else:
            trouble.append(f"asked for {route.request.url}")
            route.abort()

    def opened(
        *, url: str = site.url, width: int = 1280, height: int = 800, dark: bool = False, touch: bool = False
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            has_touch=touch,
            is_mobile=touch,
        )
        contexts.append(context)
        context.route("**/*", partial(refuse, url))
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: trouble.append(f"script error: {error}"))
        page.goto(url)
        page.wait_for_selector("#live [data-state]")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []
