"""Covariances, correlations and histograms: NumPy's values, and right gradients, in weights too."""

import warnings
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.numpy_twins import everywhere, twins
from tests.properties.test_composites import distinct

V, M, N = distinct((5,)), distinct((3, 5), 1), distinct((2, 5), 2)
F, A = np.array([1, 3, 0, 2, 1]), np.array([0.5, 1.0, 2.0, 0.25, 1.5])
PLACES = np.array([0, 2, 2, 5, 0])
EDGY = np.array([0, 1, 2, 3, -1, np.nan])

# Each is written once, and run with tinygraph's functions and with NumPy's in the place of `f`.
CASES: dict[str, tuple[Any, ...]] = {
    "cov": (lambda f, x: f.cov(x), M),
    "cov vector": (lambda f, x: f.cov(x), V),
    "cov columns": (lambda f, x: f.cov(x, rowvar=False), M),
    "cov column": (lambda f, x: f.cov(x, rowvar=False), M[:, :1]),
    "cov of two": (lambda f, x, y: f.cov(x, y), M, N),
    "cov of two vectors": (lambda f, x, y: f.cov(x, y, rowvar=False), V, M[0]),
    "cov of two columns": (lambda f, x, y: f.cov(x, y, False), M.T, N.T),
    "cov bias": (lambda f, x: f.cov(x, bias=True), M),
    "cov ddof": (lambda f, x: f.cov(x, ddof=2), M),
    "cov fweights": (lambda f, x: f.cov(x, fweights=F), M),
    "cov aweights": (lambda f, x: f.cov(x, aweights=A), M),
    "cov weights": (lambda f, x: f.cov(x, fweights=F, aweights=A, ddof=2), M),
    "cov weights biased": (lambda f, x: f.cov(x, fweights=F, aweights=A, bias=True), M),
    "cov tracked weights": (lambda f, x, a: f.cov(x, fweights=F, aweights=a), M, A),
    "cov tracked weights biased": (lambda f, x, a: f.cov(x, aweights=a, ddof=0), M, A),
    "cov dtype": (lambda f, x: f.cov(x, dtype=np.longdouble), M),
    "corrcoef": (lambda f, x: f.corrcoef(x), M),
    "corrcoef of two": (lambda f, x, y: f.corrcoef(x, y), M, N),
    "corrcoef columns": (lambda f, x, y: f.corrcoef(x, y, rowvar=False), M.T, N.T),
    "bincount": (lambda f, w: f.bincount(PLACES, w), V),
    "bincount minlength": (lambda f, w: f.bincount(PLACES, weights=w, minlength=9), V),
    "histogram": (lambda f, w: f.histogram(V, 3, weights=w)[0], A),
    "histogram range": (lambda f, w: f.histogram(V, 3, (-0.2, 0.5), weights=w)[0], A),
    "histogram edges": (lambda f, w: f.histogram(V, [-0.5, 0.4, 0.5], weights=w)[0], A),
    "histogram density": (lambda f, w: f.histogram(M, [-9, 0.4, 0.5, 9], density=True, weights=w)[0], M * M),
    "histogram2d": (lambda f, w: f.histogram2d(V, M[0], (2, 3), weights=w)[0], A),
    "histogram2d edges": (lambda f, w: f.histogram2d(V, M[0], [[-1, 0, 1], 2], None, True, w)[0], A),
    "histogramdd": (lambda f, w: f.histogramdd(M.T, 2, weights=w)[0], A),
    "histogramdd list": (
        lambda f, w: f.histogramdd(list(M), (2, 1, 3), [(-2, 2), None, (-1, 1)], density=True, weights=w)[0], A,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_values_and_derivatives(name):
    function, *inputs = CASES[name]
    twins(lambda f, *xs: f.square(function(f, *xs)), *inputs)


VALUES: dict[str, tuple[Any, ...]] = {
    "cov integers": (lambda f, x: f.cov(x), np.array([[3, 1, 2], [0, 1, 5]])),
    "cov complex": (lambda f, x: f.cov(x), M + 1j * M[::-1] ** 2),
    "cov complex weights": (lambda f, x: f.cov(x, aweights=A), M + 1j * M[::-1] ** 2),
    "corrcoef complex": (lambda f, x: f.corrcoef(x), M + 1j * M[::-1] ** 2),
    "corrcoef vector": (lambda f, x: f.corrcoef(x), V),
    "corrcoef along a line": (lambda f, x: f.corrcoef(x, -3 * x), V),
    "bincount": (lambda f, x: f.bincount(x), PLACES),
    "bincount minlength": (lambda f, x: f.bincount(x, minlength=9), PLACES),
    "histogram": (lambda f, x: f.histogram(x, 4), M),
    "histogram auto": (lambda f, x: f.histogram(x, "auto", density=True), M),
    "histogram complex": (lambda f, x: f.histogram(V, 4, weights=x), V + 1j),
    "histogram integers": (lambda f, x: f.histogram(V, 4, weights=x), PLACES),
    "histogram_bin_edges": (lambda f, x: f.histogram_bin_edges(x, 3, (-1, 1)), V),
    "histogram2d": (lambda f, x: f.histogram2d(x, x * x, 3), V),
    "histogramdd": (lambda f, x: f.histogramdd(x, (1, 2, 2, 1, 2)), M),
    "histogramdd list": (lambda f, x: f.histogramdd([x, x * x], [2, np.array([-1.0, 0.2, 3.0])]), V),
    "histogram on the limits": (lambda f, x: f.histogram(EDGY, [0, 1, 3], weights=x), np.arange(6.0)),
}  # fmt: skip


@pytest.mark.parametrize("name", VALUES)
def test_values(name):
    function, x = VALUES[name]
    expected = function(np, x)
    for result in everywhere(function, x):
        for ours, theirs in zip(parts(result), parts(expected), strict=True):
            assert ours.dtype == theirs.dtype
            np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-15)


def parts(result: Any) -> list[Any]:
    if isinstance(result, tuple | list):
        return [array for part in result for array in parts(part)]
    return [result.numpy() if isinstance(result, tg.Tensor) else np.asarray(result)]


@pytest.mark.parametrize("function", [tg.cov, tg.corrcoef, lambda z: tg.cov(z, aweights=A)])
def test_gradients_of_complex_covariances(function):
    z = M + 1j * M[::-1] ** 2
    assert tg.check_gradients(lambda z: (np.absolute(function(z)) ** 2).sum(), z).ok


def test_a_correlation_cannot_move_that_of_a_variable_with_itself():
    jacobian = tg.jacobian(lambda x: np.diagonal(np.corrcoef(x)))(M)
    np.testing.assert_allclose(jacobian, 0, atol=1e-15)


def test_too_few_observations_warn_as_in_numpy():
    for f in (lambda x: np.cov(x[:, :1]), lambda x: np.cov(x, ddof=5), lambda x: np.cov(x, aweights=A, ddof=9)):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            expected = f(M)
            found = f(tg.tensor(M, requires_grad=True))
        texts = [str(w.message) for w in caught]
        assert texts.count("Degrees of freedom <= 0 for slice") == 2
        np.testing.assert_array_equal(np.isnan(found.numpy()), np.isnan(expected))


def test_no_variables():
    assert np.cov(tg.tensor(np.zeros((0, 3)), requires_grad=True)).shape == np.cov(np.zeros((0, 3))).shape == (0, 0)


def test_a_compiled_step_counts_anew():
    step = tg.compile(lambda x, w: np.cov(x)[0, 1] + np.bincount(PLACES, w)[2] + np.histogram(V, 2, weights=w)[0][1])
    for seed in (1, 2):
        x, w = distinct((3, 5), seed), distinct((5,), seed)
        expected = np.cov(x)[0, 1] + np.bincount(PLACES, w)[2] + np.histogram(V, 2, weights=w)[0][1]
        assert step(tg.tensor(x), tg.tensor(w)).item() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda x: np.cov(x[None]), ValueError, r"cov: shape \(1, 3, 5\) with ddof=None; give two axes at most"),
        (lambda x: np.cov(x, ddof=0.5), ValueError, r"cov: shape \(3, 5\) with ddof=0.5; give two axes at most"),
        (lambda x: np.cov(x, fweights=A), TypeError, "fweights must be integer"),
        (lambda x: np.cov(x, aweights=-A), ValueError, "aweights cannot be negative"),
        (lambda x: np.cov(x, aweights=A[1:]), RuntimeError, "incompatible numbers of samples and aweights"),
        (lambda x: np.histogram(V, 3, weights=x[0, 1:]), ValueError, r"histogram: weights of shape \(4,\) for"),
        (lambda x: np.histogram2d(V, V, 3, weights=x), ValueError, r"histogram2d: weights of shape \(3, 5\)"),
        (lambda x: np.histogram(V, "auto", weights=x[0]), TypeError, "histogram: bins='auto' does not take"),
        (lambda x: np.bincount(-PLACES, x[0]), ValueError, "non-negative|negative"),
    ],
)  # fmt: skip
def test_messages(call, error, message):
    with pytest.raises(error, match=message):
        call(tg.tensor(M, requires_grad=True))
