"""The cells of one column → facts, as the column's facet wants them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from statistics import median

from retrieval import cells, clean, columns
from retrieval.items import FactValue
from retrieval.schema import FacetColumn

_LAST_FIRST = re.compile(r"[^\W\d_][\w.'’ -]*, [^\W\d_][\w.'’ -]*")
_NAME = re.compile(r"[^\W\d_][\w.'’-]*(?: [\w.'’&-]+){1,5}")


class FactReader:
    """Reads the cells of one facet's column. `sample` are cells of the column, from which it learns how they
    are written: the separator of lists, decimal commas, yes/no words, the unit of bare numbers, "Last,
    First"."""

    def __init__(self, column: FacetColumn, sample: Sequence[object], *, from_title: bool = False) -> None:
        facet = column.facet
        self._facet = facet
        self._from_title = from_title
        self._separator = column.separator
        if facet.many and self._separator is None:
            self._separator = separator_of(sample, eager=True)
        texts = [text for value in sample if (text := cells.text_of(value)) and not clean.is_missing(text)]
        self._comma = facet.kind == "number" and cells.comma_is_decimal(texts)
        self._yes_no = facet.kind == "category" and not facet.many and is_yes_no(sample)
        self._clock = "h:m" if "run" in columns.words(column.column) else "m:s"
        self._bare_unit = (
            bare_unit(column.column, sample, facet.role == "duration") if facet.kind == "number" else None
        )
        self._turned = facet.kind == "people" and is_last_first(sample, self._separator)

    def read(self, value: object) -> tuple[FactValue | None, bool]:
        """The fact of a cell (`None` where it says nothing), and whether the cell was there but made no
        sense."""
        if self._from_title:
            return cells.title_year(cells.text_of(value)), False
        kind = self._facet.kind
        if kind in ("number", "date"):
            text = cells.text_of(value)
            if not text or clean.is_missing(text):
                return None, False
            number = (
                self._year(value) if kind == "date" or self._facet.role == "year" else self._number(value)
            )
            return number, number is None
        if self._facet.many:
            found = cells.parts(value, self._separator)
            if self._turned:
                found = tuple(first_last(name) for name in found)
            return tuple(clean.cut(text, clean.FACT_LIMIT) for text in found) or None, False
        if self._yes_no and (answer := cells.truth(value)) is not None:
            return ("yes" if answer else "no"), False
        text = cells.text_of(value)
        if not text or clean.is_missing(text):
            return None, False
        return clean.cut(first_last(text) if self._turned else text, clean.FACT_LIMIT), False

    def _year(self, value: object) -> int | None:
        year = cells.year(value)
        return year if year is not None and -5000 <= year <= 2200 else None

    def _number(self, value: object) -> int | float | None:
        facet = self._facet
        wanted = facet.unit or ("years" if facet.role == "age" else None)
        if facet.role == "duration" or cells.measures(wanted) == "time":
            long = cells.minutes(value, clock=self._clock)
            if long is not None:
                converted = cells.convert(long, "min", wanted or "min")
                return cells.tidy(round(converted, 2)) if converted is not None else None
        amount = cells.amount(value, comma=self._comma)
        if amount is None or (amount.is_range and facet.role not in ("price", "age")):
            return None
        number = cells.convert(amount.value, amount.unit or self._bare_unit, wanted)
        if number is not None and number != amount.value:
            number = round(number, 2)  # converted: nobody speaks of 3.583333 minutes
        return cells.tidy(number) if number is not None else None


def is_yes_no(values: Sequence[object]) -> bool:
    """Whether all cells that say something say yes or no."""
    said = [value for value in values if (text := cells.text_of(value)) and not clean.is_missing(text)]
    return bool(said) and all(cells.truth(value) is not None for value in said)


def bare_unit(column: str, values: Sequence[object], is_duration: bool) -> str | None:
    """The unit of numbers written without one: what the column's name ends with, else for durations of tens
    of thousands milliseconds, as music services give them."""
    named = cells.unit_in_name(columns.words(column).split())
    if named is None and is_duration:
        numbers = [
            amount.value for value in values if (amount := cells.amount(value)) and amount.unit is None
        ]
        if numbers and median(numbers) > 20_000:
            return "ms"
    return named


def separator_of(values: Sequence[object], *, eager: bool = False) -> str | None:
    """What parts the values of text cells that are lists; `None` where they are no lists.

    Bars and semicolons part short values; a comma or slash counts only where the parts come back in other
    cells, or are names of people: "London, 12 High Street" is one value. `eager` (a column known to hold
    several) believes it sooner.
    """
    texts = [
        value if "\n" in value else cells.text_of(value)
        for value in values
        if isinstance(value, str) and value.strip() and not cells.is_list(value)
    ]
    texts = [text for text in texts if not clean.is_missing(text)]
    for separator in cells.SEPARATORS:
        several = [text for text in texts if separator in text.strip()]
        if len(several) < max(1, 0.02 * len(texts)):
            continue
        found = [part.strip() for text in several for part in text.split(separator) if part.strip()]
        if not found or max(map(len, found)) > 80 and _share_long(found) > 0.05:
            continue
        if sum(len(part.split()) for part in found) / len(found) > 4:
            continue
        if separator in ("|", ";", " > ", "\n"):
            return separator
        if separator == "/" and (any(part.isdigit() for part in found) or min(map(len, found)) < 3):
            continue
        everywhere = Counter(
            key
            for text in set(texts)
            for key in {clean.key(part) for part in text.split(separator) if part.strip()}
        )
        again = sum(everywhere[clean.key(part)] > 1 for part in found) / len(found)
        if again >= (0.3 if eager else 0.6) or (eager and len(texts) < 20 and separator == ","):
            if separator == "," and is_last_first(values, None):
                return None
            return separator
        if (
            separator == ","
            and eager
            and sum(bool(_NAME.fullmatch(part)) for part in found) >= 0.6 * len(found)
        ):
            return separator
    return None


def is_last_first(values: Sequence[object], separator: str | None) -> bool:
    """Whether names are written "Rowling, J. K.": one comma each, and what stands around it is short."""
    names = [name for value in values for name in cells.parts(value, separator if separator != "," else None)]
    if separator == "," or not names:
        return False
    turned = [name for name in names if name.count(",") == 1 and _LAST_FIRST.fullmatch(name)]
    # A list of full names has two words on each side of its comma; a turned name mostly has one before it.
    short = [
        name
        for name in turned
        if len(name.split(",")[0].split()) == 1 or len(name.split(",")[1].split()) == 1
    ]
    return len(short) >= 0.6 * len(names)


def first_last(name: str) -> str:
    """ "Rowling, J. K." as it is said."""
    last, comma, first = name.partition(", ")
    if not comma or "," in first or first.rstrip(".").casefold() in ("jr", "sr", "ii", "iii", "iv"):
        return name
    return f"{first} {last}"


def _share_long(parts: list[str]) -> float:
    return sum(len(part) > 80 for part in parts) / len(parts)
