"""The bot: which handler hears what, and what the library is to do."""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any

import discord
from discord import app_commands

from chat.channels.catalogues import Catalogues
from chat.channels.discord.clicks import Clicks
from chat.channels.discord.connection import PACE, Pace
from chat.channels.discord.home import ERASE, PICK, Home
from chat.channels.discord.keys import FAILURES, told
from chat.channels.discord.live import Interaction, live, words_of
from chat.channels.discord.places import PRESS
from chat.channels.discord.slash import Slash
from chat.channels.discord.talk import SAY, Talk
from chat.channels.members import Members
from chat.channels.pulse import State
from chat.service import Service

log = logging.getLogger(__name__)


class Bot(discord.Client):
    """One connection to Discord with all that hears from it. Needs a running event loop."""

    def __init__(
        self,
        service: Service,
        catalogues: Catalogues,
        catalogue: str,
        *,
        message_content: bool = False,
        pace: Pace = PACE,
    ) -> None:
        """`catalogue` is what new conversations are about; `message_content` asks for that intent."""
        hush()
        super().__init__(
            intents=discord.Intents(
                guilds=True, guild_messages=True, dm_messages=True, message_content=message_content
            ),
            allowed_mentions=discord.AllowedMentions.none(),
            max_messages=None,
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            heartbeat_timeout=pace.silence_s,
        )
        self.state: State = "connecting"
        self._pace = pace
        self._identified = 0
        self._identified_at = 0.0
        members = Members(service, catalogues, catalogue)
        self._talk = Talk(service, members)
        clicks, home = Clicks(members, self._talk), Home(members)
        self._live = (
            live(PRESS, clicks.press),
            live(SAY, self._talk.say),
            live(PICK, home.pick),
            live(ERASE, home.erase),
        )
        self._tree = app_commands.CommandTree(self)
        self._tree.add_command(Slash(members, self._talk, home))
        self._tree.error(_command_failed)

    async def setup_hook(self) -> None:
        """Buttons of old messages work, and Discord knows the commands."""
        self.add_dynamic_items(*self._live)
        try:
            await self._tree.sync()
        except FAILURES as error:
            log.error("Discord did not take the slash commands: %s", told(error))

    async def on_message(self, message: discord.Message) -> None:
        """Somebody wrote something."""
        if self.user is not None:
            await self._talk.message(message, self.user)

    async def on_connect(self) -> None:
        """A new session."""
        self.state = "connected"

    async def on_resumed(self) -> None:
        """The same session goes on; what was missed comes now."""
        self.state = "connected"

    async def on_disconnect(self) -> None:
        """The library tries to connect anew by itself."""
        self.state = "lost"

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        """What went wrong in a handler, without the event: that holds people's words."""
        error = sys.exc_info()[1]
        if isinstance(error, Exception):
            words_of(error)

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """Waits longer with each new session that follows soon on another: Discord takes back the token of a
        bot that opens more than 1,000 a day."""
        now = time.monotonic()
        self._identified = self._identified + 1 if now - self._identified_at < 3600 else 0
        if not initial:
            await asyncio.sleep(self._pace.identify(self._identified))
        self._identified_at = time.monotonic()


async def _command_failed(interaction: Interaction, error: app_commands.AppCommandError) -> None:
    words_of(error)


def hush() -> None:
    """Above the level of warnings the library's log holds no words of anybody; of each attempt to connect it
    tells with a stack trace, and what matters of that is told here."""
    quiet = logging.getLogger("discord")
    quiet.setLevel(max(quiet.getEffectiveLevel(), logging.WARNING))
    for name in ("discord.client", "discord.gateway"):
        logging.getLogger(name).setLevel(logging.CRITICAL)
