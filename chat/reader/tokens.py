"""A message as a row of words, each with its place in the text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

import Stemmer

WORD = re.compile(
    r"(?P<genitive>['’]s\b)"
    r"|(?P<number>\d+(?:[.,]\d+)*)"
    r"|(?P<word>[^\W\d_]+(?:['’][^\W\d_]+)*)"
    r"|(?P<mark>[^\w\s]|_)",
    re.UNICODE,
)
SPLIT_GENITIVE = re.compile(r"['’]s$", re.IGNORECASE)
QUOTES = {"‘": "'", "’": "'", "ʼ": "'", "`": "'", "´": "'", "“": '"', "”": '"', "«": '"', "»": '"'}


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark. `norm` is its plain form for look-up, spelling mended; `glued` says that no
    space stands before it; `written` keeps the plain form as it was typed."""

    text: str
    norm: str
    start: int
    end: int
    kind: str  # "word", "number" or "mark"
    glued: bool = False
    written: str = ""

    @property
    def capital(self) -> bool:
        """Whether it was written with a capital first letter."""
        return self.text[:1].isupper()


@lru_cache(maxsize=65536)
def plain(text: str) -> str:
    """Lower case, without accents or apostrophes: `"Amélie’s"` → `"amelies"`."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    return "".join(char for char in folded if not unicodedata.combining(char) and char not in "'’").casefold()


_stemmer = Stemmer.Stemmer("english", 0)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """The Snowball English stem of a plain word."""
    return _stemmer.stemWord(word)  # type: ignore[no-any-return]


def tokenise(text: str) -> tuple[Token, ...]:
    """The tokens of a text. Hyphens inside words split them; between numbers they stay as marks."""
    text = text.translate({ord(key): value for key, value in QUOTES.items()})
    tokens: list[Token] = []
    for match in WORD.finditer(text):
        start, end, piece = match.start(), match.end(), match.group()
        glued = start > 0 and not text[start - 1].isspace()
        if match.lastgroup == "genitive":
            tokens.append(Token(piece, "s", start, end, "word", True, "s"))
            continue
        if match.lastgroup == "mark":
            inside = glued and end < len(text) and not text[end].isspace()
            if piece in "-–—/" and inside and not (text[start - 1].isdigit() and text[end].isdigit()):
                continue
            tokens.append(Token(piece, piece, start, end, "mark", glued, piece))
            continue
        if match.lastgroup == "number":
            tokens.append(Token(piece, piece.replace(",", ""), start, end, "number", glued, piece))
            continue
        cut = SPLIT_GENITIVE.search(piece)
        body = piece[: cut.start()] if cut else piece
        norm = plain(body)
        if norm == "n" and tokens:
            norm = "and"  # "black n white"
        tokens.append(Token(body, norm, start, start + len(body), "word", glued, norm))
        if cut:
            tokens.append(Token(cut.group(), "s", start + len(body), end, "word", True, "s"))
    return tuple(tokens)


def words_of(text: str) -> tuple[str, ...]:
    """The plain words and numbers of a phrase, without marks or genitives: how phrases are looked up."""
    return tuple(token.norm for token in tokenise(text) if token.kind != "mark" and token.norm != "s")


def shouted(tokens: Sequence[Token]) -> bool:
    """Whether capitals tell nothing here: all upper case, or nearly Every Word With A Capital."""
    words = [token for token in tokens if token.kind == "word" and len(token.text) > 1]
    if len(words) < 2:
        return all(token.text.isupper() for token in words)
    return (
        sum(token.capital for token in words) > 0.7 * len(words)
        and len(words) > 3
        or all(token.text.isupper() for token in words)
    )


def respelt(token: Token, norm: str) -> Token:
    """The token with its spelling mended."""
    return replace(token, norm=norm)


def comparative(word: str) -> str | None:
    """The adjective that a word compares: "funnier" → "funny", "sadder" → "sad"; None for other words."""
    if len(word) > 6 and word.endswith("est"):
        word = word[:-3] + "er"  # superlatives compare with all the others
    if len(word) < 5 or not word.endswith("er"):
        return None
    if word.endswith("ier"):
        return word[:-3] + "y"
    if len(word) > 5 and word[-3] == word[-4]:
        return word[:-3]
    return word[:-2]
