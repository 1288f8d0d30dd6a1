"""The conversation as HTML: every exchange is a person's message, the cards it led to, and the prose."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from chat.channels.web.cards import Marks, recommendation_card
from chat.channels.web.markup import button, prose, safe
from chat.conversation import Turn
from chat.reply import Recommendation, Reply
from retrieval.items import Facet

#: Messages shown at once; a longer conversation keeps its older ones in the store.
SHOWN = 40


@dataclass(frozen=True, slots=True)
class Look:
    """What drawing an exchange needs to know about the catalogue and the person."""

    facets: Sequence[Facet] = ()
    nouns: str = "items"
    marks: Marks = field(default_factory=Marks)

    @property
    def labels(self) -> Mapping[str, str]:
        return MappingProxyType({facet.name: facet.label for facet in self.facets})


def settled(turns: Sequence[Turn], look: Look) -> str:
    """Finished exchanges, without what can only be done about the latest."""
    older = list(turns)
    hidden = max(0, len(older) - SHOWN)
    note = f'<p class="earlier">{hidden} earlier messages are kept but not shown.</p>' if hidden else ""
    return note + "".join(_exchange(turn, look) for turn in older[hidden:])


def latest(turn: Turn, look: Look) -> str:
    """The last exchange, with what can be done about it: quick replies, try again, edit."""
    reply = turn.reply
    return (
        '<div data-state="done">'
        + _user(turn.text, edit=turn.number)
        + (_assistant(reply, look, turn.number, last=True) if reply else "")
        + (_chips(reply.quick_replies) if reply else "")
        + "</div>"
    )


def pending(
    text: str, look: Look, recommendations: Sequence[Recommendation] = (), words: str = "", turn: int = 0
) -> str:
    """An exchange whose reply is still arriving."""
    body = _cards(recommendations, look, turn)
    said = f'<div class="words">{prose(words)}</div>' if words else ""
    waiting = '<p class="waiting"><span class="dots" aria-hidden="true"><i></i><i></i><i></i></span>'
    waiting += f'<span class="quiet-words">{"Writing" if body else "Looking"}…</span></p>'
    return f'<div data-state="streaming">{_user(text)}<div class="reply">{body}{said}{waiting}</div></div>'


def failed(text: str, message: str) -> str:
    """An exchange that could not be answered, with the words kept and a way to try again."""
    again = button("again", "Try again", icon_name="retry", classes="soft", text=text)
    return (
        f'<div data-state="failed">{_user(text)}'
        f'<div class="reply"><div class="trouble" role="alert"><p>{safe(message)}</p>{again}</div>'
        "</div></div>"
    )


def stopped(text: str) -> str:
    """An exchange that the person stopped before it was answered."""
    again = button("again", "Ask again", icon_name="retry", classes="soft", text=text)
    said = f'<div class="reply"><p class="note">Stopped.</p>{again}</div>'
    return f'<div data-state="stopped">{_user(text)}{said}</div>'


def empty(greeting: str, about: str, examples: Sequence[str]) -> str:
    """The start of a conversation: one warm line and a few requests to try."""
    chips = "".join(
        f"<li>{button('say', example, classes='example', text=example)}</li>" for example in examples
    )
    return (
        f'<div data-state="empty" class="empty"><h2>{safe(greeting)}</h2><p>{safe(about)}</p>'
        f'<ul class="examples" aria-label="Things to try">{chips}</ul></div>'
    )


def spoken(reply: Reply, nouns: str) -> str:
    """The finished reply for a screen reader to say once."""
    titles = ", ".join(entry.item.title for entry in reply.recommendations)
    return safe(f"{reply.text} {f'Suggested {nouns}: {titles}.' if titles else ''}".strip())


def _exchange(turn: Turn, look: Look) -> str:
    said = _assistant(turn.reply, look, turn.number, last=False) if turn.reply else ""
    return f'<div class="exchange">{_user(turn.text)}{said}</div>'


def _user(text: str, edit: int | None = None) -> str:
    change = (
        button(
            "edit", "", icon_name="edit", label="Edit this message", classes="bare", number=edit, text=text
        )
        if edit is not None
        else ""
    )
    return (
        f'<div class="said">{change}<div class="bubble" dir="auto">'
        f'<span class="quiet-words">You said: </span>{safe(text)}</div></div>'
    )


def _assistant(reply: Reply, look: Look, turn: int, *, last: bool) -> str:
    again = button("retry", "Try again", icon_name="retry", classes="bare") if last else ""
    foot = f'<p class="foot"><span class="voice">{safe(voice_words(reply.voice))}</span>{again}</p>'
    cards = _cards(reply.recommendations, look, turn)
    return f'<div class="reply">{cards}<div class="words">{prose(reply.text)}</div>{foot}</div>'


def _cards(entries: Sequence[Recommendation], look: Look, turn: int) -> str:
    if not entries:
        return ""
    cards = "".join(
        recommendation_card(number, entry, look.facets, look.marks, look.labels, turn)
        for number, entry in enumerate(entries, 1)
    )
    return f'<ol class="cards" aria-label="Suggested {safe(look.nouns)}">{cards}</ol>'


def _chips(replies: Sequence[str]) -> str:
    if not replies:
        return ""
    chips = "".join(f"<li>{button('say', words, classes='chip', text=words)}</li>" for words in replies)
    return f'<ul class="chips" aria-label="Quick replies">{chips}</ul>'


def voice_words(voice: str) -> str:
    """Who worded the reply, for people."""
    return "plain voice" if voice == "plain" else voice
