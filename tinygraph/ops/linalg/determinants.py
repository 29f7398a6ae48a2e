"""Determinants, with derivatives that are right for singular matrices, too."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations
from typing import Any

import numpy as np

from ...engine.declare import primitive
from ..products import swap
from ..reduction import products_of_others
from .packing import is_tensor

__all__ = ["det", "slogdet"]

SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))


def _cofactor_rule(g: Any, y: Any, x: Any, *directions: Any, wrt: int) -> Any:
    """The determinant is linear along each direction, `g` is one more, and their order is of no importance."""
    others = directions if wrt == 0 else directions[: wrt - 1] + directions[wrt:]
    return cofactor(x, *others, g)


@primitive(_cofactor_rule, conjugates=True)
def cofactor(*matrices):  # type: ignore[no-untyped-def]
    """The matrices of cofactors of x, det(x) x⁻ᵀ; with more matrices, how they move along these: Dᵏ det(x)[b, c, …, ·].

    The determinant is a polynomial, and so are all its derivatives: they are exact where `x` is singular, too.

    >>> cofactor(np.array([[1.0, 2.0], [3.0, 4.0]])).round(12)
    array([[ 4., -3.],
           [-2.,  1.]])
    """
    x, *directions = matrices
    k, n = len(matrices), x.shape[-1]
    if k > n:  # of degree n
        return np.zeros(np.broadcast_shapes(*[m.shape for m in matrices]), np.result_type(*matrices))
    found = _by_division(x, directions)
    return _by_singular_values(x, directions) if found is None else found


def _by_division(x: Any, directions: Sequence[Any]) -> Any:
    """det(x) x⁻ᵀ and its derivatives; None where the inverse would cost them more than half of their digits."""
    d = np.linalg.det(x)
    if not np.all(d):
        return None
    inverse = np.linalg.inv(x)
    condition = np.linalg.matrix_norm(x) * np.linalg.matrix_norm(inverse)
    if not np.all(condition ** (1 + len(directions)) < 1 / np.sqrt(np.finfo(x.dtype).eps)):
        return None
    if not directions:
        return d[..., None, None] * swap(inverse)
    return d[..., None, None] * swap(inverse) @ _alternating_sum([inverse @ b for b in directions])


def _by_singular_values(x: Any, directions: Sequence[Any]) -> Any:
    """The same with x = U diag(s) Vᴴ: Dᵏ det(diag s) has the products of all s but k, and divides by nothing."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    q = (np.linalg.det(u) * np.linalg.det(vh))[..., None, None]
    left, right = swap(u).conj(), swap(vh).conj()
    inner = _alternating_sum([left @ b @ right for b in directions], _products_without(s, 1 + len(directions)))
    return q * (u.conj() @ inner @ vh.conj())


def _products_without(s: Any, k: int) -> Any:
    """For all i, j, … (k of them) the product of the elements of `s` but these; 0 where two of them are the same."""
    if k == 1:
        return products_of_others(s)
    n = s.shape[-1]
    eye = np.eye(n, dtype=s.dtype)
    found = _products_without(np.where(eye != 0, 1, s[..., None, :]), k - 1)  # of s without s_i, in row i
    for axis in range(k - 1):
        found = found * (1 - eye).reshape(n, *[n if a == axis else 1 for a in range(k - 1)])
    return found


def _alternating_sum(factors: Sequence[Any], weights: Any = None) -> Any:
    """Σ sign(σ) Π_j F_j[a_j, a_σ(j)] over permutations σ of k and all indices a, as a matrix of what the last F meets.

    That is the k-th derivative of the determinant at 1, along F_1, …, F_k; with `weights`, by a, at a diagonal matrix.
    """
    k, n = len(factors) + 1, (factors[0] if factors else weights).shape[-1]
    letters = [chr(ord("a") + j) for j in range(k)]
    total: Any = 0
    for order in permutations(range(k)):
        terms = [f"...{letters[j]}{letters[order[j]]}" for j in range(k - 1)]
        last, operands = order[-1] != k - 1, list(factors)
        if weights is not None:
            terms, operands = [*terms, "..." + "".join(letters)], [*operands, weights]
        out = letters[-1] + letters[order[-1]] if last else letters[-1] if weights is not None else ""
        found = np.einsum(f"{','.join(terms)}->...{out}", *operands, optimize=True)
        if not last:  # what it meets lies in the diagonal
            found = (found[..., None] if weights is not None else found[..., None, None]) * np.eye(n, dtype=found.dtype)
        total = total + round(np.linalg.det(np.eye(k)[list(order)])) * found
    return total


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
