"""Symbols: rules written as text, evaluated, and refusing what cannot be written."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op
from tinygraph.engine.symbol import Symbol, derivative
from tinygraph.errors import GraphError

a, b, x = Symbol("a"), Symbol("b"), Symbol("x")


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (a * (1 - a), "a(1 − a)"), (a + b * x, "a + b·x"), ((a + b) * x, "(a + b)·x"), (a - (b - x), "a − (b − x)"),
        (a / b / x, "a/b/x"), (a / (b / x), "a/(b/x)"), (-a, "−a"), (-(a + b), "−(a + b)"), (2 * a, "2a"),
        (a * 2, "a·2"),
        (a**2, "a²"), (np.square(a + b), "(a + b)²"), (a**-1.5, "a⁻¹·⁵"), (a**b, "a^b"), (np.exp(-a), "exp(−a)"),
        (np.sqrt(a), "√a"), (np.sqrt(a + b), "√(a + b)"), (abs(a), "|a|"), (a > 0, "a > 0"),
        (np.where(a > 0, a, 0), "where(a > 0, a, 0)"),
        (a.T, "aᵀ"), (a @ b, "a @ b"), (a.T @ (a + b), "aᵀ @ (a + b)"), (a[0], "a[0]"), (a[1:, None], "a[1:, None]"),
        (np.bitwise_or(a > 0, b > 0), "a > 0 or b > 0"), (np.remainder(a, b), "a mod b"), (np.float_power(a, b), "a^b"),
        (np.fabs(a), "|a|"), (np.swapaxes(a, -1, -2), "aᵀ"), (tg.swapaxes(a, axis1=-2, axis2=-1), "aᵀ"),
        (np.swapaxes(a, 0, 1), "swapaxes(a, 0, 1)"), (np.positive(a), "positive(a)"), (np.cross(a, b), "cross(a, b)"),
        (tg.sigmoid(a), "σ(a)"), (tg.exp(a), "exp(a)"), (1 / a, "1/a"), (a.astype(float), "a"),
    ],
)  # fmt: skip
def test_text(expression, text):
    assert str(expression) == text
    assert repr(expression) == f"Symbol({text!r})"


def test_an_op_of_the_users_is_written_by_its_symbol_as_ours_are():
    below = define(Op("elementwise", lambda x, y: x < y, (None, None), name="below", symbol="<")).function
    plus = define(Op("elementwise", lambda x, y: x + y, (1, 1), name="plus", symbol="+")).function
    product = define(Op("linear", lambda x, y: x @ y, (None, None), name="product", symbol="@")).function
    squared = define(Op("elementwise", lambda x: x * x, (None,), name="squared", symbol="²")).function
    for ours, theirs in ((a < b, below(a, b)), (a @ b, product(a, b)), (np.square(a), squared(a))):
        assert str(theirs * x) == str(ours * x)
    assert str(plus(below(a, b), 1) * x) == "((a < b) + 1)·x"


@pytest.mark.parametrize(
    "f",
    [lambda a, b: a * (1 - a) / b, lambda a, b: np.where(a > b, a, b**2), lambda a, b: np.exp(-a) @ b.T,
     lambda a, b: tg.sigmoid(a) + np.sum(b, axis=0), lambda a, b: np.stack([a, b])[0], lambda a, b: np.maximum(a, 0)],
)  # fmt: skip
def test_an_expression_evaluates_to_what_it_says(f):
    values = {"a": np.array([[0.5, -1.0], [2.0, 3.0]]), "b": np.array([[1.0, 2.0], [0.5, 4.0]])}
    np.testing.assert_array_equal(f(a, b).evaluate(values), f(values["a"], values["b"]))


def test_labels_are_the_rules():
    assert str(derivative(tg.sigmoid.op, 0, output="a", inputs=["z"], attrs={})) == "a(1 − a)"
    assert str(derivative(tg.tanh.op, 0, output="a", inputs=["z"], attrs={})) == "1 − a²"
    assert str(derivative(tg.multiply.op, 0, output="z", inputs=["x", "y"], attrs={})) == "y"
    assert str(derivative(tg.divide.op, 1, output="z", inputs=["x", "y"], attrs={})) == "−z/y"
    assert str(derivative(tg.relu.op, 0, output="a", inputs=["z"], attrs={"at_zero": 1})) == "z ≥ 0"
    assert derivative(tg.add.op, 0, output="z", inputs=["x", "y"], attrs={}) == 1
    assert derivative(tg.equal.op, 0, output="z", inputs=["x", "y"], attrs={}) is None
    shapes = [(2, 4), (2, 3), (3, 4)]
    left = derivative(tg.matmul.op, 0, output="z", inputs=["x", "y"], attrs={}, shapes=shapes)
    right = derivative(tg.matmul.op, 1, output="z", inputs=["x", "y"], attrs={}, shapes=shapes)
    assert (str(left), str(right)) == ("g @ yᵀ", "xᵀ @ g")


def test_a_rule_that_needs_more_than_symbols_has_no_label():
    assert derivative(tg.matmul.op, 0, output="z", inputs=["x", "y"], attrs={}) is None


def test_shapes_are_followed():
    s = Symbol("s", (2, 3))
    assert (s.shape, s.ndim, s.size) == ((2, 3), 2, 6)
    assert (s + Symbol("t", (4, 1, 3))).shape == (4, 2, 3)
    assert s.T.shape == (3, 2)
    assert np.expand_dims(s, 0).shape == (1, 2, 3)


def test_errors():
    with pytest.raises(GraphError, match=r"Symbol: a rule branches on the value of a > 0; use np.where"):
        bool(a > 0)
    with pytest.raises(GraphError, match="Symbol: a rule iterates over a; use NumPy functions"):
        list(a)
    with pytest.raises(GraphError, match="Symbol: the shape of a is not known; a label must not depend on it"):
        a.shape


def test_symbols_hash_by_identity():
    assert len({a, b, a}) == 2
