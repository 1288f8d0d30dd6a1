"""A plan in words: the plain voice. Deterministic, needs no model, says nothing that isn't in the plan."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

from chat.reply import Move, Plan
from chat.wording.answers import describe
from chat.wording.catalogue import CatalogueWords
from chat.wording.comparing import compare
from chat.wording.grammar import capital, squeeze
from chat.wording.listing import recommend
from chat.wording.phrases import Chooser
from chat.wording.talk import ask, converse, decline

MOVES: Mapping[Move, Callable[[Plan, CatalogueWords, Chooser], str]] = {
    "ask": ask,
    "recommend": recommend,
    "describe": describe,
    "compare": compare,
    "converse": converse,
    "decline": decline,
}


def compose(plan: Plan, voice_of: CatalogueWords, seed: str, avoid: Sequence[str] = ()) -> str:
    """The reply to a plan, in plain text on one line.

    The same plan, words, seed and `avoid` give the same text. `seed` is unique to a message of a
    conversation; `avoid` holds the earlier replies of the conversation, oldest first: their wordings are used
    again only when all others were, and an empty one means that this is the first reply.
    """
    move: Move = plan.move
    if move == "recommend" and not plan.recommendations:
        move = "ask"
    if move == "describe" and not plan.items:
        move = "converse"
    chooser = Chooser(seed, tuple(avoid))
    text = capital(squeeze(MOVES[move](plan, voice_of, chooser)))
    return re.sub(r"([?!…])\.(?= |$)", r"\1", text)  # a title may bring its own last mark
