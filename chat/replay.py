"""Dialogues whose history somebody else keeps: read again from the start, with a memory for what was read."""

from __future__ import annotations

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from chat.conversation import Conversation, Turn

#: Turns that are remembered, some kilobytes each. One that was forgotten is answered again, to the same end.
REMEMBERED = 2048
#: Of a longer history the last messages count, between one and two of these blocks: cut in blocks, what was
#: read stays of use for the next message.
BLOCK = 30


class Answers(Protocol):
    """What answers a message; a dialogue manager does."""

    def respond(
        self,
        conversation: Conversation,
        earlier: tuple[Turn, ...],
        text: str,
        message_id: str,
        now: datetime,
        /,
    ) -> Turn: ...


class Replays:
    """Turns a person's messages into a conversation, the same one for the same messages.

    Nothing is kept but in memory, and nothing depends on who asks: equal histories get equal answers, and no
    history learns from another. Safe across threads.
    """

    def __init__(self, clock: Callable[[], datetime], size: int = REMEMBERED) -> None:
        self._clock = clock
        self._size = size
        self._lock = threading.Lock()
        self._turns: OrderedDict[str, tuple[Answers, Turn]] = OrderedDict()

    def conversation(self, manager: Answers, catalogue: str, texts: Sequence[str]) -> Conversation:
        """The conversation about the catalogue in which exactly these messages were said, oldest first."""
        texts = texts[max(0, (len(texts) - 1) // BLOCK - 1) * BLOCK :]
        digest = hashlib.sha256(catalogue.encode())
        conversation = Conversation("", "", catalogue, self._clock())
        for text in texts:
            # Each with its length before it: "a", "b" and "ab" are not the same history.
            said = text.encode("utf-8", "replace")
            digest.update(f"\0{len(said)}\0".encode() + said)
            key = digest.hexdigest()
            if not conversation.turns:
                conversation = replace(conversation, id=f"replay-{key[:32]}")
            turn = self._known(key, manager)
            if turn is None:
                turn = manager.respond(conversation, (), text, key[:32], self._clock())
                self._remember(key, manager, turn)
            conversation = replace(conversation, turns=(*conversation.turns, turn))
        return conversation

    def _known(self, key: str, manager: Answers) -> Turn | None:
        with self._lock:
            found = self._turns.get(key)
            if found is None or found[0] is not manager:  # the catalogue was replaced since
                return None
            self._turns.move_to_end(key)
            return found[1]

    def _remember(self, key: str, manager: Answers, turn: Turn) -> None:
        with self._lock:
            self._turns[key] = (manager, turn)
            self._turns.move_to_end(key)
            while len(self._turns) > self._size:
                self._turns.popitem(last=False)
