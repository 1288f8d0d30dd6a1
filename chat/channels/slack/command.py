"""`genre slack`: GENRE in a Slack workspace, over a socket that needs no public address."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from chat.channels.pulse import Pulse
    from chat.channels.slack.keys import Identity
    from chat.settings import Settings, SlackKeys


@click.command()
@click.option("--catalogue", help="Catalogue that a new conversation is about; films by default.")
@click.option("--check", is_flag=True, help="Say whether a running `genre slack` is connected, and leave.")
def slack(catalogue: str | None, check: bool) -> None:
    """Talk with people in Slack. docs/slack.md tells how to set it up, in ten minutes.

    Needs the variables SLACK_BOT_TOKEN and SLACK_APP_TOKEN.
    """
    from chat.channels.console import say_errors
    from chat.channels.pulse import Pulse
    from chat.settings import SlackKeys, load_settings

    with say_errors():
        settings = load_settings({"catalogue": catalogue} if catalogue else {})
        pulse = Pulse(settings.home / "slack.pulse")
        if check:
            if trouble := pulse.trouble():
                raise click.ClickException(trouble)
            click.echo("Connected to Slack.")
            return
        lines = logging.StreamHandler()
        lines.setLevel(settings.log_level.upper())  # some libraries set a level of their own
        logging.basicConfig(
            format="%(levelname)s %(message)s", level=settings.log_level.upper(), handlers=[lines]
        )
        asyncio.run(_run(settings, SlackKeys(), pulse))


async def _run(settings: Settings, keys: SlackKeys, pulse: Pulse) -> None:
    """Lets nobody wait for the catalogue only to hear then that a token is wrong."""
    from chat.build import build
    from chat.channels.console import progress_bars, until_stopped
    from chat.channels.slack.bolt import make_app
    from chat.channels.slack.keys import app_token, identify, make_client, socket_url
    from chat.channels.slack.socket import keep_connected

    client, token = make_client(keys), app_token(keys)
    who = await identify(client)
    await socket_url(client, token)
    with progress_bars() as progress:
        house = await asyncio.to_thread(build, settings, progress=progress)
    app = make_app(house.service, house.catalogues, settings.catalogue, client)
    click.echo(f"\n  {_ready(who)}\n  {house.voice_line}\n")
    await until_stopped(keep_connected(app, token, pulse.beat))


def _ready(who: Identity) -> str:
    return f"GENRE is in Slack as @{who.name}, in the workspace {who.team}. Stop it with Ctrl+C."
