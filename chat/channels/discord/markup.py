"""Text of catalogues, people and models as Discord shows it: to the letter, and unable to call anybody."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from chat.channels.text import shortened, without_mentions

_MARKDOWN = re.compile(r"[\\`*_~|<>\[\]]|^[ \t]*(?:-(?=#)|#)", re.MULTILINE)
_REFERENCE = re.compile(r"<(?:[@#][!&]?(?P<id>\d+)|a?:(?P<emoji>\w+):\d+|/(?P<command>[^:<>]+):\d+)>")

_WEB = re.compile(r"https?://[^/]")
_LONGEST_URL = 250
#: What may stand in an address; not parentheses and angle brackets, which would end it.
_URL = "%/:?#[]@!$&'*+,;=-._~"


def width(text: str) -> int:
    """How long the text is to Discord; counted in UTF-16, the longest of the ways to count."""
    return len(text.encode("utf-16-le", "replace")) // 2


def markdown(text: str) -> str:
    """For Discord's Markdown. Lists stay lists; nothing else of it is markup."""
    return _MARKDOWN.sub(lambda found: f"{found[0][:-1]}\\{found[0][-1]}", without_mentions(text))


def written(text: str) -> int:
    """How long the text is to Discord once it is written as Markdown."""
    return width(markdown(text))


def short(text: str, most: int) -> str:
    """On one line, as Markdown, of at most `most` characters as they are sent."""
    return markdown(shortened(text, most, written))


def linked(words: str, url: str | None) -> str:
    """Words that are Markdown already, as a link where the address is a short one of the web."""
    address = quote(url or "", safe=_URL)
    if not _WEB.match(address) or len(address) > _LONGEST_URL:
        return words
    return f"[{words}]({address})"


def said(text: str, bot: int, names: Mapping[int, str]) -> str:
    """What a person meant by a message's text: without the mention of the bot (or its role, if `names` has an
    empty name for it), with the names of others as they are shown."""

    def shown(found: re.Match[str]) -> str:
        if found["id"]:
            return " " if int(found["id"]) == bot else names.get(int(found["id"]), " ")
        return found["emoji"] or found["command"]

    return _REFERENCE.sub(shown, text).strip()
