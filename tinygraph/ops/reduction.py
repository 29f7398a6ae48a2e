"""Reductions: sums, means and products, also over stretches of an axis, and what all reductions need."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ..engine.declare import linear, primitive
from ..engine.mode import current
from ..engine.node import Recorded
from .habits import unknown
from .indexing import getitem, index_of_axis, no_out, scatter, tensor_or_array

__all__ = ["mean", "prod", "sum"]


def unreduce(g: Any, axis: Any, keepdims: bool) -> Any:
    """`g` with the reduced axes put back with length 1; the sweep broadcasts it to the input's shape."""
    if keepdims or axis is None:
        return g
    return g[..., None] if axis == -1 else np.expand_dims(g, axis)


def count(shape: tuple[int, ...], axis: Any) -> int:
    """How many elements go into one of the output, reduced along `axis`."""
    if axis is None or not shape:  # a number has one element along any axis
        return math.prod(shape)
    return math.prod(shape[a] for a in (axis if isinstance(axis, tuple) else (axis,)))


def count_true(mask: Any, axis: Any, dtype: np.dtype[Any], keepdims: bool = True) -> Any:
    """How often `mask` holds along `axis`, as numbers of `dtype`."""
    if axis is None and isinstance(mask, np.ndarray):
        return dtype.type(np.count_nonzero(mask))  # in a tenth of the time
    return np.sum(mask, axis=axis, dtype=dtype, keepdims=keepdims)


def elements_where(function: str, x: Any, where: Any, neutral: Any) -> Any:
    """`x` where `where` holds, else `neutral`; without a mask, `x` itself."""
    if where is None:
        return x
    y = np.where(where, tensor_or_array(x), neutral)
    if y.shape != np.shape(x):
        raise ValueError(
            f"{function}: where= of shape {np.shape(where)} does not fit into {np.shape(x)}; give a mask of it"
        )
    return y


def with_initial(y: Any, initial: Any, combine: Callable[[Any, Any], Any]) -> Any:
    """`y` combined with `initial`, in the dtype of `y`."""
    if initial is None:
        return y
    return combine(y, initial if isinstance(initial, Recorded) else np.asarray(initial, y.dtype)[()])


# ---------------------------------------------------------------------------------------------- sums and means

MASKED = {
    "zero": (
        "masked",
        "{op} leaves out every element that a gradient would go to: its mask holds for none of them",
        "check where=; nansum and its like leave out what is NaN",
    )
}


@linear(
    lambda g, y, x, *, axis, dtype, keepdims: unreduce(g, axis, keepdims),
    name="sum",
    symbol="Σ",
    onnx="ReduceSum",
    fresh=True,
    spelling="np.sum",
)
def _sum(x, *, axis=None, dtype=None, keepdims=False):  # type: ignore[no-untyped-def]
    return x.sum(axis=axis, dtype=dtype, keepdims=keepdims)


def _gradient_where(g: Any, where: Any) -> Any:
    """`g` where `where` holds, else 0: by a product where that is the same, in a third of the time."""
    if isinstance(g, np.ndarray | np.generic) and getattr(where, "dtype", None) == np.bool_ and np.all(np.isfinite(g)):
        return where * g
    return np.where(where, g, 0)


@linear(lambda g, y, x, where, *, axis, dtype, keepdims: _gradient_where(unreduce(g, axis, keepdims), where), None,
        name="sum_where", symbol="Σ", selects=True, reasons=MASKED, fresh=True)  # fmt: skip
def _sum_where(x, where, *, axis=None, dtype=None, keepdims=False):  # type: ignore[no-untyped-def]
    """Sum of the elements for which `where` holds."""
    return elements_where("sum", x, where, 0).sum(axis=axis, dtype=dtype, keepdims=keepdims)


def sum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
    **other: Any,
) -> Any:
    """Sum of the elements along `axis` (an int, a tuple of ints, None for all), of those where `where` holds.

    `initial` is added.

    >>> float(sum(np.array([1.0, 2.0, 3.0]), where=np.array([True, False, True])))
    4.0
    """
    no_out("sum", out)
    if other:
        raise unknown("sum", other)
    if where is None:
        y = _sum(a, axis=axis, dtype=dtype, keepdims=keepdims)
    else:
        y = _sum_where(a, where, axis=axis, dtype=dtype, keepdims=keepdims)
    return with_initial(y, initial, np.add)


@linear(
    lambda g, y, x, *, axis, dtype, keepdims: unreduce(g, axis, keepdims) / (count(x.shape, axis) or 1),
    name="mean",
    onnx="ReduceMean",
    fresh=True,
    spelling="np.mean",
)
def _mean(x, *, axis=None, dtype=None, keepdims=False):  # type: ignore[no-untyped-def]
    if axis is None and dtype is None and not keepdims and x.dtype.char in "fd" and x.size:
        return x.sum() / x.size  # what np.mean does, in half the time
    return np.mean(x, axis=axis, dtype=dtype, keepdims=keepdims)


def _mean_where_rule(g: Any, y: Any, x: Any, where: Any, *, axis: Any, dtype: Any, keepdims: bool) -> Any:
    return _gradient_where(
        unreduce(g, axis, keepdims) / np.maximum(count_true(np.broadcast_to(where, x.shape), axis, g.dtype), 1), where
    )


