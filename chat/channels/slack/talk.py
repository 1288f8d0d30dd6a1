"""Messages, mentions and buttons that speak: each is answered once, in its thread."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Generator, Iterator, Mapping, Sequence
from contextlib import aclosing, suppress
from functools import partial
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncBoltContext, AsyncRespond
from slack_sdk.web.async_client import AsyncWebClient

from chat.answers import Answer, Done, Event, Sentence
from chat.channels.lanes import Lanes
from chat.channels.members import SORRY, Marks, Members
from chat.channels.slack.blocks import Blocks, below, fallback, whole
from chat.channels.slack.keys import FAILURES, told
from chat.channels.slack.markup import said
from chat.channels.slack.places import Member, Place, Ref, is_private
from chat.channels.slack.thread import Speech, post
from chat.errors import GenreError
from chat.reply import Reply
from chat.service import Service
from retrieval.errors import RetrievalError
from retrieval.items import Facet

log = logging.getLogger(__name__)

Draw = Callable[[Reply, Ref, Sequence[Facet], Marks], Blocks]

#: A mention without a word is taken for this.
_HELLO = "hello"
#: Messages with these subtypes hold a person's own words; others tell of edits, joins and the like.
_SPOKEN = (None, "file_share", "thread_broadcast")


class Talk:
    """Answers what members say."""

    def __init__(self, service: Service, members: Members) -> None:
        self._service = service
        self._members = members
        self._lanes = Lanes()

    # ------------------------------------------------------------ what Slack sends

    async def message(self, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A message. Those in channels come as mentions; without one they are none of our business."""
        if event.get("channel_type") == "im" and _by_a_person(event):
            await self._hear(event, context, client)

    async def mention(self, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """A message in a channel that mentions us."""
        if _by_a_person(event):
            await self._hear(event, context, client)

    async def say(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        """A button that says something for the one who presses it."""
        await ack()
        action = body["actions"][0]
        place = place_of(body, context)
        ref = Ref.read(action.get("value", ""))
        if ref is None:
            log.warning("A button came back with a value that is not ours")
            return
        message = f"{action['action_ts']}-say"
        if body["container"].get("is_ephemeral"):
            await self.answer_apart(place.member, ref.conversation, message, ref.about, respond)
        else:
            await self.answer(place, message, ref.about, client, echo=True)

    async def _hear(self, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        member = member_of(context, event["user"])
        channel = event["channel"]
        place = Place(member, channel, event.get("thread_ts") or event["ts"], is_private(channel))
        text = said(event.get("text") or "", context.bot_user_id or "") or _HELLO
        # A message's time stamp is its own in a channel, whatever events tell of it and how often.
        await self.answer(place, event["ts"], text, client)

    # ------------------------------------------------------------ answers

    async def answer(
        self, place: Place, message: str, text: str, client: AsyncWebClient, echo: bool = False
    ) -> None:
        """Answers in the thread, unless this message was answered before. `echo` shows what was said."""
        async with self._lanes.lane(place.conversation):
            speech = Speech(client, place)
            try:
                conversation = await asyncio.to_thread(self._members.open, place.user_id, place.conversation)
                if any(turn.message_id == message for turn in conversation.messages):
                    return
                if echo:
                    await post(client, place, f"“{text}”", [])
                await _show_thinking(client, place)
                blocks: Blocks = []
                start = partial(self._service.stream, place.user_id, place.conversation, message, text)
                async with aclosing(_in_threads(start)) as events:
                    async for event in events:
                        match event:
                            case Sentence(piece):
                                await speech.say(piece)
                            case Done(answer):
                                ref = Ref(place.member.user, place.conversation, message, "")
                                blocks = await asyncio.to_thread(
                                    self._drawn, below, place.user_id, answer, ref
                                )
                await speech.done(blocks)
            except Exception as error:
                words = words_of(error)
                with suppress(*FAILURES):  # it may be Slack that doesn't answer
                    await speech.say(f"\n\n{words}" if speech.begun else words)
                    await speech.done()

    async def answer_apart(
        self, member: Member, conversation: str, message: str, text: str, respond: AsyncRespond
    ) -> None:
        """Answers for the one member's eyes, outside any thread."""
        user_id = member.user_id(private=True)
        async with self._lanes.lane(conversation):
            try:
                await asyncio.to_thread(self._members.open, user_id, conversation)
                answer = await asyncio.to_thread(self._service.respond, user_id, conversation, message, text)
                ref = Ref(member.user, conversation, message, "")
                blocks = await asyncio.to_thread(self._drawn, whole, user_id, answer, ref)
                reply = answer.turn.reply
                await respond(
                    text=fallback(reply.text if reply else ""), blocks=blocks, replace_original=False
                )
            except Exception as error:
                with suppress(*FAILURES):
                    await respond(text=fallback(words_of(error)), replace_original=False)

    def _drawn(self, draw: Draw, user_id: str, answer: Answer, ref: Ref) -> Blocks:
        """The answer as blocks."""
        conversation, reply = self._service.history(user_id, answer.conversation_id), answer.turn.reply
        facets = self._members.shelf_of(conversation).facets
        return draw(reply, ref, facets, self._members.marks(user_id, conversation)) if reply else []


def words_of(error: Exception) -> str:
    """The error for people: ours are written for them, others stay in the log."""
    if isinstance(error, (GenreError, RetrievalError)):
        return str(error)
    if isinstance(error, FAILURES):
        log.error("Slack did not take an answer: %s", told(error))
    else:
        log.error("Slack got no answer", exc_info=error)
    return SORRY


def member_of(context: AsyncBoltContext, user: str) -> Member:
    """Who that is. The workspace is the one that installed us, also for people of connected ones."""
    authorized = context.authorize_result
    return Member((authorized and authorized.team_id) or context.team_id or "", user)


def place_of(body: Mapping[str, Any], context: AsyncBoltContext) -> Place:
    """Where a button was pressed, and by whom."""
    container = body["container"]
    channel = container.get("channel_id") or body.get("channel", {}).get("id", "")
    message = body.get("message") or {}
    thread = container.get("thread_ts") or message.get("thread_ts") or container.get("message_ts", "")
    private = is_private(channel) or bool(container.get("is_ephemeral"))
    return Place(member_of(context, body["user"]["id"]), channel, thread, private)


def _by_a_person(event: Mapping[str, Any]) -> bool:
    return bool(event.get("user")) and not event.get("bot_id") and event.get("subtype") in _SPOKEN


async def _show_thinking(client: AsyncWebClient, place: Place) -> None:
    try:
        await client.assistant_threads_setStatus(
            channel_id=place.channel, thread_ts=place.thread, status="is thinking…"
        )
    except FAILURES as error:  # a nicety, which not every channel has
        log.debug("Slack shows no status: %s", told(error))


async def _in_threads(start: Callable[[], Iterator[Event]]) -> AsyncGenerator[Event, None]:
    """The events of a stream that works on the caller's thread, each fetched on another one."""
    events = await asyncio.to_thread(start)
    try:
        while (event := await asyncio.to_thread(next, events, None)) is not None:
            yield event
    finally:
        if isinstance(events, Generator):  # where nobody listens any more, nobody needs to go on
            await asyncio.to_thread(events.close)
