"""From settings to the chat model that they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from chat.errors import BadSettings, ModelError
from chat.llm.weights import GENAI_CONFIG, onnx_folder
from chat.settings import Settings

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel

PLAIN = "plain"
SMALL = "small"
LOCAL = "local:"

#: The model that comes with the project; "small" runs its ONNX build.
BUNDLED_SMALL = Path(__file__).resolve().parents[2] / "models" / "genre-small"

#: What "small" runs where neither the models folder holds a model of that name nor the bundled one is there:
#: Apache-2.0, 32k context, and the largest whose first words come within seconds on a laptop's processor.
SMALL_MODEL = "Qwen/Qwen3-1.7B"

OLLAMA_URL = "http://127.0.0.1:11434/v1"


def chat_model(settings: Settings) -> BaseChatModel | None:
    """The model that `settings.llm` names, or `None` for the plain voice. Loads and connects to nothing.

    Raises `ModelError` where the provider's package is missing, and `BadSettings` for a name that fits none.
    """
    if settings.llm == PLAIN:
        return None
    local = local_name(settings)
    if local is not None:
        return _local(settings, local)
    if settings.llm_adapter is not None:
        raise BadSettings(
            "llm_adapter goes with a local model only: set llm to local:FOLDER or local:HUB_ID."
        )
    return _remote(settings)


def local_name(settings: Settings) -> str | None:
    """The folder or hub id that a local model is read from, or `None` for the plain voice or a provider."""
    if settings.llm == SMALL:
        own: Path = settings.models_folder / SMALL
        if (own / "config.json").is_file() or (own / GENAI_CONFIG).is_file():
            return str(own)
        built = BUNDLED_SMALL / "onnx"
        # An adapter was trained for a model of transformers, so it can't be for this one.
        there = (built / GENAI_CONFIG).is_file() and settings.llm_adapter is None
        return str(built) if there else SMALL_MODEL
    if not settings.llm.startswith(LOCAL):
        return None
    name = settings.llm.removeprefix(LOCAL).strip()
    if not name:
        raise BadSettings("llm is 'local:' without a model: write local:FOLDER or local:HUB_ID.")
    return name


def _local(settings: Settings, name: str) -> BaseChatModel:
    if onnx_folder(name, settings.models_folder) is not None:
        return _onnx(settings, name)
    from chat.llm.local import LocalChatModel

    return LocalChatModel(
        adapter=settings.llm_adapter,
        device=settings.llm_device,
        quantisation=settings.quantisation,
        offline=settings.offline,
        **_run_here(settings, name),
    )


def _onnx(settings: Settings, name: str) -> BaseChatModel:
    from chat.llm.onnx_local import OnnxChatModel

    if settings.llm_adapter is not None:
        raise BadSettings(
            f"llm_adapter goes with a model of transformers, but {name} is built for ONNX: name the folder "
            "that it was built from, or merge the adapter and build it again."
        )
    return OnnxChatModel(**_run_here(settings, name))


def _run_here(settings: Settings, name: str) -> dict[str, Any]:
    """What both engines are told."""
    return {
        "model": name,
        "models_folder": settings.models_folder,
        "context_tokens": settings.llm_context_tokens,
        "max_tokens": settings.llm_max_tokens,
        "temperature": settings.llm_temperature,
        "timeout_s": settings.llm_timeout_s,
        "stale_card": settings.llm_stale_card,
    }


def _remote(settings: Settings) -> BaseChatModel:
    name, base_url = settings.llm, settings.llm_base_url
    if name.startswith("ollama:"):
        # Ollama speaks OpenAI's protocol, so no package of its own is needed.
        name, base_url = "openai:" + name.removeprefix("ollama:"), base_url or OLLAMA_URL
    options: dict[str, Any] = {
        "temperature": settings.llm_temperature,
        "max_tokens": settings.llm_max_tokens,
        "timeout": settings.llm_timeout_s,
        "max_retries": 0,  # the plain voice answers instead: trying again would double the longest wait
    }
    if base_url is not None:
        options["base_url"] = base_url
        # Without this the client would send OPENAI_API_KEY to whatever address is set.
        options["api_key"] = "none"
    if settings.llm_api_key is not None:
        options["api_key"] = settings.llm_api_key.get_secret_value()
    if base_url is not None and (name.startswith("openai:") or ":" not in name):
        # Not ChatOpenAI: it sends max_completion_tokens, which Ollama ignores (ollama/ollama#7125).
        from langchain_openai.chat_models.base import BaseChatOpenAI

        return BaseChatOpenAI(model=name.removeprefix("openai:"), **options)
    from langchain.chat_models import init_chat_model

    try:
        model: BaseChatModel = init_chat_model(name, **options)
    except ImportError as error:
        package = next((word for word in str(error).split() if word.startswith("langchain-")), "its package")
        raise ModelError(
            f"llm {settings.llm!r} needs a package that isn't here: pip install {package}"
        ) from None
    except ValueError as error:
        raise BadSettings(
            f"llm is {settings.llm!r}, which names no model to run: write plain, small, local:FOLDER, "
            f"local:HUB_ID, or PROVIDER:MODEL such as openai:gpt-4.1-mini. ({str(error).splitlines()[0]})"
        ) from None
    except Exception as error:
        # Clients raise their own errors for a missing key, and name the variable that would hold it.
        raise ModelError(
            f"llm {settings.llm!r} can't be used: {str(error).splitlines()[0][:200]} "
            "Set llm_api_key, or the variable named here."
        ) from None
    return model
