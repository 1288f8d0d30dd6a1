"""Which facts of an item are worth a line on its card, and how they read."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from retrieval.items import Facet, Item

_CURRENCIES = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}


def key_facts(item: Item, facets: Sequence[Facet]) -> tuple[str, ...]:
    """Up to six short facts, in the order people ask for them: when, what kind, how long or dear, by whom."""
    found: list[str] = []
    year = _first(item, facets, lambda facet: facet.role == "year" or facet.kind == "date")
    if year:
        found.append(number_words(item.values(year.name)[0], year))
    kinds = [facet for facet in facets if facet.kind == "category" and item.values(facet.name)]
    if kinds:
        found.append(", ".join(str(value) for value in item.values(kinds[0].name)[:3]))
    found += _numbers(item, facets, ("duration", "length", "price", "quantity"))
    people = _first(item, facets, lambda facet: facet.kind == "people")
    if people:
        found.append(", ".join(str(value) for value in item.values(people.name)[:2]))
    found += _numbers(item, facets, ("age", "rating"))
    for facet in kinds[1:]:
        if len(found) < 5 and not facet.many:
            found.append(str(item.values(facet.name)[0]))
    return tuple(found[:6])


def _numbers(item: Item, facets: Sequence[Facet], roles: Sequence[str]) -> list[str]:
    return [
        number_words(item.values(facet.name)[0], facet)
        for facet in facets
        if facet.role in roles and facet.kind == "number" and item.values(facet.name)
    ]


def main_kind(item: Item, facets: Sequence[Facet]) -> str:
    """The first value of the item's first category: what colours its cover."""
    facet = _first(item, facets, lambda facet: facet.kind == "category")
    return str(item.values(facet.name)[0]) if facet else ""


def number_words(value: str | int | float, facet: Facet) -> str:
    """`76 min`, `€119`, `rated 4.4`, `from age 12`, `1954`."""
    if isinstance(value, str):
        return value
    digits = f"{value:g}" if facet.role in ("year", "rating") or abs(value) < 10_000 else f"{value:,.0f}"
    unit = (facet.unit or "").strip()
    if facet.kind == "date" or facet.role == "year":
        return digits
    if facet.role == "price":
        digits = f"{value:,.2f}".removesuffix(".00")
        sign = _CURRENCIES.get(unit.upper(), unit if unit in _CURRENCIES.values() else "")
        return (
            f"{sign}{digits}" if sign else f"{digits} {unit}".strip() if unit else f"{facet.label} {digits}"
        )
    if facet.role == "age":
        return f"from age {digits}"
    if facet.role == "rating":
        return f"rated {digits}"
    return f"{digits} {unit}" if unit else f"{facet.label} {digits}"


def year_of(item: Item, facets: Sequence[Facet]) -> str:
    """The item's year, or nothing."""
    facet = _first(item, facets, lambda facet: facet.role == "year")
    return f"{item.values(facet.name)[0]:g}" if facet and not _worded(item, facet) else ""


def _worded(item: Item, facet: Facet) -> bool:
    return isinstance(item.values(facet.name)[0], str)


def _first(item: Item, facets: Sequence[Facet], fits: Callable[[Facet], bool]) -> Facet | None:
    return next((facet for facet in facets if fits(facet) and item.values(facet.name)), None)
