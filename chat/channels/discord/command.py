"""`genre discord`: GENRE as a bot in Discord, over a connection that needs no public address."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from chat.channels.discord.keys import Identity
    from chat.channels.pulse import Pulse
    from chat.settings import DiscordKeys, Settings


@click.command()
@click.option("--catalogue", help="Catalogue that a new conversation is about; films by default.")
@click.option("--check", is_flag=True, help="Say whether a running `genre discord` is connected, and leave.")
def discord(catalogue: str | None, check: bool) -> None:
    """Talk with people in Discord. docs/discord.md tells how to set it up, in ten minutes.

    Needs the variable DISCORD_TOKEN.
    """
    from chat.channels.console import say_errors
    from chat.channels.pulse import Pulse
    from chat.settings import load_discord_keys, load_settings

    with say_errors():
        settings = load_settings({"catalogue": catalogue} if catalogue else {})
        pulse = Pulse(settings.home / "discord.pulse")
        if check:
            if trouble := pulse.trouble():
                raise click.ClickException(trouble)
            click.echo("Connected to Discord.")
            return
        logging.basicConfig(format="%(levelname)s %(message)s", level=settings.log_level.upper())
        asyncio.run(run(settings, load_discord_keys(), pulse))


async def run(settings: Settings, keys: DiscordKeys, pulse: Pulse) -> None:
    """Lets nobody wait for the catalogue only to hear then that the token is wrong."""
    from chat.build import build
    from chat.channels.console import progress_bars, until_stopped
    from chat.channels.discord.bot import Bot, hush
    from chat.channels.discord.connection import keep_connected
    from chat.channels.discord.keys import identify, token_of

    hush()
    token = token_of(keys)
    who = await identify(token)
    with progress_bars() as progress:
        house = await asyncio.to_thread(build, settings, progress=progress)

    def bot() -> Bot:
        return Bot(house.service, house.catalogues, settings.catalogue, message_content=keys.message_content)

    click.echo(f"\n  {_ready(who)}\n  {house.voice_line}\n")
    await until_stopped(keep_connected(bot, token, pulse.beat))


def _ready(who: Identity) -> str:
    return (
        f"GENRE is in Discord as {who.name}. Stop it with Ctrl+C.\n"
        f"  To bring it into a server: {who.invitation}"
    )
