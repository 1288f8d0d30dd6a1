from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chat.channels.slack.places import Member, Place, Ref
from chat.service import Service
from chat.store.sql import SqlStore
from tests.channels.fake_service import FakeCatalogues, managers
from tests.channels.slack.conftest import Stage, pressed, said
from tests.fakes.slack import Message, Slack

pytestmark = pytest.mark.anyio


def labels(message: Message) -> list[str]:
    return [button["text"]["text"] for button in message.buttons]


def item_of(message: Message, number: int = 1) -> str:
    """The item of the `number`th card."""
    likes = [button for button in message.buttons if button["action_id"] == "genre-press-like"]
    ref = Ref.read(likes[number - 1]["value"])
    assert ref
    return ref.about


def felt(service: Service, user: str, private: bool = True) -> set[tuple[str, str]]:
    """What somebody feels about single items."""
    who = Member("T1", user).user_id(private)
    found = set()
    for talk in service.conversations(who):
        taste = service.taste(who, talk.id)
        found |= {(entry.value, entry.feeling) for entry in taste if entry.kind == "item"}
    return found


@pytest.mark.parametrize(
    ("label", "feeling"), [("Like", "like"), ("Not for me", "dislike"), ("Seen it", "seen")]
)
async def test_a_press_is_kept_shown_and_taken_back(
    stage: Stage, service: Service, label: str, feeling: str
) -> None:
    answer = await stage.say("ann", "a western")
    words = answer.text
    await stage.press("ann", answer, label)
    assert felt(service, "ann") == {(item_of(answer), feeling)}
    assert labels(answer).count(f"✓ {label}") == 1
    assert answer.blocks[0]["text"] == words
    await stage.press("ann", answer, f"✓ {label}")
    assert felt(service, "ann") == set()
    assert f"✓ {label}" not in labels(answer)


async def test_what_is_not_for_me_is_not_offered_again(stage: Stage) -> None:
    answer = await stage.say("ann", "a western")
    await stage.press("ann", answer, "Not for me", 2)
    refused = item_of(answer, 2)
    other = await stage.say("ann", "a western")
    assert refused not in {item_of(other, n) for n in range(1, 5)}


async def test_save_keeps_an_item_until_it_is_let_go(stage: Stage, service: Service) -> None:
    answer = await stage.say("ann", "a western")
    await stage.press("ann", answer, "Save")
    who = Member("T1", "ann").user_id(True)
    assert service.saved(who, "films") == (item_of(answer),)
    await stage.press("ann", answer, "✓ Save")
    assert service.saved(who, "films") == ()


async def test_why_shows_whose_words_met_which_fact_to_the_one_who_asks(stage: Stage) -> None:
    answer = await stage.say("ann", "show me a western", "C1")
    await stage.press("ann", answer, "Why this?")
    (told,) = stage.slack.ephemerals
    assert told.user == "ann"
    assert told.thread == answer.thread
    assert "You said “western” (message 1)" in told.text
    assert "genre: western" in told.text


async def test_somebody_else_presses_for_themselves(stage: Stage, service: Service) -> None:
    answer = await stage.say("ann", "a western", "C1")
    looks = list(answer.blocks)
    await stage.press("bob", answer, "Not for me")
    assert felt(service, "ann", private=False) == set()
    assert felt(service, "bob", private=False) == {(item_of(answer), "dislike")}
    assert answer.blocks == looks
    (told,) = stage.slack.ephemerals
    assert told.user == "bob"


async def test_somebody_else_is_not_told_why(stage: Stage) -> None:
    answer = await stage.say("ann", "my aunt wants a western", "C1")
    await stage.press("bob", answer, "Why this?")
    (told,) = stage.slack.ephemerals
    assert told.user == "bob"
    assert "You said" not in told.text


async def test_buttons_live_on_after_a_restart(
    slack: Slack, catalogues: FakeCatalogues, tmp_path: Path
) -> None:
    def started() -> tuple[SqlStore, Service]:
        store = SqlStore(f"sqlite:///{tmp_path / 'kept.db'}")
        return store, Service(store, managers(catalogues), lambda: datetime.now(UTC))

    stage = Stage(slack, catalogues)
    store, service = started()
    async with stage.running(service):
        payload = slack.said("ann", "a western", "C1")
        await slack.send(payload)
        answer = await stage.answer(set())
    store.close()
    await slack.until(lambda: not slack.sockets)

    store, service = started()
    async with stage.running(service):
        await stage.press("ann", answer, "Save")
        assert labels(answer).count("✓ Save") == 1
        await stage.press("ann", answer, "Why this?")
        assert "western" in slack.ephemerals[-1].text
        await slack.send(payload, retry=1)
        await slack.quiet()
        assert len(slack.messages) == 1
        assert said(service, "ann", private=False) == [["a western"]]
    store.close()


async def test_an_old_card_still_works_after_all_was_forgotten(stage: Stage, service: Service) -> None:
    answer = await stage.say("ann", "a western")
    service.erase(Member("T1", "ann").user_id(True))
    await stage.press("ann", answer, "Why this?")
    assert "forgotten" in stage.slack.ephemerals[-1].text
    await stage.press("ann", answer, "Like")
    assert felt(service, "ann") == {(item_of(answer), "like")}


async def test_an_item_that_is_gone_is_told_kindly(stage: Stage) -> None:
    answer = await stage.say("ann", "a western")
    button = answer.buttons[0]
    gone = {**button, "value": Ref("ann", "slack-x", "m", "no-such-item").value()}
    await stage.slack.send(stage.slack.pressed("ann", answer, pressed(gone)))
    await stage.slack.until(lambda: stage.slack.ephemerals)
    assert "no-such-item" in stage.slack.ephemerals[0].text


@pytest.mark.parametrize("value", ["", "{}", "[1,2,3,4]", "not json"])
async def test_a_value_that_is_not_ours_does_nothing(stage: Stage, service: Service, value: str) -> None:
    answer = await stage.say("ann", "a western")
    for action in ("genre-press-like", "genre-say-0"):
        stray: dict[str, Any] = {"type": "button", "action_id": action, "value": value}
        await stage.slack.send(stage.slack.pressed("ann", answer, stray))
    await stage.slack.quiet()
    assert felt(service, "ann") == set()
    assert len(stage.slack.messages) == 1


def test_members_threads_and_places_are_told_apart() -> None:
    places = {
        Place(Member(team, user), channel, thread, True).conversation
        for team in ("T1", "T")
        for user in ("U1", "1U1")
        for channel in ("C1", "C")
        for thread in ("1.2", "11.2")
    }
    assert len(places) == 16
    assert len(set(Member("T1", "U1").user_ids)) == 2
