"""Reductions that leave NaNs out: those of all elements, `where` there are numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import primitive
from ..engine.settings import settings
from .cumulative import cumprod, cumsum
from .extrema import equal_shares, max, mean_of_hits, min
from .indexing import no_out, tensor_or_array
from .reduction import mean, prod, sum, unreduce
from .variance import std_of, var

__all__ = [
    "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmin", "nanprod", "nanstd", "nansum",
    "nanvar",
]  # fmt: skip


def _number_mask(x: Any, where: Any = None) -> Any:
    """True where `x` is a number, not NaN, and `where` holds."""
    found = np.logical_not(np.isnan(x))
    return found if where is None else np.logical_and(found, where)


def nansum(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Any:
    """`sum` of the elements that are not NaN; NaNs have gradient 0.

    >>> float(nansum(np.array([1.0, np.nan, 3.0])))
    4.0
    """
    no_out("nansum", out)
    return sum(a, axis, dtype, None, keepdims, initial, _number_mask(a, where))


def nanprod(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = None,
) -> Any:
    """`prod` of the elements that are not NaN; NaNs have gradient 0.

    >>> float(nanprod(np.array([2.0, np.nan, 3.0])))
    6.0
    """
    no_out("nanprod", out)
    return prod(a, axis, dtype, None, keepdims, initial, _number_mask(a, where))


def nanmean(
    a: Any, axis: Any = None, dtype: Any = None, out: None = None, keepdims: bool = False, *, where: Any = None
) -> Any:
    """`mean` of the elements that are not NaN (of none: NaN, and NumPy's warning); NaNs have gradient 0.

    >>> float(nanmean(np.array([1.0, np.nan, 3.0])))
    2.0
    """
    no_out("nanmean", out)
    return mean(a, axis, dtype, None, keepdims, where=_number_mask(a, where))


@settings
def nanvar(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = None,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """`var` of the elements that are not NaN (NaN without degrees of freedom); NaNs have gradient 0.

    >>> float(nanvar(np.array([1.0, np.nan, 3.0])))
    1.0
    """
    no_out("nanvar", out)
    numbers = _number_mask(a, where)
    y = var(a, axis, dtype, None, ddof, keepdims, where=numbers, mean=mean, correction=correction)
    n = np.sum(np.broadcast_to(numbers, np.shape(a)), axis=axis, keepdims=keepdims)
    free = n > (ddof if correction is None else correction)
    return np.where(free, y, np.nan)


@settings
def nanstd(
    a: Any,
    axis: Any = None,
    dtype: Any = None,
    out: None = None,
    ddof: float = 0,
    keepdims: bool = False,
    *,
    where: Any = None,
    mean: Any = None,
    correction: float | None = None,
) -> Any:
    """`std` of the elements that are not NaN, the square root of `nanvar`; NaNs have gradient 0.

    >>> float(nanstd(np.array([1.0, np.nan, 3.0])))
    1.0
    """
    no_out("nanstd", out)
    return std_of(nanvar(a, axis, dtype, None, ddof, keepdims, where=where, mean=mean, correction=correction))


# ----------------------------------------------------------------------------------------------------- extrema


def _extreme_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return equal_shares(g, np.equal(x, unreduce(y, axis, keepdims)), axis, keepdims)


def _extreme_jvp(t: Any, y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    return mean_of_hits(t[0], np.equal(x, unreduce(y, axis, keepdims)), axis, keepdims)


def _ties(y: Any, x: Any, *, axis: Any, keepdims: bool) -> Any:
    hit = np.equal(x, unreduce(y, axis, keepdims))
    return hit & (np.sum(hit, axis=axis, keepdims=True) > 1)


@primitive(
    _extreme_rule, jvp=_extreme_jvp, name="nanmax", ties=_ties, extremum="maximum", fresh=True, spelling="np.nanmax"
)
def _nanmax(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.nanmax(x, axis=axis, keepdims=keepdims)


@primitive(
    _extreme_rule, jvp=_extreme_jvp, name="nanmin", ties=_ties, extremum="minimum", fresh=True, spelling="np.nanmin"
)
def _nanmin(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.nanmin(x, axis=axis, keepdims=keepdims)


def nanmax(
    a: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None
) -> Any:
    """`max` of the elements that are not NaN (of none: NaN, and NumPy's warning); NaNs have gradient 0.

    >>> float(nanmax(np.array([1.0, np.nan, 3.0])))
    3.0
    """
    no_out("nanmax", out)
    if initial is not None or where is not None:
        return max(a, axis, None, keepdims, initial, _number_mask(a, where))
    return _nanmax(a, axis=axis, keepdims=keepdims)


def nanmin(
    a: Any, axis: Any = None, out: None = None, keepdims: bool = False, initial: Any = None, where: Any = None
) -> Any:
    """`min` of the elements that are not NaN (of none: NaN, and NumPy's warning); NaNs have gradient 0.

    >>> float(nanmin(np.array([1.0, np.nan, 3.0])))
    1.0
    """
    no_out("nanmin", out)
    if initial is not None or where is not None:
        return min(a, axis, None, keepdims, initial, _number_mask(a, where))
    return _nanmin(a, axis=axis, keepdims=keepdims)


@primitive(None, name="nanargmax", spelling="np.nanargmax")
def _nanargmax(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.nanargmax(x, axis=axis, keepdims=keepdims)


@primitive(None, name="nanargmin", spelling="np.nanargmin")
def _nanargmin(x, *, axis=None, keepdims=False):  # type: ignore[no-untyped-def]
    return np.nanargmin(x, axis=axis, keepdims=keepdims)


def nanargmax(a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Any:
    """`argmax` of the elements that are not NaN; ValueError where there are none.

    >>> int(nanargmax(np.array([1.0, np.nan, 3.0])))
    2
    """
    no_out("nanargmax", out)
    return _nanargmax(a, axis=axis, keepdims=keepdims)


def nanargmin(a: Any, axis: int | None = None, out: None = None, *, keepdims: bool = False) -> Any:
    """`argmin` of the elements that are not NaN; ValueError where there are none.

    >>> int(nanargmin(np.array([1.0, np.nan, 3.0])))
    0
    """
    no_out("nanargmin", out)
    return _nanargmin(a, axis=axis, keepdims=keepdims)


# -------------------------------------------------------------------------------------------------- cumulative


def nancumsum(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Any:
    """`cumsum` with NaNs taken for 0; they have gradient 0.

    >>> nancumsum(np.array([1.0, np.nan, 3.0]))
    array([1., 1., 4.])
    """
    no_out("nancumsum", out)
    return cumsum(np.where(np.isnan(a), 0, tensor_or_array(a)), axis, dtype)


def nancumprod(a: Any, axis: int | None = None, dtype: Any = None, out: None = None) -> Any:
    """`cumprod` with NaNs taken for 1; they have gradient 0.

    >>> nancumprod(np.array([2.0, np.nan, 3.0]))
    array([2., 2., 6.])
    """
    no_out("nancumprod", out)
    return cumprod(np.where(np.isnan(a), 1, tensor_or_array(a)), axis, dtype)
