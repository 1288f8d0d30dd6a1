"""A small catalogue whose answers are known by hand: twelve kites, by colour, shape, price and year."""

from __future__ import annotations

from collections.abc import Sequence

from evaluation.simulate.aspects import Aspects
from evaluation.simulate.mind import Scene
from evaluation.simulate.speech import Speech
from retrieval.items import Facet, Item

FACETS = (
    Facet("colour", "category", "colour"),
    Facet("kinds", "category", "kind", many=True),
    Facet("maker", "people", "maker"),
    Facet("price", "number", "price", role="price"),
    Facet("year", "number", "year", role="year"),
)

_ROWS = (
    ("Quibble", "red", ("box", "stunt"), "Ada Holm", 20, 1990, "A dragon flies over the lake."),
    ("Vexilla", "red", ("box",), "Ada Holm", 30, 1995, "The dragon is made of paper."),
    ("Marzipan", "blue", ("delta",), "Ada Holm", 40, 2001, "It likes the lake and the wind."),
    ("Ostrakon", "blue", ("delta", "stunt"), "Ben Ruck", 50, 2003, "A string for the wind."),
    ("Zephyrine", "green", ("box",), "Ben Ruck", 60, 2010, "A string is in the bag."),
    ("Lumbago", "green", ("delta",), "Ben Ruck", 70, 2012, "The bag, and a dragon on it."),
    ("Tarantas", "red", ("delta", "stunt"), "Cleo Park", 80, 2015, "The wind is its friend."),
    ("Umbrage", "blue", ("box", "stunt"), "Cleo Park", 90, 2018, "A lake of colours."),
    ("Wisteria", "green", ("stunt",), "Cleo Park", 100, 2020, "The string sings."),
    ("Xanthous", "red", ("sled",), "Ada Holm", 110, 2021, "A bag of wind."),
    ("Yardarm", "blue", ("sled",), "Ben Ruck", 120, 2022, "The dragon sleeps."),
    ("Kedgeree", "green", ("sled", "box"), "Cleo Park", 130, 2023, "A lake, a string."),
)

KITES: tuple[Item, ...] = tuple(
    Item(
        title.lower(),
        title,
        {"colour": colour, "kinds": kinds, "maker": maker, "price": price, "year": year},
        text,
    )
    for title, colour, kinds, maker, price, year, text in _ROWS
)
BY_ID = {item.id: item for item in KITES}


def scene(items: Sequence[Item] = KITES) -> Scene:
    """Where people look for kites."""
    aspects = Aspects.of(items, FACETS)
    return Scene(aspects, Speech.load(aspects, "kite", "kites"), lambda item: (item.title,), "had_one")
