"""One part of a taste, and whether an item bears it out: judged on its facts, by no code of the chat."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import Stemmer

from retrieval.items import Bounds, Item

#: The facet of wants that are about words of the description.
TEXT = "text"


@dataclass(frozen=True, slots=True)
class Want:
    """Something liked or disliked: a value or a range of a facet, or a word of the description.

    `hard` wants are conditions: an item that breaks one won't do, whatever else speaks for it. `weight` is
    what the want counts in the sum.
    """

    facet: str
    value: str = ""
    bounds: Bounds | None = None
    feeling: Literal["like", "dislike"] = "like"
    hard: bool = False
    weight: float = 1.0

    def holds(self, item: Item) -> bool | None:
        """Whether the item has it; None where the catalogue doesn't say."""
        if self.facet == TEXT:
            return stem(self.value) in stems(item.text)
        values = item.values(self.facet)
        if not values:
            return None
        if self.bounds is not None:
            number = number_in(values[0])
            return None if number is None else self.bounds.holds(number)
        return self.value.casefold() in {str(value).casefold() for value in values}

    def breaks(self, item: Item) -> bool:
        """Whether the item goes against it for certain; what the catalogue doesn't say breaks nothing."""
        held = self.holds(item)
        return held is not None and held == (self.feeling == "dislike")

    @property
    def subject(self) -> tuple[str, str, Bounds | None]:
        """What it is about, whatever is felt."""
        return self.facet, self.value, self.bounds

    def __str__(self) -> str:
        if self.bounds is not None:
            low, high = self.bounds.low, self.bounds.high
            about = f"{self.facet} {'' if low is None else f'{low:g}'}–{'' if high is None else f'{high:g}'}"
        else:
            about = f"{self.facet} {self.value}"
        return f"{'not ' if self.feeling == 'dislike' else ''}{about}{' (must)' if self.hard else ''}"


def number_in(value: str | int | float) -> float | None:
    """A number, or the year of a date written as text; None for anything else."""
    if isinstance(value, str):
        year = re.search(r"(?<!\d)\d{4}(?!\d)", value)
        return float(year[0]) if year else None
    return float(value)


@lru_cache(maxsize=2_000)
def stem(word: str) -> str:
    """The word without its ending, as descriptions are compared."""
    return str(Stemmer.Stemmer("english").stemWord(word.casefold()))


@lru_cache(maxsize=20_000)
def stems(text: str) -> frozenset[str]:
    """The stems of all words of a text."""
    return frozenset(Stemmer.Stemmer("english").stemWords(re.findall(r"[^\W\d_]+", text.casefold())))
