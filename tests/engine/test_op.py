"""Declaring ops: the three kinds, what is derived from them, what they save, and the errors of a declaration."""

import copy
import pickle

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import registry
from tinygraph.engine.symbol import derivative

pytestmark = pytest.mark.usefixtures("forget_declarations")


def check(f, *arrays, numeric):
    """Reverse, forward and second order of `f` against differences."""
    tangents = [np.cos(np.arange(a.size)).reshape(a.shape) for a in arrays]
    gradients = tg.grad(lambda *xs: tg.sum(f(*xs)), tuple(range(len(arrays))))(*arrays)
    for k, (a, g) in enumerate(zip(arrays, gradients, strict=True)):

        def of_one(x, k=k):
            return np.sum(f(*[x if j == k else b for j, b in enumerate(arrays)]))

        np.testing.assert_allclose(g, numeric(of_one, a), rtol=1e-6, atol=1e-8)
    total = sum(np.sum(g * t) for g, t in zip(gradients, tangents, strict=True))
    np.testing.assert_allclose(np.sum(tg.jvp(f, arrays, tangents)[1]), total, rtol=1e-10)
    second = tg.hvp(lambda *xs: tg.sum(tg.square(f(*xs))), arrays, tangents)
    for k, (a, h) in enumerate(zip(arrays, second, strict=True)):

        def along(x, k=k):
            now = [x if j == k else b for j, b in enumerate(arrays)]
            return tg.jvp(lambda *xs: tg.sum(tg.square(f(*xs))), now, tangents)[1]

        np.testing.assert_allclose(h, numeric(along, a), rtol=1e-5, atol=1e-7)


X, Y = np.array([[0.3, 1.2], [2.0, 0.7]]), np.array([1.5, 0.4])


def test_an_elementwise_op(numeric):
    @tg.elementwise(lambda z, x, y: 2 * x * y, lambda z, x, y: x * x, symbol="f")
    def f(x, y):
        """x squared times y."""
        return x * x * y

    check(f, X, Y, numeric=numeric)
    assert f(2.0, 3.0) == 12
    assert (f.__name__, f.__doc__, f.op.symbol) == ("f", "x squared times y.", "f")
    assert f.op in registry
    assert str(derivative(f.op, 0, output="z", inputs=["x", "y"], attrs={})) == "2x·y"
    assert "op='f'" in repr(f(tg.tensor(1.0, requires_grad=True), 2.0))


def test_an_elementwise_op_with_attributes_and_constant_derivatives(numeric):
    @tg.elementwise(1, -1, lambda z, x, y, w, *, scale: scale)
    def f(x, y, w, *, scale=3.0):
        return x - y + scale * w

    check(f, X, Y, X * 2, numeric=numeric)
    check(lambda x: f(x, 0.0, x, scale=2.0), X, numeric=numeric)
    assert f(1.0, 2.0, 3.0, 10.0) == 29  # attributes may be given by position


def test_an_op_without_derivative_in_an_input():
    @tg.elementwise(lambda z, x, n: n, None)
    def f(x, n):
        return x * n

    x, n = tg.tensor(2.0, requires_grad=True), tg.tensor(3.0, requires_grad=True)
    f(x, n).backward()
    assert x.grad.item() == 3
    assert n.grad is None
    assert not f(2.0 * x.detach(), n).requires_grad


def test_a_linear_op(numeric):
    @tg.linear(lambda g, y, x, *, times: np.flip(g) * times)
    def f(x, *, times):
        return np.flip(x) * times

    check(lambda x: f(x, times=3.0), X, numeric=numeric)


def test_a_variadic_op(numeric):
    @tg.linear(lambda g, y, *xs, wrt: g * (wrt + 1))
    def f(*xs):
        return sum((k + 1) * x for k, x in enumerate(xs))

    check(f, X, X * 2, X * 3, numeric=numeric)
    with pytest.raises(TypeError):
        f(tg.tensor(1.0), bad=1)


@pytest.mark.parametrize("forward", [None, lambda t, y, x: 2 * np.sum(x * t[0])])
def test_a_primitive_op(forward, numeric):
    @tg.primitive(lambda g, y, x: 2 * g * x, jvp=forward)
    def f(x):
        return np.sum(x * x)

    check(f, X, numeric=numeric)


def test_a_primitive_op_of_two_inputs_without_jvp(numeric):
    @tg.primitive(lambda g, z, x, y: g * np.cos(x) * y, lambda g, z, x, y: np.sum(g * np.sin(x), axis=0))
    def f(x, y):
        return np.sin(x) * y

    check(f, X, Y, numeric=numeric)


def test_users_ops_mix_with_numpy_code_on_tensors():
    @tg.elementwise(lambda y, x: y)
    def my_exp(x):
        return np.exp(x)

    assert tg.grad(lambda x: np.sum(my_exp(x) * np.sin(x)))(0.0) == 1
    assert isinstance(my_exp(np.zeros(2)), np.ndarray)
    assert isinstance(my_exp(tg.tensor(0.0)), tg.Tensor)


# ------------------------------------------------------------------------------------------------ what is saved


def saved(y):
    return [s if not isinstance(s, np.ndarray) else "array" for s in y.node.saved]


def test_a_rule_saves_what_it_names():
    x, y = (tg.tensor(np.ones(50), requires_grad=True) for _ in range(2))
    assert saved(x + y) == [x.node, y.node]  # no array: shape and dtype
    assert saved(x * y) == ["array", "array"]
    assert saved(x * 2.0) == [x.node, 2.0]
    assert saved(x / y) == [x.node, "array"]
    assert saved(tg.exp(x)) == [x.node]
    assert tg.exp(x).node.value is not None
    assert tg.sin(x).node.value is None
    assert saved(tg.sin(x)) == ["array"]
    assert saved(x.reshape(5, 10)) == [x.node]  # its shape is enough


