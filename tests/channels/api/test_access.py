"""Who may come in by which door, and that nobody learns more than they should on the way."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from chat.channels.http.access import is_loopback
from chat.service import Service
from tests.channels.api.talking import Api, client_of, error
from tests.channels.fake_service import FakeCatalogues, FakeSettings

KEY = "0123456789-abcdef-key"
SHOP = "https://shop.example"
OPEN_TO_ALL = ["/healthz", "/readyz", "/v1/openapi.json"]
FOR_WELCOME = ["/v1/catalogues", "/v1/items", "/v1/items/high-noon-1952"]
FOR_TRUSTED = ["/v1/models", "/v1/models/genre/films", "/metrics"]


class Keyed(FakeSettings):
    api_keys: Sequence[SecretStr] = (SecretStr(KEY), SecretStr("another-key-of-somebody"))


class Outside(FakeSettings):
    host = "0.0.0.0"


class Embedded(FakeSettings):
    host = "0.0.0.0"
    allow_origins: Sequence[str] = (SHOP,)


@pytest.fixture
def make(service: Service, catalogues: FakeCatalogues) -> Any:
    def client(settings: type[FakeSettings], **where: Any) -> TestClient:
        return client_of(service, catalogues, settings(), **where)

    return client


def test_programs_of_this_computer_need_no_key(client: TestClient) -> None:
    for path in OPEN_TO_ALL + FOR_WELCOME + FOR_TRUSTED:
        assert client.get(path).status_code == 200, path
    anything = {"Authorization": "Bearer sk-anything"}
    assert client.get("/v1/models", headers=anything).status_code == 200


@pytest.mark.parametrize(
    ("settings", "where", "headers"),
    [
        (Outside, {}, {}),
        (FakeSettings, {"address": "192.168.1.7"}, {}),
        (FakeSettings, {"address": "2001:db8::7"}, {}),
        # another name for this computer: what a page turns its own to (DNS rebinding)
        (FakeSettings, {"base_url": "http://evil.example:7860"}, {}),
        (FakeSettings, {}, {"X-Forwarded-For": "127.0.0.1"}),
        (FakeSettings, {}, {"Forwarded": "for=127.0.0.1"}),
    ],
)
def test_without_a_key_nobody_else_comes_in(make: Any, settings: Any, where: Any, headers: Any) -> None:
    client = make(settings, **where)
    for path in FOR_WELCOME + FOR_TRUSTED:
        found = error(client.get(path, headers=headers), 401, "closed")
        assert "GENRE_API_KEYS" in found["message"]
    error(client.post("/v1/conversations", headers=headers), 401, "closed")
    body = {"model": "genre/films", "messages": [{"role": "user", "content": "hi"}]}
    error(client.post("/v1/chat/completions", json=body, headers=headers), 401, "closed")
    for path in OPEN_TO_ALL:
        assert client.get(path, headers=headers).status_code == 200, path


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {KEY}"}, {"X-API-Key": KEY}])
def test_a_key_opens_all_of_it_from_anywhere(make: Any, headers: dict[str, str]) -> None:
    client = make(Keyed, address="192.168.1.7", base_url="https://talk.example")
    for path in FOR_WELCOME + FOR_TRUSTED:
        assert client.get(path, headers=headers).status_code == 200, path
    assert client.post("/v1/conversations", headers=headers).status_code == 201


def test_where_a_key_is_set_this_computer_needs_it_too(make: Any) -> None:
    client = make(Keyed)
    for path in FOR_WELCOME + FOR_TRUSTED:
        error(client.get(path), 401, "key_needed")
        error(client.get(path, headers={"Authorization": f"Bearer {KEY}x"}), 401, "wrong_key")
        error(client.get(path, headers={"X-API-Key": KEY[:-1]}), 401, "wrong_key")
    assert client.get("/v1/items").headers["www-authenticate"] == "Bearer"


def test_the_token_of_a_conversation_goes_on_without_the_key_but_no_further(make: Any) -> None:
    client = make(Keyed, address="192.168.1.7")
    began = client.post("/v1/conversations", headers={"X-API-Key": KEY}).json()
    token = {"Authorization": f"Bearer {began['token']}"}
    where = f"/v1/conversations/{began['id']}"
    assert client.post(f"{where}/messages", json={"text": "a western"}, headers=token).status_code == 200
    for path in FOR_WELCOME:
        assert client.get(path, headers=token).status_code == 200, path
    for path in FOR_TRUSTED:
        error(client.get(path, headers=token), 401, "wrong_key")
    error(client.get(where, headers={"X-API-Key": KEY}), 401, "token_needed")


def test_with_a_key_everybodys_data_can_be_taken_out_and_erased(make: Any, service: Service) -> None:
    client = make(Keyed, address="192.168.1.7")
    service.start("slack-T1-U1", "films")
    url, key = "/v1/users/slack-T1-U1", {"X-API-Key": KEY}
    assert len(client.get(f"{url}/export", headers=key).json()["conversations"]) == 1
    error(client.get(f"{url}/export"), 401)
    error(client.get("/v1/users/me/export", headers=key), 403, "not_yours")
    assert client.delete(url, headers=key).status_code == 204
    assert client.get(f"{url}/export", headers=key).json()["conversations"] == []


def test_being_on_this_computer_opens_nobodys_data(client: TestClient, service: Service) -> None:
    service.start("slack-T1-U1", "films")
    error(client.get("/v1/users/slack-T1-U1/export"), 401, "token_needed")
    error(client.delete("/v1/users/slack-T1-U1"), 401, "token_needed")
    error(client.get("/v1/users/slack-T1-U1/export", headers=Api(client).token), 403, "not_yours")


def test_a_page_that_may_embed_the_chat_needs_no_key(make: Any) -> None:
    client = make(Embedded, address="192.168.1.7", base_url="https://talk.example")
    from_shop = {"Origin": SHOP}
    began = client.post("/v1/conversations", headers=from_shop)
    assert began.status_code == 201
    assert began.headers["access-control-allow-origin"] == SHOP
    assert "access-control-allow-credentials" not in began.headers
    token = {"Authorization": f"Bearer {began.json()['token']}", **from_shop}
    said = client.post(
        f"/v1/conversations/{began.json()['id']}/messages",
        json={"text": "a western"},
        headers={**token, "Accept": "text/event-stream"},
    )
    assert said.status_code == 200
    assert said.headers["access-control-allow-origin"] == SHOP
    assert client.get("/v1/items", headers=from_shop).status_code == 200
    for path in FOR_TRUSTED:
        error(client.get(path, headers=from_shop), 401, "closed")
    error(client.post("/v1/conversations"), 401, "closed")


@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "DELETE"])
def test_browsers_are_told_beforehand_what_a_page_may_send(make: Any, method: str) -> None:
    client = make(Embedded, address="192.168.1.7")
    asked = {
        "Origin": SHOP,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    answer = client.options("/v1/conversations/x/taste", headers=asked)
    assert answer.status_code == 200
    assert answer.headers["access-control-allow-origin"] == SHOP
    assert method in answer.headers["access-control-allow-methods"]
    evil = client.options("/v1/conversations/x/taste", headers={**asked, "Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in evil.headers


@pytest.mark.parametrize("settings", [FakeSettings, Embedded, Keyed])
@pytest.mark.parametrize("origin", ["https://evil.example", "null", f"{SHOP}.evil.example", "http://[", ""])
def test_pages_of_other_origins_do_nothing_even_unseen(make: Any, settings: Any, origin: str) -> None:
    client = make(settings)
    answer = client.post("/v1/conversations", headers={"Origin": origin, "X-API-Key": KEY})
    error(answer, 403, "origin_not_allowed")
    assert "access-control-allow-origin" not in answer.headers


def test_refusals_can_be_read_by_the_page_they_are_for(make: Any) -> None:
    client = make(Embedded, address="192.168.1.7")
    for answer in (
        client.get("/v1/nothing", headers={"Origin": SHOP}),
        client.post("/v1/conversations", content=b"x" * 20_000, headers={"Origin": SHOP}),
        client.get("/v1/conversations/x", headers={"Origin": SHOP}),
    ):
        assert answer.status_code in (404, 413, 401)
        assert answer.headers["access-control-allow-origin"] == SHOP
        assert "retry-after" in answer.headers["access-control-expose-headers"].lower()


def test_the_page_at_the_root_may_call_its_own_server(client: TestClient) -> None:
    assert client.get("/v1/items", headers={"Origin": "http://127.0.0.1:7860"}).status_code == 200


@pytest.mark.parametrize("settings", [FakeSettings, Embedded, Outside])
def test_the_page_itself_is_not_opened_to_other_origins(make: Any, settings: type[FakeSettings]) -> None:
    client = make(settings, address="192.168.1.7", base_url="https://talk.example", page=True)
    answer = client.get("/config", headers={"Origin": "https://evil.example"})
    assert "access-control-allow-origin" not in answer.headers


def test_an_unforeseen_error_tells_nothing_and_has_the_shape(
    service: Service, catalogues: FakeCatalogues, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_of(service, catalogues, Embedded(), base_url="https://talk.example")

    def broken(*_: object) -> None:
        raise RuntimeError("the secret is 42")

    monkeypatch.setattr(service, "start", broken)
    answer = client.post("/v1/conversations", headers={"Origin": SHOP})
    assert "42" not in error(answer, 500, "internal")["message"]
    assert answer.headers["access-control-allow-origin"] == SHOP


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "localhost", "a.localhost"])
def test_these_are_this_computer(host: str) -> None:
    assert is_loopback(host)


@pytest.mark.parametrize(
    "host", ["0.0.0.0", "::", "10.0.0.1", "localhost.evil.example", "", "127.0.0.1.nip.io"]
)
def test_these_are_not(host: str) -> None:
    assert not is_loopback(host)
