"""The slash command: what it answers, only the one who typed it sees."""

from __future__ import annotations

import asyncio
import hashlib
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncBoltContext, AsyncRespond

from chat.channels.examples import examples, greeting
from chat.channels.members import FRESH, NONE_SAVED, Members
from chat.channels.slack.blocks import says, words
from chat.channels.slack.home import Home, forgetting
from chat.channels.slack.markup import said
from chat.channels.slack.places import Member, Ref, slash_prefix
from chat.channels.slack.talk import Talk, member_of

_HELP = (
    "Say after `{command}` what you are looking for; only you will see the answer. In a channel, mention me "
    "to ask where all can see it, and in a direct message we talk alone.\n"
    "`{command} taste` shows what I know of your taste · `{command} saved` what you saved · `{command} new` "
    "starts over · `{command} forget` forgets all about you"
)


class Slash:
    """`/genre …`: a request in a person's own words, or one of a few commands."""

    def __init__(self, members: Members, talk: Talk, home: Home) -> None:
        self._members = members
        self._talk = talk
        self._home = home

    async def command(
        self, ack: AsyncAck, command: dict[str, Any], context: AsyncBoltContext, respond: AsyncRespond
    ) -> None:
        """Answers one slash command."""
        await ack()
        member = member_of(context, command["user_id"])
        text = said(command.get("text") or "", context.bot_user_id or "")
        prefix = slash_prefix(member, command["channel_id"])
        match text.casefold():
            case "" | "help":
                await self._help(member, command["command"], prefix, respond)
            case "taste":
                blocks = await asyncio.to_thread(self._home.taste, member)
                await respond(text="Your taste", blocks=blocks)
            case "saved":
                await self._saved(member, respond)
            case "forget":
                await respond(text="Forget everything?", blocks=forgetting())
            case "new":
                fresh = prefix + hashlib.sha256(command["trigger_id"].encode()).hexdigest()[:16]
                await asyncio.to_thread(self._members.open, member.user_id(True), fresh)
                await respond(text=FRESH)
            case _:
                current = await self._current(member, prefix)
                await self._talk.answer_apart(member, current, command["trigger_id"], text, respond)

    async def _help(self, member: Member, name: str, prefix: str, respond: AsyncRespond) -> None:
        shelf = self._members.shelf
        current = await self._current(member, prefix)
        how = _HELP.format(command=name)
        opening = " ".join(greeting(shelf))
        chips = says(examples(shelf), Ref(member.user, current, "", ""))
        section = {"type": "section", "text": {"type": "mrkdwn", "text": how}}
        await respond(text=how, blocks=[*words(opening), section, *(chip.to_dict() for chip in chips)])

    async def _saved(self, member: Member, respond: AsyncRespond) -> None:
        saved = await asyncio.to_thread(self._home.saved, member)
        blocks = [block.to_dict() for block in saved]
        await respond(text="Saved" if blocks else NONE_SAVED, blocks=blocks or None)

    async def _current(self, member: Member, prefix: str) -> str:
        """The id of the latest conversation whose id begins so; of a first one where there is none."""
        return await asyncio.to_thread(self._members.latest, member.user_id(True), prefix) or f"{prefix}0"
