"""The variants of `phrases.toml`, and how one is chosen: by a hash, so that the same seed says the same."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from string import Formatter
from types import MappingProxyType
from typing import TypeVar

from chat.wording.grammar import capital, squeeze

T = TypeVar("T")
#: A variant that shares less literal text than this with an earlier reply can't be recognised in it.
LEAST_LITERAL = 6


@dataclass(frozen=True, slots=True)
class Variant:
    """One wording. `slots` are the names it needs; `literal` finds it again in an earlier reply."""

    text: str
    slots: frozenset[str]
    literal: re.Pattern[str] | None

    def filled(self, fills: Mapping[str, str]) -> str:
        """The words, with a capital at the start."""
        out = ""
        for literal, name, _, _ in Formatter().parse(self.text):
            out += literal
            if name:
                starts = not out.strip() or out.rstrip().endswith((".", "?", "!"))
                out += capital(fills[name]) if starts else fills[name]
        return capital(" ".join(out.split()))


def _variant(text: str) -> Variant:
    parts = list(Formatter().parse(text))
    slots = frozenset(name for _, name, _, _ in parts if name)
    chunks = [literal for literal, _, _, _ in parts if literal.strip()]
    if sum(len(chunk.strip()) for chunk in chunks) < LEAST_LITERAL:
        return Variant(text, slots, None)
    shape = r"[^.!?]{0,200}?".join(re.escape(squeeze(chunk)) for chunk in chunks)
    return Variant(text, slots, re.compile(shape, re.IGNORECASE))


@cache
def phrases() -> Mapping[str, tuple[Variant, ...]]:
    """The variants by name, "section.key"; read once."""
    text = resources.files("chat.wording").joinpath("phrases.toml").read_text(encoding="utf-8")
    out: dict[str, tuple[Variant, ...]] = {}
    for section, keys in tomllib.loads(text).items():
        for key, variants in keys.items():
            out[f"{section}.{key}"] = tuple(_variant(variant) for variant in variants)
    return MappingProxyType(out)


@dataclass(frozen=True, slots=True)
class Chooser:
    """Chooses among wordings. `seed` decides; what was used in `avoid` (earlier replies, oldest first) comes
    last."""

    seed: str
    avoid: tuple[str, ...] = ()

    def rank(self, slot: str, place: int) -> bytes:
        """A stable random order."""
        return hashlib.blake2b(
            f"{self.seed}\0{slot}\0{place}".encode(errors="replace"), digest_size=8
        ).digest()

    def order(self, slot: str, options: Sequence[T]) -> list[T]:
        """The options in an order that the seed and the slot decide."""
        places = sorted(range(len(options)), key=lambda place: self.rank(slot, place))
        return [options[place] for place in places]

    def pick(self, slot: str, options: Sequence[T]) -> T:
        """One of the options, which may not be empty."""
        return self.order(slot, options)[0]

    def say(self, name: str, must: Sequence[str] = (), **fills: str) -> str:
        """A variant of `name` whose slots are all filled and that uses every slot in `must`; one that was
        used in an earlier reply comes last.

        Raises `KeyError` where `phrases.toml` has no such variant.
        """
        given = {slot for slot, words in fills.items() if words}
        fitting = [one for one in phrases()[name] if one.slots <= given and one.slots.issuperset(must)]
        if not fitting:
            raise KeyError(f"phrases.toml: no variant of {name!r} does with {sorted(given)}")
        ordered = self.order(name, fitting)
        return min(ordered, key=self._last_used).filled(fills)

    def _last_used(self, variant: Variant) -> int:
        if variant.literal is None:
            return 0
        for place in range(len(self.avoid) - 1, -1, -1):
            if variant.literal.search(squeeze(self.avoid[place])):
                return place + 1
        return 0