def test_what_a_rule_reads_is_found_in_its_code():
    def late(y, x):
        return (lambda: x * 2)()

    @tg.elementwise(late)
    def f(x):
        return x * x

    @tg.primitive(lambda g, y, x: np.broadcast_to(g, x.shape))
    def g(x):
        return np.sum(x)

    assert f.op.reads == ((None, "value"),)
    assert g.op.reads == ((None, "shape"),)
    assert tg.exp.op.reads == (("value", None),)
    x = tg.tensor(np.ones(3), requires_grad=True)
    f(x).sum().backward()
    assert x.grad.tolist() == [2, 2, 2]


def test_under_keep_values_everything_is_saved():
    x, y = (tg.tensor(np.ones(50), requires_grad=True) for _ in range(2))
    with tg.keep_values():
        z = x + y
    assert saved(z) == ["array", "array"]
    assert z.node.value is z._array


# --------------------------------------------------------------------------------------------------- errors


def test_number_of_rules():
    with pytest.raises(TypeError, match=r"elementwise: f has 2 inputs \('x', 'y'\) and 1 rules; give one rule"):

        @tg.elementwise(1)
        def f(x, y):
            return x + y


@pytest.mark.parametrize(
    ("declare", "rule", "count", "expected"),
    [(tg.elementwise, lambda x: x, 1, r"2: \(output, inputs\)"),
     (tg.linear, lambda g, y: g, 2, r"3: \(g, output, inputs\)"),
     (tg.primitive, lambda g, y, x, axis: g, 4, r"3: \(g, output, inputs\)")],
)  # fmt: skip
def test_signature_of_rules(declare, rule, count, expected):
    with pytest.raises(TypeError, match=rf"a rule takes {count} positional .*expected {expected}; attributes are key"):

        @declare(rule)
        def f(x, *, axis=None):
            return x


def test_calls():
    x = tg.tensor(np.ones((2, 3)), requires_grad=True)
    with pytest.raises(TypeError, match=r"where: takes 3 inputs \('condition', 'x', 'y'\), got 2; see help\(tg"):
        tg.where(x > 0, x)
    with pytest.raises(TypeError, match="relu: unknown argument slope; it takes at_zero"):
        tg.relu(x, slope=1)
    with pytest.raises(TypeError, match="reshape: missing argument shape; give it by keyword"):
        tg.reshape(x)
    with pytest.raises(TypeError, match=r"got an unexpected keyword argument|unknown argument"):
        tg.add(x, x, axis=1)
    with pytest.raises(TypeError, match=r"missing 1 required positional|takes 2 inputs"):
        tg.add(x)


def test_repr_of_an_op():
    assert repr(tg.relu.op) == "<elementwise op relu(x, at_zero)>"


def test_ops_can_be_pickled():
    for function in (tg.exp, tg.relu, tg.matmul, tg.reshape):
        assert pickle.loads(pickle.dumps(function.op)) is function.op
        assert copy.deepcopy(function.op) is function.op


def test_an_attribute_given_twice():
    with pytest.raises(TypeError, match=r"leaky_relu: takes inputs \('x',\) and attributes .*give each once"):
        tg.leaky_relu(tg.tensor(1.0), 0.1, slope=0.2)


def test_constants_that_are_no_numbers():
    with pytest.raises(TypeError, match=r"elementwise: a rule of f is str '1'; give a function, a number or None"):
        _declare(tg.elementwise, "1")
    with pytest.raises(TypeError, match=r"elementwise: a rule of f is ndarray .*; give a function, a number or None"):
        _declare(tg.elementwise, np.ones(2))
    with pytest.raises(TypeError, match=r"linear: a rule of f is int 1; give a function or None"):
        _declare(tg.linear, 1)


def _declare(kind, rule):
    @kind(rule)
    def f(x):
        return x


@pytest.mark.parametrize(
    ("given", "kept"),
    [(True, 1), (False, 0), (np.int64(1), 1), (1.0, 1), (-1.0, -1), (np.array(2.0), 2)],
)  # fmt: skip
def test_whole_constants_are_kept_as_ints(given, kept):
    rule = tg.elementwise(given)(lambda x: x).op.rules[0]
    assert (rule, type(rule)) == (kept, type(kept))


@pytest.mark.parametrize("constant", [0.5, np.float32(0.5), np.array(0.5), -2.5, 3])
def test_other_constants_scale_the_gradient_and_keep_nothing(constant):
    scale = tg.elementwise(constant, symbol="scale")(lambda x: x * float(constant))
    x = tg.tensor(np.ones(50), requires_grad=True)
    y = scale(x)
    assert scale.op.reads == ((None, None),)
    assert saved(y) == [x.node]
    y.sum().backward()
    np.testing.assert_array_equal(x.grad.numpy(), np.full(50, float(constant)))
    assert str(derivative(scale.op, 0, output="y", inputs=["x"], attrs={})) == str(np.asarray(constant).item())
    small = tg.tensor(np.ones(3, np.float32), requires_grad=True)
    scale(small).sum().backward()
    assert small.grad.dtype == np.float32


def test_a_complex_constant():
    turn = tg.elementwise(1j, holomorphic=True)(lambda z: 1j * z)
    z = np.array([1 + 2j, 3 - 1j])
    np.testing.assert_allclose(tg.jacobian(turn)(z), 1j * np.eye(2))


def test_an_op_is_frozen():
    with pytest.raises(AttributeError):
        tg.exp.op.name = "other"
