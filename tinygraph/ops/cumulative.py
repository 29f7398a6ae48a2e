"""Cumulative sums and products."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import linear, primitive
from .indexing import no_out, tensor_or_array
from .reduction import by_division

__all__ = ["cumprod", "cumsum", "cumulative_prod", "cumulative_sum"]


def _cumsum_rule(g: Any, y: Any, x: Any, *, axis: Any, dtype: Any) -> Any:
    back = np.flip(np.cumsum(np.flip(g, -1 if axis is None else axis), axis=axis), -1 if axis is None else axis)
    return np.reshape(back, x.shape)


@linear(_cumsum_rule, name="cumsum", onnx="CumSum", fresh=True, spelling="np.cumsum")
def _cumsum(x, *, axis=None, dtype=None):  # type: ignore[no-untyped-def]
    return np.cumsum(x, axis=axis, dtype=dtype)


def cumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Any:
    """Cumulative sum along `axis`; of the flattened `a` by default.

    >>> cumsum(np.array([1.0, 2.0, 3.0]))
    array([1., 3., 6.])
    """
    no_out("cumsum", out)
    return _cumsum(a, axis=axis, dtype=dtype)


def _recurrence(a: Any, g: Any) -> Any:
    """S with S_i = g_i + a_i S_(i+1) along the last axis, from S_n = 0 on: by pairs, in O(n).

    Two steps are one of the same kind, S_i = (g_i + a_i g_(i+1)) + (a_i a_(i+1)) S_(i+2), so that every other S is
    the solution of half the length.
    """
    n = g.shape[-1]
    if n < 2:
        return g
    if n % 2:
        end = np.zeros_like(g[..., :1])
        a, g = np.concatenate([a, end], axis=-1), np.concatenate([g, end], axis=-1)
    a0, a1, g0, g1 = a[..., ::2], a[..., 1::2], g[..., ::2], g[..., 1::2]
    even = _recurrence(a0 * a1, g0 + a0 * g1)
    after = np.concatenate([even[..., 1:], np.zeros_like(even[..., :1])], axis=-1)
    both = np.stack([even, g1 + a1 * after], axis=-1)
    return np.reshape(both, g.shape)[..., :n]


def _cumprod_rule(g: Any, y: Any, x: Any, *, axis: Any, dtype: Any) -> Any:
    """dx_i = y_(i-1) S_i with S_i = g_i + x_(i+1) S_(i+1); or, by division, the sum of g_j y_j / x_i over j >= i."""
    axis = -1 if axis is None else axis

    def by_pairs() -> Any:
        before, after = np.moveaxis(y, axis, -1), np.moveaxis(np.reshape(x, y.shape), axis, -1)
        before = np.concatenate([np.ones_like(before[..., :1]), before[..., :-1]], axis=-1)
        after = np.concatenate([after[..., 1:], np.zeros_like(after[..., :1])], axis=-1)
        return np.moveaxis(before * _recurrence(after, np.moveaxis(g, axis, -1)), -1, axis)

    def by_quotients(y: Any, x: Any) -> Any:
        return np.flip(np.cumsum(np.flip(g * y, axis), axis=axis), axis) / np.reshape(x, y.shape)

    return np.reshape(by_division(y, x, by_quotients, by_pairs), x.shape)


@primitive(_cumprod_rule, name="cumprod", holomorphic=True, fresh=True, spelling="np.cumprod")
def _cumprod(x, *, axis=None, dtype=None):  # type: ignore[no-untyped-def]
    return np.cumprod(x, axis=axis, dtype=dtype)


def cumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Any:
    """Cumulative product along `axis`; of the flattened `a` by default. Right also where some elements are zero.

    >>> cumprod(np.array([1.0, 2.0, 3.0]))
    array([1., 2., 6.])
    """
    no_out("cumprod", out)
    return _cumprod(a, axis=axis, dtype=dtype)


def cumulative_sum(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, out: None = None, include_initial: bool = False
) -> Any:
    """`cumsum` along `axis`, which only a vector may leave out; with `include_initial`, 0 comes before it.

    >>> cumulative_sum(np.array([1.0, 2.0]), include_initial=True)
    array([0., 1., 3.])
    """
    return _cumulative("cumulative_sum", cumsum, 0, tensor_or_array(x), axis, dtype, out, include_initial)


def cumulative_prod(
    x: Any, /, *, axis: int | None = None, dtype: Any = None, out: None = None, include_initial: bool = False
) -> Any:
    """`cumprod` along `axis`, which only a vector may leave out; with `include_initial`, 1 comes before it.

    >>> cumulative_prod(np.array([2.0, 3.0]), include_initial=True)
    array([1., 2., 6.])
    """
    return _cumulative("cumulative_prod", cumprod, 1, tensor_or_array(x), axis, dtype, out, include_initial)


def _cumulative(
    name: str, function: Any, initial: int, x: Any, axis: int | None, dtype: Any, out: None, include_initial: bool
) -> Any:
    """`function` of `x` along `axis`, with `initial` put before it if asked for."""
    no_out(name, out)
    x = x if x.ndim else np.reshape(x, (1,))
    if x.ndim > 1 and axis is None:
        raise ValueError(f"{name}: x of shape {x.shape} has no axis of its own; give a vector, or axis=")
    axis = 0 if axis is None else axis
    y = function(x, axis, dtype)
    if not include_initial:
        return y
    shape = list(y.shape)
    shape[axis] = 1
    return np.concatenate([np.full(shape, initial, y.dtype), y], axis=axis)
