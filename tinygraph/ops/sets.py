"""Vectors as sets: the different elements of one, those that two share or do not, membership."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import primitive
from ..engine.node import Recorded
from .indexing import take, tensor_or_array, value_of
from .ordering import gather
from .shape import reshape

__all__ = [
    "intersect1d", "isin", "setdiff1d", "setxor1d", "union1d", "unique", "unique_all", "unique_counts",
    "unique_inverse", "unique_values",
]  # fmt: skip

_UniqueAll, _UniqueCounts, _UniqueInverse = (
    type(f(np.zeros(0))) for f in (np.unique_all, np.unique_counts, np.unique_inverse)
)


@primitive(None, None, spelling="np.isin")
def isin(element, test_elements, *, assume_unique=False, invert=False, kind=None):  # type: ignore[no-untyped-def]
    """Whether each `element` is among the `test_elements`, or is not (`invert`); without derivative.

    >>> isin(np.array([1.0, 2.0]), np.array([2.0, 3.0]))
    array([False,  True])
    """
    return np.isin(element, test_elements, assume_unique=assume_unique, invert=invert, kind=kind)


def unique(
    ar: Any,
    return_index: bool = False,
    return_inverse: bool = False,
    return_counts: bool = False,
    axis: int | None = None,
    *,
    equal_nan: bool = True,
    sorted: bool = True,
) -> Any:
    """The different elements of `ar`, or its different slices along `axis`, sorted; if more is asked for, a tuple.

    The gradient of each goes to the first that has its value. `return_index` adds the indices of these,
    `return_inverse` those that make `ar` of the result, `return_counts` how often each occurs: arrays, not recorded.

    >>> unique(np.array([3.0, 1.0, 3.0]), return_counts=True)
    (array([1., 3.]), array([1, 2]))
    """
    flags: Any = {"return_inverse": return_inverse, "return_counts": return_counts}
    found: list[Any] = list(np.unique(value_of(ar), True, axis=axis, equal_nan=equal_nan, **flags))
    if isinstance(ar, Recorded):
        found[0] = gather(reshape(ar, shape=(-1,)), found[1], axis=0) if axis is None else take(ar, found[1], axis)
    if not return_index:
        del found[1]
    return found[0] if len(found) == 1 else tuple(found)


def unique_all(x: Any) -> Any:
    """The different elements of `x`, their first indices, the indices that make `x` of them, and their counts.

    >>> [part.tolist() for part in unique_all(np.array([3.0, 1.0, 3.0]))]
    [[1.0, 3.0], [1, 0], [1, 0, 1], [1, 2]]
    """
    return _UniqueAll(*unique(x, True, True, True, equal_nan=False))


def unique_counts(x: Any) -> Any:
    """The different elements of `x`, and how often each occurs.

    >>> [part.tolist() for part in unique_counts(np.array([3.0, 1.0, 3.0]))]
    [[1.0, 3.0], [1, 2]]
    """
    return _UniqueCounts(*unique(x, return_counts=True, equal_nan=False))


def unique_inverse(x: Any) -> Any:
    """The different elements of `x`, and the indices that make `x` of them.

    >>> [part.tolist() for part in unique_inverse(np.array([3.0, 1.0, 3.0]))]
    [[1.0, 3.0], [1, 0, 1]]
    """
    return _UniqueInverse(*unique(x, return_inverse=True, equal_nan=False))


def unique_values(x: Any) -> Any:
    """The different elements of `x`, sorted.

    >>> unique_values(np.array([3.0, 1.0, 3.0]))
    array([1., 3.])
    """
    return unique(x, equal_nan=False)


def union1d(ar1: Any, ar2: Any) -> Any:
    """The different elements of both, sorted; of those in both, the gradient goes to `ar1`.

    >>> union1d(np.array([1.0, 3.0]), np.array([3.0, 2.0]))
    array([1., 2., 3.])
    """
    return unique(np.concatenate((ar1, ar2), axis=None))


def intersect1d(ar1: Any, ar2: Any, assume_unique: bool = False, return_indices: bool = False) -> Any:
    """The elements that are in both, sorted; with `return_indices`, also where they are in `ar1` and in `ar2`.

    The gradient goes to `ar1`, or where that is no Tensor to `ar2`.

    >>> intersect1d(np.array([1.0, 3.0]), np.array([3.0, 2.0]))
    array([3.])
    """
    found = list(np.intersect1d(value_of(ar1), value_of(ar2), assume_unique, True))
    for ar, index in ((ar2, found[2]), (ar1, found[1])):
        if isinstance(ar, Recorded):
            y = take(ar, index)
            found[0] = y if y.dtype == found[0].dtype else y.astype(found[0].dtype)
    return tuple(found) if return_indices else found[0]


def setdiff1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The elements of `ar1` that are not in `ar2`: sorted, unless they are assumed to be unique.

    >>> setdiff1d(np.array([1.0, 3.0]), np.array([3.0, 2.0]))
    array([1.])
    """
    ar1 = np.reshape(tensor_or_array(ar1), (-1,)) if assume_unique else unique(ar1)
    return take(ar1, np.flatnonzero(np.isin(value_of(ar1), value_of(ar2), invert=True)))


def setxor1d(ar1: Any, ar2: Any, assume_unique: bool = False) -> Any:
    """The elements that are in one of both only, sorted.

    >>> setxor1d(np.array([1.0, 3.0]), np.array([3.0, 2.0]))
    array([1., 2.])
    """
    sides = (ar1, ar2) if assume_unique else (unique(ar1), unique(ar2))
    values, counts = unique(np.concatenate(sides, axis=None), return_counts=True, equal_nan=False)
    return take(values, np.flatnonzero(counts == 1))
