"""Derivatives of functions of matrices where these are degenerate, to order 3, against closed forms.

Degenerate are zero, the identity, permutations, equal values, deficient ranks, nilpotent matrices, branch cuts: where
formulas divide by zero though the function is smooth, and where it has no derivative and must say so.
"""

from __future__ import annotations

from itertools import permutations
from typing import Any

import numpy as np
import pytest

import tinygraph as tg

RNG = np.random.default_rng(3)
EYE = np.eye(3)
B = np.arange(9.0).reshape(3, 3) + 3 * EYE
Q = np.linalg.qr(RNG.standard_normal((3, 3)))[0]
DEGENERATE = {
    "zero": 0 * EYE,
    "identity": EYE,
    "permutation": EYE[[1, 2, 0]],
    "rotation": np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]]),
    "rank 1": np.outer([1.0, 2, 3], [1.0, 1, 1]),
    "rank 2": np.diag([1.0, 2, 0]),
    "nilpotent": np.eye(3, k=1),
    "two equal": np.diag([1.0, 1, 2]),
    "two equal, turned": Q @ np.diag([1.0, 1, 2]) @ Q.T,
    "nearly equal": np.diag([1.0, 1 + 1e-15, 2]),
    "nearly singular": np.diag([1.0, 2, 1e-12]),
    "complex": np.diag([1.0, 0, 1j]) + 1j * np.eye(3, k=1),
}


def along(f: Any, order: int) -> Any:
    """The derivative of that order of a function of one number, by the reverse sweep of reverse sweeps."""
    for _ in range(order):
        f = tg.grad(f)
    return f


def along_forward(f: Any, order: int) -> Any:
    """The same by the forward sweep of forward sweeps."""
    for _ in range(order):
        f = lambda t, f=f: tg.jvp(f, (t,), (1.0,))[1]  # noqa: E731
    return f


MODES = [along, along_forward]


# ------------------------------------------------------------------------------------------- determinants


def leibniz(a: Any) -> Any:
    """The determinant as the sum over permutations: products and sums of elements."""
    n = a.shape[-1]
    return sum(
        round(np.linalg.det(np.eye(n)[list(p)])) * np.prod(np.stack([a[i, p[i]] for i in range(n)]))
        for p in permutations(range(n))
    )


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("order", [1, 2, 3, 4])
@pytest.mark.parametrize("a", DEGENERATE.values(), ids=DEGENERATE.keys())
def test_a_determinant_is_a_polynomial(mode, order, a):
    for b in (EYE, B) if a.dtype.kind != "c" else (EYE, 1j * B):
        for part in (np.real, np.imag):
            ours, theirs = (
                float(mode(lambda t: part(f(a + t * b)), order)(0.0))
                for f in (np.linalg.det, leibniz)  # noqa: B023
            )
            np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("a", [a for a in DEGENERATE.values() if a.dtype.kind != "c"])
def test_functions_of_cofactors(a):
    def size(det):
        return lambda a: np.sum(tg.grad(det)(a) ** 2)

    ours, theirs = (tg.hessian(size(det))(a) for det in (np.linalg.det, leibniz))
    np.testing.assert_allclose(ours, theirs, atol=1e-8)


@pytest.mark.parametrize(("n", "rank"), [(4, 1), (4, 2), (6, 4), (12, 10)])
def test_determinants_of_larger_matrices_of_low_rank(n, rank):
    a = np.diag([1.0] * rank + [0.0] * (n - rank))
    for order in (1, 2, 3):  # det(a + tI) = (1 + t)^rank t^(n - rank)
        polynomial = np.polymul(np.poly([-1] * rank), [1.0] + [0.0] * (n - rank))
        expected = np.polyval(np.polyder(polynomial, order), 0.0)
        found = float(along(lambda t: np.linalg.det(a + t * np.eye(n)), order)(0.0))
        np.testing.assert_allclose(found, expected, atol=1e-12)


def test_determinants_of_a_batch_some_of_which_are_singular():
    batch = np.stack([EYE, np.diag([1.0, 0, 0]), B])
    found = tg.hessian(lambda a: np.sum(np.linalg.det(a) ** 2))(batch)
    for k, a in enumerate(batch):
        expected = tg.hessian(lambda a: leibniz(a) ** 2)(a)
        np.testing.assert_allclose(found[k, :, :, k], expected, atol=1e-8)


@pytest.mark.parametrize("a", [EYE, EYE[[1, 2, 0]], DEGENERATE["two equal"]])
def test_logarithms_of_determinants(a):
    for order, expected in [(1, 1), (2, -1), (3, 2)]:
        expected = expected * np.trace(np.linalg.matrix_power(np.linalg.solve(a, B), order))
        found = along(lambda t: np.linalg.slogdet(a + t * B)[1], order)(0.0)
        np.testing.assert_allclose(float(found), expected, rtol=1e-10)
