"""All that a channel may call. A conversation answers one message at a time, and keeps what it answered."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol, get_args, runtime_checkable

from chat.answers import Answer, Cards, Done, Event, Sentence, last_answer, relayed, sentences
from chat.conversation import Conversation, Feedback, FeedbackKind, TasteEdit, Turn
from chat.errors import GenreError, NoSuchConversation, NoSuchItem
from chat.outcomes import stood_out
from chat.replay import Replays
from chat.reply import Reason, Recommendation
from chat.store.protocol import ID_CHARS, ConversationStore, ConversationSummary, is_id
from chat.turnstile import Turnstile
from chat.wire import Items, repaired
from prompts.dialogue import Interest, Reading, Retraction

__all__ = (
    "Answer",
    "BadMessage",
    "Cards",
    "Done",
    "Event",
    "ExplainingManager",
    "Manager",
    "MessageTooLong",
    "Sentence",
    "Service",
    "StreamingManager",
)


class BadMessage(GenreError):
    """A message, or another thing said by a channel, that can't be taken as it is."""


class MessageTooLong(BadMessage):
    """A message of more characters than are taken."""


class Manager(Protocol):
    """What answers: one for each catalogue."""

    @property
    def shelf(self) -> Items:
        """The catalogue's items."""

    def respond(
        self,
        conversation: Conversation,
        earlier: tuple[Turn, ...],
        text: str,
        message_id: str,
        now: datetime,
        /,
    ) -> Turn:
        """The next message of the conversation with its reading and reply."""

    def taste(self, conversation: Conversation, earlier: tuple[Turn, ...], /) -> tuple[Interest, ...]:
        """The taste by now."""


@runtime_checkable
class ExplainingManager(Protocol):
    """A manager that also says what speaks for and against a single item."""

    def explain(
        self, conversation: Conversation, earlier: tuple[Turn, ...], item_id: str, /
    ) -> tuple[Reason, ...]:
        """The reasons for the item by the taste as it is now, then those against it."""


@runtime_checkable
class StreamingManager(Protocol):
    """A manager that also answers bit by bit. Others answer at once, and are streamed all the same."""

    def stream(
        self,
        conversation: Conversation,
        earlier: tuple[Turn, ...],
        text: str,
        message_id: str,
        now: datetime,
        /,
    ) -> Iterator[tuple[Recommendation, ...] | str | Turn]:
        """First the recommendations, if any, then the words piece by piece, and last the turn as it is kept.
        Closing the iterator stops the work."""