@linear(_mean_where_rule, None, name="mean_where", selects=True, reasons=MASKED, fresh=True)
def _mean_where(x, where, *, axis=None, dtype=None, keepdims=False):  # type: ignore[no-untyped-def]
    """Mean of the elements for which `where` holds."""
    return np.mean(x, axis=axis, dtype=dtype, keepdims=keepdims, where=where)


def mean(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None,
    **other: Any,
) -> Any:  # fmt: skip
    """Arithmetic mean along `axis` of the elements where `where` holds (of none: NaN, and NumPy's warning).

    >>> float(mean(np.array([1.0, 2.0, 6.0])))
    3.0
    """
    no_out("mean", out)
    if other:
        raise unknown("mean", other)
    if where is None:
        return _mean(a, axis=axis, dtype=dtype, keepdims=keepdims)
    return _mean_where(a, where, axis=axis, dtype=dtype, keepdims=keepdims)


# ---------------------------------------------------------------------------------------------------- products


def _is_in_range(y: Any) -> Any:
    """Whether all of `y` is well inside what its dtype can hold: not 0, denormal, infinite or NaN."""
    size, limits = np.abs(y), np.finfo(y.dtype.type)  # a Symbol has no type: this rule is not written
    return np.all(size > math.sqrt(limits.tiny)) & np.all(size < math.sqrt(limits.max))


def by_division(y: Any, x: Any, divide: Callable[[Any, Any], Any], careful: Callable[[], Any]) -> Any:
    """`divide(y, x)` where the products `y` of elements of `x` are in range, else `careful()`, which is slower.

    Where the result is to be differentiated, `careful()`: it has no differences of equal numbers. Otherwise Tensors
    choose in the graph, as what is traced is replayed with other values.
    """
    if y.dtype != x.dtype:
        return careful()
    if not isinstance(y, Recorded):
        return divide(y, x) if _is_in_range(y) else careful()
    if current().grad:
        return careful()
    ok: Any = _is_in_range(y)
    safe: Any = np.where(ok, y, 1)  # type: ignore[call-overload]
    return np.where(ok, divide(safe, np.where(ok, x, 1)), careful())


def products_of_others(x: Any) -> Any:
    """For each element along the last axis, the product of all others: pairwise, so that zeros do no harm."""
    n = x.shape[-1]
    if n < 2:
        return np.ones_like(x)
    if n % 2:
        x = np.concatenate([x, np.ones_like(x[..., :1])], axis=-1)
    a, b = x[..., ::2], x[..., 1::2]
    others = products_of_others(a * b)
    both = np.stack([others * b, others * a], axis=-1)
    return np.reshape(both, x.shape)[..., :n]


def _prod_rule(g: Any, y: Any, x: Any, *, axis: Any, dtype: Any, keepdims: bool) -> Any:
    def pairwise() -> Any:
        axes = tuple(range(x.ndim)) if axis is None or not x.ndim else axis if isinstance(axis, tuple) else (axis,)
        last = tuple(range(-len(axes), 0))
        moved = np.moveaxis(x, axes, last)
        flat = np.reshape(moved, (*moved.shape[: x.ndim - len(axes)], count(x.shape, axes)))
        return unreduce(g, axis, keepdims) * np.moveaxis(np.reshape(products_of_others(flat), moved.shape), last, axes)

    return by_division(y, x, lambda y, x: unreduce(g * y, axis, keepdims) / x, pairwise)


@primitive(_prod_rule, name="prod", symbol="Π", onnx="ReduceProd", holomorphic=True, fresh=True, spelling="np.prod")
def _prod(x, *, axis=None, dtype=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.prod(x, axis=axis, dtype=dtype, keepdims=keepdims)


def prod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Any:
    """Product of the elements along `axis` where `where` holds, times `initial`; its gradient is right also at zeros.

    >>> float(prod(np.array([2.0, 3.0])))
    6.0
    """
    no_out("prod", out)
    return with_initial(
        _prod(elements_where("prod", a, where, 1), axis=axis, dtype=dtype, keepdims=keepdims), initial, np.multiply
    )


# ------------------------------------------------------------------------ sums over stretches: np.add.reduceat

Indices = np.ndarray[Any, Any]


def _members(starts: Indices, n: int) -> tuple[Indices, Indices]:
    """The place of every element that goes into a sum, and which sum that is."""
    lengths = np.maximum(np.append(starts[1:], n) - starts, 1)  # no stretch is empty: one element at least
    group = np.repeat(np.arange(starts.size), lengths)
    first = np.cumsum(lengths) - lengths
    return np.arange(group.size) + np.repeat(starts - first, lengths), group


def _add_reduceat_rule(g: Any, y: Any, x: Any, *, starts: Indices, axis: int) -> Any:
    place, group = _members(starts, x.shape[axis])
    each = getitem(g, index=index_of_axis(axis, group))
    if place.size == x.shape[axis] and np.all(place[1:] > place[:-1]):  # every element goes into one sum
        return each
    return scatter(each, index=index_of_axis(axis, place), shape=x.shape)


@linear(_add_reduceat_rule)
def add_reduceat(x, *, starts, axis):  # type: ignore[no-untyped-def]
    """Sums of `x` along `axis` from each of `starts` to the next, the last to the end.

    Where the next does not lie behind, the sum is the one element there.

    >>> add_reduceat(np.array([1.0, 2.0, 4.0]), starts=np.array([0, 2]), axis=0)
    array([3., 4.])
    """
    return np.add.reduceat(x, starts, axis=axis)
