"""Text → HTML that cannot break out: every word of a person or a catalogue passes through here."""

from __future__ import annotations

import html
import unicodedata
from urllib.parse import urlsplit

# Directional overrides and other invisible marks could make a title read as what it is not.
_HIDDEN = {"Cc", "Cs", "Co", "Cn"}
_BIDI = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

# 24 × 24 outlines, drawn for this page.
_ICONS = {
    "like": '<path d="M7 11v9H4v-9zM7 11l4-8c1.7 0 2.6 1.2 2.3 2.8L12.7 9H19a2 2 0 0 1 2 2.4l-1.4 7'
    'A2 2 0 0 1 17.6 20H7"/>',
    "dislike": '<path d="M17 13V4h3v9zM17 13l-4 8c-1.7 0-2.6-1.2-2.3-2.8L11.3 15H5a2 2 0 0 1-2-2.4'
    'l1.4-7A2 2 0 0 1 6.4 4H17"/>',
    "seen": '<path d="M2 12s3.6-6.5 10-6.5S22 12 22 12s-3.6 6.5-10 6.5S2 12 2 12z"/>'
    '<circle cx="12" cy="12" r="2.8"/>',
    "save": '<path d="M6 3.5h12V21l-6-4.5L6 21z"/>',
    "why": '<circle cx="12" cy="12" r="9"/><path d="M9.5 9.3a2.6 2.6 0 1 1 3.7 2.4c-.8.4-1.2.9-1.2 1.8'
    'v.5M12 17v.1"/>',
    "close": '<path d="M6 6l12 12M18 6L6 18"/>',
    "send": '<path d="M12 20V4M5 11l7-7 7 7"/>',
    "stop": '<rect x="6.5" y="6.5" width="11" height="11" rx="1.5"/>',
    "edit": '<path d="M4 20l1-4L16 5l3 3L8 19z"/>',
    "retry": '<path d="M20 12a8 8 0 1 1-2.5-5.8M20 3v4.5h-4.5"/>',
    "plus": '<path d="M12 5v14M5 12h14"/>',
    "menu": '<path d="M4 7h16M4 12h16M4 17h16"/>',
    "taste": '<path d="M4 6h9M17 6h3M4 12h3M11 12h9M4 18h11M19 18h1"/><circle cx="15" cy="6" r="2"/>'
    '<circle cx="9" cy="12" r="2"/><circle cx="17" cy="18" r="2"/>',
    "file": '<path d="M6 3h8l4 4v14H6zM14 3v4h4M12 17v-6M9.5 13.5L12 11l2.5 2.5"/>',
    "theme": '<circle cx="12" cy="12" r="8.5"/>'
    '<path d="M12 3.5v17a8.5 8.5 0 0 0 0-17z" fill="currentColor"/>',
    "for": '<path d="M5 12.5l4.5 4.5L19 7.5"/>',
    "against": '<path d="M6 12h12"/>',
    "link": '<path d="M9 6H5v13h13v-4M13 4h7v7M20 4l-9 9"/>',
}


def clean(text: str) -> str:
    """The text without control characters (line breaks stay), lone surrogates and directional overrides."""
    return "".join(
        mark
        for mark in text
        if mark in "\n\t" or (mark not in _BIDI and unicodedata.category(mark) not in _HIDDEN)
    )


def safe(text: object) -> str:
    """The text for element content or a quoted attribute."""
    return html.escape(clean(str(text)), quote=True)


def prose(text: str) -> str:
    """Paragraphs of escaped text; single line breaks are kept."""
    parts = [part.strip() for part in clean(text).split("\n\n")]
    return "".join(
        f'<p dir="auto">{html.escape(part, quote=True).replace(chr(10), "<br>")}</p>'
        for part in parts
        if part
    )


def address(url: str | None) -> str | None:
    """An escaped http(s) address, or `None` for anything else."""
    if not url:
        return None
    text = clean(url).strip()
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc or any(c in text for c in "\n\t\\ "):
        return None
    return html.escape(text, quote=True)


def icon(name: str) -> str:
    """An inline drawing, hidden from screen readers: the button around it carries the words."""
    return (
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.6" '
        f'stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{_ICONS[name]}</svg>'
    )


def button(
    do: str,
    words: str,
    *,
    icon_name: str = "",
    label: str = "",
    classes: str = "",
    pressed: bool | None = None,
    **data: object,
) -> str:
    """A button that the page's script turns into the action `do` with `data`.

    Without visible `words` a `label` is needed: it is what screen readers say.
    """
    attributes = [f'class="{safe(f"btn {classes}".strip())}"', f'data-do="{safe(do)}"']
    attributes += [f'data-{name.replace("_", "-")}="{safe(value)}"' for name, value in data.items()]
    if label:
        attributes.append(f'aria-label="{safe(label)}" title="{safe(label)}"')
    if pressed is not None:
        attributes.append(f'aria-pressed="{"true" if pressed else "false"}"')
    inner = (icon(icon_name) if icon_name else "") + (f"<span>{safe(words)}</span>" if words else "")
    return f'<button type="button" {" ".join(attributes)}>{inner}</button>'
