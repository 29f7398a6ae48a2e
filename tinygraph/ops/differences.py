"""Differences of neighbours along an axis, and the derivatives of sampled functions that they estimate."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple

from ..engine.declare import linear
from ..engine.node import Recorded
from .indexing import index_of_axis, tensor_or_array

__all__ = ["ediff1d", "gradient"]


def _stretch(axis: int, start: int | None, stop: int | None) -> tuple[Any, ...]:
    """The index of the elements from `start` to `stop` along `axis`."""
    return index_of_axis(axis, slice(start, stop))


def _lag_differences(g: Any, lag: int, axis: int, n: int) -> Any:
    """Zeros of length `n` along `axis`, with each element of `g` taken from its place and added `lag` later."""
    out = np.zeros((*g.shape[:axis], n, *g.shape[axis + 1 :]), g.dtype)
    if n >= 2 * lag:
        out[_stretch(axis, None, lag)] = -g[_stretch(axis, None, lag)]
        out[_stretch(axis, n - lag, None)] = g[_stretch(axis, n - 2 * lag, None)]
        middle = out[_stretch(axis, lag, n - lag)]
        np.subtract(g[_stretch(axis, None, n - 2 * lag)], g[_stretch(axis, lag, None)], out=middle)
    elif n > lag:
        out[_stretch(axis, lag, None)] = g
        out[_stretch(axis, None, n - lag)] -= g
    return out


# -------------------------------------------------------------------------------------------- differences


def _diff_rule(g: Any, y: Any, x: Any, *, axis: int) -> Any:
    return undiff(g, axis=axis, n=x.shape[axis])


@linear(_diff_rule, name="diff", symbol="Δ", spelling="np.diff")
def _diff(x, *, axis):  # type: ignore[no-untyped-def]
    return np.diff(x, axis=axis)


@linear(lambda g, y, x, *, axis, n: _diff(g, axis=axis), symbol="Δᵀ")
def undiff(x, *, axis, n):  # type: ignore[no-untyped-def]
    """The adjoint of `diff`: along `axis`, of length `n`, each of `x` taken away from its place and added to the next.

    >>> undiff(np.array([1.0, 5.0]), axis=0, n=3)
    array([-1., -4.,  5.])
    """
    return _lag_differences(x, 1, axis, n)


def diff(a: Any, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Any:
    """Differences of neighbours along `axis`, a[i+1] - a[i], taken `n` times, of `a` between `prepend` and `append`.

    >>> diff(np.array([1.0, 4.0, 9.0]), prepend=0.0)
    array([1., 3., 5.])
    """
    a = tensor_or_array(a)
    if n < 0 or a.ndim == 0:
        raise ValueError(f"diff: n={n} of shape {a.shape}; give n of at least 0 and at least one axis")
    axis = normalize_axis_index(axis, a.ndim)
    one = (*a.shape[:axis], 1, *a.shape[axis + 1 :])
    ends = [
        end if end is None or np.ndim(end) else np.broadcast_to(tensor_or_array(end), one) for end in (prepend, append)
    ]
    if n and (prepend is not None or append is not None):
        a = np.concatenate([part for part in (ends[0], a, ends[1]) if part is not None], axis=axis)
    for _ in range(n):
        a = _diff(a, axis=axis)
    return a


def ediff1d(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Differences of neighbours in the flattened `ary`, between what `to_begin` and `to_end` hold.

    >>> ediff1d(np.array([[1.0, 4.0], [9.0, 9.0]]), to_end=7.0)
    array([3., 5., 0., 7.])
    """
    ary = np.reshape(tensor_or_array(ary), (-1,))
    y = _diff(ary, axis=0)
    parts = [y if part is y else np.reshape(part, (-1,)) for part in (to_begin, y, to_end) if part is not None]
    return y if len(parts) == 1 else np.concatenate(parts, dtype=ary.dtype, casting="same_kind")


# ---------------------------------------------------------------------------- derivatives of sampled functions


def _slopes_rule(g: Any, y: Any, x: Any, *, step: float, axis: int, edge_order: int) -> Any:
    return unslopes(g, step=step, axis=axis, edge_order=edge_order)


@linear(_slopes_rule)
def slopes(x, *, step, axis, edge_order):  # type: ignore[no-untyped-def]
    """Central differences of `x` along `axis` over its `step`, one-sided ones at the ends: NumPy's `gradient`.

    >>> slopes(np.array([0.0, 1.0, 4.0]), step=1.0, axis=0, edge_order=1)
    array([1., 2., 3.])
    """
    x, n = x.astype(np.float64) if x.dtype.kind in "iu" else x, x.shape[axis]
    out = np.empty_like(x)
    inside = out[_stretch(axis, 1, n - 1)]
    np.subtract(x[_stretch(axis, 2, None)], x[_stretch(axis, None, n - 2)], out=inside)
    inside /= 2 * step
    weights = _end_weights(edge_order)
    out[_stretch(axis, 0, 1)] = sum(w / step * x[_stretch(axis, k, k + 1)] for k, w in enumerate(weights))
    out[_stretch(axis, n - 1, n)] = sum(-w / step * x[_stretch(axis, n - 1 - k, n - k)] for k, w in enumerate(weights))
    return out


