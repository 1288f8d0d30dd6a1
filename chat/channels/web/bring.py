"""“Bring your own file”: look at it first, put right what was guessed, then take it in and talk about it."""

from __future__ import annotations

import logging
import queue
import re
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from chat.channels.catalogues import Catalogues, ChannelSettings
from chat.channels.web.cards import item_card
from chat.channels.web.markup import button, safe
from chat.errors import GenreError
from retrieval.errors import RetrievalError
from retrieval.importing import ImportReport, Preview, Skipped
from retrieval.schema import schema_toml

log = logging.getLogger(__name__)

_MOST_SKIPPED = 50
_MOST_ITEMS = 4
_SORRY = "This file could not be taken in: something went wrong on this side. Nothing was changed."


class Bringing:
    """What the form does, without the form. Keeps nothing: the file and the schema come with each event."""

    def __init__(self, catalogues: Catalogues, settings: ChannelSettings) -> None:
        self._catalogues = catalogues
        self.largest_mb = settings.upload_max_mb

    def look(self, path: str | None, toml: str | None = None) -> tuple[str, str, str]:
        """For a file: what its preview shows, the schema as TOML, and a name to keep it under.

        With `toml` the file is read by it, and the text comes back as it was.
        """
        if not path:
            return "", "", ""
        try:
            preview = self._catalogues.preview(Path(path), toml or None)
        except Exception as error:
            return trouble(error), toml or "", self.name_for(path)
        written = toml or schema_toml(preview.schema, Path(path).name)
        return preview_html(preview), written, self.name_for(path)

    def take(self, path: str | None, toml: str, name: str) -> Iterator[str]:
        """Takes the file in under a new name; yields what to show: progress, then the end or the trouble."""
        wanted = slug(name)
        if not path:
            yield _note("Choose a file first.")
            return
        if not wanted:
            yield _note("Give it a name: letters and digits, such as my-books.")
            return
        if wanted in self._catalogues.names():
            yield _note(f"There is a catalogue “{wanted}” already. Give this one another name.")
            return
        # The import reports its progress by calling back; a queue turns that into a stream.
        news: queue.Queue[tuple[int, int] | ImportReport | Exception] = queue.Queue()

        def work() -> None:
            try:
                news.put(
                    self._catalogues.add(
                        Path(path), wanted, toml or None, lambda done, total: news.put((done, total))
                    )
                )
            except Exception as error:
                news.put(error)

        yield _progress(0, 0)
        threading.Thread(target=work, name=f"import of {wanted}", daemon=True).start()
        while True:
            said = news.get()
            while isinstance(said, tuple) and not news.empty():
                said = news.get()  # only the latest number is worth showing
            if isinstance(said, tuple):
                yield _progress(*said)
                continue
            yield trouble(said) if isinstance(said, Exception) else _done(said, wanted)
            return

    def name_for(self, path: str) -> str:
        """A free name made from the file's."""
        base = slug(Path(path).name.split(".")[0]) or "catalogue"
        taken = set(self._catalogues.names())
        return next(
            name for n in range(1, len(taken) + 2) if (name := base if n == 1 else f"{base}-{n}") not in taken
        )


def bring_form(bringing: Bringing) -> None:
    """Builds the form inside the current Gradio context."""
    gr.HTML(_HEAD.replace("LARGEST", str(bringing.largest_mb)), apply_default_css=False, js_on_load=None)
    file = gr.File(
        label="Your file",
        file_count="single",
        type="filepath",
        elem_id="bring-file",
        height=150,
        file_types=_TYPES,
    )
    preview = gr.HTML("", elem_id="bring-preview", apply_default_css=False, js_on_load=None)
    with gr.Column(visible=False, elem_id="bring-more", min_width=0) as more:
        toml = gr.Textbox(
            label="What the columns mean",
            info="Guessed from the file. Change what is wrong, then look again.",
            lines=12,
            max_lines=18,
            elem_id="bring-toml",
        )
        again = gr.Button("Look again", elem_id="bring-again")
        name = gr.Textbox(label="Name to keep it under", max_lines=1, max_length=64, elem_id="bring-name")
        take = gr.Button("Import", variant="primary", elem_id="bring-take")
    status = gr.HTML(
        "",
        html_template='<div aria-live="polite">${value}</div>',
        elem_id="bring-status",
        apply_default_css=False,
        js_on_load=None,
    )
    quiet: dict[str, Any] = {
        "api_visibility": "private",
        "concurrency_limit": None,
        "show_progress": "hidden",
    }

    def looked(path: str | None) -> tuple[Any, ...]:
        shown, written, called = bringing.look(path)
        return shown, written, called, gr.update(visible=bool(path)), ""

    def looked_again(path: str | None, written: str) -> str:
        return bringing.look(path, written)[0]

    file.change(looked, [file], [preview, toml, name, more, status], **quiet)
    again.click(looked_again, [file, toml], [preview], **quiet)
    take.click(bringing.take, [file, toml, name], [status], **quiet)


