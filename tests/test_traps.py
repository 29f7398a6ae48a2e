"""Traps that other engines fell into, one test per trap: the name of a test says what must not go wrong.

It stands at the top because a trap is seldom one room's: most are about what a user sees of several together.
What avoids the larger ones is told in docs/decisions/: changed-arrays.md, scalars-inside.md, zero-wins-behind-where.md.
"""

import copy
import pickle
import sys
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.node import topological
from tinygraph.errors import GraphError, NotDifferentiable


def leaf(value, **kwargs):
    return tg.tensor(value, requires_grad=True, **kwargs)


SHAPES = [((), (3,)), ((3,), ()), ((2, 3), (3,)), ((2, 3), (2, 1)), ((2, 1), (1, 3)), ((1,), (4, 2, 3)), ((1, 1), ()),
          ((4, 1, 3), (2, 1)), ((0,), ()), ((0, 3), (3,)), ((2, 0), (1, 1)),
          ((1, 0), (5, 1)), ((1,), (1, 1, 1))]  # fmt: skip


@pytest.mark.parametrize("shapes", SHAPES)
@pytest.mark.parametrize("create_graph", [False, True])
def test_broadcasting(shapes, create_graph, rng):
    a, b = (np.asarray(rng.uniform(1, 2, s)) for s in shapes)
    x, y = leaf(a), leaf(b)
    z = x * y + x / y - y
    full = np.broadcast_shapes(*shapes)
    assert z.shape == full
    z.sum().backward(create_graph=create_graph)

    def undone(g, shape):
        g = np.broadcast_to(g, full)
        g = g.sum(axis=tuple(range(g.ndim - len(shape))))
        return g.sum(axis=tuple(i for i, n in enumerate(shape) if n == 1), keepdims=True)

    np.testing.assert_allclose(x.grad.numpy(), undone(b + 1 / b, a.shape), rtol=1e-12)
    np.testing.assert_allclose(y.grad.numpy(), undone(a - a / b**2 - 1, b.shape), rtol=1e-12)
    assert x.grad.shape == a.shape
    assert y.grad.shape == b.shape


def test_broadcasting_of_both_operands_at_once():
    x, y = leaf(np.ones((3, 1))), leaf(np.ones((1, 4)))
    (x + y).sum().backward()
    assert x.grad.tolist() == [[4]] * 3
    assert y.grad.tolist() == [[3] * 4]


def test_results_of_no_dimension():
    x = leaf(np.arange(3.0))
    for y in (x.sum(), x[1], x @ x, x.max(), tg.einsum("i,i", x, x)):
        assert y.shape == ()
        assert isinstance(y.data, np.ndarray)
        y.backward()
        assert x.grad.shape == (3,)


def test_changing_between_forward_and_backward():
    x = leaf([1.0, 1.0, 1.0])
    y = (x * x).sum()
    x.data[...] = 5.0
    with pytest.raises(GraphError, match="multiply"):  # HIPS autograd: silently 10 instead of 2
        y.backward()


def test_gradient_buffers_are_not_shared():
    a, b = leaf(np.ones(3)), leaf(np.ones(3))
    (a + b).backward(np.ones(3))
    assert a.grad is not b.grad
    assert not np.shares_memory(a.grad.data, b.grad.data)


@pytest.mark.parametrize("f", [lambda x: x * 2.0, tg.mean, tg.max, lambda x: x / 2, tg.std, lambda x: x * np.pi,
                               lambda x: tg.mean(x, axis=0), lambda x: x**2, lambda x: 1 - x, tg.sigmoid])  # fmt: skip
def test_single_precision_stays(f):
    x = leaf(np.ones((2, 3), np.float32))
    y = f(x)
    y.sum().backward()
    assert y.dtype == x.grad.dtype == np.float32


@pytest.mark.parametrize("data", [1, [1, 2], True, [False]])
def test_integers_do_not_require_grad(data):
    with pytest.raises(NotDifferentiable, match="has no gradient; make it floating point"):
        leaf(data)
    with pytest.raises(NotDifferentiable, match="pass floating-point numbers"):
        tg.grad(tg.sum)(np.array(data))


def test_leaving_the_graph_is_loud():
    t = leaf(1.0)
    for leave in (float, np.asarray, lambda t: np.array([t, t])):
        with pytest.raises(NotDifferentiable, match=r"t\.item\(\) or t\.numpy\(\).*t\.detach\(\)"):
            leave(t)


def test_no_object_arrays():
    t = leaf(np.ones(3))
    for f in (lambda: np.array([t, t]), lambda: np.array(list(t), dtype=object),
              lambda: t * np.array([1, 2, 3], object),
              lambda: np.vectorize(lambda x: x)(t), lambda: t + "a"):  # fmt: skip
        with pytest.raises((TypeError, NotDifferentiable)):
            f()


def test_prod_with_zeros_is_no_nan():
    assert tg.grad(tg.prod)(np.array([0.0, 2.0, 3.0])).tolist() == [6, 0, 0]
    assert tg.grad(tg.prod)(np.array([0.0, 2.0, 0.0])).tolist() == [0, 0, 0]


def test_ties_of_max_sum_to_one():
    assert tg.grad(tg.max)(np.array([1.0, 1.0])).sum() == 1
    assert tg.grad(lambda x: tg.maximum(x, x).sum())(np.ones(2)).tolist() == [1, 1]


