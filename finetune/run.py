"""The folder of a run: where each step's outcome lies, and what was done with which configuration."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from finetune.config import Config
from finetune.errors import NotReady
from finetune.talk.patterns import FOLDER as TALK
from prompts.template import fingerprint

Step = Literal["tokenizer", "data", "pretrain", "lora", "merge", "quantize", "evaluate", "card"]
STEPS: tuple[Step, ...] = get_args(Step)
#: The file by which a step's outcome is known.
_OUTCOME: Mapping[Step, str] = {
    "tokenizer": "tokenizer/tokenizer.json",
    "data": "data/sources.json",
    "pretrain": "base/config.json",
    "lora": "lora/adapter/adapter_config.json",
    "merge": "merged/config.json",
    "quantize": "onnx/genai_config.json",
    "evaluate": "evaluation.json",
    "card": "model-card.md",
}
_NEEDS: Mapping[Step, tuple[Step, ...]] = {
    "tokenizer": (),
    "data": (),
    "pretrain": ("tokenizer", "data"),
    "lora": ("data", "pretrain"),
    "merge": ("lora",),
    "quantize": ("merge",),
    "evaluate": ("merge",),
    "card": ("data", "merge"),
}
#: Neither where things lie nor how long one stretch of training may take changes what comes of it.
_PASSING = (("data", "folder"), ("copying", "minutes"), ("pretrain", "minutes"), ("lora", "minutes"))
_SECTIONS: Mapping[Step, tuple[str, ...]] = {
    "tokenizer": ("seed", "data", "tokenizer"),
    "data": ("seed", "data"),
    "pretrain": ("seed", "model", "copying", "pretrain"),
    "lora": ("seed", "lora"),
}


@dataclass(frozen=True)
class Run:
    """A configuration and the folder that it fills."""

    config: Config

    @property
    def folder(self) -> Path:
        return self.config.folder

    @property
    def own_base(self) -> bool:
        """Whether the base model is trained here, from scratch."""
        return not self.config.lora.base

    @property
    def base(self) -> str:
        """Folder or hub id of the base model."""
        return self.config.lora.base or str(self.folder / "base")

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of this run, in order: a base of somebody else's needs no tokenizer and no training."""
        return tuple(step for step in STEPS if self.own_base or step not in ("tokenizer", "pretrain"))

    def outcome(self, step: Step) -> Path:
        """The file by which the step's outcome is known."""
        return self.folder / _OUTCOME[step]

    def need(self, step: Step) -> Path:
        """The folder of a step's outcome. Raises `NotReady`, which names the command that makes it."""
        path = self.outcome(step)
        if not path.is_file():
            raise NotReady(f"There is no {path}: run genre finetune {step} first.")
        return path.parent

    def made(self, step: Step) -> dict[str, Any]:
        """What the step noted when it ended; empty where it didn't."""
        found: dict[str, Any] = self._notes().get(step, {}).get("made", {})
        return found

    def done(self, step: Step, more: Any = None) -> bool:
        """Whether the outcome is there and was made with this configuration.

        An outcome without a note was made elsewhere and counts as done. Training that was stopped by the
        clock isn't. `more` is whatever else the step depends on.
        """
        if not self.outcome(step).is_file():
            return False
        note = self._notes().get(step)
        if note is None:
            return True
        return bool(note["hash"] == self.hash(step, more)) and not self.made(step).get("stopped_by_the_clock")

    def note(self, step: Step, made: Mapping[str, Any], more: Any = None) -> None:
        """Keeps what the step made, and that it is done with this configuration."""
        notes = self._notes()
        notes[step] = {"hash": self.hash(step, more), "made": dict(made)}
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / "steps.json"
        path.with_suffix(".part").write_text(json.dumps(notes, indent=1) + "\n", encoding="utf-8")
        path.with_suffix(".part").replace(path)

    def hash(self, step: Step, more: Any = None) -> str:
        """SHA-256 of all that the step's outcome depends on: configuration, generator and earlier steps."""
        return hashlib.sha256(json.dumps(self._depends(step, more), default=str).encode()).hexdigest()

    def begin(self, step: Step, folder: Path) -> None:
        """Notes in a training folder what it is for, before any checkpoint is there.

        Raises `NotReady` where its checkpoints belong to another configuration.
        """
        mark = folder / "made-with.txt"
        if mark.is_file() and mark.read_text() != self.hash(step) and (folder / "checkpoints").is_dir():
            raise NotReady(
                f"{folder} holds checkpoints of another configuration or other data: give --again to drop "
                "them and train anew, or --folder for another run."
            )
        folder.mkdir(parents=True, exist_ok=True)
        mark.write_text(self.hash(step))

    def forget(self, step: Step) -> None:
        """Drops a step's outcome, and its checkpoints."""
        if step in ("pretrain", "lora"):
            shutil.rmtree(self.folder / step, ignore_errors=True)
        self.outcome(step).unlink(missing_ok=True)

    def _depends(self, step: Step, more: Any = None) -> dict[str, Any]:
        config = self.config.model_dump(mode="json")
        for section, field in _PASSING:
            del config[section][field]
        parts = {name: config[name] for name in _SECTIONS.get(step, ())}
        if step in ("tokenizer", "data"):
            parts["sets"] = self._sets()
            parts["material"] = _material()
        if more is not None:
            parts["more"] = more
        if step == "tokenizer":
            parts["context"] = config["model"]["context"]
        notes = self._notes()
        for needed in _NEEDS[step]:
            if needed in self.steps:
                parts[needed] = notes.get(needed, {}).get("hash", "made elsewhere")
        return parts

    def _sets(self) -> dict[str, int]:
        folder = self.config.data.folder
        if folder is None:
            return {}
        return {
            f"{name}/{path.name}": path.stat().st_size
            for name in self.config.data.sets
            for path in sorted((folder / name).glob("*.jsonl*"))
        }

    def _notes(self) -> dict[str, Any]:
        path = self.folder / "steps.json"
        if not path.is_file():
            return {}
        try:
            notes = json.loads(path.read_text(encoding="utf-8"))
        except ValueError:
            raise NotReady(f"{path} can't be read: delete it, and what is there counts as done.") from None
        return notes if isinstance(notes, dict) else {}


def _material() -> str:
    """SHA-256 of the generator, its patterns and the prompts."""
    digest = hashlib.sha256(fingerprint().encode())
    for path in sorted([*TALK.rglob("*.toml"), *TALK.rglob("*.py")]):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()
