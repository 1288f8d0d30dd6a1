"""`genre mcp`: the catalogue as tools for other assistants."""

from __future__ import annotations

import click


@click.command()
@click.option(
    "--http", "over_http", is_flag=True, help="Serve over HTTP instead of standard input and output."
)
@click.option("--host", help="Address to listen on with --http; 127.0.0.1 by default: this computer only.")
@click.option(
    "--port", type=click.IntRange(1, 65535), default=7861, show_default=True, help="Port with --http."
)
@click.option("--catalogue", help="Catalogue where a call names none; films by default.")
def mcp(over_http: bool, host: str | None, port: int, catalogue: str | None) -> None:
    """Let other assistants recommend from a catalogue (Model Context Protocol).

    Without options it speaks over standard input and output, as assistants start it. Nothing that is asked is
    kept.
    """
    from chat.build import build
    from chat.channels.console import progress_bars, say_errors
    from chat.channels.mcp.server import make_server
    from chat.settings import load_settings

    with say_errors():
        settings = load_settings({"host": host, "port": port, "catalogue": catalogue})
        with progress_bars() as progress:
            house = build(settings, progress=progress, lasting=False)
        server = make_server(house.service, house.catalogues, settings.catalogue)
    if not over_http:
        server.run()
        return
    import uvicorn

    from chat.channels.mcp.door import PATH, http_app

    click.echo(f"\n  GENRE's tools are ready: http://{settings.host}:{settings.port}{PATH}\n", err=True)
    application = http_app(server, house.service, settings)
    uvicorn.run(application, host=settings.host, port=settings.port, log_level="warning")
