from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.build import build_index, open_retriever
from retrieval.catalogue import CatalogueStore
from retrieval.embed import HashEmbedder
from retrieval.errors import BadDialogues
from retrieval.importing import import_file
from retrieval.items import Constraint, Query, Wish
from retrieval.learned import forget, learn_from_dialogues, learned_signals
from retrieval.retrieve import Retriever
from retrieval.signals import Ranking
from tests.retrieval.dialogues import village
from tests.retrieval.dialogues.test_ranker import SETTINGS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "talks"
    place.mkdir()
    return village.write(place)


@pytest.fixture
def store(tmp_path: Path, folder: Path) -> CatalogueStore:
    """The village as a catalogue whose ids are its own."""
    rows = [json.loads(line) for line in (folder / "items.jsonl").read_text().splitlines()]
    path = tmp_path / "village.jsonl"
    path.write_text("\n".join(json.dumps(row | {"item_id": f"own-{n}"}) for n, row in enumerate(rows)))
    store = CatalogueStore(tmp_path / "catalogues")
    import_file(path, store, "village")
    build_index(store, "village", HashEmbedder())
    return store


def _open(store: CatalogueStore) -> Retriever:
    return open_retriever(
        store,
        "village",
        HashEmbedder(),
        lambda catalogue: Ranking(learned=learned_signals(store, "village", catalogue.items)),
    )


def test_what_was_learnt_joins_the_ranking_and_lifts_no_condition(
    store: CatalogueStore, folder: Path
) -> None:
    learnt = learn_from_dialogues(store, "village", folder, settings=SETTINGS)
    assert (learnt.dialogues, learnt.used) == (120, 120)
    assert learnt.known_ids == learnt.ids  # matched by title: the ids differ
    retriever = _open(store)
    liked = next(item for item in retriever.catalogue.items if item.title == "Sea 1")
    query = Query(likes=(Wish("item", liked.id),), said=("I liked Sea 1",), k=5)
    found = retriever.retrieve(query).candidates
    assert any("dialogues" in one.found_by for one in found)
    assert all(one.item.title.startswith("Sea") for one in found)
    snow = replace(query, musts=(Constraint("genres", ("snow",)),))
    assert all(one.item.values("genres") == ("snow",) for one in retriever.retrieve(snow).candidates)


def test_it_is_silent_where_nothing_was_said(store: CatalogueStore, folder: Path) -> None:
    learn_from_dialogues(store, "village", folder, settings=SETTINGS)
    (signal,) = learned_signals(store, "village", store.open("village").items)
    assert signal.scores(Query()) is None
    scores = signal.scores(Query(said=("glacier and frost",)))
    assert scores is not None
    assert 0 <= scores.min() <= scores.max() <= 1


def test_a_changed_catalogue_ranks_without_it(
    store: CatalogueStore, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    learn_from_dialogues(store, "village", folder, settings=SETTINGS)
    items = store.open("village").items
    assert learned_signals(store, "village", items)
    assert learned_signals(store, "village", items[1:]) == ()
    assert "not used" in caplog.text


def test_forgotten_is_gone(store: CatalogueStore, folder: Path) -> None:
    learn_from_dialogues(store, "village", folder, settings=SETTINGS)
    assert forget(store, "village")
    assert not forget(store, "village")
    assert learned_signals(store, "village", store.open("village").items) == ()


def test_dialogues_about_something_else_are_refused(store: CatalogueStore, folder: Path) -> None:
    (folder / "items.jsonl").write_text(json.dumps({"item_id": "sea-1", "title": "Something else"}))
    with pytest.raises(BadDialogues, match="0 name an item of village"):
        learn_from_dialogues(store, "village", folder, settings=SETTINGS)
