from __future__ import annotations

from fastapi.testclient import TestClient

from chat.channels.app import create_app
from chat.service import Service
from tests.channels.fake_service import FakeCatalogues, FakeSettings


def test_the_page_is_served_and_names_no_other_server_for_scripts_or_fonts(
    service: Service, catalogues: FakeCatalogues
) -> None:
    client = TestClient(create_app(service, catalogues, FakeSettings(), "plain voice"))
    page = client.get("/")
    assert page.status_code == 200
    assert "GENRE" in page.text
    assert "fonts.googleapis" not in page.text
    assert "cdnjs" not in page.text
    assert page.headers["x-content-type-options"] == "nosniff"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert client.get("/docs").status_code == 404 or "swagger" not in client.get("/docs").text.lower()
