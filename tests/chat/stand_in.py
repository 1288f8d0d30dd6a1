"""A small manager that really answers: words of the catalogue become interests, and a list comes of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from threading import Event

from chat.conversation import Conversation, Turn
from chat.reply import Fact, Reason, Recommendation, Reply
from chat.taste import faded, profile_of
from prompts.dialogue import Interest, Reading
from retrieval.items import Item

ITEMS = (
    Item("heat", "Heat", {"genres": ("crime",)}),
    Item("ran", "Ran", {"genres": ("war",)}),
    Item("up", "Up", {"genres": ("comedy",)}),
    Item("ronin", "Ronin", {"genres": ("crime",)}),
)


class StandInShelf:
    """Four films."""

    def get(self, id: str, /) -> Item | None:
        return next((item for item in ITEMS if item.id == id), None)


class StandIn:
    """Answers with two items that the person hasn't seen or refused; those of a liked genre come first.

    `before` is called with each text before it is answered, to wait or to fail. `answered` are the texts.
    """

    shelf = StandInShelf()

    def __init__(self, before: Callable[[str], object] = lambda text: None) -> None:
        self.before = before
        self.answered: list[str] = []
        self.earlier: tuple[Turn, ...] = ()

    def respond(
        self,
        conversation: Conversation,
        earlier: Sequence[Turn],
        text: str,
        message_id: str,
        now: datetime,
        /,
    ) -> Turn:
        self.before(text)
        self.earlier = tuple(earlier)
        self.answered.append(text)
        number = len(conversation.messages) + 1
        found = [
            Interest(genre, "genres", "like", 0.8, text, number, value=genre)
            for genre in ("crime", "war", "comedy")
            if genre in text
        ]
        turn = Turn(number, now, message_id, text, Reading("request", tuple(found)))
        taste = profile_of((*conversation.turns, turn), earlier)
        liked = {entry.value for entry in taste.interests}
        free = [item for item in ITEMS if item.id not in taste.excluded]
        free.sort(key=lambda item: -len(liked.intersection(map(str, item.values("genres")))))
        reason = Reason(Interest("any", "text", "like", 1, text, number), Fact("text", "x"), "You asked.")
        entries = tuple(Recommendation(item, (reason,), 1.0) for item in free[:2])
        words = "Here are some films. " + " ".join(f"{entry.item.title} is one." for entry in entries)
        return replace(turn, reply=Reply(words, "recommend" if entries else "ask", entries))

    def taste(self, conversation: Conversation, earlier: Sequence[Turn], /) -> tuple[Interest, ...]:
        return faded(profile_of(conversation.turns, earlier), len(conversation.messages))


class StreamingStandIn(StandIn):
    """The same, bit by bit. `stopped` is set when it is told to stop before the end."""

    def __init__(self, before: Callable[[str], object] = lambda text: None) -> None:
        super().__init__(before)
        self.stopped = Event()

    def stream(
        self,
        conversation: Conversation,
        earlier: Sequence[Turn],
        text: str,
        message_id: str,
        now: datetime,
        /,
    ) -> Iterator[tuple[Recommendation, ...] | str | Turn]:
        # Held on to, so that it ends when it is closed and not when it is forgotten.
        self.running = self._pieces(conversation, earlier, text, message_id, now)
        return self.running

    def _pieces(
        self, conversation: Conversation, earlier: Sequence[Turn], text: str, message_id: str, now: datetime
    ) -> Iterator[tuple[Recommendation, ...] | str | Turn]:
        try:
            turn = self.respond(conversation, earlier, text, message_id, now)
            assert turn.reply is not None
            yield turn.reply.recommendations
            for word in turn.reply.text.split(" "):
                yield word + " "
            reply = replace(turn.reply, text=turn.reply.text + " ")
            yield replace(turn, reply=reply)
        except GeneratorExit:
            self.stopped.set()
            raise
