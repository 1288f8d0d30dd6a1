"""Taste and the message at hand → what is asked of retrieval. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from prompts.dialogue import Interest
from retrieval.items import Bounds, Constraint, Query, Wish

#: The likes that stand in the query's text, newest first; more would blur it.
TEXT_LIKES = 8
#: The person's latest messages that a query carries.
SAID = 8


def make_query(
    interests: Sequence[Interest], seen: frozenset[str], k: int, said: Sequence[str] = ()
) -> Query:
    """The query for a taste as it is now: conditions from hard interests, leanings from the others.

    `interests` carry their faded strength. Hard likes of one group are alternatives and make one condition.
    `said` are the person's messages, oldest first.
    """
    musts: list[Constraint] = []
    grouped: dict[tuple[str, str], list[Interest]] = {}
    must_nots: list[Constraint] = []
    likes: list[Wish] = []
    dislikes: list[Wish] = []
    for interest in interests:
        if interest.feeling == "seen":
            continue
        if interest.hard and interest.feeling == "dislike":
            must_nots.append(condition([interest]))
        elif interest.hard and interest.group and interest.kind != "item":
            grouped.setdefault((interest.kind, interest.group), []).append(interest)
        elif interest.hard:
            musts.append(condition([interest]))
        else:
            wish = Wish(
                interest.kind, interest.value, interest.bounds, round(max(0.01, interest.strength), 4)
            )
            (likes if interest.feeling == "like" else dislikes).append(wish)
    for alternatives in grouped.values():
        if all(one.bounds is None for one in alternatives):
            musts.append(condition(alternatives))
        else:  # "the 40s or 50s": one range over all of them
            musts.append(_span(alternatives))
    return Query(
        text=wanted_in_words(interests),
        musts=tuple(musts),
        must_nots=tuple(must_nots),
        likes=tuple(likes),
        dislikes=tuple(dislikes),
        seen=seen,
        k=k,
        said=tuple(said[-SAID:]),
    )


def condition(interests: Sequence[Interest]) -> Constraint:
    """The condition that one interest, or several alternatives of one facet, stand for."""
    first = interests[0]
    if first.bounds is not None:
        return Constraint(first.kind, bounds=first.bounds)
    return Constraint(first.kind, tuple(interest.value for interest in interests))


def _span(interests: Sequence[Interest]) -> Constraint:
    lows = [one.bounds.low for one in interests if one.bounds]
    highs = [one.bounds.high for one in interests if one.bounds]
    low = None if None in lows else min(number for number in lows if number is not None)
    high = None if None in highs else max(number for number in highs if number is not None)
    return Constraint(interests[0].kind, bounds=Bounds(low, high))


def wanted_in_words(interests: Iterable[Interest]) -> str:
    """What is liked, in a few words for text search: newest first, without items and numbers."""
    likes = [one for one in interests if one.feeling == "like" and one.kind != "item" and one.bounds is None]
    likes.sort(key=lambda one: (-one.turn, one.kind != "text"))
    return ", ".join(dict.fromkeys(one.value for one in likes[:TEXT_LIKES] if one.value))


def interests_behind(constraint: Constraint, interests: Iterable[Interest], excluded: bool) -> list[Interest]:
    """The hard interests that a condition was made of."""
    feeling = "dislike" if excluded else "like"
    wanted = {value.casefold() for value in constraint.values}
    return [
        one
        for one in interests
        if one.hard
        and one.kind == constraint.facet
        and one.feeling == feeling
        and ((one.value.casefold() in wanted) if wanted else _inside(one.bounds, constraint.bounds))
    ]


def _inside(part: Bounds | None, whole: Bounds | None) -> bool:
    """Whether a range is (part of) the one that a condition was made of."""
    if part is None or whole is None:
        return False
    low = whole.low is None or (part.low is not None and part.low >= whole.low)
    return low and (whole.high is None or (part.high is not None and part.high <= whole.high))
