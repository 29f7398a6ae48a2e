"""The figures of docs/gallery.md: one function each, whose docstring is the text and whose body is the code shown.

Each function draws a live graph: no number, shape or derivative in a figure is written by hand.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable

import numpy as np

import tinygraph as tg
from tinygraph import nn

INTRODUCTION = """\
# Gallery

The figures of the notes, and graphs too large to draw node by node. This page and its pictures are written by
`python docs/draw_pictures.py`: each picture is of a graph that ran, and the code below it is the code that made it.
[How to draw a graph](how-to/draw-graphs.md) says what can be set. All code starts with

```python
>>> import numpy as np
>>> import tinygraph as tg
>>> from tinygraph import nn

```
"""


def neuron_and_gradients() -> tg.GraphView:
    """One neuron and its loss, each value with its gradient beside it, joined by a dotted line. The gradients run
    against the values, and each is made of those of the values that read it.
    """

    def loss(w, b, x):
        z = w @ x + b
        a = tg.sigmoid(z)
        return -tg.log(a)

    w, b, x = np.array([0.8, -0.4]), 0.1, np.array([0.5, -1.2])
    return tg.draw(loss, w, b, x, mode="both", name="mirrored")


def logistic_regression() -> tg.GraphView:
    """The notes' neuron: weights, bias, sigmoid and cost, for four samples that stand as columns. The one number b
    is added to all four, so its arrow is dashed and says that its gradient is summed back.
    """
    rng = np.random.default_rng(0)
    X = tg.tensor(rng.normal(size=(3, 4)).round(1), name="X")
    Y = tg.tensor([[0.0, 1.0, 1.0, 0.0]], name="Y")
    W = tg.tensor(np.zeros((3, 1)), requires_grad=True, name="W")
    b = tg.tensor(0.0, requires_grad=True, name="b")
    Z = W.T @ X + b
    Y_hat = tg.sigmoid(Z)
    cost = nn.binary_cross_entropy(Y_hat, Y)
    Z.name, Y_hat.name, cost.name = "Z", "Ŷ", "cost"
    cost.backward()
    return tg.draw(cost, name="logistic regression", direction="down")


def hidden_layer() -> tg.GraphView:
    """The notes' network with a single hidden layer, three units wide. Every arrow shows the local derivative that
    backward multiplies by, which is how the notes' dZ, dW and db come about.
    """
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
    values["cost"] = nn.binary_cross_entropy(values["A2"], Y)
    for name, t in values.items():
        t.name = name
    values["cost"].backward()
    return tg.draw(values["cost"], name="one hidden layer", direction="down")


def deep_network() -> tg.GraphView:
    """A deep network of four layers, samples as rows, with each layer folded into one box. A layer's box says how
    many parameters and operations it hides; `view.open("layers.2")` shows those of one.
    """
    X = np.random.default_rng(0).normal(size=(4, 2))
    Y = tg.tensor([[0.0], [1.0], [1.0], [0.0]], name="Y")
    rng = np.random.default_rng(1)
    layers = [nn.Sequential(nn.Linear(n, 8, rng=rng), nn.Tanh()) for n in (2, 8, 8)]
    net = nn.Sequential(*layers, nn.Linear(8, 1, rng=rng))

    def cost(X):
        return nn.binary_cross_entropy_with_logits(net(X), Y)

    return tg.draw(cost, X, name="deep network", direction="down", fold="layers.?")


def saturation() -> tg.GraphView:
    """Why the notes want small numbers in front of a sigmoid: two of these three are so large that a is nearly 0 or 1.
    The arrow into a carries the local derivative a(1 − a), so what is left of the gradient is nearly 0 there.
    """
    w = tg.tensor([0.5, -9.0, 18.0], requires_grad=True, name="w")
    z = w * np.array([1.0, 2.0, 1.0])
    a = tg.sigmoid(z)
    total = a.sum()
    z.name, a.name, total.name = "z", "a", "total"
    total.backward()
    return tg.draw(total, name="saturation")


def vanishing_gradient() -> tg.GraphView:
    """Bad for backward: each saturated sigmoid in a row makes the gradient smaller by orders of magnitude. With `heat`
    arrows are as wide as gradients are large, and what has vanished is framed.
    """

    def saturated(x):
        for _ in range(4):
            x = tg.sigmoid(12.0 * x)
        return x.sum()

    return tg.draw(saturated, np.array([0.9, 1.1]), heat=True, level="all", name="vanishing gradient")


def symmetry() -> tg.GraphView:
    """Why the notes start from random numbers: from zeros, all hidden units have the same activations and the same
    gradients. After three steps of gradient descent the rows of W1 and of its gradient are still equal.
    """
    X = tg.tensor([[0.5, -1.0, 2.0], [1.0, 0.0, -1.5]], name="X")
    Y = tg.tensor([[0.0, 1.0, 1.0]], name="Y")
    W1 = tg.tensor(np.zeros((3, 2)), requires_grad=True, name="W1")
    W2 = tg.tensor(np.zeros((1, 3)), requires_grad=True, name="W2")
    for step in range(4):
        if step:
            W1.data, W2.data = W1.data - W1.grad.data, W2.data - W2.grad.data
            W1.grad = W2.grad = None
        A1 = tg.sigmoid(W1 @ X)
        A2 = tg.sigmoid(W2 @ A1)
        cost = nn.binary_cross_entropy(A2, Y)
        A1.name, A2.name, cost.name = "A1", "A2", "cost"
        cost.backward()
    return tg.draw(cost, name="symmetry", direction="down")


def blocks() -> tg.GraphView:
    """Twelve equal blocks of a transformer, one head each: the first is drawn, each of its linear layers as one box,
    and the other eleven are one box. Copies count
    as equal when their operations, settings, shapes and wiring are; each has parameters of its own.
    """

    class Attention(nn.Module):
        def __init__(self, width, rng):
            self.query, self.key, self.value, self.out = [nn.Linear(width, width, rng=rng) for _ in range(4)]

        def __call__(self, x):
            scores = self.query(x) @ self.key(x).T / np.sqrt(x.shape[-1])
            return self.out(tg.softmax(scores) @ self.value(x))

    class Block(nn.Module):
        def __init__(self, width, rng):
            self.attend = Attention(width, rng)
            self.up, self.down = nn.Linear(width, 4 * width, rng=rng), nn.Linear(4 * width, width, rng=rng)

        def __call__(self, x):
            x = x + self.attend(x)
            return x + self.down(tg.gelu(self.up(x)))

    rng = np.random.default_rng(0)
    net = nn.Sequential(*[Block(16, rng) for _ in range(12)])
    return tg.draw(net, rng.normal(size=(6, 16)), name="Block ×12, one open", direction="down", fold="Linear")


def chain() -> tg.GraphView:
    """A chain of 300 operations, which are 100 times the same three, and a sum. The first three are drawn, and the
    other 99 copies are one box.
    """
    x = tg.tensor([0.5, -1.0], requires_grad=True, name="x")
    y = x
    for _ in range(100):
        y = tg.tanh(y * 1.1) + 0.1
    total = y.sum()
    total.name = "total"
    total.backward()
    return tg.draw(total, name="300 operations")


def broadcast() -> tg.GraphView:
    """A column, a row and a number, broadcast to one table. Dashed arrows say over which axes each gradient is summed
    back: Σ₁ over the columns, Σ₀ over the rows, Σ₀₁ over both.
    """
    column = tg.tensor([[1.0], [2.0], [3.0]], requires_grad=True, name="column")
    row = tg.tensor([0.5, -0.5], requires_grad=True, name="row")
    shift = tg.tensor(0.1, requires_grad=True, name="shift")
    table = column * row + shift
    total = (table**2).sum()
    table.name, total.name = "table", "total"
    total.backward()
    return tg.draw(total, name="broadcast")


def nested_modules() -> tg.GraphView:
    """Modules inside modules are frames inside frames, with the path, the class and what they hold. Here the encoder is
    open and the decoder is folded.
    """

    class Autoencoder(nn.Module):
        def __init__(self):
            self.encoder = nn.Sequential(nn.Linear(4, 3, rng=0), nn.Tanh(), nn.Linear(3, 2, rng=1))
            self.decoder = nn.Sequential(nn.Linear(2, 3, rng=2), nn.Tanh(), nn.Linear(3, 4, rng=3))

        def __call__(self, x):
            return self.decoder(self.encoder(x))

    net, x = Autoencoder(), np.random.default_rng(0).normal(size=(5, 4))

    def error(x):
        return nn.mse_loss(net(x), x)

    return tg.draw(error, x, name="autoencoder", direction="down", fold="decoder")


def difference() -> tg.GraphView:
    """Two versions of one function in one picture: what only the first has is struck with −, what only the second has
    with +, and what both have with other settings or numbers with ~, each with a stroke of its own.
    """
    w, x, y = np.array([0.4, -0.7]), np.array([[1.0, 2.0], [0.5, -1.5]]), np.array([1.0, 0.0])

    def before(w):
        a = tg.tanh(x @ w)
        return np.mean((a - y) ** 2)

    def after(w):
        a = tg.sigmoid(2 * (x @ w))
        return np.mean((a - y) ** 2)

    return tg.diff(*[tg.draw(f, w, direction="down") for f in (before, after)])


FIGURES: dict[str, Callable[[], tg.GraphView]] = {
    "mirrored.svg": neuron_and_gradients,
    "logistic-regression.svg": logistic_regression,
    "hidden-layer.svg": hidden_layer,
    "deep-network.svg": deep_network,
    "saturation.svg": saturation,
    "vanishing-gradient.svg": vanishing_gradient,
    "symmetry.svg": symmetry,
    "blocks.svg": blocks,
    "chain.svg": chain,
    "broadcast.svg": broadcast,
    "nested-modules.svg": nested_modules,
    "difference.svg": difference,
}


def page() -> str:
    """Return docs/gallery.md: for each figure its text, its picture and its code, which the tests run."""
    parts = [INTRODUCTION]
    for file, build in FIGURES.items():
        view = build()
        title, text = build.__name__.replace("_", " ").capitalize(), inspect.getdoc(build) or ""
        parts.append(f"## {title}\n\n{text}\n\n![{view.name}](img/{file})\n")
        parts.append(f"```python\n{_as_doctest(build)}{view!r}\n\n```\n")
    return "\n".join(parts)


def _as_doctest(build: Callable[[], tg.GraphView]) -> str:
    """The body of `build` as it is typed at Python's prompt, where what it returns is shown."""
    source = textwrap.dedent(inspect.getsource(build))
    [function] = ast.parse(source).body
    lines, text = source.splitlines(), ""
    for statement in function.body[1:]:  # type: ignore[attr-defined]
        block = textwrap.dedent("\n".join(lines[statement.lineno - 1 : statement.end_lineno])).splitlines()
        text += f">>> {block[0].removeprefix('return ')}\n"
        text += "".join(f"... {line}".rstrip() + "\n" for line in block[1:])
    return text
