"""Runs a causal language model with transformers: loads it once, then makes one answer at a time.

Torch and transformers are imported when the model is loaded, not before.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from chat.errors import ModelError, OutOfMemory
from chat.llm.chat_format import ChatMessage
from chat.llm.loading import EngineConfig, Loaded, free, load, out_of_memory
from chat.llm.stops import StopFilter

#: How many prompts' attention caches are kept: that of reading and that of writing. Each takes as much
#: memory as its prompt's tokens (112 to 144 KiB a token for models of 0.6B to 4B). The prompts' fixed
#: beginnings are most of their length, and reading a prompt is most of the waiting on a processor.
KEPT = 2
KEPT_TOKENS = 2048

Finish = Literal["stop", "length", "cancelled"]


@dataclass(slots=True)
class Run:
    """One answer in the making: `tokens` grows, and `finish` tells why it ended once it has."""

    prompt_tokens: int = 0
    tokens: int = 0
    finish: Finish = "stop"


class Engine:
    """One model in memory, for all conversations. Safe to call from several threads: they take turns."""

    def __init__(self, config: EngineConfig) -> None:
        self.config = config
        self._loading = threading.Lock()
        self._running = threading.Lock()
        self._loaded: Loaded | None = None
        self._kept: list[tuple[list[int], Any]] = []

    def load(self) -> Loaded:
        """Loads the model unless it is loaded. Raises `ModelError`, or `OutOfMemory` where it doesn't fit."""
        with self._loading:
            if self._loaded is None:
                self._loaded = load(self.config)
            return self._loaded

    def stream(
        self,
        messages: Sequence[ChatMessage],
        *,
        max_tokens: int,
        temperature: float,
        stop: Sequence[str] = (),
        timeout_s: float = 60,
        run: Run | None = None,
    ) -> Iterator[str]:
        """The answer in pieces as they are made, ended before the first of the `stop` strings.

        Closing the iterator stops the model at its next token and waits for that. Raises `ModelError` where
        the answer takes longer than `timeout_s` seconds, waiting for other conversations' answers included.
        """
        from transformers import TextIteratorStreamer

        loaded = self.load()
        run = run if run is not None else Run()
        max_tokens = min(max_tokens, loaded.context // 2)
        prompt = loaded.format.encode(messages, loaded.context - max_tokens)
        run.prompt_tokens = len(prompt)
        deadline = time.monotonic() + timeout_s
        cancelled = threading.Event()
        failures: list[BaseException] = []
        streamer = TextIteratorStreamer(loaded.tokenizer, skip_prompt=True, skip_special_tokens=True)

        def work() -> None:
            try:
                # Polled, so that a request given up while it queues doesn't run later for nobody.
                while not self._running.acquire(timeout=0.05):
                    if cancelled.is_set():
                        return
                    if time.monotonic() > deadline:
                        raise _Late
                try:
                    self._generate(
                        loaded, prompt, streamer, run, cancelled, deadline, max_tokens, temperature
                    )
                finally:
                    self._running.release()
            except BaseException as error:  # handed to the caller's thread below
                failures.append(error)
            finally:
                streamer.text_queue.put(None)

        worker = threading.Thread(target=work, name="genre-model", daemon=True)
        worker.start()
        stops = StopFilter((*stop, *loaded.format.stops))
        try:
            # `None` ends it: the streamer puts one after the last piece, the worker one in any case.
            for piece in iter(streamer.text_queue.get, None):
                ready = stops.push(piece)
                if ready:
                    yield ready
                if stops.hit:
                    return
            worker.join()
            if failures:
                raise self._explained(failures[0], timeout_s)
            rest = stops.flush()
            if rest:
                yield rest
        finally:
            cancelled.set()
            worker.join()
            if stops.hit:
                run.finish = "stop"

    def _generate(
        self,
        loaded: Loaded,
        prompt: list[int],
        streamer: Any,
        run: Run,
        cancelled: threading.Event,
        deadline: float,
        max_tokens: int,
        temperature: float,
    ) -> None:
        import torch
        from transformers import StoppingCriteriaList

        def criterion(ids: Any, scores: Any, **_: Any) -> Any:
            run.tokens += 1
            if cancelled.is_set():
                run.finish = "cancelled"
            if time.monotonic() > deadline:
                raise _Late
            return torch.full((ids.shape[0],), cancelled.is_set(), device=ids.device, dtype=torch.bool)

        past = self._remembered(prompt)
        options: dict[str, Any] = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
        if temperature > 0:
            # The model's own top_p and top_k hold; else nucleus .95 (arXiv 1904.09751) cuts off the noise.
            options = {"do_sample": True, "temperature": temperature}
            if getattr(loaded.model.generation_config, "top_p", None) in (None, 1.0):
                options["top_p"] = 0.95
        ids = torch.tensor([prompt], device=loaded.model.device)
        with torch.inference_mode():
            made = loaded.model.generate(
                input_ids=ids,
                attention_mask=torch.ones_like(ids),
                max_new_tokens=max_tokens,
                eos_token_id=loaded.ends or None,
                pad_token_id=loaded.tokenizer.pad_token_id or (loaded.ends or [0])[0],
                streamer=streamer,
                stopping_criteria=StoppingCriteriaList([criterion]),
                past_key_values=past,
                return_dict_in_generate=True,
                use_cache=True,
                **options,
            )
        last = int(made.sequences[0, -1])
        if run.finish != "cancelled":
            run.finish = "stop" if last in loaded.ends else "length"
        self._remember(prompt, made.past_key_values)

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
        if isinstance(error, _Late):
            return ModelError(
                f"The model {self.config.model!r} didn't finish within {timeout_s:g} s: lower "
                "llm_max_tokens, raise llm_timeout_s, or choose a smaller model."
            )
        if out_of_memory(error):
            self._kept = []
            free()
            return OutOfMemory(
                f"The model {self.config.model!r} ran out of memory while answering: lower "
                "llm_context_tokens, set quantisation to 4bit, or choose a smaller model."
            )
        if isinstance(error, Exception) and not isinstance(error, ModelError):
            made = ModelError(f"The model {self.config.model!r} failed: {type(error).__name__}: {error}")
            made.__cause__ = error
            return made
        return error


class _Late(Exception):
    """The deadline passed."""


def _shared(left: Sequence[int], right: Sequence[int]) -> int:
    """How many tokens two sequences begin with in common."""
    for place, (one, other) in enumerate(zip(left, right, strict=False)):
        if one != other:
            return place
    return min(len(left), len(right))
