"""Graphs are lean and die at once without the garbage collector; an array is copied only where somebody holds it."""

import gc
import sys
import tracemalloc

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.node import topological


def ours():
    """Objects of tinygraph that only the garbage collector can reach."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    found = [o for o in gc.garbage if (type(o).__module__ or "").startswith("tinygraph")]
    gc.set_debug(0)
    gc.garbage.clear()
    return found


def network_steps(steps):
    rng = np.random.default_rng(0)
    net = tg.nn.Sequential(tg.nn.Linear(6, 8, rng=0), tg.nn.ReLU(), tg.nn.Linear(8, 3, rng=1))
    optimizer = tg.optim.Adam(net.parameters())
    X, y = rng.normal(size=(16, 6)), rng.integers(0, 3, 16)
    alive = []
    for step in range(steps):
        loss = tg.nn.cross_entropy(net(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step in (steps // 4, steps - 1):
            alive.append(tracemalloc.get_traced_memory()[0])
    return alive


def test_training_keeps_memory_flat_without_the_collector(no_collector):
    tracemalloc.start()
    early, late = network_steps(1000)
    tracemalloc.stop()
    assert late - early < 750 * 16  # an object a step would be 48 bytes; Python 3.10 keeps some frames for reuse
    assert ours() == []


@pytest.mark.parametrize(
    "work",
    [
        lambda x: (x * x).sum().backward(),
        lambda x: tg.grad(tg.grad(lambda x: (x**3).sum() / x.size))(2.0),
        lambda x: tg.hvp(lambda x: tg.exp(x).sum(), x, np.ones(40)),
        lambda x: tg.jacobian(lambda x: tg.softmax(x))(np.ones(4)),
        lambda x: tg.jvp(lambda x: tg.max(tg.log_softmax(x)) + tg.std(x), (np.ones(4),), (np.ones(4),)),
        lambda x: tg.checkpoint(tg.exp)(x).sum().backward(),
        lambda x: (x * 2).retain_grad().sum().backward(),
        lambda x: x.register_hook(lambda g: g * 2),
        lambda x: x.__setitem__(0, x[1] * 2),
        lambda x: (tg.exp(x) * x).sum(),
    ],
)
def test_no_reference_cycles(work, no_collector):
    x = tg.tensor(np.ones(40), requires_grad=True)
    work(x)
    del x
    assert ours() == []


def test_create_graph_leaves_nothing_once_the_gradients_are_gone(no_collector):
    x = tg.tensor(np.ones(40), requires_grad=True)
    (tg.exp(x) * x).sum().backward(create_graph=True)
    x.grad.sum().backward()
    x.grad = None
    del x
    assert ours() == []


def test_backward_frees_large_arrays_and_keeps_the_structure():
    x = tg.tensor(np.ones(100_000), requires_grad=True)
    tracemalloc.start()
    y = tg.exp(tg.sin(tg.exp(x * 0.1))).sum()
    recorded = tracemalloc.get_traced_memory()[0]
    y.backward()
    x.grad = None
    kept = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert recorded > 2 * x.nbytes
    assert kept < 0.1 * x.nbytes
    names = [node.op.name if node.op else "leaf" for node in topological([y.node])]
    assert names == ["leaf", "multiply", "exp", "sin", "exp", "sum"]


def test_keep_values_keeps_everything_through_backward():
    x = tg.tensor(np.ones(100), requires_grad=True)
    with tg.keep_values():
        y = tg.exp(x)
        z = y.sum()
    z.backward()
    np.testing.assert_array_equal(y.node.value, np.exp(np.ones(100)))
    np.testing.assert_array_equal(y.node.grad, np.ones(100))


def test_only_what_rules_read_is_kept():
    x = tg.tensor(np.ones(100_000), requires_grad=True)
    tracemalloc.start()
    y = ((x + 1).reshape(100, -1).T * 2).sum(axis=0)
    alive = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert y.shape == (100,)
    assert alive < 0.1 * x.nbytes


def test_bytes_per_node():
    x = tg.tensor(1.0, requires_grad=True)
    y = x * 1.5
    n = 20_000
    for build in (lambda y: y * 1.0, lambda y: y + x, tg.sin, lambda y: -y):
        tracemalloc.start()
        z = y
        for _ in range(n):
            z = build(z)
        size = tracemalloc.get_traced_memory()[0] / n
        tracemalloc.stop()
        assert size <= 600


@pytest.mark.parametrize("n", [100_000, pytest.param(1_000_000, marks=pytest.mark.slow)])
def test_long_chains(n):
    limit = sys.getrecursionlimit()
    x = y = tg.tensor(1.0, requires_grad=True)
    for _ in range(n):
        y = y * 1.0
    y.backward()
    assert x.grad.item() == 1
    assert len(topological([y.node])) == n + 1
    assert len(repr(y)) < 100
    del y
    assert sys.getrecursionlimit() == limit


def test_long_chains_of_every_kind():
    n = 3000
    z = x = tg.tensor(np.ones(2), requires_grad=True)
    for _ in range(n):
        z = tg.where(np.array([True, False]), z, z * 0.5) + 0.0 * x
    z.sum().backward(create_graph=True)
    assert x.grad.shape == (2,)
    x.grad = None
    z = x
    for _ in range(n):
        z[0] = z[1]
        z += 0.0
    z.sum().backward()
    assert x.grad.tolist() == [0, 2]
    f = tg.jvp(lambda x: _chain(x, n), (1.0,), (1.0,))
    assert f == (1.0, 1.0)


def _chain(x, n):
    for _ in range(n):
        x = x * 1.0
    return x


@pytest.mark.parametrize("doublings", [18, 60])
def test_shared_nodes_are_visited_once(doublings):
    x = tg.tensor(1.0, requires_grad=True)
    y = x
    for _ in range(doublings):
        y = y + y
    assert len(topological([y.node])) == doublings + 1
    y.backward()
    assert x.grad.item() == 2**doublings
    assert tg.jvp(lambda x: _doubled(x, doublings), (1.0,), (1.0,))[1] == 2**doublings
    assert tg.grad(tg.grad(lambda x: _doubled(x, doublings) * x))(1.0) == 2 * 2**doublings


def _doubled(x, n):
    for _ in range(n):
        x = x + x
    return x


@pytest.mark.parametrize(
    ("derivative", "arrays"), [(lambda x, pull: pull(x), 1), (lambda x, pull: tg.jvp(rolled, (x,), (x,)), 2)]
)
def test_a_gradient_that_nobody_else_holds_is_not_copied(derivative, arrays):
    x = np.ones(100_000)
    _, pull = tg.vjp(rolled, x)
    derivative(x, pull)
    tracemalloc.start()
    derivative(x, pull)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < (arrays + 0.5) * x.nbytes


def rolled(x):
    return np.roll(x, 1)
