"""What ranges and items are called."""

from __future__ import annotations

from chat.reader.vocabulary import Vocabulary
from retrieval.items import Bounds, Facet, Item


def bounds_in_words(facet: Facet, bounds: Bounds) -> str:
    """A range for people: "1990s", "at most 120 min", "from 2010 on"."""
    unit = f" {facet.unit}" if facet.unit and facet.role not in ("year", "age") else ""
    low, high = bounds.low, bounds.high
    if facet.role == "age":
        return f"fine for age {high:g}" if high is not None else f"for age {low:g} and up"
    if facet.role == "year" or facet.kind == "date":
        if low is not None and high is not None:
            if low == high:
                return f"{low:.0f}"
            return f"{low:.0f}s" if high - low == 9 and low % 10 == 0 else f"{low:.0f} to {high:.0f}"
        return f"from {low:.0f} on" if low is not None else f"up to {high:.0f}"
    if low is not None and high is not None:
        return f"{low:g}{unit}" if low == high else f"{low:g} to {high:g}{unit}"
    return f"at least {low:g}{unit}" if low is not None else f"at most {high:g}{unit}"


def name_of(item: Item, vocabulary: Vocabulary) -> str:
    """An item's title with its year, where it has one."""
    year = vocabulary.by_role("year")
    values = item.values(year.name) if year else ()
    return f"{item.title} ({str(values[0])[:4]})" if values else item.title
