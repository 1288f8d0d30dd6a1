"""The panels beside the conversation: what is known of a taste, what was saved, past conversations."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from chat.channels.facts import key_facts
from chat.channels.web.cards import Marks, cover
from chat.channels.web.markup import button, icon, safe
from chat.wire import interest_id
from prompts.dialogue import Feeling, Interest
from retrieval.items import Facet, Item

_GROUPS: tuple[tuple[Feeling, str], ...] = (("like", "Likes"), ("dislike", "Dislikes"), ("seen", "Seen"))


class Summary(Protocol):
    """One conversation in the list."""

    @property
    def id(self) -> str: ...
    @property
    def catalogue(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def updated(self) -> datetime: ...


def taste_panel(taste: Sequence[Interest], labels: Mapping[str, str]) -> str:
    """Every entry with the words it came from; each can be turned round or taken out, and new ones added."""
    conditions = [interest for interest in taste if interest.hard]
    groups = [("Must be so", [entry for entry in conditions if entry.feeling == "like"])]
    groups += [("Never", [entry for entry in conditions if entry.feeling == "dislike"])]
    groups += [
        (words, [e for e in taste if e.feeling == feeling and (not e.hard or feeling == "seen")])
        for feeling, words in _GROUPS
    ]
    body = "".join(
        f'<section class="group"><h3>{words}</h3><ul>'
        f"{''.join(_entry(entry, labels) for entry in entries)}</ul></section>"
        for words, entries in groups
        if entries
    )
    nothing = (
        '<p class="note">What I learn about your taste shows up here, with the words it came from. '
        "You can change all of it.</p>"
    )
    return (body or nothing) + _add_form()


def saved_panel(items: Sequence[Item], facets: Sequence[Facet]) -> str:
    """The saved items of this catalogue, each with a way to let it go."""
    if not items:
        return '<p class="note">Nothing saved yet. “Save” on a card keeps it here.</p>'
    rows = "".join(
        f'<li class="kept">{cover(item, facets)}<div><strong dir="auto">{safe(item.title)}</strong>'
        f'<span class="facts">{safe(" · ".join(key_facts(item, facets)[:2]))}</span></div>'
        + button("unsave", "", icon_name="close", classes="bare", label=f"Remove {item.title}", item=item.id)
        + "</li>"
        for item in items
    )
    return f'<ul class="kept-list" aria-label="Saved">{rows}</ul>'


def side_panel(
    names: Sequence[tuple[str, str]],
    catalogue: str,
    conversations: Sequence[Summary],
    current: str | None,
    titles: Mapping[str, str],
    doctor_line: str,
) -> str:
    """The side bar: start anew, the catalogue (`names` are pairs of name and title), past conversations."""
    options = "".join(
        f'<option value="{safe(name)}"{" selected" if name == catalogue else ""}>{safe(title)}</option>'
        for name, title in names
    )
    rows = "".join(_conversation(entry, current, titles) for entry in conversations)
    history = f"<ul>{rows}</ul>" if rows else '<p class="note">Your conversations will be listed here.</p>'
    return (
        '<div class="side-top">'
        + button("new", "New conversation", icon_name="plus", classes="solid wide")
        + '<div class="field"><label for="catalogue-choice">Catalogue</label>'
        + f'<select id="catalogue-choice" data-value="{safe(catalogue)}">{options}</select></div>'
        + button("import", "Bring your own file", icon_name="file", classes="soft wide")
        + f'</div><nav class="history" aria-label="Conversations"><h2>Conversations</h2>{history}</nav>'
        + f'<p class="doctor">{safe(doctor_line)}</p>'
    )


def states(marks: Marks) -> str:
    """Which buttons are pressed, for the page's script: cards already drawn follow it."""
    return f'<div data-states="{safe(json.dumps(marks.states()))}"></div>'


def _entry(interest: Interest, labels: Mapping[str, str]) -> str:
    words = interest.subject or interest.value
    kind = labels.get(interest.kind, "")
    about = f'<span class="kind">{safe(kind)}</span>' if kind else ""
    quote = f'<q dir="auto">{safe(interest.quote)}</q> · ' if interest.quote else ""
    source = f"message {interest.turn}" if interest.quote else "set by hand"
    if not interest.turn:
        source = "from an earlier conversation"
    strength = round(max(0.0, min(1.0, interest.strength)) * 100)
    key = interest_id(interest)
    turned = "dislike" if interest.feeling == "like" else "like"
    turn = (
        button(
            "flip", "", icon_name=interest.feeling, classes=f"bare {interest.feeling}", entry=key,
            label=f"{words}: now {interest.feeling}. Change to {turned}",
        )
        if interest.feeling != "seen"
        else f'<span class="btn bare" aria-hidden="true">{icon("seen")}</span>'
    )  # fmt: skip
    remove = button("forget", "", icon_name="close", classes="bare", label=f"Forget {words}", entry=key)
    return (
        f'<li class="entry">{turn}<div class="entry-words">'
        f'<span class="subject" dir="auto">{safe(words)}</span>'
        f'{about}<span class="source">{quote}{source}</span>'
        f'<span class="meter" role="img" aria-label="Strength {strength} %">'
        f'<i class="w{round(strength / 10)}"></i></span></div>{remove}</li>'
    )


def _add_form() -> str:
    return (
        '<form class="add" data-form="taste"><label for="taste-words">Add in your own words</label>'
        '<div class="add-row"><input id="taste-words" name="words" type="text" maxlength="120" '
        'autocomplete="off" placeholder="slow science fiction">'
        '<button type="submit" class="btn soft" name="feeling" value="like">Like</button>'
        '<button type="submit" class="btn soft" name="feeling" value="dislike">Dislike</button></div></form>'
    )


def _conversation(entry: Summary, current: str | None, titles: Mapping[str, str]) -> str:
    words = entry.title or "New conversation"
    about = titles.get(entry.catalogue, entry.catalogue)
    here = ' aria-current="true"' if entry.id == current else ""
    when = f"{entry.updated.day} {entry.updated:%b}"
    return (
        '<li class="past"><button type="button" class="past-open" data-do="open" '
        f'data-id="{safe(entry.id)}"{here}>'
        f'<span class="past-title" dir="auto">{safe(words)}</span>'
        f'<span class="past-about">{safe(about)} · {safe(when)}</span></button>'
        + button("delete", "", icon_name="close", classes="bare", label=f"Delete “{words}”", id=entry.id)
        + "</li>"
    )
