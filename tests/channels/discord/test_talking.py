from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chat.conversation import Conversation, Turn
from chat.errors import ModelError
from chat.service import Service
from chat.store.memory import MemoryStore
from tests.channels.discord.conftest import QUICK, Stage, said
from tests.channels.fake_service import FakeCatalogues, FakeManager
from tests.fakes.discord import Discord
from tests.fakes.discord_shapes import (
    ANN,
    BOB,
    CHANNEL,
    CONTENT_INTENT,
    ME,
    OTHER_CHANNEL,
    OTHER_SERVER,
    ROLE,
    SERVER,
)

pytestmark = pytest.mark.anyio


def service_of(catalogues: FakeCatalogues, manager: type[FakeManager]) -> Service:
    return Service(MemoryStore(), lambda name: manager(catalogues.shelf(name)), lambda: datetime.now(UTC))


async def test_a_direct_message_is_answered_with_cards_while_typing_shows(
    stage: Stage, service: Service
) -> None:
    answer = await stage.say(ANN, "a western")
    assert answer.channel == stage.world.direct(ANN)
    assert "Each has a reason that you can check." in answer.shown
    assert sum(button["label"] == "Like" for button in answer.buttons) == 4
    assert stage.world.names().index("typing") < stage.world.names().index("send")
    assert said(service, ANN) == [["a western"]]


async def test_direct_messages_go_on_where_they_were(stage: Stage, service: Service) -> None:
    await stage.say(ANN, "a western")
    await stage.say(ANN, "a comedy")
    assert said(service, ANN) == [["a western", "a comedy"]]


async def test_a_mention_is_answered_in_a_thread_that_is_a_conversation(
    stage: Stage, service: Service
) -> None:
    answer = await stage.say(ANN, "a western", CHANNEL)
    (thread,) = stage.world.threads.values()
    assert answer.channel == int(thread["id"])
    assert thread["name"] == "a western"
    again = await stage.say(ANN, "a comedy", answer.channel)
    assert again.channel == answer.channel
    assert len(stage.world.threads) == 1
    assert said(service, ANN, SERVER) == [["a western", "a comedy"]]
    await stage.say(ANN, "a musical", CHANNEL)
    assert said(service, ANN, SERVER) == [["a musical"], ["a western", "a comedy"]]


async def test_in_a_thread_each_person_keeps_their_own_taste(stage: Stage, service: Service) -> None:
    answer = await stage.say(ANN, "a western", CHANNEL)
    await stage.say(BOB, "a comedy", answer.channel)
    assert said(service, ANN, SERVER) == [["a western"]]
    assert said(service, BOB, SERVER) == [["a comedy"]]


async def test_what_is_said_in_one_place_is_not_told_in_another(stage: Stage) -> None:
    await stage.say(ANN, "a western")
    await stage.say(ANN, "a musical", OTHER_CHANNEL)
    answer = await stage.say(ANN, "a comedy", CHANNEL)
    assert "comedy: you like it" in answer.shown
    assert "western" not in answer.shown
    assert "musical: you like it" not in answer.shown


async def test_where_no_thread_may_be_started_the_answer_points_to_the_message(
    stage: Stage, service: Service
) -> None:
    stage.world.refuse["thread"] = [(403, 50013), (403, 50013)]
    event = stage.world.said(ANN, "a western", CHANNEL)
    answer = await stage.after(event)
    assert answer.channel == CHANNEL
    assert answer.reference == int(event["d"]["id"])
    await stage.say(ANN, "a comedy", CHANNEL)
    assert said(service, ANN, SERVER) == [["a western", "a comedy"]]


