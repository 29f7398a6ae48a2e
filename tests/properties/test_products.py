"""Products, convolutions and polynomials: NumPy's values for every keyword, and right derivatives."""

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.numpy_twins import twins

rng = np.random.default_rng(12)


def x(*shape: int) -> np.ndarray[Any, Any]:
    return np.asarray(rng.standard_normal(shape))


POINTS = np.linspace(-1.0, 1.0, 6) + 0.03 * x(6)
CALLS: dict[str, tuple[Any, ...]] = {
    **{f"inner {a} {b}": (lambda m, a, b: m.inner(a, b), x(*a), x(*b))
       for a, b in (((3,), (3,)), ((2, 3), (4, 3)), ((), (2, 3)), ((2, 2, 3), (3,)), ((2, 3), ()))},
    **{f"vdot {a} {b}": (lambda m, a, b: m.vdot(a, b), x(*a), x(*b)) for a, b in (((3,), (3,)), ((2, 3), (6,)))},
    "vecdot": (lambda m, a, b: m.vecdot(a, b), x(2, 3), x(3)),
    "vecdot axis": (lambda m, a, b: m.vecdot(a, b, axis=0), x(2, 3), x(2, 3)),
    **{f"kron {a} {b}": (lambda m, a, b: m.kron(a, b), x(*a), x(*b))
       for a, b in (((2,), (3,)), ((2, 2), (2, 3)), ((2,), (2, 3)), ((1, 2, 2), (2, 1)), ((), (2,)))},
    "cross": (lambda m, a, b: m.cross(a, b), x(2, 3), x(3)),
    "cross axes": (lambda m, a, b: m.cross(a, b, axisa=0, axisb=1, axisc=0), x(3, 2), x(2, 3)),
    "cross axis": (lambda m, a, b: m.cross(a, b, axis=1), x(2, 3, 2), x(2, 3, 2)),
    "tensordot of numbers": (lambda m, a, b: m.tensordot(a, b, 0), x(2), x(3)),
    "tensordot axes": (lambda m, a, b: m.tensordot(a, b, axes=([0, -1], [1, 0])), x(2, 3, 4), x(4, 2)),
    "einsum of lists": (lambda m, a, b: m.einsum(a, [0, 1], b, [1, 2], [2, 0]), x(2, 3), x(3, 2)),
    "einsum of lists, implicit": (lambda m, a, b: m.einsum(a, [0, 1], b, [1, 2]), x(2, 3), x(3, 2)),
    "einsum of lists, dots": (lambda m, a: m.einsum(a, [..., 0, 0], [..., 0]), x(2, 3, 3)),
    "einsum optimize": (lambda m, a, b, c: m.einsum("ij,jk,kl->il", a, b, c, optimize=True), x(2, 3), x(3, 2), x(2, 2)),
    "einsum dtype": (lambda m, a: m.einsum("ij->j", a, dtype=np.float64), x(2, 3)),
    "einsum of one length 1": (lambda m, a, b: m.einsum("...i,...i->...", a, b), x(1, 3), x(2, 3)),
    **{f"convolve {mode} {n} {k}": (lambda m, a, b, mode=mode: m.convolve(a, b, mode), x(n), x(k))
       for mode in ("full", "same", "valid") for n, k in ((5, 3), (3, 6), (2, 5), (4, 4), (1, 3))},
    **{f"correlate {mode} {n} {k}": (lambda m, a, b, mode=mode: m.correlate(a, b, mode=mode), x(n), x(k))
       for mode in ("full", "same", "valid") for n, k in ((5, 3), (3, 6), (2, 5), (4, 4), (1, 3))},
    "convolve": (lambda m, a, b: m.convolve(a, b), x(3), x(2)),
    "correlate": (lambda m, a, b: m.correlate(a, b), x(3), x(2)),
    "polyval": (lambda m, p, a: m.polyval(p, a), x(4), x(2, 3)),
    "polyval of a constant": (lambda m, p, a: m.polyval(p, a), x(1), x(3)),
    "polyadd": (lambda m, p, q: m.polyadd(p, q), x(2), x(4)),
    "polysub": (lambda m, p, q: m.polysub(p, q), x(4), x(2)),
    "polymul": (lambda m, p, q: m.polymul(p, q), x(4), x(2)),
    "polydiv": (lambda m, p, q: m.polydiv(p, q)[0], x(5), x(3)),
    "polydiv by a number": (lambda m, p, q: m.polydiv(p, q)[0], x(3), x(1)),
    **{f"polyder {n}": (lambda m, p, n=n: m.polyder(p, n), x(4)) for n in (0, 1, 2)},
    **{f"polyint {n}": (lambda m, p, n=n: m.polyint(p, n), x(3)) for n in (0, 1, 2)},
    "polyint k": (lambda m, p, k: m.polyint(p, 2, k), x(3), x(2)),
    "polyint one k": (lambda m, p: m.polyint(p, 2, 0.5), x(3)),
    "poly": (lambda m, r: m.poly(r), x(4)),
    "poly of a matrix": (lambda m, a: m.poly(a), np.diag([1.0, 3.0, 6.0]) + 0.1 * x(3, 3)),
    "poly of a turning matrix": (lambda m, a: m.poly(a), np.array([[0.2, 1, 0.1], [-1, 0.1, 0.3], [0.2, 0.1, 2]])),
    "roots": (lambda m, p: m.roots(p), np.poly([1.0, -2.0, 4.0])),
    "roots and zeros": (lambda m, p: m.roots(p * np.array([0, 1, 1, 1, 0], p.dtype)), np.array([2.0, 1, -3, 1, 1])),
    "polyfit": (lambda m, a, b: m.polyfit(a, b, 2), POINTS, x(6)),
    "polyfit of columns": (lambda m, a, b: m.polyfit(a, b, 1, 1e-5), POINTS, x(6, 2)),
    "polyfit weighted": (lambda m, a, b, w: m.polyfit(a, b, 2, w=w), POINTS, x(6), 1 + POINTS**2),
    "polyfit full": (lambda m, a, b: m.polyfit(a, b, 2, full=True)[:4], POINTS, x(6)),
    "polyfit cov": (lambda m, a, b: m.polyfit(a, b, 2, cov=True), POINTS, x(6)),
    "polyfit cov of columns": (lambda m, a, b, w: m.polyfit(a, b, 1, w=w, cov=True), POINTS, x(6, 2), 1 + POINTS**2),
    "polyfit cov unscaled": (lambda m, a, b: m.polyfit(a, b, 2, cov="unscaled"), POINTS, x(6)),
}  # fmt: skip
if hasattr(np, "matvec"):  # since NumPy 2.2
    CALLS["matvec"] = (lambda m, a, b: m.matvec(a, b), x(2, 2, 3), x(3))
    CALLS["vecmat"] = (lambda m, a, b: m.vecmat(a, b), x(2), x(3, 2, 3))


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS.keys())
def test_as_numpy(call):
    f, *inputs = call
    twins(f, *inputs)


