"""tg.scipy.linalg.eigh beside a second matrix, Riccati's equation, distances, w(z), and transforms by SciPy's names."""

import numpy as np
import pytest

import tinygraph as tg

linalg = pytest.importorskip("scipy.linalg")
distance = pytest.importorskip("scipy.spatial.distance")
special = pytest.importorskip("scipy.special")
fft = pytest.importorskip("scipy.fft")
ours = tg.scipy.linalg
METRICS = tg.scipy.spatial.distance.METRICS


def symmetric(rng, n, i=0):
    x = rng.normal(size=(n, n)) + i * rng.normal(size=(n, n))
    return x + np.conj(x.T)


@pytest.mark.parametrize("i", [0, 1j], ids=["real", "complex"])
@pytest.mark.parametrize("lower", [True, False])
def test_a_pencil_of_matrices_has_scipys_values_and_vectors(rng, i, lower):
    a, b = symmetric(rng, 4, i), symmetric(rng, 4, i) + 12 * np.eye(4)
    for second in (b, None):
        w, v = linalg.eigh(a, second, lower=lower)
        found = ours.eigh(tg.tensor(a), second, lower=lower)
        np.testing.assert_allclose(found[0].numpy(), w, atol=1e-12)
        np.testing.assert_allclose(found[1].numpy(), v, atol=1e-12)
        np.testing.assert_allclose(ours.eigvalsh(tg.tensor(a), second, lower=lower).numpy(), w, atol=1e-12)
        np.testing.assert_array_equal(ours.eigh(a, second, lower=lower)[1], v)


def test_the_derivatives_of_a_pencil(rng):
    a, b = symmetric(rng, 3), symmetric(rng, 3) + 9 * np.eye(3)
    weight = np.arange(9.0).reshape(3, 3)
    assert tg.check_gradients(lambda a, b: ours.eigh(a, b)[1] ** 2 * weight + ours.eigvalsh(a, b), a, b, order=2).ok
    assert tg.check_gradients(lambda a: ours.eigh(a)[1] ** 2 * weight + ours.eigvalsh(a), a, order=2).ok
    with pytest.raises(np.linalg.LinAlgError, match="positive definite"):
        ours.eigh(tg.tensor(a), -b)


@pytest.mark.parametrize("i", [0, 1j], ids=["real", "complex"])
def test_riccatis_equation(rng, i):
    a, b = rng.normal(size=(3, 3)) + i * rng.normal(size=(3, 3)), rng.normal(size=(3, 2)) + i * rng.normal(size=(3, 2))
    s, t = rng.normal(size=(3, 3)), rng.normal(size=(2, 2))

    def solve(a, b, s, t):
        return ours.solve_continuous_are(a, b, s @ s.T + np.eye(3), t @ t.T + np.eye(2))

    np.testing.assert_allclose(solve(*map(tg.tensor, (a, b, s, t))).numpy(), solve(a, b, s, t), rtol=1e-10, atol=1e-12)
    assert tg.check_gradients(solve, a, b, s, t, order=2).ok


def test_the_third_derivative_of_riccatis_equation():
    """x² - 2 a x = 4 for numbers: x = a + sqrt(a² + 4)."""

    def solve(a):
        return ours.solve_continuous_are(tg.reshape(a, (1, 1)), np.eye(1), 4 * np.eye(1), np.eye(1))[0, 0]

    third = tg.grad(tg.grad(tg.grad(solve)))
    exact = tg.grad(tg.grad(tg.grad(lambda a: a + np.sqrt(a**2 + 4))))
    np.testing.assert_allclose(third(0.7), exact(0.7), rtol=1e-9)


@pytest.mark.parametrize("metric", METRICS)
def test_distances(rng, metric):
    x, y = rng.normal(size=(4, 3)), rng.normal(size=(5, 3))
    near = tg.scipy.spatial.distance
    np.testing.assert_allclose(near.cdist(tg.tensor(x), y, metric).numpy(), distance.cdist(x, y, metric), rtol=1e-12)
    np.testing.assert_allclose(near.pdist(tg.tensor(x), metric).numpy(), distance.pdist(x, metric), rtol=1e-12)
    np.testing.assert_array_equal(near.cdist(x, y, metric), distance.cdist(x, y, metric))
    np.testing.assert_array_equal(near.pdist(x, metric), distance.pdist(x, metric))
    assert tg.check_gradients(lambda x, y: near.cdist(x, y, metric), x, y, order=2).ok


def test_distances_with_settings_and_errors(rng):
    x, near = rng.normal(size=(4, 3)), tg.scipy.spatial.distance
    np.testing.assert_allclose(near.pdist(tg.tensor(x), "minkowski", p=3).numpy(), distance.pdist(x, "minkowski", p=3))
    with pytest.raises(ValueError, match="cdist: metric='jaccard' is not recorded; give one of euclidean"):
        near.cdist(tg.tensor(x), x, "jaccard")
    with pytest.raises(ValueError, match=r"pdist: points of shape \(3,\); give a matrix with a row for each"):
        near.pdist(tg.tensor(x[0]))


def test_the_faddeeva_function_near_and_far():
    z = np.array([0.3 + 0.2j, 2 - 1j, 60 + 1j, -70.0, 1e6j])
    slope = tg.jvp(special.wofz, (z,), (np.ones(5, complex),))[1]
    step = 1e-4 * np.maximum(1, np.abs(z))
    differences = (special.wofz(z + step) - special.wofz(z - step)) / (2 * step)
    np.testing.assert_allclose(slope, differences, rtol=1e-6)
    assert tg.check_gradients(
        lambda x, y: np.abs(special.wofz(x + 1j * y)) ** 2, np.array([0.3, 2.0]), np.array([0.2, 0.7]), order=2
    ).ok


@pytest.mark.parametrize("name", ["fft", "ifft", "rfft", "irfft", "fft2", "rfftn", "fftshift", "hfft"])
def test_transforms_by_scipys_names(rng, name):
    x = rng.normal(size=(4, 6))
    np.testing.assert_allclose(getattr(tg.scipy.fft, name)(tg.tensor(x)).numpy(), getattr(fft, name)(x), atol=1e-12)
