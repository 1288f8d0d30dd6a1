"""Errors of the chat room.

GenreError
├── BadSettings        a setting that is unknown, missing or out of range
├── NoSuchConversation an id that the store does not hold, or that belongs to somebody else
├── NoSuchItem         an item id that the catalogue does not hold
├── StoreError         the conversation store cannot be reached or written
├── Busy               another message of the same conversation is still being answered
└── ModelError         a language model could not be loaded or did not answer
    ├── OutOfMemory    it did not fit: the message says which setting to lower
    └── BadDraft       a draft that names, leaves out or mixes up what it shouldn't
"""


class GenreError(Exception):
    """Anything raised on purpose: its message says what was found, what was expected and what to do."""


class BadSettings(GenreError):
    """A setting that cannot be used."""


class NoSuchConversation(GenreError):
    """A conversation that is not there for this person."""


class NoSuchItem(GenreError):
    """An item that the catalogue does not hold."""


class StoreError(GenreError):
    """The store of conversations failed; nothing acknowledged is lost."""


class Busy(GenreError):
    """A conversation answers one message at a time."""


class ModelError(GenreError):
    """A language model failed."""


class OutOfMemory(ModelError):
    """A language model did not fit into memory."""


class BadDraft(ModelError):
    """A draft that does not keep to its brief."""
