from __future__ import annotations

import json
import pickle
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from evaluation.cases import CaseFiles, item_of
from evaluation.commands import evaluate
from evaluation.errors import BadData
from evaluation.ranking import Job, Measure
from evaluation.ranking_methods import AGAIN, ZERO_SHOT, Methods, SecondLook
from retrieval.dialogues.moments import Moment, examples_of
from retrieval.dialogues.ranker import DialogueRanker
from retrieval.embed import HashEmbedder
from retrieval.items import Item
from tests.retrieval.dialogues import village
from tests.retrieval.dialogues.test_ranker import SETTINGS
from tests.retrieval.test_rerank import Backwards, tiny

__all__ = ("tiny",)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return village.write(tmp_path)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    place = tmp_path / "home"
    monkeypatch.setenv("GENRE_HOME", str(place))
    return place


def _methods(folder: Path, ranker: Path | None = None) -> Methods:
    methods = Methods(CaseFiles(folder), HashEmbedder, folder / "vectors.npy", ranker, 0)
    methods.prepare(lambda *_: None)
    return methods


def test_a_row_becomes_an_item_without_other_lists_ids() -> None:
    facts = {"year": 1999, "genres": ["a", "b"], "album": "One", "empty": None}
    others = {"imdb_id": "tt1", "train_mentions": 9, "description_source": "somewhere"}
    row = {"item_id": 3, "title": "T", "description": "words"} | facts | others
    item = item_of(row, "here")
    assert (item.id, item.title, item.text) == ("3", "T", "words")
    assert dict(item.facts) == {"year": 1999, "genres": ("a", "b"), "album": "One"}
    with pytest.raises(BadData, match="item_id"):
        item_of({"title": "T"}, "here")


def test_the_file_of_turns_decides_what_counts(folder: Path) -> None:
    cases = CaseFiles(folder)
    whole = cases.examples
    assert whole == examples_of(cases.measured, cases.rows)
    first = whole[0]
    turn = {"dialogue_id": cases.measured[first.dialogue].id, "turn_index": first.turn}
    ids = [cases.item_list[row].id for row in first.targets]
    (folder / "valid_rec_turns.jsonl").write_text(json.dumps(turn | {"new_items": ids}))
    assert CaseFiles(folder).examples == (first,)
    (folder / "valid_rec_turns.jsonl").write_text(json.dumps(turn | {"new_items": ["nothing"]}))
    with pytest.raises(BadData, match="line 1"):
        _ = CaseFiles(folder).examples


def test_a_holdout_shares_no_dialogue_with_what_is_fitted_on(folder: Path) -> None:
    cases = CaseFiles(folder, "holdout")
    train, measured = ({one.id for one in group} for group in (cases.train, cases.measured))
    assert train
    assert measured
    assert not train & measured


def test_what_was_named_is_never_in_a_list_and_copying_earns_nothing(folder: Path) -> None:
    methods = _methods(folder)
    places = tuple(range(len(methods.cases.examples)))
    for name in ("copy", "BM25", "random"):
        found = Measure(methods)(Job(name, places))
        for place, shown in zip(places, found.lists, strict=True):
            assert not set(shown) & set(methods.cases.examples[place].moment.named)
            assert len(set(shown)) == len(shown)
        if name == "copy":  # all that is left ties: every target stands in the middle
            named = np.array([len(set(methods.cases.examples[place].moment.named)) for place in places])
            left = len(methods.cases.item_list) - np.repeat(
                named, [len(methods.cases.examples[p].targets) for p in places]
            )
            np.testing.assert_allclose(found.ranks, (left + 1) / 2)


def test_methods_travel_to_other_processes(folder: Path) -> None:
    methods = _methods(folder)
    here = Measure(methods)(Job("dense", (0, 1)))
    there = pickle.loads(pickle.dumps(Measure(methods)))(Job("dense", (0, 1)))
    np.testing.assert_array_equal(here.ranks, there.ranks)


