"""A drawn cover for an item without a picture: the same title and kind always give the same drawing."""

from __future__ import annotations

import hashlib

from chat.channels.web.markup import clean, safe

# (ground, shape, ink): ink on ground has a contrast of at least 4.5 : 1 (WCAG 2.2, 1.4.3), and so on shape.
_PALETTES = (
    ("#233044", "#31445f", "#f1ead9"),
    ("#4a2330", "#64323f", "#f6e6dc"),
    ("#1f4038", "#2c574c", "#eef0dc"),
    ("#3d3324", "#574a35", "#f7ecd6"),
    ("#e9dfc9", "#d8cbae", "#33291a"),
    ("#dbe3e0", "#c3d0cb", "#1f302d"),
    ("#ecd9cf", "#ddc2b4", "#3f241a"),
    ("#34294a", "#483a64", "#efe6f2"),
    ("#dfdfe8", "#c9c9d8", "#262640"),
    ("#16404c", "#215666", "#e6f0ea"),
)
_WIDTH, _HEIGHT = 96, 136


def poster(title: str, kind: str) -> str:
    """An SVG cover: colours from `kind` (a genre, a category), shape and words from `title`."""
    seed = hashlib.blake2s((kind or title).casefold().encode("utf-8", "replace"), digest_size=4).digest()
    own = hashlib.blake2s(title.encode("utf-8", "replace"), digest_size=2).digest()
    ground, shape, ink = _PALETTES[seed[0] % len(_PALETTES)]
    lines, size = _wrapped(title)
    step = size * 1.14
    # The words sit at the foot, the drawing above them.
    top = _HEIGHT - 12 - step * (len(lines) - 1)
    words = "".join(
        f'<text x="9" y="{top + step * n:.1f}" font-size="{size}">{safe(line)}</text>'
        for n, line in enumerate(lines)
    )
    return (
        f'<svg class="poster" viewBox="0 0 {_WIDTH} {_HEIGHT}" aria-hidden="true" focusable="false">'
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="{ground}"/>'
        f'<g fill="{shape}" stroke="{shape}">{_drawing(own[1] % 6, own[0])}</g>'
        f'<rect x="9" y="10" width="14" height="1.5" fill="{ink}" opacity=".8"/>'
        f'<g fill="{ink}" class="poster-words">{words}</g></svg>'
    )


def _drawing(which: int, vary: int) -> str:
    shift = vary % 24
    if which == 0:  # a sun
        return f'<circle cx="{52 + shift}" cy="{34 + shift // 2}" r="30" stroke="none"/>'
    if which == 1:  # hills
        return (
            f'<path d="M0 {70 - shift // 2} L36 {34 + shift // 3} L62 {62 - shift // 4} L96 {28 + shift} '
            'V92 H0Z" stroke="none"/>'
        )
    if which == 2:  # stripes
        return "".join(
            f'<rect x="{x + shift // 3}" width="7" height="{96 - (x * 7 + shift * 3) % 50}" stroke="none"/>'
            for x in range(22, 96, 15)
        )
    if which == 3:  # waves
        return "".join(
            f'<path d="M-8 {y + shift // 2} q 26 -18 52 0 t 60 0" fill="none" stroke-width="5"/>'
            for y in (26, 42, 58)
        )
    if which == 4:  # a door of arcs
        return "".join(
            f'<path d="M{68 - r} 78 v{-26 - shift // 3} a{r} {r} 0 0 1 {2 * r} 0 v{26 + shift // 3}" '
            'fill="none" stroke-width="5"/>'
            for r in (10, 22, 34)
        )
    return "".join(  # a field of dots
        f'<circle cx="{30 + 15 * (n % 5)}" cy="{20 + 15 * (n // 5)}" r="{2 + (n * 7 + vary) % 5}" '
        'stroke="none"/>'
        for n in range(20)
    )


def _wrapped(title: str) -> tuple[list[str], float]:
    """The title in at most four lines and a size that fits the width (0.56 em is a wide serif letter)."""
    words = clean(title).split() or ["?"]
    for size, most in ((14.0, 3), (12.0, 4), (10.5, 4), (9.0, 5)):
        room = int((_WIDTH - 16) / (size * 0.56))
        lines = _lines(words, room)
        if len(lines) <= most and all(len(line) <= room for line in lines):
            return lines, size
    room = int((_WIDTH - 16) / (9.0 * 0.56))
    cut = [line if len(line) <= room else line[: room - 1] + "…" for line in _lines(words, room)]
    return (cut if len(cut) <= 5 else [*cut[:4], cut[4].rstrip("…")[: room - 1] + "…"]), 9.0


def _lines(words: list[str], room: int) -> list[str]:
    lines = [words[0]]
    for word in words[1:]:
        if len(lines[-1]) + 1 + len(word) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
