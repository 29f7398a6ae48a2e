"""Reading and writing elements: slices, integers, masks and integer arrays, each the other's adjoint."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.declare import linear
from ..engine.node import Recorded
from ..engine.settings import settings
from ..engine.views import apart
from ..errors import NotDifferentiable

__all__ = ["getitem", "scatter", "setitem", "take", "take_along_axis"]


def index_of_arrays(index: Any) -> Any:
    """The index with the arrays of the Tensors in it, instead of these."""
    if isinstance(index, tuple):
        return tuple([np.asarray(i) if isinstance(i, tuple | list | range) else index_of_arrays(i) for i in index])
    return index._array if isinstance(index, Recorded) else index


def tensor_or_array(x: Any) -> Any:
    """`x` itself if it is a Tensor, else as an array."""
    return x if isinstance(x, Recorded) else np.asarray(x)


def value_of(x: Any) -> Any:
    """The array of a Tensor, for which no compiled step may ask; anything else as it is."""
    return x.numpy() if isinstance(x, Recorded) else x  # type: ignore[attr-defined]


def index_of_axis(axis: int, part: Any) -> tuple[Any, ...]:
    """The index that takes `part` of `axis`, counted from the front, and all of the other axes."""
    return (*(slice(None),) * axis, part)


def _parts(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


def _arrays(index: Any) -> list[np.ndarray[Any, Any]]:
    """The integer arrays in an index, as NumPy sees them (masks become positions)."""
    found = [np.asarray(i) for i in _parts(index) if isinstance(i, np.ndarray | list)]
    return [a for a in found if a.dtype.kind in "iu" and a.ndim]


def _positions(index: Any, arrays: list[np.ndarray[Any, Any]], shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Where the elements at `index` lie in the flattened array."""
    parts = _parts(index)
    if len(parts) == 1 and len(arrays) == 1 and arrays[0].size:  # rows, or elements of a vector
        rows = arrays[0].astype(np.intp, copy=False)
        rows = np.where(rows < 0, rows + shape[0], rows) if rows.min() < 0 else rows
        inner = math.prod(shape[1:])
        if len(shape) > 1:
            rows = rows.reshape(rows.shape + (1,) * (len(shape) - 1)) * inner + np.arange(inner).reshape(shape[1:])
        return rows
    places: np.ndarray[Any, Any] = np.arange(math.prod(shape)).reshape(shape)[index]
    return places


def _sums(positions: np.ndarray[Any, Any], x: Any, size: int) -> np.ndarray[Any, Any]:
    """For each of `size` positions the sum of the elements of `x` that belong there."""
    if x.dtype.char in "efd":
        return np.bincount(positions, x, minlength=size).astype(x.dtype, copy=False)
    if x.dtype.char in "FD":
        return (_sums(positions, x.real, size) + 1j * _sums(positions, x.imag, size)).astype(x.dtype, copy=False)
    out = np.zeros(size, x.dtype)
    np.add.at(out, positions, x)
    return out


def _scatter_rule(g: Any, y: Any, x: Any, *, index: Any, shape: tuple[int, ...]) -> Any:
    return getitem(g, index=index)


@linear(_scatter_rule, name="scatter", fresh=True)
def scatter(x, *, index, shape):  # type: ignore[no-untyped-def]
    """Zeros of `shape` with `x` added at `index`; repeated indices add. The adjoint of indexing.

    >>> scatter(np.array([1.0, 2.0]), index=np.array([0, 0]), shape=(2,))
    array([3., 0.])
    """
    index = index_of_arrays(index)
    arrays = _arrays(index)
    if not arrays:
        out = np.zeros(shape, x.dtype)
        out[index] = x
        return out
    positions = _positions(index, arrays, shape)
    if x.shape != positions.shape:
        x = np.broadcast_to(x, positions.shape)
    return _sums(positions.reshape(-1), x.reshape(-1), math.prod(shape)).reshape(shape)


