"""Runs a causal language model with transformers: loads it once, then makes one answer at a time.

Torch and transformers are imported when the model is loaded, not before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chat.errors import ModelError, OutOfMemory
from chat.llm.guidance import Guides
from chat.llm.loading import EngineConfig, Loaded, free, load, out_of_memory
from chat.llm.turns import Job, Run, Turns

__all__ = ["Engine", "Run"]

#: How many prompts' attention caches are kept: that of reading and that of writing. Each takes as much
#: memory as its prompt's tokens (112 to 144 KiB a token for models of 0.6B to 4B). The prompts' fixed
#: beginnings are most of their length, and reading a prompt is most of the waiting on a processor.
KEPT = 2
KEPT_TOKENS = 2048


class Engine(Turns[Loaded]):
    """One model in memory, for all conversations. Safe to call from several threads: they take turns."""

    def __init__(self, config: EngineConfig) -> None:
        super().__init__(config.model)
        self.config = config
        self._kept: list[tuple[list[int], Any]] = []
        self._guides: Guides | None = None

    def _load(self) -> Loaded:
        return load(self.config)

    def _answer(self, loaded: Loaded, job: Job) -> None:
        import torch
        from transformers import StoppingCriteriaList, TextIteratorStreamer

        def criterion(ids: Any, scores: Any, **_: Any) -> Any:
            return torch.full((ids.shape[0],), not job.count(), device=ids.device, dtype=torch.bool)

        streamer = TextIteratorStreamer(loaded.tokenizer, skip_prompt=True, skip_special_tokens=True)
        streamer.text_queue = job.pieces  # type: ignore[assignment]
        processors = [] if job.form is None else [self._guided(loaded, job)]
        past = self._remembered(job.prompt)
        options: dict[str, Any] = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        if job.temperature > 0:
            # The model's own top_p and top_k hold; else nucleus .95 (arXiv 1904.09751) cuts off the noise.
            options = {"do_sample": True, "temperature": job.temperature}
            if getattr(loaded.model.generation_config, "top_p", None) in (None, 1.0):
                options["top_p"] = 0.95
        device = loaded.model.device
        ids = torch.tensor([job.prompt], device=device)
        seeded = job.seed is not None and job.temperature > 0
        cards = [device] if device.type == "cuda" else []
        with torch.inference_mode(), torch.random.fork_rng(devices=cards, enabled=seeded):
            if seeded:
                torch.manual_seed(job.seed)
            made = loaded.model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=job.max_tokens,
                eos_token_id=loaded.ends or None,
                pad_token_id=loaded.tokenizer.pad_token_id or (loaded.ends or [0])[0],
                streamer=streamer,
                stopping_criteria=StoppingCriteriaList([criterion]),
                logits_processor=processors,
                past_key_values=past,
                return_dict_in_generate=True,
                use_cache=True,
                **options,
            )
        last = int(made.sequences[0, -1])
        if job.run.finish != "cancelled":
            job.run.finish = "stop" if last in loaded.ends else "length"
        self._remember(job.prompt, made.past_key_values)

    def _guided(self, loaded: Loaded, job: Job) -> Any:
        """What rules out the tokens that would leave the form, as transformers' `generate` asks it."""
        import torch

        if self._guides is None:
            tokenizer = loaded.tokenizer
            if not tokenizer.is_fast:
                raise ModelError(
                    f"The model {self.config.model!r} has no tokenizer.json: it can't be guided."
                )
            size = loaded.model.config.get_text_config().vocab_size
            self._guides = Guides(tokenizer.backend_tokenizer.to_str(), size, loaded.ends)
        guide = self._guides.guide(job.form or {})
        seen = len(job.prompt)

        def rule_out(ids: Any, scores: Any) -> Any:
            nonlocal seen
            for token in ids[0, seen:].tolist():
                guide.took(token)
            seen = ids.shape[1]
            allowed = torch.from_numpy(guide.allowed(scores.shape[-1])).to(scores.device)
            return scores.masked_fill(~allowed, -torch.inf)

        return rule_out

    def _remembered(self, prompt: list[int]) -> Any:
        """The kept attention cache that shares the most with the prompt, cut to that; `None` where none does.

        It is taken out of the kept ones: the prompt's own, which grows from it, replaces it.
        """
        best, length = None, 0
        for entry in self._kept:
            shared = _shared(entry[0], prompt[:-1])  # at least one token must be left to compute
            if shared > length and 2 * shared >= len(entry[0]):
                best, length = entry, shared
        if best is None:
            return None
        self._kept.remove(best)
        ids, cache = best
        cache.crop(length - len(ids))
        return cache

    def _remember(self, prompt: list[int], cache: Any) -> None:
        """Keeps the prompt's part of the attention cache; only of kinds that can be cut at any token."""
        from transformers.cache_utils import DynamicCache, DynamicLayer

        if not self.config.reuse_prompts or len(prompt) > KEPT_TOKENS:
            return
        if not isinstance(cache, DynamicCache):
            return
        if any(type(layer) is not DynamicLayer for layer in cache.layers):
            return
        extra = cache.get_seq_length() - len(prompt)
        if extra >= 0:
            cache.crop(-extra)
            self._kept = [*self._kept[-(KEPT - 1) :], (prompt, cache)]

    def _explained(self, error: BaseException, timeout_s: float) -> BaseException:
        if out_of_memory(error):
            self._kept = []
            free()
            return OutOfMemory(
                f"The model {self.config.model!r} ran out of memory while answering: lower "
                "llm_context_tokens, set quantisation to 4bit, or choose a smaller model."
            )
        return super()._explained(error, timeout_s)


def _shared(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens two sequences begin with in common."""
    for place, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return place
    return min(len(left), len(right))
