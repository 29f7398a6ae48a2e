"""Draws the pictures in docs/img from live graphs, and writes docs/gallery.md; needs pygraphviz or the `dot` program.

Run: python docs/draw_pictures.py [FOLDER]          (with a FOLDER: the pictures alone, into it)
"""

from __future__ import annotations

import functools
import pathlib
import sys
from collections.abc import Callable

import gallery
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


PICTURES: dict[str, Callable[[], tg.GraphView | tg.plot.Chart]] = {
    "neuron.svg": neuron,
    "numbers.svg": numbers,
    **gallery.FIGURES,
    "training-curves.svg": training_curves,
    "training-boundary.svg": training_boundary,
    "training-activations.svg": training_activations,
    "training-weights.svg": training_weights,
}


def main() -> None:
    """Draw all of them."""
    folder = pathlib.Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    if folder == FOLDER:
        (FOLDER.parent / "gallery.md").write_text(gallery.page(), encoding="utf-8")
    folder.mkdir(parents=True, exist_ok=True)
    for file, build in PICTURES.items():
        build().save(folder / file)


if __name__ == "__main__":
    main()
