"""Text as people typed, exported or scraped it → plain text that can be shown, searched and embedded."""

from __future__ import annotations

import html
import re
import unicodedata

import nh3

TITLE_LIMIT = 300  # characters
TEXT_LIMIT = 8_000  # characters; an embedding reads about 1,000 of them, people fewer
FACT_LIMIT = 500  # characters of one fact

_ATTRIBUTES = r"""(?:\s(?:[^<>"']|"[^"]*"|'[^']*')*)?/?>"""
_BLOCK = re.compile(
    r"</?(?:address|article|aside|blockquote|br|dd|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|li|main"
    r"|nav|ol|p|pre|section|table|tbody|td|tfoot|th|thead|tr|ul)" + _ATTRIBUTES,
    re.IGNORECASE,
)
# Only names that HTML knows: "<Untitled>" and "a <b" stay what somebody wrote.
_TAG = re.compile(
    r"<!--|</?(?:a|abbr|address|article|aside|audio|b|big|blockquote|body|br|button|center|cite|code|dd|del|div|dl"
    r"|dt|em|embed|figcaption|figure|font|footer|form|h[1-6]|head|header|hr|html|i|iframe|img|input|ins|kbd|label"
    r"|li|link|main|mark|meta|nav|noscript|object|ol|option|p|picture|pre|q|s|samp|script|section|select|small"
    r"|source|span|strike|strong|style|sub|sup|svg|table|tbody|td|textarea|tfoot|th|thead|time|tr|tt|u|ul|video)"
    + _ATTRIBUTES,
    re.IGNORECASE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z][a-z0-9]{1,31});", re.IGNORECASE)
# Controls that are not spaces, halves of surrogate pairs (no database takes them), and marks that are
# invisible and carry no meaning. The joiners U+200C and U+200D stay: Persian and emoji need them.
_NOISE = re.compile(
    r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff"
    r"\u00ad\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]"
)
_LATE_ARTICLE = re.compile(r"^(.+), (The|A|An|Le|La|Les|Der|Die|Das|El|Los|Las|Il|Lo|Gli)$")
_MARKS = "&<ÃÂâ"  # text without these has no further layer
_SENTENCE_END = re.compile(r"[.!?…。！？][\"'”’)\]]*(?=\s|$)")
_MISSING = frozenset(
    {"", "null", "nan", "n/a", "n.a.", "#n/a", "nil", "undefined", "\\n", "-", "--", "—", "–", "?"}
)
_MISSING_FACT = _MISSING | {
    "none",
    "na",
    "unknown",
    "not available",
    "not applicable",
    "(no genres listed)",
    "tbd",
    "tba",
}


def plain(text: str) -> str:
    """The text without mark-up, entities, control characters and needless space, in Unicode's NFC form.

    Scripts and styles go with their content; a block tag leaves a space. Doubly escaped HTML, as feeds have
    it, is undone too. Plain text comes back as it was, up to its spaces: `"a < b & c"` stays.
    """
    for _ in range(8):  # each round undoes one layer; two are common, more than three never seen
        once = _undone(text)
        if once == text or not any(mark in once for mark in _MARKS):
            return once
        text = once
    return text


def title(text: str) -> str:
    """A title for people: plain, and "Matrix, The" the way it is said."""
    text = plain(text)
    late = _LATE_ARTICLE.match(text)
    return f"{late[2]} {late[1]}" if late else text


def cut(text: str, limit: int) -> str:
    """The text, no longer than `limit` characters: cut after a sentence, else between words with an
    ellipsis."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    ends = [match.end() for match in _SENTENCE_END.finditer(head)]
    if ends and ends[-1] >= limit // 2:
        return head[: ends[-1]]
    space = head.rfind(" ")
    head = head[:-1]
    return (head[:space] if space >= limit // 2 else head).rstrip(" ,;:-") + "…"


def is_missing(text: str, *, fact: bool = True) -> bool:
    """Whether a cell says nothing: empty, "N/A", "null"; for a fact also "unknown" and "none"."""
    return text.strip().casefold() in (_MISSING_FACT if fact else _MISSING)


def key(text: str) -> str:
    """What two spellings of one value share: case and spaces don't count."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def slug(text: str) -> str:
    """The text as an id: its letters and digits in lower case, hyphens between; at most 80 characters."""
    folded = unicodedata.normalize("NFKD", text.replace("&", " and ").replace("'", "").replace("’", ""))
    folded = "".join(character for character in folded if not unicodedata.combining(character)).casefold()
    return "-".join(re.findall(r"[^\W_]+", unicodedata.normalize("NFC", folded)))[:80].strip("-")


def _undone(text: str) -> str:
    """One layer of mark-up, entities and wrong encodings taken off."""
    if "Ã" in text or "â€" in text or "Â" in text:
        text = _undo_misread(text)
    if _TAG.search(text):
        text = nh3.clean(_BLOCK.sub(" ", text), tags=set(), clean_content_tags={"script", "style"})
        text = html.unescape(text)
    elif _ENTITY.search(text):
        text = html.unescape(text)
    return " ".join(unicodedata.normalize("NFC", _NOISE.sub("", text)).split())


def _undo_misread(text: str) -> str:
    """UTF-8 once read as Windows-1252 ("CafÃ©"), made good; any other text as it was."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return text
