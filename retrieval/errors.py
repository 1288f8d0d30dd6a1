"""Errors of the retrieval room.

RetrievalError
├── BadFile            a catalogue file cannot be read as one at all
├── BadSchema          the schema file (TOML) beside a catalogue asks for something that is not there
├── UnknownCatalogue   no catalogue of that name
├── BadModel           an embedding model is missing, or not the file it should be
├── BadSignal          a learned signal whose name can't be used
├── BadDialogues       a file of dialogues can't be read, or what was learnt from some doesn't fit
├── BadInteractions    a ratings table, or the settings of what learns from it, do not hold together
├── MissingLibrary     the system lacks a library that learning needs
└── IndexDamaged       a derived index cannot answer; the catalogue itself is untouched
"""


class RetrievalError(Exception):
    """Anything this room raises on purpose; it says what was found, what was expected, what to do."""


class BadFile(RetrievalError):
    """A file that cannot be read as a catalogue."""


class BadSchema(RetrievalError):
    """A schema that does not fit its file."""


class UnknownCatalogue(RetrievalError):
    """A catalogue name that nothing is stored under."""


class BadModel(RetrievalError):
    """An embedding model that is missing or altered."""


class IndexDamaged(RetrievalError):
    """An index that cannot answer; rebuild it from the catalogue."""


class BadSignal(RetrievalError):
    """A learned signal that cannot join the ranking."""


class BadInteractions(RetrievalError):
    """Interactions that cannot be learnt from, or settings of a recommender that do not exist."""


class BadDialogues(RetrievalError):
    """Dialogues that cannot be learnt from, or a ranker learnt from them that cannot be used here."""


class MissingLibrary(RetrievalError):
    """A library of the system that something here needs."""
