"""A model on this machine as a LangChain chat model: any causal model, quantised or adapted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field, PrivateAttr

from chat.errors import ModelError
from chat.llm.chat_format import ChatMessage
from chat.llm.engine import Engine, Run
from chat.llm.loading import EngineConfig


class LocalChatModel(BaseChatModel):
    """Answers with a model that runs here. It is loaded at the first answer, once, for all conversations.

    Conversations take turns. Closing a stream stops the model at its next token. `max_tokens`, `temperature`
    and `stop` can be given with a call. Raises `ModelError` and `OutOfMemory`, whose messages say what to do.
    """

    model: str = Field(description="Folder, name under models_folder, or hub id.")
    adapter: Path | None = Field(default=None, description="Folder of a LoRA adapter (peft).")
    models_folder: Path = Field(
        default=Path(), description="Where names of models of one's own are looked up."
    )
    device: str = Field(default="auto", description="auto, cpu, cuda or mps.")
    quantisation: str = Field(default="auto", description="none, 8bit, 4bit or auto.")
    dtype: str = Field(
        default="auto", description="auto, float32, bfloat16 or float16: what it calculates in."
    )
    reuse_prompts: bool = Field(
        default=True, description="Keep the attention cache of what prompts begin with."
    )
    context_tokens: int = Field(
        default=4096, gt=0, description="Longest prompt and answer together, in tokens."
    )
    max_tokens: int = Field(default=320, gt=0, description="Longest answer, in tokens.")
    temperature: float = Field(default=0.0, ge=0, le=2, description="0 always takes the likeliest token.")
    timeout_s: float = Field(default=60, gt=0, description="Seconds for one answer, waiting included.")
    offline: bool = Field(default=False, description="Never download.")
    stale_card: bool = Field(default=False, description="Run a model trained on other prompts all the same.")

    _engine: Engine = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Makes the engine; it loads nothing yet."""
        super().model_post_init(context)
        shared = {field.name: getattr(self, field.name) for field in fields(EngineConfig)}
        self._engine = Engine(EngineConfig(**shared))

    @property
    def engine(self) -> Engine:
        """What runs the model."""
        return self._engine

    @property
    def _llm_type(self) -> str:
        return "genre-local"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, "adapter": str(self.adapter or ""), "quantisation": self.quantisation}

    def warm_up(self) -> None:
        """Loads the model and makes one token, so that the first person doesn't wait for it."""
        self._engine.load()
        # Loading a large model may outlast any timeout of an answer; the first token may compile kernels.
        hello = [ChatMessage("user", "Hello")]
        for _ in self._engine.stream(hello, max_tokens=1, temperature=0, timeout_s=3600):
            pass

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        run = Run()
        pieces = self._engine.stream(
            to_chat(messages),
            max_tokens=int(kwargs.get("max_tokens") or self.max_tokens),
            temperature=float(
                self.temperature if kwargs.get("temperature") is None else kwargs["temperature"]
            ),
            stop=stop or (),
            timeout_s=self.timeout_s,
            run=run,
        )
        try:
            for piece in pieces:
                yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        finally:
            pieces.close()  # type: ignore[attr-defined]
        usage = UsageMetadata(
            input_tokens=run.prompt_tokens,
            output_tokens=run.tokens,
            total_tokens=run.prompt_tokens + run.tokens,
        )
        last = AIMessageChunk(content="", usage_metadata=usage, chunk_position="last")
        yield ChatGenerationChunk(message=last, generation_info={"finish_reason": run.finish})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        # One way to make an answer, so that streaming can't differ from it.
        chunks = list(self._stream(messages, stop, run_manager, **kwargs))
        last = chunks[-1].message
        message = AIMessage(
            content="".join(str(chunk.message.content) for chunk in chunks),
            usage_metadata=last.usage_metadata if isinstance(last, AIMessageChunk) else None,
        )
        return ChatResult(
            generations=[ChatGeneration(message=message, generation_info=chunks[-1].generation_info)]
        )


def to_chat(messages: Sequence[BaseMessage]) -> list[ChatMessage]:
    """LangChain's messages as chat templates know them. Raises `ModelError` for tools and pictures."""
    made = []
    for message in messages:
        if not isinstance(message.content, str):
            raise ModelError("A local model reads text only.")
        if message.type == "system":
            made.append(ChatMessage("system", message.content))
        elif message.type == "human":
            made.append(ChatMessage("user", message.content))
        elif message.type in ("ai", "AIMessageChunk"):
            made.append(ChatMessage("assistant", message.content))
        else:
            raise ModelError(f"A local model reads no {message.type!r} messages.")
    return made
