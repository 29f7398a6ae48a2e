"""Of `scipy.linalg`: equations of matrices (Sylvester's, Lyapunov's), banded systems, and blocks on a diagonal."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ...engine.declare import primitive
from ...ops.complex_parts import conjugate_of
from ...ops.products import swap
from ...tensors.tensor import Tensor
from .atom import any_tensor, atomic_kernel, check_lapack_type

__all__ = ["block_diag", "solve_banded", "solve_continuous_are", "solve_continuous_lyapunov", "solve_sylvester"]

# ------------------------------------------------------------------------------------------ a x + x b = q


def _sylvester_a(g: Any, x: Any, a: Any, b: Any, q: Any) -> Any:
    return -_sylvester(swap(a), swap(b), g) @ swap(x)


def _sylvester_b(g: Any, x: Any, a: Any, b: Any, q: Any) -> Any:
    return -swap(x) @ _sylvester(swap(a), swap(b), g)


def _sylvester_q(g: Any, x: Any, a: Any, b: Any, q: Any) -> Any:
    return _sylvester(swap(a), swap(b), g)


@primitive(_sylvester_a, _sylvester_b, _sylvester_q, name="scipy.linalg.solve_sylvester", holomorphic=True)
@atomic_kernel
def _sylvester(a, b, q):  # type: ignore[no-untyped-def]
    check_lapack_type("solve_sylvester", a, b, q)
    return linalg.solve_sylvester(a, b, q)


def solve_sylvester(a: Any, b: Any, q: Any) -> Any:
    """The matrix x with a x + x b = q (Bartels and Stewart, 1972).

    There is not just one where an eigenvalue of a is one of -b: as in SciPy, x is then huge and means nothing.

    >>> solve_sylvester(np.array([[1.0]]), np.array([[3.0]]), np.array([[8.0]]))
    array([[2.]])
    """
    return _sylvester(a, b, q) if any_tensor(a, b, q) else linalg.solve_sylvester(a, b, q)


def solve_continuous_lyapunov(a: Any, q: Any) -> Any:
    """The matrix x with a x + x a^H = q.

    >>> solve_continuous_lyapunov(np.array([[2.0]]), np.array([[8.0]]))
    array([[2.]])
    """
    if not any_tensor(a, q):
        return linalg.solve_continuous_lyapunov(a, q)
    return _sylvester(a, conjugate_of(swap(a if isinstance(a, Tensor) else np.asarray(a))), q)


def solve_continuous_are(a: Any, b: Any, q: Any, r: Any) -> Any:
    """The stabilising solution x of Riccati's equation a^H x + x a - x b r^-1 b^H x + q = 0, as in `control.lqr`.

    For Tensors, two recorded steps of Newton's method (Kleinman 1968) from SciPy's solution, which leave it where it is
    and carry its derivatives up to the third order. Raises LinAlgError where SciPy finds no solution.

    >>> solve_continuous_are(np.array([[0.0]]), np.array([[1.0]]), np.array([[4.0]]), np.array([[1.0]]))
    array([[2.]])
    """
    given = [v._array if isinstance(v, Tensor) else np.asarray(v) for v in (a, b, q, r)]
    if not any_tensor(a, b, q, r):
        return linalg.solve_continuous_are(*given)
    check_lapack_type("solve_continuous_are", *given)
    x = linalg.solve_continuous_are(*given)
    adjoint = conjugate_of(swap(b)) if isinstance(b, Tensor) else np.conj(swap(np.asarray(b)))
    gain = np.linalg.solve(r, adjoint)
    for _ in range(2):
        closed = a - b @ (gain @ x)
        turned = conjugate_of(swap(closed))
        x = _sylvester(turned, closed, -(q + conjugate_of(swap(gain @ x)) @ r @ (gain @ x)))
    return x


# ----------------------------------------------------------------------------------------- banded systems


def _rows_of_columns(ab: Any, lower: int, upper: int) -> tuple[Any, Any]:
    """For each place of a matrix of bands the row that it is in, and which places lie within the matrix."""
    n = ab.shape[1]
    rows = np.arange(n) + np.arange(lower + upper + 1)[:, None] - upper
    return np.clip(rows, 0, n - 1), (rows >= 0) & (rows < n)


def _transposed(ab: Any, lower: int, upper: int) -> Any:
    """The bands of the transposed matrix, of `upper` bands below the diagonal and `lower` above."""
    rows, within = _rows_of_columns(ab, upper, lower)
    return ab[np.arange(lower + upper, -1, -1)[:, None], rows] * within


def _banded_b(g: Any, x: Any, ab: Any, b: Any, *, lower: int, upper: int) -> Any:
    return _banded(_transposed(ab, lower, upper), g, lower=upper, upper=lower)


def _banded_ab(g: Any, x: Any, ab: Any, b: Any, *, lower: int, upper: int) -> Any:
    u = _banded(_transposed(ab, lower, upper), g, lower=upper, upper=lower)
    rows, within = _rows_of_columns(ab, lower, upper)
    products = u[rows] * x
    return -(products if x.ndim == 1 else np.sum(products, axis=2)) * within


@primitive(_banded_ab, _banded_b, name="scipy.linalg.solve_banded", holomorphic=True)
@atomic_kernel
def _banded(ab, b, *, lower, upper):  # type: ignore[no-untyped-def]
    check_lapack_type("solve_banded", ab, b)
    return linalg.solve_banded((lower, upper), ab, b)


def solve_banded(l_and_u: tuple[int, int], ab: Any, b: Any) -> Any:
    """x with a x = b for a matrix of l bands below the diagonal and u above, given as ab[u + i - j, j] = a[i, j].

    b is a vector or a matrix of columns. The corners of ab that lie outside of the matrix are not read. Raises
    LinAlgError for a singular matrix, ValueError where shapes do not match.

    >>> solve_banded((0, 1), np.array([[9.0, 1.0], [1.0, 2.0]]), np.array([2.0, 2.0]))
    array([1., 1.])
    """
    if not any_tensor(ab, b):
        return linalg.solve_banded(l_and_u, ab, b)
    lower, upper = (int(n) for n in l_and_u)
    if np.ndim(ab) != 2 or np.shape(ab)[0] != lower + upper + 1:
        raise ValueError(
            f"solve_banded: ab has shape {np.shape(ab)}; give one matrix, of {lower + upper + 1} rows for l_and_u "
            f"{(lower, upper)}"
        )
    return _banded(ab, b, lower=lower, upper=upper)


# ------------------------------------------------------------------------------------------------- blocks


def block_diag(*arrs: Any) -> Any:
    """The matrix with the given ones along its diagonal and zeros elsewhere; a vector counts as one row.

    >>> block_diag(np.array([[1.0]]), np.array([2.0, 3.0]))
    array([[1., 0., 0.],
           [0., 2., 3.]])
    """
    if not any_tensor(*arrs):
        return linalg.block_diag(*arrs)
    blocks: list[Any] = [np.atleast_2d(x if isinstance(x, Tensor) else np.asarray(x)) for x in arrs]
    for block in blocks:
        if block.ndim > 2:
            raise ValueError(f"block_diag: a block has shape {block.shape}; give matrices, vectors or numbers")
    widths = [block.shape[1] for block in blocks]
    dtype = np.result_type(*[block.dtype for block in blocks])
    rows = []
    for k, block in enumerate(blocks):
        left, right = sum(widths[:k]), sum(widths[k + 1 :])
        zeros = [np.zeros((block.shape[0], width), dtype) for width in (left, right)]
        rows.append(np.concatenate([zeros[0], block, zeros[1]], axis=1))
    return np.concatenate(rows)
