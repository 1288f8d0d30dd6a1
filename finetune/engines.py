"""A trained model answering one prompt after another, greedily and timed, at each precision it can run in."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, get_args

import numpy as np

from finetune.errors import BadConfig, NoPackage
from finetune.foreign import load_tokenizer

Precision = Literal["fp32", "bf16", "int8", "nf4", "onnx-int4", "onnx-int8", "onnx-fp16", "onnx-fp32"]
Messages = Sequence[Mapping[str, str]]
MIB = 2**20


@dataclass(frozen=True)
class Answer:
    """What a model said. `ended`: by itself, not at the limit. Times in seconds; `first`: to a token."""

    text: str
    tokens: int
    ended: bool
    first: float
    seconds: float


class Engine(Protocol):
    """A model that answers."""

    @property
    def bytes(self) -> int:
        """What its weights take on disk, in bytes."""

    def answer(self, messages: Messages, longest: int) -> Answer:
        """The likeliest continuation, token by token, of at most `longest` tokens."""


def precisions(text: str) -> tuple[Precision, ...]:
    """Precisions from a list with commas. Raises `BadConfig`."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in get_args(Precision):
            raise BadConfig(f"There is no precision {name!r}; known are {', '.join(get_args(Precision))}.")
    if not names:
        raise BadConfig(f"No precision is named; known are {', '.join(get_args(Precision))}.")
    return tuple(name for name in get_args(Precision) if name in names)


def load_engine(precision: Precision, folder: Path) -> Engine:
    """The model in the folder: as transformers saves it, for `onnx-…` as onnxruntime-genai's builder does."""
    return OnnxEngine(folder) if precision.startswith("onnx-") else TorchEngine(folder, precision)


class TorchEngine:
    """A model through transformers: float32, bfloat16, or bitsandbytes' LLM.int8() and NF4."""

    def __init__(self, folder: Path, precision: Precision = "fp32") -> None:
        import torch
        from transformers import AutoModelForCausalLM, BitsAndBytesConfig

        how: Any = None
        if precision == "int8":
            how = BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
        elif precision == "nf4":
            how = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
                load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.bfloat16
            )
        place = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            loaded: Any = AutoModelForCausalLM.from_pretrained(
                folder,
                dtype=torch.float32 if precision == "fp32" else torch.bfloat16,
                quantization_config=how,
                device_map={"": place},
            )
        except ImportError as error:
            raise NoPackage(f"{precision} needs bitsandbytes and accelerate: {error}") from None
        loaded.eval()
        self.model = loaded
        self.tokenizer = load_tokenizer(folder)
        self.place = place

    @property
    def bytes(self) -> int:
        return int(self.model.get_memory_footprint())

    def answer(self, messages: Messages, longest: int) -> Answer:
        import torch
        from transformers import GenerationConfig

        ids = _ids(self.tokenizer, messages)
        clock = _Clock()
        given = torch.tensor([ids], device=self.place)
        ends = self.model.generation_config.eos_token_id
        how = GenerationConfig(  # type: ignore[no-untyped-call]
            do_sample=False,
            max_new_tokens=longest,
            eos_token_id=ends,
            pad_token_id=self.tokenizer.pad_token_id,
        )
        with torch.inference_mode():
            out = self.model.generate(
                given, attention_mask=torch.ones_like(given), generation_config=how, streamer=clock
            )
        return clock.answer(self.tokenizer, out[0, len(ids) :].tolist(), ends)


class OnnxEngine:
    """A model through onnxruntime-genai on the processor."""

    def __init__(self, folder: Path) -> None:
        try:
            import onnxruntime_genai as genai
        except ImportError as error:
            raise NoPackage(
                f"onnxruntime-genai is not installed: pip install onnxruntime-genai ({error})"
            ) from None
        self._genai: Any = genai
        self._model = genai.Model(str(folder))
        self.tokenizer = load_tokenizer(folder)
        self.bytes = sum(path.stat().st_size for path in folder.glob("*.onnx*"))

    def answer(self, messages: Messages, longest: int) -> Answer:
        ids = _ids(self.tokenizer, messages)
        clock = _Clock()
        search = self._genai.GeneratorParams(self._model)
        search.set_search_options(max_length=len(ids) + longest, do_sample=False)
        generator = self._genai.Generator(self._model, search)
        generator.append_tokens(np.array(ids, dtype=np.int32))
        clock.put(None)
        said: list[int] = []
        while not generator.is_done() and len(said) < longest:
            generator.generate_next_token()
            clock.put(None)
            said.append(int(generator.get_next_tokens()[0]))
        return clock.answer(self.tokenizer, said, self.tokenizer.eos_token_id)


class _Clock:
    """The times of an answer; a streamer to transformers, which puts the prompt first and then each token."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._first = 0.0
        self._puts = 0

    def put(self, value: Any) -> None:
        self._puts += 1
        if self._puts == 2:
            self._first = time.perf_counter() - self._start

    def end(self) -> None:
        """All was put."""

    def answer(self, tokenizer: Any, said: list[int], ends: int | list[int] | None) -> Answer:
        seconds = time.perf_counter() - self._start
        known = {ends} if isinstance(ends, int) else set(ends or ())
        ended = bool(said) and said[-1] in known
        words = tokenizer.decode(said[:-1] if ended else said, skip_special_tokens=True)
        return Answer(words, len(said), ended, self._first, seconds)


def _ids(tokenizer: Any, messages: Messages) -> list[int]:
    encoded = tokenizer.apply_chat_template(
        list(messages), tokenize=True, add_generation_prompt=True, return_dict=True
    )
    return list(encoded["input_ids"])
