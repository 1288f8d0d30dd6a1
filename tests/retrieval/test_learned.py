from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from retrieval.build import build_index, open_retriever
from retrieval.catalogue import CatalogueStore
from retrieval.embed import HashEmbedder
from retrieval.errors import BadDialogues, BadInteractions
from retrieval.importing import import_file
from retrieval.items import Constraint, Item, Query, Wish
from retrieval.learned import forget, learn_from_dialogues, learn_from_ratings, learned_signals
from retrieval.retrieve import Retriever
from retrieval.signals import LearnedSignal, Ranking
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
        lambda catalogue: Ranking(learned=learned_signals(store, catalogue, HashEmbedder())),
    )


def _learned(store: CatalogueStore, embedder: HashEmbedder | None = None) -> tuple[LearnedSignal, ...]:
    return learned_signals(store, store.open("village"), embedder or HashEmbedder())


def _drop_first(store: CatalogueStore) -> None:
    catalogue = store.open("village")
    store.replace("village", catalogue.schema, catalogue.items[1:])


def test_what_was_learnt_joins_the_ranking_and_lifts_no_condition(
    store: CatalogueStore, folder: Path
) -> None:
    learnt = learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS)
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
    learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS)
    (signal,) = _learned(store)
    assert signal.scores(Query()) is None
    scores = signal.scores(Query(said=("glacier and frost",)))
    assert scores is not None
    assert 0 <= scores.min() <= scores.max() <= 1


def test_a_changed_catalogue_ranks_without_it(
    store: CatalogueStore, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS)
    assert _learned(store)
    _drop_first(store)
    assert _learned(store) == ()
    assert "not used" in caplog.text


def test_another_embedder_ranks_without_it(
    store: CatalogueStore, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS)
    assert _learned(store, HashEmbedder(64)) == ()
    assert "embedder" in caplog.text


def test_what_comes_along_is_used_until_something_is_learnt(
    store: CatalogueStore, folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    came = tmp_path / "came"
    learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS, keep=came)
    assert _learned(store) == ()
    catalogue = store.open("village")
    (signal,) = learned_signals(store, catalogue, HashEmbedder(), came)
    assert signal.name == "dialogues"
    (came / "dialogues" / "ranker.json").write_text("{}")
    assert learned_signals(store, catalogue, HashEmbedder(), came) == ()
    learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS)
    assert len(learned_signals(store, catalogue, HashEmbedder(), came)) == 1
    # Nobody chose what came along, so nobody is warned.
    assert all(one.levelname != "WARNING" for one in caplog.records)


def test_the_best_stands_at_one_and_the_last_at_nought(store: CatalogueStore, folder: Path) -> None:
    learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS)
    (signal,) = _learned(store)
    scores = signal.scores(Query(said=("glacier and frost",)))
    assert scores is not None
    assert (scores.min(), scores.max()) == (0, 1)
    assert len(set(scores.tolist())) == len(scores)


def test_forgotten_is_gone(store: CatalogueStore, folder: Path) -> None:
    learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS)
    assert forget(store, "village")
    assert not forget(store, "village")
    assert _learned(store) == ()


def test_dialogues_about_something_else_are_refused(store: CatalogueStore, folder: Path) -> None:
    (folder / "items.jsonl").write_text(json.dumps({"item_id": "sea-1", "title": "Something else"}))
    with pytest.raises(BadDialogues, match="0 name an item of village"):
        learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS)


def _ratings(store: CatalogueStore, tmp_path: Path, id_of: Callable[[Item], str]) -> Path:
    """Forty people, each of whom likes three of one kind and dislikes one of another."""
    by_kind: dict[str, list[Item]] = {}
    for item in store.open("village").items:
        by_kind.setdefault(str(item.values("genres")[0]), []).append(item)
    kinds = sorted(by_kind)
    rows = ["user,item,rating"]
    for person in range(40):
        own, other = by_kind[kinds[person % len(kinds)]], by_kind[kinds[(person + 1) % len(kinds)]]
        rows += [f"p{person},{id_of(own[(person + step) % len(own)])},5" for step in (0, 1, 3)]
        rows.append(f"p{person},{id_of(other[person % len(other)])},1")
    path = tmp_path / "ratings.csv"
    path.write_text("\n".join(rows))
    return path


def test_what_people_liked_together_is_learnt(store: CatalogueStore, tmp_path: Path) -> None:
    learnt = learn_from_ratings(store, "village", _ratings(store, tmp_path, lambda item: item.id))
    assert (learnt.rows, learnt.used, learnt.people) == (160, 120, 40)  # dislikes are no likes
    retriever = _open(store)
    liked = next(item for item in retriever.catalogue.items if item.title == "Sea 1")
    (signal,) = _learned(store)
    scores = signal.scores(Query(likes=(Wish("item", liked.id),)))
    assert scores is not None
    best = [retriever.catalogue.items[int(row)] for row in scores.argsort()[::-1][:3]]
    assert {item.values("genres") for item in best} == {liked.values("genres")}
    assert signal.scores(Query(said=("something about the sea",))) is None
    found = retriever.retrieve(Query(likes=(Wish("item", liked.id),), k=5)).candidates
    assert any("ratings" in one.found_by for one in found)


def test_ids_of_another_list_are_matched_by_title(store: CatalogueStore, tmp_path: Path) -> None:
    file = _ratings(store, tmp_path, lambda item: item.id.replace("own", "their"))
    with pytest.raises(BadInteractions, match=r"0 people .* --titles"):
        learn_from_ratings(store, "village", file)
    titles = tmp_path / "titles.csv"
    rows = [f"{item.id.replace('own', 'their')},{item.title}" for item in store.open("village").items]
    titles.write_text("\n".join(["id,title", *rows]))
    learnt = learn_from_ratings(store, "village", file, titles)
    assert learnt.known_ids == learnt.ids
    assert _learned(store)


def test_dialogues_and_ratings_are_heard_side_by_side(
    store: CatalogueStore, folder: Path, tmp_path: Path
) -> None:
    learn_from_dialogues(store, "village", HashEmbedder(), folder, settings=SETTINGS)
    learn_from_ratings(store, "village", _ratings(store, tmp_path, lambda item: item.id))
    assert [signal.name for signal in _learned(store)] == ["dialogues", "ratings"]
    _drop_first(store)
    assert _learned(store) == ()


def test_a_spoilt_file_costs_only_itself(
    store: CatalogueStore, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    learn_from_ratings(store, "village", _ratings(store, tmp_path, lambda item: item.id))
    (about,) = store.folder("village").glob("learned/ratings/about.json")
    about.write_text("{")
    assert _learned(store) == ()
    assert "learn again" in caplog.text
