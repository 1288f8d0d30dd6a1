"""A model folder's tokenizer without transformers, which takes seconds and torch to import.

It has what `ChatFormat` asks of a transformers tokenizer, and writes the same tokens.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from jinja2 import Template, TemplateError, nodes
from jinja2.ext import Extension, loopcontrols
from jinja2.parser import Parser
from jinja2.sandbox import ImmutableSandboxedEnvironment

from chat.errors import ModelError

_NAMED = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")


class FolderTokenizer:
    """The tokenizer in a folder: tokenizer.json, tokenizer_config.json and perhaps chat_template.jinja.

    Raises `ModelError` where they can't be read.
    """

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        path = folder / "tokenizer.json"
        try:
            self.json = path.read_text(encoding="utf-8")
            self._core = Tokenizer.from_str(self.json)
            config = _read(folder / "tokenizer_config.json")
            self.chat_template = _template(folder, config)
        except Exception as error:  # tokenizers raises bare Exceptions for what it can't parse
            raise ModelError(
                f"The tokenizer in {folder} can't be read: {type(error).__name__}: {error}"
            ) from error
        self._core.no_padding()
        self._core.no_truncation()
        named = {key: text for key in _NAMED if (text := _content(config.get(key)))}
        self._named: dict[str, str] = named
        self.added_tokens_decoder: dict[int, Any] = self._core.get_added_tokens_decoder()
        special = [token.content for token in self.added_tokens_decoder.values() if token.special]
        self.all_special_tokens: list[str] = list(dict.fromkeys([*named.values(), *special]))
        eos = named.get("eos_token")
        self.eos_token_id: int | None = None if eos is None else self._core.token_to_id(eos)

    def __len__(self) -> int:
        """How many tokens there are, added ones included."""
        size: int = self._core.get_vocab_size(with_added_tokens=True)
        return size

    def apply_chat_template(
        self,
        messages: Sequence[Mapping[str, str]],
        *,
        chat_template: str | None = None,
        add_generation_prompt: bool = False,
        **values: Any,
    ) -> dict[str, list[int]]:
        """The messages as `input_ids`, rendered by the folder's template or the one given.

        `values` reach the template, as transformers passes them. Raises jinja2's `TemplateError`.
        """
        text = _compiled(chat_template or self.chat_template or "").render(
            messages=[dict(message) for message in messages],
            tools=None,
            documents=None,
            add_generation_prompt=add_generation_prompt,
            **{**self._named, **values},
        )
        return {"input_ids": self.encode(text)}

    def encode(self, text: str) -> list[int]:
        """The text's token ids; control tokens in it count, and none is added."""
        ids: list[int] = self._core.encode(text, add_special_tokens=False).ids
        return ids

    def decode(self, ids: Sequence[int]) -> str:
        """The text of these tokens, without control tokens."""
        text: str = self._core.decode(list(ids), skip_special_tokens=True)
        return text


class Pieces:
    """Tokens as they come, as text: a character that is cut between two tokens waits for its rest."""

    #: As many tokens as a character of UTF-8 has bytes: one that isn't whole by then never will be.
    LONGEST = 4

    def __init__(self, tokenizer: FolderTokenizer) -> None:
        self._tokenizer = tokenizer
        self._before: list[int] = []
        self._waiting: list[int] = []

    def push(self, token: int) -> str:
        """The text that this token completes."""
        self._waiting.append(token)
        text = self._text()
        if not text or (text.endswith("\ufffd") and len(self._waiting) < self.LONGEST):
            return ""
        self._before, self._waiting = self._waiting, []
        return text

    def flush(self) -> str:
        """What still waited at the end of the answer."""
        text, self._waiting = self._text(), []
        return text

    def _text(self) -> str:
        # Beside what came before it: some tokenizers drop the space that a text begins with.
        before = self._tokenizer.decode(self._before)
        return self._tokenizer.decode([*self._before, *self._waiting])[len(before) :]


class _Generation(Extension):
    """`{% generation %}` marks what training learns; here its contents are simply written."""

    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser: Parser) -> list[nodes.Node]:
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


@lru_cache(maxsize=8)
def _compiled(template: str) -> Template:
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols]
    )
    environment.filters["tojson"] = _tojson
    environment.globals["raise_exception"] = _raise
    environment.globals["strftime_now"] = lambda form: datetime.now().strftime(form)
    return environment.from_string(template)


def _tojson(value: Any, ensure_ascii: bool = False, **options: Any) -> str:
    return json.dumps(value, ensure_ascii=ensure_ascii, **options)


def _raise(message: str) -> NoReturn:
    raise TemplateError(message)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    document = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict):
        raise ValueError(f"{path.name} holds no JSON object")
    return document


def _template(folder: Path, config: Mapping[str, Any]) -> str | None:
    path = folder / "chat_template.jinja"
    if path.is_file():
        return path.read_text(encoding="utf-8")
    found = config.get("chat_template")
    if isinstance(found, list):  # several, each with a name
        found = next((one["template"] for one in found if one.get("name") == "default"), None)
    return found if isinstance(found, str) else None


def _content(token: Any) -> str | None:
    """A token's text: configurations name it plainly, or with how it is matched."""
    text = token.get("content") if isinstance(token, Mapping) else token
    return text if isinstance(text, str) else None
