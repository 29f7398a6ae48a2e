"""Determinants, with derivatives that are right for singular matrices, too."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.declare import primitive
from ..complex_parts import conjugate_of as conj
from ..products import swap
from ..reduction import products_of_others
from .packing import is_tensor

__all__ = ["det", "slogdet"]

SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))


def _svd(x: Any) -> tuple[Any, Any, Any, Any]:
    """Conjugate of U, s, V and q of x = U diag(s) Vᴴ with det x = q product(s)."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return conj(u), s, conj(swap(vh)), (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]


def _cofactor_rule(g: Any, y: Any, x: Any) -> Any:
    """With x = U S Vᵀ, P_ij = product of all s but s_i and s_j, G = q Uᵀ g V: U (diag(P diag G) − P∘Gᵀ) Vᵀ.

    That is the second compound of `x` in the basis of its singular vectors; it divides by nothing.
    """
    u, s, v, q = _svd(x)
    eye = np.eye(x.shape[-1], dtype=s.dtype)
    pairs = products_of_others(np.where(eye != 0, 1, s[..., None, :])) * (1 - eye)
    inner = q * (swap(u) @ g @ v)
    inner = eye * (pairs @ np.sum(eye * inner, axis=-1)[..., None]) - pairs * swap(inner)
    return u @ inner @ swap(v)


@primitive(_cofactor_rule, conjugates=True)
def cofactor(x):  # type: ignore[no-untyped-def]
    """The matrices of cofactors, det(x) x⁻ᵀ; from singular vectors where a matrix may be singular."""
    d = np.linalg.det(x)
    if np.all(d):
        inverse = np.linalg.inv(x)
        condition = np.linalg.matrix_norm(x) * np.linalg.matrix_norm(inverse)
        if np.all(condition < 1 / np.sqrt(np.finfo(x.dtype).eps)):
            return d[..., None, None] * swap(inverse)
    u, s, v, q = _svd(x)
    return q * (u * products_of_others(s)[..., None, :]) @ swap(v)


@primitive(lambda g, y, x: g[..., None, None] * cofactor(x), holomorphic=True)
def det(x):  # type: ignore[no-untyped-def]
    """Determinants of the matrices of a batch; the derivative, the matrix of cofactors, exists everywhere.

    d det x = tr(adj(x) dx): Giles 2008, "Collected matrix derivative results", section 2.2.3.

    >>> float(det(np.array([[2.0, 0.0], [0.0, 3.0]])))
    6.0
    """
    return np.linalg.det(x)


@primitive(lambda g, y, x: g[..., 1, None, None] * swap(np.linalg.inv(x)), name="slogdet", conjugates=True)
def _slogdet(x):  # type: ignore[no-untyped-def]
    sign, size = np.linalg.slogdet(x)
    return np.stack([sign, size + 1j * np.angle(sign) if x.dtype.kind == "c" else size], axis=-1)


def slogdet(x: Any) -> Any:
    """Sign (for complex matrices the direction) and logarithm of the absolute value of determinants.

    Returns `(sign, logabsdet)`, named so. The derivative of log|det x| is x⁻ᵀ: Giles 2008, section 2.2.3; the reverse
    sweep raises LinAlgError where a matrix is singular.

    >>> sign, logabsdet = slogdet(np.array([[0.0, 2.0], [2.0, 0.0]]))
    >>> float(sign), round(float(logabsdet), 6)
    (-1.0, 1.386294)
    """
    if not is_tensor(x):
        return np.linalg.slogdet(x)
    y = _slogdet(x)
    sign, log = y[..., 0], y[..., 1]
    if log.dtype.kind == "c":
        sign, log = np.where(np.equal(sign, 0), 0, np.exp(1j * np.imag(log))), np.real(log)
    return SlogdetResult(sign, log)
