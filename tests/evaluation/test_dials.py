"""The measurement of dials on lists whose measures are known by hand."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest

from evaluation.dials import HEAD, OFF, changes, cheapest, measure, ordered, settings, shortlists
from evaluation.dials_data import Case, Ground, Signals, from_dialogues, from_ratings, traits_of, unit
from evaluation.errors import BadData
from evaluation.recency import _by_age, _by_session, _session, fading, sessions
from evaluation.replay import Logged, replayed
from retrieval.bandit import Bandit
from retrieval.collaborative.protocol import Array, History, Interactions
from retrieval.dials import Dials
from retrieval.items import Item

ITEMS = tuple(
    Item(f"i{row}", f"Title{row}", {"genres": ("space" if row % 2 else "west",)}, f"word{row // 4}")
    for row in range(24)
)


def ground(cases: tuple[Case, ...] = ()) -> Ground:
    """Thirty people: everybody takes item 0, the later the rarer; odd people like odd items."""
    pairs = [(user, row) for user in range(30) for row in range(24) if row == 0 or (
        user % 2 == row % 2 and user >= row)]  # fmt: skip
    train = Interactions.of([user for user, _ in pairs], [row for _, row in pairs], n_users=30, n_items=24)
    return Ground("ratings", train, ITEMS, traits_of(ITEMS), cases, {})


def falling(histories: object) -> Array:
    """A base ranking by row number, whoever asks."""
    return np.tile(np.linspace(2, -1, 24, dtype=np.float32), (len(histories), 1))  # type: ignore[arg-type]


ONE = Case("a", History.of([0]), np.array([1]))
TWO = Case("b", History.of([0]), np.array([12]))


def test_with_all_dials_off_the_base_ranking_stands() -> None:
    here = ground((ONE, TWO))
    shorts = shortlists(here, falling)
    assert ordered(shorts[0], OFF).tolist() == list(range(1, 24))  # what is in the history is no candidate
    found = measure(here, shorts, OFF)
    assert found.values["NDCG@10"].tolist() == [1, 0]
    assert found.values["NDCG@50"][1] == pytest.approx(1 / np.log2(13))
    assert found.values["tail"].tolist() == [(here.popularity[1:11] <= HEAD).mean()] * 2
    assert found.coverage == pytest.approx(10 / 24)
    # half the list shares each of two genres: of 45 pairs, 20 are of one genre
    assert found.values["shared categories"][0] == pytest.approx(20 / 45)


def test_a_dial_changes_what_it_says() -> None:
    here = ground((ONE, TWO))
    shorts = shortlists(here, falling)
    base = measure(here, shorts, OFF)
    for dial, name, better in (
        ("diversity", "similarity", -1),
        ("novelty", "novelty", 1),
        ("fairness", "novelty", 1),
    ):
        turned = measure(here, shorts, Dials(**{"diversity": 0.0, dial: 1.0}))
        change = changes(turned, base, ["a", "b"], 0)[name]
        assert change.value * better > 0, dial
    assert changes(base, base, ["a", "b"], 0)["novelty"].value == 0


def test_the_cheapest_setting_that_reaches_a_target() -> None:
    here = ground((ONE, TWO))
    shorts = shortlists(here, falling)
    base = measure(here, shorts, OFF)
    swept = [measure(here, shorts, one) for one in settings((0.2, 0.6, 1.0))["diversity"]]
    found = cheapest(swept, base, measure="similarity", less=0.05)
    assert found is not None
    assert found[0] in swept
    assert cheapest(swept, base, measure="similarity", less=5.0) is None


def test_the_base_ranking_follows_the_history() -> None:
    here = ground()
    signals = Signals(here, 5.0)
    odd, even, new = signals.score([History.of([1, 3]), History.of([2, 4]), History.of([])])
    assert odd[5] > odd[6]
    assert even[6] > even[5]
    assert int(np.argmax(new)) == 0
    assert np.isfinite(new).all()


def test_half_lives_and_sessions() -> None:
    history = History(np.arange(3), np.ones(3, np.float32), np.array([0.0, 1.0, 1e6]))
    assert _by_age(1)(history).tolist() == [0.25, 0.5, 1]
    assert _by_age(float("inf"))(history).tolist() == [1, 1, 1]
    assert _session(history) == 1
    assert _by_session(0.5)(history).tolist() == [0.5, 0.5, 1]
    assert _session(History.of([1, 2])) == 0  # no times: nothing is known of sessions
    case = Case("a", History(np.array([2, 4, 1]), np.ones(3, np.float32), history.times), np.array([3]))
    here = ground((case,))
    rows = fading(here, 5.0, 0)
    assert rows[0][2].value == 0
    assert rows[-1][1].value >= rows[0][1].value  # the newest is odd, and so is what comes next
    assert len(sessions(here, 5.0, 0)) == 4
    assert sessions(ground((ONE,)), 5.0, 0) == []


# ------------------------------------------------------------------------------------ replay

WEIGHTS = {"good": 0.4, "bad": 0.6}


def log(count: int, seed: int = 0) -> list[Logged]:
    """Evenly drawn choices in which only the signal `good` tells what is liked."""
    draw = np.random.default_rng(seed)
    out = []
    for _ in range(count):
        offered = draw.random((4, 2))
        shown = int(draw.integers(4))
        out.append(Logged(offered, shown, 0.25, 1.0 if offered[shown, 0] > 0.5 else -1.0))
    return out


def test_replay_counts_only_where_the_policy_agrees_with_the_log() -> None:
    entries = log(400)
    got = replayed(entries, None, WEIGHTS, 0)
    agreed = [one for one in entries if int(np.argmax(one.offered @ [0.4, 0.6])) == one.shown]
    assert [reward for reward, _ in got] == [one.reward for one in agreed]
    assert len(got) == pytest.approx(100, abs=30)  # a quarter, as the log was drawn
    assert {weight for _, weight in got} == {4.0}


def test_replay_gives_what_the_policy_would_have_got() -> None:
    """The truth is known here: the mean reward of always showing the best by `good` alone."""
    entries = log(8_000)
    got = replayed(entries, None, {"good": 1.0, "bad": 0.0}, 0)
    truth = np.mean([1.0 if one.offered[:, 0].max() > 0.5 else -1.0 for one in entries])
    assert np.mean([reward for reward, _ in got]) == pytest.approx(truth, abs=0.05)


def test_leaning_pays_where_a_signal_is_overrated() -> None:
    plain = np.mean([reward for reward, _ in replayed(log(2_000), None, WEIGHTS, 0)])
    leaning = np.mean([reward for reward, _ in replayed(log(2_000), Bandit(exploration=0.1), WEIGHTS, 0)])
    assert leaning > plain + 0.1


# ------------------------------------------------------------------------------------ files


def write(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    with gzip.open(folder / f"{name}.jsonl.gz", "wt", encoding="utf-8") as file:
        file.write("\n".join(json.dumps(row) for row in rows))


def dialogue(number: int, *named: str) -> dict[str, object]:
    turns = [{"speaker": "user", "text": "x", "items": [one]} for one in named]
    return {"dialogue_id": f"d{number}", "turns": turns, "labels": {"b": {"liked": 0}, "c": {"liked": 1}}}


def test_dialogues_become_lists(tmp_path: Path) -> None:
    write(tmp_path, "items", [{"item_id": one, "title": one, "genres": ["g"], "year": 1999} for one in "abc"])
    write(tmp_path, "train", [dialogue(1, "a", "b", "a"), dialogue(2, "c", "gone")])
    write(tmp_path, "valid", [dialogue(3, "a", "b", "c")])
    turns = [{"dialogue_id": "d3", "turn_index": 1, "target_items": ["b", "c"], "new_items": ["b", "c"]}]
    write(tmp_path, "valid_rec_turns", [*turns, {**turns[0], "new_items": []}])
    here = from_dialogues(tmp_path, "valid")
    assert here.counts.tolist() == [1, 1, 1]  # once a dialogue; what isn't in the list of items is left out
    assert len(here.cases) == 1
    case = here.cases[0]
    assert (case.history.rows.tolist(), case.relevant.tolist(), case.felt) == ([0], [1, 2], (-1.0, 1.0))
    assert here.items[0].facts["genres"] == ("g",)


def test_a_missing_or_broken_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"no items\.jsonl"):
        from_dialogues(tmp_path, "valid")
    (tmp_path / "items.jsonl").write_text('{"item_id": "a"}\n{"id": 3}\n')
    with pytest.raises(BadData, match=r"items\.jsonl, line 2.*item_id"):
        from_dialogues(tmp_path, "valid")


def test_ratings_become_lists(tmp_path: Path) -> None:
    path = tmp_path / "ratings.csv"
    lines = [f"u{user},i{item},{5 if item % 2 else 2},{item}" for user in range(3) for item in range(10)]
    path.write_text("user,item,rating,timestamp\n" + "\n".join(lines))
    here = from_ratings(path, None, 4.0)
    assert len(here.cases) == 3
    case = here.cases[0]
    assert len(case.history) == 8
    assert [here.items[row].id for row in case.relevant] == ["i9"]
    assert sorted(case.judged.values()) == [-1.0, 1.0]


def test_unit_rows_and_traits() -> None:
    assert np.allclose(np.linalg.norm(unit(np.array([[3.0, 4.0], [0.0, 0.0]], np.float32)), axis=1), [1, 0])
    assert traits_of((Item("a", "a"),)).shape == (1, 1)
