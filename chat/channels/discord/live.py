"""What presses and commands have in common. A button is known by its id alone: so it works for ever."""

from __future__ import annotations

import logging
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

import discord
from discord import ui

from chat.channels.discord.keys import FAILURES, told
from chat.channels.discord.places import Member, Place
from chat.channels.members import SORRY
from chat.errors import GenreError
from retrieval.errors import RetrievalError

log = logging.getLogger(__name__)

Interaction = discord.Interaction[Any]


@dataclass(frozen=True, slots=True)
class Tap:
    """What was pressed or chosen: the match of its id, the label of a button, the chosen values of a menu."""

    found: re.Match[str]
    label: str = ""
    values: tuple[str, ...] = ()


Handler = Callable[[Interaction, Tap], Awaitable[None]]


def live(template: re.Pattern[str], handler: Handler) -> type[ui.DynamicItem[Any]]:
    """What the library calls for every button or menu whose id matches, whoever sent it and when."""

    class Live(ui.DynamicItem[Any], template=template):
        def __init__(self, item: ui.Item[Any], found: re.Match[str]) -> None:
            super().__init__(item)
            self._found = found

        @classmethod
        async def from_custom_id(
            cls, interaction: Interaction, item: ui.Item[Any], match: re.Match[str], /
        ) -> Self:
            return cls(item, match)

        async def callback(self, interaction: Interaction) -> None:
            label, values = getattr(self.item, "label", None), getattr(self.item, "values", ())
            await handler(interaction, Tap(self._found, label or "", tuple(values)))

    return Live


def place_of(interaction: Interaction) -> Place:
    """Where that was, and by whom. What only they see is private: a command's answer, and direct messages."""
    shown = interaction.message is not None and not interaction.message.flags.ephemeral
    server = interaction.guild_id if shown else None
    return Place(Member(interaction.user.id), interaction.channel_id or 0, server)


def apart(interaction: Interaction) -> bool:
    """Whether an answer needs hiding: not where nobody else is, and not below a public message."""
    if interaction.message is not None:
        return interaction.message.flags.ephemeral
    return not interaction.context.dm_channel


async def taken(interaction: Interaction, **how: bool) -> bool:
    """Tells Discord that we heard; False where it was told already (then this came twice) or is too late."""
    try:
        await interaction.response.defer(**how)
        return True
    except FAILURES as error:
        log.warning("A command or a press was not taken: %s", told(error))
        return False


@asynccontextmanager
async def telling(interaction: Interaction) -> AsyncIterator[None]:
    """Whatever goes wrong inside is told to the one person, kindly."""
    try:
        yield
    except Exception as error:
        words = words_of(error)
        with suppress(*FAILURES):  # it may be Discord that takes nothing
            await interaction.followup.send(words, ephemeral=True)


def words_of(error: Exception) -> str:
    """The error for people: ours are written for them, others stay in the log."""
    if isinstance(error, (GenreError, RetrievalError)):
        return str(error)
    if isinstance(error, FAILURES):
        log.error("Discord did not take an answer: %s", told(error))
    else:
        log.error("Discord got no answer", exc_info=error)
    return SORRY
