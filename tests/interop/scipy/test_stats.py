"""scipy.stats: distributions of vectors, what is left to SciPy, frozen parameters, graphs and compiled steps."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable

scipy_stats = pytest.importorskip("scipy.stats")
ours = tg.scipy.stats

_rng = np.random.default_rng(7)
A = _rng.standard_normal((3, 3))
COV = A @ A.T + np.eye(3)
MEAN = _rng.standard_normal(3)
X = _rng.standard_normal((4, 3))
ALPHA = np.array([1.5, 2.0, 3.0])
PARTS = scipy_stats.dirichlet.rvs(ALPHA, 4, random_state=0).T


@pytest.mark.parametrize("x", [X, X[0]], ids=["points", "point"])
@pytest.mark.parametrize("method", ["logpdf", "pdf"])
def test_the_normal_distribution_of_vectors(method, x):
    f, theirs = getattr(ours.multivariate_normal, method), getattr(scipy_stats.multivariate_normal, method)
    np.testing.assert_array_equal(f(tg.tensor(x), MEAN, COV).numpy(), theirs(x, MEAN, COV))
    np.testing.assert_array_equal(f(x, MEAN, COV), theirs(x, MEAN, COV))
    assert tg.check_gradients(f, x, MEAN, COV, order=2).ok


def test_of_a_covariance_the_lower_triangle_is_read():
    f = ours.multivariate_normal.logpdf
    g = tg.grad(lambda cov: f(X[0], MEAN, cov))(COV)
    assert np.all(g[np.triu_indices(3, 1)] == 0)
    upper = np.triu(np.full((3, 3), 9.0), 1)
    assert f(X[0], MEAN, tg.tensor(COV + upper)).item() == scipy_stats.multivariate_normal.logpdf(
        X[0], MEAN, COV + upper
    )


@pytest.mark.parametrize(
    "given", [(0.3,), (0.3, 0.1), (0.3, 0.1, 2.0), (X[:, 0], 0.1, 2.0), (X, MEAN), (X, MEAN, 2.0), (X, None, COV),
              (X, MEAN, np.array([1.0, 2.0, 3.0])), (X[:1], MEAN, COV)],
    ids=range(9),
)  # fmt: skip
def test_means_and_covariances_are_understood_as_by_scipy(given):
    f, theirs = ours.multivariate_normal.logpdf, scipy_stats.multivariate_normal.logpdf
    for k, x in enumerate(given):
        if x is not None:
            y = f(*[tg.tensor(v) if i == k else v for i, v in enumerate(given)])
            np.testing.assert_allclose(y.numpy(), theirs(*given), rtol=1e-13)
            assert y.shape == np.shape(theirs(*given))
            assert tg.check_gradients(lambda v: f(*[v if i == k else u for i, u in enumerate(given)]), x).ok  # noqa: B023


def test_a_singular_covariance():
    cov = np.diag([1.0, 2.0, 0.0])
    x = np.array([0.5, -0.3, MEAN[2]])
    f = lambda x, mean: ours.multivariate_normal.logpdf(x, mean, cov, allow_singular=True)  # noqa: E731
    assert f(tg.tensor(x), MEAN).item() == scipy_stats.multivariate_normal.logpdf(x, MEAN, cov, allow_singular=True)
    right = -(x - MEAN) / np.array([1, 2, np.inf])
    np.testing.assert_allclose(tg.grad(f, (0, 1))(x, MEAN), [right, -right])
    with pytest.raises(np.linalg.LinAlgError):
        ours.multivariate_normal.logpdf(tg.tensor(x), MEAN, cov)


def test_the_entropy():
    f = ours.multivariate_normal.entropy
    assert f(MEAN, tg.tensor(COV)).item() == f(MEAN, COV) == scipy_stats.multivariate_normal.entropy(MEAN, COV)
    assert tg.check_gradients(lambda cov: f(MEAN, cov), COV, order=2).ok
    assert tg.grad(lambda mean: f(mean, COV))(MEAN).tolist() == [0, 0, 0]


@pytest.mark.parametrize("method", ["logpdf", "pdf"])
def test_dirichlets_distribution(method):
    f, theirs = getattr(ours.dirichlet, method), getattr(scipy_stats.dirichlet, method)
    for x in (PARTS, PARTS[:, 0], PARTS[:-1], PARTS[:-1, 0]):
        np.testing.assert_array_equal(f(tg.tensor(x), ALPHA).numpy(), theirs(x, ALPHA))
        np.testing.assert_array_equal(f(x, ALPHA), theirs(x, ALPHA))
    assert tg.check_gradients(f, PARTS[:-1], ALPHA, order=2).ok
    assert tg.check_gradients(lambda x, alpha: f(x / x.sum(axis=0), alpha), PARTS, ALPHA, order=2).ok


def test_dirichlets_distribution_at_the_end():
    f = lambda x: ours.dirichlet.logpdf(np.stack([x, 1 - x]), np.array([1.0, 2.0]))  # noqa: E731
    assert tg.grad(f)(0.0) == -1


def test_the_rest_is_scipys():
    assert ours.norm.rvs(random_state=0) == scipy_stats.norm.rvs(random_state=0)
    assert ours.norm(1.0, 2.0).std() == 2
    assert ours.dirichlet.mean(ALPHA).tolist() == scipy_stats.dirichlet.mean(ALPHA).tolist()
    with pytest.raises(AttributeError):
        ours.norm.no_such
    assert repr(ours.norm) == "tg.scipy.stats.norm"
    assert ours.norm.__doc__.startswith("SciPy's `norm`: logpdf, pdf, cdf, sf, logcdf, logsf, ppf, isf, recorded")


def test_scipys_own_say_which_record():
    t = tg.tensor(0.5, requires_grad=True)
    for call in (lambda: scipy_stats.norm.cdf(t), lambda: scipy_stats.norm(t).std()):
        with pytest.raises(NotDifferentiable, match=r"use (the distributions of )?tg.scipy.stats"):
            call()


def test_frozen_parameters_are_recorded():
    g = tg.grad(lambda loc, scale: ours.norm(loc, scale=scale).logpdf(X).sum(), (0, 1))(0.5, 2.0)
    np.testing.assert_allclose(g, [((X - 0.5) / 4).sum(), (((X - 0.5) / 2) ** 2 - 1).sum() / 2])


def test_a_parameter_without_closed_form_is_named():
    with pytest.raises(
        NotDifferentiable, match=r"scipy.stats.t.cdf: the derivative in df has no closed form; give df as"
    ):
        tg.grad(lambda df: ours.t.cdf(0.3, df))(3.0)
    assert tg.grad(lambda x: ours.t.cdf(x, 3.0))(0.3) == pytest.approx(scipy_stats.t.pdf(0.3, 3.0))


def test_a_precision_that_scipy_does_not_take_is_named():
    if np.dtype(np.longdouble) != np.float64:
        with pytest.raises(TypeError, match=r"scipy.stats.norm.pdf: takes no float128; give float64|longdouble"):
            ours.norm.pdf(tg.tensor(np.longdouble(1)))


def test_a_step_is_compiled_and_drawn():
    step = tg.compile(lambda x, df: ours.t.logpdf(x, df).sum())
    for df in (2.0, 3.0):
        assert step(X, df).item() == pytest.approx(scipy_stats.t.logpdf(X, df).sum())
    x = tg.tensor(X, requires_grad=True, name="x")
    assert "norm.logpdf" in tg.draw(ours.norm.logpdf(x).sum()).text()
