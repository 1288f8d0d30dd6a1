"""Loads a causal language model with transformers: where it runs, how its weights are held, its adapter.

Torch, transformers and peft are imported when a model is loaded, not before.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from chat.errors import ModelError, OutOfMemory
from chat.hardware import GIB, Hardware, Place, Weights, choose_place, choose_weights, find_hardware, needed
from chat.llm.chat_format import ChatFormat
from chat.llm.checksums import verify
from chat.llm.weights import check_card, count_parameters, find_model

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class EngineConfig:
    """Which model to run and how, in the terms of `Settings`.

    `dtype` is auto, float32, bfloat16 or float16. `reuse_prompts` keeps the attention cache of prompts, so
    that the next one that begins alike starts sooner; the last digits of its numbers may then differ.
    """

    model: str
    adapter: Path | None = None
    models_folder: Path = Path()
    device: str = "auto"
    quantisation: str = "auto"
    dtype: str = "auto"
    context_tokens: int = 4096
    reuse_prompts: bool = True
    offline: bool = False
    stale_card: bool = False


@dataclass(frozen=True, slots=True)
class Loaded:
    """A model in memory."""

    model: Any
    tokenizer: Any
    format: ChatFormat
    ends: list[int]
    context: int
    place: Place
    weights: Weights


def load(config: EngineConfig) -> Loaded:
    """The model in memory. Raises `ModelError`, or `OutOfMemory` where it doesn't fit."""
    folder = find_model(config.model, config.models_folder, offline=config.offline)
    if config.adapter is not None and not (config.adapter / "adapter_config.json").is_file():
        raise ModelError(
            f"llm_adapter is {config.adapter}, but that folder holds no adapter_config.json: name a LoRA "
            "adapter as peft saves it."
        )
    for place in (folder, config.adapter):
        if place is None:
            continue
        verify(place)
        check_card(place, any_prompts=config.stale_card)
    hardware = find_hardware()
    parameters = count_parameters(folder)
    device = choose_place(config.device, hardware)
    has_bitsandbytes = find_spec("bitsandbytes") is not None
    weights = choose_weights(config.quantisation, parameters, device, hardware, has_bitsandbytes)
    if weights != "none" and not has_bitsandbytes:
        raise ModelError(f"quantisation {weights} needs bitsandbytes: pip install bitsandbytes, or set none.")
    log.info("loading %s on %s, quantisation %s, from %s", config.model, device, weights, folder)
    try:
        return _load_from(folder, config, device, weights, hardware)
    except ModelError:
        raise
    except Exception as error:  # transformers, peft and safetensors raise a dozen kinds for a bad folder
        if out_of_memory(error):
            free()
            raise OutOfMemory(
                f"The model {config.model!r} doesn't fit: it needs about "
                f"{needed(parameters, weights) / GIB:.1f} GiB with quantisation {weights}. Set quantisation "
                "to 4bit, or llm to a smaller model."
            ) from error
        raise ModelError(
            f"The model {config.model!r} in {folder} can't be loaded: {type(error).__name__}: {error}"
        ) from error


def _load_from(
    folder: Path, config: EngineConfig, device: Place, weights: Weights, hardware: Hardware
) -> Loaded:
    import torch
    from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig

    if device == "cuda" and not torch.cuda.is_available():
        raise ModelError("llm_device is cuda, but torch sees no CUDA card: set it to auto or cpu.")
    if device == "mps" and not torch.backends.mps.is_available():
        raise ModelError("llm_device is mps, but torch finds no Metal here: set it to auto or cpu.")
    dtypes = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
    dtype = torch.float16 if device == "mps" else torch.bfloat16
    if device == "cuda" and not torch.cuda.is_bf16_supported(including_emulation=False):
        dtype = torch.float16
    if device == "cpu" and not hardware.bfloat16:
        dtype = torch.float32  # emulated bfloat16 is slower than float32
    dtype = dtypes.get(config.dtype, dtype)
    shape = AutoConfig.from_pretrained(folder, local_files_only=True)
    quantisation = None
    if getattr(shape, "quantization_config", None) is None:  # else it is quantised already
        if weights == "4bit":
            quantisation = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
                load_in_4bit=True,
                bnb_4bit_quant_type="nf4",
                bnb_4bit_use_double_quant=True,
                bnb_4bit_compute_dtype=dtype,
            )
        elif weights == "8bit":
            # It warns at every product of matrices that it casts to float16, which is how 8 bit works.
            logging.getLogger("bitsandbytes.autograd._functions").setLevel(logging.ERROR)
            quantisation = BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    model: Any = AutoModelForCausalLM.from_pretrained(
        folder,
        dtype=dtype,
        device_map={"": device},
        quantization_config=quantisation,
        use_safetensors=True,
        local_files_only=True,
    )
    words = folder
    if config.adapter is not None:
        from peft import PeftModel

        model = PeftModel.from_pretrained(model, str(config.adapter))
        if (config.adapter / "tokenizer_config.json").is_file():
            words = config.adapter  # training may have given it a chat template of its own
    tokenizer = AutoTokenizer.from_pretrained(words, local_files_only=True)
    model.eval()
    form = ChatFormat(tokenizer)
    longest = getattr(shape.get_text_config(), "max_position_embeddings", None) or config.context_tokens
    ends = form.ends(model.generation_config.eos_token_id)
    return Loaded(model, tokenizer, form, ends, min(config.context_tokens, longest), device, weights)


def free() -> None:
    """Gives unused memory back after a failure."""
    import gc

    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()


def out_of_memory(error: BaseException) -> bool:
    """Whether an error of torch or Python says that memory ran out."""
    import torch

    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return True
    words = str(error).lower()
    return isinstance(error, RuntimeError) and ("out of memory" in words or "can't allocate memory" in words)
