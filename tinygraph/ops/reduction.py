"""Reductions: sums, means, spreads, extrema, products, and the cumulative sum."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..op import linear, primitive
from .elementwise import where as _where
from .parts import conjugated, squared

__all__ = ["cumsum", "max", "mean", "min", "prod", "std", "sum", "var"]


def unreduce(g: Any, axis: Any, keepdims: bool) -> Any:
    """`g` with the reduced axes put back with length 1; the sweep broadcasts it to the input's shape."""
    if keepdims or axis is None:
        return g
    return g[..., None] if axis == -1 else np.expand_dims(g, axis)


def _count(shape: tuple[int, ...], axis: Any) -> int:
    """How many elements go into one output."""
    if axis is None:
        return math.prod(shape)
    return math.prod(shape[a] for a in (axis if isinstance(axis, tuple) else (axis,)))


@linear(lambda g, y, x, *, axis, dtype, keepdims: unreduce(g, axis, keepdims), name="sum", symbol="Σ", onnx="ReduceSum")
def _sum(x, *, axis=None, dtype=None, keepdims=False):  # type: ignore[no-untyped-def]
    return x.sum(axis=axis, dtype=dtype, keepdims=keepdims)


def sum(x: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False, where: Any = None) -> Any:
    """Sum of the elements along `axis` (an int, a tuple of ints, None for all), of those where `where` holds.

    >>> float(sum(np.array([1.0, 2.0, 3.0]), where=np.array([True, False, True])))
    4.0
    """
    return _sum(x if where is None else _where(where, x, 0), axis=axis, dtype=dtype, keepdims=keepdims)


@linear(
    lambda g, y, x, *, axis, dtype, keepdims: unreduce(g, axis, keepdims) / (_count(x.shape, axis) or 1),
    name="mean",
    onnx="ReduceMean",
)
def _mean(x, *, axis=None, dtype=None, keepdims=False):  # type: ignore[no-untyped-def]
    if axis is None and dtype is None and not keepdims and x.dtype.char in "fd" and x.size:
        return x.sum() / x.size  # what np.mean does, in half the time
    return np.mean(x, axis=axis, dtype=dtype, keepdims=keepdims)


def mean(x: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False, where: Any = None) -> Any:
    """Arithmetic mean along `axis`, of the elements where `where` holds.

    >>> float(mean(np.array([1.0, 2.0, 6.0])))
    3.0
    """
    if where is None:
        return _mean(x, axis=axis, dtype=dtype, keepdims=keepdims)
    return sum(x, axis, dtype, keepdims=keepdims, where=where) / _selected(x, where, axis, keepdims)


def _selected(x: Any, where: Any, axis: Any, keepdims: bool) -> Any:
    ones = np.ones(np.shape(x), getattr(x, "dtype", np.float64))
    return _sum(_where(where, ones, 0), axis=axis, keepdims=keepdims)


def _centred(x: Any, axis: Any) -> Any:
    return x - np.mean(x, axis=axis, keepdims=True)


@primitive(
    lambda g, y, x, *, axis, dtype, ddof, keepdims: (
        unreduce(g, axis, keepdims) * (2 / (_count(x.shape, axis) - ddof) * conjugated(_centred(x, axis)))
    ),
    name="var",
    conjugates=True,
)
def _var(x, *, axis=None, dtype=None, ddof=0, keepdims=False):  # type: ignore[no-untyped-def]
    return np.var(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)


def var(
    x: Any, axis: Any = None, dtype: Any = None, *, ddof: float = 0, keepdims: bool = False, where: Any = None
) -> Any:
    """Variance along `axis`: sum of squared deviations / (n - `ddof`), of the elements where `where` holds.

    >>> float(var(np.array([1.0, 2.0, 3.0])))
    0.6666666666666666
    """
    if where is None:
        return _var(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)
    deviation = x - mean(x, axis, dtype, keepdims=True, where=where)
    total = sum(squared(deviation), axis, dtype, keepdims=keepdims, where=where)
    return total / (_selected(x, where, axis, keepdims) - ddof)


def _std_rule(g: Any, y: Any, x: Any, *, axis: Any, dtype: Any, ddof: float, keepdims: bool) -> Any:
    y = unreduce(y, axis, keepdims)
    still = np.equal(y, 0)  # the derivative of a constant's spread is taken as 0
    scale = np.where(still, 0, 1 / ((_count(x.shape, axis) - ddof) * np.where(still, 1, y)))
    return unreduce(g, axis, keepdims) * scale * conjugated(_centred(x, axis))


@primitive(_std_rule, name="std", conjugates=True)
def _std(x, *, axis=None, dtype=None, ddof=0, keepdims=False):  # type: ignore[no-untyped-def]
    return np.std(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)


def std(
    x: Any, axis: Any = None, dtype: Any = None, *, ddof: float = 0, keepdims: bool = False, where: Any = None
) -> Any:
    """Standard deviation along `axis`: the square root of `var`. Its derivative at a constant is 0.

    >>> float(std(np.array([1.0, 3.0])))
    1.0
    """
    if where is None:
        return _std(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)
    return np.sqrt(var(x, axis, dtype, ddof=ddof, keepdims=keepdims, where=where))


