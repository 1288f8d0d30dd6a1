"""The taste as understood, beside a form: small talks whose answers are plain."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from chat.reader.fit_opinions import best_threshold, best_unsaid, read_stories
from chat.taste import TasteProfile
from evaluation.errors import BadData
from evaluation.human.dialogues import Dialogue, Label, Said, find, read_dialogues
from evaluation.human.marked import marked, spans, stand_in
from evaluation.human.replay import replay
from evaluation.human.shelves import film_shelf, films
from evaluation.run import Run
from evaluation.taste import Belief, Judged, TasteMeasure, around, brought_up, held, sentiment
from evaluation.taste_command import command, report
from prompts.dialogue import Interest
from retrieval.items import Item
from tests.shelves_for_tests import reader as film_reader
from tests.shelves_for_tests import shelf

FILMS = [
    {"item_id": "1", "title": "Copper Lantern", "year": 1999, "genres": ["Drama"]},
    {"item_id": "2", "title": "Quiet Harbour", "year": 2004, "genres": ["Comedy"]},
    {"item_id": "3", "title": "Quiet Harbour", "year": 2011, "genres": ["Comedy"]},
]
TALK: dict[str, Any] = {
    "dialogue_id": "a",
    "turns": [
        {"speaker": "user", "text": "I hated Copper Lantern (1999).", "items": ["1"]},
        {"speaker": "system", "text": "Try Quiet Harbour (2004)", "items": ["2"]},
        {"speaker": "user", "text": "I've seen that one and loved it", "items": []},
    ],
    "labels": {"1": {"liked": 0, "seen": 1}, "2": {"liked": 1, "seen": 1}, "3": {"liked": 2, "seen": 2}},
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, FILMS)))
    (tmp_path / "valid.jsonl").write_text(json.dumps(TALK))
    return tmp_path


def by_id(folder: Path) -> dict[str, Item]:
    return {item.id: item for item in films(folder / "items.jsonl").items}


# --- files --------------------------------------------------------------------------------------------------


def test_dialogues_are_read_with_labels_and_all_else_kept(tmp_path: Path) -> None:
    path = tmp_path / "valid.jsonl.gz"
    with gzip.open(path, "wt") as file:
        file.write(json.dumps({**TALK, "goal": {"food": "thai"}}) + "\n\n")
    (found,) = read_dialogues(find(tmp_path, "valid.jsonl"))
    assert found.labels["1"] == Label(0, 1)
    assert found.more == {"goal": {"food": "thai"}}
    assert found.turns[1] == Said("system", "Try Quiet Harbour (2004)", ("2",))


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("{", "line 1 is no JSON"),
        ("[]", "expected an object"),
        ('{"turns": []}', "dialogue_id"),
        ('{"dialogue_id": "a", "turns": [{"speaker": "me"}]}', "expected “user” or “system”"),
        ('{"dialogue_id": "a", "turns": [], "labels": {"1": {"liked": 5, "seen": 0}}}', "each 0, 1 or 2"),
    ],
)
def test_a_broken_line_is_named(tmp_path: Path, line: str, says: str) -> None:
    (tmp_path / "valid.jsonl").write_text(line)
    with pytest.raises(BadData, match=says):
        read_dialogues(tmp_path / "valid.jsonl")


def test_a_folder_without_the_file_says_what_was_looked_for(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"valid\.jsonl"):
        find(tmp_path, "valid.jsonl")


# --- titles given -------------------------------------------------------------------------------------------


def test_titles_become_stand_ins_with_their_years(data: Path) -> None:
    (dialogue,) = read_dialogues(data / "valid.jsonl")
    talk = marked(dialogue, by_id(data))
    assert talk.texts[0] == f"I hated {stand_in(0)}."
    assert talk.ids == (("0",), ("1",), ())
    assert talk.place_of == {"1": "0", "2": "1"}


def test_the_longest_title_goes_first_and_nothing_is_found_twice() -> None:
    items = [Item("a", "Harbour"), Item("b", "Quiet Harbour")]
    assert spans("quiet harbour and Harbour", items) == [(0, 13, "b"), (18, 25, "a")]
    assert spans("Harbours", items) == []


def test_stand_ins_differ() -> None:
    assert len({stand_in(number) for number in range(100)}) == 100


# --- beliefs ------------------------------------------------------------------------------------------------


def test_a_profile_says_what_it_holds_and_guesses_liked() -> None:
    def interest(feeling: Any) -> Interest:
        return Interest("x", "item", feeling, 0.9, "", 1, value="1")

    assert held(TasteProfile(), "1") == Belief("liked", "unsaid", "unseen")
    assert held(TasteProfile((interest("dislike"),)), "1") == Belief("disliked", "disliked", "unseen")
    seen = TasteProfile((interest("seen"),), seen=frozenset({"1"}))
    assert held(seen, "1") == Belief("liked", "unsaid", "seen")
    assert held(TasteProfile(rejected=frozenset({"1"})), "1").liked == "disliked"


def test_baselines_look_at_who_said_it_and_at_the_words_around(data: Path) -> None:
    (dialogue,) = read_dialogues(data / "valid.jsonl")
    talk = marked(dialogue, by_id(data))
    assert brought_up(dialogue, ["1", "2"])["1"].liked == "liked"
    assert brought_up(dialogue, ["1", "2"])["2"].liked == "disliked"
    assert around(talk, "0") == [talk.texts[0]]
    assert around(talk, "1") == ["I've seen that one and loved it"]
    found = sentiment(talk, ["1", "2"])
    assert (found["1"].liked, found["2"].liked, found["2"].seen) == ("disliked", "liked", "seen")


def test_the_talk_is_replayed_with_the_list_on_the_table() -> None:
    said = (Said("user", "a crime film"), Said("system", "Heat?", ("heat",)), Said("user", "I hated it"))
    reads = replay(Dialogue("a", said), shelf("films"), film_reader("films"))
    assert [one.place for one in reads] == [0, 2]
    assert [item.id for item in reads[1].context.focus] == ["heat"]
    assert "heat" in reads[1].taste.rejected
    assert "heat" not in reads[0].taste.rejected


def test_the_house_reads_a_talk_with_titles_given_and_found(data: Path) -> None:
    measure = TasteMeasure(data / "items.jsonl", data)
    vars(measure)["opine"] = lambda remarks: measure.model.judge(remarks)  # by the words alone
    (dialogue,) = read_dialogues(data / "valid.jsonl")
    found = {one.item: one for one in measure(dialogue)}
    assert set(found) == {"1", "2"}  # nobody spoke of the third
    for how in ("titles given", "titles found"):
        for method in ("rules alone", "the house", "whole talk at once"):
            assert found["1"].beliefs[f"{method}, {how}"].liked == "disliked"
            assert found["2"].beliefs[f"{method}, {how}"].liked == "liked"
        assert found["2"].beliefs[f"the house, {how}"].seen == "seen"


# --- the table ----------------------------------------------------------------------------------------------


def judged(dialogue: str, liked: Any, believed: Any) -> Judged:
    return Judged(dialogue, "1", liked, "seen", {"ours": Belief(believed, believed, "seen")})


def test_macro_f1_is_the_mean_of_the_classes() -> None:
    rows = [
        *(judged(str(number), "liked", "liked") for number in range(3)),
        judged("3", "disliked", "liked"),
        judged("4", "disliked", "disliked"),
        judged("5", "unsaid", "liked"),
    ]
    run = Run("", 0, None, 1, Path(), None, None)
    two, three, _ = report(rows, run, Path("here"), "valid", 6).tables
    ours = next(row for row in two.rows if row["method"] == "ours")
    common = next(row for row in two.rows if row["method"] == "always the commonest")
    # liked: 3 right, 1 extra → 6/7; disliked: 1 right, 1 missed → 2/3
    assert ours["macro-F1"].value == pytest.approx((6 / 7 + 2 / 3) / 2)  # type: ignore[union-attr]
    assert common["F1 disliked"].value == 0  # type: ignore[union-attr]
    assert (ours["items"], three.rows[0]["items"]) == (5, 6)


def test_thresholds_are_those_of_the_highest_macro_f1() -> None:
    import numpy as np

    dislike = np.linspace(0, 1, 100)
    threshold, macro = best_threshold(dislike, dislike >= 0.8)
    assert threshold == pytest.approx(0.8, abs=0.02)
    assert macro > 0.98
    shares = np.array([[0.4, 0.6, 0.0], [0.0, 0.6, 0.4], [0.1, 0.9, 0.0]])
    assert best_unsaid(shares, np.array([0, 2, 1]))[2] == 1.0


def test_remarks_are_written_as_the_fit_reads_them(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GENRE_HOME", str(data / "home"))
    out = data / "remarks.jsonl.gz"
    done = CliRunner().invoke(command, ["--data", str(data), "--remarks", str(out)])
    assert done.exit_code == 0, done.output
    stories = {story.liked: story for story in read_stories(out)}
    assert set(stories) == {0, 1}
    assert stories[0].remarks[0].words == ("i", "hated", "ITEM", ".")
    assert [one.how for one in stories[1].remarks] == ["answer"]


def test_stand_ins_make_a_shelf() -> None:
    assert film_shelf([Item("a", "Harbour", {"year": 1999})]).get("a") is not None
