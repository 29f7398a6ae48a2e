"""Derivatives of functions of matrices where these are degenerate, to order 3, against closed forms.

Degenerate are zero, the identity, permutations, equal values, deficient ranks, nilpotent matrices, branch cuts: where
formulas divide by zero though the function is smooth, and where it has no derivative and must say so.
"""

from __future__ import annotations

import warnings
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
    def both(det, part, b):
        return float(mode(lambda t: part(det(a + t * b)), order)(0.0))

    for part in (np.real, np.imag):
        for b in (EYE, 1j * B) if a.dtype.kind == "c" else (EYE, B):
            np.testing.assert_allclose(both(np.linalg.det, part, b), both(leibniz, part, b), rtol=1e-9, atol=1e-9)


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


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("a", DEGENERATE.values(), ids=DEGENERATE.keys())
def test_characteristic_polynomials_are_polynomials(mode, a):
    expected = {  # of the elements: -tr(a), the sum of the minors of two, -det(a)
        1: lambda a: -np.trace(a),
        2: lambda a: (np.trace(a) ** 2 - np.trace(a @ a)) / 2,
        3: lambda a: -leibniz(a),
    }
    for k, f in expected.items():
        for order in (1, 2, 3):
            found = mode(lambda t: np.real(np.poly(a + t * B)[k]), order)(0.0)  # noqa: B023
            theirs = mode(lambda t: np.real(f(a + t * B)), order)(0.0)  # noqa: B023
            np.testing.assert_allclose(float(found), float(theirs), rtol=1e-9, atol=1e-9)


# ------------------------------------------------------------------------------------------- equal values

SWAP = np.array([[0.0, 1], [1, 0]])
VALUES = {
    "eigvalsh": lambda m: np.linalg.eigvalsh(m),
    "eigvalsh U": lambda m: np.linalg.eigvalsh(m, "U"),
    "eigh": lambda m: np.linalg.eigh(m)[0],
    "eigvals": lambda m: np.linalg.eigvals(m).real,
    "eig": lambda m: np.linalg.eig(m)[0].real,
    "svdvals": lambda m: np.linalg.svdvals(m),
    "svd": lambda m: np.linalg.svd(m)[1],
    "svd of Hermitian": lambda m: np.linalg.svd(m, hermitian=True)[1],
}
SYMMETRIC = {
    "squares": (lambda w: np.sum(w**2), lambda t, m, b: np.sum((m + t * b) * (m + t * b).T)),
    "cubes": (lambda w: np.sum(w**3), lambda t, m, b: np.trace((m + t * b) @ (m + t * b) @ (m + t * b))),
    "logarithms": (lambda w: np.sum(np.log(w)), lambda t, m, b: np.linalg.slogdet(m + t * b)[1]),
}
EQUAL = {
    "identity": np.eye(2),
    "nearly": np.diag([1.0, 1 + 1e-15]),
    "in part": np.diag([1.0, 1, 2]),
    "turned": Q @ np.diag([1.0, 1, 2]) @ Q.T,
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("f", SYMMETRIC.values(), ids=SYMMETRIC.keys())
@pytest.mark.parametrize("values", VALUES.values(), ids=VALUES.keys())
@pytest.mark.parametrize("m", EQUAL.values(), ids=EQUAL.keys())
def test_symmetric_functions_of_equal_values_are_right_or_say_so(mode, f, values, m):
    b = np.arange(1.0, 1 + m.size).reshape(m.shape)
    b, one = b + b.T, np.eye(len(m))
    for direction in (one, one + 0.5 * m):  # what moves all vectors of a value alike; here the values tell all
        for order in (1, 2, 3):
            found = quiet(mode(lambda t: f[0](values(m + t * direction)), order))  # noqa: B023
            expected = mode(lambda t: f[1](t, m, direction), order)(0.0)  # noqa: B023
            np.testing.assert_allclose(found, expected, rtol=1e-6, atol=1e-9)
    for order in (1, 2, 3):
        expected = mode(lambda t: f[1](t, m, b), order)(0.0)
        try:
            found = mode(lambda t: f[0](values(m + t * b)), order)(0.0)
        except (np.linalg.LinAlgError, tg.SingularPointWarning) as said:
            assert order > 1 or (isinstance(said, Warning) and mode is along_forward)  # noqa: PT017
        else:
            assert order == 1
            np.testing.assert_allclose(float(found), expected, rtol=1e-10)


def quiet(f: Any) -> float:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tg.SingularPointWarning)
        return float(f(0.0))


@pytest.mark.parametrize("find", [
    lambda f, m, d: tg.hessian(f)(m),
    lambda f, m, d: tg.hvp(f, m, d),
    lambda f, m, d: tg.jvp(lambda s: tg.jvp(f, (s,), (d,))[1], (m,), (d,)),
    lambda f, m, d: tg.jacobian(tg.grad(f))(m),
    lambda f, m, d: tg.vjp(tg.grad(f), m)[1](d),
])  # fmt: skip
@pytest.mark.parametrize("m", [np.eye(2), 0 * np.eye(2), np.stack([np.diag([1.0, 2]), np.eye(2)])])
def test_second_derivatives_at_equal_values_raise_in_every_mode(find, m):
    with pytest.raises(np.linalg.LinAlgError, match="eigvalsh: second derivatives of functions of equal eigenvalues"):
        find(lambda m: np.sum(np.linalg.eigvalsh(m) ** 2), m, np.broadcast_to(SWAP, m.shape) + 0.0)


