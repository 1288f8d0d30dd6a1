"""Adjectives that name an end of a numeric scale: "short", "cheaper", "the newest"."""

from __future__ import annotations

from chat.reader.english import english
from chat.reader.tokens import comparative


def scale_of(word: str) -> tuple[str, str] | None:
    """The role and end of the scale that a comparative names: "shorter" → duration, low."""
    if word == "cheapest" or word == "newest" or word == "latest":
        return {"cheapest": ("price", "low"), "newest": ("year", "high"), "latest": ("year", "high")}[word]
    base = comparative(word) or (comparative(word[:-3] + "er") if word.endswith("est") else None)
    if base is None:
        return None
    for role, ends in english().scales.items():
        for end, forms in ends.items():
            if base in forms or base + "e" in forms:
                return role, end
    return None


def plain_scale(word: str) -> tuple[str, str] | None:
    """The role and end of the scale that a plain adjective names: "recent" → year, high."""
    for role, ends in english().scales.items():
        for end, forms in ends.items():
            if word in forms and role != "quantity":
                return role, end
    return None
