"""What the plain voice needs to know of a catalogue: its nouns, its facets and a few of their values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from retrieval.items import Facet

#: What people do with things of a kind.
VERBS: Mapping[str, str] = MappingProxyType(
    {
        "watch": "film movie show series video episode anime documentary programme cartoon",
        "read": "book novel comic story article news poem paper magazine essay ebook manga",
        "listen to": "song album track music podcast record artist band playlist audiobook",
        "take": "course class lesson workshop trip tour training",
        "see": "exhibition museum play concert event place sight attraction",
        "get": "product item thing gift device phone laptop toy tool shoe garment good present car bike",
        "visit": "restaurant bar cafe hotel city park destination",
        "cook": "recipe dish meal",
        "play": "game boardgame",
    }
)
#: Facets with more values than this give no samples worth naming.
SAMPLES = 8


@dataclass(frozen=True, slots=True)
class CatalogueWords:
    """How a catalogue is spoken of. `verb` is what one does with an item ("watch"); `samples` holds frequent
    values of a facet, most frequent first, from which examples are made."""

    noun: str
    nouns: str
    facets: tuple[Facet, ...] = ()
    verb: str = "try"
    samples: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))

    def facet(self, name: str) -> Facet | None:
        """The facet of that name, if there is one."""
        return next((facet for facet in self.facets if facet.name == name), None)

    def role(self, role: str) -> Facet | None:
        """The first facet with that role."""
        return next((facet for facet in self.facets if facet.role == role), None)

    @property
    def works(self) -> bool:
        """Whether these are works (read, watched, heard) rather than goods: works have moods and makers."""
        return self.verb in ("watch", "read", "listen to", "see", "play")


class Shelf(Protocol):
    """What is read off a catalogue; `retrieval.catalogue.Catalogue` has it."""

    @property
    def noun(self) -> str: ...
    @property
    def nouns(self) -> str: ...
    @property
    def facets(self) -> tuple[Facet, ...]: ...

    def values(self, facet: str) -> Mapping[str, int]: ...


def verb_for(noun: str) -> str:
    """What one does with a thing of that name: "watch" for "film", "try" where nothing is known."""
    last = noun.casefold().split()[-1] if noun.split() else ""
    return next((verb for verb, nouns in VERBS.items() if last in nouns.split()), "try")


def words_for(shelf: Shelf) -> CatalogueWords:
    """The words of a catalogue, with its most frequent values as samples."""
    samples: dict[str, tuple[str, ...]] = {}
    for facet in shelf.facets:
        if facet.kind in ("category", "people"):
            counts = shelf.values(facet.name)
            samples[facet.name] = tuple(sorted(counts, key=lambda value: (-counts[value], value))[:SAMPLES])
    return CatalogueWords(
        shelf.noun, shelf.nouns, shelf.facets, verb_for(shelf.noun), MappingProxyType(samples)
    )
