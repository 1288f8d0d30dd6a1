"""A small workspace of Slack's: its Web API over real HTTP and its sockets, with its limits and refusals.

What it can't know is how Slack draws things. It keeps what was posted, and refuses what Slack refuses: a
missing token, too long or too many blocks, ids twice, a stream that has ended.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from aiohttp import WSMsgType, web

BOT_TOKEN, APP_TOKEN, SECRET = "xoxb-fake", "xapp-fake", "a-signing-secret"
TEAM, BOT = "T1", "U0BOT"
SCOPES = ("app_mentions:read", "assistant:write", "chat:write", "commands", "im:history")

Json = dict[str, Any]


@dataclass
class Message:
    """One message as the workspace shows it."""

    ts: str
    channel: str
    thread: str | None
    text: str = ""
    blocks: list[Json] = field(default_factory=list)
    streaming: bool = False
    user: str = ""  # who alone sees it, where it is ephemeral

    @property
    def buttons(self) -> list[Json]:
        """The buttons of all its blocks."""
        return [e for block in self.blocks for e in block.get("elements", []) if e.get("type") == "button"]

    @property
    def shown(self) -> str:
        """All words of it: streamed text and the texts of its blocks."""
        return "\n".join([self.text, *_texts(self.blocks)])


class Slack:
    """The workspace. `refuse[method]` lists errors for the next calls of a method, first come first."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Json]] = []
        self.messages: dict[str, Message] = {}
        self.ephemerals: list[Message] = []
        self.views: dict[str, Json] = {}
        self.prompts: dict[str, list[Json]] = {}
        self.acks: dict[str, Json] = {}
        self.refuse: dict[str, list[str]] = {}
        self.scopes = SCOPES
        self.silent = False  # sockets stay open and answer no ping
        self.closed_doors = 0  # so many sockets more are refused; an address opens one socket only
        self.opened = 0  # sockets, in all
        self.sockets: list[web.WebSocketResponse] = []
        self._numbers = itertools.count(1)
        self._replies: dict[str, tuple[str, str, Message | None]] = {}
        self._tickets: set[str] = set()
        self._url = ""

    # ------------------------------------------------------------ the servers

    @property
    def api_url(self) -> str:
        """Where the Web API is."""
        return f"{self._url}/api/"

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.router.add_post("/api/{method}", self._api)
        app.router.add_get("/socket", self._socket)
        app.router.add_post("/respond/{name}", self._respond)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        self._url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for socket in list(self.sockets):
            await socket.close()
        await self._runner.cleanup()

    async def until(self, condition: Callable[[], Any], seconds: float = 30.0) -> None:
        """Waits until something is so; fails with what was called where it doesn't come."""
        end = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < end, f"waited in vain; calls: {[name for name, _ in self.calls]}"
            await asyncio.sleep(0.01)

    async def quiet(self) -> None:
        """Waits until nothing was called for a while: long enough for any answer to begin."""
        before = -1
        while before != len(self.calls):
            before = len(self.calls)
            await asyncio.sleep(0.25)

    # ------------------------------------------------------------ what people do

    def stamp(self) -> str:
        """A time stamp like Slack's, each only once."""
        return f"17000000{next(self._numbers):02d}.{next(self._numbers):06d}"

    def event(self, event: Json) -> Json:
        """The payload that tells of an event."""
        body = {"type": "event_callback", "team_id": TEAM, "api_app_id": "A1"}
        return {**body, "event_id": f"Ev{next(self._numbers)}", "event": event}

    def said(self, user: str, text: str, channel: str = "D1", thread: str | None = None) -> Json:
        """The payload for a message: in a channel one that mentions the bot, else a direct one."""
        event = {"user": user, "text": text, "ts": self.stamp(), "channel": channel}
        if thread:
            event["thread_ts"] = thread
        if channel.startswith("D"):
            return self.event({**event, "type": "message", "channel_type": "im"})
        return self.event({**event, "type": "app_mention", "text": f"<@{BOT}> {text}"})

    def typed(self, user: str, text: str, channel: str = "C1") -> Json:
        """The payload for a slash command."""
        return {
            "command": "/genre",
            "text": text,
            "user_id": user,
            "channel_id": channel,
            "team_id": TEAM,
            "trigger_id": f"trigger.{next(self._numbers)}",
            "response_url": self._response_url(channel, user, None),
        }

    def pressed(self, user: str, message: Message, action: Json) -> Json:
        """The payload for a press of one of a message's buttons, or an option of its menus."""
        container: Json = {"type": "message", "message_ts": message.ts, "channel_id": message.channel}
        body: Json = {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "channel": {"id": message.channel},
            "container": {**container, "is_ephemeral": bool(message.user)},
            "trigger_id": f"trigger.{next(self._numbers)}",
            "response_url": self._response_url(message.channel, user, message),
            "actions": [{"block_id": "b", "action_ts": self.stamp(), **action}],
        }
        if not message.user:  # Slack sends no ephemeral message back
            body["message"] = {"ts": message.ts, "thread_ts": message.thread, "blocks": message.blocks}
            body["container"]["thread_ts"] = message.thread
        return body

    def pressed_at_home(self, user: str, action: Json) -> Json:
        """The payload for a press in the Home tab."""
        return {
            "type": "block_actions",
            "team": {"id": TEAM},
            "user": {"id": user, "team_id": TEAM},
            "container": {"type": "view", "view_id": "V1"},
            "view": {"id": "V1", "type": "home"},
            "trigger_id": f"trigger.{next(self._numbers)}",
            "actions": [{"block_id": "b", "action_ts": self.stamp(), **action}],
        }

    async def send(self, payload: Json, *, retry: int = 0) -> str:
        """Sends a payload over the newest socket, and again where that is lost, until it is acknowledged;
        returns its envelope."""
        kind = {"event_callback": "events_api", "block_actions": "interactive"}
        envelope = f"envelope-{next(self._numbers)}"
        message: Json = {
            "envelope_id": envelope,
            "type": kind.get(payload.get("type", ""), "slash_commands"),
            "accepts_response_payload": False,
            "payload": payload,
        }
        if retry:
            message |= {"retry_attempt": retry, "retry_reason": "timeout"}
        while envelope not in self.acks:
            await self.until(lambda: self.sockets)
            await self._deliver(envelope, json.dumps(message), self.sockets[-1])
        return envelope

    async def _deliver(self, envelope: str, message: str, socket: web.WebSocketResponse) -> None:
        await socket.send_str(message)
        await self.until(lambda: envelope in self.acks or socket not in self.sockets)

    async def disconnect(self, reason: str = "refresh_requested") -> None:
        """Asks for a new socket, as Slack does every few hours."""
        await self.sockets[-1].send_str(json.dumps({"type": "disconnect", "reason": reason}))

    # ------------------------------------------------------------ answering

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        args = await _arguments(request)
        self.calls.append((method, args))
        error = self._refusal(method, request)
        if error == "ratelimited":
            answer = {"ok": False, "error": error}
            return web.json_response(answer, status=429, headers={"Retry-After": "1"})
        if error:
            return web.json_response({"ok": False, "error": error, "needed": "a:scope"})
        answer = self._answer(method, args)
        return web.json_response(
            {"ok": "error" not in answer, **answer}, headers={"x-oauth-scopes": ",".join(self.scopes)}
        )

    def _refusal(self, method: str, request: web.Request) -> str:
        if self.refuse.get(method):
            return self.refuse[method].pop(0)
        wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        return "" if request.headers.get("Authorization") == f"Bearer {wanted}" else "invalid_auth"

    def _answer(self, method: str, args: Json) -> Json:
        if problem := problem_of(args.get("blocks") or [], args.get("text", "")):
            return {"error": "invalid_blocks", "detail": problem}
        match method:
            case "auth.test":
                who = {"team": "Fakers", "team_id": TEAM, "user": "genre", "user_id": BOT, "bot_id": "B0"}
                return {**who, "url": self._url}
            case "apps.connections.open":
                self._tickets.add(ticket := f"t{next(self._numbers)}")
                return {"url": f"{self._url.replace('http', 'ws')}/socket?ticket={ticket}"}
            case "chat.postMessage":
                return {"ts": self._post(args).ts}
            case "chat.postEphemeral":
                self.ephemerals.append(self._made(args, args["user"]))
                return {"message_ts": self.ephemerals[-1].ts}
            case "chat.update":
                message = self.messages[args["ts"]]
                message.text, message.blocks, message.streaming = args["text"], args["blocks"], False
                return {"ts": message.ts}
            case "chat.startStream":
                if not args["channel"].startswith("D") and "recipient_user_id" not in args:
                    return {"error": "missing_recipient_user_id"}
                return {"ts": self._streamed(self._post(args), args).ts}
            case "chat.appendStream" | "chat.stopStream":
                message = self.messages[args["ts"]]
                if not message.streaming:
                    return {"error": "message_not_in_streaming_state"}
                self._streamed(message, args).streaming = method == "chat.appendStream"
                message.blocks += args.get("blocks") or []
                return {"ts": message.ts}
            case "views.publish":
                if problem := problem_of(args["view"]["blocks"], "", most=100):
                    return {"error": "invalid_arguments", "detail": problem}
                self.views[args["user_id"]] = args["view"]
                return {}
            case "assistant.threads.setSuggestedPrompts":
                if "thread_ts" in args or not 1 <= len(args["prompts"]) <= 4:
                    return {"error": "invalid_arguments"}
                self.prompts[args["channel_id"]] = args["prompts"]
                return {}
            case "assistant.threads.setStatus":
                return {}
        return {"error": "unknown_method"}

    def _made(self, args: Json, user: str = "") -> Message:
        return Message(
            self.stamp(), args["channel"], args.get("thread_ts"), args.get("text") or "",
            args.get("blocks") or [], user=user,
        )  # fmt: skip

    def _post(self, args: Json) -> Message:
        message = self._made(args)
        self.messages[message.ts] = message
        return message

    @staticmethod
    def _streamed(message: Message, args: Json) -> Message:
        message.streaming = True
        message.text += "".join(chunk["text"] for chunk in args.get("chunks") or [])
        return message

    def _response_url(self, channel: str, user: str, message: Message | None) -> str:
        name = f"r{next(self._numbers)}"
        self._replies[name] = (channel, user, message)
        return f"{self._url}/respond/{name}"

    async def _respond(self, request: web.Request) -> web.Response:
        channel, user, message = self._replies[request.match_info["name"]]
        args = await request.json()
        self.calls.append(("response_url", args))
        if problem := problem_of(args.get("blocks") or [], args.get("text", "")):
            return web.Response(status=400, text=f"invalid_blocks: {problem}")
        if args.get("replace_original") and message is not None:
            message.text, message.blocks = args["text"], args.get("blocks") or []
        else:
            self.ephemerals.append(self._made({**args, "channel": channel}, user))
        return web.Response(text="ok")

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        ticket = request.query.get("ticket", "")
        known, refused = ticket in self._tickets, self.closed_doors > 0
        self._tickets.discard(ticket)
        if refused or not known:
            self.closed_doors -= refused
            return web.Response(status=403)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        self.opened += 1
        self.sockets.append(socket)
        await socket.send_str(json.dumps({"type": "hello", "num_connections": 1}))
        try:
            async for message in socket:
                if message.type == WSMsgType.PING and not self.silent:
                    await socket.pong(message.data)
                elif message.type == WSMsgType.TEXT:
                    answer = json.loads(message.data)
                    self.acks[answer["envelope_id"]] = answer
        finally:
            self.sockets.remove(socket)
        return socket


