"""custom_vjp: the rule is used, in every order and mode, with nested arguments and several outputs; errors."""

import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import GraphError
from tinygraph.transforms.joint import Joint


def made(f, forward, backward):
    """`f` with a rule."""
    result = tg.custom_vjp(f)
    result.defvjp(forward, backward)
    return result


def log1pexp_of(x):
    return np.log(1 + np.exp(x))


log1pexp = made(
    log1pexp_of, lambda x: (log1pexp_of(x), x), lambda x, g: (g * (1 - 1 / (1 + np.exp(x))),)
)  # JAX's own example


def test_gradients_of_every_order_are_those_of_the_rule():
    sigma = tg.sigmoid(0.7)
    assert tg.grad(log1pexp)(0.7) == pytest.approx(sigma, rel=1e-14)
    assert tg.grad(tg.grad(log1pexp))(0.7) == pytest.approx(sigma * (1 - sigma), rel=1e-13)
    x = np.array([0.3, -2.0, 5.0])
    assert tg.check_gradients(lambda x: log1pexp(x), x, order=2).ok
    v = np.array([1.0, 2.0, -1.0])
    np.testing.assert_allclose(tg.jvp(log1pexp, (x,), (v,))[1], v * tg.sigmoid(x), rtol=1e-12)
    np.testing.assert_allclose(tg.jacobian(log1pexp)(x), np.diag(tg.sigmoid(x)), rtol=1e-12)
    hvp = tg.hvp(lambda x: log1pexp(x).sum(), x, v)
    np.testing.assert_allclose(hvp, v * tg.sigmoid(x) * tg.sigmoid(-x), rtol=1e-10)


def test_the_rule_and_not_the_function_is_differentiated():
    clip = made(lambda x: x, lambda x: (x, None), lambda _, g: (np.clip(g, -1, 1),))
    assert tg.grad(lambda x: 5 * clip(x))(2.0) == 1
    assert tg.grad(lambda x: 0.5 * clip(x))(2.0) == 0.5


def test_it_is_one_node_called_like_the_function():
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    y = log1pexp(x)
    assert y.node.op.name == "log1pexp_of"
    assert y.node.inputs == (x.node,)
    assert "log1pexp_of" in tg.draw(y.sum()).dot()


def test_forward_is_called_once_and_not_again_when_residuals_are_inputs_and_outputs():
    calls = []

    def forward(x):
        calls.append(1)
        y = np.exp(np.asarray(x))  # works on arrays only: it leaves the graph
        return y, (x, y)

    f = made(np.exp, forward, lambda res, g: (g * res[1] + 0 * res[0],))
    assert tg.grad(tg.grad(tg.grad(f)))(0.5) == pytest.approx(np.exp(0.5))
    assert len(calls) == 1


def test_forward_runs_again_for_other_residuals():
    calls = []

    def forward(x):
        calls.append(1)
        return x**3, 3 * x**2

    f = made(lambda x: x**3, forward, lambda slope, g: (g * slope,))
    assert tg.grad(f)(2.0) == 12
    assert len(calls) == 1
    assert tg.grad(tg.grad(f))(2.0) == 12
    assert len(calls) == 3


def weighted(scale, p):
    return {"product": scale * p["w"] @ p["x"], "total": np.sum(p["w"])}


def _forward(scale, p):
    return weighted(scale, p), (scale, p)


def _backward(res, g):
    scale, p = res
    w, x = p["w"], p["x"]
    outer = g["product"][:, None] * x
    return np.sum(outer * w), {"w": scale * outer + g["total"], "x": scale * (g["product"] @ w)}


def test_nested_arguments_and_outputs(rng):
    f = made(weighted, _forward, _backward)
    p = {"w": rng.normal(size=(2, 3)), "x": rng.normal(size=3)}

    def loss(f):
        def of(scale, p):
            out = f(scale, p)
            return (out["product"] ** 2).sum() * out["total"]

        return of

    ours, expected = tg.grad(loss(f), (0, 1))(1.5, p), tg.grad(loss(weighted), (0, 1))(1.5, p)
    assert ours[0] == pytest.approx(expected[0])
    for name in p:
        np.testing.assert_allclose(ours[1][name], expected[1][name], rtol=1e-12)
    assert tg.check_gradients(loss(f), 1.5, p, order=2).ok
    plain = f(1.5, p)
    assert isinstance(plain["product"], np.ndarray)


def test_none_is_zero_and_untracked_arguments_are_left_out():
    f = made(lambda x, n: x * n, lambda x, n: (x * n, n), lambda n, g: (g * n, None))
    x = tg.tensor([1.0, 2.0], requires_grad=True)
    f(x, 3).sum().backward()
    assert x.grad.tolist() == [3, 3]
    first, second = tg.grad(lambda x, n: f(x, n), (0, 1))(2.0, 3.0)
    assert (first, second) == (3, 0)


def test_keywords_are_settings():
    f = made(lambda x, k=2: x**k, lambda x, k=2: (x**k, (x, k)), lambda res, g: (g * res[1] * res[0] ** (res[1] - 1),))
    assert tg.grad(lambda x: f(x, k=3))(2.0) == 12


