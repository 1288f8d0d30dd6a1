"""Dialogues to measure ranking on: the list to rank, what came before each recommendation, what it named."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from evaluation.errors import BadData
from retrieval.dialogues.files import Dialogue, find_part, read_dialogues, rows_of
from retrieval.dialogues.moments import Example, examples_of
from retrieval.errors import BadDialogues
from retrieval.items import FactValue, Item

#: Columns of an item list that say where it comes from or how often it was seen, not what the item is.
_NOT_FACTS = ("_id", "_ids", "_source", "mentions", "wikipedia", "url", "image")
_TEXTS = ("description", "text", "summary", "plot", "overview")


@dataclass(frozen=True)
class CaseFiles:
    """Where the cases are: a folder, the set in it where it holds several, the part, the list of items.

    `part` "holdout" takes a fifth of the train dialogues, drawn by a hash of their ids, and leaves the others
    to be fitted on: for data that come without a valid part.
    """

    folder: Path
    part: str = "valid"
    prefix: str = ""
    items: Path | None = None

    @cached_property
    def item_list(self) -> tuple[Item, ...]:
        """The items to rank, in the order of their file. Raises `BadData`."""
        try:
            path = self.items or find_part(self.folder, "items", self.prefix)
            return tuple(item_of(row, f"{path}, line {line}") for line, row in rows_of(path))
        except BadDialogues as error:
            raise BadData(str(error)) from None

    @cached_property
    def rows(self) -> Mapping[str, int]:
        """The row of each item id."""
        return {item.id: row for row, item in enumerate(self.item_list)}

    @cached_property
    def train(self) -> tuple[Dialogue, ...]:
        """The dialogues that may be fitted on."""
        found = self._read("train")
        return tuple(one for one in found if not _held(one)) if self.part == "holdout" else found

    @cached_property
    def measured(self) -> tuple[Dialogue, ...]:
        """The dialogues to measure on, none of which is in `train`."""
        if self.part != "holdout":
            return self._read(self.part)
        return tuple(one for one in self._read("train") if _held(one))

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        """Each turn of the system that names items that were not named before: what came before, and those.

        A file of recommending turns beside the dialogues (`valid_rec_turns`) decides which they are; without
        one all turns count but the opening.
        """
        found = examples_of(self.measured, self.rows)
        try:
            path = find_part(self.folder, f"{self.part}_rec_turns", self.prefix)
        except BadDialogues:
            return found
        wanted: dict[tuple[str, int], tuple[int, ...]] = {}
        for line, row in rows_of(path):
            try:
                new = tuple(self.rows[str(one)] for one in row["new_items"])
                wanted[str(row["dialogue_id"]), int(row["turn_index"])] = new
            except (KeyError, TypeError, ValueError) as error:
                raise BadData(
                    f"{path}, line {line}: expected dialogue_id, turn_index and new_items that the item list "
                    f"holds; {error} is missing or wrong."
                ) from None
        kept = []
        for one in found:
            targets = wanted.get((self.measured[one.dialogue].id, one.turn), ())
            if targets:
                kept.append(Example(one.moment, targets, one.dialogue, one.turn, one.by_user))
        return tuple(kept)

    def _read(self, part: str) -> tuple[Dialogue, ...]:
        try:
            return read_dialogues(find_part(self.folder, part, self.prefix))
        except BadDialogues as error:
            raise BadData(str(error)) from None


def item_of(row: Mapping[str, Any], where: str) -> Item:
    """A row of an item list: `item_id`, `title`, a description, and facts in any other columns.

    Ids of other lists, sources and counts are no facts. Raises `BadData` where the id is missing.
    """
    if row.get("item_id") in (None, ""):
        raise BadData(f"{where}: field 'item_id' is missing; each item needs one.")
    facts: dict[str, FactValue] = {}
    text = ""
    attributes = row.get("attributes")
    columns = {**row, **attributes} if isinstance(attributes, dict) else row
    for name, value in columns.items():
        if name in _TEXTS:
            text = text or str(value or "")
        elif name in ("item_id", "title", "attributes") or name.endswith(_NOT_FACTS):
            continue
        elif isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            facts[name] = tuple(value)
        elif isinstance(value, str | int | float) and not isinstance(value, bool) and value != "":
            facts[name] = value
    return Item(str(row["item_id"]), str(row.get("title") or ""), facts, text)


def key_facts(examples: Sequence[Example]) -> dict[str, int]:
    """How much there is to measure on."""
    return {
        "dialogues": len({one.dialogue for one in examples}),
        "recommending turns": len(examples),
        "targets": sum(len(one.targets) for one in examples),
    }


def _held(dialogue: Dialogue) -> bool:
    return hashlib.blake2b(dialogue.id.encode(), digest_size=4).digest()[0] % 5 == 0
