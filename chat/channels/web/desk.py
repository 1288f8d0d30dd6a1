"""What the page shows after each thing that a person does: events in, HTML out. Keeps nothing of anybody."""

from __future__ import annotations

import logging
import secrets
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from chat.answers import Cards, Done, Event, Sentence
from chat.channels.catalogues import Catalogues, ChannelSettings, Shelf
from chat.channels.examples import examples, greeting
from chat.channels.hand import interest_of
from chat.channels.web import panels, thread
from chat.channels.web.cards import Marks
from chat.channels.web.markup import button, safe
from chat.channels.web.visitor import Visitor, visitor
from chat.conversation import Conversation, Turn
from chat.errors import GenreError, NoSuchConversation
from chat.reply import Recommendation
from chat.service import Service
from chat.wire import interest_id
from prompts.dialogue import Feeling, Interest
from retrieval.errors import RetrievalError

log = logging.getLogger(__name__)

_SORRY = "Something went wrong on this side. Nothing you said is lost: please try again."
_MOST_PAST = 50

Detail = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """The regions of the page; `None` leaves one as it is."""

    browser: dict[str, str | None] | None = None
    thread: str | None = None
    live: str | None = None
    taste: str | None = None
    saved: str | None = None
    side: str | None = None
    states: str | None = None
    notice: str | None = None
    announce: str | None = None

    def regions(self) -> tuple[str | dict[str, str | None] | None, ...]:
        """The regions in the order of the fields."""
        return tuple(getattr(self, name) for name in self.__dataclass_fields__)