@linear(
    lambda g, y, x, *, index: scatter(g, index=index, shape=x.shape),
    name="getitem",
    symbol="[·]",
    mask="index",
    spelling="{}[{index}]",
)
def getitem(x, *, index):  # type: ignore[no-untyped-def]
    """`x[index]` for every index NumPy knows.

    >>> getitem(np.array([1.0, 2.0, 3.0]), index=slice(1, None))
    array([2., 3.])
    """
    return x[index_of_arrays(index)]


def _lasting_values(g: Any, index: Any) -> Any:
    """1 for each value that an assignment put in place for good, 0 where a repeated index overwrote it."""
    index = index_of_arrays(index)
    if not _arrays(index):
        return 1
    turn = np.zeros(g.shape, np.intp)
    order = np.arange(turn[index].size).reshape(turn[index].shape)
    turn[index] = order
    return (turn[index] == order).astype(g.dtype)


def _setitem_rule(g: Any, z: Any, x: Any, v: Any, *, index: Any) -> Any:
    return setitem(g, np.zeros((), g.dtype), index=index)


@linear(
    _setitem_rule,
    lambda g, z, x, v, *, index: getitem(g, index=index) * _lasting_values(g, index),
    name="setitem",
    symbol="[·]=",
    reasons={
        "zero": ("overwritten", "{op} overwrites every element that a gradient arrives at", "use the value before it")
    },
    fresh=True,
)
def setitem(x, v, *, index):  # type: ignore[no-untyped-def]
    """A copy of `x` in which `x[index]` is `v`; where an index repeats, the last value counts.

    >>> setitem(np.zeros(3), 5.0, index=1)
    array([0., 5., 0.])
    """
    out = np.array(x)
    out[index_of_arrays(index)] = v
    return out


def no_out(function: str, out: Any) -> None:
    """Refuse an array for the result: what it holds would not be recorded."""
    if out is not None:
        raise NotDifferentiable(
            f"{function}: an array cannot hold a recorded result (out=); write y = np.{function}(...)"
        )


def indices_in_range(indices: Any, n: int, mode: str) -> Any:
    """The indices as `mode` takes them: raise leaves them, wrap counts around, clip goes to the end."""
    if mode == "raise":
        return indices if isinstance(indices, Recorded | int) else np.asarray(indices)
    return np.mod(indices, n) if mode == "wrap" else np.clip(indices, 0, n - 1)


@settings
def take(x: Any, indices: Any, axis: int | None = None, out: None = None, mode: str = "raise") -> Any:
    """Elements of `x` at `indices` along `axis`; of the flattened `x` by default.

    `mode` says what an index out of range does: raise, wrap around, or clip to the end.

    >>> take(np.array([1.0, 2.0, 3.0]), np.array([0, 0, 2]))
    array([1., 1., 3.])
    """
    no_out("take", out)
    if isinstance(indices, Recorded) and not isinstance(x, Recorded):
        tensor: Any = indices.__class__
        x = tensor(x)  # so that indices found while tracing are not taken for constants
    if axis is None or (axis in (0, -1) and not x.ndim):  # a number counts as a vector
        x, axis = np.reshape(x, (-1,)), 0
    indices = indices_in_range(indices, x.shape[axis], mode)
    indices = indices if isinstance(indices, Recorded | int) else np.asarray(indices)
    found = getitem(x, index=index_of_axis(axis % x.ndim, indices) if axis % x.ndim else indices)
    return found if np.ndim(indices) else apart(found)


def index_along(shape: tuple[int, ...], indices: Any, axis: int) -> tuple[Any, ...]:
    """The index that matches `indices` along `axis` with the other axes one to one."""
    rank = len(shape)
    return tuple(
        indices if k == axis % rank else np.arange(n).reshape([-1 if k == j else 1 for j in range(rank)])
        for k, n in enumerate(shape)
    )


def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """Elements of `x` at `indices` along `axis`, the other axes matched one to one.

    >>> take_along_axis(np.array([[3.0, 1.0]]), np.array([[1, 0]]), axis=1)
    array([[1., 3.]])
    """
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    return getitem(x, index=index_along(x.shape, indices, axis))
