"""Whether a model's files are the ones that were published."""

from __future__ import annotations

import os
import re
from pathlib import Path

from chat.errors import ModelError
from retrieval.embed import file_digest

FILE = "SHA256SUMS"
_LINE = re.compile(r"([0-9a-fA-F]{64}) [ *](.+)")


def verify(folder: Path) -> int:
    """Checks the folder's files against the `SHA256SUMS` in it or beside it; returns how many were checked.

    The list has the form of `sha256sum`, with names relative to its own folder; files elsewhere, which this
    model doesn't read, aren't looked at. Raises `ModelError`, which names the file, for one that is missing
    or different.
    """
    for place in (folder, folder.parent):
        if (place / FILE).is_file():
            return sum(_check(path, digest) for path, digest in _listed(place) if _inside(path, folder))
    return 0


def _listed(place: Path) -> list[tuple[Path, str]]:
    found = []
    text = (place / FILE).read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        match = _LINE.fullmatch(line.rstrip())
        if match is None:
            raise ModelError(
                f"{place / FILE}, line {number}: expected a SHA-256 and a name, as sha256sum writes."
            )
        found.append((Path(os.path.normpath(place / match.group(2))), match.group(1).lower()))
    return found


def _inside(path: Path, folder: Path) -> bool:
    return path.absolute().is_relative_to(Path(os.path.normpath(folder.absolute())))


def _check(path: Path, digest: str) -> bool:
    if not path.is_file():
        raise ModelError(f"{path} is missing, though {FILE} names it: fetch the model again.")
    found = file_digest(path)
    if found != digest:
        raise ModelError(
            f"{path} is damaged or incomplete: its SHA-256 is {found[:12]}…, {FILE} says {digest[:12]}…. "
            "Fetch it again."
        )
    return True
