"""What is known of somebody: their taste, their clicks, what they saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from fastapi import APIRouter

from chat.channels.api import shapes
from chat.channels.api.context import FOR_PERSON, Context, Here, Person
from chat.channels.api.conversations import ConversationId
from chat.channels.api.shapes import ChangeEntry, NewFeedback, TasteChange
from chat.channels.hand import interest_of
from chat.channels.http.errors import ApiError
from chat.wire import interest_id, item_json, taste_json
from prompts.dialogue import Interest

router = APIRouter(prefix="/v1/conversations/{id}", tags=["taste"], dependencies=FOR_PERSON)


@router.get("/taste", response_model=shapes.Taste)
def look(here: Here, caller: Person, id: ConversationId) -> dict[str, Any]:
    """Everything that is known of the person's taste, oldest first, with the words it came from."""
    return _shown(here, caller.person, id)


@router.patch("/taste", response_model=shapes.Taste)
def change(here: Here, caller: Person, id: ConversationId, body: TasteChange) -> dict[str, Any]:
    """Removes, changes and adds entries; the taste after it."""
    user, service = caller.person, here.service
    conversation = service.history(user, id)
    now = len(conversation.messages)
    entries = {interest_id(entry): entry for entry in service.taste(user, id)}
    shelf = here.catalogues.shelf(here.catalogue(conversation.catalogue))
    edits: list[tuple[Interest | None, Interest | None]] = []
    for place, name in enumerate(body.remove):
        edits.append((_entry(entries, name, f"remove.{place}"), None))
    for place, wanted in enumerate(body.change):
        before = _entry(entries, wanted.id, f"change.{place}.id")
        edits.append((before, _changed(before, wanted, now)))
    edits += [(None, interest_of(one.text, one.feeling, shelf, now)) for one in body.add]
    for before_after in edits:
        service.edit_taste(user, id, *before_after)
    return _shown(here, user, id)


@router.delete("/taste", response_model=shapes.Taste)
def forget(here: Here, caller: Person, id: ConversationId) -> dict[str, Any]:
    """Forgets the whole taste; what was saved, and the words of the conversation, stay."""
    here.service.forget_taste(caller.person, id)
    return _shown(here, caller.person, id)


@router.post("/feedback", response_model=shapes.Clicked)
def feedback(here: Here, caller: Person, id: ConversationId, body: NewFeedback) -> dict[str, Any]:
    """Keeps a click on an item. What is liked, disliked or seen joins the taste; what is opened (`click`) or
    passed over (`skip`) lets the ranking learn; what is hidden comes back no more."""
    user = caller.person
    if body.on:
        here.service.feedback(user, id, body.item, body.kind)
    else:
        _take_back(here, user, id, body)
    here.metrics.clicked(body.kind if body.on else f"not {body.kind}")
    catalogue = here.service.history(user, id).catalogue
    return {**_shown(here, user, id), "saved": list(here.service.saved(user, catalogue))}


@router.get("/saved", response_model=shapes.Saved, response_model_exclude_unset=True)
def saved(here: Here, caller: Person, id: ConversationId) -> dict[str, Any]:
    """What the person saved of this catalogue, in any conversation, the latest last."""
    catalogue = here.service.history(caller.person, id).catalogue
    shelf = here.shelf(catalogue)
    kept = [shelf.get(item) for item in here.service.saved(caller.person, catalogue)] if shelf else []
    return {"saved": [item_json(item) for item in kept if item is not None]}


def _shown(here: Context, user: str, id: str) -> dict[str, Any]:
    catalogue = here.service.history(user, id).catalogue
    return {"taste": taste_json(here.service.taste(user, id), here.shelf(catalogue))}


def _entry(entries: dict[str, Interest], name: str, param: str) -> Interest:
    if name not in entries:
        words = "There is no such entry in the taste (any more): read it again."
        raise ApiError(404, "unknown_entry", words, param)
    return entries[name]


def _changed(before: Interest, wanted: ChangeEntry, now: int) -> Interest:
    """The entry as it is wanted: set by hand at this message, so without a quote of its own."""
    return replace(
        before,
        feeling=wanted.feeling or before.feeling,
        strength=before.strength if wanted.strength is None else wanted.strength,
        hard=before.hard if wanted.hard is None else wanted.hard,
        quote="",
        turn=now,
    )


def _take_back(here: Context, user: str, id: str, body: NewFeedback) -> None:
    if body.kind == "save":
        here.service.feedback(user, id, body.item, "unsave")
        return
    if body.kind not in ("like", "dislike", "seen", "hide"):
        words = f"A {body.kind} can't be taken back: expected like, dislike, seen, save or hide."
        raise ApiError(422, "invalid", words, "on")
    held: Sequence[Interest] = here.service.taste(user, id)
    if body.kind == "hide":  # hidden items are no entry of the taste; this is the one that lets them back
        held = (Interest("", "item", "dislike", 1.0, "", 0, value=body.item),)
    feeling = "dislike" if body.kind == "hide" else body.kind
    for entry in held:
        if (entry.kind, entry.value, entry.feeling) == ("item", body.item, feeling):
            here.service.edit_taste(user, id, entry, None)
