"""Draws the pictures in docs/img from live graphs; needs pygraphviz or the `dot` program.

Run: python docs/draw_pictures.py [FOLDER]
"""

from __future__ import annotations

import functools
import itertools
import pathlib
import sys
from collections.abc import Callable

import numpy as np

import tinygraph as tg
from tinygraph import nn

FOLDER = pathlib.Path(__file__).parent / "img"


def neuron() -> tg.GraphView:
    """Return the README's picture: one neuron and its loss, after backward."""
    x = tg.tensor([0.5, -1.2], name="x")
    w = tg.tensor([0.8, -0.4], requires_grad=True, name="w")
    b = tg.tensor(0.1, requires_grad=True, name="b")
    z = w @ x + b
    z.name = "z"
    a = tg.sigmoid(z)
    a.name = "a"
    loss = -tg.log(a)
    loss.name = "loss"
    loss.backward()
    return tg.draw(loss, name="neuron")


def numbers() -> tg.GraphView:
    """Return the picture of tutorial step 2: a b + 10."""
    a = tg.tensor(2.0, requires_grad=True, name="a")
    b = tg.tensor(-3.0, requires_grad=True, name="b")
    y = a * b + 10.0
    y.name = "y"
    return tg.draw(y, name="numbers")


def logistic_regression() -> tg.GraphView:
    """Return the picture of tutorial step 5: the notes' logistic regression, 4 samples as columns."""
    rng = np.random.default_rng(0)
    X = tg.tensor(rng.normal(size=(3, 4)).round(1), name="X")
    Y = tg.tensor([[0.0, 1.0, 1.0, 0.0]], name="Y")
    W = tg.tensor(np.zeros((3, 1)), requires_grad=True, name="W")
    b = tg.tensor(0.0, requires_grad=True, name="b")
    Z = W.T @ X + b
    Z.name = "Z"
    Y_hat = tg.sigmoid(Z)
    Y_hat.name = "Ŷ"
    cost = tg.nn.binary_cross_entropy(Y_hat, Y)
    cost.name = "cost"
    cost.backward()
    return tg.draw(cost, name="logistic regression", direction="down")


def hidden_layer() -> tg.GraphView:
    """Return the picture of tutorial step 6: the notes' network with one hidden layer."""
    rng = np.random.default_rng(0)
    X = tg.tensor(rng.normal(size=(2, 4)).round(1), name="X")
    Y = tg.tensor([[0.0, 1.0, 1.0, 0.0]], name="Y")
    W1 = tg.tensor(rng.normal(size=(3, 2)).round(1), requires_grad=True, name="W1")
    b1 = tg.tensor(np.zeros((3, 1)), requires_grad=True, name="b1")
    W2 = tg.tensor(rng.normal(size=(1, 3)).round(1), requires_grad=True, name="W2")
    b2 = tg.tensor(np.zeros((1, 1)), requires_grad=True, name="b2")
    values = {"Z1": W1 @ X + b1}
    values["A1"] = tg.relu(values["Z1"])
    values["Z2"] = W2 @ values["A1"] + b2
    values["A2"] = tg.sigmoid(values["Z2"])
    values["cost"] = tg.nn.binary_cross_entropy(values["A2"], Y)
    for name, t in values.items():
        t.name = name
    values["cost"].backward()
    return tg.draw(values["cost"], name="one hidden layer", direction="down")


