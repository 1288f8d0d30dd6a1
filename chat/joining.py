"""The deterministic reader and a language model, read together."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from chat.errors import ModelError
from chat.reader.context import ReadContext
from chat.reader.vocabulary import Shelf
from prompts.dialogue import Interest, Reading, Utterance
from prompts.read import parse_reading, read_messages

logger = logging.getLogger(__name__)

Asks = Callable[[list[dict[str, str]]], str]
"""Sends messages to a model and returns its answer. Raises `ModelError`."""


class Reads(Protocol):
    """Anything that reads a message in its context."""

    def read(self, text: str, context: ReadContext) -> Reading: ...


class JoinedReader:
    """Reads with both: what is linked to the catalogue by code stands, and the model adds what code missed.

    A model's interest counts only where its quote is in the message and its value in the catalogue (or it is
    about free words); the act is the model's only where the code found nothing to go by.
    """

    def __init__(self, shelf: Shelf, linked: Reads, ask: Asks) -> None:
        self._shelf = shelf
        self._linked = linked
        self._ask = ask

    def read(self, text: str, context: ReadContext) -> Reading:
        """What the message means; the deterministic reading alone where the model fails."""
        reading = self._linked.read(text, context)
        try:
            messages = read_messages([Utterance("user", text)], context.shown, self._shelf.facets)
            answer = self._ask(messages)
        except (ModelError, ValueError) as error:
            logger.warning("The model could not read, the linker reads alone: %s", error)
            return reading
        drafted = parse_reading(
            answer, context.turn, message=text, shown=context.shown, facets=self._shelf.facets
        )
        return reading if drafted is None else self._joined(reading, drafted)

    def _joined(self, reading: Reading, drafted: Reading) -> Reading:
        if reading.act == "offtopic":
            return reading
        new = tuple(one for one in self._in_catalogue(drafted.interests) if not self._held(one, reading))
        act = drafted.act if reading.act == "chat" and not reading.interests else reading.act
        return replace(reading, act=act, interests=(*reading.interests, *new))

    def _held(self, interest: Interest, reading: Reading) -> bool:
        words = interest.quote.casefold()
        return any(
            (one.kind == interest.kind and one.value.casefold() == interest.value.casefold())
            or (one.bounds is not None and one.kind == interest.kind)
            or words in one.quote.casefold()
            for one in reading.interests
        )

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
