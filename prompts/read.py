"""From a dialogue to a model's messages, and from its answer to a `Reading`.

The same code renders training examples and live prompts, so a trained model meets the words that it knows.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from prompts.dialogue import Act, Feeling, Interest, Mention, Reading, Retraction, Utterance
from prompts.template import neutralise, render, shorten
from retrieval.items import Bounds, Facet, Item

#: What a prompt holds at most; on a processor the prompt's length decides the waiting time.
EARLIER = 4
EARLIER_CHARS = 300
LAST_CHARS = 2000
SHOWN = 10
TITLE_CHARS = 100

Subject = Annotated[str, StringConstraints(max_length=80, strip_whitespace=True)]
Quote = Annotated[str, StringConstraints(max_length=160, strip_whitespace=True)]
Kind = Annotated[str, StringConstraints(max_length=60, strip_whitespace=True)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _Interest(_Part):
    subject: Subject
    kind: Kind
    feeling: Feeling
    strength: float = Field(0.7, gt=0, le=1)
    quote: Quote
    hard: bool = False
    low: float | None = Field(None, allow_inf_nan=False)
    high: float | None = Field(None, allow_inf_nan=False)
    group: Annotated[str, StringConstraints(max_length=8)] = ""


class _Mention(_Part):
    number: int = Field(ge=1, le=SHOWN)
    quote: Quote


class _Retraction(_Part):
    kind: Kind = ""
    value: Subject = ""
    quote: Quote


class _Answer(_Part):
    act: Act
    interests: list[_Interest] = Field(default_factory=list, max_length=12)
    mentions: list[_Mention] = Field(default_factory=list, max_length=SHOWN)
    retractions: list[_Retraction] = Field(default_factory=list, max_length=6)
    asked: Kind = ""
    asked_value: Subject = ""
    count: int | None = Field(None, ge=1, le=20)
    replaces: bool = False
    open: bool = False
    fresh: bool = False


def read_messages(
    dialogue: Sequence[Utterance], shown: Sequence[Item], facets: Sequence[Facet]
) -> list[dict[str, str]]:
    """Chat messages that ask a model what the dialogue's last utterance means; `shown` are numbered from 1.

    The first message depends on the facets only, so its attention cache can be kept. At most the last
    `EARLIER` utterances, `SHOWN` items and `LAST_CHARS` of the last message go in. Raises `ValueError` unless
    the last utterance is the person's.
    """
    if not dialogue or dialogue[-1].role != "user":
        raise ValueError("the dialogue must end with what the person said")
    earlier = [
        Utterance(utterance.role, shorten(neutralise(utterance.text), EARLIER_CHARS))
        for utterance in dialogue[:-1][-EARLIER:]
    ]
    titles = [{"title": shorten(neutralise(item.title), TITLE_CHARS)} for item in shown[:SHOWN]]
    last = shorten(neutralise(dialogue[-1].text), LAST_CHARS)
    return [
        {"role": "system", "content": render("read_system", facets=facets)},
        {"role": "user", "content": render("read_user", shown=titles, earlier=earlier, last=last)},
    ]


def reading_schema(facets: Sequence[Facet] = ()) -> dict[str, Any]:
    """The JSON schema of a model's answer, for constrained decoding.

    Every string and list is bounded, so that a constrained model always ends. With `facets`, the kind of an
    interest is one of theirs. `x-guidance` is llguidance's switch against endless white space.
    """
    schema = _Answer.model_json_schema()
    if facets:
        kinds = [*(facet.name for facet in facets), "item", "text"]
        schema["$defs"]["_Interest"]["properties"]["kind"] = {"type": "string", "enum": kinds}
    schema["x-guidance"] = {"whitespace_flexible": False}
    return schema


def parse_reading(
    text: str,
    turn: int,
    *,
    message: str | None = None,
    shown: Sequence[Item] = (),
    facets: Sequence[Facet] | None = None,
) -> Reading | None:
    """The reading in a model's answer, or `None` where it can't be believed.

    Code fences, thinking and words around the object are forgiven. Nothing inside it is: an unknown key, act
    or kind (with `facets`), an item number that wasn't shown, a bound the wrong way round, or, with
    `message`, a quote that the person didn't say makes it `None`. `turn` is the number of the person's
    message. Values are in the model's words, and an item named by its title has none: the catalogue links
    them.
    """
    found = _object(text)
    if found is None:
        return None
    try:
        answer = _Answer.model_validate_json(found)
    except ValidationError:
        return None
    kinds = None if facets is None else {*(facet.name for facet in facets), "item", "text"}
    if kinds is not None and not {interest.kind for interest in answer.interests} <= kinds:
        return None
    if any(mention.number > len(shown) for mention in answer.mentions):
        return None
    quotes = [part.quote for part in answer.interests]
    quotes += [part.quote for part in answer.mentions] + [part.quote for part in answer.retractions]
    if message is not None and not all(_said(quote, message) for quote in quotes):
        return None
    interests = [_interest(part, turn) for part in answer.interests]
    if any(interest is None for interest in interests):
        return None
    return Reading(
        act=answer.act,
        interests=tuple(interest for interest in interests if interest is not None),
        retractions=tuple(Retraction(part.kind, part.value, part.quote) for part in answer.retractions),
        mentions=tuple(
            Mention(shown[part.number - 1].id, part.quote, pointed=True) for part in answer.mentions
        ),
        asked=answer.asked,
        asked_value=answer.asked_value,
        count=answer.count,
        replaces=answer.replaces,
        open=answer.open,
        fresh=answer.fresh,
    )


def _interest(part: _Interest, turn: int) -> Interest | None:
    if not part.subject.strip():
        return None
    bounds = None
    if part.low is not None or part.high is not None:
        if part.low is not None and part.high is not None and part.low > part.high:
            return None
        bounds = Bounds(part.low, part.high)
    return Interest(
        subject=part.subject,
        kind=part.kind,
        feeling=part.feeling,
        strength=part.strength,
        quote=part.quote,
        turn=turn,
        hard=part.hard,
        value="" if bounds or part.kind == "item" else part.subject,
        bounds=bounds,
        group=part.group,
    )


def _object(text: str) -> str | None:
    """The first JSON object in the text, thinking left out."""
    text = re.sub(r"<think>.*?</think>", "", text, flags=re.DOTALL)
    start = text.find("{")
    if start < 0:
        return None
    try:
        _, length = json.JSONDecoder(parse_constant=_refuse).raw_decode(text[start:])
    except (ValueError, RecursionError):
        return None
    return text[start : start + length]


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")


def _said(quote: str, message: str) -> bool:
    """Whether the quote is in the message; case, spaces and what the prompt neutralised don't count."""
    plain = neutralise(quote).casefold()
    return bool(plain) and plain in neutralise(message).casefold()
