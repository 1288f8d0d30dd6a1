"""Falsehoods put into replies on purpose: how many the checker finds says how far to trust its verdict."""

from __future__ import annotations

import random
from collections.abc import Sequence

from evaluation.claims import Claims, Spoken
from evaluation.mentions import Span, numbers_of, plain


def planted_is_found(claims: Claims, spoken: Spoken, seed: str) -> bool | None:
    """Whether the checker objects once a title, name, value or number of the reply is exchanged for another.

    What comes in its place is the catalogue's own, but none of the reply's items has it and nobody said it.
    None where the reply holds nothing to exchange, or was objected to already.
    """
    if not spoken.own or claims.problems(spoken):
        return None
    dice = random.Random(seed)
    spans = [
        span
        for span in claims.names.spans(spoken.text)
        if span.kind in ("title", "person", "value", "number") and _of_item(claims, spoken, span)
    ]
    if not spans:
        return None
    span = dice.choice(spans)
    other = _other(claims, spoken, span, dice)
    if other is None:
        return None
    text = spoken.text[: span.start] + other + spoken.text[span.end :]
    return bool(
        claims.problems(Spoken(text, spoken.own, spoken.known, spoken.said, spoken.taste, spoken.counts))
    )


def _of_item(claims: Claims, spoken: Spoken, span: Span) -> bool:
    """Whether a span says something of the reply's items, rather than take up what the person said."""
    if span.kind == "title":
        return any(item.id in span.found for item in spoken.own)
    if plain(span.text) in plain(" . ".join(spoken.said)):
        return False
    return any(claims.holds(item, span, "") for item in spoken.own)


def _other(claims: Claims, spoken: Spoken, span: Span, dice: random.Random) -> str | None:
    """Another of the same kind that is not true of any item of the reply."""
    said = plain(" . ".join([*spoken.said, *(f"{one.subject} {one.value}" for one in spoken.taste)]))
    items = sorted(claims.names.items)
    for _ in range(20):
        item = claims.names.items[dice.choice(items)]
        if item in spoken.own or item.id in spoken.known:
            continue
        if span.kind == "title":
            choices: Sequence[str] = (
                [item.title] if item.title not in (one.title for one in spoken.own) else []
            )
        elif span.kind == "number":
            facets = [facet for facet in claims.names.facets if not span.facet or facet.name == span.facet]
            numbers = [number for facet in facets for number in numbers_of(item, facet)]
            choices = [f"{number:g}" for number in numbers if int(number) not in spoken.counts]
        else:
            choices = [str(value) for name in span.found for value in item.values(name)]
        free = [
            one
            for one in choices
            if plain(one) not in said
            and not any(
                plain(one) in plain(f"{i.title} {i.text} {' '.join(claims.values(i))}") for i in spoken.own
            )
        ]
        if free:
            return dice.choice(free)
    return None
