"""A list as Markdown, for front ends that show text only."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from chat.reply import Recommendation
from retrieval.items import Facet

_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~!])")
#: An address that can't end the link it stands in.
_ADDRESS = re.compile(r"https?://[^\s()<>\\]+", re.IGNORECASE)


def listed(recommendations: Sequence[Recommendation], facets: Sequence[Facet]) -> Iterator[str]:
    """Each recommendation with its year and its reasons, in lines; nothing of a catalogue acts as markup."""
    years = [facet.name for facet in facets if facet.role == "year"]
    for place, entry in enumerate(recommendations, 1):
        year = next((value for name in years for value in entry.item.values(name)), None)
        title = f"**{plain(entry.item.title)}**" + (f" ({plain(str(year))})" if year is not None else "")
        if entry.item.url and _ADDRESS.fullmatch(entry.item.url):
            title = f"[{title}]({entry.item.url})"
        lines = [f"{place}. {title}"]
        lines += [f"   - {'But: ' if reason.against else ''}{plain(reason.text)}" for reason in entry.reasons]
        yield "\n".join(lines) + "\n"


def plain(text: str) -> str:
    """The text with every character escaped that Markdown or HTML could take for markup, on one line."""
    return _MARKS.sub(r"\\\1", " ".join(text.split()))
