"""The `genre` command as people run it: in processes of its own, with a home folder of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from app import COMMANDS
from chat.build import House

ROOT = Path(__file__).resolve().parent.parent
GENRE = str(Path(sys.executable).with_name("genre"))

#: An id that comes twice, a row without a title, a price that is none, a row with too many cells.
DIRTY = """\
sku,name,price,colours,about
p1,Folding Stool,24.50,red|blue,"A light stool that folds flat, for fishing and for concerts in the park."
p2,Camp Table,ask us,green,"A small table with legs that screw off, steady on grass."
p3,,12.00,red,A row that has lost its name.
p1,Stool Again,19.00,blue,The id of the first row once more.
p4,Rain Cape,39.00,yellow|green,"A wide cape that covers you and your backpack.",and,more
p5,Tin Mug,6.90,white|blue,"An enamel mug that has seen many fires, and will see many more."
p6,Head Torch,31.00,black,"A bright torch for the forehead, with a red light for reading at night."
"""

Genre = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="session")
def home(house: House, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the films indexed: a copy of the house's, so that nothing here reaches other tests."""
    copy = tmp_path_factory.mktemp("cli") / "home"
    shutil.copytree(house.settings.home, copy)
    return copy


@pytest.fixture
def genre(home: Path, tmp_path: Path) -> Genre:
    """Runs `genre` with these arguments in a folder of the test's own."""

    def run(*arguments: str, rc: int = 0) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("GENRE_")}
        done = subprocess.run(
            [GENRE, *arguments],
            env={**clean, "GENRE_HOME": str(home), "COLUMNS": "200"},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == rc, done.stderr
        return done

    return run


# ---------------------------------------------------------------- help


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_every_command_with_what_it_does(genre: Genre, flag: str) -> None:
    shown = genre(flag).stdout
    for name, (_, line) in COMMANDS.items():
        assert name in shown
        assert line in shown


def test_help_imports_nothing_heavy() -> None:
    script = (
        "import sys, app\n"
        "try: app.main(['--help'])\n"
        "except SystemExit: pass\n"
        "heavy = {'torch', 'gradio', 'chromadb', 'transformers', 'langchain', 'numpy', 'chat.build'}\n"
        "print('LOADED', sorted(heavy & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED []"


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(genre: Genre, command: str) -> None:
    assert genre(command, "--help").stdout.startswith(f"Usage: genre {command}")


def test_a_command_that_is_not_there_is_refused(genre: Genre) -> None:
    assert "No such command" in genre("recommend", rc=2).stderr


# ---------------------------------------------------------------- ask


def test_ask_prints_one_json_object_a_turn_and_nothing_else(genre: Genre) -> None:
    done = genre("ask", "--json", "a western", "shorter than the first one", "what do you know about me?")
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(turns) == 3
    for turn in turns:
        assert {"text", "move", "recommendations", "taste", "quick_replies", "voice", "timings"} <= set(turn)
        assert turn["text"]
        assert turn["voice"] == "plain"
    for entry in turns[0]["recommendations"]:
        assert {"id", "title", "facts"} <= set(entry["item"])
        assert "western" in entry["item"]["facts"]["genres"]
        assert entry["reasons"]
        for reason in entry["reasons"]:
            assert {"text", "interest", "fact"} <= set(reason)


def test_the_texts_of_one_call_are_one_conversation(genre: Genre) -> None:
    done = genre("ask", "--json", "a western", "something else", "no John Wayne please")
    turns = [json.loads(line) for line in done.stdout.splitlines()]
    shown = [[entry["item"]["id"] for entry in turn["recommendations"]] for turn in turns]
    assert shown[0]
    assert shown[1]
    assert not set(shown[0]) & set(shown[1])
    for entry in (entry for turn in turns for entry in turn["recommendations"]):
        assert "western" in entry["item"]["facts"]["genres"]
    assert {(entry["subject"], entry["feeling"]) for entry in turns[2]["taste"]} >= {
        ("western", "like"),
        ("John Wayne", "dislike"),
    }


def test_two_calls_are_two_conversations_and_keep_nothing(genre: Genre, home: Path) -> None:
    genre("ask", "--json", "I love musicals")
    turn = json.loads(genre("ask", "--json", "what do you know about me?").stdout)
    assert turn["taste"] == []
    assert not (home / "conversations.sqlite").exists()


def test_ask_in_words_shows_titles_with_their_reasons(genre: Genre) -> None:
    shown = genre("ask", "a western").stdout
    assert shown.startswith("› a western")
    assert "  1. " in shown
    assert "     + " in shown


def test_ask_about_a_catalogue_that_is_not_there_names_those_that_are(genre: Genre) -> None:
    done = genre("ask", "--catalogue", "spoons", "a spoon", rc=1)
    assert done.stdout == ""
    assert "spoons" in done.stderr
    assert "films" in done.stderr
    assert "Traceback" not in done.stderr


# ---------------------------------------------------------------- index


def test_a_dirty_file_becomes_a_catalogue_and_every_skipped_row_is_named(
    genre: Genre, tmp_path: Path
) -> None:
    (tmp_path / "camping.csv").write_text(DIRTY, encoding="utf-8")
    shown = genre("index", "camping.csv").stdout
    assert "camping: 4 items from 7 rows (4 new, 0 changed, 0 gone)." in shown
    assert "skipped: line 4: has no title" in shown
    assert "skipped: line 5: has the id 'p1' of line 2" in shown
    assert "skipped: line 6: " in shown
    assert "price: 1 cell" in shown  # "ask us" is left out, the table stays
    schema = (tmp_path / "camping.genre.toml").read_text(encoding="utf-8")
    assert 'role = "price"' in schema
    turn = json.loads(
        genre("ask", "--json", "--catalogue", "camping", "something blue under 20 euros").stdout
    )
    assert [entry["item"]["title"] for entry in turn["recommendations"]] == ["Tin Mug"]


def test_indexing_again_changes_nothing(genre: Genre, tmp_path: Path) -> None:
    (tmp_path / "again.csv").write_text(DIRTY, encoding="utf-8")
    genre("index", "again.csv")
    schema = tmp_path / "again.genre.toml"
    written = (schema.read_bytes(), schema.stat().st_mtime_ns)
    second = genre("index", "again.csv")
    # The guess, now a file beside, reads the same items; and then there is nothing left to do.
    assert "(0 new, 0 changed, 0 gone)" in second.stdout or "nothing had changed" in second.stdout
    assert "nothing had changed" in genre("index", "again.csv").stdout
    assert (schema.read_bytes(), schema.stat().st_mtime_ns) == written


def test_a_broken_file_leaves_the_stored_catalogue(genre: Genre, tmp_path: Path) -> None:
    file = tmp_path / "kept.csv"
    file.write_text(DIRTY, encoding="utf-8")
    genre("index", "kept.csv")
    file.write_text(
        "sku,name,price,colours,about\np1,,5,red,No name.\np2,,6,blue,None here.\n", encoding="utf-8"
    )
    done = genre("index", "kept.csv", rc=1)
    assert "no usable row" in done.stderr
    assert "Traceback" not in done.stderr
    turn = json.loads(genre("ask", "--json", "--catalogue", "kept", "a mug").stdout)
    assert "Tin Mug" in [entry["item"]["title"] for entry in turn["recommendations"]]


def test_a_schema_that_does_not_fit_is_refused_with_what_would(genre: Genre, tmp_path: Path) -> None:
    (tmp_path / "goods.csv").write_text(DIRTY, encoding="utf-8")
    (tmp_path / "goods.genre.toml").write_text('[columns]\ntitle = "nmae"\n', encoding="utf-8")
    assert "did you mean “name”?" in genre("index", "goods.csv", rc=1).stderr
    assert "goods" not in genre("catalogues").stdout


def test_a_preview_stores_nothing(genre: Genre, tmp_path: Path) -> None:
    (tmp_path / "peek.csv").write_text(DIRTY, encoding="utf-8")
    shown = genre("index", "--preview", "peek.csv").stdout
    assert "4 of 7 rows would be imported." in shown
    assert "Folding Stool" in shown
    assert "peek" not in genre("catalogues").stdout
    assert not (tmp_path / "peek.genre.toml").exists()


def test_a_file_that_is_not_there_is_asked_for(genre: Genre) -> None:
    assert "nowhere.csv is not there" in genre("index", "nowhere.csv", rc=1).stderr


# ---------------------------------------------------------------- catalogues, doctor


def test_catalogues_are_listed_with_their_size(genre: Genre) -> None:
    rows = [line.split() for line in genre("catalogues").stdout.splitlines()]
    assert ["films", "810", "Films"] in rows
    assert "shop" in {row[0] for row in rows if row}


def test_the_doctor_says_what_would_run_and_finds_nothing_wrong(genre: Genre) -> None:
    shown = genre("doctor").stdout
    assert shown.startswith("Replies: the plain voice.")
    assert "films: 810 items, indexed" in shown
    assert "Nothing is wrong." in shown


def test_a_setting_that_does_not_exist_is_refused(home: Path, tmp_path: Path) -> None:
    environment = {**os.environ, "GENRE_HOME": str(home), "GENRE_CATALOG": "films"}
    done = subprocess.run(
        [GENRE, "doctor"], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "did you mean GENRE_CATALOGUE?" in done.stderr
