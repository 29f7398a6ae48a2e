"""Products with SciPy's sparse matrices and linear operators: gradients in the dense factor and in stored entries."""

from __future__ import annotations

from typing import Any

import numpy as np
import scipy.sparse
from scipy.sparse.linalg import LinearOperator

from ...engine.declare import linear
from ...tensors.tensor import Tensor
from .atom import atomic_kernel

__all__ = ["matmul"]


def _apply_transposed(g: Any, y: Any, x: Any, *, operator: Any) -> Any:
    return _apply(g, operator=operator.T)


@linear(_apply_transposed, symbol="@", name="scipy.sparse.apply", fresh=True)
@atomic_kernel
def _apply(x, *, operator):  # type: ignore[no-untyped-def]
    return operator @ x


def _entries(g: Any, y: Any, data: Any, x: Any, *, pattern: Any) -> Any:
    """g x^T at the entries that are stored, in their order."""
    at = pattern.tocoo()
    products = g[at.row] * x[at.col]
    return products if x.ndim == 1 else np.sum(products, axis=1)


def _multiply_transposed(g: Any, y: Any, data: Any, x: Any, *, pattern: Any) -> Any:
    return _multiply(data, g, pattern=pattern.T)


@linear(_entries, _multiply_transposed, symbol="@", name="scipy.sparse.matmul", fresh=True)
@atomic_kernel
def _multiply(data, x, *, pattern):  # type: ignore[no-untyped-def]
    where = (pattern.row, pattern.col) if pattern.format == "coo" else (pattern.indices, pattern.indptr)
    given = (data, where) if pattern.format == "coo" else (data, *where)
    return type(pattern)(given, shape=pattern.shape) @ x


def _with_entries(a: Any, data: Any, x: Any) -> Any:
    """The product of x and the matrix that has `data` where `a` has its entries."""
    if a.format not in ("csr", "csc", "coo"):
        raise TypeError(f"matmul: data= goes with the entries of csr, csc and coo, not {a.format}; use A.tocsr()")
    if np.shape(data) != a.data.shape:
        raise ValueError(f"matmul: data has shape {np.shape(data)}, and A stores {a.data.size} entries; give as many")
    return _multiply(data, x, pattern=a)


def matmul(x1: Any, x2: Any, *, data: Any = None) -> Any:
    """x1 @ x2, of which one is sparse (of any format of `scipy.sparse`) or a LinearOperator, the other dense.

    The dense one is a vector or matrix, and has a gradient. For one in the entries of a sparse matrix in csr, csc or
    coo format, give a Tensor of them as `data`: they are taken instead of A.data, in the same order. Raises TypeError
    where none of both is sparse, and for `data` with other formats; ValueError where shapes do not match.

    >>> a = scipy.sparse.csr_array(np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 0.0]]))
    >>> matmul(a, np.array([1.0, 1.0, 1.0]))
    array([3., 3.])
    """
    left, right = (isinstance(x, LinearOperator) or scipy.sparse.issparse(x) for x in (x1, x2))
    if left == right:
        found = "two sparse factors" if left else "no sparse factor"
        raise TypeError(
            f"matmul: {type(x1).__name__} @ {type(x2).__name__} has {found}; give one that is sparse or a "
            f"LinearOperator, or write x1 @ x2"
        )
    a, x = (x1, x2) if left else (x2, x1)
    x = x if isinstance(x, Tensor) else np.asarray(x)
    if x.ndim not in (1, 2):
        raise ValueError(f"matmul: the dense factor has shape {x.shape}; give a vector or a matrix")
    if right:
        x, a = np.transpose(x), a.T
    y = _apply(x, operator=a) if data is None else _with_entries(a, data, x)
    return y if left else np.transpose(y)
