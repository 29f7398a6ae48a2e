"""Solutions of equations: values, derivatives of first and second order against differences, and what fails."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import ConvergenceError, GraphError, TraceError


def heron(x, a):
    return (x + a / x) / 2


def tanh_layer(z, W, b):
    return np.tanh(W @ z + b)


def kepler(E, M, e):
    return E - e * np.sin(E) - M


def pair(x, p):
    return np.stack([x[0] ** 2 + x[1] ** 2 - p["r"] ** 2, x[1] - p["s"] * x[0]])


def ridge(w, X, y, c):
    return ((X @ w - y) ** 2).sum() + np.exp(c) * (w**2).sum() + 0.1 * (w**4).sum()


def test_values_are_solutions(rng):
    W, b = 0.3 * rng.normal(size=(4, 4)), rng.normal(size=4)
    z = tg.fixed_point(tanh_layer, np.zeros(4), W, b)
    assert isinstance(z, np.ndarray)
    np.testing.assert_allclose(z, np.tanh(W @ z + b), rtol=0, atol=1e-11)
    E = tg.root(kepler, 1.0, np.array(0.8), 0.9)
    assert abs(kepler(E, 0.8, 0.9)) < 1e-14
    w = tg.minimize_implicit(ridge, np.zeros(3), rng.normal(size=(6, 3)), rng.normal(size=6), -1.0)
    assert w.shape == (3,)


def test_derivatives_that_are_known():
    for a in (0.5, 4.0):
        f = lambda a: tg.fixed_point(heron, 1.0, a)  # noqa: E731
        r = lambda a: tg.root(lambda x, a: x * x - a, 1.0, a)  # noqa: E731
        for solution in (f, r):
            assert tg.grad(solution)(a) == pytest.approx(0.5 * a**-0.5, rel=1e-10)
            assert tg.grad(tg.grad(solution))(a) == pytest.approx(-0.25 * a**-1.5, rel=1e-9)
            assert tg.grad(tg.grad(tg.grad(solution)))(a) == pytest.approx(0.375 * a**-2.5, rel=1e-8)
            assert tg.jvp(solution, (a,), (2.0,))[1] == pytest.approx(a**-0.5, rel=1e-10)


def test_gradients_of_first_and_second_order(rng):
    W, b = rng.normal(size=(3, 3)), rng.normal(size=3)
    bounded = lambda z, W, b: np.tanh(0.25 * np.sin(W) @ z + b)  # contracts wherever the checker goes  # noqa: E731
    assert tg.check_gradients(lambda W, b: tg.fixed_point(bounded, np.zeros(3), W, b), W, b, order=2).ok
    assert tg.check_gradients(lambda M, e: tg.root(kepler, 1.0, M, e), 0.8, 0.6, order=2).ok
    p = {"r": 2.0, "s": 0.5}
    assert tg.check_gradients(lambda p: tg.root(pair, np.ones(2), p), p, order=2).ok
    X, y = rng.normal(size=(5, 2)), rng.normal(size=5)
    minimizer = lambda X, y, c: tg.minimize_implicit(ridge, np.zeros(2), X, y, c)  # noqa: E731
    assert tg.check_gradients(minimizer, X, y, -1.0, order=2).ok


def test_they_agree_with_differentiating_the_iteration(rng):
    W, b = 0.3 * rng.normal(size=(3, 3)), rng.normal(size=3)

    def unrolled(W, b):
        z = np.zeros(3)
        for _ in range(80):
            z = tanh_layer(z, W, b)
        return (z**3).sum()

    implicit = lambda W, b: (tg.fixed_point(tanh_layer, np.zeros(3), W, b) ** 3).sum()  # noqa: E731
    for ours, theirs in zip(tg.grad(implicit, (0, 1))(W, b), tg.grad(unrolled, (0, 1))(W, b), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(tg.hessian(implicit, 1)(W, b), tg.hessian(unrolled, 1)(W, b), rtol=1e-8, atol=1e-11)


def test_one_node_whatever_the_number_of_steps():
    a = tg.tensor(2.0, requires_grad=True)
    x = tg.fixed_point(lambda x, a: 0.9 * x + 0.1 * a, 0.0, a)
    assert x.node.op.name == "fixed_point"
    assert x.node.inputs == (a.node,)
    x.backward()
    assert a.grad.item() == pytest.approx(1)
    assert "root" in tg.draw(tg.root(kepler, 1.0, a, 0.5)).dot()


def test_tensors_that_f_closes_over_get_gradients(rng):
    layer = tg.nn.Linear(3, 3, rng=0)
    layer.weight.data = 0.4 * layer.weight.data
    x = tg.tensor(rng.normal(size=(2, 3)), requires_grad=True)
    shift = x * 2  # an intermediate tensor

    z = tg.fixed_point(lambda z: tg.tanh(layer(z) + shift), np.zeros((2, 3)))
    (z**2).sum().backward()
    given = lambda W, b, s: (  # noqa: E731
        tg.fixed_point(lambda z, W, b, s: np.tanh(z @ W.T + b + s), np.zeros((2, 3)), W, b, s) ** 2
    ).sum()
    expected = tg.grad(given, (0, 1, 2))(layer.weight.numpy(), layer.bias.numpy(), 2 * x.numpy())
    np.testing.assert_allclose(layer.weight.grad.numpy(), expected[0], rtol=1e-9)
    np.testing.assert_allclose(layer.bias.grad.numpy(), expected[1], rtol=1e-9)
    np.testing.assert_allclose(x.grad.numpy(), 2 * expected[2], rtol=1e-9)


def test_types_are_those_given():
    assert type(tg.root(kepler, 1.0, 0.8, 0.5)) is np.float64
    assert isinstance(tg.root(kepler, 1.0, tg.tensor(0.8), 0.5), tg.Tensor)
    a = np.float32(2)
    assert tg.fixed_point(heron, np.float32(1), a).dtype == np.float32
    assert tg.grad(lambda a: tg.fixed_point(heron, np.ones(1, np.float32), a).sum())(a).dtype == np.float32
    with tg.no_grad():
        assert not tg.root(kepler, 1.0, tg.tensor(0.8, requires_grad=True), 0.5).requires_grad
    assert tg.root(lambda x, a: x - a, np.zeros(0), 1.0).shape == (0,)


def test_a_minimum_is_found_from_where_the_hessian_is_indefinite():
    x = tg.minimize_implicit(lambda x, a: (x**4 / 4 - a * x**2 / 2).sum(), np.array([0.1, -0.2]), 1.0)
    np.testing.assert_allclose(x, [1, -1], rtol=1e-10)
    rosenbrock = lambda x, a: (a - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2  # noqa: E731
    solution = lambda a: tg.minimize_implicit(rosenbrock, np.array([-1.2, 1.0]), a)  # noqa: E731
    np.testing.assert_allclose(solution(1.5), [1.5, 2.25], rtol=1e-9)
    np.testing.assert_allclose(tg.jacobian(solution)(1.5), [1, 3], rtol=1e-8)


@pytest.mark.parametrize(
    ("run", "message"),
    [
        (lambda: tg.fixed_point(lambda x, a: -x + a, 0.0, 1.0), r"fixed_point: no convergence of f: the last of 1000 "
         r"steps moved by 1, tolerance .*; raise max_steps or tol, damp f"),
        (lambda: tg.fixed_point(lambda x: x * x * 1e200, 2.0), r"fixed_point: f is not finite after \d+ steps; start"),
        (lambda: tg.fixed_point(lambda x: np.ones(2), np.zeros(3)), r"f returned shape \(2,\) for x of shape \(3,\)"),
        (lambda: tg.fixed_point(lambda x: 0.5 * x, 1j), r"fixed_point: x0 is 1j of complex128; give an array of real"),
        (lambda: tg.root(lambda x: x * x + 1, 0.5), r"root: (Newton's method stalled|no convergence)"),
        (lambda: tg.root(lambda x: x + 10 * np.sin(x) - 100, 1.0, max_steps=2), r"root: no convergence in 2 steps, "),
        (lambda: tg.root(lambda x: x.sum() + 0 * x - 1, np.zeros(2)), r"root: the Jacobian is singular at step 0, "),
        (lambda: tg.root(lambda x: np.log(x), 0.0), r"root: f is not finite at step 0"),
        (lambda: tg.root(lambda x: np.ones(1), np.ones(1)), r"root: what f returned does not depend on x"),
        (lambda: tg.root(lambda x: x.sum(), np.ones(2)), r"root: f returned shape \(\) for x of shape \(2,\)"),
        (lambda: tg.minimize_implicit(lambda x: -(x**2), 1.0, max_steps=5),
         r"minimize_implicit: no convergence in 5 steps, \|gradient\| = .*; start from another x0, raise max_steps"),
        (lambda: tg.minimize_implicit(lambda x: x**2 - x**2 * 2, 0.0), r"no strict minimum: the least eigenvalue"),
        (lambda: tg.minimize_implicit(lambda x: np.log(x) * np.inf, 1.0), r"minimize_implicit: f = .* not finite"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_what_fails_says_why(run, message):
    with pytest.raises((ConvergenceError, GraphError, ValueError, TypeError), match=message):
        run()


def test_a_singular_jacobian_at_the_solution_is_an_error_of_backward():
    with pytest.raises(GraphError, match=r"root: the Jacobian at the solution is singular \(1 x 1\)"):
        tg.grad(lambda a: tg.root(lambda x, a: x * x * a, 0.0, a))(1.0)


def test_an_adjoint_that_does_not_converge_says_so():
    slow = lambda a: tg.fixed_point(lambda x, a: 0.99 * x + a, 100.0, a, max_steps=20)  # noqa: E731
    with pytest.raises(ConvergenceError, match=r"fixed_point: no convergence of the adjoint: the last of 20 steps"):
        tg.grad(slow)(1.0)


def test_a_compiled_step_refuses_them():
    with pytest.raises(TraceError, match=r"root: a solver cannot be compiled.*call it outside"):
        tg.compile(lambda a: tg.root(kepler, 1.0, a, 0.5))(np.array(0.3))


def test_the_node_computes_the_solution_anew_from_other_inputs():
    a = tg.tensor(4.0, requires_grad=True)
    for x in (
        tg.fixed_point(heron, 1.0, a),
        tg.root(lambda x, a: x * x - a, 1.0, a),
        tg.minimize_implicit(lambda x, a: x**3 / 3 - a * x, 1.0, a),
        tg.checkpoint(lambda a: np.sqrt(a))(a),
        tg.odeint(lambda y, t, a: 0 * y + np.sqrt(a), 0.0, [0.0, 1.0], a)[1].node.inputs[0],
    ):
        node = x.node if isinstance(x, tg.Tensor) else x
        again = node.op.kernel(np.float64(9.0), **node.attrs)
        assert np.ravel(again)[-1] == pytest.approx(3, rel=1e-9)
