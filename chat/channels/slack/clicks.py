"""The buttons on cards. A press counts for whoever presses, and shows on their own cards."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from chat.channels.lanes import Lanes
from chat.channels.members import FORGOTTEN, NOT_YOURS, NOTED, PRESSES, Members
from chat.channels.slack.blocks import PRESS, WORDS, Blocks, below, fallback, whole, why, width
from chat.channels.slack.keys import FAILURES
from chat.channels.slack.places import Place, Ref
from chat.channels.slack.talk import place_of, words_of
from chat.channels.slack.thread import update

log = logging.getLogger(__name__)


class Clicks:
    """Does what the buttons say."""

    def __init__(self, members: Members) -> None:
        self._members = members
        self._lanes = Lanes()

    async def press(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        """One of the five buttons of a card."""
        await ack()
        action = body["actions"][0]
        press = next((known for known in PRESSES if action["action_id"] == f"{PRESS}{known}"), None)
        place = place_of(body, context)
        apart = bool(body["container"].get("is_ephemeral"))
        ref = Ref.read(action.get("value", ""))
        if press is None or ref is None:
            log.warning("A button came back with a value that is not ours")
            return
        mine = ref.owner == place.member.user
        try:
            if press == "why":
                words = await asyncio.to_thread(self._why, place, ref) if mine else NOT_YOURS
                await self._tell(place, apart, words, client, respond)
                return
            where = ref.conversation if mine else place.conversation
            async with self._lanes.lane(where):
                on = await asyncio.to_thread(self._members.press, place.user_id, where, ref.about, press)
                drawn = await asyncio.to_thread(self._drawn, place, ref, apart) if mine else None
                if drawn is None:
                    await self._tell(place, apart, NOTED[press][not on], client, respond)
                elif apart:
                    await respond(text=fallback(drawn[0]), blocks=drawn[1], replace_original=True)
                else:
                    await update(client, place.channel, body["container"]["message_ts"], *drawn)
        except Exception as error:
            with suppress(*FAILURES):
                await self._tell(place, apart, fallback(words_of(error)), client, respond)

    def _why(self, place: Place, ref: Ref) -> str:
        found = self._members.turn(place.user_id, ref.conversation, ref.message)
        entries = found[1].reply.recommendations if found and found[1].reply else ()
        entry = next((entry for entry in entries if entry.item.id == ref.about), None)
        if found is None or entry is None:
            return FORGOTTEN
        return why(entry, self._members.shelf_of(found[0]).facets)

    def _drawn(self, place: Place, ref: Ref, apart: bool) -> tuple[str, Blocks] | None:
        """The message as it is to look now; None where what it showed was forgotten."""
        found = self._members.turn(place.user_id, ref.conversation, ref.message)
        if found is None or found[1].reply is None:
            return None
        conversation, reply = found[0], found[1].reply
        facets = self._members.shelf_of(conversation).facets
        marks = self._members.marks(place.user_id, conversation)
        # Where the words took several messages, the cards have one of their own: see `Speech`.
        if apart or width(reply.text) <= WORDS:
            return reply.text, whole(reply, ref, facets, marks)
        return "", below(reply, ref, facets, marks)

    async def _tell(
        self, place: Place, apart: bool, words: str, client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """Words, in Slack's markup, for the one who pressed only."""
        if apart:
            await respond(text=words, response_type="ephemeral", replace_original=False)
            return
        await client.chat_postEphemeral(
            channel=place.channel, user=place.member.user, thread_ts=place.thread, text=words
        )
