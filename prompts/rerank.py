"""Items to put into order → a model's messages; its answer → places.

One list at a time, as numbers: Sun et al. 2023, "Is ChatGPT Good at Search?", arXiv 2304.09542 (RankGPT).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from prompts.template import render, shorten

#: What a prompt holds at most.
SAID = 4
SAID_CHARS = 400
ITEM_CHARS = 300


def rerank_messages(said: Sequence[str], items: Sequence[str]) -> list[dict[str, str]]:
    """Chat messages that ask for the order of items, each in words, by what a person said, oldest first."""
    user = render(
        "rerank_user",
        said=[shorten(text, SAID_CHARS) for text in said[-SAID:]],
        items=[shorten(item, ITEM_CHARS) for item in items],
    )
    return [
        {"role": "system", "content": render("rerank_system")},
        {"role": "user", "content": user},
    ]


def parse_order(answer: str, count: int) -> list[int]:
    """Places from 0 in the order that the answer gives, each once; numbers of no item are passed over.

    Empty where the answer names fewer than two of the `count` items: that is no order.
    """
    numbers = [int(number) - 1 for number in re.findall(r"\d{1,3}", answer)]
    places = list(dict.fromkeys(place for place in numbers if 0 <= place < count))
    return places if len(places) > 1 else []
