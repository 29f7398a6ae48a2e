"""Factorizations into triangles: Cholesky and QR."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.declare import primitive
from ...errors import NotDifferentiable
from ..complex_parts import conjugate_of as conj
from ..products import swap
from .packing import Shapes, gradient_on_triangle, half_weights, hermitian_of, is_tensor, pack, unpack

__all__ = ["cholesky", "qr"]

QRResult: Any = type(np.linalg.qr(np.eye(1)))


def _cholesky_rule(g: Any, y: Any, x: Any, *, upper: bool) -> Any:
    """L⁻ᵀ Φ(Lᵀ g) L⁻¹, Φ(M) the lower triangle of M with half the diagonal."""
    y, g = (swap(y), conj(swap(g))) if upper else (conj(y), g)
    inverse = np.linalg.inv(y)
    inner = (swap(conj(y)) @ g) * half_weights(y)
    return gradient_on_triangle(swap(conj(inverse)) @ inner @ inverse, upper)


@primitive(_cholesky_rule, conjugates=True)
def cholesky(x, *, upper=False):  # type: ignore[no-untyped-def]
    """The triangle L of x = L Lᴴ, of the positive definite matrices of a batch; with `upper`, U of x = Uᴴ U.

    Only one triangle of `x` is read, so only its elements have a gradient. Raises LinAlgError where `x` is not
    positive definite. Murray 2016, "Differentiation of the Cholesky decomposition", equation 10.

    >>> cholesky(np.array([[4.0, 0.0], [2.0, 2.0]]))
    array([[2., 0.],
           [1., 1.]])
    """
    return np.linalg.cholesky(x, upper=upper)


def _qr_shapes(m: int, n: int, complete: bool) -> Shapes:
    k = m if complete else min(m, n)
    return (m, k), (k, n)


def _qr_rule(g: Any, y: Any, x: Any, *, complete: bool) -> Any:
    """(gQ + Q Ψ(R gRᵀ − gQᵀ Q)) R⁻ᵀ, Ψ(M) the lower triangle of M mirrored into the upper one."""
    m, n = x.shape[-2:]
    shapes = _qr_shapes(m, n, complete)
    (gq, gr), (q, r) = unpack(conj(g), shapes), unpack(y, shapes)
    gq, q, gr, r = gradient_within(gq, q, n), q[..., :n], gr[..., :n, :], r[..., :n, :]
    inner, r = hermitian_of(gr @ conj(swap(r)) - conj(swap(q)) @ gq, upper=True), of_full_rank(r, at="qr")
    return swap(np.linalg.solve(r, conj(swap(gq + q @ inner))))


@primitive(lambda g, y, r, *, at: g, holomorphic=True)
def of_full_rank(r, *, at):  # type: ignore[no-untyped-def]
    """The upper triangles themselves; LinAlgError where the diagonal is 0 to rounding: a column depends on others."""
    size = np.linalg.vector_norm(r, axis=-2)
    if np.any(np.abs(np.diagonal(r, axis1=-2, axis2=-1)) <= r.shape[-1] * np.finfo(r.dtype).eps * size):
        raise np.linalg.LinAlgError(
            f"{at}: a matrix has not full rank, to rounding, and {at} has no derivative there; move it a little"
        )
    return r + 0


def gradient_within(gq: Any, q: Any, k: int) -> Any:
    """The gradient of the first `k` columns of the orthogonal `q`, given that of all of them.

    The others complete a basis, and move only as far as they must to stay orthogonal: dQ₂ = −Q₁ (dQ₁)ᵀ Q₂.
    """
    if q.shape[-1] == k:
        return gq
    first, rest = q[..., :k], q[..., k:]
    return gq[..., :k] - rest @ (conj(swap(gq[..., k:])) @ first)


@primitive(_qr_rule, name="qr", conjugates=True)
def _qr(x, *, complete):  # type: ignore[no-untyped-def]
    q, r = np.linalg.qr(x, mode="complete" if complete else "reduced")
    return pack((q, r), _qr_shapes(x.shape[-2], x.shape[-1], complete))


def qr(x: Any, mode: str = "reduced") -> Any:
    """Orthogonal Q and upper triangular R with x = Q R, of the matrices of a batch, of full rank.

    Returns `(Q, R)`, named so; R alone for mode "r". In mode "complete" Q is square; what completes it moves only
    as far as it must to stay orthogonal, so a derivative of it means something only in functions that do not depend on
    the choice of the completing basis, such as their projection. Raises LinAlgError in the reverse sweep where R is
    singular. Walter, Lehmann, Lamour 2012, "On evaluating higher-order derivatives of the QR decomposition".

    >>> Q, R = qr(np.array([[0.0, 2.0], [1.0, 0.0]]))
    >>> np.abs(R)
    array([[1., 0.],
           [0., 2.]])
    """
    if not is_tensor(x):
        return np.linalg.qr(x, mode)  # type: ignore[call-overload]
    if mode not in ("reduced", "complete", "r"):
        raise NotDifferentiable(f"qr: mode {mode!r} has no gradient; use 'reduced', 'complete' or 'r'")
    m, n = x.shape[-2:]
    if m < n:  # all of Q comes from the first columns, which are square
        q, r = qr(x[..., :m])
        r = np.concatenate([r, conj(swap(q)) @ x[..., m:]], axis=-1)
    else:
        complete = mode == "complete"
        q, r = unpack(_qr(x, complete=complete), _qr_shapes(m, n, complete))
    return r if mode == "r" else QRResult(q, r)
