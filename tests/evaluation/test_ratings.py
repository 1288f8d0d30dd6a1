"""`genre evaluate ratings`: the file, one measurement by hand, and the command from end to end."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from evaluation.ratings import LIST, K, Measured, Ours, best, measure, moved_up
from evaluation.ratings_command import command
from evaluation.ratings_report import against, row_of
from evaluation.ratings_rows import Dialled
from evaluation.references import references
from evaluation.splits import Person, Split
from retrieval.collaborative.popularity import Popularity
from retrieval.collaborative.protocol import Array, History, Interactions, Rows
from retrieval.dials import Dials
from tests.retrieval.collaborative.boards import N_ITEMS, board, fan, side


class Fixed:
    """Says the same to everybody."""

    def __init__(self, scores: list[float], rating: float) -> None:
        self._scores, self._rating = np.array(scores, np.float32), rating

    def fit(self, interactions: Interactions) -> Fixed:
        return self

    def scores(self, user: int | None, history: History) -> Array:
        return self._scores

    def ratings(self, user: int | None, history: History, rows: Rows) -> Array:
        return np.full(len(rows), self._rating, np.float32)


def test_one_person_by_hand() -> None:
    # Twenty items, best first by row. Known: 0 and 1. Held back: row 2 (the new first place) and row 19.
    train = Interactions.of([0, 0, 1], [0, 1, 5], [5, 5, 5], n_items=20)
    person = Person(0, True, History.of([0, 1], [5, 5]), History.of([2, 3, 19], [4, 1, 5]))
    found = measure(
        Fixed(list(range(20, 0, -1)), 4.0),
        Split("by hand", train, (person,)),
        least=4,
        vectors=None,
        listers={"row": None},
    )["row"]
    value = dict(zip(LIST, found.values[0].tolist(), strict=True))
    assert found.lists[0].tolist() == list(range(2, 12))
    assert value["Precision"] == pytest.approx(1 / K)
    assert value["Recall"] == value["Recall"] == 0.5
    assert value["Hit rate"] == 1
    assert value["MRR"] == 1
    assert value["AUC"] == pytest.approx(0.5)  # before all 16 others, and behind all of them
    assert value["NDCG"] == pytest.approx(1 / (1 + 1 / np.log2(3)))
    assert found.errors[0].tolist() == [0 + 9 + 1, 0 + 3 + 1, 3]
    row = row_of("row", [found], 20, 0)
    assert row["Coverage"] == 0.5


def test_the_history_is_no_candidate_and_ties_are_no_favour() -> None:
    barred = np.zeros(50, dtype=bool)
    barred[:25] = True
    assert not barred[best(np.zeros(50, np.float32), 10, barred)].any()
    assert best(np.zeros(50, np.float32), 10, ~barred).tolist() != list(range(10))


def test_a_list_that_was_picked_stands_first() -> None:
    scores = np.array([0.1, 0.9, 0.5, 0.7], np.float32)
    assert np.argsort(-moved_up(scores, np.array([2, 0]))).tolist() == [2, 0, 1, 3]


def test_ahead_of_itself_by_nothing() -> None:
    train = board(explicit=True)
    people = (Person(0, True, fan(0), History.of([12, 14], [5, 4])), Person(2, True, fan(1), fan(0)))
    found = measure(
        Ours(Popularity(), None), Split("s", train, people), least=4, vectors=None, listers={"mixture": None}
    )
    table = against("t", {"mixture": [found["mixture"]], "popularity": [found["mixture"]]}, (), N_ITEMS, 0)
    for row in table.rows:
        ahead = row["mixture: ahead by"]
        assert getattr(ahead, "value", ahead) == 0


def test_a_reference_that_pleases_nobody_is_no_rival_in_reach() -> None:
    def row(ndcg: float, novelty: float, shown: int) -> list[Measured]:
        values = np.full((2, len(LIST)), np.nan)
        values[:, LIST.index("NDCG")], values[:, LIST.index("Novelty")] = ndcg, novelty
        lists = np.tile(np.arange(K), (2, 1))
        lists[1] += shown
        return [Measured(np.arange(2), np.ones(2, np.int64), values, lists, np.zeros((2, 3)), 0.0, 0.0, None)]

    found = {
        "mixture": row(0.5, 3.0, 2),
        "implicit ALS": row(0.4, 2.0, 1),
        "implicit BPR": row(0.1, 9.0, 10),
    }
    table = against("t", found, ["implicit ALS", "implicit BPR"], N_ITEMS, 0)
    rivals = {str(row["Measure"]): row["Best reference"] for row in table.rows}
    assert rivals["Novelty"] == rivals["Coverage"] == "implicit ALS"


def test_far_dials_show_what_is_less_known() -> None:
    counts = np.arange(40)[::-1].copy()
    scores, barred = np.linspace(2, 0, 40).astype(np.float32), np.zeros(40, dtype=bool)
    vectors = np.eye(40, dtype=np.float32)
    shown = [
        Dialled(vectors, counts, Dials(0.2, novelty, 0.0, fairness), 30)(scores, fan(0), barred)
        for novelty, fairness in ((0.0, 0.0), (0.45, 1.0))
    ]
    assert shown[0].tolist() == list(range(10))
    assert counts[shown[1]].mean() < counts[shown[0]].mean()
    assert (np.diff(shown[1]) > 0).all()  # in the order of their scores


@pytest.mark.parametrize("name", ["implicit ALS", "implicit item-kNN", "lenskit BiasedMF"])
def test_references_answer_for_known_and_new(name: str) -> None:
    interactions = board(explicit=True)
    reference = references()[name]().fit(interactions)
    new, nobody = fan(1, explicit=True), fan(0).first(0)
    for user, history in ((0, interactions.histories()[0]), (None, new), (None, nobody)):
        scores = reference.scores(user, history)
        assert scores.shape == (N_ITEMS,)
        assert np.isfinite(scores).all()
        ratings = reference.ratings(user, history, np.array([1, N_ITEMS - 1]))
        assert ratings is None or ((ratings >= 1).all() and (ratings <= 5).all())


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    monkeypatch.setenv("GENRE_HOME", str(tmp_path / "home"))
    interactions = board(explicit=True)
    lines = ["user,item,rating,timestamp"]
    lines += [
        f"u{user},{item},{rating},{when}"
        for user, item, rating, when in zip(
            interactions.users, interactions.items, interactions.ratings, interactions.times, strict=True
        )
    ]
    ratings = tmp_path / "ratings.csv"
    ratings.write_text("\n".join(lines) + "\n", encoding="utf-8")
    items = tmp_path / "items.jsonl"
    items.write_text(
        "\n".join(
            json.dumps({"id": item.id, "title": item.title, **item.facts, "description": item.text})
            for item in side().items
        ),
        encoding="utf-8",
    )
    return ratings, items


def test_the_command_tells_taste_from_chance(files: tuple[Path, Path], tmp_path: Path) -> None:
    out, page = tmp_path / "out.json", tmp_path / "out.html"
    rows = ("item-neighbours", "popularity", "chance", "content", "implicit item-kNN")
    said = CliRunner().invoke(
        command,
        [
            *("--data", str(files[0]), "--items", str(files[1]), "--split", "kfold", "--folds", "3"),
            *(word for row in rows for word in ("--algorithm", row)),
            *("--workers", "1", "--json", str(out), "--html", str(page)),
        ],
    )
    assert said.exit_code == 0, said.output
    tables = {table["title"]: table for table in json.loads(out.read_text())["tables"]}
    main = {row["Recommender"]: row for row in next(iter(tables.values()))["rows"]}
    assert set(main) == set(rows)
    assert main["item-neighbours"]["AUC"]["low"] > main["chance"]["AUC"]["high"]
    assert main["item-neighbours"]["RMSE"]["value"] < 2
    assert main["content"]["Diversity"]["n"] > 0
    assert "Items that nobody has taken yet" in tables
    assert "People nobody has met" in tables
    assert "<svg" in page.read_text()


@pytest.mark.parametrize(
    ("extra", "said"),
    [
        (["--algorithm", "eaze"], "eaze"),
        (["--data", "nowhere.csv"], "nowhere.csv"),
        (["--config", "CONFIG"], "lambda"),
    ],
)
def test_what_cannot_be_measured_is_said_in_one_message(
    files: tuple[Path, Path], tmp_path: Path, extra: list[str], said: str
) -> None:
    config = tmp_path / "rows.toml"
    config.write_text('["my ease"]\nalgorithm = "ease"\nlambda = 3\n', encoding="utf-8")
    words = [str(config) if word == "CONFIG" else word for word in extra]
    result = CliRunner().invoke(command, ["--data", str(files[0]), "--workers", "1", *words])
    assert result.exit_code == 1
    assert said in result.output
    assert "Traceback" not in result.output
