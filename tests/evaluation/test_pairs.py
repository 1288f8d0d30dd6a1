"""Pairs of replies for judges: unnamed, shuffled, and counted by the key that they don't see."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evaluation.errors import BadData
from evaluation.pairs import Pair, make_pairs, read_judged, write_pairs
from evaluation.replies import Answered, Played


def reply(said: str, text: str, voice: str, move: str = "recommend") -> Answered:
    """A reply without anything wrong."""
    return Answered(said, text, move, voice, 1.0, (), 0, (), None)


def talks(voice: str, count: int = 40) -> tuple[Played, ...]:
    """Conversations of two messages each; the second is worded by nobody but the plain voice."""
    return tuple(
        Played(
            f"talk-{n}",
            (
                reply(f"message {n}", f"{voice} on {n}", voice),
                reply("and then?", f"plain again {n}", "plain"),
            ),
        )
        for n in range(count)
    )


VOICES = {"plain": talks("plain"), "small": talks("small")}


def test_only_what_each_voice_said_itself_is_paired_and_both_sides_occur() -> None:
    pairs = make_pairs(VOICES, 100, 0)
    assert len(pairs) == 40
    assert {pair.first for pair in pairs} == {"plain", "small"}
    for pair in pairs:
        number = pair.said.removeprefix("message ")
        expected = [
            f"{pair.first} on {number}",
            f"{'small' if pair.first == 'plain' else 'plain'} on {number}",
        ]
        assert list(pair.replies) == expected


def test_the_file_for_judges_names_no_voice(tmp_path: Path) -> None:
    pairs = tuple(
        Pair(pair.id, pair.said, None, ("one", "two"), pair.first) for pair in make_pairs(VOICES, 10, 0)
    )
    path = tmp_path / "pairs.jsonl"
    key = write_pairs(pairs, ("plain", "small"), path)
    assert "plain" not in path.read_text(encoding="utf-8")
    assert "small" not in path.read_text(encoding="utf-8")
    assert set(json.loads(key.read_text(encoding="utf-8"))["A"]) == {pair.id for pair in pairs}


def test_judgements_are_counted_for_the_voice_behind_the_side(tmp_path: Path) -> None:
    pairs = make_pairs(VOICES, 6, 1)
    path = tmp_path / "pairs.jsonl"
    write_pairs(pairs, ("plain", "small"), path)
    answers = tmp_path / "judge.jsonl"
    better = ["A", "B", "tie", "A", "B", "A"]
    lines = [json.dumps({"id": pair.id, "better": one}) for pair, one in zip(pairs, better, strict=True)]
    answers.write_text("\n".join(lines), encoding="utf-8")
    voices, judged = read_judged(path, [answers])
    assert voices == ("plain", "small")
    for pair, one, found in zip(pairs, better, judged, strict=True):
        other = "small" if pair.first == "plain" else "plain"
        assert found.preferred == {"A": pair.first, "B": other, "tie": ""}[one]
        assert found.judge == "judge"


@pytest.mark.parametrize("line", ["no json", '{"id": "nobody", "better": "A"}', '{"better": "A"}'])
def test_a_wrong_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "pairs.jsonl"
    write_pairs(make_pairs(VOICES, 3, 0), ("plain", "small"), path)
    (tmp_path / "judge.jsonl").write_text(line, encoding="utf-8")
    with pytest.raises(BadData, match="line 1"):
        read_judged(path, [tmp_path / "judge.jsonl"])


def test_pairs_need_two_voices() -> None:
    with pytest.raises(BadData, match="two voices"):
        make_pairs({"plain": VOICES["plain"]}, 3, 0)
