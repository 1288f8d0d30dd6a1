"""A model on this machine as a LangChain chat model: any causal model, quantised or adapted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr

from chat.errors import ModelError
from chat.llm.engine import Engine
from chat.llm.loading import EngineConfig
from chat.llm.streamed import EngineChatModel
from chat.llm.weights import find_model


class LocalChatModel(EngineChatModel):
    """Answers with any causal model through transformers."""

    adapter: Path | None = Field(default=None, description="Folder of a LoRA adapter (peft).")
    device: str = Field(default="auto", description="auto, cpu, cuda or mps.")
    quantisation: str = Field(default="auto", description="none, 8bit, 4bit or auto.")
    dtype: str = Field(
        default="auto", description="auto, float32, bfloat16 or float16: what it calculates in."
    )
    reuse_prompts: bool = Field(
        default=True, description="Keep the attention cache of what prompts begin with."
    )
    offline: bool = Field(default=False, description="Never download.")

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

    def _card_folders(self) -> Sequence[Path]:
        try:
            found = [find_model(self.model, self.models_folder, offline=True)]
        except ModelError:
            found = []
        return [*([self.adapter] if self.adapter else []), *found]
