"""All routes of the API, what surrounds them, and how they get into an application."""

from __future__ import annotations

import time
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.middleware.cors import CORSMiddleware
from starlette.routing import Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.channels.api import completions, conversations, items, people, shapes, taste
from chat.channels.api.context import FOR_TRUSTED, Context, Here, Trusted
from chat.channels.api.metrics import Metrics
from chat.channels.api.shapes import Problems
from chat.channels.catalogues import ApiSettings, Catalogues
from chat.channels.http.access import Access
from chat.channels.http.errors import TRY_AGAIN, ApiError, install_errors, refusal
from chat.channels.http.limits import BodyLimit, Limits, own_path
from chat.service import Service

PREFIX = "/v1"
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_PROBLEM: dict[str, Any] = {"model": Problems, "description": "A refusal; the message says what to do."}
_PROBLEMS: dict[int | str, dict[str, Any]] = {"4XX": _PROBLEM, "422": _PROBLEM, "5XX": _PROBLEM}

DESCRIPTION = (
    "Talk about a catalogue, get recommendations with reasons, and see and change what is known of you."
)


def install_api(app: FastAPI, service: Service, catalogues: Catalogues, settings: ApiSettings) -> None:
    """Adds the API below `/v1` and the health and metrics routes to the application."""
    metrics = Metrics()
    limits = Limits(
        settings.api_requests_per_minute, settings.api_messages_per_minute, settings.api_concurrency
    )
    app.state.api = Context(service, catalogues, settings, Access(service, settings), limits, metrics)
    install_errors(app)
    # A character takes at most 12 bytes of JSON (a surrogate pair, escaped); 4 KiB for the rest.
    message = 12 * settings.max_message_chars + 4096
    histories = {f"{PREFIX}/chat/completions": max(message, settings.api_max_body_kb * 1024)}
    app.add_middleware(BodyLimit, prefix=PREFIX, most=message, larger=histories)
    app.add_middleware(Watch, prefix=PREFIX, metrics=metrics)
    # Also where no origin is listed: without it Gradio, mounted later, lets pages of any origin in.
    app.add_middleware(
        CORSMiddleware,
        allow_origins=settings.allow_origins,
        allow_methods=["GET", "POST", "PATCH", "DELETE"],
        allow_headers=["Authorization", "Content-Type"],
        expose_headers=["Retry-After"],
        max_age=600,
    )
    for router in _ROUTERS:
        app.include_router(router, responses=_PROBLEMS)
    app.add_api_route(f"{PREFIX}/{{rest:path}}", _nothing, methods=_METHODS, include_in_schema=False)


_operations = APIRouter(tags=["operation"])
_ROUTERS = (
    _operations,
    conversations.router,
    taste.router,
    items.router,
    people.router,
    completions.router,
)


@_operations.get("/healthz", response_model=shapes.Health)
def health() -> dict[str, str]:
    """The program runs and answers."""
    return {"status": "ok"}


@_operations.get("/readyz", response_model=shapes.Health)
def ready(here: Here) -> dict[str, str]:
    """Conversations can be kept, and there is something to talk about."""
    here.service.ping()
    if here.settings.catalogue not in here.catalogues.names():
        words = f"The catalogue “{here.settings.catalogue}” is not there: index its file."
        raise ApiError(503, "unavailable", words, retry_after=TRY_AGAIN)
    return {"status": "ready"}


@_operations.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Metrics."}},
    dependencies=FOR_TRUSTED,
)
def metrics(here: Here, caller: Trusted) -> Response:
    """What is counted, in Prometheus' text format."""
    return Response(here.metrics.text(), media_type="text/plain; version=0.0.4; charset=utf-8")


def _nothing(request: Request) -> None:
    """Whatever stands below `/v1` and is no route, so that it doesn't fall through to the page."""
    there = {
        method
        for router in _ROUTERS
        for route in router.routes
        if route.matches(request.scope)[0] is Match.PARTIAL
        for method in getattr(route, "methods", None) or ()
    }
    if there:
        allowed = ", ".join(sorted(there))
        error = ApiError(405, "method_not_allowed", f"Found {request.method}, expected {allowed}.")
        error.allow = allowed
        raise error
    raise ApiError(404, "not_found", f"There is nothing at {request.url.path[:100]}.")


class Watch:
    """ASGI middleware: counts the API's requests, and answers errors that nobody foresaw while the headers
    for other origins can still be added."""

    def __init__(self, app: ASGIApp, prefix: str, metrics: Metrics) -> None:
        self._app, self._prefix, self._metrics = app, prefix, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on."""
        if scope["type"] != "http" or not own_path(scope).startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        began, status = time.perf_counter(), 0

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, noted)
        except Exception as error:
            if status:  # the response is on its way: nothing can be said any more
                raise
            await refusal(error).response()(scope, receive, noted)
        finally:
            route = getattr(scope.get("route"), "path", "other")
            method = scope["method"] if scope["method"] in _METHODS else "other"
            self._metrics.request(method, route, status, time.perf_counter() - began)
