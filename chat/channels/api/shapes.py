"""The JSON of the API, as the OpenAPI document tells it."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from chat.conversation import FeedbackKind
from chat.reply import Move
from prompts.dialogue import Feeling

#: Characters of an id at most, as in the store.
ID = 200
Id = Annotated[str, StringConstraints(min_length=1, max_length=ID)]

ITEM: dict[str, Any] = {
    "id": "easy-a-2010",
    "title": "Easy A",
    "facts": {"year": 2010, "genres": ["comedy"], "runtime": 92, "moods": ["witty"]},
    "text": "A girl's white lie about her weekend runs through the school by Monday.",
}
TASTE: dict[str, Any] = {
    "id": "6b1f0c9a2d3e4f50",
    "subject": "witty",
    "kind": "moods",
    "feeling": "like",
    "strength": 0.8,
    "quote": "witty",
    "turn": 1,
    "hard": False,
}
RECOMMENDATION: dict[str, Any] = {
    "item": ITEM,
    "score": 1.42,
    "reasons": [
        {
            "text": "You asked for “witty” — mood: witty",
            "interest": {"subject": "witty", "kind": "moods", "quote": "witty", "turn": 1},
            "fact": {"facet": "moods", "value": "witty"},
        }
    ],
}
ANSWER: dict[str, Any] = {
    "text": "Easy A (2010) is witty and 92 minutes long.",
    "move": "recommend",
    "recommendations": [RECOMMENDATION],
    "taste": [TASTE],
    "quick_replies": ["More like Easy A", "Something else"],
    "voice": "plain",
    "timings": {"read": 1.1, "retrieve": 3.2, "total": 8.0},
    "conversation_id": "kq2mJ1n0b8a7",
    "message_id": "m-1",
}


class Shape(BaseModel):
    """What leaves: fields that aren't there are left out."""

    model_config = ConfigDict(extra="forbid")


class Body(BaseModel):
    """What comes in: unknown fields are refused rather than passed over."""

    model_config = ConfigDict(extra="forbid")


class Problem(Shape):
    """What went wrong: `type` and `code` for programs, `message` for people, `param` names the field."""

    message: str
    type: str
    param: str | None = None
    code: str


class Problems(Shape):
    """The one shape of every error."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "error": {
                    "message": "There is no catalogue “cheese”. There are: films.",
                    "type": "not_found_error",
                    "param": "catalogue",
                    "code": "unknown_catalogue",
                }
            }
        },
    )

    error: Problem


class Item(Shape):
    """One thing of a catalogue."""

    model_config = ConfigDict(json_schema_extra={"example": ITEM})

    id: str
    title: str
    facts: dict[str, str | int | float | list[str] | None]
    text: str = ""
    image: str | None = None
    url: str | None = None


class ReasonInterest(Shape):
    """What the person said."""

    subject: str
    kind: str
    quote: str = Field(description="Their own words; empty for a click.")
    turn: int = Field(description="In which of their messages, from 1; 0: an earlier conversation.")


class Fact(Shape):
    """What the catalogue says of the item."""

    facet: str
    value: str


class Reason(Shape):
    """Which interest met which fact."""

    text: str
    interest: ReasonInterest
    fact: Fact
    against: bool = Field(False, description="Whether it speaks against the item.")


class Recommendation(Shape):
    """An item with at least one reason for it."""

    item: Item
    score: float | None = Field(description="Higher is better; comparable within one list only.")
    reasons: list[Reason]


class TasteEntry(Shape):
    """One thing that somebody feels something about."""

    id: str = Field(description="The same for the same entry, until it is changed.")
    subject: str
    kind: str = Field(description="A facet's name, `item` or `text`.")
    feeling: Feeling
    strength: float
    quote: str
    turn: int
    hard: bool = Field(description="A condition rather than a leaning.")
    item: str | None = Field(None, description="The id of the item that it is about, if it is about one.")


class Answer(Shape):
    """The answer to one message."""

    model_config = ConfigDict(json_schema_extra={"example": ANSWER})

    text: str
    move: Move | None
    recommendations: list[Recommendation]
    taste: list[TasteEntry]
    quick_replies: list[str]
    voice: str
    timings: dict[str, float] = Field(description="Milliseconds by step.")
    conversation_id: str
    message_id: str


class Turn(Shape):
    """One message and its answer, read again."""

    number: int
    said: str
    message_id: str
    text: str
    move: Move | None
    recommendations: list[Recommendation]
    quick_replies: list[str]
    voice: str
    timings: dict[str, float]


class Conversation(Shape):
    """What was said and answered, and the taste by now."""

    id: str
    catalogue: str
    started: str
    turns: list[Turn]
    taste: list[TasteEntry]


class Started(Shape):
    """A new conversation. The token opens it, and every other of the same person: keep it secret."""

    id: str
    token: str
    user_id: str
    catalogue: str


class Summary(Shape):
    """One line in the list of a person's conversations."""

    id: str
    catalogue: str
    title: str
    started: str
    updated: str


