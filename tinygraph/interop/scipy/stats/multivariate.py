"""Distributions of vectors: the normal one with its mean and covariance, and Dirichlet's."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.stats
from scipy.special import _ufuncs as special

from ....engine.declare import primitive
from ....ops.linalg.packing import hermitian_of
from ....ops.products import swap
from ....tensors.tensor import Tensor
from ..atom import any_tensor, atomic_kernel
from .declare import Distribution, over

__all__ = ["dirichlet", "multivariate_normal"]

# ---------------------------------------------------------------------------------------------- the normal


def _inverse(cov: Any, allow_singular: bool) -> Any:
    return np.linalg.pinv(cov) if allow_singular else np.linalg.inv(cov)


def _normal_x(g: Any, y: Any, x: Any, mean: Any, cov: Any, *, allow_singular: bool) -> Any:
    return -g[..., None] * ((x - mean) @ _inverse(cov, allow_singular))


def _normal_mean(g: Any, y: Any, x: Any, mean: Any, cov: Any, *, allow_singular: bool) -> Any:
    rows = _normal_x(g, y, x, mean, cov, allow_singular=allow_singular)
    return -np.sum(np.reshape(rows, (-1, rows.shape[-1])), axis=0)


def _normal_cov(g: Any, y: Any, x: Any, mean: Any, cov: Any, *, allow_singular: bool) -> Any:
    """(S d d^T S - S) / 2, summed over the points."""
    inverse = _inverse(cov, allow_singular)
    u = np.reshape((x - mean) @ inverse, (-1, cov.shape[-1]))
    weights = np.reshape(g, (-1, 1))
    return (swap(u) @ (weights * u) - np.sum(g) * inverse) / 2


@primitive(_normal_x, _normal_mean, _normal_cov, name="scipy.stats.multivariate_normal.logpdf")
@atomic_kernel
def _logpdf(x, mean, cov, *, allow_singular):  # type: ignore[no-untyped-def]
    y = scipy.stats.multivariate_normal.logpdf(x, mean, cov, allow_singular)
    return np.reshape(y, x.shape[:-1])


@primitive(
    lambda g, y, cov, *, allow_singular: g / 2 * _inverse(cov, allow_singular),
    name="scipy.stats.multivariate_normal.entropy",
)
@atomic_kernel
def _entropy(cov, *, allow_singular):  # type: ignore[no-untyped-def]
    return scipy.stats.multivariate_normal(cov=cov, allow_singular=allow_singular).entropy()


def _parameters(mean: Any, cov: Any) -> tuple[Any, Any]:
    """The vector and the symmetric matrix that SciPy makes of a mean and a covariance, which may be numbers."""
    mean, cov = (x if isinstance(x, Tensor) else None if x is None else np.asarray(x) for x in (mean, cov))
    if cov is None:
        cov = np.asarray(1.0)
    n = mean.size if mean is not None else cov.shape[0] if cov.ndim else 1
    mean = np.zeros(n) if mean is None else np.reshape(mean, (n,))
    if cov.ndim < 2:
        cov = np.eye(n) * np.reshape(cov, (-1,))  # a number, or the diagonal
    return mean, hermitian_of(cov, upper=False)  # as SciPy, which reads the lower triangle


class MultivariateNormal(Distribution):
    """SciPy's `multivariate_normal`: logpdf, pdf and entropy, recorded when given a Tensor; the rest is SciPy's own."""

    def logpdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """The log density at the points `x`, in the last axis; of the covariance the lower triangle is read."""
        if not any_tensor(x, mean, cov):
            return self.scipys.logpdf(x, mean, cov, allow_singular)
        mean, cov = _parameters(mean, cov)
        x = x if isinstance(x, Tensor) else np.asarray(x)
        if x.ndim < 2 and mean.size == 1:
            x = np.reshape(x, (*x.shape, 1))
        return np.squeeze(_logpdf(x, mean, cov, allow_singular=allow_singular))

    def pdf(self, x: Any, mean: Any = None, cov: Any = 1, allow_singular: bool = False) -> Any:
        """The density at the points `x`."""
        if not any_tensor(x, mean, cov):
            return self.scipys.pdf(x, mean, cov, allow_singular)
        return np.exp(self.logpdf(x, mean, cov, allow_singular))

    def entropy(self, mean: Any = None, cov: Any = 1) -> Any:
        """The entropy, which does not depend on the mean."""
        if not any_tensor(mean, cov):
            return self.scipys.entropy(mean, cov)
        return _entropy(_parameters(mean, cov)[1], allow_singular=False)


multivariate_normal = MultivariateNormal("multivariate_normal")

# --------------------------------------------------------------------------------------------- Dirichlet's


def _column(alpha: Any, x: Any) -> Any:
    return np.reshape(alpha, (-1, *[1] * (x.ndim - 1)))


def _dirichlet_alpha(g: Any, y: Any, x: Any, alpha: Any) -> Any:
    total = np.sum(np.reshape(g * np.log(x), (alpha.size, -1)), axis=1)
    return total - np.sum(g) * (special.psi(alpha) - special.psi(np.sum(alpha)))


@primitive(
    lambda g, y, x, alpha: g * over(_column(alpha, x) - 1, x), _dirichlet_alpha, name="scipy.stats.dirichlet.logpdf"
)
@atomic_kernel
def _dirichlet(x, alpha):  # type: ignore[no-untyped-def]
    return np.reshape(scipy.stats.dirichlet.logpdf(x, alpha), x.shape[1:])


class Dirichlet(Distribution):
    """SciPy's `dirichlet`: logpdf and pdf, recorded when given a Tensor; the rest is SciPy's own."""

    def logpdf(self, x: Any, alpha: Any) -> Any:
        """The log density at `x`, whose first axis are the parts of 1; the last part may be left out."""
        if not any_tensor(x, alpha):
            return self.scipys.logpdf(x, alpha)
        x, alpha = (v if isinstance(v, Tensor) else np.asarray(v) for v in (x, alpha))
        if x.shape[0] + 1 == alpha.shape[0]:
            x = np.concatenate([x, 1 - np.sum(x, axis=0, keepdims=True)])
        return np.squeeze(_dirichlet(x, alpha))

    def pdf(self, x: Any, alpha: Any) -> Any:
        """The density at `x`."""
        return np.exp(self.logpdf(x, alpha)) if any_tensor(x, alpha) else self.scipys.pdf(x, alpha)


dirichlet = Dirichlet("dirichlet")
