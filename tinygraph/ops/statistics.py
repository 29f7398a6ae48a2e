"""Statistics: averages and trapezoids, covariances and correlations, and counts of what falls into bins."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np

from ..engine.declare import linear, primitive
from ..engine.node import Recorded
from ..engine.settings import Setting, settings
from .complex_parts import conjugate_of
from .indexing import getitem, index_of_axis, scatter, tensor_or_array, value_of
from .reduction import mean, sum

__all__ = [
    "average", "bincount", "corrcoef", "cov", "histogram", "histogram2d", "histogram_bin_edges", "histogramdd",
    "trapezoid",
]  # fmt: skip


# --------------------------------------------------------------------------------------------- weighted sums


def average(a: Any, axis: Any = None, weights: Any = None, returned: bool = False, *, keepdims: bool = False) -> Any:
    """Sum of `weights` times `a`, over the sum of the weights, along `axis`; differentiable in both.

    Weights have the shape of `a`, or that of its axes in `axis`; without them it is the mean. With `returned`, a pair:
    the average and the sum of the weights. Raises ZeroDivisionError where the weights add up to zero.

    >>> float(average(np.array([1.0, 4.0]), weights=np.array([2.0, 1.0])))
    2.0
    """
    a = tensor_or_array(a)
    if weights is None:
        y = mean(a, axis, keepdims=keepdims)
        total = np.full(y.shape, a.size / y.size, y.dtype)[()] if returned else None
        return (y, total) if returned else y
    weights = _weights_beside(a, axis, tensor_or_array(weights))
    dtype = np.result_type(a.dtype, weights.dtype, *([np.float64] if a.dtype.kind in "biu" else []))
    if weights.dtype != dtype:
        weights = weights.astype(dtype)
    total = sum(weights, axis, keepdims=keepdims)
    if np.any(np.equal(getattr(total, "_array", total), 0)):
        raise ZeroDivisionError("average: the weights add up to zero; give weights that do not")
    y = sum(a * weights, axis, keepdims=keepdims) / total
    return (y, np.broadcast_to(total, y.shape)) if returned else y


def _weights_beside(x: Any, axis: Any, weights: Any) -> Any:
    """The weights in a shape that broadcasts against `x`."""
    if weights.shape == x.shape:
        return weights
    if axis is None:
        raise TypeError(
            f"average: weights of shape {weights.shape} for x of shape {x.shape}; say by axis= which axes they go along"
        )
    axes = [a % x.ndim for a in (axis if isinstance(axis, tuple) else (axis,))]
    along = tuple([x.shape[a] for a in axes])
    if weights.shape != along:
        raise ValueError(
            f"average: weights of shape {weights.shape} for axes {axis} of lengths {along}; give that shape, or x's"
        )
    weights = np.transpose(weights, np.argsort(axes))
    return np.reshape(weights, [n if a in axes else 1 for a, n in enumerate(x.shape)])


@settings
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integral of `y` along `axis` by the trapezoidal rule, at the points `x` or at steps of `dx`.

    >>> float(trapezoid(np.array([0.0, 1.0, 2.0]), dx=0.5))
    1.0
    """
    y = tensor_or_array(y)
    if x is not None:
        x = tensor_or_array(x)
        dx = x[1:] - x[:-1] if x.ndim == 1 else _later(x, axis) - _earlier(x, axis)
        if x.ndim == 1:
            dx = np.reshape(dx, [-1 if a == axis % y.ndim else 1 for a in range(y.ndim)])
    return sum(dx * (_later(y, axis) + _earlier(y, axis)) / 2.0, axis)


def _later(x: Any, axis: int) -> Any:
    """`x` without the first elements along `axis`."""
    return x[index_of_axis(axis % x.ndim, slice(1, None))]


def _earlier(x: Any, axis: int) -> Any:
    """`x` without the last elements along `axis`."""
    return x[index_of_axis(axis % x.ndim, slice(-1))]


# ----------------------------------------------------------------------------------------------- covariances


def _row_deviations_rule(g: Any, y: Any, x: Any) -> Any:
    return row_deviations(g)


@linear(_row_deviations_rule, name="centred")
def row_deviations(x):  # type: ignore[no-untyped-def]
    """The rows of a matrix, each less its mean: a projection, and its own adjoint.

    >>> row_deviations(np.array([[1.0, 3.0]]))
    array([[-1.,  1.]])
    """
    return x - np.mean(x, axis=1, keepdims=True)


def _gram_jvp(t: Any, y: Any, x: Any) -> Any:
    half = t[0] @ conjugate_of(x.T)
    return half + conjugate_of(half.T)


