"""Eigenvalues and singular values, with their vectors, and the rank.

Vectors that belong to one value several times over are not unique and have no derivative. The rules leave out such
pairs, so that gradients stay finite: they are right for functions of the values, and of the subspaces that belong to
them, whichever basis LAPACK gives of these. Where others meet such pairs they warn; `equal_values` has it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.declare import primitive
from ..complex_parts import conjugate_of as conj
from ..products import swap
from .equal_values import (
    eigen_factors,
    inverse_of_vectors,
    of_eigenvalues,
    of_singular_values,
    over,
    varies,
)
from .orthogonal import gradient_within
from .packing import Shapes, gradient_on_triangle, is_tensor, pack, real_part, unpack

__all__ = ["eig", "eigh", "eigvals", "eigvalsh", "matrix_rank", "svd", "svdvals"]

EigResult: Any = type(np.linalg.eig(np.eye(1)))
EighResult: Any = type(np.linalg.eigh(np.eye(1)))
SVDResult: Any = type(np.linalg.svd(np.eye(1)))


def _eigen_shapes(shape: tuple[int, ...]) -> Shapes:
    return shape[-1:], shape[-2:]


def _eigh_rule(g: Any, y: Any, x: Any, *, uplo: str) -> Any:
    """V (diag(gw) + F∘(Vᵀ gV)) Vᵀ, F_ij = 1 / (w_j − w_i)."""
    shapes = _eigen_shapes(x.shape)
    (gw, gv), (w, v) = unpack(g, shapes), unpack(y, shapes)
    w, left, right = real_part(w), conj(v), swap(v)
    inner = over(right @ gv, w, gw, sign=-1, at="eigh")
    found = left @ inner @ right + of_eigenvalues(gw, w, left, right, x, uplo=uplo, varies=varies(g), at="eigh")
    return gradient_on_triangle(found, upper=uplo == "U")


@primitive(_eigh_rule, name="eigh", conjugates=True)
def _eigh(x, *, uplo):  # type: ignore[no-untyped-def]
    return pack(np.linalg.eigh(x, uplo), _eigen_shapes(x.shape))


def eigh(x: Any, UPLO: str = "L") -> Any:
    """Eigenvalues, ascending, and eigenvectors, in columns, of the symmetric or Hermitian matrices of a batch.

    Returns `(eigenvalues, eigenvectors)`, named so. Only the triangle `UPLO` of `x` is read, so only its elements have
    a gradient. Eigenvectors have a sign, or complex factor, that LAPACK chooses: differentiate functions that do not
    depend on it. Within an eigenvalue that occurs several times, its vectors' gradient is taken as 0, with a
    SingularPointWarning; second derivatives of the values raise LinAlgError there. Giles 2008, "Collected matrix
    derivative results", section 3.1.

    >>> eigh(np.array([[1.0, 0.0], [0.0, 2.0]])).eigenvalues
    array([1., 2.])
    """
    if not is_tensor(x):
        return np.linalg.eigh(x, UPLO)  # type: ignore[call-overload]
    w, v = unpack(_eigh(x, uplo=UPLO.upper()), _eigen_shapes(x.shape))
    return EighResult(real_part(w), v)


def _eigvalsh_rule(g: Any, y: Any, x: Any, *, uplo: str) -> Any:
    found = of_eigenvalues(g, *eigen_factors(x, uplo), x, uplo=uplo, varies=varies(g), at="eigvalsh")
    return gradient_on_triangle(found, upper=uplo == "U")


@primitive(_eigvalsh_rule, name="eigvalsh", conjugates=True)
def _eigvalsh(x, *, uplo):  # type: ignore[no-untyped-def]
    return np.linalg.eigvalsh(x, uplo)


def eigvalsh(x: Any, UPLO: str = "L") -> Any:
    """Eigenvalues, ascending, of the symmetric or Hermitian matrices of a batch: those of `eigh`.

    Faster than `eigh` where no gradient is asked for; the rule computes the vectors.

    >>> eigvalsh(np.array([[2.0, 0.0], [0.0, 1.0]]))
    array([1., 2.])
    """
    return _eigvalsh(x, uplo=UPLO.upper())


def _eig_rule(g: Any, y: Any, x: Any) -> Any:
    """V⁻ᵀ (diag(gw) + F∘(Vᵀ gV − VᵀV diag(Vᵀ gV))) Vᵀ: eigenvectors keep the length 1."""
    shapes = _eigen_shapes(x.shape)
    (gw, gv), (w, v) = unpack(g, shapes), unpack(y, shapes)
    left, right = swap(inverse_of_vectors(v, w, x)), swap(v)
    inner = right @ gv
    stretch = real_part(np.sum(inner * np.eye(x.shape[-1], dtype=x.dtype), axis=-1))
    inner = inner - right @ conj(v) * stretch[..., None, :]
    inner = over(inner, w, gw, sign=-1, at="eig")
    return left @ inner @ right + of_eigenvalues(gw, w, left, right, x, uplo=None, varies=varies(g), at="eig")


@primitive(_eig_rule, name="eig", conjugates=True)
def _eig(x):  # type: ignore[no-untyped-def]
    return pack(np.linalg.eig(x), _eigen_shapes(x.shape))


def eig(x: Any) -> Any:
    """Eigenvalues and eigenvectors, in columns of length 1, of the square matrices of a batch; complex where needed.

    Returns `(eigenvalues, eigenvectors)`, named so; since NumPy 2.5 they are complex always. Eigenvectors have a sign,
    or complex factor, that LAPACK chooses: differentiate functions that do not depend on it. Matrices that cannot be
    diagonalized have no derivative: the reverse sweep raises LinAlgError.
    Boeddeker et al. 2017, "On the computation of complex-valued gradients", equations 4.77 and 5.8.

    >>> eig(np.array([[1.0, 1.0], [0.0, 2.0]])).eigenvalues.real
    array([1., 2.])
    """
    if not is_tensor(x):
        return np.linalg.eig(x)
    return EigResult(*unpack(_eig(x), _eigen_shapes(x.shape)))


def _eigvals_rule(g: Any, y: Any, x: Any) -> Any:
    return of_eigenvalues(g, *eigen_factors(x, None), x, uplo=None, varies=varies(g), at="eigvals")


@primitive(_eigvals_rule, name="eigvals", conjugates=True)
def _eigvals(x):  # type: ignore[no-untyped-def]
    return np.linalg.eig(x)[0]  # in the order of the rule's, which np.linalg.eigvals need not keep


def eigvals(x: Any) -> Any:
    """Eigenvalues of the square matrices of a batch: those of `eig`.

    >>> eigvals(np.array([[1.0, 1.0], [0.0, 2.0]])).real
    array([1., 2.])
    """
    return _eigvals(x) if is_tensor(x) else np.linalg.eigvals(x)


def _svd_shapes(shape: tuple[int, ...], full: bool) -> Shapes:
    m, n = shape[-2:]
    k = min(m, n)
    return ((m, m), (k,), (n, n)) if full else ((m, k), (k,), (k, n))


def _svd_rule(g: Any, y: Any, x: Any, *, full: bool) -> Any:
    """U (Hermitian(D∘(L + R)) + P∘skew(L − R) + diag(gs)) Vᵀ, and what leaves both subspaces:

    (1 − UUᵀ) gU S⁻¹ Vᵀ + U S⁻¹ gVᵀ (1 − VVᵀ), with L = Uᵀ gU, R = Vᵀ gV, D_ij = 1/(s_j − s_i), P_ij = 1/(s_j + s_i).
    """
    shapes = _svd_shapes(x.shape, full)
    k = min(x.shape[-2:])
    (gu, gs, gv), (u, s, v) = unpack(g, shapes), unpack(y, shapes)
    gu, gs, gv, s, v = conj(gu), real_part(gs), swap(gv), real_part(s), conj(swap(v))
    gu, u, gv, v = gradient_within(gu, u, k), u[..., :k], gradient_within(gv, v, k), v[..., :k]
    left, right = conj(swap(u)) @ gu, conj(swap(v)) @ gv
    turn = left - right
    inner = over(left + right, s, gs, sign=-1, at="svd")
    inner = inner + conj(swap(inner)) + over(turn - conj(swap(turn)), s, gs, sign=1, at="svd")
    found = u @ (inner / 2) @ conj(swap(v))
    if x.shape[-2] > k:
        found = found + over(gu - u @ left, s, gs, sign=0, at="svd") @ conj(swap(v))
    if x.shape[-1] > k:
        found = found + u @ conj(swap(over(gv - v @ right, s, gs, sign=0, at="svd")))
    return conj(found) + of_singular_values(gs, s, u, conj(swap(v)), x, varies=varies(g), at="svd")


@primitive(_svd_rule, name="svd", conjugates=True)
def _svd(x, *, full):  # type: ignore[no-untyped-def]
    return pack(np.linalg.svd(x, full_matrices=full), _svd_shapes(x.shape, full))


def _svdvals_rule(g: Any, y: Any, x: Any) -> Any:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return of_singular_values(g, s, u, vh, x, varies=varies(g), at="svdvals")


@primitive(_svdvals_rule, conjugates=True)
def svdvals(x):  # type: ignore[no-untyped-def]
    """Singular values, descending, of the matrices of a batch: those of `svd`.

    Faster than `svd` where no gradient is asked for; the rule computes the vectors.

    >>> svdvals(np.array([[3.0, 0.0], [0.0, 4.0]]))
    array([4., 3.])
    """
    return np.linalg.svdvals(x)


@primitive(None, name="by_size")
def _by_size(x):  # type: ignore[no-untyped-def]
    """The order of the elements along the last axis, the largest absolute value first."""
    return np.argsort(np.abs(x))[..., ::-1]


def svd(x: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """U, s, Vᴴ of the singular value decomposition x = U diag(s) Vᴴ, of the matrices of a batch; s descending.

    Returns `(U, S, Vh)`, named so; s alone without `compute_uv`. Each pair of singular vectors has a sign, or complex
    factor, that LAPACK chooses: differentiate functions that do not depend on it. Within a singular value that
    occurs several times, and for the singular value 0, the vectors' gradient is taken as 0, with a
    SingularPointWarning. What completes U or V with `full_matrices` moves only as far as it must to stay orthogonal.
    Townsend 2016, "Differentiating the singular value decomposition".

    >>> svd(np.array([[3.0, 0.0], [0.0, 4.0]]), compute_uv=False)
    array([4., 3.])
    """
    if not is_tensor(x):
        return np.linalg.svd(x, full_matrices, compute_uv, hermitian)  # type: ignore[call-overload]
    if not compute_uv and not hermitian:
        return svdvals(x)
    if hermitian:
        w, v = eigh(x)
        order = _by_size(w)
        w, u = np.take_along_axis(w, order, axis=-1), np.take_along_axis(v, order[..., None, :], axis=-1)
        result = SVDResult(u, np.abs(w), conj(swap(u * np.sign(w)[..., None, :])))
    else:
        u, s, vh = unpack(_svd(x, full=full_matrices), _svd_shapes(x.shape, full_matrices))
        result = SVDResult(u, real_part(s), vh)
    return result if compute_uv else result.S


@primitive(None)
def matrix_rank(x, *, tol=None, hermitian=False, rtol=None):  # type: ignore[no-untyped-def]
    """How many singular values are above `tol`, or above `rtol` times the largest; no derivative.

    >>> int(matrix_rank(np.ones((3, 3))))
    1
    """
    return np.linalg.matrix_rank(x, tol=tol, hermitian=hermitian, rtol=rtol)
