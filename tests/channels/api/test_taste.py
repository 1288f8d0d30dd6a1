from __future__ import annotations

from typing import Any

import pytest

from tests.channels.api.talking import Api, error

ITEM = "high-noon-1952"


def entries(answer: Any) -> dict[str, Any]:
    return {entry["subject"]: entry for entry in answer["taste"]}


def test_a_taste_can_be_read_changed_and_forgotten(api: Api) -> None:
    api.say("a western, no comedy")
    known = entries(api.call("GET", "/taste"))
    assert (known["western"]["feeling"], known["comedy"]["feeling"]) == ("like", "dislike")
    changed = api.call(
        "PATCH",
        "/taste",
        json={
            "remove": [known["western"]["id"]],
            "change": [{"id": known["comedy"]["id"], "feeling": "like", "strength": 0.5, "hard": False}],
            "add": [{"text": "horror", "feeling": "dislike"}, {"text": "long walks"}],
        },
    )
    after = {name: (e["feeling"], e["strength"], e["kind"]) for name, e in entries(changed).items()}
    assert after == {
        "comedy": ("like", 0.5, "genres"),
        "horror": ("dislike", 1.0, "genres"),
        "long walks": ("like", 1.0, "text"),
    }
    assert entries(api.call("GET", "/taste")) == entries(changed)
    assert api.call("DELETE", "/taste") == {"taste": []}
    assert api.call("GET", "/taste") == {"taste": []}


def test_what_was_forgotten_is_unknown_in_the_next_conversation_too(api: Api) -> None:
    def next_taste() -> Any:
        begun = api.client.post("/v1/conversations", headers=api.token).json()
        url = f"/v1/conversations/{begun['id']}/taste"
        return entries(api.client.get(url, headers=api.token).json())

    api.say("a western")
    assert set(next_taste()) == {"western"}
    api.call("DELETE", "/taste")
    assert next_taste() == {}


def test_a_change_with_a_wrong_part_changes_nothing(api: Api) -> None:
    api.say("a western")
    before = api.call("GET", "/taste")
    remove = [before["taste"][0]["id"], "0123456789abcdef"]
    answer = api.client.patch(f"/v1/conversations/{api.id}/taste", json={"remove": remove}, headers=api.token)
    assert error(answer, 404, "unknown_entry")["param"] == "remove.1"
    assert api.call("GET", "/taste") == before


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"add": [{"text": "  "}]}, "add.0.text"),
        ({"add": [{"text": "x", "feeling": "meh"}]}, "add.0.feeling"),
        ({"change": [{"id": "x", "strength": 2}]}, "change.0.strength"),
        ({"forget": True}, "forget"),
    ],
)
def test_what_is_wrong_with_a_change_is_named(api: Api, body: dict[str, Any], param: str) -> None:
    answer = api.client.patch(f"/v1/conversations/{api.id}/taste", json=body, headers=api.token)
    assert error(answer, 422, "invalid")["param"] == param


@pytest.mark.parametrize("kind", ["like", "dislike", "seen"])
def test_a_verdict_joins_the_taste_and_can_be_taken_back(api: Api, kind: str) -> None:
    found = entries(api.call("POST", "/feedback", json={"item": ITEM, "kind": kind}))
    assert (found["High Noon"]["feeling"], found["High Noon"]["item"]) == (kind, ITEM)
    back = api.call("POST", "/feedback", json={"item": ITEM, "kind": kind, "on": False})
    assert back["taste"] == []


def test_what_is_saved_is_listed_until_it_is_let_go(api: Api) -> None:
    assert api.call("POST", "/feedback", json={"item": ITEM, "kind": "save"})["saved"] == [ITEM]
    assert [item["id"] for item in api.call("GET", "/saved")["saved"]] == [ITEM]
    assert api.call("POST", "/feedback", json={"item": ITEM, "kind": "save", "on": False})["saved"] == []


def shown(api: Api, times: int = 12) -> set[str]:
    """All westerns that are offered in a row."""
    answers = [api.say("a western") for _ in range(times)]
    return {entry["item"]["id"] for answer in answers for entry in answer["recommendations"]}


def test_what_is_hidden_comes_back_only_when_that_is_taken_back(api: Api) -> None:
    everything = shown(Api(api.client))
    assert ITEM in everything
    api.call("POST", "/feedback", json={"item": ITEM, "kind": "hide"})
    again = Api(api.client)
    again.call("POST", "/feedback", json={"item": ITEM, "kind": "hide"})
    again.call("POST", "/feedback", json={"item": ITEM, "kind": "hide", "on": False})
    assert shown(api) == everything - {ITEM}
    assert shown(again) == everything


@pytest.mark.parametrize("kind", ["click", "skip"])
def test_opening_and_passing_over_are_kept_and_say_nothing_of_the_taste(api: Api, kind: str) -> None:
    assert api.call("POST", "/feedback", json={"item": ITEM, "kind": kind}) == {"taste": [], "saved": []}
    kept = api.client.get("/v1/users/me/export", headers=api.token).json()
    assert kept["conversations"][0]["turns"][0]["feedback"]["kind"] == kind
    back = api.client.post(
        f"/v1/conversations/{api.id}/feedback",
        json={"item": ITEM, "kind": kind, "on": False},
        headers=api.token,
    )
    assert error(back, 422)["param"] == "on"


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"item": "no-such-film", "kind": "like"}, 404, "item"),
        ({"item": ITEM, "kind": "adore"}, 422, "kind"),
        ({"kind": "like"}, 422, "item"),
    ],
)
def test_a_click_that_cannot_be_is_refused(api: Api, body: dict[str, str], status: int, param: str) -> None:
    answer = api.client.post(f"/v1/conversations/{api.id}/feedback", json=body, headers=api.token)
    assert error(answer, status)["param"] == param