@primitive(lambda g, y, x: (g + conjugate_of(g.T)) @ conjugate_of(x), jvp=_gram_jvp, conjugates=True)
def gram(x):  # type: ignore[no-untyped-def]
    """The inner products of the rows of a matrix with each other, `x @ x.T`, the second conjugated.

    >>> gram(np.array([[1.0, 2.0], [0.0, 1.0]]))
    array([[5., 2.],
           [2., 1.]])
    """
    return x @ conjugate_of(x.T)


def cov(
    m: Any, y: Any = None, rowvar: bool = True, bias: bool = False, ddof: int | None = None, fweights: Any = None,
    aweights: Any = None, *, dtype: Any = None,
) -> Any:  # fmt: skip
    """Covariances of the variables in the rows of `m` (columns, without `rowvar`) and of `y`, of at least float64.

    Divided by the number of observations less `ddof`, which is 1, or 0 with `bias`. `fweights` say how often each
    observation counts, `aweights` how much: these have a gradient too.

    >>> cov(np.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    variables = [tensor_or_array(v) for v in (m, y) if v is not None]
    if any(v.ndim > 2 for v in variables) or (ddof is not None and ddof != int(ddof)):
        shapes = " and ".join(str(v.shape) for v in variables)
        raise ValueError(f"cov: shape {shapes} with ddof={ddof}; give two axes at most, and an integer ddof")
    dtype = np.result_type(*[v.dtype for v in variables], np.float64) if dtype is None else dtype
    rows = [_rows(v, rowvar, dtype) for v in variables]
    x = rows[0] if y is None else np.concatenate(rows)
    if not len(x):  # NumPy's is real
        return np.real(x @ x.T)
    ddof = int(not bias) if ddof is None else ddof
    if fweights is None and aweights is None:
        freedom = x.shape[1] - ddof
        if freedom <= 0:
            warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=2)
        return np.squeeze(gram(row_deviations(x)) / np.float64(max(freedom, 0)))
    np.cov(np.zeros((1, x.shape[1])), None, True, bias, ddof, value_of(fweights), value_of(aweights))  # for its errors
    w, total = _weights(fweights, aweights, ddof)
    x = x - np.reshape(x @ w / np.sum(w), (-1, 1))
    return np.squeeze(x @ conjugate_of((x * w).T) / total)


def _rows(v: Any, rowvar: bool, dtype: np.dtype[Any]) -> Any:
    """The variables in rows."""
    v = np.reshape(v, (1, -1)) if v.ndim < 2 else v if rowvar else v.T
    return v if v.dtype == dtype else v.astype(dtype)


def _weights(fweights: Any, aweights: Any, ddof: int) -> tuple[Any, Any]:
    """The weight of each observation, and what sums of products are divided by."""
    w = tensor_or_array(aweights if fweights is None else fweights) * 1.0
    w = w * aweights if fweights is not None and aweights is not None else w
    lost = ddof if aweights is None else ddof * np.sum(w * aweights) / np.sum(w)
    freedom = np.sum(w) - lost if ddof else np.sum(w)
    return w, np.where(freedom > 0, freedom, 0.0)


def corrcoef(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Pearson's correlation coefficients: covariances over the standard deviations of both; NaN with a constant.

    >>> corrcoef(np.array([[0.0, 1.0, 2.0], [2.0, 1.0, 0.0]]))
    array([[ 1., -1.],
           [-1.,  1.]])
    """
    c = cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    spread = np.sqrt(np.real(np.diagonal(c)))
    c = c / np.reshape(spread, (-1, 1)) / spread
    if c.dtype.kind != "c":
        return np.clip(c, -1, 1)
    return np.clip(np.real(c), -1, 1) + 1j * np.clip(np.imag(c), -1, 1)


# ------------------------------------------------------------------------------------------------------ bins


@linear(
    None,
    lambda g, y, x, weights, *, minlength: getitem(g, index=x),
    holomorphic=False,
    name="bincount",
    spelling="np.bincount",
)
def _bincount(x, weights, *, minlength):  # type: ignore[no-untyped-def]
    return np.bincount(x, weights, minlength).astype(np.float64, copy=False)  # of nothing it would be integers


def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """How often 0, 1, 2, ... occur each in the vector `x`, or the sums of their `weights`; `minlength` counts or more.

    >>> bincount(np.array([0, 2, 2]), np.array([1.0, 2.0, 3.0]))
    array([1., 0., 5.])
    """
    if weights is None and isinstance(x, Recorded):
        counts: Any = _bincount(x, np.ones(tensor_or_array(x).shape), minlength=minlength)
        return counts.astype(np.intp)
    return np.bincount(x, None, minlength) if weights is None else _bincount(x, weights, minlength=minlength)


