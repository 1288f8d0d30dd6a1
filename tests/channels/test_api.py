from __future__ import annotations

from typing import Any

import pytest
from fastapi.testclient import TestClient

from chat.channels.app import create_app
from chat.service import Service
from tests.channels.fake_service import FakeCatalogues, FakeSettings


@pytest.fixture
def client(service: Service, catalogues: FakeCatalogues) -> TestClient:
    return TestClient(create_app(service, catalogues, FakeSettings(), "plain voice"))


def opened(client: TestClient, **body: str) -> tuple[str, dict[str, str]]:
    answer = client.post("/v1/conversations", json=body)
    assert answer.status_code == 201
    return answer.json()["id"], {"Authorization": f"Bearer {answer.json()['token']}"}


def error(answer: Any, status: int) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    assert set(answer.json()) == {"error"}
    found: dict[str, str] = answer.json()["error"]
    assert {"type", "message"} <= set(found) <= {"type", "message", "field"}
    assert found["message"]
    return found


def test_a_conversation_can_be_opened_talked_in_and_read_again(client: TestClient) -> None:
    where, token = opened(client)
    said = client.post(f"/v1/conversations/{where}/messages", json={"text": "a western"}, headers=token)
    assert said.status_code == 200
    items = [entry["item"] for entry in said.json()["recommendations"]]
    assert items
    assert all("western" in item["facts"]["genres"] for item in items)
    assert said.json()["taste"][0]["subject"] == "western"
    read = client.get(f"/v1/conversations/{where}", headers=token).json()
    assert [turn["said"] for turn in read["turns"]] == ["a western"]
    assert [entry["item"]["id"] for entry in read["turns"][0]["recommendations"]] == [
        item["id"] for item in items
    ]


def test_the_same_message_id_is_answered_once(client: TestClient) -> None:
    where, token = opened(client)
    body = {"text": "a comedy", "message_id": "m-1"}
    first, second = (
        client.post(f"/v1/conversations/{where}/messages", json=body, headers=token).json() for _ in "12"
    )
    assert first == second
    assert len(client.get(f"/v1/conversations/{where}", headers=token).json()["turns"]) == 1


def test_a_conversation_opens_only_with_its_own_token(client: TestClient) -> None:
    where, _ = opened(client)
    _, other = opened(client)
    error(client.get(f"/v1/conversations/{where}"), 401)
    theirs = error(client.get(f"/v1/conversations/{where}", headers=other), 404)
    nobodys = error(client.get("/v1/conversations/no-such-id", headers=other), 404)
    assert theirs["message"].replace(where, "X") == nobodys["message"].replace("no-such-id", "X")
    error(client.post(f"/v1/conversations/{where}/messages", json={"text": "hi"}, headers=other), 404)


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"text": "   "}, 422, "text"),
        ({}, 422, "text"),
        ({"text": 7}, 422, "text"),
        ({"text": "a", "message_id": "no spaces allowed"}, 422, "message_id"),
        ({"text": "a", "colour": "red"}, 422, "colour"),
        ({"text": "x" * 401}, 413, "text"),
        ({"text": "x" * 40_000}, 413, None),
        ({"text": "bell \x07"}, 422, "text"),
    ],
)
def test_what_cannot_be_a_message_is_refused_in_one_shape(
    client: TestClient, body: dict[str, Any], status: int, field: str | None
) -> None:
    where, token = opened(client)
    answer = client.post(f"/v1/conversations/{where}/messages", json=body, headers=token)
    assert error(answer, status).get("field") == field


def test_a_large_body_without_a_length_is_refused_too(client: TestClient) -> None:
    where, token = opened(client)
    pieces = (b" " * 1000 for _ in range(100))
    error(client.post(f"/v1/conversations/{where}/messages", content=pieces, headers=token), 413)


def test_other_errors_have_the_same_shape(client: TestClient) -> None:
    assert error(client.post("/v1/conversations", json={"catalogue": "cheese"}), 404)["field"] == "catalogue"
    error(
        client.post("/v1/conversations", content=b"{not json", headers={"Content-Type": "application/json"}),
        422,
    )
    error(client.get("/v1/nothing-here"), 404)


def test_catalogues_and_health(client: TestClient) -> None:
    found = {entry["name"]: entry for entry in client.get("/v1/catalogues").json()["catalogues"]}
    assert found["films"]["items"] == 810
    assert "genres" in {facet["name"] for facet in found["films"]["facets"]}
    assert client.get("/healthz").json() == {"status": "ok"}


def test_the_page_is_served_and_names_no_other_server_for_scripts_or_fonts(client: TestClient) -> None:
    page = client.get("/")
    assert page.status_code == 200
    assert "GENRE" in page.text
    assert "fonts.googleapis" not in page.text
    assert "cdnjs" not in page.text
    assert client.get("/docs").status_code == 404 or "swagger" not in client.get("/docs").text.lower()


def test_pages_of_other_origins_are_let_in_only_when_named(
    service: Service, catalogues: FakeCatalogues
) -> None:
    class Open(FakeSettings):
        allow_origins = ("https://shop.example",)

    client = TestClient(create_app(service, catalogues, Open()))
    let_in = client.get("/v1/catalogues", headers={"Origin": "https://shop.example"})
    assert let_in.headers["access-control-allow-origin"] == "https://shop.example"
    other = client.get("/v1/catalogues", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in other.headers
