from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from chat.conversation import Conversation, Turn
from chat.replay import BLOCK, Replays
from chat.reply import Reply

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


class Echo:
    """Answers with all that was said before, and counts how often it had to."""

    def __init__(self) -> None:
        self.asked = 0

    def respond(
        self, conversation: Conversation, earlier: tuple[Turn, ...], text: str, message_id: str, now: datetime
    ) -> Turn:
        self.asked += 1
        assert earlier == ()
        said = [turn.text for turn in conversation.turns] + [text]
        return Turn(len(said), now, message_id, text, reply=Reply("|".join(said), "converse"))


def replays(size: int = 100) -> Replays:
    return Replays(lambda: NOON, size)


def said(conversation: Conversation) -> list[str]:
    return [turn.text for turn in conversation.turns]


@given(st.lists(st.lists(st.sampled_from(["a", "b", "ab", ""]), min_size=1, max_size=5), max_size=8))
def test_a_history_gets_the_same_conversation_whatever_else_was_asked(histories: list[list[str]]) -> None:
    shared = replays(size=3)
    for history in histories:
        found = shared.conversation(Echo(), "films", history)
        assert found == replays().conversation(Echo(), "films", history)
        assert said(found) == history
        assert found.last == Reply("|".join(history), "converse")
        assert len({turn.message_id for turn in found.turns}) == len(history)


def test_what_was_read_is_not_read_again() -> None:
    one, manager = replays(), Echo()
    one.conversation(manager, "films", ["a"])
    one.conversation(manager, "films", ["a", "b"])
    one.conversation(manager, "films", ["a", "b"])
    assert manager.asked == 2
    one.conversation(manager, "books", ["a"])
    assert manager.asked == 3


def test_a_replaced_catalogue_is_asked_anew() -> None:
    one, old, new = replays(), Echo(), Echo()
    one.conversation(old, "films", ["a", "b"])
    one.conversation(new, "films", ["a", "b"])
    assert (old.asked, new.asked) == (2, 2)


def test_memory_is_bounded_and_what_was_forgotten_is_answered_again() -> None:
    one, manager = replays(size=2), Echo()
    for text in "abc":
        one.conversation(manager, "films", [text])
    one.conversation(manager, "films", ["c"])
    assert manager.asked == 3
    one.conversation(manager, "films", ["a"])
    assert manager.asked == 4


def test_of_a_long_history_the_last_messages_count_and_most_of_it_stays_read() -> None:
    one, manager = replays(size=10_000), Echo()
    history = [f"message {n}" for n in range(5 * BLOCK)]
    for end in range(1, len(history) + 1):
        kept = said(one.conversation(manager, "films", history[:end]))
        assert kept == history[:end][-len(kept) :]
        assert min(end, BLOCK) <= len(kept) <= 2 * BLOCK
    assert manager.asked <= 2 * len(history)
