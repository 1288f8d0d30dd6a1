"""Holds a model to a schema or a grammar while it writes: llguidance says which tokens may come next.

One implementation serves both engines, so that both keep to the same grammar. ONNX Runtime GenAI's own
`set_guidance` reads the tokenizer with a regular-expression engine that knows no Unicode classes (`\\p{L}`,
found with 0.18.0), so it refuses most byte-level tokenizers.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from chat.errors import ModelError
from prompts.forms import Grammar

if TYPE_CHECKING:
    from numpy.typing import NDArray


#: What an answer keeps to: a JSON schema, or a grammar.
Form = Mapping[str, Any] | Grammar


class Guides:
    """Makes guides for one tokenizer, which is taken apart at the first (about a second, once).

    `tokenizer_json` is the text of a tokenizer.json, `size` how many tokens the model scores, and `ends` the
    ids of tokens that end an answer.
    """

    def __init__(self, tokenizer_json: str, size: int, ends: Sequence[int]) -> None:
        self._json = tokenizer_json
        self._size = size
        self._ends = list(ends)
        self._words: Any = None
        self._ids: dict[str, int] = {}

    def guide(self, form: Form) -> Guide:
        """A guide for one answer. Raises `ModelError` for a form or a tokenizer that can't be used."""
        try:
            from llguidance import LLMatcher
        except ImportError:
            raise ModelError(
                "An answer that keeps to a schema needs llguidance: pip install llguidance"
            ) from None
        try:
            if self._words is None:
                self._words = self._taken_apart()
            if isinstance(form, Grammar):
                grammar = LLMatcher.grammar_from_lark(form.lark)
            else:
                grammar = LLMatcher.grammar_from_json_schema(json.dumps(form))
            matcher = LLMatcher(self._words, grammar)
        except ValueError as error:
            raise ModelError(f"The model can't be held to a form: {error}") from None
        if matcher.is_error():
            what = "grammar" if isinstance(form, Grammar) else "schema"
            raise ModelError(f"The {what} can't be used: {matcher.get_error()}")
        once = form.once if isinstance(form, Grammar) else ()
        return Guide(matcher, {self._ids[text] for text in once if text in self._ids})

    def _taken_apart(self) -> Any:
        from llguidance import LLTokenizer

        document = json.loads(self._json)
        vocabulary = document["model"]["vocab"]
        ids = vocabulary.values() if isinstance(vocabulary, dict) else range(len(vocabulary))
        self._ids = {token["content"]: token["id"] for token in document.get("added_tokens", ())}
        size = max(self._size, 1 + max(ids, default=-1), 1 + max(self._ids.values(), default=-1))
        text = json.dumps({**document, "truncation": None, "padding": None})
        return LLTokenizer(text, n_vocab=size, eos_token=self._ends)


class Guide:
    """Which tokens may come next in one answer."""

    def __init__(self, matcher: Any, once: Collection[int] = ()) -> None:
        self._matcher = matcher
        self._once = frozenset(once)
        self._gone: set[int] = set()

    def allowed(self, width: int) -> NDArray[np.bool_]:
        """For each of the `width` tokens that a model scores, whether it may come next."""
        bits = np.frombuffer(self._matcher.compute_bitmask(), dtype=np.uint8)
        mask = np.zeros(width, dtype=np.bool_)
        known = np.unpackbits(bits, bitorder="little")[:width]
        mask[: len(known)] = known
        left = mask.copy()
        left[[token for token in self._gone if token < width]] = False
        return left if left.any() else mask

    def took(self, token: int) -> None:
        """Notes the token that was taken. Raises `ModelError` for one that the form doesn't allow."""
        if not self._matcher.consume_token(token):
            raise ModelError(f"The model left its form: {self._matcher.get_error()}")
        if token in self._once:
            self._gone.add(token)
