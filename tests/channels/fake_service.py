"""A small working recommender for the channels: real catalogues, plain matching.

It answers without any model: words of a message that are values of the catalogue's facets become likes (after
"no" or "not": dislikes), and items with most liked values and none of the disliked are recommended.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path

from pydantic import SecretStr

from chat.conversation import Conversation, Turn
from chat.reply import Fact, Reason, Recommendation, Reply
from chat.taste import faded, profile_of
from prompts.dialogue import Feeling, Interest, Reading
from retrieval.browse import Browser
from retrieval.catalogue import Catalogue, CatalogueStore
from retrieval.filters import FacetTable
from retrieval.importing import ImportReport, Preview, import_file, preview
from retrieval.items import Item
from retrieval.lexical import LexicalIndex


class FakeCatalogues:
    """Catalogues in a folder, without any index."""

    def __init__(self, root: Path) -> None:
        self._store = CatalogueStore(root)
        self._open: dict[str, Catalogue] = {}
        self._browsers: dict[str, Browser] = {}

    def names(self) -> list[str]:
        return list(self._store.names())

    def shelf(self, name: str, /) -> Catalogue:
        if name not in self._open:
            self._open[name] = self._store.open(name)
        return self._open[name]

    def browser(self, name: str, /) -> Browser:
        if name not in self._browsers:
            shelf = self.shelf(name)
            table = FacetTable(shelf.items, shelf.facets)
            scores = LexicalIndex.build(shelf.items, shelf.facets).scores
            self._browsers[name] = Browser(shelf.items, shelf.facets, table, scores)
        return self._browsers[name]

    def preview(self, path: Path, schema_toml: str | None = None, /) -> Preview:
        return preview(path, self._schema(schema_toml))

    def add(
        self,
        path: Path,
        name: str,
        schema_toml: str | None = None,
        progress: Callable[[int, int], None] | None = None,
        /,
    ) -> ImportReport:
        return import_file(path, self._store, name, self._schema(schema_toml), progress)

    def _schema(self, toml: str | None) -> Path | None:
        if toml is None:
            return None
        path = self._store.root / f"{uuid.uuid4().hex}.genre.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(toml, encoding="utf-8")
        return path


class FakeManager:
    """Answers by matching words. `hold` makes it wait before it answers, until it is set."""

    def __init__(self, shelf: Catalogue, hold: threading.Event | None = None) -> None:
        self.shelf = shelf
        self._hold = hold

    def respond(
        self, conversation: Conversation, earlier: Sequence[Turn], text: str, message_id: str, now: datetime
    ) -> Turn:
        if self._hold is not None and "slowly" in text:
            self._hold.wait(30)
        number = len(conversation.messages) + 1
        reading = Reading("request", tuple(self._interests(text, number)))
        before = (*conversation.turns, Turn(number, now, message_id, text, reading))
        taste = profile_of(before, earlier)
        never = taste.excluded | set(conversation.shown)
        entries = [
            entry
            for item in self.shelf.items
            if item.id not in never and (entry := self._entry(item, taste.interests))
        ]
        entries = sorted(entries, key=lambda entry: (-entry.score, entry.item.id))[:4]
        words = "Here is what I would pick. Each has a reason that you can check."
        if not entries:
            words = "I could not match that yet. What kind do you like?"
        kinds = [facet for facet in self.shelf.facets if facet.kind == "category"]
        chips = (
            tuple(f"More {value}" for value in list(self.shelf.values(kinds[0].name))[:3]) if kinds else ()
        )
        reply = Reply(words, "recommend" if entries else "ask", tuple(entries), chips)
        return Turn(number, now, message_id, text, reading, reply, timings={"respond": 0.001})

    def taste(self, conversation: Conversation, earlier: Sequence[Turn] = ()) -> tuple[Interest, ...]:
        return faded(profile_of(conversation.turns, earlier), len(conversation.messages))

    def _interests(self, text: str, number: int) -> list[Interest]:
        found = []
        for facet in self.shelf.facets:
            if facet.kind not in ("category", "people"):
                continue
            for value in self.shelf.values(facet.name):
                if value.casefold() not in text.casefold():
                    continue
                match = re.search(rf"(\b(?:no|not|without)\s+)?\b{re.escape(value)}\b", text, re.IGNORECASE)
                if match:
                    feeling: Feeling = "dislike" if match[1] else "like"
                    found.append(
                        Interest(value, facet.name, feeling, 0.8, match[0], number, bool(match[1]), value)
                    )
        return found

    def _entry(self, item: Item, interests: Sequence[Interest]) -> Recommendation | None:
        for_it = [
            entry for entry in interests if entry.feeling == "like" and entry.value in item.values(entry.kind)
        ]
        against = [
            entry
            for entry in interests
            if entry.feeling == "dislike" and entry.value in item.values(entry.kind)
        ]
        if not for_it or any(entry.hard for entry in against):
            return None
        reasons = [_reason(entry, "you like it", False) for entry in for_it]
        reasons += [_reason(entry, "you would rather not", True) for entry in against]
        return Recommendation(item, tuple(reasons), float(len(for_it) - len(against)))


def managers(catalogues: FakeCatalogues, hold: threading.Event | None = None) -> Callable[[str], FakeManager]:
    """The manager of each catalogue, as the service wants them."""
    return lambda name: FakeManager(catalogues.shelf(name), hold)


class FakeSettings:
    """What the channels ask of the settings."""

    catalogue = "films"
    max_message_chars = 400
    upload_max_mb = 2
    allow_origins: Sequence[str] = ()
    host = "127.0.0.1"
    api_keys: Sequence[SecretStr] = ()
    api_requests_per_minute = 0
    api_messages_per_minute = 0
    api_concurrency = 16
    api_max_body_kb = 64


def _reason(interest: Interest, words: str, against: bool) -> Reason:
    return Reason(interest, Fact(interest.kind, interest.value), f"{interest.value}: {words}", against)