def test_backward_of_a_non_scalar():
    with pytest.raises(GraphError, match="not one element"):
        (leaf([1.0, 2.0]) * 2).backward()


def test_second_backward_is_loud_or_right():
    x = leaf(3.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad.item() == 12
    with pytest.raises(GraphError, match="retain_graph=True"):
        y.backward()


def test_no_recursion():
    x = y = leaf(1.0)
    for _ in range(5 * sys.getrecursionlimit()):
        y = tg.sin(y) + 0 * x
    y.backward(create_graph=True)
    assert x.grad is not None
    x.grad = None
    del y


def test_shared_nodes_take_linear_time():
    x = y = leaf(1.0)
    for _ in range(60):
        y = y + y
    start = time.perf_counter()
    y.backward()
    assert len(topological([y.node])) == 61
    assert time.perf_counter() - start < 1
    assert x.grad.item() == 2.0**60


def test_flags_do_not_leak_across_threads():
    with tg.no_grad(), ThreadPoolExecutor(1) as pool:
        assert pool.submit(lambda: (leaf(1.0) * 2).requires_grad).result()


def test_pickling_and_deepcopy():
    net = tg.nn.Sequential(tg.nn.Linear(2, 3, rng=0), tg.nn.Tanh())
    x = np.ones((1, 2))
    for twin in (copy.deepcopy(net), pickle.loads(pickle.dumps(net))):
        np.testing.assert_array_equal(twin(x).numpy(), net(x).numpy())
        twin(x).sum().backward()
        assert all(p.grad is None for p in net.parameters())
        assert all(p.grad is not None for p in twin.parameters())


def test_equality_and_hashing():
    x, y = tg.tensor([1.0, 2.0]), tg.tensor([1.0, 2.0])
    assert (x == y).all()
    assert len({x: 1, y: 2}) == 2
    assert x in [x, y]  # identity is asked before equality
    assert [y, x].index(y) == 0


def test_repeated_fancy_indices_add():
    x = leaf([1.0, 2.0, 3.0])
    (x[np.array([0, 0, 2])] * np.array([1.0, 10.0, 100.0])).sum().backward()
    assert x.grad.tolist() == [11, 0, 100]


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2), (-1, 0), (1,), (0, 1, 2)])
@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "prod", "max", "min"])
def test_arguments_of_reductions(name, axis, keepdims, rng, numeric):
    a = rng.uniform(0.5, 1.5, (2, 3, 2))
    f = getattr(np, name)
    x = leaf(a)
    y = f(x, axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(y.numpy(), f(a, axis=axis, keepdims=keepdims), rtol=1e-14)
    w = rng.normal(size=y.shape)
    (y * w).sum().backward()
    expected = numeric(lambda a: (f(a, axis=axis, keepdims=keepdims) * w).sum(), a)
    np.testing.assert_allclose(x.grad.numpy(), expected, atol=1e-8)


@pytest.mark.parametrize("name", ["sum", "mean", "var", "std", "prod", "max", "min"])
def test_where_ddof_dtype_of_reductions(name, rng, numeric):
    a, mask = rng.uniform(0.5, 1.5, (4, 3)), np.arange(12).reshape(4, 3) % 3 > 0
    f = getattr(np, name)
    options = {"where": mask, "axis": 0} | ({"initial": 0.7} if name in ("max", "min") else {})
    options |= {"ddof": 1} if name in ("var", "std") else {}
    mask[:, 0] = True
    x = leaf(a)
    y = f(x, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        np.testing.assert_allclose(y.numpy(), f(a, **options), rtol=1e-13)
    y[0].backward()
    np.testing.assert_allclose(x.grad.numpy(), numeric(lambda a: f(a, **options)[0], a), atol=1e-8)
    if name not in ("max", "min"):
        z = f(x, dtype=np.float32)
        assert z.dtype == np.float32
        z.backward()
        assert x.grad.dtype == np.float64


def test_no_overflow_in_log_of_one_plus_exp():
    x = np.array([-1e4, -50.0, 0.0, 50.0, 1e4])
    assert tg.softplus(x).tolist() == pytest.approx([0, np.exp(-50), np.log(2), 50, 1e4])
    assert tg.grad(lambda x: tg.softplus(x).sum())(x).tolist() == pytest.approx([0, np.exp(-50), 0.5, 1, 1])
    assert np.isfinite(tg.hvp(lambda x: tg.softplus(x).sum(), x, np.ones(5))).all()
    assert np.isfinite(tg.grad(lambda x: tg.sigmoid(x).sum())(x)).all()
    assert tg.logsumexp(np.array([1e4, 1e4])) == pytest.approx(1e4 + np.log(2))
    assert tg.logaddexp(1e4, 1e4) == pytest.approx(1e4 + np.log(2))


def test_behind_where_a_gradient_that_happens_to_be_zero_has_a_derivative():
    slope = tg.grad(lambda x: tg.where(x < 1, x * x * x, 1.0))
    assert tg.grad(slope)(0.0) == 0
    assert tg.grad(tg.grad(slope))(0.0) == 6
    assert tg.hessian(lambda x: tg.where(x > 1, np.inf, x * x * x))(0.0) == 0
