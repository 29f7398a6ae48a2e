"""Continuous distributions: of each the slopes of the standard log density, as functions of z and the shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.special import _ufuncs as special

from .declare import Continuous, over, powers, times

__all__ = [
    "beta", "cauchy", "chi2", "expon", "gamma", "gumbel_r", "halfnorm", "laplace", "logistic", "lognorm", "norm",
    "pareto", "t", "uniform",
]  # fmt: skip

_POSITIVE = (0, np.inf)


def _bounded(z: Any) -> Any:
    """z / sqrt(1 + z²), where z² may overflow."""
    return z / np.hypot(1, z)


norm = Continuous("norm", lambda z: -z)
halfnorm = Continuous("halfnorm", lambda z: -z, support=_POSITIVE)
laplace = Continuous("laplace", lambda z: -np.sign(z))
logistic = Continuous("logistic", lambda z: -np.tanh(z / 2))
cauchy = Continuous("cauchy", lambda z: -2 * _bounded(z) / np.hypot(1, z))
gumbel_r = Continuous("gumbel_r", lambda z: np.expm1(-z))
uniform = Continuous("uniform", lambda z: 0 * z, support=(0, 1))
expon = Continuous("expon", lambda z: 0 * z - 1, support=_POSITIVE)
lognorm = Continuous(
    "lognorm",
    lambda z, s: -(1 + np.log(z) / np.square(s)) / z,
    s=lambda z, s: (np.square(np.log(z) / s) - 1) / s,
    flow={"s": lambda z, s: -special.xlogy(z, z) / s},
    support=_POSITIVE,
)
pareto = Continuous(
    "pareto",
    lambda z, b: -(b + 1) / z,
    b=lambda z, b: 1 / b - np.log(z),
    flow={"b": lambda z, b: special.xlogy(z, z) / b},
    support=(1, np.inf),
)


def _student(z: Any, df: Any) -> Any:
    """The derivative of the log density in df."""
    u = z / np.sqrt(df)
    far = np.abs(u) > 1e100
    logarithm = np.where(far, 2 * np.log(np.hypot(1, u)), np.log1p(np.square(np.where(far, 0, u))))
    heads = special.psi((df + 1) / 2) - special.psi(df / 2) - 1 / df
    return (heads - logarithm + (1 + 1 / df) * np.square(_bounded(u))) / 2


def _student_slope(z: Any, df: Any) -> Any:
    h = np.hypot(1, z / np.sqrt(df))
    return -(1 + 1 / df) * (z / h) / h


t = Continuous("t", _student_slope, df=_student)


def _gamma_density(z: Any, a: Any) -> Any:
    c = -z - special.gammaln(a)
    return times(a - 1, powers(z, 1.0, a - 2, 0.0, c)) - powers(z, 1.0, a - 1, 0.0, c)


gamma = Continuous(
    "gamma",
    lambda z, a: over(a - 1, z) - 1,
    a=lambda z, a: np.log(z) - special.psi(a),
    density=_gamma_density,
    support=_POSITIVE,
)
chi2 = Continuous(
    "chi2",
    lambda z, df: over(df / 2 - 1, z) - 0.5,
    df=lambda z, df: (np.log(z / 2) - special.psi(df / 2)) / 2,
    density=lambda z, df: _gamma_density(z / 2, df / 2) / 4,
    support=_POSITIVE,
)


def _beta_density(z: Any, a: Any, b: Any) -> Any:
    c = -special.betaln(a, b)
    left = times(a - 1, powers(z, 1 - z, a - 2, b - 1, c))
    return left - times(b - 1, powers(z, 1 - z, a - 1, b - 2, c))


beta = Continuous(
    "beta",
    lambda z, a, b: over(a - 1, z) - over(b - 1, 1 - z),
    a=lambda z, a, b: np.log(z) - special.psi(a) + special.psi(a + b),
    b=lambda z, a, b: np.log1p(-z) - special.psi(b) + special.psi(a + b),
    density=_beta_density,
    support=(0, 1),
)
