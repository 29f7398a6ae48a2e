"""Curves over the steps of a training, each named at its end."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..ink.escape import shorten
from ..ink.numbers import number
from .arrays import Bools, Floats, by_name, vector
from .axes import Axis, Scale, drawable, frame
from .chart import HEADING, Chart, chart
from .style import dash, line, marker, px, series, text, width_of

WIDTH, HEIGHT = 496, 270
MOST_VERTICES = 1200
"""A longer curve keeps the smallest and largest value of each stretch: no peak is lost, and more are not seen."""

LONGEST_NAME = 24
_LABEL = 30
"""Height of a curve's name with its last value below."""


def curves(
    lines: Mapping[str, Any],
    *,
    title: str = "",
    x_name: str = "epoch",
    y_name: str = "",
    x: Any = None,
    log: bool = False,
) -> Chart:
    """Return the chart of one or more curves, such as losses and accuracies.

    `lines` gives the values of each by name; `x` their common positions, by default 1, 2, 3 and so on; `log` makes
    the vertical axis logarithmic. Each curve has a colour, a dash and a marker of its own, and stands beside its name
    and last value. What is not finite (with `log`, not above 0) leaves a gap, which is counted in the chart.

    Raises TypeError for what are no numbers, ValueError for nothing to draw, more than one axis, or an `x` of
    another length.

    >>> curves({"training": [0.9, 0.4, 0.2], "held out": [1.0, 0.6, 0.5]}, title="Loss").alt
    'training from 0.9 to 0.2; held out from 1 to 0.5, over epoch 1 to 3'
    """
    given = {name: vector("curves", repr(name), values) for name, values in by_name("curves", lines).items()}
    places = _places(given, x)
    shown = {name: drawable(y, log) & drawable(places[: len(y)]) for name, y in given.items()}
    ys = np.concatenate([y[shown[name]] for name, y in given.items()])
    xs = np.concatenate([places[: len(y)][shown[name]] for name, y in given.items()])
    low, high = (float(xs.min()), float(xs.max())) if len(xs) else (0.0, 1.0)
    up_axis = Axis.covering(y_name, *((float(ys.min()), float(ys.max())) if len(ys) else (0.1, 1.0)), log)
    across_axis = Axis.covering(x_name, low, high).within(low, high)
    if x is None:  # steps are whole
        across_axis = dataclasses.replace(across_axis, ticks=tuple([t for t in across_axis.ticks if t == round(t)]))

    top = (HEADING if title else 0) + (34 if y_name else 18)
    bottom = top + max(HEIGHT - 90, _LABEL * len(given))
    gutter = 54 + max(width_of("−0.12345"), *[width_of(shorten(name, LONGEST_NAME), 13) for name in given])
    spread = (low, high) if high > low else (low - 0.5, low + 0.5)
    across = Scale(*spread, 22 + up_axis.room, WIDTH - gutter)
    up = up_axis.scale(bottom, top)

    parts = frame(across, up, across_axis, up_axis)
    ends: list[tuple[float, float] | None] = []
    for k, (name, y) in enumerate(given.items()):
        parts.append(_curve(k, places[: len(y)], y, shown[name], across, up))
        last = np.flatnonzero(shown[name])[-1:]
        ends += [(across(float(places[i])), up(float(y[i]))) for i in last] or [None]
    parts += _names(list(given.items()), ends, across.end, top - 4, bottom + 4)
    lost = sum(int((~s).sum()) for s in shown.values())
    note = _lost(lost, sum(map(len, given.values())), log)
    if note:
        parts.append(text(across.start, bottom + 56, note, "soft"))
    alt = f"{'; '.join(_story(name, y) for name, y in given.items())}, over {x_name} {number(low)} to {number(high)}"
    return chart(title, f"{alt}{note and '; ' + note}", WIDTH, bottom + (66 if note else 46), parts)


