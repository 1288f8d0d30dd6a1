from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chat.channels.web.desk import Desk
from chat.service import Service
from chat.store.memory import MemoryStore
from tests.channels.fake_service import FakeCatalogues, FakeSettings, managers

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def catalogues(tmp_path_factory: pytest.TempPathFactory) -> FakeCatalogues:
    """The bundled films and a small shop, imported once; tests that add to them use their own."""
    found = FakeCatalogues(tmp_path_factory.mktemp("catalogues"))
    found.add(ROOT / "data/films/films.jsonl", "films")
    found.add(ROOT / "tests/data/shop.csv", "shop")
    return found


@pytest.fixture
def service(catalogues: FakeCatalogues) -> Service:
    return Service(
        MemoryStore(),
        managers(catalogues),
        lambda: datetime.now(UTC),
        max_message_chars=FakeSettings.max_message_chars,
    )


@pytest.fixture
def desk(service: Service, catalogues: FakeCatalogues) -> Desk:
    return Desk(service, catalogues, FakeSettings(), "plain voice")
