"""x[i] = v and x += y: values, gradients, and what was recorded before stays as it was."""

import operator

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable


def leaf(value, **kwargs):
    return tg.tensor(value, requires_grad=True, **kwargs)


INDICES = {
    "int": 1, "negative": -1, "slice": slice(1, 3), "step": slice(None, None, -2), "ellipsis": ..., "newaxis": None,
    "all": slice(None), "pair": (0, 1), "row": (slice(None), 2), "mask": np.array([True, False, True, False]),
    "full mask": np.eye(4, 3, dtype=bool), "array": np.array([0, 2]), "repeated": np.array([1, 1, 3]),
    "list": [0, 3], "pairs": (np.array([0, 1, 0]), np.array([2, 2, 2])), "mixed": (np.array([0, 0, 1]), slice(1, 2)),
    "tuple inside": ((0, 0, 1), slice(None)), "range": range(2), "empty": np.array([], int), "uint8": np.uint8([0, 3]),
    "outer": (np.array([[0], [2]]), np.array([0, 2])), "tensor": tg.tensor([3, 0]), "bool": True,
}  # fmt: skip


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES.keys())
@pytest.mark.parametrize("scalar", [False, True], ids=["array", "scalar"])
def test_item_assignment_and_its_gradient(index, scalar, rng, numeric):
    base, weights = rng.normal(size=(4, 3)), rng.normal(size=(4, 3))
    plain = index.numpy() if isinstance(index, tg.Tensor) else index
    value = rng.normal() if scalar else rng.normal(size=base[plain].shape)

    def assigned(x, v):
        y = np.array(x)
        y[plain] = v
        return (y * weights).sum()

    x, v = leaf(base), leaf(value)
    y = x * 1
    y[index] = v
    assert np.array_equal((y * weights).sum().item(), assigned(base, value))
    (y * weights).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), numeric(lambda a: assigned(a, value), base), atol=1e-7)
    np.testing.assert_allclose(v.grad.numpy(), numeric(lambda a: assigned(base, a), value), atol=1e-7)


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES.keys())
def test_indexing_and_its_gradient(index, rng, numeric):
    base = rng.normal(size=(4, 3))
    plain = index.numpy() if isinstance(index, tg.Tensor) else index
    weights = rng.normal(size=base[plain].shape)
    x = leaf(base)
    (x[index] * weights).sum().backward()
    np.testing.assert_allclose(x.grad.numpy(), numeric(lambda a: (a[plain] * weights).sum(), base), atol=1e-7)


@pytest.mark.parametrize("dtype", [np.int8, np.uint8])
def test_small_integer_indices_into_long_axes(dtype):
    x = leaf(np.ones(300))
    x[np.array([1, 1, 2], dtype)].sum().backward()
    assert x.grad.data[:4].tolist() == [0, 2, 1, 0]


def test_assignment_leaves_alone_what_was_recorded_before():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    before = (y * y).sum()
    y[0] = 100.0
    after = (y * y).sum()
    before.backward(retain_graph=True)
    assert x.grad.tolist() == [2, 4, 6]
    x.grad = None
    after.backward()
    assert x.grad.tolist() == [0, 4, 6]


def test_assignment_into_a_leaf_keeps_delivering_to_it():
    x = leaf([1.0, 2.0, 3.0])
    x[0] = 5.0
    assert x.tolist() == [5, 2, 3]
    (x * x).sum().backward()
    assert x.grad.tolist() == [0, 4, 6]  # with respect to the values it had as a leaf


def test_assignment_makes_an_untracked_buffer_tracked():
    w = leaf(2.0)
    buffer = tg.tensor(np.zeros(3))
    for i in range(3):
        buffer[i] = w**i
    buffer.sum().backward()
    assert w.grad.item() == 5


def test_assignment_from_itself():
    x = leaf([1.0, 2.0, 3.0])
    y = x * 1
    y[1:] = y[:-1]
    (y * np.array([1.0, 10.0, 100.0])).sum().backward()
    assert y.tolist() == [1, 1, 2]
    assert x.grad.tolist() == [11, 100, 0]


def test_assignment_casts_and_refuses():
    x = tg.tensor(np.zeros(2, np.float32))
    x[0] = np.float64(1.5)
    assert x.dtype == np.float32
    counts = tg.tensor([0, 0])
    counts[0] = 7
    assert counts.tolist() == [7, 0]
    with pytest.raises(NotDifferentiable, match=r"setitem: a tracked tensor assigned into one of int64.*make the"):
        counts[1] = leaf(1.0)
    with pytest.raises(IndexError):
        x[5] = 1
    with pytest.raises(ValueError):
        x[:] = np.ones(3)


