"""Who words a plan: the plain voice, or a language model whose every draft has to pass the check."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol
from zlib import crc32

from chat.check import Allowed, allowed_from, check
from chat.errors import BadDraft, ModelError
from chat.reply import Plan
from chat.trace import Trace
from chat.wording.catalogue import CatalogueWords
from chat.wording.compose import compose
from prompts.dialogue import Utterance

logger = logging.getLogger(__name__)

#: Replies looked back on, so that an opening isn't used twice in a row.
LOOK_BACK = 4

Drafts = Callable[[Plan, Sequence[Utterance], int], str]
"""A model's wording of a plan, sampled by the seed, item slots filled in by code."""


Takes = Callable[[Plan, Sequence[Utterance]], bool]
"""Whether a model is to word a plan."""


def _any_plan(plan: Plan, dialogue: Sequence[Utterance]) -> bool:
    return True


class Voice(Protocol):
    """What words a plan."""

    def speak(
        self, plan: Plan, dialogue: Sequence[Utterance], seed: str, trace: Trace
    ) -> tuple[str, str]: ...


class PlainVoice:
    """The deterministic composer. It passes the check by construction, and is checked all the same."""

    name = "plain"

    def __init__(self, words: CatalogueWords, titles: Callable[[str], bool]) -> None:
        self.words = words
        self._titles = titles

    def speak(self, plan: Plan, dialogue: Sequence[Utterance], seed: str, trace: Trace) -> tuple[str, str]:
        """The reply's words and the name of the voice."""
        said = [utterance.text for utterance in dialogue if utterance.role == "assistant"][-LOOK_BACK:]
        text = compose(said_once(plan), self.words, seed, said)
        with trace.step("check"):
            for problem in check(text, self.allowed(plan, dialogue)):
                trace.note(f"plain wording: {problem}")
                logger.warning("The plain wording failed its check: %s", problem)
        return text, self.name

    def allowed(self, plan: Plan, dialogue: Sequence[Utterance]) -> Allowed:
        """What a reply to this plan may say."""
        user = [utterance.text for utterance in dialogue if utterance.role == "user"]
        return allowed_from(plan, user, self.words, self._titles)


def said_once(plan: Plan) -> Plan:
    """The plan with a shortcoming that all items share told with the first of them only: the cards show it
    on each, but four times in one reply it would grate."""
    if len(plan.recommendations) < 2:
        return plan
    lacks = [{one.interest.subject for one in entry.reasons if one.against} for entry in plan.recommendations]
    shared = set.intersection(*lacks)
    if not shared:
        return plan
    first, *others = plan.recommendations
    kept = tuple(
        replace(
            entry,
            reasons=tuple(
                one for one in entry.reasons if not one.against or one.interest.subject not in shared
            ),
        )
        for entry in others
    )
    return replace(plan, recommendations=(first, *kept))


class ModelVoice:
    """A language model's wording; the plain voice where the model fails, or its draft fails the check.

    `takes` says which plans are the model's at all.
    """

    def __init__(self, name: str, draft: Drafts, plain: PlainVoice, takes: Takes = _any_plan) -> None:
        self.name = name
        self._draft = draft
        self._plain = plain
        self._takes = takes

    def speak(self, plan: Plan, dialogue: Sequence[Utterance], seed: str, trace: Trace) -> tuple[str, str]:
        """The reply's words and the name of the voice that spoke."""
        told = said_once(plan)
        if plan.move != "decline" and self._takes(told, dialogue):  # nothing off topic reaches the model
            try:
                with trace.step("model"):
                    text = self._draft(told, dialogue, crc32(seed.encode()) >> 1).strip()
                with trace.step("check"):
                    problems = (
                        check(text, self._plain.allowed(plan, dialogue)) if text else ["an empty draft"]
                    )
                if not problems:
                    return text, self.name
                trace.note(f"draft refused: {problems[0]}")
            except BadDraft as error:
                trace.note(f"draft refused: {error}")
            except ModelError as error:
                trace.note(f"model failed: {error}")
                logger.warning("%s failed, the plain voice speaks: %s", self.name, error)
        return self._plain.speak(plan, dialogue, seed, trace)
