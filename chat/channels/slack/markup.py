"""Text of catalogues, people and models as Slack shows it: to the letter, and unable to call anybody."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import quote

from chat.channels.text import shortened, without_mentions

#: Slack's own markup has no way to write these as they are, so look-alikes stand for them ("M∗A∗S∗H").
_ALIKE = str.maketrans({"*": "\u2217", "_": "\u02cd", "~": "\u223c", "`": "\u02cb"})
_MARKDOWN = re.compile(r"[\\`*_~\[\]]")
_REFERENCE = re.compile(r"<([^<>]*)>")


def plain(text: str) -> str:
    """For a plain-text element: nothing in it is markup, but a mention is broken all the same."""
    return without_mentions(text)


def mrkdwn(text: str) -> str:
    """For Slack's own markup."""
    return escape(without_mentions(text).translate(_ALIKE), quote=False)


def short(text: str, most: int) -> str:
    """On one line, for Slack's own markup, of at most `most` characters as they are sent."""
    return mrkdwn(shortened(text, most, lambda words: len(mrkdwn(words))))


def markdown(text: str) -> str:
    """For standard Markdown, in which answers are streamed. Lists stay lists."""
    return _MARKDOWN.sub(r"\\\g<0>", escape(without_mentions(text), quote=False))


def linked(words: str, url: str | None) -> str:
    """Words that are in Slack's markup already, as a link where the address is one of the web."""
    address = quote(url or "", safe=_URL).replace("&", "&amp;")
    if not _WEB.match(address) or len(address) > _LONGEST_URL:
        return words
    return f"<{address}|{words}>"


_WEB = re.compile(r"https?://[^/]")
_LONGEST_URL = 1000
#: What may stand in an address; not "|", "<" and ">", which would end it.
_URL = "%/:?#[]@!$&'()*+,;=-._~"


def said(text: str, bot_user: str) -> str:
    """What a person meant by a message's text: without the mention of the bot, with names and addresses as
    they are shown, and with `&amp;` and the like turned back."""

    def shown(found: re.Match[str]) -> str:
        target, _, label = found[1].partition("|")
        if target == f"@{bot_user}":
            return " "
        return label or target.lstrip("@#!")

    return unescape(_REFERENCE.sub(shown, text)).strip()
