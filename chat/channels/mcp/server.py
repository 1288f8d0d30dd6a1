"""Three tools: recommend, search, explain. Nothing of what an assistant asks is kept."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Annotated, Any

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import BaseModel, Field

from chat.channels.catalogues import Catalogues
from chat.channels.conditions import HOW, conditions
from chat.channels.facts import key_facts
from chat.errors import GenreError
from chat.reply import Reason
from chat.service import Service
from chat.wire import item_json, reason_json
from retrieval.errors import RetrievalError
from retrieval.items import Item

log = logging.getLogger(__name__)

PER_PAGE = 10

Catalogue = Annotated[str, Field(description="A catalogue's name; empty for the default one.")]
Messages = Annotated[
    list[str],
    Field(description="What the person said so far, in their own words, oldest first.", max_length=200),
]


class Thing(BaseModel):
    """One item of a catalogue."""

    id: str
    title: str
    facts: dict[str, Any]
    text: str = ""
    url: str | None = None


class Suggestion(BaseModel):
    """An item with what speaks for it and against it: something said, met by a fact of the catalogue."""

    item: Thing
    reasons: list[str]
    against: list[str]


class Recommended(BaseModel):
    """An answer to a person. Without recommendations its text asks or tells something."""

    text: str
    recommendations: list[Suggestion]
    quick_replies: list[str]


class Found(BaseModel):
    """One page of what matches, and for each facet the most frequent values with their number."""

    items: list[Thing]
    total: int
    page: int
    facets: dict[str, dict[str, int]]


class Explained(BaseModel):
    """What speaks for one item and against it."""

    item: Thing
    summary: str
    reasons: list[str]
    against: list[str]


def make_server(service: Service, catalogues: Catalogues, default: str) -> MCPServer[Any]:
    """The server with its tools, for any transport. `default` is the catalogue where none is named."""
    server: MCPServer[Any] = MCPServer(
        "genre", version=version("genre"), instructions=_about(catalogues, default)
    )
    tools = _Tools(service, catalogues, default)
    reading = ToolAnnotations(read_only_hint=True, open_world_hint=False)
    server.add_tool(tools.recommend, title="Recommend", description=_RECOMMEND, annotations=reading)
    server.add_tool(tools.search_items, title="Search items", description=_SEARCH, annotations=reading)
    server.add_tool(tools.explain, title="Explain", description=_EXPLAIN, annotations=reading)
    return server


_RECOMMEND = (
    "Recommends items of the catalogue to a person, each with reasons that the catalogue bears out. Pass the "
    "person's messages in their own words, the earlier ones too: tastes, limits and what was refused count."
)
_SEARCH = f"Searches a catalogue by words and exact conditions. A condition: {HOW}"
_EXPLAIN = "Says what speaks for one item and against it, by what a person said."


class _Tools:
    """The tools. They run on threads; whatever goes wrong on purpose is told in its own words."""

    def __init__(self, service: Service, catalogues: Catalogues, default: str) -> None:
        self._service, self._catalogues, self._default = service, catalogues, default

    def recommend(self, messages: Messages, catalogue: Catalogue = "") -> Recommended:
        """See `_RECOMMEND`."""
        with _told():
            reply = self._service.replay(catalogue or self._default, messages).turn.reply
            entries = reply.recommendations if reply else ()
            return Recommended(
                text=reply.text if reply else "",
                recommendations=[
                    Suggestion(item=_thing(entry.item), **_both(entry.reasons)) for entry in entries
                ],
                quick_replies=list(reply.quick_replies) if reply else [],
            )

    def search_items(
        self,
        query: Annotated[str, Field(description="Words to look for.", max_length=500)] = "",
        where: Annotated[list[str], Field(description="Conditions.", max_length=50)] = [],  # noqa: B006
        page: Annotated[int, Field(ge=1, le=10_000)] = 1,
        catalogue: Catalogue = "",
    ) -> Found:
        """See `_SEARCH`."""
        with _told():
            name = catalogue or self._default
            musts, must_nots = conditions(where, self._catalogues.shelf(name).facets)
            start = (page - 1) * PER_PAGE
            found = self._catalogues.browser(name).page(query, musts, must_nots, start, PER_PAGE)
            counts = {facet: dict(count.values) for facet, count in found.facets.items() if count.values}
            return Found(
                items=[_thing(item) for item in found.items], total=found.matching, page=page, facets=counts
            )

    def explain(
        self,
        item_id: Annotated[str, Field(description="The item's id, as a list or a search gave it.")],
        messages: Messages,
        catalogue: Catalogue = "",
    ) -> Explained:
        """See `_EXPLAIN`."""
        with _told():
            name = catalogue or self._default
            reasons = _both(self._service.explain(name, messages, item_id))
            shelf = self._catalogues.shelf(name)
            item = shelf.get(item_id)
            if item is None:  # the catalogue was replaced just now
                raise ToolError(f"The catalogue {name} has no item {item_id!r} any more.")
            facts = "; ".join(key_facts(item, shelf.facets))
            told = (
                " ".join(f"{reason}." for reason in reasons["reasons"])
                or "Nothing that was said speaks for it."
            )
            return Explained(item=_thing(item), summary=f"{item.title}: {facts}. {told}", **reasons)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except (GenreError, RetrievalError) as error:
        raise ToolError(str(error)) from None
    except ToolError:
        raise
    except Exception as error:
        log.error("A tool could not answer", exc_info=error)
        raise ToolError("Something went wrong on this side. Please try again.") from None


def _thing(item: Item) -> Thing:
    shown = item_json(item)
    shown.pop("image", None)
    return Thing(**shown)


def _both(reasons: tuple[Reason, ...]) -> dict[str, list[str]]:
    """The words of what speaks for an item, and of what speaks against it."""
    return {
        "reasons": [reason_json(reason)["text"] for reason in reasons if not reason.against],
        "against": [reason_json(reason)["text"] for reason in reasons if reason.against],
    }


def _about(catalogues: Catalogues, default: str) -> str:
    """What a model has to know before it calls anything."""
    shelf = catalogues.shelf(default)
    facets = "; ".join(f"{facet.name} ({facet.kind})" for facet in shelf.facets)
    others = ", ".join(name for name in catalogues.names() if name != default) or "none"
    return (
        f"Recommends from a catalogue of {len(shelf.items)} {shelf.nouns} (“{default}”; others: {others}). "
        f"Its facets: {facets}. Name only items that a tool gave you, and give its reasons."
    )
