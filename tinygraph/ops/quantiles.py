"""Medians and quantiles: what lies at places between the sorted elements, by all of NumPy's methods."""

from __future__ import annotations

import functools
import warnings
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from ..engine.declare import primitive
from ..engine.node import Recorded
from ..errors import NotDifferentiable
from .indexing import no_out, take_along_axis, tensor_or_array, value_of
from .ordering import argpartition, gather, sort

__all__ = ["median", "nanmedian", "nanpercentile", "nanquantile", "percentile", "quantile"]


# ------------------------------------------------------------------------------ places between sorted elements


@functools.lru_cache(256)
def _places_among(n: int, q: tuple[Any, ...], dtype: np.dtype[Any], method: str) -> Any:
    """Where the quantiles `q`, of `dtype`, lie among `n` sorted elements: NumPy's quantiles of 0, 1, 2, ..."""
    numbers: Any = np.arange(n, dtype=np.result_type(dtype, np.float64))
    return np.quantile(numbers, np.array(q, dtype), method=method)  # type: ignore[call-overload]


@primitive(None)
def places(counts, *, q, dtype, method):  # type: ignore[no-untyped-def]
    """Where the quantiles `q` lie among each of `counts` sorted elements, along a new last axis; without derivative.

    >>> places(np.array([3, 4]), q=(0.5, 1.0), dtype=np.dtype(float), method="linear")
    array([[1. , 2. ],
           [1.5, 3. ]])
    """
    if not np.all(counts):
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=2)
    different, which = np.unique(counts, return_inverse=True)
    table = np.array([_places_among(max(int(n), 1), q, dtype, method) for n in different]).reshape(-1, len(q))
    return table[which].reshape(*np.shape(counts), len(q))


@primitive(None, None)
def weighted_places(x, weights, *, q):  # type: ignore[no-untyped-def]
    """Where in the sorted last axis of `x` the elements so far have the part `q` of all weight; without derivative.

    >>> weighted_places(np.array([1.0, 3.0, 2.0]), np.array([1.0, 1.0, 8.0]), q=(0.5, 1.0))
    array([1, 2])
    """
    rank = np.argsort(np.argsort(x, axis=-1, stable=True), axis=-1)
    return np.moveaxis(np.quantile(rank, q, axis=-1, method="inverted_cdf", weights=weights), 0, -1)


def _halves(place: Any) -> tuple[Any, Any, Any]:
    """The places of the elements below and above, and the weight of the one above: 1/2 where they are the same."""
    low = np.floor(place)
    return low.astype(np.intp), np.ceil(place).astype(np.intp), np.where(np.equal(low, place), 0.5, place - low)


def _weighted_mean(low: Any, high: Any, weight: Any, kind: Any) -> Any:
    """The means of `low` and `high` where that has `weight`, as numbers of type `kind`."""
    low, high = (part if part.dtype == kind else part.astype(kind) for part in (low, high))
    if kind.kind not in "fc":
        return low  # by methods that give elements as they are
    weight = weight.astype(kind)
    return low * (1 - weight) + high * weight


def _elements_at(x: Any, place: Any, kind: Any) -> Any:
    """The elements at `place`, the same one in all rows of `x`; NaN for a row that has one."""
    low, high, weight = _halves(place)
    wanted, which = np.unique(np.concatenate([low, high, [x.shape[-1] - 1]]), return_inverse=True)
    found = gather(x, argpartition(x, kth=wanted, axis=-1)[..., wanted], axis=-1)
    low, high, last = np.split(which, [low.size, 2 * low.size])
    y = _weighted_mean(found[..., low], found[..., high], weight, kind)
    return np.where(np.isnan(found[..., last]), found[..., last], y) if x.dtype.kind in "fc" else y


def _elements_at_each(x: Any, place: Any, kind: Any) -> Any:
    """The elements at `place`, another one in each row of `x`."""
    low, high, weight = _halves(place)
    x = sort(x)
    return _weighted_mean(take_along_axis(x, low), take_along_axis(x, high), weight, kind)


# ----------------------------------------------------------------------------------------- all that NumPy has


