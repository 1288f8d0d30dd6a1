"""The grammar of limits: the words before or after a number that say on which side of it the wish lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chat.reader.english import english
from chat.reader.scales import plain_scale, scale_of

Side = Literal["at_most", "at_least", "about", "between"]

SIDES: tuple[Literal["at_most", "at_least", "about"], ...] = ("at_most", "at_least", "about")
_FLIPPED: dict[Side, Side] = {"at_most": "at_least", "at_least": "at_most"}
_SIDE_OF: dict[str, Side] = {"low": "at_most", "high": "at_least"}
#: Words that name neither end of the range but leave the number itself out, of years and dates.
_STRICT = frozenset("before pre prior earlier older under less after post newer later over more".split())
#: Comparatives of age, as of a year: of somebody's age the older is the greater number.
_AGED: dict[str, Side] = {"older": "at_most", "younger": "at_least"}
#: Comparatives that belong to no scale: they compare any number.
_ANY: dict[str, Side] = {
    "less": "at_most", "fewer": "at_most", "lower": "at_most", "smaller": "at_most", "under": "at_most",
    "below": "at_most", "before": "at_most", "earlier": "at_most", "sooner": "at_most", "dearer": "at_least",
    "more": "at_least", "over": "at_least", "above": "at_least", "after": "at_least", "later": "at_least",
    "greater": "at_least", "higher": "at_least", "bigger": "at_least", "better": "at_least",
    "up": "at_least", "upwards": "at_least", "onwards": "at_least", "beyond": "at_least",
    "on": "at_least",
}  # fmt: skip
_SMALL = frozenset("the a an about around like of than year any".split())


@dataclass(frozen=True, slots=True)
class Sign:
    """On which side of a number the wish lies. `end` is the token after the sign; a `strict` one leaves the
    number itself out where it is a year; `aged` ones turn round where the number counts somebody's years."""

    end: int
    side: Side
    strict: bool = False
    aged: bool = False

    def of_age(self) -> Sign:
        """The sign where the number is somebody's age: "older than 12" has no upper end."""
        return replace(self, side=_FLIPPED[self.side]) if self.aged else self


def sign_before(words: Sequence[str], start: int) -> Sign | None:
    """The sign that begins at `start` and leads to a number: "under", "no older than", "not before"."""
    if words[start] == "between":
        return Sign(start + 1, "between")
    if words[start] in ("no", "not") and start + 1 < len(words):
        inner = start + 2 if words[start + 1] == "any" else start + 1
        sign = _compared(words, inner) or _listed(words, inner)
        if sign is not None and sign.side in _FLIPPED and words[inner] not in ("from", "since"):
            return replace(sign, side=_FLIPPED[sign.side], strict=False)
    return _longer(_compared(words, start), _listed(words, start))


def sign_after(words: Sequence[str], place: int) -> Sign | None:
    """The sign that follows a number: "or later", "and up", "tops", "at the most"."""
    if place + 1 < len(words) and words[place] in ("or", "and"):
        side = _any_or_scaled(words, place + 1)
        goes_on = words[place + 2 : place + 3]
        if side and goes_on != ["than"] and not (goes_on and goes_on[0].isdigit()):
            return Sign(place + 2, side, aged=words[place + 1] in _AGED)
    for name in SIDES:
        length = english().has(english().numbers, name, words, place)
        if length and words[place] not in ("before", "after", "from", "over", "under", "about", "plus"):
            return Sign(place + length, name)
    return None


def skip_small(words: Sequence[str], place: int, hours: frozenset[str]) -> int:
    """Where the number begins after small words: "under *the* year …"; "an hour" keeps its article."""
    while place < len(words) and words[place] in _SMALL:
        if words[place] in ("a", "an") and place + 1 < len(words) and words[place + 1] in hours:
            break
        place += 1
    return place


def _listed(words: Sequence[str], start: int) -> Sign | None:
    """A sign that english.toml lists."""
    best: Sign | None = None
    for name in SIDES:
        length = english().has(english().numbers, name, words, start) if start < len(words) else 0
        if length and (best is None or start + length > best.end):
            best = Sign(start + length, name, words[start] in _STRICT and name != "about")
    return best


def _compared(words: Sequence[str], start: int) -> Sign | None:
    """ "Older than", "cheaper than", "more expensive than": a comparative that leads to a number."""
    if start + 1 >= len(words):
        return None
    end = start + 1
    side = _any_or_scaled(words, start) if words[start + 1] == "than" else None
    if side is None and words[start] in ("more", "less") and words[start + 2 : start + 3] == ["than"]:
        plain = plain_scale(words[start + 1])
        side = _SIDE_OF[plain[1]] if plain else None
        side = _FLIPPED[side] if side and words[start] == "less" else side
        end = start + 2
    if side is None:
        return None
    return Sign(end + 1, side, words[start] in _STRICT, words[start] in _AGED)


def _any_or_scaled(words: Sequence[str], place: int) -> Side | None:
    word = words[place]
    scale = scale_of(word) if word.endswith("er") else None
    if word in _AGED:
        return _AGED[word]
    if scale is not None:
        return _SIDE_OF[scale[1]]
    return _ANY.get(word)


def _longer(one: Sign | None, other: Sign | None) -> Sign | None:
    if one is None or other is None:
        return one or other
    return other if other.end > one.end else one
