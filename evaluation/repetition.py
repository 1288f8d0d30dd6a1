"""How much replies repeat themselves: sentences, n-grams and openings."""

from __future__ import annotations

import re
from collections.abc import Sequence

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_SENTENCE = re.compile(r"(?<=[.!?…])[”\"]?\s+")


def words(text: str) -> list[str]:
    """The words of a text in lower case."""
    return _WORD.findall(text.casefold())


def sentences(text: str) -> list[str]:
    """The sentences of a text as plain words, those of four words or more."""
    plain = [" ".join(words(part)) for part in _SENTENCE.split(text)]
    return [one for one in plain if one.count(" ") >= 3]


def ngrams(tokens: Sequence[str], n: int) -> list[tuple[str, ...]]:
    """All runs of n words, in order."""
    return [tuple(tokens[place : place + n]) for place in range(len(tokens) - n + 1)]


def repeated_sentences(replies: Sequence[str]) -> list[tuple[int, int]]:
    """For each reply: how many of its sentences an earlier one held already, and how many it has."""
    known: set[str] = set()
    out = []
    for reply in replies:
        own = sentences(reply)
        out.append((sum(one in known for one in own), len(own)))
        known.update(own)
    return out


def repeated_ngrams(replies: Sequence[str], n: int = 4) -> list[tuple[int, int]]:
    """For each reply: how many of its n-grams an earlier one held already, and how many it has."""
    known: set[tuple[str, ...]] = set()
    out = []
    for reply in replies:
        own = ngrams(words(reply), n)
        out.append((sum(one in known for one in own), len(own)))
        known.update(own)
    return out


def distinct(replies: Sequence[str], n: int) -> float:
    """Distinct n-grams over all n-grams of these replies (Li et al., NAACL 2016); nan without any.

    It falls with the length of what is counted: compare only measurements over conversations alike.
    """
    own = [one for reply in replies for one in ngrams(words(reply), n)]
    return len(set(own)) / len(own) if own else float("nan")


def shared_openings(replies: Sequence[str]) -> list[int]:
    """For each reply: the number of words with which an earlier one begins in the same way, at most."""
    tokens = [words(reply) for reply in replies]
    return [
        max((_common(one, other) for other in tokens[:place]), default=0) for place, one in enumerate(tokens)
    ]


def _common(one: Sequence[str], other: Sequence[str]) -> int:
    size = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        size += 1
    return size
