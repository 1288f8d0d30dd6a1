"""Conversations: begin one, talk in it, read it again, forget it."""

from __future__ import annotations

import uuid
from collections.abc import Generator, Iterator
from contextlib import closing
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.concurrency import run_in_threadpool

from chat.answers import Answer, Cards, Done, Event, Sentence, last_answer
from chat.channels.api import shapes
from chat.channels.api.context import FOR_PERSON, FOR_WELCOME, Context, Here, Person, Welcome
from chat.channels.api.shapes import ANSWER, RECOMMENDATION, NewConversation, NewMessage
from chat.channels.api.streaming import frame, server_sent
from chat.channels.person import new_token, person
from chat.wire import conversation_json, recommendations_json, turn_json

router = APIRouter(prefix="/v1/conversations", tags=["conversations"])

ConversationId = Annotated[str, Path(description="The id that came with the conversation.", max_length=200)]

_STREAM = (
    f'event: cards\ndata: {{"recommendations": [{RECOMMENDATION["item"]["id"]!r}, …]}}\n\n'
    'event: sentence\ndata: {"text": "Easy A (2010) is witty and 92 minutes long."}\n\n'
    "event: done\ndata: {the whole answer, as in JSON}\n\n"
)


@router.post("", status_code=201, response_model=shapes.Started, dependencies=FOR_WELCOME)
def start(here: Here, caller: Welcome, body: NewConversation | None = None) -> dict[str, str]:
    """A new conversation and the token that opens it.

    With the token of an earlier one it is the same person's: taste and saved items go on."""
    here.limits.count("messages", caller.name)
    name = here.catalogue(body.catalogue if body else None)
    token, user_id = new_token(), caller.user_id
    if user_id is None:
        user_id = person("api", token)
    else:
        token = caller.token
    conversation = here.service.start(user_id, name)
    return {"id": conversation.id, "token": token, "user_id": user_id, "catalogue": name}


@router.get("", response_model=shapes.Conversations, dependencies=FOR_PERSON)
def mine(here: Here, caller: Person) -> dict[str, Any]:
    """The person's conversations, the latest used first, 50 at most."""
    found = [
        {
            "id": entry.id,
            "catalogue": entry.catalogue,
            "title": entry.title,
            "started": entry.started.isoformat(),
            "updated": entry.updated.isoformat(),
        }
        for entry in here.service.conversations(caller.person)
    ]
    return {"conversations": found}


@router.get(
    "/{id}", response_model=shapes.Conversation, response_model_exclude_unset=True, dependencies=FOR_PERSON
)
def read(here: Here, caller: Person, id: ConversationId) -> dict[str, Any]:
    """What was said and answered, and the taste by now."""
    conversation = here.service.history(caller.person, id)
    taste = here.service.taste(caller.person, id)
    return conversation_json(conversation, taste, here.shelf(conversation.catalogue))


@router.delete("/{id}", status_code=204, dependencies=FOR_PERSON)
def forget(here: Here, caller: Person, id: ConversationId) -> Response:
    """Forgets the conversation, with what was learned and saved in it."""
    here.service.delete(caller.person, id)
    return Response(status_code=204)


@router.post(
    "/{id}/messages",
    response_model=shapes.Answer,
    response_model_exclude_unset=True,
    dependencies=FOR_PERSON,
    responses={
        200: {
            "description": "The answer. With `Accept: text/event-stream` as server-sent events: `cards` (if "
            "there are any), every `sentence`, then `done` with the whole answer; `error` where it fails.",
            "content": {
                "application/json": {"example": ANSWER},
                "text/event-stream": {"schema": {"type": "string"}, "example": _STREAM},
            },
        }
    },
)
async def respond(request: Request, here: Here, caller: Person, id: ConversationId, body: NewMessage) -> Any:
    """The answer to one message."""
    here.limits.count("messages", caller.name)
    message_id = body.message_id or uuid.uuid4().hex
    # What can be refused at once is refused by this call, before anything is sent.
    events = await run_in_threadpool(here.service.stream, caller.person, id, message_id, body.text)
    answering = _watched(here, events)
    if "text/event-stream" in request.headers.get("accept", "").lower():
        frames = _frames(here, answering, caller.person, id)
        return await server_sent(frames, lambda error: frame(error.body(), "error"))
    return await run_in_threadpool(_whole, here, answering)


def _watched(here: Context, events: Iterator[Event]) -> Generator[Event, None, None]:
    """The same events, counted, in one of the places for answers under way."""
    with here.limits.answering(), here.metrics.answering():
        for event in events:
            if isinstance(event, Done):
                here.metrics.answered(event.answer)
            yield event


def _whole(here: Context, events: Generator[Event, None, None]) -> dict[str, Any]:
    with closing(events):  # `last_answer` leaves it before its end, and it holds a place
        return _json(here, last_answer(events))


def _frames(here: Context, events: Generator[Event, None, None], user: str, id: str) -> Iterator[bytes]:
    with closing(events):
        for event in events:
            match event:
                case Cards(recommendations):
                    shelf = here.shelf(here.service.history(user, id).catalogue)
                    yield frame({"recommendations": recommendations_json(recommendations, shelf)}, "cards")
                case Sentence(text):
                    yield frame({"text": text}, "sentence")
                case Done(answer):
                    yield frame(_json(here, answer), "done")


def _json(here: Context, answer: Answer) -> dict[str, Any]:
    return turn_json(
        answer.turn,
        answer.taste,
        here.shelf(answer.catalogue),
        conversation_id=answer.conversation_id,
        message_id=answer.turn.message_id,
    )
