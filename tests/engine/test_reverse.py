"""The reverse sweep: sums over readers, only what is asked for, several roots, rows of a Jacobian, hooks."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.reverse import pullback, pullback_rows
from tinygraph.errors import GraphError


def leaf(value):
    return tg.tensor(value, requires_grad=True)


@pytest.mark.parametrize("size", [3, 1 << 15])
@pytest.mark.parametrize("readers", [1, 2, 3, 7])
def test_gradients_of_several_readers_add_up(size, readers):
    x = leaf(np.full(size, 0.5))
    h = tg.exp(x)
    total = h * 1
    for k in range(1, readers):
        total = total + tg.sin(h) * k + h
    total.sum().backward()
    e = np.exp(0.5)
    expected = e * (readers + np.cos(e) * sum(range(readers)))
    np.testing.assert_allclose(x.grad.numpy(), expected, rtol=1e-12)


def test_large_intermediate_gradients_do_not_corrupt_each_other():
    n = 1 << 15
    a, b, c = (leaf(np.full(n, v)) for v in (2.0, 3.0, 5.0))
    seen = []
    s = a + b
    s.register_hook(lambda g: seen.append(g))
    t = s + c
    u = t * s
    v = np.ones(n)
    (u + u * 2).backward(v)
    assert np.all(v == 1)
    assert np.all(seen[0].numpy() == 3 * (10 + 5))
    assert np.all(a.grad.numpy() == 45)
    assert np.all(c.grad.numpy() == 15)
    assert np.all(a.numpy() == 2)


def test_only_what_is_asked_for_is_computed(forget_declarations):
    calls = []

    @tg.elementwise(lambda z, x, y: calls.append("x") or y, lambda z, x, y: calls.append("y") or x)
    def f(x, y):
        return x * y

    tg.grad(f, 0)(2.0, 3.0)
    assert calls == ["x"]
    calls.clear()
    f(2.0, leaf(3.0)).backward()
    assert calls == ["y"]
    calls.clear()
    w = leaf(3.0)
    tg.grad(lambda x: f(x, w))(2.0)
    assert calls == ["x"]


def test_a_branch_to_other_leaves_is_left_alone():
    w = leaf(2.0)
    h = tg.exp(w)
    assert tg.grad(lambda x: x * h + h)(3.0) == pytest.approx(np.exp(2))
    h.backward()
    assert w.grad.item() == pytest.approx(np.exp(2))


def test_a_node_asked_for_behind_another():
    x = leaf(2.0)
    y = x * x
    z = y * 3
    found = pullback([(z.node, np.float64(1))], wrt=[x.node, y.node])
    assert found[y.node] == 3
    assert x.node not in found or found[x.node] == 12


def test_several_roots():
    x = leaf(2.0)
    y, z = x * 3, x * x
    found = pullback([(y.node, np.float64(1)), (z.node, np.float64(10)), (z.node, np.float64(1))])
    assert found[x.node] == 3 + 11 * 4


@pytest.mark.parametrize("create_graph", [False, True])
def test_integer_steps_have_zero_derivative(create_graph):
    x = leaf([1.2, 2.7])
    (tg.floor(x) * x + tg.sign(x) + x // 2).sum().backward(create_graph=create_graph)
    assert x.grad.tolist() == [1, 2]


def test_non_contiguous_and_read_only_inputs():
    a = np.arange(12.0).reshape(3, 4)[::2, ::-1].T
    a.flags.writeable = False
    x = tg.asarray(a, requires_grad=True)
    (x * x).sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), 2 * a)
    x.grad.data[...] = 0


def test_rows_through_a_freed_graph():
    x = leaf([1.0, 2.0])
    y = tg.exp(x)
    y.sum().backward()
    with pytest.raises(GraphError, match=r"jacobian: the graph through <Node exp .*already used and freed; record it"):
        pullback_rows(y.node, np.eye(2), [x.node])


def test_hooks_and_anomalies_in_a_jacobian():
    def hooked(x):
        y = x * 2
        y.register_hook(lambda g: g * 10)
        return y.sum()

    def changed(x):
        a = np.ones(2)
        with tg.detect_anomaly():
            y = (x * a).sum()
        a[0] = 5
        return y

    assert tg.grad(hooked)(np.ones(2)).tolist() == tg.jacobian(hooked)(np.ones(2)).tolist() == [20, 20]
    for transform in (tg.grad, tg.jacobian):
        with pytest.raises(tg.AnomalyError, match="multiply"):
            transform(changed)(np.ones(2))


def test_second_order_behind_an_op_that_is_flat():
    x = tg.tensor([1.0, -2.0], requires_grad=True)
    (np.sign(np.exp(x)) * 3.0).sum().backward(create_graph=True)
    assert isinstance(x.grad, tg.Tensor)
    np.testing.assert_array_equal(x.grad.numpy(), 0.0)