@pytest.mark.parametrize("shapes", [((2,), (2,)), ((4, 2), (3,)), ((3,), (4, 2)), ((4, 2), (2,))])
def test_cross_of_vectors_in_the_plane(shapes):
    a, b = (x(*shape) for shape in shapes)
    in_space = np.cross(*[np.pad(v, [(0, 0)] * (v.ndim - 1) + [(0, 3 - v.shape[-1])]) for v in (a, b)])
    expected = in_space[..., 2] if a.shape[-1] == b.shape[-1] == 2 else in_space
    np.testing.assert_allclose(tg.cross(tg.tensor(a), b).numpy(), expected, rtol=1e-14)
    tg.check_gradients(tg.cross, a, b, order=2)


def test_einsum_path_is_numpys():
    a, b, c = x(2, 3), x(3, 4), x(4, 2)
    tensors = [tg.tensor(t, requires_grad=True) for t in (a, b, c)]
    for kind in ("greedy", "optimal", True):
        expected = np.einsum_path("ij,jk,kl", a, b, c, optimize=kind)
        assert np.einsum_path("ij,jk,kl", *tensors, optimize=kind) == expected
    assert tg.einsum_path("ij,jk,kl", a, b, c)[0] == np.einsum_path("ij,jk,kl", a, b, c)[0]


def test_roots_of_nothing():
    for p in (np.zeros(3), np.array([2.0]), np.array([2.0, 0.0])):
        np.testing.assert_array_equal(tg.roots(p), np.roots(p))
    assert tg.roots(np.array([2, 0])).dtype == np.roots(np.array([2, 0])).dtype


