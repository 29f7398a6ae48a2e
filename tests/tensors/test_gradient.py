"""backward(): its arguments and errors, accumulation, memory of gradients, hooks."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import GraphError


def leaf(value, **kwargs):
    return tg.tensor(value, requires_grad=True, **kwargs)


def test_backward_adds_to_the_gradients_of_all_leaves():
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    (x * y).sum().backward()
    (x * 2).sum().backward()
    assert x.grad.tolist() == [5, 6]
    assert y.grad.tolist() == [1, 2]
    assert isinstance(x.grad, tg.Tensor)
    assert not x.grad.requires_grad


def test_backward_of_a_leaf():
    x = leaf(3.0)
    x.backward()
    x.backward()
    assert x.grad.item() == 2


def test_accumulation_leaves_earlier_gradients_alone():
    x = leaf([1.0, 2.0])
    x.sum().backward()
    first = x.grad
    x.sum().backward()
    assert first.tolist() == [1, 1]


def test_backward_needs_one_element_or_a_gradient():
    x = leaf([1.0, 2.0])
    y = x * x
    with pytest.raises(GraphError, match=r"backward: the output has shape \(2,\).*t\.sum\(\)\.backward\(\).*gradient="):
        y.backward()
    y.backward(np.array([1.0, 10.0]))
    assert x.grad.tolist() == [2, 40]
    (x * x)[:1].reshape(1, 1).backward()  # one element in any shape
    assert x.grad.tolist() == [4, 40]


@pytest.mark.parametrize("gradient", [[1, 1], (1, 1), np.float32([1, 1]), tg.tensor([1.0, 1.0])])
def test_gradient_argument_may_be_anything_of_the_shape(gradient):
    x = leaf([1.0, 2.0])
    (x * 3).backward(gradient)
    assert x.grad.tolist() == [3, 3]
    assert x.grad.dtype == np.float64


@pytest.mark.parametrize("create_graph", [False, True])
def test_wrong_gradient_shape(create_graph):
    x = leaf([1.0, 2.0])
    for wrong in (np.ones(3), 1.0, np.ones((1, 2)), tg.tensor([[1.0, 2.0]])):
        with pytest.raises(GraphError, match=r"backward: gradient has shape \(.*\), the tensor \(2,\); give one of"):
            (x * 3).backward(wrong, create_graph=create_graph)
    assert x.grad is None


def test_backward_of_untracked():
    for t in (tg.tensor(1.0), leaf(1.0).detach()):
        with pytest.raises(GraphError, match=r"backward: this tensor is not recorded.*requires_grad=True"):
            t.backward()
    with tg.no_grad():
        y = leaf(1.0) * 2
    with pytest.raises(GraphError, match="outside no_grad"):
        y.backward()


def test_second_backward():
    x = leaf(2.0)
    y = tg.exp(x) * x
    y.backward(retain_graph=True)
    once = x.grad.item()
    y.backward()
    assert x.grad.item() == pytest.approx(2 * once)
    with pytest.raises(GraphError, match=r"backward: the graph through <Node .*already used.*retain_graph=True"):
        y.backward()
    assert x.grad.item() == pytest.approx(2 * once)


def test_second_backward_through_a_shared_part():
    x = leaf([1.0, 2.0])
    h = tg.exp(x)
    (h * 2).sum().backward()
    with pytest.raises(GraphError, match=r"<Node exp .* already used and freed"):
        (h * 3).sum().backward()


def test_create_graph_differentiates_again():
    x = leaf([1.0, 2.0])
    (x**3).sum().backward(create_graph=True)
    first = x.grad
    assert first.requires_grad
    x.grad = None
    first.sum().backward(create_graph=True)
    second, x.grad = x.grad, None
    np.testing.assert_allclose(first.numpy(), [3, 12])
    np.testing.assert_allclose(second.numpy(), [6, 12])
    second.sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), [6, 6])


def test_backward_inside_no_grad():
    x = leaf(3.0)
    y = x * x
    with tg.no_grad():
        y.backward()
    assert x.grad.item() == 6
    y = x * x
    with tg.no_grad():
        y.backward(create_graph=True)
    assert x.grad.requires_grad


@pytest.mark.parametrize("create_graph", [False, True])
@pytest.mark.parametrize("shape", [(3,), (40,), (200, 200)])
def test_gradients_share_memory_with_nothing(create_graph, shape):
    x, y = leaf(np.ones(shape)), leaf(np.full(shape, 2.0))
    given = np.ones(shape)
    seed = tg.tensor(given)
    for out in (tg.add(x, y), x - y, x + x, x.reshape(-1) + y.reshape(-1), x.T + y.T, tg.concatenate([x, y]),
                tg.positive(x) + y, x * 1 + y, tg.broadcast_to(x, (2, *shape)),
                tg.where(np.ones(shape, bool), x, y)):  # fmt: skip
        x.grad = y.grad = None
        pattern = seed if out.shape == shape else np.ones(out.shape)
        out.backward(pattern, create_graph=create_graph)
        held = [x._array, y._array, given, seed._array, out._array]
        for t in (x, y):
            if t.grad is not None:
                assert t.grad.shape == t.shape
                assert t.grad.data.flags.writeable
                assert not any(np.shares_memory(t.grad._array, other) for other in held)
                held.append(t.grad._array)


def test_accumulated_and_returned_gradients_do_not_alias():
    x = leaf(np.ones(50))
    (x * 1).sum().backward()
    x.grad.data[...] = 5
    (x * 1).sum().backward()
    assert x.grad.data[0] == 6
    assert x.data[0] == 1


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
@pytest.mark.parametrize("create_graph", [False, True])
def test_a_gradient_has_the_dtype_of_its_tensor(dtype, create_graph):
    x = leaf(np.ones(3, dtype))
    w = leaf(np.ones(3, np.float64))
    ((x * w).sum() + x.mean() * np.float64(2)).backward(create_graph=create_graph)
    assert x.grad.dtype == dtype
    assert w.grad.dtype == np.float64
    y = leaf(np.ones(2, dtype))
    y.backward(tg.tensor([1.0, 2.0]), create_graph=create_graph)
    assert y.grad.dtype == dtype


def test_hook_sees_and_replaces_the_gradient():
    x = leaf([1.0, 2.0])
    seen = []
    y = x * 2
    y.register_hook(lambda g: seen.append(g.tolist()))
    remove = y.register_hook(lambda g: g * 10)
    y.sum().backward(retain_graph=True)
    assert seen == [[1, 1]]
    assert x.grad.tolist() == [20, 20]
    remove()
    x.grad = None
    y.sum().backward()
    assert x.grad.tolist() == [2, 2]


def test_hook_on_a_leaf_runs_once_on_the_whole_gradient():
    x = leaf(2.0)
    seen = []
    x.register_hook(lambda g: seen.append(g.item()))
    (x * x + x).backward()
    assert seen == [5]


def test_hook_with_create_graph_is_differentiated():
    x = leaf(3.0)
    y = x * x
    y.register_hook(lambda g: g * x)
    y.backward(create_graph=True)  # 2 x * x
    g, x.grad = x.grad, None
    g.backward()
    assert x.grad.item() == 12


def test_hook_errors():
    with pytest.raises(GraphError, match=r"register_hook: this tensor is not recorded.*requires_grad_\(\)"):
        tg.tensor(1.0).register_hook(print)
    x = leaf([1.0, 2.0])
    y = x * 2
    y.register_hook(lambda g: g.sum())
    with pytest.raises(GraphError, match=r"register_hook: the hook turned a gradient of shape \(2,\) into \(\)"):
        y.sum().backward()


def test_hook_may_return_arrays_of_another_dtype():
    x = leaf(np.ones(2, np.float32))
    x.register_hook(lambda g: np.array([1.0, 2.0]))
    x.sum().backward()
    assert x.grad.dtype == np.float32
    assert x.grad.tolist() == [1, 2]


@pytest.mark.parametrize("create_graph", [False, True])
def test_retain_grad(create_graph):
    x = leaf(np.ones(30))
    a, b = (x * 2).retain_grad(), (x * 3).retain_grad()
    (a + b).sum().backward(create_graph=create_graph)
    assert a.grad.tolist() == b.grad.tolist() == [1] * 30
    assert not np.shares_memory(a.grad.data, b.grad.data)
    assert a.grad.data.flags.writeable
    a.grad.data[...] = 9
    assert x.grad.tolist() == [5] * 30
    with pytest.raises(GraphError, match="register_hook"):
        tg.tensor(1.0).retain_grad()


def test_retain_grad_counts_once():
    x = leaf(2.0)
    x.retain_grad().retain_grad()
    y = (x * 3).retain_grad().retain_grad()
    (y * 2).backward()
    assert (x.grad.item(), y.grad.item()) == (6, 2)
    z = leaf(2.0)
    z *= 3
    with pytest.raises(GraphError, match="retain_grad: grad of this tensor is that of the leaf that it was before"):
        z.retain_grad()


@pytest.mark.parametrize("create_graph", [False, True])
def test_a_hook_that_writes_into_its_gradient_changes_this_gradient_alone(create_graph):
    x = leaf(np.ones(3))
    y, z = x * 1, x * 1

    def double(g):
        g *= 2

    y.register_hook(double)
    (y + z).sum().backward(create_graph=create_graph)
    assert x.grad.tolist() == [3, 3, 3]
    v = leaf(np.ones(3))
    w = v * 1
    w.register_hook(lambda g: g.data.fill(5.0))
    (w + v).backward(given := np.ones(3), create_graph=create_graph)
    assert given.tolist() == [1, 1, 1]
    if not create_graph:
        assert v.grad.tolist() == [6, 6, 6]


@pytest.mark.parametrize("make", [lambda x: x.reshape(20, 10), lambda x: x.T, lambda x: x * 1, lambda x: x[::2]])
def test_a_large_given_gradient_is_neither_kept_nor_changed(make):
    x = tg.tensor(np.ones((10, 20)), requires_grad=True)
    y = make(x) + make(x)
    given = np.ones(y.shape)
    y.backward(given)
    assert not np.shares_memory(x.grad.data, given)
    np.testing.assert_array_equal(given, 1)
    x.grad = None
    x.backward(seed := np.ones(x.shape))
    assert not np.shares_memory(x.grad.data, seed)
