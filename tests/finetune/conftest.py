"""A tiny run: a few dozen made-up examples, a tokenizer of a few hundred tokens, a model of one layer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from finetune.config import Config
from finetune.rows import make_tokenizer
from finetune.run import Run

TINY: dict[str, Any] = {
    "name": "tiny",
    "data": {"pretrain_examples": 12, "drill_examples": 4, "lora_examples": 8, "validation_examples": 6},
    "tokenizer": {"vocabulary": 700, "examples": 20},
    "model": {"hidden": 32, "layers": 1, "heads": 2, "key_value_heads": 1, "inner": 32, "context": 1024},
    "copying": {"rows": 16, "batch": 8, "evaluate_every": 1, "warmup": 0, "threads": 1},
    "pretrain": {"tokens": 1024, "batch": 4, "evaluate_every": 2, "warmup": 1, "threads": 1},
    "lora": {"rank": 2, "alpha": 4, "batch": 4, "evaluate_every": 1, "warmup": 0, "threads": 1},
}


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Run]:
    """Makes a tiny run in a folder of the test's own; sections given replace fields of the tiny ones."""

    def make(**sections: Any) -> Run:
        merged = {
            name: {**TINY[name], **sections.pop(name, {})} if isinstance(value, dict) else value
            for name, value in TINY.items()
        }
        return Run(Config.model_validate({**merged, "folder": tmp_path / "run", **sections}))

    return make


@pytest.fixture(scope="session")
def words(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A tokenizer fitted on a few examples."""
    return make_tokenizer(Config.model_validate(TINY), tmp_path_factory.mktemp("tokenizer"))