def test_sums_of_values_have_second_derivatives_where_values_are_equal():
    for values in (np.linalg.eigvalsh, lambda m: np.linalg.eigvals(m).real):
        np.testing.assert_allclose(tg.hessian(lambda m: np.sum(values(m)))(np.eye(2)), 0, atol=1e-12)  # noqa: B023
    turn = np.array([[0.0, 1], [-1, 0]])  # |1 + t turn|, the sum of singular values, is 2 sqrt(1 + t²)
    for f in (lambda m: np.linalg.norm(m, "nuc"), lambda m: np.sum(np.linalg.svd(m)[1])):
        np.testing.assert_allclose(quiet(along(lambda t: f(np.eye(2) + t * turn), 2)), 2.0)  # noqa: B023
        np.testing.assert_allclose(quiet(along(lambda t: f(np.eye(2) + t * SWAP), 2)), 0.0, atol=1e-12)  # noqa: B023


def test_second_derivatives_at_values_that_are_far_apart():
    for name, values in VALUES.items():
        for f, plain in SYMMETRIC.values():
            m, b = np.diag([1.0, 2.0, 4.0]), B + B.T
            for mode in MODES:
                for order in (1, 2, 3):
                    found = mode(lambda t: f(values(m + t * b)), order)(0.0)  # noqa: B023
                    expected = mode(lambda t: plain(t, m, b), order)(0.0)  # noqa: B023
                    np.testing.assert_allclose(float(found), expected, rtol=1e-8, atol=1e-8, err_msg=name)


@pytest.mark.parametrize("m", [np.eye(2), np.diag([1.0, 1, 2, 3]), 0 * np.eye(3), EQUAL["turned"]])
def test_functions_of_vectors_warn_at_equal_values(m):
    w = np.arange(1.0, 1 + m.size).reshape(m.shape)

    def by_exp(a):
        w_, v = np.linalg.eigh(a)
        return np.sum(((v * np.exp(w_)) @ v.T) * w)

    with pytest.warns(tg.SingularPointWarning, match="eigh: the gradient of vectors of equal values"):
        tg.grad(by_exp)(m)
    if np.any(m):
        with pytest.warns(tg.SingularPointWarning, match="svd: the gradient of vectors of equal values"):
            tg.grad(lambda a: rebuilt(a, w))(m)


def rebuilt(a: Any, w: Any) -> Any:
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    return np.sum(((u * s) @ vh) * w)


def test_what_turns_both_vectors_of_equal_singular_values_apart_is_right():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", tg.SingularPointWarning)
        found = tg.grad(lambda a: rebuilt(a, np.array([[0.0, 1], [-1, 0]])))(np.eye(2))
    np.testing.assert_allclose(found, [[0.0, 1], [-1, 0]])


@pytest.mark.parametrize("m", [np.diag([1.0, 2, 0]), np.diag([1.0, 2, 3])])
def test_what_is_rebuilt_of_singular_values_is_right_where_one_is_zero(m):
    np.testing.assert_allclose(tg.grad(lambda a: rebuilt(a, B))(m), B, atol=1e-12)


@pytest.mark.parametrize("m", [np.ones((3, 2)), np.ones((2, 3)), np.diag([1.0, 0, 0])])
def test_what_is_rebuilt_of_singular_values_warns_where_vectors_of_zero_matter(m):
    with pytest.warns(tg.SingularPointWarning, match="singular values 0"):
        tg.grad(lambda a: rebuilt(a, np.arange(1.0, 1 + m.size).reshape(m.shape) ** 2))(m)


def test_subspaces_of_values_that_stand_apart_do_not_warn():
    a = Q @ np.diag([1.0, 1.0, 3.0]) @ Q.T
    found = tg.grad(lambda a: np.sum(np.linalg.eigh((a + a.T) / 2)[1][:, 2:] ** 2 * B[:, :1]))(a)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("a", [np.eye(2, k=1), np.eye(3, k=1), np.array([[2.0, 1], [0, 2]])])
def test_too_few_eigenvectors_raise(a):
    with pytest.raises(np.linalg.LinAlgError, match="eig: an eigenvalue occurs several times with fewer vectors"):
        tg.grad(lambda a: np.sum(np.linalg.eigvals(a).real ** 2))(a)


def test_eigenvalues_that_rounding_has_parted_warn():
    def f(p):
        return np.sum(np.roots(p).real ** 2)

    with pytest.raises(np.linalg.LinAlgError, match="such as a repeated root of a polynomial"):
        tg.grad(f)(np.array([1.0, -2.0, 1.0]))
    with pytest.warns(tg.SingularPointWarning, match="such as a repeated root of a polynomial"):
        tg.grad(f)(np.array([1.0, -3.0, 3.0, -1.0]))
    tg.grad(f)(np.poly(np.arange(1.0, 11.0)))


def test_a_root_that_is_zero_moves():
    found = tg.grad(lambda p: np.sum(np.roots(p) * np.array([1.0, 2.0, 3.0])))(np.array([1.0, -3.0, 2.0, 0.0]))
    moved = [-(r ** np.arange(3, -1, -1.0)) / (3 * r**2 - 6 * r + 2) for r in np.roots([1.0, -3.0, 2.0, 0.0])]
    np.testing.assert_allclose(found, np.array([1.0, 2.0, 3.0]) @ moved, atol=1e-12)
