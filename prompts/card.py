"""The card of a trained model: where it comes from, and which prompts it was trained on.

`finetune` writes it beside the weights and `chat` reads it; nothing else passes between the two.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import MISSING, asdict, dataclass, fields
from pathlib import Path
from typing import Any, Literal, get_args

from prompts.template import fingerprint

FILE = "genre-card.json"
VERSION = 1

Form = Literal["full", "short"]


class CardError(ValueError):
    """A card that cannot be read, or that belongs to other prompts than these."""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a model is: `data_hash` is the SHA-256 of its training data, `created` an ISO 8601 date or time.

    `sources` names the data sets, each with its licence; `prompt_fingerprint` is what
    `prompts.template.fingerprint()` was at the time of training. `form` says which prompts it was trained on:
    the full ones or those of `prompts.short`; cards from before there were two say nothing and mean full.
    `words` are those that its replies may hold though no brief does; none: any word. `moves` are what it is
    good enough to word; none: all that it was trained for.
    """

    name: str
    base_model: str
    prompt_fingerprint: str
    data_hash: str
    seed: int
    licence: str
    sources: tuple[str, ...]
    created: str
    form: Form = "full"
    words: tuple[str, ...] = ()
    moves: tuple[str, ...] = ()


def has_card(folder: Path) -> bool:
    """Whether the folder holds a card."""
    return (folder / FILE).is_file()


def save_card(card: ModelCard, folder: Path) -> Path:
    """Writes the card into the folder and returns its path."""
    path = folder / FILE
    document = {"version": VERSION, **asdict(card)}
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


def load_card(folder: Path, *, any_prompts: bool = False) -> ModelCard:
    """The card in the folder.

    Raises `CardError` where there is none, where it can't be read, and, unless `any_prompts`, where the model
    was trained on other prompts than the ones here.
    """
    path = folder / FILE
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise CardError(f"{folder} holds no {FILE}.") from None
    except (OSError, ValueError) as error:
        raise CardError(f"{path} cannot be read: {error}.") from None
    card = _card(document, path)
    if not any_prompts and card.prompt_fingerprint != fingerprint():
        raise CardError(
            f"The model {card.name!r} was trained on prompts {card.prompt_fingerprint[:12]}, but the prompts "
            f"here are {fingerprint()[:12]}: it would be asked in words that it never saw. Train it again, "
            "check out the version that it was trained with, or set llm_stale_card to run it all the same."
        )
    return card


def _card(document: object, path: Path) -> ModelCard:
    if not isinstance(document, Mapping):
        raise CardError(f"{path} is no card: expected a JSON object.")
    version = document.get("version")
    if version != VERSION:
        raise CardError(f"{path} has version {version!r}; this program reads version {VERSION}.")
    values: dict[str, Any] = {}
    for field in fields(ModelCard):
        value = document.get(field.name, None if field.default is MISSING else field.default)
        if field.name in ("sources", "words", "moves"):
            right = isinstance(value, list | tuple) and all(isinstance(one, str) for one in value)
        elif field.name == "form":
            right = value in get_args(Form)
        elif field.name == "seed":
            right = isinstance(value, int) and not isinstance(value, bool)
        else:
            right = isinstance(value, str)
        if not right:
            raise CardError(f"{path}: {field.name} is missing or wrong ({value!r}).")
        values[field.name] = tuple(value) if isinstance(value, list) else value
    return ModelCard(**values)
