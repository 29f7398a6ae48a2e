"""Sums over stretches of an axis that begin at given places: what `np.add.reduceat` computes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import linear
from .indexing import getitem, index_of_axis, scatter

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
