"""The socket to Slack (Socket Mode), kept open: watched, and opened anew where it is lost or silent."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncApp

from chat.channels.pulse import State
from chat.channels.slack.keys import FAILURES, socket_url, told

log = logging.getLogger(__name__)

Tell = Callable[[State, str], None]
"""Called with how things are, and a word about it, at least once in every `Pace.check_s`."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long, in seconds."""

    ping_s: float = 10.0  # between pings; four without an answer, and a socket counts as silent
    check_s: float = 5.0  # between looks at the socket
    patience_s: float = 30.0  # how long the library may try to mend a socket before there is a new one
    connect_s: float = 20.0  # how long a connection may take
    first_wait_s: float = 1.0  # before the second attempt; it doubles with each
    longest_wait_s: float = 60.0

    def wait(self, failures: int) -> float:
        """How long to wait after so many failures in a row: doubling, and never the same for two programs."""
        return min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(failures - 1, 20)) * random.uniform(
            0.5, 1.0
        )


async def keep_connected(app: AsyncApp, token: str, tell: Tell, pace: Pace = Pace()) -> None:
    """Hears Slack over a socket until it is cancelled. Raises `BadSettings` where the token opens none.

    Slack closes each socket every few hours, and the library follows to the next. But it tries one address
    for ever, so that whatever it doesn't mend soon is given up here for a new socket with a new address."""
    failures = 0
    while True:
        tell("connecting", "")
        handler = AsyncSocketModeHandler(app, token, logger=_quiet(), ping_interval=pace.ping_s)
        try:
            handler.client.wss_uri = await socket_url(app.client, token)
            await asyncio.wait_for(handler.client.connect(), pace.connect_s)  # type: ignore[no-untyped-call]
            log.info("Connected to Slack")
            failures = 0
            await _watch(handler, tell, pace)
            reason = "the socket was lost or silent"
        except FAILURES as error:
            reason = told(error)
        finally:
            await _close(handler)
        failures += 1
        wait = pace.wait(failures)
        log.warning("No connection to Slack (%s); the next attempt is in %.0f s", reason, wait)
        await _pause(wait, tell, reason, pace)


async def _watch(handler: AsyncSocketModeHandler, tell: Tell, pace: Pace) -> None:
    """Returns when the socket was unwell for too long."""
    well = time.monotonic()
    while time.monotonic() - well < pace.patience_s:
        if await handler.client.is_connected():
            well = time.monotonic()
            tell("connected", "")
        else:
            tell("lost", "the socket was lost or silent")
        await asyncio.sleep(pace.check_s)


async def _pause(wait: float, tell: Tell, reason: str, pace: Pace) -> None:
    end = time.monotonic() + wait
    while (left := end - time.monotonic()) > 0:
        tell("lost", reason)
        await asyncio.sleep(min(left, pace.check_s))


async def _close(handler: AsyncSocketModeHandler) -> None:
    try:
        await asyncio.wait_for(handler.client.close(), 5)  # type: ignore[no-untyped-call]
    except Exception as error:  # it is given up anyway
        log.debug("A socket did not close: %s", type(error).__name__)


def _quiet() -> logging.Logger:
    """The library tells of each attempt with a stack trace; what matters of it is told here."""
    logger = logging.getLogger("slack_bolt.socket")
    logger.setLevel(logging.CRITICAL)
    return logger