async def test_what_is_not_meant_for_it_is_left_alone(stage: Stage, service: Service) -> None:
    others = [
        stage.world.said(ANN, "a western", CHANNEL, mention=False),
        stage.world.said(ME, "a western"),
        stage.world.said(ANN, "a western", type=7),  # somebody joined
        stage.world.said(BOB, "a western", webhook_id="7", author={**_bot(), "bot": False}),
    ]
    from_an_unknown_server = stage.world.said(ANN, "a western")
    from_an_unknown_server["d"] |= {"guild_id": "9999", "mentions": [{**_bot(), "id": str(ME)}]}
    for event in (*others, from_an_unknown_server):
        await stage.world.send(event)
    await stage.world.quiet()
    assert not stage.world.messages
    assert said(service, ANN) == []


async def test_with_the_message_content_intent_its_own_threads_need_no_mention(
    world: Discord, service: Service, catalogues: FakeCatalogues
) -> None:
    world.intents_allowed = CONTENT_INTENT
    stage = Stage(world, catalogues)
    async with stage.running(service, QUICK, message_content=True):
        answer = await stage.say(ANN, "a western", CHANNEL)
        await stage.after(world.said(ANN, "a comedy", answer.channel, mention=False))
        assert said(service, ANN, SERVER) == [["a western", "a comedy"]]
        to_bob = world.said(ANN, f"<@{BOB}> look", answer.channel, mention=False)
        to_bob["d"]["mentions"] = [{**_bot(), "id": str(BOB), "bot": False}]
        await world.send(to_bob)
        await world.send(world.said(ANN, "a musical", CHANNEL, mention=False))
        await world.quiet()
        assert said(service, ANN, SERVER) == [["a western", "a comedy"]]


async def test_who_mentions_its_role_is_told_how_to_be_heard(stage: Stage, service: Service) -> None:
    event = stage.world.said(ANN, "", CHANNEL, mention=False, mention_roles=[str(ROLE)])
    answer = await stage.after(event)
    assert "role" in answer.content
    assert said(service, ANN, SERVER) == []


async def test_a_mention_without_words_is_greeted(stage: Stage, service: Service) -> None:
    await stage.say(ANN, "", CHANNEL)
    assert said(service, ANN, SERVER) == [["hello"]]


async def test_names_stand_for_mentions_and_emoji(stage: Stage, service: Service) -> None:
    event = stage.world.said(ANN, f"<@{BOB}> likes <:popcorn:123> and <@99>")
    event["d"]["mentions"] = [{**_bot(), "id": str(BOB), "global_name": "Bob", "bot": False}]
    await stage.after(event)
    assert said(service, ANN) == [["Bob likes popcorn and"]]


async def test_nothing_in_an_answer_calls_anybody(world: Discord, catalogues: FakeCatalogues) -> None:
    class Calling(FakeManager):
        def respond(self, *args: Any) -> Turn:
            turn = super().respond(*args)
            assert turn.reply
            text = f"@everyone <@{BOB}> <@&5> **loud** [x](https://evil.example)"
            return replace(turn, reply=replace(turn.reply, text=text))

    stage = Stage(world, catalogues)
    async with stage.running(service_of(catalogues, Calling)):
        answer = await stage.say(ANN, "a western", CHANNEL)
    assert not any(message.pings for message in world.messages.values())
    assert "@everyone" not in answer.shown
    assert f"<@{BOB}>" not in answer.shown
    assert "**loud**" not in answer.shown
    assert "[x](" not in answer.shown


async def test_the_same_event_again_is_answered_once(stage: Stage, service: Service) -> None:
    for channel in (None, CHANNEL):
        event = stage.world.said(ANN, "a western", channel)
        await stage.after(event)
        before = len(stage.world.messages)
        await stage.world.send(event)
        await stage.world.quiet()
        assert len(stage.world.messages) == before
    assert said(service, ANN) == said(service, ANN, SERVER) == [["a western"]]


async def test_the_same_event_twice_at_once_is_answered_once(stage: Stage, service: Service) -> None:
    event = stage.world.said(ANN, "a western", CHANNEL)
    await asyncio.gather(stage.world.send(event), stage.world.send(event))
    await stage.world.until(lambda: stage.world.messages)
    await stage.world.quiet()
    assert len(stage.world.messages) == 1


