"""A stand-in for a language model that says what it likes: half of its drafts hold a claim that is not true.

It shows what the house's own check lets through, without a model to download; it knows only its prompt.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

_SLOT = re.compile(r"\[(\d)\]")
_CLAIMS = (
    "It won eleven prizes.",
    "It runs 61 minutes.",
    "It was made by Jonathan Featherstone.",
    "The critics called it “a triumph from start to finish”.",
    "If you like that, The Lantern Keepers (1987) is just as good.",
    "It is the newest of them all.",
)


def boast(messages: Sequence[BaseMessage]) -> str:
    """A draft that names every item of its brief, and claims something more in every other case."""
    prompt = str(messages[-1].content)
    dice = int(hashlib.sha256(prompt.encode()).hexdigest(), 16)
    slots = sorted(set(_SLOT.findall(prompt)))
    named = ", ".join(f"[{slot}]" for slot in slots)
    draft = f"Have a look at {named}." if slots else "Tell me a little more."
    if dice % 2 and slots:
        return f"{draft} {_CLAIMS[dice // 2 % len(_CLAIMS)]}"
    if dice // 2 % 3 == 0 and len(slots) > 1:  # facts told of the wrong one
        return f"{draft} {_swapped(prompt, slots)}"
    return draft


def _swapped(prompt: str, slots: Sequence[str]) -> str:
    """What the brief says of the first item, said of the second."""
    line = next((line for line in prompt.splitlines() if f"[{slots[0]}]" in line), "")
    facts = [part.strip() for part in re.split(r"[;|]", line) if ":" in part]
    if not facts:
        return f"[{slots[1]}] is the one."
    label, _, value = facts[0].rpartition(":")
    return f"[{slots[1]}] has {value.strip()} as {label.split()[-1] if label.split() else 'that'}."
