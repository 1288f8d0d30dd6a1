"""Dialogues between a seeker and a recommender, as files hold them: one JSON object a line, gzipped or plain.

`{"dialogue_id", "turns": [{"speaker": "user"|"system", "text", "items": [ids]}], "labels": {item id:
{"liked": 0|1|2, "seen": 0|1|2}}}`, 2 for "did not say". What else a turn or a dialogue carries (acts,
intents, goals) is kept as it stands. Public data in this shape: ReDial (Li et al., "Towards Deep
Conversational Recommendations", NeurIPS 2018), IARD (Cai and Chen, UMAP 2020), Schema-Guided Dialogue
(Rastogi et al., AAAI 2020) and MultiWOZ 2.1 (Eric et al., LREC 2020).
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from evaluation.errors import BadData

Speaker = Literal["user", "system"]
#: What a form says of an item: no, yes, or that nothing was said.
NO, YES, UNSAID = 0, 1, 2


@dataclass(frozen=True, slots=True)
class Said:
    """One turn: who said it, the text, the ids of the items named in it, and what else the file tells."""

    speaker: Speaker
    text: str
    items: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Label:
    """What a person filled in about one item after the talk: each `NO`, `YES` or `UNSAID`."""

    liked: int
    seen: int


@dataclass(frozen=True, slots=True)
class Dialogue:
    """One talk with its labels by item id."""

    id: str
    turns: tuple[Said, ...]
    labels: Mapping[str, Label] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


def read_dialogues(path: Path) -> tuple[Dialogue, ...]:
    """All dialogues of a file. Raises `BadData` with the line and the field that is not as it should be."""
    return tuple(_dialogue(row, path, number) for number, row in read_rows(path))


def read_rows(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON-lines file with their line numbers, from 1; a `.gz` file is unpacked.

    Raises `BadData` where the file cannot be read or a line is no object.
    """
    try:
        packed = path.suffix == ".gz"
        with gzip.open(path, "rt", encoding="utf-8") if packed else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield number, _object(line, path, number)
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise BadData(
            f"{path} cannot be read: {error}. Expected a file of JSON lines, plain or packed with gzip."
        ) from None


def find(folder: Path, *names: str) -> Path:
    """The first of `names` that is in a folder, as it is called or with ".gz". Raises `BadData` for none."""
    for name in names:
        for path in (folder / name, folder / f"{name}.gz"):
            if path.is_file():
                return path
    raise BadData(
        f"{folder} has none of {', '.join(names)} (or the same with .gz). Name the folder that the data set "
        "was unpacked to."
    )


def _object(line: str, path: Path, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise BadData(f"{path}, line {number} is no JSON: {error}.") from None
    if not isinstance(row, dict):
        raise BadData(f"{path}, line {number} holds {type(row).__name__}, expected an object.")
    return row


def _dialogue(row: Mapping[str, Any], path: Path, number: int) -> Dialogue:
    here = f"{path}, line {number}"
    turns = row.get("turns")
    if not isinstance(turns, list) or not row.get("dialogue_id"):
        raise BadData(
            f"{here}: expected “dialogue_id” and a list “turns”, found {', '.join(row) or 'nothing'}."
        )
    return Dialogue(
        str(row["dialogue_id"]),
        tuple(_said(turn, here) for turn in turns),
        {str(name): _label(label, here) for name, label in (row.get("labels") or {}).items()},
        {name: value for name, value in row.items() if name not in ("dialogue_id", "turns", "labels")},
    )


def _said(turn: Any, here: str) -> Said:
    if not isinstance(turn, dict) or turn.get("speaker") not in ("user", "system"):
        found = turn.get("speaker") if isinstance(turn, dict) else turn
        raise BadData(f"{here}: a turn's speaker is {found!r}, expected “user” or “system”.")
    items: Sequence[object] = turn.get("items") or ()
    more = {name: value for name, value in turn.items() if name not in ("speaker", "text", "items")}
    return Said(turn["speaker"], str(turn.get("text") or ""), tuple(map(str, items)), more)


def _label(label: Any, here: str) -> Label:
    values: list[Any] = [label.get(name) if isinstance(label, dict) else None for name in ("liked", "seen")]
    if any(value not in (NO, YES, UNSAID) for value in values):
        raise BadData(
            f"{here}: a label is {label!r}, expected “liked” and “seen”, each 0, 1 or 2 (not said)."
        )
    return Label(int(values[0]), int(values[1]))
