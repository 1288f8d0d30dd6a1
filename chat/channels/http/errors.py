"""One shape for every refusal: what kind of trouble, in words for people, and which field it is about."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from chat.errors import Busy, GenreError, ModelError, NoSuchConversation, NoSuchItem, StoreError
from chat.service import BadMessage, MessageTooLong
from retrieval.errors import RetrievalError, UnknownCatalogue

log = logging.getLogger(__name__)

#: Seconds after which what was busy or out of reach is worth another try.
TRY_AGAIN = 2
#: Kinds of trouble by status, as OpenAI's clients know them.
_TYPES = {401: "authentication_error", 403: "permission_error", 404: "not_found_error", 409: "conflict_error"}
_TYPES |= {413: "invalid_request_error", 422: "invalid_request_error", 429: "rate_limit_error"}


class ApiError(Exception):
    """A refusal: `status` is HTTP's, `code` is for programs, `message` for people, `param` names the field.

    `retry_after` are the seconds after which the same request may be let through, `allow` the methods that a
    405 names.
    """

    def __init__(
        self, status: int, code: str, message: str, param: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.param = status, code, message, param
        self.retry_after = retry_after
        self.allow = ""

    def body(self) -> dict[str, dict[str, str | None]]:
        """The one error shape, which is OpenAI's."""
        kind = _TYPES.get(self.status, "server_error" if self.status >= 500 else "invalid_request_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    def headers(self) -> dict[str, str]:
        """What the status asks for beside the body."""
        found = {"WWW-Authenticate": "Bearer"} if self.status == 401 else {}
        if self.retry_after is not None:
            found["Retry-After"] = str(self.retry_after)
        if self.allow:
            found["Allow"] = self.allow
        return found

    def response(self, headers: Mapping[str, str] | None = None) -> JSONResponse:
        """The refusal as a response."""
        return JSONResponse(self.body(), self.status, {**self.headers(), **(headers or {})})


def install_errors(app: FastAPI) -> None:
    """Makes every refusal of the application come in the one shape."""
    kinds = (ApiError, RequestValidationError, HTTPException, GenreError, RetrievalError, Exception)

    async def answer(request: Request, error: Exception) -> JSONResponse:
        return refusal(error).response(error.headers if isinstance(error, HTTPException) else None)

    handler: Callable[[Request, Any], Awaitable[JSONResponse]] = answer
    for kind in kinds:
        app.add_exception_handler(kind, handler)


def refusal(error: Exception) -> ApiError:
    """The refusal that an error comes to. What wasn't raised on purpose is logged, and told to nobody."""
    if isinstance(error, ApiError):
        return error
    if isinstance(error, RequestValidationError):
        return _invalid(error)
    if isinstance(error, HTTPException):
        code = {404: "not_found", 413: "too_large"}.get(error.status_code, "http")
        return ApiError(error.status_code, code, f"{error.detail}.")
    if isinstance(error, (GenreError, RetrievalError)):
        return _ours(error)
    log.error("The API could not answer", exc_info=error)
    return ApiError(500, "internal", "Something went wrong on this side. Please try again.")


def _ours(error: GenreError | RetrievalError) -> ApiError:
    """Our own errors are worded for people; their class says which status they are."""
    words = str(error)
    if isinstance(error, UnknownCatalogue):
        return ApiError(404, "unknown_catalogue", words, "catalogue")
    if isinstance(error, NoSuchItem):
        return ApiError(404, "unknown_item", words, "item")
    if isinstance(error, NoSuchConversation):
        return ApiError(404, "not_found", words)
    if isinstance(error, MessageTooLong):
        return ApiError(413, "too_long", words, "text")
    if isinstance(error, BadMessage):
        return ApiError(422, "invalid", words, "text")
    if isinstance(error, Busy):
        return ApiError(409, "busy", words, retry_after=TRY_AGAIN)
    if isinstance(error, (StoreError, ModelError)):
        return ApiError(503, "unavailable", words, retry_after=TRY_AGAIN)
    return ApiError(422, "invalid", words)


def _invalid(error: RequestValidationError) -> ApiError:
    problems = error.errors()
    first = problems[0]
    where = [str(part) for part in first["loc"] if part not in ("body", "query", "path", "header")]
    message = str(first["msg"]).removeprefix("Value error, ").rstrip(".")
    if first["type"] == "json_invalid":
        return ApiError(422, "invalid_json", f"The body is not valid JSON: {first['ctx']['error']}.")
    if len(problems) > 1:
        message += f" ({len(problems) - 1} more problems beside this one)"
    return ApiError(422, "invalid", f"{message}.", ".".join(where) or None)
