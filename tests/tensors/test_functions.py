"""NumPy's functions and operators on Tensors: they record, or fail with a message that says what to use."""

import inspect
import math

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.errors import NotDifferentiable

A = np.arange(1.0, 7.0).reshape(2, 3)


@pytest.fixture
def t():
    return tg.tensor(A, requires_grad=True)


RECORDED = [
    lambda x: np.exp(x), lambda x: np.sum(x), lambda x: np.sum(x, axis=0), lambda x: np.sum(x, 1, keepdims=True),
    lambda x: np.mean(x, axis=(0, 1)), lambda x: np.concatenate([x, x * 2]), lambda x: np.concatenate((x, A), axis=1),
    lambda x: np.stack([x, A, x]), lambda x: A.T @ x, lambda x: x @ A.T, lambda x: np.matmul(A.T, x),
    lambda x: np.float64(2) * x, lambda x: np.float32(2) + x, lambda x: 2.0 - x, lambda x: A / x, lambda x: A - x,
    lambda x: np.add(A, x), lambda x: np.maximum(x, 3.0), lambda x: np.where(A > 2, x, 0.0), lambda x: x.T,
    lambda x: x.mean(axis=1), lambda x: np.transpose(x), lambda x: np.reshape(x, (3, 2)), lambda x: np.squeeze(x),
    lambda x: np.expand_dims(x, 1), lambda x: np.var(x, axis=0, ddof=1), lambda x: np.std(x), lambda x: np.prod(x),
    lambda x: np.max(x, axis=1), lambda x: np.min(x), lambda x: np.cumsum(x), lambda x: np.clip(x, 2.5, 5.5),
    lambda x: np.dot(x, A.T), lambda x: np.einsum("ij,ij->i", x, A), lambda x: np.tensordot(x, A), lambda x: x**2,
    lambda x: np.power(x, 3), lambda x: 2**x, lambda x: np.outer(x[0], A[0]), lambda x: np.flip(x, 0),
    lambda x: np.roll(x, 1), lambda x: np.tile(x, (2, 1)), lambda x: np.repeat(x, 2), lambda x: np.pad(x, 1),
    lambda x: np.take(x, [0, 2]), lambda x: np.take_along_axis(x, np.array([[0], [1]]), axis=1), lambda x: abs(x),
    lambda x: np.broadcast_to(x, (2, 2, 3)), lambda x: np.moveaxis(x, 0, 1), lambda x: np.swapaxes(x, 0, 1),
    lambda x: np.stack(np.split(x, 3, axis=1)), lambda x: x % 2.6, lambda x: -(+x), lambda x: x[..., None],
]  # fmt: skip


@pytest.mark.parametrize("f", RECORDED)
def test_numpy_functions_record(f, t, numeric):
    y = f(t)
    expected = f(A)
    assert type(y) is tg.Tensor
    assert y.requires_grad
    assert y.dtype == expected.dtype
    np.testing.assert_allclose(y.numpy(), expected, rtol=1e-15)
    y.backward(np.ones(y.shape))
    np.testing.assert_allclose(t.grad.numpy(), numeric(lambda a: np.sum(f(a)), A), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    "f",
    [lambda x: x > 2, lambda x: A < x, lambda x: np.isfinite(x), lambda x: np.argmax(x, axis=1),
     lambda x: (x > 1) & (x < 4), lambda x: ~(x > 1), lambda x: np.any(x > 5),
     lambda x: np.isclose(x, A[0, 0], rtol=0.5, atol=0.1)],
)  # fmt: skip
def test_functions_without_derivative_give_untracked_tensors(f, t):
    assert type(f(t)) is tg.Tensor
    assert not f(t).requires_grad
    np.testing.assert_array_equal(f(t).numpy(), f(A))


@pytest.mark.parametrize("make", [np.zeros_like, np.ones_like, np.empty_like, lambda t: np.full_like(t, 3.0)])
def test_what_is_made_like_a_tensor_is_one_to_be_filled(make, t):
    def filled(x):
        out = make(x)
        out[0] = x[0] ** 2
        out[1, 2] = x[1, 2] * 3
        return out[0].sum() + out[1, 2]

    assert isinstance(make(t), tg.Tensor)
    assert not make(t).requires_grad
    right = [[2, 4, 6], [0, 0, 3]]
    assert tg.grad(filled)(A).tolist() == right
    step = tg.compile(tg.grad(filled))
    for x in (A, A, 2 * A):
        assert step(x).tolist() == tg.grad(filled)(x).tolist()


