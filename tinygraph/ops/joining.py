"""Arrays joined into one, cut into several, and with pieces put in or taken out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.declare import linear
from ..engine.settings import Setting, settings
from .indexing import getitem, index_of_axis, no_out, take

__all__ = [
    "append", "array_split", "block", "column_stack", "concat", "concatenate", "delete", "dsplit", "dstack", "hsplit",
    "hstack", "insert", "row_stack", "split", "stack", "unstack", "vsplit", "vstack",
]  # fmt: skip


@linear(lambda g, y, *xs, axis, ends, wrt: _piece(g, axis, ends[wrt - 1] if wrt else 0, ends[wrt]),
        name="concatenate", onnx="Concat", fresh=True,
        spelling="np.concatenate([{}], axis={axis})")  # fmt: skip
def _concatenate(*xs, axis, ends):  # type: ignore[no-untyped-def]
    return np.concatenate(xs, axis=axis)


@linear(
    lambda g, y, *xs, axis, wrt: np.take(g, wrt, axis=axis),
    name="stack",
    fresh=True,
    spelling="np.stack([{}], axis={axis})",
)
def _stack(*xs, axis):  # type: ignore[no-untyped-def]
    return np.stack(xs, axis=axis)


def _piece(x: Any, axis: int, start: int, stop: int) -> Any:
    """The elements of `x` from `start` to `stop` along `axis`."""
    return getitem(x, index=index_of_axis(axis % x.ndim, slice(start, stop)))


def _cast_result(function: str, y: Any, out: Any, dtype: Any, casting: Any) -> Any:
    """The result `y` of `function` as `dtype` if one is given; TypeError where `casting` forbids it."""
    no_out(function, out)
    if dtype is None:
        return y
    if not np.can_cast(y.dtype, dtype, casting):
        raise TypeError(
            f"{function}: {y.dtype} cannot be cast to {np.dtype(dtype)} as casting={casting!r}; allow it there"
        )
    return y.astype(dtype)


def concatenate(
    arrays: Sequence[Any], axis: int | None = 0, out: None = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    """The arrays joined along an existing `axis`; flattened first when `axis` is None.

    >>> concatenate([np.ones(1), np.zeros(2)])
    array([1., 0., 0.])
    """
    if axis is None:
        arrays, axis = [np.reshape(a, (-1,)) for a in arrays], 0
    ends = np.cumsum([np.shape(a)[axis] for a in arrays]).tolist()
    return _cast_result("concatenate", _concatenate(*arrays, axis=axis, ends=tuple(ends)), out, dtype, casting)


concat = concatenate


def stack(
    arrays: Sequence[Any], axis: int = 0, out: None = None, *, dtype: Any = None, casting: Any = "same_kind"
) -> Any:
    """The arrays, all of one shape, joined along a new `axis`.

    >>> stack([np.ones(2), np.zeros(2)], axis=1).shape
    (2, 2)
    """
    return _cast_result("stack", _stack(*arrays, axis=axis), out, dtype, casting)


def vstack(tup: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """The arrays one below the other: joined along the first axis; a vector is a row.

    >>> vstack([np.ones(2), np.zeros((2, 2))]).shape
    (3, 2)
    """
    return concatenate([np.atleast_2d(a) for a in tup], 0, dtype=dtype, casting=casting)


row_stack = vstack


def hstack(tup: Sequence[Any], *, dtype: Any = None, casting: Any = "same_kind") -> Any:
    """The arrays side by side: joined along the second axis, vectors along their only one.

    >>> hstack([np.ones(2), np.zeros(1)])
    array([1., 1., 0.])
    """
    arrays = [np.atleast_1d(a) for a in tup]
    return concatenate(arrays, 0 if arrays and arrays[0].ndim == 1 else 1, dtype=dtype, casting=casting)


def dstack(tup: Sequence[Any]) -> Any:
    """The arrays one behind the other: joined along the third axis; (n,) is (1, n, 1), (m, n) is (m, n, 1).

    >>> dstack([np.ones(2), np.zeros(2)]).shape
    (1, 2, 2)
    """
    return concatenate([np.atleast_3d(a) for a in tup], 2)


def column_stack(tup: Sequence[Any]) -> Any:
    """The arrays side by side; a vector is a column.

    >>> column_stack([np.ones(2), np.zeros((2, 2))]).shape
    (2, 3)
    """
    return concatenate([a if np.ndim(a) > 1 else np.reshape(a, (-1, 1)) for a in tup], 1)


def block(arrays: Any) -> Any:
    """An array made of blocks: lists along the last axis, lists of lists along the one before, and so on.

    >>> block([[np.eye(2), np.zeros((2, 1))], [np.ones((1, 3))]]).shape
    (3, 3)
    """

    levels = _depth(arrays)
    return _joined(arrays, 0, levels, max(levels, _rank(arrays))) if levels else np.copy(arrays)


def _depth(blocks: Any) -> int:
    """How many lists lie in one another."""
    return 1 + max(map(_depth, blocks), default=0) if isinstance(blocks, list) else 0


def _rank(blocks: Any) -> int:
    """The most axes of a block."""
    return max(map(_rank, blocks), default=1) if isinstance(blocks, list) else int(np.ndim(blocks))


def _joined(blocks: Any, level: int, levels: int, axes: int) -> Any:
    """The blocks of one of the `levels` of lists as one array of so many `axes`."""
    if isinstance(blocks, list) != (level < levels) or (isinstance(blocks, list) and not blocks):
        raise ValueError(f"block: lists of different depths, or an empty one, among {levels}; nest all alike")
    if level < levels:
        return concatenate([_joined(part, level + 1, levels, axes) for part in blocks], axis=level - levels)
    return np.reshape(blocks, (1,) * (axes - np.ndim(blocks)) + np.shape(blocks))


# ----------------------------------------------------------------------------------------------------- cutting


def _pieces(x: Any, cuts: Sequence[int], axis: int) -> list[Any]:
    """`x` cut along `axis` before each of the indices `cuts`."""
    return [_piece(x, axis, a, b) for a, b in zip([0, *cuts], [*cuts, x.shape[axis]], strict=True)]


@settings
def array_split(x: Any, indices_or_sections: Setting, axis: int = 0) -> list[Any]:
    """`x` cut along `axis` at the given indices, or into so many sections, the first ones longer by one if need be.

    >>> [piece.tolist() for piece in array_split(np.arange(3.0), 2)]
    [[0.0, 1.0], [2.0]]
    """
    if not isinstance(indices_or_sections, int | np.integer):
        return _pieces(x, [int(i) for i in indices_or_sections], axis)
    sections = int(indices_or_sections)
    if sections < 1:
        raise ValueError(f"array_split: {sections} sections cannot be; give at least 1, or the indices where to cut")
    each, longer = divmod(x.shape[axis], sections)
    return _pieces(x, [each * i + min(i, longer) for i in range(1, sections)], axis)


@settings
def split(x: Any, indices_or_sections: Setting, axis: int = 0) -> list[Any]:
    """`x` cut along `axis` into equal sections, or at the given indices.

    >>> [piece.tolist() for piece in split(np.arange(3.0), [1])]
    [[0.0], [1.0, 2.0]]
    """
    n = x.shape[axis]
    if isinstance(indices_or_sections, int | np.integer) and (indices_or_sections < 1 or n % indices_or_sections):
        raise ValueError(
            f"split: axis {axis} of length {n} cannot be cut into {indices_or_sections} equal sections; "
            f"give the indices where to cut"
        )
    return array_split(x, indices_or_sections, axis)


def _split_along(function: str, x: Any, where: Any, axis: int, least: int) -> list[Any]:
    """`split` of an array of `least` axes or more, else ValueError."""
    if np.ndim(x) < least:
        raise ValueError(f"{function}: shape {np.shape(x)} has too few axes; give at least {least}")
    return split(x, where, axis)


@settings
def vsplit(x: Any, indices_or_sections: Setting) -> list[Any]:
    """`split` along the first axis, of at least two.

    >>> [piece.shape for piece in vsplit(np.ones((4, 2)), 2)]
    [(2, 2), (2, 2)]
    """
    return _split_along("vsplit", x, indices_or_sections, 0, 2)


@settings
def hsplit(x: Any, indices_or_sections: Setting) -> list[Any]:
    """`split` along the second axis, of a vector along its only one.

    >>> [piece.shape for piece in hsplit(np.ones((4, 2)), 2)]
    [(4, 1), (4, 1)]
    """
    return _split_along("hsplit", x, indices_or_sections, 1 if np.ndim(x) > 1 else 0, 1)


@settings
def dsplit(x: Any, indices_or_sections: Setting) -> list[Any]:
    """`split` along the third axis.

    >>> [piece.shape for piece in dsplit(np.ones((1, 2, 2)), 2)]
    [(1, 2, 1), (1, 2, 1)]
    """
    return _split_along("dsplit", x, indices_or_sections, 2, 3)


@settings
def unstack(x: Any, *, axis: int = 0) -> tuple[Any, ...]:
    """The parts of `x` along `axis`, which they no longer have.

    >>> unstack(np.array([[1.0, 2.0]]), axis=1)
    (array([1.]), array([2.]))
    """
    if np.ndim(x) == 0:
        raise ValueError("unstack: a single number has no axis to take apart; give an array")
    return tuple([x[index_of_axis(axis % x.ndim, k)] for k in range(x.shape[axis])])


# ---------------------------------------------------------------------------------- putting in and taking out


def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """`arr` with `values` after it along `axis`; both flattened by default.

    >>> append(np.ones(2), 3.0)
    array([1., 1., 3.])
    """
    return concatenate([arr, values], axis=axis)


@settings
def insert(arr: Any, obj: Setting, values: Any, axis: int | None = None) -> Any:
    """`arr` with `values` put in before the positions `obj` (an int, ints, a slice, a mask) of `axis`.

    `arr` is flattened when `axis` is None. `values` broadcast, in the dtype of `arr`.

    >>> insert(np.array([1.0, 2.0]), 1, 5.0)
    array([1., 5., 2.])
    """
    if axis is None:
        arr, axis = np.reshape(arr, (-1,)), 0
    axis %= arr.ndim
    values = np.reshape(values, (1,) * (arr.ndim - np.ndim(values)) + np.shape(values))
    many = len(np.insert(np.arange(arr.shape[axis]), obj, 0)) - arr.shape[axis]
    if many == 1:  # all values come to one place
        values = np.moveaxis(values, 0, axis) if np.ndim(obj) == 0 and not isinstance(obj, slice) else values
        many = values.shape[axis]
    values = np.broadcast_to(values, (*arr.shape[:axis], many, *arr.shape[axis + 1 :]))
    old = np.arange(arr.shape[axis])
    both = concatenate([arr, values], axis, dtype=arr.dtype, casting="unsafe")
    return take(both, np.insert(old, obj, np.arange(len(old), len(old) + many)), axis=axis)


@settings
def delete(arr: Any, obj: Setting, axis: int | None = None) -> Any:
    """`arr` without the positions `obj` (an int, ints, a slice, a mask) of `axis`; flattened by default.

    >>> delete(np.array([1.0, 2.0, 3.0]), 1)
    array([1., 3.])
    """
    if axis is None:
        arr, axis = np.reshape(arr, (-1,)), 0
    return take(arr, np.delete(np.arange(arr.shape[axis]), obj), axis=axis)
