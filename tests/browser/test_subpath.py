"""The page behind a proxy that serves it below a path of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Page
from starlette.types import Receive, Scope, Send

from chat.channels.app import create_app
from chat.service import Service
from chat.store.memory import MemoryStore
from tests.browser.conftest import Site, serving
from tests.browser.test_page import say
from tests.channels.fake_service import FakeSettings, managers


@pytest.mark.browser
def test_the_page_works_below_a_path(site: Site, open_page: Callable[..., Page]) -> None:
    service = Service(MemoryStore(), managers(site.catalogues), lambda: datetime.now(UTC))
    app = create_app(service, site.catalogues, FakeSettings())

    async def below(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope = {**scope, "root_path": "/talk"}
        await app(scope, receive, send)

    served: Any = below
    with serving(served) as url:
        page = open_page(url=f"{url}talk/")
        assert len(say(page, "a western")) == 4
