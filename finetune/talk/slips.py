"""How people type: no capitals, dropped marks, slips of the finger. Piece by piece, so labels hold."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from typing import Any

from finetune.talk.wishes import Piece

_NEAR = {
    "a": "sq", "b": "vn", "c": "xv", "d": "sf", "e": "wr", "f": "dg", "g": "fh", "h": "gj", "i": "uo",
    "j": "hk", "k": "jl", "l": "k", "m": "n", "n": "bm", "o": "ip", "p": "o", "q": "w", "r": "et",
    "s": "ad", "t": "ry",
    "u": "yi", "v": "cb", "w": "qe", "x": "zc", "y": "tu", "z": "x",
}  # fmt: skip
_SHORT = {
    "please": "pls", "you": "u", "are": "r", "thanks": "thx", "because": "cuz", "something": "smth",
    "really": "rly", "tonight": "tonite", "though": "tho", "okay": "ok", "your": "ur", "people": "ppl",
    "about": "abt", "with": "w/", "and": "n", "going to": "gonna", "want to": "wanna",
}  # fmt: skip


def typed(rng: random.Random, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces as one of many kinds of people would type them."""
    lower = rng.random() < 0.3
    bare = rng.random() < 0.25
    rate = rng.choices((0.0, 0.02, 0.05, 0.1), weights=(55, 25, 14, 6))[0]
    short = rng.random() < 0.08
    out: list[Piece] = []
    for text, label in pieces:
        if lower:
            text = text.lower()
        if bare:
            text = text.replace("'", "").replace("’", "")
            text = re.sub(r"[.!]", "", text)
        if short:
            for long, brief in _SHORT.items():
                if rng.random() < 0.6:
                    text = re.sub(rf"\b{long}\b", brief, text)
        if rate:
            text = "".join(
                _slip(rng, word) if rng.random() < rate else word for word in re.split(r"(\W+)", text)
            )
        out.append((text, label))
    return out


def _slip(rng: random.Random, word: str) -> str:
    if len(word) < 4 or not word.isalpha():
        return word
    place = rng.randrange(1, len(word) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return word[:place] + word[place + 1] + word[place] + word[place + 2 :]
    if kind == 1:
        return word[:place] + word[place + 1 :]
    if kind == 2:
        return word[:place] + word[place] + word[place:]
    near = _NEAR.get(word[place].lower(), word[place])
    return word[:place] + rng.choice(near) + word[place + 1 :]


def finished(pieces: Sequence[Piece]) -> tuple[str, list[tuple[dict[str, Any], str]]]:
    """The message, spaces tidied, and each label with its words in it."""
    text = ""
    places: list[tuple[dict[str, Any], str]] = []
    for words, label in pieces:
        words = re.sub(r"\s+", " ", words)
        if text.endswith(" ") or not text:
            words = words.lstrip()
        text += words
        if label is not None and words.strip():
            places.append((label, words.strip()))
    return text.strip(), places
