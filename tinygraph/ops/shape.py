"""Operations that rearrange elements: all linear, with their inverse or adjoint as the reverse rule."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..errors import NotDifferentiable
from ..op import linear
from .indexing import getitem, take

__all__ = [
    "astype", "broadcast_to", "concatenate", "expand_dims", "flip", "moveaxis", "pad", "repeat", "reshape", "roll",
    "split", "squeeze", "stack", "swapaxes", "tile", "transpose",
]  # fmt: skip


@linear(lambda g, y, x, *, shape: g.reshape(x.shape), onnx="Reshape")
def reshape(x, *, shape):  # type: ignore[no-untyped-def]
    """The elements of `x` in a new `shape`; one length may be -1.

    >>> reshape(np.arange(4.0), shape=(2, 2))
    array([[0., 1.],
           [2., 3.]])
    """
    return x.reshape(shape)


@linear(
    lambda g, y, x, *, axes: g.T if axes is None else np.transpose(g, np.argsort(np.mod(axes, len(axes))).tolist()),
    symbol="ᵀ",
    onnx="Transpose",
)
def transpose(x, *, axes=None):  # type: ignore[no-untyped-def]
    """`x` with its axes permuted, reversed by default.

    >>> transpose(np.ones((2, 3))).shape
    (3, 2)
    """
    return x.T if axes is None else x.transpose(axes)


@linear(lambda g, y, x, *, axis1, axis2: np.swapaxes(g, axis1, axis2))
def swapaxes(x, *, axis1, axis2):  # type: ignore[no-untyped-def]
    """`x` with two axes interchanged."""
    return np.swapaxes(x, axis1, axis2)


@linear(lambda g, y, x, *, source, destination: np.moveaxis(g, destination, source))
def moveaxis(x, *, source, destination):  # type: ignore[no-untyped-def]
    """`x` with the axes `source` moved to `destination`."""
    return np.moveaxis(x, source, destination)


@linear(lambda g, y, x, *, axis: g.reshape(x.shape), onnx="Unsqueeze")
def expand_dims(x, *, axis):  # type: ignore[no-untyped-def]
    """`x` with axes of length 1 inserted at `axis`."""
    return np.expand_dims(x, axis)


@linear(lambda g, y, x, *, axis: g.reshape(x.shape), onnx="Squeeze")
def squeeze(x, *, axis=None):  # type: ignore[no-untyped-def]
    """`x` without its axes of length 1, or without those in `axis`."""
    return np.squeeze(x, axis)


@linear(lambda g, y, x, *, shape: g, onnx="Expand")
def broadcast_to(x, *, shape):  # type: ignore[no-untyped-def]
    """`x` repeated, without copying, to `shape`; the reverse sums."""
    return np.broadcast_to(x, shape)


@linear(lambda g, y, x, *, axis: np.flip(g, axis))
def flip(x, *, axis=None):  # type: ignore[no-untyped-def]
    """`x` in reverse order along `axis`, along all axes by default."""
    return np.flip(x, axis)


@linear(lambda g, y, x, *, shift, axis: np.roll(g, np.negative(shift).tolist(), axis))
def roll(x, *, shift, axis=None):  # type: ignore[no-untyped-def]
    """`x` with its elements shifted along `axis` and those that fall out put in at the other end."""
    return np.roll(x, shift, axis)


@linear(lambda g, y, x, *, dtype: g, onnx="Cast", holomorphic=False, conjugates=True)
def astype(x, *, dtype):  # type: ignore[no-untyped-def]
    """`x` cast to `dtype`; the gradient comes back in the dtype of `x`."""
    return x.astype(dtype)


@linear(lambda g, y, *xs, axis, ends, wrt: _piece(g, axis, ends[wrt - 1] if wrt else 0, ends[wrt]),
        name="concatenate", onnx="Concat")  # fmt: skip
def _concatenate(*xs, axis, ends):  # type: ignore[no-untyped-def]
    return np.concatenate(xs, axis=axis)


@linear(lambda g, y, *xs, axis, wrt: np.take(g, wrt, axis=axis), name="stack")
def _stack(*xs, axis):  # type: ignore[no-untyped-def]
    return np.stack(xs, axis=axis)


def _piece(x: Any, axis: int, start: int, stop: int) -> Any:
    return getitem(x, index=(slice(None),) * (axis % x.ndim) + (slice(start, stop),))


def concatenate(arrays: Sequence[Any], axis: int | None = 0) -> Any:
    """The arrays joined along an existing `axis`; flattened first when `axis` is None.

    >>> concatenate([np.ones(1), np.zeros(2)])
    array([1., 0., 0.])
    """
    if axis is None:
        arrays, axis = [np.reshape(a, (-1,)) for a in arrays], 0
    ends = np.cumsum([np.shape(a)[axis] for a in arrays]).tolist()
    return _concatenate(*arrays, axis=axis, ends=tuple(ends))


def stack(arrays: Sequence[Any], axis: int = 0) -> Any:
    """The arrays, all of one shape, joined along a new `axis`.

    >>> stack([np.ones(2), np.zeros(2)], axis=1).shape
    (2, 2)
    """
    return _stack(*arrays, axis=axis)


def split(x: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """`x` cut along `axis` into equal sections, or at the given indices.

    >>> [piece.tolist() for piece in split(np.arange(3.0), [1])]
    [[0.0], [1.0, 2.0]]
    """
    n = x.shape[axis]
    if isinstance(indices_or_sections, int | np.integer):
        if n % indices_or_sections:
            raise ValueError(
                f"split: axis {axis} of length {n} cannot be cut into {indices_or_sections} equal sections; "
                f"give the indices where to cut"
            )
        step = n // int(indices_or_sections)
        cuts = [step * i for i in range(1, int(indices_or_sections))]
    else:
        cuts = [int(i) for i in indices_or_sections]
    return [_piece(x, axis, a, b) for a, b in zip([0, *cuts], [*cuts, n], strict=True)]


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
    return np.reshape(spread, tuple(c * n for c, n in zip(counts, shape, strict=True)))


def repeat(x: Any, repeats: int | Sequence[int], axis: int | None = None) -> Any:
    """Each element of `x` repeated along `axis`; of the flattened `x` by default.

    >>> repeat(np.array([1.0, 2.0]), 2)
    array([1., 1., 2., 2.])
    """
    if axis is None:
        x, axis = np.reshape(x, (-1,)), 0
    return take(x, np.repeat(np.arange(x.shape[axis]), repeats), axis=axis)


@linear(lambda g, y, x, *, pad_width: _unpad(g, x.shape, pad_width), name="pad", onnx="Pad")
def _pad(x, *, pad_width):  # type: ignore[no-untyped-def]
    return np.pad(x, pad_width or 0)


def _unpad(g: Any, shape: tuple[int, ...], pad_width: Any) -> Any:
    cut = [slice(before, before + n) for (before, _), n in zip(pad_width, shape, strict=True)]
    return getitem(g, index=tuple(cut))


_BY_INDEX = ("edge", "reflect", "symmetric", "wrap")


def pad(x: Any, pad_width: Any, mode: str = "constant", *, constant_values: float = 0) -> Any:
    """`x` with elements added at the ends of its axes, as `np.pad`.

    Modes: constant, edge, reflect, symmetric, wrap. Others are not differentiable here.

    >>> pad(np.array([1.0, 2.0]), 1)
    array([0., 1., 2., 0.])
    """
    width = tuple(tuple(int(n) for n in pair) for pair in np.broadcast_to(pad_width, (np.ndim(x), 2)))
    if mode == "constant":
        y = _pad(x, pad_width=width)
        if constant_values == 0:
            return y
        inside = np.pad(np.ones(np.shape(x), bool), width)
        return np.where(inside, y, constant_values)
    if mode not in _BY_INDEX:
        raise NotDifferentiable(f"pad: mode {mode!r} has no gradient; use one of constant, {', '.join(_BY_INDEX)}")
    for axis, pair in enumerate(width):
        if math.prod(pair) or any(pair):
            x = take(x, np.pad(np.arange(x.shape[axis]), pair, mode=mode), axis=axis)  # type: ignore[call-overload]
    return x
