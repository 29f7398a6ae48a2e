"""The Dormand-Prince method 5(4): one step, its error, values between steps, and the choice of step sizes.

Coefficients: J. R. Dormand and P. J. Prince, 1980; values between steps by the polynomial of order 4 of L. F. Shampine,
1986; step sizes as in E. Hairer, S. Norsett and G. Wanner, Solving Ordinary Differential Equations I, II.4.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from ...errors import ConvergenceError

NODES = (0.0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1.0, 1.0)
WEIGHTS = (
    (),
    (1 / 5,),
    (3 / 40, 9 / 40),
    (44 / 45, -56 / 15, 32 / 9),
    (19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729),
    (9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656),
    (35 / 384, 0.0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84),
)  # fmt: skip
"""How each slope is computed from those before; the last row gives the step itself."""
ERROR = (-71 / 57600, 0.0, 71 / 16695, -71 / 1920, 17253 / 339200, -22 / 525, 1 / 40)
BETWEEN = (
    (1, -8048581381 / 2820520608, 8663915743 / 2820520608, -12715105075 / 11282082432),
    (0, 0, 0, 0),
    (0, 131558114200 / 32700410799, -68118460800 / 10900136933, 87487479700 / 32700410799),
    (0, -1754552775 / 470086768, 14199869525 / 1410260304, -10690763975 / 1880347072),
    (0, 127303824393 / 49829197408, -318862633887 / 49829197408, 701980252875 / 199316789632),
    (0, -282668133 / 205662961, 2019193451 / 616988883, -1453857185 / 822651844),
    (0, 40617522 / 29380423, -110615467 / 29380423, 69997945 / 29380423),
)
"""By slope: the coefficients of powers 1 to 4 of the part of the step."""


class Step(NamedTuple):
    """A step that was accepted: where it starts, how long it is, and which of the times asked for lie in it."""

    t: float
    h: float
    inside: tuple[int, ...]


def _weighted_sum(weights: Sequence[Any], slopes: Sequence[Any]) -> Any:
    """The sum of `slopes` times their `weights`, without those of weight 0."""
    total: Any = None
    for w, k in zip(weights, slopes, strict=False):
        if not (isinstance(w, float | int) and w == 0):
            total = w * k if total is None else total + w * k
    return total


def slopes_of(f: Callable[[Any, Any], Any], y: Any, t: Any, h: Any, first: Any = None) -> tuple[Any, list[Any]]:
    """The value after a step `h` from (t, y), and the seven slopes; the last one is the first of the next step."""
    slopes = [f(y, t) if first is None else first]
    end = y
    for c, row in zip(NODES[1:], WEIGHTS[1:], strict=True):
        end = y + h * _weighted_sum(row, slopes)
        slopes.append(f(end, t + c * h))
    return end, slopes


def value_between(y: Any, h: Any, slopes: list[Any], part: Any) -> Any:
    """The value inside a step `h` from y, at `part` of it (0 to 1)."""
    powers = (part, part**2, part**3, part**4)
    return y + h * _weighted_sum([sum(c * p for c, p in zip(row, powers, strict=True) if c) for row in BETWEEN], slopes)


def integrate(
    f: Callable[[Any, Any], Any], y: Any, ts: Any, rtol: float, atol: float, max_steps: int
) -> tuple[list[Any], list[Step]]:
    """The solution at the times `ts`, which go up or down, and the steps that were taken."""
    found: list[Any] = [y]
    steps: list[Step] = []
    if len(ts) == 1:
        return found, steps
    t, stop = float(ts[0]), float(ts[-1])
    way = 1.0 if stop > t else -1.0
    slope = f(y, t)
    h = _first_step(f, y, t, slope, way, rtol, atol, abs(stop - t))
    waiting, rejected, tried = 1, False, 0
    while waiting < len(ts):
        tried += 1
        least = 16 * float(np.spacing(max(abs(t), abs(stop))))
        if h < least or tried > max_steps:
            why = f"the step shrank to {h:.3g}" if h < least else f"max_steps = {max_steps} allows no more steps"
            raise ConvergenceError(
                f"odeint: stopped at t = {t:.6g} of {stop:.6g}: {why}, |y| = {np.abs(y).max(initial=0):.3g}; the "
                f"equation is stiff, or its solution ends there: rescale it, loosen rtol = {rtol:g} and "
                f"atol = {atol:g}, or use an implicit method"
            )
        last = h >= abs(stop - t) * (1 - 1e-12)
        step = stop - t if last else way * h
        with np.errstate(over="ignore", invalid="ignore"):
            end, slopes = slopes_of(f, y, t, step, slope)
            error = _size(step * _weighted_sum(ERROR, slopes) / (atol + rtol * np.maximum(np.abs(y), np.abs(end))))
        if not error <= 1:  # NaN as well
            h = abs(step) * max(0.2, 0.9 * error**-0.2) if np.isfinite(error) else abs(step) * 0.2
            rejected = True
            continue
        inside = []
        arrived = stop if last else t + step
        while waiting < len(ts) and (way * (float(ts[waiting]) - arrived) <= 0 or last):
            part = (float(ts[waiting]) - t) / step
            found.append(end if part == 1 else value_between(y, step, slopes, part))
            inside.append(waiting)
            waiting += 1
        steps.append(Step(t, step, tuple(inside)))
        h = abs(step) * min(1.0 if rejected else 10.0, 0.9 * error**-0.2 if error else 10.0)
        t, y, slope, rejected = arrived, end, slopes[-1], False
    return found, steps


def _size(x: Any) -> float:
    """The root of the mean square of `x`."""
    return float(np.sqrt(np.mean(np.square(x)))) if x.size else 0.0


def _first_step(
    f: Callable[[Any, Any], Any], y: Any, t: float, slope: Any, way: float, rtol: float, atol: float, most: float
) -> float:
    """A first guess of the step size, from the sizes of the first two derivatives."""
    scale = atol + rtol * np.abs(y)
    d0, d1 = _size(y / scale), _size(slope / scale)
    h0 = min(most, 0.01 * d0 / d1 if min(d0, d1) > 1e-5 else 1e-6)
    d2 = _size((f(y + way * h0 * slope, t + way * h0) - slope) / scale) / h0
    largest = max(d1, d2)
    h1 = max(1e-6, h0 * 1e-3) if not largest > 1e-15 else (0.01 / largest) ** 0.2
    return min(100 * h0, h1, most) if np.isfinite(h1) else h0
