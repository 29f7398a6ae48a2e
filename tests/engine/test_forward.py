"""The forward sweep: what does not move has no tangent, and a graph that was freed says so."""

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.forward import pushforward
from tinygraph.errors import GraphError


def leaf(value):
    return tg.tensor(value, requires_grad=True)


def test_forward_through_a_freed_graph():
    x = leaf(2.0)
    y = tg.exp(x)
    y.backward()
    with pytest.raises(GraphError, match=r"jvp: the graph through <Node exp .* already used and freed; record"):
        pushforward([y.node], {x.node: np.float64(1)}, tg.Tensor)


def test_forward_of_what_does_not_move():
    x, y = leaf(2.0), leaf(3.0)
    z, w = x * 2, y * 3
    assert pushforward([z.node, w.node], {x.node: np.float64(1)}, tg.Tensor) == [2, None]