def moons(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the data of how-to/plot-training.md: points on two half circles, and which."""
    rng = np.random.default_rng(seed)
    y = rng.integers(0, 2, n)
    angle = np.pi * (rng.random(n) + y)
    X = np.stack([np.cos(angle) + y, np.sin(angle) + 0.4 * y], axis=1)
    return X + 0.2 * rng.normal(size=X.shape), y


@functools.cache
def moon_network() -> tuple[nn.Module, dict[str, list[float]]]:
    """Return the network that learned the moons, and its losses."""
    (X, y), (X_test, y_test) = moons(200, seed=0), moons(100, seed=1)
    net = nn.Sequential(
        nn.Linear(2, 16, rng=0), nn.Tanh(), nn.Linear(16, 16, rng=1), nn.ReLU(), nn.Linear(16, 2, rng=2)
    )
    optimizer = tg.optim.Adam(net.parameters(), lr=0.01)
    losses: dict[str, list[float]] = {"training": [], "held out": []}
    for _ in range(100):
        loss = nn.cross_entropy(net(tg.tensor(X)), y)
        losses["training"].append(loss.item())
        losses["held out"].append(nn.cross_entropy(net(tg.tensor(X_test)), y_test).item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return net, losses


def training_curves() -> tg.plot.Chart:
    """Return the losses of the moon network."""
    return tg.plot.curves(moon_network()[1], title="Loss")


def training_boundary() -> tg.plot.Chart:
    """Return the decision boundary of the moon network."""
    return tg.plot.boundary(moon_network()[0], *moons(100, seed=1), ["upper", "lower"], title="Held-out samples")


def training_activations() -> tg.plot.Chart:
    """Return what goes through the moon network."""
    return tg.plot.activations(moon_network()[0], moons(200, seed=0)[0])


def training_weights() -> tg.plot.Chart:
    """Return the weights of the classifier of strokes of how-to/plot-training.md."""
    rng = np.random.default_rng(0)
    y = rng.integers(0, 3, 300)
    images = np.stack([np.eye(8)[3][:, None] * np.ones(8), np.ones((8, 1)) * np.eye(8)[4], np.eye(8)])[y]
    X = (images + 0.5 * rng.normal(size=images.shape)).reshape(300, 64)
    layer = nn.Linear(64, 3, rng=0)
    optimizer = tg.optim.SGD(layer.parameters(), lr=0.2)
    for _ in range(50):
        optimizer.zero_grad()
        nn.cross_entropy(layer(tg.tensor(X)), y).backward()
        optimizer.step()
    names = ["horizontal", "vertical", "diagonal"]
    return tg.plot.images(layer.weight, titles=names, title="Weights of a linear classifier")


class Block(nn.Module):
    """A block of a transformer: attention and a network of two layers, each around which its input passes."""

    def __init__(self, seed: int, size: int = 4) -> None:
        self.q, self.k, self.v = (nn.Linear(size, size, rng=seed + k) for k in range(3))
        self.up, self.down = nn.Linear(size, 2 * size, rng=seed), nn.Linear(2 * size, size, rng=seed + 1)

    def __call__(self, x: tg.Tensor) -> tg.Tensor:
        attended = tg.softmax(self.q(x) @ self.k(x).T / 2.0) @ self.v(x)
        x = x + attended
        return x + self.down(tg.relu(self.up(x)))


def mirrored() -> tg.GraphView:
    """Return one neuron with its gradients mirrored beside their values."""

    def loss(w: tg.Tensor, b: tg.Tensor, x: tg.Tensor) -> tg.Tensor:
        z = w @ x + b
        a = tg.sigmoid(z)
        return -tg.log(a)

    return tg.draw(loss, np.array([0.8, -0.4]), 0.1, np.array([0.5, -1.2]), mode="both", name="mirrored")


def deep_network() -> tg.GraphView:
    """Return the notes' deep network, of eight equal layers after the first: one is drawn, seven are folded."""
    sizes = [3, *[4] * 9]
    layers = [f for k, (m, n) in enumerate(itertools.pairwise(sizes)) for f in (nn.Linear(m, n, rng=k), nn.ReLU())]
    net = nn.Sequential(*layers, nn.Linear(4, 1, rng=99))
    X, Y = np.random.default_rng(0).normal(size=(5, 3)), np.array([[0.0], [1.0], [1.0], [0.0], [1.0]])
    return tg.draw(lambda X: nn.binary_cross_entropy_with_logits(net(X), Y), X, name="deep network", direction="down")


def saturation() -> tg.GraphView:
    """Return a chain of saturated sigmoids: "bad for back prop"."""

    def saturated(x: tg.Tensor) -> tg.Tensor:
        for _ in range(4):
            x = tg.sigmoid(12.0 * x)
        return x.sum()

    return tg.draw(saturated, np.array([0.9, 1.1]), heat=True, level="all", name="saturation")


def symmetry() -> tg.GraphView:
    """Return what zero initialisation does: all hidden units have the same gradient."""

    def loss(W1: tg.Tensor, W2: tg.Tensor) -> tg.Tensor:
        A1 = tg.sigmoid(W1 @ np.array([[0.5], [-1.0]]))
        A2 = tg.sigmoid(W2 @ A1)
        return -tg.log(A2).sum()

    return tg.draw(loss, np.zeros((3, 2)), np.full((1, 3), 0.5), name="symmetry")


def blocks() -> tg.GraphView:
    """Return twelve blocks of a transformer: one is open, the rest is one box."""
    net = nn.Sequential(*[Block(10 * k) for k in range(12)])
    x = np.random.default_rng(0).normal(size=(3, 4))
    return tg.draw(net, x, fold="*:Linear", name="twelve blocks", direction="down")


def chain() -> tg.GraphView:
    """Return three hundred operations in a row."""

    def repeated(x: tg.Tensor) -> tg.Tensor:
        for _ in range(100):
            x = tg.tanh(x * 0.9 + 0.1)
        return x.sum()

    return tg.draw(repeated, np.ones(3), name="three hundred operations")


PICTURES: dict[str, Callable[[], tg.GraphView | tg.plot.Chart]] = {
    "neuron.svg": neuron,
    "numbers.svg": numbers,
    "logistic-regression.svg": logistic_regression,
    "hidden-layer.svg": hidden_layer,
    "mirrored.svg": mirrored,
    "deep-network.svg": deep_network,
    "saturation.svg": saturation,
    "symmetry.svg": symmetry,
    "blocks.svg": blocks,
    "chain.svg": chain,
    "training-curves.svg": training_curves,
    "training-boundary.svg": training_boundary,
    "training-activations.svg": training_activations,
    "training-weights.svg": training_weights,
}


def main() -> None:
    """Draw all of them."""
    folder = pathlib.Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for file, build in PICTURES.items():
        build().save(folder / file)


if __name__ == "__main__":
    main()
