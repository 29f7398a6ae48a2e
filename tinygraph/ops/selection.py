"""Selecting: by masks, by numbers, by pieces of the axis, and between given points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.declare import primitive
from ..engine.node import Recorded
from ..engine.settings import settings
from ..engine.views import apart
from .indexing import indices_in_range, no_out, setitem, take, tensor_or_array, value_of

__all__ = [
    "apply_along_axis", "apply_over_axes", "argwhere", "choose", "compress", "count_nonzero", "extract", "flatnonzero",
    "interp", "interval", "nonzero", "piecewise", "select", "unwrap",
]  # fmt: skip


# ------------------------------------------------------------------------------------ where a condition holds


def nonzero(x: Any) -> Any:
    """The indices of the elements of `x` that are not zero, one array for each axis; without derivative.

    >>> nonzero(np.array([0.0, 2.0]))
    (array([1]),)
    """
    return np.nonzero(value_of(x))


def flatnonzero(x: Any) -> Any:
    """The indices of the elements of the flattened `x` that are not zero; without derivative.

    >>> flatnonzero(np.array([[0.0, 2.0]]))
    array([1])
    """
    return np.flatnonzero(value_of(x))


def argwhere(x: Any) -> Any:
    """The indices of the elements of `x` that are not zero, one row for each; without derivative.

    >>> argwhere(np.array([[0.0, 2.0]]))
    array([[0, 1]])
    """
    return np.argwhere(value_of(x))


@primitive(None, spelling="np.count_nonzero")
def count_nonzero(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    """How many elements along `axis` are not zero; without derivative.

    >>> int(count_nonzero(np.array([0.0, 2.0])))
    1
    """
    return np.count_nonzero(x, axis=axis, keepdims=keepdims)


def compress(condition: Any, x: Any, axis: int | None = None, out: None = None) -> Any:
    """The parts of `x` along `axis` for which the vector `condition` holds; of the flattened `x` by default.

    >>> compress(np.array([True, False]), np.array([[1.0, 2.0]]), axis=1)
    array([[1.]])
    """
    no_out("compress", out)
    if np.ndim(condition) != 1:
        raise ValueError(f"compress: condition of shape {np.shape(condition)} is no vector; use extract or x[mask]")
    return take(x, flatnonzero(condition), axis=axis)


def extract(condition: Any, x: Any) -> Any:
    """The elements of `x` where `condition` holds, in one axis.

    >>> extract(np.array([True, False]), np.array([1.0, 2.0]))
    array([1.])
    """
    return take(x, flatnonzero(condition))


def choose(a: Any, choices: Sequence[Any], out: None = None, mode: str = "raise") -> Any:
    """For each element of the integers `a`, the element there of the choice with that number; all broadcast.

    `mode` says what a number out of range does: raise, wrap around, or clip to the end.

    >>> choose(np.array([1, 0]), [np.zeros(2), np.ones(2)])
    array([1., 0.])
    """
    no_out("choose", out)
    n, a = len(choices), tensor_or_array(a)
    if mode == "raise":
        value = a._array if isinstance(a, Recorded) else a
        if value.size and not 0 <= value.min() <= value.max() < n:
            raise ValueError(f"choose: numbers from {value.min()} to {value.max()} for {n} choices; give 0 to {n - 1}")
    else:
        a = indices_in_range(a, n, mode)
    y = np.broadcast_to(choices[n - 1], np.broadcast_shapes(np.shape(choices[n - 1]), a.shape))
    for k in range(n - 2, -1, -1):
        y = np.where(np.equal(a, k), choices[k], y)
    return y if n > 1 else apart(y)


def select(condlist: Sequence[Any], choicelist: Sequence[Any], default: Any = 0) -> Any:
    """The first of `choicelist` whose condition holds, elementwise, else `default`.

    >>> select([np.array([True, False])], [np.array([1.0, 2.0])], -1.0)
    array([ 1., -1.])
    """
    if not len(condlist) or len(condlist) != len(choicelist):
        raise ValueError(
            f"select: {len(condlist)} conditions for {len(choicelist)} choices; give one for each, at least 1"
        )
    y = default
    for condition, choice in zip(reversed(condlist), reversed(choicelist)):
        y = np.where(condition, choice, y)
    return y


def piecewise(x: Any, condlist: Any, funclist: Sequence[Any], *args: Any, **kw: Any) -> Any:
    """Each function (or number) where its condition holds; one more than conditions is for the rest, else 0.

    A function sees only the elements where its condition holds, and `args` and `kw`; the last condition counts.

    >>> piecewise(np.array([-1.0, 4.0]), [np.array([False, True])], [np.sqrt, 0.0])
    array([0., 2.])
    """
    x = tensor_or_array(x)
    if np.isscalar(condlist) or (np.ndim(condlist[0]) == 0 and x.ndim):
        condlist = [condlist]
    masks = [np.broadcast_to(np.asarray(value_of(c), bool), x.shape) for c in condlist]
    if len(funclist) == len(masks) + 1:
        masks.append(~np.logical_or.reduce(masks))
    if len(funclist) != len(masks):
        raise ValueError(f"piecewise: {len(funclist)} functions for {len(masks)} conditions; give as many, or one more")
    y = np.zeros_like(x)
    for mask, f in zip(masks, funclist):
        if mask.any():
            y = setitem(y, f(x[mask], *args, **kw) if callable(f) else f, index=mask)
    return y


# --------------------------------------------------------------------------------------- between given points


@primitive(None, None)
def interval(x, points):  # type: ignore[no-untyped-def]
    """The number of the piece between two of the ascending `points` in which each `x` lies; without derivative.

    >>> interval(np.array([0.5, 1.0, 9.0]), np.array([0.0, 1.0, 2.0]))
    array([0, 1, 1])
    """
    return np.clip(np.searchsorted(points, x, side="right") - 1, 0, max(len(points) - 2, 0))


@settings
def interp(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: float | None = None) -> Any:
    """Linear interpolation at `x` between the points (`xp`, `fp`), `xp` ascending; differentiable in all three.

    Outside the value is `left` or `right`, by default that of the first or last point, with slope 0; with a `period`
    the points repeat. At a point the slope is that of the piece to its right (of the last point, to its left).

    >>> float(interp(0.5, np.array([0.0, 1.0]), np.array([10.0, 20.0])))
    15.0
    """
    doubles = {"e": np.float64, "f": np.float64, "F": np.complex128}  # as NumPy, which computes in double precision
    given = [tensor_or_array(v) for v in (x, xp, fp)]
    x, xp, fp = [v.astype(doubles[v.dtype.char]) if v.dtype.char in doubles else v for v in given]
    if xp.ndim != 1 or fp.shape != xp.shape or not xp.size:
        raise ValueError(f"interp: xp of shape {xp.shape} and fp of shape {fp.shape} must be vectors of one length")
    if period is not None:
        if period == 0:
            raise ValueError("interp: period=0 cannot be; give another, or None")
        left = right = None
        period = math.fabs(period)
        x, xp = np.remainder(x, period), np.remainder(xp, period)
        order = np.argsort(value_of(xp))
        xp, fp = take(xp, order), take(fp, order)
        xp = np.concatenate([xp[-1:] - period, xp, xp[:1] + period])
        fp = np.concatenate([fp[-1:], fp, fp[:1]])
    first = interval(x, xp)
    last = np.minimum(first + 1, xp.size - 1)
    start, low = take(xp, first), take(fp, first)
    run, rise = take(xp, last) - start, take(fp, last) - low
    still = np.equal(run, 0)  # points that fall together: the later counts
    y = low + rise * np.where(still, 1, (x - start) / np.where(still, 1, run))
    y = np.where(x < xp[0], fp[0] if left is None else left, y)
    return np.where(x > xp[-1], fp[-1] if right is None else right, y)


def unwrap(p: Any, discont: float | None = None, axis: int = -1, *, period: float = 2 * math.pi) -> Any:
    """`p` with multiples of `period` added, so that steps along `axis` over `discont` (half a period) become small.

    >>> unwrap(np.array([0.0, 3.0, 6.0, 9.0 - 2 * np.pi])).round(6)
    array([0., 3., 6., 9.])
    """
    half = period / 2
    discont = half if discont is None else discont
    p = np.moveaxis(p, axis, -1)
    step = p[..., 1:] - p[..., :-1]
    short = np.remainder(step + half, period) - half
    short = np.where(np.equal(short, -half) & (step > 0), half, short)
    added = np.where(np.abs(step) < discont, 0, short - step)
    return np.moveaxis(np.concatenate([p[..., :1], p[..., 1:] + np.cumsum(added, axis=-1)], axis=-1), -1, axis)


# ------------------------------------------------------------------------------------- a function along an axis


def apply_along_axis(func1d: Callable[..., Any], axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """`func1d` of each vector along `axis`, the results in its place; calls `func1d` once for each.

    >>> apply_along_axis(np.sum, 0, np.ones((2, 3)))
    array([2., 2., 2.])
    """
    axis %= arr.ndim
    moved = np.moveaxis(arr, axis, -1)
    lead = moved.shape[:-1]
    if 0 in lead:
        raise ValueError(f"apply_along_axis: shape {arr.shape} has no vectors along axis {axis}; give some")
    results = [func1d(moved[place], *args, **kwargs) for place in np.ndindex(*lead)]
    y = np.stack(results)
    y = np.reshape(y, (*lead, *y.shape[1:]))
    inner = y.ndim - len(lead)
    return np.moveaxis(y, range(len(lead), y.ndim), range(axis, axis + inner)) if inner else y


def apply_over_axes(func: Callable[[Any, int], Any], a: Any, axes: Any) -> Any:
    """`func(a, axis)` along one of `axes` after the other; an axis that it removes comes back with length 1.

    >>> apply_over_axes(np.sum, np.ones((2, 3)), (0, 1))
    array([[6.]])
    """
    for axis in np.atleast_1d(axes).tolist():
        y = func(a, axis)
        if np.ndim(y) not in (np.ndim(a), np.ndim(a) - 1):
            raise ValueError(f"apply_over_axes: func gave shape {np.shape(y)}; it may take away one axis at most")
        a = y if np.ndim(y) == np.ndim(a) else np.expand_dims(y, axis)
    return a
