"""What people of a chat server do besides talking: press buttons, look at their taste and change it; and what
is said of it, the same in every such channel."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from chat.channels.catalogues import Catalogues, Shelf
from chat.conversation import Conversation, Turn
from chat.errors import NoSuchConversation
from chat.reply import Reason
from chat.service import Service
from prompts.dialogue import Interest
from retrieval.items import Facet, Item

#: More conversations of one person than this aren't looked through.
_MOST = 1000

Press = Literal["like", "dislike", "seen", "save", "why"]
PRESSES: tuple[Press, ...] = get_args(Press)

#: What stands on the buttons.
LABELS: dict[Press, str] = {
    "like": "Like",
    "dislike": "Not for me",
    "seen": "Seen it",
    "save": "Save",
    "why": "Why this?",
}
#: What is said of a press where the card doesn't show it: once it is pressed, and once it is let go.
NOTED: dict[Press, tuple[str, str]] = {
    "like": ("Noted: you like it.", "Taken back: I don’t count it as a like any more."),
    "dislike": ("Noted: not for you. I won’t suggest it again.", "Taken back: I may suggest it again."),
    "seen": ("Noted: you have seen it. I won’t suggest it again.", "Taken back: not seen."),
    "save": ("Saved for you.", "No longer saved."),
}
#: Instead of the reasons.
NOT_YOURS = "These are somebody else’s picks. Ask me yourself, and I’ll say what speaks for it for you."
FORGOTTEN = "I have forgotten why: that conversation is not kept any more."
#: What stands above a taste, in the place of an empty one, and where nothing is saved.
ABOUT_TASTE = (
    "What I learn about your taste is listed here, with your own words. Change or remove what you like; "
    "or just tell me in a message."
)
NO_TASTE = "Nothing yet. Tell me what you like, and it shows up here."
NONE_SAVED = "Nothing saved yet. “Save” on a card keeps it."
#: What is said once all is forgotten, of a new conversation, and where something broke.
ERASED = "All that I knew about you is forgotten: what you said, what you saved, and your taste."
FRESH = "A new conversation: what are you in the mood for?"
SORRY = "Something went wrong on this side. Nothing you said is lost: please try again."


@dataclass(frozen=True, slots=True)
class Marks:
    """What the person pressed: pairs of an item's id and a feeling, and the ids of what is saved."""

    felt: frozenset[tuple[str, str]] = frozenset()
    saved: frozenset[str] = frozenset()

    def on(self, press: Press, item: str) -> bool:
        """Whether the button shows as pressed."""
        return item in self.saved if press == "save" else (item, press) in self.felt


def interest_key(interest: Interest) -> str:
    """What names an interest whatever its strength and wherever it was said: short enough for a button."""
    parts = (interest.kind, interest.value.casefold(), interest.bounds, interest.feeling)
    return hashlib.blake2s(repr(parts).encode("utf-8", "replace"), digest_size=8).hexdigest()


def feeling_words(interest: Interest) -> str:
    """The words before the subject of an interest: "You like"."""
    if interest.hard and interest.feeling != "seen":
        return "It must be" if interest.feeling == "like" else "Never"
    return {"like": "You like", "dislike": "You don’t like", "seen": "You know"}[interest.feeling]


def evidence(
    reason: Reason, facets: Sequence[Facet], short: Callable[[str, int], str], most: int
) -> tuple[str, str]:
    """Which of the person's words met which fact of the item: the two halves of a line.

    `short` writes a text in the channel's markup, cut at so many characters; `most` is for quote and fact."""
    labels = {facet.name: facet.label for facet in facets} | {"text": "description"}
    quoted = short(reason.interest.quote or reason.interest.subject, most)
    where = f"message {reason.interest.turn}" if reason.interest.turn > 0 else "earlier"
    label = short(labels.get(reason.fact.facet, reason.fact.facet), 75)
    against = " — this speaks against it" if reason.against else ""
    return f"You said “{quoted}” ({where})", f"{label}: {short(reason.fact.value, most)}{against}"


class Members:
    """The service as people of a chat server use it. Works on the caller's thread."""

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

    def open(self, user_id: str, conversation_id: str) -> Conversation:
        """The conversation of that id, begun where there is none."""
        return self._service.open(user_id, conversation_id, self.catalogue)

    def latest(self, user_id: str, prefix: str) -> str | None:
        """The id of the person's latest conversation whose id begins so, whatever it is about."""
        found = self._service.conversations(user_id, _MOST)
        return next((entry.id for entry in found if entry.id.startswith(prefix)), None)

    # ------------------------------------------------------------ cards

    def press(self, user_id: str, conversation_id: str, item: str, press: Press) -> bool:
        """Presses a button of a card, or lets it go where it was pressed; returns whether it is pressed now.

        A conversation that was forgotten begins anew. Raises `NoSuchItem`."""
        conversation = self.open(user_id, conversation_id)
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

    # ------------------------------------------------------------ taste

    def knows(self, user_id: str) -> bool:
        """Whether anything is kept about the person."""
        return self._service.knows(user_id)

    def taste(self, user_id: str) -> tuple[Interest, ...]:
        """What is known of the person's taste, as of their latest conversation."""
        talks = self._conversations(user_id)
        return self._service.taste(user_id, talks[0]) if talks else ()

    def about(self, interest: Interest) -> tuple[str, str]:
        """What an interest is about, and what kind of thing that is; the latter may be empty."""
        shelf = self.shelf
        item = shelf.get(interest.value) if interest.kind == "item" else None  # a press knows the id only
        labels = {facet.name: facet.label for facet in shelf.facets} | {"item": shelf.noun}
        name = (item.title if item else "") or interest.subject or interest.value
        return name, labels.get(interest.kind, "")

    def forget(self, user_id: str, key: str) -> None:
        """Takes an entry out of the taste, in every conversation in which it counts."""
        self._change(user_id, key, forget=True)

    def flip(self, user_id: str, key: str) -> None:
        """Turns a like into a dislike, or the other way round."""
        self._change(user_id, key, forget=False)

    def saved(self, user_id: str) -> list[Item]:
        """The saved items that the catalogue still holds, the latest saved last."""
        found = map(self.shelf.get, self._service.saved(user_id, self.catalogue))
        return [item for item in found if item is not None]

    def unsave(self, user_id: str, item: str) -> None:
        """Lets a saved item go."""
        for talk in self._conversations(user_id)[:1]:
            self._service.feedback(user_id, talk, item, "unsave")

    def erase(self, user_id: str) -> None:
        """Forgets all about the person."""
        self._service.erase(user_id)

    def _change(self, user_id: str, key: str, *, forget: bool) -> None:
        for talk in reversed(self._conversations(user_id)):  # so that the latest used stays the latest used
            for entry in self._service.taste(user_id, talk):
                if interest_key(entry) == key:
                    turned = replace(entry, feeling="dislike" if entry.feeling == "like" else "like")
                    self._service.edit_taste(user_id, talk, entry, None if forget else turned)

    def _conversations(self, user_id: str) -> Sequence[str]:
        """The ids of the person's conversations about the catalogue, the latest used first."""
        found = self._service.conversations(user_id, _MOST)
        return [entry.id for entry in found if entry.catalogue == self.catalogue]
