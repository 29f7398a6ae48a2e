"""Gamma, beta and zeta functions, complete and incomplete."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import scipy.special
from scipy.special import _ufuncs as special

from ....engine.declare import elementwise
from ..atom import any_tensor, atomic_kernel
from .declare import NoDerivative, declare, like

__all__ = [
    "beta", "betainc", "betaincc", "betainccinv", "betaincinv", "betaln", "binom", "digamma", "gamma", "gammainc",
    "gammaincc", "gammainccinv", "gammaincinv", "gammaln", "gammasgn", "loggamma", "multigammaln", "poch", "polygamma",
    "psi", "rgamma", "zeta",
]  # fmt: skip


def _rgamma(y: Any, x: Any) -> Any:
    """-y psi(x); left of 1/2 by reflection, as psi has poles where y is 0."""
    left = x < 0.5
    far = np.where(left, 1 - x, 1)
    slope = np.cos(math.pi * x) - np.sin(math.pi * x) * special.psi(far) / math.pi
    return np.where(left, special.gamma(far) * slope, -y * special.psi(np.where(left, 1, x)))


gamma = declare(special.gamma, lambda y, x: y * special.psi(x), symbol="Γ", conjugates=True)
gammaln = declare(special.gammaln, lambda y, x: special.psi(x))
loggamma = declare(special.loggamma, lambda y, x: special.psi(x), domain=(0, np.inf), holomorphic=True)
rgamma = declare(special.rgamma, _rgamma)
gammasgn = declare(special.gammasgn, 0)
psi = digamma = declare(special.psi, lambda y, x: special._zeta(2, x), symbol="ψ")
zeta = declare(special._zeta, "x", lambda z, x, q: -x * special._zeta(x + 1, q), symbol="ζ", name="zeta")
declare(special._riemann_zeta, NoDerivative("scipy.special.zeta", "x"), symbol="ζ", name="riemann_zeta")


def polygamma(n: Any, x: Any) -> Any:
    """The `n`-th derivative of digamma at `x`; in n it has none. SciPy's takes no Tensors.

    >>> round(float(polygamma(1, 1.0)), 4)  # π²/6
    1.6449
    """
    if not any_tensor(x):
        return scipy.special.polygamma(n, x)
    n = np.asarray(n)
    higher = (-1.0) ** (n + 1) * special.gamma(n + 1.0) * special._zeta(n + 1, x)
    return np.where(n == 0, special.psi(x), higher)


@elementwise(
    lambda y, a, *, d: sum([special.psi(a - j / 2) for j in range(d)]),
    name="scipy.special.multigammaln",
    domain=(0, np.inf),
)
@atomic_kernel
def _multigammaln(a, *, d):  # type: ignore[no-untyped-def]
    return scipy.special.multigammaln(a, d)


def multigammaln(a: Any, d: int) -> Any:
    """The logarithm of the gamma function of `d` dimensions at `a` > (d - 1) / 2. SciPy's takes no Tensors.

    Raises ValueError where d is no positive integer or a is too small.

    >>> float(multigammaln(2.0, 1))
    0.0
    """
    return _multigammaln(a, d=d) if any_tensor(a) else scipy.special.multigammaln(a, d)


def _beta(x: Any, y: Any) -> Any:
    """The derivative of log B(x, y) by x."""
    return special.psi(x) - special.psi(x + y)


beta = declare(
    special.beta, lambda z, x, y: z * _beta(x, y), lambda z, x, y: z * _beta(y, x), symbol="B", domain=(0, np.inf)
)
betaln = declare(special.betaln, lambda z, x, y: _beta(x, y), lambda z, x, y: _beta(y, x), domain=(0, np.inf))
poch = declare(
    special.poch,
    lambda y, x, m: y * (special.psi(x + m) - special.psi(x)),
    lambda y, x, m: y * special.psi(x + m),
    domain=(0, np.inf),
)


def _binom(y: Any, n: Any, k: Any) -> Any:
    """y psi(n - k + 1); where k > n by reflection, as psi has poles where y is 0."""
    above = k > n
    w = np.where(above, k - n, 1)
    reflected = y * special.psi(w) + special.beta(n + 1, w) * np.cos(math.pi * w)
    return np.where(above, reflected, y * special.psi(np.where(above, 1, n - k + 1)))


binom = declare(
    special.binom,
    lambda y, n, k: y * special.psi(n + 1) - _binom(y, n, k),
    lambda y, n, k: _binom(y, n, k) - y * special.psi(k + 1),
    domain=(0, np.inf),
)

# ------------------------------------------------------------------------------------------- incomplete ones


def gamma_density(a: Any, x: Any) -> Any:
    """x^(a-1) exp(-x) / Γ(a)."""
    return like(x, np.exp(special.xlogy(a - 1, x) - x - special.gammaln(a)))


def beta_density(a: Any, b: Any, x: Any) -> Any:
    """x^(a-1) (1-x)^(b-1) / B(a, b)."""
    return like(x, np.exp(special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)))


gammainc = declare(special.gammainc, "a", lambda y, a, x: gamma_density(a, x), domain=(0, np.inf))
gammaincc = declare(special.gammaincc, "a", lambda y, a, x: -gamma_density(a, x), domain=(0, np.inf))
gammaincinv = declare(special.gammaincinv, "a", lambda x, a, y: 1 / gamma_density(a, x), domain=(0, 1))
gammainccinv = declare(special.gammainccinv, "a", lambda x, a, y: -1 / gamma_density(a, x), domain=(0, 1))
betainc = declare(special.betainc, "a", "b", lambda y, a, b, x: beta_density(a, b, x), domain=(0, 1))
betaincc = declare(special.betaincc, "a", "b", lambda y, a, b, x: -beta_density(a, b, x), domain=(0, 1))
betainccinv = declare(special.betainccinv, "a", "b", lambda x, a, b, y: -1 / beta_density(a, b, x), domain=(0, 1))
betaincinv = declare(special.betaincinv, "a", "b", lambda x, a, b, y: 1 / beta_density(a, b, x), domain=(0, 1))
