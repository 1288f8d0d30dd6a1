"""Tiny language models for tests: made from a seed, a few thousand weights, bytes for tokens."""

from __future__ import annotations

import runpy
import sys
import tempfile
from pathlib import Path
from typing import Any
from unittest import mock

CHAT_TEMPLATE = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n"
    "{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SPECIAL = ("<|im_start|>", "<|im_end|>")


def make_tokenizer(folder: Path, *, template: bool = True) -> Any:
    """A tokenizer whose tokens are bytes, with or without a chat template, saved in the folder."""
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    inner = Tokenizer(models.BPE(vocab={letter: i for i, letter in enumerate(alphabet)}, merges=[]))
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    inner.decoder = decoders.ByteLevel()
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token="<|im_end|>")  # type: ignore[no-untyped-call]
    tokenizer.add_special_tokens({"additional_special_tokens": ["<|im_start|>"]})
    if template:
        tokenizer.chat_template = CHAT_TEMPLATE
    tokenizer.save_pretrained(folder)
    return tokenizer


def make_model(folder: Path, *, seed: int = 0, template: bool = True, context: int = 1024) -> Path:
    """A Llama of 100,000 random weights (4 bit wants widths of 64): a few letters and spaces, without end."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = make_tokenizer(folder, template=template)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=context,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=None,
        pad_token_id=None,
        # Random weights of the usual size say the same to everything: larger ones listen to the prompt.
        initializer_range=0.3,
        dtype="float32",
    )
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        model = LlamaForCausalLM(config)
    speech = tokenizer("aelmnors ")["input_ids"]
    others = [number for number in range(len(tokenizer)) if number not in speech]
    with torch.no_grad():
        # A mean is never above the largest, so the likeliest token is always speech; what is sampled, or held
        # to a schema, can be any.
        model.lm_head.weight[others] = model.lm_head.weight[speech].mean(0)
    model.save_pretrained(folder)
    return folder


def make_onnx(model: Path, folder: Path, precision: str = "fp32") -> Path:
    """The model built for ONNX Runtime GenAI, as its builder's command line does it."""
    import pytest

    pytest.importorskip("onnxruntime_genai", reason="pip install onnxruntime-genai")
    pytest.importorskip("onnx_ir", reason="the builder needs it: pip install onnx-ir")
    # In this process: another one would spend most of its time importing torch again.
    command = ["builder", "-m", str(model), "-o", str(folder), "-p", precision, "-e", "cpu"]
    with tempfile.TemporaryDirectory() as cache, mock.patch.object(sys, "argv", [*command, "-c", cache]):
        runpy.run_module("onnxruntime_genai.models.builder", run_name="__main__")
    return folder


def make_adapter(model: Path, folder: Path, *, seed: int = 1) -> Path:
    """A LoRA adapter for the model, with weights large enough to change what it says."""
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    base = AutoModelForCausalLM.from_pretrained(model)
    config = LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    adapted = get_peft_model(base, config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name, weights in adapted.named_parameters():
            if "lora_" in name:
                torch.nn.init.normal_(weights, std=0.15)
    adapted.save_pretrained(str(folder))
    return folder
