"""Norms of vectors and matrices of every order, and condition numbers."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...engine.declare import primitive
from ...engine.settings import Setting, settings
from ..complex_parts import conjugate_of as conj
from ..reduction import unreduce
from .packing import reciprocal
from .solving import inv
from .spectra import svdvals

__all__ = ["cond", "matrix_norm", "norm", "vector_norm"]


def _power_rule(g: Any, y: Any, x: Any, *, axis: Any, keepdims: bool, ord: float) -> Any:
    """(|x| / y)^(p−1) times the sign of x; 0 where y is 0."""
    if ord == 2:
        y = unreduce(y, axis, keepdims)
        return unreduce(g, axis, keepdims) * (conj(x) / np.where(np.equal(y, 0), np.inf, y))
    scale = reciprocal(unreduce(y, axis, keepdims))
    size = np.abs(x)
    return unreduce(g, axis, keepdims) * np.power(size * scale, ord - 1) * conj(x) * reciprocal(size)


def _at_zero(y: Any, x: Any, *, axis: Any, keepdims: bool, ord: float) -> Any:
    return np.equal(x, 0) & np.equal(unreduce(y, axis, keepdims), 0)


@primitive(_power_rule, ties=_at_zero, name="vector_norm", conjugates=True)
def _power_norm(x, *, axis=None, keepdims=False, ord=2):  # type: ignore[no-untyped-def]
    return np.linalg.vector_norm(x, axis=axis, keepdims=keepdims, ord=ord)


def _no_second(g: Any, y: Any, s: Any, *, largest: bool) -> Any:
    return single(np.zeros_like(s), s, largest=largest)


@primitive(_no_second, name="shares")
def shares(s, *, largest):  # type: ignore[no-untyped-def]
    """1 at the largest (smallest) value of each vector, shared equally among ties."""
    ties = s == (np.max if largest else np.min)(s, axis=-1, keepdims=True)
    return ties / np.sum(ties, axis=-1, keepdims=True).astype(s.dtype)


@primitive(lambda g, y, m, s, *, largest: g, None)
def single(m, s, *, largest):  # type: ignore[no-untyped-def]
    """`m` itself; LinAlgError where the largest (smallest) value of `s` occurs several times."""
    if np.any(shares.op.kernel(s, largest=largest) * (1 - shares.op.kernel(s, largest=largest))):
        raise np.linalg.LinAlgError(
            "norm: the largest or smallest of equal singular values has no second derivative; move the matrix a little"
        )
    return m + 0


@primitive(lambda g, y, s, *, largest: g[..., None] * shares(s, largest=largest))
def extreme_value(s, *, largest):  # type: ignore[no-untyped-def]
    """The largest (smallest) of the singular values; ties share its gradient, and have no second derivative."""
    return (np.max if largest else np.min)(s, axis=-1)


@settings
def vector_norm(x: Any, *, axis: Setting = None, keepdims: bool = False, ord: Setting = 2) -> Any:
    """(Σ|x|^p)^(1/p) along `axis` (an int, a tuple of ints, None for all), with p = `ord`.

    `np.inf` and `-np.inf` give the largest and the smallest |x|, 0 the number of elements that are not 0. The gradient
    at a vector of zeros is 0; ties share it; that of |x| at 0 is 0.

    >>> float(vector_norm(np.array([3.0, 4.0])))
    5.0
    """
    x = _inexact(x)
    if ord in (np.inf, -np.inf):
        return _extreme(np.abs(x), ord, axis, keepdims)
    if ord == 0:
        return np.sum(np.not_equal(x, 0).astype(np.abs(x).dtype), axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if isinstance(ord, str):
        raise ValueError(f"vector_norm: {ord!r} is no order for vectors; give a number, np.inf or -np.inf")
    return _power_norm(x, axis=axis, keepdims=keepdims, ord=2 if ord is None else ord)


def matrix_norm(x: Any, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Norms of the matrices of a batch.

    `ord`: "fro" √Σx², "nuc" the sum of the singular values, 2 and -2 the largest and the smallest of them, 1 and -1
    the largest and the smallest sum of a column's |x|, `np.inf` and `-np.inf` of a row's. Gradients at ties are shared,
    at a matrix of zeros 0 for "fro"; for "nuc", where singular values are 0, one of the subgradients.

    >>> float(matrix_norm(np.array([[3.0, 0.0], [0.0, 4.0]]), ord="nuc"))
    7.0
    """
    return _matrix_norm(x, (-2, -1), keepdims, ord)


