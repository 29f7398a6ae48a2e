"""Linear algebra: inverses, factorizations, spectra, norms, determinants."""

from typing import Any

import numpy as np

from tinygraph.testing import Case

_rng = np.random.default_rng(7)


def x(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(_rng.standard_normal(shape))


def regular(*shape: int) -> np.ndarray[Any, Any]:
    return x(*shape) + 3 * np.eye(shape[-1])


def definite(*shape: int) -> np.ndarray[Any, Any]:
    a = x(*shape)
    return np.asarray(a @ np.swapaxes(a, -1, -2) + np.eye(shape[-1]))


def spread(*shape: int) -> np.ndarray[Any, Any]:
    """Not symmetric, with real eigenvalues far apart."""
    return np.diag(3.0 * np.arange(shape[-1])) + 0.3 * x(*shape)


def of_rank(m: int, n: int, rank: int) -> np.ndarray[Any, Any]:
    return np.asarray(x(m, rank) @ x(rank, n))


ROWS: dict[str, list[Case]] = {
    "inv": [Case(regular(3, 3)), Case(regular(2, 3, 3)), Case(x(1, 1)), Case(x(0, 0)), Case(x(0, 2, 2))],
    "solve": [
        Case(regular(3, 3), x(3)), Case(regular(3, 3), x(3, 2)), Case(regular(2, 3, 3), x(3)),
        Case(regular(2, 3, 3), x(2, 3, 2)), Case(regular(3, 3), x(2, 3, 2)), Case(regular(2, 1, 3, 3), x(4, 3, 1)),
        Case(x(0, 0), x(0)), Case(x(0, 0), x(0, 2)), Case(regular(2, 2), x(2, 0)),
    ],
    "pinv": [
        Case(x(4, 2)), Case(x(2, 4)), Case(x(3, 3)), Case(x(2, 3, 2)), Case(x(2, 2, 3), rtol=np.array([1e-9, 1e-8])),
        Case(x(0, 3)),
    ],
    "cholesky": [
        Case(definite(3, 3)), Case(definite(3, 3), upper=True), Case(definite(2, 3, 3)), Case(definite(1, 1)),
        Case(x(0, 0)),
    ],
    "qr": [
        Case(x(4, 2), complete=False), Case(x(3, 3), complete=False), Case(x(2, 3, 2), complete=False),
        Case(x(3, 3), complete=True),
    ],
    "eigh": [
        Case(spread(3, 3), uplo="L"), Case(spread(3, 3), uplo="U"), Case(spread(2, 3, 3), uplo="L"),
        Case(x(1, 1), uplo="L"),
    ],
    "eigvalsh": [
        Case(spread(3, 3), uplo="L"), Case(spread(2, 3, 3), uplo="U"), Case(x(1, 1), uplo="L"), Case(x(0, 0), uplo="L"),
    ],
    "svdvals": [Case(x(3, 3)), Case(x(4, 2)), Case(x(2, 2, 4)), Case(x(0, 3))],
    "eigvals": [Case(spread(3, 3)), Case(spread(2, 2, 2)), Case(x(1, 1))],
    "eig": [Case(spread(3, 3)), Case(spread(2, 2, 2)), Case(x(1, 1))],
    "svd": [
        Case(x(3, 3), full=False), Case(x(4, 2), full=False), Case(x(2, 4), full=False), Case(x(2, 3, 2), full=False),
        Case(x(2, 2), full=True),
    ],
    "det": [
        Case(x(3, 3)), Case(x(2, 3, 3)), Case(x(1, 1)), Case(x(2, 2)), Case(of_rank(3, 3, 2)),
        Case(np.zeros((2, 2))), Case(x(0, 2, 2)),
    ],
    "characteristic": [Case(x(3, 3)), Case(np.array([[0.0, 1.0], [-1.0, 0.0]])), Case(x(1, 1))],
    "cofactor": [
        Case(x(3, 3)), Case(x(2, 3, 3)), Case(of_rank(3, 3, 2)), Case(x(1, 1)),
        Case(x(3, 3), x(3, 3)), Case(of_rank(3, 3, 1), x(3, 3), x(3, 3)), Case(x(2, 2), x(2, 2), x(2, 2)),
        Case(x(0, 2, 2), x(0, 2, 2)),
    ],
    "slogdet": [Case(x(3, 3)), Case(x(2, 3, 3)), Case(x(1, 1))],
    "vector_norm": [
        Case(x(4)), Case(x(2, 3)), Case(x(2, 3, 4), axis=(0, 2)), Case(x(2, 3), axis=1, keepdims=True),
        Case(x(2, 3), axis=0, ord=3), Case(x(4), ord=1.5), Case(x(4), ord=0.5),
        Case(x(4), ord=-2), Case(x(2, 3), ord=3.5),
        Case(x(2, 0), axis=1), Case([0.0, 3.0, 4.0]),
    ],
    "matrix_rank": [Case(of_rank(3, 3, 2)), Case(x(2, 3, 2), tol=0.1), Case(definite(2, 2), hermitian=True, rtol=0.1)],
    "over": [
        Case(x(3, 3), np.array([1.0, 2.0, 4.0]), np.zeros(3), sign=sign, at="f") for sign in (-1, 0, 1)
    ] + [Case(x(2, 4, 3), np.abs(x(2, 3)) + 1, np.zeros((2, 3)), sign=0, at="f")],
    "quotients": [
        Case(x(3, 3), x(3), np.array([1.0, 2.0, 4.0]), sign=sign, varies=True, at="f") for sign in (-1, 1, 0)
    ] + [Case(x(2, 2, 2), x(2, 2), np.array([[1.0, 2.0], [3.0, 1.0]]), sign=-1, varies=False, at="f")],
    "even": [Case(x(3, 3), x(3), np.array([1.0, 2.0, 4.0]), at="f")],
    "of_full_rank": [Case(np.triu(x(3, 3)), at="f"), Case(np.triu(x(2, 2, 2)), at="f")],
    "shares": [Case(x(3), largest=True), Case(x(2, 3), largest=False)],
    "single": [Case(x(3), x(3), largest=True)],
    "extreme_value": [Case(x(3), largest=True), Case(x(2, 3), largest=False)],
    "inverse_of_vectors": [
        Case(regular(3, 3), x(3), x(3, 3)), Case(regular(2, 2, 2), x(2, 2), x(2, 2, 2)),
    ],
    "by_size": [Case(x(4)), Case(x(2, 3))],
}  # fmt: skip
