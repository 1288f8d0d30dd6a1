"""Derived folders that change as a whole: made beside the old, published by a rename, removed when unused."""

from __future__ import annotations

import os
import shutil
import sys
import uuid
from pathlib import Path

_POINTER = "current"
_MARK = "in-use"


class Reading:
    """A published folder that will not be removed until `close`, or until the process ends."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = (folder / _MARK).open("a")
        _lock(self._file.fileno(), shared=True)

    def close(self) -> None:
        self._file.close()


def current(root: Path) -> Path | None:
    """The published folder under `root`, if there is one."""
    try:
        name = (root / _POINTER).read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return None
    folder = root / name
    return folder if name and folder.parent == root and folder.is_dir() else None


def reading(root: Path) -> Reading | None:
    """The published folder, held open. Looks again where it was replaced meanwhile."""
    for _ in range(10):
        folder = current(root)
        if folder is None:
            return None
        try:
            held = Reading(folder)
        except OSError:
            continue
        if (folder / _MARK).exists():
            return held
        held.close()
    return None


def draft(root: Path) -> Path:
    """A new folder under `root`, not yet published."""
    folder = root / f"build-{uuid.uuid4().hex[:12]}"
    folder.mkdir(parents=True)
    return folder


def publish(root: Path, folder: Path) -> None:
    """Makes the folder the current one, in one step that a crash cannot halve."""
    new = root / f"{_POINTER}.new"
    with new.open("w", encoding="utf-8") as file:
        file.write(folder.name)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, root / _POINTER)


def clean(root: Path) -> list[Path]:
    """Removes all folders but the current one and those that somebody reads; call it as the only builder."""
    kept = current(root)
    gone = []
    for folder in sorted(root.glob("build-*")):
        if folder != kept and not _in_use(folder):
            shutil.rmtree(folder, ignore_errors=True)
            gone.append(folder)
    return gone


def _in_use(folder: Path) -> bool:
    mark = folder / _MARK
    if not mark.exists():
        return False
    with mark.open("a") as file:
        try:
            _lock(file.fileno(), shared=False)
        except OSError:
            return True
    return False


def _lock(descriptor: int, *, shared: bool) -> None:
    """Marks a file as used, or raises `OSError` where others use it. On Windows open files can't be removed
    anyway, so there is nothing to do."""
    if sys.platform != "win32":
        import fcntl

        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