class Desk:
    """Turns what a browser sends into what it is to show. Safe to share between all visitors."""

    def __init__(
        self, service: Service, catalogues: Catalogues, settings: ChannelSettings, doctor_line: str
    ) -> None:
        self._service = service
        self._catalogues = catalogues
        self._settings = settings
        self._doctor_line = doctor_line

    def visitor(self, stored: object) -> Visitor:
        """Who the browser's storage says it is."""
        return visitor(stored, list(self._catalogues.names()), self._settings.catalogue)

    # --- the four kinds of events ---------------------------------------------------------------------------

    def arrive(self, stored: object) -> View:
        """The whole page, for a browser that has just loaded it."""
        try:
            return self._page(self.visitor(stored))
        except Exception as error:
            return View(notice=notice(_words(error)))

    def say(self, stored: object, detail: Detail) -> Iterator[View]:
        """The page while a message is answered: the words at once, then the cards, the prose, and the rest.

        `detail["do"]` is `message` (with `text`), `edit` (with `text` and `number`) or `retry`.
        """
        who = self.visitor(stored)
        text = str(detail.get("text") or "").strip()
        cards: tuple[Recommendation, ...] = ()
        said = ""
        look = thread.Look()
        try:
            look = self._look(who, ())
            conversation = self._conversation(who)
            if conversation is None:
                conversation = self._service.start(who.user_id, who.catalogue)
                who = who.at(conversation.id)
            before, text = _before(conversation, detail, text)
            number = len(before) + 1
            look = self._look(who, self._service.taste(who.user_id, conversation.id))
            # `pending` must come before the work, so that the words stand there while we think.
            yield View(
                browser=who.stored(),
                thread=thread.settled(before, look),
                live=thread.pending(text, look),
                notice="",
                announce="",
            )
            for event in self._events(who, conversation, detail, text):
                match event:
                    case Cards(recommendations):
                        cards = recommendations
                    case Sentence(piece):
                        said += piece
                    case Done():
                        break
                yield View(live=thread.pending(text, look, cards, said, number))
            view = self._page(who)
            last = self._last(who)
            yield replace(view, announce=thread.spoken(last.reply, look.nouns) if last and last.reply else "")
        except Exception as error:
            words = _words(error)
            yield View(browser=who.stored(), live=thread.failed(text, words), announce=safe(words))

    def act(self, stored: object, detail: Detail) -> View:
        """The panels after a click on a card or a change of the taste by hand."""
        who = self.visitor(stored)
        try:
            conversation = self._conversation(who)
            started = conversation is None
            if conversation is None:  # a taste may be set before the first word is said
                conversation = self._service.start(who.user_id, who.catalogue)
                who = who.at(conversation.id)
            self._act(who, conversation, detail)
            return replace(self._panels(who), browser=who.stored() if started else None, notice="")
        except Exception as error:
            try:
                panels_now = self._panels(who)
            except Exception:  # the same trouble again: the notice below says it
                panels_now = View()
            return replace(panels_now, notice=notice(_words(error)))

    def go(self, stored: object, detail: Detail) -> View:
        """The page after going elsewhere: another conversation, a new one, another catalogue."""
        who = self.visitor(stored)
        try:
            match detail.get("do"):
                case "open":
                    conversation = self._service.history(who.user_id, str(detail.get("id")))
                    who = who.at(conversation.id, conversation.catalogue)
                case "delete":
                    gone = str(detail.get("id"))
                    self._service.delete(who.user_id, gone)
                    if gone != who.conversation:
                        return View(side=self._side(who), notice="")
                    who = who.at(None)
                case "catalogue":
                    who = self.visitor(who.at(None, str(detail.get("name"))).stored())
                case _:
                    who = who.at(None)
            return self._page(who)
        except Exception as error:
            return View(notice=notice(_words(error)))

    def stop(self, stored: object, detail: Detail) -> View:
        """The page after a reply was stopped: what was kept, or the words with a way to ask again."""
        who = self.visitor(stored)
        text = str(detail.get("text") or "")
        try:
            view = self._page(who)
            last = self._last(who)
            if text and (last is None or last.text != text):
                conversation = self._conversation(who)
                turns = conversation.messages if conversation else ()
                look = self._look(who, ())
                view = replace(view, thread=thread.settled(turns, look), live=thread.stopped(text))
            return replace(view, announce="Stopped.")
        except Exception as error:
            return View(live=thread.stopped(text), notice=notice(_words(error)))

    # --- drawing --------------------------------------------------------------------------------------------

    def _page(self, who: Visitor) -> View:
        conversation = self._conversation(who)
        if conversation is None:
            who = who.at(None)
            shelf = self._shelf(who)
            live = thread.empty(*greeting(shelf), examples(shelf)) if shelf else _no_catalogue()
            return replace(
                self._panels(who), browser=who.stored(), thread="", live=live, notice="", announce=""
            )
        who = who.at(conversation.id, conversation.catalogue)
        taste = self._service.taste(who.user_id, conversation.id)
        look = self._look(who, taste)
        turns = conversation.messages
        shelf = self._shelf(who)
        live = thread.latest(turns[-1], look) if turns else ""
        if not turns and shelf:
            live = thread.empty(*greeting(shelf), examples(shelf))
        return replace(
            self._panels(who),
            browser=who.stored(),
            thread=thread.settled(turns[:-1], look),
            live=live,
            notice="",
            announce="",
        )

    def _panels(self, who: Visitor) -> View:
        shelf = self._shelf(who)
        taste = self._service.taste(who.user_id, who.conversation) if who.conversation else ()
        look = self._look(who, taste)
        kept = [shelf.get(kept) for kept in self._service.saved(who.user_id, who.catalogue)] if shelf else []
        return View(
            taste=panels.taste_panel(taste, look.labels),
            saved=panels.saved_panel([item for item in kept if item is not None], look.facets),
            side=self._side(who),
            states=panels.states(look.marks),
        )

    def _side(self, who: Visitor) -> str:
        names = self._catalogues.names()
        # Not the catalogues' own titles: those would have every one of them opened.
        titles = {name: name.replace("-", " ").replace("_", " ").capitalize() for name in names}
        past = [entry for entry in self._service.conversations(who.user_id) if entry.title][:_MOST_PAST]
        return panels.side_panel(
            list(titles.items()), who.catalogue, past, who.conversation, titles, self._doctor_line
        )

    def _look(self, who: Visitor, taste: Sequence[Interest]) -> thread.Look:
        shelf = self._shelf(who)
        if shelf is None:
            return thread.Look()
        felt = frozenset((entry.value, entry.feeling) for entry in taste if entry.kind == "item")
        marks = Marks(felt, frozenset(self._service.saved(who.user_id, who.catalogue)))
        return thread.Look(tuple(shelf.facets), shelf.nouns, marks)

    def _shelf(self, who: Visitor) -> Shelf | None:
        return self._catalogues.shelf(who.catalogue) if who.catalogue in self._catalogues.names() else None

    # --- what was asked of the service ----------------------------------------------------------------------

    def _conversation(self, who: Visitor) -> Conversation | None:
        """The visitor's conversation, or `None` where there is none (any more)."""
        if who.conversation is None:
            return None
        try:
            return self._service.history(who.user_id, who.conversation)
        except NoSuchConversation:
            return None

    def _last(self, who: Visitor) -> Turn | None:
        conversation = self._conversation(who)
        return conversation.messages[-1] if conversation and conversation.messages else None

    def _events(self, who: Visitor, conversation: Conversation, detail: Detail, text: str) -> Iterator[Event]:
        user, where = who.user_id, conversation.id
        message_id = str(detail.get("message_id") or uuid.uuid4().hex)[:80]
        if detail.get("do") == "retry":
            return self._service.stream_retry(user, where, message_id)
        if detail.get("do") == "edit":
            number = int(detail.get("number") or 0)
            return self._service.stream_edit(user, where, number, text, message_id)
        return self._service.stream(user, where, message_id, text)

    def _act(self, who: Visitor, conversation: Conversation, detail: Detail) -> None:
        user, where = who.user_id, conversation.id
        taste = {interest_id(entry): entry for entry in self._service.taste(user, where)}
        entry = taste.get(str(detail.get("entry")))
        match detail.get("do"):
            case "feedback":
                self._feedback(user, where, taste.values(), detail)
            case "forget" if entry is not None:
                self._service.edit_taste(user, where, entry, None)
            case "flip" if entry is not None:
                turned = replace(entry, feeling="dislike" if entry.feeling == "like" else "like")
                self._service.edit_taste(user, where, entry, turned)
            case "add":
                words = " ".join(str(detail.get("text") or "").split())[:120]
                shelf = self._shelf(who)
                if words and shelf:
                    feeling: Feeling = "dislike" if detail.get("feeling") == "dislike" else "like"
                    new = interest_of(words, feeling, shelf, len(conversation.messages))
                    self._service.edit_taste(user, where, None, new)

    def _feedback(self, user: str, id: str, taste: Any, detail: Detail) -> None:
        item, kind, on = str(detail.get("item")), detail.get("kind"), bool(detail.get("on"))
        if kind == "save":
            self._service.feedback(user, id, item, "save" if on else "unsave")
        elif kind in ("like", "dislike", "seen"):
            if on:
                self._service.feedback(user, id, item, kind)
                return
            for entry in taste:  # pressed again: taken back
                if (entry.kind, entry.value, entry.feeling) == ("item", item, kind):
                    self._service.edit_taste(user, id, entry, None)


def notice(words: str) -> str:
    """A trouble that belongs to no message, with a way to put it aside."""
    close = button("dismiss", "", icon_name="close", classes="bare", label="Dismiss")
    # The mark makes the same trouble show again after it was put aside.
    mark = secrets.token_hex(4)
    return f'<div class="notice" role="alert" data-mark="{mark}"><p>{safe(words)}</p>{close}</div>'


def _words(error: Exception) -> str:
    """The error for people: ours are written for them, others stay in the log."""
    if isinstance(error, (GenreError, RetrievalError)):
        return str(error)
    log.error("The page could not answer", exc_info=error)
    return _SORRY


def _before(conversation: Conversation, detail: Detail, text: str) -> tuple[Sequence[Turn], str]:
    """The exchanges that stay above the one being answered, and the words it answers."""
    turns = conversation.messages
    if detail.get("do") == "retry" and turns:
        return turns[:-1], turns[-1].text
    if detail.get("do") == "edit":
        return [turn for turn in turns if turn.number < int(detail.get("number") or 0)], text
    return turns, text


def _no_catalogue() -> str:
    return thread.empty(
        "Welcome.", "There is no catalogue here yet: bring your own file, and we can talk about it.", ()
    )
