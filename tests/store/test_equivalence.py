"""Whatever is done to a store, memory and SQLite give the same answers."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from chat.conversation import Conversation, FeedbackKind
from chat.errors import NoSuchConversation
from chat.store.memory import MemoryStore
from chat.store.protocol import ConversationStore
from chat.store.sql import SqlStore
from tests.store.samples import NOON, click, message

CONVERSATIONS = st.sampled_from(["c1", "c2", "c3"])
USERS = st.sampled_from(["ann", "bob"])
CATALOGUES = st.sampled_from(["films", "shop"])
NUMBERS = st.integers(0, 4)
MESSAGES = st.sampled_from(["m1", "m2", "m3", "m4", "\0"])
MINUTES = st.integers(-3, 3)
TEXTS = st.sampled_from(["", "hello", "a\0b \ud800", "x" * 99])
KINDS: st.SearchStrategy[FeedbackKind] = st.sampled_from(["save", "unsave", "like"])
ITEMS = st.sampled_from(["heat", "ran"])


class TwoStores(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.sql = SqlStore(f"sqlite:///{self.folder / 'kept.db'}")
        self.memory = MemoryStore()

    def teardown(self) -> None:
        self.sql.close()
        shutil.rmtree(self.folder)

    def both(self, do: Callable[[ConversationStore], Any]) -> None:
        assert _outcome(do, self.memory) == _outcome(do, self.sql)

    @rule(id=CONVERSATIONS, user=USERS, catalogue=CATALOGUES, minutes=MINUTES)
    def create(self, id: str, user: str, catalogue: str, minutes: int) -> None:
        new = Conversation(id, user, catalogue, NOON + timedelta(minutes=minutes))
        self.both(lambda store: store.create(new))

    @rule(id=CONVERSATIONS, user=USERS, number=NUMBERS, message_id=MESSAGES, text=TEXTS, minutes=MINUTES)
    def say(self, id: str, user: str, number: int, message_id: str, text: str, minutes: int) -> None:
        turn = message(number, text, message_id, minutes)
        self.both(lambda store: store.append(id, user, turn))

    @rule(
        id=CONVERSATIONS,
        user=USERS,
        number=NUMBERS,
        message_id=MESSAGES,
        item=ITEMS,
        kind=KINDS,
        minutes=MINUTES,
    )
    def click(
        self, id: str, user: str, number: int, message_id: str, item: str, kind: FeedbackKind, minutes: int
    ) -> None:
        turn = click(number, item, kind, message_id, minutes)
        self.both(lambda store: store.append(id, user, turn))

    @rule(id=CONVERSATIONS, user=USERS, number=NUMBERS, ids=st.lists(MESSAGES, max_size=3))
    def replace_from(self, id: str, user: str, number: int, ids: list[str]) -> None:
        turns = tuple(message(number + place, "again", one) for place, one in enumerate(ids))
        self.both(lambda store: store.replace_from(id, user, number, turns))

    @rule(id=CONVERSATIONS, user=USERS, number=NUMBERS)
    def truncate(self, id: str, user: str, number: int) -> None:
        self.both(lambda store: store.truncate(id, user, number))

    @rule(id=CONVERSATIONS, user=USERS)
    def delete(self, id: str, user: str) -> None:
        self.both(lambda store: store.delete(id, user))

    @rule(user=USERS)
    def erase(self, user: str) -> None:
        self.both(lambda store: store.erase(user))

    @rule(user=USERS, catalogue=CATALOGUES, besides=st.none() | CONVERSATIONS, limit=st.integers(0, 3))
    def look_back(self, user: str, catalogue: str, besides: str | None, limit: int) -> None:
        self.both(lambda store: store.long_term(user, catalogue, besides=besides, limit=limit))
        self.both(lambda store: store.list(user, limit))

    @invariant()
    def same(self) -> None:
        for user in ("ann", "bob"):
            self.both(lambda store, user=user: store.export(user))  # type: ignore[misc]
            self.both(lambda store, user=user: store.list(user))  # type: ignore[misc]
            self.both(lambda store, user=user: store.saved(user, "films"))  # type: ignore[misc]


def _outcome(do: Callable[[ConversationStore], Any], store: ConversationStore) -> Any:
    try:
        return do(store)
    except (NoSuchConversation, ValueError) as error:
        return type(error), str(error)


TestTwoStores = TwoStores.TestCase
TestTwoStores.settings = settings(max_examples=25, stateful_step_count=20, deadline=None)
