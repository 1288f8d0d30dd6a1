"""The catalogues of the house, from files on disk to something one can talk about."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chat.conversation import Conversation
from chat.errors import BadSettings
from chat.manager import DialogueManager
from chat.planner import Planner
from chat.reader.read import Reader
from chat.reasons import Reasoner
from chat.shelves import Shelves
from retrieval.catalogue import Catalogue, CatalogueStore
from retrieval.embed import HashEmbedder
from retrieval.errors import BadFile, BadSchema, UnknownCatalogue
from retrieval.retrieve import Retriever
from tests.shelves_for_tests import NOW, TODAY, TitlesOnly

CSV = """id,title,colour,price,description
a,Ash Chair,black,40,A plain chair for the kitchen.
b,Birch Chair,white,60,A light chair for the garden.
c,Cedar Table,brown,240,A table for six people.
d,Oak Table,brown,320,A heavy table for the dining room.
e,Elm Stool,white,25,A small stool for anywhere.
f,Fir Bench,black,120,A bench for the hall.
"""


def manage(catalogue: Catalogue, retriever: Retriever) -> DialogueManager:
    """A manager with plain parts."""
    reader = Reader(catalogue, TODAY)
    reasoner = Reasoner(catalogue.facets, catalogue.get, retriever.sentence_support)
    return DialogueManager(
        catalogue, reader, retriever, reasoner, Planner(catalogue, reader.vocabulary), TitlesOnly()
    )


@pytest.fixture
def bundled(tmp_path: Path) -> Path:
    """A file that comes with the project."""
    path = tmp_path / "chairs.csv"
    path.write_text(CSV, encoding="utf-8")
    return path


@pytest.fixture
def shelves(tmp_path: Path, bundled: Path) -> Shelves:
    """Shelves with one bundled catalogue, nothing imported yet."""
    return make(tmp_path, bundled)


def make(folder: Path, bundled: Path) -> Shelves:
    """Shelves over the folder, as after a start."""
    return Shelves(CatalogueStore(folder / "catalogues"), HashEmbedder(), {"chairs": bundled}, manage)


def ask(shelves: Shelves, name: str, text: str) -> list[str]:
    """The titles that a message is answered with."""
    talk = Conversation("c", "ada", name, NOW)
    turn = shelves.manager(name).respond(talk, (), text, "m", NOW)
    assert turn.reply is not None
    return [entry.item.title for entry in turn.reply.recommendations]


def write(folder: Path, name: str, content: str) -> Path:
    """A file to import."""
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return path


def test_a_bundled_catalogue_is_there_at_first_use(shelves: Shelves) -> None:
    assert shelves.names() == ("chairs",)
    assert shelves.stored("chairs") is None
    told: list[tuple[str, int, int]] = []
    opened = shelves.open("chairs", lambda step, done, total: told.append((step, done, total)))
    assert "Learning what each item is about" in {step for step, _, _ in told}
    assert all(0 <= done <= total for _, done, total in told)
    assert len(shelves.shelf("chairs")) == 6
    assert shelves.stored("chairs") is not None
    assert shelves.open("chairs") is opened
    assert shelves.manager("chairs") is opened.manager
    assert "Ash Chair" in ask(shelves, "chairs", "something black")


def test_many_threads_open_one_catalogue_once(shelves: Shelves) -> None:
    with ThreadPoolExecutor(6) as threads:
        opened = list(threads.map(lambda _: shelves.open("chairs"), range(12)))
    assert len({id(one) for one in opened}) == 1


def test_an_unknown_name_is_an_error(shelves: Shelves) -> None:
    with pytest.raises(UnknownCatalogue):
        shelves.manager("tables")
    with pytest.raises(UnknownCatalogue):
        shelves.shelf("../etc")


def test_a_file_of_one_s_own(shelves: Shelves, tmp_path: Path) -> None:
    rows = [
        {"title": f"Song {n}", "mood": mood, "description": f"A {mood} song."}
        for n, mood in enumerate(["calm", "loud", "calm", "loud", "sad", "sad"])
    ]
    path = write(tmp_path, "songs.jsonl", "\n".join(json.dumps(row) for row in rows))
    steps: list[tuple[int, int]] = []
    report = shelves.add(path, "songs", None, lambda done, total: steps.append((done, total)))
    assert report.imported == 6
    assert steps
    assert shelves.names() == ("chairs", "songs")
    assert set(ask(shelves, "songs", "something calm")) == {"Song 0", "Song 2"}


def test_a_new_file_takes_the_place_of_the_old_and_a_bad_one_does_not(
    shelves: Shelves, tmp_path: Path
) -> None:
    shelves.add(write(tmp_path, "one.csv", CSV), "mine")
    assert "Ash Chair" in ask(shelves, "mine", "something black")
    shelves.add(write(tmp_path, "two.csv", CSV.replace("Ash Chair", "Iron Chair")), "mine")
    assert "Iron Chair" in ask(shelves, "mine", "something black")
    assert "Ash Chair" not in ask(shelves, "mine", "something black")
    with pytest.raises(BadFile):
        shelves.add(write(tmp_path, "three.csv", ""), "mine")
    with pytest.raises(BadSchema):
        shelves.add(write(tmp_path, "one.csv", CSV), "mine", "colour = 1")
    assert "Iron Chair" in ask(shelves, "mine", "something black")


def test_the_bundled_name_is_taken(shelves: Shelves, tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match="chairs"):
        shelves.add(write(tmp_path, "mine.csv", CSV), "chairs")


def test_a_preview_imports_nothing(shelves: Shelves, tmp_path: Path) -> None:
    path = write(tmp_path, "mine.csv", CSV)
    found = shelves.preview(path)
    assert [one.title for one in found.items][:2] == ["Ash Chair", "Birch Chair"]
    assert shelves.names() == ("chairs",)
    with pytest.raises(BadSchema):
        shelves.preview(path, "nonsense = 1")


def test_all_is_there_after_a_restart(shelves: Shelves, tmp_path: Path, bundled: Path) -> None:
    shelves.add(write(tmp_path, "mine.csv", CSV), "mine")
    later = make(tmp_path, bundled)
    assert later.names() == ("chairs", "mine")
    assert "Ash Chair" in ask(later, "mine", "something black")


def test_a_damaged_index_answers_all_the_same_and_is_mended(
    shelves: Shelves, tmp_path: Path, bundled: Path
) -> None:
    shelves.open("chairs")
    for path in (tmp_path / "catalogues" / "chairs").rglob("vectors.npy"):
        path.write_bytes(b"not a matrix")
    later = make(tmp_path, bundled)
    assert "Ash Chair" in ask(later, "chairs", "something black")
    later.mend("chairs")
    _until(lambda: not later.open("chairs").retriever.needs_build)
    assert "Ash Chair" in ask(later, "chairs", "something black")
    later.mend("chairs")
    later.mend("unheard of")


def _until(there: Callable[[], bool], seconds: float = 30) -> None:
    """Waits for something that happens in the background."""
    end = time.monotonic() + seconds
    while not there():
        assert time.monotonic() < end
        time.sleep(0.02)
