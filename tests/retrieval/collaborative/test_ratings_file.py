"""Tables of ratings from anyone's file: usual names, any format, and what is wrong with a row."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from retrieval.collaborative.ratings_file import read_ratings
from retrieval.errors import BadInteractions


def write(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.csv", "userId,movieId,rating,timestamp\n7,x,4.5,100\n8,y,2,200\n"),
        ("a.csv.gz", "timestamp,rating,movieId,userId\n100,4.5,x,7\n200,2,y,8\n"),
        ("a.tsv", "User\tItem\tStars\tDate\n7\tx\t4.5\t1970-01-01T00:01:40\n8\ty\t2\t200\n"),
        (
            "a.jsonl",
            '{"user": 7, "item": "x", "score": 4.5, "time": 100}\n'
            '{"user": 8, "item": "y", "score": 2, "time": 200}\n',
        ),
    ],
)
def test_usual_names_in_any_order_and_format(tmp_path: Path, name: str, text: str) -> None:
    found = read_ratings(write(tmp_path, name, text))
    assert found.users == ("7", "8")
    assert found.items == ("x", "y")
    assert found.interactions.ratings.tolist() == [4.5, 2]
    assert found.interactions.times.tolist() == [100, 200]


def test_things_done_count_one(tmp_path: Path) -> None:
    found = read_ratings(write(tmp_path, "a.csv", "user,item\na,x\nb,y\nb,z\n"))
    assert not found.interactions.explicit
    assert found.interactions.ratings.tolist() == [1, 1, 1]


def test_of_a_pair_that_repeats_the_newest_counts(tmp_path: Path) -> None:
    text = "user,item,rating,time\na,x,1,5\na,x,5,9\na,x,3,2\na,y,2,1\n"
    found = read_ratings(write(tmp_path, "a.csv", text))
    assert found.interactions.ratings.tolist() == [5, 2]
    assert found.repeats == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("user,item,rating\na,x,4\nb,y,good\n", ["line 3", "rating", "good"]),
        ("user,item,rating\na,,4\nb,y,5\n", ["line 2", "item"]),
        ("user,item,rating,time\na,x,4,yesterday\nb,y,5,3\n", ["line 2", "time", "yesterday"]),
        ("who,what,rating\na,x,4\nb,y,5\n", ["user", "item", "who, what"]),
    ],
)
def test_a_bad_row_is_named_with_line_and_field(tmp_path: Path, text: str, said: list[str]) -> None:
    with pytest.raises(BadInteractions) as error:
        read_ratings(write(tmp_path, "a.csv", text))
    for word in ["a.csv", *said]:
        assert word in str(error.value)


def test_items_get_their_rows_rated_or_not(tmp_path: Path) -> None:
    ratings = write(tmp_path, "a.csv", "user,item,rating\na,2,4\nb,3,5\nb,9,1\n")
    items = write(
        tmp_path, "items.csv", "id,title,colour\n1,One,red\n2,Two,red\n3,Three,green\n4,Four,green\n"
    )
    found = read_ratings(ratings, items)
    assert found.items == ("1", "2", "3", "4", "9")
    assert found.interactions.counts.tolist() == [0, 1, 1, 0, 1]
    assert found.side is not None
    assert len(found.side.items) == 5


def test_items_of_another_catalogue_are_noticed(tmp_path: Path) -> None:
    ratings = write(tmp_path, "a.csv", "user,item,rating\na,tt2,4\nb,tt3,5\n")
    items = write(tmp_path, "items.csv", "id,title,colour\n1,One,red\n2,Two,red\n3,Three,green\n")
    with pytest.raises(BadInteractions, match="tt"):
        read_ratings(ratings, items)
