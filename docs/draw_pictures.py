"""Draws the pictures in docs/img from live graphs; needs pygraphviz or the `dot` program.

Run: python docs/draw_pictures.py [FOLDER]
"""

from __future__ import annotations

import pathlib
import sys
from collections.abc import Callable

import numpy as np

import tinygraph as tg

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


PICTURES: dict[str, Callable[[], tg.GraphView]] = {
    "neuron.svg": neuron,
    "numbers.svg": numbers,
    "logistic-regression.svg": logistic_regression,
    "hidden-layer.svg": hidden_layer,
}


def main() -> None:
    """Draw all of them."""
    folder = pathlib.Path(sys.argv[1]) if sys.argv[1:] else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for file, build in PICTURES.items():
        build().save(folder / file)


if __name__ == "__main__":
    main()
