"""The graphs that the tests of pictures look at, drawn after backward, while their parameters live."""

from __future__ import annotations

import numpy as np

import tinygraph as tg


def named(name: str, t: tg.Tensor) -> tg.Tensor:
    """`t`, called `name`."""
    t.name = name
    return t


def scalar() -> tg.GraphView:
    """micrograd's kind of expression: y = f/2 + 10/f with f = (a + b - (a b + b^3))^2."""
    a = tg.tensor(-4.0, requires_grad=True, name="a")
    b = tg.tensor(2.0, requires_grad=True, name="b")
    c = named("c", a + b)
    d = named("d", a * b + b**3)
    f = named("f", (c - d) ** 2)
    y = named("y", f / 2.0 + 10.0 / f)
    y.backward()
    return tg.draw(y, name="scalar")


def _table() -> tuple[tg.Tensor, tg.Tensor]:
    X = tg.tensor([[0.5, -1.0, 0.0, 2.0], [1.5, 0.25, -0.5, 1.0], [-2.0, 1.0, 0.75, 0.5]], name="X")
    return X, tg.tensor([[1.0, 0.0, 1.0, 0.0]], name="Y")


def _log_loss(A: tg.Tensor, Y: tg.Tensor) -> tg.Tensor:
    L = named("L", -(Y * tg.log(A) + (1 - Y) * tg.log(1 - A)))
    J = named("J", tg.mean(L))
    J.backward()
    return J


def logistic_regression() -> tg.GraphView:
    """The notes' neuron from primitives, samples as columns, and its cost."""
    X, Y = _table()
    W = tg.tensor([[0.5], [-0.25], [0.75]], requires_grad=True, name="W")
    b = tg.tensor(0.1, requires_grad=True, name="b")
    Z = named("Z", W.T @ X + b)
    return tg.draw(_log_loss(named("A", tg.sigmoid(Z)), Y), name="logistic_regression")


def one_hidden_layer() -> tg.GraphView:
    """The notes' network with two hidden units and its cost."""
    X, Y = _table()
    W1 = tg.tensor([[0.5, -0.25, 0.75], [-0.5, 0.25, 1.0]], requires_grad=True, name="W1")
    b1 = tg.tensor([[0.0], [0.1]], requires_grad=True, name="b1")
    W2 = tg.tensor([[1.0, -0.5]], requires_grad=True, name="W2")
    b2 = tg.tensor([[0.2]], requires_grad=True, name="b2")
    A1 = named("A1", tg.relu(named("Z1", W1 @ X + b1)))
    return tg.draw(_log_loss(named("A2", tg.sigmoid(named("Z2", W2 @ A1 + b2))), Y), name="one_hidden_layer")


def sequential() -> tg.GraphView:
    """Two layers of `tg.nn` with cross-entropy: large arrays, integer labels."""
    rng = np.random.default_rng(0)
    net = tg.nn.Sequential(tg.nn.Linear(64, 32, rng=0), tg.nn.ReLU(), tg.nn.Linear(32, 10, rng=1))
    x = tg.tensor(rng.normal(size=(20, 64)), name="x")
    loss = tg.nn.cross_entropy(net(x), rng.integers(0, 10, 20))
    loss.backward()
    return tg.draw(loss)


def folded_layers() -> tg.GraphView:
    """Five equal layers, of which four are one box, and a folded head; gradients that are all zero."""
    weights = [np.array([[0.5, -0.25], [0.75, 1.0]]) * k for k in (1, -1, 2, -2, 0)]
    layers = [tg.nn.Linear(2, 2, rng=0) for _ in weights]
    for layer, weight in zip(layers, weights):
        layer.weight.data, layer.bias.data = weight, np.zeros(2)
    head = tg.nn.Sequential(tg.nn.Linear(2, 1, rng=0), tg.nn.ReLU())
    head.layers[0].weight.data, head.layers[0].bias.data = np.array([[1.0, -1.0]]), np.array([0.5])
    net = tg.nn.Sequential(*layers, head)

    def total(x: tg.Tensor) -> tg.Tensor:
        return net(x).sum()

    return tg.draw(total, np.array([[1.0, 2.0]]), fold="layers.5", heat=True, name="folded_layers")


def difference() -> tg.GraphView:
    """Two expressions compared: an operation replaced, one put in, a number and a setting changed."""

    def before(x: tg.Tensor) -> tg.Tensor:
        return tg.sum(tg.exp(tg.sin(x) * 2.0), axis=0)

    def after(x: tg.Tensor) -> tg.Tensor:
        return tg.sum(tg.exp(tg.tanh(tg.cos(x) * 3.0)), axis=1)

    return tg.diff(before, after, np.array([[0.5, -1.0, 0.25], [0.0, 2.0, 1.0]]))
