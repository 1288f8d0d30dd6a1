"""How much one caller may ask, and how much is worked on at once."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from chat.channels.http.access import Access, Caller, address_of
from chat.channels.http.errors import TRY_AGAIN, ApiError


class Limits:
    """Counts requests and messages by caller over the last minute, and answers under way in all.

    Counted in this process: several processes each allow as much. A limit of 0 is none.
    """

    def __init__(self, requests_per_minute: int, messages_per_minute: int, concurrency: int) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())
        self._most = {
            kind: RateLimitItemPerMinute(most, namespace=kind)
            for kind, most in (("requests", requests_per_minute), ("messages", messages_per_minute))
            if most
        }
        self._free = threading.BoundedSemaphore(concurrency)

    def count(self, kind: str, caller: str) -> None:
        """Counts one more of a kind ("requests" or "messages"). Raises a 429 that says when to come back."""
        limit = self._most.get(kind)
        if limit is None or self._limiter.hit(limit, caller):
            return
        wait = max(1, math.ceil(self._limiter.get_window_stats(limit, caller).reset_time - time.time()))
        words = f"That is more than {limit.amount} {kind} in a minute. Please try again in {wait} s."
        raise ApiError(429, "too_many", words, retry_after=wait)

    @contextmanager
    def answering(self) -> Iterator[None]:
        """Holds one of the places for answers under way. Raises a 503 where all are taken."""
        if not self._free.acquire(blocking=False):
            words = "Many people are talking just now. Please try again in a moment."
            raise ApiError(503, "overloaded", words, retry_after=TRY_AGAIN)
        try:
            yield
        finally:
            self._free.release()


def admitted(request: Request, access: Access, limits: Limits) -> Caller:
    """Who sent the request, once it is counted. Raises `ApiError`; guesses at keys are counted too."""
    try:
        caller = access.caller(request)
    except ApiError:
        limits.count("requests", f"address {address_of(request)}")
        raise
    limits.count("requests", caller.name)
    return caller


class BodyLimit:
    """ASGI middleware: a longer body than allowed below `prefix` gets a 413, the rest unread. FastAPI's
    own `max_body_size` answers a declared length in another shape than our errors have.

    `most` is the limit in bytes, `larger` the one for paths of their own.
    """

    def __init__(self, app: ASGIApp, prefix: str, most: int, larger: Mapping[str, int]) -> None:
        self._app, self._prefix, self._most, self._larger = app, prefix, most, larger

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Passes the request on once its body is all there."""
        path = own_path(scope)
        if scope["type"] != "http" or not path.startswith(self._prefix):
            await self._app(scope, receive, send)
            return
        most = self._larger.get(path, self._most)
        body = bytearray()
        while True:
            message = await receive()
            if message["type"] != "http.request":  # gone before all was sent: nobody to answer
                return
            body += message.get("body", b"")
            if len(body) > most:
                error = ApiError(413, "too_large", f"The body is larger than {most:,} bytes.")
                await error.response()(scope, receive, send)
                return
            if not message.get("more_body", False):
                break
        whole: Message | None = {"type": "http.request", "body": bytes(body), "more_body": False}

        async def replayed() -> Message:
            nonlocal whole
            message, whole = whole, None
            return message if message is not None else await receive()

        await self._app(scope, replayed, send)


def own_path(scope: Scope) -> str:
    """The path below where the application is mounted; empty for what has none."""
    path: str = scope.get("path", "")
    return path.removeprefix(scope.get("root_path", "").rstrip("/"))
