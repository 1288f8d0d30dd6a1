"""The tools over HTTP, behind the same door as the API: on this computer, or with a key."""

from __future__ import annotations

from typing import Any

from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from chat.channels.catalogues import ApiSettings
from chat.channels.http.access import Access
from chat.channels.http.errors import ApiError
from chat.channels.http.limits import Limits, admitted
from chat.service import Service

PATH = "/mcp"


def http_app(server: MCPServer[Any], service: Service, settings: ApiSettings) -> ASGIApp:
    """The application: streamable HTTP at `/mcp`, without sessions: several processes may share the work."""
    tools = server.streamable_http_app(
        streamable_http_path=PATH,
        stateless_http=True,
        json_response=True,
        max_request_body_size=settings.api_max_body_kb * 1024,
        # `Access` looks at Host and Origin, and knows who has a key.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    limits = Limits(
        settings.api_requests_per_minute, settings.api_messages_per_minute, settings.api_concurrency
    )
    return Door(tools, Access(service, settings), limits)


class Door:
    """ASGI middleware: lets in who may, counts them, and is lenient with what they accept."""

    def __init__(self, app: ASGIApp, access: Access, limits: Limits) -> None:
        self._app, self._access, self._limits = app, access, limits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on, or answers it with a refusal."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        try:
            caller = await run_in_threadpool(admitted, request, self._access, self._limits)
            if not caller.trusted:
                raise self._access.refusal(request)
        except ApiError as error:
            await error.response()(scope, receive, send)
            return
        # The protocol asks for both; some clients name one of them, or nothing.
        MutableHeaders(scope=scope)["accept"] = "application/json, text/event-stream"
        await self._app(scope, receive, send)
