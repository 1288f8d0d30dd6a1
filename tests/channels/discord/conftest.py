from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from chat.channels.discord.bot import Bot
from chat.channels.discord.connection import Pace, keep_connected
from chat.channels.discord.places import Member, item_key
from chat.channels.pulse import State
from chat.service import Service
from tests.channels.fake_service import FakeCatalogues
from tests.fakes.discord import Discord
from tests.fakes.discord_api import TOKEN, Message
from tests.fakes.discord_shapes import Json

#: As in life, only sooner.
QUICK = Pace(
    silence_s=0.5, check_s=0.02, patience_s=3, first_wait_s=0.05, longest_wait_s=0.2, identify_s=0.05
)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
async def world() -> AsyncIterator[Discord]:
    async with Discord() as world:
        with world.in_place():
            yield world


class Stage:
    """Discord with GENRE in it."""

    def __init__(self, world: Discord, catalogues: FakeCatalogues) -> None:
        self.world = world
        self.catalogues = catalogues
        self.states: list[State] = []

    @asynccontextmanager
    async def running(
        self, service: Service, pace: Pace = QUICK, message_content: bool = False
    ) -> AsyncIterator[None]:
        """GENRE from its start to its end."""

        def bot() -> Bot:
            return Bot(service, self.catalogues, "films", message_content=message_content, pace=pace)

        def tell(state: State, detail: str) -> None:
            self.states.append(state)

        sessions = len(self.world.sessions)
        task = asyncio.ensure_future(keep_connected(bot, TOKEN, tell, pace))
        try:
            await self.world.until(lambda: task.done() or len(self.world.sessions) > sessions)
            yield
            assert not any(message.pings for message in self.world.messages.values())
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def say(self, user: int, text: str, channel: int | None = None) -> Message:
        """Says something, and returns the last message of the answer."""
        return await self.after(self.world.said(user, text, channel))

    async def type(self, user: int, command: str, channel: int | None = None, **options: str) -> Message:
        """Types a command, and returns the last message of the answer."""
        return await self.after(self.world.typed(user, command, channel, **options))

    async def after(self, event: Json) -> Message:
        """The last of the messages that come after an event, once they are whole."""
        return (await self.all_after(event))[-1]

    async def all_after(self, event: Json) -> list[Message]:
        """The messages that come after an event, once they are whole."""
        before = set(self.world.messages)
        await self.world.send(event)

        def new() -> list[Message]:
            return [one for number, one in self.world.messages.items() if number not in before]

        await self.world.quiet()
        assert new(), f"no answer; calls: {self.world.names()}"
        return new()

    async def press(self, user: int, message: Message, label: str, number: int = 1) -> None:
        """Presses the `number`th button of that label, and waits until it has had its effect."""
        found = [button["custom_id"] for button in message.buttons if button["label"] == label]
        await self.world.send(self.world.pressed(user, message, found[number - 1]))
        await self.world.quiet()

    async def choose(self, user: int, message: Message, menu: str, number: int = 1) -> None:
        """Chooses from the menu of that title."""
        (found,) = (one for one in message.menus if one["placeholder"].startswith(menu))
        values = [found["options"][number - 1]["value"]]
        await self.world.send(self.world.pressed(user, message, found["custom_id"], values))
        await self.world.quiet()


def user_id(user: int, server: int | None = None) -> str:
    """Who that is to the store, in private or in a server."""
    return Member(user).user_id(server)


def said(service: Service, user: int, server: int | None = None) -> list[list[str]]:
    """What somebody said in each of their conversations, the latest used first."""
    who = user_id(user, server)
    talks = [service.history(who, entry.id) for entry in service.conversations(who)]
    return [[turn.text for turn in talk.messages] for talk in talks]


def felt(service: Service, user: int, server: int | None = None) -> set[tuple[str, str]]:
    """What somebody feels about single items, which are named as buttons name them."""
    who = user_id(user, server)
    found: set[tuple[str, str]] = set()
    for talk in service.conversations(who):
        taste = service.taste(who, talk.id)
        found |= {(item_key(entry.value), entry.feeling) for entry in taste if entry.kind == "item"}
    return found


def item_of(message: Message, number: int = 1) -> str:
    """The item of the `number`th card, as its buttons name it."""
    likes = [one["custom_id"] for one in message.buttons if one["custom_id"].startswith("g:like:")]
    return str(likes[number - 1].split(":", 5)[5])


@pytest.fixture
async def stage(world: Discord, service: Service, catalogues: FakeCatalogues) -> AsyncIterator[Stage]:
    """GENRE running, with a service in memory."""
    stage = Stage(world, catalogues)
    async with stage.running(service):
        yield stage
