"""Solutions of ordinary differential equations, differentiable by the adjoint equation or through the steps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import ops
from ...engine.lending import copied
from ...engine.mode import switch
from ...tensors.tensor import Tensor
from ..checkpoint import checkpoint
from ..joint import with_leaves
from .adjoint import Settings, recorded_solution
from .dopri5 import Step, integrate, slopes_of, value_between
from .implicit import start_of


def odeint(
    f: Callable[..., Any], y0: Any, t: Any, *params: Any, rtol: float = 1e-7, atol: float = 1e-9,
    method: str = "dopri5", gradient: str = "adjoint", max_steps: int = 10_000,
) -> Any:  # fmt: skip
    """The solution of dy/dt = f(y, t, *params) with y(t[0]) = y0, at the times `t`: shape (len(t), *shape of y0).

    Steps of the Dormand-Prince method 5(4) are chosen so that the estimated error of each is below
    `atol + rtol * |y|`; values at `t`, which must go up or down, are read off a polynomial of order 4 within the steps.
    Differentiable in y0, t and `params` (numbers, arrays, Tensors and nests of them; recorded tensors that f closes
    over count as well), in any order:

    - `gradient="adjoint"` solves the adjoint equation backward in time, with the same tolerances (Chen et al., Neural
      Ordinary Differential Equations, 2018): memory does not grow with the number of steps, and the gradient is that of
      the exact solution up to the tolerances. The solution is computed backward anew between the times in `t`: unstable
      where the equation is strongly damped.
    - `gradient="discrete"` differentiates the steps that were taken, as they are: the gradient of what was computed,
      exact up to rounding (apart from how step sizes react), at the price of one stored y per step.

    Raises ConvergenceError where steps become too small (a stiff equation, a singular solution) or too many.

    >>> odeint(lambda y, t, k: -k * y, 1.0, [0.0, 1.0, 2.0], 1.0).round(6)
    array([1.      , 0.367879, 0.135335])
    >>> from tinygraph import grad
    >>> round(float(grad(lambda k: odeint(lambda y, t, k: -k * y, 1.0, [0.0, 1.0], k)[-1])(1.0)), 6)
    -0.367879
    """
    if method != "dopri5" or gradient not in ("adjoint", "discrete"):
        raise ValueError(
            f"odeint: method={method!r}, gradient={gradient!r}; method is 'dopri5', gradient 'adjoint' or 'discrete'"
        )
    y = start_of("odeint", y0)
    times = np.asarray(t._array if isinstance(t, Tensor) else t, dtype=float)
    ways = np.sign(np.diff(times)) if times.ndim == 1 else np.zeros(1)
    if times.ndim != 1 or not times.size or not (np.all(ways == 1) or np.all(ways == -1)):
        raise ValueError(f"odeint: t is {times!r:.80}; give one axis of times that go up or down, the first that of y0")
    settings = Settings(rtol, atol, max_steps, gradient)

    def find(y: Any, times: Any, *params: Any) -> tuple[Any, list[Step]]:
        def slope(y: Any, t: Any) -> Any:
            with switch(grad=False):
                return np.asarray(_slope_like(f(copied(y), t, *params), y))

        found, steps = integrate(slope, y, times, rtol, atol, max_steps)
        return np.stack(found).astype(y.dtype, copy=False), steps

    if gradient == "adjoint":
        given = (y0 if isinstance(y0, Tensor) else y, t if isinstance(t, Tensor) else times, *params)
        return recorded_solution(odeint, f, lambda *given: find(*given)[0], given, settings)
    _, steps = find(y, times, *with_leaves(params, {}))
    start = y0 if isinstance(y0, Tensor) and y0.dtype == y.dtype else y
    return _solution_through_steps(f, start, t if isinstance(t, Tensor) else times, params, steps, len(times))


def _slope_like(slope: Any, y: Any) -> Any:
    """The slope that f returned, or ValueError where it has not the shape of `y`."""
    if np.shape(slope) != np.shape(y):
        raise ValueError(
            f"odeint: f returned shape {np.shape(slope)} for y of shape {np.shape(y)}; return dy/dt, of the shape of y"
        )
    return slope._array if isinstance(slope, Tensor) and slope.node is None else slope


def _solution_through_steps(
    f: Callable[..., Any], y: Any, t: Any, params: tuple[Any, ...], steps: list[Step], count: int
) -> Any:
    """The steps again, recorded: one node each, of which backward computes the inside anew."""
    found: list[Any] = [y]

    def slope(y: Any, t: Any) -> Any:
        return f(copied(y), t, *params)

    for number, step in enumerate(steps):
        y = checkpoint(_values_of_step)(y, t, slope=slope, step=step, first=number == 0)
        if step.inside:
            found += [y[k + 1] for k in range(len(step.inside))]
            y = y[0]
    return ops.stack(found) if any(isinstance(x, Tensor) for x in found) else np.stack(found)


def _values_of_step(y: Any, t: Any, *, slope: Callable[[Any, Any], Any], step: Step, first: bool) -> Any:
    """The value after one step, stacked with those at the times inside it. The first step starts at t[0]."""
    start = t[0] if first else step.t
    h = step.t + step.h - start if first else step.h
    end, slopes = slopes_of(slope, y, start, h)
    inside = [value_between(y, h, slopes, (t[k] - start) / h) for k in step.inside]
    return ops.astype(ops.stack([end, *inside]), dtype=y.dtype) if inside else ops.astype(end, dtype=y.dtype)
