"""One cell → a value: lists in all their spellings, numbers with units and money, ages, durations, years of
dates."""

from __future__ import annotations

import ast
import datetime
import decimal
import json
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from retrieval import clean

SEPARATORS = ("|", ";", " > ", "\n", ",", "/")
"""What parts the values of a list cell, tried in this order; which one a column has is decided by its
cells."""

_CURRENCIES = {
    "£": "GBP", "€": "EUR", "$": "USD", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₺": "TRY",
    "zł": "PLN",
    "us$": "USD", "a$": "AUD", "c$": "CAD", "r$": "BRL", "kr": "SEK", "rs": "INR", "euro": "EUR",
    "euros": "EUR",
    "dollars": "USD", "pounds": "GBP", "fr": "CHF",
}  # fmt: skip
_CODES = frozenset([
    "GBP", "EUR", "USD", "JPY", "INR", "RUB", "KRW", "TRY", "PLN", "AUD", "CAD", "BRL", "SEK", "NOK",
    "DKK", "CHF", "CNY", "HKD", "SGD", "NZD", "MXN", "ZAR", "CZK", "HUF", "ILS", "AED", "THB",
])  # fmt: skip
#: unit: (what it measures, how many of the smallest unit it is, the way it is written)
_UNITS: dict[str, tuple[str, float, str]] = {}
for _measure, _units in {
    "time": (("ms|msec|millisecond", 1 / 60_000, "ms"), ("s|sec|second", 1 / 60, "s"),
             ("min|m|minute|mn", 1, "min"), ("h|hr|hour|std", 60, "hours"), ("d|day", 1440, "days"),
             ("w|wk|week", 10_080, "weeks"), ("mo|month", 43_830, "months"), ("y|yr|year", 525_960, "years")),
    "mass": (("mg", 0.001, "mg"), ("g|gram|gr", 1, "g"), ("kg|kilo|kilogram", 1000, "kg"),
             ("oz|ounce", 28.349523, "oz"), ("lb|pound", 453.59237, "lb")),
    "distance": (("mm", 0.1, "mm"), ("cm", 1, "cm"), ("metre|meter", 100, "m"), ("km", 100_000, "km"),
                 ("in|inch|inche|\"|”", 2.54, "in"), ("ft|foot|feet|'|’", 30.48, "ft"),
                 ("mi|mile", 160_934.4, "miles")),
    "volume": (("ml", 1, "ml"), ("cl", 10, "cl"), ("l|litre|liter|ltr", 1000, "l")),
    "memory": (("mb", 1, "MB"), ("gb", 1024, "GB"), ("tb", 1_048_576, "TB")),
}.items():  # fmt: skip
    for _names, _size, _written in _units:
        for _name in _names.split("|"):
            _UNITS[_name] = (_measure, _size, _written)
            if len(_name) > 1:  # "ms" are milliseconds, not metres
                _UNITS[f"{_name}s"] = (_measure, _size, _written)
_UNITS["%"] = ("share", 1, "%")
_FILLERS = frozenset([
    "from", "about", "approx", "approximately", "ca", "circa", "only", "per", "each", "out", "of", "rated",
    "rating", "age", "ages", "aged", "up", "to", "over", "under", "plus", "and", "older", "incl", "inc",
    "vat", "excl", "approx.", "now", "rrp", "price", "around", "min.", "stars", "star", "points", "pts",
])  # fmt: skip
_NUMBER = re.compile(
    r"(?<![\w.,])[-+]?\d+(?:[.,'’\u00a0\u202f ]\d{3})*(?:[.,]\d+)?(?![\d])|(?<![\w.,])[-+]?[.,]\d+"
)
_GROUPED = re.compile(r"[-+]?\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+")
_CLOCK = re.compile(r"(\d{1,3}):(\d{2})(?::(\d{2}))?(?:\.\d+)?")
_ISO_DURATION = re.compile(r"P(?:(\d+)D)?T?(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)S)?", re.IGNORECASE)
_PART = re.compile(
    r"(\d+(?:[.,]\d+)?)\s*"
    r"(hours?|hrs?|h|std|minutes?|mins?|min|m|seconds?|secs?|s|days?|d|weeks?|w|months?|years?)(?![a-z])\.?",
    re.IGNORECASE,
)
_MONTH = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|sept|oct|nov|dec)[a-z]*\.?"
_DATE = re.compile(
    r"(?P<iso>[12]\d{3})[-/.](?:0?[1-9]|1[0-2])(?:[-/.](?:[0-2]?\d|3[01]))?(?:[T ]\d{2}:\d{2}.*)?"
    r"|(?:0?[1-9]|1[0-2])[-/.](?P<month>[12]\d{3})"
    r"|(?:[0-3]?\d)[-/.](?:[0-3]?\d)[-/.](?P<tail>[12]\d{3})(?: \d{1,2}:\d{2}.*)?"
    rf"|(?:[a-z]{{2,9}},? )?(?:\d{{1,2}}(?:st|nd|rd|th)?[ -])?{_MONTH}[ ,-]+"
    r"(?:\d{1,2}(?:st|nd|rd|th)?,? +)?(?P<word>[12]\d{3})(?:[ ,].*)?",
    re.IGNORECASE,
)
_YEAR = re.compile(r"(?<!\d)(?:1\d|20)\d{2}(?!\d)")
_TITLE_YEAR = re.compile(r"\s*\(((?:1[89]|20)\d{2})\)\s*$")
_TRUE = frozenset({"true", "yes", "y", "t", "1", "on", "x", "✓", "1.0"})
_FALSE = frozenset({"false", "no", "n", "f", "0", "off", "0.0"})


