"""Roots: f(x, *params) = 0 by Newton's method with the exact Jacobian, damped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import ConvergenceError
from .implicit import array_function, dense_adjoint, implicit_solution, largest_size, start_of, value_and_jacobian


def root(f: Callable[..., Any], x0: Any, *params: Any, tol: float | None = None, max_steps: int = 100) -> Any:
    """The x with f(x, *params) = 0 that Newton's method finds from `x0`; differentiable in `params`.

    f returns the shape of x, which is that of `x0`. Steps are halved until |f|, its largest element, decreases; the
    search ends when a full step is at most `tol * (1 + |x|)` (by default machine epsilon to the power 3/4). `params`
    as in `tg.fixed_point`. The gradient solves one linear system with the Jacobian, which is formed: O(n^3) for n
    elements of x. Derivatives of any order.

    Raises ConvergenceError without convergence; its gradient raises GraphError where the Jacobian is singular.

    >>> root(lambda x, a: x**3 - a, 1.0, 8.0)
    np.float64(2.0)
    >>> from tinygraph import grad
    >>> round(grad(lambda a: root(lambda x, a: x**3 - a, 1.0, a))(8.0), 12)  # 1 / (3 x^2)
    0.083333333333
    """
    x = start_of("root", x0)
    limit = float(np.finfo(x.dtype).eps) ** 0.75 if tol is None else tol
    return implicit_solution("root", f, lambda *params: _newton(f, x, params, limit, max_steps), params, dense_adjoint)


def _newton(f: Callable[..., Any], x: Any, params: tuple[Any, ...], tol: float, max_steps: int) -> Any:
    """The root of f that Newton's method finds from `x`."""
    value = array_function(f, params)
    size = np.inf
    for count in range(max_steps):
        r, J = value_and_jacobian("root", f, x, params)
        size = largest_size(r)
        if size == 0 or not x.size:
            return x
        if not np.isfinite(size):
            raise ConvergenceError(f"root: f is not finite at step {count}, x = {x!r:.80}; start where f is finite")
        try:
            step = -np.linalg.solve(J, r.ravel()).reshape(x.shape)
        except np.linalg.LinAlgError:
            raise ConvergenceError(
                f"root: the Jacobian is singular at step {count}, where |f| = {size:.3g}; start from another x0, or "
                f"give as many independent equations as unknowns"
            ) from None
        full = largest_size(step)
        if full <= tol * (1 + largest_size(x)):
            return (x + step).astype(x.dtype)
        share = 1.0
        while not _norm(value, x + share * step) <= (1 - 1e-4 * share) * size:
            share /= 2
            if share < 1e-10:
                raise ConvergenceError(
                    f"root: Newton's method stalled after {count} steps at |f| = {size:.3g}: no part of its step makes "
                    f"|f| smaller; start from another x0, or raise tol = {tol:.3g} if rounding in f is larger"
                )
        x = (x + share * step).astype(x.dtype)
    raise ConvergenceError(
        f"root: no convergence in {max_steps} steps, |f| = {size:.3g}; start from another x0, or raise max_steps"
    )


def _norm(f: Callable[[Any], Any], x: Any) -> float:
    """The largest absolute value of f(x), infinite or NaN without a warning."""
    with np.errstate(all="ignore"):
        return largest_size(f(x))
