"""`genre evaluate replies` from end to end, on a shop of a few things."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from chat.build import House
from evaluation.commands import evaluate
from evaluation.replies import Player
from evaluation.replies_report import report
from evaluation.talks import Step, Talk

SHOP = Path(__file__).resolve().parent.parent / "data" / "shop.csv"


@pytest.fixture(autouse=True)
def home(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own house: its embedder is there already."""
    monkeypatch.setenv("GENRE_HOME", str(house.settings.home))


def test_the_command_measures_a_catalogue_file_and_several_voices(tmp_path: Path) -> None:
    talks = tmp_path / "talks.jsonl"
    messages = ["a tent under 200", {"click": "like", "place": 0}, "something else", "why the first one?"]
    talks.write_text(json.dumps({"messages": messages}), encoding="utf-8")
    out = tmp_path / "out.json"
    done = CliRunner().invoke(
        evaluate,
        ["replies", "--file", str(SHOP), "--conversations", str(talks), "--llm", "plain", "--llm", "scripted",
         "--workers", "1", "--json", str(out), "--html", str(tmp_path / "out.html")],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    tables = json.loads(out.read_text(encoding="utf-8"))["tables"]
    rows = {row["voice"]: row for row in tables[0]["rows"]}
    assert set(rows) == {"plain", "scripted"}
    assert rows["plain"]["replies"] == 3
    assert rows["plain"]["true reasons"]["value"] == 1
    by_title = {table["title"]: table for table in tables}
    moves = {row["move"]: row["plain"] for row in by_title["Replies by move"]["rows"]}
    assert "Variety of 3 replies" in by_title
    assert sum(moves.values()) == pytest.approx(1)


def test_a_missing_catalogue_file_is_one_message() -> None:
    done = CliRunner().invoke(evaluate, ["replies", "--file", "nothing.csv"])
    assert done.exit_code == 1
    assert "nothing.csv is not there" in done.output


def test_a_careless_voice_is_caught_by_the_measurement(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    player = Player(house.settings.home, "shop", "plain")
    player.__dict__["house"] = house  # as if it had made it
    voice = house.catalogues.open("shop").manager.voice
    spoken = voice.speak

    def boasting(*args: object) -> tuple[str, str]:
        text, name = spoken(*args)  # type: ignore[arg-type]
        return f"{text} It weighs 7777 kg, says Jon Featherstone.", name

    monkeypatch.setattr(voice, "speak", boasting)
    played = player(Talk("one", (Step("a tent"), Step("tell me about the first"))))
    assert all({"number", "name"} <= {one.kind for one in reply.problems} for reply in played.replies)
    made = report({"plain": [played]}, command="", facts={}, seed=0)
    backed = made.tables[0].rows[0]["backed"]
    assert getattr(backed, "value", None) == 0
    assert made.tables[-1].rows  # the examples
