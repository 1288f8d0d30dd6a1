"""Rules with alternatives → one way of saying a thing, drawn by chance."""

from __future__ import annotations

import random
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_CHOICE = re.compile(r"\(([^()]*)\)")
_SLOT = re.compile(r"\{(\w+)\}")
_RULE = re.compile(r"<([\w.]+)>")


@dataclass(frozen=True)
class Rules:
    """The rules of a file by dotted name: `open.vague`, `wish.adjective.soft`."""

    table: Mapping[str, Any]

    @classmethod
    def load(cls, path: Path) -> Rules:
        """The rules of a TOML file."""
        return cls(tomllib.loads(path.read_text(encoding="utf-8")))

    def has(self, name: str) -> bool:
        """Whether there are ways of saying that."""
        return isinstance(self._find(name), list)

    def find(self, name: str) -> tuple[str, ...]:
        """All rules of a name. Raises `KeyError` where there are none."""
        found = self._find(name)
        if not isinstance(found, list) or not found:
            raise KeyError(f"the grammar has no rule {name!r}")
        return tuple(found)

    def section(self, name: str) -> Mapping[str, Any]:
        """A table of the file, empty where it has none of that name."""
        found = self._find(name)
        return found if isinstance(found, Mapping) else {}

    def say(self, name: str, chance: random.Random, **slots: str) -> str:
        """One way of saying it. Raises `KeyError` for a rule or a slot that is not there."""
        scope = name.partition(".")[0]
        return self.filled(chance.choice(self.find(name)), chance, scope, **slots)

    def filled(self, pattern: str, chance: random.Random, scope: str = "", **slots: str) -> str:
        """The pattern with its choices made and its slots filled; `scope` is where `<rule>` is looked up."""
        while match := _CHOICE.search(pattern):
            chosen = chance.choice(match[1].split("|"))
            pattern = pattern[: match.start()] + chosen + pattern[match.end() :]
        pattern = _RULE.sub(
            lambda found: self.say(found[1] if "." in found[1] else f"{scope}.{found[1]}", chance), pattern
        )
        text = _SLOT.sub(lambda found: slots[found[1]], pattern)
        text = re.sub(r"\s+(?=['’](?:s|m|d|ve|re|ll)\b)", "", re.sub(r"\s+", " ", text)).strip()
        return re.sub(r"\s+([,.?!:;])", r"\1", text)

    def words(self) -> frozenset[str]:
        """Every word that the rules may bring in by themselves, casefolded."""
        found: set[str] = set()

        def walk(entry: Any) -> None:
            if isinstance(entry, Mapping):
                for value in entry.values():
                    walk(value)
            elif isinstance(entry, list):
                for value in entry:
                    walk(value)
            elif isinstance(entry, str):
                found.update(re.findall(r"[a-z]+", _SLOT.sub(" ", entry).casefold()))

        walk(self.table)
        return frozenset(found)

    def _find(self, name: str) -> Any:
        found: Any = self.table
        for part in name.split("."):
            if not isinstance(found, Mapping) or part not in found:
                return None
            found = found[part]
        return found
