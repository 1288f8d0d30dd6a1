"""Answers as Discord's messages, within its limits: plain values first, then the library's views of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import discord
from discord import ui

from chat.channels.discord.markup import linked, markdown, short, width, written
from chat.channels.discord.places import Ref
from chat.channels.facts import key_facts
from chat.channels.members import LABELS, PRESSES, Marks, evidence
from chat.channels.text import pieces
from chat.reply import Recommendation, Reply
from retrieval.items import Facet

#: Discord's own limits: of a message without parts, of all words in one with parts, of its parts, of a label.
CONTENT, WORDS, PARTS, LABEL = 2000, 4000, 40, 80
#: Cards in one message: each takes seven parts, its words, a row, and five buttons.
CARDS = 5
#: Words of one card with its link, so that five of them fit into a message.
_CARD, _TITLE, _FACTS, _REASON = 760, 150, 150, 160
_EVIDENCE = 200
_CHIPS = 5


@dataclass(frozen=True, slots=True)
class Button:
    """A button: the id that comes back when it is pressed, its label, and whether it shows as pressed."""

    id: str
    label: str
    on: bool = False


Part = str | tuple[Button, ...]
"""Words, written as Markdown, or a row of buttons."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One message. Without any button it is sent as words alone."""

    parts: tuple[Part, ...]

    @property
    def words(self) -> int:
        """How long its words are, in all."""
        return sum(width(part) for part in self.parts if isinstance(part, str))

    @property
    def size(self) -> int:
        """How many parts it has to Discord."""
        return sum(1 if isinstance(part, str) else 1 + len(part) for part in self.parts)

    @property
    def buttons(self) -> tuple[Button, ...]:
        """All its buttons."""
        return tuple(button for part in self.parts if not isinstance(part, str) for button in part)


def speech(text: str) -> list[Sheet]:
    """Words alone, cut at sentences where they are long."""
    return [Sheet((markdown(piece),)) for piece in pieces(text, CONTENT, written)]


def sheets(reply: Reply, ref: Ref, facets: Sequence[Facet], marks: Marks) -> list[Sheet]:
    """A reply: its words and cards in one message where they fit, else one after the other; below the last
    card stands what could be said next."""
    entries = list(enumerate(reply.recommendations, 1))
    cards = [card(entry, number, ref, facets, marks) for number, entry in entries]
    batches = [Sheet(sum(cards[at : at + CARDS], ())) for at in range(0, len(cards), CARDS)]
    chips = says(reply.quick_replies, ref)
    text = markdown(reply.text)
    together = width(text) + sum(batch.words for batch in batches[:1]) <= WORDS
    if not text:
        out = batches
    elif together and (batches or chips):
        out = [Sheet((text, *(batches[0].parts if batches else ()))), *batches[1:]]
    else:
        out = [*speech(reply.text), *batches]
    if out and (row := chips[: max(PARTS - out[-1].size - 1, 0)]):
        out[-1] = Sheet((*out[-1].parts, row))
    return out


def card(
    entry: Recommendation, number: int, ref: Ref, facets: Sequence[Facet], marks: Marks
) -> tuple[str, tuple[Button, ...]]:
    """One item with its reasons, and its buttons."""
    item = entry.item
    lines = [f"### {number}. {linked(short(item.title, _TITLE), item.url)}"]
    if facts := key_facts(item, facets):
        lines.append("-# " + short(" · ".join(facts), _FACTS))
    for reason in sorted(entry.reasons, key=lambda reason: reason.against):
        line = f"{'–' if reason.against else '✓'} {short(reason.text, _REASON)}"
        if width("\n".join([*lines, line])) <= _CARD:
            lines.append(line)
    buttons = tuple(
        Button(ref.press(press, item.id), f"✓ {LABELS[press]}" if on else LABELS[press], on)
        for press in PRESSES
        for on in (marks.on(press, item.id),)
    )
    return "\n".join(lines), buttons


def says(texts: Sequence[str], ref: Ref) -> tuple[Button, ...]:
    """Buttons that say their label for whoever presses; what is too long for a label is left out."""
    fitting = [text for text in dict.fromkeys(map(str.strip, texts)) if 0 < width(text) <= LABEL]
    return tuple(Button(f"g:say:{ref.message}:{at}", text) for at, text in enumerate(fitting[:_CHIPS]))


def why(entry: Recommendation, facets: Sequence[Facet]) -> str:
    """The evidence, as Markdown: which of the person's words met which fact of the item."""
    rows = [f"**Why {short(entry.item.title, _TITLE)}?**"]
    for reason in entry.reasons:
        row = "- " + " → ".join(evidence(reason, facets, short, _EVIDENCE))
        if width("\n".join([*rows, row])) <= CONTENT:
            rows.append(row)
    return "\n".join(rows)


def view_of(sheet: Sheet) -> ui.LayoutView:
    """The sheet as the library sends it.

    Stopped, so that the library keeps none of it: a press is known by the id of its button alone, as after
    a restart."""
    view = ui.LayoutView(timeout=None)
    for part in sheet.parts:
        if isinstance(part, str):
            view.add_item(ui.TextDisplay[ui.LayoutView](part))
            continue
        row = ui.ActionRow[ui.LayoutView]()
        for button in part:
            style = discord.ButtonStyle.success if button.on else discord.ButtonStyle.secondary
            row.add_item(ui.Button(style=style, label=button.label, custom_id=button.id))
        view.add_item(row)
    view.stop()
    return view


def sent(sheet: Sheet) -> dict[str, Any]:
    """What to give to the library's `send` for the sheet."""
    if sheet.buttons:
        return {"view": view_of(sheet)}
    return {
        "content": "\n".join(part for part in sheet.parts if isinstance(part, str)),
        "suppress_embeds": True,
    }
