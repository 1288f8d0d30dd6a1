from __future__ import annotations

import asyncio
import threading
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from chat.channels.slack.places import Member
from chat.channels.text import WORD_JOINER
from chat.errors import ModelError
from chat.service import Service
from chat.store.memory import MemoryStore
from tests.channels.fake_service import FakeCatalogues, FakeManager
from tests.channels.slack.conftest import Stage, pressed, said
from tests.fakes.slack import Slack

pytestmark = pytest.mark.anyio


def service_of(catalogues: FakeCatalogues, manager: type[FakeManager]) -> Any:
    return Service(MemoryStore(), lambda name: manager(catalogues.shelf(name)), lambda: datetime.now(UTC))


def names(slack: Slack) -> list[str]:
    return [name for name, _ in slack.calls]


async def test_a_direct_message_is_streamed_into_its_thread_with_cards(stage: Stage) -> None:
    answer = await stage.say("ann", "a western")
    assert "Each has a reason that you can check." in answer.text
    assert answer.thread == next(args["thread_ts"] for name, args in stage.slack.calls if "Stream" in name)
    labels = [button["text"]["text"] for button in answer.buttons]
    assert labels[:5] == ["Like", "Not for me", "Seen it", "Save", "Why this?"]
    assert "western: you like it" in answer.shown
    assert "chat.postMessage" not in names(stage.slack)


async def test_a_thread_is_a_conversation_and_another_thread_another(stage: Stage, service: Service) -> None:
    first = await stage.say("ann", "a western")
    await stage.say("ann", "a comedy", thread=first.thread)
    await stage.say("ann", "a musical")
    assert sorted(said(service, "ann")) == [["a musical"], ["a western", "a comedy"]]


async def test_a_mention_is_answered_in_a_thread_and_each_keeps_their_own_taste(
    stage: Stage, service: Service
) -> None:
    asked = await stage.say("ann", "a western", "C1")
    await stage.say("bob", "a comedy, no western", "C1", thread=asked.thread)
    assert asked.thread
    tastes = {}
    for user in ("ann", "bob"):
        who = Member("T1", user).user_id(private=False)
        (talk,) = service.conversations(who)
        tastes[user] = {(entry.value, entry.feeling) for entry in service.taste(who, talk.id)}
    assert tastes["ann"] == {("western", "like")}
    assert ("western", "dislike") in tastes["bob"]


async def test_what_was_said_in_private_is_not_told_in_a_channel(stage: Stage) -> None:
    await stage.say("ann", "a western")
    public = await stage.say("ann", "a comedy", "C1")
    assert "western: you like it" not in public.shown


async def test_a_bare_mention_is_greeted(stage: Stage) -> None:
    answer = await stage.say("ann", "", "C1")
    assert answer.text


@pytest.mark.parametrize(
    "change",
    [{"bot_id": "B9"}, {"subtype": "message_changed"}, {"channel_type": "channel"}, {"user": "U0BOT"}],
)
async def test_bots_edits_and_talk_of_others_are_left_alone(stage: Stage, change: dict[str, str]) -> None:
    payload = stage.slack.said("ann", "a western")
    payload["event"] |= change
    await stage.slack.send(payload)
    await stage.slack.quiet()
    assert not stage.slack.messages


async def test_the_same_event_again_is_answered_once(stage: Stage) -> None:
    payload = stage.slack.said("ann", "a western")
    await asyncio.gather(stage.slack.send(payload), stage.slack.send(payload, retry=1))
    await stage.slack.quiet()
    await stage.slack.send(payload, retry=2)
    other = {**payload, "event_id": "another", "event": {**payload["event"], "type": "app_mention"}}
    await stage.slack.send(other)
    await stage.slack.quiet()
    assert len(stage.slack.messages) == 1


async def test_messages_of_a_thread_are_answered_in_the_order_they_came(
    stage: Stage, service: Service
) -> None:
    first = stage.slack.said("ann", "a western")
    thread = first["event"]["ts"]
    payloads = [first, *(stage.slack.said("ann", text, thread=thread) for text in ("two", "three", "four"))]
    for payload in payloads:
        await stage.slack.send(payload)
    await stage.slack.until(lambda: len(stage.slack.messages) == 4)
    await stage.slack.quiet()
    assert said(service, "ann") == [["a western", "two", "three", "four"]]


