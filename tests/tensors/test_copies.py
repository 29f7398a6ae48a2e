"""Text, pickles and copies of tensors; methods agree with functions."""

import copy
import pickle

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable


def leaf(value, **kwargs):
    return tg.tensor(value, requires_grad=True, **kwargs)


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: tg.tensor(1.5), "tensor(1.5)"),
        (lambda: tg.tensor([1, 2]), "tensor([1, 2])"),
        (lambda: tg.tensor([True]), "tensor([ True])"),
        (lambda: tg.tensor([1.0], dtype=np.float32), "tensor([1.], dtype=float32)"),
        (lambda: leaf([1.0], name="w"), "tensor([1.], name='w', requires_grad=True)"),
        (lambda: leaf([1.0]) * 2, "tensor([2.], op='multiply')"),
        (lambda: tg.tensor(np.eye(2)), "tensor([[1., 0.],\n        [0., 1.]])"),
        (lambda: tg.tensor(np.zeros((0, 2))), "tensor([], shape=(0, 2))"),
    ],
)
def test_repr(make, text):
    assert repr(make()) == text


def test_repr_of_a_large_tensor_is_short():
    assert len(repr(tg.tensor(np.zeros((1000, 1000))))) < 500


def test_repr_of_a_node():
    x = leaf(np.ones(2, np.float32), name="w")
    assert repr(x.node) == "<Node leaf 'w' (2,) float32>"
    assert repr((x * 2).node) == "<Node multiply (2,) float32>"


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda t: pickle.loads(pickle.dumps(t))], ids=["copy", "pickle"])
def test_copies_of_a_leaf(duplicate):
    x = leaf([1.0, 2.0], name="x")
    (x * x).sum().backward()
    y = duplicate(x)
    assert y is not x
    assert (y.name, y.requires_grad, y.is_leaf, y.tolist()) == ("x", True, True, [1, 2])
    assert y.grad.tolist() == [2, 4]
    assert not np.shares_memory(y.data, x.data)
    assert not np.shares_memory(y.grad.data, x.grad.data)
    (y * 3).sum().backward()
    assert y.grad.tolist() == [5, 7]
    assert x.grad.tolist() == [2, 4]


def test_copies_of_an_intermediate_tensor():
    x = leaf(3.0)
    y = x * x
    for twin in (copy.deepcopy(y), copy.copy(y)):
        x.grad = None
        twin.backward(retain_graph=True)
        assert x.grad.item() == 6


def test_a_recorded_result_is_not_pickled():
    y = leaf(3.0) * 2
    with pytest.raises(
        NotDifferentiable, match=r"pickle: a recorded tensor of shape \(\) was to be pickled at .*copies"
    ):
        pickle.dumps({"loss": [y]})
    with tg.no_grad():
        assert pickle.loads(pickle.dumps(y)).item() == 6
        assert pickle.loads(pickle.dumps(leaf(3.0) * 2)).item() == 6
    assert not pickle.loads(pickle.dumps(y.detach())).requires_grad
    for transform in (tg.grad, tg.jacobian, tg.hessian, lambda f: lambda x: tg.jvp(f, (x,), (x,))):
        with pytest.raises(NotDifferentiable, match=r"pickle: a recorded tensor of shape \(2,\)"):
            transform(lambda x: np.sum(pickle.loads(pickle.dumps(x)) ** 2))(np.ones(2))


class Box:
    def __init__(self, held):
        self.held = held


COPIES = {
    "copy": lambda x: np.sum(copy.copy(x) ** 3), "deepcopy": lambda x: np.sum(copy.deepcopy(x) ** 3),
    "of a result": lambda x: np.sum(copy.deepcopy(x * x) * x), "method": lambda x: np.sum(x.copy() ** 3),
    "nest": lambda x: np.sum(copy.deepcopy({"a": [x]})["a"][0] ** 3),
    "object": lambda x: np.sum(copy.deepcopy(Box(x)).held ** 3),
    "object array": lambda x: np.sum(copy.deepcopy(np.array([Box(x)]))[0].held ** 3),
    "twice": lambda x: np.sum(copy.copy(copy.deepcopy(x)) * x**2),
    "checkpoint": lambda x: tg.checkpoint(lambda x: np.sum(copy.deepcopy(x) ** 3))(x),
}  # fmt: skip


