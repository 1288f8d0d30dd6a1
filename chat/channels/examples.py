"""What is said before a first word: a greeting, and requests to try, made from the catalogue itself."""

from __future__ import annotations

from collections import Counter

from chat.channels.catalogues import Shelf
from chat.channels.facts import number_words
from retrieval.items import Facet

_WRITERS = (
    "author",
    "artist",
    "director",
    "writer",
    "creator",
    "instructor",
    "composer",
    "designer",
    "brand",
)


def greeting(shelf: Shelf) -> tuple[str, str]:
    """One warm line, and one that says what there is."""
    about = (
        f"Tell me in your own words. I know {len(shelf.items):,} {shelf.nouns}, "
        "and I’ll say why I pick each one, so that you can check."
    )
    return "What are you in the mood for?", about


def examples(shelf: Shelf) -> tuple[str, ...]:
    """Up to four requests that the catalogue can answer, the same every time."""
    kinds = [
        facet for facet in shelf.facets if facet.kind == "category" and len(shelf.values(facet.name)) > 1
    ]
    found = [
        _kind_and_limit(shelf, kinds),
        _like_title(shelf),
        _person_or_time(shelf),
        _two_kinds(shelf, kinds),
        f"Surprise me with one of your {shelf.nouns}",
    ]
    return tuple(dict.fromkeys(request for request in found if request))[:4]


def _kind_and_limit(shelf: Shelf, kinds: list[Facet]) -> str:
    if not kinds:
        return ""
    values = list(shelf.values(kinds[0].name))
    kind = values[min(1, len(values) - 1)]
    for facet in shelf.facets:
        if facet.role in ("duration", "price", "length"):
            numbers = sorted(
                value
                for item in shelf.items
                if kind in map(str, item.values(kinds[0].name))
                for value in item.values(facet.name)
                if isinstance(value, (int, float))
            )
            if len(numbers) > 1:
                limit = _round(numbers[len(numbers) // 2])
                return f"I’m looking for {kind}, {number_words(limit, facet)} at most"
    return f"I’m looking for {kind}"


def _like_title(shelf: Shelf) -> str:
    """The best described item has the most to be compared by."""
    if not shelf.items:
        return ""
    best = max(shelf.items, key=lambda item: (sum(len(item.values(name)) for name in item.facts), item.title))
    return f"Something like {best.title}" if len(best.title) <= 40 else ""


def _person_or_time(shelf: Shelf) -> str:
    people = [facet for facet in shelf.facets if facet.kind == "people"]
    years = next((facet for facet in shelf.facets if facet.role == "year"), None)
    if people:
        person = next(iter(shelf.values(people[0].name)), "")
        if person:
            joint = "by" if people[0].label.casefold() in _WRITERS else "with"
            return f"Anything {joint} {person}?"
    if years:
        decades = Counter(
            int(value) // 10 * 10
            for item in shelf.items
            for value in item.values(years.name)
            if isinstance(value, (int, float))
        )
        if decades:
            return f"Something from the {decades.most_common(1)[0][0]}s"
    return ""


def _two_kinds(shelf: Shelf, kinds: list[Facet]) -> str:
    if not kinds:
        return ""
    facet = kinds[-1] if len(kinds) > 1 else kinds[0]
    values = [value for value in shelf.values(facet.name) if value not in ("yes", "no")]
    if len(values) > 3:
        return f"Something {values[0]}, but not {values[2]}"
    return f"Show me {values[0]}" if values else ""


def _round(number: float) -> float:
    """Up to a number that somebody would say: 103 → 110, 47.99 → 50, 0.8 → 1."""
    step = 1 if number < 10 else 5 if number < 50 else 10 if number < 500 else 100
    return -(-number // step) * step