@dataclass(frozen=True, slots=True)
class Amount:
    """A number as a cell has it: its unit where one is written, and whether it was the low end of a range."""

    value: float
    unit: str | None = None
    is_range: bool = False


def text_of(value: object) -> str:
    """A cell as clean text, "" where it says nothing: `1998.0` is "1998", a list is joined, a named object
    its name."""
    if value is None or isinstance(value, bytes):
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (int, float, decimal.Decimal)):
        if not math.isfinite(value):
            return ""
        return (
            str(int(value))
            if value == int(value)
            else str(float(value) if isinstance(value, float) else value)
        )
    if isinstance(value, (datetime.date, datetime.time)):
        return value.isoformat()
    if isinstance(value, dict):
        for name in ("name", "title", "label", "value", "text"):
            if name in value:
                return text_of(value[name])
        return next(
            (text for inner in value.values() if isinstance(inner, str) and (text := text_of(inner))), ""
        )
    if isinstance(value, (list, tuple, set)):
        return ", ".join(text for inner in value if (text := text_of(inner)))
    return clean.plain(str(value))


def is_list(value: object) -> bool:
    """Whether the cell is a list by itself: one of JSON or Parquet, or the text of one."""
    return isinstance(value, (list, tuple)) or (isinstance(value, str) and _listed(value) is not None)


def parts(value: object, separator: str | None) -> tuple[str, ...]:
    """The texts of a list cell, in order, each once. `separator` parts plain text; within a real list it
    doesn't."""
    if isinstance(value, str):
        listed = _listed(value)
        if listed is None:
            raw = (
                (value.split("\n") if separator == "\n" else clean.plain(value).split(separator))
                if separator
                else [value]
            )
            return _unique([text for part in raw if (text := text_of(part)) and not clean.is_missing(text)])
        value = listed
    if isinstance(value, (list, tuple, set)):
        found: list[str] = []
        for inner in value:
            text = text_of(inner)
            # "none" in a list that somebody wrote is a value: a film without language, a product without
            # sugar.
            if text and not clean.is_missing(text, fact=False):
                found.append(text)
        return _unique(found)
    text = text_of(value)
    return (text,) if text and not clean.is_missing(text) else ()


def truth(value: object) -> bool | None:
    """Yes or no; `None` for anything else."""
    if isinstance(value, bool):
        return value
    said = text_of(value).casefold()
    return True if said in _TRUE else False if said in _FALSE else None


def year_of_date(value: object) -> int | None:
    """The year of a cell that is a date ("2021-05-01", "1 May 2021", a timestamp); `None` for anything
    else."""
    if isinstance(value, datetime.date):
        return value.year
    if not isinstance(value, str):
        return None
    match = _DATE.fullmatch(value.strip())
    return int(match["iso"] or match["month"] or match["tail"] or match["word"]) if match else None


def title_year(title: str) -> int | None:
    """The year at the end of "Heat (1995)"."""
    match = _TITLE_YEAR.search(title)
    return int(match[1]) if match else None


