"""Rows of tokens drawn by chance, said twice: what a base from random weights learns first.

In talk a guess at the next word is mostly good enough, so a small model learns late, or not at all, to look
back at what it was given. In these rows nothing can be guessed: the only way to a lower loss is to find where
the last token stood before and to say what followed it (the induction heads of Olsson et al., 2022, arXiv
2209.11895). It takes some hundred updates, and readings and replies are then learned many times sooner.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from finetune.config import CopyingConfig
from finetune.rendering import IGNORED, SPECIAL
from finetune.rows import Row


def copying_rows(
    rows: Iterable[Row], tokenizer: Any, config: CopyingConfig, count: int, seed: int
) -> Iterator[Row]:
    """`count` rows of tokens, as often drawn as they occur in the rows given; the second half is learned."""
    marks = {name: tokenizer.convert_tokens_to_ids(name) for name in SPECIAL}
    occur = Counter(token for row in rows for token in row["input_ids"])
    for mark in marks.values():
        del occur[mark]
    known, weights = list(occur), list(occur.values())
    rng = random.Random(seed)
    before, between, end = marks["<|system|>"], [marks["<|end|>"], marks["<|assistant|>"]], marks["<|end|>"]
    for _ in range(count):
        drawn = rng.choices(known, weights, k=rng.randint(config.shortest, config.longest))
        asked = [before, *drawn, *between]
        yield {
            "input_ids": [*asked, *drawn, end],
            "labels": [*[IGNORED] * len(asked), *drawn, end],
        }
