"""What kind of file is this? Its first bytes decide; its name only breaks ties and is checked against
them."""

from __future__ import annotations

import codecs
import csv
import gzip
import json
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal

from charset_normalizer import from_bytes

from retrieval.errors import BadFile

FileKind = Literal["delimited", "jsonl", "json", "parquet"]

READABLE = ".csv, .tsv, .jsonl, .json (each also .gz) or .parquet"
_SUFFIXES: dict[str, FileKind | None] = {
    ".csv": "delimited", ".tsv": "delimited", ".tab": "delimited", ".psv": "delimited", ".dat": "delimited",
    ".txt": None, "": None,
    ".jsonl": "jsonl", ".ndjson": "jsonl", ".jl": "jsonl", ".json": "json",
    ".parquet": "parquet", ".pq": "parquet",
}  # fmt: skip
_MAGIC = {
    b"PK\x03\x04": "a zip archive or an Excel workbook: unpack it, or save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel or Word file: save the sheet as CSV",
    b"%PDF": "a PDF: export the table as CSV",
    b"SQLite format 3": "an SQLite database: export the table as CSV",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
    b"BZh": "packed with bzip2: unpack it first",
    b"\xfd7zXZ": "packed with xz: unpack it first",
    b"(\xb5/\xfd": "packed with zstd: unpack it first",
}
_BOMS = (  # the longer ones first: UTF-32 begins as UTF-16 does
    (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"), (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
# What catalogues are exported in; without the list the detector offers EBCDIC for a short Latin text.
_ENCODINGS = [
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "koi8_r", "mac_roman",
    "cp932", "euc_jp", "gb18030", "big5", "cp949", "cp874",
]  # fmt: skip
_HEAD = 64 * 1024
_ROWS_SNIFFED = 100


@dataclass(frozen=True, slots=True)
class FileShape:
    """How to read a file: its kind, whether it is gzipped, and its text encoding."""

    kind: FileKind
    gzipped: bool
    encoding: str
    head: str


def shape_of(path: Path) -> FileShape:
    """The shape of the file, from its content; raises `BadFile` where it can't be a catalogue, saying why."""
    if not path.is_file():
        raise BadFile(f"{path}: there is no such file.")
    with path.open("rb") as file:
        start = file.read(16)
    if not start:
        raise BadFile(f"{path.name} is empty: expected rows, in {READABLE}.")
    gzipped = start.startswith(b"\x1f\x8b")
    suffix = _suffix(path)
    if suffix not in _SUFFIXES:
        raise BadFile(f"{path.name}: cannot read “{suffix}” files: expected {READABLE}.")
    head = read_head(path, gzipped)
    for magic, what in _MAGIC.items():
        if head.startswith(magic):
            raise BadFile(f"{path.name} is {what}. Expected {READABLE}.")
    if head.startswith(b"PAR1"):
        if gzipped:
            raise BadFile(f"{path.name} is a gzipped Parquet file: unpack it first.")
        return FileShape("parquet", False, "", "")
    if _SUFFIXES[suffix] == "parquet":
        raise BadFile(f"{path.name} is named {suffix} but is no Parquet file (it doesn't begin with “PAR1”).")
    encoding = _encoding(path, gzipped, head)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head)
    if not text.strip("\ufeff \t\r\n\x00"):
        raise BadFile(f"{path.name} is empty: expected rows, in {READABLE}.")
    return FileShape(_text_kind(path, suffix, text), gzipped, encoding, text)


def open_bytes(path: Path, gzipped: bool) -> IO[bytes]:
    """The file's bytes, unpacked."""
    return gzip.open(path, "rb") if gzipped else path.open("rb")  # type: ignore[return-value]


def read_head(path: Path, gzipped: bool) -> bytes:
    """The first 64 KiB, unpacked."""
    return next(_chunks(path, gzipped), b"")


def delimiter_of(head: str) -> str | None:
    """The delimiter that splits the first rows into the most columns, evenly; `None` for a single column."""
    if declared := re.match(r"sep=(.)\s*[\r\n]", head):  # what Excel writes for itself
        return declared[1]
    lines = re.split(r"\r\n|\r|\n", head)  # not `splitlines`: U+2028 may be part of a cell
    lines = lines[
        : _ROWS_SNIFFED if len(lines) > _ROWS_SNIFFED else max(1, len(lines) - (len(head) >= _HEAD))
    ]
    best: tuple[float, int] = (0.0, 1)
    found = None
    for delimiter in (",", ";", "\t", "|"):
        counts = _widths(lines, delimiter)
        if not counts or counts[0] < 2:
            continue
        even = round(sum(count == counts[0] for count in counts) / len(counts), 1)
        if (even >= 0.5, counts[0] * even) > best:
            best, found = (even >= 0.5, counts[0] * even), delimiter  # type: ignore[assignment]
    return found


def _widths(lines: list[str], delimiter: str) -> list[int]:
    try:
        return [len(row) for row in csv.reader(lines, delimiter=delimiter) if row]
    except csv.Error:
        return [len(line.split(delimiter)) for line in lines if line]


def _suffix(path: Path) -> str:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    if suffixes and suffixes[-1] in (".gz", ".gzip"):
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _text_kind(path: Path, suffix: str, text: str) -> FileKind:
    """Which text format the beginning of the file has, whatever its name says."""
    said = _SUFFIXES[suffix]
    begin = text.lstrip("\ufeff \t\r\n")
    if begin.startswith("<"):
        raise BadFile(f"{path.name} holds HTML or XML. Expected {READABLE}.")
    if begin.startswith("["):
        return "json" if re.match(r"\[\s*([\[{\]]|$)", begin) or said in ("json", "jsonl") else "delimited"
    if not begin.startswith("{"):
        if said in ("json", "jsonl"):
            found = begin[:20].splitlines()[0]
            raise BadFile(
                f"{path.name} is named {suffix} but begins with {found!r}, not with {{ or [. "
                "If it is CSV, name it .csv."
            )
        return "delimited"
    first, _, rest = begin.partition("\n")
    try:
        value = json.loads(first.rstrip().rstrip(","))
    except ValueError:  # the first object goes on over lines, or is broken: only JSON Lines has one a line
        return "jsonl" if rest.lstrip().startswith("{") or (said == "jsonl" and len(first) > 1) else "json"
    if rest.strip():
        return "jsonl"
    inner = list(value.values()) if isinstance(value, dict) else []
    holds_rows = any(isinstance(rows, list) and rows and isinstance(rows[0], dict) for rows in inner)
    holds_rows = holds_rows or (len(inner) > 1 and all(isinstance(row, dict) for row in inner))
    return "json" if holds_rows and said != "jsonl" else "jsonl"


def _encoding(path: Path, gzipped: bool, head: bytes) -> str:
    """The text encoding: by its mark, else UTF-8 if all of the file is, else the likeliest old one."""
    for mark, name in _BOMS:
        if head.startswith(mark):
            return name
    if b"\x00" in head:
        zeros = [head[0::2].count(0), head[1::2].count(0)]
        for wide, narrow, name in ((zeros[1], zeros[0], "utf-16-le"), (zeros[0], zeros[1], "utf-16-be")):
            if wide > len(head) * 0.2 and narrow < wide / 10:
                return name
        if head.count(0) > len(head) * 0.01:
            raise BadFile(
                f"{path.name} holds bytes that are no text (zeros among them). Expected {READABLE}."
            )
    controls = sum(head.count(bytes([code])) for code in (*range(1, 9), *range(14, 27)))
    if controls > len(head) * 0.05:
        raise BadFile(f"{path.name} holds bytes that are no text. Expected {READABLE}.")
    decoder = codecs.getincrementaldecoder("utf-8")()
    broken: list[bytes] = []
    whole = 0
    for chunk in _chunks(path, gzipped):
        try:
            decoder.decode(chunk)
        except UnicodeDecodeError:
            decoder.reset()
            lines = [line for line in chunk.splitlines() if not line.isascii()]
            broken += [line for line in lines if not _is_utf8(line)][:200]
            whole += sum(_is_utf8(line) for line in lines)
            if len(broken) >= 200:
                break
    if not broken or whole > 2 * len(broken):  # mostly UTF-8: odd bytes are replaced, one by one
        return "utf-8"
    matches = list(from_bytes(b"\n".join(broken), cp_isolation=_ENCODINGS))
    if not matches:
        return "cp1252"
    likely = [match for match in matches if match.chaos <= matches[0].chaos + 0.02]
    close = [match for match in likely if match.coherence >= likely[0].coherence - 0.1]
    return "cp1252" if any(match.encoding == "cp1252" for match in close) else matches[0].encoding


def _is_utf8(line: bytes) -> bool:
    try:
        line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _chunks(path: Path, gzipped: bool) -> Iterator[bytes]:
    try:
        with open_bytes(path, gzipped) as file:
            while chunk := file.read(_HEAD):
                yield chunk
    except (OSError, EOFError, zlib.error) as error:
        raise BadFile(f"{path.name} cannot be read to its end: {error}. Is it whole?") from error
