from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from retrieval.dialogues.files import find_part, read_dialogues
from retrieval.errors import BadDialogues

LINE = {
    "dialogue_id": "a",
    "turns": [{"speaker": "user", "text": "hi"}, {"speaker": "system", "text": "try", "items": [7]}],
}


def test_plain_and_gzipped_lines_read_the_same(tmp_path: Path) -> None:
    (tmp_path / "train.jsonl").write_text(json.dumps(LINE) + "\n\n")
    with gzip.open(tmp_path / "valid.jsonl.gz", "wt") as file:
        file.write(json.dumps(LINE))
    plain, packed = (read_dialogues(find_part(tmp_path, part)) for part in ("train", "valid"))
    assert plain == packed
    assert plain[0].turns[1].items == ("7",)
    assert [turn.by_user for turn in plain[0].turns] == [True, False]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('{"turns": 3}', "line 2: field 'turns' is int"),
        ('{"turns": [{"speaker": "me", "text": "x"}]}', "field 'speaker' is 'me'"),
        ('{"turns": [{"speaker": "user", "text": 5}]}', "needs 'text'"),
        ("[1]", "line 2: found list"),
        ("{oops", "line 2: can"),
    ],
)
def test_a_bad_line_is_named_with_its_field(tmp_path: Path, line: str, says: str) -> None:
    path = tmp_path / "train.jsonl"
    path.write_text(json.dumps(LINE) + "\n" + line)
    with pytest.raises(BadDialogues, match="train") as caught:
        read_dialogues(path)
    assert says in str(caught.value)


def test_a_missing_part_says_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "movie_train.jsonl").write_text("")
    (tmp_path / "book_train.jsonl").write_text("")
    assert find_part(tmp_path, "train", "book").name == "book_train.jsonl"
    with pytest.raises(BadDialogues, match="--set"):
        find_part(tmp_path, "train")
    with pytest.raises(BadDialogues, match=r"no valid\.jsonl"):
        find_part(tmp_path, "valid")
    with pytest.raises(BadDialogues, match="not a folder"):
        find_part(tmp_path / "nowhere", "valid")


def test_the_only_set_of_a_folder_needs_no_name(tmp_path: Path) -> None:
    (tmp_path / "movie_train.jsonl").write_text("")
    assert find_part(tmp_path, "train").name == "movie_train.jsonl"
