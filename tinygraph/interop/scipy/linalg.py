"""`scipy.linalg` for Tensors: linear systems, factors and functions of matrices. On plain arrays, SciPy itself.

Matrices are the last two axes; stacks of them work where SciPy takes them. As in SciPy, a function of a symmetric or
triangular matrix reads one triangle, and the gradient lies there too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import linalg

from ... import ops
from ...engine.declare import primitive
from ...ops.complex_parts import conjugate_of
from ...ops.linalg.packing import hermitian_of
from ...ops.products import swap
from ...tensors.tensor import Tensor
from .atom import any_tensor, atomic_kernel, check_lapack_type
from .equations import block_diag, solve_banded, solve_continuous_are, solve_continuous_lyapunov, solve_sylvester
from .pencils import eigh, eigvalsh

__all__ = [
    "block_diag", "cho_factor", "cho_solve", "cholesky", "eigh", "eigvalsh", "expm", "logm", "lu", "solve",
    "solve_banded", "solve_continuous_are", "solve_continuous_lyapunov", "solve_sylvester", "solve_triangular", "sqrtm",
]  # fmt: skip


def _size_of_square(function: str, a: Any) -> int:
    """The number of rows of the matrices `a`, or ValueError where they are not square."""
    if a.ndim < 2 or a.shape[-1] != a.shape[-2]:
        raise ValueError(f"{function}: a has shape {a.shape}; give square matrices, in the last two axes")
    return int(a.shape[-1])


def _triangle(x: Any, lower: bool, strict: bool = False) -> Any:
    """One triangle of x, the rest zero; without the diagonal if `strict`."""
    mask = np.tri(x.shape[-1], k=-1 if strict else 0, dtype=x.dtype)
    return x * (mask if lower else mask.T)


def _symmetric_matrix(a: Any, lower: bool) -> Any:
    """The symmetric matrix of which `a` holds one triangle."""
    return _triangle(a, lower) + swap(_triangle(a, lower, strict=True))


def _outer(x: Any, y: Any) -> Any:
    """x y^T for vectors, or matrices of columns."""
    return x[:, None] * y if x.ndim == 1 else x @ swap(y)


# ---------------------------------------------------------------------------------------- linear systems


def _solve_a(g: Any, x: Any, a: Any, b: Any) -> Any:
    return -_outer(_solve(swap(a), g), x)


def _solve_b(g: Any, x: Any, a: Any, b: Any) -> Any:
    return _solve(swap(a), g)


@primitive(_solve_a, _solve_b, symbol="solve", name="scipy.linalg.solve", holomorphic=True)
@atomic_kernel
def _solve(a, b):  # type: ignore[no-untyped-def]
    check_lapack_type("solve", a, b)
    return linalg.solve(a, b)


def solve(a: Any, b: Any, lower: bool = False, *, assume_a: str | None = None, transposed: bool = False) -> Any:
    """x with a x = b (a^T x = b if `transposed`), for b a vector or a matrix of columns.

    With `assume_a` "sym", "her" or "pos" only one triangle of a is read, the upper one unless `lower`; with "lower
    triangular" or "upper triangular" that one. Raises LinAlgError for a singular matrix.

    >>> solve(np.array([[2.0, 0.0], [0.0, 4.0]]), np.array([2.0, 2.0]))
    array([1. , 0.5])
    """
    if not any_tensor(a, b):
        return linalg.solve(a, b, lower=lower, assume_a=assume_a, transposed=transposed)
    a = a if isinstance(a, Tensor) else np.asarray(a)
    _size_of_square("solve", a)
    if assume_a in ("sym", "symmetric"):
        a = _symmetric_matrix(a, lower)
    elif assume_a in ("her", "hermitian", "pos", "positive definite"):
        a = hermitian_of(a, upper=not lower)
    elif assume_a in ("lower triangular", "upper triangular"):
        return solve_triangular(a, b, trans=int(transposed), lower=assume_a.startswith("lower"))
    elif assume_a not in (None, "gen", "general"):
        raise ValueError(
            f"solve: assume_a={assume_a!r} has no gradient; give 'gen', 'sym', 'pos', 'lower triangular' or "
            f"'upper triangular'"
        )
    return _solve(swap(a) if transposed else a, b)


def _triangular_a(g: Any, x: Any, a: Any, b: Any, *, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    u = _solve_triangular(a, g, trans=1 - trans, lower=lower, unit_diagonal=unit_diagonal)
    return -_triangle(_outer(x, u) if trans else _outer(u, x), lower, strict=unit_diagonal)


def _triangular_b(g: Any, x: Any, a: Any, b: Any, *, trans: int, lower: bool, unit_diagonal: bool) -> Any:
    return _solve_triangular(a, g, trans=1 - trans, lower=lower, unit_diagonal=unit_diagonal)


@primitive(_triangular_a, _triangular_b, symbol="solve", name="scipy.linalg.solve_triangular", holomorphic=True)
@atomic_kernel
def _solve_triangular(a, b, *, trans, lower, unit_diagonal):  # type: ignore[no-untyped-def]
    check_lapack_type("solve_triangular", a, b)
    return linalg.solve_triangular(a, b, trans=trans, lower=lower, unit_diagonal=unit_diagonal)


def solve_triangular(a: Any, b: Any, trans: Any = 0, lower: bool = False, unit_diagonal: bool = False) -> Any:
    """x with a x = b for a triangular matrix: the upper triangle of a, or the `lower` one; transposed if `trans`.

    `trans` is 0 or "N", 1 or "T", 2 or "C" for the transpose conjugated. With `unit_diagonal` the diagonal is taken to
    be 1 and is not read.

    >>> solve_triangular(np.array([[1.0, 9.0], [2.0, 2.0]]), np.array([1.0, 4.0]), lower=True)
    array([1., 1.])
    """
    if not any_tensor(a, b):
        return linalg.solve_triangular(a, b, trans=trans, lower=lower, unit_diagonal=unit_diagonal)
    if trans not in (0, 1, 2, "N", "T", "C"):
        raise ValueError(f"solve_triangular: trans={trans!r} is none of 0 or 'N', 1 or 'T', 2 or 'C'")
    a = conjugate_of(a if isinstance(a, Tensor) else np.asarray(a)) if trans in (2, "C") else a
    return _solve_triangular(a, b, trans=int(trans not in (0, "N")), lower=lower, unit_diagonal=unit_diagonal)


# ------------------------------------------------------------------------------------------------ factors


def cholesky(a: Any, lower: bool = False) -> Any:
    """The upper triangular U with U^H U = a, or the lower L with L L^H = a, of a Hermitian positive definite matrix.

    The upper (or `lower`) triangle of a is read. Raises LinAlgError where a is not positive definite. The rule is that
    of `tg.linalg.cholesky`.

    >>> cholesky(np.array([[4.0, 2.0], [2.0, 5.0]]), lower=True)
    array([[2., 0.],
           [1., 2.]])
    """
    if not any_tensor(a):
        return linalg.cholesky(a, lower=lower)
    _size_of_square("cholesky", a)
    return ops.linalg.cholesky(a, upper=not lower)


def cho_factor(a: Any, lower: bool = False) -> tuple[Any, bool]:
    """`cholesky` in the form that `cho_solve` takes: the pair (factor, lower)."""
    return (cholesky(a, lower), lower) if any_tensor(a) else linalg.cho_factor(a, lower=lower)


def cho_solve(c_and_lower: tuple[Any, bool], b: Any) -> Any:
    """x with a x = b, from the Cholesky factor of a.

    >>> cho_solve(cho_factor(np.array([[4.0, 2.0], [2.0, 5.0]])), np.array([6.0, 7.0]))
    array([1., 1.])
    """
    c, lower = c_and_lower
    if not any_tensor(c, b):
        return linalg.cho_solve((c, lower), b)
    half = solve_triangular(c, b, trans=0 if lower else 2, lower=lower)
    return solve_triangular(c, half, trans=2 if lower else 0, lower=lower)


def _lu_rule(g: Any, y: Any, a: Any) -> Any:
    lower = _triangle(y, True, strict=True) + np.eye(y.shape[-1], dtype=y.dtype)
    upper = _triangle(y, False)
    middle = _triangle(swap(lower) @ _triangle(g, True, strict=True), True, strict=True)
    middle = middle + _triangle(_triangle(g, False) @ swap(upper), False)
    left = _solve_triangular(lower, middle, trans=1, lower=True, unit_diagonal=False)  # L^-T M
    return swap(_solve_triangular(upper, swap(left), trans=0, lower=False, unit_diagonal=False))  # L^-T M U^-T


@primitive(_lu_rule, symbol="lu", name="scipy.linalg.lu", holomorphic=True)
@atomic_kernel
def _lu(a):  # type: ignore[no-untyped-def]
    """L and U in one matrix, without exchanging rows."""
    check_lapack_type("lu", a)
    y = np.array(a)
    for k in range(y.shape[-1] - 1):
        pivot = y[..., k, k, None]
        y[..., k + 1 :, k] /= np.where(pivot == 0, 1, pivot)  # the rest of a column whose largest is 0 is 0, too
        y[..., k + 1 :, k + 1 :] -= y[..., k + 1 :, k, None] * y[..., None, k, k + 1 :]
    return y


@primitive(None, name="scipy.linalg.lu_permutation")
@atomic_kernel
def _permutation(a):  # type: ignore[no-untyped-def]
    """The P of a = P L U; an operation, so that a compiled step finds it anew."""
    return linalg.lu(a)[0]


def lu(a: Any, permute_l: bool = False) -> tuple[Any, ...]:
    """(P, L, U) with a = P L U, or (P L, U) if `permute_l`. P is constant; Tensors must be square and not singular.

    >>> p, l, u = lu(np.array([[1.0, 2.0], [2.0, 2.0]]))
    >>> l, u
    (array([[1. , 0. ],
           [0.5, 1. ]]), array([[2., 2.],
           [0., 1.]]))
    """
    if not any_tensor(a):
        return tuple(linalg.lu(a, permute_l=permute_l))
    n = _size_of_square("lu", a)
    p = _permutation(a)
    y = _lu(swap(p) @ a)
    lower, upper = _triangle(y, True, strict=True) + np.eye(n, dtype=y.dtype), _triangle(y, False)
    return (p @ lower, upper) if permute_l else (p, lower, upper)


# ------------------------------------------------------------------------------------ functions of matrices


def _function_of_a_matrix(turn_back: Any = None, **facts: Any) -> Any:
    """Declare an op that is a function f of a matrix; given more matrices b, c, …, it is Dᵏ f(a)[b, c, …].

    So all its derivatives are cases of itself: Dᵏ f(a)[b, c, …] is linear and symmetric in b, c, …, and its adjoint is
    that at aᵀ. One that is entire is done. The others, of a branch along the negative numbers, have no derivative where
    an eigenvalue is 0, and take what `turn_back` makes of (f(e^(−iθ) a), θ), which is f(a): there, rounding would
    part an eigenvalue that stands in several blocks to both sides of the branch.
    """

    def declare(kernel: Any) -> Any:
        name = kernel.__name__.strip("_")

        def rule(g: Any, y: Any, a: Any, *directions: Any, wrt: int) -> Any:
            others = directions if wrt == 0 else directions[: wrt - 1] + directions[wrt:]
            return swap(declared(a, *others, swap(g)))

        def run(*matrices: Any) -> Any:
            a, *directions = matrices
            check_lapack_type(name, a)
            return _derivative(name, kernel, turn_back, a, directions) if directions else kernel(a)

        run.__doc__, run.__module__ = kernel.__doc__, kernel.__module__
        declared: Any = primitive(rule, symbol=name, name=f"scipy.linalg.{name}", **facts)(atomic_kernel(run))
        return declared

    return declare


def _derivative(name: str, f: Any, turn_back: Any, a: Any, directions: Sequence[Any]) -> Any:
    """Dᵏ f(a)[b, c, …]: the upper right block of f of [[a, b], [0, a]], and of that so again with c, and so on.

    Higham, Relton 2014, "Higher order Fréchet derivatives of matrix functions and the level-2 condition number".
    """
    n, whole, scale = a.shape[-1], a, 1.0
    for k, b in enumerate(directions):
        size = _largest(b) / _largest(a)
        corner = np.eye(2**k, dtype=b.dtype)[:, None, :, None] * (b / size)[..., None, :, None, :]
        corner = corner.reshape(*b.shape[:-2], 2**k * n, 2**k * n)
        whole, scale = np.block([[whole, corner], [np.zeros_like(whole), whole]]), scale * size
    y = f(whole) if turn_back is None else _away_from_the_branch(name, f, turn_back, a, whole)
    y = scale * y[..., :n, -n:]
    dtype = np.result_type(a, *directions)
    y = y if dtype.kind == "c" else _real(y, a)
    return y.astype(np.result_type(dtype, np.complex64) if y.dtype.kind == "c" else dtype, copy=False)


def _largest(a: Any) -> Any:
    """The largest absolute value in each matrix; 1 if all is 0."""
    size = np.max(np.abs(a), axis=(-2, -1), initial=0, keepdims=True)
    return np.where(size > 0, size, 1)


def _away_from_the_branch(name: str, f: Any, turn_back: Any, a: Any, whole: Any) -> Any:
    """f(whole), whose eigenvalues are those of `a`, turned so that the widest gap among them lies at the branch."""
    rows, columns = (np.max(np.abs(a), axis=axis, keepdims=True) for axis in (-1, -2))
    even = a / np.sqrt(np.where(rows > 0, rows, 1)) / np.sqrt(np.where(columns > 0, columns, 1))
    if np.any(np.linalg.matrix_rank(even) < a.shape[-1]):
        raise np.linalg.LinAlgError(
            f"{name}: a matrix is singular, to rounding, and {name} has no derivative there; move it a little, as by "
            f"a + 1e-6 * np.eye({a.shape[-1]})"
        )
    angles = np.angle(np.linalg.eigvals(a))
    angles = np.where(angles <= -np.pi, np.pi, angles)  # -1 - 0j
    turn = ((np.min(angles, axis=-1) + np.max(angles, axis=-1)) / 2)[..., None, None]
    if not np.any(turn):
        return f(whole)
    return turn_back(f((np.exp(-1j * turn) * whole).astype(np.result_type(whole, np.complex64))), turn)


def _root(a: Any) -> Any:
    y = linalg.sqrtm(a)
    return y.astype("D") if y.dtype.char == "G" else y  # SciPy 1.15 widens some


def _real(y: Any, a: Any) -> Any:
    """`y` without an imaginary part that rounding alone has made of a real `a`."""
    if y.dtype.kind != "c" or a.dtype.kind == "c":
        return y
    rounding = 8 * np.finfo(y.dtype).eps * np.max(np.abs(y), initial=0)
    return y.real if np.all(np.abs(y.imag) <= rounding) else y


@_function_of_a_matrix(holomorphic=True)
def _expm(a):  # type: ignore[no-untyped-def]
    return linalg.expm(a)


def expm(a: Any) -> Any:
    """The exponential of a square matrix: I + a + a^2/2 + ...

    >>> expm(np.array([[0.0, 1.0], [0.0, 0.0]]))
    array([[1., 1.],
           [0., 1.]])
    """
    return _expm(a)


_POINTS, _WEIGHTS = (np.polynomial.legendre.leggauss(10) + np.array([[1.0], [0.0]])) / 2
"""Gauss-Legendre on [0, 1]: log(1 + x) is the integral of x / (1 + t x) over t."""


@_function_of_a_matrix(lambda y, turn: y + 1j * turn * np.eye(y.shape[-1]), conjugates=True)  # too coarse for complex
def _logm(a):  # type: ignore[no-untyped-def]  # steps, by way of roots
    n = _size_of_square("logm", a)
    y, halvings = a if a.dtype.kind == "c" else a.astype(float), 0
    if not np.all(np.linalg.slogdet(y)[0]):
        raise np.linalg.LinAlgError("logm: a matrix is singular and has no logarithm; give regular ones")
    while np.abs(y - np.eye(n)).sum(axis=-1).max(initial=0) > 0.5 and halvings < 60:
        y, halvings = _real(_root(y), y), halvings + 1
    y = y - np.eye(n)
    y = 2.0**halvings * sum(w * np.linalg.solve(np.eye(n) + t * y, y) for t, w in zip(_POINTS, _WEIGHTS, strict=True))
    y = _real(y, a)
    return y.astype(np.float32) if a.dtype == np.float32 and y.dtype == float else y


def logm(a: Any) -> Any:
    """The logarithm of a square matrix, with expm(logm(a)) = a. Raises LinAlgError where an eigenvalue is 0.

    Where one is negative, the logarithm is complex, that of the upper side; its derivative is along changes that keep
    the eigenvalue there, or above. By inverse scaling and squaring (Higham, Functions of Matrices, 2008, 11.5) with
    SciPy's sqrtm, as SciPy's logm, but without its estimates of norms, which draw random numbers: results must be the
    same each time.

    >>> logm(np.eye(2)).round(12) + 0.0
    array([[0., 0.],
           [0., 0.]])
    """
    return _logm(a)


@_function_of_a_matrix(lambda y, turn: np.exp(0.5j * turn) * y, conjugates=True)
def _sqrtm(a):  # type: ignore[no-untyped-def]
    return _real(_root(a), a)


def sqrtm(a: Any) -> Any:
    """The principal square root of a square matrix: sqrtm(a) @ sqrtm(a) = a.

    The derivative raises LinAlgError where an eigenvalue is 0; where one is negative, it is that of the upper side.

    >>> sqrtm(np.array([[4.0, 0.0], [0.0, 9.0]]))
    array([[2., 0.],
           [0., 3.]])
    """
    return _sqrtm(a)