def _quantile(
    function: str, a: Any, q: Any, axis: Any, out: Any, method: str, keepdims: bool, weights: Any = None
) -> Any:
    """All the functions below: by `function`, NaNs count or do not, and `q` is in parts of 1 or of 100."""
    no_out(function, out)
    if isinstance(q, Recorded) and q.node is not None:
        raise NotDifferentiable(f"{function}: has no gradient for q; give q.detach(), or a number")
    x, q = tensor_or_array(a), value_of(q)
    if not isinstance(a, Recorded) or not x.size:
        return _value_by_numpy(function, x, q, axis, method, keepdims, weights)
    one: Any = np.zeros(1, x.dtype)
    weight, number = None if weights is None else one + 1, q if np.ndim(q) == 0 else np.asarray(q).flat[:1]
    kind = np.asarray(_value_by_numpy(function, one, number, None, method, False, weight)).dtype
    axes = tuple(range(x.ndim)) if axis is None else normalize_axis_tuple(axis, x.ndim)
    shape, x = x.shape, _axes_last(x, axes)
    q = np.asarray(q) / 100 if "percentile" in function else np.asarray(q)
    how: Any = {"q": tuple(np.ravel(q)), "dtype": q.dtype, "method": method}
    skip = function.startswith("nan") and x.dtype.kind in "fc"
    if weights is not None:
        w = _weights(function, shape, x, weights, axes)
        nan = np.isnan(x)
        y = _elements_at_each(x, weighted_places(x, np.where(nan, 0, w) if skip else w, q=how["q"]), kind)
        y = y if skip or kind.kind != "f" else np.where(np.any(nan, axis=-1, keepdims=True), np.nan, y)
    elif skip:
        y = _elements_at_each(x, places(np.sum(~np.isnan(x), axis=-1), **how), kind)
    else:
        y = _elements_at(x, _places_among(x.shape[-1], **how), kind)
    y = np.reshape(np.moveaxis(y, -1, 0), (*q.shape, *y.shape[:-1]))
    return np.expand_dims(y, tuple(q.ndim + k for k in axes)) if keepdims else y


def _axes_last(x: Any, axes: tuple[int, ...]) -> Any:
    """`x` with all of `axes` joined into one, the last."""
    kept = [k for k in range(x.ndim) if k not in axes]
    x = np.moveaxis(x, kept, range(len(kept))) if kept else x
    return x if len(axes) == 1 else np.reshape(x, (*x.shape[: len(kept)], -1))


def _value_by_numpy(function: str, a: Any, q: Any, axis: Any, method: str, keepdims: bool, weights: Any) -> Any:
    """NumPy's result for the value of `a`, as a Tensor of no history where `a` is one."""
    how: Any = {"axis": axis, "keepdims": keepdims}
    value = value_of(a)
    if function.endswith("median"):
        y = getattr(np, function)(value, **how)
    else:
        y = getattr(np, function)(value, q, method=method, weights=value_of(weights), **how)
    tensor: Any = a.__class__
    return tensor(y) if isinstance(a, Recorded) else y


def _weights(function: str, shape: tuple[int, ...], x: Any, weights: Any, axes: tuple[int, ...]) -> Any:
    """The weights along the last axis of `x`, which had `shape`."""
    if np.shape(weights) not in (shape, (x.shape[-1],)):
        raise ValueError(
            f"{function}: weights of shape {np.shape(weights)} for shape {shape}; give as many, or a vector for axis"
        )
    return _axes_last(tensor_or_array(weights), axes) if np.shape(weights) == shape else weights


def median(a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    """The middle one of the sorted elements along `axis`, or the mean of the two there; NaN where there is one.

    >>> float(median(np.array([3.0, 1.0, 2.0, 9.0])))
    2.5
    """
    return _quantile("median", a, 0.5, axis, out, "linear", keepdims)


def nanmedian(a: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    """`median` of the elements that are not NaN.

    >>> float(nanmedian(np.array([3.0, np.nan, 2.0])))
    2.5
    """
    return _quantile("nanmedian", a, 0.5, axis, out, "linear", keepdims)


def quantile(
    a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False, *, weights: Any = None,
) -> Any:  # fmt: skip
    """The value that a part `q` (0 to 1, or an array) of the elements along `axis` is below, by a method of NumPy's.

    A place between two sorted elements is a weighted mean of them, the place of one is that one alone; NaN where
    there is one. `q` has no gradient; `weights` (of method inverted_cdf) move it by jumps only.

    >>> quantile(np.array([3.0, 1.0, 2.0]), [0.25, 1.0])
    array([1.5, 3. ])
    """
    return _quantile("quantile", a, q, axis, out, method, keepdims, weights)


def nanquantile(
    a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False, *, weights: Any = None,
) -> Any:  # fmt: skip
    """`quantile` of the elements that are not NaN.

    >>> float(nanquantile(np.array([3.0, np.nan, 2.0]), 1.0))
    3.0
    """
    return _quantile("nanquantile", a, q, axis, out, method, keepdims, weights)


def percentile(
    a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False, *, weights: Any = None,
) -> Any:  # fmt: skip
    """`quantile` with `q` from 0 to 100.

    >>> float(percentile(np.array([3.0, 1.0, 2.0]), 25))
    1.5
    """
    return _quantile("percentile", a, q, axis, out, method, keepdims, weights)


def nanpercentile(
    a: Any, q: Any, axis: Any = None, out: None = None, overwrite_input: bool = False, method: str = "linear",
    keepdims: bool = False, *, weights: Any = None,
) -> Any:  # fmt: skip
    """`percentile` of the elements that are not NaN.

    >>> float(nanpercentile(np.array([3.0, np.nan, 2.0]), 100))
    3.0
    """
    return _quantile("nanpercentile", a, q, axis, out, method, keepdims, weights)