def preview_html(preview: Preview) -> str:
    """The first items as they would be, what was left out, and why."""
    facets = [column.facet for column in preview.schema.kept]
    cards = "".join(item_card(item, facets) for item in preview.items[:_MOST_ITEMS])
    count = f"{preview.valid:,} of {preview.rows:,} rows can be used."
    notes = "".join(f"<li>{safe(note)}</li>" for note in preview.notes)
    return (
        f'<h3 class="part">The first {safe(preview.schema.nouns)}</h3><p class="note">{count}</p>'
        f'<ol class="cards">{cards}</ol>{_skipped(preview.skipped)}'
        + (
            '<details class="notes"><summary>What was put right or left out</summary>'
            f"<ul>{notes}</ul></details>"
            if notes
            else ""
        )
    )


def trouble(error: Exception) -> str:
    """The error for people; those not meant for them go to the log."""
    if isinstance(error, (GenreError, RetrievalError)):
        return f'<div class="trouble" role="alert"><p>{safe(error)}</p></div>'
    log.error("A file could not be taken in", exc_info=error)
    return f'<div class="trouble" role="alert"><p>{safe(_SORRY)}</p></div>'


def slug(text: str) -> str:
    """A catalogue's name from any words: `Meine Bücher` → `meine-bucher`."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:60].strip("-")


def _skipped(skipped: Sequence[Skipped]) -> str:
    if not skipped:
        return ""
    rows = "".join(f"<li>Line {row.line}: {safe(row.reason)}</li>" for row in skipped[:_MOST_SKIPPED])
    more = len(skipped) - _MOST_SKIPPED
    tail = f'<p class="note">And {more:,} more.</p>' if more > 0 else ""
    return (
        f'<h3 class="part">Skipped rows ({len(skipped):,})</h3>'
        f'<ul class="skipped" tabindex="0" aria-label="Skipped rows">{rows}</ul>{tail}'
    )


def _progress(done: int, total: int) -> str:
    if total == 0:
        return '<p class="note">Reading the file…</p><progress aria-label="Import"></progress>'
    return (
        f'<p class="note">Taking it in: {done:,} of {total:,}</p>'
        f'<progress aria-label="Import" max="{total}" value="{done}"></progress>'
    )


def _done(report: ImportReport, name: str) -> str:
    talk = button("talk", f"Talk about {report.schema.title}", classes="solid", name=name)
    left = f" {len(report.skipped):,} rows were skipped." if report.skipped else ""
    return f"<p>{report.imported:,} {safe(report.schema.nouns)} are ready.{left}</p>{talk}"


def _note(words: str) -> str:
    return f'<p class="note" role="alert">{safe(words)}</p>'


_TYPES = [".csv", ".tsv", ".jsonl", ".ndjson", ".json", ".parquet", ".gz", ".txt", ".dat"]
_HEAD = (
    f'<div class="back">{button("back", "Back to the conversation", classes="bare")}</div>'
    "<h2>Bring your own file</h2>"
    '<p class="lead">A table of anything that can be recommended: books, shop goods, courses. CSV, '
    "JSON lines or Parquet, up to LARGEST MB. You see what I make of it before anything is kept. "
    "Whoever can open this page can talk about it afterwards.</p>"
)
