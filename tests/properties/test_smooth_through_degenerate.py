"""Every function of `tg.linalg` at degenerate matrices, to order 3: what is smooth there is right, or says it is not.

Whether a function is smooth along a line through such a matrix, and its derivatives, are found by a polynomial fitted
to NumPy's values beside it; a polynomial does not fit corners, jumps, poles and vectors that turn at random.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from numpy.polynomial import Chebyshev

import tinygraph as tg
from tests.properties.test_degenerate_matrices import DEGENERATE, MODES, B

RADIUS = 0.05
NODES = RADIUS * np.cos(np.pi * (np.arange(40) + 0.5) / 40)
OF_ONE = [
    "cholesky", "cond", "det", "diagonal", "eig", "eigh", "eigvals", "eigvalsh", "inv", "matrix_norm",
    "matrix_transpose", "norm", "pinv", "qr", "slogdet", "svd", "svdvals", "tensorinv", "trace", "vector_norm",
]  # fmt: skip
CALLS: dict[str, Any] = {
    **{name: getattr(np.linalg, name) for name in OF_ONE if name not in ("eig", "eigh", "qr", "svd", "tensorinv")},
    "eig": lambda a: np.linalg.eig(a)[0],
    "eigh": lambda a: (np.linalg.eigh(a)[0], np.linalg.eigh(a)[1] ** 2),  # of vectors, the sign is LAPACK's
    "qr": lambda a: tuple(y**2 for y in np.linalg.qr(a)),
    "svd": lambda a: tuple(y**2 for y in np.linalg.svd(a)),
    "tensorinv": lambda a: np.linalg.tensorinv(a, 1),
    **{f"norm {ord}": lambda a, ord=ord: np.linalg.norm(a, ord) for ord in (2, -2, "nuc")},
    **{f"cond {p}": lambda a, p=p: np.linalg.cond(a, p) for p in (1, -2, "fro", "nuc")},
    **{f"matrix_power {n}": lambda a, n=n: np.linalg.matrix_power(a, n) for n in (-2, 0, 1, 5)},
    "solve": lambda a: np.linalg.solve(a, np.ones(3)),
    "tensorsolve": lambda a: np.linalg.tensorsolve(a, np.ones(3)),
    "lstsq": lambda a: np.linalg.lstsq(a, np.ones(3))[0],
    "matmul": lambda a: np.linalg.matmul(a, a),
    "tensordot": lambda a: np.linalg.tensordot(a, a, axes=1),
    "multi_dot": lambda a: np.linalg.multi_dot([a, a, a]),
    "vecdot": lambda a: np.linalg.vecdot(a, a),
    "outer": lambda a: np.linalg.outer(a[0], a[1]),
    "cross": lambda a: np.linalg.cross(a, a[::-1]),
    "poly": np.poly,
    "roots": lambda a: np.roots(np.concatenate([np.ones(1), a[0]])),
}
FUNCTIONS = {
    "squares": lambda y: np.sum(np.real(y) ** 2 - np.imag(y) ** 2),
    "weighted": lambda y: np.sum(np.real(y) * np.arange(1.0, 1 + np.size(y)).reshape(np.shape(y))),
    "exponential": lambda y: np.sum(np.exp(np.real(y))),
}
CONVENTIONS = {  # corners, where the page of singular points has another value
    ("norm -2", "rank 1"), ("cond -2", "rank 1"), ("norm", "zero"), ("matrix_norm", "zero"), ("vector_norm", "zero"),
    ("qr", "nearly singular"),  # of which only the first derivative has digits
}  # fmt: skip
SYMMETRIC = {"eig", "eigvals", "roots"}  # the order of eigenvalues is LAPACK's, and jumps


def test_nothing_of_numpy_linalg_is_missing():
    called = {name.split()[0] for name in CALLS}
    assert set(tg.linalg.__all__) - called == {"LinAlgError", "matrix_rank"}


def flat(found: Any, f: Any) -> Any:
    return sum(f(y) for y in found) if isinstance(found, tuple) else f(found)


def fitted(f: Any) -> list[float] | None:
    """f', f'', f''' at 0 of the polynomial that fits f, or None where none does."""
    try:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            values, there = np.array([float(np.real(f(t))) for t in NODES]), float(np.real(f(0.0)))
    except np.linalg.LinAlgError:
        return None
    if not np.isfinite([*values, there]).all():
        return None
    fit = Chebyshev.fit(NODES, values, 14, domain=[-RADIUS, RADIUS])
    size = np.max(np.abs(values), initial=1e-300)
    if np.max(np.abs(fit(NODES) - values)) > 1e-12 * size or abs(fit(0.0) - there) > 1e-9 * size:
        return None
    return [float(fit.deriv(k)(0.0)) for k in (1, 2, 3)]


@pytest.mark.parametrize("g", FUNCTIONS.values(), ids=FUNCTIONS.keys())
@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_what_is_smooth_is_right_or_says_so(call, g):
    if g is FUNCTIONS["weighted"] and any(call is CALLS[name] for name in SYMMETRIC):
        return
    for name, a in DEGENERATE.items():
        if a.dtype.kind == "c" or any(call is CALLS[c] and name == at for c, at in CONVENTIONS):
            continue
        for direction in (np.eye(3), B, B + B.T, B - B.T):

            def f(t, a=a, direction=direction):
                return flat(call(a + t * direction), g)

            expected = fitted(f)
            if expected is None:
                continue
            size = max(map(abs, [*expected, 1.0]))
            for mode in MODES:
                for order in (1, 2, 3):
                    try:
                        with np.errstate(all="ignore"):
                            found = float(mode(f, order)(0.0))
                    except (np.linalg.LinAlgError, tg.SingularPointWarning):
                        break
                    close = abs(found - expected[order - 1]) < 1e-3 * size
                    assert close, f"{name}, {mode.__name__}, order {order}: {found}, not {expected[order - 1]}"
