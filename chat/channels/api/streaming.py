"""Server-sent events from work that blocks: a thread works, the event loop sends."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress
from typing import Any, Generic, TypeVar

from fastapi.sse import KEEPALIVE_COMMENT, EventSourceResponse, format_sse_event
from starlette.concurrency import run_in_threadpool

from chat.channels.http.errors import ApiError, refusal

Piece = TypeVar("Piece")

#: Seconds in which trouble still gets a status of its own. Then the response begins, and says it inside.
PATIENCE = 2.0
#: Seconds of silence after which a comment is sent, so that proxies keep the connection.
PING = 15.0


class Relay(Generic[Piece]):
    """Runs an iterator on a thread; what it gives can be awaited here. `stop` closes it at its next piece."""

    def __init__(self, pieces: Iterator[Piece]) -> None:
        self._queue: asyncio.Queue[Piece | Exception | None] = asyncio.Queue()
        self._loop = asyncio.get_running_loop()
        self._stopped = threading.Event()
        # A task of its own: work that was begun ends properly, also where the caller has gone.
        self._task = asyncio.ensure_future(run_in_threadpool(self._work, pieces))

    async def next(self, seconds: float) -> Piece | None:
        """The next piece; None at the end. Raises what the work raised, or `TimeoutError`."""
        piece = await asyncio.wait_for(self._queue.get(), seconds)
        if isinstance(piece, Exception):
            raise piece
        return piece

    def stop(self) -> None:
        """Nobody listens any more."""
        self._stopped.set()

    def _work(self, pieces: Iterator[Piece]) -> None:
        try:
            for piece in pieces:
                self._put(piece)
                if self._stopped.is_set():
                    break
        except Exception as error:
            self._put(error)
        finally:
            close = getattr(pieces, "close", None)
            if close is not None:
                close()
            self._put(None)

    def _put(self, piece: Piece | Exception | None) -> None:
        with suppress(RuntimeError):  # the server has ended meanwhile
            self._loop.call_soon_threadsafe(self._queue.put_nowait, piece)


async def server_sent(
    pieces: Iterator[bytes], failed: Callable[[ApiError], bytes], ending: bytes = b""
) -> EventSourceResponse:
    """A response that sends the frames as they come. Trouble before the first one is raised, where it comes
    soon; later it is told in a frame of its own (`failed`)."""
    relay = Relay(pieces)
    first: bytes | None = b""
    try:
        first = await relay.next(PATIENCE)
    except TimeoutError:
        first = KEEPALIVE_COMMENT

    async def body() -> AsyncIterator[bytes]:
        frame = first
        try:
            while frame is not None:
                yield frame
                try:
                    frame = await relay.next(PING)
                except TimeoutError:
                    frame = KEEPALIVE_COMMENT
                except Exception as error:
                    yield failed(refusal(error))
                    break
            if ending:
                yield ending
        finally:
            relay.stop()

    return EventSourceResponse(body(), headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})


def frame(data: Any, event: str | None = None) -> bytes:
    """One event with JSON as its data."""
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return format_sse_event(data_str=text, event=event)
