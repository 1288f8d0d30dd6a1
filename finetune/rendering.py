"""Chat messages as tokens: the template that trains and serves alike, and which tokens are learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from prompts.short import LETTERS, TITLES

PAD, END = "<|pad|>", "<|end|>"
ROLES = ("system", "user", "assistant")
#: Every turn is its role's token, its text and the end token; of the assistant's all is learned.
CHAT_TEMPLATE = (
    "{% for message in messages %}"
    "{{ '<|' + message['role'] + '|>' }}"
    "{% if message['role'] == 'assistant' %}"
    "{% generation %}{{ message['content'] + '<|end|>' }}{% endgeneration %}"
    "{% else %}{{ message['content'] + '<|end|>' }}{% endif %}"
    "{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|assistant|>' }}{% endif %}"
)
SPECIAL = (PAD, END, *(f"<|{role}|>" for role in ROLES))
#: Item slots are one token each, so that placing one is one choice.
SLOTS = (
    *(f"[{number}]" for number in range(1, 7)),
    *(f"[{number}{letter}]" for number in range(1, 7) for letter in LETTERS),
    *(f"[{title}]" for title in TITLES),
)
IGNORED = -100


def render(messages: Sequence[Mapping[str, str]]) -> str:
    """The messages as the chat template writes them."""
    return "".join(f"<|{one['role']}|>{one['content']}{END}" for one in messages)


def tokens(
    tokenizer: Any, messages: Sequence[Mapping[str, str]], *, partial: bool = False
) -> tuple[list[int], list[int]]:
    """The input ids of a talk and its labels: -100 for all but what the assistant says, its end included.

    With `partial`, the last answer is only the beginning of one, and no end is learned.
    """
    encoded = tokenizer.apply_chat_template(
        list(messages), tokenize=True, return_dict=True, return_assistant_tokens_mask=True
    )
    ids = list(encoded["input_ids"])
    labels = [
        one if learned else IGNORED for one, learned in zip(ids, encoded["assistant_masks"], strict=True)
    ]
    if partial:
        while labels and labels[-1] == IGNORED:
            ids.pop()
            labels.pop()
        ids, labels = ids[:-1], labels[:-1]
    return ids, labels
