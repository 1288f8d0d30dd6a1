"""Slips of the finger: neighbouring keys, dropped, doubled and swapped letters, no punctuation."""

from __future__ import annotations

import random
import re

_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
#: Words of fewer letters are spared: people notice those, and nobody could tell what was meant.
_SHORTEST = 5


def slipped(text: str, chance: random.Random, rate: float, most: int = 2) -> str:
    """The text with each longer word mistyped with probability `rate`, at most `most` of them."""
    left = most
    words = re.split(r"(\W+)", text)
    for place in range(0, len(words), 2):
        word = words[place]
        if left and len(word) >= _SHORTEST and word.isalpha() and chance.random() < rate:
            words[place] = _slip(word, chance)
            left -= 1
    return "".join(words)


def careless(text: str) -> str:
    """The text in lower case, without punctuation other than what holds numbers and words together."""
    bare = re.sub(r"[^\w\s'’.,-]|(?<!\d)[.,]|[.,](?!\d)", " ", text.lower())
    return re.sub(r"\s+", " ", bare).strip()


def _slip(word: str, chance: random.Random) -> str:
    at = chance.randrange(1, len(word) - 1)
    kind = chance.choice(("neighbour", "drop", "double", "swap"))
    if kind == "drop":
        return word[:at] + word[at + 1 :]
    if kind == "double":
        return word[:at] + word[at] + word[at:]
    if kind == "swap" and word[at] != word[at + 1]:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    return word[:at] + _neighbour(word[at], chance) + word[at + 1 :]


def _neighbour(letter: str, chance: random.Random) -> str:
    for row in _ROWS:
        if (at := row.find(letter.lower())) >= 0:
            return chance.choice([row[near] for near in (at - 1, at + 1) if 0 <= near < len(row)])
    return letter
