"""Simulated people must not name what they look for: which titles may not be said, and whether one was."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

_ARTICLES = re.compile(r"^(the|a|an|le|la|les|der|die|das|el|il) ")


def folded(text: str) -> str:
    """The words of a text in lower case, without accents and punctuation, between spaces."""
    plain = unicodedata.normalize("NFKD", text.casefold()).replace("'", "").replace("’", "")
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    words = " ".join(re.findall(r"[^\W_]+", plain))
    return f" {words} "


def title_key(title: str) -> str:
    """The title as it is looked for: folded, without an article at its head."""
    whole = folded(title)
    return f" {_ARTICLES.sub('', whole.strip())} "


def leaked(text: str, titles: Iterable[str]) -> tuple[str, ...]:
    """The titles that a text holds as whole words, with or without their article."""
    said = folded(text)
    return tuple(title for title in titles if (key := title_key(title)).strip() and key in said)


def everyday(title: str, words: frozenset[str], values: frozenset[str]) -> bool:
    """Whether anybody may say the title by chance: it is made of the grammar's own `words`, or is one of the
    catalogue's `values`, folded. Such an item is no fit target."""
    key = title_key(title)
    return all(word in words for word in key.split()) or key in values