def without_year(title: str) -> str:
    """The title without a year in brackets at its end; a title that is nothing else stays."""
    return _TITLE_YEAR.sub("", title) or title


def year(value: object) -> int | None:
    """A year: a number, the year of a date, or the only year in a short text ("c. 1998", "1995-1998" →
    1995)."""
    found = year_of_date(value)
    if found is not None:
        return found
    if isinstance(value, (int, float, decimal.Decimal)) and not isinstance(value, bool):
        return int(value) if math.isfinite(value) and value == int(value) and -5000 <= value <= 2200 else None
    text = text_of(value)
    if re.fullmatch(r"-?\d{1,4}(\.0+)?", text):
        return int(float(text))
    years = _YEAR.findall(text)
    return int(years[0]) if years and len(text) <= 30 else None


def comma_is_decimal(texts: list[str]) -> bool:
    """Whether these cells write 12,50 for twelve and a half, judged by those that leave no doubt."""
    comma = sum(bool(re.search(r"\d,\d{1,2}(?!\d)|\d\.\d{3},\d", text)) for text in texts)
    point = sum(bool(re.search(r"\d\.\d{1,2}(?!\d)|\d,\d{3}\.\d", text)) for text in texts)
    return comma > point


def amount(value: object, *, comma: bool = False) -> Amount | None:
    """The number that the cell is, with its unit; `None` where the cell is a text that merely holds digits.

    "£12.50", "1,299.00 EUR", "1 299,00 €", "95 min", "4.5/5", "4.5 out of 5", "8+", "Ages 3-5" and "free" are
    numbers; "PS4", "12 Angry Men", "01223 311687" are not. `comma` says that a comma parts the decimals.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, datetime.timedelta):
        return Amount(value.total_seconds() / 60, "min")
    if isinstance(value, (int, float, decimal.Decimal)):
        return Amount(float(value)) if math.isfinite(value) else None
    return _amount(text_of(value), comma)


@lru_cache(maxsize=20_000)
def _amount(text: str, comma: bool) -> Amount | None:
    if not text or len(text) > 60:
        return None
    lower = text.casefold().replace("−", "-")
    if lower in ("free", "gratis", "kostenlos", "gratuit", "for free"):
        return Amount(0.0)
    if re.match(r"0\d{4,}", lower):  # a code: amounts have no leading zero
        return None
    lower = re.sub(r"(\d)\s*(?:/|out of|von|sur)\s*(?:5|10|100)\s*(stars?|points?)?$", r"\1", lower)
    if re.fullmatch(r"[+-]?\d+(?:\.\d+)?e[+-]?\d+", lower):
        return Amount(float(lower))
    found = list(_NUMBER.finditer(lower))
    if not found or len(found) > 2:
        return None
    is_range = len(found) == 2
    if is_range and not re.fullmatch(
        r"\s*[^\d\s]{0,3}\s*(?:-|–|—|to|bis|à)\s*[^\d\s]{0,3}\s*-?", lower[found[0].end() : found[1].start()]
    ):
        joint = lower[found[0].end() : found[1].end()]
        if not re.fullmatch(r"\s*[-–—]\s*\d+(?:[.,]\d+)?", joint):
            return None
    before = lower[: found[0].start()]
    after = lower[found[-1].end() :]
    between = (
        re.sub(r"[-–—]|\b(?:to|bis|à)\b", " ", lower[found[0].end() : found[-1].start()]) if is_range else ""
    )
    unit = _unit(before, f"{between} {after}")
    if unit is False:
        return None
    number = _digits(found[0][0], comma)
    return Amount(number, unit, is_range) if number is not None else None


def _unit(before: str, after: str) -> str | Literal[False] | None:
    """The unit among the words around a number; False where those words say that it is no amount."""
    unit: str | None = None
    unknown = 0
    for position, side in enumerate((before, after)):
        for token in re.findall(r"[^\W\d_]+\$|[^\W\d_]+|[£€$¥₹₽₩₺%\"”'’]", side):
            written = _CURRENCIES.get(token) or (token.upper() if token.upper() in _CODES else None)
            if written:
                unit = unit or written
            elif position and token in _UNITS:
                unit = unit or _UNITS[token][2]
            elif token not in _FILLERS:
                unknown += 1
                if position == 0 or unknown > 1 or not 2 <= len(token) <= 12:
                    return False
                unit = unit or token
    return unit


def _digits(text: str, comma: bool) -> float | None:
    """A number's digits: `1,299.00`, `1.299,00`, `1 299`, `12,50`."""
    text = re.sub(r"['’\u00a0\u202f ]", "", text)
    if "," in text and "." in text:
        last = max(text.rfind(","), text.rfind("."))
        text = text[:last].replace(",", "").replace(".", "") + "." + text[last + 1 :]
    elif "," in text:
        grouped = _GROUPED.fullmatch(text) and not (comma and text.count(",") == 1)
        text = text.replace(",", "") if grouped else text.replace(",", ".")
    elif "." in text and (text.count(".") > 1 or (comma and _GROUPED.fullmatch(text))):
        text = text.replace(".", "")
    try:
        return float(text)
    except ValueError:
        return None


