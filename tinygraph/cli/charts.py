"""Line and scatter charts as inline SVG: no script, colours from the page's CSS variables, so dark mode works."""

from __future__ import annotations

import dataclasses
import html
import math
from collections.abc import Sequence

WIDTH, HEIGHT = 480, 280
LEFT, RIGHT, TOP, BOTTOM = 52, 14, 14, 40


@dataclasses.dataclass(frozen=True)
class Line:
    """One curve: its name, its values, and the CSS class that colours it."""

    name: str
    values: Sequence[float]
    css: str


@dataclasses.dataclass(frozen=True)
class Scale:
    """Maps [low, high] linearly onto pixels [start, end]."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        return self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Return round numbers that cover [low, high]: the first at most low, the last at least high.

    >>> ticks(0.03, 0.96)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> ticks(2.0, 2.0)
    [1.4, 1.6, 1.8, 2.0, 2.2, 2.4, 2.6]
    """
    if not high > low:
        low, high = low - 0.5, low + 0.5
    raw = (high - low) / about
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{i * step:.10g}") for i in range(first, last + 1)]


def line_chart(title: str, x: Sequence[float], lines: Sequence[Line], x_name: str = "epoch") -> str:
    """Return an <svg> of curves over x with a legend; values that are not finite are left out."""
    finite = [v for line in lines for v in line.values if math.isfinite(v)] or [0.0, 1.0]
    x_ticks, y_ticks = ticks(min(x), max(x)), ticks(min(finite), max(finite))
    across = Scale(min(x), max(x) if max(x) > min(x) else min(x) + 1, LEFT, WIDTH - RIGHT)
    up = Scale(y_ticks[0], y_ticks[-1], HEIGHT - BOTTOM, TOP)
    parts = _frame([t for t in x_ticks if min(x) <= t <= max(x)], y_ticks, across, up, x_name)
    for line in lines:
        points = [(across(a), up(b)) for a, b in zip(x, line.values) if math.isfinite(b)]
        path = " ".join(f"{a:.1f},{b:.1f}" for a, b in points)
        parts.append(f'<polyline class="curve {line.css}" points="{path}"/>')
        if points:
            last = line.values[-1]
            parts.append(
                f'<circle class="dot {line.css}" cx="{points[-1][0]:.1f}" cy="{points[-1][1]:.1f}" r="4">'
                f"<title>{html.escape(line.name)}: {last:.4g}</title></circle>"
            )
    ends = "; ".join(f"{line.name} from {line.values[0]:.3g} to {line.values[-1]:.3g}" for line in lines)
    legend = "".join(
        f'<li class="{line.css}">{html.escape(line.name)} <b>{line.values[-1]:.3f}</b></li>' for line in lines
    )
    return _figure(title, f"{title} over {x_name}: {ends}.", parts, legend)


def scatter(title: str, x: Sequence[float], y: Sequence[float], x_name: str, y_name: str) -> str:
    """Return an <svg> of points (x, y) with the diagonal on which both agree."""
    bounds = ticks(min(*x, *y), max(*x, *y))
    across = Scale(bounds[0], bounds[-1], LEFT, WIDTH - RIGHT)
    up = Scale(bounds[0], bounds[-1], HEIGHT - BOTTOM, TOP)
    parts = _frame(bounds, bounds, across, up, x_name)
    parts.append(
        f'<line class="diagonal" x1="{across(bounds[0]):.1f}" y1="{up(bounds[0]):.1f}" '
        f'x2="{across(bounds[-1]):.1f}" y2="{up(bounds[-1]):.1f}"/>'
    )
    parts += [f'<circle class="point" cx="{across(a):.1f}" cy="{up(b):.1f}" r="3"/>' for a, b in zip(x, y)]
    return _figure(title, f"{title}: {y_name} against {x_name} for {len(x)} samples.", parts, "")


def _frame(x_ticks: Sequence[float], y_ticks: Sequence[float], across: Scale, up: Scale, x_name: str) -> list[str]:
    bottom = HEIGHT - BOTTOM
    parts = []
    for value in y_ticks:
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{up(value):.1f}" y2="{up(value):.1f}"/>')
        parts.append(f'<text class="tick" x="{LEFT - 8}" y="{up(value) + 4:.1f}" text-anchor="end">{value:g}</text>')
    parts += [
        f'<text class="tick" x="{across(value):.1f}" y="{bottom + 18}" text-anchor="middle">{value:g}</text>'
        for value in x_ticks
    ]
    parts.append(f'<line class="axis" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{bottom}" y2="{bottom}"/>')
    middle = (LEFT + WIDTH - RIGHT) / 2
    parts.append(f'<text class="tick" x="{middle}" y="{HEIGHT - 4}" text-anchor="middle">{html.escape(x_name)}</text>')
    return parts


def _figure(title: str, description: str, parts: list[str], legend: str) -> str:
    label = html.escape(description, quote=True)
    return (
        f'<figure class="chart"><figcaption>{html.escape(title)}</figcaption>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">{"".join(parts)}</svg>'
        + (f'<ul class="legend">{legend}</ul>' if legend else "")
        + "</figure>"
    )
