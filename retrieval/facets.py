"""A first guess of what the columns of an unknown file mean: from their names, and from their values where
those don't tell. People correct it in the schema file."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from statistics import median

from retrieval import cells, clean, columns
from retrieval.errors import BadSchema
from retrieval.facts import bare_unit, is_yes_no, separator_of
from retrieval.items import Facet, FacetKind, FacetRole
from retrieval.schema import Columns, FacetColumn, Schema
from retrieval.sources import Row

_URL = re.compile(r"(?:https?:)?//[^\s/]+\.[^\s]+|www\.\S+", re.IGNORECASE)
_PICTURE = re.compile(r"\S+\.(?:jpe?g|png|webp|gif|avif|svg)(?:\?\S*)?", re.IGNORECASE)
_PERSON = re.compile(
    r"[A-ZÀ-ÞŁŚŽŠČ][\w'’-]*\.?"
    r"(?: (?:[A-ZÀ-ÞŁŚŽŠČ][\w'’-]*\.?|d[eaiu]l?|van|von|der|den|la|le|bin|al|ter)){1,4}"
)
# Given names among the most frequent of several countries (US Social Security lists and their like): a column
# of capitalised words is people only if a fair share of them begin with one, or they are plainly initials.
_GIVEN = frozenset(
    [
        "james", "john", "robert", "michael", "william", "david", "richard", "joseph", "thomas", "charles",
        "daniel",
        "matthew", "anthony", "mark", "paul", "steven", "stephen", "andrew", "george", "kevin", "brian",
        "edward",
        "peter", "jason", "jeff", "ryan", "jacob", "gary", "eric", "jonathan", "frank", "scott", "ben",
        "sam", "tom",
        "jack", "henry", "martin", "simon", "alan", "adam", "alex", "mary", "patricia", "jennifer", "linda",
        "elizabeth", "barbara", "susan", "jessica", "sarah", "karen", "lisa", "nancy", "margaret", "emily",
        "emma",
        "anna", "anne", "julia", "laura", "maria", "kate", "helen", "jane", "rachel", "claire", "alice",
        "amy",
        "pierre", "jean", "marie", "hans", "karl", "carlos", "juan", "josé", "luis", "ana", "giovanni",
        "marco",
        "ivan", "olga", "hiroshi", "kenji", "yuki", "wei", "ali", "mohammed", "ahmed", "fatima", "priya",
        "raj",
    ]
)  # fmt: skip


@dataclass(frozen=True)
class _Column:
    """One column of the sample, and what its cells look like."""

    name: str
    rows: int
    values: tuple[object, ...]  # those that say something
    texts: tuple[str, ...]

    @property
    def said(self) -> str:
        return columns.words(self.name)

    @cached_property
    def unique(self) -> float:
        """The share of different values, 0 to 1."""
        return len({clean.key(text) for text in self.texts}) / max(1, len(self.texts))

    @cached_property
    def mean_words(self) -> float:
        return sum(len(text.split()) for text in self.texts) / max(1, len(self.texts))

    @cached_property
    def mean_length(self) -> float:
        return sum(map(len, self.texts)) / max(1, len(self.texts))

    @cached_property
    def listed(self) -> bool:
        """Whether a fair part of the cells are lists by themselves."""
        return sum(cells.is_list(value) for value in self.values) > 0.1 * len(self.values)

    @cached_property
    def numeric(self) -> float:
        """The share of cells that are amounts or durations."""
        read = [cells.amount(value) is not None or cells.minutes(value) is not None for value in self.values]
        return sum(read) / max(1, len(read))

    def share(self, test: Callable[[str], object]) -> float:
        return sum(bool(test(text)) for text in self.texts) / max(1, len(self.texts))


def infer(rows: Sequence[Row], name: str = "") -> Schema:
    """A schema for the sampled rows of the catalogue `name`: columns left out are in it, marked and with a
    reason.

    Raises `BadSchema` where no column can be the title.
    """
    found = _columns(rows)
    title = _title(found)
    picked: dict[str, str] = {"title": title.name}
    for key, pick in (("id", _id), ("image", _image), ("url", _url), ("description", _description)):
        column = pick([column for column in found if column.name not in picked.values()])
        if column is not None:
            picked[key] = column.name
    noun = columns.noun_of(name, [column.name for column in found])
    nouns = columns.plural(noun)
    rest = [column for column in found if column.name not in picked.values()]
    others = tuple(
        column.name
        for column in rest
        if columns.rank(column.name, columns.OTHER_TITLES) is not None and column.texts
    )
    series = _series(rest)
    facets = [_facet(column, others, series, noun) for column in rest]
    facets = _one_role_each(_years_of_titles(title, facets))
    return Schema(
        noun, nouns, nouns[:1].upper() + nouns[1:], Columns(**picked), others, tuple(_unique_names(facets))
    )


def _columns(rows: Sequence[Row]) -> list[_Column]:
    order = dict.fromkeys(name for row in rows for name in row.values)
    found = []
    for name in order:
        pairs = [
            (value, text)
            for row in rows
            if (value := row.values.get(name)) is not None and (text := cells.text_of(value))
        ]
        # A title may well be "Unknown" or "None": such words are missing only in other columns.
        is_title = columns.rank(name, columns.TITLES) is not None
        pairs = [(value, text) for value, text in pairs if not clean.is_missing(text, fact=not is_title)]
        found.append(
            _Column(name, len(rows), tuple(value for value, _ in pairs), tuple(text for _, text in pairs))
        )
    return found


# --- the columns that every item has ------------------------------------------------------------------------


def _title(found: list[_Column]) -> _Column:
    def may_be(column: _Column) -> bool:
        enough = len(column.texts) >= 0.5 * column.rows and (column.unique > 0.3 or len(column.texts) < 10)
        return (
            enough and not column.listed and column.mean_length <= 500 and column.share(_URL.fullmatch) < 0.2
        )

    ranked = [
        (rank, column) for column in found if (rank := columns.rank(column.name, columns.TITLES)) is not None
    ]
    for _, column in sorted(ranked, key=lambda pair: pair[0]):
        if may_be(column):
            return column
    half = [
        column
        for column in found
        if re.search(r" (title|name)$", column.said)
        and not re.match(
            r"(brand|author|artist|user|category|file|seller|album|short|first|last|country|city|original)\b",
            column.said,
        )
    ]
    by_values = [
        column
        for column in found
        if column.numeric < 0.5
        and column.unique > 0.5
        and column.mean_words <= 15
        and column.mean_length <= 200
        and not is_yes_no(column.values)
        and not columns.is_identifier(column.name)
        and not columns.people_of(column.name)
        and cells.year_of_date(next(iter(column.values), None)) is None
    ]
    candidates = [column for column in half if may_be(column)] or [
        column for column in by_values if may_be(column)
    ]
    if not candidates:
        raise BadSchema(
            f"No column looks like a title; found: {', '.join(column.name for column in found)}. "
            'Say which it is, with title = "…" under [columns] in a .genre.toml file beside the catalogue.'
        )
    return max(candidates, key=lambda column: (round(column.unique, 1), column.mean_words >= 1.5))


def _id(found: list[_Column]) -> _Column | None:
    keys = [
        column
        for column in found
        if len(column.texts) >= 0.9 * column.rows and column.unique > 0.6 and column.mean_words < 1.5
    ]
    ranked = [
        (rank, column) for column in keys if (rank := columns.rank(column.name, columns.IDS)) is not None
    ]
    if ranked:
        return min(ranked, key=lambda pair: pair[0])[1]
    named = [column for column in keys if re.search(r"(^| )(id|uuid|sku|key|isbn|asin)$", column.said)]
    return max(named, key=lambda column: column.unique, default=None)


def _url(found: list[_Column]) -> _Column | None:
    addresses = [column for column in found if column.texts and column.share(_URL.fullmatch) > 0.6]
    ranked = [
        (rank, column)
        for column in addresses
        if (rank := columns.rank(column.name, columns.URLS)) is not None
    ]
    if ranked:
        return min(ranked, key=lambda pair: pair[0])[1]
    unique = [
        column for column in addresses if column.unique > 0.8 and column.share(_PICTURE.fullmatch) < 0.5
    ]
    return unique[0] if unique else None


def _image(found: list[_Column]) -> _Column | None:
    named = [
        (rank, column) for column in found if (rank := columns.rank(column.name, columns.IMAGES)) is not None
    ]
    named = [
        (rank, column)
        for rank, column in named
        if column.texts
        and column.share(lambda text: _URL.fullmatch(text.split(", ")[0]) or _PICTURE.fullmatch(text)) > 0.6
    ]
    if named:
        return min(named, key=lambda pair: pair[0])[1]
    shown = [
        column
        for column in found
        if column.texts and column.share(lambda text: _URL.fullmatch(text) and _PICTURE.fullmatch(text)) > 0.6
    ]
    return shown[0] if shown else None


def _description(found: list[_Column]) -> _Column | None:
    texts = [column for column in found if column.texts and not column.listed and column.numeric < 0.5]
    ranked = [
        (rank, column)
        for column in texts
        if (rank := columns.rank(column.name, columns.DESCRIPTIONS)) is not None
    ]
    # "summary" or "text" may head anything; a column called a description is one however short.
    ranked = [(rank, column) for rank, column in ranked if column.mean_words >= 3 or "desc" in column.said]
    if ranked:
        return min(ranked, key=lambda pair: pair[0])[1]
    long = [
        column
        for column in texts
        if column.mean_words >= 8 and column.mean_length >= 60 and column.unique > 0.5
    ]
    return max(long, key=lambda column: column.mean_length, default=None)


# --- facets -------------------------------------------------------------------------------------------------


def _facet(column: _Column, others: tuple[str, ...], series: frozenset[str], noun: str) -> FacetColumn:
    if column.name in others:
        return _made(column, "words", many=column.listed)
    why = _why_not(column, series)
    if why:
        return replace(_made(column, "words"), ignore=True, note=why)
    if column.listed:
        return _text(column)
    if columns.people_of(column.name) and column.numeric < 0.5:  # "stars" may be actors or a rating
        return _text(column)
    if is_yes_no(column.values):
        return _made(column, "category")
    if sum(cells.year_of_date(value) is not None for value in column.values) >= 0.75 * len(column.values):
        if columns.is_bookkeeping(column.name):
            return replace(_made(column, "date"), ignore=True, note="when the row was written")
        return _made(column, "date", role="year")
    if not columns.is_code(column.name) and (number := _number(column, noun)):
        return number
    return _text(column)


def _why_not(column: _Column, series: frozenset[str]) -> str:
    """Why a column is no use to anybody who looks for something; empty where it is."""
    if not column.texts:
        return "empty"
    if len({clean.key(text) for text in column.texts}) == 1 and column.rows > 1:
        rare_yes = (
            is_yes_no(column.values)
            and cells.truth(column.values[0])
            and len(column.texts) < 0.95 * column.rows
        )
        if not rare_yes:
            return f"always {clean.cut(column.texts[0], 40)!r}"
    if column.name in series:
        return "one of a numbered series"
    if columns.is_unnamed(column.name) and column.numeric > 0.9 and column.unique > 0.95:
        return "row numbers"
    if columns.is_identifier(column.name) and not column.listed and column.mean_words < 2:
        return "an identifier"
    if columns.is_identifier(column.name) and column.listed:
        return "identifiers"
    if column.share(_URL.fullmatch) > 0.6 or (
        columns.rank(column.name, columns.IMAGES) is not None and column.share(_PICTURE.fullmatch) > 0.5
    ):
        return "addresses or file names"
    code_like = column.unique > 0.9 and column.mean_words < 1.2 and len(column.texts) >= 20
    if (
        code_like
        and column.share(lambda text: re.search(r"\d|_", text) and re.search(r"[^\W\d]", text)) > 0.6
        and column.numeric < 0.5
    ):
        return "codes"
    return ""


def _number(column: _Column, noun: str) -> FacetColumn | None:
    """The facet of a column of numbers; `None` where most cells are none."""
    role = columns.role_of(column.name)
    years = [year for value in column.values if (year := cells.year(value)) is not None]
    if (
        role == "year"
        and len(years) >= 0.5 * len(column.values)
        and sum(1000 <= year <= 2200 for year in years) > 0.8 * len(years)
    ):
        return _made(column, "number", role="year")
    needed = 0.5 if role or cells.unit_in_name(column.said.split()) else 0.75
    if column.numeric < needed:
        return None
    comma = cells.comma_is_decimal(list(column.texts))
    amounts = [amount for value in column.values if (amount := cells.amount(value, comma=comma))]
    numbers = [amount.value for amount in amounts]
    middle = median(numbers) if numbers else 0.0
    timed = sum(cells.minutes(value) is not None for value in column.values)
    if (
        timed > 0.5 * len(column.values)
        and role != "age"
        or column.said == "length"
        and noun in ("film", "movie", "video", "episode")
    ):
        role = "duration"
    elif role == "year":
        role = None
    elif role == "rating" and middle > 100:
        role = "quantity"
    elif (
        role is None
        and len(set(numbers)) > 5
        and all(number == int(number) and 1900 <= number <= 2035 for number in numbers)
    ):
        return _made(column, "number", role="year")
    return _made(column, "number", role=role, unit=_unit(column, role, [amount.unit for amount in amounts]))


def _unit(column: _Column, role: FacetRole | None, units: Sequence[str | None]) -> str | None:
    """What one step of the number means: the unit most cells write, else the one in the name, else by the
    role."""
    written = Counter(unit for unit in units if unit)
    named = bare_unit(column.name, column.values, role == "duration")
    if role == "duration":
        small = {"ms", "s", "min"}
        unit = named or (written.most_common(1)[0][0] if written else "min")
        parted = any(re.search(r"\d\s*h\w*\s*\d", text) or ":" in text for text in column.texts)
        return "min" if unit in small or parted or cells.measures(unit) != "time" else unit
    if written and written.most_common(1)[0][1] >= 0.3 * len(units):
        return written.most_common(1)[0][0]
    if named:
        return named
    if role == "age":
        return "years"
    if role == "length":
        return "words" if "word" in column.said else "pages"
    return None


def _text(column: _Column) -> FacetColumn:
    """A column of people, of categories, or of words to search."""
    word = columns.people_of(column.name)
    eager = word is not None or columns.is_category(column.name)
    separator = (
        None
        if column.listed and not any(isinstance(value, str) for value in column.values)
        else separator_of(column.values, eager=eager)
    )
    if columns.is_code(column.name):
        separator = None
    many = column.listed or separator is not None
    values = [
        part
        for value in column.values
        for part in (cells.parts(value, separator) if many else (cells.text_of(value),))
    ]
    keys = Counter(clean.key(value) for value in values)
    unique = len(keys) / max(1, len(values))
    mean_words = sum(len(value.split()) for value in values) / max(1, len(values))
    kind: FacetKind = "category"
    if word and mean_words <= 5:
        kind = "people"
    elif columns.is_category(column.name) and mean_words <= 5:
        kind = "words" if unique > 0.95 and len(values) >= 50 else "category"
    elif (
        mean_words > 6
        or (unique == 1 and len(values) >= 3)
        or (unique > 0.6 and len(values) >= 8)
        or (columns.is_code(column.name) and unique > 0.3)
    ):
        kind = "words"
    if (
        kind != "people"
        and not word
        and not columns.is_category(column.name)
        and _are_people(list(keys), values)
    ):
        kind = "people"
    return _made(column, kind, many=many, separator=separator, label=word if kind == "people" else None)


def _are_people(keys: list[str], values: list[str]) -> bool:
    """Whether values have the shape of people's names: two capitalised words or more, given names among
    them."""
    if len(keys) < 10:
        return False
    shaped = [value for value in values if _PERSON.fullmatch(value)]
    given = [
        value
        for value in shaped
        if value.split()[0].casefold() in _GIVEN or re.match(r"[A-Z]\. ?[A-Z]", value)
    ]
    return len(shaped) >= 0.8 * len(values) and len(given) >= 0.15 * len(values)


def _made(
    column: _Column,
    kind: FacetKind,
    *,
    role: FacetRole | None = None,
    unit: str | None = None,
    many: bool = False,
    separator: str | None = None,
    label: str | None = None,
) -> FacetColumn:
    if label is None and kind == "number":
        said = columns.words(column.name).split()
        bare = " ".join(said[:-1] if len(said) > 1 and cells.unit_in_name(said) else said)
        label = re.sub(
            r"^(?:(?:num|no|number)(?: of)?|nr) (?=\w)", "", bare
        )  # amounts stay in the plural: "pages"
    elif label is None:
        yes_no = kind == "category" and is_yes_no(column.values)
        label = re.sub(r"^(is|has) ", "", column.said) if yes_no else columns.label(column.name)
    return FacetColumn(
        Facet(columns.facet_name(column.name), kind, label, role, unit, many), column.name, separator
    )


# --- all columns together -----------------------------------------------------------------------------------


def _series(found: list[_Column]) -> frozenset[str]:
    """Columns such as `ratings_1` … `ratings_5`: three or more numbers that differ by a digit in their
    names."""
    stems: dict[str, list[str]] = {}
    for column in found:
        if column.numeric > 0.9 and (match := re.fullmatch(r"(.*?)[ _-]?\d+", column.name)):
            stems.setdefault(match[1], []).append(column.name)
    return frozenset(name for names in stems.values() if len(names) >= 3 for name in names)


def _years_of_titles(title: _Column, facets: list[FacetColumn]) -> list[FacetColumn]:
    """With a facet for the years in "Heat (1995)", where most titles have one and no column gives it."""
    if any(column.facet.role == "year" and not column.ignore for column in facets):
        return facets
    if title.share(lambda text: cells.title_year(text) is not None) < 0.6:
        return facets
    return [*facets, FacetColumn(Facet("year", "number", "year", "year"), title.name)]


def _one_role_each(facets: list[FacetColumn]) -> list[FacetColumn]:
    """Each role for one facet only, so that "cheap" has one meaning: plain numbers before dates, the shorter
    name first ("price" before "list price")."""
    best: dict[FacetRole, FacetColumn] = {}
    for column in facets:
        role = column.facet.role
        if role is None or column.ignore:
            continue
        rank = (column.facet.kind == "date", len(columns.words(column.column).split()))
        held = best.get(role)
        if held is None or rank < (held.facet.kind == "date", len(columns.words(held.column).split())):
            best[role] = column
    return [
        column
        if column.facet.role is None or best.get(column.facet.role) is column
        else replace(column, facet=replace(column.facet, role=None))
        for column in facets
    ]


def _unique_names(facets: list[FacetColumn]) -> list[FacetColumn]:
    taken: set[str] = set()
    unique = []
    for column in facets:
        name, again = column.facet.name, 2
        while name in taken:
            name, again = f"{column.facet.name}_{again}", again + 1
        taken.add(name)
        unique.append(replace(column, facet=replace(column.facet, name=name)))
    return unique
