"""`scipy.integrate` for Tensors: integrals of samples, of functions (Leibniz' rule), and differential equations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
from scipy import integrate

from ... import ops
from ...engine.mode import no_grad
from ...errors import ConvergenceError
from ...tensors.tensor import Tensor
from ...transforms.solvers.odeint import odeint
from .atom import any_tensor

__all__ = ["cumulative_trapezoid", "quad", "simpson", "solve_ivp", "trapezoid"]

_INSIDE = np.polynomial.legendre.leggauss(20)
_NODES, _WEIGHTS = (_INSIDE[0] + 1) / 2, _INSIDE[1] / 2
"""Gauss-Legendre of order 20 on (0, 1)."""


_T = np.arange(-29, 30) * 0.1
_END_NODES = 1 / (1 + np.exp(-np.pi * np.sinh(_T)))
_END_WEIGHTS = 0.1 * np.pi * np.cosh(_T) * _END_NODES * (1 - _END_NODES)
"""Nodes that crowd at 0 and at 1, where f may be singular, as sqrt is (tanh-sinh, Takahasi and Mori 1974)."""


def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """The integral of samples by trapezoids: Σ (x[k+1] - x[k]) (y[k] + y[k+1]) / 2, with gradients in y and in x.

    >>> trapezoid(np.array([0.0, 1.0, 4.0]), dx=1.0)
    np.float64(3.0)
    """
    if not any_tensor(y, x, dx):
        return integrate.trapezoid(y, x, dx, axis)
    return ops.trapezoid(y, x, dx, axis)


def _steps(y: Any, x: Any, dx: Any, axis: int) -> tuple[Any, Any]:
    """The samples with `axis` last, and the distances between them."""
    y = ops.moveaxis(y if isinstance(y, Tensor) else np.asarray(y), source=axis, destination=-1)
    if x is None:
        return y, dx * np.ones(y.shape[-1] - 1)
    x = x if isinstance(x, Tensor) else np.asarray(x)
    return y, np.diff(x if x.ndim == 1 else np.moveaxis(x, axis, -1), axis=-1)


def cumulative_trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1, initial: Any = None) -> Any:
    """The integrals of samples from the first to each other one, by trapezoids; `initial` 0 puts a 0 before them.

    >>> cumulative_trapezoid(np.array([0.0, 1.0, 4.0]))
    array([0.5, 3. ])
    """
    if not any_tensor(y, x, dx):
        return integrate.cumulative_trapezoid(y, x, dx, axis, initial)
    y, h = _steps(y, x, dx, axis)
    total = np.cumsum(h * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)
    if initial is not None:
        if initial != 0:
            raise ValueError(f"cumulative_trapezoid: initial={initial!r}; give 0 or None, as SciPy says")
        total = np.concatenate([np.zeros_like(total[..., :1]), total], axis=-1)
    return np.moveaxis(total, -1, axis)


def simpson(y: Any, x: Any = None, *, dx: Any = 1.0, axis: int = -1) -> Any:
    """The integral of samples by parabolas through three of them (Simpson's rule, Cartwright 2017 at an odd end).

    >>> simpson(np.array([0.0, 1.0, 4.0]))
    np.float64(2.6666666666666665)
    """
    if not any_tensor(y, x, dx):
        return integrate.simpson(y, x, dx=dx, axis=axis)
    y, h = _steps(y, x, dx, axis)
    n = y.shape[-1]
    if n < 3:
        return ops.sum(h * (y[..., 1:] + y[..., :-1]) / 2, axis=-1)
    last = n - 1 if n % 2 else n - 2  # the parabolas cover the samples up to this one
    a, b = h[..., 0:last:2], h[..., 1:last:2]
    y0, y1, y2 = y[..., 0 : last - 1 : 2], y[..., 1:last:2], y[..., 2 : last + 1 : 2]
    total = ops.sum((a + b) / 6 * (y0 * (2 - b / a) + y1 * (a + b) ** 2 / (a * b) + y2 * (2 - a / b)), axis=-1)
    if n % 2 == 0:
        a, b = h[..., -2], h[..., -1]
        total = total + (
            y[..., -1] * (2 * b**2 + 3 * a * b) / (6 * (a + b))
            + y[..., -2] * (b**2 + 3 * a * b) / (6 * a)
            - y[..., -3] * b**3 / (6 * a * (a + b))
        )
    return total


def quad(f: Callable[..., Any], a: Any, b: Any, args: Any = (), **options: Any) -> tuple[Any, float]:
    """`(integral, error)` of f(x, *args) for x from a to b, differentiated by Leibniz' rule: also in a and b.

    SciPy's `quad` finds the integral and the intervals in which f is smooth; where f, its arguments or the ends are
    Tensors, f is evaluated in these again, at the nodes of a Gaussian or tanh-sinh rule, and what it sums up to is
    differentiated. f is called with one number at a time; a or b may be infinite, and f singular at the ends or at
    places that `points=` names. Raises ConvergenceError where the two integrals differ by more than 1e-8 of |f|'s.

    >>> import tinygraph as tg
    >>> round(tg.grad(lambda c: quad(lambda x: np.exp(-c * x), 0.0, np.inf)[0])(2.0), 9)
    -0.25
    """
    args = args if isinstance(args, tuple) else (args,)
    plain = [x._array.item() if isinstance(x, Tensor) else x for x in (a, b)]
    if plain[0] > plain[1]:
        value, error = quad(f, b, a, args, **options)
        return -value, error

    def number(x: float) -> float:
        y = f(x, *args)
        return float(y._array) if isinstance(y, Tensor) else y

    with no_grad():
        found = integrate.quad(number, *plain, full_output=1, **options)
    value, error, info = found[0], found[1], found[2]
    probe = f(0.5 * sum(np.clip(plain, -1.0, 1.0)), *args)
    if not any_tensor(a, b, probe):
        return value, error
    infinite = [np.isinf(x) for x in plain]
    ends = _intervals(info, plain, infinite)
    scale, shift = ((b - a) / (plain[1] - plain[0]), a) if not any(infinite) and plain[0] != plain[1] else (1.0, None)
    outermost = {min(low for low, _ in ends), max(high for _, high in ends), *options.get("points", ())}
    total: Any = 0.0
    size = 0.0
    for low, high in ends:
        at_end = low in outermost or high in outermost
        rule = zip(_END_NODES, _END_WEIGHTS) if at_end else zip(_NODES, _WEIGHTS)
        for node, weight in rule:
            x = low + (high - low) * node
            term = _term(f, args, x, weight * (high - low), a, b, plain, infinite, scale, shift)
            size += abs(float(term._array if isinstance(term, Tensor) else term))
            total = total + term
    off = value - float(total._array if isinstance(total, Tensor) else total)
    if not abs(off) <= 1e-8 * size + error:
        raise ConvergenceError(
            f"quad: the nodes of its intervals give an integral that is {abs(off):.1e} from SciPy's {value:.6g}, which "
            f"has an error of {error:.1e}; name the places where f is not smooth by points="
        )
    return total + off, error


def _intervals(info: dict[str, Any], plain: Sequence[float], infinite: Sequence[bool]) -> list[tuple[float, float]]:
    """The intervals in which SciPy took f for smooth; for infinite ends those of its variable t in (0, 1]."""
    if "last" not in info:
        return [(0.0, 1.0)] if any(infinite) else [(plain[0], plain[1])]
    last = info["last"]
    return list(zip(info["alist"][:last], info["blist"][:last], strict=True))


def _term(
    f: Any, args: Any, x: float, weight: float, a: Any, b: Any, plain: Any, infinite: Any, scale: Any, shift: Any
) -> Any:
    """One node's share: f at the node, which moves with finite ends, times the weight."""
    if not any(infinite):
        at = x if shift is None else shift + (x - plain[0]) * scale
        return f(at, *args) * (weight * scale)
    jacobian, away = weight / x**2, (1 - x) / x  # x = end ± (1 - t) / t
    if all(infinite):
        return (f(away, *args) + f(-away, *args)) * jacobian
    return f(a + away if infinite[1] else b - away, *args) * jacobian


def solve_ivp(
    fun: Callable[..., Any], t_span: Sequence[Any], y0: Any, t_eval: Any = None, *, args: Any = (), rtol: float = 1e-3,
    atol: float = 1e-6, **options: Any,
) -> Any:  # fmt: skip
    """The solution of y' = fun(t, y, *args) from y0, by `tg.odeint` for Tensors: a namespace with `t`, `y`, `success`.

    `y` has a column for each time in `t_eval`, by default the two ends of `t_span`. Of SciPy's options only the
    tolerances are taken; others raise TypeError. On plain arrays it is SciPy's.

    >>> import tinygraph as tg
    >>> end = lambda k: solve_ivp(lambda t, y: -k * y, (0.0, 1.0), np.array([1.0]), rtol=1e-9, atol=1e-9).y[0, -1]
    >>> round(tg.grad(end)(1.0), 6)
    -0.367879
    """
    y0 = y0 if isinstance(y0, Tensor) else np.asarray(y0, dtype=float)
    with no_grad():
        probe = fun(t_span[0], y0.detach() if isinstance(y0, Tensor) else y0, *args)
    tracked = any_tensor(y0, *t_span, *args) or any_tensor(probe, *(probe if isinstance(probe, list | tuple) else ()))
    if not tracked:
        return integrate.solve_ivp(fun, t_span, y0, t_eval=t_eval, args=args, rtol=rtol, atol=atol, **options)
    if options:
        raise TypeError(f"solve_ivp: {', '.join(options)} with Tensors; leave it out, or use tg.odeint")
    times = np.array(t_span, dtype=float) if t_eval is None else t_eval

    def slope(y: Any, t: Any) -> Any:
        value = fun(t, y, *args)
        return np.stack(list(value)) if isinstance(value, list | tuple) else value

    y = odeint(slope, y0, times, rtol=rtol, atol=atol)
    return SimpleNamespace(t=times, y=np.moveaxis(y, 0, -1), success=True, status=0)
