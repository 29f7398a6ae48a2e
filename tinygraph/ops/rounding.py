"""Rounding, and numbers taken apart: whole part and fraction, quotient and remainder, mantissa and exponent."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import elementwise, linear
from .indexing import tensor_or_array
from .shape import astype

__all__ = [
    "around", "divmod", "exponent", "fix", "frexp", "ldexp", "modf", "nan_to_num", "nextafter", "round", "spacing",
]  # fmt: skip

ldexp = linear(lambda g, z, x, y: np.ldexp(g, y), None, holomorphic=False, rowwise=True)(np.ldexp)
nextafter = elementwise(1, 0)(np.nextafter)
spacing = elementwise(0)(np.spacing)


@elementwise(0, name="round", spelling="np.round")
def _round(x, *, decimals=0):  # type: ignore[no-untyped-def]
    return np.round(x, decimals)


def round(a: Any, decimals: int = 0) -> Any:
    """`a` rounded to `decimals` places, halves to the even digit; its derivative is 0.

    >>> round(np.array([0.5, 1.25, -1.75]), 1)
    array([ 0.5,  1.2, -1.8])
    """
    return _round(a, decimals=decimals)


around = round


def fix(x: Any) -> Any:
    """`x` rounded towards 0; its derivative is 0.

    >>> fix(np.array([2.7, -2.7]))
    array([ 2., -2.])
    """
    return np.trunc(x)


def modf(x: Any) -> tuple[Any, Any]:
    """Fraction and whole part of `x`, both with its sign; the fraction of inf is 0. The whole part is constant.

    >>> modf(np.array([2.75, -0.5]))
    (array([ 0.75, -0.5 ]), array([ 2., -0.]))
    """
    x = tensor_or_array(x)
    x = astype(x, dtype=np.modf.resolve_dtypes((x.dtype, None, None))[1])  # whole numbers become floating point
    return np.fmod(np.where(np.isinf(x), 0, x), 1), np.trunc(x)


def divmod(x: Any, y: Any) -> tuple[Any, Any]:
    """Quotient and remainder, `floor_divide(x, y)` and `remainder(x, y)`; the quotient is constant.

    >>> divmod(np.array([5.5]), 2.0)
    (array([2.]), array([1.5]))
    """
    return np.floor_divide(x, y), np.remainder(x, y)


@elementwise(None)
def exponent(x):  # type: ignore[no-untyped-def]
    """The whole number e with 0.5 <= |x| / 2**e < 1, elementwise, and 0 for 0.

    >>> exponent(np.array([1.0, 8.0, 0.0]))
    array([1, 4, 0], dtype=int32)
    """
    return np.frexp(x)[1]


def frexp(x: Any) -> tuple[Any, Any]:
    """Mantissa m and exponent e with `x` = m * 2**e and 0.5 <= |m| < 1. The exponent is constant.

    >>> frexp(np.array([3.0]))
    (array([0.75]), array([2], dtype=int32))
    """
    e = exponent(x)
    return np.ldexp(x, -e), e


def nan_to_num(x: Any, copy: bool = True, nan: Any = 0.0, posinf: Any = None, neginf: Any = None) -> Any:
    """`x` with NaN, inf and -inf replaced, by `nan` and the largest and smallest finite numbers; derivative 0 there.

    Without `copy`, `x` itself gets the result, as in `x[...] = y`.

    >>> nan_to_num(np.array([1.0, np.nan, np.inf]), posinf=9.0)
    array([1., 0., 9.])
    """
    x = tensor_or_array(x)
    y = x
    if x.dtype.kind == "c":
        y = sum(unit * nan_to_num(part, True, nan, posinf, neginf) for unit, part in ((1, x.real), (1j, x.imag)))
    elif x.dtype.kind == "f":
        limits = np.finfo(x.dtype)
        y = np.where(np.isnan(x), nan, x)
        y = np.where(np.isposinf(x), limits.max if posinf is None else posinf, y)
        y = np.where(np.isneginf(x), limits.min if neginf is None else neginf, y)
    if copy:
        return np.copy(y) if y is x else y
    x[...] = y
    return x
