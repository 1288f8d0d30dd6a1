"""`genre serve`: the web chat and the API on one address."""

from __future__ import annotations

import click


@click.command()
@click.option("--host", help="Address to listen on; 127.0.0.1 by default: this computer only.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on; 7860 by default.")
@click.option("--catalogue", help="Catalogue that a new conversation is about; films by default.")
def serve(host: str | None, port: int | None, catalogue: str | None) -> None:
    """Serve the web chat and the API on this computer."""
    import uvicorn

    from chat.build import build
    from chat.channels.app import create_app
    from chat.channels.console import progress_bars, say_errors
    from chat.settings import load_settings

    with say_errors():
        chosen = {"host": host, "port": port, "catalogue": catalogue}
        settings = load_settings({name: value for name, value in chosen.items() if value is not None})
        with progress_bars() as progress:
            house = build(settings, progress=progress)
        application = create_app(house.service, house.catalogues, settings, house.voice_line)
        click.echo(f"\n  GENRE is ready: http://{settings.host}:{settings.port}\n  {house.voice_line}\n")
        uvicorn.run(application, host=settings.host, port=settings.port, log_level="warning")
