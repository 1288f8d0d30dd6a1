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
#: films drawn by chance reached 0.32, and of those found between 0.32 and 0.4 about half read as right.
ENOUGH_MEANING = 0.4

#: Words that turn what follows into its opposite, and how far they reach.
_DENYING = frozenset(
    "no not never nobody nothing none without less than nor neither hardly barely cannot".split()
)
_REACH = 3
_WORD = re.compile(r"\w+")
_ABBREVIATION = "".join(
    rf"(?<!\b{short}\.)" for short in ("[A-Z]", "Mr", "Ms", "Mrs", "Dr", "St", "vs", r"e\.g", r"i\.e")
)
_SENTENCE = re.compile(rf"(?<=[.!?…]){_ABBREVIATION}\s+|(?<=[.!?…][\"”’')]){_ABBREVIATION}\s+|(?<=[。！？])")


@dataclass(frozen=True, slots=True)
class Support:
    """A description in sentences, with the stems that each says and denies, and its vector."""

    text: str
    sentences: tuple[str, ...]
    stems: tuple[frozenset[str], ...]
    denied: tuple[frozenset[str], ...]
    vectors: Vectors

    @classmethod
    def of(cls, text: str, embedder: Embedder) -> Support:
        found = sentences(text)
        stems = [_said(one) for one in found]
        said, denied = tuple(one for one, _ in stems), tuple(one for _, one in stems)
        return cls(text, found, said, denied, embedder.embed(found))


def sentences(text: str) -> tuple[str, ...]:
    """The sentences of a text, in order."""
    return tuple(part.strip() for part in _SENTENCE.split(text) if part and part.strip())


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold().replace("’", "'").replace("n't", " not"))


def _said(sentence: str) -> tuple[frozenset[str], frozenset[str]]:
    """The stems of what a sentence says and of what it denies: "more mood piece than car-chase film"."""
    words = _words(sentence)
    reached = {
        at + step for at, word in enumerate(words) if word in _DENYING for step in range(1, _REACH + 1)
    }
    said = " ".join(word for at, word in enumerate(words) if at not in reached)
    denied = " ".join(word for at, word in enumerate(words) if at in reached)
    return frozenset(tokens(said)), frozenset(tokens(denied))


def best_support(
    support: Support, text: str, idf: Callable[[str], float], vector: Callable[[str], Vectors]
) -> tuple[str, float] | None:
    """The sentence that has most of the words, else the nearest in meaning, else `None`; with its measure.

    `None` also for words that deny something ("not too heavy"): nothing a sentence has can bear that out.
    """
    wanted = set(asked(text))
    if _DENYING & set(_words(text)):
        return None  # a sentence with the very words would say the opposite of what is asked
    if not wanted or not support.sentences:
        return None
    whole = sum(idf(token) for token in wanted) or 1.0
    shares = [sum(idf(token) for token in sorted(wanted & stems)) / whole for stems in support.stems]
    best = int(np.argmax(shares))
    if shares[best] >= ENOUGH_WORDS:
        return support.sentences[best], min(1.0, shares[best])
    cosines = support.vectors @ vector(text)
    cosines[[bool(wanted & stems) for stems in support.denied]] = -1  # near in meaning, and yet the opposite
    best = int(np.argmax(cosines))
    if cosines[best] >= ENOUGH_MEANING:
        return support.sentences[best], float(cosines[best])
    return None
