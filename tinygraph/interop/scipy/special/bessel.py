"""Bessel functions: the derivatives in the argument are those of the orders above and below (DLMF 10.6, 10.29)."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import _ufuncs as special

from .declare import declare, like

__all__ = [
    "i0", "i0e", "i1", "i1e", "iv", "ive", "j0", "j1", "jn", "jv", "k0", "k0e", "k1", "k1e", "kn", "kv", "kve",
    "modstruve", "struve", "y0", "y1", "yn", "yv",
]  # fmt: skip

_POSITIVE = (0, np.inf)

j0 = declare(special.j0, lambda y, x: -special.j1(x))
j1 = declare(special.j1, lambda y, x: 0.5 * (special.j0(x) - special.jv(2, x)))
jv = jn = declare(special.jv, "v", lambda y, v, x: 0.5 * (special.jv(v - 1, x) - special.jv(v + 1, x)), conjugates=True)
y0 = declare(special.y0, lambda y, x: -special.y1(x), domain=_POSITIVE)
y1 = declare(special.y1, lambda y, x: special.y0(x) - y / x, domain=_POSITIVE)
yn = declare(special.yn, "n", lambda y, n, x: 0.5 * (special.yv(n - 1, x) - special.yv(n + 1, x)), domain=_POSITIVE)
yv = declare(
    special.yv, "v", lambda y, v, x: 0.5 * (special.yv(v - 1, x) - special.yv(v + 1, x)), domain=_POSITIVE,
    conjugates=True,
)  # fmt: skip

# ------------------------------------------------------------------------------------------------- modified
i0 = declare(special.i0, lambda y, x: special.i1(x))
i1 = declare(special.i1, lambda y, x: 0.5 * (special.i0(x) + special.iv(2, x)))
iv = declare(special.iv, "v", lambda y, v, x: 0.5 * (special.iv(v - 1, x) + special.iv(v + 1, x)), holomorphic=True)
k0 = declare(special.k0, lambda y, x: -special.k1(x), domain=_POSITIVE)
k1 = declare(special.k1, lambda y, x: -special.k0(x) - y / x, domain=_POSITIVE)
kn = declare(special.kn, "n", lambda y, n, x: -0.5 * (special.kv(n - 1, x) + special.kv(n + 1, x)), domain=_POSITIVE)
kv = declare(
    special.kv, "v", lambda y, v, x: -0.5 * (special.kv(v - 1, x) + special.kv(v + 1, x)), domain=_POSITIVE,
    holomorphic=True,
)  # fmt: skip

# --------------------------------------------------------------------- modified, times exp(-|x|) or exp(x)
i0e = declare(special.i0e, lambda y, x: special.i1e(x) - np.sign(x) * y, kinks=(0.0,))
i1e = declare(special.i1e, lambda y, x: 0.5 * (special.i0e(x) + special.ive(2, x)) - np.sign(x) * y)
ive = declare(special.ive, "v", lambda y, v, x: 0.5 * (special.ive(v - 1, x) + special.ive(v + 1, x)) - np.sign(x) * y)
k0e = declare(special.k0e, lambda y, x: y - special.k1e(x), domain=_POSITIVE)
k1e = declare(special.k1e, lambda y, x: y - special.k0e(x) - y / x, domain=_POSITIVE)
kve = declare(
    special.kve, "v", lambda y, v, x: y - 0.5 * (special.kve(v - 1, x) + special.kve(v + 1, x)), domain=_POSITIVE
)

# --------------------------------------------------------------------------------- Struve's (DLMF 11.4.27)


def _source(v: Any, x: Any) -> Any:
    """(x/2)^v / (sqrt(pi) Γ(v + 3/2))."""
    return like(x, (0.5 * x) ** v * special.rgamma(v + 1.5) / math.sqrt(math.pi))


struve = declare(
    special.struve, "v", lambda y, v, x: 0.5 * (special.struve(v - 1, x) - special.struve(v + 1, x) + _source(v, x))
)
modstruve = declare(
    special.modstruve,
    "v",
    lambda y, v, x: 0.5 * (special.modstruve(v - 1, x) + special.modstruve(v + 1, x) + _source(v, x)),
)
