"""Functions of matrices to order 3, where these are degenerate, against 40 digits."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.test_degenerate_matrices import along, along_forward

pytest.importorskip("scipy")
mpmath = pytest.importorskip("mpmath")
ours = tg.scipy.linalg
ONES = np.ones((2, 2))
Q = np.linalg.qr(np.random.default_rng(3).standard_normal((2, 2)))[0]
ENTIRE = {
    "zero": (0 * ONES, ONES),
    "nilpotent": (np.eye(2, k=1), ONES),
    "rank 1": (ONES, np.array([[1.0, 2], [0, 1]])),
    "permutation": (np.eye(2)[::-1], ONES),
    "rotation": (np.array([[0.0, 1], [-1, 0]]), ONES),
}
REGULAR = {
    "identity": (np.eye(2), np.array([[0.0, 1], [1, 0]])),
    "nearly the identity": (np.diag([1.0, 1 + 1e-15]), ONES),
    "equal, defective": (np.array([[2.0, 1], [0, 2]]), ONES),
    "rotation": (np.array([[0.0, 1], [-1, 0]]), ONES),
    "permutation": (np.eye(2)[::-1], np.eye(2)),
    "one negative": (np.diag([-1.0, 4]), ONES),
    "negative, turned": (Q @ np.diag([-1.0, 4]) @ Q.T, np.eye(2)),
    "negative": (np.diag([-1.0, -1]), np.eye(2)),
    "negative, defective": (np.array([[-1.0, 1], [0, -1]]), np.eye(2)),
    "large and small": (np.diag([1e4, 1.0]), ONES),
    "complex": (np.array([[1j, 1], [0, -2 + 1j]]), ONES),
}
CASES = {
    **{f"expm, {k}": ("expm", *v) for k, v in (ENTIRE | REGULAR).items() if k != "large and small"},
    **{f"{f}, {k}": (f, *v) for f in ("logm", "sqrtm") for k, v in REGULAR.items()},
}


def size(m: Any, y: Any) -> Any:
    """A real function of all real and imaginary parts."""
    return m.sum(m.real(y) ** 2 * np.array([[1.0, 2], [3, 4]])) + m.sum(m.imag(y) ** 3) + m.sum(m.real(y))


def exactly(name: str, a: Any, b: Any, order: int) -> float:
    upper = np.imag(np.trace(getattr(ours, name)(a)))

    def f(t: Any) -> Any:
        y = getattr(mpmath, name)(mpmath.matrix(a.tolist()) + t * mpmath.matrix(b.tolist()))
        sign = -1 if a.dtype.kind != "c" and mpmath.im(y[0, 0] + y[1, 1]) * upper < 0 else 1  # mpmath's side of the cut
        parts = [(mpmath.re(y[i, j]), sign * mpmath.im(y[i, j]), 1 + 2 * i + j) for i in (0, 1) for j in (0, 1)]
        return sum(w * re**2 + im**3 + re for re, im, w in parts)

    with mpmath.workdps(40):
        h = mpmath.mpf(10) ** -8
        stencils = {1: [(1, 1), (-1, -1)], 2: [(1, 1), (0, -2), (-1, 1)], 3: [(2, 1), (1, -2), (-1, 2), (-2, -1)]}
        scale = h**order * (1 if order == 2 else 2)
        return float(sum(c * f(k * h) for k, c in stencils[order]) / scale)


@pytest.mark.parametrize(("order", "mode"), [(1, along), (2, along), (2, along_forward), (3, along)])
@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_against_forty_digits(mode, order, case):
    name, a, b = case
    found = float(mode(lambda t: size(np, getattr(ours, name)(a + t * b)), order)(0.0))
    np.testing.assert_allclose(found, exactly(name, a, b, order), rtol=1e-6, atol=1e-8)


@pytest.mark.filterwarnings("ignore:Matrix is singular")
@pytest.mark.parametrize("name", ["sqrtm", "logm"])
@pytest.mark.parametrize("a", [0 * ONES, np.diag([1.0, 0]), ONES, np.diag([1.0, 0])[:, ::-1] * 0 + np.diag([0.0, 2])])
def test_singular_matrices_raise(name, a):
    with pytest.raises(np.linalg.LinAlgError, match=f"{name}: a matrix is singular"):
        tg.grad(lambda a: np.sum(np.real(getattr(ours, name)(a))))(a)


def test_far_apart_is_not_singular():
    found = tg.grad(lambda d: np.sum(ours.sqrtm(np.eye(2) * d)))(np.array([1e20, 1.0]))
    np.testing.assert_allclose(found, [0.5e-10, 0.5])


def test_every_order_of_the_exponential_is_the_exponential():
    for order in range(1, 6):
        np.testing.assert_allclose(float(along(lambda t: ours.expm(t * np.eye(2))[0, 0], order)(0.5)), np.exp(0.5))