def test_functions_about_values_answer_with_values(t):
    assert np.shape(t) == (2, 3)
    assert np.ndim(t) == 2
    assert np.size(t) == 6
    assert np.allclose(t, A)
    assert np.array_equal(t, A)
    assert np.result_type(t, np.float32) == np.float64
    assert isinstance(np.array_repr(t), str)


@pytest.mark.parametrize(
    ("f", "name"),
    [
        (np.emath.sqrt, "np.emath.sqrt"),  # of negative numbers it is another function than np.sqrt
        (np.emath.logn, "np.emath.logn"),
    ],
)
def test_numpy_functions_without_rule_say_so(f, name, t):
    with pytest.raises(NotDifferentiable) as error:
        f(*[t] * len(inspect.signature(f).parameters))
    message = str(error.value)
    assert message.startswith(f"{name}: has no gradient in tinygraph; ")
    assert "declare it with tg.primitive" in message
    assert "t.numpy() if no gradient is needed" in message
    assert "use tg." in message or "compose it from functions of tg" in message


@pytest.mark.skipif(not hasattr(np, "in1d"), reason="NumPy has np.in1d up to 2.3")
def test_what_numpy_gives_up_names_its_successor(t):
    with pytest.raises(NotDifferentiable, match=r"np\.in1d: has no gradient: NumPy 2\.4 .*, and np\.isin is recorded;"):
        np.in1d(t, [1.0])


def test_near_names_are_offered(t):
    def logaddexp3():
        """A function of some later NumPy."""

    logaddexp3.__module__ = "numpy"
    with pytest.raises(NotDifferentiable, match=r"np\.logaddexp3: .*use tg\.loga?"):
        t.__array_function__(logaddexp3, (tg.Tensor,), (t,), {})


def test_results_do_not_fit_into_arrays(t):
    array = np.zeros((2, 3))
    with pytest.raises(NotDifferentiable, match=r"np\.exp: an array cannot hold a recorded result .*y = np\.exp"):
        np.exp(t, out=array)
    with pytest.raises(NotDifferentiable, match=r"np\.add: .*array = array \+ tensor"):
        array += t


@pytest.mark.parametrize("convert", [math.sin, float, int])
def test_python_functions_do_not_cut_silently(convert):
    x = tg.tensor(1.5, requires_grad=True)
    with pytest.raises(NotDifferentiable):
        convert(x)


# -------------------------------------------------------------------------------------------- no object arrays


@pytest.mark.parametrize(
    "other", [None, "a", b"a", object(), {}, {1}, [1, None], ["a"], np.array(["a"]), np.array([1, None, 2], object)],
)  # fmt: skip
@pytest.mark.parametrize("f", [lambda x, o: x + o, lambda x, o: o * x, lambda x, o: tg.where(x > 0, x, o), tg.maximum])
def test_operands_that_are_not_numbers(f, other, t):
    for x in (t, t.detach()):
        with pytest.raises(TypeError):
            f(x, other)


def test_the_message_names_op_and_operand(t):
    with pytest.raises(TypeError, match="add: cannot use NoneType None as an operand; give numbers, arrays or"):
        t + None
    with pytest.raises(TypeError, match="multiply: the result would be of type object; give arrays of numbers"):
        t * np.array([1, 2, 3], object)
    with pytest.raises(TypeError, match="concatenate: the result would be of type object; give arrays"):
        tg.concatenate([t[0], np.array([1], object)])
    with pytest.raises(TypeError, match="add: cannot use MaskedArray"):
        t + np.ma.array(A)


def test_lists_are_operands(t):
    assert (t + [1, 2, 3]).tolist() == (A + [1, 2, 3]).tolist()
    assert ([1, 2, 3] * t).tolist() == (A * [1, 2, 3]).tolist()


