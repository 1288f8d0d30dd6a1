"""From chat messages to a local model's prompt tokens, within its context."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chat.errors import ModelError
from prompts.short import is_slot

#: For a tokenizer without a chat template. Later lines of a message are indented, so that no message can
#: begin another's turn.
PLAIN_TEMPLATE = (
    "{{ bos_token or '' }}{% for message in messages %}{{ message.role }}: "
    "{{ message.content | replace('\\n', '\\n  ') }}\n{% endfor %}assistant:"
)
PLAIN_STOPS = ("\nuser:", "\nsystem:", "\nassistant:")

#: Tokens that end a turn in known templates, beside those that the model's files name: a merged model whose
#: base names another end token would never stop.
TURN_ENDS = ("<|im_end|>", "<|eot_id|>", "<end_of_turn>", "<|end|>", "<|endoftext|>", "</s>")


@dataclass(frozen=True, slots=True)
class ChatMessage:
    """One message as templates know it."""

    role: Literal["system", "user", "assistant"]
    content: str


class ChatFormat:
    """The prompt format of one tokenizer."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._template = None if tokenizer.chat_template else PLAIN_TEMPLATE
        self.stops: tuple[str, ...] = () if tokenizer.chat_template else PLAIN_STOPS
        names = {token.content for token in tokenizer.added_tokens_decoder.values() if _controls(token)}
        names |= {token for token in tokenizer.all_special_tokens if token}
        longest_first = sorted(names, key=len, reverse=True)
        self._controls = re.compile("|".join(map(re.escape, longest_first))) if names else None

    def ends(self, configured: int | Sequence[int] | None) -> list[int]:
        """The ids of all tokens that end an answer; `configured` is what the model's own settings say."""
        known: set[int] = set()
        if configured is not None:
            known.update([configured] if isinstance(configured, int) else configured)
        if self._tokenizer.eos_token_id is not None:
            known.add(self._tokenizer.eos_token_id)
        added = self._tokenizer.added_tokens_decoder
        known |= {number for number, token in added.items() if token.content in TURN_ENDS}
        return sorted(known)

    def encode(self, messages: Sequence[ChatMessage], room: int) -> list[int]:
        """The prompt's token ids, `room` at most: the oldest turns are dropped, the system's message stays.

        Raises `ModelError` where the last message alone doesn't fit, or where there is none.
        """
        system = "\n\n".join(message.content for message in messages if message.role == "system")
        turns = _alternating([message for message in messages if message.role != "system"])
        while turns:
            ids = self._render(system, turns)
            if len(ids) <= room:
                return ids
            if len(turns) == 1:
                raise ModelError(
                    f"The prompt has {len(ids)} tokens, and only {room} fit: raise llm_context_tokens, lower "
                    "llm_max_tokens, or choose a model with a longer context."
                )
            turns = _alternating(turns[1:])
        raise ModelError("A model needs at least one message of the person's.")

    def _render(self, system: str, turns: Sequence[ChatMessage]) -> list[int]:
        from jinja2 import TemplateError

        first = [{"role": "system", "content": self._inert(system)}] if system else []
        rest = [{"role": turn.role, "content": self._inert(turn.content)} for turn in turns]
        try:
            return self._apply([*first, *rest])
        except TemplateError:
            if not first:
                raise
        # Some templates (Gemma 2's) have no system role: then it opens the person's first message.
        rest[0] = {"role": "user", "content": f"{first[0]['content']}\n\n{rest[0]['content']}"}
        return self._apply(rest)

    def _apply(self, messages: list[dict[str, str]]) -> list[int]:
        encoded = self._tokenizer.apply_chat_template(
            messages,
            chat_template=self._template,
            add_generation_prompt=True,
            tokenize=True,
            return_dict=True,
            enable_thinking=False,  # no reply is worth minutes of thought; other templates ignore it
        )
        return list(encoded["input_ids"])

    def _inert(self, text: str) -> str:
        """The text without this tokenizer's control tokens: what people wrote must stay words."""
        if self._controls is None:
            return text
        while self._controls.search(text):  # taking one away may join the halves of another
            text = self._controls.sub(_soften, text)
        return text


def _soften(match: re.Match[str]) -> str:
    """A token in look-alike brackets; nothing at all where it has none, as in ChatGLM's "sop"."""
    softened = match.group(0).translate(_BRACKETS)
    return "" if softened == match.group(0) else softened


_BRACKETS = {ord("<"): "‹", ord(">"): "›", ord("["): "(", ord("]"): ")"}


def _controls(token: Any) -> bool:
    # An item slot is one token in models trained on the short prompts. It controls nothing, and those prompts
    # hold some; in what people wrote they are neutralised there.
    if not token.special and is_slot(token.content):
        return False
    return bool(token.special) or bool(re.fullmatch(r"[<\[]\S+[>\]]", token.content))


def _alternating(turns: Sequence[ChatMessage]) -> list[ChatMessage]:
    """The turns from the person's first on, neighbours of one role joined: many templates insist on it."""
    joined: list[ChatMessage] = []
    for turn in turns:
        if joined and joined[-1].role == turn.role:
            joined[-1] = ChatMessage(turn.role, f"{joined[-1].content}\n\n{turn.content}")
        elif joined or turn.role == "user":
            joined.append(turn)
    return joined
