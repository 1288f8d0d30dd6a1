"""The configuration of a training run: one TOML file, every field with its unit and its bounds."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from finetune.errors import BadConfig
from finetune.sources import REFUSED, SOURCES
from prompts.write import Task


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataConfig(_Section):
    """What is trained on."""

    folder: Path | None = Field(
        default=None, description="Folder that holds a folder for each human set; none: made-up talk only."
    )
    sets: tuple[str, ...] = Field(default=tuple(SOURCES), description="Human sets to use.")
    domains: tuple[str, ...] = Field(
        default=(), description="Domains to make up talk about; empty: all but those left out."
    )
    pretrain_examples: int = Field(
        default=60_000, ge=1, description="Made-up readings and replies for the base."
    )
    drill_examples: int = Field(default=6_000, ge=0, description="Exercises in copying for the base.")
    talk_examples: int = Field(default=10_000, ge=0, description="Human talks for the base, at most.")
    lora_examples: int = Field(default=30_000, ge=1, description="Made-up examples for the adapter.")
    validation_examples: int = Field(default=600, ge=1, description="Made-up examples to validate on.")
    write_share: float = Field(
        default=0.45, ge=0, le=1, description="Share of replies among the made-up examples."
    )
    act_examples: int = Field(
        default=6_000, ge=0, description="Labelled human messages for the adapter, at most."
    )


class TokenizerConfig(_Section):
    """The byte-level BPE tokenizer."""

    vocabulary: int = Field(default=8192, ge=512, le=65_536, description="Tokens in all.")
    examples: int = Field(
        default=20_000, ge=10, description="Made-up examples that it is fitted on, besides human talk."
    )


class ModelConfig(_Section):
    """The base model: its shape (Llama), or where it starts from."""

    start: str = Field(
        default="",
        description="Folder of a base to go on with, such as models/genre-small/base: its weights and its "
        "tokenizer are used and the fields below say nothing. Empty: random weights.",
    )
    hidden: int = Field(
        default=256, ge=32, multiple_of=32, description="Width of the residual stream, in numbers."
    )
    layers: int = Field(default=8, ge=1, description="Transformer layers.")
    heads: int = Field(default=4, ge=1, description="Attention heads.")
    key_value_heads: int = Field(default=2, ge=1, description="Heads of keys and values.")
    inner: int = Field(
        default=704, ge=32, multiple_of=32, description="Width of the feed-forward layers, in numbers."
    )
    context: int = Field(default=2048, ge=128, description="Longest text, in tokens.")


class TrainConfig(_Section):
    """How a model is trained."""

    tokens: int = Field(
        default=512,
        ge=16,
        description="Longest row, in tokens: longer talk is cut, longer examples left out.",
    )
    batch: int = Field(
        default=16, ge=1, description="Rows in one step on the device; lower it where memory runs out."
    )
    accumulate: int = Field(default=1, ge=1, description="Steps that one update gathers.")
    learning_rate: float = Field(default=1e-3, gt=0, le=1, description="Peak learning rate.")
    warmup: int = Field(default=100, ge=0, description="Updates over which the learning rate rises.")
    decay: float = Field(
        default=0.3, ge=0, le=1, description="Share of the updates, at the end, over which it falls."
    )
    weight_decay: float = Field(default=0.1, ge=0, description="AdamW's weight decay.")
    epochs: float = Field(default=1, gt=0, description="Times that all data are gone through.")
    minutes: float = Field(
        default=0, ge=0, description="Stop after so many minutes, keeping the state; 0: no limit."
    )
    evaluate_every: int = Field(default=200, ge=1, description="Updates between validations.")
    patience: int = Field(default=5, ge=1, description="Validations without a better loss until it stops.")
    enough: float = Field(
        default=0, ge=0, description="Validation loss to stop at, in nats a token; 0: goes on to the end."
    )
    threads: int = Field(default=0, ge=0, description="Processor threads; 0: all.")


class CopyingConfig(TrainConfig):
    """What the base learns first: to say again what stands before it, here tokens drawn by chance."""

    batch: int = Field(default=32, ge=1, description="Rows in one step on the device.")
    patience: int = Field(
        default=100,
        ge=1,
        description="Validations without a better loss until it stops; long, for it "
        "learns nothing for a while and then all at once.",
    )
    enough: float = Field(
        default=0.15, ge=0, description="Validation loss to stop at, in nats a token; 0: goes on to the end."
    )
    rows: int = Field(default=64_000, ge=0, description="Rows to copy, at most; 0 leaves this out.")
    shortest: int = Field(default=6, ge=1, description="Fewest tokens to copy in a row.")
    longest: int = Field(default=24, ge=1, description="Most tokens to copy in a row.")


class LoraConfig(TrainConfig):
    """The adapter."""

    base: str = Field(
        default="", description="Folder or hub id of the base model; empty: the one that pretrain made."
    )
    rank: int = Field(default=64, ge=1, description="Rank of the adapter's matrices.")
    alpha: float = Field(default=128, gt=0, description="Scale of the adapter: it counts alpha / rank.")
    dropout: float = Field(
        default=0.0, ge=0, lt=1, description="Share of the adapter's inputs dropped in training."
    )
    quantisation: Literal["none", "4bit", "8bit"] = Field(
        default="none", description="How the base is held while training (QLoRA)."
    )


class Config(_Section):
    """Everything about a run."""

    name: str = Field(default="genre-small", pattern=r"^[\w.-]+$", description="The model's name.")
    folder: Path = Field(default=Path("build/genre-small"), description="Where all of the run is kept.")
    seed: int = Field(default=0, ge=0, description="Seed of all that is random.")
    licence: str = Field(default="MIT", description="Licence of the weights.")
    moves: tuple[Task, ...] = Field(
        default=(), description="What the model is good enough to word, for its card; none: everything."
    )
    data: DataConfig = DataConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    model: ModelConfig = ModelConfig()
    copying: CopyingConfig = CopyingConfig()
    pretrain: TrainConfig = TrainConfig()
    lora: LoraConfig = LoraConfig()


def load_config(path: Path) -> Config:
    """The configuration in the file. Raises `BadConfig`, which names each wrong field and what is right."""
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise BadConfig(f"There is no file {path}.") from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(f"{path} can't be read: {error}.") from None
    try:
        config = Config.model_validate(found)
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(str(part) for part in one['loc'])}: {one['msg']}, found {one['input']!r}"
            for one in error.errors()
        ]
        raise BadConfig("\n".join(lines)) from None
    for name in config.data.sets:
        if name in REFUSED:
            raise BadConfig(f"{path}: data.sets names {name}, which can't be trained on: {REFUSED[name]}.")
        if name not in SOURCES:
            raise BadConfig(f"{path}: data.sets names {name!r}; known are {', '.join(SOURCES)}.")
    return config
