"""Who speaks in Discord, and where: the names under which the store knows people and their talks."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Self

from chat.channels.members import PRESSES, Press
from chat.channels.person import person

#: The first conversation of a place; "new" starts others.
_FIRST = "first"
#: What the ids of our conversations begin with; buttons leave it out.
_KIND = "discord-"

#: A button's id holds 100 characters: whose card it is, which talk and message, and the item.
PRESS = re.compile(
    rf"g:(?P<press>{'|'.join(PRESSES)}):(?P<owner>\d{{1,20}}):(?P<talk>[\w-]{{25}})"
    r":(?P<message>\d{1,20}):(?P<item>.{1,20})"
)
_PLAIN_ITEM = re.compile(r"[!-}]{1,20}")


@dataclass(frozen=True, slots=True)
class Member:
    """A person in Discord, by their number: names change. What they say in a server is a taste of its own for
    each server, and what they say in private is another: neither is told elsewhere."""

    id: int

    def user_id(self, server: int | None) -> str:
        """Whose conversations these are to the store; `server` is None for what is private. There is no way
        back to the member (SHA-256)."""
        return person("discord", json.dumps([self.id, server]))


@dataclass(frozen=True, slots=True)
class Place:
    """A member in a thread, a channel or a direct message. `server` is None where only they read along."""

    member: Member
    channel: int
    server: int | None

    @property
    def user_id(self) -> str:
        """Whose conversation it is to the store."""
        return self.member.user_id(self.server)

    def prefix(self, catalogue: str) -> str:
        """What the ids of the member's conversations about a catalogue begin with in this place."""
        return f"{_KIND}{_digest(12, self.member.id, self.channel, self.server, catalogue)}-"

    def conversation(self, catalogue: str, start: str = _FIRST) -> str:
        """The id of the conversation that `start` began here: the same after a restart."""
        return self.prefix(catalogue) + _digest(6, start)


@dataclass(frozen=True, slots=True)
class Ref:
    """What a card belongs to: whose it is, the conversation, and the message that it answers."""

    owner: int
    conversation: str
    message: str

    def press(self, press: Press, item: str) -> str:
        """The id of a button on the card of an item."""
        talk = self.conversation.removeprefix(_KIND)
        return f"g:{press}:{self.owner}:{talk}:{self.message}:{item_key(item)}"

    @classmethod
    def read(cls, found: re.Match[str]) -> Self:
        """What a match of `PRESS` belongs to."""
        return cls(int(found["owner"]), _KIND + found["talk"], found["message"])


def item_key(item: str) -> str:
    """The item's id where it is short, else a digest of it: 20 characters at most."""
    return item if _PLAIN_ITEM.fullmatch(item) else "~" + _digest(12, item)


def _digest(size: int, *parts: object) -> str:
    """The parts in `size * 4 / 3` characters; `size` in bytes."""
    found = hashlib.sha256(json.dumps(parts).encode()).digest()[:size]
    return base64.urlsafe_b64encode(found).decode()