def _places(given: Mapping[str, Floats], x: Any) -> Floats:
    if x is None:
        return np.arange(1.0, max(map(len, given.values())) + 1)
    places = vector("curves", "x", x)
    for name, y in given.items():
        if len(y) != len(places):
            raise ValueError(f"curves: {name!r} has {len(y)} values and x {len(places)}; give one for each")
    return places


def _curve(k: int, x: Floats, y: Floats, shown: Bools, across: Scale, up: Scale) -> str:
    """The polyline, broken where values are not shown; a value alone between gaps is a dash of no length."""
    kept = _vertices(y, shown)
    path, pen_up = [], True
    for i in kept.tolist():
        if shown[i]:
            path.append(f"{'M' if pen_up else 'L'}{px(across(float(x[i])))} {px(up(float(y[i])))}")
            alone = pen_up and (i + 1 >= len(y) or not shown[i + 1])
            path += ["h0"] if alone else []
        pen_up = not shown[i]
    cap = ' stroke-linecap="round"' if "h0" in path else ""
    return f'<path class="line {series(k)}"{dash(k)}{cap} d="{"".join(path)}"/>' if path else ""


def _vertices(y: Floats, shown: Bools) -> Any:
    """The indices of at most `MOST_VERTICES` values: of every stretch the smallest, the largest and one gap."""
    if len(y) <= MOST_VERTICES:
        return np.arange(len(y))
    kept = {0, len(y) - 1}
    for stretch in np.array_split(np.arange(len(y)), MOST_VERTICES // 3):
        seen, gap = stretch[shown[stretch]], stretch[~shown[stretch]]
        if len(seen):
            kept |= {int(seen[y[seen].argmin()]), int(seen[y[seen].argmax()])}
        kept |= set(gap[:1].tolist())
    return np.array(sorted(kept))


def _names(
    given: list[tuple[str, Floats]], ends: list[tuple[float, float] | None], x: float, top: float, bottom: float
) -> list[str]:
    """For each curve a marker at its end, and in the margin its sample, name and last value; these kept apart."""
    heights = [bottom if end is None else end[1] for end in ends]
    order = sorted(range(len(given)), key=heights.__getitem__)
    places = spread_places([heights[k] for k in order], _LABEL, top + 12, bottom - 14)
    parts = []
    for k, place in zip(order, places):
        (name, y), end = given[k], ends[k]
        if end is not None:
            parts.append(line(*end, x + 12, place, f"leader {series(k)}"))
            parts.append(marker(k, *end))
        parts.append(line(x + 12, place, x + 34, place, f"line {series(k)}", dash(k)))
        parts.append(marker(k, x + 23, place))
        parts.append(text(x + 40, place + 1, shorten(name, LONGEST_NAME), "strong"))
        parts.append(text(x + 40, place + 15, number(float(y[-1])) if len(y) else "no values", "soft"))
    return parts


def spread_places(wanted: list[float], gap: float, low: float, high: float) -> list[float]:
    """Ascending places near the `wanted` ascending ones, at least `gap` apart, in [low, high] if they fit there.

    >>> spread_places([10.0, 11.0, 50.0], 10.0, 0.0, 55.0)
    [10.0, 20.0, 50.0]
    """
    places = list(wanted)
    for k in range(len(places)):
        places[k] = max(places[k], places[k - 1] + gap if k else low)
    for k in reversed(range(len(places))):
        places[k] = min(places[k], places[k + 1] - gap if k + 1 < len(places) else high)
    return places


def _story(name: str, y: Floats) -> str:
    if not len(y):
        return f"{name} without values"
    return f"{name} from {number(float(y[0]))} to {number(float(y[-1]))}"


def _lost(lost: int, total: int, log: bool) -> str:
    """What is left out, in words."""
    if not total:
        return "no values"
    return f"{lost:,} of {total:,} values not {'above 0, or not finite' if log else 'finite'}, left out" if lost else ""
