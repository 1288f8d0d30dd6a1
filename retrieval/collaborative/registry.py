"""Recommenders by name, made from plain settings (a TOML table, a dictionary); unknown keys are refused."""

from __future__ import annotations

import dataclasses
import math
import types
import typing
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from retrieval.collaborative.aligned import Aligned, AlignedSettings
from retrieval.collaborative.bias import Bias, BiasSettings, SlopeOne
from retrieval.collaborative.content import Content, ContentSettings
from retrieval.collaborative.ease import Ease, EaseSettings
from retrieval.collaborative.factors import (
    ImplicitFactors,
    ImplicitFactorsSettings,
    RatedFactors,
    RatedFactorsSettings,
)
from retrieval.collaborative.mixture import Mixture, MixtureSettings
from retrieval.collaborative.neighbours import (
    ItemNeighbours,
    ItemNeighboursSettings,
    UserNeighbours,
    UserNeighboursSettings,
)
from retrieval.collaborative.popularity import Chance, ChanceSettings, Popularity, PopularitySettings
from retrieval.collaborative.protocol import Recommender
from retrieval.errors import BadInteractions

T = TypeVar("T")

#: Settings that nothing can be done with at 0; all others may be 0.
_ABOVE = frozenset(
    """damping dimensions factors fading half_life leaves least neighbours parts pool power rate
    rating_neighbours rating_power rating_prior regularisation rounds share trees weight""".split()
)

#: Name → the settings' class and the recommender made of them.
ALGORITHMS: Mapping[str, tuple[type[Any], Callable[[Any], Recommender]]] = types.MappingProxyType(
    {
        "popularity": (PopularitySettings, Popularity),
        "chance": (ChanceSettings, Chance),
        "bias": (BiasSettings, Bias),
        "slope-one": (BiasSettings, SlopeOne),
        "item-neighbours": (ItemNeighboursSettings, ItemNeighbours),
        "user-neighbours": (UserNeighboursSettings, UserNeighbours),
        "ease": (EaseSettings, Ease),
        "aligned": (AlignedSettings, Aligned),
        "implicit-factors": (ImplicitFactorsSettings, ImplicitFactors),
        "rated-factors": (RatedFactorsSettings, RatedFactors),
        "content": (ContentSettings, Content),
    }
)


def make(name: str, settings: Mapping[str, Any] | None = None) -> Recommender:
    """The recommender of that name with the settings given, defaults elsewhere.

    A `mixture` takes `members`, a table of name → settings; `algorithm` in them says which recommender a
    member is where its name does not. Raises `BadInteractions` for unknown names, keys and impossible values.
    """
    given = dict(settings or {})
    if name == "mixture":
        tables = given.pop("members", None) or DEFAULT_MEMBERS
        members = {}
        for member, table in tables.items():
            own = dict(table)
            members[member] = make(str(own.pop("algorithm", member)), own)
        return Mixture(members, read(MixtureSettings, given, name))
    if name not in ALGORITHMS:
        known = ", ".join([*ALGORITHMS, "mixture"])
        raise BadInteractions(f"There is no recommender “{name}”. There are: {known}.")
    kind, build = ALGORITHMS[name]
    return build(read(kind, given, name))


def read(kind: type[T], given: Mapping[str, Any], where: str) -> T:
    """A settings value from plain keys. Raises `BadInteractions`, naming the key and what is possible."""
    fields = {each.name: each for each in dataclasses.fields(kind)}  # type: ignore[arg-type]
    hints = typing.get_type_hints(kind)
    values: dict[str, Any] = {}
    for key, value in given.items():
        if key not in fields:
            raise BadInteractions(f"“{where}” has no setting “{key}”. It has: {', '.join(fields)}.")
        wanted = hints[key]
        if dataclasses.is_dataclass(wanted):
            values[key] = read(typing.cast(type[Any], wanted), value, f"{where}.{key}")
            continue
        if wanted is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        fits = typing.get_origin(wanted) is typing.Literal and value in typing.get_args(wanted)
        fits = fits or (isinstance(wanted, type) and isinstance(value, wanted))
        if not fits or (isinstance(value, bool) and wanted is not bool):
            raise BadInteractions(f"“{where}.{key}” cannot be {value!r}; {wanted} is expected.")
        if isinstance(value, int | float) and (
            math.isnan(value) or value < 0 or (not value and key in _ABOVE)
        ):
            least = "above 0" if key in _ABOVE else "0 or more"
            raise BadInteractions(f"“{where}.{key}” cannot be {value!r}: it must be {least}.")
        values[key] = value
    return kind(**values)


#: Chosen on a part of MovieLens small's training ratings: docs/decisions/0010-collaborative.md.
DEFAULT_MEMBERS: Mapping[str, Mapping[str, Any]] = types.MappingProxyType(
    {
        "lately popular": {"algorithm": "popularity", "half_life": 365.0},
        "user-neighbours": {},
        "item-neighbours": {},
        "ease": {},
        "loose ease": {"algorithm": "ease", "regularisation": 60.0},
        "fading ease": {"algorithm": "ease", "fading": 8.0},
        "coarse factors": {"algorithm": "implicit-factors", "factors": 32, "regularisation": 20.0},
        "implicit-factors": {},
        "aligned": {},
        "content": {},
        "slope-one": {},
        "rated-factors": {},
    }
)