def _share(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """1 / (number of ties) at the extreme elements, 0 elsewhere."""
    hit = np.equal(x, unreduce(y, axis, keepdims)).astype(x.dtype)
    return hit / np.sum(hit, axis=axis, keepdims=True)


def _extreme_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return unreduce(g, axis, keepdims) * _share(y, x, axis, keepdims)


def _extreme_jvp(t: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return np.sum(t[0] * _share(y, x, axis, keepdims), axis=axis, keepdims=keepdims)


def _tied(y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    hit = np.equal(x, unreduce(y, axis, keepdims))
    return hit & (np.sum(hit, axis=axis, keepdims=True) > 1)


@primitive(_extreme_rule, jvp=_extreme_jvp, name="max", onnx="ReduceMax", ties=_tied)
def _max(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.max(x, axis=axis, keepdims=keepdims)


@primitive(_extreme_rule, jvp=_extreme_jvp, name="min", onnx="ReduceMin", ties=_tied)
def _min(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.min(x, axis=axis, keepdims=keepdims)


def max(x: Any, axis: Any = None, *, keepdims: bool = False, initial: Any = None, where: Any = None) -> Any:
    """Largest element along `axis`; ties share the gradient equally. `where` needs `initial`.

    >>> float(max(np.array([1.0, 3.0, 2.0])))
    3.0
    """
    return _extreme(_max, np.maximum, x, axis, keepdims, initial, where)


def min(x: Any, axis: Any = None, *, keepdims: bool = False, initial: Any = None, where: Any = None) -> Any:
    """Smallest element along `axis`; ties share the gradient equally. `where` needs `initial`.

    >>> float(min(np.array([4.0, 3.0, 5.0])))
    3.0
    """
    return _extreme(_min, np.minimum, x, axis, keepdims, initial, where)


def _extreme(op: Any, pick: Any, x: Any, axis: Any, keepdims: bool, initial: Any, where: Any) -> Any:
    if where is not None:
        if initial is None:
            raise ValueError(f"{op.__name__}: where= leaves positions out; give initial=, the value of none")
        x = _where(where, x, initial)
    if initial is None:
        return op(x, axis=axis, keepdims=keepdims)
    if _count(x.shape, axis) == 0:
        return op(np.full([1 if n == 0 else n for n in x.shape], initial), axis=axis, keepdims=keepdims)
    return pick(op(x, axis=axis, keepdims=keepdims), initial)


def _others(x: Any) -> Any:
    """Along the last axis, the product of all other elements: pairwise, so that zeros do no harm."""
    n = x.shape[-1]
    if n < 2:
        return np.ones_like(x)
    if n % 2:
        x = np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)
    a, b = x[..., ::2], x[..., 1::2]
    others = _others(a * b)
    both = np.stack([others * b, others * a], axis=-1)
    return np.reshape(both, x.shape)[..., :n]


def _prod_rule(g: Any, y: Any, x: Any, *, axis: Any, dtype: Any, keepdims: bool) -> Any:
    axes = tuple(range(x.ndim)) if axis is None else axis if isinstance(axis, tuple) else (axis,)
    last = tuple(range(-len(axes), 0))
    moved = np.moveaxis(x, axes, last)
    flat = np.reshape(moved, (*moved.shape[: x.ndim - len(axes)], _count(x.shape, axes)))
    others = np.moveaxis(np.reshape(_others(flat), moved.shape), last, axes)
    return unreduce(g, axis, keepdims) * others


@primitive(_prod_rule, name="prod", symbol="Π", onnx="ReduceProd", holomorphic=True)
def _prod(x, *, axis=None, dtype=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.prod(x, axis=axis, dtype=dtype, keepdims=keepdims)


def prod(x: Any, axis: Any = None, dtype: Any = None, *, keepdims: bool = False, where: Any = None) -> Any:
    """Product of the elements along `axis`, of those where `where` holds; right also where some are zero.

    >>> float(prod(np.array([2.0, 3.0])))
    6.0
    """
    return _prod(x if where is None else _where(where, x, 1), axis=axis, dtype=dtype, keepdims=keepdims)


def _cumsum_rule(g: Any, y: Any, x: Any, *, axis: Any, dtype: Any) -> Any:
    back = np.flip(np.cumsum(np.flip(g, -1 if axis is None else axis), axis=axis), -1 if axis is None else axis)
    return np.reshape(back, x.shape)


@linear(_cumsum_rule, onnx="CumSum")
def cumsum(x, *, axis=None, dtype=None):  # type: ignore[no-untyped-def]
    """Cumulative sum along `axis`; of the flattened `x` by default.

    >>> cumsum(np.array([1.0, 2.0, 3.0]))
    array([1., 3., 6.])
    """
    return np.cumsum(x, axis=axis, dtype=dtype)
