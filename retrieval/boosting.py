"""LightGBM, imported where it is needed: it takes a moment, and a library of the system."""

from __future__ import annotations

from typing import Any

from retrieval.errors import MissingLibrary


def lightgbm() -> Any:
    """The module. Raises `MissingLibrary` where the system lacks what it needs."""
    try:
        import lightgbm
    except OSError as error:  # the wheel needs the system's OpenMP library
        raise MissingLibrary(
            f"LightGBM can't start ({error}). It needs the OpenMP library: install libgomp1 (Debian, "
            "Ubuntu), libgomp (Fedora) or libomp (Homebrew)."
        ) from None
    return lightgbm
