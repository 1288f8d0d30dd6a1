"""Numbers as people say them: "two hours", "1h30", "the nineties"."""

from __future__ import annotations

import random

_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()
_DECADES = {
    30: "thirties",
    40: "forties",
    50: "fifties",
    60: "sixties",
    70: "seventies",
    80: "eighties",
    90: "nineties",
}


def amount(number: float, meaning: str, unit: str, chance: random.Random) -> str:
    """A number with its unit, said one way or another. `meaning` is that of `Aspects.meaning`."""
    plain = f"{number:g}"
    if meaning == "duration" and unit.startswith("min"):
        return chance.choice(_minutes(round(number)))
    if meaning == "duration" and unit.startswith("hour"):
        spelled = [f"{_WORDS[round(number)]} hours"] if number == round(number) and 2 <= number <= 12 else []
        return chance.choice([f"{plain} hours", f"{plain} hours", f"{plain}h", *spelled])
    if meaning in ("year", "age", "rating") or not unit:
        return plain
    return chance.choice([f"{plain} {unit}", f"{plain}{unit}"]) if len(unit) <= 3 else f"{plain} {unit}"


def _minutes(number: int) -> list[str]:
    ways = [f"{number} minutes", f"{number} minutes", f"{number} min"]
    hours, rest = divmod(number, 60)
    if number % 60 == 0:
        word = _WORDS[hours] if hours < len(_WORDS) else str(hours)
        ways += ["an hour", "1 hour"] if hours == 1 else [f"{word} hours", f"{hours} hours", f"{hours}h"]
    elif rest == 30:
        ways += (
            ["an hour and a half", "one and a half hours"]
            if hours == 1
            else [f"{hours}.5 hours", f"{hours} and a half hours"]
        )
    elif hours:
        ways += [f"{hours}h{rest:02d}", f"{hours} hour{'s' if hours > 1 else ''} {rest}"]
    return ways


def decade(start: float, chance: random.Random) -> str:
    """The decade that begins with a year: "90s", "1990s", "nineties"."""
    year = round(start)
    word = _DECADES.get(year % 100) if 1900 <= year < 2000 else None
    short = [f"{year % 100}s", f"'{year % 100}s"] if word else []
    return chance.choice([f"{year}s", *short, *([word] if word else [])])
