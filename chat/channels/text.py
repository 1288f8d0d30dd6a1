"""Words on their way into a text channel: cut to its limits, at sentences, and unable to call anybody."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator

from chat.answers import sentences

#: Shown by no client and part of no name: "@" followed by it calls nobody.
WORD_JOINER = "\u2060"

#: "@name" at the start of a word, the calls to everybody anywhere, and what chat servers write for a call.
_CALL = re.compile(r"(?<!\w)@(?=\w)|@(?=(?:everyone|here|channel)\b)|<(?=[@#!&/])", re.IGNORECASE)

_JOINERS = ("\u200d", "\u20e3", WORD_JOINER)


def without_mentions(text: str) -> str:
    """The same words to the eye, with nothing in them that a chat server takes for a mention.

    An e-mail address keeps its sign. Doing it twice changes nothing more.
    """
    return _CALL.sub(lambda found: found[0] + WORD_JOINER, text)


def shortened(text: str, most: int, width: Callable[[str], int] = len) -> str:
    """The text on one line, cut between words and ended by “…” where it is wider than `most` (at least 1)."""
    words = " ".join(text.split())
    if width(words) <= most:
        return words
    head = _head(words, most - width("…"), width)
    whole, space, _ = head.rpartition(" ")
    if space and len(whole) > len(head) // 2 and not words[len(head)].isspace():
        head = whole
    return head.rstrip(" ,.;:") + "…"


def pieces(text: str, most: int, width: Callable[[str], int] = len) -> list[str]:
    """The text in order as pieces of at most `most`: cut at paragraphs, else sentences, else words, and
    only where a word is too long for that, inside it.

    No piece is empty or begins or ends with white space; only white space is lost. `width` is what the
    channel counts: the length of the text as it is sent, where some characters are written longer.
    """
    out: list[str] = []
    for part in _parts(text.strip(), most, width):
        joined = out[-1] + part if out else part
        if out and width(joined.strip()) <= most:
            out[-1] = joined
        else:
            out.append(part)
    return [piece for piece in map(str.strip, out) if piece]


def _parts(text: str, most: int, width: Callable[[str], int]) -> Iterator[str]:
    """What is kept together: the largest of paragraph, sentence, word and piece of a word that fits."""
    for paragraph in re.split(r"(?<=\n\n)(?=\S)", text):
        if width(paragraph.strip()) <= most:
            yield paragraph
            continue
        for sentence in sentences(paragraph):
            if width(sentence.strip()) <= most:
                yield sentence
                continue
            for word in re.findall(r"\s*\S+\s*", sentence):
                while width(word.strip()) > most:
                    word = word.strip()
                    head = _head(word, most, width) or word[0]
                    yield head
                    word = word[len(head) :]
                yield word


def _head(text: str, most: int, width: Callable[[str], int]) -> str:
    """The longest start of the text that fits and doesn't cut a character in two."""
    low, high = 0, len(text)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if width(text[:middle]) <= most else (low, middle - 1)
    end = low
    while 0 < end < len(text) and _joined(text[end - 1], text[end]):
        end -= 1
    return text[: end or low]


def _joined(before: str, after: str) -> bool:
    """Whether two code points are likely to be drawn as one character."""
    return before in _JOINERS or after in _JOINERS or unicodedata.category(after) in ("Mn", "Me", "Sk")
