"""What a member can see, change and have forgotten: their taste and what they saved, in the Home tab."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Sequence
from typing import Any

from slack_bolt.async_app import AsyncAck, AsyncBoltContext, AsyncRespond
from slack_sdk.models.blocks import (
    ActionsBlock,
    Block,
    ButtonElement,
    ConfirmObject,
    ContextBlock,
    HeaderBlock,
    Option,
    OverflowMenuElement,
    SectionBlock,
)
from slack_sdk.models.blocks.basic_components import MarkdownTextObject, PlainTextObject
from slack_sdk.web.async_client import AsyncWebClient

from chat.channels.examples import examples, greeting
from chat.channels.members import ABOUT_TASTE, ERASED, NO_TASTE, Members, feeling_words, interest_key
from chat.channels.slack.blocks import Blocks
from chat.channels.slack.keys import FAILURES, told
from chat.channels.slack.markup import plain, short
from chat.channels.slack.places import Member
from chat.channels.slack.talk import member_of
from chat.channels.text import shortened
from prompts.dialogue import Interest
from retrieval.items import Item

log = logging.getLogger(__name__)

ENTRY, UNSAVE, ERASE = "genre-entry", "genre-unsave", "genre-erase"
#: A view holds 100 blocks, a message 50.
_HOME_ROWS, _MESSAGE_ROWS = 40, 20
_MOST_PROMPTS = 4
#: In private or not, in the order of the lists.
_WHERE = (True, False)


class Home:
    """The Home tab, and the same in a message."""

    def __init__(self, members: Members) -> None:
        self._members = members

    async def opened(self, event: dict[str, Any], context: AsyncBoltContext, client: AsyncWebClient) -> None:
        """Somebody looks at the Home tab, or at the messages: then there are prompts to start from."""
        try:
            if event.get("tab") == "messages":
                requests = await asyncio.to_thread(lambda: examples(self._members.shelf))
                await client.assistant_threads_setSuggestedPrompts(
                    channel_id=event["channel"],
                    title=greeting(self._members.shelf)[0],
                    prompts=[{"title": text, "message": text} for text in requests[:_MOST_PROMPTS]],
                )
            else:
                await self._publish(member_of(context, event["user"]), client)
        except FAILURES as error:
            log.warning("Slack shows no home: %s", told(error))

    async def entry(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        """An entry of the taste is to be forgotten or turned round."""
        await ack()
        member = member_of(context, body["user"]["id"])
        what, key, where = body["actions"][0]["selected_option"]["value"].split("|")
        change = self._members.flip if what == "flip" else self._members.forget
        await asyncio.to_thread(change, member.user_id(where == "private"), key)
        await self._again(member, body, client, respond)

    async def unsave(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        """A saved item is let go."""
        await ack()
        member = member_of(context, body["user"]["id"])
        item, private = json.loads(body["actions"][0]["value"])
        await asyncio.to_thread(self._members.unsave, member.user_id(private), item)
        await self._again(member, body, client, respond)

    async def erase(
        self,
        ack: AsyncAck,
        body: dict[str, Any],
        context: AsyncBoltContext,
        client: AsyncWebClient,
        respond: AsyncRespond,
    ) -> None:
        """All about the member is forgotten; Slack has asked them whether they are sure."""
        await ack()
        member = member_of(context, body["user"]["id"])
        await asyncio.to_thread(self._erase, member)
        if body["container"]["type"] == "view":
            await self._publish(member, client)
        else:
            await respond(text=ERASED, replace_original=True)

    def taste(self, member: Member, rows: int = _MESSAGE_ROWS) -> Blocks:
        """The member's taste and what they saved."""
        entries = [
            _entry(interest, private, *self._members.about(interest))
            for private in _WHERE
            for interest in self._members.taste(member.user_id(private))
        ]
        saved = self.saved(member, rows)
        blocks: list[Block] = [HeaderBlock(text="Your taste"), _note(ABOUT_TASTE)]
        blocks += _listed(entries, rows) or [_note(NO_TASTE)]
        blocks += [*saved, *forgetting()] if entries or saved else []
        return [block.to_dict() for block in blocks]

    def saved(self, member: Member, rows: int = _MESSAGE_ROWS) -> list[Block]:
        """What the member saved, the latest first; nothing where that is nothing."""
        saved = [
            _kept(item, private)
            for private in _WHERE
            for item in self._members.saved(member.user_id(private))
        ]
        return [HeaderBlock(text="Saved"), *_listed(saved[::-1], rows)] if saved else []

    def _erase(self, member: Member) -> None:
        for user_id in member.user_ids:
            self._members.erase(user_id)

    async def _publish(self, member: Member, client: AsyncWebClient) -> None:
        blocks = await asyncio.to_thread(self.taste, member, _HOME_ROWS)
        await client.views_publish(user_id=member.user, view={"type": "home", "blocks": blocks})

    async def _again(
        self, member: Member, body: dict[str, Any], client: AsyncWebClient, respond: AsyncRespond
    ) -> None:
        """The same once more, as it is after a change, where it was changed."""
        if body["container"]["type"] == "view":
            await self._publish(member, client)
        else:
            blocks = await asyncio.to_thread(self.taste, member)
            await respond(text="Your taste", blocks=blocks, replace_original=True)


def forgetting() -> list[Block]:
    """The button that forgets everything, after asking."""
    sure = ConfirmObject(
        title="Forget everything?",
        text=PlainTextObject(
            text="All that you said to me, your taste and what you saved. It can’t be undone."
        ),
        confirm="Forget it all",
        deny="Keep it",
        style="danger",
    )
    button = ButtonElement(text="Forget everything about me", action_id=ERASE, style="danger", confirm=sure)
    return [ActionsBlock(elements=[button])]


def _entry(interest: Interest, private: bool, subject: str, kind: str) -> Block:
    words = f"{feeling_words(interest)} *{short(subject, 150)}*"
    quote = f"you said “{short(interest.quote, 200)}”" if interest.quote else ""
    tail = " · ".join(
        part for part in (short(kind, 75), quote, "" if private else "said in a channel") if part
    )
    key, where = interest_key(interest), "private" if private else "channels"
    options = [Option(text="Forget this", value=f"forget|{key}|{where}")]
    if interest.feeling != "seen":
        turned = "I don’t like it" if interest.feeling == "like" else "I like it"
        options.append(Option(text=turned, value=f"flip|{key}|{where}"))
    return SectionBlock(
        text=f"{words}\n{tail}" if tail else words,
        accessory=OverflowMenuElement(action_id=ENTRY, options=options),
    )


def _kept(item: Item, private: bool) -> Block:
    button = ButtonElement(
        text="Remove",
        action_id=UNSAVE,
        value=json.dumps([item.id, private]),
        accessibility_label=plain(shortened(f"Remove {item.title}", 70)),
    )
    return SectionBlock(text=f"*{short(item.title, 150)}*", accessory=button)


def _listed(rows: Sequence[Block], most: int) -> list[Block]:
    """The rows that there is room for, and how many more there are."""
    more = len(rows) - most
    return [*rows[:most], _note(f"… and {more} more.")] if more > 0 else list(rows)


def _note(text: str) -> Block:
    return ContextBlock(elements=[MarkdownTextObject(text=text)])
