"""A recommendation as a card: what it is, why it is here, what speaks against it, what one can do with it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from chat.channels.facts import key_facts, main_kind
from chat.channels.web.markup import address, button, icon, safe
from chat.channels.web.poster import poster
from chat.reply import Reason, Recommendation
from retrieval.items import Facet, Item

_SHOWN_REASONS = 3


@dataclass(frozen=True, slots=True)
class Marks:
    """What a person holds of items, by click or word: pairs of id and feeling, and the saved ids."""

    felt: frozenset[tuple[str, str]] = frozenset()
    saved: frozenset[str] = frozenset()

    def states(self) -> dict[str, list[str]]:
        """Which ids each button is pressed for, as the page's script reads it."""
        of = {
            kind: sorted(item_id for item_id, feeling in self.felt if feeling == kind)
            for kind in ("like", "dislike", "seen")
        }
        return {**of, "save": sorted(self.saved)}


def recommendation_card(
    number: int,
    entry: Recommendation,
    facets: Sequence[Facet],
    marks: Marks,
    labels: Mapping[str, str],
    turn: int = 0,
) -> str:
    """One list entry. `labels` are the facets' names for people; `turn` and `number` make its ids unique."""
    item = entry.item
    pros = [reason for reason in entry.reasons if not reason.against][:_SHOWN_REASONS]
    cons = [reason for reason in entry.reasons if reason.against]
    reasons = "".join(_reason(reason) for reason in [*pros, *cons])
    why = f"why-{turn}-{number}"
    return (
        f'<li class="card" data-card="{safe(item.id)}">{cover(item, facets)}<div class="card-body">'
        f"{_heading(item, 'h2', number)}{_facts(item, facets)}"
        f'<ul class="reasons" aria-label="Reasons">{reasons}</ul>'
        f"{_actions(item, marks, why)}{_why(entry, labels, why)}</div></li>"
    )


def item_card(item: Item, facets: Sequence[Facet]) -> str:
    """An item by itself, as in the preview of an import."""
    text = f'<p class="card-text" dir="auto">{safe(_cut(item.text, 160))}</p>' if item.text else ""
    return (
        f'<li class="card">{cover(item, facets)}<div class="card-body">'
        f"{_heading(item, 'h3')}{_facts(item, facets)}{text}</div></li>"
    )


def cover(item: Item, facets: Sequence[Facet]) -> str:
    """The item's picture over its drawn cover, which stays where the picture can't be loaded."""
    picture = address(item.image)
    image = (
        f'<img src="{picture}" alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer">'
        if picture
        else ""
    )
    return f'<div class="cover" aria-hidden="true">{poster(item.title, main_kind(item, facets))}{image}</div>'


def _heading(item: Item, level: str, number: int | None = None) -> str:
    title = f'<span dir="auto">{safe(item.title)}</span>'
    link = address(item.url)
    if link:
        title = (
            f'<a href="{link}" target="_blank" rel="noopener noreferrer nofollow">{title}'
            f'{icon("link")}<span class="quiet-words">(opens a new page)</span></a>'
        )
    before = f'<span class="rank" aria-hidden="true">{number}</span>' if number else ""
    return f'<{level} class="title">{before}{title}</{level}>'


def _facts(item: Item, facets: Sequence[Facet]) -> str:
    facts = key_facts(item, facets)
    if not facts:
        return ""
    words = "".join(f'<span dir="auto">{safe(fact)}</span>' for fact in facts)
    return f'<p class="facts"><span class="run">{words}</span></p>'


def _reason(reason: Reason) -> str:
    which, words = ("against", "Against: ") if reason.against else ("for", "")
    said = f'<span class="quiet-words">{words}</span>' if words else ""
    return f'<li class="{which}">{icon(which)}<span dir="auto">{said}{safe(reason.text)}</span></li>'


def _actions(item: Item, marks: Marks, why: str) -> str:
    felt = {feeling for item_id, feeling in marks.felt if item_id == item.id}
    buttons = "".join(
        button(
            "feedback", words, icon_name=kind, classes="act", pressed=on, item=item.id, kind=kind,
            label=f"{words}: {item.title}",
        )
        for kind, words, on in (
            ("like", "Like", "like" in felt),
            ("dislike", "Not for me", "dislike" in felt),
            ("seen", "Seen it", "seen" in felt),
            ("save", "Save", item.id in marks.saved),
        )
    )  # fmt: skip
    ask = (
        f'<button type="button" class="btn act" data-do="why" aria-expanded="false" aria-controls="{why}" '
        f'aria-label="{safe(f"Why this? {item.title}")}">{icon("why")}<span>Why this?</span></button>'
    )
    return (
        f'<div class="actions" role="group" aria-label="{safe(f"About {item.title}")}">{buttons}{ask}</div>'
    )


def _why(entry: Recommendation, labels: Mapping[str, str], why: str) -> str:
    """The evidence: which of the person's words met which fact of the item."""
    rows = "".join(_evidence(reason, labels) for reason in entry.reasons)
    more = button(
        "say", "Tell me more", classes="link", label=f"Tell me more about {entry.item.title}",
        text=f"Tell me more about {entry.item.title}",
    )  # fmt: skip
    return f'<div class="why" id="{why}" hidden><dl>{rows}</dl><p class="why-more">{more}</p></div>'


def _evidence(reason: Reason, labels: Mapping[str, str]) -> str:
    said = reason.interest.quote or reason.interest.subject
    where = f" (message {reason.interest.turn})" if reason.interest.turn else ""
    label = labels.get(reason.fact.facet, "description" if reason.fact.facet == "text" else reason.fact.facet)
    tail = " — this speaks against it" if reason.against else ""
    return (
        f'<div><dt>You said <q dir="auto">{safe(_cut(said, 120))}</q>{safe(where)}</dt>'
        f'<dd>{safe(label)}: <span dir="auto">{safe(_cut(reason.fact.value, 240))}</span>{tail}</dd></div>'
    )


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1].rsplit(" ", 1)[0] + "…"
