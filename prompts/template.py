"""The prompts' templates: strict rendering, in which what people and catalogues wrote stays plain text."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment

FOLDER = Path(__file__).parent

# Control tokens of chat models all stand in angle or square brackets (<|im_start|>, </s>, <start_of_turn>,
# [INST], <<SYS>>), and so do our item slots ([1]). Without the brackets no tokenizer sees a token. The wide
# forms are here because tokenizers that normalise (NFKC) turn them into the plain ones.
_BRACKETS = str.maketrans(
    {"<": "‹", ">": "›", "＜": "‹", "＞": "›", "﹤": "‹", "﹥": "›", "[": "(", "]": ")", "［": "(", "］": ")"}
)
# Joiners that scripts and emoji need; every other invisible character can hide words from the reader.
_JOINERS = "\u200c\u200d"
_HEADING = re.compile("#{3,}")  # "### Instruction:" is a turn marker of older models
_FENCE = re.compile("`{3,}|~{3,}")
_SPACE = re.compile(r"\s+")


def neutralise(value: object) -> str:
    """Text that cannot act as anything but text in a prompt.

    Brackets that could form a control token or an item slot are replaced by look-alikes, invisible
    characters are dropped, and all of it becomes one line, so that it can't begin a new turn or section.
    Neutralising twice changes nothing.
    """
    spaced = _SPACE.sub(" ", str(value))
    visible = "".join(character for character in spaced if _visible(character))
    text = _FENCE.sub("'''", _HEADING.sub("##", visible.translate(_BRACKETS)))
    return _SPACE.sub(" ", text).strip()


def shorten(text: str, limit: int) -> str:
    """At most `limit` characters: the middle of a longer text is left out, since people ask last."""
    if len(text) <= limit:
        return text
    head = limit // 3
    return f"{text[:head].rstrip()} … {text[len(text) - (limit - head - 3) :].lstrip()}"


def render(template: str, **values: object) -> str:
    """The text of `template` (a file name without `.jinja`) filled with `values`, each neutralised.

    Raises jinja2's `UndefinedError` where the template uses a value that wasn't given.
    """
    return _environment().get_template(f"{template}.jinja").render(**values).strip()


def fingerprint(folder: Path = FOLDER) -> str:
    """SHA-256 over the names and texts of all templates: a model trained on other prompts has another.

    Line endings don't count, so a checkout on Windows agrees with one on Linux.
    """
    digest = hashlib.sha256()
    for path in sorted(folder.glob("*.jinja")):
        text = path.read_text(encoding="utf-8").replace("\r\n", "\n").encode()
        digest.update(f"{path.name}\n{len(text)}\n".encode() + text)
    return digest.hexdigest()


def _visible(character: str) -> bool:
    # Controls, formats (bidirectional marks, tags), surrogates, private use.
    return unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co") or character in _JOINERS


@lru_cache(maxsize=1)
def _environment() -> Environment:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    # `finalize` sees the result of every {{ … }}: no template can forget the filter.
    return Environment(
        loader=FileSystemLoader(FOLDER),
        undefined=StrictUndefined,
        autoescape=False,  # prompts aren't HTML; `&amp;` would reach the model
        finalize=neutralise,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )
