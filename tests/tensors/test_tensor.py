"""Making tensors, their data and grad, and leaving the graph."""

import operator

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import GraphError, NotDifferentiable


def leaf(value, **kwargs):
    return tg.tensor(value, requires_grad=True, **kwargs)


def test_tensor_copies_and_asarray_does_not():
    a = np.array([1.0, 2.0])
    assert not np.shares_memory(tg.tensor(a).data, a)
    assert tg.asarray(a).data is a


def test_tensor_of_a_tensor_copies_and_asarray_returns_it():
    t = tg.tensor([1.0])
    assert not np.shares_memory(tg.tensor(t).data, t.data)
    assert tg.asarray(t) is t
    tracked = tg.asarray(t, requires_grad=True)
    assert tracked is not t
    assert not t.requires_grad
    assert tracked.data is t.data


@pytest.mark.parametrize("data", [2.5, 3, True, [1, 2], [[1.0], [2.0]], np.float32(1), np.arange(3), (1.0, 2.0)])
def test_tensor_takes_what_numpy_takes(data):
    t = tg.tensor(data)
    np.testing.assert_array_equal(t.data, np.array(data))
    assert t.dtype == np.array(data).dtype
    assert type(t.data) is np.ndarray
    assert not t.requires_grad


def test_dtype_and_name():
    t = tg.tensor([1, 2], dtype=np.float32, name="w", requires_grad=True)
    assert (t.dtype, t.name) == (np.float32, "w")
    assert tg.asarray([1, 2], dtype=float).dtype == np.float64


def test_facts():
    t = leaf(np.ones((2, 3)))
    assert (t.shape, t.ndim, t.size, t.nbytes, len(t)) == ((2, 3), 2, 6, 48, 2)
    assert t.T.shape == (3, 2)
    assert tg.tensor(np.ones((4, 2, 3))).mT.shape == (4, 3, 2)
    assert t.is_leaf
    assert not (t * 2).is_leaf
    assert tg.tensor(1.0).node is None


def test_list_of_untracked_tensors_is_a_tensor():
    np.testing.assert_array_equal(tg.tensor([tg.tensor(1.0), tg.tensor(2.0)]).data, [1, 2])


def test_subclassed_arrays_become_plain():
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix([[1.0, 2.0]])
    assert type(tg.asarray(matrix).data) is np.ndarray


@pytest.mark.parametrize("make", [tg.tensor, tg.asarray])
def test_recorded_data_is_refused(make):
    w = leaf([1.0, 2.0])
    if make is tg.tensor:
        with pytest.raises(NotDifferentiable, match=r"tensor: the data is a recorded tensor.*detach\(\).*copy\(\)"):
            make(w * 2)
    with pytest.raises(NotDifferentiable, match=rf"{make.__name__}: a list with recorded tensors.*tg\.stack"):
        make([w.sum(), 1.0])


def test_recorded_data_is_copied_under_no_grad():
    w = leaf([1.0, 2.0])
    with tg.no_grad():
        assert not tg.tensor(w).requires_grad


@pytest.mark.parametrize("make", [tg.tensor, tg.asarray])
def test_masked_arrays_are_refused(make):
    with pytest.raises(NotDifferentiable, match=rf"{make.__name__}: a masked array would lose its mask.*filled"):
        make(np.ma.array([1.0, 2.0], mask=[False, True]))


@pytest.mark.parametrize("data", ["text", None, [object()], np.array(["a"]), np.array([1], dtype=object)])
def test_data_that_is_not_numbers(data):
    with pytest.raises(TypeError, match=r"tensor: data of type .* cannot be computed with; give numbers"):
        tg.tensor(data)


@pytest.mark.parametrize("data", [[1, 2], [True], np.array(3, np.uint8)])
def test_only_floats_require_grad(data):
    dtype = np.array(data).dtype
    with pytest.raises(NotDifferentiable, match=f"requires_grad: a tensor of {dtype} has no gradient; make it float"):
        leaf(data)


