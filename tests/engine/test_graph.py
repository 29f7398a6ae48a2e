"""Nodes, order, modes and places: structure without mathematics."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.mode import DEFAULT, current
from tinygraph.engine.node import Symbolic, topological
from tinygraph.engine.watch import checksum
from tinygraph.errors import GraphError


def leaf(value, **kwargs):
    return tg.tensor(value, requires_grad=True, **kwargs)


def test_a_node_says_how_a_value_was_made():
    x, c = leaf(np.ones((2, 3)), name="x"), np.ones(3)
    y = tg.multiply(x, c)
    node = y.node
    assert node.op is tg.multiply.op
    assert node.inputs[0] is x.node
    assert node.inputs[1] is c
    assert (node.shape, node.dtype, node.ndim, node.size) == ((2, 3), np.float64, 2, 6)
    assert node.attrs == {}
    assert tg.sum(x, axis=1).node.attrs["axis"] == 1
    assert x.node.op is None
    assert x.node.fact("name") == "x"
    assert x.node.fact("nothing") is None
    assert node.fact("name") is None


def test_small_values_and_gradients_stay_for_pictures():
    x = leaf([1.0, 2.0])
    y = tg.exp(x)
    y.sum().backward()
    np.testing.assert_array_equal(y.node.value, np.exp([1, 2]))
    np.testing.assert_array_equal(y.node.grad, [1, 1])


def test_a_leaf_does_not_keep_its_handle_alive():
    x = leaf(1.0)
    y = x * 2
    del x
    y.backward()  # nobody is there to receive the gradient
    assert y.node.inputs[0].fact("handle")() is None


def test_topological_order_is_deterministic():
    x, y = leaf(1.0, name="x"), leaf(2.0, name="y")
    a = x * y
    b = a + x
    c = tg.sin(b) * a
    order = topological([c.node])
    assert [n.op.name if n.op else n.fact("name") for n in order] == ["x", "y", "multiply", "add", "sin", "multiply"]
    assert order == topological([c.node])
    assert all(order.index(i) < order.index(n) for n in order for i in n.inputs)
    assert set(topological([b.node, c.node])) == set(order)
    assert topological([]) == []


@pytest.mark.parametrize(
    ("mode", "field", "value"),
    [(tg.no_grad, "grad", False), (tg.enable_grad, "grad", True), (tg.keep_values, "keep", True),
     (tg.origins, "origins", True), (tg.detect_anomaly, "anomaly", True)],
)  # fmt: skip
def test_modes_switch_and_nest(mode, field, value):
    with tg.no_grad(), mode():
        assert getattr(current(), field) is value
        with tg.enable_grad():
            assert current().grad
        assert getattr(current(), field) is value
    assert current() == DEFAULT


def test_modes_decorate():
    @tg.no_grad()
    def f(x):
        """Says what it does."""
        return x * 2

    assert not f(leaf(1.0)).requires_grad
    assert (f.__name__, f.__doc__) == ("f", "Says what it does.")


def test_nothing_is_recorded_under_no_grad():
    x = leaf([1.0, 2.0])
    with tg.no_grad():
        for y in (x * 2, tg.exp(x), x[0], tg.concatenate([x, x]), tg.where(x > 1, x, 0.0), x @ x):
            assert not y.requires_grad
            assert y.node is None
        assert leaf(1.0).requires_grad
        with tg.enable_grad():
            assert (x * 2).requires_grad


def test_origins_name_file_and_line():
    with tg.origins():
        y = leaf(1.0) * 2
    assert "test_graph.py:" in y.node.fact("origin")
    assert (leaf(1.0) * 2).node.fact("origin") is None


def test_a_written_thing_must_say_how():
    class Silent(Symbolic):
        pass

    with pytest.raises(GraphError, match="write: Silent does not say how exp is written; override write"):
        tg.exp(Silent())


@pytest.mark.parametrize(
    "array", [np.zeros(0), np.zeros(3), np.eye(3)[:, 1], np.array(1.0), np.ones((2, 2), np.longdouble)]
)
def test_checksum_sees_content_only(array):
    assert checksum(array) == checksum(array.copy())
    if array.size:
        assert checksum(array) != checksum(array + 1)
