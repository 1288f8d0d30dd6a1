"""The pattern files: domains, what people say, how a recommender replies. Checked as they are read."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from finetune.errors import BadPatterns

FOLDER = Path(__file__).parent

Class = Literal["kind", "adjective", "topic", "person", "place", "number", "level"]
Lists = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class Aspect:
    """One facet of a domain: its values, how people ask for them and how a reply states them.

    `values` are (as a name, as the noun or adjective it becomes, its plural); numbers have `low`, `high` and
    `step` in units of `unit` instead, and people are made up.
    """

    names: tuple[str, ...]
    labels: tuple[str, ...]
    kind: Class
    values: tuple[str, ...] = ()
    also: Mapping[str, str] = field(default_factory=dict)
    unit: str = ""
    said: str = "{n}"
    heard: tuple[str, ...] = ("{n}",)
    low: float = 0
    high: float = 0
    step: float = 1
    brand: bool = False
    lists: Lists = field(default_factory=dict)

    def __getitem__(self, name: str) -> tuple[str, ...]:
        return self.lists.get(name, ())


@dataclass(frozen=True)
class Domain:
    """An invented kind of catalogue."""

    name: str
    noun: str
    nouns: str
    more_nouns: tuple[tuple[str, str], ...]
    verb: str
    seen: tuple[str, ...]
    occasions: tuple[str, ...]
    company: tuple[str, ...]
    titles: tuple[str, ...]
    firsts: tuple[str, ...]
    seconds: tuple[str, ...]
    years: bool
    aspects: tuple[Aspect, ...]


@cache
def domains() -> Mapping[str, Domain]:
    """All domains by name. Raises `BadPatterns`."""
    return {path.stem: _domain(path) for path in sorted((FOLDER / "domains").glob("*.toml"))}


def telling_words() -> set[str]:
    """The words, in lower case, that are a whole value of a facet in some domain, or another word for one."""
    told = set()
    for aspect in (aspect for domain in domains().values() for aspect in domain.aspects):
        forms = (*(form for value in aspect.values for form in value.split("|")), *aspect.also)
        told |= {form.casefold() for form in (*forms, *aspect["little"], *aspect["much"])}
    return {form for form in told if form.isalpha()}


@cache
def says() -> Lists:
    """What people say, by list. Raises `BadPatterns`."""
    lists: dict[str, tuple[str, ...]] = {}
    for path in sorted((FOLDER / "says").glob("*.toml")):
        for name, patterns in _read(path).get("lists", {}).items():
            lists[name] = tuple(patterns)
    return lists


@cache
def replies() -> Mapping[str, Lists]:
    """How a recommender replies: sections of lists. Raises `BadPatterns`."""
    sections: dict[str, dict[str, tuple[str, ...]]] = {}
    for path in sorted((FOLDER / "replies").glob("*.toml")):
        for name, lists in _read(path).items():
            sections.setdefault(name, {}).update({key: tuple(patterns) for key, patterns in lists.items()})
    return sections


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise BadPatterns(f"{path} is no TOML: {error}.") from None


_LISTS = (
    "after", "says", "asks", "below", "above", "around", "between", "little", "much", "less", "more",
)  # fmt: skip


def _domain(path: Path) -> Domain:
    found = _read(path)
    try:
        aspects = tuple(_aspect(values, path) for values in found["facets"])
        return Domain(
            name=path.stem,
            noun=found["noun"],
            nouns=found["nouns"],
            more_nouns=tuple((one, many) for one, many in (pair.split("|") for pair in found["more_nouns"])),
            verb=found["do"],
            seen=tuple(found["seen"]),
            occasions=tuple(found["occasions"]),
            company=tuple(found["company"]),
            titles=tuple(found["titles"]),
            firsts=tuple(found["A"]),
            seconds=tuple(found["N"]),
            years=bool(found.get("years", False)),
            aspects=aspects,
        )
    except (KeyError, ValueError) as error:
        raise BadPatterns(f"{path}: {error} is missing or wrong.") from None


def _aspect(values: Mapping[str, Any], path: Path) -> Aspect:
    kind = values["class"]
    if kind not in get_args(Class):
        raise BadPatterns(f"{path}: class is {kind!r}; expected one of {', '.join(get_args(Class))}.")
    return Aspect(
        names=tuple(values["names"]),
        labels=tuple(values["labels"]),
        kind=kind,
        values=tuple(values.get("values", ())),
        also=dict(values.get("also", {})),
        unit=values.get("unit", ""),
        said=values.get("said", "{n}"),
        heard=tuple(values.get("heard", ("{n}",))),
        low=values.get("low", 0),
        high=values.get("high", 0),
        step=values.get("step", 1),
        brand=values.get("invent") == "brand",
        lists={name: tuple(values.get(name, ())) for name in _LISTS},
    )
