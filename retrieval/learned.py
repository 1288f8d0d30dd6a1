"""What is learnt for a stored catalogue, from dialogues or ratings; kept beside it, and opened with it."""

from __future__ import annotations

import json
import logging
import shutil
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from retrieval.build import vectors_of
from retrieval.catalogue import Catalogue, CatalogueStore
from retrieval.collaborative.protocol import Interactions, Side
from retrieval.collaborative.ratings_file import RatingsTable, items_of, read_ratings
from retrieval.collaborative.registry import make
from retrieval.collaborative.signal import HistorySignal
from retrieval.dialogues.files import Dialogue, Said, find_part, read_dialogues, rows_of
from retrieval.dialogues.ranker import DialogueRanker, Progress, RankerSettings
from retrieval.dialogues.sense import Sense
from retrieval.dialogues.signal import DialogueSignal
from retrieval.embed import Embedder
from retrieval.errors import BadDialogues, BadInteractions, RetrievalError
from retrieval.items import Item
from retrieval.matching import by_title
from retrieval.signals import LearnedSignal

logger = logging.getLogger(__name__)

_FOLDER = "learned"
_DIALOGUES, _RATINGS = "dialogues", "ratings"
_FORMAT = 1
_FEWEST = 20  # people, or dialogues


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
    embedder: Embedder,
    folder: Path,
    prefix: str = "",
    settings: RankerSettings | None = None,
    progress: Progress | None = None,
    keep: Path | None = None,
) -> Learnt:
    """Fits a ranker for a catalogue on the train part of a folder of dialogues, in place of an earlier one;
    kept with the catalogue, or in the folder `keep`.

    Ids that the catalogue doesn't have are matched by the title (and year) that the folder's list of items
    gives them. Raises `UnknownCatalogue`, and `BadDialogues` where too few are about this catalogue.
    """
    catalogue = store.open(name)
    items = catalogue.items
    dialogues = read_dialogues(find_part(folder, "train", prefix))
    matched, ids = _matched(dialogues, catalogue, folder, prefix)
    used = tuple(
        Dialogue(one.id, tuple(Said(turn.by_user, turn.text, _ids(turn, matched)) for turn in one.turns))
        for one in dialogues
        if any(matched.get(key) for turn in one.turns for key in turn.items)
    )
    if len(used) < _FEWEST:
        raise BadDialogues(
            f"Of {len(dialogues)} dialogues in {folder}, {len(used)} name an item of {name}; {_FEWEST} are "
            "needed. Are their item ids, or the titles in items.jsonl, those of the catalogue?"
        )
    ranker = DialogueRanker.fit(used, items, _sense(store, catalogue, embedder), settings, progress)
    _put(keep or store.folder(name) / _FOLDER, _DIALOGUES, ranker.save)
    known = {key for one in used for turn in one.turns for key in turn.items}
    return Learnt(len(dialogues), len(used), len(known), sum(1 for key in ids if matched.get(key)), len(ids))


@dataclass(frozen=True, slots=True)
class LearntRatings:
    """What was learnt from: rows read, those used (liked, and of the catalogue), people and items in them,
    and of the items of the file how many the catalogue knows."""

    rows: int
    used: int
    people: int
    items: int
    known_ids: int
    ids: int


