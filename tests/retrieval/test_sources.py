from __future__ import annotations

import csv
import datetime
import gzip
import io
import json
from pathlib import Path

import pyarrow as arrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from retrieval.errors import BadFile
from retrieval.sources import BadRow, Row, read_rows


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def rows(path: Path) -> list[dict[str, object]]:
    return [row.values for row in read_rows(path) if isinstance(row, Row)]


def bad(path: Path) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in read_rows(path) if isinstance(row, BadRow)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_even_where_cells_hold_others(tmp_path: Path, delimiter: str) -> None:
    lines = [["title", "note", "price"], ["Tent", "light; dry", "9"], ["Stove", "hot | fast", "5"]]
    lines[1][1] = lines[1][1].replace(delimiter, " ")
    lines[2][1] = lines[2][1].replace(delimiter, " ")
    path = write(tmp_path, "a.csv", "\n".join(delimiter.join(line) for line in lines))
    assert [row["price"] for row in rows(path)] == ["9", "5"]


def test_excel_declares_its_delimiter(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "a.csv", "sep=;\ntitle;year\nHeat;1995\n")) == [
        {"title": "Heat", "year": "1995"}
    ]


def test_one_column_is_never_split(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "title\nCrouching Tiger, Hidden Dragon\nHeat\n")
    assert [row["title"] for row in rows(path)] == ["Crouching Tiger, Hidden Dragon", "Heat"]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Crème brûlée £5"),
        ("utf-8-sig", "Crème brûlée £5"),
        ("utf-16", "Crème brûlée £5"),
        ("utf-16-le", "Crème brûlée £5"),
        ("utf-32", "Crème brûlée £5"),
        ("cp1252", "Crème brûlée £5 – “naïve”"),
        ("cp1251", "Москва слезам не верит"),
        ("cp932", "七人の侍は黒澤明の映画です"),
    ],
)
def test_encodings(tmp_path: Path, encoding: str, text: str) -> None:
    path = write(tmp_path, "a.csv", f"title,price\n{text},5\nPlain,6\n".encode(encoding))
    assert rows(path) == [{"title": text, "price": "5"}, {"title": "Plain", "price": "6"}]


def test_one_wrong_byte_does_not_make_utf8_latin(tmp_path: Path) -> None:
    content = "title,x\n" + "Amélie,1\n" * 5
    path = write(tmp_path, "a.csv", content.encode() + b"Caf\xe9,2\n")
    titles = [row["title"] for row in rows(path)]
    assert titles[:5] == ["Amélie"] * 5
    assert str(titles[5]).startswith("Caf")


def test_open_quote_costs_one_row_only(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.csv",
        'id,title,plot\n1,A,"fine"\n2,"Broken,bar\n3,C,"two\nlines"\n4,D,"ok, ""really"""\n',
    )
    assert [line for line, _ in bad(path)] == [3]
    assert "quote" in bad(path)[0][1]
    assert [row["id"] for row in rows(path)] == ["1", "3", "4"]
    assert [row["plot"] for row in rows(path)] == ["fine", "two\nlines", 'ok, "really"']


def test_open_quote_with_no_other_quotes_after_it(tmp_path: Path) -> None:
    lines = [f"{number},T{number},x" for number in range(2_000)]
    lines[3] = '3,"T3,x'
    path = write(tmp_path, "a.csv", "id,title,plot\n" + "\n".join(lines) + "\n")
    assert [line for line, _ in bad(path)] == [5]
    assert len(rows(path)) == 1_999


def test_quotes_that_are_not_doubled_are_kept(tmp_path: Path) -> None:
    path = write(
        tmp_path, "a.csv", 'title,plot\n5" nail,x\nA,"a "cool" thing"\nB,"say \\"hi\\", you"\nC,"left open\n'
    )
    assert rows(path) == [
        {"title": '5" nail', "plot": "x"},
        {"title": "A", "plot": 'a "cool" thing'},
        {"title": "B", "plot": 'say "hi", you'},
        {"title": "C", "plot": "left open"},
    ]


def test_ragged_rows_are_reported_with_their_line(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "id,title,year\n1,A,2000\n2,B,2001,x\n\n3,C\n4,D,2003,,\n")
    assert [line for line, _ in bad(path)] == [3]
    assert "4 cells" in bad(path)[0][1]
    assert "names 3" in bad(path)[0][1]
    assert rows(path)[1:] == [{"id": "3", "title": "C"}, {"id": "4", "title": "D", "year": "2003"}]


def test_header_names_are_made_unique(tmp_path: Path) -> None:
    path = write(tmp_path, "a.csv", "title,,genre,genre\nHeat,x,crime,drama\n")
    assert rows(path) == [{"title": "Heat", "column 2": "x", "genre": "crime", "genre 2": "drama"}]


