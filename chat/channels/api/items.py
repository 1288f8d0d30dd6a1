"""Catalogues and their items: look one up, search, filter, count."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from chat.channels.api import shapes
from chat.channels.api.context import FOR_WELCOME, Context, Here, Welcome
from chat.channels.conditions import HOW, BadCondition, conditions
from chat.channels.examples import examples
from chat.channels.http.errors import ApiError
from chat.wire import item_json
from retrieval.browse import FacetCount
from retrieval.items import Bounds, Facet

router = APIRouter(prefix="/v1", tags=["catalogues"], dependencies=FOR_WELCOME)

Catalogue = Annotated[
    str | None, Query(description="A catalogue's name; the default one without.", max_length=200)
]
Words = Annotated[
    str, Query(description="Words to look for in titles, facets and descriptions.", max_length=500)
]
Chosen = Annotated[
    list[str],
    Query(
        description=f"A condition: {HOW}",
        max_length=50,
    ),
]


@router.get("/catalogues", response_model=shapes.Catalogues, response_model_exclude_unset=True)
def catalogues(here: Here, caller: Welcome) -> dict[str, Any]:
    """All catalogues, each with its facets."""
    return {"catalogues": [_catalogue(name, here) for name in here.catalogues.names()]}


@router.get("/items", response_model=shapes.ItemsPage, response_model_exclude_unset=True)
def search(
    here: Here,
    caller: Welcome,
    catalogue: Catalogue = None,
    query: Words = "",
    facet: Chosen = [],  # noqa: B006 - a query parameter's default, never changed
    page: Annotated[int, Query(ge=1, le=10_000)] = 1,
    per_page: Annotated[int, Query(ge=1, le=100)] = 20,
) -> dict[str, Any]:
    """The items with any of the words that meet all conditions, best match first, and how many there are for
    each value that could be chosen further."""
    name = here.catalogue(catalogue)
    shelf = here.catalogues.shelf(name)
    try:
        musts, must_nots = conditions(facet, shelf.facets)
    except BadCondition as error:
        raise ApiError(422, "invalid", str(error), f"facet.{error.place}") from None
    found = here.catalogues.browser(name).page(query, musts, must_nots, (page - 1) * per_page, per_page)
    counts = [_counts(one, found.facets[one.name]) for one in shelf.facets if one.name in found.facets]
    return {
        "items": [item_json(item) for item in found.items],
        "total": found.matching,
        "page": page,
        "per_page": per_page,
        "facets": counts,
    }


@router.get("/items/{id:path}", response_model=shapes.Item, response_model_exclude_unset=True)
def item(
    here: Here, caller: Welcome, id: Annotated[str, Path(max_length=1000)], catalogue: Catalogue = None
) -> dict[str, Any]:
    """One item by its id."""
    name = here.catalogue(catalogue)
    found = here.catalogues.shelf(name).get(id)
    if found is None:
        raise ApiError(404, "unknown_item", f"The catalogue {name} has no item “{id[:80]}”.", "id")
    return item_json(found)


def _counts(facet: Facet, count: FacetCount) -> dict[str, Any]:
    out: dict[str, Any] = {"name": facet.name, "label": facet.label, "kind": facet.kind}
    if facet.kind in ("number", "date"):
        bounds = count.bounds or Bounds()
        return {**out, "values": [], "min": bounds.low, "max": bounds.high}
    return {**out, "values": [{"value": value, "count": number} for value, number in count.values.items()]}


def _catalogue(name: str, here: Context) -> dict[str, Any]:
    shelf = here.catalogues.shelf(name)
    facets = [
        {"name": facet.name, "label": facet.label, "kind": facet.kind, "role": facet.role, "unit": facet.unit}
        for facet in shelf.facets
    ]
    return {
        "name": name,
        "title": shelf.title,
        "noun": shelf.noun,
        "nouns": shelf.nouns,
        "items": len(shelf.items),
        "default": name == here.settings.catalogue,
        "examples": examples(shelf),
        "facets": facets,
    }
