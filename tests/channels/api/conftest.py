from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from chat.service import Service
from tests.channels.api.talking import Api, client_of
from tests.channels.fake_service import FakeCatalogues, FakeSettings


@pytest.fixture
def client(service: Service, catalogues: FakeCatalogues) -> TestClient:
    """The application as a program on the same computer reaches it."""
    return client_of(service, catalogues, FakeSettings())


@pytest.fixture
def api(client: TestClient) -> Api:
    """A conversation that was just begun."""
    return Api(client)
