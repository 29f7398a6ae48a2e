"""Operations that rearrange elements: all linear, with their inverse or adjoint as the reverse rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.declare import linear
from ..engine.node import Recorded
from ..engine.settings import Setting, settings
from ..engine.views import apart
from .indexing import take

__all__ = [
    "astype", "atleast_1d", "atleast_2d", "atleast_3d", "broadcast_arrays", "broadcast_to", "copy", "expand_dims",
    "flip", "fliplr", "flipud", "matrix_transpose", "meshgrid", "moveaxis", "permute_dims", "ravel", "repeat",
    "reshape", "resize", "roll", "rollaxis", "rot90", "squeeze", "swapaxes", "tile", "transpose", "trim_zeros",
]  # fmt: skip


@linear(
    lambda g, y, x, *, shape, order, copy: g.reshape(x.shape) if order == "C" else np.reshape(g, x.shape, order=order),
    onnx="Reshape",
    rearranges=True,
    spelling="np.reshape({}, {shape}, order={order})",
)
def reshape(x, *, shape, order="C", copy=None):  # type: ignore[no-untyped-def]
    """The elements of `x` in a new `shape`; one length may be -1. `order` "F" counts the first axis fastest.

    With `copy` it lies in memory of its own; ValueError where `copy` is False and it has to.

    >>> reshape(np.arange(4.0), shape=(2, 2))
    array([[0., 1.],
           [2., 3.]])
    """
    y = x.reshape(shape, order=order)
    if copy is None:
        return y
    if not copy and x.size and not np.shares_memory(x, y):
        raise ValueError(f"reshape: shape {x.shape} in order {order!r} needs a copy for {shape}; allow it by copy=None")
    return y.copy() if copy else y


@linear(
    lambda g, y, x, *, axes: g.T if axes is None else np.transpose(g, np.argsort(np.mod(axes, len(axes))).tolist()),
    symbol="ᵀ",
    onnx="Transpose",
    rearranges=True,
    spelling="np.transpose",
)
def transpose(x, *, axes=None):  # type: ignore[no-untyped-def]
    """`x` with its axes permuted, reversed by default.

    >>> transpose(np.ones((2, 3))).shape
    (3, 2)
    """
    return x.T if axes is None else x.transpose(axes)


@linear(lambda g, y, x, *, axis1, axis2: np.swapaxes(g, axis1, axis2), rearranges=True, spelling="np.swapaxes")
def swapaxes(x, *, axis1, axis2):  # type: ignore[no-untyped-def]
    """`x` with two axes interchanged."""
    return np.swapaxes(x, axis1, axis2)


@linear(
    lambda g, y, x, *, source, destination: np.moveaxis(g, destination, source), rearranges=True, spelling="np.moveaxis"
)
def moveaxis(x, *, source, destination):  # type: ignore[no-untyped-def]
    """`x` with the axes `source` moved to `destination`."""
    return np.moveaxis(x, source, destination)


@linear(
    lambda g, y, x, *, axis: g.reshape(x.shape),
    onnx="Unsqueeze",
    rearranges=True,
    spelling="np.expand_dims({}, {axis})",
)
def expand_dims(x, *, axis):  # type: ignore[no-untyped-def]
    """`x` with axes of length 1 inserted at `axis`."""
    return np.expand_dims(x, axis)


@linear(lambda g, y, x, *, axis: g.reshape(x.shape), onnx="Squeeze", rearranges=True, spelling="np.squeeze({}, {axis})")
def squeeze(x, *, axis=None):  # type: ignore[no-untyped-def]
    """`x` without its axes of length 1, or without those in `axis`."""
    return np.squeeze(x, axis)


@linear(lambda g, y, x, *, shape: g, onnx="Expand", rearranges=True, spelling="np.broadcast_to({}, {shape})")
def broadcast_to(x, *, shape):  # type: ignore[no-untyped-def]
    """`x` repeated, without copying, to `shape`; its gradient is summed."""
    return np.broadcast_to(x, shape)


@linear(lambda g, y, x, *, axis: np.flip(g, axis), rearranges=True, spelling="np.flip")
def flip(x, *, axis=None):  # type: ignore[no-untyped-def]
    """`x` in reverse order along `axis`, along all axes by default."""
    return np.flip(x, axis)


@linear(
    lambda g, y, x, *, shift, axis: np.roll(g, np.negative(shift).tolist(), axis), rearranges=True, spelling="np.roll"
)
def roll(x, *, shift, axis=None):  # type: ignore[no-untyped-def]
    """`x` with its elements shifted along `axis` and those that fall out put in at the other end."""
    return np.roll(x, shift, axis)


@linear(
    lambda g, y, x, *, dtype: g,
    onnx="Cast",
    holomorphic=False,
    conjugates=True,
    rearranges=True,
    spelling="{}.astype({dtype})",
    name="astype",
)
def _astype(x, *, dtype):  # type: ignore[no-untyped-def]
    """`x` cast to `dtype`; the gradient comes back in the dtype of `x`."""
    return x.astype(dtype)


def astype(x: Any, dtype: Any, *, copy: bool = True, device: str | None = None) -> Any:
    """`x` cast to `dtype`; the gradient comes back in the dtype of `x`. Without `copy`, `x` itself where it has it.

    >>> astype(np.array([1.5, 2.0]), np.float32)
    array([1.5, 2. ], dtype=float32)
    """
    if device not in (None, "cpu"):
        raise ValueError(f'astype: device={device!r} is not there; tensors are NumPy\'s, on "cpu"')
    return x if not copy and x.dtype == dtype else _astype(x, dtype=dtype)


@settings
def tile(x: Any, reps: int | Sequence[int]) -> Any:
    """`x` repeated `reps` times along each axis.

    >>> tile(np.array([1.0, 2.0]), 2)
    array([1., 2., 1., 2.])
    """
    counts = (int(reps),) if isinstance(reps, int | np.integer) else tuple(int(r) for r in reps)
    shape = np.shape(x)
    rank = max(len(counts), len(shape))
    counts, shape = (1,) * (rank - len(counts)) + counts, (1,) * (rank - len(shape)) + shape
    spread = np.reshape(x, [n for length in shape for n in (1, length)])
    spread = np.broadcast_to(spread, [n for pair in zip(counts, shape, strict=True) for n in pair])
    return apart(np.reshape(spread, tuple(c * n for c, n in zip(counts, shape, strict=True))))


@settings
def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Any:
    """Each element of `x` repeated along `axis`; of the flattened `x` by default.

    >>> repeat(np.array([1.0, 2.0]), 2)
    array([1., 1., 2., 2.])
    """
    if axis is None or (axis in (0, -1) and not np.ndim(x)):  # a number counts as a vector
        x, axis = np.reshape(x, (-1,)), 0
    return take(x, np.repeat(np.arange(x.shape[axis]), repeats), axis=axis)


def permute_dims(x: Any, axes: Any = None) -> Any:
    """`x` with its axes permuted, reversed by default: another name for `transpose`.

    >>> permute_dims(np.ones((2, 3))).shape
    (3, 2)
    """
    return transpose(x, axes=axes)


def matrix_transpose(x: Any) -> Any:
    """`x` with its last two axes exchanged.

    >>> matrix_transpose(np.ones((2, 3, 4))).shape
    (2, 4, 3)
    """
    if np.ndim(x) < 2:
        raise ValueError(f"matrix_transpose: shape {np.shape(x)} has no matrix; give at least two axes")
    return np.swapaxes(x, -1, -2)


def ravel(x: Any, order: str = "C") -> Any:
    """The elements of `x` in one axis; `order` "F" counts the first axis fastest.

    >>> ravel(np.array([[1.0, 2.0], [3.0, 4.0]]), order="F")
    array([1., 3., 2., 4.])
    """
    if order not in ("C", "F"):
        raise ValueError(f"ravel: order={order!r} depends on how the elements lie in memory; give 'C' or 'F'")
    found = np.reshape(x, (-1,), order=order)  # type: ignore[call-overload]
    array = getattr(found, "_array", found)
    return found if not isinstance(array, np.ndarray) or array.flags.c_contiguous else apart(found)  # as NumPy's


def rollaxis(x: Any, axis: int, start: int = 0) -> Any:
    """`x` with `axis` moved before the axis `start`.

    >>> rollaxis(np.ones((2, 3, 4)), 2).shape
    (4, 2, 3)
    """
    rank = np.ndim(x)
    if not (-rank <= axis < rank and -rank <= start <= rank):
        raise ValueError(f"rollaxis: axis={axis}, start={start} are not there in shape {np.shape(x)}")
    axis, start = axis % rank, start + rank if start < 0 else start
    return np.moveaxis(x, axis, start - (axis < start))


def flipud(m: Any) -> Any:
    """`m` with its rows in reverse order.

    >>> flipud(np.array([1.0, 2.0]))
    array([2., 1.])
    """
    return np.flip(m, 0)


def fliplr(m: Any) -> Any:
    """`m` with its columns in reverse order.

    >>> fliplr(np.array([[1.0, 2.0]]))
    array([[2., 1.]])
    """
    return np.flip(m, 1)


@settings
def rot90(m: Any, k: int = 1, axes: tuple[int, int] = (0, 1)) -> Any:
    """`m` turned by `k` right angles in the plane of `axes`, from the first towards the second.

    >>> rot90(np.array([[1.0, 2.0]]))
    array([[2.],
           [1.]])
    """
    first, second = axes
    if len({a % np.ndim(m) for a in axes}) != 2:
        raise ValueError(f"rot90: axes {axes} of shape {np.shape(m)} are one; give two different ones")
    if k % 4 == 0:
        return m[...]
    if k % 4 == 2:
        return np.flip(m, (first, second))
    turned = np.swapaxes(m, first, second)
    return np.flip(turned, first if k % 4 == 1 else second)


def _in_shapes(arrays: tuple[Any, ...], shape: Any) -> Any:
    """The arrays in new shapes, which `shape` computes from theirs: one alone, several as a tuple."""
    found = tuple([np.reshape(a, shape(np.shape(a))) for a in arrays])
    return found[0] if len(found) == 1 else found


def atleast_1d(*arrays: Any) -> Any:
    """The array with at least one axis; of several, a tuple of them.

    >>> atleast_1d(np.float64(2.0))
    array([2.])
    """
    return _in_shapes(arrays, lambda shape: shape or (1,))


def atleast_2d(*arrays: Any) -> Any:
    """The array with at least two axes, new ones first; of several, a tuple of them.

    >>> atleast_2d(np.ones(3)).shape
    (1, 3)
    """
    return _in_shapes(arrays, lambda shape: (1,) * (2 - len(shape)) + shape)


def atleast_3d(*arrays: Any) -> Any:
    """The array with at least three axes, (n,) as (1, n, 1), (m, n) as (m, n, 1); of several, a tuple of them.

    >>> atleast_3d(np.ones(3)).shape
    (1, 3, 1)
    """
    return _in_shapes(
        arrays, lambda shape: (shape if len(shape) > 1 else (1, *shape) if shape else (1, 1)) + (1,) * (len(shape) < 3)
    )


def broadcast_arrays(*arrays: Any, subok: bool = False) -> tuple[Any, ...]:
    """The arrays repeated, without copying, to their common shape.

    >>> [a.shape for a in broadcast_arrays(np.ones(3), np.ones((2, 1)))]
    [(2, 3), (2, 3)]
    """
    shape = np.broadcast_shapes(*[np.shape(a) for a in arrays])
    return tuple([np.broadcast_to(a, shape) for a in arrays])


def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> tuple[Any, ...]:
    """Coordinates of a grid: for each vector an array that varies along its own axis.

    The first two axes are exchanged with `indexing` "xy", not with "ij"; `sparse` leaves the other axes at length 1.

    >>> [a.shape for a in meshgrid(np.ones(2), np.ones(3))]
    [(3, 2), (3, 2)]
    """
    if indexing not in ("xy", "ij"):
        raise ValueError(f"meshgrid: indexing={indexing!r} is not known; give 'xy' or 'ij'")
    order = list(range(len(xi)))
    if indexing == "xy":
        order[:2] = order[1::-1] if len(xi) > 1 else order
    grids = tuple([np.reshape(x, [-1 if k == axis else 1 for k in range(len(xi))]) for x, axis in zip(xi, order)])
    grids = grids if sparse else broadcast_arrays(*grids)
    return tuple([np.copy(g) for g in grids]) if copy else grids


def copy(x: Any, order: str = "K", subok: bool = False) -> Any:
    """`x` in memory of its own, recorded.

    >>> copy(np.ones(2))
    array([1., 1.])
    """
    dtype = getattr(x, "dtype", None)
    return astype(x, dtype=dtype) if isinstance(x, Recorded) else np.array(x, order=order)  # type: ignore[call-overload]


@settings
def resize(x: Any, new_shape: Setting) -> Any:
    """The elements of `x` in C order, repeated or cut off until they fill `new_shape`.

    >>> resize(np.array([1.0, 2.0]), (2, 3))
    array([[1., 2., 1.],
           [2., 1., 2.]])
    """
    if not np.size(x):  # NumPy has zeros where there is nothing to repeat
        return broadcast_to(np.sum(x).astype(x.dtype), np.empty(new_shape).shape)
    return take(x, np.resize(np.arange(np.size(x)), new_shape))


def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """`filt` without the zeros at the front ("f") and the back ("b") of `axis`, of all axes by default.

    Which elements stay depends on the values; the derivative takes it as given.

    >>> trim_zeros(np.array([0.0, 1.0, 0.0]))
    array([1.])
    """
    trim = trim.lower()
    if not set(trim) <= set("fb"):
        raise ValueError(f"trim_zeros: trim={trim!r} is not known; give 'f', 'b' or 'fb'")
    if not np.ndim(filt):
        return filt
    axes = range(np.ndim(filt)) if axis is None else [a % np.ndim(filt) for a in np.atleast_1d(axis).tolist()]
    found = np.nonzero(filt)
    index = [slice(None)] * np.ndim(filt)
    for a in axes:
        first, last = (found[a].min(), found[a].max() + 1) if found[a].size else (filt.shape[a], 0)
        index[a] = slice(int(first) if "f" in trim else 0, int(last) if "b" in trim else None)
    return filt[tuple(index)]
