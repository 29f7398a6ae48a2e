"""Products, traces and transposes under `np.linalg`'s names, and powers and chains of matrices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...engine.settings import Setting, settings
from .. import contraction, products
from ..products import matmul, vecdot

__all__ = [
    "cross", "diagonal", "matmul", "matrix_power", "matrix_transpose", "multi_dot", "outer", "tensordot", "trace",
    "vecdot",
]  # fmt: skip


def cross(x1: Any, x2: Any, *, axis: int = -1) -> Any:
    """The vector product of vectors of 3 along `axis`.

    >>> cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    array([0., 0., 1.])
    """
    lengths = np.shape(x1)[axis], np.shape(x2)[axis]
    if lengths != (3, 3):
        raise ValueError(f"cross: vectors of length {lengths[0]} and {lengths[1]}; they must have 3 elements")
    return products.cross(x1, x2, axis=axis)


def outer(x1: Any, x2: Any) -> Any:
    """All products x1[i] * x2[j] of two vectors.

    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0])).shape
    (2, 2)
    """
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(f"outer: got {np.ndim(x1)} and {np.ndim(x2)} axes, not two vectors; use tg.outer, or ravel")
    return products.outer(x1, x2)


@settings
def tensordot(x1: Any, x2: Any, *, axes: Setting = 2) -> Any:
    """Sum of products over the given axes, as `tg.tensordot`.

    >>> tensordot(np.ones((2, 3)), np.ones((3, 4)), axes=1).shape
    (2, 4)
    """
    return contraction.tensordot(x1, x2, axes)


def matrix_transpose(x: Any) -> Any:
    """The matrices of a batch transposed: the last two axes exchanged.

    >>> matrix_transpose(np.ones((5, 2, 3))).shape
    (5, 3, 2)
    """
    if np.ndim(x) < 2:
        raise ValueError(f"matrix_transpose: got {np.ndim(x)} axes; it takes matrices, of 2 axes at least")
    return np.swapaxes(x, -1, -2)


def diagonal(x: Any, *, offset: int = 0) -> Any:
    """The diagonals of the matrices of a batch: x[..., i, i + offset].

    >>> diagonal(np.array([[1.0, 2.0], [3.0, 4.0]]), offset=1)
    array([2.])
    """
    return np.diagonal(x, offset, -2, -1)


def trace(x: Any, *, offset: int = 0, dtype: Any = None) -> Any:
    """The sums of the diagonals of the matrices of a batch.

    >>> float(trace(np.array([[1.0, 2.0], [3.0, 4.0]])))
    5.0
    """
    return np.sum(diagonal(x, offset=offset), axis=-1, dtype=dtype)


@settings
def matrix_power(a: Any, n: int) -> Any:
    """The matrices of a batch multiplied with themselves `n` times, by repeated squaring; inverted for negative `n`.

    Raises LinAlgError for negative `n` and a singular matrix.

    >>> matrix_power(np.array([[1.0, 1.0], [0.0, 1.0]]), 5)
    array([[1., 5.],
           [0., 1.]])
    """
    if not isinstance(n, int | np.integer):
        raise TypeError(f"matrix_power: the exponent is {n!r}; give an integer")
    if n == 0:
        return np.linalg.matrix_power(np.ones(np.shape(a), a.dtype), 0)  # constant: the identity
    square = np.linalg.inv(a) if n < 0 else a
    result, n = None, abs(int(n))
    while True:
        if n % 2:
            result = square if result is None else np.matmul(result, square)
        n //= 2
        if not n:
            return result
        square = np.matmul(square, square)


def multi_dot(arrays: Sequence[Any]) -> Any:
    """The product of a chain of matrices, in the order that takes fewest multiplications; vectors at the ends.

    Cormen, Leiserson, Rivest, Stein, "Introduction to Algorithms", section "Matrix-chain multiplication".

    >>> multi_dot([np.ones((2, 9)), np.ones((9, 9)), np.ones(9)]).shape
    (2,)
    """
    if len(arrays) < 2:
        raise ValueError(f"multi_dot: got {len(arrays)} arrays; it takes two at least")
    first, last = arrays[0], arrays[-1]
    chain = list(arrays)
    if np.ndim(first) == 1:
        chain[0] = first[None, :]
    if np.ndim(last) == 1:
        chain[-1] = last[:, None]
    ranks = [np.ndim(x) for x in chain]
    if any(rank != 2 for rank in ranks):
        raise ValueError(f"multi_dot: got arrays of {ranks} axes; between the ends it takes matrices")
    product = _cheapest_product(chain)
    if np.ndim(first) == 1:
        product = product[0]
    return product[..., 0] if np.ndim(last) == 1 else product


def _cheapest_product(chain: list[Any]) -> Any:
    """The product of the matrices, with the parentheses that take fewest multiplications."""
    sizes = [chain[0].shape[0], *[x.shape[1] for x in chain]]
    best: dict[tuple[int, int], tuple[int, int]] = {(i, i): (0, i) for i in range(len(chain))}
    for span in range(1, len(chain)):
        for i in range(len(chain) - span):
            j = i + span
            best[i, j] = min(
                (best[i, k][0] + best[k + 1, j][0] + sizes[i] * sizes[k + 1] * sizes[j + 1], k) for k in range(i, j)
            )

    return _product_between(chain, best, 0, len(chain) - 1)


def _product_between(chain: list[Any], best: dict[tuple[int, int], tuple[int, int]], i: int, j: int) -> Any:
    """The product of the matrices `i` to `j`, parted where `best` says."""
    if i == j:
        return chain[i]
    k = best[i, j][1]
    return np.matmul(_product_between(chain, best, i, k), _product_between(chain, best, k + 1, j))
