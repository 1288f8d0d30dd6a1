"""The answer to a question of ours: which work was meant, which condition may go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chat.reader.context import ReadContext
from chat.reader.elements import people_things, quantity_things, value_things
from chat.reader.finding import Finder
from chat.reader.phrases import covered
from chat.reader.pointing import fits, pointed_things
from chat.reader.relative import first_number
from chat.reader.scales import plain_scale, scale_of
from chat.reader.tokens import Token, words_of
from prompts.dialogue import Reading, Retraction
from retrieval.items import Item

#: A longer message is no answer to "which one?".
LONGEST_PICK = 12


def options_of(found: Finder, context: ReadContext) -> tuple[Item, ...]:
    """The works that the last reply asked to choose from."""
    if context.question is None or context.question.about != "which":
        return ()
    items = map(found.shelf.get, context.question.item_ids)
    return tuple(item for item in items if item is not None)


def relaxed(text: str, tokens: Sequence[Token], context: ReadContext) -> Reading | None:
    """The answer to "shall I let this condition go?": a yes, or one of the offered ways word by word."""
    question = context.question
    if question is None or question.about != "relax" or not question.constraints:
        return None
    said = words_of(text)
    chosen = [
        constraint
        for constraint, option in zip(question.constraints, question.options, strict=False)
        if words_of(option) == said
    ]
    if not chosen and covered([token.norm for token in tokens if token.kind != "mark"], "agree"):
        chosen = [question.constraints[0]]
    if not chosen:
        return None
    if chosen[0] == question.constraints[0]:
        chosen += question.also
    return Reading(
        "request",
        retractions=tuple(
            Retraction(gone.facet, value, text.strip()[:80])
            for gone in chosen
            for value in gone.values or ("",)
        ),
    )


def picked(
    found: Finder, tokens: Sequence[Token], context: ReadContext, options: Sequence[Item]
) -> Item | None:
    """The one of several works of a name that the answer picks out: by place, year, person or country."""
    here = replace(context, shown=tuple(options), focus=())
    things = [
        *people_things(tokens, found.vocabulary),
        *value_things(tokens, found.vocabulary),
        *quantity_things(tokens, found.quantities),
    ]
    pointed = [
        thing for thing in pointed_things(tokens, here, things, found.vocabulary, options) if thing.values
    ]
    ids = {value for thing in pointed for value in thing.values if len(thing.values) == 1}
    if len(ids) == 1:
        return next(item for item in options if item.id in ids)
    if len(tokens) > LONGEST_PICK:
        return None
    numbers = {token.norm for token in tokens if token.kind == "number"}
    fitting = [
        item
        for item in options
        if numbers & {str(value)[:4] for value in item.facts.values() if isinstance(value, (int, float))}
    ]
    if len(fitting) == 1:
        return fitting[0]
    for thing in things:
        fitting = [item for item in options if fits(item, thing)]
        if len(fitting) == 1:
            return fitting[0]
    return _at_the_end(found, tokens, options)


def _at_the_end(found: Finder, tokens: Sequence[Token], options: Sequence[Item]) -> Item | None:
    """ "The older", "the short one": the option at the end of a scale."""
    for word in (token.norm for token in tokens):
        scale = scale_of(word) or plain_scale(word)
        facet = found.vocabulary.by_role(scale[0]) if scale else None
        if facet and scale:
            ranked = sorted(options, key=lambda item: first_number(item, facet.name))
            return ranked[0] if scale[1] == "low" else ranked[-1]
    return None
