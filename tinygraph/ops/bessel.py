"""The modified Bessel functions and sinc, with derivatives of every order that keep their digits, also near 0."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np

from ..engine.declare import elementwise

__all__ = ["i0", "i1", "sinc"]

Array = np.ndarray[Any, Any]
_TERMS, _SPLIT = 30, 8
"""So many Chebyshev polynomials on [0, 8], in x, and on [8, inf), in 1 / x, leave an error of 8e-16."""


@cache
def _fit(n: int, far: bool) -> Array:
    """Chebyshev coefficients of exp(-x) I_n(x) / x**n times a power of x that makes it nearly constant.

    From Poisson's integral, I_n(x) / x**n = mean over a of exp(x cos a) sin(a)**(2n) / (2n - 1)!! (DLMF 10.32.2),
    by equidistant points, which converge exponentially for a periodic function.
    """
    pi = np.arccos(np.longdouble(-1))
    order = np.arange(_TERMS).astype(np.longdouble)
    turn = pi * (order + 0.5) / _TERMS
    x = 2 * _SPLIT / (1 + np.cos(turn)) if far else _SPLIT / 2 * (1 + np.cos(turn))
    half = pi * np.arange(2048) / 2048  # of the angle a
    integrand = np.exp(-2 * np.multiply.outer(x, np.sin(half) ** 2)) * np.sin(2 * half) ** (2 * n)
    flat = np.mean(integrand, axis=-1) / math.prod(range(1, 2 * n, 2)) * _decay(x, n, far)
    c = 2 * np.cos(np.multiply.outer(order, turn)) @ flat / _TERMS
    c[0] /= 2
    return np.asarray(c.astype(np.float64))


def _decay(x: Any, n: int, far: bool) -> Any:
    """How exp(-x) I_n(x) / x**n falls off, inverted."""
    return np.power(x if far else 1 + x / 4, n + np.float64(0.5))


def _ratio_slope(y: Any, x: Any, *, n: int) -> Any:
    return x * _ratio(x, n=n + 1)


@elementwise(_ratio_slope, name="bessel_ratio")
def _ratio(x, *, n=1):  # type: ignore[no-untyped-def]
    """I_n(x) / x**n, of the modified Bessel function of order n: an even function, smooth and positive at 0."""
    size = np.abs(x)
    far = size > _SPLIT
    value = np.polynomial.chebyshev.chebval
    near, away = np.where(far, 0, size), np.where(far, size, _SPLIT)
    close = value(near * (2 / _SPLIT) - 1, _fit(n, False)) / _decay(near, n, False)
    beyond = value(2 * _SPLIT / away - 1, _fit(n, True)) / _decay(away, n, True)
    y = np.exp(size) * np.where(far, beyond, close)
    return y.astype(np.result_type(x, np.float16) if size.dtype.kind == "f" else np.float64)


def i1(x: Any) -> Any:
    """Modified Bessel function of the first kind of order 1, elementwise: the derivative of `i0`.

    >>> i1(np.array([0.0, 1.0])).round(6)
    array([0.      , 0.565159])
    """
    return x * _ratio(x)


@elementwise(lambda y, x: i1(x), spelling="np.i0")
def i0(x):  # type: ignore[no-untyped-def]
    """Modified Bessel function of the first kind of order 0, elementwise.

    >>> i0(np.array([0.0, 1.0])).round(6)
    array([1.      , 1.266066])
    """
    return np.i0(x)


def _spherical_slope(y: Any, x: Any, *, n: int) -> Any:
    return -x * _spherical(x, n=n + 1)


@elementwise(_spherical_slope, name="spherical_ratio", holomorphic=True)
def _spherical(x, *, n=1):  # type: ignore[no-untyped-def]
    """j_n(x) / x**n, of the spherical Bessel function of order n: an even function, smooth and positive at 0.

    Near 0 by its series, 1 / (2n + 1)!! times the sum over k of (-x**2 / 2)**k / (k! (2n + 3) ... (2n + 2k + 1));
    elsewhere by recurrence, upwards from sin(x) / x (DLMF 10.53.1, 10.51.1).
    """
    near = np.absolute(x) < n + 1
    half, away = np.square(np.where(near, x, 0)) / 2, np.where(near, n + 1, x)
    series = 1 + 0 * half
    for k in range(25, 0, -1):
        series = 1 - half / (k * (2 * n + 2 * k + 1)) * series
    before, y = np.cos(away), np.sin(away) / away
    for k in range(n):
        before, y = y, ((2 * k + 1) * y - before) / away / away
    return np.where(near, series / math.prod(range(1, 2 * n + 2, 2)), y)


@elementwise(lambda y, x: -(math.pi**2) * x * _spherical(math.pi * x), holomorphic=True, spelling="np.sinc")
def sinc(x):  # type: ignore[no-untyped-def]
    """sin(pi x) / (pi x), elementwise, and 1 at 0.

    >>> sinc(np.array([0.0, 0.5, 1.0])).round(6)
    array([1.     , 0.63662, 0.     ])
    """
    return np.sinc(x)
