"""Dialogues from files: one JSON object a line, plain or gzipped."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.errors import BadDialogues

#: File names of a part, the first that is there: `train.jsonl`, `train.jsonl.gz`, or `movie_train.jsonl.gz`.
_ENDINGS = (".jsonl", ".jsonl.gz")


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: who spoke, the words, and the ids of the items that the words name, in order."""

    by_user: bool
    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One conversation, oldest turn first."""

    id: str
    turns: tuple[Said, ...]


def read_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """The dialogues of a file, each line `{"dialogue_id", "turns": [{"speaker", "text", "items"}]}`.

    `speaker` is "user" or "system"; `items` may be left out. Raises `BadDialogues` with file, line and field.
    """
    return tuple(_dialogue(row, f"{path}, line {line}") for line, row in rows_of(path))


def find_part(folder: Path, part: str, prefix: str = "") -> Path:
    """The file of a part ("train", "valid", "items") in a folder of dialogues.

    A folder that holds several sets names them before the part ("movie_train"): say which by `prefix`.
    Raises `BadDialogues` where there is none, or several.
    """
    if not folder.is_dir():
        raise BadDialogues(f"{folder} is not a folder. Expected one with files such as {part}.jsonl.gz.")
    names = [f"{prefix}_{part}{ending}" if prefix else f"{part}{ending}" for ending in _ENDINGS]
    for name in names:
        if (folder / name).is_file():
            return folder / name
    others = sorted(one for ending in _ENDINGS for one in folder.glob(f"*_{part}{ending}"))
    if len(others) == 1 and not prefix:
        return others[0]
    here = ", ".join(sorted(one.name for one in folder.iterdir())) or "nothing"
    several = " Several sets are there: choose one with --set." if len(others) > 1 else ""
    raise BadDialogues(f"{folder} has no {names[0]}(.gz); found {here}.{several}")


def rows_of(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """Line numbers and objects of a JSONL file, plain or gzipped. Raises `BadDialogues`."""
    opened = gzip.open if path.suffix == ".gz" else open
    line = 0
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            for line, text in enumerate(lines, start=1):
                if text.strip():
                    row = json.loads(text)
                    if not isinstance(row, dict):
                        raise BadDialogues(
                            f"{path}, line {line}: found {type(row).__name__}, expected an object."
                        )
                    yield line, row
    except (OSError, EOFError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise BadDialogues(f"{path}, line {line}: can't be read as JSON lines ({error}).") from None


def _dialogue(row: dict[str, Any], where: str) -> Dialogue:
    turns = row.get("turns")
    if not isinstance(turns, list):
        raise BadDialogues(f"{where}: field 'turns' is {type(turns).__name__}, expected a list of turns.")
    return Dialogue(str(row.get("dialogue_id", where)), tuple(_said(turn, where) for turn in turns))


def _said(turn: Any, where: str) -> Said:
    if not isinstance(turn, dict) or turn.get("speaker") not in ("user", "system"):
        found = turn.get("speaker") if isinstance(turn, dict) else turn
        raise BadDialogues(f"{where}: field 'speaker' is {found!r}, expected 'user' or 'system'.")
    text, items = turn.get("text", ""), turn.get("items") or []
    if not isinstance(text, str) or not isinstance(items, list):
        raise BadDialogues(f"{where}: a turn needs 'text' (words) and 'items' (a list of ids).")
    return Said(turn["speaker"] == "user", text, tuple(map(str, items)))