@settings
def norm(x: Any, ord: Setting = None, axis: Setting = None, keepdims: bool = False) -> Any:
    """The norm of a vector or matrix, or of those along `axis` (an int, or two): `vector_norm` and `matrix_norm`.

    >>> float(norm(np.array([[1.0, 2.0], [2.0, 4.0]])))
    5.0
    """
    if axis is None:
        if ord is None or np.ndim(x) == 1:
            return vector_norm(x, keepdims=keepdims, ord=ord)
        axis = tuple(range(np.ndim(x)))
    axes = axis if isinstance(axis, tuple | list) else (axis,)
    if len(axes) == 1:
        return vector_norm(x, axis=axes[0], keepdims=keepdims, ord=ord)
    if len(axes) != 2:
        raise ValueError(f"norm: got {len(axes)} axes {tuple(axes)}; a norm is of vectors (one axis) or matrices (two)")
    return _matrix_norm(x, tuple(axes), keepdims, "fro" if ord is None else ord)


def _inexact(x: Any) -> Any:
    """Whole numbers as floating point."""
    return x.astype(np.float64) if getattr(x, "dtype", np.dtype(float)).kind in "biu" else x


def _matrix_norm(x: Any, axes: tuple[int, int], keepdims: bool, ord: Any) -> Any:
    x = _inexact(x)
    if axes[0] % np.ndim(x) == axes[1] % np.ndim(x):
        raise ValueError(f"norm: the axes {axes} of a matrix are the same one; give two")
    if ord == "fro":
        return _power_norm(x, axis=axes, keepdims=keepdims)
    if ord in (1, -1, np.inf, -np.inf):
        inner, outer = axes if abs(ord) == 1 else axes[::-1]
        sums = np.sum(np.abs(x), axis=inner, keepdims=True)
        found = _extreme(sums, ord, outer, True)
        return found if keepdims else np.squeeze(found, axis=axes)
    if ord not in ("nuc", 2, -2):
        raise ValueError(f"norm: {ord!r} is no order for matrices; use 'fro', 'nuc', 1, -1, 2, -2, np.inf or -np.inf")
    s = svdvals(np.moveaxis(x, axes, (-2, -1)))
    found = np.sum(s, axis=-1) if ord == "nuc" else extreme_value(s, largest=ord > 0)
    return np.expand_dims(found, axes) if keepdims else found


def _extreme(sizes: Any, ord: float, axis: Any, keepdims: bool) -> Any:
    """The largest or, for a negative `ord`, the smallest of `sizes`; the largest of none is 0."""
    if ord < 0:
        return np.min(sizes, axis=axis, keepdims=keepdims)
    none: Any = {} if np.size(sizes) else {"initial": 0.0}
    return np.max(sizes, axis=axis, keepdims=keepdims, **none)


def cond(x: Any, p: Any = None) -> Any:
    """The condition numbers of the matrices of a batch: norm(x, p) norm(x⁻¹, p), by default of the order 2.

    Those of the orders 2 and -2 are ratios of singular values, infinite for singular matrices; for the others,
    singular matrices raise LinAlgError where `np.linalg.cond` gives infinity.

    >>> float(cond(np.array([[2.0, 0.0], [0.0, 8.0]])))
    4.0
    """
    if p in (None, 2, -2):
        s = svdvals(x)
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
    return matrix_norm(x, ord=p) * matrix_norm(inv(x), ord=p)
