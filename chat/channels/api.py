"""The small JSON API: open a conversation, talk in it, read it again. One shape for every error."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel, ConfigDict, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.channels.catalogues import Catalogues, ChannelSettings
from chat.channels.person import new_token, person
from chat.errors import Busy, GenreError, ModelError, NoSuchConversation, NoSuchItem, StoreError
from chat.service import BadMessage, MessageTooLong, Service
from chat.wire import conversation_json, turn_json
from retrieval.errors import RetrievalError, UnknownCatalogue

log = logging.getLogger(__name__)

_PREFIX = "/v1"
_BEARER = HTTPBearer(auto_error=False, description="The token that came with the conversation.")
_ID = 200  # characters of an id at most, as in the store


class NewConversation(BaseModel):
    """What to talk about; the default catalogue where nothing is said."""

    model_config = ConfigDict(extra="forbid")
    catalogue: str | None = Field(None, min_length=1, max_length=_ID)


class NewMessage(BaseModel):
    """What a person said. The same `message_id` sent twice is answered once and gives the same answer."""

    model_config = ConfigDict(extra="forbid")
    text: str
    message_id: str | None = Field(None, pattern=r"^[A-Za-z0-9_.:-]{1,200}$")


class ApiError(Exception):
    """A refusal: `status` is HTTP's, `type` is for programs, `message` for people."""

    def __init__(self, status: int, type: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status, self.type, self.message, self.field = status, type, message, field

    def response(self) -> JSONResponse:
        """The one error shape."""
        error = {"type": self.type, "message": self.message}
        if self.field:
            error["field"] = self.field
        headers = {401: {"WWW-Authenticate": "Bearer"}, 409: {"Retry-After": "2"}}.get(self.status)
        return JSONResponse({"error": error}, self.status, headers)


def _user_id(given: Annotated[HTTPAuthorizationCredentials | None, Depends(_BEARER)]) -> str:
    if given is None or not given.credentials:
        raise ApiError(401, "unauthorized", "Send the conversation's token: Authorization: Bearer TOKEN.")
    return person("api", given.credentials)


User = Annotated[str, Depends(_user_id)]


def api_router(service: Service, catalogues: Catalogues, settings: ChannelSettings) -> APIRouter:
    """The routes below `/v1`. Raises nothing but what `install_errors` turns into responses."""
    router = APIRouter(prefix=_PREFIX)

    @router.get("/catalogues")
    def list_catalogues() -> dict[str, Any]:
        """All catalogues, each with its facets."""
        return {"catalogues": [_catalogue(name, catalogues) for name in catalogues.names()]}

    @router.post("/conversations", status_code=201)
    def start(body: NewConversation | None = None) -> dict[str, str]:
        """A new conversation and the token that opens it. The token is shown this once."""
        name = (body and body.catalogue) or settings.catalogue
        if name not in catalogues.names():
            there = ", ".join(catalogues.names()) or "none yet"
            raise ApiError(
                404, "unknown_catalogue", f"There is no catalogue “{name}”. There are: {there}.", "catalogue"
            )
        token = new_token()
        conversation = service.start(person("api", token), name)
        return {"id": conversation.id, "token": token, "catalogue": name}

    @router.get("/conversations/{id}")
    def read(id: str, user: User) -> dict[str, Any]:
        """What was said and answered, and the taste by now."""
        conversation = service.history(user, id)
        shelf = _shelf(conversation.catalogue, catalogues)
        return conversation_json(conversation, service.taste(user, id), shelf)

    @router.post("/conversations/{id}/messages")
    def respond(id: str, body: NewMessage, user: User) -> dict[str, Any]:
        """The answer to one message."""
        message_id = body.message_id or uuid.uuid4().hex
        shelf = _shelf(service.history(user, id).catalogue, catalogues)
        answer = service.respond(user, id, message_id, body.text)
        return turn_json(answer.turn, answer.taste, shelf, conversation_id=id, message_id=message_id)

    @router.api_route(
        "/{rest:path}", methods=["GET", "POST", "PUT", "PATCH", "DELETE"], include_in_schema=False
    )
    def nothing(rest: str) -> None:
        raise ApiError(404, "not_found", f"There is nothing at {_PREFIX}/{rest[:80]} for this method.")

    return router


def install_errors(app: FastAPI, settings: ChannelSettings) -> None:
    """Makes every refusal of the API come in the one shape, and refuses bodies that can't be a message."""
    # A character takes at most 12 bytes of JSON (a surrogate pair, escaped); 4 KiB for the rest.
    app.add_middleware(BodyLimit, prefix=_PREFIX, most=12 * settings.max_message_chars + 4096)
    handlers: dict[type[Exception], Callable[[Request, Any], Awaitable[JSONResponse]]] = {
        ApiError: _refused,
        RequestValidationError: _invalid,
        HTTPException: _http,
        GenreError: _ours,
        RetrievalError: _ours,
        Exception: _unexpected,
    }
    for kind, handler in handlers.items():
        app.add_exception_handler(kind, handler)


class BodyLimit:
    """ASGI middleware: a longer body than `most` bytes below `prefix` gets a 413, the rest unread."""

    def __init__(self, app: ASGIApp, prefix: str, most: int) -> None:
        self._app, self._prefix, self._most = app, prefix, most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on once its body is all there."""
        if scope["type"] != "http" or not scope["path"].startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        body = b""
        while True:
            message = await receive()
            if message["type"] != "http.request":  # gone before all was sent: nobody to answer
                return
            body += message.get("body", b"")
            if len(body) > self._most:
                words = f"The body is larger than {self._most:,} bytes."
                await ApiError(413, "too_large", words).response()(scope, receive, send)
                return
            if not message.get("more_body", False):
                break
        whole: Message | None = {"type": "http.request", "body": body, "more_body": False}

        async def replayed() -> Message:
            nonlocal whole
            message, whole = whole, None
            return message if message is not None else await receive()

        await self._app(scope, replayed, send)


def _catalogue(name: str, catalogues: Catalogues) -> dict[str, Any]:
    shelf = catalogues.shelf(name)
    facets = [
        {"name": facet.name, "label": facet.label, "kind": facet.kind, "role": facet.role, "unit": facet.unit}
        for facet in shelf.facets
    ]
    return {
        "name": name,
        "title": shelf.title,
        "noun": shelf.noun,
        "nouns": shelf.nouns,
        "items": len(shelf.items),
        "facets": facets,
    }


def _shelf(name: str, catalogues: Catalogues) -> Any:
    return catalogues.shelf(name) if name in catalogues.names() else None


async def _refused(request: Request, error: ApiError) -> JSONResponse:
    return error.response()


async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
    first = error.errors()[0]
    field = ".".join(str(part) for part in first["loc"] if part != "body")
    return ApiError(422, "invalid", f"{first['msg']}.".replace("..", "."), field or None).response()


async def _http(request: Request, error: HTTPException) -> JSONResponse:
    return ApiError(error.status_code, "http", str(error.detail)).response()


async def _ours(request: Request, error: Exception) -> JSONResponse:
    """Our own errors are worded for people; their class says which status they are."""
    if isinstance(error, (NoSuchConversation, UnknownCatalogue, NoSuchItem)):
        return ApiError(404, "not_found", str(error)).response()
    if isinstance(error, MessageTooLong):
        return ApiError(413, "too_long", str(error), "text").response()
    if isinstance(error, BadMessage):
        return ApiError(422, "invalid", str(error), "text").response()
    if isinstance(error, Busy):
        return ApiError(409, "busy", str(error)).response()
    if isinstance(error, (StoreError, ModelError)):
        return ApiError(503, "unavailable", str(error)).response()
    return ApiError(422, "invalid", str(error)).response()


async def _unexpected(request: Request, error: Exception) -> JSONResponse:
    log.error("The API could not answer", exc_info=error)
    return ApiError(500, "internal", "Something went wrong on this side. Please try again.").response()
