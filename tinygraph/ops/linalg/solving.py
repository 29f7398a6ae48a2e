"""Inverses, linear systems and least squares."""

from __future__ import annotations

from math import prod
from typing import Any

import numpy as np

from ...engine.declare import primitive
from ..complex_parts import conjugate_of as conj
from ..products import swap
from .packing import hermitian_of
from .spectra import svdvals

__all__ = ["inv", "lstsq", "pinv", "solve", "tensorinv", "tensorsolve"]


@primitive(lambda g, y, x: -(swap(y) @ g @ swap(y)), holomorphic=True)
def inv(x):  # type: ignore[no-untyped-def]
    """Inverses of the matrices of a batch. Raises LinAlgError where one is singular.

    d x⁻¹ = −x⁻¹ dx x⁻¹: Giles 2008, "Collected matrix derivative results", section 2.2.2.

    >>> inv(np.array([[2.0, 0.0], [0.0, 4.0]]))
    array([[0.5 , 0.  ],
           [0.  , 0.25]])
    """
    return np.linalg.inv(x)


def _solve_right(g: Any, z: Any, x: Any, y: Any) -> Any:
    if y.ndim == 1:
        return np.linalg.solve(swap(x), g[..., None])[..., 0]
    return np.linalg.solve(swap(x), g)


def _solve_left(g: Any, z: Any, x: Any, y: Any) -> Any:
    if y.ndim == 1:
        return -(np.linalg.solve(swap(x), g[..., None]) * z[..., None, :])
    return -(np.linalg.solve(swap(x), g) @ swap(z))


@primitive(_solve_left, _solve_right, holomorphic=True)
def solve(x, y):  # type: ignore[no-untyped-def]
    """The solution z of x z = y, for the matrices of a batch; `y` of one axis is a vector, else matrices.

    Raises LinAlgError where a matrix is singular. dz = x⁻¹ (dy − dx z): Giles 2008, "Collected matrix derivative
    results", section 2.3.1.

    >>> solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([2.0, 2.0]))
    array([1. , 0.5])
    """
    return np.linalg.solve(x, y)


def _pinv_rule(g: Any, y: Any, x: Any, *, rtol: Any) -> Any:
    """−Pᵀ g Pᵀ + (1 − xP) gᵀ P Pᵀ + Pᵀ P gᵀ (1 − Px), with P = y."""
    turned, dual = swap(g), conj(swap(y))
    left, inner = turned @ (y @ dual), y @ turned
    found = left - x @ (y @ left) + dual @ (inner - (inner @ y) @ x)  # nothing here is as large as rows times rows
    return conj(found) - swap(y) @ (g @ swap(y))


@primitive(_pinv_rule, name="pinv", conjugates=True)
def _pinv(x, *, rtol=None):  # type: ignore[no-untyped-def]
    return np.linalg.pinv(x, rtol)


def pinv(x: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    """Moore-Penrose inverses of the matrices of a batch; singular values below `rtol` times the largest count as 0.

    The derivative is along changes that keep the rank; where they do not, the inverse jumps. With `hermitian`, only
    the lower triangle of `x` is read. Golub, Pereyra 1973, "The differentiation of pseudo-inverses and nonlinear least
    squares problems whose variables separate", equation 4.12.

    >>> pinv(np.array([[2.0], [0.0]]))
    array([[0.5, 0. ]])
    """
    if rtol is not np._NoValue:
        if rcond is not None:
            raise ValueError(f"pinv: got both rcond={rcond!r} and rtol={rtol!r}; give one, they say the same")
        rcond = max(np.shape(x)[-2:]) * np.finfo(x.dtype).eps if rtol is None else rtol
    x = hermitian_of(x) if hermitian else x
    rows, columns = np.shape(x)[-2:]
    return _pinv(x, rtol=rcond) if rows >= columns else swap(_pinv(swap(x), rtol=rcond))


def lstsq(x: Any, y: Any, rcond: float | None = None) -> tuple[Any, Any, Any, Any]:
    """The z of least length that makes the length of x z − y least: `(z, residuals, rank, singular values of x)`.

    Singular values below `rcond` times the largest count as 0; by default, the precision times the longer side. The
    squared residuals are empty where `x` has not full column rank, or no more rows than columns. The derivative is
    that of `pinv(x) @ y`, along changes that keep the rank.

    >>> z, residuals, rank, s = lstsq(np.array([[1.0], [1.0]]), np.array([1.0, 3.0]))
    >>> z.round(12), residuals.round(12), int(rank)
    (array([2.]), array([2.]), 1)
    """
    m, n = np.shape(x)
    dtype = np.result_type(x.dtype, y.dtype, *([] if x.dtype.kind in "fc" else [np.float64]))
    if x.dtype != dtype:
        x = x.astype(dtype)
    if rcond is None:
        rcond = max(m, n) * float(np.finfo(x.dtype).eps)
    z = np.matmul(pinv(x, rcond), y)
    s = svdvals(x)
    rank = np.sum(np.greater(s, rcond * s[:1]).astype(np.intc), dtype=np.intc)
    residuals = y - np.matmul(x, z)
    squares = residuals * conj(residuals)
    residuals = np.sum(np.real(squares) if dtype.kind == "c" else squares, axis=0).reshape((-1,))
    return z, residuals if m > n and int(rank) == n else residuals[:0], rank, s


def tensorinv(x: Any, ind: int = 2) -> Any:
    """The inverse of the linear map that `tensordot(x, ·, ind)` is, as an array.

    >>> tensorinv(np.eye(6).reshape(2, 3, 6), ind=2).shape
    (6, 2, 3)
    """
    if ind <= 0:
        raise ValueError(f"tensorinv: ind is {ind}; give the number of leading axes that make the rows, 1 at least")
    shape = np.shape(x)
    return np.reshape(inv(np.reshape(x, (prod(shape[:ind]), -1))), (*shape[ind:], *shape[:ind]))


def tensorsolve(x: Any, y: Any, axes: Any = None) -> Any:
    """The z with `tensordot(x, z, z.ndim)` = y; the `axes` of `x` are first moved to its end.

    >>> tensorsolve(np.eye(6).reshape(2, 3, 6), np.ones((2, 3))).shape
    (6,)
    """
    if axes is not None:
        axes = [axis % np.ndim(x) for axis in axes]
        x = np.transpose(x, [k for k in range(np.ndim(x)) if k not in axes] + axes)
    shape = np.shape(x)[np.ndim(y) :]
    if prod(shape) ** 2 != prod(np.shape(x)):
        raise np.linalg.LinAlgError(
            f"tensorsolve: x of shape {np.shape(x)} with y of {np.ndim(y)} axes makes no square system; the product "
            f"of the first {np.ndim(y)} lengths must equal that of the others"
        )
    return np.reshape(solve(np.reshape(x, (-1, prod(shape))), np.reshape(y, (-1,))), shape)