def learn_from_ratings(
    store: CatalogueStore,
    name: str,
    file: Path,
    titles: Path | None = None,
    algorithm: str = "ease",
) -> LearntRatings:
    """Fits a recommender on a table of who liked what, in place of an earlier one.

    Of ratings only those above the middle of their scale count. Items are matched by id, or with `titles`, a
    list of the table's items, by title and year. Raises `UnknownCatalogue`, and `BadInteractions` where too
    little is about this catalogue.
    """
    catalogue = store.open(name)
    items = catalogue.items
    table = read_ratings(file)
    rows = _rows_of(table, catalogue, titles)
    liked = _liked(table, rows, len(items))
    people = len(np.unique(liked.users))
    if people < _FEWEST:
        raise BadInteractions(
            f"In {file} {people} people like two or more items of {name}; {_FEWEST} are needed. Are its item "
            "ids those of the catalogue? If not, give the list of its items with their titles: --titles FILE."
        )
    recommender = make(algorithm).fit(liked, Side(items))

    def save(folder: Path) -> None:
        recommender.save(folder / "fitted")
        about = {"format": _FORMAT, "algorithm": algorithm, "items": [item.id for item in items]}
        (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")

    _put(store.folder(name) / _FOLDER, _RATINGS, save)
    known = int((rows >= 0).sum())
    return LearntRatings(
        len(table.interactions), len(liked), people, len(np.unique(liked.items)), known, len(rows)
    )


def learned_signals(
    store: CatalogueStore, catalogue: Catalogue, embedder: Embedder, bundled: Path | None = None
) -> tuple[LearnedSignal, ...]:
    """The signals learnt for a catalogue that fit its items as they are; another is passed over with a
    warning, and the catalogue ranks without it.

    `bundled` is a folder of what comes with the project: it is used where nothing of the kind was learnt, and
    passed over without a word where the catalogue or the embedder is another."""
    name = catalogue.name

    def heard(place: Path) -> LearnedSignal:
        sense = _sense(store, catalogue, embedder)
        return DialogueSignal(DialogueRanker.load(place, catalogue.items, sense))

    kinds: Mapping[str, Callable[[Path], LearnedSignal]] = {
        _DIALOGUES: heard,
        _RATINGS: lambda place: _ratings_signal(place, catalogue.items),
    }
    found: list[LearnedSignal] = []
    for kind, load in kinds.items():
        own = store.folder(name) / _FOLDER / kind
        place = own if own.is_dir() or bundled is None else bundled / kind
        if not place.is_dir():
            continue
        try:
            found.append(load(place))
        except RetrievalError as error:
            level = logging.WARNING if place == own else logging.INFO
            logger.log(level, "What %s learnt from %s is not used: %s", name, kind, error)
    return tuple(found)


def forget(store: CatalogueStore, name: str) -> bool:
    """Removes what a catalogue has learnt; whether there was anything."""
    root = store.folder(name) / _FOLDER
    there = root.is_dir()
    shutil.rmtree(root, ignore_errors=True)
    return there


def _sense(store: CatalogueStore, catalogue: Catalogue, embedder: Embedder) -> Sense:
    """What the catalogue's texts say, with the vectors that its index has."""
    vectors = vectors_of(store, catalogue, embedder)
    return Sense.of(catalogue.items, catalogue.facets, embedder, vectors)


def _put(root: Path, kind: str, save: Callable[[Path], None]) -> None:
    """Keeps what was learnt, in place of an earlier one only once all of it is written."""
    fresh = root / f".{kind}-{uuid.uuid4().hex[:8]}"
    fresh.mkdir(parents=True)
    try:
        save(fresh)
        place = root / kind
        if place.exists():
            old = root / f".old-{uuid.uuid4().hex[:8]}"
            place.rename(old)
            shutil.rmtree(old, ignore_errors=True)
        fresh.rename(place)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _ratings_signal(place: Path, items: Sequence[Item]) -> LearnedSignal:
    try:
        about = json.loads((place / "about.json").read_text(encoding="utf-8"))
        form, algorithm, ids = about["format"], about["algorithm"], about["items"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInteractions(f"{place} can't be read ({error}): learn again.") from error
    if form != _FORMAT or ids != [item.id for item in items]:
        raise BadInteractions(f"{place} was fitted on other items than the {len(items)} here: learn again.")
    rows = {item.id: row for row, item in enumerate(items)}
    return HistorySignal(_RATINGS, make(algorithm).load(place / "fitted"), rows)


def _rows_of(table: RatingsTable, catalogue: Catalogue, titles: Path | None) -> npt.NDArray[np.int64]:
    """The catalogue's row of each of the table's items, -1 for those it doesn't have."""
    row = {item.id: place for place, item in enumerate(catalogue.items)}
    if titles is None:
        return np.array([row.get(key, -1) for key in table.items], dtype=np.int64)
    find = by_title(catalogue.items, catalogue.titles)
    found: dict[str, int] = {}
    for other in items_of(titles):
        year = next((one for one in other.values("year") if isinstance(one, int | float)), None)
        key = find(other.title, year)
        if key is not None:
            found[other.id] = row[key]
    return np.array([found.get(key, -1) for key in table.items], dtype=np.int64)


def _liked(table: RatingsTable, rows: npt.NDArray[np.int64], count: int) -> Interactions:
    """What people liked of the catalogue: above the middle of the scale where there is one, two of them or
    more, since one alone goes with nothing."""
    given = table.interactions
    lowest, highest = given.scale
    good = rows[given.items] >= 0
    if given.explicit:
        good &= given.ratings > (lowest + highest) / 2
    users, items, times = given.users[good], rows[given.items[good]], given.times[good]
    pairs, first = np.unique(users * count + items, return_index=True)
    users, items, times = pairs // count, pairs % count, times[first]
    enough = np.bincount(users, minlength=given.n_users)[users] >= 2
    _, people = np.unique(users[enough], return_inverse=True)
    return Interactions.of(people, items[enough], times=times[enough], n_items=count)


def _ids(turn: Said, matched: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple(found for key in turn.items if (found := matched.get(key)))


def _matched(
    dialogues: Sequence[Dialogue], catalogue: Catalogue, folder: Path, prefix: str
) -> tuple[dict[str, str | None], set[str]]:
    """Ids of the dialogues → ids of the catalogue, None where there is none; and all ids."""
    ids = {key for one in dialogues for turn in one.turns for key in turn.items}
    own = {item.id for item in catalogue.items}
    # Numbers as ids say nothing: another list has other things under them. So titles decide.
    try:
        path: Path | None = find_part(folder, "items", prefix)
    except BadDialogues:
        path = None
    if path is None:
        return {key: (key if key in own else None) for key in ids}, ids
    find = by_title(catalogue.items, catalogue.titles)
    found = {
        str(row["item_id"]): find(str(row.get("title") or ""), row.get("year"))
        for _, row in rows_of(path)
        if "item_id" in row
    }
    return {key: found.get(key) for key in ids}, ids
