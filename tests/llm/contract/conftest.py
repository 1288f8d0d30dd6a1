"""The chat models that keep the one contract."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.fakes.openai_server import OpenAIServer
from tests.llm.tiny import make_adapter, make_model, make_onnx

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


def babble(text: str) -> str:
    """Sixty words that depend on nothing but the text."""
    words = [hashlib.sha256(f"{text}{i}".encode()).hexdigest()[:4] for i in range(60)]
    return " ".join(words)


@pytest.fixture(scope="package")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_model(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="package")
def built(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_onnx(tiny, tmp_path_factory.mktemp("onnx") / "int4", "int4")


@pytest.fixture(scope="package")
def adapter(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_adapter(tiny, tmp_path_factory.mktemp("adapter"))


@pytest.fixture(
    scope="package",
    params=[
        "scripted",
        "local",
        "local-lora",
        "local-8bit",
        "local-4bit",
        "local-4bit-lora",
        "onnx",
        "openai",
    ],
)
def model(request: pytest.FixtureRequest, tiny: Path, adapter: Path) -> Iterator[BaseChatModel]:
    """A chat model that never ends by itself within sixty tokens, at temperature 0."""
    kind: str = request.param
    if kind == "scripted":
        from chat.llm.scripted import ScriptedChatModel

        yield ScriptedChatModel(script=lambda messages: babble(str(messages[-1].content)), max_tokens=60)
    elif kind == "openai":
        from chat.llm.providers import chat_model
        from chat.settings import load_settings

        with OpenAIServer(lambda messages: babble(messages[-1]["content"])) as server:
            given = {"llm": "openai:fake", "llm_base_url": server.base_url, "llm_max_tokens": 60}
            made = chat_model(load_settings({**given, "llm_temperature": 0}))
            assert made is not None
            yield made
    elif kind == "onnx":
        from chat.llm.onnx_local import OnnxChatModel

        folder: Path = request.getfixturevalue("built")
        yield OnnxChatModel(model=str(folder), max_tokens=60, context_tokens=1024)
    else:
        from chat.llm.local import LocalChatModel

        if "bit" in kind:
            pytest.importorskip("bitsandbytes")
        yield LocalChatModel(
            model=str(tiny),
            adapter=adapter if "lora" in kind else None,
            quantisation=next((bits for bits in ("8bit", "4bit") if bits in kind), "none"),
            device="cpu",
            dtype="float32",
            # In 8 bit a product's last digits depend on the rows beside it.
            reuse_prompts="bit" not in kind,
            max_tokens=60,
            context_tokens=1024,
            offline=True,
        )