def test_data_setter_rebinds_and_checks():
    t = leaf([1.0, 2.0])
    new = np.array([3.0, 4.0])
    t.data = new
    assert t.data is new
    t.data = tg.tensor([5.0, 6.0])
    assert t.tolist() == [5, 6]
    assert t.is_leaf
    with pytest.raises(ValueError, match=r"data: a value of shape \(3,\) cannot replace one of shape \(2,\)"):
        t.data = np.ones(3)
    with pytest.raises(TypeError, match=r"data: a value of complex128 cannot replace one of float64.*cast it first"):
        t.data = np.ones(2, complex)
    with pytest.raises(TypeError, match="cannot be computed with"):
        t.data = ["a", "b"]
    assert t.tolist() == [5, 6]


def test_data_setter_casts_within_a_kind():
    t = leaf(np.zeros(2, np.float32))
    t.data = np.ones(2)
    assert t.dtype == np.float32
    t.data = [1, 2]
    assert t.dtype == np.float32


def test_data_of_a_scalar_is_a_writable_array():
    t = tg.tensor([1.0, 2.0]).sum()
    t.data[...] = 7
    assert type(t.data) is np.ndarray
    assert t.item() == 7


def test_grad_setter_checks():
    t = leaf(np.zeros(2, np.float32))
    assert t.grad is None
    t.grad = [1, 2]
    assert isinstance(t.grad, tg.Tensor)
    assert t.grad.dtype == np.float32
    t.grad = tg.tensor([1.0, 2.0])
    assert t.grad.dtype == np.float32
    kept = tg.tensor([1.0, 2.0], dtype=np.float32)
    t.grad = kept
    assert t.grad is kept
    for wrong in ([1.0, 2.0, 3.0], tg.tensor([1.0, 2.0, 3.0])):
        with pytest.raises(ValueError, match=r"grad: a value of shape \(3,\) cannot replace one of shape \(2,\)"):
            t.grad = wrong
    t.grad = None
    assert t.grad is None


def test_grad_can_be_changed_in_place_by_operators():
    t = leaf([1.0, 2.0])
    (t * t).sum().backward()
    t.grad *= 0.5
    t.grad += 1
    assert t.grad.tolist() == [2, 3]


def test_names():
    t = leaf(1.0, name="a")
    t.name = "b"
    assert t.name == t.node.fact("name") == "b"
    y = t * 2
    y.name = "y"
    assert "y" in repr(y)
    t.requires_grad = False
    assert t.name == "b"
    t.requires_grad_()
    assert t.name == "b"


def test_requires_grad_can_be_switched_on_leaves_only():
    t = tg.tensor([1.0])
    t.requires_grad = True
    assert t.requires_grad_() is t
    assert t.requires_grad
    t.requires_grad = False
    assert not t.requires_grad
    y = leaf([1.0]) * 2
    with pytest.raises(GraphError, match=r"requires_grad: this tensor was made by multiply.*t\.detach\(\)"):
        y.requires_grad = False


def test_detach_shares_the_value_and_stops_the_gradient():
    x = leaf([1.0, 2.0])
    d = x.detach()
    assert not d.requires_grad
    assert np.shares_memory(d.numpy(), x.numpy())
    (x * d).sum().backward()
    assert x.grad.tolist() == [1, 2]


def test_numpy_is_read_only_and_item_is_a_number():
    x = leaf([1.0, 2.0])
    with pytest.raises(ValueError, match="read-only"):
        x.numpy()[0] = 1
    assert type((x * 2).sum().item()) is float
    assert type(tg.tensor(3).item()) is int
    with pytest.raises(ValueError):
        x.item()


@pytest.mark.parametrize(
    ("function", "name"),
    [(float, "float"), (int, "int"), (complex, "complex"), (np.asarray, "np.asarray"), (np.array, "np.asarray"),
     (lambda t: np.array([t, t]), "np.asarray"), (lambda t: np.array([t, t], dtype=object), "np.asarray"),
     (lambda t: np.asarray([[t]]), "np.asarray")],
)  # fmt: skip
@pytest.mark.parametrize("shape", [(), (1,)])
def test_a_recorded_tensor_does_not_leave_silently(function, name, shape):
    t = leaf(np.ones(shape))
    for recorded in (t, t * 2):
        with pytest.raises(NotDifferentiable) as error:
            function(recorded)
        message = str(error.value)
        assert message.startswith(f"{name}: a recorded tensor of shape {shape} would leave the graph")
        assert all(way in message for way in ("t.item()", "t.numpy()", "t.detach()"))


def test_writing_a_recorded_tensor_into_an_array_raises():
    t = leaf([1.0, 2.0])
    array = np.zeros(2)
    with pytest.raises(NotDifferentiable):
        array[:] = t
    with pytest.raises(ValueError) as error:  # NumPy's own, caused by ours
        array[0] = t[0]
    assert isinstance(error.value.__cause__, NotDifferentiable)
    assert array.tolist() == [0, 0]


def test_untracked_tensors_convert():
    t = tg.tensor([2.0])
    assert float(t) == 2
    assert int(t) == 2
    assert complex(t) == 2
    assert np.asarray(t) is not None
    assert np.array([t, t]).shape == (2, 1)
    assert np.asarray(t, dtype=np.float32).dtype == np.float32
    assert not np.shares_memory(np.array(t), t.numpy())
    with pytest.raises(ValueError, match="copy"):
        np.array(tg.tensor([1, 2]), dtype=float, copy=False)


def test_index_protocol():
    assert ["a", "b"][tg.tensor(1)] == "b"
    for value, said in (([2], r"int64 of shape \(1,\)"), (1.0, "float64"), (True, "bool")):
        with pytest.raises(TypeError, match=f"index: only a 0-d tensor of integers is one, not {said}"):
            operator.index(tg.tensor(value))


def test_arrays_are_indexed_as_by_numpys_own():
    a = np.array([5.0])
    assert a[tg.tensor([2.0]) > 3].shape == (0,)
    assert np.arange(5)[tg.tensor([1])].shape == (1,)
    with pytest.raises(IndexError):
        a[tg.tensor(0.0)]

    def f(v):
        w = np.ones(v.shape)
        w[v > 3] = 5.0
        return (w * v).sum()

    assert tg.grad(f)(np.array([2.0])).tolist() == [1.0]
    assert tg.grad(f)(np.array([2.0, 4.0])).tolist() == [1.0, 5.0]


def test_truth_length_and_iteration():
    assert tg.tensor(1.0)
    assert leaf(1.0) > 0
    assert not tg.tensor(0)
    with pytest.raises(ValueError, match="ambiguous"):
        bool(tg.tensor([1, 2]))
    x = leaf([1.0, 2.0, 3.0])
    a, b, c = x
    (a * b * c).backward()
    assert x.grad.tolist() == [6, 3, 2]
    with pytest.raises(TypeError, match=r"iter: a 0-d tensor has nothing to iterate over; use \.item\(\)"):
        iter(leaf(1.0))
    with pytest.raises(TypeError):
        len(leaf(1.0))


def test_compares_elementwise_and_hashes_by_identity():
    x, y = tg.tensor([1.0, 2.0]), tg.tensor([1.0, 3.0])
    assert (x == y).tolist() == [True, False]
    assert (x != [1.0, 3.0]).tolist() == [False, True]
    assert (x == 1).dtype == bool
    assert {x: "x", y: "y"}[x] == "x"
    assert len({x, y, x}) == 2
    for other in (None, "text", object(), {}, int):
        assert (x == other) is False
        assert (x != other) is True


def test_format():
    assert f"{leaf(1.23456):.2f}" == "1.23"
    assert f"{leaf(1.5)}" == "tensor(1.5, requires_grad=True)"


@pytest.mark.parametrize("make", [tg.tensor, tg.asarray])
@pytest.mark.parametrize("nest", [lambda t: [t, 1.0], lambda t: [[t, t]], lambda t: ([1.0], (t,))])
def test_lists_at_any_depth_are_told_to_be_stacked(make, nest):
    t = tg.tensor(1.0, requires_grad=True)
    with pytest.raises(tg.NotDifferentiable, match=rf"{make.__name__}: a list with recorded tensors would lose them"):
        make(nest(t))
    assert make([[t.detach(), 2.0]]).shape == (1, 2)
