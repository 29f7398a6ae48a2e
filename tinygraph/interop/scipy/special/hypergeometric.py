"""Hypergeometric functions, elliptic and exponential integrals, Lambert's function: derivatives in the argument."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special
from scipy.special import _ufuncs as special

from .declare import declare, like

__all__ = [
    "ellipe", "ellipeinc", "ellipk", "ellipkinc", "ellipkm1", "exp1", "expi", "expn", "hyp0f1", "hyp1f1", "hyp2f1",
    "hyperu", "lambertw", "spence", "wrightomega",
]  # fmt: skip

hyp0f1 = declare(special.hyp0f1, "v", lambda y, v, z: special.hyp0f1(v + 1, z) / v, conjugates=True)
# For some complex z SciPy's hyp1f1 (before 1.15) and hyp2f1 (such as hyp2f1(1, 1, 2, 0.35 + 0.9j)) are wrong.
hyp1f1 = declare(special.hyp1f1, "a", "b", lambda y, a, b, x: a / b * special.hyp1f1(a + 1, b + 1, x))
hyp2f1 = declare(
    special.hyp2f1,
    "a",
    "b",
    "c",
    lambda y, a, b, c, z: a * b / c * special.hyp2f1(a + 1, b + 1, c + 1, z),
    domain=(-np.inf, 1),
)
hyperu = declare(special.hyperu, "a", "b", lambda y, a, b, x: -a * special.hyperu(a + 1, b + 1, x), domain=(0, np.inf))


def _ellipk(y: Any, m: Any, p: Any) -> Any:
    """(E - p y) / (2 m p) for p = 1 - m, which is 0 / 0 at m = 0."""
    near = np.abs(m) < 0.5
    far = np.where(near, 0.5, m)
    series = math.pi / 8 * special.hyp2f1(1.5, 1.5, 2, np.where(near, m, 0))
    return like(m, np.where(near, series, (special.ellipe(far) - p * y) / (2 * far * p)))


ellipk = declare(special.ellipk, lambda y, m: _ellipk(y, m, 1 - m), symbol="K", domain=(-np.inf, 1))
ellipkm1 = declare(special.ellipkm1, lambda y, p: -_ellipk(y, 1 - p, p), domain=(0, np.inf))
ellipe = declare(
    special.ellipe, lambda y, m: like(m, -math.pi / 8 * special.hyp2f1(0.5, 1.5, 2, m)), symbol="E", domain=(-np.inf, 1)
)
ellipkinc = declare(special.ellipkinc, lambda y, phi, m: 1 / np.sqrt(1 - m * np.square(np.sin(phi))), "m")
ellipeinc = declare(special.ellipeinc, lambda y, phi, m: np.sqrt(1 - m * np.square(np.sin(phi))), "m")

expi = declare(special.expi, lambda y, x: np.exp(x) / x, conjugates=True)
exp1 = declare(special.exp1, lambda y, x: -np.exp(-x) / x, domain=(0, np.inf), holomorphic=True)


def _spence(y: Any, z: Any) -> Any:
    """log(z) / (1 - z), which is 0 / 0 at 1."""
    near = np.abs(z - 1) < 0.5
    far = np.where(near, 2, z)
    return like(z, np.where(near, -special.hyp2f1(1, 1, 2, np.where(near, 1 - z, 0)), np.log(far) / (1 - far)))


spence = declare(special.spence, _spence, domain=(0, np.inf))


def _expn(y: Any, n: Any, x: Any) -> Any:
    """-expn(n - 1, x); there is none below order 0, which is exp(-x) / x."""
    lowest = np.equal(n, 0)
    return -np.where(lowest, y * (1 + 1 / np.where(lowest, x, 1)), special.expn(np.where(lowest, 0, n - 1), x))


expn = declare(special.expn, "n", _expn, domain=(0, np.inf))
wrightomega = declare(
    special.wrightomega, lambda y, z: y / (1 + y), symbol="ω", holomorphic=True, saturates=(0, np.inf)
)
declare(
    special._lambertw, lambda y, z, k, tol: 1 / (z + np.exp(y)), None, None, symbol="W", name="lambertw",
    holomorphic=True,
)  # fmt: skip


def lambertw(z: Any, k: Any = 0, tol: float = 1e-8) -> Any:
    """SciPy's `lambertw`, recorded: the complex w with w exp(w) = z, on branch `k`. `tg.real` of it for real numbers.

    >>> complex(lambertw(0.0))
    0j
    """
    return scipy.special.lambertw(z, k, tol)
