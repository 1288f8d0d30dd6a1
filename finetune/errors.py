"""What can go wrong in training, each with what to do about it.

FinetuneError
├── BadConfig      a field of the configuration is missing, unknown or out of range
├── BadData        a row of training data can't be read: file, line and field
├── BadPatterns    a pattern file holds something that the generator can't fill
├── NotReady       what a step starts from isn't there, or belongs to another configuration
├── NoPackage      a package that the step needs isn't installed
├── ToolFailed     another program that the step runs failed: its last words
└── NoMemory       the machine ran out: which setting to lower
"""

from __future__ import annotations


class FinetuneError(Exception):
    """Anything that the user of `genre finetune` should hear about."""


class BadConfig(FinetuneError):
    """A field of the configuration is missing, unknown or out of range."""


class BadData(FinetuneError):
    """A row of training data that can't be read."""


class BadPatterns(FinetuneError):
    """A pattern file that the generator can't use."""


class NotReady(FinetuneError):
    """What a step starts from isn't there, or belongs to another configuration."""


class NoPackage(FinetuneError):
    """A package that a step needs isn't installed."""


class ToolFailed(FinetuneError):
    """Another program that a step runs failed."""


class NoMemory(FinetuneError):
    """The machine ran out of memory."""
