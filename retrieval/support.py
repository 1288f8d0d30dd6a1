"""Free words → the sentence of a description that bears them out."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from retrieval.embed import Embedder, Vectors
from retrieval.lexical import asked, tokens

#: The share of the asked words (by idf) that a sentence must have to be quoted for having them. At half, one
#: word of two was enough: "quietly strong" for "strong women".
ENOUGH_WORDS = 0.65
#: The cosine from which a sentence means about the same as the words. With MiniLM on the films, sentences of
#: films drawn by chance reached 0.32, and what was found between 0.32 and 0.4 was right half of the time.
ENOUGH_MEANING = 0.4

#: Words that turn what follows into its opposite, and how far they reach.
_DENYING = frozenset(
    "no not never without less than nor neither hardly barely isn isnt doesn don cannot".split()
)
_REACH = 3
_WORD = re.compile(r"\w+")
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
        return cls(text, found, tuple(_said(one) for one in found), embedder.embed(found))


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, in order."""
    return tuple(part.strip() for part in _SENTENCE.split(text) if part and part.strip())


def _said(sentence: str) -> frozenset[str]:
    """The stems of what a sentence says, without what it denies: "more mood piece than car-chase film"."""
    words = _WORD.findall(sentence.casefold().replace("n't", " not"))
    denied = {at + step for at, word in enumerate(words) if word in _DENYING for step in range(1, _REACH + 1)}
    return frozenset(tokens(" ".join(word for at, word in enumerate(words) if at not in denied)))


def best_support(
    support: Support, text: str, idf: Callable[[str], float], vector: Callable[[str], Vectors]
) -> tuple[str, float] | None:
    """The sentence that has most of the words, else the nearest in meaning, else `None`; with its measure.

    `None` also for words that deny something ("not too heavy"): nothing a sentence has can bear that out.
    """
    wanted = set(asked(text))
    if _DENYING & set(_WORD.findall(text.casefold())):
        return None  # a sentence with the very words would say the opposite of what is asked
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
