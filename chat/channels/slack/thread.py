"""One answer on its way into a thread: streamed in sentences, and put right where a stream breaks off."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import Any

from slack_sdk.web.async_chat_stream import AsyncChatStream
from slack_sdk.web.async_client import AsyncWebClient

from chat.channels.slack.blocks import WORDS, Blocks, fallback, width, words
from chat.channels.slack.keys import FAILURES, told
from chat.channels.slack.markup import markdown
from chat.channels.slack.places import Place
from chat.channels.text import pieces

log = logging.getLogger(__name__)

#: So much text is sent at once: fewer calls than one for each sentence, without a pause that is felt.
_BUFFER = 160


class Speech:
    """An answer in a thread. Words that are too long for one message go on in the next, cut at a sentence;
    then the cards stand in a message of their own."""

    def __init__(self, client: AsyncWebClient, place: Place) -> None:
        self._client = client
        self._place = place
        self._stream: AsyncChatStream | None = None
        self._said = ""
        self._broken = False
        self._earlier = False

    @property
    def begun(self) -> bool:
        """Whether there are words already."""
        return self._earlier or bool(self._said)

    async def say(self, sentence: str) -> None:
        """The next piece of the answer, with the space around it."""
        if width(self._said + sentence) <= WORDS:
            await self._add(sentence)
            return
        for piece in pieces(sentence, WORDS, width):
            if self._said.strip():
                await self._end(())
                self._earlier = True
            await self._add(piece)
        await self._add(sentence[len(sentence.rstrip()) :])

    async def done(self, blocks: Sequence[dict[str, Any]] = ()) -> None:
        """The end of the answer, with what stands below the words."""
        if not self._earlier:
            await self._end(blocks)
            return
        await self._end(())
        if blocks:
            await post(self._client, self._place, "", [*blocks])

    async def _add(self, text: str) -> None:
        self._said += text
        if self._broken:
            return
        try:
            if self._stream is None:
                self._stream = await self._client.chat_stream(
                    buffer_size=_BUFFER,
                    channel=self._place.channel,
                    thread_ts=self._place.thread,
                    recipient_team_id=self._place.member.team,
                    recipient_user_id=self._place.member.user,
                )
            await self._stream.append(markdown_text=markdown(text))
        except FAILURES as error:
            self._give_up(error)

    async def _end(self, blocks: Sequence[dict[str, Any]]) -> None:
        stream, text = self._stream, self._said
        try:
            if stream is not None and not self._broken:
                await stream.stop(blocks=list(blocks) or None)
        except FAILURES as error:
            self._give_up(error)
        if self._broken or stream is None:
            await self._again(stream.ts if stream else None, text, [*words(text), *blocks])
        self._stream, self._said, self._broken = None, "", False

    async def _again(self, ts: str | None, text: str, blocks: Blocks) -> None:
        """The whole message at once, in place of one that a stream left unfinished."""
        if ts is not None:
            try:
                await update(self._client, self._place.channel, ts, text, blocks)
                return
            except FAILURES as error:
                log.warning("Slack did not take the rest of an answer: %s", told(error))
        await post(self._client, self._place, text, blocks)

    def _give_up(self, error: Exception) -> None:
        """Slack ends a stream after some minutes, and not every channel has them."""
        log.info("The stream of an answer broke off, so it is sent at once: %s", told(error))
        self._broken = True


async def post(client: AsyncWebClient, place: Place, text: str, blocks: Blocks) -> None:
    """A message in the thread."""
    if text or blocks:
        await client.chat_postMessage(
            channel=place.channel,
            thread_ts=place.thread,
            text=fallback(text) or "Recommendations",
            blocks=blocks or None,
            unfurl_links=False,
            unfurl_media=False,
        )


async def update(client: AsyncWebClient, channel: str, ts: str, text: str, blocks: Blocks) -> None:
    """Another content for a message of ours."""
    await client.chat_update(channel=channel, ts=ts, text=fallback(text) or "Recommendations", blocks=blocks)