async def test_an_event_is_acknowledged_before_its_answer_is_there(
    slack: Slack, catalogues: FakeCatalogues
) -> None:
    hold = threading.Event()

    class Slow(FakeManager):
        def __init__(self, shelf: Any) -> None:
            super().__init__(shelf, hold)

    stage = Stage(slack, catalogues)
    async with stage.running(service_of(catalogues, Slow)):
        await slack.send(slack.said("ann", "a western, slowly"))
        assert not slack.messages
        await slack.until(lambda: "assistant.threads.setStatus" in names(slack))
        hold.set()
        await slack.until(lambda: slack.messages)


async def test_words_of_a_catalogue_call_nobody_and_are_no_markup(
    slack: Slack, catalogues: FakeCatalogues
) -> None:
    class Rude(FakeManager):
        def respond(self, *args: Any) -> Any:
            turn = super().respond(*args)
            entry = turn.reply.recommendations[0]
            item = replace(
                entry.item, title="<!channel> *M*A*S*H* & <@U2>", url="https://x.example/?a=1&b=|>"
            )
            reply = replace(
                turn.reply,
                text="See <!here> and @everyone, <b> & *so* on.",
                recommendations=(replace(entry, item=item),),
                quick_replies=("@here <!channel>",),
            )
            return replace(turn, reply=reply)

    stage = Stage(slack, catalogues)
    async with stage.running(service_of(catalogues, Rude)):
        answer = await stage.say("ann", "a western", "C1")
    for piece in ("<!", "<@", "@everyone", "@here", "<b>", " *so*"):
        assert piece not in answer.shown, piece
    assert "&amp;" in answer.text
    assert r"\*so\*" in answer.text
    title = answer.blocks[0]["text"]["text"].splitlines()[0]
    assert title.startswith("*1. <https://x.example/?a=1&amp;b=%7C%3E|&lt;")
    assert title.endswith(">*")
    assert title.count("*") == 2
    assert WORD_JOINER in answer.buttons[-1]["text"]["text"]


async def test_what_people_write_reaches_us_as_they_see_it(stage: Stage, service: Service) -> None:
    await stage.say("ann", "a western &amp; &lt;more&gt; like <https://a.example|this> from <@U2|bea>", "C1")
    assert said(service, "ann", private=False) == [["a western & <more> like this from bea"]]


def long_manager(sentences: int, chars: int) -> type[FakeManager]:
    class Long(FakeManager):
        def respond(self, *args: Any) -> Any:
            turn = super().respond(*args)
            words = " ".join(f"Sentence {n} {'& more ' * (chars // 7)}ends." for n in range(sentences))
            return replace(turn, reply=replace(turn.reply, text=words))

    return Long


async def test_a_long_reply_goes_on_in_the_next_message_at_a_sentence(
    slack: Slack, catalogues: FakeCatalogues
) -> None:
    stage = Stage(slack, catalogues)
    async with stage.running(service_of(catalogues, long_manager(30, 300))):
        await slack.send(slack.said("ann", "a western"))
        await slack.until(lambda: any(message.buttons for message in slack.messages.values()))
        await slack.quiet()
        parts = list(slack.messages.values())
        assert len(parts) > 3
        assert all(part.text.startswith("Sentence ") for part in parts[:-1])
        assert all(part.text.rstrip().endswith("ends.") for part in parts[:-1])
        assert all(len(part.text) <= 3500 for part in parts)
        assert not any("ends.Sentence" in part.text for part in parts)
        told = "".join(part.text for part in parts[:-1])
        assert [told.count(f"Sentence {n} ") for n in range(30)] == [1] * 30
        await stage.press("ann", parts[-1], "Save")
        assert "✓ Save" in [button["text"]["text"] for button in parts[-1].buttons]
        assert "Sentence" not in parts[-1].shown


