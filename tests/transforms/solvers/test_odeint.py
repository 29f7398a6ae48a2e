"""Differential equations: values, order, both gradients in y0, t and parameters, second order, and what fails."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import ConvergenceError
from tinygraph.transforms.solvers.dopri5 import BETWEEN, ERROR, NODES, WEIGHTS, slopes_of, value_between

BOTH = pytest.mark.parametrize("gradient", ["adjoint", "discrete"])
TIGHT = {"rtol": 1e-10, "atol": 1e-12}


def decay(y, t, k):
    return -k * y


def predators(y, t, p):
    """Lotka-Volterra, with a season."""
    hares, foxes = y[0], y[1]
    return np.stack([p["a"] * hares - hares * foxes + 0.1 * np.sin(t), p["b"] * hares * foxes - foxes])


PARAMETERS = {"a": 1.5, "b": 0.75}
START = np.array([1.0, 0.5])
TIMES = np.array([0.2, 0.7, 1.1, 2.0])


def test_values(rng):
    t = np.linspace(0, 3, 7)
    y = tg.odeint(decay, np.array([1.0, 2.0]), t, 0.7, **TIGHT)
    np.testing.assert_allclose(y, np.exp(-0.7 * t)[:, None] * [1, 2], rtol=1e-8)
    backward = tg.odeint(decay, y[-1], t[::-1], 0.7, **TIGHT)
    np.testing.assert_allclose(backward, y[::-1], rtol=1e-8)
    assert tg.odeint(decay, 1.0, t, 0.7).shape == (7,)
    assert tg.odeint(decay, np.ones((2, 3)), [0.0], 0.7).tolist() == [[[1, 1, 1], [1, 1, 1]]]
    assert tg.odeint(decay, np.ones(2, np.float32), t, np.float32(0.7)).dtype == np.float32


def test_values_are_scipys():
    integrate = pytest.importorskip("scipy.integrate")
    theirs = integrate.solve_ivp(
        lambda t, y: predators(y, t, PARAMETERS),
        (0.2, 2.0),
        START,
        t_eval=TIMES,
        rtol=1e-11,
        atol=1e-12,
        method="DOP853",
    ).y.T
    np.testing.assert_allclose(tg.odeint(predators, START, TIMES, PARAMETERS, **TIGHT), theirs, rtol=1e-8)


def test_the_tableau_is_consistent():
    for c, row in zip(NODES, WEIGHTS, strict=True):
        assert sum(row) == pytest.approx(c, abs=1e-15)
    assert sum(ERROR) == pytest.approx(0, abs=1e-15)
    np.testing.assert_allclose(np.sum(BETWEEN, axis=1), [*WEIGHTS[-1], 0], atol=1e-14)


def test_the_step_is_of_order_5_and_values_between_of_order_4():
    f = lambda y, t: np.stack([-y[1] * np.cos(t), y[0] + t])  # noqa: E731
    y0 = np.array([1.0, 0.3])
    exact = lambda t: tg.odeint(f, y0, [0.0, t], rtol=1e-13, atol=1e-14)[1]  # noqa: E731
    ends, middles = [], []
    for h in (0.4, 0.2):
        end, slopes = slopes_of(f, y0, 0.0, h)
        ends.append(np.abs(end - exact(h)).max())
        middles.append(np.abs(value_between(y0, h, slopes, 0.3) - exact(0.3 * h)).max())
    assert np.log2(ends[0] / ends[1]) == pytest.approx(6, abs=0.5)  # the local error
    assert np.log2(middles[0] / middles[1]) == pytest.approx(5, abs=0.7)


def test_the_error_follows_the_tolerance():
    errors = []
    for rtol in (1e-4, 1e-6, 1e-8, 1e-10):
        y = tg.odeint(decay, 1.0, [0.0, 0.8, 2.0], 1.0, rtol=rtol, atol=rtol * 1e-2)
        errors.append(np.abs(y - np.exp([0, -0.8, -2.0])).max())
        assert errors[-1] < 30 * rtol
    assert errors[0] > 1e3 * errors[-1]


@BOTH
def test_gradients_that_are_known(gradient):
    solution = lambda y0, t, k: tg.odeint(decay, y0, t, k, gradient=gradient, **TIGHT)  # noqa: E731
    y0, t, k = 2.0, np.array([0.5, 1.0, 1.5]), 0.8
    for index in (1, 2):
        by_y0, by_t, by_k = tg.grad(lambda *a: solution(*a)[index], (0, 1, 2))(y0, t, k)  # noqa: B023
        y = y0 * np.exp(-k * (t[index] - t[0]))
        assert by_y0 == pytest.approx(y / y0, rel=1e-8)
        expected = np.zeros(3)
        expected[0], expected[index] = k * y, -k * y
        np.testing.assert_allclose(by_t, expected, rtol=1e-7, atol=1e-12)
        assert by_k == pytest.approx(-(t[index] - t[0]) * y, rel=1e-8)


@BOTH
def test_gradients_of_first_and_second_order(gradient, numeric):
    def loss(y0, t, p):
        y = tg.odeint(predators, y0, t, p, gradient=gradient, **TIGHT)
        return (y**2 * np.array([[0.0], [1.0], [-2.0], [1.0]])).sum()

    by_y0, by_t, by_p = tg.grad(loss, (0, 1, 2))(START, TIMES, PARAMETERS)
    np.testing.assert_allclose(by_y0, numeric(lambda y0: loss(y0, TIMES, PARAMETERS), START, 1e-4), rtol=1e-5)
    np.testing.assert_allclose(by_t, numeric(lambda t: loss(START, t, PARAMETERS), TIMES, 1e-4), rtol=1e-5)
    for name, slope in by_p.items():
        along = numeric(lambda x: loss(START, TIMES, {**PARAMETERS, name: x}), PARAMETERS[name], 1e-4)  # noqa: B023
        assert slope == pytest.approx(along, rel=1e-5)

    def of_rate(a):
        return loss(START, TIMES, {"a": a, "b": 0.75})

    first, second = tg.grad(of_rate), tg.grad(tg.grad(of_rate))
    h = 1e-5
    assert second(1.5) == pytest.approx((first(1.5 + h) - first(1.5 - h)) / (2 * h), rel=1e-5)


def test_the_two_gradients_agree():
    def loss(gradient):
        return lambda y0, t, p: (tg.odeint(predators, y0, t, p, gradient=gradient, **TIGHT) ** 3).sum()

    adjoint, discrete = (tg.grad(loss(g), (0, 1, 2))(START, TIMES, PARAMETERS) for g in ("adjoint", "discrete"))
    for ours, theirs in zip(adjoint[:2], discrete[:2], strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-9)
    assert adjoint[2]["a"] == pytest.approx(discrete[2]["a"], rel=1e-7)


@BOTH
def test_parameters_that_f_closes_over(gradient, rng):
    net = tg.nn.Sequential(tg.nn.Linear(2, 4, rng=0), tg.nn.Tanh(), tg.nn.Linear(4, 2, rng=1))
    y0 = rng.normal(size=(3, 2))

    def loss():
        y = tg.odeint(lambda y, t: net(tg.asarray(y)), y0, [0.0, 0.5, 1.0], gradient=gradient, rtol=1e-9)
        return (y[1:] ** 2).sum()

    loss().backward()
    bias = net[0].bias
    slope, h = bias.grad.numpy()[1], 1e-5
    sides = []
    for move in (h, -2 * h):
        bias.data = bias.data + np.eye(4)[1] * move
        sides.append(loss().item())
    assert slope == pytest.approx((sides[0] - sides[1]) / (2 * h), rel=1e-6)


def test_memory_of_the_adjoint_does_not_grow_with_the_steps():
    k = tg.tensor(0.5, requires_grad=True)
    y = tg.odeint(lambda y, t, k: np.cos(9 * t) * y * k, 1.0, [0.0, 10.0], k)
    assert y.node.op.name == "odeint"
    assert y.node.inputs == (k.node,)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: tg.odeint(lambda y, t: y * y, 1.0, [0.0, 2.0]), r"odeint: stopped at t = 1 of 2: the step shrank to .*"
         r"stiff, or its solution ends there: rescale it, loosen rtol = 1e-07"),
        (lambda: tg.odeint(lambda y, t: -1e5 * (y - np.cos(t)), 0.0, [0.0, 10.0], max_steps=500),
         r"odeint: stopped at t = .* max_steps = 500 allows no more steps"),
        (lambda: tg.odeint(decay, 1.0, [0.0, 1.0, 0.5], 1.0), r"odeint: t is .*; give one axis of times that go up or"),
        (lambda: tg.odeint(decay, 1.0, 1.0, 1.0), r"odeint: t is array\(1\.\); give one axis of times"),
        (lambda: tg.odeint(decay, 1.0, [], 1.0), r"odeint: t is array\(\[\].*; give one axis of times"),
        (lambda: tg.odeint(decay, 1.0, [0.0, 1.0], 1.0, method="euler"), r"odeint: method='euler'.*method is 'dopri5'"),
        (lambda: tg.odeint(decay, 1.0, [0.0, 1.0], 1.0, gradient="no"), r"gradient='no'.* gradient 'adjoint' or"),
        (lambda: tg.odeint(lambda y, t: y[0], np.ones(2), [0.0, 1.0]), r"f returned shape \(\) for y of shape \(2,\)"),
    ],
)  # fmt: skip
def test_what_fails_says_why(run, message):
    with pytest.raises((ConvergenceError, ValueError), match=message):
        run()
