"""Of `scipy.linalg`: eigenvalues of symmetric matrices, also beside another matrix: a v = w b v."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from ... import ops
from ...ops.complex_parts import conjugate_of
from ...ops.products import swap
from ...tensors.tensor import Tensor
from .atom import any_tensor

__all__ = ["eigh", "eigvalsh"]


def _value(x: Any) -> Any:
    return x._array if isinstance(x, Tensor) else x


def eigh(a: Any, b: Any = None, *, lower: bool = True, eigvals_only: bool = False) -> Any:
    """The eigenvalues w, ascending, and vectors v of a v = w v, or of a v = w b v with v^H b v = 1: `(w, v)`.

    a is symmetric or Hermitian, b positive definite as well; of both one triangle is read. The vectors have the signs
    that SciPy gives them; with `eigvals_only` w alone is returned. By Cholesky's factor of b, as LAPACK does it
    (Golub and Van Loan, section 8.7.2). Raises LinAlgError where b is not positive definite.

    >>> eigh(np.array([[2.0, 0.0], [0.0, 8.0]]), np.diag([1.0, 2.0]), eigvals_only=True)
    array([2., 4.])
    """
    if not any_tensor(a, b):
        return linalg.eigh(a, b, lower=lower, eigvals_only=eigvals_only)
    which = "L" if lower else "U"
    if b is None:
        w, v = ops.linalg.eigh(a, which)
    else:
        low = np.linalg.cholesky(b if lower else conjugate_of(swap(b)))
        half = np.linalg.solve(low, _whole(a, lower))
        w, v = ops.linalg.eigh(conjugate_of(swap(np.linalg.solve(low, conjugate_of(swap(half))))))
        v = np.linalg.solve(conjugate_of(swap(low)), v)
    if eigvals_only:
        return w
    theirs = linalg.eigh(_value(a), _value(b), lower=lower)[1]
    beside = theirs if b is None else _whole(_value(b), lower) @ theirs
    turn = np.sum(np.conj(_value(v)) * beside, axis=-2)
    return w, v * (turn / np.abs(turn))


def eigvalsh(a: Any, b: Any = None, *, lower: bool = True) -> Any:
    """The eigenvalues of `eigh`, ascending.

    >>> eigvalsh(np.diag([2.0, 8.0]), np.diag([1.0, 2.0]))
    array([2., 4.])
    """
    return eigh(a, b, lower=lower, eigvals_only=True)


def _whole(a: Any, lower: bool) -> Any:
    """The Hermitian matrix of which `a` holds a triangle."""
    low = ops.tril(a) if lower else conjugate_of(swap(ops.triu(a)))
    return low + conjugate_of(swap(ops.tril(low, -1)))
