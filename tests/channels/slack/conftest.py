from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest
from pydantic import SecretStr

from chat.channels.pulse import State
from chat.channels.slack.bolt import make_app
from chat.channels.slack.keys import make_client
from chat.channels.slack.places import Member
from chat.channels.slack.socket import Pace, keep_connected
from chat.service import Service
from chat.settings import SlackKeys
from tests.channels.fake_service import FakeCatalogues
from tests.fakes.slack import APP_TOKEN, BOT_TOKEN, SECRET, Json, Message, Slack

#: As in life, only sooner. A busy computer may take a second for an answer to a ping.
CALM = Pace(ping_s=5, check_s=0.05, first_wait_s=0.05, longest_wait_s=0.2)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def slack() -> AsyncIterator[Slack]:
    async with Slack() as workspace:
        yield workspace


def keys_of(slack: Slack) -> SlackKeys:
    return SlackKeys(
        bot_token=SecretStr(BOT_TOKEN),
        app_token=SecretStr(APP_TOKEN),
        signing_secret=SecretStr(SECRET),
        api_url=slack.api_url,
    )


class Stage:
    """The workspace with GENRE in it, over a socket."""

    def __init__(self, slack: Slack, catalogues: FakeCatalogues) -> None:
        self.slack = slack
        self.catalogues = catalogues
        self.states: list[State] = []

    @asynccontextmanager
    async def running(self, service: Service, pace: Pace = CALM) -> AsyncIterator[None]:
        """GENRE from its start to its end."""
        app = make_app(service, self.catalogues, "films", make_client(keys_of(self.slack)))

        def tell(state: State, detail: str) -> None:
            self.states.append(state)

        task = asyncio.ensure_future(keep_connected(app, APP_TOKEN, tell, pace))
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def say(self, user: str, text: str, channel: str = "D1", thread: str | None = None) -> Message:
        """Says something, and returns the answer with its cards and all."""
        payload = self.slack.said(user, text, channel, thread)
        before = set(self.slack.messages)
        await self.slack.send(payload)
        return await self.answer(before)

    async def answer(self, before: set[str]) -> Message:
        """The last of the messages that weren't there before, once it is whole."""

        def new() -> list[Message]:
            return [one for ts, one in self.slack.messages.items() if ts not in before]

        await self.slack.until(lambda: new() and not new()[-1].streaming)
        return new()[-1]

    async def press(self, user: str, message: Message, label: str, number: int = 1) -> None:
        """Presses the `number`th button of that label, and waits until it has had its effect."""
        matching = [button for button in message.buttons if button["text"]["text"] == label]
        calls = len(self.slack.calls)
        await self.slack.send(self.slack.pressed(user, message, pressed(matching[number - 1])))
        await self.slack.until(lambda: len(self.slack.calls) > calls)
        await self.slack.quiet()


def said(service: Service, user: str, private: bool = True) -> list[list[str]]:
    """What somebody said in each of their conversations, the latest used first."""
    who = Member("T1", user).user_id(private)
    talks = [service.history(who, entry.id) for entry in service.conversations(who)]
    return [[turn.text for turn in talk.messages] for talk in talks]


def pressed(button: Json) -> Json:
    """What a payload says of a pressed button."""
    return {name: button[name] for name in ("type", "action_id", "value") if name in button}


def chosen(menu: Json, number: int) -> Json:
    """What a payload says of a menu, one of whose options was chosen."""
    return {"type": "overflow", "action_id": menu["action_id"], "selected_option": menu["options"][number]}


@pytest.fixture
async def stage(slack: Slack, service: Service, catalogues: FakeCatalogues) -> AsyncIterator[Stage]:
    """GENRE running, with a service in memory."""
    stage = Stage(slack, catalogues)
    async with stage.running(service):
        await slack.until(lambda: slack.sockets)
        yield stage
