"""Finds a catalogue's items under another list's titles."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from retrieval.items import Item


def by_title(
    items: Sequence[Item], titles: Callable[[Item], Sequence[str]] = lambda item: (item.title,)
) -> Callable[[str, object], str | None]:
    """Finds the item of a title: of several, or where both give a year, that of the year, one off allowed.

    `titles` are all that an item goes by. A title with brackets is also known by what is outside and inside
    of them: "Seven Samurai (Shichinin no samurai)".
    """
    known: dict[str, list[tuple[str, float | None]]] = {}
    for item in items:
        years = [float(one) for one in item.values("year") if isinstance(one, int | float)]
        for name in dict.fromkeys(name for title in titles(item) for name in _names(title)):
            known.setdefault(name, []).append((item.id, years[0] if years else None))

    def find(title: str, year: object) -> str | None:
        wanted = float(year) if isinstance(year, int | float) else None
        for name in _names(title):
            fits = [
                (abs((wanted or 0) - (at or 0)) if wanted and at else 0.5, key)
                for key, at in known.get(name, [])
                if wanted is None or at is None or abs(wanted - at) <= 1
            ]
            if fits:
                return min(fits)[1]
        return None

    return find


def _names(title: str) -> list[str]:
    """A title as a whole, without what is in brackets, and what is in them; the empty ones left out."""
    inside = [re.sub(r"^\s*a\.?k\.?a\.?\s", "", part) for part in re.findall(r"\(([^()]*)\)", title)]
    whole = (title, re.sub(r"\([^()]*\)", " ", title), *inside)
    return [name for name in dict.fromkeys(map(_plain, whole)) if name and not name.isdigit()] or [
        name for name in [_plain(title)] if name
    ]


def _plain(title: str) -> str:
    """A title without case, accents, signs or its article, for comparing lists."""
    letters = unicodedata.normalize("NFKD", title.casefold().replace("&", " and "))
    bare = "".join(c for c in letters if not unicodedata.combining(c))
    bare = re.sub(r"^(.*), (the|a|an)\s*$", r"\2 \1", bare)
    words = re.sub(r"[^\w\s]|_", " ", bare).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("the", "a", "an") else words)
