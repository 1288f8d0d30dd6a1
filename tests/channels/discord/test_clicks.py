from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from chat.channels.discord.places import item_key
from chat.service import Service
from chat.store.memory import MemoryStore
from chat.store.sql import SqlStore
from tests.channels.discord.conftest import Stage, felt, item_of, said, user_id
from tests.channels.fake_service import FakeCatalogues, managers
from tests.fakes.discord import Discord
from tests.fakes.discord_api import Message
from tests.fakes.discord_shapes import ANN, BOB, CHANNEL, SERVER

pytestmark = pytest.mark.anyio


def labels(message: Message) -> list[str]:
    return [button["label"] for button in message.buttons]


def told(world: Discord) -> list[Message]:
    """What only one person sees."""
    return [message for message in world.messages.values() if message.only is not None]


@pytest.mark.parametrize(
    ("label", "feeling"), [("Like", "like"), ("Not for me", "dislike"), ("Seen it", "seen")]
)
async def test_a_press_is_kept_shown_and_taken_back(
    stage: Stage, service: Service, label: str, feeling: str
) -> None:
    answer = await stage.say(ANN, "a western")
    words = answer.shown
    await stage.press(ANN, answer, label)
    assert felt(service, ANN) == {(item_of(answer), feeling)}
    assert labels(answer).count(f"✓ {label}") == 1
    assert answer.shown == words
    await stage.press(ANN, answer, f"✓ {label}")
    assert felt(service, ANN) == set()
    assert f"✓ {label}" not in labels(answer)
    assert len(stage.world.messages) == 1


async def test_the_newest_of_like_and_dislike_shows(stage: Stage, service: Service) -> None:
    answer = await stage.say(ANN, "a western")
    await stage.press(ANN, answer, "Like")
    await stage.press(ANN, answer, "Not for me")
    assert felt(service, ANN) == {(item_of(answer), "dislike")}
    assert labels(answer)[:2] == ["Like", "✓ Not for me"]


async def test_what_is_not_for_me_is_not_offered_again(stage: Stage) -> None:
    answer = await stage.say(ANN, "a western")
    await stage.press(ANN, answer, "Not for me", 2)
    refused = item_of(answer, 2)
    other = await stage.say(ANN, "a western")
    assert refused not in {item_of(other, number) for number in range(1, 5)}


async def test_save_keeps_an_item_until_it_is_let_go(stage: Stage, service: Service) -> None:
    answer = await stage.say(ANN, "a western")
    await stage.press(ANN, answer, "Save")
    assert [item_key(one) for one in service.saved(user_id(ANN), "films")] == [item_of(answer)]
    await stage.press(ANN, answer, "✓ Save")
    assert service.saved(user_id(ANN), "films") == ()


async def test_why_shows_whose_words_met_which_fact_to_the_one_who_asks(stage: Stage) -> None:
    answer = await stage.say(ANN, "show me a western", CHANNEL)
    await stage.press(ANN, answer, "Why this?")
    (why,) = told(stage.world)
    assert why.only == ANN
    assert "You said “western” (message 1)" in why.content
    assert "genre: western" in why.content


async def test_somebody_else_presses_for_themselves(stage: Stage, service: Service) -> None:
    answer = await stage.say(ANN, "a western", CHANNEL)
    looks = list(answer.components)
    await stage.press(BOB, answer, "Not for me")
    assert felt(service, ANN, SERVER) == set()
    assert felt(service, BOB, SERVER) == {(item_of(answer), "dislike")}
    assert answer.components == looks
    (noted,) = told(stage.world)
    assert noted.only == BOB
    assert "not for you" in noted.content


async def test_somebody_else_is_not_told_why(stage: Stage) -> None:
    answer = await stage.say(ANN, "my aunt wants a western", CHANNEL)
    await stage.press(BOB, answer, "Why this?")
    (other,) = told(stage.world)
    assert other.only == BOB
    assert "You said" not in other.content


