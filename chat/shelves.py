"""The catalogues of the house: opened once each, brought up to date, swapped when a new file comes in."""

from __future__ import annotations

import logging
import tempfile
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from chat.errors import BadSettings
from chat.manager import DialogueManager
from retrieval.browse import Browser
from retrieval.build import build_index, open_retriever
from retrieval.catalogue import Catalogue, CatalogueStore
from retrieval.embed import Embedder
from retrieval.errors import IndexDamaged, RetrievalError, UnknownCatalogue
from retrieval.importing import ImportReport, Preview, import_file, preview
from retrieval.retrieve import Retriever
from retrieval.signals import Ranking

logger = logging.getLogger(__name__)

#: Seconds before a damaged index that could not be rebuilt is tried again.
MEND_AGAIN = 600.0

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is in all."""


@dataclass(frozen=True)
class Open:
    """A catalogue that is ready to talk about."""

    catalogue: Catalogue
    retriever: Retriever
    manager: DialogueManager


class Shelves:
    """All catalogues under one store.

    `bundled` maps names to files that come with the project: each is imported the first time its name is
    asked for. `manage` makes the dialogue manager of an opened catalogue, `ranking` says how it is ranked.
    """

    def __init__(
        self,
        store: CatalogueStore,
        embedder: Embedder,
        bundled: Mapping[str, Path],
        manage: Callable[[Catalogue, Retriever], DialogueManager],
        ranking: Callable[[Catalogue], Ranking] = lambda _: Ranking(),
    ) -> None:
        self.store = store
        self.embedder = embedder
        self._bundled = bundled
        self._manage = manage
        self._ranking = ranking
        self._open: dict[str, Open] = {}
        self._lock = threading.RLock()
        self._mending: set[str] = set()
        self._mended: dict[str, float] = {}

    def names(self) -> Sequence[str]:
        """The names of all catalogues, stored or bundled, sorted."""
        return tuple(sorted({*self.store.names(), *self._bundled}))

    def shelf(self, name: str, /) -> Catalogue:
        """The catalogue of that name. Raises `UnknownCatalogue`."""
        return self.open(name).catalogue

    def browser(self, name: str, /) -> Browser:
        """The search box of that catalogue. Raises `UnknownCatalogue`."""
        return self.open(name).retriever.browser

    def stored(self, name: str) -> Catalogue | None:
        """The catalogue as stored, not opened for talk; None where it is still to be read in."""
        return self.store.open(name) if name in self.store.names() else None

    def manager(self, name: str) -> DialogueManager:
        """The dialogue manager of that catalogue. Raises `UnknownCatalogue`."""
        return self.open(name).manager

    def open(self, name: str, progress: Progress | None = None) -> Open:
        """The catalogue, ready to talk about; imported and indexed first where that is still to do."""
        found = self._open.get(name)
        if found is not None:
            if found.retriever.needs_build:
                self.mend(name)
            return found
        with self._lock:
            if name not in self._open:
                if name in self._bundled:
                    import_file(
                        self._bundled[name], self.store, name, None, _step(progress, "Reading the catalogue")
                    )
                self._open[name] = self._opened(name, progress)
            return self._open[name]

    def preview(self, path: Path, schema_toml: str | None = None, /) -> Preview:
        """What importing the file would give. Raises `BadFile` or `BadSchema`."""
        with _schema_file(schema_toml) as schema:
            return preview(path, schema)

    def add(
        self,
        path: Path,
        name: str,
        schema_toml: str | None = None,
        progress: Callable[[int, int], None] | None = None,
        /,
        *,
        steps: Progress | None = None,
    ) -> ImportReport:
        """Imports the file under the name and indexes it; who talks about it gets the new one at once.

        Raises `BadFile` or `BadSchema`; then what was stored under the name stays as it was.
        """
        if name in self._bundled:
            raise BadSettings(
                f"“{name}” is the name of the bundled catalogue: choose another name for {path.name}."
            )
        told = progress

        def tell(step: str, done: int, total: int) -> None:
            if steps is not None:
                steps(step, done, total)
            if told is not None:
                told(done, total)

        with self._lock, _schema_file(schema_toml) as schema:
            report = import_file(path, self.store, name, schema, _step(tell, "Reading the file"))
            self._open[name] = self._opened(name, tell)
            return report

    def _opened(self, name: str, progress: Progress | None) -> Open:
        try:
            build_index(self.store, name, self.embedder, _named(progress))
        except IndexDamaged as error:  # exact search answers all the same
            logger.warning("The index of %s could not be built: %s", name, error)
        retriever = open_retriever(self.store, name, self.embedder, self._ranking)
        catalogue = self.store.open(name)
        return Open(catalogue, retriever, self._manage(catalogue, retriever))

    def mend(self, name: str) -> None:
        """Rebuilds a damaged index in the background; exact search answers meanwhile."""
        found = self._open.get(name)
        if found is None or not found.retriever.needs_build:
            return
        with self._lock:
            lately = time.monotonic() - self._mended.get(name, -MEND_AGAIN) < MEND_AGAIN
            if name in self._mending or lately:
                return
            self._mending.add(name)
            self._mended[name] = time.monotonic()

        def work() -> None:
            try:
                build_index(self.store, name, self.embedder, force=True)
                with self._lock:
                    retriever = open_retriever(self.store, name, self.embedder, self._ranking)
                    self._open[name] = Open(
                        found.catalogue, retriever, self._manage(found.catalogue, retriever)
                    )
            except RetrievalError as error:
                logger.warning("The index of %s could not be rebuilt: %s", name, error)
            finally:
                with self._lock:
                    self._mending.discard(name)

        threading.Thread(target=work, name=f"rebuild {name}", daemon=True).start()


STEPS = {"embed": "Learning what each item is about", "index": "Building the index"}


def _named(progress: Progress | None) -> Progress | None:
    """The progress of a build with its steps in plain words."""
    if progress is None:
        return None

    def report(step: str, done: int, total: int) -> None:
        progress(STEPS.get(step, step), done, total)

    return report


def _step(progress: Progress | None, name: str) -> Callable[[int, int], None] | None:
    if progress is None:
        return None
    return lambda done, total: progress(name, done, total)


class _schema_file:  # noqa: N801 - reads as a verb where it is used
    """A schema's text as a file for as long as it is needed; None where there is no text."""

    def __init__(self, text: str | None) -> None:
        self._text = text
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def __enter__(self) -> Path | None:
        if self._text is None:
            return None
        self._folder = tempfile.TemporaryDirectory()
        path = Path(self._folder.name) / "catalogue.genre.toml"
        path.write_text(self._text, encoding="utf-8")
        return path

    def __exit__(self, *_: object) -> None:
        if self._folder is not None:
            self._folder.cleanup()


__all__ = ["Open", "Shelves", "UnknownCatalogue"]
