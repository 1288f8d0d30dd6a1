"""The connection to Discord, kept open: watched, and made anew where the library doesn't mend it."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from chat.channels.discord.keys import lasting, told
from chat.channels.pulse import State

log = logging.getLogger(__name__)

Tell = Callable[[State, str], None]
"""Called with how things are, and a word about it, at least once in every `Pace.check_s`."""


class Connection(Protocol):
    """A client of the library that knows how it is."""

    state: State

    async def start(self, token: str) -> None:
        """Connects, and stays so."""

    async def close(self) -> None:
        """Ends it."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How often and how long, in seconds."""

    silence_s: float = 60.0  # without a word from Discord, and a connection counts as lost
    check_s: float = 5.0  # between looks at the connection
    patience_s: float = 150.0  # how long the library may try to mend a connection
    first_wait_s: float = 1.0  # before the second attempt; it doubles with each
    longest_wait_s: float = 180.0
    identify_s: float = 5.0  # before the second session in an hour; it doubles with each
    longest_identify_s: float = 100.0  # so that there are fewer than 1,000 a day

    def wait(self, failures: int) -> float:
        """How long to wait after so many failures in a row: doubling, and never the same for two programs."""
        full = min(self.longest_wait_s, self.first_wait_s * 2.0 ** min(failures - 1, 20))
        return full * random.uniform(0.5, 1.0)

    def identify(self, sessions: int) -> float:
        """How long to wait before a new session, after so many within the last hour."""
        return min(self.longest_identify_s, self.identify_s * 2.0 ** min(max(sessions - 1, 0), 20))


PACE = Pace()


async def keep_connected(make: Callable[[], Connection], token: str, tell: Tell, pace: Pace = PACE) -> None:
    """Hears Discord until it is cancelled. Raises `BadSettings` for what no waiting mends: a token that is
    refused, an intent that isn't switched on.

    The library resumes a lost session by itself; but its pauses grow to a quarter of an hour, so that
    whatever it doesn't mend within `patience_s` is given up here for a new connection."""
    failures = 0
    while True:
        tell("connecting", "")
        began = time.monotonic()
        bot = make()
        running = asyncio.ensure_future(bot.start(token))
        try:
            await _watch(bot, running, tell, pace)
            reason = "it was lost for too long"
        except Exception as error:  # discord.py 2.7 fails with AttributeError where it never had a socket
            if (final := lasting(error)) is not None:
                raise final from None
            reason = told(error)
        finally:
            await _end(bot, running)
        # One that held for a while may be tried again at once; others must not come too often.
        failures = 1 if time.monotonic() - began > 2 * pace.patience_s else failures + 1
        wait = pace.wait(failures)
        log.warning("No connection to Discord (%s); the next attempt is in %.0f s", reason, wait)
        await _pause(wait, tell, reason, pace)


async def _watch(bot: Connection, running: asyncio.Future[None], tell: Tell, pace: Pace) -> None:
    """Returns when the connection was unwell for too long or has ended; raises what it ended with."""
    well, before = time.monotonic(), ""
    while time.monotonic() - well < pace.patience_s:
        if bot.state != before:
            log.info("Discord: %s", bot.state)
            before = bot.state
        if bot.state == "connected":
            well = time.monotonic()
        tell(bot.state, "")
        await asyncio.wait({running}, timeout=pace.check_s)
        if running.done():
            running.result()
            return


async def _pause(wait: float, tell: Tell, reason: str, pace: Pace) -> None:
    end = time.monotonic() + wait
    while (left := end - time.monotonic()) > 0:
        tell("lost", reason)
        await asyncio.sleep(min(left, pace.check_s))


async def _end(bot: Connection, running: asyncio.Future[None]) -> None:
    running.cancel()
    done, _ = await asyncio.wait({running, asyncio.ensure_future(bot.close())}, timeout=5)
    for task in done:
        if not task.cancelled() and (error := task.exception()) is not None:
            log.debug("A connection did not end well: %s", type(error).__name__)
