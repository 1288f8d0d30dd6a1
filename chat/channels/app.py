"""One web application: the API below `/v1`, the health check, and the page at `/`."""

from __future__ import annotations

import gradio as gr
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.channels.api import api_router, install_errors
from chat.channels.catalogues import Catalogues, ChannelSettings
from chat.channels.web.page import build_page, page_options
from chat.service import Service


def create_app(
    service: Service, catalogues: Catalogues, settings: ChannelSettings, doctor_line: str = ""
) -> FastAPI:
    """The application, ready for any ASGI server. `doctor_line` says in a few words what is running.

    Works below a sub-path too, where the server is given its `root_path`.
    """
    # No interactive documentation: its pages load scripts from other servers.
    app = FastAPI(title="GENRE", docs_url=None, redoc_url=None, openapi_url="/v1/openapi.json")
    install_errors(app, settings)
    app.add_middleware(SafeHeaders)
    if settings.allow_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=list(settings.allow_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type"],
        )

    @app.get("/healthz", include_in_schema=False)
    def health() -> dict[str, str]:
        service.ping()
        return {"status": "ok"}

    app.include_router(api_router(service, catalogues, settings))
    page = build_page(service, catalogues, settings, doctor_line)
    mounted: FastAPI = gr.mount_gradio_app(app, page, path="/", **page_options(settings))
    return mounted


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
