"""What the items' own texts say, by words and by meaning, and what is meant by a message."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np
import numpy.typing as npt

from retrieval.catalogue import embedding_text
from retrieval.embed import Embedder
from retrieval.items import Facet, Item
from retrieval.lexical import LexicalIndex

Floats = npt.NDArray[np.float32]
Told = Callable[[int, int], None]

_AT_ONCE = 64  # texts


@dataclass(frozen=True)
class Sense:
    """Texts of a list of items, made comparable with messages.

    `vectors` (n, d) are the items' sentence vectors, rows of length 1, of the embedder called `name`; `embed`
    makes those of messages. `known` are vectors of messages that were embedded before.
    """

    lexical: LexicalIndex
    vectors: Floats
    name: str
    embed: Callable[[Sequence[str]], Floats]
    known: Mapping[str, Floats] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, items: Sequence[Item], facets: Sequence[Facet], embedder: Embedder, vectors: Floats | None = None
    ) -> Self:
        """From the items themselves; their vectors are made where none are given."""
        if vectors is None:
            vectors = embedded([embedding_text(item, facets) for item in items], embedder.embed)
        lexical = LexicalIndex.build(items, facets)
        return cls(lexical, np.asarray(vectors, dtype=np.float32), embedder.name, embedder.embed)

    def meant(self, texts: Sequence[str]) -> Floats:
        """The vectors of messages, of shape (texts, d); zeros for one without a word."""
        found: dict[str, Floats] = {text: self.known[text] for text in texts if text in self.known}
        new = [text for text in dict.fromkeys(texts) if text.strip() and text not in found]
        if new:
            found |= zip(new, self.embed(new), strict=True)
        nothing = np.zeros(self.vectors.shape[1], dtype=np.float32)
        return np.array([found.get(text, nothing) for text in texts], dtype=np.float32)

    def knowing(self, texts: Sequence[str], told: Told | None = None) -> Self:
        """The same with these texts embedded once and for all, so that it travels to other processes: there
        it knows these texts and no others."""
        new = [text for text in dict.fromkeys(texts) if text.strip()]
        vectors = embedded(new, self.embed, told).astype(np.float16)
        return replace(self, embed=_unknown, known=dict(zip(new, vectors, strict=True)))


def embedded(
    texts: Sequence[str], embed: Callable[[Sequence[str]], Floats], told: Told | None = None
) -> Floats:
    """The vectors of many texts, of shape (texts, d), by and by; texts of like length together."""
    order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
    found: dict[int, Floats] = {}
    for start in range(0, len(order), _AT_ONCE):
        places = order[start : start + _AT_ONCE]
        found |= zip(places, embed([texts[place] for place in places]), strict=True)
        if told:
            told(min(start + _AT_ONCE, len(order)), len(order))
    if not found:
        return np.zeros((0, 0), dtype=np.float32)
    return np.stack([found[place] for place in range(len(texts))]).astype(np.float32)


def _unknown(texts: Sequence[str]) -> Floats:
    raise LookupError(f"This text was not embedded beforehand: {texts[0][:80]!r}")
