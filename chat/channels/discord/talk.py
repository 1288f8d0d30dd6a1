"""Messages, mentions, `/genre ask` and buttons that speak: each is answered once, where it was said."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import partial
from itertools import chain, repeat
from typing import Any

import discord

from chat.channels.discord.cards import Sheet, sent, sheets, speech
from chat.channels.discord.keys import FAILURES, told
from chat.channels.discord.live import Interaction, Tap, apart, place_of, taken, words_of
from chat.channels.discord.markup import markdown, said, short
from chat.channels.discord.places import Member, Place, Ref
from chat.channels.lanes import Lanes
from chat.channels.members import Members
from chat.channels.text import shortened
from chat.service import Service

log = logging.getLogger(__name__)

SAY = re.compile(r"g:say:\d{1,20}:\d")

_HELLO = "hello"  # a mention without a word is taken for this
_ROLE = (
    "That mentioned my role, so Discord didn’t show me your words. Mention me myself: the name with the "
    "APP sign beside it."
)
#: Discord shows "is typing" for ten seconds.
_TYPING_S = 8.0
#: Discord's code for a thread that has been started already.
_HAS_THREAD = 160004
_SPOKEN = (discord.MessageType.default, discord.MessageType.reply)

Send = Callable[..., Awaitable[Any]]


class Talk:
    """Answers what members say."""

    def __init__(self, service: Service, members: Members) -> None:
        self._service = service
        self._members = members
        self._lanes = Lanes()

    # ------------------------------------------------------------ what Discord sends

    async def message(self, message: discord.Message, me: discord.ClientUser) -> None:
        """A message that may be meant for us: a direct one, or one that mentions us."""
        spoken = message.type in _SPOKEN and not message.author.bot and not message.webhook_id
        if not spoken or not _for_us(message, me):
            return
        async with self._lanes.lane(f"{message.author.id} {message.channel.id}"):
            text = said(message.content, me.id, _names(message))
            if not message.content and _role_mentioned(message):
                with suppress(*FAILURES):
                    await message.channel.send(_ROLE)
                return
            channel = await _thread(message, text)
            server = message.guild.id if message.guild else None
            place = Place(Member(message.author.id), channel.id, server)

            # A thread and a direct message show by themselves what is answered.
            inside = message.guild is None or isinstance(channel, discord.Thread)
            pointer = message.to_reference(fail_if_not_exists=False)
            first = channel.send if inside else partial(channel.send, reference=pointer, mention_author=False)
            async with _typing(channel):
                await self._answer(place, str(message.id), text or _HELLO, first, channel.send)

    async def ask(self, interaction: Interaction, text: str) -> None:
        """`/genre ask`: in a server only the one who asks sees the answer."""
        hidden = apart(interaction)
        if not await taken(interaction, thinking=True, ephemeral=hidden):
            return

        async def first(**content: Any) -> None:
            content.pop("suppress_embeds", None)
            await interaction.edit_original_response(**content)

        place, rest = place_of(interaction), partial(interaction.followup.send, ephemeral=hidden)
        async with self._lanes.lane(f"{place.member.id} {place.channel}"):
            await self._answer(place, str(interaction.id), text, first, rest)

    async def say(self, interaction: Interaction, tap: Tap) -> None:
        """A button that says its label for the one who presses it."""
        hidden = apart(interaction)
        who = (
            "" if interaction.guild_id is None or hidden else f"{short(interaction.user.display_name, 50)}: "
        )
        try:  # saying it aloud also tells Discord that we heard, which can be done only once
            await interaction.response.send_message(f"{who}“{markdown(tap.label)}”", ephemeral=hidden)
        except FAILURES as error:
            log.warning("A press was not taken: %s", told(error))
            return
        place, send = place_of(interaction), partial(interaction.followup.send, ephemeral=hidden)
        lane = self._lanes.lane(f"{place.member.id} {place.channel}")
        async with lane, _typing(None if hidden else interaction.channel):
            await self._answer(place, str(interaction.id), tap.label, send, send)

    # ------------------------------------------------------------ answers

    def current(self, place: Place) -> str:
        """The id of the conversation that goes on in this place; works on the caller's thread."""
        catalogue = self._members.catalogue
        found = self._members.latest(place.user_id, place.prefix(catalogue))
        return found or place.conversation(catalogue)

    async def _answer(self, place: Place, message: str, text: str, first: Send, rest: Send) -> None:
        """Sends the answer, unless this message was answered before; its first message by `first`."""
        ways = chain((first,), repeat(rest))
        try:
            drawn = await asyncio.to_thread(self._work, place, message, text)
            for sheet in drawn or ():
                await next(ways)(**sent(sheet))
        except Exception as error:
            words = words_of(error)
            with suppress(*FAILURES):  # it may be Discord that takes nothing
                for sheet in speech(words):
                    await next(ways)(**sent(sheet))

    def _work(self, place: Place, message: str, text: str) -> list[Sheet] | None:
        """The answer as messages; None where there was one before."""
        conversation = self._members.open(place.user_id, self.current(place))
        if any(turn.message_id == message for turn in conversation.messages):
            return None
        answer = self._service.respond(place.user_id, conversation.id, message, text)
        reply = answer.turn.reply
        if reply is None:
            return []
        facets = self._members.shelf_of(conversation).facets
        ref = Ref(place.member.id, conversation.id, message)
        return sheets(reply, ref, facets, self._members.marks(place.user_id, conversation))


def _for_us(message: discord.Message, me: discord.ClientUser) -> bool:
    """Whether a message is meant for the bot."""
    if message.guild is None:  # as it is for a server that the library doesn't know (yet), too
        return isinstance(message.channel, discord.DMChannel)
    if any(user.id == me.id for user in message.mentions):
        return True
    if _role_mentioned(message):
        return True
    ours = isinstance(message.channel, discord.Thread) and message.channel.owner_id == me.id
    return ours and bool(message.content) and not message.mentions  # empty without the intent


def _role_mentioned(message: discord.Message) -> bool:
    """Whether the role is mentioned that Discord made for the bot; it has the same name."""
    ours = message.guild.self_role if message.guild else None
    return ours is not None and ours in message.role_mentions


def _names(message: discord.Message) -> dict[int, str]:
    """How people, roles and channels in the message are called."""
    ours = message.guild.self_role if message.guild else None
    names = {thing.id: thing.name for thing in (*message.role_mentions, *message.channel_mentions)}
    names |= {user.id: user.display_name for user in message.mentions}
    return names | ({ours.id: " "} if ours else {})


async def _thread(message: discord.Message, text: str) -> discord.abc.MessageableChannel:
    """Where to answer: a thread of its own for what is said in a channel of a server, where that may be."""
    if not isinstance(message.channel, discord.TextChannel):
        return message.channel
    try:
        return await message.create_thread(name=shortened(text, 90) or "GENRE")
    except discord.HTTPException as error:
        if error.code == _HAS_THREAD:
            return await message.fetch_thread()
        log.info("No thread could be started, so the answer stays in the channel: %s", told(error))
        return message.channel


@asynccontextmanager
async def _typing(channel: Any) -> AsyncIterator[None]:
    """Shows that an answer is being written, where that can be shown."""

    async def show() -> None:
        with suppress(*FAILURES):
            while True:
                await channel.typing()
                await asyncio.sleep(_TYPING_S)

    task = asyncio.ensure_future(show()) if channel is not None else None
    try:
        yield
    finally:
        if task:
            task.cancel()
