"""Runs a causal language model with ONNX Runtime GenAI, on the processor: no torch, no transformers.

The folder is one that `python -m onnxruntime_genai.models.builder -m FOLDER -o OUT -p int4 -e cpu` wrote
(int8 and fp32 do as well). The package is imported when the model is loaded, not before.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from chat.errors import ModelError, OutOfMemory
from chat.llm.chat_format import ChatFormat
from chat.llm.checksums import verify
from chat.llm.guidance import Guides
from chat.llm.tokens import FolderTokenizer, Pieces
from chat.llm.turns import Job, Turns
from chat.llm.weights import GENAI_CONFIG, check_card, onnx_folder

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OnnxConfig:
    """Which model to run and how, in the terms of `Settings`; it calculates on `threads` threads."""

    model: str
    models_folder: Path = Path()
    context_tokens: int = 4096
    threads: int = 2
    stale_card: bool = False


@dataclass(frozen=True, slots=True)
class OnnxLoaded:
    """A model in memory. `search` holds how its files say that tokens are chosen."""

    genai: Any
    model: Any
    tokenizer: FolderTokenizer
    format: ChatFormat
    ends: list[int]
    context: int
    search: dict[str, Any]
    guides: Guides


class OnnxEngine(Turns[OnnxLoaded]):
    """One model in memory, for all conversations. Safe to call from several threads: they take turns."""

    def __init__(self, config: OnnxConfig) -> None:
        super().__init__(config.model)
        self.config = config

    def _load(self) -> OnnxLoaded:
        folder = onnx_folder(self.config.model, self.config.models_folder)
        if folder is None:
            raise ModelError(
                f"There is no ONNX model {self.config.model!r}: no folder of that name, nor under "
                f"{self.config.models_folder}, holds {GENAI_CONFIG}. Make one with: python -m "
                "onnxruntime_genai.models.builder -m FOLDER -o OUT -p int4 -e cpu"
            )
        try:
            genai = import_module("onnxruntime_genai")
        except ImportError as error:
            raise ModelError(
                f"The model {self.config.model!r} needs onnxruntime-genai ({error}): "
                "pip install onnxruntime-genai"
            ) from None
        verify(folder)
        any(check_card(place, any_prompts=self.config.stale_card) for place in (folder, folder.parent))
        log.info("loading %s with onnxruntime-genai on %d threads", folder, self.config.threads)
        genai.disable_telemetry_events()
        try:
            return self._load_from(folder, genai)
        except ModelError:
            raise
        except Exception as error:  # the runtime raises plain RuntimeErrors
            if _out_of_memory(error):
                raise OutOfMemory(
                    f"The model {self.config.model!r} doesn't fit into memory: set llm to a smaller one."
                ) from error
            raise ModelError(
                f"The model {self.config.model!r} in {folder} can't be loaded: "
                f"{type(error).__name__}: {error}"
            ) from error

    def _load_from(self, folder: Path, genai: Any) -> OnnxLoaded:
        document = json.loads((folder / GENAI_CONFIG).read_text(encoding="utf-8"))
        about = document["model"]
        threads = {"intra_op_num_threads": self.config.threads, "inter_op_num_threads": 1}
        config = genai.Config(str(folder))
        config.overlay(json.dumps({"model": {"decoder": {"session_options": threads}}}))
        tokenizer = FolderTokenizer(folder)
        form = ChatFormat(tokenizer)
        ends = form.ends(about.get("eos_token_id"))
        return OnnxLoaded(
            genai=genai,
            model=genai.Model(config),
            tokenizer=tokenizer,
            format=form,
            ends=ends,
            context=min(self.config.context_tokens, int(about["context_length"])),
            search=dict(document.get("search", {})),
            guides=Guides(tokenizer.json, int(about["vocab_size"]), ends),
        )

    def _answer(self, loaded: OnnxLoaded, job: Job) -> None:
        guide = None if job.form is None else loaded.guides.guide(job.form)
        params = loaded.genai.GeneratorParams(loaded.model)
        params.set_search_options(**_search(loaded, job))
        generator = loaded.genai.Generator(loaded.model, params)
        generator.append_tokens(np.array(job.prompt, dtype=np.int32))
        pieces = Pieces(loaded.tokenizer)
        job.run.finish = "length"
        while job.run.tokens < job.max_tokens:
            if guide is not None:
                scores = generator.get_logits()
                scores[..., ~guide.allowed(scores.shape[-1])] = -np.inf
                generator.set_logits(scores)
            generator.generate_next_token()
            token = int(generator.get_next_tokens()[0])
            wanted = job.count()
            if token in loaded.ends:
                job.run.finish = "stop"
                break
            text = pieces.push(token)
            if text:
                job.pieces.put(text)
            if not wanted:
                return
            if guide is not None:
                guide.took(token)
        job.pieces.put(pieces.flush())

    def _explained(self, error: BaseException, timeout_s: float) -> BaseException:
        if _out_of_memory(error):
            return OutOfMemory(
                f"The model {self.config.model!r} ran out of memory while answering: lower "
                "llm_context_tokens, or choose a smaller model."
            )
        return super()._explained(error, timeout_s)


def _search(loaded: OnnxLoaded, job: Job) -> dict[str, Any]:
    """How tokens are chosen: the likeliest at temperature 0, else sampled as the model's files say."""
    options: dict[str, Any] = {
        "max_length": len(job.prompt) + job.max_tokens,
        "num_beams": 1,
        "num_return_sequences": 1,
        "do_sample": False,
    }
    if job.temperature > 0:
        # Where the files cut nothing off, the nucleus of .95 does (arXiv 1904.09751).
        cut = loaded.search.get("top_p")
        options |= {
            "do_sample": True,
            "temperature": job.temperature,
            "top_p": cut if cut not in (None, 0.0, 1.0) else 0.95,
        }
        if job.seed is not None:
            options["random_seed"] = job.seed
    return options


def _out_of_memory(error: BaseException) -> bool:
    words = str(error).lower()
    return isinstance(error, MemoryError) or "bad_alloc" in words or "failed to allocate memory" in words
