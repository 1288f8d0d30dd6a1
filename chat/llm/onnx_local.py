"""A model built for ONNX Runtime GenAI as a LangChain chat model: several times faster on a processor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from pydantic import Field, PrivateAttr

from chat.llm.onnx_engine import OnnxConfig, OnnxEngine
from chat.llm.streamed import EngineChatModel
from chat.llm.weights import onnx_folder


class OnnxChatModel(EngineChatModel):
    """Answers with a folder that the ONNX Runtime GenAI builder wrote, on the processor."""

    model: str = Field(description="Folder that holds genai_config.json, or its name under models_folder.")
    threads: int = Field(default=2, ge=1, description="How many threads the model calculates on.")

    _engine: OnnxEngine = PrivateAttr()

    def model_post_init(self, context: Any, /) -> None:
        """Makes the engine; it loads nothing yet."""
        super().model_post_init(context)
        self._engine = OnnxEngine(
            OnnxConfig(**{field.name: getattr(self, field.name) for field in fields(OnnxConfig)})
        )

    @property
    def engine(self) -> OnnxEngine:
        """What runs the model."""
        return self._engine

    @property
    def model_name(self) -> str:
        """The name on its card, or its folder."""
        card = self.card
        return self.model if card is None else card.name

    @property
    def _llm_type(self) -> str:
        return "genre-onnx"

    @property
    def _identifying_params(self) -> dict[str, Any]:
        return {"model": self.model, "threads": self.threads}

    def _card_folders(self) -> Sequence[Path]:
        folder = onnx_folder(self.model, self.models_folder)
        return () if folder is None else (folder, folder.parent)
