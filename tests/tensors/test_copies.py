"""Text, pickles and copies of tensors; methods agree with functions."""

import copy
import pickle

import numpy as np
import pytest

import tinygraph as tg


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
    unpickled = pickle.loads(pickle.dumps(y))
    assert unpickled.item() == 9
    assert not unpickled.requires_grad


def test_copies_keep_what_is_shared_shared():
    x = leaf([1.0])
    for a, b in (copy.deepcopy([x, x]), pickle.loads(pickle.dumps([x, x]))):
        assert a is b


@pytest.mark.slow
def test_the_end_of_a_long_chain_can_be_copied():
    x = y = leaf(1.0)
    for _ in range(100_000):
        y = y * 1.0
    assert pickle.loads(pickle.dumps(y)).item() == 1
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