class Service:
    """Conversations for channels, safe to call from any thread.

    A conversation belongs to one `user_id`; every method that is given somebody else's raises
    `NoSuchConversation`, just as for one that doesn't exist. Whatever else goes wrong on purpose is a
    `GenreError` whose message may be shown to people.
    """

    def __init__(
        self,
        store: ConversationStore,
        managers: Callable[[str], Manager],
        clock: Callable[[], datetime],
        *,
        max_message_chars: int = 2000,
        wait_seconds: float = 30.0,
        new_id: Callable[[], str] = lambda: secrets.token_urlsafe(16),
    ) -> None:
        """`managers` gives the manager of a catalogue by name, and raises for a name that it doesn't know.
        `wait_seconds` is how long a message waits for the one before it. `new_id` must not be guessable."""
        self._store = store
        self._managers = managers
        self._clock = clock
        self._max_chars = max_message_chars
        # Two gates: answering may take a model's time, and a click doesn't wait for that. Writing takes none.
        self._answering = Turnstile(wait_seconds)
        self._writing = Turnstile(wait_seconds)
        self._new_id = new_id
        self._replays = Replays(clock)

    # ------------------------------------------------------------ talking

    def start(self, user_id: str, catalogue: str) -> Conversation:
        """A new, empty conversation about a catalogue."""
        _check_id("user_id", user_id)
        self._managers(catalogue)  # raises here rather than at the first message
        conversation = Conversation(self._new_id(), user_id, catalogue, self._clock())
        self._store.create(conversation)
        return conversation

    def open(self, user_id: str, conversation_id: str, catalogue: str) -> Conversation:
        """The conversation of that id, started about the catalogue where there is none yet: for channels
        whose threads have names of their own. Raises `NoSuchConversation` where it is somebody else's."""
        with suppress(NoSuchConversation):
            return self._store.load(conversation_id, user_id)
        _check_id("user_id", user_id)
        _check_id("conversation_id", conversation_id)
        self._managers(catalogue)
        with suppress(ValueError):  # the id is taken: another process was quicker, or it is somebody else's
            self._store.create(Conversation(conversation_id, user_id, catalogue, self._clock()))
        return self._store.load(conversation_id, user_id)

    def respond(self, user_id: str, conversation_id: str, message_id: str, text: str) -> Answer:
        """Answers one message and keeps the turn before it returns.

        A message id that was answered before gets the same answer again, without any work, so a channel may
        repeat a message whose answer it lost. Raises `BadMessage` for text that can't be taken (empty, too
        long, with control characters) and `Busy` where the message before it takes too long."""
        return last_answer(self.stream(user_id, conversation_id, message_id, text))

    def stream(self, user_id: str, conversation_id: str, message_id: str, text: str) -> Iterator[Event]:
        """As `respond`, bit by bit: `Cards` if there are any, every `Sentence`, and `Done`.

        What can be refused at once is refused by this call, before the first event. All is kept before
        `Done`. Closing the iterator early stops a manager that streams, and then nothing of the message is
        kept; one that answers at once has its turn kept before the first event."""
        return self._stream(user_id, conversation_id, message_id, text)

    def retry(self, user_id: str, conversation_id: str, message_id: str | None = None) -> Answer:
        """Answers the latest message anew, as an edit to the same words. Raises `BadMessage` without one."""
        return last_answer(self.stream_retry(user_id, conversation_id, message_id))

    def stream_retry(
        self, user_id: str, conversation_id: str, message_id: str | None = None
    ) -> Iterator[Event]:
        """As `retry`, bit by bit."""
        conversation = self._store.load(conversation_id, user_id)
        if message_id is not None and (kept := _answered(conversation, message_id)) is not None:
            return self.stream(user_id, conversation_id, message_id, kept.text)
        if not conversation.messages:
            raise BadMessage("There is nothing to try again: this conversation has no message yet.")
        last = conversation.messages[-1]
        return self.stream_edit(user_id, conversation_id, last.number, last.text, message_id)

    def edit_message(
        self, user_id: str, conversation_id: str, number: int, text: str, message_id: str | None = None
    ) -> Answer:
        """Says message `number` in other words: it and what followed give way to the new text's answer.

        Clicks and edits of the taste stay: they were made by hand, and an item that was refused must not come
        back. Where the answer fails, all is left as it was. `message_id`, a new one, makes repeating
        harmless. Raises `BadMessage` where there is no such message."""
        return last_answer(self.stream_edit(user_id, conversation_id, number, text, message_id))

    def stream_edit(
        self, user_id: str, conversation_id: str, number: int, text: str, message_id: str | None = None
    ) -> Iterator[Event]:
        """As `edit_message`, bit by bit."""
        return self._stream(user_id, conversation_id, message_id or self._new_id(), text, number)

    # ------------------------------------------------------------ talking without being kept

    def replay(self, catalogue: str, texts: Sequence[str]) -> Answer:
        """The answer to the last of a person's messages, by those before it and nothing else.

        For callers that keep the history themselves: the same messages get the same answer, and nothing of
        them is stored. Earlier messages that can't be taken are passed over. Raises `BadMessage` where the
        last can't."""
        conversation = self._replayed(catalogue, texts)
        turn = conversation.turns[-1]
        return Answer(conversation.id, catalogue, turn, self._managers(catalogue).taste(conversation, ()))

    def explain(self, catalogue: str, texts: Sequence[str], item_id: str) -> tuple[Reason, ...]:
        """What speaks for the item and against it, by a person's messages; nothing of them is stored.

        Raises `NoSuchItem`, and `BadMessage` as `replay` does."""
        manager = self._managers(catalogue)
        if manager.shelf.get(item_id) is None:
            raise _no_item(catalogue, item_id)
        conversation = self._replayed(catalogue, texts)
        return manager.explain(conversation, (), item_id) if isinstance(manager, ExplainingManager) else ()

    # ------------------------------------------------------------ clicks and edits

    def feedback(self, user_id: str, conversation_id: str, item_id: str, kind: FeedbackKind) -> Answer:
        """Keeps a click on an item. Raises `NoSuchItem` for one that the catalogue doesn't hold."""
        if kind not in get_args(FeedbackKind):
            kinds = ", ".join(get_args(FeedbackKind))
            raise BadMessage(f"There is no click {repaired(str(kind))[:40]!r}, expected one of {kinds}.")
        conversation = self._store.load(conversation_id, user_id)
        if self._managers(conversation.catalogue).shelf.get(item_id) is None:
            raise _no_item(conversation.catalogue, item_id)
        apart = stood_out(conversation, item_id)
        return self._click(user_id, conversation_id, feedback=Feedback(item_id, kind, apart))

    def edit_taste(
        self, user_id: str, conversation_id: str, before: Interest | None, after: Interest | None
    ) -> Answer:
        """Changes an entry of the taste, adds one (`before is None`) or removes one (`after is None`)."""
        if before is None and after is None:
            raise BadMessage("The change of the taste is empty: give the entry before it, after it, or both.")
        return self._click(user_id, conversation_id, edit=TasteEdit(before, after))

    def forget_taste(self, user_id: str, conversation_id: str) -> Answer:
        """Forgets the whole taste, as "forget everything" does; what was saved stays."""
        forgetting = Reading("taste", retractions=(Retraction(),))
        return self._click(user_id, conversation_id, reading=forgetting)

    # ------------------------------------------------------------ looking

    def taste(self, user_id: str, conversation_id: str) -> tuple[Interest, ...]:
        """What is known of the person's taste in this conversation."""
        conversation = self._store.load(conversation_id, user_id)
        return self._managers(conversation.catalogue).taste(conversation, self._earlier(conversation))

    def history(self, user_id: str, conversation_id: str) -> Conversation:
        """The conversation with all its turns."""
        return self._store.load(conversation_id, user_id)

    def conversations(self, user_id: str, limit: int = 50) -> list[ConversationSummary]:
        """The person's conversations, the latest used first."""
        return self._store.list(user_id, limit)

    def knows(self, user_id: str) -> bool:
        """Whether anything is kept about the person."""
        return bool(self._store.list(user_id, 1))

    def saved(self, user_id: str, catalogue: str) -> tuple[str, ...]:
        """The ids of the items that the person saved, the latest saved last."""
        return self._store.saved(user_id, catalogue)

    # ------------------------------------------------------------ what people own

    def delete(self, user_id: str, conversation_id: str) -> None:
        """Forgets one conversation, with what was learned and saved in it. A message that is being answered
        there just now fails and is not kept."""
        self._store.delete(conversation_id, user_id)

    def export(self, user_id: str) -> dict[str, Any]:
        """All that is kept about the person, ready for JSON."""
        return self._store.export(user_id)

    def erase(self, user_id: str) -> None:
        """Forgets all about the person. A message that is being answered just now fails and is not kept."""
        self._store.erase(user_id)

    def ping(self) -> None:
        """Returns if conversations can be kept; raises `StoreError` if not."""
        self._store.ping()

    # ------------------------------------------------------------ inside

    def _stream(
        self, user_id: str, conversation_id: str, message_id: str, text: str, replacing: int | None = None
    ) -> Iterator[Event]:
        """Refuses what can't be answered, then gives the events."""
        words = self._checked(text)
        _check_id("message_id", message_id)
        conversation = self._store.load(conversation_id, user_id)
        if _answered(conversation, message_id) is None:
            _without(conversation, replacing)
        return self._events(user_id, conversation_id, message_id, words, replacing)

    def _events(
        self, user_id: str, conversation_id: str, message_id: str, text: str, replacing: int | None
    ) -> Iterator[Event]:
        told = False
        with self._answering.passing((user_id, conversation_id)):
            conversation = self._store.load(conversation_id, user_id)
            earlier = self._earlier(conversation)
            turn = _answered(conversation, message_id)
            if turn is None:
                so_far, now = _without(conversation, replacing), self._clock()
                manager = self._managers(conversation.catalogue)
                if isinstance(manager, StreamingManager):
                    turn = yield from relayed(manager.stream(so_far, earlier, text, message_id, now))
                    told = True
                else:
                    turn = manager.respond(so_far, earlier, text, message_id, now)
                turn = self._keep(user_id, conversation_id, turn, replacing)
                conversation = replace(so_far, turns=(*so_far.turns, turn))
        # From here on nothing is held: a slow reader keeps nobody waiting.
        answer = self._answer(conversation, turn, earlier)
        if not told and turn.reply is not None:
            if turn.reply.recommendations:
                yield Cards(turn.reply.recommendations)
            yield from map(Sentence, sentences(turn.reply.text))
        yield Done(answer)

    def _keep(self, user_id: str, conversation_id: str, turn: Turn, replacing: int | None) -> Turn:
        """Stores the turn and returns it, or the one that another process has stored under its message id."""
        with self._writing.passing((user_id, conversation_id)):
            if replacing is None:
                if self._store.append(conversation_id, user_id, turn):
                    return turn
                kept = _answered(self._store.load(conversation_id, user_id), turn.message_id)
                if kept is None:
                    raise BadMessage(
                        "The message_id names a click: expected one that was not used here before."
                    )
                return kept
            # Loaded again: clicks don't wait for an answer, so there may be new ones.
            conversation = self._store.load(conversation_id, user_id)
            moved = _without(conversation, replacing).turns[_count_before(conversation, replacing) :]
            self._store.replace_from(conversation_id, user_id, replacing, (*moved, turn))
            return turn

    def _click(
        self,
        user_id: str,
        conversation_id: str,
        *,
        feedback: Feedback | None = None,
        edit: TasteEdit | None = None,
        reading: Reading | None = None,
    ) -> Answer:
        with self._writing.passing((user_id, conversation_id)):
            conversation = self._store.load(conversation_id, user_id)
            number = max((turn.number for turn in conversation.messages), default=0)
            turn = Turn(number, self._clock(), self._new_id(), reading=reading, feedback=feedback, edit=edit)
            self._store.append(conversation_id, user_id, turn)
        after = replace(conversation, turns=(*conversation.turns, turn))
        return self._answer(after, turn, self._earlier(after))

    def _replayed(self, catalogue: str, texts: Sequence[str]) -> Conversation:
        """The conversation of the messages that can be taken; the last one has to be."""
        earlier = [words for text in texts[:-1] if (words := self._passable(text))]
        last = self._checked(texts[-1] if texts else "")
        return self._replays.conversation(self._managers(catalogue), catalogue, [*earlier, last])

    def _passable(self, text: str) -> str:
        try:
            return self._checked(text)
        except BadMessage:
            return ""

    def _answer(self, conversation: Conversation, turn: Turn, earlier: tuple[Turn, ...]) -> Answer:
        """The answer with the taste as it was right after the turn: asked for again, it is the same."""
        place = [entry.message_id for entry in conversation.turns].index(turn.message_id) + 1
        then = replace(conversation, turns=conversation.turns[:place])
        taste = self._managers(conversation.catalogue).taste(then, earlier)
        return Answer(conversation.id, conversation.catalogue, turn, taste)

    def _earlier(self, conversation: Conversation) -> tuple[Turn, ...]:
        """The person's other turns about this catalogue, oldest first, as a taste is folded."""
        turns = self._store.long_term(conversation.user_id, conversation.catalogue, besides=conversation.id)
        return turns[::-1]

    def _checked(self, text: str) -> str:
        words = _LINE_END.sub("\n", repaired(text)).strip()
        if not any(c.isprintable() and not c.isspace() for c in words):
            raise BadMessage("The message is empty. Say in a few words what you are looking for.")
        if len(words) > self._max_chars:
            raise MessageTooLong(
                f"The message has {len(words):,} characters, up to {self._max_chars:,} can be taken. "
                "Please make it shorter."
            )
        if found := _CONTROL.search(words):
            raise BadMessage(
                f"The message holds a control character (U+{ord(found[0]):04X}), which is not text. "
                "Please type it again, or paste it as plain text."
            )
        return words