def test_assignment_under_no_grad_updates_the_leaf():
    x = leaf([1.0, 2.0])
    with tg.no_grad():
        x[0] = 7
        x += 1
    assert x.is_leaf
    assert x.requires_grad
    assert x.tolist() == [8, 3]


def test_assignment_in_a_differentiated_function():
    def f(x):
        y = tg.tensor(np.zeros(3))
        y[:2] = x
        x[0] = x[1] * x[1]
        return (y * y).sum() + x[0]

    x = np.array([2.0, 3.0])
    np.testing.assert_allclose(tg.grad(f)(x), [4, 12])
    np.testing.assert_allclose(tg.hessian(f)(x), [[2, 0], [0, 4]])
    assert x.tolist() == [2, 3]


IN_PLACE = [operator.iadd, operator.isub, operator.imul, operator.itruediv, operator.ipow]


@pytest.mark.parametrize("update", IN_PLACE, ids=lambda f: f.__name__)
def test_in_place_operators(update, numeric):
    out_of_place = {operator.iadd: operator.add, operator.isub: operator.sub, operator.imul: operator.mul,
                    operator.itruediv: operator.truediv, operator.ipow: operator.pow}[update]  # fmt: skip
    x = leaf([1.0, 2.0])
    y = x * 1
    alias, read_before = y, (y * y).sum()
    y = update(y, 3.0)
    assert y is alias
    y.sum().backward(retain_graph=True)
    np.testing.assert_allclose(x.grad.numpy(), numeric(lambda a: out_of_place(a, 3.0).sum(), [1.0, 2.0]), rtol=1e-6)
    x.grad = None
    read_before.backward()
    assert x.grad.tolist() == [2, 4]


def test_in_place_matmul_and_promotion():
    x = leaf(np.eye(2) * 2)
    y = x * 1
    y @= np.array([[0.0, 1.0], [1.0, 0.0]])
    y.sum().backward()
    assert x.grad.tolist() == [[1, 1], [1, 1]]
    a = leaf(np.ones(2, np.float32))
    b = a * 1
    b += np.ones(2)
    assert b.dtype == np.float32
    counts = tg.tensor([1, 2])
    with pytest.raises(TypeError, match=r"\+=: a value of float64 cannot replace one of int64"):
        counts += 0.5
    with pytest.raises(ValueError, match=r"\*=: a value of shape \(3, 2\) cannot replace one of shape \(2,\)"):
        b *= np.ones((3, 2))


def test_two_names_are_one_tensor_and_slices_are_views():
    x = tg.tensor([1.0, 2.0, 3.0])
    y, z = x, x[:2]
    y += 1
    z += 10
    assert x is y
    assert x.tolist() == [12, 13, 4]
    assert z.tolist() == [12, 13]


def test_gradient_descent_by_hand():
    w = leaf([5.0, -3.0])
    for _ in range(60):
        (w * w).sum().backward()
        with tg.no_grad():
            w -= 0.1 * w.grad
        w.grad = None
    assert abs(w.numpy()).max() < 1e-4
    assert w.is_leaf


@pytest.mark.parametrize("change", ["+=", "-=", "*=", "/=", "**=", "setitem"])
def test_an_update_outside_no_grad_is_an_error(change):
    w = tg.tensor([1.0, 2.0], requires_grad=True)
    (w * w).sum().backward()
    statement = "w[0] = 3.0" if change == "setitem" else f"w {change} 2.0"
    with pytest.raises(tg.GraphError, match=r"this leaf has a gradient.*under tg\.no_grad\(\), or forget") as raised:
        exec(statement, {"w": w})
    assert str(raised.value).startswith(change)
    assert w.tolist() == [1, 2]
    assert w.is_leaf
    with tg.no_grad():
        w -= 0.5 * w.grad
    assert w.tolist() == [0, 0]
    w.grad = None
    w += 1.0
    assert w.tolist() == [1, 1]


def test_put_into_a_number_keeps_the_last_value():
    x = tg.tensor(1.5, requires_grad=True)
    y = x * 1.0
    np.put(y, [0, 0], [3.0, 4.0])
    assert y.item() == 4.0
    assert tg.grad(lambda v: _put(v * 1.0, v) * 2)(1.5) == 6.0


def _put(y, v):
    np.put(y, [0], v * 3)
    return y
