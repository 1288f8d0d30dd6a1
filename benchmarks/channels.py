"""What each channel adds to an answer, and how many streams it holds: `python benchmarks/channels.py`.

Holds the same messages about the bundled films (plain voice) with the service itself, over the HTTP API in
its three forms, and in Slack and Discord against the local fakes of their servers that the tests use, with
the real client libraries. Everything runs in one process, as on one small computer.
*added* is the time from sending a message until its answer is whole, less the time that the service took for
that very message. Last, a number of streams is opened at once on answers that take a second each.

The figures of Slack and Discord hold no network: a real workspace is further away than this computer.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import httpx  # noqa: E402
import psutil  # noqa: E402
import uvicorn  # noqa: E402

PACKAGES = ("fastapi", "uvicorn", "slack-bolt", "discord.py", "httpx")
STREAM_S = 1.0  # that an answer takes while streams are held
Say = Callable[[str, str], Awaitable[None]]
"""Says a text as a person, and returns when the whole answer is there."""


class Timed:
    """A service that notes how long it was at each message."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self.spent: dict[str, float] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def respond(self, user_id: str, conversation_id: str, message_id: str, text: str) -> Any:
        with self._clock(text):
            return self._service.respond(user_id, conversation_id, message_id, text)

    def stream(self, user_id: str, conversation_id: str, message_id: str, text: str) -> Iterator[Any]:
        with self._clock(text):
            events = list(self._service.stream(user_id, conversation_id, message_id, text))
        return iter(events)

    def replay(self, catalogue: str, texts: Any) -> Any:
        with self._clock(texts[-1]):
            return self._service.replay(catalogue, texts)

    @contextmanager
    def _clock(self, text: str) -> Iterator[None]:
        started = time.perf_counter()
        try:
            yield
        finally:
            self.spent[text.strip()] = time.perf_counter() - started


class Slow:
    """A service whose every answer takes `STREAM_S`, and that notes how many were under way at once."""

    def __init__(self, service: Any) -> None:
        self._service = service
        self._lock = threading.Lock()
        self.now = self.most = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._service, name)

    def stream(self, user_id: str, conversation_id: str, message_id: str, text: str) -> Iterator[Any]:
        events = self._service.stream(user_id, conversation_id, message_id, text)

        def slowly() -> Iterator[Any]:
            with self._lock:
                self.now += 1
                self.most = max(self.most, self.now)
            try:
                time.sleep(STREAM_S)
                yield from events
            finally:
                with self._lock:
                    self.now -= 1

        return slowly()


def messages(count: int) -> list[str]:
    """Different wishes, so that none is answered from what an earlier one left behind."""
    path = Path(__file__).with_name("conversations.txt")
    found = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    talks = [block for block in "\n".join(found).split("\n\n") if block.strip()]
    firsts = [block.strip().splitlines()[0] for block in talks if not block.startswith("#")]
    return list(dict.fromkeys(firsts))[:count]


@contextmanager
def served(service: Any, house: Any, settings: Any) -> Iterator[str]:
    """The API on a port of its own; its address."""
    from chat.channels.app import create_api

    config = uvicorn.Config(
        create_api(service, house.catalogues, settings), host="127.0.0.1", port=0, log_level="error"
    )
    socket = config.bind_socket()
    socket.listen(config.backlog)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [socket]}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{socket.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)


async def measured(say: Say, timed: Timed, texts: list[str]) -> list[tuple[float, float]]:
    """For each message the seconds until its answer was whole, and those of the service in them."""
    await say("warm-up", "a comedy to warm up with")
    found = []
    for number, text in enumerate(texts):
        timed.spent.clear()
        started = time.perf_counter()
        await say(f"person{number}", text)
        whole = time.perf_counter() - started
        found.append((whole, timed.spent[text]))
    return found


async def soon(ready: Callable[[], Any]) -> None:
    """Until something is so, looked at every millisecond."""
    until = time.perf_counter() + 60
    while not ready():
        if time.perf_counter() > until:
            raise TimeoutError("no answer within a minute")
        await asyncio.sleep(0.001)


async def direct(timed: Timed, texts: list[str]) -> list[tuple[float, float]]:
    async def say(person: str, text: str) -> None:
        conversation = timed.start(person, "films")
        timed.respond(person, conversation.id, uuid.uuid4().hex, text)

    return await measured(say, timed, texts)


async def api(address: str, timed: Timed, texts: list[str], form: str) -> list[tuple[float, float]]:
    async with httpx.AsyncClient(base_url=address, timeout=60, trust_env=False) as client:
        # Opening a conversation is no part of an answer.
        open_: dict[str, tuple[str, dict[str, str]]] = {}
        for person in ["warm-up", *(f"person{number}" for number in range(len(texts)))]:
            begun = (await client.post("/v1/conversations", json={})).raise_for_status().json()
            open_[person] = begun["id"], {"Authorization": f"Bearer {begun['token']}"}

        async def say(person: str, text: str) -> None:
            if form == "openai":
                history = [{"role": "user", "content": text}]
                body = {"model": "genre/films", "messages": history}
                (await client.post("/v1/chat/completions", json=body)).raise_for_status()
                return
            conversation, headers = open_[person]
            if form == "stream":
                headers = headers | {"Accept": "text/event-stream"}
            path = f"/v1/conversations/{conversation}/messages"
            async with client.stream("POST", path, json={"text": text}, headers=headers) as response:
                response.raise_for_status()
                await response.aread()

        return await measured(say, timed, texts)


