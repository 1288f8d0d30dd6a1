from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.channels.api.talking import Api, error, events


def test_a_conversation_can_be_opened_talked_in_and_read_again(api: Api) -> None:
    said = api.say("a western")
    items = [entry["item"] for entry in said["recommendations"]]
    assert items
    assert all("western" in item["facts"]["genres"] for item in items)
    assert said["taste"][0]["subject"] == "western"
    assert said["conversation_id"] == api.id
    read = api.call("GET")
    assert [turn["said"] for turn in read["turns"]] == ["a western"]
    assert [entry["item"] for entry in read["turns"][0]["recommendations"]] == items


def test_the_same_message_id_is_answered_once_however_often_and_fast_it_comes(api: Api) -> None:
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: api.say("a comedy", message_id="m-1"), range(16)))
    assert all(answer == answers[0] for answer in answers)
    assert len(api.call("GET")["turns"]) == 1


def test_messages_of_many_people_at_once_stay_apart(client: TestClient) -> None:
    kinds = ["western", "comedy", "horror", "drama", "romance", "crime"]
    people = [(Api(client), kind) for kind in kinds * 2]

    def talk(who: tuple[Api, str]) -> list[str]:
        for _ in range(3):
            who[0].say(f"a {who[1]}")
        return [entry["subject"] for entry in who[0].call("GET", "/taste")["taste"]]

    with ThreadPoolExecutor(8) as threads:
        assert list(threads.map(talk, people)) == [[kind] for _, kind in people]


def test_messages_of_one_conversation_sent_at_once_are_all_kept_in_some_order(api: Api) -> None:
    with ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda n: api.say("a drama", message_id=f"m-{n}"), range(6)))
    turns = api.call("GET")["turns"]
    assert [turn["number"] for turn in turns] == [1, 2, 3, 4, 5, 6]
    shown = [entry["item"]["id"] for turn in turns for entry in turn["recommendations"]]
    assert len(shown) == len(set(shown))


def test_events_bring_the_cards_then_the_sentences_then_all_of_it(api: Api) -> None:
    whole = api.say("a western", message_id="m-1")
    answer = api.client.post(
        f"/v1/conversations/{api.id}/messages",
        json={"text": "a western", "message_id": "m-1"},
        headers={**api.token, "Accept": "text/event-stream"},
    )
    assert answer.headers["content-type"].startswith("text/event-stream")
    found = events(answer.text)
    assert [name for name, _ in found] == ["cards", "sentence", "sentence", "done"]
    assert found[0][1]["recommendations"] == whole["recommendations"]
    assert "".join(data["text"] for name, data in found if name == "sentence") == whole["text"]
    assert found[-1][1] == whole


def test_trouble_before_a_stream_begins_has_a_status_of_its_own(api: Api) -> None:
    headers = {**api.token, "Accept": "text/event-stream"}
    url = f"/v1/conversations/{api.id}/messages"
    error(api.client.post(url, json={"text": " "}, headers=headers), 422, "invalid")
    error(api.client.post(url + "x", json={"text": "hi"}, headers=headers), 404)


def test_with_a_token_a_new_conversation_is_the_same_persons(client: TestClient, api: Api) -> None:
    api.say("a western")
    api.call("POST", "/feedback", json={"item": "high-noon-1952", "kind": "save"})
    again = client.post("/v1/conversations", headers=api.token).json()
    assert again["user_id"] == api.began["user_id"]
    assert again["token"] == api.began["token"]
    saved = client.get(f"/v1/conversations/{again['id']}/saved", headers=api.token).json()["saved"]
    assert [item["title"] for item in saved] == ["High Noon"]
    listed = client.get("/v1/conversations", headers=api.token).json()["conversations"]
    assert {entry["id"] for entry in listed} == {api.id, again["id"]}
    assert Api(client).began["user_id"] != api.began["user_id"]


def test_a_conversation_opens_only_with_its_own_token(client: TestClient, api: Api) -> None:
    other = Api(client)
    where = f"/v1/conversations/{api.id}"
    error(client.get(where), 401, "token_needed")
    error(client.get(where, headers={"Authorization": "Bearer nobodys"}), 401, "unknown_token")
    error(client.get(where, headers={"Authorization": "Basic eDp5"}), 401, "bad_authorization")
    theirs = error(client.get(where, headers=other.token), 404)
    nobodys = error(client.get("/v1/conversations/no-such-id", headers=other.token), 404)
    assert theirs["message"].replace(api.id, "X") == nobodys["message"].replace("no-such-id", "X")
    for method, path in [
        ("POST", "/messages"),
        ("PATCH", "/taste"),
        ("DELETE", "/taste"),
        ("GET", "/taste"),
        ("GET", "/saved"),
        ("DELETE", ""),
    ]:
        body = {"text": "hi"} if path == "/messages" else {} if method == "PATCH" else None
        error(client.request(method, where + path, json=body, headers=other.token), 404)


def test_a_forgotten_conversation_is_gone(api: Api) -> None:
    api.say("a western")
    api.call("DELETE", status=204)
    error(api.client.get(f"/v1/conversations/{api.id}", headers=api.token), 401)


@pytest.mark.parametrize(
    ("body", "status", "param"),
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
    api: Api, body: dict[str, Any], status: int, param: str | None
) -> None:
    answer = api.client.post(f"/v1/conversations/{api.id}/messages", json=body, headers=api.token)
    assert error(answer, status)["param"] == param


def test_other_errors_have_the_same_shape(client: TestClient) -> None:
    found = error(client.post("/v1/conversations", json={"catalogue": "cheese"}), 404, "unknown_catalogue")
    assert found["param"] == "catalogue"
    json_type = {"Content-Type": "application/json"}
    error(client.post("/v1/conversations", content=b"{not json", headers=json_type), 422, "invalid_json")
    error(client.get("/v1/nothing-here"), 404, "not_found")
    wrong = client.put("/v1/conversations")
    error(wrong, 405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, POST"


def test_what_a_person_owns_can_be_taken_away_and_erased(client: TestClient, api: Api) -> None:
    api.say("a western")
    own = api.began["user_id"]
    for name in ("me", own):
        kept = client.get(f"/v1/users/{name}/export", headers=api.token).json()
        assert kept["user_id"] == own
        assert [turn["text"] for turn in kept["conversations"][0]["turns"]] == ["a western"]
    other = Api(client)
    error(client.get(f"/v1/users/{own}/export", headers=other.token), 403, "not_yours")
    error(client.delete(f"/v1/users/{own}", headers=other.token), 403, "not_yours")
    error(client.get(f"/v1/users/{own}/export"), 401)
    assert client.delete("/v1/users/me", headers=api.token).status_code == 204
    error(client.get("/v1/users/me/export", headers=api.token), 401)
    assert other.call("GET")["turns"] == []
