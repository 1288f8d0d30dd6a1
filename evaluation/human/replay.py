"""A talk between two people, read as if it had been held with this house: what the seeker says is read in the
context that the recommender's turns make."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat.reader.context import ReadContext
from chat.reader.vocabulary import Shelf
from chat.taste import TasteProfile, faded, fold_reading
from evaluation.human.dialogues import Dialogue
from prompts.dialogue import Reading


class Reads(Protocol):
    """Anything that reads a message in its context; `chat.reader.read.Reader` does."""

    def read(self, text: str, context: ReadContext) -> Reading: ...


@dataclass(frozen=True, slots=True)
class Read:
    """One turn of the seeker: its place in the dialogue, its context, what it was taken to mean, and the
    taste after it."""

    place: int
    context: ReadContext
    reading: Reading
    taste: TasteProfile


def replay(
    dialogue: Dialogue,
    shelf: Shelf,
    reader: Reads,
    *,
    text_of: Callable[[int], str] | None = None,
    ids_of: Callable[[int], Sequence[str]] | None = None,
) -> list[Read]:
    """The seeker's turns, read one after another.

    What the recommender names is "the list on the table" until it names something else, and what it named in
    its last turn is in focus; where that named nothing, what the seeker last spoke of is. `text_of` and
    `ids_of` give another text or other ids for the turn at a place.
    """
    reads: list[Read] = []
    taste = TasteProfile()
    shown: tuple[str, ...] = ()
    focus: tuple[str, ...] = ()
    for place, said in enumerate(dialogue.turns):
        if said.speaker == "system":
            named = tuple(dict.fromkeys(ids_of(place) if ids_of else said.items))
            spoken = tuple(mention.item_id for mention in reads[-1].reading.mentions) if reads else ()
            shown, focus = named or shown, named or tuple(dict.fromkeys(spoken))
            continue
        last = reads[-1].reading if reads else None
        number = len(reads) + 1
        context = ReadContext(
            turn=number,
            shown=tuple(item for item in map(shelf.get, shown) if item is not None),
            focus=tuple(item for item in map(shelf.get, focus) if item is not None),
            taste=faded(taste, number),
            last_act=last.act if last else None,
            last_asked=(last.asked, last.asked_value) if last else None,
        )
        reading = reader.read(text_of(place) if text_of else said.text, context)
        taste = fold_reading(taste, reading)
        reads.append(Read(place, context, reading, taste))
    return reads