async def test_messages_of_one_person_are_answered_in_their_order(stage: Stage, service: Service) -> None:
    words = [f"western {number}" for number in range(6)]
    for text in words:
        await stage.world.send(stage.world.said(ANN, text))
    await stage.world.until(lambda: len(stage.world.messages) == len(words))
    assert said(service, ANN) == [words]


@pytest.mark.parametrize("everywhere", [0, 1])
async def test_it_waits_when_discord_says_so(stage: Stage, everywhere: int) -> None:
    stage.world.refuse["send"] = [(429, everywhere)]
    answer = await stage.say(ANN, "a western")
    assert answer.buttons
    assert stage.world.names().count("send") == 2
    assert len(stage.world.messages) == 1


async def test_a_reply_that_is_too_long_goes_on_in_more_messages_cut_at_sentences(
    world: Discord, catalogues: FakeCatalogues
) -> None:
    sentence = "This is number {} of many sentences, and it has *stars* in it. "
    text = "".join(sentence.format(number) for number in range(120)).strip()

    class Talkative(FakeManager):
        def respond(self, *args: Any) -> Turn:
            turn = super().respond(*args)
            assert turn.reply
            return replace(turn, reply=replace(turn.reply, text=text))

    stage = Stage(world, catalogues)
    async with stage.running(service_of(catalogues, Talkative)):
        messages = await stage.all_after(world.said(ANN, "a western"))
    words = [message.content for message in messages if message.content]
    assert len(words) > 3
    assert all(one.endswith(".") and one.startswith("This is number") for one in words)
    assert " ".join(words).replace("\\", "") == text
    assert not messages[-1].content
    assert sum(button["label"] == "Like" for button in messages[-1].buttons) == 4


async def test_what_goes_wrong_is_told_kindly_and_without_details(
    world: Discord, catalogues: FakeCatalogues, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(FakeManager):
        def respond(self, conversation: Conversation, earlier: Any, text: str, *args: Any) -> Turn:
            raise ModelError("The model is asleep.") if "sleepy" in text else RuntimeError("/a/path")

    stage = Stage(world, catalogues)
    async with stage.running(service_of(catalogues, Broken)):
        assert (await stage.say(ANN, "sleepy")).content == "The model is asleep."
        answer = await stage.say(ANN, "my secret is zwieback")
    assert "try again" in answer.content
    assert "/a/path" not in answer.shown
    assert "zwieback" not in caplog.text


async def test_where_discord_takes_nothing_the_next_message_is_answered_all_the_same(stage: Stage) -> None:
    stage.world.refuse["send"] = [(403, 50007)] * 2
    await stage.world.send(stage.world.said(ANN, "a western"))
    await stage.world.until(lambda: stage.world.names().count("send") == 2)
    assert (await stage.say(ANN, "a comedy")).buttons


async def test_too_long_a_message_is_refused_with_the_reason(stage: Stage) -> None:
    answer = await stage.say(ANN, "x" * 401)
    assert "400" in answer.content


async def test_a_quick_reply_is_said_for_the_one_who_presses(stage: Stage, service: Service) -> None:
    first = await stage.say(ANN, "a western", CHANNEL)
    chip = next(one for one in first.buttons if one["custom_id"].startswith("g:say:"))
    echo, answer = await stage.all_after(stage.world.pressed(BOB, first, chip["custom_id"]))
    assert echo.content == f"Bob: “{chip['label']}”"
    assert answer.channel == first.channel
    assert answer.buttons
    assert said(service, BOB, SERVER) == [[chip["label"]]]
    assert said(service, ANN, SERVER) == [["a western"]]
    assert said(service, ANN, OTHER_SERVER) == []


def _bot() -> dict[str, Any]:
    return {"id": "7", "username": "x", "discriminator": "0", "avatar": None, "bot": True, "global_name": "x"}