def test_a_rank_is_counted_by_hand(folder: Path) -> None:
    methods = _methods(folder)
    found = Measure(methods)(Job("BM25", (0,)))
    example = methods.cases.examples[0]
    scores = methods.get("BM25")(example.moment)
    others = [
        row for row in range(len(scores)) if row not in example.moment.named and row != example.targets[0]
    ]
    above = sum(scores[row] > scores[example.targets[0]] for row in others)
    ties = sum(scores[row] == scores[example.targets[0]] for row in others)
    assert found.ranks[0] == 1 + above + ties / 2


def test_the_command_reports_ours_beside_baselines(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("retrieval.dialogues.ranker.RankerSettings", lambda **_: SETTINGS)
    monkeypatch.setattr("chat.build.make_embedder", lambda settings: HashEmbedder())
    out = folder / "report.json"
    arguments = ["ranking", "--data", str(folder), "--fit", str(folder), "--workers", "1", "--json", str(out)]
    done = CliRunner().invoke(evaluate, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    report = json.loads(out.read_text())
    rows = {row["method"]: row for row in report["tables"][0]["rows"]}
    assert rows["genre, fitted"]["R@10"]["value"] > rows["random"]["R@10"]["value"]
    assert rows["genre, fitted"]["R@10"]["low"] <= rows["genre, fitted"]["R@10"]["value"]
    assert "120 train dialogues" in report["facts"]["fitted on"]
    assert (home / "evaluation" / "rankers").is_dir()  # kept for the next run


def test_only_the_best_are_looked_at_again() -> None:
    items = [Item(str(number), f"Item {number}") for number in range(6)]
    first = np.array([6, 5, 4, 3, 2, -np.inf], dtype=np.float32)
    look = SecondLook(lambda moment: first, Backwards(), items, 3)
    found = look.scores(Moment(named=(1,), user=("something",)))
    np.testing.assert_array_equal(found, [3, 5, 4, 6, 2, -np.inf])  # 0, 2, 3 turned round
    np.testing.assert_array_equal(first, [6, 5, 4, 3, 2, -np.inf])


def test_the_command_shows_what_a_second_look_brings(
    folder: Path, home: Path, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat.build.make_embedder", lambda settings: HashEmbedder())
    out = folder / "report.json"
    arguments = ["ranking", "--data", str(folder), "--rerank", str(tiny), "--rerank-depth", "5"]
    done = CliRunner().invoke(evaluate, [*arguments, "--workers", "1", "--json", str(out)])
    assert done.exit_code == 0, done.output
    rows = {row["method"]: row for row in json.loads(out.read_text())["tables"][0]["rows"]}
    once, again = rows[ZERO_SHOT], rows[ZERO_SHOT + AGAIN]
    assert again["R@10"]["value"] == once["R@10"]["value"]  # the same five, in another order
    assert again["MRR@10"]["value"] != once["MRR@10"]["value"]


@pytest.mark.parametrize(
    ("name", "says"), [("no/where", "can't be loaded"), ("llm", "llm is plain"), ("none", "cross-encoder")]
)
def test_a_second_look_that_cannot_be_is_said_at_once(
    folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch, name: str, says: str
) -> None:
    monkeypatch.setenv("GENRE_OFFLINE", "1")
    done = CliRunner().invoke(evaluate, ["ranking", "--data", str(folder), "--rerank", name])
    assert done.exit_code == 1
    assert says in done.output


def test_nothing_is_fitted_unasked(folder: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(DialogueRanker, "fit", classmethod(lambda *_: pytest.fail("fitted without --fit")))
    out = folder / "report.json"
    arguments = ["ranking", "--data", str(folder), "--method", "copy", "--workers", "1", "--json", str(out)]
    done = CliRunner().invoke(evaluate, arguments, catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert json.loads(out.read_text())["facts"]["fitted on"] == "nothing"


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (["--data", "nowhere"], "not a folder"),
        (["--split", "test"], "no test.jsonl"),
        (["--method", "magic"], "BM25"),
    ],
)
def test_a_wrong_call_says_what_to_do(folder: Path, home: Path, change: list[str], says: str) -> None:
    done = CliRunner().invoke(evaluate, ["ranking", "--data", str(folder), *change])
    assert done.exit_code == 1
    assert says in done.output
