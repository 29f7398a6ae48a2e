"""Distribution functions of statistics, and an inverse: their derivatives are the densities."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import _ufuncs as special

from .declare import declare, like
from .gammas import beta_density, gamma_density

__all__ = [
    "chdtr", "chdtrc", "chdtri", "fdtr", "fdtrc", "gdtr", "gdtrc", "pdtr", "pdtrc", "stdtr",
]  # fmt: skip

_POSITIVE = (0, np.inf)


def _student(df: Any, t: Any) -> Any:
    factor = np.exp(special.gammaln(0.5 * (df + 1)) - special.gammaln(0.5 * df)) / np.sqrt(df * math.pi)
    return like(t, factor * np.exp(-0.5 * (df + 1) * np.log1p(t * t / df)))


def _fisher(m: Any, n: Any, x: Any) -> Any:
    total = n + m * x
    return like(x, beta_density(0.5 * m, 0.5 * n, m * x / total) * m * n / np.square(total))


chdtr = declare(special.chdtr, "v", lambda y, v, x: 0.5 * gamma_density(0.5 * v, 0.5 * x), domain=_POSITIVE)
chdtrc = declare(special.chdtrc, "v", lambda y, v, x: -0.5 * gamma_density(0.5 * v, 0.5 * x), domain=_POSITIVE)
chdtri = declare(special.chdtri, "v", lambda x, v, p: -2 / gamma_density(0.5 * v, 0.5 * x), domain=(0, 1))
fdtr = declare(special.fdtr, "dfn", "dfd", lambda y, dfn, dfd, x: _fisher(dfn, dfd, x), domain=_POSITIVE)
fdtrc = declare(special.fdtrc, "dfn", "dfd", lambda y, dfn, dfd, x: -_fisher(dfn, dfd, x), domain=_POSITIVE)
gdtr = declare(
    special.gdtr,
    lambda y, a, b, x: x * gamma_density(b, a * x),
    "b",
    lambda y, a, b, x: a * gamma_density(b, a * x),
    domain=_POSITIVE,
)
gdtrc = declare(
    special.gdtrc,
    lambda y, a, b, x: -x * gamma_density(b, a * x),
    "b",
    lambda y, a, b, x: -a * gamma_density(b, a * x),
    domain=_POSITIVE,
)
pdtr = declare(special.pdtr, 0, lambda y, k, m: -gamma_density(np.floor(k) + 1, m), domain=_POSITIVE)
pdtrc = declare(special.pdtrc, 0, lambda y, k, m: gamma_density(np.floor(k) + 1, m), domain=_POSITIVE)
stdtr = declare(special.stdtr, "df", lambda y, df, t: _student(df, t))