def test_real_roots_of_a_real_polynomial_are_real():
    p = np.array([1.0, -6.0, 11.0, -6.0])
    assert np.roots(tg.tensor(p)).dtype == np.roots(tg.tensor(p.astype(int))).dtype == np.float64
    np.testing.assert_allclose(tg.grad(lambda p: np.roots(p).sum())(p), [-6, -1, 0, 0], atol=1e-12)


@pytest.mark.parametrize("dtype", ["?", "b", "i", "e", "f", "d", "F", "D"])
def test_a_polynomial_is_of_numpys_dtype(dtype):
    for zeros in (np.array([1, 2, 0]), np.array([[1, 2], [2, 1]]), np.array([[0, 1], [-1, 0]])):
        zeros = zeros.astype(dtype)
        if zeros.ndim == 2 and dtype == "e":
            continue  # LAPACK has none
        y = np.poly(tg.tensor(zeros))
        np.testing.assert_allclose(y.numpy(), np.poly(zeros), atol=1e-5)
        assert y.dtype == np.poly(zeros).dtype
    for zeros in (np.array([1j, -1j]), np.array([1j, 1j]), np.array([2 + 1j, 1.0, 2 - 1j]), np.array([1 + 0j])):
        assert np.poly(tg.tensor(zeros)).dtype == np.poly(zeros).dtype


def test_of_roots_in_pairs_what_moves_the_real_part_counts():
    zeros = np.array([1j, -1j])
    h = 1e-6
    for direction in (np.array([1, 0j]), np.array([1, 1 + 0j]), np.array([0, 1j])):
        along = (np.poly(zeros + h * direction) - np.poly(zeros - h * direction)) / (2 * h)
        found = tg.jvp(tg.poly, (zeros,), (direction,))[1]
        np.testing.assert_allclose(found, along.real, atol=1e-9)
    apart = np.array([1j, -2j])
    along = (np.poly(apart + [h, 0]) - np.poly(apart - [h, 0])) / (2 * h)
    np.testing.assert_allclose(tg.jvp(tg.poly, (apart,), (np.array([1, 0j]),))[1], along, atol=1e-9)


def test_remainders():
    u, v = x(5), x(3)
    np.testing.assert_allclose(np.polydiv(tg.tensor(u), v)[1].numpy(), np.polydiv(u, v)[1], rtol=1e-12)
    tg.check_gradients(lambda u, v: tg.polydiv(u, v)[1], u, v, order=2)
    quotient, remainder = tg.polydiv(v, u)
    assert quotient.tolist() == [0.0]
    assert remainder.tolist() == v.tolist()


def test_a_fit_of_too_few_points_warns_as_numpys():
    points = tg.tensor(np.array([1.0, 1.0, 2.0]), requires_grad=True)
    with pytest.warns(np.exceptions.RankWarning, match="polyfit: the points determine 2 of 3 coefficients; lower"):
        np.polyfit(points, np.array([1.0, 2.0, 3.0]), 2)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: tg.cross(t.T, t[0]), r"cross: vectors of length 3 and 4; they must have 2 or 3 elements"),
        (lambda t: np.convolve(t[0], t[:, 0], "some"), r"convolve: mode is 'some'; use 'full', 'same' or 'valid'"),
        (lambda t: np.convolve(t[0], t[0, :0]), r"convolve: lengths 4 and 0; both need an element at least"),
        (lambda t: np.polyder(t[0], -1), r"polyder: order -1; give 0 or more, or use polyint"),
        (lambda t: np.polyint(t[0], -1), r"polyint: order -1; give 0 or more, or use polyder"),
        (lambda t: np.polyint(t[0], 3, [1.0, 2.0]), r"polyint: 2 constants for order 3; give one for each integral"),
        (lambda t: np.polyfit(t[0], t[0], -1), r"polyfit: degree -1, x of shape \(4,\), y of shape \(4,\); give a"),
        (lambda t: np.polyfit(t[0], t[0], 3, cov=True), r"polyfit: 4 points for degree 3 leave nothing to estimate"),
    ],
)
def test_messages(call, message):
    t = tg.tensor(x(3, 4), requires_grad=True)
    with pytest.raises(ValueError, match=message):
        call(t)


def test_einsum_without_subscripts():
    with pytest.raises(TypeError, match=r"einsum: got ndarray, ndarray; give subscripts such as 'ij,jk->ik' first"):
        tg.einsum(np.ones(2), np.ones(2))
