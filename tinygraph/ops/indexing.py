"""Reading and writing elements: slices, integers, masks and integer arrays, each the other's adjoint."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..graph import Recorded
from ..op import linear

__all__ = ["getitem", "scatter", "setitem", "take", "take_along_axis"]


def _plain(index: Any) -> Any:
    """The index with Tensors in it replaced by their arrays."""
    if isinstance(index, tuple):
        return tuple([np.asarray(i) if isinstance(i, tuple | list | range) else _plain(i) for i in index])
    return index._data if isinstance(index, Recorded) else index


def _parts(index: Any) -> tuple[Any, ...]:
    return index if isinstance(index, tuple) else (index,)


def _arrays(index: Any) -> list[np.ndarray[Any, Any]]:
    """The integer arrays in an index, as NumPy sees them (masks become positions)."""
    found = [np.asarray(i) for i in _parts(index) if isinstance(i, np.ndarray | list)]
    return [a for a in found if a.dtype.kind in "iu" and a.ndim]


def _add_rows(out: np.ndarray[Any, Any], index: np.ndarray[Any, Any], rows: np.ndarray[Any, Any]) -> None:
    """out[index] += rows with repeated indices added: sorted and summed by runs, unlike `np.add.at`."""
    flat = index.reshape(-1).astype(np.intp) % len(out)
    order = np.argsort(flat, kind="stable")
    ranked = flat[order]
    starts = np.flatnonzero(np.concatenate([[True], ranked[1:] != ranked[:-1]]))
    rows = rows.reshape(flat.size, *out.shape[1:])
    out[ranked[starts]] = np.add.reduceat(rows[order], starts, axis=0)


def _gather(g: Any, y: Any, x: Any, *, index: Any, shape: Any) -> Any:
    return getitem(g, index=index)


@linear(_gather, name="scatter")
def scatter(x, *, index, shape):  # type: ignore[no-untyped-def]
    """Zeros of `shape` with `x` added at `index`; repeated indices add. The adjoint of indexing.

    >>> scatter(np.array([1.0, 2.0]), index=np.array([0, 0]), shape=(2,))
    array([3., 0.])
    """
    index = _plain(index)
    out = np.zeros(shape, x.dtype)
    arrays = _arrays(index)
    if not arrays:
        out[index] = x
    elif len(_parts(index)) == 1 and arrays[0].size:
        _add_rows(out, arrays[0], np.asarray(x))
    else:
        np.add.at(out, index, x)
    return out


@linear(lambda g, y, x, *, index: scatter(g, index=index, shape=x.shape), name="getitem", symbol="[·]")
def getitem(x, *, index):  # type: ignore[no-untyped-def]
    """`x[index]` for every index NumPy knows.

    >>> getitem(np.array([1.0, 2.0, 3.0]), index=slice(1, None))
    array([2., 3.])
    """
    return x[_plain(index)]


def _kept(g: Any, index: Any) -> Any:
    """1 for the elements that an assignment left in place, 0 for those overwritten by a later repeat."""
    index = _plain(index)
    if not _arrays(index):
        return 1
    turn = np.zeros(g.shape, np.intp)
    order = np.arange(turn[index].size).reshape(turn[index].shape)
    turn[index] = order
    return (turn[index] == order).astype(g.dtype)


def _overwritten(g: Any, z: Any, x: Any, v: Any, *, index: Any) -> Any:
    return setitem(g, np.zeros((), g.dtype), index=index)


@linear(
    _overwritten,
    lambda g, z, x, v, *, index: getitem(g, index=index) * _kept(g, index),
    name="setitem",
    symbol="[·]=",
)
def setitem(x, v, *, index):  # type: ignore[no-untyped-def]
    """A copy of `x` in which `x[index]` is `v`; where an index repeats, the last value counts.

    >>> setitem(np.zeros(3), 5.0, index=1)
    array([0., 5., 0.])
    """
    out = np.array(x)
    out[_plain(index)] = v
    return out


def take(x: Any, indices: Any, axis: int | None = None, mode: str = "raise") -> Any:
    """Elements of `x` at `indices` along `axis`; of the flattened `x` by default.

    `mode` says what an index out of range does: raise, wrap around, or clip to the end.

    >>> take(np.array([1.0, 2.0, 3.0]), np.array([0, 0, 2]))
    array([1., 1., 3.])
    """
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    n = x.shape[axis]
    if mode != "raise":
        indices = np.mod(indices, n) if mode == "wrap" else np.clip(indices, 0, n - 1)
    indices = indices if isinstance(indices, Recorded | int) else np.asarray(indices)
    return getitem(x, index=(slice(None),) * (axis % x.ndim) + (indices,) if axis % x.ndim else indices)


def take_along_axis(x: Any, indices: Any, axis: int | None = -1) -> Any:
    """Elements of `x` at `indices` along `axis`, the other axes matched one to one.

    >>> take_along_axis(np.array([[3.0, 1.0]]), np.array([[1, 0]]), axis=1)
    array([[1., 3.]])
    """
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    axis %= x.ndim
    ranges = [
        indices if k == axis else np.arange(n).reshape([-1 if k == j else 1 for j in range(x.ndim)])
        for k, n in enumerate(x.shape)
    ]
    return getitem(x, index=tuple(ranges))
