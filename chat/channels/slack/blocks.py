"""Answers as Slack's blocks, within its limits. The library checks each block as it is made."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from slack_sdk.models.blocks import ActionsBlock, Block, ButtonElement, MarkdownBlock, SectionBlock
from slack_sdk.models.blocks.basic_components import PlainTextObject

from chat.channels.facts import key_facts
from chat.channels.members import LABELS, PRESSES, Marks, Press, evidence
from chat.channels.slack.markup import linked, markdown, plain, short
from chat.channels.slack.places import Ref
from chat.channels.text import pieces, shortened
from chat.reply import Recommendation, Reply
from retrieval.items import Facet

#: Longest text of one message, in characters as they are sent: beyond about 4,000 Slack may refuse.
WORDS = 3500
#: Longest text beside the blocks, for notifications and screen readers.
_FALLBACK = 1500
#: Slack's own limits: a button's label and its value.
_LABEL, _VALUE = 75, 2000
#: So that a card stays far below the 3,000 characters of a section.
_TITLE, _FACTS, _REASON, _EVIDENCE = 150, 200, 300, 240
_CHIPS = 5

#: The ids of our buttons begin so; `say` is followed by a number.
PRESS, SAY = "genre-press-", "genre-say-"

Blocks = list[dict[str, Any]]


def fallback(text: str) -> str:
    """The text that goes with blocks, and says the same without them."""
    return short(text, _FALLBACK)


def width(text: str) -> int:
    """How long the text is as it is sent."""
    return len(markdown(text))


def words(text: str) -> Blocks:
    """The words of a message; cut at sentences where they are long."""
    return [MarkdownBlock(text=markdown(piece)).to_dict() for piece in pieces(text, WORDS, width)]


def whole(reply: Reply, ref: Ref, facets: Sequence[Facet], marks: Marks) -> Blocks:
    """Words and cards in one message."""
    return [*words(reply.text), *below(reply, ref, facets, marks)]


def below(reply: Reply, ref: Ref, facets: Sequence[Facet], marks: Marks) -> Blocks:
    """What stands below the words: the cards, then what could be said next."""
    blocks: list[Block] = []
    for number, entry in enumerate(reply.recommendations, 1):
        blocks += card(entry, number, replace(ref, about=entry.item.id), facets, marks)
    chips = says(reply.quick_replies, ref)
    return [block.to_dict() for block in (*blocks, *chips)]


def card(
    entry: Recommendation, number: int, ref: Ref, facets: Sequence[Facet], marks: Marks
) -> tuple[Block, ...]:
    """One item with its reasons and its buttons.

    Slack's own card block holds three buttons and 200 characters, too few for reasons and five buttons.
    """
    item = entry.item
    lines = [f"*{number}. {linked(short(item.title, _TITLE), item.url)}*"]
    if facts := key_facts(item, facets):
        lines.append(short(" · ".join(facts), _FACTS))
    pros = [reason for reason in entry.reasons if not reason.against]
    cons = [reason for reason in entry.reasons if reason.against]
    lines += [f"{'–' if reason.against else '✓'} {short(reason.text, _REASON)}" for reason in (*pros, *cons)]
    section = SectionBlock(text="\n".join(lines))
    value = ref.value()
    if len(value) > _VALUE:  # such an item can't be named by a button
        return (section,)
    title = plain(shortened(item.title, 50))
    buttons = [_press(press, value, title, marks.on(press, item.id)) for press in PRESSES]
    return section, ActionsBlock(elements=buttons)


def says(texts: Sequence[str], ref: Ref) -> tuple[Block, ...]:
    """Buttons that say something for the person; none where there is nothing to say."""
    buttons = []
    for number, text in enumerate(texts[:_CHIPS]):
        value, label = replace(ref, about=text).value(), plain(shortened(text, _LABEL - 5))
        if label and len(value) <= _VALUE:
            shown = PlainTextObject(text=label, emoji=False)
            buttons.append(ButtonElement(text=shown, action_id=f"{SAY}{number}", value=value))
    return (ActionsBlock(elements=buttons),) if buttons else ()


def why(entry: Recommendation, facets: Sequence[Facet]) -> str:
    """The evidence, in Slack's markup: which of the person's words met which fact of the item."""
    rows = ["  →  ".join(evidence(reason, facets, short, _EVIDENCE)) for reason in entry.reasons]
    return "\n• ".join([f"*Why {short(entry.item.title, _TITLE)}?*", *rows])


def _press(press: Press, value: str, title: str, on: bool) -> ButtonElement:
    label = f"✓ {LABELS[press]}" if on else LABELS[press]
    return ButtonElement(
        text=PlainTextObject(text=label, emoji=False),
        action_id=f"{PRESS}{press}",
        value=value,
        style="primary" if on else None,
        accessibility_label=f"{label}: {title}",
    )
