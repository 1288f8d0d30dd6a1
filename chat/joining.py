"""The deterministic reader and a language model, read together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from chat.errors import ModelError
from chat.reader.context import ReadContext
from chat.reader.vocabulary import Shelf
from prompts.dialogue import Act, Interest, Reading, Utterance
from prompts.forms import short_reading_schema
from prompts.read import parse_reading, read_messages
from prompts.short import short_read_messages

logger = logging.getLogger(__name__)

Asks = Callable[[list[dict[str, str]], Mapping[str, Any] | None], str]
"""Sends messages to a model, with the JSON schema to keep to if there is one, and returns its answer. Raises
`ModelError`."""

#: What the code takes a message to do where it found nothing to go by.
_VAGUE: frozenset[Act] = frozenset({"chat"})


class Reads(Protocol):
    """Anything that reads a message in its context."""

    def read(self, text: str, context: ReadContext) -> Reading: ...


class ModelReader:
    """Reads with a language model alone; `short` where it was trained on the short prompts.

    An interest counts only where its quote is in the message and its value in the catalogue (or it is about
    free words). Items named by their titles are the linker's business and are left out.
    """

    def __init__(self, shelf: Shelf, ask: Asks, *, short: bool = False) -> None:
        self._shelf = shelf
        self._ask = ask
        self._short = short

    def read(self, text: str, context: ReadContext) -> Reading:
        """What the message means; small talk where the model fails."""
        return self.drafted(text, context) or Reading("chat")

    def drafted(self, text: str, context: ReadContext) -> Reading | None:
        """The model's reading; `None` where it failed or can't be believed."""
        facets = self._shelf.facets
        try:
            if self._short:
                messages = short_read_messages(text, context.shown, facets)
                held = {one.name: self._shelf.values(one.name) for one in facets if one.kind == "category"}
                schema = short_reading_schema(facets, text, context.shown, held)
            else:
                messages = read_messages([Utterance("user", text)], context.shown, facets)
                schema = None
            answer = self._ask(messages, schema)
        except (ModelError, ValueError) as error:
            logger.warning("The model could not read, the linker reads alone: %s", error)
            return None
        reading = parse_reading(answer, context.turn, message=text, shown=context.shown, facets=facets)
        return None if reading is None else self._linked(reading, context)

    def _linked(self, reading: Reading, context: ReadContext) -> Reading:
        """With the values as the catalogue spells them, and feelings about listed items on those items."""
        interests = [*self._in_catalogue(reading.interests), *_judged(reading, context)]
        return replace(reading, interests=tuple(interests))

    def _in_catalogue(self, interests: Sequence[Interest]) -> list[Interest]:
        kept = []
        for interest in interests:
            facet = self._shelf.facet(interest.kind)
            if interest.kind == "text" or (facet is not None and interest.bounds is not None):
                kept.append(interest)
            elif facet is not None:
                spelled = {value.casefold(): value for value in self._shelf.values(facet.name)}
                value = spelled.get((interest.value or interest.subject).casefold())
                if value is not None:
                    kept.append(replace(interest, value=value))
        return kept


def _judged(reading: Reading, context: ReadContext) -> list[Interest]:
    """What was felt about the items of the list that the message points at."""
    by_title = {item.title.casefold(): item for item in context.shown}
    return [
        replace(interest, value=by_title[interest.subject.casefold()].id)
        for interest in reading.interests
        if interest.kind == "item" and interest.subject.casefold() in by_title
    ]


class JoinedReader:
    """Reads with both: what is linked to the catalogue by code stands, and the model adds what code missed.

    The act is the model's only where the code found nothing to go by. Without `adds` the model adds no
    interests: a model of a few million weights finds the right act, but of the interests that it alone found
    in MultiWOZ's talks hardly any were meant (F1 .68 with them, .84 without; docs/model-card.md).
    """

    def __init__(self, linked: Reads, model: ModelReader, *, adds: bool = True) -> None:
        self._linked = linked
        self._model = model
        self._adds = adds

    def read(self, text: str, context: ReadContext) -> Reading:
        """What the message means; the deterministic reading alone where the model fails."""
        reading = self._linked.read(text, context)
        if reading.act in ("offtopic", "care") or not (self._adds or _vague(reading)):
            return reading
        drafted = self._model.drafted(text, context)
        if drafted is None:
            return reading
        return joined(reading, drafted if self._adds else replace(drafted, interests=()))


def joined(reading: Reading, drafted: Reading) -> Reading:
    """The code's reading with what only the model found."""
    new = tuple(one for one in drafted.interests if one.kind != "item" and not _held(one, reading))
    act = drafted.act if _vague(reading) and drafted.act not in ("offtopic", "care") else reading.act
    return replace(reading, act=act, interests=(*reading.interests, *new))


def _vague(reading: Reading) -> bool:
    return reading.act in _VAGUE and not reading.interests


def _held(interest: Interest, reading: Reading) -> bool:
    words = interest.quote.casefold()
    return any(
        (one.kind == interest.kind and one.value.casefold() == interest.value.casefold())
        or (one.bounds is not None and one.kind == interest.kind)
        or words in one.quote.casefold()
        for one in reading.interests
    )
