"""`genre serve`: the web chat and the API on one address."""

from __future__ import annotations

import click

#: Seconds that answers under way are given when the program is asked to end.
GRACE = 10


@click.command()
@click.option("--host", help="Address to listen on; 127.0.0.1 by default: this computer only.")
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 7860 by default, 0: any free."
)
@click.option("--catalogue", help="Catalogue that a new conversation is about; films by default.")
def serve(host: str | None, port: int | None, catalogue: str | None) -> None:
    """Serve the web chat and the API on this computer."""
    import uvicorn

    from chat.build import build
    from chat.channels.app import create_app
    from chat.channels.console import progress_bars, say_errors
    from chat.channels.http.access import is_loopback
    from chat.channels.slack.bolt import mount_slack
    from chat.settings import SlackKeys, load_settings

    with say_errors():
        chosen = {"host": host, "port": port, "catalogue": catalogue}
        settings = load_settings({name: value for name, value in chosen.items() if value is not None})
        with progress_bars() as progress:
            house = build(settings, progress=progress)
        application = create_app(house.service, house.catalogues, settings, house.voice_line)
        slack = mount_slack(application, house.service, house.catalogues, settings.catalogue, SlackKeys())
        config = uvicorn.Config(
            application,
            host=settings.host,
            port=settings.port,
            log_level="warning",
            timeout_graceful_shutdown=GRACE,
        )
        # Before it is announced: the port is the real one then, and who comes at once waits, not in vain.
        listening = config.bind_socket()
        listening.listen(config.backlog)
        click.echo(f"\n  GENRE is ready: http://{settings.host}:{listening.getsockname()[1]}")
        click.echo(f"  {house.voice_line}")
        if slack:
            click.echo("  Slack is heard at /slack/events.")
        if not is_loopback(settings.host) and not settings.api_keys:
            click.echo("  The API is closed to other computers until GENRE_API_KEYS is set: docs/api.md")
        click.echo()
        uvicorn.Server(config).run(sockets=[listening])
