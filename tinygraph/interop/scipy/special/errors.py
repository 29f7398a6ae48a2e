"""Error functions and the normal distribution."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import _ufuncs as special

from .declare import declare

__all__ = [
    "dawsn", "erf", "erfc", "erfcinv", "erfcx", "erfi", "erfinv", "log_ndtr", "ndtr", "ndtri", "ndtri_exp", "owens_t",
    "wofz",
]  # fmt: skip

_ROOT_PI = math.sqrt(math.pi)
_ROOT_2PI = math.sqrt(2 * math.pi)
_FAR = 50
"""From here on the asymptotic series are exact to 1e-14, while differences would cancel."""


def _tail(s: Any) -> Any:
    """s + 3 s² + 15 s³ + 105 s⁴ + ... (DLMF 7.12.1)."""
    return s * (1 + s * (3 + s * (15 + s * (105 + s * 945))))


def _dawsn(y: Any, x: Any) -> Any:
    """1 - 2 x y."""
    far = np.abs(x) > _FAR
    return np.where(far, -_tail(0.5 / np.square(np.where(far, x, 1))), 1 - 2 * x * y)


def _erfcx(y: Any, x: Any) -> Any:
    """2 x y - 2/sqrt(pi)."""
    far = x > _FAR
    return np.where(far, 2 / _ROOT_PI * _tail(-0.5 / np.square(np.where(far, x, 1))), 2 * x * y - 2 / _ROOT_PI)


def _wofz(y: Any, z: Any) -> Any:
    """2i/sqrt(pi) - 2 z y (DLMF 7.10.2), which cancels far out, but for the lower half of the plane."""
    far = (np.abs(z) > _FAR) & (np.imag(z) >= 0)
    near = 2j / _ROOT_PI - 2 * z * y
    return np.where(far, -2j / _ROOT_PI * _tail(0.5 / np.square(np.where(far, z, 1))), near)


erf = declare(special.erf, lambda y, x: 2 / _ROOT_PI * np.exp(-x * x), onnx="Erf", holomorphic=True, saturates=(-1, 1))
erfc = declare(special.erfc, lambda y, x: -2 / _ROOT_PI * np.exp(-x * x), holomorphic=True, saturates=(0, 2))
wofz = declare(special.wofz, _wofz, symbol="w", holomorphic=True)
erfi = declare(special.erfi, lambda y, x: 2 / _ROOT_PI * np.exp(x * x), holomorphic=True)
erfcx = declare(special.erfcx, _erfcx)
dawsn = declare(special.dawsn, _dawsn)
erfinv = declare(special.erfinv, lambda y, x: 0.5 * _ROOT_PI * np.exp(y * y), domain=(-1, 1))
erfcinv = declare(special.erfcinv, lambda y, x: -0.5 * _ROOT_PI * np.exp(y * y), domain=(0, 2))


def _hazard(y: Any, x: Any) -> Any:
    """The density over the distribution, given its logarithm y at x; neither of them underflows."""
    low = x < 0
    below = math.sqrt(2 / math.pi) / special.erfcx(np.where(low, x, 0) * -math.sqrt(0.5))
    return np.where(low, below, np.exp(-0.5 * np.square(np.where(low, 0, x)) - np.where(low, 0, y)) / _ROOT_2PI)


ndtr = declare(
    special.ndtr, lambda y, x: np.exp(-0.5 * x * x) / _ROOT_2PI, symbol="Φ", holomorphic=True, saturates=(0, 1)
)
log_ndtr = declare(special.log_ndtr, _hazard, saturates=(-np.inf, 0))
ndtri = declare(special.ndtri, lambda y, x: _ROOT_2PI * np.exp(0.5 * y * y), domain=(0, 1))
ndtri_exp = declare(special.ndtri_exp, lambda y, x: 1 / _hazard(x, y), domain=(-np.inf, 0))
owens_t = declare(
    special.owens_t,
    lambda z, h, a: -0.5 / _ROOT_2PI * np.exp(-0.5 * h * h) * special.erf(a * h * math.sqrt(0.5)),
    lambda z, h, a: np.exp(-0.5 * h * h * (1 + a * a)) / (2 * math.pi * (1 + a * a)),
)