def _end_weights(edge_order: int) -> tuple[float, ...]:
    """The weights of the elements from an end inwards in the derivative there."""
    return (-1, 1) if edge_order == 1 else (-1.5, 2, -0.5)


@linear(lambda g, y, x, *, step, axis, edge_order: slopes(g, step=step, axis=axis, edge_order=edge_order))
def unslopes(x, *, step, axis, edge_order):  # type: ignore[no-untyped-def]
    """The adjoint of `slopes`: from a gradient of the slopes to one of the samples.

    >>> unslopes(np.array([1.0, 0.0, 0.0]), step=1.0, axis=0, edge_order=1)
    array([-1.,  1.,  0.])
    """
    n = x.shape[axis]
    out = _lag_differences(x[_stretch(axis, 1, n - 1)] / (2 * step), 2, axis, n)
    for k, weight in enumerate(_end_weights(edge_order)):
        out[_stretch(axis, k, k + 1)] += weight / step * x[_stretch(axis, 0, 1)]
        out[_stretch(axis, n - 1 - k, n - k)] -= weight / step * x[_stretch(axis, n - 1, n)]
    return out


def gradient(f: Any, *varargs: Any, axis: Any = None, edge_order: int = 1) -> Any:
    """Derivatives of the samples `f` along each `axis`, exact for parabolas (at the ends, with `edge_order=2`).

    `varargs`: a step for all axes, or for each axis its step or its coordinates; 1 by default. Steps and coordinates
    may be Tensors. Returns an array, or a tuple with one for each of several axes.

    >>> gradient(np.array([0.0, 1.0, 4.0]))
    array([1., 2., 3.])
    """
    if not any(isinstance(x, Recorded) for x in (f, *varargs)):
        how: Any = {"axis": axis, "edge_order": edge_order}
        return np.gradient(f, *varargs, **how)
    f = tensor_or_array(f)
    if f.dtype.kind in "biu":  # differences of unsigned ones would wrap around
        f = f.astype(np.float64)
    axes = tuple(range(f.ndim)) if axis is None else normalize_axis_tuple(axis, f.ndim)
    spacings = varargs if len(varargs) == len(axes) else (varargs or (1.0,)) * len(axes)
    if len(spacings) != len(axes) or (len(varargs) < len(axes) and varargs and np.ndim(varargs[0])):
        raise TypeError(f"gradient: {len(varargs)} spacings for {len(axes)} axes; give one for all, or one for each")
    if edge_order not in (1, 2):
        raise ValueError(f"gradient: edge_order={edge_order} is not known; give 1 or 2")
    found = [_derivative(f, tensor_or_array(x), k, edge_order) for x, k in zip(spacings, axes)]
    return found[0] if len(found) == 1 else tuple(found)


def _derivative(f: Any, spacing: Any, axis: int, edge_order: int) -> Any:
    """The derivative along one axis, whose `spacing` is a step or coordinates."""
    n = f.shape[axis]
    if n <= edge_order:
        raise ValueError(f"gradient: axis {axis} has {n} elements; edge_order={edge_order} needs {edge_order + 1}")
    if spacing.ndim and spacing.shape != (n,):
        raise ValueError(f"gradient: coordinates of shape {spacing.shape} for axis {axis} of length {n}; give a vector")
    steps = _diff(spacing, axis=0) if spacing.ndim else spacing
    if steps.ndim == 0 and isinstance(steps, Recorded):
        return slopes(f, step=1.0, axis=axis, edge_order=edge_order) / steps
    if not isinstance(steps, Recorded) and np.all(steps == steps.flat[0]):
        return slopes(f, step=float(steps.flat[0]), axis=axis, edge_order=edge_order)
    return np.moveaxis(_uneven_slopes(np.moveaxis(f, axis, 0), steps, edge_order), 0, axis)


def _uneven_slopes(f: Any, steps: Any, edge_order: int) -> Any:
    """Derivatives at uneven coordinates along the first axis: the slopes on both sides, weighed by the other's step."""
    steps = np.reshape(steps, (-1,) + (1,) * (f.ndim - 1))
    slope = _diff(f, axis=0) / steps
    inside = (slope[:-1] * steps[1:] + slope[1:] * steps[:-1]) / (steps[:-1] + steps[1:])
    first, last = slope[:1], slope[-1:]
    if edge_order == 2:
        first, last = 2 * first - inside[:1], 2 * last - inside[-1:]
    y = np.concatenate([first, inside, last])
    dtype = f.dtype if f.dtype.kind in "fc" else np.dtype(np.float64)
    return y if y.dtype == dtype else y.astype(dtype)
