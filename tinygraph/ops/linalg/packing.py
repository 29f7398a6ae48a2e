"""Several results of one factorization as the one result of an op, and apart again.

An op has one output. A factorization whose factors all have derivatives is therefore one op whose output holds the
elements of all its factors in a row: it is computed once, and its rule sees all factors and all their gradients.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import prod
from typing import Any

import numpy as np

from ...engine.node import Recorded
from ..complex_parts import conjugate_of as conj
from ..products import swap

Shapes = Sequence[tuple[int, ...]]


def is_tensor(x: Any) -> bool:
    """Whether `x` is a Tensor; factorizations of arrays are left to NumPy."""
    return isinstance(x, Recorded)


def pack(parts: Sequence[Any], shapes: Shapes) -> Any:
    """The parts, each of one of the `shapes` behind the axes of the batch, in a row along the last axis."""
    flat = [np.reshape(x, (*x.shape[: x.ndim - len(s)], prod(s))) for x, s in zip(parts, shapes, strict=True)]
    return np.concatenate(flat, axis=-1)


def unpack(y: Any, shapes: Shapes) -> list[Any]:
    """The parts that `pack` put together, each in its shape."""
    ends = list(accumulate(map(prod, shapes)))
    return [np.reshape(y[..., end - prod(s) : end], (*y.shape[:-1], *s)) for s, end in zip(shapes, ends, strict=True)]


def real_part(x: Any) -> Any:
    """`x` without imaginary parts, which are zero: a real factor packed together with complex ones."""
    return np.real(x) if x.dtype.kind == "c" else x


def half_weights(x: Any, upper: bool = False) -> Any:
    """1 in the lower (upper) triangle of a matrix like `x`, 1/2 in its diagonal: with its mirror image, all 1."""
    n = x.shape[-1]
    lower = np.tri(n, k=-1, dtype=x.dtype) + np.eye(n, dtype=x.dtype) / 2
    return lower.T if upper else lower


def hermitian_of(x: Any, upper: bool = False) -> Any:
    """The Hermitian matrices with the lower (upper) triangle of `x`; their diagonal is real."""
    x = x * half_weights(x, upper)
    return x + conj(swap(x))


def gradient_on_triangle(s: Any, upper: bool = False) -> Any:
    """`s`, the gradient of a function of Hermitian matrices, as one of the triangle that LAPACK reads of them.

    Each element there stands for itself and, conjugated, for its mirror image: the adjoint of `hermitian_of`.
    """
    return (s + conj(swap(s))) * half_weights(s, upper)


def reciprocal(x: Any) -> Any:
    """1 / x, and 0 where `x` is 0."""
    zero = np.equal(x, 0)
    return np.where(zero, 0, 1 / np.where(zero, 1, x))
