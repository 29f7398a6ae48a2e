"""Minimizers: argmin f(x, *params) by Newton's method with the exact Hessian, differentiable in the parameters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import ConvergenceError
from .. import grad
from .implicit import array_function, dense_adjoint, implicit_solution, largest_size, start_of, value_and_jacobian


def minimize_implicit(
    f: Callable[..., Any], x0: Any, *params: Any, tol: float | None = None, max_steps: int = 200
) -> Any:
    """The x that minimizes f(x, *params), one number, from `x0` on; differentiable in `params`.

    Newton's method on the exact gradient and Hessian, whose eigenvalues are made positive on the way (|w|, so that
    every step goes down), with backtracking. It ends when a step is at most `tol * (1 + |x|)` in the largest element
    (by default machine epsilon to the power 3/4). `params` as in `tg.fixed_point`. At the minimum the gradient of f is
    zero; by the implicit function theorem the gradient of x solves one linear system with the Hessian, which is
    formed: O(n^3) for n elements of x. f must be twice differentiable. Derivatives of any order.

    Raises ConvergenceError without convergence, and where what was found is not a strict minimum.

    >>> minimize_implicit(lambda x, a: (x - a) ** 2 + (x - a) ** 4, 0.0, 3.0).round(6)
    np.float64(3.0)
    >>> ridge = lambda w, X, y, c: ((X @ w - y) ** 2).sum() + c * (w**2).sum()
    >>> X, y = np.array([[1.0], [2.0]]), np.array([1.0, 2.0])
    >>> round(float(grad(lambda c: minimize_implicit(ridge, np.zeros(1), X, y, c).sum())(1.0)), 4)  # -5 / (5 + c)^2
    -0.1389
    """
    x = start_of("minimize_implicit", x0)
    limit = float(np.finfo(x.dtype).eps) ** 0.75 if tol is None else tol
    slope = grad(f)

    def find(*params: Any) -> Any:
        return _newton(f, slope, x, params, limit, max_steps)

    return implicit_solution("minimize", slope, find, params, dense_adjoint)


def _newton(
    f: Callable[..., Any], slope: Callable[..., Any], x: Any, params: tuple[Any, ...], tol: float, max_steps: int
) -> Any:
    """The minimum of f that Newton's method finds from `x`; `slope` is the gradient of f."""
    level = array_function(f, params)
    size = np.inf
    for count in range(max_steps):
        here = float(level(x))
        g, H = value_and_jacobian("minimize_implicit", slope, x, params)
        size = largest_size(g)
        if not np.isfinite([here, size]).all() or not np.isfinite(H).all():
            raise ConvergenceError(
                f"minimize_implicit: f = {here:.3g} and |gradient| = {size:.3g} at step {count}, not finite with the "
                f"Hessian; start where f is smooth, and see that it has a minimum"
            )
        w, V = np.linalg.eigh((H + H.T) / 2)
        floor = float(np.finfo(x.dtype).eps) * max(1.0, float(np.abs(w).max(initial=0)))
        step = -(V @ ((V.T @ g.ravel()) / np.maximum(np.abs(w), floor))).reshape(x.shape)
        if largest_size(step) <= tol * (1 + largest_size(x)):
            if x.size and w.min() <= floor:
                raise ConvergenceError(
                    f"minimize_implicit: what was found is no strict minimum: the least eigenvalue of the Hessian is "
                    f"{w.min():.3g}; start from another x0, or add a term such as 1e-6 * (x**2).sum()"
                )
            return (x + step).astype(x.dtype)
        x = _lower_point(level, here, x, step, float(np.sum(g * step)))
    raise ConvergenceError(
        f"minimize_implicit: no convergence in {max_steps} steps, |gradient| = {size:.3g}; start from another x0, "
        f"raise max_steps or tol = {tol:.3g}, and see that f has a minimum"
    )


def _lower_point(level: Callable[[Any], Any], here: float, x: Any, step: Any, slope: float) -> Any:
    """`x` moved by as much of `step` as makes f lower; by all of it where rounding hides the difference."""
    share = 1.0
    with np.errstate(all="ignore"):
        while share > 1e-10:
            if float(level(x + share * step)) <= here + 1e-4 * share * slope:
                return (x + share * step).astype(x.dtype)
            share /= 2
    return (x + step).astype(x.dtype)
