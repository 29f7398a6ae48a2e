"""Order: sorting and partitioning, the indices that do so, and places in what is sorted."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_index

from ..engine.declare import linear, primitive
from ..engine.node import Recorded

__all__ = [
    "argpartition", "argsort", "digitize", "lexsort", "partition", "searchsorted", "sort", "sort_complex",
]  # fmt: skip


# --------------------------------------------------------------------------------- elements in a given order


def _ties(y: Any, x: Any, order: Any, *, axis: int) -> Any:
    """True for elements that were taken and equal another one: which of the two comes first is chance."""
    by_size = np.argsort(x, axis=axis)
    row = np.take_along_axis(x, by_size, axis)
    same = np.equal(row, np.roll(row, 1, axis)) | np.equal(row, np.roll(row, -1, axis))
    tied = np.zeros(x.shape, bool)
    np.put_along_axis(tied, by_size, same & (x.shape[axis] > 1), axis)
    return tied & np.isin(x, y)


def _gather_rule(g: Any, y: Any, x: Any, order: Any, *, axis: int) -> Any:
    return scatter_along_axis(g, order, axis=axis, n=x.shape[axis])


def _gather_jvp(t: Any, y: Any, x: Any, order: Any, *, axis: int) -> Any:
    return gather(t[0], order, axis=axis)


@primitive(_gather_rule, None, jvp=_gather_jvp, ties=_ties, conjugates=True, name="gather")
def gather(x, order, *, axis):  # type: ignore[no-untyped-def]
    """Elements of `x` at the indices `order` along `axis`: `take_along_axis`, faster, where no index repeats.

    >>> gather(np.array([1.0, 2.0, 3.0]), np.array([2, 0]), axis=0)
    array([3., 1.])
    """
    return np.take_along_axis(x, order, axis)


@linear(lambda g, y, x, order, *, axis, n: gather(g, order, axis=axis), None, name="spread")
def scatter_along_axis(x, order, *, axis, n):  # type: ignore[no-untyped-def]
    """Zeros, `n` along `axis`, with `x` put at the indices `order`, which do not repeat: the adjoint of `gather`.

    >>> scatter_along_axis(np.array([3.0, 1.0]), np.array([2, 0]), axis=0, n=3)
    array([1., 0., 3.])
    """
    shape = list(x.shape)
    shape[axis] = n
    out = np.zeros(shape, x.dtype)
    np.put_along_axis(out, order, x, axis)
    return out


# ---------------------------------------------------------------------------------- indices, and places between


def _down(descending: bool | None) -> dict[str, Any]:
    """`descending` as a setting for NumPy, which does not know it before 2.5."""
    return {} if descending is None else {"descending": descending}


@primitive(None, spelling="np.argsort")
def argsort(x, *, axis=-1, kind=None, order=None, stable=None, descending=None):  # type: ignore[no-untyped-def]
    """The indices that sort `x` along `axis` (None: flattened), NaN last; without derivative.

    `descending` is known to NumPy since 2.5.

    >>> argsort(np.array([3.0, 1.0, 2.0]))
    array([1, 2, 0])
    """
    return np.argsort(x, axis=axis, kind=kind, order=order, stable=stable, **_down(descending))


@primitive(None, spelling="np.argpartition")
def argpartition(x, *, kth, axis=-1, kind="introselect", order=None):  # type: ignore[no-untyped-def]
    """The indices that partition `x` along `axis` (None: flattened) at the sorted places `kth`; without derivative.

    >>> int(argpartition(np.array([3.0, 1.0, 2.0]), 1)[1])
    2
    """
    return np.argpartition(x, kth, axis=axis, kind=kind, order=order)


@primitive(None, name="order_by")
def _order_by(*keys, axis):  # type: ignore[no-untyped-def]
    """The indices that sort by several keys, the last first; without derivative."""
    return np.lexsort(keys, axis=axis)


def lexsort(keys: Any, axis: int = -1) -> Any:
    """The indices that sort by the last of `keys`, in ties by the one before it, and so on; without derivative.

    >>> lexsort((np.array([2, 1, 0]), np.array([0.0, 1.0, 0.0])))
    array([2, 0, 1])
    """
    return _order_by(*keys, axis=axis)


@primitive(None, None, spelling="np.searchsorted")
def searchsorted(a, v, *, side="left", sorter=None):  # type: ignore[no-untyped-def]
    """How many elements of the ascending `a` are below each of `v`; with `side="right"`, not above it.

    >>> searchsorted(np.array([1.0, 2.0, 3.0]), np.array([0.5, 2.0]))
    array([0, 1])
    """
    return np.searchsorted(a, v, side=side, sorter=sorter)


@primitive(None, None, spelling="np.digitize")
def digitize(x, bins, *, right=False):  # type: ignore[no-untyped-def]
    """The number of the bin of each element of `x`, `bins` being their ascending or descending limits.

    >>> digitize(np.array([0.5, 2.0]), np.array([1.0, 2.0, 3.0]))
    array([0, 2])
    """
    return np.digitize(x, bins, right=right)


# ------------------------------------------------------------------------------------------------ values


def _flat(a: Any, axis: int | None) -> tuple[Any, int]:
    """`a` and the axis to work along; where `axis` is None, the flattened `a` and 0."""
    if axis is None:
        return np.reshape(a, (-1,)), 0
    return a, normalize_axis_index(axis, a.ndim)


def sort(
    a: Any, axis: int | None = -1, kind: Any = None, order: Any = None, *, stable: bool | None = None,
    descending: bool | None = None,
) -> Any:  # fmt: skip
    """`a` sorted along `axis` (None: flattened), NaN last; the gradient goes back to where each element was.

    Which of equal elements gets which gradient is as the order they were put in; `stable=True` keeps theirs.
    `descending` is known to NumPy since 2.5.

    >>> sort(np.array([3.0, 1.0, 2.0]))
    array([1., 2., 3.])
    """
    if not isinstance(a, Recorded):
        return np.sort(a, axis, kind, order, stable=stable, **_down(descending))
    a, axis = _flat(a, axis)
    places = argsort(a, axis=axis, kind=kind, order=order, stable=stable, descending=descending)
    return gather(a, places, axis=axis)


def partition(
    a: Any, kth: int | Sequence[int], axis: int | None = -1, kind: Any = "introselect", order: Any = None
) -> Any:
    """`a` in an order along `axis` (None: flattened) in which the places `kth`, one or more, are as after sorting.

    What is smaller comes before them, in any order; the gradient goes back to where each element was.

    >>> float(partition(np.array([3.0, 1.0, 2.0]), 1)[1])
    2.0
    """
    if not isinstance(a, Recorded):
        return np.partition(a, kth, axis, kind, order)
    a, axis = _flat(a, axis)
    return gather(a, argpartition(a, kth=kth, axis=axis, kind=kind, order=order), axis=axis)


def sort_complex(a: Any) -> Any:
    """`a` as complex numbers sorted along the last axis by real part, then by imaginary part.

    >>> sort_complex(np.array([3.0, 1.0]))
    array([1.+0.j, 3.+0.j])
    """
    if not isinstance(a, Recorded):
        return np.sort_complex(a)
    small = a.dtype.char in "bhBH"  # type: ignore[attr-defined]
    y = sort(a)
    return y if y.dtype.kind == "c" else y.astype("F" if small else "G" if y.dtype.char == "g" else "D")