def signed(payload: Json, *, secret: str = SECRET, age_s: float = 0) -> tuple[dict[str, str], bytes]:
    """A payload as Slack sends it over HTTP: headers with its signature, and the body."""
    kind = payload.get("type", "")
    if kind in ("event_callback", "url_verification"):
        body, content = json.dumps(payload), "application/json"
    else:
        fields = {"payload": json.dumps(payload)} if kind == "block_actions" else payload
        body, content = urlencode(fields), "application/x-www-form-urlencoded"
    at = str(int(time.time() - age_s))
    digest = hmac.new(secret.encode(), f"v0:{at}:{body}".encode(), hashlib.sha256).hexdigest()
    headers = {"Content-Type": content, "X-Slack-Request-Timestamp": at, "X-Slack-Signature": f"v0={digest}"}
    return headers, body.encode()


async def _arguments(request: web.Request) -> Json:
    if request.content_type == "application/json":
        return dict(await request.json())
    fields = dict(await request.post())
    return {name: _decoded(str(value)) for name, value in fields.items()}


def _decoded(value: str) -> Any:
    return json.loads(value) if value[:1] in "[{" else value


def problem_of(blocks: list[Json], text: str, most: int = 50) -> str:
    """What Slack would refuse of a message or view, in a word; empty where it takes it."""
    if len(text) > 4000:
        return "text too long"
    if len(blocks) > most:
        return f"{len(blocks)} blocks"
    for block in blocks:
        elements = block.get("elements", []) + [block[name] for name in ("accessory",) if name in block]
        ids = [element["action_id"] for element in elements if "action_id" in element]
        if len(set(ids)) < len(ids):
            return "an action_id twice in a block"
        if block["type"] == "actions" and not 1 <= len(elements) <= 25:
            return f"{len(elements)} elements"
        longest = {"section": 3000, "header": 150, "markdown": 12_000}.get(block["type"], 3000)
        if any(not 0 < len(one) <= longest for one in _texts([{**block, "elements": []}])):
            return f"the text of a {block['type']}"
        for element in elements:
            for one, limit in (("value", 2000), ("accessibility_label", 75), ("action_id", 255)):
                if len(element.get(one, "")) > limit:
                    return f"{one} too long"
            if element.get("type") == "button" and not 0 < len(element["text"]["text"]) <= 75:
                return "a label"
    return ""


def _texts(blocks: list[Json]) -> list[str]:
    found = []
    for block in blocks:
        text = block.get("text")
        if isinstance(text, dict):
            found.append(text["text"])
        elif isinstance(text, str):
            found.append(text)
        for element in block.get("elements", []):
            if isinstance(element.get("text"), str):
                found.append(element["text"])
    return found
