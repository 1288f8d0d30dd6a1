from __future__ import annotations

import sys
from collections.abc import Callable
from types import ModuleType

import pytest

from retrieval.collaborative.stack import Stack, StackSettings
from retrieval.dialogues.fusion import Fusion
from retrieval.errors import MissingLibrary


class NoOpenMP:
    """Fails the import of LightGBM as a system without the library does."""

    def find_spec(self, name: str, path: object, target: ModuleType | None = None) -> None:
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file")


@pytest.mark.parametrize(
    "learns",
    [lambda: Fusion.of_text(""), lambda: Stack(StackSettings()).take_up({"models": {}, "say": {}})],
)
def test_a_missing_library_is_named_with_its_package(
    learns: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delitem(sys.modules, "lightgbm", raising=False)
    monkeypatch.setattr(sys, "meta_path", [NoOpenMP(), *sys.meta_path])
    with pytest.raises(MissingLibrary, match="libgomp1"):
        learns()