async def slack(house: Any, timed: Timed, texts: list[str]) -> list[tuple[float, float]]:
    from tests.channels.slack.conftest import Stage
    from tests.fakes.slack import Slack

    async with Slack() as workspace:
        stage = Stage(workspace, house.catalogues)
        async with stage.running(timed):  # type: ignore[arg-type]
            await soon(lambda: "connected" in stage.states)

            async def say(person: str, text: str) -> None:
                payload = workspace.said(f"U{person}", text, f"D{person}")
                before = set(workspace.messages)
                await workspace.send(payload)
                await soon(
                    lambda: any(
                        not one.streaming for ts, one in workspace.messages.items() if ts not in before
                    )
                )

            return await measured(say, timed, texts)


async def discord(house: Any, timed: Timed, texts: list[str]) -> list[tuple[float, float]]:
    from tests.channels.discord.conftest import Stage
    from tests.fakes.discord import Discord

    async with Discord() as world:
        with world.in_place():
            stage = Stage(world, house.catalogues)
            async with stage.running(timed):  # type: ignore[arg-type]
                people: dict[str, int] = {}

                async def say(person: str, text: str) -> None:
                    number = people.setdefault(person, 900 + len(people))
                    event = world.said(number, text)
                    before = set(world.messages)
                    await world.send(event)
                    await soon(lambda: set(world.messages) - before)

                return await measured(say, timed, texts)


async def streams(address: str, slow: Slow, count: int) -> dict[str, Any]:
    """Many streams at once, each on an answer that takes a second."""
    process = psutil.Process()
    limits = httpx.Limits(max_connections=count + 10)
    async with httpx.AsyncClient(base_url=address, timeout=120, limits=limits, trust_env=False) as client:
        begun = []
        for _ in range(count):
            begun.append((await client.post("/v1/conversations", json={})).raise_for_status().json())
        memory = process.memory_info().rss

        async def hear(one: dict[str, str]) -> bool:
            headers = {"Authorization": f"Bearer {one['token']}", "Accept": "text/event-stream"}
            path = f"/v1/conversations/{one['id']}/messages"
            async with client.stream("POST", path, json={"text": "a comedy"}, headers=headers) as response:
                return response.status_code == 200 and b"event: done" in await response.aread()

        started = time.perf_counter()
        whole = await asyncio.gather(*(hear(one) for one in begun))
        seconds = time.perf_counter() - started
        grown = (process.memory_info().rss - memory) / 2**20
    return {
        "opened": count,
        "whole": sum(whole),
        "under way at once": slow.most,
        "seconds": round(seconds, 2),
        "MB more": round(grown, 1),
    }


def row(found: list[tuple[float, float]]) -> dict[str, float]:
    """Milliseconds, and what is added against the service's own time."""
    added = sorted((whole - inner) * 1e3 for whole, inner in found)
    own = statistics.median(inner * 1e3 for _, inner in found)
    median = statistics.median(added)
    return {
        "whole p50": round(statistics.median(whole * 1e3 for whole, _ in found), 1),
        "added p50": round(median, 1),
        "added p95": round(added[int(0.95 * (len(added) - 1))], 1),
        "added / service": round(median / own, 2),
    }


def run(count: int, held: int) -> dict[str, Any]:
    from chat.build import build
    from chat.settings import load_settings

    with tempfile.TemporaryDirectory() as folder:
        home = os.environ.get("GENRE_HOME") or folder
        settings = load_settings(
            {
                "home": home,
                "database": str(Path(folder) / "conversations.sqlite"),
                "llm": "plain",
                "catalogue": "films",
                "api_requests_per_minute": 0,
                "api_messages_per_minute": 0,
                "api_concurrency": max(held, 16),
            }
        )
        house = build(settings)
        texts = messages(count)
        timed, slow = Timed(house.service), Slow(house.service)
        rows: dict[str, dict[str, float]] = {}
        rows["service"] = row(asyncio.run(direct(timed, texts)))
        with served(timed, house, settings) as address:
            for form in ("json", "stream", "openai"):
                rows[f"API, {form}"] = row(asyncio.run(api(address, timed, texts, form)))
        rows["Slack"] = row(asyncio.run(slack(house, timed, texts)))
        rows["Discord"] = row(asyncio.run(discord(house, timed, texts)))
        with served(slow, house, settings) as address:
            many = asyncio.run(streams(address, slow, held))
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores",
        "load before": round(os.getloadavg()[0], 2),
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "messages": len(texts),
        "channels": rows,
        "streams": many,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--messages", type=int, default=40, help="for each channel (40 at most)")
    parser.add_argument("--streams", type=int, default=200, help="to open at once")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args()
    found = run(given.messages, given.streams)
    if given.json:
        print(json.dumps(found, indent=2))
        return
    versions = ", ".join(f"{name} {number}" for name, number in found["versions"].items())
    print(f"{found['date']}, {found['machine']}, load {found['load before']}, Python {found['python']},")
    print(f"{versions}\n\n{found['messages']} messages; milliseconds")
    names = list(found["channels"]["service"])
    print(f"{'':16}" + "".join(f"{name:>17}" for name in names))
    for channel, figures in found["channels"].items():
        print(f"{channel:16}" + "".join(f"{figures[name]:17}" for name in names))
    print("\nstreams: " + ", ".join(f"{name} {value}" for name, value in found["streams"].items()))


if __name__ == "__main__":
    main()
