"""Spreads: variance and standard deviation, also about a given mean and where a mask holds."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.declare import elementwise, primitive
from ..engine.settings import settings
from .complex_parts import conjugate_of
from .indexing import no_out
from .reduction import MASKED, count, count_true, unreduce
from .reduction import mean as _mean

__all__ = ["std", "var"]


def _deviations(x: Any, axis: Any) -> Any:
    """`x` less its mean along `axis`."""
    return x - np.mean(x, axis=axis, keepdims=True) if x.size else x


def _freedom(x: Any, axis: Any, ddof: float) -> float:
    """Degrees of freedom; NaN where none is left, as the value then is NaN or infinite."""
    n = count(x.shape, axis) - ddof
    return n if n > 0 else math.nan


def _var_rule(g: Any, y: Any, x: Any, *, axis: Any, dtype: Any, ddof: float, keepdims: bool) -> Any:
    return unreduce(g, axis, keepdims) * (2 / _freedom(x, axis, ddof)) * conjugate_of(_deviations(x, axis))


@primitive(_var_rule, name="var", conjugates=True, fresh=True, spelling="np.var")
def _var(x, *, axis=None, dtype=None, ddof=0, keepdims=False):  # type: ignore[no-untyped-def]
    return np.var(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)


def _var_about_rule(g: Any, x: Any, mean: Any, where: Any, axis: Any, ddof: float, keepdims: bool) -> Any:
    free = count_true(np.broadcast_to(where, x.shape), axis, g.dtype) - ddof
    slope = unreduce(g, axis, keepdims) * (2 / np.where(free > 0, free, math.nan))
    return np.where(where, slope * conjugate_of(x - mean), 0)


@primitive(
    lambda g, y, x, mean, where, *, axis, dtype, ddof, keepdims: _var_about_rule(
        g, x, mean, where, axis, ddof, keepdims
    ),
    lambda g, y, x, mean, where, *, axis, dtype, ddof, keepdims: (
        -_var_about_rule(g, x, mean, where, axis, ddof, keepdims)
    ),
    None,
    name="var_about",
    conjugates=True,
    reasons=MASKED,
    fresh=True,
)
def _var_about(x, mean, where, *, axis=None, dtype=None, ddof=0, keepdims=False):  # type: ignore[no-untyped-def]
    """Sum of squared distances from `mean`, over n - `ddof`, of the n elements for which `where` holds."""
    return np.var(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims, mean=mean, where=where)


def _ddof(function: str, ddof: float, correction: float | None) -> float:
    """The degrees of freedom that are lost, by either of the two names they have."""
    if correction is None:
        return ddof
    if ddof:
        raise ValueError(f"{function}: ddof={ddof} and correction={correction} are two names of one thing; give one")
    return correction


@settings
def var(
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
    """Variance along `axis`: sum of squared deviations / (n - `ddof`), of the elements where `where` holds.

    `mean` is theirs, with the reduced axes kept, where it is known already: it is differentiated by itself.
    `correction` is another name of `ddof`. Without degrees of freedom, NumPy's NaN (or infinity) and its warning.

    >>> float(var(np.array([1.0, 2.0, 3.0])))
    0.6666666666666666
    """
    no_out("var", out)
    ddof = _ddof("var", ddof, correction)
    if where is None and mean is None:
        return _var(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)
    where = True if where is None else where
    if mean is None:
        mean = _mean(a, axis, dtype, keepdims=True, where=where)
    return _var_about(a, mean, where, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)


def _std_rule(g: Any, y: Any, x: Any, *, axis: Any, dtype: Any, ddof: float, keepdims: bool) -> Any:
    y = unreduce(y, axis, keepdims)
    still = np.equal(y, 0)  # the derivative of a constant's spread is taken as 0
    scale = np.where(still, 0, 1 / (_freedom(x, axis, ddof) * np.where(still, 1, y)))
    return unreduce(g, axis, keepdims) * scale * conjugate_of(_deviations(x, axis))


def _constant(y: Any, x: Any, *, axis: Any, dtype: Any, ddof: float, keepdims: bool) -> Any:
    return np.equal(x, x) & np.equal(unreduce(y, axis, keepdims), 0)


@primitive(_std_rule, ties=_constant, name="std", conjugates=True, fresh=True, spelling="np.std")
def _std(x, *, axis=None, dtype=None, ddof=0, keepdims=False):  # type: ignore[no-untyped-def]
    return np.std(x, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)


def _root_slope(y: Any, x: Any) -> Any:
    still = np.equal(y, 0)
    return np.where(still, 0, 0.5 / np.where(still, 1, y))


@elementwise(
    _root_slope,
    ties=lambda y, x: np.equal(x, 0),
    domain=(0, np.inf),
    symbol="√",
    name="std_of",
    spelling="np.sqrt",
)
def _root(x):  # type: ignore[no-untyped-def]
    """The square root of `x`, with derivative 0 at 0."""
    return np.sqrt(x)


def std_of(variance: Any) -> Any:
    """The standard deviation: the square root of the `variance`, with derivative 0 at 0."""
    return _root(variance)


@settings
def std(
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
    """Standard deviation along `axis`: the square root of `var`, whose arguments it takes; derivative 0 at a constant.

    >>> float(std(np.array([1.0, 3.0])))
    1.0
    """
    no_out("std", out)
    ddof = _ddof("std", ddof, correction)
    if where is None and mean is None:
        return _std(a, axis=axis, dtype=dtype, ddof=ddof, keepdims=keepdims)
    return std_of(var(a, axis, dtype, ddof=ddof, keepdims=keepdims, where=where, mean=mean))
