"""Extrema: the largest and the smallest along axes, where they are, and how far they are apart."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import primitive
from ..engine.node import Recorded
from .habits import unknown
from .indexing import no_out, tensor_or_array
from .reduction import count, count_true, elements_where, unreduce, with_initial

__all__ = ["amax", "amin", "argmax", "argmin", "max", "min", "ptp"]


def _hits(y: Any, x: Any, axis: Any, keepdims: bool) -> Any:
    """True for the elements that are the extreme: for all that tie, and for every NaN where it is NaN."""
    hit = np.equal(x, unreduce(y, axis, keepdims))
    if isinstance(y, Recorded) or (isinstance(y, np.ndarray | np.generic) and bool(np.any(np.isnan(y)))):
        hit = hit | np.isnan(x)
    return hit


def equal_shares(g: Any, hit: Any, axis: Any, keepdims: bool) -> Any:
    """`g` in equal parts to the elements that are hit, 0 to all others and where none is."""
    return hit * (unreduce(g, axis, keepdims) / np.maximum(count_true(hit, axis, g.dtype), 1))


def mean_of_hits(t: Any, hit: Any, axis: Any, keepdims: bool) -> Any:
    """The mean of `t` over the elements that are hit, 0 where none is."""
    return np.sum(t * hit, axis=axis, keepdims=keepdims) / np.maximum(count_true(hit, axis, t.dtype, keepdims), 1)


def _extreme_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return equal_shares(g, _hits(y, x, axis, keepdims), axis, keepdims)


def _extreme_jvp(t: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return mean_of_hits(t[0], _hits(y, x, axis, keepdims), axis, keepdims)


def _ties(y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    hit = _hits(y, x, axis, keepdims)
    return hit & (np.sum(hit, axis=axis, keepdims=True) > 1)


@primitive(
    _extreme_rule,
    jvp=_extreme_jvp,
    name="max",
    onnx="ReduceMax",
    ties=_ties,
    extremum="maximum",
    fresh=True,
    spelling="np.max",
)
def _max(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.max(x, axis=axis, keepdims=keepdims)


@primitive(
    _extreme_rule,
    jvp=_extreme_jvp,
    name="min",
    onnx="ReduceMin",
    ties=_ties,
    extremum="minimum",
    fresh=True,
    spelling="np.min",
)
def _min(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.min(x, axis=axis, keepdims=keepdims)


def max(
    a: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None,
    **other: Any,
) -> Any:  # fmt: skip
    """Largest element along `axis`, and not below `initial`; of those where `where` holds, which needs `initial`.

    Ties share the gradient equally, and so do NaNs, of which each makes the result NaN.

    >>> float(max(np.array([1.0, 3.0, 2.0])))
    3.0
    """
    no_out("max", out)
    if other:
        raise unknown("max", other)
    return _extreme(_max, np.maximum, -1, a, axis, keepdims, initial, where)


def min(
    a: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None,
    **other: Any,
) -> Any:  # fmt: skip
    """Smallest element along `axis`, and not above `initial`; of those where `where` holds, which needs `initial`.

    Ties share the gradient equally, and so do NaNs, of which each makes the result NaN.

    >>> float(min(np.array([4.0, 3.0, 5.0])))
    3.0
    """
    no_out("min", out)
    if other:
        raise unknown("min", other)
    return _extreme(_min, np.minimum, 1, a, axis, keepdims, initial, where)


amax, amin = max, min


def _extreme(op: Any, pick: Any, side: int, x: Any, axis: Any, keepdims: bool, initial: Any, where: Any) -> Any:
    """`op` of the elements where `where` holds, and of `initial`, of which `pick` takes the more extreme."""
    if where is not None:
        if initial is None:
            raise ValueError(f"{op.__name__}: where= leaves positions out; give initial=, the value of none")
        x = tensor_or_array(x)
        x = elements_where(op.__name__, x, where, _extreme_number(x.dtype, side))
    if initial is not None and count(np.shape(x), axis) == 0:
        x = tensor_or_array(x)
        return with_initial(np.sum(x, axis=axis, dtype=x.dtype, keepdims=keepdims), initial, np.add)
    return with_initial(op(x, axis=axis, keepdims=keepdims), initial, pick)


def _extreme_number(dtype: np.dtype[Any], side: int) -> Any:
    """The largest (side 1) or smallest (side -1) number of a dtype."""
    if dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return dtype.type(limits.max if side > 0 else limits.min)
    return dtype.type(side > 0 if dtype.kind == "b" else side * np.inf)


def ptp(a: Any, axis: Any = None, out: None = None, keepdims: bool = False) -> Any:
    """Largest minus smallest element along `axis`, from peak to peak.

    >>> float(ptp(np.array([4.0, 3.0, 5.0])))
    2.0
    """
    no_out("ptp", out)
    return max(a, axis, keepdims=keepdims) - min(a, axis, keepdims=keepdims)


# ------------------------------------------------------------------------------------------- where they are


@primitive(None, name="argmax", onnx="ArgMax", fresh=True, spelling="np.argmax")
def _argmax(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.argmax(x, axis=axis, keepdims=keepdims)


@primitive(None, name="argmin", onnx="ArgMin", fresh=True, spelling="np.argmin")
def _argmin(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.argmin(x, axis=axis, keepdims=keepdims)


def argmax(a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Any:
    """Index of the first largest element along `axis` (of the flattened `a` by default); without derivative.

    >>> int(argmax(np.array([1.0, 3.0, 3.0])))
    1
    """
    no_out("argmax", out)
    return _argmax(a, axis=axis, keepdims=keepdims)


def argmin(a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Any:
    """Index of the first smallest element along `axis` (of the flattened `a` by default); without derivative.

    >>> int(argmin(np.array([1.0, 3.0, 3.0])))
    0
    """
    no_out("argmin", out)
    return _argmin(a, axis=axis, keepdims=keepdims)
