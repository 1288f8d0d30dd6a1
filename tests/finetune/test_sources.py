"""Human sets: bad rows are named, private and coarse words stay out, no talk is on both sides."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from finetune.errors import BadData
from finetune.examples import Counts, human
from finetune.sources import REFUSED, SOURCES, is_held, plain_key, read_talks, unfit

TURNS = [
    {"speaker": "user", "text": "I like thrillers", "acts": ["INFORM"], "sub_intents": ["PRO"]},
    {"speaker": "system", "text": "Try Heat."},
    {"speaker": "user", "text": "Thanks, bye", "acts": ["THANK_YOU", "GOODBYE"], "sub_intents": ["ACC"]},
]


def _write(folder: Path, name: str, rows: list[Any]) -> Path:
    path = folder / name / SOURCES[name].files[0]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in rows))
    return folder


def test_a_talk_is_read_with_its_acts(tmp_path: Path) -> None:
    _write(tmp_path, "redial_iard", [{"dialogue_id": "7", "turns": TURNS}])
    (talk,) = read_talks(tmp_path / "redial_iard", SOURCES["redial_iard"])
    assert [one.role for one in talk.utterances] == ["user", "assistant", "user"]
    assert talk.acts == ("inform", "", "agree")


def test_several_acts_that_differ_teach_nothing(tmp_path: Path) -> None:
    _write(tmp_path, "sgd_rec", [{"dialogue_id": "7", "turns": TURNS}])
    (talk,) = read_talks(tmp_path / "sgd_rec", SOURCES["sgd_rec"])
    assert talk.acts == ("request", "", "")


def test_a_gzipped_file_is_read_too(tmp_path: Path) -> None:
    with gzip.open(tmp_path / "train.jsonl.gz", "wt") as file:
        file.write(json.dumps({"dialogue_id": "7", "turns": TURNS}))
    assert len(list(read_talks(tmp_path, SOURCES["redial"]))) == 1


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("{", "line 2: no JSON"),
        ({"dialogue_id": "1"}, "line 2: field turns "),
        ([], "line 2: field turns "),
        ({"turns": []}, "line 2: field dialogue_id"),
        ({"dialogue_id": "1", "turns": [{"speaker": "user"}]}, r"line 2: field turns\[0\]\.text"),
        (
            {"dialogue_id": "1", "turns": [TURNS[0], {"speaker": "bot", "text": "x"}]},
            r"turns\[1\]\.speaker is 'bot'; expected",
        ),
    ],
)
def test_a_row_that_can_not_be_read_is_named(row: Any, words: str, tmp_path: Path) -> None:
    _write(tmp_path, "redial", [{"dialogue_id": "0", "turns": TURNS}, row])
    with pytest.raises(BadData, match=rf"train\.jsonl, {words}" if words.startswith("line") else words):
        list(read_talks(tmp_path / "redial", SOURCES["redial"]))


def test_a_set_without_its_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadData, match=r"train\.jsonl.*folder of redial"):
        list(read_talks(tmp_path, SOURCES["redial"]))


def test_no_set_is_both_used_and_refused() -> None:
    assert not set(SOURCES) & set(REFUSED)
    assert all(source.licence for source in SOURCES.values())


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("write to me@example.org", "personal data"),
        ("it's on www.example.org", "personal data"),
        ("call +1 (555) 123-4567", "personal data"),
        ("I live at 12 Baker Street", "personal data"),
        ("what the FUCK", "profanity"),
        ("so " * 300, "too long"),
        ("Ocean's 11 from 2001 was great", ""),
        ("something like Dickens", ""),
    ],
)
def test_what_is_left_out(text: str, reason: str) -> None:
    assert unfit(text) == reason


def test_no_talk_is_on_both_sides(tmp_path: Path) -> None:
    rows = [
        {"dialogue_id": f"talk-{number}", "turns": [{"speaker": "user", "text": f"I like film {number}"}]}
        for number in range(300)
    ]
    for name in ("redial", "redial_iard"):
        _write(tmp_path, name, rows)
    names = ["redial", "redial_iard"]
    taught, held = (
        {
            one.messages[0]["content"]
            for one in human(tmp_path, names, Counts(), held=held)
            if one.kind == "talk"
        }
        for held in (False, True)
    )
    assert held
    assert not taught & held
    assert len(taught | held) == 300
    assert 0.05 < len(held) / 300 < 0.2


def test_a_talk_that_is_in_two_sets_is_taken_once_and_counted(tmp_path: Path) -> None:
    taught = next(name for name in map(str, range(99)) if not is_held(name))
    for name in ("redial", "redial_iard"):
        _write(tmp_path, name, [{"dialogue_id": taught, "turns": TURNS}])
    counts = Counts()
    made = list(human(tmp_path, ["redial", "redial_iard"], counts, held=False))
    assert [one.kind for one in made].count("talk") == 1
    assert counts.left_out["said twice"] == 1
    assert [one.messages[-1]["content"] for one in made if one.kind == "act"] == [
        '{"act":"inform',
        '{"act":"agree',
    ]


def test_case_and_marks_make_no_other_text() -> None:
    assert plain_key("Hello, World!") == plain_key("hello world")
