"""Who speaks in Slack, and where: the names under which the store knows people and their threads."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from chat.channels.person import person


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a workspace. What they say where others read along is a taste of its own: nothing that was
    said in private is ever told in a channel."""

    team: str
    user: str

    def user_id(self, private: bool) -> str:
        """Whose conversations these are to the store. There is no way back to the member (SHA-256)."""
        return person("slack", _joined(self.team, self.user, "private" if private else "channels"))

    @property
    def user_ids(self) -> tuple[str, str]:
        """All that the store keeps of the member: what is private first, then what was said in channels."""
        return self.user_id(True), self.user_id(False)


@dataclass(frozen=True, slots=True)
class Place:
    """A member in a thread. The same thread is the same conversation after a restart, for each member one."""

    member: Member
    channel: str
    thread: str
    private: bool

    @property
    def user_id(self) -> str:
        """Whose conversation it is to the store."""
        return self.member.user_id(self.private)

    @property
    def conversation(self) -> str:
        """The id of the conversation that this member has in this thread."""
        return _digest("slack", self.member.team, self.member.user, self.channel, self.thread)


@dataclass(frozen=True, slots=True)
class Ref:
    """What a button stands for: whose it is, the conversation, the message that it answered, and the item.
    For a button that speaks, the words stand in the item's place."""

    owner: str
    conversation: str
    message: str
    about: str

    def value(self) -> str:
        """The reference as the value of a button; Slack signs it, so it comes back as it was."""
        parts = [self.owner, self.conversation, self.message, self.about]
        return json.dumps(parts, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def read(cls, value: str) -> Ref | None:
        """The reference that `value` holds; None where it holds none."""
        try:
            parts = json.loads(value)
        except ValueError:
            return None
        if not (isinstance(parts, list) and len(parts) == 4 and all(isinstance(part, str) for part in parts)):
            return None
        return cls(*parts)


def is_private(channel: str) -> bool:
    """Whether a channel is a direct message: nobody else reads along."""
    return channel.startswith("D")


def slash_prefix(member: Member, channel: str) -> str:
    """What the ids of a member's conversations by slash command in a channel begin with."""
    return _digest("slash", member.team, member.user, channel) + "-"


def _digest(kind: str, *parts: str) -> str:
    return f"{kind}-{hashlib.sha256(_joined(*parts).encode('utf-8', 'replace')).hexdigest()[:40]}"


def _joined(*parts: str) -> str:
    return json.dumps(parts)  # unlike a plain separator, never the same for different parts
