"""From pieces of text to LangChain's chat model interface: one loop for every model that runs here."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, AIMessageChunk, BaseMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatGenerationChunk, ChatResult
from pydantic import Field

from chat.errors import ModelError
from chat.llm.chat_format import ChatMessage
from chat.llm.turns import Run, Turns
from prompts.card import CardError, ModelCard, has_card, load_card


class StreamedChatModel(BaseChatModel):
    """A chat model that makes its answers in pieces."""

    @abstractmethod
    def _pieces(
        self, messages: list[BaseMessage], stop: Sequence[str], options: Mapping[str, Any], run: Run
    ) -> Iterator[str]:
        """The answer's text, as a generator; `run` is filled in. `options` are those of the call."""

    def _stream(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> Iterator[ChatGenerationChunk]:
        run = Run()
        pieces = self._pieces(messages, stop or (), kwargs, run)
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


class EngineChatModel(StreamedChatModel):
    """Answers with a model that an engine runs here. It is loaded at the first answer, for all conversations.

    Conversations take turns. Closing a stream stops the model at its next token. `max_tokens`, `temperature`,
    `stop`, `seed` and `schema` or `grammar` (what the answer keeps to: a JSON schema, or a `Grammar`)
    can be given with a call. Raises `ModelError` and `OutOfMemory`, whose messages say what to do.
    """

    model: str = Field(description="Folder, name under models_folder, or hub id.")
    models_folder: Path = Field(
        default=Path(), description="Where names of models of one's own are looked up."
    )
    context_tokens: int = Field(
        default=4096, gt=0, description="Longest prompt and answer together, in tokens."
    )
    max_tokens: int = Field(default=320, gt=0, description="Longest answer, in tokens.")
    temperature: float = Field(default=0.0, ge=0, le=2, description="0 always takes the likeliest token.")
    seed: int | None = Field(
        default=None, ge=0, lt=2**31, description="Makes sampling repeatable; none samples afresh."
    )
    timeout_s: float = Field(default=60, gt=0, description="Seconds for one answer, waiting included.")
    stale_card: bool = Field(default=False, description="Run a model trained on other prompts all the same.")

    @property
    @abstractmethod
    def engine(self) -> Turns[Any]:
        """What runs the model."""

    @abstractmethod
    def _card_folders(self) -> Sequence[Path]:
        """Where the model's card may be, the first that holds one counting."""

    @property
    def card(self) -> ModelCard | None:
        """The card of a model that was trained for prompts like these; `None` without one.

        Nothing is downloaded to find it. One that can't be read is reported when the model is loaded.
        """
        for folder in self._card_folders():
            if has_card(folder):
                try:
                    return load_card(folder, any_prompts=True)
                except CardError:
                    return None
        return None

    def warm_up(self) -> None:
        """Loads the model and makes one token, so that the first person doesn't wait for it."""
        self.engine.load()
        # Loading a large model may outlast any timeout of an answer; the first token may compile kernels.
        hello = [ChatMessage("user", "Hello")]
        for _ in self.engine.stream(hello, max_tokens=1, temperature=0, timeout_s=3600):
            pass

    def _pieces(
        self, messages: list[BaseMessage], stop: Sequence[str], options: Mapping[str, Any], run: Run
    ) -> Iterator[str]:
        temperature, seed = options.get("temperature"), options.get("seed")
        return self.engine.stream(
            to_chat(messages),
            max_tokens=int(options.get("max_tokens") or self.max_tokens),
            temperature=float(self.temperature if temperature is None else temperature),
            stop=stop,
            timeout_s=self.timeout_s,
            form=options.get("grammar") or options.get("schema"),
            seed=self.seed if seed is None else int(seed),
            run=run,
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
