"""Orthogonal polynomials: the derivatives in the argument are polynomials of the degree below (DLMF 18.9)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.special import _ufuncs as special

from .declare import declare

__all__ = [
    "eval_chebyt", "eval_chebyu", "eval_gegenbauer", "eval_genlaguerre", "eval_hermite", "eval_hermitenorm",
    "eval_jacobi", "eval_laguerre", "eval_legendre", "eval_sh_legendre",
]  # fmt: skip


def _slope(n: Any, slope: Callable[[Any], Any]) -> Any:
    """`slope` of the degree below `n`; 0 where `n` is 0, as SciPy has NaN for some polynomials of degree -1."""
    constant = np.equal(n, 0)
    return np.where(constant, 0, slope(np.where(constant, 0, n - 1)))


def _jacobi(n: Any, a: Any, b: Any, x: Any) -> Any:
    return _slope(n, lambda m: 0.5 * (n + a + b + 1) * special.eval_jacobi(m, a + 1, b + 1, x))


def _gegenbauer(n: Any, alpha: Any, x: Any) -> Any:
    return _slope(n, lambda m: 2 * alpha * special.eval_gegenbauer(m, alpha + 1, x))


def _laguerre(n: Any, alpha: Any, x: Any) -> Any:
    return _slope(n, lambda m: -special.eval_genlaguerre(m, alpha + 1, x))


eval_jacobi = declare(
    special.eval_jacobi, "n", "alpha", "beta", lambda y, n, alpha, beta, x: _jacobi(n, alpha, beta, x)
)
eval_legendre = declare(special.eval_legendre, "n", lambda y, n, x: _jacobi(n, 0, 0, x))
eval_sh_legendre = declare(special.eval_sh_legendre, "n", lambda y, n, x: 2 * _jacobi(n, 0, 0, 2 * x - 1))
eval_chebyt = declare(special.eval_chebyt, "n", lambda y, n, x: _slope(n, lambda m: n * special.eval_chebyu(m, x)))
eval_chebyu = declare(special.eval_chebyu, "n", lambda y, n, x: _gegenbauer(n, 1, x))
eval_gegenbauer = declare(special.eval_gegenbauer, "n", "alpha", lambda y, n, alpha, x: _gegenbauer(n, alpha, x))
eval_hermite = declare(
    special.eval_hermite, "n", lambda y, n, x: _slope(n, lambda m: 2 * n * special.eval_hermite(m, x))
)
eval_hermitenorm = declare(
    special.eval_hermitenorm, "n", lambda y, n, x: _slope(n, lambda m: n * special.eval_hermitenorm(m, x))
)
eval_laguerre = declare(special.eval_laguerre, "n", lambda y, n, x: _laguerre(n, 0, x))
eval_genlaguerre = declare(special.eval_genlaguerre, "n", "alpha", lambda y, n, alpha, x: _laguerre(n, alpha, x))
