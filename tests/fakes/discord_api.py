"""The API of a small Discord: what was called and posted, and what is refused."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.fakes.discord_shapes import (
    APP,
    BUTTON,
    CHANNEL,
    EPHEMERAL,
    ME,
    MENU,
    OTHER_CHANNEL,
    OTHER_SERVER,
    SERVER,
    TEXT,
    V2,
    Json,
    app_shape,
    message_shape,
    numbered,
    problem_of,
    thread_shape,
    user_shape,
    walk,
)

TOKEN = "bot.fake.token"

Answer = tuple[Any, int]


@dataclass
class Message:
    """One message as Discord shows it; `only` is who alone sees it, where it is ephemeral."""

    id: int
    channel: int
    content: str = ""
    components: list[Json] = field(default_factory=list)
    flags: int = 0
    reference: int | None = None
    only: int | None = None
    loading: bool = False
    pings: bool = False

    @property
    def parts(self) -> list[Json]:
        """All its components, at any depth."""
        return list(walk(self.components))

    @property
    def buttons(self) -> list[Json]:
        """Its buttons."""
        return [part for part in self.parts if part["type"] == BUTTON]

    @property
    def menus(self) -> list[Json]:
        """Its menus."""
        return [part for part in self.parts if part["type"] == MENU]

    @property
    def shown(self) -> str:
        """All words of it."""
        return "\n".join(
            [self.content, *(part["content"] for part in self.parts if part["type"] == TEXT)]
        ).strip()


class Api:
    """What it answers. `refuse[name]` lists (status, code) for the next calls of a kind, first come first."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, Json]] = []
        self.messages: dict[int, Message] = {}
        self.commands: list[Json] = []
        self.threads: dict[int, Json] = {}
        self.refuse: dict[str, list[tuple[int, int]]] = {}
        self.endpoint: str | None = None  # where interactions are sent instead
        self.interactions: dict[str, Json] = {}
        self._numbers = itertools.count(10**17)
        self._telling: asyncio.Future[None] | None = None

    async def send(self, event: Json) -> None:
        """Tells the gateway of an event."""
        raise NotImplementedError

    def number(self) -> int:
        """A number that was never used."""
        return next(self._numbers)

    def names(self) -> list[str]:
        """What was called, in order."""
        return [name for name, _ in self.calls]

    def server(self, channel: int) -> int | None:
        """The server that a channel or thread is in."""
        known: dict[int, int] = {CHANNEL: SERVER, OTHER_CHANNEL: OTHER_SERVER}
        known |= {one: int(thread["guild_id"]) for one, thread in self.threads.items()}
        return known.get(channel)

    def post(self, channel: int, body: Json, user: int | None = None) -> Message:
        """Keeps a new message of ours."""
        flags = body.get("flags") or 0
        reference = (body.get("message_reference") or {}).get("message_id")
        message = Message(
            self.number(), channel, body.get("content") or "", body.get("components") or [], flags,
            reference=int(reference) if reference else None, only=user if flags & EPHEMERAL else None,
        )  # fmt: skip
        message.pings = _pings(body)
        self.messages[message.id] = message
        return message

    def shown(self, message: Message) -> Json:
        """The message as it is sent back."""
        content = {
            "content": message.content,
            "components": numbered(message.components),
            "flags": message.flags,
        }
        return message_shape(message.id, message.channel, ME) | content

    async def handle(self, request: web.Request) -> web.Response:
        """Answers one call."""
        path = request.match_info["path"].split("/")
        name, handler = self._route(request.method, path)
        body = await request.json() if request.can_read_body else {}
        self.calls.append((name, body if isinstance(body, dict) else {"all": body}))
        if self.refuse.get(name):
            status, code = self.refuse[name].pop(0)
            if status == 429:
                answer = {"message": "You are being rate limited.", "retry_after": 0.2, "global": bool(code)}
                return _json(answer, 429, {"Via": "1.1 fake", "Retry-After": "1"})
            return _json({"message": "refused", "code": code}, status)
        if (
            path[0] not in ("interactions", "webhooks")
            and request.headers.get("Authorization") != f"Bot {TOKEN}"
        ):
            return _json({"message": "401: Unauthorized", "code": 0}, 401)
        if isinstance(body, dict) and (problem := problem_of(body.get("data") or body)):
            return _json({"message": f"Invalid Form Body: {problem}", "code": 50035}, 400)
        answer, status = handler(path, body)
        return _json(answer, status) if status != 204 else web.Response(status=204)

    def _route(self, method: str, path: list[str]) -> tuple[str, Callable[[list[str], Json], Answer]]:
        match [method, *path]:
            case ["GET", "users", "@me"]:
                return "me", lambda *_: (user_shape(ME), 200)
            case ["GET", "oauth2", "applications", "@me"]:
                return "app", lambda *_: (app_shape(self.endpoint), 200)
            case ["PUT", "applications", _, "commands"]:
                return "commands", self._sync
            case ["POST", "channels", _, "typing"]:
                return "typing", lambda *_: (None, 204)
            case ["POST", "channels", _, "messages"]:
                return "send", lambda path, body: (self.shown(self.post(int(path[1]), body)), 200)
            case ["POST", "channels", _, "messages", _, "threads"]:
                return "thread", self._start_thread
            case ["GET", "channels", _]:
                return "channel", lambda path, _: (self.threads[int(path[1])], 200)
            case ["POST", "interactions", _, _, "callback"]:
                return "callback", self._callback
            case ["PATCH", "webhooks", _, _, "messages", "@original"]:
                return "edit", self._edit
            case ["POST", "webhooks", _, _]:
                return "followup", self._followup
        return "unknown", lambda *_: ({"message": f"unknown {method} {path}", "code": 0}, 404)

    def _sync(self, path: list[str], body: Any) -> Answer:
        self.commands = body
        base = {"application_id": str(APP), "version": "1", "default_member_permissions": None, "nsfw": False}
        return [base | {"id": str(at), **one} for at, one in enumerate(body, 1)], 200

    def _start_thread(self, path: list[str], body: Json) -> Answer:
        number, channel = int(path[3]), int(path[1])
        if number in self.threads:
            return {"message": "A thread has already been created for this message", "code": 160004}, 400
        if not 1 <= len(body["name"]) <= 100:
            return {"message": "Invalid Form Body: name", "code": 50035}, 400
        self.threads[number] = thread_shape(number, self.server(channel) or 0, channel, body["name"])
        self._telling = asyncio.ensure_future(self.send({"t": "THREAD_CREATE", "d": self.threads[number]}))
        return self.threads[number], 201

    def _callback(self, path: list[str], body: Json) -> Answer:
        known = self.interactions.get(path[2])
        if known is None:
            return {"message": "Unknown interaction", "code": 10062}, 404
        if known["answered"]:
            return {"message": "Interaction has already been acknowledged.", "code": 40060}, 400
        known["answered"] = True
        kind, data = body["type"], body.get("data") or {}
        if kind in (4, 5):
            known["original"] = self.post(known["channel"], data, known["user"])
            known["original"].loading = kind == 5
        original = known["original"]
        callback = {"id": path[1], "type": known["type"], "response_message_id": str(original.id)}
        return {"interaction": callback, "resource": {"type": kind, "message": self.shown(original)}}, 200

    def _edit(self, path: list[str], body: Json) -> Answer:
        message: Message = self.interactions[path[2]]["original"]
        if message.flags & V2 and body.get("content"):
            return {"message": "Invalid Form Body: content with components", "code": 50035}, 400
        message.content = body.get("content") or message.content
        message.components = body.get("components", message.components)
        message.flags |= body.get("flags", 0) & V2
        message.loading = False
        message.pings |= _pings(body)
        return self.shown(message), 200

    def _followup(self, path: list[str], body: Json) -> Answer:
        known = self.interactions[path[2]]
        if not known["answered"]:
            return {"message": "Unknown Webhook", "code": 10015}, 404
        return self.shown(self.post(known["channel"], body, known["user"])), 200


def _pings(body: Json) -> bool:
    """Whether a mention in the message would call somebody."""
    allowed = body.get("allowed_mentions")
    if not body.get("content") and not body.get("components"):
        return False
    return allowed is None or any(allowed.get(name) for name in ("parse", "users", "roles", "replied_user"))


def _json(answer: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    # The library wants exactly this content type.
    body = json.dumps(answer).encode()
    return web.Response(
        body=body, status=status, headers={"Content-Type": "application/json", **(headers or {})}
    )