def test_no_grad_runs_the_function_itself():
    with tg.no_grad():
        y = log1pexp(tg.tensor(1.0, requires_grad=True))
    assert not y.requires_grad
    assert log1pexp(1.0) == pytest.approx(np.log(1 + np.e))


def test_a_compiled_step_computes_it_again_at_every_replay():
    w = tg.tensor([1.0, -1.0], requires_grad=True, name="w")
    descent = tg.optim.SGD([w], lr=0.1)
    only_arrays = made(np.sinh, lambda x: (np.sinh(np.asarray(x)), x), lambda x, g: (np.asarray(g) * np.cosh(x),))

    def step(x):
        loss = only_arrays(w * x).sum() ** 2
        descent.zero_grad()
        loss.backward()
        descent.step()
        return loss

    compiled = tg.compile(step)
    got = [compiled(np.array([1.0, k])).item() for k in (0.5, 2.0, 0.1)]
    w.data = np.array([1.0, -1.0])
    assert got == [step(np.array([1.0, k])).item() for k in (0.5, 2.0, 0.1)]
    assert compiled.traces == 1


@pytest.mark.parametrize(
    ("forward", "backward", "message"),
    [
        (lambda x: x, lambda r, g: (g,), r"forward of f returned .*; return a tuple \(output, residuals\)"),
        (lambda x: (x, None), lambda r, g: g, r"backward of f returned float64; return a tuple of 1"),
        (lambda x: (x, None), lambda r, g: (g, g), r"backward of f returned 2 gradients; return a tuple of 1"),
        (lambda x: (x, None), lambda r, g: ([g, g],), r"2 arrays for argument 0, which has 1; build the gradient like"),
        (lambda x: (x, None), lambda r, g: (np.ones(3),), r"gradient of shape \(3,\) for an input of shape \(\)"),
    ],
)
def test_errors_of_a_rule(forward, backward, message):
    def f(x):
        return x

    with pytest.raises(GraphError, match=message):
        tg.grad(made(f, forward, backward))(1.0)


def test_a_missing_rule_is_an_error():
    with pytest.raises(GraphError, match=r"custom_vjp: f has no rule yet; declare it"):
        tg.custom_vjp(_named_f)(1.0)


def _named_f(x):
    return x


_named_f.__name__ = "f"


def test_a_joint_without_rules_says_so():
    joint = Joint()
    with pytest.raises(NotImplementedError, match="output: Joint does not say what it computes"):
        joint.output(())
    with pytest.raises(NotImplementedError, match="gradients: Joint has no rule"):
        joint.gradients(1.0, 1.0, ())


def test_two_results_in_a_compiled_step():
    def pair(x, y):
        return {"product": x * y, "sum": x + y}

    f = made(
        pair,
        lambda x, y: (pair(x, y), (x, y)),
        lambda res, g: (g["product"] * res[1] + g["sum"], g["product"] * res[0] + g["sum"]),
    )
    w = tg.tensor([1.0, 2.0], requires_grad=True, name="w")

    def step(x):
        out = f(w * x, w)
        w.grad = None
        loss = (out["product"] ** 2 * out["sum"]).sum()
        loss.backward()
        return loss, w.grad

    compiled = tg.compile(step)
    for k in (1.0, 2.0, 3.0):
        ours, theirs = compiled(np.array(k)), step(np.array(k))
        assert [x.tolist() for x in ours] == [x.tolist() for x in theirs]


def test_backward_runs_once_for_all_inputs_in_every_sweep():
    runs = []

    @tg.custom_vjp
    def product(x, y):
        return x * y

    def backward(residuals, g):
        runs.append(1)
        x, y = residuals
        return g * y, g * x

    product.defvjp(lambda x, y: (x * y, (x, y)), backward)
    x, y = np.array([2.0, 3.0]), np.array([5.0, 7.0])
    sweeps = {
        "reverse": lambda: tg.grad(lambda x, y: product(x, y).sum(), (0, 1))(x, y),
        "forward": lambda: tg.jvp(product, (x, y), (x, y)),
        "compiled": lambda: compiled(x, y),
    }
    v, w = tg.tensor(x, requires_grad=True), tg.tensor(y.astype(np.float32), requires_grad=True)

    @tg.compile
    def compiled(x, y):
        v.grad = w.grad = None
        product(v * x, w * y).sum().backward()

    compiled(x, y)
    for name, sweep in sweeps.items():
        runs.clear()
        sweep()
        assert len(runs) == 1, name
    np.testing.assert_array_equal(sweeps["reverse"](), [y, x])
    np.testing.assert_array_equal(v.grad.numpy(), y * y * x)
    np.testing.assert_array_equal(w.grad.numpy(), (x * x * y).astype(np.float32))


def test_threads_differentiate_one_recorded_node_each_with_its_own_gradient():
    @tg.custom_vjp
    def product(x, y):
        return x * y

    def backward(residuals, g):
        x, y = residuals
        time.sleep(0.001)
        return g * y, g * x

    product.defvjp(lambda x, y: (x * y, (x, y)), backward)
    _, pull = tg.vjp(product, np.array(2.0), np.array(5.0))
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda k: pull(np.array(float(k))), range(40)))
    assert found == [(5.0 * k, 2.0 * k) for k in range(40)]
