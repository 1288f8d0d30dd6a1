from __future__ import annotations

import pytest

from retrieval.items import Item
from retrieval.matching import by_title

ITEMS = (
    Item("samurai", "Seven Samurai", {"year": 1954}),
    Item("solaris", "Solaris", {"year": 1972}),
    Item("again", "Solaris", {"year": 2002}),
    Item("eleven", "Eleven", {}),
    Item("number", "1984", {"year": 1984}),
)


@pytest.mark.parametrize(
    ("title", "year", "id"),
    [
        ("Seven Samurai", None, "samurai"),
        ("Seven Samurai (Shichinin no samurai)", 1954, "samurai"),
        ("Shichinin no samurai (a.k.a. Seven Samurai)", 1954, "samurai"),
        ("SEVEN SAMURAI, The", 1955, "samurai"),
        ("Seven Samurai", 1960, None),
        ("Solaris", 2002, "again"),
        ("Solaris", 1971, "solaris"),
        ("Eleven", 1999, "eleven"),
        ("1984", None, "number"),
        ("Ring (1984)", None, None),  # a year in brackets is no title
        ("", None, None),
        ("(…)", 1954, None),
    ],
)
def test_an_item_is_found_under_another_lists_title(title: str, year: object, id: str | None) -> None:
    assert by_title(ITEMS)(title, year) == id


def test_other_titles_count() -> None:
    find = by_title(ITEMS, lambda item: (item.title, "Shichinin no Samurai") if item.id == "samurai" else ())
    assert find("shichinin no samurai", 1954) == "samurai"
