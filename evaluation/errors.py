"""Errors of the evaluation room.

EvaluationError
├── BadData       a data file that is missing, or does not hold what its format promises
└── FailedJob     one piece of a measurement failed; the message names the piece
"""


class EvaluationError(Exception):
    """Anything this room raises on purpose; it says what was found, what was expected, what to do."""


class BadData(EvaluationError):
    """Data to measure on that is missing or broken: the message names the file, the line and the field."""


class FailedJob(EvaluationError):
    """A job of a measurement raised; what was finished before it is kept."""
