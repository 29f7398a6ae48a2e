"""Products of vectors and matrices, and of batches of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..engine.declare import linear, ufuncs
from .complex_parts import conjugate_of as conj
from .contraction import tensordot

__all__ = ["cross", "dot", "inner", "kron", "matmul", "matvec", "outer", "vdot", "vecdot", "vecmat"]


def swap(x: Any) -> Any:
    """`x` with its last two axes exchanged."""
    return x.T if x.ndim == 2 else np.swapaxes(x, -1, -2)


def _matmul_left(g: Any, z: Any, x: Any, y: Any) -> Any:
    if y.ndim == 1:
        return g[..., None] * y
    if x.ndim == 1 and y.ndim > 2:
        return np.matmul(y, g[..., None])[..., 0]
    return g @ swap(y)


def _matmul_right(g: Any, z: Any, x: Any, y: Any) -> Any:
    if x.ndim == 1:
        return x[..., None] * g[..., None, :] if y.ndim > 1 else g[..., None] * x
    if y.ndim == 1:
        return g @ x if x.ndim == 2 else np.matmul(swap(x), g[..., None])[..., 0]
    return swap(x) @ g


matmul = linear(_matmul_left, _matmul_right, symbol="@", onnx="MatMul", rowwise=True)(np.matmul)


def dot(x: Any, y: Any) -> Any:
    """NumPy's `dot`: a product with a scalar, of matrices and vectors, else over last and last but one axis.

    >>> float(dot(np.array([1.0, 2.0]), np.array([3.0, 4.0])))
    11.0
    """
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return np.multiply(*[v if hasattr(v, "dtype") else np.asarray(v) for v in (x, y)])  # a number has a dtype, too
    if np.ndim(y) <= 2:
        return np.matmul(x, y)
    return tensordot(x, y, axes=(-1, -2))


def inner(x: Any, y: Any) -> Any:
    """Sum of products over the last axis of both; with a number, the product.

    >>> inner(np.ones((2, 3)), np.ones((4, 3))).shape
    (2, 4)
    """
    if np.ndim(x) == 0 or np.ndim(y) == 0:
        return np.multiply(*[v if hasattr(v, "dtype") else np.asarray(v) for v in (x, y)])
    return tensordot(x, y, axes=(-1, -1))


def outer(x: Any, y: Any) -> Any:
    """All products x[i] * y[j] of the flattened inputs: shape (size of x, size of y).

    >>> outer(np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    array([[3., 4.],
           [6., 8.]])
    """
    return np.reshape(x, (-1, 1)) * np.reshape(y, (1, -1))


def kron(x: Any, y: Any) -> Any:
    """The Kronecker product: every element of `x` replaced by itself times `y`.

    >>> kron(np.array([1.0, 10.0]), np.array([1.0, 2.0]))
    array([ 1.,  2., 10., 20.])
    """
    rank = max(np.ndim(x), np.ndim(y))
    left, right = ((1,) * (rank - np.ndim(a)) + np.shape(a) for a in (x, y))
    products = np.reshape(x, [n for k in left for n in (k, 1)]) * np.reshape(y, [n for k in right for n in (1, k)])
    return np.reshape(products, tuple(m * n for m, n in zip(left, right, strict=True)))


# ------------------------------------------------------------------------- vectors, along an axis of a batch


@linear(
    lambda g, z, x, y, *, axis: conj(np.expand_dims(g, axis) * y),
    lambda g, z, x, y, *, axis: np.expand_dims(g, axis) * conj(x),
    holomorphic=False,
    conjugates=True,
)
def vecdot(x, y, *, axis=-1):  # type: ignore[no-untyped-def]
    """Sum of products conj(x) * y along `axis`, of batches of vectors.

    >>> vecdot(np.ones((2, 3)), np.ones(3))
    array([3., 3.])
    """
    return np.vecdot(x, y, axis=axis)  # type: ignore[call-overload]


ufuncs[np.vecdot] = vecdot


def vdot(x: Any, y: Any) -> Any:
    """Sum of products conj(x) * y of all elements, in order.

    >>> float(vdot(np.array([[1.0, 2.0]]), np.array([3.0, 4.0])))
    11.0
    """
    return vecdot(np.reshape(x, (-1,)), np.reshape(y, (-1,)))


@linear(
    lambda g, z, x, y: g[..., None] * y[..., None, :],
    lambda g, z, x, y: _matrix_times_vector(swap(x), g),
    contracts="(m,n),(n)->(m)",
)
def matvec(x, y):  # type: ignore[no-untyped-def]
    """Matrices times vectors, of batches of both: the sum of x[..., i, j] * y[..., j] over j.

    >>> matvec(np.ones((2, 3)), np.ones((4, 3))).shape
    (4, 2)
    """
    return _matrix_times_vector(x, y)


@linear(
    lambda g, z, x, y: conj(_matrix_times_vector(y, g)),
    lambda g, z, x, y: conj(x)[..., None] * g[..., None, :],
    holomorphic=False,
    conjugates=True,
)
def vecmat(x, y):  # type: ignore[no-untyped-def]
    """Vectors times matrices, of batches of both: the sum of conj(x)[..., i] * y[..., i, j] over i.

    >>> vecmat(np.ones((4, 2)), np.ones((2, 3))).shape
    (4, 3)
    """
    return np.matmul(conj(x)[..., None, :], y)[..., 0, :]


def _matrix_times_vector(x: Any, y: Any) -> Any:
    """The products of matrices with vectors, both in batches."""
    return np.matmul(x, y[..., None])[..., 0]


for _function in (matvec, vecmat):
    if hasattr(np, _function.__name__):  # since NumPy 2.2
        ufuncs[getattr(np, _function.__name__)] = _function


@linear(
    lambda g, z, x, y: np.cross(y, g), lambda g, z, x, y: np.cross(g, x), name="cross", symbol="×", spelling="np.cross"
)
def _cross(x, y):  # type: ignore[no-untyped-def]
    return np.cross(x, y)


def cross(x: Any, y: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """The vector product x × y of vectors of 3 along `axisa` and `axisb`, laid along `axisc` (or all along `axis`).

    A vector of 2 stands for one whose third element is 0; of two such, the third element of the product is
    returned alone. NumPy itself takes vectors of 2 before 2.5 only.

    >>> cross(np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))
    array([0., 0., 1.])
    """
    if axis is not None:
        axisa = axisb = axisc = axis
    x, y = np.moveaxis(x, axisa, -1), np.moveaxis(y, axisb, -1)
    lengths = np.shape(x)[-1], np.shape(y)[-1]
    if not {*lengths} <= {2, 3}:
        raise ValueError(f"cross: vectors of length {lengths[0]} and {lengths[1]}; they must have 2 or 3 elements")
    if lengths == (2, 2):
        return x[..., 0] * y[..., 1] - x[..., 1] * y[..., 0]
    return np.moveaxis(_cross(_vector_of_3(x), _vector_of_3(y)), -1, axisc)


def _vector_of_3(x: Any) -> Any:
    """Vectors of 2 elements with a third, 0; those of 3 as they are."""
    return x if x.shape[-1] == 3 else np.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, 1)])
