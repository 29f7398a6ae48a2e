"""Histograms below each other on one axis, with what is to be said of each in numbers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from ...engine.wording import number_of
from ..ink.escape import shorten
from ..ink.numbers import number
from .arrays import Floats, by_name, floats
from .axes import Axis, Scale, drawable
from .chart import HEADING, Chart, chart
from .style import line, px, text

WIDTH, LEFT, RIGHT = 496, 196, 20
ROW = 64

_CHARACTERS = 30
"""Of a line beside a histogram."""

BINS = 48

DEEPEST = 1e-10
"""A logarithmic axis reaches down to this times the largest magnitude; what is smaller is counted in words."""


def histograms(
    arrays: Mapping[str, Any],
    *,
    title: str = "",
    x_name: str = "value",
    notes: Mapping[str, str] | None = None,
    log: bool = False,
) -> Chart:
    """Return the chart of the distributions of several arrays, one below the other on a common axis.

    Beside each stand its mean and standard deviation and the share of exact zeros, which have no bar: they would hide
    the others. With `log`, the axis is that of the logarithm of the magnitudes, over ten decades at most. `notes` adds
    a text to some. The highest bar of each has full height: shapes can be compared, heights cannot. The dashed line
    is the mean (with `log`, the root mean square).

    Raises TypeError for what are no numbers, ValueError for nothing to draw.

    >>> histograms({"a": [0.0, 1.0, 2.0, 3.0]}).alt
    'a: 4 numbers, mean 1.5, std 1.118, 25 % zero'
    """
    given = {name: floats("histograms", repr(name), v).reshape(-1) for name, v in by_name("histograms", arrays).items()}
    values = {name: np.abs(v) if log else v for name, v in given.items()}
    largest = max((float(v[drawable(v)].max(initial=0.0)) for v in values.values()), default=0.0)
    floor = DEEPEST * largest if log else -math.inf
    values = {name: v[drawable(v, log) & (v != 0) & (v >= floor)] for name, v in values.items()}
    every = np.concatenate(list(values.values()))
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.1, 1.0)
    axis = Axis.covering(x_name, low, high, log)
    across = axis.scale(LEFT, WIDTH - RIGHT)
    top = HEADING + 6 if title else 12
    bottom = top + ROW * len(given)
    parts = [line(across(t), top, across(t), bottom, "grid") for t in axis.ticks]
    story = []
    for row, (name, v) in enumerate(given.items()):
        facts = _facts(v, log, floor)
        facts += filter(None, [(notes or {}).get(name)])
        base = top + (row + 1) * ROW
        parts.append(text(14, base - 44, shorten(name, 26), "strong"))
        parts += [text(14, base - 29 + 14 * i, said, "soft") for i, said in enumerate(_lines(facts))]
        parts.append(_bars(values[name], across, base, axis))
        parts.append(line(LEFT, base, WIDTH - RIGHT, base, "axis"))
        parts.append(_middle(v, across, base, log))
        size = number_of(v.size, "number")
        story.append(", ".join([f"{name}: {size}", *facts]))
    parts += [text(across(t), bottom + 18, label, "soft", "middle") for t, label in zip(axis.ticks, axis.labels)]
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, bottom + 36, x_name, "soft", "middle"))
    return chart(title, "; ".join(story), WIDTH, bottom + 46, parts)


def _facts(v: Floats, log: bool, floor: float) -> list[str]:
    """Mean and spread, shares of zeros and of what is not finite, in words."""
    finite = v[drawable(v)]
    if not finite.size:
        return ["no finite numbers"]
    facts = [f"RMS {number(_rms(finite), 3)}"] if log else [
        f"mean {number(float(finite.mean()))}", f"std {number(float(finite.std()))}"]  # fmt: skip
    facts += [f"{share(v == 0)} zero"] if (v == 0).any() else []
    tiny = (v != 0) & (np.abs(v) < floor)
    facts += [f"{share(tiny)} below {number(floor, 1)}"] if tiny.any() else []
    facts += [f"{v.size - finite.size:,} not finite"] if finite.size < v.size else []
    return facts


def share(which: Any) -> str:
    """The share of True, in percent; only none is 0 and only all is 100.

    >>> share(np.arange(1000) == 0), share(np.ones(3, bool))
    ('0.1 %', '100 %')
    """
    percent = 100 * float(np.mean(which))
    if 0 < percent < 1 or 99 < percent < 100:
        return f"{min(max(percent, 0.1), 99.9):.1f} %"
    return f"{percent:.0f} %"


def _lines(facts: list[str]) -> list[str]:
    """The facts in lines that fit beside a histogram.

    >>> _lines(["mean 0.4755", "std 0.7697", "60 % zero", "3 of 16 units dead"])
    ['mean 0.4755 · std 0.7697', '60 % zero · 3 of 16 units dead']
    """
    lines = facts[:1]
    for fact in facts[1:]:
        joined = f"{lines[-1]} · {fact}"
        if len(joined) <= _CHARACTERS:
            lines[-1] = joined
        else:
            lines.append(fact)
    return lines


def _bars(values: Floats, across: Scale, base: float, axis: Axis) -> str:
    """One path of all bars; where a value falls on an edge, NumPy's rule: into the bar above, the last into its own."""
    if not len(values):
        return ""
    ends = (axis.ticks[0], axis.ticks[-1])
    edges = np.geomspace(*ends, BINS + 1) if axis.log else np.linspace(*ends, BINS + 1)
    edges[[0, -1]] = ends  # geomspace can miss them by a rounding
    counts = np.histogram(values, edges)[0]
    heights = (ROW - 14) * counts / counts.max()
    path = "".join(
        f"M{px(across(a))} {px(base)}V{px(base - max(h, 1))}H{px(across(b) - 0.75)}V{px(base)}z"
        for a, b, h in zip(edges[:-1].tolist(), edges[1:].tolist(), heights.tolist())
        if h
    )
    return f'<path class="bar k1" d="{path}"/>'


def _middle(v: Floats, across: Scale, base: float, log: bool) -> str:
    finite = v[drawable(v)]
    at = (_rms(finite) if log else float(finite.mean())) if finite.size else math.nan
    if not min(across.low, across.high) <= at <= max(across.low, across.high):
        return ""
    return line(across(at), base - ROW + 10, across(at), base, "axis", ' stroke-dasharray="3 3"')


def _rms(v: Floats) -> float:
    largest = float(np.abs(v).max())  # taken out, so that no square over- or underflows
    return largest * math.sqrt(float(np.mean((v / largest) ** 2))) if largest else 0.0