def test_json_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.jsonl",
        '{"title": "A", "info": {"year": 1, "deep": {"er": 2}}}\n\n{bad\n[1, 2]\n{"title": "B"},\n',
    )
    assert rows(path) == [{"title": "A", "info.year": 1, "info.deep.er": 2}, {"title": "B"}]
    assert [line for line, _ in bad(path)] == [3, 4]


def test_json_list_goes_on_after_a_broken_element(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.json",
        '[\n  {"title": "A"},\n  {"title": "B", oops},\n  {"title": "C", "in": [\n    {"x": 1}]}\n]',
    )
    assert [row["title"] for row in rows(path)] == ["A", "C"]
    assert [(row.line, type(row)) for row in read_rows(path)] == [(2, Row), (3, BadRow), (4, Row)]


def test_long_json_list_is_read_in_pieces(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        "a.json",
        json.dumps([{"id": number, "text": "x" * 500} for number in range(3_000)], indent=1),
    )
    assert [row["id"] for row in rows(path)] == list(range(3_000))
    assert [row.line for row in read_rows(path)][-1] == 2 + 4 * 2_999


@pytest.mark.parametrize(
    "content",
    [
        '{"count": 2, "products": [{"title": "A"}, {"title": "B"}]}',
        '{\n"data": {"products": [{"title": "A"},\n {"title": "B"}]}}',
        '{\n "title": "A"\n}\n{\n "title": "B"\n}',
        '[{"title": "A"}, {"title": "B"}]',
    ],
)
def test_json_shapes(tmp_path: Path, content: str) -> None:
    assert rows(write(tmp_path, "a.json", content)) == [{"title": "A"}, {"title": "B"}]


def test_json_object_of_objects_keeps_its_keys_as_ids(tmp_path: Path) -> None:
    path = write(tmp_path, "a.json", '{"x1": {"title": "A"}, "x2": {"title": "B"}}')
    assert rows(path) == [{"id": "x1", "title": "A"}, {"id": "x2", "title": "B"}]


def test_parquet_keeps_types(tmp_path: Path) -> None:
    table = {
        "title": ["A", "B"],
        "genres": [["x", "y"], []],
        "made": [datetime.date(2001, 2, 3), None],
        "n": [1, None],
    }
    parquet.write_table(arrow.table(table), tmp_path / "a.parquet")
    assert rows(tmp_path / "a.parquet") == [
        {"title": "A", "genres": ["x", "y"], "made": datetime.date(2001, 2, 3), "n": 1},
        {"title": "B", "genres": [], "made": None, "n": None},
    ]


def test_content_wins_over_the_name(tmp_path: Path) -> None:
    assert rows(write(tmp_path, "a.csv", '{"title": "A"}\n{"title": "B"}\n')) == [
        {"title": "A"},
        {"title": "B"},
    ]
    packed = gzip.compress(b"title,year\nHeat,1995\n")
    assert rows(write(tmp_path, "b.csv", packed)) == rows(write(tmp_path, "c.csv.gz", packed))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv", b"", "empty"),
        ("a.csv", b"\n \n", "empty"),
        ("a.csv", b"title,year\n", "no rows"),
        ("a.csv", b"PK\x03\x04rest", "Excel"),
        ("a.csv", bytes(range(256)) * 20, "no text"),
        ("a.xlsx", b"x", "cannot read"),
        ("a.parquet", b"title\nx\n", "no Parquet"),
        ("a.parquet", b"PAR1 and then nothing", "damaged"),
        ("a.jsonl", b"title,year\nHeat,1995\n", "name it .csv"),
        ("a.json", b'{"a": [{"x": 1}], "b": [{"y": 1}]}', "several lists"),
        ("a.json", b"[]", "no rows"),
        ("a.csv", b"<html><body>", "HTML"),
        ("a.csv", b"1,Toy Story,Comedy\n2,Heat,Crime\n", "header"),
        ("a.csv.gz", gzip.compress(b"title\nA\n")[:15], "whole"),
    ],
)
def test_no_catalogue_says_why(tmp_path: Path, name: str, content: bytes, says: str) -> None:
    with pytest.raises(BadFile, match=says):
        list(read_rows(write(tmp_path, name, content)))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="no such file"):
        list(read_rows(tmp_path / "films.csv"))


CELLS = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.just("\n"), max_size=12)


@settings(deadline=None)  # it writes files
@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 9)), min_size=1, max_size=8))
def test_what_csv_writes_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, cells: list[tuple[str, str, int]]
) -> None:
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(["first", "second", "number"])
    writer.writerows(cells)
    path = write(tmp_path_factory.mktemp("csv"), "a.csv", buffer.getvalue())
    assert rows(path) == [
        {"first": first, "second": second, "number": str(number)} for first, second, number in cells
    ]
