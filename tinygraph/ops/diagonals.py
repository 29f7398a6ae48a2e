"""Diagonals and triangles of matrices, read and written."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from ..engine.declare import linear
from .indexing import no_out, scatter
from .shape import astype

__all__ = ["diag", "diagflat", "diagonal", "fill_diagonal", "tril", "triu", "vander"]


def tril(m: Any, k: int = 0) -> Any:
    """`m` with zeros above diagonal `k` of its last two axes.

    >>> tril(np.ones((2, 2)))
    array([[1., 0.],
           [1., 1.]])
    """
    return np.where(_triangle(m, k), m, np.zeros((), m.dtype))


def triu(m: Any, k: int = 0) -> Any:
    """`m` with zeros below diagonal `k` of its last two axes.

    >>> triu(np.ones((2, 2)))
    array([[1., 1.],
           [0., 1.]])
    """
    return np.where(_triangle(m, k - 1), np.zeros((), m.dtype), m)


def _triangle(m: Any, k: int) -> Any:
    rows, columns = (np.shape(m) * 2)[-2:]  # a vector is every row of a square
    return np.tri(rows, columns, k=k, dtype=bool)


def _places(rows: int, columns: int, k: int) -> tuple[Any, Any]:
    """Row and column of each element of diagonal `k`."""
    i = np.arange(max(min(rows + min(k, 0), columns - max(k, 0)), 0))
    return i - min(k, 0), i + max(k, 0)


def _diagonal_rule(g: Any, y: Any, x: Any, *, offset: int, axis1: int, axis2: int) -> Any:
    moved = np.moveaxis(np.empty(x.shape, bool), (axis1, axis2), (-2, -1)).shape
    spread = scatter(g, index=(..., *_places(moved[-2], moved[-1], offset)), shape=moved)
    return np.moveaxis(spread, (-2, -1), (axis1, axis2))


@linear(_diagonal_rule, spelling="np.diagonal")
def diagonal(x, *, offset=0, axis1=0, axis2=1):  # type: ignore[no-untyped-def]
    """The elements of `x` whose index in `axis2` is `offset` more than in `axis1`, along a new last axis.

    A view of a Tensor can be written into (NumPy's only reads).

    >>> diagonal(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([1., 4.])
    """
    if np.ndim(x) < 2 or axis1 % np.ndim(x) == axis2 % np.ndim(x):
        raise ValueError(
            f"diagonal: axes {axis1} and {axis2} of shape {np.shape(x)} make no matrix; give two different"
        )
    found = np.diagonal(x, offset, axis1, axis2)
    found.flags.writeable = x.flags.writeable
    return found


def diag(v: Any, k: int = 0) -> Any:
    """Diagonal `k` of the matrix `v`, or a matrix of zeros with the vector `v` on diagonal `k`.

    >>> diag(np.array([1.0, 2.0]))
    array([[1., 0.],
           [0., 2.]])
    """
    if np.ndim(v) == 2:
        return diagonal(v, k)
    if np.ndim(v) != 1:
        raise ValueError(f"diag: shape {np.shape(v)} is neither a vector nor a matrix; use diagonal or diagflat")
    n = np.shape(v)[0] + abs(k)
    return scatter(v, index=_places(n, n, k), shape=(n, n))


def diagflat(v: Any, k: int = 0) -> Any:
    """A matrix of zeros with the elements of `v` on diagonal `k`.

    >>> diagflat(np.array([[1.0, 2.0]]), 1).shape
    (3, 3)
    """
    return diag(np.reshape(v, (-1,)), k)


def fill_diagonal(a: Any, val: Any, wrap: bool = False) -> None:
    """Assign `val`, repeated as often as needed, to the main diagonal of `a`; a Tensor's handle gets the new value.

    All axes must have one length, unless there are two; `wrap` then begins again below a tall matrix's last row.

    >>> x = np.zeros((2, 2))
    >>> fill_diagonal(x, 3.0)
    >>> x
    array([[3., 0.],
           [0., 3.]])
    """
    shape = np.shape(a)
    if len(shape) < 2 or (len(shape) > 2 and len(set(shape)) > 1):
        raise ValueError(f"fill_diagonal: shape {shape} has no diagonal; give two axes, or more of one length")
    step = 1 + sum(math.prod(shape[k:]) for k in range(1, len(shape)))
    end = shape[1] * shape[1] if len(shape) == 2 and not wrap else None
    places = np.arange(math.prod(shape))[:end:step]
    a[np.unravel_index(places, shape)] = np.resize(val, places.shape)


def trace(x: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None, out: None = None) -> Any:
    """Sum of `diagonal(x, offset, axis1, axis2)`.

    >>> float(trace(np.array([[1.0, 2.0], [3.0, 4.0]])))
    5.0
    """
    no_out("trace", out)
    return np.sum(diagonal(x, offset, axis1, axis2), axis=-1, dtype=dtype)


def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Powers of the elements of the vector `x` in rows: x^(N-1) to x^0, or `increasing` from x^0.

    >>> vander(np.array([2.0, 3.0]), 3)
    array([[4., 2., 1.],
           [9., 3., 1.]])
    """
    if np.ndim(x) != 1:
        raise ValueError(f"vander: shape {np.shape(x)} is no vector; flatten it first")
    x = astype(x, dtype=np.promote_types(x.dtype, int))  # as NumPy: powers of small types would not fit
    exponents = np.arange(len(x) if N is None else N).astype(x.dtype)
    return np.power(np.reshape(x, (-1, 1)), exponents if increasing else exponents[::-1])
