"""Scales, round numbers on them, and the frame of a chart with two axes."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Sequence

import numpy as np

from ..ink.numbers import number
from .arrays import Bools, Floats
from .style import line, text, width_of

LARGEST = 1e150
"""What is larger counts as infinite, and is not drawn: its square, of which a variance is made, would overflow."""

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclasses.dataclass(frozen=True, slots=True)
class Scale:
    """Maps [low, high] onto pixels [start, end], linearly or by logarithms."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        low, high = self.low, self.high
        if self.log:
            value, low, high = math.log10(value), math.log10(low), math.log10(high)
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def drawable(values: Floats, log: bool = False) -> Bools:
    """Which values have a place on an axis: finite, and on a logarithmic one above 0.

    >>> drawable(np.array([1.0, 0.0, np.nan, -np.inf]), log=True).tolist()
    [True, False, False, False]
    """
    shown: Bools = (np.abs(values) < LARGEST) & ((values > 1 / LARGEST) if log else True)
    return shown


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that cover [low, high]: the first at most low, the last at least high, with even steps.

    >>> ticks(0.03, 0.96)
    [0.0, 0.2, 0.4, 0.6, 0.8, 1.0]
    >>> ticks(2.0, 2.0)
    [1.0, 1.5, 2.0, 2.5, 3.0]
    """
    if not high - low > max(1e-300, 1e-9 * max(abs(low), abs(high))):
        half = 0.5 * max(abs(low), abs(high)) if max(abs(low), abs(high)) > 1e-300 else 0.5
        low, high = low - half, high + half
    raw = (high - low) / about
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= raw * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{i * step:.10g}") for i in range(first, last + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Round numbers for a logarithmic axis that cover [low, high], both above 0.

    >>> log_ticks(0.02, 30)
    [0.01, 0.1, 1.0, 10.0, 100.0]
    >>> log_ticks(0.3, 4)
    [0.2, 0.5, 1.0, 2.0, 5.0]
    """
    first, last = math.floor(math.log10(low) + 1e-9), math.ceil(math.log10(high) - 1e-9)
    if high / low > 200:
        every = math.ceil((last - first) / 6)
        last += -(last - first) % every
        return [float(f"1e{k}") for k in range(first, last + 1, every)]
    found = [float(f"{m}e{k}") for k in range(first, last + 1) for m in (1, 2, 5)]
    below = [t for t in found if t <= low * (1 + 1e-9)][-1:]
    above = [t for t in found if t >= high * (1 - 1e-9)][:1]
    if below == above:
        return [below[0] / 10, below[0], below[0] * 10]
    return [t for t in found if below[0] <= t <= above[0]]


def tick_labels(values: Sequence[float], log: bool = False) -> list[str]:
    """How ticks are written: with as many digits as tell them apart.

    >>> tick_labels([0.0, 0.5, 1.0]), tick_labels([0.0, 20000.0]), tick_labels([1e-5, 1e-4], log=True)
    (['0.0', '0.5', '1.0'], ['0', '20,000'], ['10⁻⁵', '10⁻⁴'])
    """
    if log:
        exponents = [math.log10(v) for v in values]
        if all(abs(e - round(e)) < 1e-9 for e in exponents) and max(map(abs, exponents)) > 3.5:
            return ["10" + str(round(e)).translate(_SUPERSCRIPT) for e in exponents]
        return [number(v) for v in values]
    largest = max(abs(v) for v in values)
    step = min((b - a for a, b in itertools.pairwise(values)), default=1.0)
    if 1e-4 <= largest < 1e7:
        decimals = max(0, -math.floor(math.log10(step) + 1e-9))
        return [f"{v:,.{decimals}f}".replace("-", "−") for v in values]
    return [number(v, max(3, math.ceil(math.log10(largest / step)) + 1)) for v in values]


@dataclasses.dataclass(frozen=True, slots=True)
class Axis:
    """One axis: its name, and its ticks, all within the range that is drawn."""

    name: str
    ticks: tuple[float, ...]
    log: bool = False

    @staticmethod
    def covering(name: str, low: float, high: float, log: bool = False) -> Axis:
        """The axis whose ends are round numbers."""
        return Axis(name, tuple(log_ticks(low, high) if log else ticks(low, high)), log)

    def within(self, low: float, high: float) -> Axis:
        """The same with only the ticks in [low, high]."""
        return dataclasses.replace(self, ticks=tuple([t for t in self.ticks if low <= t <= high]))

    def scale(self, start: float, end: float) -> Scale:
        """The scale from the first tick to the last."""
        return Scale(self.ticks[0], self.ticks[-1], start, end, self.log)

    @property
    def labels(self) -> list[str]:
        """How the ticks are written."""
        return tick_labels(self.ticks, self.log) if self.ticks else []

    @property
    def room(self) -> float:
        """Width of the widest label."""
        return max((width_of(label) for label in self.labels), default=0.0)


def frame(across: Scale, up: Scale, x: Axis, y: Axis) -> list[str]:
    """Grid lines, ticks and names of two axes. The name of the vertical one stands above it, laid down."""
    left, right, bottom, top = across.start, across.end, up.start, up.end
    parts = []
    for value, label in zip(y.ticks, y.labels):
        parts.append(line(left, up(value), right, up(value), "grid"))
        parts.append(text(left - 8, up(value) + 4, label, "soft", "end"))
    for value, label in zip(x.ticks, x.labels):
        parts.append(line(across(value), bottom, across(value), bottom + 4, "axis"))
        parts.append(text(across(value), bottom + 18, label, "soft", "middle"))
    parts.append(line(left, bottom, right, bottom, "axis"))
    parts.append(text((left + right) / 2, bottom + 36, x.name, "soft", "middle"))
    if y.name:
        parts.append(text(14, top - 12, y.name, "soft"))
    return parts