def minutes(value: object, *, clock: str = "m:s") -> float | None:
    """A written duration in minutes: "1h 35m", "2 hours", "PT1H35M", "1:35:00". `clock` says what "3:45"
    means, "m:s" or "h:m". `None` for a bare number and for anything else."""
    if isinstance(value, datetime.timedelta):
        return value.total_seconds() / 60
    text = text_of(value)
    if match := _CLOCK.fullmatch(text):
        first, second, third = int(match[1]), int(match[2]), match[3]
        if third is not None:
            return first * 60 + second + int(third) / 60
        return first * 60 + second if clock == "h:m" else first + second / 60
    if len(text) > 2 and (match := _ISO_DURATION.fullmatch(text)) and any(match.groups()):
        days, hours, mins, seconds = (int(part or 0) for part in match.groups())
        return days * 1440 + hours * 60 + mins + seconds / 60
    text = re.sub(r"(?i)(\d+ ?h ?)(\d{1,2})$", r"\1\2m", text)
    found = list(_PART.finditer(text))
    rest = _PART.sub("", text).strip(" ,.;~").casefold()
    if not found or len(found) > 4 or any(word not in _FILLERS for word in re.findall(r"\w+", rest)):
        return None
    return sum(float(part[1].replace(",", ".")) * _UNITS[part[2].casefold()][1] for part in found)


def convert(number: float, unit: str | None, wanted: str | None) -> float | None:
    """The number in the wanted unit; `None` where the two measure different things (or are different
    currencies)."""
    if unit == wanted or unit is None or wanted is None:
        return number
    have, want = _UNITS.get(unit.casefold()), _UNITS.get(wanted.casefold())
    if have is None or want is None:
        currency = unit in _CODES, wanted in _CODES
        return None if all(currency) or any(currency) else number
    return number * have[1] / want[1] if have[0] == want[0] else None


def measures(unit: str | None) -> str | None:
    """What the unit measures: "time", "mass", "distance", "volume", "memory", "share"; `None` for any
    other."""
    known = _UNITS.get(unit.casefold()) if unit else None
    return known[0] if known else None


def unit_in_name(words: list[str]) -> str | None:
    """The unit that a column's name ends with: "weight kg", "duration ms", "price usd"."""
    for word in reversed(words[-2:]):
        if word.upper() in _CODES:
            return word.upper()
        if (
            word in _UNITS
            and (len(words) > 1 or len(word) > 2)
            and word not in ("s", "m", "d", "w", "y", "in", "year", "years", "month", "day")
        ):
            return _UNITS[word][2]
    return "s" if len(words) > 1 and words[-1] in ("s", "sec") else None


def tidy(number: float) -> int | float:
    """Whole numbers as int, others with six digits after the point."""
    return int(number) if number == int(number) else round(number, 6)


def _listed(text: str) -> list[object] | None:
    """The list that a text spells, as JSON or as Python prints it; `None` where it spells none."""
    text = text.strip()
    if len(text) < 2 or text[0] + text[-1] not in ("[]", "()", "{}"):
        return None
    if text[0] == "[":
        try:
            value = json.loads(text)
            return value if isinstance(value, list) else None
        except (ValueError, RecursionError):
            pass
    elif text[0] == "{" and ":" in text:
        return None
    try:
        value = ast.literal_eval(text)
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    return list(value) if isinstance(value, (list, tuple, set)) else None


def _unique(texts: list[str]) -> tuple[str, ...]:
    kept: dict[str, str] = {}
    for text in texts:
        kept.setdefault(clean.key(text), text)
    return tuple(kept.values())
