"""Words about the speaker: what they do, are or have is no wish by itself.

`words` are the plain words of a message, marks among them.
"""

from __future__ import annotations

from collections.abc import Sequence

_ME = frozenset("i im ive id ill we weve wed well were".split())
_HELPERS = frozenset(
    "am was been be is are have had has just also only really still so not never been m ve do did s re "
    "quite too very rather almost already all both now".split()
)
_OBJECTS = frozenset("it that this them things you".split())
_MINE = frozenset("my our".split())
_OPENERS = frozenset("and but so because cos cuz since as though while now hi hey well ok sorry".split())


def own_doing(words: Sequence[str], place: int) -> bool:
    """Whether a word tells what the speaker does or is: "I was *thinking*", "I'm not *convinced*"."""
    if owned(words, place):
        return True  # "my *mate reckons* …"
    back = place - 1
    while back >= 0 and (words[back] in _HELPERS or words[back].endswith("ly")):
        back -= 1
    return back >= 0 and words[back] in _ME


def does(words: Sequence[str], place: int) -> bool:
    """Whether a word is the verb right behind "I": "I'd *kill* for a heist film"."""
    return place > 0 and words[place - 1] in ("i", "id", "ill", "wed")


def owned(words: Sequence[str], place: int) -> bool:
    """Whether a word names, within two words, what of the speaker's a clause is about: "my *attention span*
    is terrible", but not "for my *garden*"."""
    for mine in (place - 1, place - 2):
        if mine < 0 or not words[place - 1].isalpha() or words[mine] not in _MINE:
            continue
        before = words[mine - 1] if mine else ""
        return not before.isalpha() or before in _OPENERS
    return False


def does_to_it(words: Sequence[str], place: int) -> bool:
    """Whether a word is only done to a pronoun: "to *narrow* it down", "let me *sum* this up"."""
    before, after = words[max(0, place - 1) : place], words[place + 1 : place + 2]
    return before in (["to"], ["me"]) and after != [] and after[0] in _OBJECTS