@pytest.mark.parametrize("f", COPIES.values(), ids=COPIES)
def test_copies_inside_transforms_are_recorded(f):
    x, v = np.array([1.0, 2.0]), np.array([1.0, 10.0])
    np.testing.assert_allclose(tg.grad(f)(x), 3 * x**2)
    np.testing.assert_allclose(tg.jacobian(f)(x), 3 * x**2)
    np.testing.assert_allclose(tg.jvp(f, (x,), (v,))[1], np.sum(3 * x**2 * v))
    np.testing.assert_allclose(tg.vjp(f, x)[1](2.0)[0], 6 * x**2)
    np.testing.assert_allclose(tg.hessian(f)(x), np.diag(6 * x))
    np.testing.assert_allclose(tg.hvp(f, x, v), 6 * x * v)
    t = leaf(x)
    np.testing.assert_allclose(tg.grad(f)(t).numpy(), 3 * x**2)
    assert tg.check_gradients(f, x).ok


def test_copies_in_a_solvers_function_are_recorded():
    assert tg.grad(lambda a: tg.root(lambda x, a: copy.deepcopy(x) ** 2 - copy.deepcopy(a), 1.0, a))(4.0) == 0.25


def test_a_copy_inside_a_transform_is_apart_from_what_it_copies():
    def f(x):
        y = copy.deepcopy(x)
        y[0] = 5.0
        return np.sum(x * y)

    np.testing.assert_allclose(tg.grad(f)(np.array([1.0, 2.0])), [5.0, 4.0])


def test_parameters_copied_inside_a_transform_stay_leaves():
    net = tg.nn.Linear(2, 1, rng=0)

    def f(x):
        twin = copy.deepcopy(net)
        assert all(p.is_leaf and p.requires_grad for p in twin.parameters())
        return np.sum(twin(x))

    np.testing.assert_allclose(tg.grad(f)(np.ones((1, 2))), np.reshape(net.weight.numpy(), (1, 2)))


def test_gradients_are_in_c_order():
    a = np.arange(6.0).reshape(2, 3)
    for f in (lambda x: np.sum(x.T * a.T), lambda x: np.sum(x.T @ a), lambda x: np.sum(x * np.asfortranarray(a))):
        for given in (a, np.asfortranarray(a)):
            x = leaf(given)
            f(x).backward()
            assert x.grad.numpy().flags.c_contiguous
            assert tg.grad(f)(given).flags.c_contiguous


def test_copies_keep_what_is_shared_shared():
    x = leaf([1.0])
    for a, b in (copy.deepcopy([x, x]), pickle.loads(pickle.dumps([x, x]))):
        assert a is b


@pytest.mark.slow
def test_the_end_of_a_long_chain_can_be_copied():
    x = y = leaf(1.0)
    for _ in range(100_000):
        y = y * 1.0
    assert pickle.loads(pickle.dumps(y.detach())).item() == 1
    assert repr(y) == "tensor(1., op='multiply')"
    copy.deepcopy(y).backward()
    assert x.grad.item() == 1


def test_a_pickle_of_every_protocol():
    x = leaf(np.arange(3.0))
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(x, protocol)).tolist() == [0, 1, 2]


def test_copy_method_is_recorded():
    x = leaf([1.0, 2.0])
    y = x.copy()
    assert not np.shares_memory(y.numpy(), x.numpy())
    (y * y).sum().backward()
    assert x.grad.tolist() == [2, 4]
    assert tg.tensor([True]).copy().tolist() == [True]


def test_methods_agree_with_functions():
    x = leaf(np.arange(1.0, 7.0).reshape(2, 3))
    for name in ("exp", "log", "sqrt", "tanh", "sigmoid", "relu", "sin", "cos", "abs", "square", "sign", "sum", "mean",
                 "var", "std", "prod", "max", "min", "any", "all", "argmax", "argmin", "cumsum", "squeeze", "softmax",
                 "log_softmax", "logsumexp"):  # fmt: skip
        np.testing.assert_array_equal(getattr(x, name)().numpy(), getattr(tg, name)(x).numpy(), err_msg=name)
    assert x.reshape(3, 2).shape == x.reshape((3, 2)).shape == x.reshape(-1, 2).shape == (3, 2)
    assert x.transpose().shape == x.transpose(1, 0).shape == x.transpose((1, 0)).shape == (3, 2)
    assert x.ravel().shape == x.flatten().shape == (6,)
    assert x.swapaxes(0, 1).shape == (3, 2)
    assert x.mean(axis=1).shape == (2,)
    assert x.sum(0, keepdims=True).shape == (1, 3)
    assert x.clip(2, 3).numpy().max() == 3
    assert x.astype(np.float32).dtype == np.float32
    assert x.repeat(2, axis=0).shape == (4, 3)
    assert x.take([0, 1]).tolist() == [1, 2]
    assert x.dot(np.ones(3)).shape == (2,)
