"""Base models of others: their tokenizer with a chat template that trains and serves the same bytes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from finetune.errors import BadConfig

#: Formats by the token that shows them; each marks what the assistant says, its end included.
_TEMPLATES = {
    "<|im_end|>": (  # ChatML: Qwen, SmolLM
        "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' }}"
        "{% if message['role'] == 'assistant' %}"
        "{% generation %}{{ message['content'] + '<|im_end|>' }}{% endgeneration %}"
        "{% else %}{{ message['content'] + '<|im_end|>' }}{% endif %}{{ '\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
    ),
    "<|eot_id|>": (  # Llama 3
        "{{ bos_token }}{% for message in messages %}"
        "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}"
        "{% if message['role'] == 'assistant' %}"
        "{% generation %}{{ message['content'] + '<|eot_id|>' }}{% endgeneration %}"
        "{% else %}{{ message['content'] + '<|eot_id|>' }}{% endif %}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
    ),
}


def load_tokenizer(place: str | Path, field: str = "lora.base") -> Any:
    """The tokenizer in a folder or on the hub, its end token the one that ends what the assistant says.

    A template that doesn't mark the assistant's words is replaced by one of the same format that does. Raises
    `BadConfig`, which names the `field` of the configuration, where the format isn't known.
    """
    from transformers import AutoTokenizer

    try:
        tokenizer: Any = AutoTokenizer.from_pretrained(place)
    except (OSError, ValueError) as error:
        raise BadConfig(f"{field}: the tokenizer of {str(place)!r} can't be loaded: {error}") from None
    if tokenizer.chat_template is None or "generation %}" not in str(tokenizer.chat_template):
        known = tokenizer.get_vocab()
        end = next((token for token in _TEMPLATES if token in known), None)
        if end is None:
            raise BadConfig(
                f"{field}: {str(place)!r} has a chat format unknown here. Known are those that end "
                f"a turn with {' or '.join(_TEMPLATES)}, and any template that marks what the assistant says "
                "with {% generation %}."
            )
        tokenizer.chat_template = _TEMPLATES[end]
        tokenizer.eos_token = end
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_base(place: str | Path, quantisation: str = "none", field: str = "lora.base") -> Any:
    """The causal language model in a folder or on the hub, on the card if there is one.

    4bit is NF4 with double quantisation (Dettmers et al., QLoRA, 2023); 8bit is LLM.int8() (Dettmers et al.,
    2022). Raises `BadConfig`, which names the `field` of the configuration.
    """
    import torch
    from transformers import AutoModelForCausalLM, BitsAndBytesConfig

    cuda = torch.cuda.is_available()
    how: Any = None
    if quantisation == "4bit":
        how = BitsAndBytesConfig(  # type: ignore[no-untyped-call]
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
    elif quantisation == "8bit":
        how = BitsAndBytesConfig(load_in_8bit=True)  # type: ignore[no-untyped-call]
    try:
        return AutoModelForCausalLM.from_pretrained(
            place,
            dtype="auto",
            quantization_config=how,
            device_map={"": 0 if cuda else "cpu"} if how or cuda else None,
            use_safetensors=True,
        )
    except ImportError as error:
        raise BadConfig(
            f"lora.quantisation is {quantisation}, which needs bitsandbytes and accelerate: {error}"
        ) from None
    except (OSError, ValueError) as error:
        raise BadConfig(
            f"{field}: {str(place)!r} can't be loaded: {error}. Give a folder or a hub id such as "
            "Qwen/Qwen3-0.6B; weights must be safetensors."
        ) from None
