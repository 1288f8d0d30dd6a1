from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr

from chat.service import Service
from chat.store.memory import MemoryStore
from tests.channels.api.talking import Api, client_of, error, events
from tests.channels.fake_service import FakeCatalogues, FakeSettings, managers


def now() -> datetime:
    return datetime.now(UTC)


class Few(FakeSettings):
    api_messages_per_minute = 3
    api_requests_per_minute = 12


def test_too_many_messages_of_one_person_have_to_wait_and_others_do_not(
    service: Service, catalogues: FakeCatalogues
) -> None:
    client = client_of(service, catalogues, Few())
    one, other = Api(client), Api(client)
    for _ in range(3):
        one.say("a western")
    url = f"/v1/conversations/{one.id}/messages"
    for accept in ("application/json", "text/event-stream"):
        late = client.post(url, json={"text": "more"}, headers={**one.token, "Accept": accept})
        error(late, 429, "too_many")
        assert 1 <= int(late.headers["retry-after"]) <= 60
    other.say("a western")
    assert len(one.call("GET")["turns"]) == 3


def test_beginnings_are_counted_by_address_and_all_requests_too(
    service: Service, catalogues: FakeCatalogues
) -> None:
    client = client_of(service, catalogues, Few())
    for _ in range(3):
        assert client.post("/v1/conversations").status_code == 201
    error(client.post("/v1/conversations"), 429, "too_many")
    answers = [client.get("/v1/catalogues") for _ in range(10)]
    assert [answer.status_code for answer in answers] == [200] * 8 + [429] * 2
    assert int(answers[-1].headers["retry-after"]) >= 1
    assert client.get("/healthz").status_code == 200


def test_guesses_at_keys_are_counted_too(service: Service, catalogues: FakeCatalogues) -> None:
    class Keyed(Few):
        api_keys = (SecretStr("0123456789-abcdef-key"),)

    client = client_of(service, catalogues, Keyed())
    guesses = [{"X-API-Key": f"guess-number-{n:06}"} for n in range(12)]
    assert {client.get("/v1/models", headers=guess).status_code for guess in guesses} == {401}
    right = {"X-API-Key": "0123456789-abcdef-key"}
    error(client.get("/v1/models", headers={"X-API-Key": "one-guess-too-many"}), 429, "too_many")
    assert client.get("/v1/models", headers=right).status_code == 200


class Narrow(FakeSettings):
    api_concurrency = 2


@pytest.fixture
def held(catalogues: FakeCatalogues) -> tuple[TestClient, threading.Event]:
    """An application in which messages with "slowly" wait for the event."""
    release = threading.Event()
    service = Service(MemoryStore(), managers(catalogues, release), now, wait_seconds=0.2)
    return client_of(service, catalogues, Narrow()), release


def test_more_answers_at_once_than_there_are_places_are_refused_not_queued(
    held: tuple[TestClient, threading.Event],
) -> None:
    client, release = held
    people = [Api(client) for _ in range(3)]
    with ThreadPoolExecutor(2) as threads:
        slow = [threads.submit(api.say, "slowly a western") for api in people[:2]]
        while "under_way 2.0" not in client.get("/metrics").text:
            pass
        url, body = f"/v1/conversations/{people[2].id}/messages", {"text": "a comedy"}
        for accept in ("application/json", "text/event-stream"):
            full = client.post(url, json=body, headers={**people[2].token, "Accept": accept})
            error(full, 503, "overloaded")
            assert full.headers["retry-after"] == "2"
        release.set()
        assert all(future.result()["recommendations"] for future in slow)
    people[2].say("a comedy")


def test_a_second_message_of_a_conversation_is_told_to_come_back(
    held: tuple[TestClient, threading.Event],
) -> None:
    client, release = held
    api = Api(client)
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(api.say, "slowly a western")
        while "under_way 1.0" not in client.get("/metrics").text:
            pass
        url = f"/v1/conversations/{api.id}/messages"
        busy = client.post(url, json={"text": "a comedy"}, headers=api.token)
        error(busy, 409, "busy")
        assert busy.headers["retry-after"] == "2"
        release.set()
        slow.result()


def test_a_slow_answer_begins_its_stream_before_it_is_there(
    held: tuple[TestClient, threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat.channels.api import streaming

    monkeypatch.setattr(streaming, "PATIENCE", 0.05)
    monkeypatch.setattr(streaming, "PING", 0.05)
    client, release = held
    api = Api(client)
    threading.Timer(0.5, release.set).start()
    url, headers = f"/v1/conversations/{api.id}/messages", {**api.token, "Accept": "text/event-stream"}
    answer = client.post(url, json={"text": "slowly a western"}, headers=headers)
    assert answer.text.startswith(": ping\n\n: ping\n\n")
    assert [name for name, _ in events(answer.text)] == ["cards", "sentence", "sentence", "done"]


def test_trouble_in_a_stream_that_has_begun_is_told_inside(
    held: tuple[TestClient, threading.Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    from chat.channels.api import streaming

    monkeypatch.setattr(streaming, "PATIENCE", 0.01)
    client, release = held
    api = Api(client)
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(api.say, "slowly a western")
        while "under_way 1.0" not in client.get("/metrics").text:
            pass
        url, headers = f"/v1/conversations/{api.id}/messages", {**api.token, "Accept": "text/event-stream"}
        found = events(client.post(url, json={"text": "a comedy"}, headers=headers).text)
        release.set()
        slow.result()
    assert [name for name, _ in found] == ["error"]
    assert found[0][1]["error"]["code"] == "busy"


def test_a_large_body_is_refused_whether_its_length_is_told_or_not(api: Api) -> None:
    url = f"/v1/conversations/{api.id}/messages"
    pieces = (b" " * 1000 for _ in range(100))
    error(api.client.post(url, content=pieces, headers=api.token), 413, "too_large")
    error(api.client.post(url, content=b" " * 100_000, headers=api.token), 413, "too_large")


def test_metrics_count_what_was_done_and_name_nobody(client: TestClient, api: Api) -> None:
    api.say("a western")
    api.call("POST", "/feedback", json={"item": "high-noon-1952", "kind": "like"})
    client.get("/v1/nothing-here")
    text = client.get("/metrics").text
    for line in (
        'genre_answers_total{catalogue="films",move="recommend",voice="plain"} 1.0',
        'genre_recommendations_total{catalogue="films"} 4.0',
        'genre_feedback_total{kind="like"} 1.0',
        "genre_answers_under_way 0.0",
        'genre_http_requests_total{method="POST",route="/v1/conversations/{id}/messages",status="200"} 1.0',
        'genre_http_requests_total{method="GET",route="/v1/{rest:path}",status="404"} 1.0',
    ):
        assert line in text
    assert api.id not in text
    assert "nothing-here" not in text
    assert "western" not in text
