"""Fixed points: x = f(x, *params) by iteration, and their derivatives by the same iteration of the adjoint."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from ...engine.node import Node
from ...engine.reverse import pullback
from ...errors import ConvergenceError
from .implicit import array_function, implicit_solution, largest_size, start_of


def fixed_point(f: Callable[..., Any], x0: Any, *params: Any, tol: float | None = None, max_steps: int = 1000) -> Any:
    """The x with x = f(x, *params), found by iterating f from `x0`; differentiable in `params`.

    x has the shape of `x0`, of which it does not otherwise depend. `params` may be numbers, arrays, Tensors and nests
    of them; recorded tensors that f closes over, such as a module's parameters, get gradients too. The iteration ends
    when a step is at most `tol * (1 + |x|)` in the largest element (by default machine epsilon to the power 3/4). The
    gradient of x solves `u = g + (df/dx)^T u`, by iteration, too (B. Christianson, 1994): no matrix is formed, and
    the work is of the order of finding x. Derivatives of any order.

    Raises ConvergenceError after `max_steps` steps without convergence, and where f is not finite.

    >>> fixed_point(lambda x, a: (x + a / x) / 2, 1.0, 2.0)  # Heron's square root
    np.float64(1.414213562373095)
    >>> from tinygraph import grad
    >>> round(grad(lambda a: fixed_point(lambda x, a: (x + a / x) / 2, 1.0, a))(4.0), 12)
    0.25
    """
    x = start_of("fixed_point", x0)
    limit = float(np.finfo(x.dtype).eps) ** 0.75 if tol is None else tol

    def find(*params: Any) -> Any:
        return _limit_of("fixed_point", array_function(f, params), x, limit, max_steps, "f")

    linear = partial(_adjoint, tol=limit, max_steps=max_steps)
    return implicit_solution("fixed_point", lambda x, *p: f(x, *p) - x, find, params, linear)


def _limit_of(name: str, f: Callable[[Any], Any], x: Any, tol: float, max_steps: int, what: str) -> Any:
    """The limit of x, f(x), f(f(x)), ..., or ConvergenceError; `what` is named in messages."""
    step = np.inf
    for count in range(1, max_steps + 1):
        y = f(x)
        if y.shape != x.shape:
            raise ValueError(f"{name}: f returned shape {y.shape} for x of shape {x.shape}; return the shape of x")
        y = y.astype(x.dtype, copy=False)
        if not np.isfinite(y).all():
            raise ConvergenceError(
                f"{name}: {what} is not finite after {count} steps; start nearer to the solution, or damp it: "
                f"x + 0.5 (f(x) - x)"
            )
        step = largest_size(y - x)
        x = y
        if step <= tol * (1 + largest_size(x)):
            return x
    raise ConvergenceError(
        f"{name}: no convergence of {what}: the last of {max_steps} steps moved by {step:.3g}, tolerance {tol:.3g}; "
        f"raise max_steps or tol, damp f as x + 0.5 (f(x) - x), or use tg.root(lambda x, *p: f(x, *p) - x, x0, *p)"
    )


def _adjoint(name: str, r: Node, x: Node, g: Any, tol: float, max_steps: int) -> Any:
    """The adjoint u with u = g + (df/dx)^T u, by iteration; `r` is the node of f(x) - x."""

    def next_of(u: Any) -> Any:
        found = pullback([(r, u)], wrt=[x], retain_graph=True)
        return np.asarray(u + g + found[x])

    return _limit_of(name, next_of, np.asarray(g), tol, max_steps, "the adjoint")