class Conversations(Shape):
    """A person's conversations, the latest used first."""

    conversations: list[Summary]


class Taste(Shape):
    """All that is known of somebody's taste in a conversation."""

    taste: list[TasteEntry]


class Clicked(Shape):
    """What is known after a click."""

    taste: list[TasteEntry]
    saved: list[str] = Field(description="The ids of what is saved, the latest last.")


class Saved(Shape):
    """What somebody saved, the latest last."""

    saved: list[Item]


class Facet(Shape):
    """A column that people can ask about or filter by."""

    name: str
    label: str
    kind: Literal["category", "people", "number", "date", "words"]
    role: str | None = None
    unit: str | None = None


class Catalogue(Shape):
    """Something that can be talked about."""

    name: str
    title: str
    noun: str
    nouns: str
    items: int
    default: bool = Field(description="Whether a new conversation is about it where nothing else is said.")
    examples: list[str] = Field(description="Requests to try, made from its items.")
    facets: list[Facet]


class Catalogues(Shape):
    """All catalogues."""

    catalogues: list[Catalogue]


class FacetValue(Shape):
    """A value and how many items have it."""

    value: str
    count: int


class FacetCounts(Shape):
    """What can still be chosen of a facet; for numbers, from where to where they reach."""

    name: str
    label: str
    kind: str
    values: list[FacetValue]
    min: float | None = None
    max: float | None = None


class ItemsPage(Shape):
    """One page of what was found, best match first."""

    items: list[Item]
    total: int
    page: int
    per_page: int
    facets: list[FacetCounts]


class Export(Shape):
    """All that is kept about a person."""

    user_id: str
    conversations: list[dict[str, Any]]


class Health(Shape):
    """All is well."""

    status: Literal["ok", "ready"]


class NewConversation(Body):
    """What to talk about; the default catalogue where nothing is said."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {"catalogue": "films"}})

    catalogue: Id | None = None


class NewMessage(Body):
    """What a person said. The same `message_id` sent twice is answered once and gives the same answer."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"text": "something witty", "message_id": "m-1"}}
    )

    text: str
    message_id: str | None = Field(None, pattern=r"^[A-Za-z0-9_.:-]{1,200}$")


class NewFeedback(Body):
    """A click on an item; `on: false` takes back a like, a dislike, a seen, a save or a hide."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"example": {"item": "easy-a-2010", "kind": "like"}}
    )

    item: Id
    kind: FeedbackKind
    on: bool = True


class AddEntry(Body):
    """Something liked or disliked, in the person's own words or the catalogue's."""

    text: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]
    feeling: Literal["like", "dislike"] = "like"


class ChangeEntry(Body):
    """An entry to be felt otherwise; what isn't named stays."""

    id: Id
    feeling: Literal["like", "dislike"] | None = None
    strength: float | None = Field(None, gt=0, le=1)
    hard: bool | None = None


class TasteChange(Body):
    """Changes of the taste by hand: all are checked first, then made in this order."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"add": [{"text": "westerns", "feeling": "dislike"}]}},
    )

    remove: list[Id] = Field([], max_length=100)
    change: list[ChangeEntry] = Field([], max_length=100)
    add: list[AddEntry] = Field([], max_length=100)
