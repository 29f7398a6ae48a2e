"""Arrays made from a few numbers, which may be differentiated: spaced between two of them, or filled with one."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import primitive
from ..engine.node import Recorded
from .shape import broadcast_to

__all__ = ["empty_like", "full_like", "geomspace", "linspace", "logspace", "ones_like", "zeros_like"]


def linspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, retstep: bool = False, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` evenly spaced values: start + (stop - start) k / (num - 1), k = 0, 1, ..., along a new `axis`.

    Without `endpoint` the divisor is `num` and `stop` is left out. With `retstep` the result is (values, step).

    >>> linspace(np.array(0.0), 1.0, 3)
    array([0. , 0.5, 1. ])
    """
    share = _shares("linspace", num, endpoint, start, stop)
    y = _along_axis(start * (1 - share) + stop * share, axis, dtype)
    parts = num - 1 if endpoint else num
    return (y, (stop - start) / parts if parts > 0 else np.nan) if retstep else y


def logspace(
    start: Any, stop: Any, num: int = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """`num` values whose logarithms to `base` are evenly spaced: base ** linspace(start, stop, num).

    >>> logspace(np.array(0.0), 2.0, 3)
    array([  1.,  10., 100.])
    """
    share = _shares("logspace", num, endpoint, start, stop, base)
    return _along_axis(np.power(base, start * (1 - share) + stop * share), axis, dtype)


def geomspace(start: Any, stop: Any, num: int = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """`num` values in a constant ratio: start (stop / start) ** (k / (num - 1)), k = 0, 1, ..., along a new `axis`.

    In double precision at least, as in NumPy. `start` and `stop` have the same sign; ValueError where one is 0.

    >>> geomspace(np.array(1.0), 8.0, 4)
    array([1., 2., 4., 8.])
    """
    ends = [np.asarray(x._array if isinstance(x, Recorded) else x) for x in (start, stop)]
    if not all(x.all() for x in ends):
        raise ValueError(f"geomspace: no ratio leads from {start!r:.60} to {stop!r:.60}; give ends other than 0")
    share = _shares("geomspace", num, endpoint, start, stop, np.float64(1))
    sign = np.sign(ends[0])  # it cancels, and so does what its derivative would add
    return _along_axis(sign * ((start / sign) ** (1 - share) * (stop / sign) ** share), axis, dtype)


@primitive(None, fresh=True, spelling="np.zeros_like({}, {dtype}, {order}, {subok}, {shape})")
def zeros_like(x, *, dtype=None, order="K", subok=True, shape=None, device=None):  # type: ignore[no-untyped-def]
    """Zeros of the shape and dtype of `x`, or of those given; a tensor for a tensor, to be filled by `y[i] = v`.

    >>> zeros_like(np.ones(2))
    array([0., 0.])
    """
    return np.zeros_like(x, dtype, order, subok, shape)


@primitive(None, fresh=True, spelling="np.ones_like({}, {dtype}, {order}, {subok}, {shape})")
def ones_like(x, *, dtype=None, order="K", subok=True, shape=None, device=None):  # type: ignore[no-untyped-def]
    """Ones of the shape and dtype of `x`, or of those given.

    >>> ones_like(np.zeros(2))
    array([1., 1.])
    """
    return np.ones_like(x, dtype, order, subok, shape)


@primitive(
    None, name="filled", fresh=True, spelling="np.full_like({}, {fill_value}, {dtype}, {order}, {subok}, {shape})"
)
def _full_like(x, *, fill_value=0.0, dtype=None, order="K", subok=True, shape=None):  # type: ignore[no-untyped-def]
    return np.full_like(x, fill_value, dtype, order, subok, shape)


@primitive(None, fresh=True, spelling="np.zeros_like({}, {dtype}, {order}, {subok}, {shape})")
def empty_like(x, *, dtype=None, order="K", subok=True, shape=None, device=None):  # type: ignore[no-untyped-def]
    """An array of the shape and dtype of `x`, or of those given, whose elements are to be assigned: zeros till then.

    >>> empty_like(np.ones(2)).shape
    (2,)
    """
    return np.zeros_like(x, dtype, order, subok, shape)


def full_like(
    a: Any, fill_value: Any, dtype: Any = None, order: str = "K", subok: bool = True, shape: Any = None, *,
    device: None = None,
) -> Any:  # fmt: skip
    """An array of the shape and dtype of `a` in which every element is `fill_value`, or that broadcast.

    >>> full_like(np.zeros(3), 2.0)
    array([2., 2., 2.])
    """
    if not isinstance(fill_value, Recorded):
        return _full_like(a, fill_value=fill_value, dtype=dtype, order=order, subok=subok, shape=shape)
    blank: Any = np.empty_like(a._array if isinstance(a, Recorded) else a, dtype, shape=shape)
    return _along_axis(broadcast_to(fill_value, shape=blank.shape), 0, blank.dtype)


def _shares(function: str, num: int, endpoint: bool, *given: Any) -> Any:
    """How much of `stop` is in each value, from 0 to 1 along a first axis that goes before those of `given`."""
    if num < 0:
        raise ValueError(f"{function}: num={num}; give the number of values, 0 or more")
    dtype = np.result_type(*[x.dtype if hasattr(x, "dtype") else x for x in given], float(num))
    real = np.empty(0, dtype).real.dtype
    return np.linspace(0.0, 1.0, num, endpoint, dtype=real).reshape(-1, *[1] * max(map(np.ndim, given)))


def _along_axis(y: Any, axis: int, dtype: Any) -> Any:
    """`y` with its first axis moved to `axis`, as `dtype` if given: integers are rounded down, as in NumPy."""
    y = np.moveaxis(y, 0, axis) if axis else y
    if dtype is None or y.dtype == dtype:
        return y
    return (np.floor(y) if np.issubdtype(dtype, np.integer) else y).astype(dtype)
