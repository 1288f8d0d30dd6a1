"""Who is at the other end: a secret kept in the browser, of which the store only ever sees a digest."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chat.channels.person import new_token, person

_TOKEN = re.compile(r"[A-Za-z0-9_-]{40,64}")
_ID = re.compile(r"[A-Za-z0-9_.:-]{1,80}")


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser: its secret, the conversation it shows (`None`: a new one) and the catalogue it is about."""

    token: str
    catalogue: str
    conversation: str | None = None

    @property
    def user_id(self) -> str:
        """What the store knows this person by. There is no way back from it to the token."""
        return person("web", self.token)

    def at(self, conversation: str | None, catalogue: str | None = None) -> Visitor:
        """The same person looking at another conversation."""
        return replace(self, conversation=conversation, catalogue=catalogue or self.catalogue)

    def stored(self) -> dict[str, str | None]:
        """What the browser keeps."""
        return {"token": self.token, "catalogue": self.catalogue, "conversation": self.conversation}


def visitor(stored: object, names: Sequence[str], default: str) -> Visitor:
    """The visitor that a browser's storage tells of; a new one where it holds nothing that can be used."""
    kept = stored if isinstance(stored, dict) else {}
    token, catalogue, conversation = (kept.get(key) for key in ("token", "catalogue", "conversation"))
    if not (isinstance(token, str) and _TOKEN.fullmatch(token)):
        token, conversation = new_token(), None
    if not (isinstance(catalogue, str) and catalogue in names):
        catalogue = default if default in names or not names else names[0]
    if not (isinstance(conversation, str) and _ID.fullmatch(conversation)):
        conversation = None
    return Visitor(token, catalogue, conversation)
