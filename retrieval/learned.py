"""What is learnt for a stored catalogue, from dialogues or ratings; kept beside it, and opened with it."""

from __future__ import annotations

import logging
import re
import shutil
import unicodedata
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from retrieval.catalogue import CatalogueStore
from retrieval.dialogues.files import Dialogue, Said, find_part, read_dialogues, rows_of
from retrieval.dialogues.ranker import DialogueRanker, Progress, RankerSettings
from retrieval.dialogues.signal import DialogueSignal
from retrieval.errors import BadDialogues
from retrieval.items import Item
from retrieval.signals import LearnedSignal

logger = logging.getLogger(__name__)

_FOLDER = "learned"
_DIALOGUES = "dialogues"


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt from: dialogues read, those that name an item of the catalogue, the items they name,
    and of the ids in them how many the catalogue knows."""

    dialogues: int
    used: int
    items: int
    known_ids: int
    ids: int


def learn_from_dialogues(
    store: CatalogueStore,
    name: str,
    folder: Path,
    prefix: str = "",
    settings: RankerSettings | None = None,
    progress: Progress | None = None,
) -> Learnt:
    """Fits a ranker for a catalogue on the train part of a folder of dialogues, in place of an earlier one.

    Ids that the catalogue doesn't have are matched by the title (and year) that the folder's list of items
    gives them. Raises `UnknownCatalogue`, and `BadDialogues` where too few are about this catalogue.
    """
    items = store.open(name).items
    dialogues = read_dialogues(find_part(folder, "train", prefix))
    matched, ids = _matched(dialogues, items, folder, prefix)
    used = tuple(
        Dialogue(one.id, tuple(Said(turn.by_user, turn.text, _ids(turn, matched)) for turn in one.turns))
        for one in dialogues
        if any(matched.get(key) for turn in one.turns for key in turn.items)
    )
    if len(used) < 20:
        raise BadDialogues(
            f"Of {len(dialogues)} dialogues in {folder}, {len(used)} name an item of {name}; 20 are needed. "
            "Are their item ids, or the titles in items.jsonl, those of the catalogue?"
        )
    ranker = DialogueRanker.fit(used, items, settings, progress)
    root = store.folder(name) / _FOLDER
    fresh = root / f".{_DIALOGUES}-{uuid.uuid4().hex[:8]}"
    ranker.save(fresh)
    place = root / _DIALOGUES
    if place.exists():
        old = root / f".old-{uuid.uuid4().hex[:8]}"
        place.rename(old)
        shutil.rmtree(old, ignore_errors=True)
    fresh.rename(place)
    known = {key for one in used for turn in one.turns for key in turn.items}
    return Learnt(len(dialogues), len(used), len(known), sum(1 for key in ids if matched.get(key)), len(ids))


def learned_signals(store: CatalogueStore, name: str, items: Sequence[Item]) -> tuple[LearnedSignal, ...]:
    """The signals learnt for a catalogue that fit its items as they are; another is passed over with a
    warning, and the catalogue ranks without it."""
    place = store.folder(name) / _FOLDER / _DIALOGUES
    if not place.is_dir():
        return ()
    try:
        return (DialogueSignal(DialogueRanker.load(place, items)),)
    except BadDialogues as error:
        logger.warning("What %s learnt from dialogues is not used: %s", name, error)
        return ()


def forget(store: CatalogueStore, name: str) -> bool:
    """Removes what a catalogue has learnt; whether there was anything."""
    root = store.folder(name) / _FOLDER
    there = root.is_dir()
    shutil.rmtree(root, ignore_errors=True)
    return there


def _ids(turn: Said, matched: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(found for key in turn.items if (found := matched.get(key)))


def _matched(
    dialogues: Sequence[Dialogue], items: Sequence[Item], folder: Path, prefix: str
) -> tuple[dict[str, str | None], set[str]]:
    """Ids of the dialogues → ids of the catalogue, None where there is none; and all ids."""
    ids = {key for one in dialogues for turn in one.turns for key in turn.items}
    own = {item.id for item in items}
    # Numbers as ids say nothing: another list has other things under them. So titles decide.
    try:
        path: Path | None = find_part(folder, "items", prefix)
    except BadDialogues:
        path = None
    if path is None:
        return {key: (key if key in own else None) for key in ids}, ids
    find = _by_title(items)
    found = {
        str(row["item_id"]): find(str(row.get("title") or ""), row.get("year"))
        for _, row in rows_of(path)
        if "item_id" in row
    }
    return {key: found.get(key) for key in ids}, ids


def _by_title(items: Sequence[Item]) -> Callable[[str, object], str | None]:
    """Finds the item of a title: of several, or where both give a year, that of the year, one off allowed."""
    known: dict[str, list[tuple[str, float | None]]] = {}
    for item in items:
        years = [float(one) for one in item.values("year") if isinstance(one, int | float)]
        known.setdefault(_plain(item.title), []).append((item.id, years[0] if years else None))

    def find(title: str, year: object) -> str | None:
        wanted = float(year) if isinstance(year, int | float) else None
        same = known.get(_plain(title), []) if _plain(title) else []
        fits = [
            (abs((wanted or 0) - (at or 0)) if wanted and at else 0.5, key)
            for key, at in same
            if wanted is None or at is None or abs(wanted - at) <= 1
        ]
        return min(fits)[1] if fits else None

    return find


def _plain(title: str) -> str:
    """A title without case, accents, signs or a leading article, for comparing lists."""
    letters = unicodedata.normalize("NFKD", title.casefold().replace("&", " and "))
    words = re.sub(r"[^\w\s]|_", " ", "".join(c for c in letters if not unicodedata.combining(c))).split()
    return " ".join(words[1:] if len(words) > 1 and words[0] in ("the", "a", "an") else words)
