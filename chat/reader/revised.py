"""What the learned sense of remarks changes in a reading: dislikes that no rule found, and false ones."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chat.reader.context import ReadContext
from chat.reader.naming import name_of
from chat.reader.opinion import Opinion
from chat.reader.remarks import Remark
from chat.reader.vocabulary import Vocabulary
from prompts.dialogue import Interest, Reading
from retrieval.items import Item

Opine = Callable[[Sequence[Remark]], Opinion]
"""What all remarks on one item add up to."""

#: How likely a dislike must be where the rules found nothing, where they found a like, and at most for one
#: that they found themselves. A wrong dislike costs an item that would have pleased.
FOUND, AGAINST, DOUBTED = 0.5, 0.75, 0.04
#: How likely it must be that something on the table is known, for an answer without "seen it" to say so.
KNOWN = 0.85
#: "It" answers a suggestion only where so few were made.
FEW = 2


def pending(context: ReadContext) -> tuple[str, ...]:
    """What an answer that names nothing is about: the items in focus, or a short list on the table."""
    items = context.focus or context.shown
    return tuple(item.id for item in items) if len(items) <= FEW else ()


def revised(
    reading: Reading,
    remarks: Mapping[str, Sequence[Remark]],
    opine: Opine,
    get: Callable[[str], Item | None],
    vocabulary: Vocabulary,
    turn: int,
    text: str,
    brought: Sequence[str],
) -> Reading:
    """The reading with dislikes of items added or taken out as `opine` has it, and with experience of what
    was `brought` up: "yes, I loved that one" tells that it was seen."""
    unclear = {item_id for one in reading.ambiguities for item_id in one.item_ids}
    interests = list(reading.interests)
    added = False
    for item_id, said in remarks.items():
        item = get(item_id)
        if item is None or item_id in unclear or all(one.how == "passed" for one in said):
            continue
        held = next((one for one in interests if one.value == item_id and one.feeling != "seen"), None)
        opinion = opine(said)
        dislike = opinion.dislike
        if held is not None and held.feeling == "dislike":
            if dislike < DOUBTED:
                interests.remove(held)
        elif dislike >= (AGAINST if held is not None else FOUND):
            quote = text.strip()[:80] if held is None else held.quote
            new = Interest(
                name_of(item, vocabulary), "item", "dislike", round(dislike, 2), quote, turn, value=item_id
            )
            interests = [one for one in interests if one is not held] + [new]
            added = True
        told = next((one for one in interests if one.value == item_id), None)
        if told is not None and told.feeling != "seen" and item_id in brought and opinion.seen >= KNOWN:
            interests.append(replace(told, feeling="seen", strength=round(opinion.seen, 2), hard=False))
    if added and reading.act in ("describe", "chat") and "?" not in text:
        return replace(reading, act="feedback", interests=tuple(interests))
    return replace(reading, interests=tuple(interests))
