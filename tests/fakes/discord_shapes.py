"""What Discord's servers send and refuse: the shapes of its values, and the limits of a message."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

APP, ME, ROLE = 1000, 1000, 1001
SERVER, CHANNEL, OTHER_SERVER, OTHER_CHANNEL = 2000, 2001, 3000, 3001
ANN, BOB, EVE = 11, 12, 13
NAMES = {ANN: "Ann", BOB: "Bob", EVE: "Eve", ME: "genre"}
#: Bits of intents and flags; types of channels.
CONTENT_INTENT, EPHEMERAL, V2 = 1 << 15, 1 << 6, 1 << 15
DM, GUILD_TEXT, THREAD = 1, 0, 11
#: Types of components.
ROW, BUTTON, MENU, TEXT = 1, 2, 3, 10

Json = dict[str, Any]


def user_shape(number: int) -> Json:
    """A person or the bot."""
    name = NAMES.get(number, "somebody")
    return {
        "id": str(number),
        "username": name.casefold(),
        "global_name": name,
        "discriminator": "0",
        "avatar": None,
        "bot": number == ME,
    }


def member_shape() -> Json:
    """Somebody's membership of a server."""
    return {"roles": [], "joined_at": "2026-01-01T00:00:00+00:00", "deaf": False, "mute": False, "flags": 0}


def text_channel_shape(number: int) -> Json:
    """A channel of a server."""
    return {
        "id": str(number),
        "type": GUILD_TEXT,
        "name": "general",
        "position": 0,
        "permission_overwrites": [],
        "nsfw": False,
        "parent_id": None,
        "last_message_id": None,
    }


def direct_shape(number: int, user: int) -> Json:
    """Somebody's direct messages."""
    return {"id": str(number), "type": DM, "recipients": [user_shape(user)], "last_message_id": None}


def thread_shape(number: int, server: int, channel: int, name: str) -> Json:
    """A thread that the bot started from the message of that number."""
    metadata = {
        "archived": False,
        "auto_archive_duration": 1440,
        "locked": False,
        "archive_timestamp": "2026-01-01T00:00:00+00:00",
        "create_timestamp": None,
    }
    return {
        "id": str(number),
        "type": THREAD,
        "guild_id": str(server),
        "parent_id": str(channel),
        "owner_id": str(ME),
        "name": name,
        "message_count": 0,
        "member_count": 1,
        "rate_limit_per_user": 0,
        "last_message_id": None,
        "thread_metadata": metadata,
    }


def guild_shape(server: int, channel: int, threads: Sequence[Json]) -> Json:
    """A server as the gateway tells of it; the bot has a role of its own there."""
    role = {
        "id": str(ROLE),
        "name": "genre",
        "color": 0,
        "colors": {"primary_color": 0},
        "hoist": False,
        "position": 1,
        "permissions": "0",
        "managed": True,
        "mentionable": True,
        "flags": 0,
        "tags": {"bot_id": str(ME)},
    }
    everyone = role | {"id": str(server), "name": "@everyone", "position": 0, "managed": False, "tags": {}}
    nothing = ("emojis", "stickers", "features", "presences", "voice_states", "stage_instances",
               "guild_scheduled_events", "soundboard_sounds")  # fmt: skip
    zero = ("verification_level", "default_message_notifications", "explicit_content_filter", "mfa_level",
            "premium_tier", "nsfw_level", "afk_timeout", "system_channel_flags")  # fmt: skip
    return {
        **{name: [] for name in nothing},
        **dict.fromkeys(zero, 0),
        "id": str(server),
        "name": f"Server {server}",
        "owner_id": str(EVE),
        "roles": [everyone, role],
        "channels": [text_channel_shape(channel)],
        "threads": list(threads),
        "members": [member_shape() | {"user": user_shape(ME), "roles": [str(ROLE)]}],
        "member_count": 3,
        "large": False,
        "preferred_locale": "en-US",
        "premium_progress_bar_enabled": False,
    }


def app_shape(endpoint: str | None) -> Json:
    """The app; `endpoint` is where its interactions are sent, instead of the gateway."""
    return {
        "id": str(APP),
        "name": "genre",
        "icon": None,
        "description": "",
        "summary": "",
        "bot_public": True,
        "bot_require_code_grant": False,
        "verify_key": "",
        "owner": user_shape(EVE),
        "team": None,
        "flags": 0,
        "interactions_endpoint_url": endpoint,
    }


def message_shape(number: int, channel: int, user: int) -> Json:
    """A message without any content."""
    nothing = ("mentions", "mention_roles", "attachments", "embeds", "components")
    return {
        **{name: [] for name in nothing},
        "id": str(number),
        "channel_id": str(channel),
        "author": user_shape(user),
        "content": "",
        "type": 0,
        "flags": 0,
        "timestamp": "2026-01-01T00:00:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "pinned": False,
        "mention_everyone": False,
    }


def walk(components: Sequence[Json]) -> Iterator[Json]:
    """Components at any depth."""
    for part in components:
        yield part
        yield from walk(part.get("components") or [])


def numbered(components: Sequence[Json]) -> list[Json]:
    """Components as they come back: each has a number."""
    counter = itertools.count(1)

    def copy(part: Json) -> Json:
        inner = {"components": [copy(one) for one in part["components"]]} if "components" in part else {}
        return {**part, "id": next(counter), **inner}

    return [copy(part) for part in components]


def problem_of(body: Json) -> str:
    """What Discord would refuse of a message, in a word; empty where it takes it."""
    parts = list(walk(body.get("components") or []))
    content, v2 = body.get("content") or "", bool((body.get("flags") or 0) & V2)
    words = [part["content"] for part in parts if part["type"] == TEXT]
    ids = [part["custom_id"] for part in parts if "custom_id" in part]
    wrong = {
        f"content of {_length(content)}": _length(content) > 2000,
        "parts without their flag": bool(words) and not v2,
        "content beside parts": v2 and bool(content),
        f"{len(parts)} parts": len(parts) > 40,
        "words": not all(words) or sum(map(_length, words)) > 4000,
        "ids": len(set(ids)) < len(ids) or not all(1 <= _length(one) <= 100 for one in ids),
    }
    found = next((name for name, so in wrong.items() if so), "")
    return found or next((problem for part in parts if (problem := _part_problem(part))), "")


def _part_problem(part: Json) -> str:
    if part["type"] == ROW and not 1 <= len(part["components"]) <= 5:
        return "a row"
    if part["type"] == BUTTON and not 1 <= _length(part["label"]) <= 80:
        return "a label"
    if part["type"] == MENU:
        options = part["options"]
        if not 1 <= len(options) <= 25 or len({one["value"] for one in options}) < len(options):
            return "options"
        if any(not 1 <= _length(one[name]) <= 100 for one in options for name in ("label", "value")):
            return "an option"
        if any(_length(one.get("description") or "") > 100 for one in options):
            return "the description of an option"
    return ""


def _length(text: str) -> int:
    """In UTF-16, the strictest way to count."""
    return len(text.encode("utf-16-le")) // 2
