"""How people go about it: several temperaments of simulated users."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Temper:
    """One way of going about a conversation. Chances are per message unless said otherwise.

    `first` is how many wishes (least, most) the opening holds; `volunteers` the chance of adding an
    unspoken wish unasked; `criticises` of saying what is wrong with a list, and not only asking for
    others; `clicks` of judging an item by a click, `taps` of using a quick reply, `asks` of asking about
    an item; `patience` is how many lists without anything acceptable (least, most) are looked at;
    `chatter` the chance of talk around a wish; `slips` the chance that a longer word is mistyped;
    `careless` of leaving out capitals and punctuation; `roundabout` of saying a thing without its name.
    """

    name: str
    about: str
    first: tuple[int, int] = (1, 2)
    volunteers: float = 0.5
    criticises: float = 0.5
    clicks: float = 0.15
    taps: float = 0.1
    asks: float = 0.08
    patience: tuple[int, int] = (8, 12)
    chatter: float = 0.03
    slips: float = 0.0
    careless: float = 0.15
    roundabout: float = 0.08
    rushes: bool = False
    changes: bool = False


TEMPERS: tuple[Temper, ...] = (
    Temper("decisive", "says several wishes at once", first=(3, 5), volunteers=0.7, careless=0.05),
    Temper(
        "vague",
        "little by little, and mostly when asked",
        first=(0, 1),
        volunteers=0.25,
        criticises=0.25,
        taps=0.25,
        roundabout=0.2,
    ),
    Temper("contrary", "finds fault with lists", first=(1, 2), volunteers=0.25, criticises=0.9, clicks=0.25),
    Temper("changing", "one wish turns into its opposite midway", first=(1, 3), volunteers=0.4, changes=True),
    Temper(
        "impatient",
        "wants a list at once and leaves early",
        first=(1, 2),
        volunteers=0.4,
        asks=0.0,
        patience=(3, 5),
        careless=0.5,
        rushes=True,
    ),
    Temper("typing", "mistypes, without capitals and points", first=(1, 3), slips=0.14, careless=0.8),
    Temper("talkative", "small talk around the wish", first=(1, 2), chatter=0.6, asks=0.2, roundabout=0.15),
)


def temper_named(name: str) -> Temper:
    """The temperament of that name. Raises `KeyError`."""
    return {temper.name: temper for temper in TEMPERS}[name]
