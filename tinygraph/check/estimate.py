"""Slopes of a function along a line, measured by differences, each with a bound on its own error.

Central differences on a ladder of steps, extrapolated to step zero (Richardson 1911; Ridders 1982, "Accurate
computation of F'(x) and F'(x)F''(x)"): what two entries of the table disagree by estimates the truncation error,
the last place of the outputs over the step the rounding error.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from ..engine.node import Array

Line = Callable[[float], Array]
"""The outputs of f, one axis, at a distance along a line through the point that is checked."""

SEEN = 1e-4

FIRST, RATIO, RUNGS, ORDERS = 2.0**-4, 4.0, 17, 4
"""Steps are powers of two, so that x + t d is exact nearly always: 1/16, 1/64, ... of the scale of x."""

FINE = (2.0**-22, 2.0**-30, 2.0**-38)
"""First steps of measurements on scales much finer than that of the input."""


class Slope(NamedTuple):
    """A measured slope: the truth lies within `error` of `value`, as far as the measurement can tell.

    `step` is the smallest step that was used.
    """

    value: float
    error: float
    step: float = 1.0

    def differs(self, other: float, slack: float) -> bool:
        """Whether `other` is further away than three times the error and `slack`."""
        return not abs(other - self.value) <= 3 * self.error + slack


class Sides(NamedTuple):
    """The slopes to the left and to the right of a point, and whether f is continuous there.

    `low` and `high` bound the slope if each output takes any slope between those on its own two sides.
    """

    left: float
    right: float
    low: float
    high: float
    error: float
    continuous: bool

    def admit(self, slope: float, slack: float) -> bool:
        """Whether `slope` belongs to subgradients (Clarke) of the outputs along the line."""
        slack += 3 * self.error
        return self.low - slack <= slope <= self.high + slack


def noise(weights: Array, *values: Array, moved: Array | None = None) -> float:
    """Rounding error of `weights @ values`: two units in the last place of each output, added as independent.

    Outputs that do not move between the values carry none, unless none of them moves. `moved` are outputs that
    are known to move on larger steps, and is brought up to date.
    """
    moving = np.zeros(weights.shape, bool) if moved is None else moved
    for value in values[1:]:
        moving |= value != values[0]
    if not moving.any():
        moving = ~moving
    return float(2 * np.finfo(values[0].dtype).eps * np.linalg.norm((weights * values[0])[moving]))


def central_slope(
    line: Line, weights: Array, first: float = FIRST, rungs: int = RUNGS, known: float = 0.0
) -> Slope | None:
    """Slope of `weights @ line(t)` at t = 0, or None where f is finite on no step to both sides.

    The outputs are subtracted before they are summed, so that large outputs that stay the same cost no digits.
    `known` is what is known of the noise of the weighted outputs. Takes about ten evaluations of a smooth
    function and at most 34 of any.
    """
    best: Slope | None = None
    previous: list[float] = []
    moved = np.zeros(weights.shape, bool)
    for rung in range(rungs):
        h = first / RATIO**rung
        up, down = line(h), line(-h)
        difference = weights @ (up - down)
        if not math.isfinite(difference):
            previous = []  # outside the domain: step back in
            continue
        rounding = max(noise(weights, up, down, moved=moved), known) / h
        row = [float(difference) / (2 * h)]
        for order in range(min(len(previous), ORDERS - 1)):
            finer = row[order] + (row[order] - previous[order]) / (RATIO ** (2 * order + 2) - 1)
            error = max(abs(finer - row[order]), abs(finer - previous[order])) + rounding
            row.append(finer)
            if best is None or _worth(finer, error) < _worth(best.value, best.error):
                best = Slope(finer, error, h)
        if best is not None and (best.error <= 1e-11 * abs(best.value) or best.error <= 2 * rounding):
            break
        previous = row
    return best


def each_slope(line: Line, weights: Array, smallest: float, rungs: int = 3) -> tuple[Array, Array]:
    """Slopes of each weighted output by itself at t = 0, and their errors, on the last `rungs` steps to `smallest`.

    What `central_slope` does, for all outputs at once and with the step chosen before. NaN where f is not finite.
    """
    previous: list[Array] = []
    for rung in reversed(range(rungs)):
        h = smallest * RATIO**rung
        up, down = line(h), line(-h)
        row = [weights * (up - down) / (2 * h)]
        for order in range(len(previous)):
            row.append(row[order] + (row[order] - previous[order]) / (RATIO ** (2 * order + 2) - 1))
        previous, before = row, previous
    error = np.maximum(np.abs(row[-1] - row[-2]), np.abs(row[-1] - before[-1]))
    return row[-1], error + 2 * np.finfo(up.dtype).eps * np.abs(weights * up) / smallest


def _worth(value: float, error: float) -> tuple[bool, float]:
    """Smaller is better: the relative error once it is small, before that the absolute one.

    A wave much shorter than the first steps averages to almost nothing on them, with an error small in
    absolute terms but as large as the value; the fine steps that resolve it must win.
    """
    relative = error / abs(value) if value else math.inf
    return (False, relative) if relative < 0.01 else (True, error)


def finer_slope(line: Line, weights: Array, slope: Slope, known: float, claimed: float, slack: float) -> Slope | None:
    """What contradicts `slope` and agrees with the claim on much finer steps: f may bend where no step saw it."""
    for first in FINE:
        plain = central_slope(line, weights, first, known=known)
        if plain and abs(plain.value - slope.value) <= 1e-3 * abs(claimed - slope.value):
            continue  # straight so far: the noise, which takes many evaluations, need not be known
        found = central_slope(line, weights, first, known=roughness(line, weights, first) or known)
        if found and found.differs(slope.value, 3 * slope.error) and not found.differs(claimed, slack):
            return found
    return None


def shows_slope(line: Line, weights: Array, slope: float, below: float = math.inf) -> bool:
    """Whether two steps in a row, finer than `below`, show `slope` to four digits, whatever the others show.

    Coarse steps may jump over waves and bends, fine ones drown in noise.
    """
    steps = [h for h in (FIRST / RATIO**rung for rung in range(RUNGS)) if h < below]
    near = [abs(float(weights @ (line(h) - line(-h))) / (2 * h) - slope) <= SEEN * abs(slope) for h in steps]
    return any(a and b for a, b in itertools.pairwise(near))


def roughness(line: Line, weights: Array, first: float = FIRST) -> float:
    """Noise of `weights @ line(t)` near t = 0, whatever its origin: where high differences stop falling with the step.

    Those of a smooth function fall by orders of magnitude from step to step, those of noise stay the same
    (Moré and Wild 2011, "Estimating computational noise", section 2); 0 where they fall to the end, by the factor of
    the steps if a kink is near. Takes 9 evaluations per step.
    """
    here = line(0.0)
    levels: list[float] = []
    for rung in range(RUNGS // 2):
        spacing = first / 8 / RATIO**rung
        values = np.array([weights @ (line(k * spacing) - here) for k in range(-4, 5)])
        level = float(np.sqrt(np.mean(np.diff(values, 6) ** 2) / math.comb(12, 6)))
        if not math.isfinite(level):
            continue
        # with the step as far as a kink is in sight, and then what comes last is no noise
        kink = sum(3.8 < a / b < 4.2 for a, b in itertools.pairwise(levels)) > 1
        if level == 0 or (levels and levels[-1] < 3 * level):
            return levels[-1] if levels and not kink else 0.0
        levels.append(level)
    return 0.0


def sides(line: Line, weights: Array, first: float = FIRST) -> Sides | None:
    """The one-sided slopes at t = 0 if f has a kink or a jump there, None if it looks smooth.

    The gap between the slopes falls with the step where f is smooth, stays where it has a kink, and grows
    where f jumps.
    """
    here = line(0.0)
    found: list[tuple[Array, Array]] = []
    gaps: list[float] = []
    for rung in range(RUNGS):
        h = first / RATIO**rung
        up, down = line(h), line(-h)
        right, left = weights * (up - here) / h, weights * (here - down) / h
        rounding = noise(weights, here, up, down) / h
        gap = float(np.sum(right - left))
        if not math.isfinite(gap):
            gaps.clear()
            continue
        gaps.append(gap)
        found.append((left, right))
        if abs(gap) < 50 * rounding:
            break
    if len(gaps) < 3:
        return None
    growth = [b / a if a else 0.0 for a, b in zip(gaps[-3:], gaps[-2:])]
    kink = all(0.7 < r < 1.4 for r in growth)
    height = abs(gaps[-1]) * h
    jump = all(2 < r < 8 for r in growth) and height > 1e-9 * float(np.sum(np.abs(weights * here)))  # else it is noise
    if not (kink or jump):
        return None
    # one-sided differences err by O(h): the last two extrapolated, their disagreement as the error
    (left1, right1), (left2, right2) = found[-2:]
    left, right = left2 + (left2 - left1) / (RATIO - 1), right2 + (right2 - right1) / (RATIO - 1)
    error = float(np.sum(np.abs(left - left2) + np.abs(right - right2))) + rounding
    low, high = float(np.sum(np.minimum(left, right))), float(np.sum(np.maximum(left, right)))
    return Sides(float(np.sum(left)), float(np.sum(right)), low, high, error, kink)
