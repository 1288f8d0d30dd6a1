"""A small shop's server, websites of other origins that embed it under a strict policy, a real Chromium."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI, Response
from fastapi.testclient import TestClient
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect

from chat.answers import sentences
from chat.channels.app import create_api
from chat.conversation import Conversation, Turn
from chat.manager import DialogueManager
from chat.planner import Planner
from chat.reader.read import Reader
from chat.reasons import Reasoner
from chat.service import Service
from chat.store.memory import MemoryStore
from chat.voice import PlainVoice
from chat.wording.catalogue import words_for
from prompts.dialogue import Interest
from retrieval.browse import Browser as ItemBrowser
from retrieval.catalogue import Catalogue, embedding_text
from retrieval.embed import HashEmbedder
from retrieval.filters import FacetTable
from retrieval.index import ExactIndex
from retrieval.lexical import LexicalIndex
from retrieval.retrieve import Retriever
from tests.channels.api.talking import served
from tests.channels.fake_service import FakeSettings
from tests.chromium import running_chromium
from tests.shelves_for_tests import PRODUCTS, SHOP_SCHEMA, TODAY, schema_of

DEMO = Path(__file__).resolve().parents[3] / "docs" / "demo-shop"
NASTY = '<img src=x onerror="window.broken=1"><script>window.broken=2</script>'
#: One transparent pixel.
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c63000100000500010d0a2db40000000049454e44ae426082"
)


class Bitwise:
    """A manager that streams. `hold` lets it past its first sentence only when it is set."""

    def __init__(self, inner: DialogueManager, hold: threading.Event) -> None:
        self._inner, self._hold, self.shelf = inner, hold, inner.shelf

    def respond(self, *given: Any) -> Turn:
        return self._inner.respond(*given)

    def taste(self, conversation: Conversation, earlier: tuple[Turn, ...]) -> tuple[Interest, ...]:
        return self._inner.taste(conversation, earlier)

    def stream(self, *given: Any) -> Iterator[Any]:
        turn = self._inner.respond(*given)
        if turn.reply is not None:
            if turn.reply.recommendations:
                yield turn.reply.recommendations
            for place, piece in enumerate(sentences(turn.reply.text)):
                if place == 1:
                    self._hold.wait(20)
                yield piece
        yield turn


class Shop:
    """The catalogue of products, as the channels see it."""

    def __init__(self, shelf: Catalogue) -> None:
        embedder, self._shelf = HashEmbedder(), shelf
        vectors = embedder.embed([embedding_text(one, shelf.facets) for one in shelf.items])
        lexical = LexicalIndex.build(shelf.items, shelf.facets)
        table = FacetTable(shelf.items, shelf.facets, lexical.containing)
        self._retriever = Retriever(shelf, embedder, ExactIndex(vectors), lexical, table, vectors)

    def names(self) -> Sequence[str]:
        return ("shop",)

    def shelf(self, name: str, /) -> Catalogue:
        return self._shelf

    def browser(self, name: str, /) -> ItemBrowser:
        return self._retriever.browser

    def preview(self, *_: Any) -> Any:
        raise NotImplementedError

    add = preview

    def manager(self) -> DialogueManager:
        shelf, reads = self._shelf, Reader(self._shelf, TODAY)
        return DialogueManager(
            shelf=shelf,
            reader=reads,
            retriever=self._retriever,
            reasoner=Reasoner(shelf.facets, shelf.get, self._retriever.sentence_support),
            planner=Planner(shelf, reads.vocabulary),
            voice=PlainVoice(words_for(shelf), reads.titles.holds),
            results=3,
        )


@dataclass
class Site:
    """A website that may embed the chat, and one that may not (`stranger`); `house` is the server's address.

    `hold` is set; while it is cleared, answers stop after their first sentence.
    """

    url: str
    stranger: str
    house: str
    service: Service
    pages: dict[str, str]
    hold: threading.Event = field(default_factory=threading.Event)

    def page(
        self, body: str = "", *, head: str = "", script: str | None = None, lang: str = "en", **data: str
    ) -> str:
        """The path of a new page; `data` are the script's settings, such as `side="left"`."""
        settings = "".join(
            f' data-{name.replace("_", "-")}="{escape(value)}"' for name, value in data.items()
        )
        tag = f'<script src="{self.house}/widget.js"{settings} defer></script>' if script is None else script
        path = f"/{len(self.pages)}"
        self.pages[path] = (
            f'<!doctype html><html lang="{lang}"><head><title>A shop</title>{head}{tag}'
            '<meta name="viewport" content="width=device-width, initial-scale=1"></head>'
            f"<body><main><h1>A shop</h1>{body}</main></body></html>"
        )
        return path


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for this folder."""
    with running_chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    pages: dict[str, str] = {}
    site = Site("", "", "", None, pages)  # type: ignore[arg-type]
    site.hold.set()
    website = _website(site)
    with served(website) as url, served(website) as stranger:
        site.url, site.stranger = url, stranger
        catalogues = Shop(_products(url))
        manager = Bitwise(catalogues.manager(), site.hold)
        site.service = Service(MemoryStore(), lambda _: manager, lambda: datetime.now(UTC))
        with served(create_api(site.service, catalogues, _settings(url))) as house:
            site.house = house
            yield site
            site.hold.set()


@pytest.fixture
def client() -> TestClient:
    """The server without a socket, for what needs no browser."""
    catalogues = Shop(_products("http://shop.example"))
    service = Service(MemoryStore(), lambda _: catalogues.manager(), lambda: datetime.now(UTC))
    return TestClient(create_api(service, catalogues, _settings("http://shop.example")))


def _settings(origin: str) -> FakeSettings:
    settings = FakeSettings()
    settings.catalogue = "shop"
    settings.allow_origins = (origin,)
    return settings


def _products(url: str) -> Catalogue:
    """The shop: one product has markup for a title, one a link and a picture."""
    changed = {
        "garden": {"title": f"Garden Boots {NASTY}", "text": NASTY},
        "summit": {"url": f"{url}/summit", "image": f"{url}/pixel.png"},
    }
    items = [replace(item, **changed.get(item.id, {})) for item in PRODUCTS]  # type: ignore[arg-type]
    return Catalogue("shop", schema_of(SHOP_SCHEMA), items, "shop-for-widget")


def _website(site: Site) -> FastAPI:
    app = FastAPI()

    @app.get("/pixel.png")
    def pixel() -> Response:
        return Response(PNG, media_type="image/png")

    @app.get("/demo/{name}")
    def demo(name: str) -> Response:
        text = (DEMO / name).read_text(encoding="utf-8").replace("http://127.0.0.1:7860", site.house)
        return Response(text, media_type="text/css" if name.endswith("css") else "text/html")

    @app.get("/{name:path}")
    def page(name: str) -> Response:
        policy = f"default-src 'none'; script-src {site.house}; connect-src {site.house}; img-src 'self'"
        words = site.pages.get(f"/{name}", "")
        return Response(words, media_type="text/html", headers={"Content-Security-Policy": policy})

    return app


Visit = Callable[..., Page]


@pytest.fixture
def visit(site: Site, chromium: Browser) -> Iterator[Visit]:
    """Opens a page in a browser of its own (storage apart from all others).

    Whatever is asked of another machine is refused, and fails the test at its end, as does every error in the
    console, such as a breach of the page's policy. With `troubled` errors in the console are expected.
    """
    contexts: list[BrowserContext] = []
    trouble: list[str] = []

    def guard(route: Route) -> None:
        if route.request.url.startswith((site.url, site.stranger, site.house)):
            route.continue_()
        else:
            trouble.append(f"asked for {route.request.url}")
            route.abort()

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "favicon" not in message.location.get("url", ""):
            trouble.append(message.text)

    def opened(
        path: str,
        *,
        at: str = "",
        width: int = 1280,
        dark: bool = False,
        touch: bool = False,
        troubled: bool = False,
    ) -> Page:
        context = chromium.new_context(
            viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            has_touch=touch,
            is_mobile=touch,
        )
        contexts.append(context)
        context.set_default_timeout(15_000)
        context.route("**/*", guard)
        page = context.new_page()
        page.on("pageerror", lambda error: trouble.append(f"script error: {error}"))
        if not troubled:
            page.on("console", note)
        page.goto((at or site.url) + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert trouble == []


class Chat:
    """The widget of a page, as a person sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.host = page.locator("genre-chat")
        self.bubble = self.host.locator(".bubble")
        self.panel = self.host.locator(".panel")
        self.box = self.host.get_by_role("textbox").first
        self.status = self.host.get_by_role("status")
        self.turns = self.host.locator(".turn")
        self.cards = self.host.locator(".turn:last-child .card")
        self.chips = self.host.locator(".turn:last-child .chip")

    def open(self) -> Chat:
        self.bubble.click()
        expect(self.host.locator(".greeting")).to_be_visible()
        return self

    def say(self, text: str) -> list[str]:
        """Says it, waits for the whole answer, and returns the titles of its cards."""
        before = self.turns.count()
        self.box.fill(text)
        self.box.press("Enter")
        return self.answered(before + 1)

    def say_in_chat(self, text: str) -> list[str]:
        """Leaves the taste first."""
        self.button("Back to the conversation").click()
        return self.say(text)

    def answered(self, turns: int) -> list[str]:
        """Waits for the answer to so many messages; the titles of the last one's cards."""
        expect(self.turns).to_have_count(turns)
        expect(self.button("Send", "发送")).to_be_visible()
        return self.cards.locator(".title").all_inner_texts()

    def button(self, *names: str) -> Any:
        found = self.host.get_by_role("button", name=names[0], exact=True)
        for name in names[1:]:
            found = found.or_(self.host.get_by_role("button", name=name, exact=True))
        return found
