"""What a member can see, change and have forgotten: their taste and what they saved, in the Home tab."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Mapping, Sequence
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
from chat.channels.slack.blocks import Blocks
from chat.channels.slack.keys import FAILURES, told
from chat.channels.slack.markup import plain, short
from chat.channels.slack.members import Entry, Members
from chat.channels.slack.places import Member
from chat.channels.slack.talk import member_of
from chat.channels.text import shortened
from retrieval.items import Item

log = logging.getLogger(__name__)

ENTRY, UNSAVE, ERASE = "genre-entry", "genre-unsave", "genre-erase"
#: A view holds 100 blocks, a message 50.
_HOME_ROWS, _MESSAGE_ROWS = 40, 20
_MOST_PROMPTS = 4

_ABOUT = (
    "What I learn about your taste is listed here, with your own words. Change or remove what you like; "
    "or just tell me in a message."
)
_NOTHING = "Nothing yet. Tell me what you like, and it shows up here."
_ERASED = "All that I knew about you is forgotten: what you said, what you saved, and your taste."


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
        await asyncio.to_thread(change, member, key, where == "private")
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
        await asyncio.to_thread(self._members.unsave, member, item, private)
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
        await asyncio.to_thread(self._members.erase, member)
        if body["container"]["type"] == "view":
            await self._publish(member, client)
        else:
            await respond(text=_ERASED, replace_original=True)

    def taste(self, member: Member, rows: int = _MESSAGE_ROWS) -> Blocks:
        """The member's taste and what they saved."""
        entries, saved = self._members.taste(member), self._members.saved(member)
        shelf = self._members.shelf
        labels = {facet.name: facet.label for facet in shelf.facets} | {"item": shelf.noun}
        titles = {item.id: item.title for item in shelf.items}
        blocks: list[Block] = [HeaderBlock(text="Your taste"), _note(_ABOUT)]
        blocks += _listed([_entry(entry, labels, titles) for entry in entries], rows) or [_note(_NOTHING)]
        blocks += [*self.saved(saved, rows), *forgetting()] if entries or saved else []
        return [block.to_dict() for block in blocks]

    def saved(self, saved: Sequence[tuple[Item, bool]], rows: int = _MESSAGE_ROWS) -> list[Block]:
        """What the member saved; nothing where that is nothing."""
        if not saved:
            return []
        return [HeaderBlock(text="Saved"), *_listed([_kept(*one) for one in reversed(saved)], rows)]

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


def _entry(entry: Entry, labels: Mapping[str, str], titles: Mapping[str, str]) -> Block:
    interest = entry.interest
    named = titles.get(interest.value, "") if interest.kind == "item" else ""  # a press knows the id only
    felt = {"like": "You like", "dislike": "You don’t like", "seen": "You know"}[interest.feeling]
    if interest.hard and interest.feeling != "seen":
        felt = "It must be" if interest.feeling == "like" else "Never"
    words = f"{felt} *{short(named or interest.subject or interest.value, 150)}*"
    about = [labels.get(interest.kind, ""), "" if entry.private else "said in a channel"]
    if interest.quote:
        about.insert(1, f"you said “{short(interest.quote, 200)}”")
    tail = " · ".join(part for part in about if part)
    where = "private" if entry.private else "channels"
    options = [Option(text="Forget this", value=f"forget|{entry.key}|{where}")]
    if interest.feeling != "seen":
        turned = "I don’t like it" if interest.feeling == "like" else "I like it"
        options.append(Option(text=turned, value=f"flip|{entry.key}|{where}"))
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
