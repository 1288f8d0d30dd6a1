"""OpenAI's chat completions: each catalogue is a model, so that chat front ends can talk to it.

The front end keeps the history and sends all of it each time. It is read as one conversation, the same for
the same messages; nothing of it is stored, and nobody's taste reaches anybody else (`Service.replay`).
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field
from starlette.concurrency import run_in_threadpool

from chat.answers import Answer, sentences
from chat.channels.api.background import background_answer, is_background
from chat.channels.api.context import FOR_TRUSTED, Context, Here, Trusted
from chat.channels.api.markdown import listed
from chat.channels.api.streaming import frame, server_sent
from chat.channels.http.errors import ApiError
from chat.service import BadMessage
from chat.wire import recommendations_json

router = APIRouter(prefix="/v1", tags=["OpenAI"], dependencies=FOR_TRUSTED)

#: Before a catalogue's name in a model's: `genre/films`.
PREFIX = "genre/"
_DONE = b"data: [DONE]\n\n"

Role = Literal["system", "developer", "user", "assistant", "tool", "function"]


class Lenient(BaseModel):
    """What clients send: fields that mean nothing here are passed over."""

    model_config = ConfigDict(extra="ignore")


class Part(Lenient):
    """A piece of a message; only text is read."""

    type: str
    text: str | None = None


class ChatMessage(Lenient):
    """One message of the history."""

    role: Role
    content: str | list[Part] | None = None

    def words(self) -> str:
        """Its text."""
        if isinstance(self.content, str):
            return self.content
        return "\n".join(part.text for part in self.content or [] if part.type == "text" and part.text)


class StreamOptions(Lenient):
    """What a stream has besides."""

    include_usage: bool | None = None


class ChatRequest(Lenient):
    """The history, oldest first, and the catalogue as `genre/NAME`."""

    model_config = ConfigDict(
        extra="ignore",
        json_schema_extra={
            "example": {
                "model": "genre/films",
                "messages": [{"role": "user", "content": "a heist film from the 90s"}],
            }
        },
    )

    model: str = Field(max_length=300)
    messages: list[ChatMessage] = Field(min_length=1, max_length=2000)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    n: int | None = Field(None, ge=1, le=1, description="Choices; there is one answer.")


@router.get("/models")
def models(here: Here, caller: Trusted) -> dict[str, Any]:
    """The catalogues, as models."""
    return {"object": "list", "data": [_model(name) for name in here.catalogues.names()]}


@router.get("/models/{model:path}")
def model(here: Here, caller: Trusted, model: Annotated[str, Path(max_length=300)]) -> dict[str, Any]:
    """One catalogue, as a model."""
    return _model(_catalogue(here, model))


@router.post(
    "/chat/completions",
    responses={
        200: {
            "description": "The answer as `chat.completion`, with the list and its reasons in its text, and "
            "as `recommendations` beside it; with `stream`, chunks of it as server-sent events.",
            "content": {"application/json": {}, "text/event-stream": {"schema": {"type": "string"}}},
        }
    },
)
async def complete(request: Request, here: Here, caller: Trusted, body: ChatRequest) -> Any:
    """The answer to the last message of a history."""
    here.limits.count("messages", caller.name)
    name = _catalogue(here, body.model)
    texts = [message.words() for message in body.messages if message.role == "user"]
    if not texts:
        raise ApiError(422, "invalid", "Found no message of the role user, expected one or more.", "messages")
    head = {"id": f"chatcmpl-{uuid.uuid4().hex}", "created": int(time.time()), "model": f"{PREFIX}{name}"}
    made = _Completion(here, name, texts)
    if body.stream:
        usage = bool(body.stream_options and body.stream_options.include_usage)
        return await server_sent(made.frames(head, usage), lambda error: frame(error.body()), _DONE)
    return await run_in_threadpool(made.whole, head)


class _Completion:
    """The answer to one history."""

    def __init__(self, here: Context, catalogue: str, texts: Sequence[str]) -> None:
        self._here, self._catalogue, self._texts = here, catalogue, texts

    def whole(self, head: dict[str, Any]) -> dict[str, Any]:
        """All of it at once."""
        pieces, extras = self._pieces()
        text = "".join(pieces)
        message = {"role": "assistant", "content": text, **extras}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {**head, "object": "chat.completion", "choices": [choice], "usage": self._usage(text)}

    def frames(self, head: dict[str, Any], usage: bool) -> Iterator[bytes]:
        """Piece by piece: the cards, the sentences, the list, and how much it was."""
        head = {**head, "object": "chat.completion.chunk"}
        pieces, extras = self._pieces()

        def chunk(delta: dict[str, Any], reason: str | None = None) -> bytes:
            choice = {"index": 0, "delta": delta, "logprobs": None, "finish_reason": reason}
            return frame({**head, "choices": [choice]} | ({"usage": None} if usage else {}))

        yield chunk({"role": "assistant", "content": "", **extras})
        for piece in pieces:
            yield chunk({"content": piece})
        yield chunk({}, "stop")
        if usage:
            yield frame({**head, "choices": [], "usage": self._usage("".join(pieces))})

    def _pieces(self) -> tuple[list[str], dict[str, Any]]:
        """The text in pieces, and what comes with it for clients that know us."""
        if is_background(self._texts[-1]):
            return [background_answer(self._texts[-1])], {}
        with self._here.limits.answering(), self._here.metrics.answering():
            answer = self._replayed()
            self._here.metrics.answered(answer)
        reply = answer.turn.reply
        if reply is None:
            return [""], {}
        pieces = sentences(reply.text)
        if reply.recommendations:
            facets = self._here.catalogues.shelf(self._catalogue).facets
            pieces += ["\n\n", *listed(reply.recommendations, facets)]
        extras = {
            "recommendations": recommendations_json(reply.recommendations),
            "quick_replies": list(reply.quick_replies),
            "move": reply.move,
        }
        return pieces, extras

    def _replayed(self) -> Answer:
        texts = [text for text in self._texts if not is_background(text)]
        try:
            return self._here.service.replay(self._catalogue, texts)
        except BadMessage as error:
            status, code = (
                (413, "context_length_exceeded") if "long" in type(error).__name__.lower() else (422, "")
            )
            raise ApiError(status, code or "invalid", str(error), "messages") from None

    def _usage(self, text: str) -> dict[str, int]:
        """Words: there are no tokens where no model speaks."""
        asked, said = sum(len(one.split()) for one in self._texts), len(text.split())
        return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _catalogue(here: Context, model: str) -> str:
    name = model.removeprefix(PREFIX)
    there = here.catalogues.names()
    if name not in there or not model.startswith(PREFIX):
        names = ", ".join(f"{PREFIX}{one}" for one in there) or "none yet"
        raise ApiError(
            404, "model_not_found", f"There is no model “{model[:80]}”. There are: {names}.", "model"
        )
    return name


def _model(name: str) -> dict[str, Any]:
    return {"id": f"{PREFIX}{name}", "object": "model", "created": 0, "owned_by": "genre"}
