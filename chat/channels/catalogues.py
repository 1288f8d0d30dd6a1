"""What a channel may ask of the catalogues: their names, their items, and to take in a new file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from retrieval.browse import Page
from retrieval.importing import ImportReport, Preview
from retrieval.items import Constraint, Facet, Item


class Shelf(Protocol):
    """One catalogue, to be read only."""

    @property
    def title(self) -> str: ...
    @property
    def noun(self) -> str: ...
    @property
    def nouns(self) -> str: ...
    @property
    def facets(self) -> Sequence[Facet]: ...
    @property
    def items(self) -> Sequence[Item]: ...

    def get(self, id: str, /) -> Item | None:
        """The item of that id."""

    def values(self, facet: str, /) -> Mapping[str, int]:
        """How many items have each value of a facet, the most frequent first."""


class Browser(Protocol):
    """A catalogue's search box."""

    def page(
        self,
        text: str = "",
        musts: Sequence[Constraint] = (),
        must_nots: Sequence[Constraint] = (),
        start: int = 0,
        size: int = 20,
    ) -> Page:
        """The items from place `start` of those that match the words and meet the conditions."""


class Catalogues(Protocol):
    """All catalogues that can be talked about."""

    def names(self) -> Sequence[str]:
        """Their names, sorted."""

    def shelf(self, name: str, /) -> Shelf:
        """The catalogue of that name. Raises `UnknownCatalogue`."""

    def browser(self, name: str, /) -> Browser:
        """The search box of the catalogue of that name. Raises `UnknownCatalogue`."""

    def preview(self, path: Path, schema_toml: str | None = None, /) -> Preview:
        """What importing the file would give. Raises `BadFile` or `BadSchema`."""

    def add(
        self,
        path: Path,
        name: str,
        schema_toml: str | None = None,
        progress: Callable[[int, int], None] | None = None,
        /,
    ) -> ImportReport:
        """Imports the file and indexes it under the name. Raises `BadFile` or `BadSchema`."""


class ChannelSettings(Protocol):
    """The settings that the web channels need."""

    @property
    def catalogue(self) -> str:
        """The catalogue that a new conversation is about."""

    @property
    def max_message_chars(self) -> int:
        """The longest message taken, in characters."""

    @property
    def upload_max_mb(self) -> int:
        """The largest file taken, in MiB."""

    @property
    def allow_origins(self) -> Sequence[str]:
        """Other web origins whose pages may call the API."""


class ApiSettings(ChannelSettings, Protocol):
    """The settings that the API needs besides."""

    @property
    def host(self) -> str:
        """The address that is listened on."""

    @property
    def api_keys(self) -> Sequence[SecretStr]:
        """The keys that open the API."""

    @property
    def api_requests_per_minute(self) -> int:
        """Requests of one caller; 0 is no limit."""

    @property
    def api_messages_per_minute(self) -> int:
        """Messages of one caller; 0 is no limit."""

    @property
    def api_concurrency(self) -> int:
        """Messages answered at the same time."""

    @property
    def api_max_body_kb(self) -> int:
        """The largest request with a whole history, in KiB."""
