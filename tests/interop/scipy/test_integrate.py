"""tg.scipy.integrate: SciPy's values, and derivatives by Leibniz' rule and against differences."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import ConvergenceError

theirs = pytest.importorskip("scipy.integrate")
ours = tg.scipy.integrate


@pytest.mark.parametrize("name", ["trapezoid", "simpson", "cumulative_trapezoid"])
@pytest.mark.parametrize("n", [2, 3, 4, 5, 8, 9])
def test_integrals_of_samples(rng, name, n):
    y, x = rng.normal(size=(2, n)), np.cumsum(rng.uniform(0.5, 1.5, n))
    f, g = getattr(ours, name), getattr(theirs, name)
    for settings in ({"x": x}, {"dx": 0.3}):
        np.testing.assert_allclose(f(tg.tensor(y), **settings).numpy(), g(y, **settings), rtol=1e-12, atol=1e-14)
        np.testing.assert_array_equal(f(y, **settings), g(y, **settings))
    np.testing.assert_allclose(
        f(tg.tensor(y.T), dx=0.3, axis=0).numpy(), g(y.T, dx=0.3, axis=0), rtol=1e-12, atol=1e-14
    )
    assert tg.check_gradients(lambda y, x: f(y, x=x), y, x).ok


def test_cumulative_integrals_may_begin_with_0(rng):
    y = rng.normal(size=5)
    found = ours.cumulative_trapezoid(tg.tensor(y), initial=0).numpy()
    np.testing.assert_allclose(found, theirs.cumulative_trapezoid(y, initial=0))
    with pytest.raises(ValueError, match="cumulative_trapezoid: initial=2; give 0 or None"):
        ours.cumulative_trapezoid(tg.tensor(y), initial=2)


ENDS = [
    (0, np.inf),
    (-np.inf, np.inf),
    (-np.inf, 0),
    (np.inf, 0),
    (np.inf, -np.inf),
    (0, -np.inf),
    (-1, np.inf),
    (0, 1),
    (1, 0),
]


@pytest.mark.parametrize(("low", "high"), ENDS)
def test_integrals_of_functions(low, high):
    def integral(c):
        return ours.quad(lambda x: np.exp(-c * x * x) * (1 + x), low, high)[0]

    slope = theirs.quad(lambda x: -x * x * np.exp(-2 * x * x) * (1 + x), low, high)[0]
    curve = theirs.quad(lambda x: x**4 * np.exp(-2 * x * x) * (1 + x), low, high)[0]
    np.testing.assert_allclose(tg.grad(integral)(2.0), slope, rtol=1e-9)
    np.testing.assert_allclose(tg.grad(tg.grad(integral))(2.0), curve, rtol=1e-8)
    assert tg.value_and_grad(integral)(2.0)[0] == pytest.approx(integral(2.0), rel=1e-14)


def test_the_ends_of_an_integral():
    np.testing.assert_allclose(tg.grad(lambda a: ours.quad(np.cos, a, 2.0)[0])(0.5), -np.cos(0.5))
    np.testing.assert_allclose(tg.grad(lambda b: ours.quad(np.cos, 0.5, b)[0])(2.0), np.cos(2.0))
    np.testing.assert_allclose(tg.grad(tg.grad(lambda b: ours.quad(np.cos, 0.5, b)[0]))(2.0), -np.sin(2.0))
    np.testing.assert_allclose(tg.grad(lambda a: ours.quad(lambda x: np.exp(-x), a, np.inf)[0])(1.0), -np.exp(-1.0))


def test_singular_ends_and_named_kinks():
    np.testing.assert_allclose(tg.grad(lambda c: ours.quad(lambda x: np.sqrt(x) * c, 0.0, 1.0)[0])(1.0), 2 / 3)
    kink = tg.grad(lambda c: ours.quad(lambda x, k: np.abs(x - 0.3) * k, 0.0, 1.0, args=(c,), points=[0.3])[0])
    np.testing.assert_allclose(kink(1.0), 0.29)
    assert ours.quad(np.cos, 0.0, 1.0) == theirs.quad(np.cos, 0.0, 1.0)


def test_an_integral_that_the_nodes_do_not_resolve_is_an_error():
    with pytest.raises(ConvergenceError, match="quad: the nodes of its intervals give an integral that is"):
        tg.grad(lambda c: ours.quad(lambda x: np.where(x > 1 / 3, c, 0.0), 0.0, 1.0)[0])(1.0)


def test_differential_equations_in_scipys_words():
    times = np.linspace(0, 1, 5)

    def slope(t, y, k):
        return [-k * y[0], y[0] - y[1]]

    def solve(k):
        start = np.array([1.0, 0.0])
        return ours.solve_ivp(slope, (0.0, 1.0), start, t_eval=times, args=(k,), rtol=1e-10, atol=1e-12)

    plain = theirs.solve_ivp(slope, (0, 1), [1.0, 0.0], t_eval=times, args=(0.7,), rtol=1e-10, atol=1e-12)
    found = solve(tg.tensor(0.7))
    assert found.success
    np.testing.assert_allclose(np.asarray(found.y), plain.y, rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(tg.jacobian(lambda k: solve(k).y[0])(0.7), -times * np.exp(-0.7 * times), rtol=1e-7)
    assert type(solve(0.7)) is type(plain)
    with pytest.raises(TypeError, match="solve_ivp: method with Tensors; leave it out"):
        ours.solve_ivp(slope, (0.0, 1.0), np.ones(2), args=(tg.tensor(1.0),), method="BDF")