# ------------------------------------------------------------------------------------------------ promotion

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]
OTHERS = [2, 2.5, True, np.float16(2), np.float32(2), np.float64(2), np.longdouble(2), np.int8(2), np.int64(2),
          np.bool_(True)]  # fmt: skip


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("other", OTHERS, ids=lambda o: f"{type(o).__name__}")
@pytest.mark.parametrize("form", ["scalar", "0-d array", "array", "tensor", "0-d tensor"])
@pytest.mark.parametrize("shape", [(3,), ()])
def test_promotion_is_numpys(dtype, other, form, shape):
    a = np.full(shape, 3, dtype)
    plain = {"scalar": other, "array": np.full(3, other), "tensor": np.full(3, other)}.get(form, np.array(other))
    operand = tg.tensor(plain) if "tensor" in form else plain
    x = tg.tensor(a, requires_grad=True)
    for f in (np.add, np.subtract, np.multiply, np.divide, np.maximum, np.power, np.arctan2, np.remainder):
        expected = f(a, plain)
        for y, wanted in [(getattr(tg, f.__name__)(x, operand), expected), (f(operand, x), f(plain, a))]:
            assert y.dtype == wanted.dtype, f
            np.testing.assert_array_equal(y.numpy(), wanted)
            x.grad = None
            y.backward(np.ones(y.shape))
            assert x.grad.dtype == dtype
            assert x.grad.shape == shape


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "f",
    [np.exp, np.sqrt, np.sum, np.mean, np.var, np.std, np.max, np.prod, np.cumsum, lambda x: x * 2.0, lambda x: x**2,
     lambda x: x**0.5, lambda x: x / 3, lambda x: x @ x, lambda x: np.clip(x, 0, 2), lambda x: np.where(x > 1, x, 0.0),
     lambda x: np.where(x > 1, x, 0), lambda x: np.pad(x, 1), lambda x: np.reciprocal(x), lambda x: 1 / x],
)  # fmt: skip
def test_floats_keep_their_precision(dtype, f):
    a = np.array([1.0, 2.0, 3.0], dtype)
    x = tg.tensor(a, requires_grad=True)
    y = f(x)
    assert y.dtype == f(a).dtype == dtype
    y.backward(np.ones(y.shape, dtype), create_graph=True)
    assert x.grad.dtype == dtype


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(
    "f",
    [tg.sigmoid, tg.relu, tg.softplus, tg.gelu, tg.silu, tg.leaky_relu, tg.elu, tg.softmax, tg.log_softmax,
     tg.logsumexp, lambda x: tg.nn.mse_loss(x, x.detach() * 2),
     lambda x: tg.nn.binary_cross_entropy_with_logits(x, x.detach()),
     lambda x: tg.nn.cross_entropy(x.reshape(1, 3), np.array([1]))],
)  # fmt: skip
def test_activations_and_losses_keep_their_precision(dtype, f):
    x = tg.tensor(np.array([-1.0, 0.5, 2.0], dtype), requires_grad=True)
    y = f(x)
    assert y.dtype == dtype
    y.backward(np.ones(y.shape))
    assert x.grad.dtype == dtype


def test_longdouble_gradients_have_longdouble_precision():
    x = tg.tensor(np.longdouble(2), requires_grad=True)
    (tg.exp(x) / np.longdouble(3)).backward()
    assert abs(x.grad.numpy() - np.exp(np.longdouble(2)) / 3) <= 4 * np.finfo(np.longdouble).eps


@pytest.mark.parametrize(
    ("f", "first", "settings"),
    [
        (np.clip, "a", {"a_min": 2, "a_max": 4}), (np.clip, "a", {"min": 2, "max": None}),
        (np.roll, "a", {"shift": 1, "axis": 0}), (np.take, "a", {"indices": [0, 1], "axis": 1}),
        (np.transpose, "a", {"axes": (1, 0)}), (np.tensordot, "a", {"b": np.ones((3, 2)), "axes": 1}),
        (np.split, "ary", {"indices_or_sections": 2}), (np.pad, "array", {"pad_width": 1}),
        (np.moveaxis, "a", {"source": 0, "destination": 1}), (np.broadcast_to, "array", {"shape": (2, 2, 3)}),
        (np.linalg.svd, "a", {"full_matrices": False, "compute_uv": False}), (np.repeat, "a", {"repeats": 2}),
        (np.argsort, "a", {"axis": 0}), (np.sum, "a", {"axis": 0, "keepdims": True}),
    ],
)  # fmt: skip
def test_arguments_go_by_numpys_names(f, first, settings, t):
    if lacking := settings.keys() - inspect.signature(f).parameters.keys():
        pytest.skip(f"np.{f.__name__} of NumPy {np.__version__} takes no {lacking}")
    expected = f(A, **settings)
    for found in (f(t, **settings), f(**{first: t}, **settings)):
        pairs = zip(found, expected, strict=True) if isinstance(found, list) else [(found, expected)]
        for a, b in pairs:
            np.testing.assert_array_equal(a.numpy(), b)


def test_numbers_widen_no_array_beside_them():
    narrow = np.ones(2, np.float32)
    assert tg.where(np.array([True, False]), narrow, 0.5).dtype == np.float32
    assert tg.clip(narrow, 0.5, 2).dtype == np.float32
    assert tg.where([True, False], 1.0, 0.5).dtype == np.float64
