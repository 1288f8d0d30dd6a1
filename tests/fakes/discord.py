"""A small Discord: its API over real HTTP and its gateway over real WebSockets, with limits and refusals.

What it can't know is how Discord draws things. It keeps what was posted and refuses what Discord refuses:
another token, too long or too many parts, ids twice, a second answer to a press, an intent not switched on.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import yarl
from aiohttp import WSMsgType, web
from discord.gateway import DiscordWebSocket
from discord.http import Route

from tests.fakes.discord_api import TOKEN, Api, Message
from tests.fakes.discord_shapes import (
    APP,
    CHANNEL,
    CONTENT_INTENT,
    ME,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    Json,
    direct_shape,
    guild_shape,
    member_shape,
    message_shape,
    text_channel_shape,
    user_shape,
)

#: What the gateway's payloads are, by number.
DISPATCH, HEARTBEAT, IDENTIFY, RESUME, RECONNECT, INVALID, HELLO, ACK = 0, 1, 2, 6, 7, 9, 10, 11


@dataclass
class Session:
    """One session of the gateway with all that was told in it."""

    id: str
    told: list[Json] = field(default_factory=list)
    lost: bool = False  # can't be resumed


class Discord(Api):
    """The whole of it: people, the gateway, and the API."""

    def __init__(self) -> None:
        super().__init__()
        self.intents_allowed = 0  # of the privileged ones
        self.silent = False  # no heartbeat is answered
        self.closed_doors = 0  # so many connections are refused
        self.close_code = 0  # where it isn't 0, IDENTIFY is answered by closing with it
        self.twice = False  # a resumed session is told the last event once more
        self.identified: list[Json] = []
        self.resumed = 0
        self.sessions: list[Session] = []
        self.sockets: list[web.WebSocketResponse] = []
        self._url = ""
        self._heard_up_to = 0

    # ------------------------------------------------------------ the servers

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_get("/gateway", self._socket)
        app.router.add_route("*", "/api/{path:.*}", self.handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for socket in list(self.sockets):
            await socket.close()
        await self._runner.cleanup()

    @contextmanager
    def in_place(self) -> Iterator[None]:
        """Lets the library find this Discord instead of the real one."""
        before = Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY
        Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = f"{self._url}/api", yarl.URL(self._gateway)
        try:
            yield
        finally:
            Route.BASE, DiscordWebSocket.DEFAULT_GATEWAY = before

    @property
    def _gateway(self) -> str:
        return f"{self._url.replace('http', 'ws')}/gateway"

    async def until(self, condition: Callable[[], Any], seconds: float = 10.0) -> None:
        """Waits until something is so; fails with what was called where it doesn't come."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited in vain; calls: {[name for name, _ in self.calls]}"
            await asyncio.sleep(0.01)

    async def quiet(self) -> None:
        """Waits until the library has heard all that it was told, and all that came of it is done."""
        if self.sockets:
            last = len(self.sessions[-1].told)
            await self.control(HEARTBEAT)
            await self.until(lambda: self._heard_up_to >= last or not self.sockets)
        await self.until(lambda: not any(_is_work(task) for task in asyncio.all_tasks()))

    # ------------------------------------------------------------ what people do

    def direct(self, user: int) -> int:
        """The channel of somebody's direct messages with us."""
        return 500_000 + user

    def said(self, user: int, text: str, channel: int | None = None, **more: Any) -> Json:
        """The event for a message: a direct one, or in a channel one that mentions us."""
        where = channel or self.direct(user)
        server = self.server(where)
        mentioned = server is not None and more.pop("mention", True)
        event = message_shape(self.number(), where, user) | more
        event["content"] = f"<@{ME}> {text}" if mentioned else text
        event["mentions"] = [user_shape(ME)] if mentioned else []
        if server is not None:
            event |= {"guild_id": str(server), "member": member_shape()}
            allowed = self.identified and self.identified[-1]["intents"] & CONTENT_INTENT
            if not mentioned and not allowed:
                event["content"] = ""
        return {"t": "MESSAGE_CREATE", "d": event}

    def typed(self, user: int, command: str, channel: int | None = None, **options: str) -> Json:
        """The event for `/genre COMMAND`."""
        given = [{"name": name, "type": 3, "value": value} for name, value in options.items()]
        sub = {"name": command, "type": 1, "options": given}
        data = {"id": "9", "name": "genre", "type": 1, "options": [sub]}
        return self._interaction(2, user, channel or self.direct(user), data, None)

    def pressed(self, user: int, message: Message, custom_id: str, values: list[str] | None = None) -> Json:
        """The event for a press of a message's button, or a choice from its menu."""
        data: Json = {"custom_id": custom_id, "component_type": 2}
        if values is not None:
            data |= {"component_type": 3, "values": values}
        return self._interaction(3, user, message.channel, data, message)

    async def send(self, event: Json, *, lost: bool = False) -> None:
        """Tells the newest session of an event: at once, or where it is `lost`, once it is resumed."""
        await self._tell(self.sessions[-1], event, self.sockets[-1] if self.sockets and not lost else None)

    async def _tell(self, session: Session, event: Json, socket: web.WebSocketResponse | None) -> None:
        session.told.append({"op": DISPATCH, "s": len(session.told) + 1, **event})
        if socket is not None:
            await socket.send_str(json.dumps(session.told[-1]))

    async def control(self, op: int, data: Any = None) -> None:
        """Sends RECONNECT or INVALID."""
        await self.sockets[-1].send_str(json.dumps({"op": op, "d": data}))

    # ------------------------------------------------------------ the gateway

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        if self.closed_doors > 0:
            self.closed_doors -= 1
            return web.Response(status=503)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        self.sockets.append(socket)
        await socket.send_str(
            json.dumps({"op": HELLO, "d": {"heartbeat_interval": 100 if self.silent else 400}})
        )
        try:
            async for message in socket:
                if message.type == WSMsgType.TEXT:
                    await self._heard(socket, json.loads(message.data))
        finally:
            self.sockets.remove(socket)
        return socket

    async def _heard(self, socket: web.WebSocketResponse, payload: Json) -> None:
        match payload["op"]:
            case 1:
                self._heard_up_to = payload["d"] or 0
                if not self.silent:
                    await socket.send_str(json.dumps({"op": ACK}))
            case 2:
                await self._identify(socket, payload["d"])
            case 6:
                await self._resume(socket, payload["d"])

    async def _identify(self, socket: web.WebSocketResponse, told: Json) -> None:
        self.identified.append(told)
        if told["token"] != TOKEN:
            await socket.close(code=4004)
        elif self.close_code:
            await socket.close(code=self.close_code)
        elif told["intents"] & CONTENT_INTENT & ~self.intents_allowed:
            await socket.close(code=4014)
        else:
            session = Session(f"session-{len(self.sessions)}")
            ready = {
                "v": 10,
                "user": user_shape(ME),
                "guilds": [{"id": str(one), "unavailable": True} for one in (SERVER, OTHER_SERVER)],
                "session_id": session.id,
                "resume_gateway_url": self._gateway,
                "application": {"id": str(APP), "flags": 0},
            }
            await self._tell(session, {"t": "READY", "d": ready}, socket)
            for server, channel in ((SERVER, CHANNEL), (OTHER_SERVER, OTHER_CHANNEL)):
                threads = [one for one in self.threads.values() if one["guild_id"] == str(server)]
                guild = guild_shape(server, channel, threads)
                await self._tell(session, {"t": "GUILD_CREATE", "d": guild}, socket)
            self.sessions.append(session)

    async def _resume(self, socket: web.WebSocketResponse, told: Json) -> None:
        session = next((one for one in self.sessions if one.id == told["session_id"]), None)
        if session is None or session.lost:
            await socket.send_str(json.dumps({"op": INVALID, "d": False}))
            return
        self.resumed += 1
        for event in session.told[told["seq"] - self.twice :]:
            await socket.send_str(json.dumps(event))
        await self.send({"t": "RESUMED", "d": {}})

    # ------------------------------------------------------------ values

    def _interaction(self, kind: int, user: int, channel: int, data: Json, message: Message | None) -> Json:
        token, server = f"token-{self.number()}", self.server(channel)
        known = {"channel": channel, "user": user, "answered": False, "type": kind, "original": message}
        self.interactions[token] = known
        event: Json = {
            "id": str(self.number()),
            "application_id": str(APP),
            "type": kind,
            "token": token,
            "version": 1,
            "data": data,
            "channel_id": str(channel),
            "channel": self._channel(channel),
            "context": 1 if server is None else 0,
            "locale": "en-US",
            "entitlements": [],
            "attachment_size_limit": 1000,
            "authorizing_integration_owners": {},
        }
        if server is None:
            event["user"] = user_shape(user)
        else:
            event |= {
                "guild_id": str(server),
                "member": member_shape() | {"user": user_shape(user), "permissions": "0"},
            }
        if message is not None:
            event["message"] = self.shown(message)
        return {"t": "INTERACTION_CREATE", "d": event}

    def _channel(self, channel: int) -> Json:
        if channel in self.threads:
            return self.threads[channel]
        if self.server(channel) is None:
            return direct_shape(channel, channel - 500_000)
        return text_channel_shape(channel)


def _is_work(task: asyncio.Task[Any]) -> bool:
    """Whether the library works on an event there."""
    return not task.done() and task.get_name().startswith(("discord.py: on_", "discord-ui-", "CommandTree"))