async def test_the_same_press_twice_counts_once(stage: Stage, service: Service) -> None:
    answer = await stage.say(ANN, "a western")
    like = next(one["custom_id"] for one in answer.buttons if one["label"] == "Like")
    event = stage.world.pressed(ANN, answer, like)
    await stage.world.send(event)
    await stage.world.quiet()
    await stage.world.send(event)
    await stage.world.quiet()
    assert felt(service, ANN) == {(item_of(answer), "like")}


async def test_buttons_live_on_after_a_restart(
    world: Discord, catalogues: FakeCatalogues, tmp_path: Path
) -> None:
    def started() -> tuple[SqlStore, Service]:
        store = SqlStore(f"sqlite:///{tmp_path / 'kept.db'}")
        return store, Service(store, managers(catalogues), lambda: datetime.now(UTC))

    stage = Stage(world, catalogues)
    store, service = started()
    async with stage.running(service):
        event = world.said(ANN, "a western", CHANNEL)
        answer = await stage.after(event)
    store.close()
    await world.until(lambda: not world.sockets)

    store, service = started()
    async with stage.running(service):
        await stage.press(ANN, answer, "Save")
        assert labels(answer).count("✓ Save") == 1
        await stage.press(ANN, answer, "Why this?")
        assert "western" in told(world)[-1].content
        before = len(world.messages)
        await world.send(event)
        await world.quiet()
        assert len(world.messages) == before
        assert said(service, ANN, SERVER) == [["a western"]]
        await stage.say(ANN, "a comedy", answer.channel)
        assert said(service, ANN, SERVER) == [["a western", "a comedy"]]
    store.close()


async def test_an_old_card_still_works_after_all_was_forgotten(stage: Stage, service: Service) -> None:
    answer = await stage.say(ANN, "a western")
    service.erase(user_id(ANN))
    await stage.press(ANN, answer, "Why this?")
    assert "forgotten" in told(stage.world)[-1].content
    await stage.press(ANN, answer, "Like")
    assert felt(service, ANN) == {(item_of(answer), "like")}


async def test_an_item_that_is_gone_is_told_kindly(stage: Stage) -> None:
    answer = await stage.say(ANN, "a western")
    button = next(one for one in answer.buttons if one["label"] == "Like")
    button["custom_id"] = button["custom_id"].rpartition(":")[0] + ":no-such-item"
    await stage.press(ANN, answer, "Like")
    assert "no-such-item" in told(stage.world)[-1].content


@pytest.mark.parametrize("stray", ["g:like:1:x:2:y", "g:like", "g:pick:other", "anything"])
async def test_an_id_that_is_not_ours_does_nothing(stage: Stage, service: Service, stray: str) -> None:
    answer = await stage.say(ANN, "a western")
    answer.buttons[0]["custom_id"] = stray
    await stage.press(ANN, answer, "Like")
    assert felt(service, ANN) == set()
    assert "callback" not in stage.world.names()


async def test_a_long_id_of_an_item_is_found_again(world: Discord, tmp_path: Path) -> None:
    long = "longer-than-what-a-button-holds-"
    rows = [f'{{"id": "{long}{number}", "title": "Song {number}", "genre": "{kind}"}}'
            for number, kind in enumerate(["folk", "folk", "jazz", "jazz"])]  # fmt: skip
    (tmp_path / "songs.jsonl").write_text("\n".join(rows))
    catalogues = FakeCatalogues(tmp_path / "catalogues")
    catalogues.add(tmp_path / "songs.jsonl", "films")
    service = Service(MemoryStore(), managers(catalogues), lambda: datetime.now(UTC))
    stage = Stage(world, catalogues)
    async with stage.running(service):
        answer = await stage.say(ANN, "some folk")
        await stage.press(ANN, answer, "Like")
        assert felt(service, ANN) == {(item_key(f"{long}0"), "like")}
        await stage.press(ANN, answer, "Why this?")
        assert "folk" in told(world)[-1].content