@settings
def histogram_bin_edges(a: Any, bins: Setting = 10, range: Setting = None, weights: Any = None) -> Any:
    """The limits of the bins of `histogram`; without derivative.

    >>> histogram_bin_edges(np.array([0.0, 4.0]), bins=2)
    array([0., 2., 4.])
    """
    return np.histogram_bin_edges(value_of(a), value_of(bins), range, value_of(weights))


@settings
def histogram(
    a: Any, bins: Setting = 10, range: Setting = None, density: Any = None, weights: Any = None
) -> tuple[Any, Any]:
    """How many elements of `a` fall into each bin, or the sum of their `weights`, and the limits of the bins.

    With `density` they are divided by the widths and by their sum. Only the weights have a gradient.

    >>> histogram(np.array([0.0, 1.0, 4.0]), bins=2, weights=np.array([1.0, 2.0, 3.0]))
    (array([3., 3.]), array([0., 2., 4.]))
    """
    if not isinstance(weights, Recorded):
        return np.histogram(value_of(a), value_of(bins), range, density, weights)
    if isinstance(bins, str):
        raise TypeError(f"histogram: bins={bins!r} does not take weights into account; give their number, or limits")
    edges = histogram_bin_edges(a, bins, range)
    return _weight_sums("histogram", [np.asarray(value_of(a))], [edges], weights, density), edges


@settings
def histogram2d(
    x: Any, y: Any, bins: Setting = 10, range: Setting = None, density: Any = None, weights: Any = None
) -> tuple[Any, Any, Any]:
    """`histogram` of the points with the coordinates `x` and `y`: the counts, and the limits of the bins of each.

    >>> histogram2d(np.array([0.0, 4.0]), np.array([1.0, 2.0]), bins=2)[0]
    array([[1., 0.],
           [0., 1.]])
    """
    bins = _values(bins)
    if not isinstance(weights, Recorded):
        return np.histogram2d(value_of(x), value_of(y), bins, range, density, weights)
    points = [np.asarray(value_of(v)) for v in (x, y)]
    _, *edges = np.histogram2d(points[0], points[1], bins, range)
    return _weight_sums("histogram2d", points, edges, weights, density, np.float64), edges[0], edges[1]


@settings
def histogramdd(
    sample: Any, bins: Setting = 10, range: Setting = None, density: Any = None, weights: Any = None
) -> tuple[Any, Any]:
    """`histogram` of points in any number of dimensions, the rows of `sample`, or a list of coordinates.

    >>> histogramdd(np.array([[0.0, 1.0], [4.0, 2.0]]), bins=2)[0]
    array([[1., 0.],
           [0., 1.]])
    """
    points = value_of(sample) if hasattr(sample, "shape") else np.atleast_2d([value_of(v) for v in sample]).T
    bins = _values(bins)
    if not isinstance(weights, Recorded):
        return np.histogramdd(points, bins, range, density, weights)
    edges = np.histogramdd(points, bins, range)[1]
    return _weight_sums("histogramdd", list(points.T), edges, weights, density, np.float64), edges


def _values(bins: Any) -> Any:
    """`bins`, or each of a list of them, as arrays or numbers."""
    return [value_of(b) for b in bins] if isinstance(bins, list | tuple) else value_of(bins)


def _weight_sums(
    function: str, points: Sequence[Any], edges: Sequence[Any], weights: Any, density: Any, dtype: Any = None
) -> Any:
    """The sums of the weights of the points, whose coordinates are in `points`, that lie between the `edges`."""
    if weights.shape != points[0].shape:
        raise ValueError(f"{function}: weights of shape {weights.shape} for {points[0].shape}; give one for each")
    shape, index, inside = tuple([len(e) - 1 for e in edges]), [], np.ones(points[0].size, bool)
    for x, limits in zip(points, edges, strict=True):
        x = np.ravel(x)
        bin = np.searchsorted(limits, x, side="right") - 1 - (x == limits[-1])
        inside &= (bin >= 0) & (bin < len(limits) - 1)
        index.append(bin)
    flat = np.ravel_multi_index([bin[inside] for bin in index], shape)
    weights = weights if dtype is None or weights.dtype == dtype else weights.astype(dtype)
    hist = np.reshape(scatter(np.ravel(weights)[inside], index=flat, shape=(math.prod(shape),)), shape)
    if not density:
        return hist
    widths = [np.diff(e).reshape([-1 if k == j else 1 for j in np.arange(len(edges))]) for k, e in enumerate(edges)]
    return hist / math.prod(widths) / np.sum(hist)
