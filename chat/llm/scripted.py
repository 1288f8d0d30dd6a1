"""A chat model that answers from a script: the small working fake beside the real ones."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr

from chat.errors import ModelError
from chat.llm.stops import StopFilter

Script = Sequence[str] | Callable[[list[BaseMessage]], str]


class ScriptedChatModel(BaseChatModel):
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

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        tokens = re.findall(r"\s*\S+\s*", self._answer(messages))
        limit = int(kwargs.get("max_tokens") or self.max_tokens)
        stops = StopFilter(stop or ())
        made = 0
        for token in tokens[:limit]:
            made += 1
            with self._lock:
                self._made += 1
            ready = stops.push(token)
            if ready:
                yield ChatGenerationChunk(message=AIMessageChunk(content=ready))
            if stops.hit:
                break
        rest = stops.flush()
        if rest:
            yield ChatGenerationChunk(message=AIMessageChunk(content=rest))
        given = sum(len(str(message.content).split()) for message in messages)
        usage = UsageMetadata(input_tokens=given, output_tokens=made, total_tokens=given + made)
        last = AIMessageChunk(content="", usage_metadata=usage, chunk_position="last")
        finish = "length" if len(tokens) > limit and not stops.hit else "stop"
        yield ChatGenerationChunk(message=last, generation_info={"finish_reason": finish})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        chunks = list(self._stream(messages, stop, run_manager, **kwargs))
        last = chunks[-1].message
        message = AIMessage(
            content="".join(str(chunk.message.content) for chunk in chunks),
            usage_metadata=last.usage_metadata if isinstance(last, AIMessageChunk) else None,
        )
        return ChatResult(
            generations=[ChatGeneration(message=message, generation_info=chunks[-1].generation_info)]
        )

    def _answer(self, messages: list[BaseMessage]) -> str:
        with self._lock:
            self._asked.append(list(messages))
            if callable(self.script):
                return self.script(messages)
            if self._used >= len(self.script):
                raise ModelError(f"The script held {len(self.script)} answers, and all are used.")
            self._used += 1
            return self.script[self._used - 1]