async def test_one_sentence_that_is_too_long_is_cut_between_words(
    slack: Slack, catalogues: FakeCatalogues
) -> None:
    stage = Stage(slack, catalogues)
    async with stage.running(service_of(catalogues, long_manager(1, 9000))):
        await slack.send(slack.said("ann", "a western"))
        await slack.until(lambda: any(message.buttons for message in slack.messages.values()))
        told = " ".join(part.text for part in slack.messages.values())
        assert told.count("&amp; more") == 9000 // 7


async def test_too_many_calls_are_made_again_when_slack_says_so(stage: Stage) -> None:
    stage.slack.refuse["chat.startStream"] = ["ratelimited"]
    answer = await stage.say("ann", "a western")
    assert answer.buttons
    assert names(stage.slack).count("chat.startStream") == 2
    assert len(stage.slack.messages) == 1


@pytest.mark.parametrize("method", ["chat.appendStream", "chat.stopStream"])
async def test_a_stream_that_breaks_off_is_put_right_in_its_place(stage: Stage, method: str) -> None:
    stage.slack.refuse[method] = ["message_not_in_streaming_state"]
    if method == "chat.appendStream":
        stage.slack.refuse["chat.stopStream"] = ["message_not_in_streaming_state"]
    answer = await stage.say("ann", "a western")
    assert len(stage.slack.messages) == 1
    assert "Each has a reason that you can check." in answer.shown
    assert answer.buttons


async def test_where_nothing_can_be_streamed_the_answer_is_posted(stage: Stage) -> None:
    stage.slack.refuse["chat.startStream"] = ["channel_type_not_supported"] * 2
    answer = await stage.say("ann", "a western", "C1")
    assert "Each has a reason that you can check." in answer.shown
    assert answer.buttons
    assert answer.thread


async def test_where_slack_takes_nothing_the_next_message_is_answered_all_the_same(stage: Stage) -> None:
    for method in ("chat.startStream", "chat.postMessage"):
        stage.slack.refuse[method] = ["internal_error"] * 3
    await stage.slack.send(stage.slack.said("ann", "a western"))
    await stage.slack.until(lambda: names(stage.slack).count("chat.postMessage") >= 2)
    stage.slack.refuse.clear()
    assert (await stage.say("ann", "a comedy")).buttons


async def test_what_goes_wrong_is_told_kindly_and_without_details(
    slack: Slack, catalogues: FakeCatalogues, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(FakeManager):
        def respond(self, *args: Any) -> Any:
            raise ModelError("The model is asleep.") if "sleepy" in args[2] else RuntimeError("/a/path")

    stage = Stage(slack, catalogues)
    async with stage.running(service_of(catalogues, Broken)):
        assert (await stage.say("ann", "sleepy")).text == "The model is asleep."
        answer = await stage.say("ann", "my secret is zwieback")
    assert "try again" in answer.text
    assert "/a/path" not in answer.shown


async def test_too_long_a_message_is_refused_with_the_reason(stage: Stage) -> None:
    answer = await stage.say("ann", "x" * 401)
    assert "400" in answer.text


async def test_a_quick_reply_is_said_for_the_one_who_presses(stage: Stage, service: Service) -> None:
    first = await stage.say("ann", "a western", "C1")
    chip = next(button for button in first.buttons if button["action_id"].startswith("genre-say"))
    before = set(stage.slack.messages)
    await stage.slack.send(stage.slack.pressed("bob", first, pressed(chip)))
    await stage.slack.until(lambda: len(stage.slack.messages) == len(before) + 2)
    echo, answer = (one for ts, one in stage.slack.messages.items() if ts not in before)
    assert chip["text"]["text"] in echo.text
    assert answer.thread == first.thread
    assert said(service, "bob", private=False) == [[chip["text"]["text"]]]
    assert said(service, "ann", private=False) == [["a western"]]


async def test_prompts_are_suggested_where_the_messages_are_opened(stage: Stage) -> None:
    event = {"type": "app_home_opened", "user": "ann", "channel": "D1", "tab": "messages"}
    await stage.slack.send(stage.slack.event(event))
    await stage.slack.until(lambda: stage.slack.prompts)
    assert all(prompt["title"] and prompt["message"] for prompt in stage.slack.prompts["D1"])
