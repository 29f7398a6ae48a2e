"""Powers, exponentials, circular functions of degrees and the Box-Cox transformation."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import _ufuncs as special

from ....ops.elementwise import LOGARITHM_OF_1_AND, OVERFLOW
from .declare import declare

__all__ = [
    "boxcox", "boxcox1p", "cbrt", "cosdg", "cosm1", "cotdg", "exp10", "exp2", "expm1", "exprel", "inv_boxcox",
    "inv_boxcox1p", "log1p", "powm1", "round", "sindg", "tandg",
]  # fmt: skip

_DEGREE = math.pi / 180

exp2 = declare(special.exp2, lambda y, x: y * math.log(2), saturates=(0, np.inf), reasons=OVERFLOW)
exp10 = declare(special.exp10, lambda y, x: y * math.log(10), saturates=(0, np.inf), reasons=OVERFLOW)
expm1 = declare(special.expm1, lambda y, x: np.exp(x), holomorphic=True, saturates=(-1, np.inf), reasons=OVERFLOW)
log1p = declare(
    special.log1p, lambda y, x: 1 / (1 + x), domain=(-1, np.inf), holomorphic=True, reasons=LOGARITHM_OF_1_AND
)
cbrt = declare(special.cbrt, lambda y, x: 1 / (3 * y * y), symbol="∛")
cosm1 = declare(special.cosm1, lambda y, x: -np.sin(x))
sindg = declare(special.sindg, lambda y, x: _DEGREE * special.cosdg(x))
cosdg = declare(special.cosdg, lambda y, x: -_DEGREE * special.sindg(x))
tandg = declare(special.tandg, lambda y, x: _DEGREE * (1 + y * y), domain=(-90, 90))
cotdg = declare(special.cotdg, lambda y, x: -_DEGREE * (1 + y * y), domain=(0, 180))
round = declare(special.round, 0)
powm1 = declare(
    special.powm1, lambda z, x, y: y * np.power(x, y - 1), lambda z, x, y: (z + 1) * np.log(x), domain=(0, np.inf)
)


def _exprel(y: Any, x: Any) -> Any:
    """(exp(x) - y) / x, where exp(x) = 1 + x y; near 0 by its series, the sum of x^k / (k! (k + 2))."""
    near = np.abs(x) < 0.1
    small, far = np.where(near, x, 0), np.where(near, 1, x)
    series: Any = 0.0
    for k in range(9, -1, -1):
        series = series * small + 1 / (math.factorial(k) * (k + 2))
    below = (np.exp(np.minimum(x, 0)) - y) / far
    return np.where(near, series, np.where(x < 0, below, y * (1 - 1 / far) + 1 / far))


exprel = declare(special.exprel, _exprel)

# ------------------------------------------------------------------------------------------------- Box-Cox


def _lambda_slope(log: Any, lmbda: Any) -> Any:
    """The derivative of (exp(lmbda log) - 1) / lmbda by lmbda, also at 0."""
    power = lmbda * log
    return np.square(log) * _exprel(special.exprel(power), power)


boxcox = declare(
    special.boxcox,
    lambda y, x, lmbda: np.power(x, lmbda - 1),
    lambda y, x, lmbda: _lambda_slope(np.log(x), lmbda),
    domain=(0, np.inf),
)
boxcox1p = declare(
    special.boxcox1p,
    lambda y, x, lmbda: np.power(1 + x, lmbda - 1),
    lambda y, x, lmbda: _lambda_slope(np.log1p(x), lmbda),
    domain=(0, np.inf),
)
inv_boxcox = declare(
    special.inv_boxcox,
    lambda x, y, lmbda: np.power(x, 1 - lmbda),
    lambda x, y, lmbda: -np.power(x, 1 - lmbda) * _lambda_slope(np.log(x), lmbda),
    domain=(0, np.inf),
)
inv_boxcox1p = declare(
    special.inv_boxcox1p,
    lambda x, y, lmbda: np.power(1 + x, 1 - lmbda),
    lambda x, y, lmbda: -np.power(1 + x, 1 - lmbda) * _lambda_slope(np.log1p(x), lmbda),
    domain=(0, np.inf),
)
