"""Asks a chat model of any provider, and makes its failures ours. The rest of the house uses this door."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from chat.errors import ModelError

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import BaseMessage

    from prompts.forms import Grammar

Messages = Sequence[dict[str, str]]

#: The types of the models that an engine runs in this process.
RUN_HERE = ("genre-local", "genre-onnx")

#: Characters after which a stream is left: some servers ignore the limit that they are given.
LONGEST = 20_000


def ask(
    model: BaseChatModel,
    messages: Messages,
    *,
    max_tokens: int | None = None,
    temperature: float | None = None,
    stop: Sequence[str] = (),
    json: bool = False,
    schema: Mapping[str, Any] | None = None,
    grammar: Grammar | None = None,
    seed: int | None = None,
) -> str:
    """The model's answer as text. What isn't given is as the model was set up.

    With `schema`, a JSON schema, or a `grammar`, a model that runs here can write nothing
    else; an answer that its limit cuts off is not whole. With `schema` or `json`, OpenAI-compatible servers
    are told to answer with one JSON object; others rely on the prompt. With `seed`, a model that runs here
    samples repeatably.

    Raises `ModelError` for every failure; the message holds no key.
    """
    with _failures(model):
        options = _options(model, max_tokens, temperature, json or schema is not None)
        if model._llm_type in RUN_HERE:
            given = {"schema": schema, "grammar": grammar, "seed": seed}
            options |= {name: value for name, value in given.items() if value is not None}
        return _text(model.invoke(_typed(messages), stop=list(stop) or None, **options))


def ask_in_pieces(
    model: BaseChatModel,
    messages: Messages,
    *,
    max_tokens: int | None = None,
    temperature: float | None = None,
    stop: Sequence[str] = (),
) -> Iterator[str]:
    """The answer in pieces as they come; closing the iterator stops the model. Raises `ModelError`.

    It ends after `LONGEST` characters, whatever the model has still to say.
    """
    options = _options(model, max_tokens, temperature, False)
    chunks = model.stream(_typed(messages), stop=list(stop) or None, **options)
    length = 0
    try:
        with _failures(model):
            for chunk in chunks:
                text = _text(chunk)
                length += len(text)
                if text:
                    yield text
                if length >= LONGEST:
                    return
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()


def model_name(model: BaseChatModel) -> str:
    """What to call the model in a trace or on the page."""
    name = getattr(model, "model_name", None) or getattr(model, "model", None)
    return str(name or model._llm_type)


def _typed(messages: Messages) -> list[BaseMessage]:
    from langchain_core.messages import convert_to_messages

    return convert_to_messages([dict(message) for message in messages])


def _options(
    model: BaseChatModel, max_tokens: int | None, temperature: float | None, json: bool
) -> dict[str, Any]:
    options: dict[str, Any] = {}
    if max_tokens is not None:
        options["max_tokens"] = max_tokens
    if temperature is not None:
        options["temperature"] = temperature
    if json and model._llm_type == "openai-chat":
        options["response_format"] = {"type": "json_object"}
    return options


def _text(message: BaseMessage) -> str:
    return str(message.text)


@contextmanager
def _failures(model: BaseChatModel) -> Iterator[None]:
    try:
        yield
    except ModelError:
        raise
    except Exception as error:  # each provider's client has errors of its own
        status = getattr(error, "status_code", None)
        hint = _HINTS.get(status if isinstance(status, int) else 0, "")
        if "timeout" in type(error).__name__.lower():
            hint = "It took too long: raise llm_timeout_s, or choose a faster model."
        elif "connection" in type(error).__name__.lower():
            hint = "It can't be reached: is it running, and is llm_base_url right?"
        detail = _hidden(" ".join(str(error).split())[:300])
        raise ModelError(
            f"{model_name(model)} did not answer: {type(error).__name__}: {detail} {hint}".strip()
        ) from (
            None  # the provider's error may hold the request with its key
        )


_HINTS = {
    401: "The key is wrong or missing: set llm_api_key.",
    403: "The key may not use this model.",
    404: "There is no such model or address: check llm and llm_base_url.",
    429: "It is asked too often or the account is out of credit.",
}

_KEY = re.compile(r"\b(?:sk|pk|hf|gsk|xai|AIza|Bearer)[-_ ]?[\w\-*.]{6,}")


def _hidden(text: str) -> str:
    return _KEY.sub("(key)", text)
