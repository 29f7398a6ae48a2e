"""checkpoint: the same gradients for less memory, with arguments, closures and higher orders."""

import gc
import tracemalloc

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import GraphError


def block(x):
    return tg.sin(tg.exp(tg.cos(tg.sin(tg.cos(x))))) * x


def peak(f):
    """Bytes that are alive after `f` returned its result, the result included."""
    gc.collect()
    tracemalloc.start()
    result = f()
    alive = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return alive, result


def test_values_and_gradients_are_the_same(rng):
    a = rng.normal(size=5)
    plain, saving = tg.tensor(a, requires_grad=True), tg.tensor(a, requires_grad=True)
    y, z = block(block(plain)), tg.checkpoint(block)(tg.checkpoint(block)(saving))
    np.testing.assert_array_equal(y.numpy(), z.numpy())
    y.sum().backward()
    z.sum().backward()
    np.testing.assert_allclose(plain.grad.numpy(), saving.grad.numpy(), rtol=1e-14)


def test_memory_is_lower():
    x = tg.tensor(np.ones(50_000), requires_grad=True)

    def run(f):
        y = x
        for _ in range(6):
            y = f(y)
        return y

    full, _ = peak(lambda: run(block))
    kept, y = peak(lambda: run(tg.checkpoint(block)))
    assert kept < 0.4 * full
    y.sum().backward()
    assert x.grad.shape == x.shape


def test_keyword_and_plain_arguments():
    x = tg.tensor(2.0, requires_grad=True)
    y = tg.checkpoint(lambda x, n, scale=1.0: scale * x**n)(x, 3, scale=2.0)
    y.backward()
    assert y.item() == 16
    assert x.grad.item() == 24


def test_untracked_arguments_give_the_plain_result():
    f = tg.checkpoint(block)
    assert not f(tg.tensor(1.0)).requires_grad
    assert isinstance(f(np.ones(2)), np.ndarray)
    with tg.no_grad():
        assert not f(tg.tensor(1.0, requires_grad=True)).requires_grad


def test_parameters_in_the_closure():
    w = tg.tensor(3.0, requires_grad=True)
    x = tg.tensor(2.0, requires_grad=True)
    tg.checkpoint(lambda x: tg.exp(x * w))(x).backward()
    assert w.grad.item() == pytest.approx(2 * np.exp(6))
    assert x.grad.item() == pytest.approx(3 * np.exp(6))


def test_a_module_with_untracked_input(rng):
    net = tg.nn.Sequential(tg.nn.Linear(3, 4, rng=0), tg.nn.Tanh(), tg.nn.Linear(4, 1, rng=1))
    x = tg.tensor(rng.normal(size=(5, 3)))
    net(x).sum().backward()
    expected = [p.grad.numpy() for p in net.parameters()]
    net.zero_grad()
    tg.checkpoint(net)(x).sum().backward()
    for p, g in zip(net.parameters(), expected, strict=True):
        np.testing.assert_allclose(p.grad.numpy(), g)


def test_an_argument_used_again_through_the_closure():
    w = tg.tensor(2.0, requires_grad=True)
    tg.checkpoint(lambda x: x * w)(w).backward()
    assert w.grad.item() == 4


def test_an_intermediate_in_the_closure():
    w = tg.tensor(2.0, requires_grad=True)
    z = w * w
    (tg.checkpoint(lambda x: x * z)(w) + tg.exp(z)).backward()
    assert w.grad.item() == pytest.approx(3 * 4 + np.exp(4) * 4)


def test_a_leaf_that_was_assigned_into_since():
    w = tg.tensor([2.0, 3.0], requires_grad=True)
    f = tg.checkpoint(lambda x: (x * w).sum())
    w[0] = 10.0
    f(np.ones(2)).backward()
    assert w.grad.tolist() == [0, 1]


def test_create_graph():
    x = tg.tensor(0.5, requires_grad=True)
    w = tg.tensor(2.0, requires_grad=True)
    tg.checkpoint(lambda x: tg.exp(x * w))(x).backward(create_graph=True)
    g, x.grad, w.grad = x.grad, None, None
    g.backward()
    assert x.grad.item() == pytest.approx(4 * np.e)
    assert w.grad.item() == pytest.approx(2 * np.e)  # d(w exp(x w))/dw = (1 + x w) exp(x w)


def test_transforms_of_any_order():
    f, expected = tg.checkpoint(tg.sin), [np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin]
    for derivative in expected:
        f = tg.grad(f)
        assert f(0.7) == pytest.approx(derivative(0.7), rel=1e-12)

    def closes_over(w):
        return tg.checkpoint(lambda z: z * w * w)(w * 1.0)

    assert [tg.grad(closes_over)(2.0), tg.grad(tg.grad(closes_over))(2.0)] == [12, 12]
    x, v = np.array([0.3, 0.4]), np.array([1.0, 2.0])
    np.testing.assert_allclose(tg.jvp(tg.checkpoint(block), (x,), (v,))[1], tg.jvp(block, (x,), (v,))[1])
    np.testing.assert_allclose(
        tg.hvp(lambda x: tg.checkpoint(block)(x).sum(), x, v), tg.hvp(lambda x: block(x).sum(), x, v)
    )


def test_backward_twice_and_changed_cotangents():
    _, pull = tg.vjp(tg.checkpoint(lambda x: x * x), np.ones(2))
    v = np.ones(2)
    assert pull(v)[0].tolist() == [2, 2]
    v[:] = 2
    assert pull(v)[0].tolist() == [4, 4]


def test_it_runs_again_once_per_backward():
    calls = []
    x, y = tg.tensor(1.0, requires_grad=True), tg.tensor(2.0, requires_grad=True)

    def f(a, b):
        calls.append(1)
        return a * b

    tg.checkpoint(f)(x, y).backward()
    assert len(calls) == 2


def test_a_function_that_is_not_repeatable_is_an_error():
    generator = np.random.default_rng(0)
    x = tg.tensor(np.ones(3), requires_grad=True)
    y = tg.checkpoint(lambda x: x * generator.integers(0, 2, 3) + generator.normal())(x)
    with pytest.raises(GraphError, match=r"checkpoint: f computed something else when backward ran it again.*random"):
        y.sum().backward()
    mask = generator.integers(0, 2, 3)
    tg.checkpoint(lambda x, mask: x * mask)(x, mask).sum().backward()
    assert x.grad.tolist() == mask.tolist()


def test_infinities_and_nans_repeat():
    x = tg.tensor([0.0, 1.0, -1.0], requires_grad=True)
    with np.errstate(all="ignore"):
        tg.checkpoint(lambda x: tg.log(x) * 2)(x).sum().backward()
    assert x.grad.tolist()[:2] == [np.inf, 2]


def test_several_results_are_refused():
    x = tg.tensor(1.0, requires_grad=True)
    with pytest.raises(GraphError, match=r"checkpoint: f returned tuple; return one tensor, such as tg\.stack"):
        tg.checkpoint(lambda x: (x, x))(x)


def test_it_makes_no_reference_cycles(no_collector):
    x = tg.tensor(np.ones(3), requires_grad=True)
    for create_graph in (False, True):
        tg.checkpoint(block)(x).sum().backward(create_graph=create_graph)
        x.grad = None
    assert gc.collect() == 0
