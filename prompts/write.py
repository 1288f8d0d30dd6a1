"""From what a reply must say to a model's messages, and from its answer to a `Draft` and the final words.

Item slots such as `[1]` are filled by code, so what is named is what was ranked.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from prompts.dialogue import Draft, Utterance
from prompts.template import neutralise, render, shorten

Task = Literal["ask", "recommend", "describe", "compare", "converse", "decline"]

TASKS: dict[Task, str] = {
    "ask": "ask the question below; suggest nothing yet",
    "recommend": "recommend the items below, in this order",
    "describe": "tell what the person wants to know about the item, from its facts",
    "compare": "compare the items by the facts below",
    "converse": "answer kindly and briefly",
    "decline": "say kindly that this isn't something you help with, and come back to the subject",
}

#: What a prompt holds at most.
EARLIER = 4
EARLIER_CHARS = 300
LAST_CHARS = 1500
FACT_CHARS = 300
TITLE_CHARS = 150
ITEMS = 6
LINES = 8  # facts, reasons, interests and notes, each
WORDS = 110
#: Longer drafts are cut: no reply of `WORDS` words comes near it.
DRAFT_CHARS = 4000

_SLOT = re.compile(r"\[(\d{1,2})\]")


@dataclass(frozen=True, slots=True)
class BriefItem:
    """One item for the writer; its slot is its place in the brief. `facts` are (label, value in words)."""

    title: str
    year: int | None = None
    facts: tuple[tuple[str, str], ...] = ()
    reasons: tuple[str, ...] = ()
    against: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Brief:
    """All that a writer may say. `interests`, `notes` and `question` are plain sentences or phrases.

    `notes` are things that must be said besides: a wish that nothing met, a title that isn't there.
    """

    move: Task
    items: tuple[BriefItem, ...] = ()
    question: str = ""
    interests: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    nouns: str = "items"


def write_messages(dialogue: Sequence[Utterance], brief: Brief) -> list[dict[str, str]]:
    """Chat messages that ask a model to word the reply to the dialogue's last utterance.

    The first message depends on the catalogue's noun only, so its attention cache can be kept. Of long
    dialogues, texts and lists only a bounded part goes in. Raises `ValueError` for more than `ITEMS` items.
    """
    if len(brief.items) > ITEMS:
        raise ValueError(f"a brief holds at most {ITEMS} items, not {len(brief.items)}")
    by_person = bool(dialogue) and dialogue[-1].role == "user"
    before = dialogue[:-1] if by_person else dialogue
    earlier = [
        Utterance(utterance.role, _short(utterance.text, EARLIER_CHARS)) for utterance in before[-EARLIER:]
    ]
    items = [
        BriefItem(
            title=_short(item.title, TITLE_CHARS),
            year=item.year,
            facts=tuple(
                (_short(label, 60), _short(value, FACT_CHARS)) for label, value in item.facts[:LINES]
            ),
            reasons=_lines(item.reasons),
            against=_lines(item.against),
        )
        for item in brief.items
    ]
    user = render(
        "write_user",
        earlier=earlier,
        last=_short(dialogue[-1].text, LAST_CHARS) if by_person else "",
        task=TASKS[brief.move],
        interests=_lines(brief.interests),
        items=items,
        notes=_lines(brief.notes),
        question=_short(brief.question, FACT_CHARS),
    )
    return [
        {"role": "system", "content": render("write_system", nouns=brief.nouns, words=WORDS)},
        {"role": "user", "content": user},
    ]


def parse_draft(text: str) -> Draft:
    """The draft in a model's answer: thinking, code fences, a speaker's name and outer quotes left off.

    Its text is empty where the model said nothing; it is at most `DRAFT_CHARS` long.
    """
    text = re.sub(r"<think>.*?(</think>|\Z)", "", text, flags=re.DOTALL).strip()
    fenced = re.fullmatch(r"```\w*\n(.*?)\n?```", text, flags=re.DOTALL)
    if fenced:
        text = fenced.group(1).strip()
    text = re.sub(r"\A(?:assistant|recommender|reply|you)\s*:\s*", "", text, flags=re.IGNORECASE)
    quoted = re.fullmatch(r'"([^"]*)"|“([^“”]*)”', text)
    if quoted:
        text = quoted.group(1) or quoted.group(2) or ""
    return Draft(text.strip()[:DRAFT_CHARS])


def fill(draft: Draft, items: Sequence[BriefItem]) -> str:
    """The draft with each slot's first use replaced by "Title (year)" and later ones by the title alone.

    Titles go in as they are, so one that looks like a slot stays a title. A slot without an item is left
    standing, for the reply's check to find.
    """
    named: set[int] = set()

    def name(match: re.Match[str]) -> str:
        number = int(match.group(1))
        if not 1 <= number <= len(items):
            return match.group(0)
        item = items[number - 1]
        first = number not in named
        named.add(number)
        # The model may have added the year by itself, as it was told of it.
        given = item.year is not None and match.string[match.end() :].startswith(f" ({item.year})")
        return item.title if item.year is None or not first or given else f"{item.title} ({item.year})"

    return _SLOT.sub(name, draft.text)


def _short(text: str, limit: int) -> str:
    return shorten(neutralise(text), limit)


def _lines(texts: Sequence[str]) -> tuple[str, ...]:
    return tuple(_short(text, FACT_CHARS) for text in texts[:LINES])
