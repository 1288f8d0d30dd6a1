"""Checks film entries: `python data/films/check.py FILE.jsonl … [--against DIR]`.

Each line must hold one film of the schema below, in the words of `vocabulary.toml`. With `--against DIR`
(a folder that holds `redial/`, `movielens_small/` and `movie_meta/` in the formats of those public sets)
years, directors and cast are compared with what the sets say, and differences are printed as warnings to
look at: the sets have mistakes of their own.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
import tomllib
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
REQUIRED = (
    "id title year directors cast genres runtime countries languages suitability themes moods description"
).split()
OPTIONAL = ["original_title"]
LISTS = {  # field: fewest, most
    "directors": (1, 4),
    "cast": (0, 8),
    "genres": (1, 4),
    "countries": (1, 5),
    "languages": (1, 5),
    "themes": (2, 7),
    "moods": (2, 5),
}


def slug(title: str, year: int) -> str:
    """The id of a film: its title in ASCII words, a hyphen, its year."""
    text = unicodedata.normalize("NFKD", title.replace("&", " and ")).encode("ascii", "ignore").decode()
    return "-".join(re.findall(r"[a-z0-9]+", text.lower().replace("'", ""))) + f"-{year}"


def problems(film: dict[str, Any], vocabulary: dict[str, list[Any]]) -> list[str]:
    """What is wrong with one entry, in words; empty where nothing is."""
    found = [f"missing {name}" for name in REQUIRED if film.get(name) in (None, "")]
    found += [f"unknown field {name}" for name in film if name not in REQUIRED + OPTIONAL]
    if found:
        return found
    if film["id"] != slug(film["title"], film["year"]):
        found.append(f"id should be {slug(film['title'], film['year'])}")
    for name, (fewest, most) in LISTS.items():
        values = film[name]
        if not isinstance(values, list) or not fewest <= len(values) <= most:
            found.append(f"{name} needs {fewest} to {most} entries, found {values!r}")
        elif len(set(values)) != len(values):
            found.append(f"{name} repeats an entry")
        elif name in vocabulary:
            found += [
                f"{name}: {value!r} is not in vocabulary.toml"
                for value in values
                if value not in vocabulary[name]
            ]
    if not isinstance(film["year"], int) or not 1900 <= film["year"] <= 2026:
        found.append(f"year {film['year']!r} is not between 1900 and 2026")
    if not isinstance(film["runtime"], int) or not 10 <= film["runtime"] <= 600:
        found.append(f"runtime {film['runtime']!r} is not in minutes")
    if film["suitability"] not in vocabulary["suitability"]:
        found.append(f"suitability {film['suitability']!r} is not one of {vocabulary['suitability']}")
    words = len(film["description"].split())
    if not 40 <= words <= 80:
        found.append(f"description has {words} words, not 40 to 80")
    if film.get("original_title") == film["title"]:
        found.append("original_title repeats the title: leave it out")
    return found


def read(path: Path) -> list[tuple[int, dict[str, Any]]]:
    """The entries of a file with their line numbers."""
    with path.open(encoding="utf-8") as lines:
        return [(number, json.loads(line)) for number, line in enumerate(lines, 1) if line.strip()]


def plain(text: str) -> str:
    """A name for comparing: no accents, case, articles or punctuation."""
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    text = re.sub(r"\(.*?\)|[^a-z0-9 ]", " ", text.replace("&", "and"))
    return " ".join(word for word in text.split() if word not in ("the", "a", "an"))


def references(folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Every film that the public sets in `folder` hold, by its plain title."""
    known: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for name in ("redial/items", "movielens_small/items", "movie_meta/wikipedia_movies"):
        path = folder / f"{name}.jsonl.gz"
        if not path.exists():
            continue
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            for line in lines:
                row = json.loads(line)
                if row.get("title") and row.get("year"):
                    known[plain(row["title"])].append({**row, "set": name.split("/")[0]})
    return known


def doubts(film: dict[str, Any], known: dict[str, list[dict[str, Any]]]) -> list[str]:
    """Where the public sets disagree with the entry."""
    names = {plain(film["title"]), plain(film.get("original_title", ""))} - {""}
    rows = [row for name in names for row in known.get(name, [])]
    near = [row for row in rows if abs(int(row["year"]) - film["year"]) <= 2]
    if rows and not near:
        return [f"year {film['year']}, the sets have {sorted({int(row['year']) for row in rows})}"]
    found = []
    years = {int(row["year"]) for row in near}
    if years and film["year"] not in years:
        found.append(f"year {film['year']}, the sets have {sorted(years)}")
    directors = {plain(name) for row in near for name in row.get("directors") or []}
    if directors and not directors & {plain(name) for name in film["directors"]}:
        found.append(f"directors {film['directors']}, the sets have {sorted(directors)}")
    text = plain(
        " ".join(
            str(row.get("description") or "") + " " + " ".join(row.get("cast") or row.get("stars") or [])
            for row in near
        )
    )
    if len(text) > 400:
        absent = [
            name for name in film["cast"] if plain(name).split()[-1:] and plain(name).split()[-1] not in text
        ]
        if len(absent) > len(film["cast"]) / 2:
            found.append(f"cast {absent} not named in the sets")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="*", type=Path, default=[HERE / "films.jsonl"])
    parser.add_argument("--against", type=Path, help="folder of public sets to compare facts with")
    options = parser.parse_args()
    vocabulary = tomllib.loads((HERE / "vocabulary.toml").read_text(encoding="utf-8"))
    known = references(options.against) if options.against else {}
    seen: dict[str, str] = {}
    wrong = total = 0
    for path in options.files:
        for number, film in read(path):
            total += 1
            found = problems(film, vocabulary)
            if film.get("id") in seen:
                found.append(f"{film['id']} is already at {seen[film['id']]}")
            seen[film.get("id", "")] = f"{path}:{number}"
            for problem in found:
                print(f"{path}:{number}: {film.get('title')}: {problem}")
            wrong += bool(found)
            for doubt in doubts(film, known) if not found else []:
                print(f"{path}:{number}: {film['title']}: look at: {doubt}")
    print(f"{total} films, {wrong} with problems")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
