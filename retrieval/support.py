"""Free words → the sentence of a description that bears them out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from retrieval.embed import Embedder, Vectors
from retrieval.lexical import asked, tokens

#: The share of the asked words (by idf) that a sentence must have to be quoted for having them.
ENOUGH_WORDS = 0.5
#: The cosine from which a sentence means about the same as the words. Set on the films with MiniLM.
ENOUGH_MEANING = 0.45

_ABBREVIATION = "".join(
    rf"(?<!\b{short}\.)" for short in ("[A-Z]", "Mr", "Ms", "Mrs", "Dr", "St", "vs", r"e\.g", r"i\.e")
)
_SENTENCE = re.compile(rf"(?<=[.!?…]){_ABBREVIATION}\s+|(?<=[.!?…][\"”’')]){_ABBREVIATION}\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Support:
    """A description in sentences, with the stems and the vector of each."""

    text: str
    sentences: tuple[str, ...]
    stems: tuple[frozenset[str], ...]
    vectors: Vectors

    @classmethod
    def of(cls, text: str, embedder: Embedder) -> Support:
        found = sentences(text)
        return cls(text, found, tuple(frozenset(tokens(one)) for one in found), embedder.embed(found))


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, in order."""
    return tuple(part.strip() for part in _SENTENCE.split(text) if part and part.strip())


def best_support(
    support: Support, text: str, idf: Callable[[str], float], vector: Callable[[str], Vectors]
) -> tuple[str, float] | None:
    """The sentence that has most of the words, else the nearest in meaning, else `None`; with its measure."""
    wanted = set(asked(text))
    if not wanted or not support.sentences:
        return None
    whole = sum(idf(token) for token in wanted) or 1.0
    shares = [sum(idf(token) for token in sorted(wanted & stems)) / whole for stems in support.stems]
    best = int(np.argmax(shares))
    if shares[best] >= ENOUGH_WORDS:
        return support.sentences[best], min(1.0, shares[best])
    cosines = support.vectors @ vector(text)
    best = int(np.argmax(cosines))
    if cosines[best] >= ENOUGH_MEANING:
        return support.sentences[best], float(cosines[best])
    return None
