"""What chat front ends ask behind people's backs: titles, tags, suggestions. Answered without any taste.

Open WebUI and those that follow it send such prompts as a message of the user that begins with the heading
"### Task:" and shows the JSON it wants back.
"""

from __future__ import annotations

import json
import re
import textwrap

_HEADING = re.compile(r"\s*#+\s*Task\b", re.IGNORECASE)
_WANTED = re.compile(r"\{\s*\"(\w+)\"\s*:\s*(\[|\")")
_FIRST_WORDS = re.compile(r"<chat_history>.*?^\W*user\W+(.+?)$", re.IGNORECASE | re.DOTALL | re.MULTILINE)
_TITLE_CHARS = 50


def is_background(text: str) -> bool:
    """Whether the front end is asking, not a person."""
    return _HEADING.match(text) is not None


def background_answer(text: str) -> str:
    """What the prompt asks for, as far as that can be had without reading a mind: a title is the person's
    first words, lists are empty."""
    said = _FIRST_WORDS.search(text)
    title = textwrap.shorten(said[1].strip(), _TITLE_CHARS, placeholder=" …") if said else "Recommendations"
    wanted = _WANTED.search(text.split("<chat_history>")[0])
    if wanted is None:
        return title
    key, kind = wanted.groups()
    if kind == "[":
        return json.dumps({key: []})
    return json.dumps({key: title if "title" in key.lower() else ""}, ensure_ascii=False)
