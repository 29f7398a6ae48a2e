"""Weighted sums along an axis: averages, and integrals by the trapezoidal rule."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.settings import settings
from .indexing import index_of_axis, tensor_or_array
from .reduction import mean, sum

__all__ = ["average", "trapezoid"]


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """Sum of `weights` times `a`, over the sum of the weights, along `axis`; differentiable in both.

    Weights have the shape of `a`, or that of its axes in `axis`; without them it is the mean. With `returned`, a pair:
    the average and the sum of the weights. Raises ZeroDivisionError where the weights add up to zero.

    >>> float(average(np.array([1.0, 4.0]), weights=np.array([2.0, 1.0])))
    2.0
    """
    a = tensor_or_array(a)
    if weights is None:
        y = mean(a, axis, keepdims=keepdims)
        total = np.full(y.shape, a.size / y.size, y.dtype)[()] if returned else None
        return (y, total) if returned else y
    weights = _weights_beside(a, axis, tensor_or_array(weights))
    dtype = np.result_type(a.dtype, weights.dtype, *([np.float64] if a.dtype.kind in "biu" else []))
    if weights.dtype != dtype:
        weights = weights.astype(dtype)
    total = sum(weights, axis, keepdims=keepdims)
    if np.any(np.equal(getattr(total, "_array", total), 0)):
        raise ZeroDivisionError("average: the weights add up to zero; give weights that do not")
    y = sum(a * weights, axis, keepdims=keepdims) / total
    return (y, np.broadcast_to(total, y.shape)) if returned else y


def _weights_beside(x: Any, axis: Any, weights: Any) -> Any:
    """The weights in a shape that broadcasts against `x`."""
    if weights.shape == x.shape:
        return weights
    if axis is None:
        raise TypeError(
            f"average: weights of shape {weights.shape} for x of shape {x.shape}; say by axis= which axes they go along"
        )
    axes = [a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,))]
    along = tuple([x.shape[a] for a in axes])
    if weights.shape != along:
        raise ValueError(
            f"average: weights of shape {weights.shape} for axes {axis} of lengths {along}; give that shape, or x's"
        )
    weights = np.transpose(weights, np.argsort(axes))
    return np.reshape(weights, [n if a in axes else 1 for a, n in enumerate(x.shape)])


@settings
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integral of `y` along `axis` by the trapezoidal rule, at the points `x` or at steps of `dx`.

    >>> float(trapezoid(np.array([0.0, 1.0, 2.0]), dx=0.5))
    1.0
    """
    y = tensor_or_array(y)
    if x is not None:
        x = tensor_or_array(x)
        dx = x[1:] - x[:-1] if x.ndim == 1 else _later(x, axis) - _earlier(x, axis)
        if x.ndim == 1:
            dx = np.reshape(dx, [-1 if a == axis % y.ndim else 1 for a in range(y.ndim)])
    return sum(dx * (_later(y, axis) + _earlier(y, axis)) / 2.0, axis)


def _later(x: Any, axis: int) -> Any:
    """`x` without the first elements along `axis`."""
    return x[index_of_axis(axis % x.ndim, slice(1, None))]


def _earlier(x: Any, axis: int) -> Any:
    """`x` without the last elements along `axis`."""
    return x[index_of_axis(axis % x.ndim, slice(-1))]
