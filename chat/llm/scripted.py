"""A chat model that answers from a script: the small working fake beside the real ones."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from langchain_core.messages import BaseMessage
from pydantic import Field, PrivateAttr

from chat.errors import ModelError
from chat.llm.stops import StopFilter
from chat.llm.streamed import StreamedChatModel
from chat.llm.turns import Run

Script = Sequence[str] | Callable[[list[BaseMessage]], str]


class ScriptedChatModel(StreamedChatModel):
    """Answers with the script's texts in turn, or with what its function makes of the messages.

    A token is a word with the space after it. `stop` and `max_tokens` count as they do for any model, and a
    closed stream makes no more tokens. Raises `ModelError` once a list of answers is used up. `asked` holds
    all messages that it was sent.
    """

    script: Script = Field(description="Answers, used one after the other, or a function of the messages.")
    max_tokens: int = Field(default=1000, gt=0, description="Longest answer, in words.")

    _lock: threading.Lock = PrivateAttr(default_factory=threading.Lock)
    _asked: list[list[BaseMessage]] = PrivateAttr(default_factory=list)
    _used: int = PrivateAttr(default=0)
    _made: int = PrivateAttr(default=0)

    @property
    def asked(self) -> list[list[BaseMessage]]:
        """The messages of every call so far."""
        return list(self._asked)

    @property
    def tokens_made(self) -> int:
        """How many tokens were made in all calls together."""
        return self._made

    @property
    def _llm_type(self) -> str:
        return "genre-scripted"

    def _pieces(
        self, messages: list[BaseMessage], stop: Sequence[str], options: Mapping[str, Any], run: Run
    ) -> Iterator[str]:
        run.prompt_tokens = sum(len(str(message.content).split()) for message in messages)
        tokens = re.findall(r"\s*\S+\s*", self._answer(messages))
        limit = int(options.get("max_tokens") or self.max_tokens)
        stops = StopFilter(stop)
        for token in tokens[:limit]:
            run.tokens += 1
            with self._lock:
                self._made += 1
            ready = stops.push(token)
            if ready:
                yield ready
            if stops.hit:
                return
        rest = stops.flush()
        if rest:
            yield rest
        run.finish = "length" if len(tokens) > limit else "stop"

    def _answer(self, messages: list[BaseMessage]) -> str:
        with self._lock:
            self._asked.append(list(messages))
            if callable(self.script):
                return self.script(messages)
            if self._used >= len(self.script):
                raise ModelError(f"The script held {len(self.script)} answers, and all are used.")
            self._used += 1
            return self.script[self._used - 1]
