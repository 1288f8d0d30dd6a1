"""What members do besides talking: press buttons, look at their taste, change it, have it forgotten."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from chat.channels.catalogues import Catalogues, Shelf
from chat.channels.slack.blocks import Marks, Press
from chat.channels.slack.places import Member
from chat.conversation import Conversation, Turn
from chat.errors import NoSuchConversation
from chat.reply import Recommendation
from chat.service import Service
from prompts.dialogue import Interest
from retrieval.items import Item

#: More conversations of one person than this aren't looked through for an entry of the taste.
_MOST = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a taste. The same entry has the same key in every conversation."""

    interest: Interest
    private: bool

    @property
    def key(self) -> str:
        """A short name for it, to be put into a button."""
        return interest_key(self.interest)


def interest_key(interest: Interest) -> str:
    """What names an interest whatever its strength and wherever it was said."""
    parts = (interest.kind, interest.value.casefold(), interest.bounds, interest.feeling)
    return hashlib.blake2s(repr(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


class Members:
    """The service as members of a workspace use it. Works on the caller's thread."""

    def __init__(self, service: Service, catalogues: Catalogues, catalogue: str) -> None:
        """`catalogue` is the one that new conversations are about."""
        self._service = service
        self._catalogues = catalogues
        self.catalogue = catalogue

    @property
    def shelf(self) -> Shelf:
        """The catalogue that new conversations are about."""
        return self._catalogues.shelf(self.catalogue)

    def shelf_of(self, conversation: Conversation) -> Shelf:
        """The catalogue that the conversation is about."""
        return self._catalogues.shelf(conversation.catalogue)

    # ------------------------------------------------------------ cards

    def press(self, user_id: str, conversation_id: str, item: str, press: Press) -> bool:
        """Presses a button of a card, or lets it go where it was pressed; returns whether it is pressed now.

        A conversation that was forgotten begins anew. Raises `NoSuchItem`."""
        conversation = self._service.open(user_id, conversation_id, self.catalogue)
        on = not self.marks(user_id, conversation).on(press, item)
        if press == "save":
            self._service.feedback(user_id, conversation_id, item, "save" if on else "unsave")
        elif on and press != "why":
            self._service.feedback(user_id, conversation_id, item, press)
        else:
            for entry in self._service.taste(user_id, conversation_id):
                if (entry.kind, entry.value, entry.feeling) == ("item", item, press):
                    self._service.edit_taste(user_id, conversation_id, entry, None)
        return on

    def marks(self, user_id: str, conversation: Conversation) -> Marks:
        """Which buttons show as pressed."""
        taste = self._service.taste(user_id, conversation.id)
        felt = frozenset((entry.value, entry.feeling) for entry in taste if entry.kind == "item")
        return Marks(felt, frozenset(self._service.saved(user_id, conversation.catalogue)))

    def turn(self, user_id: str, conversation_id: str, message: str) -> tuple[Conversation, Turn] | None:
        """The conversation and the turn that answered a message; None where they were forgotten, or belong to
        somebody else."""
        try:
            conversation = self._service.history(user_id, conversation_id)
        except NoSuchConversation:
            return None
        found = (turn for turn in conversation.messages if turn.message_id == message)
        return next(((conversation, turn) for turn in found), None)

    def slash(self, user_id: str, prefix: str) -> str:
        """The id of the latest conversation whose id begins so; of a first one where there is none."""
        latest = self._service.conversations(user_id, _MOST)
        return next((entry.id for entry in latest if entry.id.startswith(prefix)), f"{prefix}0")

    # ------------------------------------------------------------ taste

    def taste(self, member: Member) -> list[Entry]:
        """What is known of the member's taste: from their direct messages, then from channels."""
        entries = []
        for private in (True, False):
            user_id = member.user_id(private)
            for latest in self._conversations(user_id)[:1]:
                taste = self._service.taste(user_id, latest)
                entries += [Entry(interest, private) for interest in taste]
        return entries

    def forget(self, member: Member, key: str, private: bool) -> None:
        """Takes an entry out of the taste, in every conversation in which it counts."""
        self._change(member.user_id(private), key, forget=True)

    def flip(self, member: Member, key: str, private: bool) -> None:
        """Turns a like into a dislike, or the other way round."""
        self._change(member.user_id(private), key, forget=False)

    def _change(self, user_id: str, key: str, *, forget: bool) -> None:
        for talk in reversed(self._conversations(user_id)):  # so that the latest used stays the latest used
            for entry in self._service.taste(user_id, talk):
                if interest_key(entry) == key:
                    turned = replace(entry, feeling="dislike" if entry.feeling == "like" else "like")
                    self._service.edit_taste(user_id, talk, entry, None if forget else turned)

    def saved(self, member: Member) -> list[tuple[Item, bool]]:
        """The saved items that the catalogue still holds, each with whether it was saved in private."""
        return [
            (item, private)
            for private in (True, False)
            for saved in self._service.saved(member.user_id(private), self.catalogue)
            if (item := self.shelf.get(saved)) is not None
        ]

    def unsave(self, member: Member, item: str, private: bool) -> None:
        """Lets a saved item go."""
        user_id = member.user_id(private)
        for latest in self._conversations(user_id)[:1]:
            self._service.feedback(user_id, latest, item, "unsave")

    def erase(self, member: Member) -> None:
        """Forgets all about the member."""
        for user_id in member.user_ids:
            self._service.erase(user_id)

    def _conversations(self, user_id: str) -> Sequence[str]:
        """The ids of the person's conversations about the catalogue, the latest used first."""
        found = self._service.conversations(user_id, _MOST)
        return [entry.id for entry in found if entry.catalogue == self.catalogue]


def recommended(turn: Turn, item: str) -> Recommendation | None:
    """The turn's recommendation of an item."""
    entries = turn.reply.recommendations if turn.reply else ()
    return next((entry for entry in entries if entry.item.id == item), None)
