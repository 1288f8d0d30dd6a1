"""One web application: the API below `/v1`, health and metrics, and the page at `/`."""

from __future__ import annotations

from importlib.metadata import version

import gradio as gr
from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.channels.api.router import DESCRIPTION, PREFIX, install_api
from chat.channels.catalogues import ApiSettings, Catalogues
from chat.channels.web.page import build_page, page_options
from chat.channels.widget import widget_router
from chat.service import Service


def create_app(
    service: Service, catalogues: Catalogues, settings: ApiSettings, doctor_line: str = ""
) -> FastAPI:
    """The application, ready for any ASGI server. `doctor_line` says in a few words what is running.

    Works below a sub-path too, where the server is given its `root_path`.
    """
    app = create_api(service, catalogues, settings)
    page = build_page(service, catalogues, settings, doctor_line)
    mounted: FastAPI = gr.mount_gradio_app(app, page, path="/", **page_options(settings))
    return mounted


def create_api(service: Service, catalogues: Catalogues, settings: ApiSettings) -> FastAPI:
    """The application without the page."""
    # No interactive documentation: its pages load scripts from other servers.
    app = FastAPI(
        title="GENRE",
        description=DESCRIPTION,
        version=version("genre"),
        docs_url=None,
        redoc_url=None,
        openapi_url=f"{PREFIX}/openapi.json",
    )
    install_api(app, service, catalogues, settings)
    app.include_router(widget_router(settings))
    app.add_middleware(SafeHeaders)
    return app


class SafeHeaders:
    """ASGI middleware: no guessing of content types, no address of ours told to others."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on and adds two headers to the response."""

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.setdefault("X-Content-Type-Options", "nosniff")
                headers.setdefault("Referrer-Policy", "no-referrer")
            await send(message)

        await self._app(scope, receive, with_headers if scope["type"] == "http" else send)