#: What other systems and word processors end lines and paragraphs with.
_LINE_END = re.compile(r"\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
#: All control characters but tab and line feed.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def _answered(conversation: Conversation, message_id: str) -> Turn | None:
    """The turn of that message id, if it is a message."""
    return next((turn for turn in conversation.messages if turn.message_id == message_id), None)


def _count_before(conversation: Conversation, number: int) -> int:
    return sum(turn.number < number for turn in conversation.turns)


def _without(conversation: Conversation, number: int | None) -> Conversation:
    """The conversation before message `number`, and after that the clicks and edits made since, now made
    before it. Raises `BadMessage` where there is no such message."""
    if number is None:
        return conversation
    if all(turn.number != number for turn in conversation.messages):
        there = len(conversation.messages)
        raise BadMessage(f"There is no message {number} here to change: this conversation has {there}.")
    before = (turn for turn in conversation.turns if turn.number < number)
    made_since = (turn for turn in conversation.turns if turn.number >= number and turn.reply is None)
    return replace(conversation, turns=(*before, *(replace(turn, number=number - 1) for turn in made_since)))


def _no_item(catalogue: str, item_id: str) -> NoSuchItem:
    return NoSuchItem(f"The catalogue {catalogue} has no item {repaired(item_id)[:40]!r} (any more).")


def _check_id(name: str, text: str) -> None:
    if not is_id(text):
        raise BadMessage(
            f"The {name} can't be used: expected 1 to {ID_CHARS} characters without control characters."
        )
