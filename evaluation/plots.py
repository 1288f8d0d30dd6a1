"""Plots for reports, drawn by matplotlib without a display and readable on light and dark paper.

Text, axes and grid take their colour from the page. Series have the colours of Okabe & Ito, "Color universal
design" (2008), in an order that keeps its contrast on both papers, and differ in marker and line as well.
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from evaluation.intervals import Interval
from evaluation.report import Plot, number

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

#: Blue, vermilion, bluish green, orange, reddish purple, sky blue, grey.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#E69F00", "#CC79A7", "#56B4E9", "#7F7F7F")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
LINES = ("-", "--", "-.", ":")

# Colours that stand in the drawing for what the page decides; no series uses them.
_INK = "#010203"
_GRID = "#040506"


def canvas(*, width: float = 7.2, height: float = 4.0) -> tuple[Figure, Axes]:
    """An empty drawing of `width` by `height` inches, in the report's style. Hand it to `finished`."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained")
    figure.patch.set_alpha(0)
    axes = figure.add_subplot()
    axes.patch.set_alpha(0)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_GRID)
    axes.tick_params(colors=_INK, labelsize=9.5, length=0)
    axes.grid(visible=True, color=_GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    return figure, axes


def finished(figure: Figure, title: str, caption: str = "") -> Plot:
    """The drawing as a `Plot`: its text stays text, so that it can be read out, searched and recoloured."""
    import matplotlib

    for axes in figure.axes:
        axes.xaxis.label.set(color=_INK, size=10)
        axes.yaxis.label.set(color=_INK, size=10)
        legend = axes.get_legend()
        if legend is not None:
            legend.set_frame_on(False)
            for text in legend.get_texts():
                text.set(color=_INK, size=9.5)
    written = io.StringIO()
    # Ids inside the drawing are hashes: with the title as salt, two plots of one page don't share them.
    with matplotlib.rc_context({"svg.fonttype": "none", "svg.hashsalt": title, "font.family": "sans-serif"}):
        figure.savefig(written, format="svg", metadata={"Date": None, "Creator": None})
    return Plot(title, _for_page(written.getvalue(), title), caption)


def _for_page(svg: str, title: str) -> str:
    """The svg element alone, as wide as its place, in the page's colours and letters."""
    svg = svg[svg.index("<svg") :]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r'(<svg [^>]*?)width="[^"]*" height="[^"]*"|height="[^"]*" (?=viewBox)', r"\1", svg, count=1)
    svg = re.sub(r'<svg ([^>]*?)\bwidth="[^"]*"', r"<svg \1", svg, count=1)
    # Ids of groups ("axes_1", "figure_1") repeat between plots and nothing points to them.
    pointed = set(re.findall(r"(?:url\(|href=\")#([^\")]+)", svg))
    svg = re.sub(r' id="([^"]+)"', lambda found: found[0] if found[1] in pointed else "", svg)
    svg = svg.replace(_INK, "currentColor").replace(_GRID, "var(--line)")
    svg = re.sub(r"font: ([\d.]+)px [^;\"]*", r"font-size: \1px", svg)
    label = title.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
    return svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)


def curves(
    title: str,
    x: Sequence[float],
    lines: Mapping[str, Sequence[Interval | float]],
    *,
    x_label: str,
    y_label: str,
    caption: str = "",
    log_x: bool = False,
) -> Plot:
    """One line a name over common places `x`, with a band where values have intervals."""
    figure, axes = canvas()
    for place, (name, values) in enumerate(lines.items()):
        colour = COLOURS[place % len(COLOURS)]
        axes.plot(
            x,
            [_height(value) for value in values],
            label=name,
            color=colour,
            marker=MARKERS[place % len(MARKERS)],
            linestyle=LINES[place % len(LINES)],
            markersize=5,
            linewidth=1.8,
        )
        if all(isinstance(value, Interval) for value in values):
            low = [value.low for value in values if isinstance(value, Interval)]
            high = [value.high for value in values if isinstance(value, Interval)]
            axes.fill_between(x, low, high, color=colour, alpha=0.16, linewidth=0)
    if log_x:
        axes.set_xscale("log")
        axes.set_xticks(list(x), [f"{value:g}" for value in x])
        axes.minorticks_off()
    axes.set(xlabel=x_label, ylabel=y_label)
    if len(lines) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return finished(figure, title, caption)


def bars(
    title: str, values: Mapping[str, Interval | float | None], *, x_label: str, caption: str = ""
) -> Plot:
    """One measured value a name, from top to bottom, as a dot with its interval: easier to compare than bars.

    What was not measured has its name and no dot.
    """
    names = list(values)
    figure, axes = canvas(height=0.9 + 0.34 * max(len(names), 2))
    for place, name in enumerate(names):
        value = values[name]
        middle = number(value)
        if middle is None:
            continue
        if isinstance(value, Interval):
            axes.plot([value.low, value.high], [place, place], color=COLOURS[0], linewidth=2.4, alpha=0.45)
        axes.plot([middle], [place], marker="o", markersize=7, color=COLOURS[0])
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_xlabel(x_label)
    axes.grid(visible=False, axis="y")
    return finished(figure, title, caption)


def trade_off(
    title: str,
    lines: Mapping[str, Sequence[tuple[Interval | float, Interval | float]]],
    *,
    x_label: str,
    y_label: str,
    caption: str = "",
) -> Plot:
    """One curve a name through (x, y) points: what is given up against what is won."""
    figure, axes = canvas()
    for place, (name, points) in enumerate(lines.items()):
        axes.plot(
            [_height(x) for x, _ in points],
            [_height(y) for _, y in points],
            label=name,
            color=COLOURS[place % len(COLOURS)],
            marker=MARKERS[place % len(MARKERS)],
            linestyle=LINES[place % len(LINES)],
            markersize=5,
            linewidth=1.8,
        )
    axes.set(xlabel=x_label, ylabel=y_label)
    if len(lines) > 1:
        axes.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return finished(figure, title, caption)


def _height(value: Interval | float) -> float:
    found = number(value)
    return float("nan") if found is None else found
