"""`tg.diagnose` names what is planted, and is silent on networks that learn."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import nn

RNG = np.random.default_rng(0)
X = RNG.normal(size=(64, 10))
LABELS = RNG.integers(0, 3, 64)
Y = RNG.normal(size=(64, 1))
he, xavier, zeros, small = nn.init.he_normal, nn.init.xavier_uniform, nn.init.zeros, nn.init.small_normal


def stack(*widths: int, act: Callable[[], Any] = nn.ReLU, init: Any = he, seed: int = 1, **settings: Any) -> Any:
    rng = np.random.default_rng(seed)
    layers: list[Any] = []
    for n_in, n_out in itertools.pairwise(widths):
        layers += [nn.Linear(n_in, n_out, rng=rng, weight_init=init, **settings), act()]
    return nn.Sequential(*layers[:-1])


def large(rng: np.random.Generator, shape: tuple[int, ...]) -> Any:
    return 3.0 * rng.normal(size=shape)


class Forgetful(nn.Module):
    """The second branch is detached, the third is not called."""

    def __init__(self) -> None:
        self.first, self.cut, self.idle = (nn.Linear(10, 1, rng=k) for k in range(3))

    def __call__(self, x: Any) -> Any:
        return self.first(x) + self.cut(x).detach()


class Residual(nn.Module):
    """x + f(x), twice: the linear maps of two blocks have only a sum between them, but not on every path."""

    def __init__(self) -> None:
        self.into, self.out = nn.Linear(10, 16, rng=0), nn.Linear(16, 3, rng=1)
        self.blocks = [stack(16, 16, 16, seed=k) for k in range(2)]

    def __call__(self, x: Any) -> Any:
        x = tg.tanh(self.into(x))
        for block in self.blocks:
            x = x + block(x)
        return self.out(x)


class PreActivation(nn.Module):
    """x + f(relu(x)), many times: sums of linear maps, of which every one is read by a relu too."""

    def __init__(self, blocks: int = 12) -> None:
        self.into, self.out = nn.Linear(10, 16, rng=0), nn.Linear(16, 3, rng=1)
        self.blocks = [stack(16, 16, 16, seed=k) for k in range(blocks)]

    def __call__(self, x: Any) -> Any:
        x = self.into(x)
        for block in self.blocks:
            x = x + 0.3 * block(tg.relu(x))
        return self.out(x)


class TwoBranches(nn.Module):
    """A sum of two linear branches, and a linear map of it."""

    def __init__(self) -> None:
        self.left, self.right, self.out = (nn.Linear(n, m, rng=n) for n, m in ((10, 12), (10, 12), (12, 3)))

    def __call__(self, x: Any) -> Any:
        return self.out(self.left(x) + self.right(tg.relu(x)))


class Columns(nn.Module):
    """The notes' layout: W x + b with samples as columns."""

    def __init__(self, weight_init: Any = small, units: int = 8) -> None:
        rng = np.random.default_rng(0)
        self.W1 = tg.tensor(weight_init(rng, (units, 10)), True)
        self.b1 = tg.tensor(np.zeros((units, 1)), True)
        self.W2 = tg.tensor(weight_init(rng, (1, units)), True)
        self.b2 = tg.tensor(np.zeros((1, 1)), True)

    def __call__(self, x: Any) -> Any:
        return (self.W2 @ tg.sigmoid(self.W1 @ x.T + self.b1) + self.b2).T


class ByHand(nn.Module):
    """W transposed, relu as np.maximum, a running mean in a buffer."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.W = tg.tensor(rng.normal(size=(10, 12)) * 0.4, True)
        self.V = tg.tensor(rng.normal(size=(12, 1)) * 0.4, True)
        self.seen = tg.tensor(np.zeros(10))

    def __call__(self, x: Any) -> Any:
        self.seen.data = 0.9 * self.seen.data + 0.1 * x.numpy().mean(axis=0)
        return np.maximum(x @ self.W, 0) @ self.V


class Tied(nn.Module):
    """An autoencoder that decodes by the transposed weights."""

    def __init__(self) -> None:
        self.W = tg.tensor(xavier(np.random.default_rng(0), (6, 10)), True)

    def __call__(self, x: Any) -> Any:
        return tg.tanh(x @ self.W.T) @ self.W


class Adapted(nn.Module):
    """Frozen weights plus a trained product of low rank, which starts at zero."""

    def __init__(self) -> None:
        rng = np.random.default_rng(0)
        self.W = tg.tensor(he(rng, (16, 10)))
        self.A, self.B = tg.tensor(xavier(rng, (2, 10)), True), tg.tensor(np.zeros((16, 2)), True)
        self.out = nn.Linear(16, 3, rng=0)

    def __call__(self, x: Any) -> Any:
        return self.out(tg.relu(x @ self.W.T + (x @ self.A.T) @ self.B.T))


class Lookup(nn.Module):
    """Rows of a table, chosen by the largest element of x."""

    def __init__(self) -> None:
        self.table = tg.tensor(np.random.default_rng(0).normal(size=(10, 8)), True)
        self.net = stack(8, 16, 3)

    def __call__(self, x: Any) -> Any:
        return self.net(self.table[np.argmax(x.numpy(), axis=1)])


class Recurrent(nn.Module):
    """Five steps of one layer applied again and again to two columns at a time."""

    def __init__(self) -> None:
        self.into, self.out = nn.Linear(2, 16, rng=0), nn.Linear(16, 3, rng=2)
        self.again = nn.Linear(16, 16, rng=1, weight_init=nn.init.orthogonal)

    def __call__(self, x: Any) -> Any:
        h = tg.tanh(self.into(x[:, :2]))
        for t in range(2, 10, 2):
            h = tg.tanh(self.into(x[:, t : t + 2]) + self.again(h))
        return self.out(h)


class Normalised(nn.Module):
    """Standardised over the batch before relu."""

    def __init__(self) -> None:
        self.into, self.out = nn.Linear(10, 16, rng=0), nn.Linear(16, 3, rng=1)

    def __call__(self, x: Any) -> Any:
        z = self.into(x)
        return self.out(tg.relu((z - tg.mean(z, axis=0)) / tg.sqrt(tg.var(z, axis=0) + 1e-5)))


class Attention(nn.Module):
    """Five tokens of two features attend to each other."""

    def __init__(self) -> None:
        self.q, self.k, self.v = (nn.Linear(2, 8, rng=k) for k in range(3))
        self.out = nn.Linear(8, 3, rng=3)

    def __call__(self, x: Any) -> Any:
        x = x.reshape(-1, 5, 2)
        weights = tg.softmax(self.q(x) @ self.k(x).mT / 8**0.5)
        return self.out(tg.mean(weights @ self.v(x), axis=1))


class Gated(nn.Module):
    """sigmoid(G x) * V x."""

    def __init__(self) -> None:
        self.value, self.gate, self.out = nn.Linear(10, 16, rng=0), nn.Linear(10, 16, rng=1), nn.Linear(16, 3, rng=2)

    def __call__(self, x: Any) -> Any:
        return self.out(tg.sigmoid(self.gate(x)) * self.value(x))


def frozen() -> Any:
    net = stack(10, 32, 32, 3)
    for p in net[0].parameters():
        p.requires_grad_(False)
    return net


def dead_biases(share: int) -> Any:
    net = stack(10, 64, 3)
    net[0].bias.data = np.where(np.arange(64) < share, -100.0, 0.1)
    return net


def twins() -> Any:
    net = stack(10, 6, 3, act=nn.Tanh, init=xavier)
    for layer, axis in ((net[0], 0), (net[2], 1)):
        weight = np.array(layer.weight.data)
        np.moveaxis(weight, axis, 0)[4] = np.moveaxis(weight, axis, 0)[1]
        layer.weight.data = weight
    return net


def at(net: Any, path: str, value: float) -> Any:
    weight = dict(net.named_parameters())[path]
    changed = np.array(weight.data)
    changed.flat[0] = value
    weight.data = changed
    return net


def without(net: Any, *layers: int) -> Any:
    for k in layers:
        for p in net[k].parameters():
            p.requires_grad_(False)
    return net


def least_squares() -> Any:
    """A linear regression at its minimum, of which the loss is not 0."""
    net = stack(10, 1)
    *weight, bias = np.linalg.lstsq(np.c_[X, np.ones(64)], Y, rcond=None)[0]
    net[0].weight.data, net[0].bias.data = np.reshape(weight, net[0].weight.shape), bias
    return net


def silent(*args: Any, **settings: Any) -> None:
    assert str(tg.diagnose(*args, **settings)).startswith("no findings: ")


# ------------------------------------------------------------------------------------------------ planted

PLANTED: dict[str, tuple[Callable[[], Any], Any, dict[str, Any], list[tuple[str, str, str]]]] = {
    # the notes: zero initialisation keeps hidden units symmetric
    "zeros, sigmoid": (
        lambda: stack(10, 32, 3, act=nn.Sigmoid, init=zeros), LABELS, {}, [("symmetric units", "layers.0", "32 of 32")],
    ),
    "zeros, tanh": (
        lambda: stack(10, 32, 3, act=nn.Tanh, init=zeros), LABELS, {}, [("symmetric units", "layers.0", "32 of 32")],
    ),
    "zeros, columns": (lambda: Columns(zeros), Y, {}, [("symmetric units", "W1", "8 of 8")]),
    "zeros, relu: dead, not symmetric": (
        lambda: stack(10, 32, 3, init=zeros), LABELS, {}, [("dead units", "layers.0", "32 of 32")],
    ),
    "two equal units": (twins, LABELS, {}, [("symmetric units", "layers.0", "2 of 6")]),
    # the notes: the saturated ends of the sigmoid are bad for backprop
    "saturated sigmoid": (
        lambda: stack(10, 16, 16, 3, act=nn.Sigmoid, init=large), LABELS, {},
        [("saturated units", "layers.0", "14 of 16"), ("saturated units", "layers.2", " of 16")],
    ),
    "saturated tanh": (
        lambda: stack(10, 16, 3, act=nn.Tanh, init=large), LABELS, {}, [("saturated units", "layers.0", "16 of 16")],
    ),
    "saturated columns": (
        lambda: Columns(large), Y, {}, [("saturated units", "W1", "8 of 8")],
    ),
    # the notes: a composition of linear functions is linear
    "linear after linear": (
        lambda: nn.Sequential(nn.Linear(10, 8, rng=0), nn.Linear(8, 3, rng=1)), LABELS, {},
        [("linear after linear", "layers.1", "between layers.0 and layers.1")],
    ),
    "linear after scaled linear": (
        lambda: nn.Sequential(nn.Linear(10, 8, bias=False, rng=0), lambda z: 2.0 * z - 1.0, nn.Linear(8, 3, rng=1)),
        LABELS, {}, [("linear after linear", "layers.2", "between layers.0 and layers.2")],
    ),
    "dead units": (lambda: dead_biases(17), LABELS, {}, [("dead units", "layers.0", "17 of 64 units")]),
    "vanishing": (
        lambda: stack(10, *[32] * 12, 3, act=nn.Sigmoid, init=xavier), LABELS, {},
        [("vanishing gradient", "layers.0", "of 13 layers")],
    ),
    "exploding": (
        lambda: stack(10, *[64] * 6, 3, init=lambda rng, shape: 8 * he(rng, shape)), LABELS, {},
        [("exploding gradient", "layers.0", "of 7 layers")],
    ),
    "promotion by the data": (
        lambda: stack(10, 16, 3, dtype=np.float32), LABELS, {},
        [("promotion", "layers.0", "by an input of float64 (64, 10)")],
    ),
    "rate too large": (
        lambda: stack(10, 16, 1), Y, {"lr": 1e4}, [("update too large", "layers.", "of 2 weights")],
    ),
    "rate too small": (
        lambda: stack(10, 16, 1), Y, {"lr": 1e-9}, [("update too small", "layers.", "2 of 2 weights")],
    ),
    "constant weights": (
        lambda: stack(10, 16, 3, act=nn.Tanh, init=lambda rng, shape: np.full(shape, 0.1)), LABELS, {},
        [("symmetric units", "layers.0", "16 of 16 units: their weights are equal")],
    ),
    "small weights, deep tanh": (
        lambda: stack(10, *[32] * 6, 3, act=nn.Tanh, init=small), LABELS, {},
        [("vanishing gradient", "layers.0", "3 of 7 layers")],
    ),
    "inputs of some hundreds": (
        lambda: nn.Sequential(lambda x: 255 * x, stack(10, 32, 3)), LABELS, {"lr": 0.1},
        [("update too large", "layers.1.layers.", "of 2 weights")],
    ),
    "targets in thousands": (
        lambda: stack(10, 32, 1), 1000 * Y, {"lr": 0.01}, [("update too large", "layers.2", "2 of 2 weights")],
    ),
    "unused and cut off": (
        Forgetful, Y, {}, [("unused parameters", "cut", "4 of 6 parameters: no gradient reaches cut.weight, cut.bias")],
    ),
    "a rate too small for Adam": (
        lambda: stack(10, 16, 1, act=nn.Tanh), Y, {"adam": 1e-10},
        [("update too small", "layers.", "2 of 2 weights")],
    ),
    "linear after a sum of linears": (
        TwoBranches, LABELS, {},
        [("linear after linear", "out", "between left and out"), ("linear after linear", "out", "right and out")],
    ),
    "dead after a step too far": (
        lambda: dead_biases(64), LABELS, {"lr": 0.05}, [("dead units", "layers.0", "64 of 64 units")],
    ),
    "NaN in a weight": (
        lambda: at(stack(10, 16, 3), "layers.2.weight", np.nan), LABELS, {},
        [("not finite", "layers.2", "1 of 48 elements: layers.2.weight holds NaN")],
    ),
    "log of 0": (
        lambda: stack(10, 16, 1), Y, {"loss": lambda p, y: tg.mean(np.log(tg.relu(p)))},
        [("not finite", "layers.2", "log gives infinity")],
    ),
    "overflow in exp": (
        lambda: stack(10, 16, 1), Y, {"loss": lambda p, y: tg.mean(np.exp(1000 * (p + 10)))},
        [("not finite", "layers.2", "exp gives infinity")],
    ),
    "0 * inf at sqrt": (
        lambda: stack(10, 16, 1), Y, {"loss": lambda p, y: tg.mean(np.sqrt(tg.relu(p)))},
        [("not finite", "layers.2", "the values are finite, but the derivative of sqrt gives")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", PLANTED)
def test_what_is_planted_is_named(case: str) -> None:
    build, y, settings, expected = PLANTED[case]
    net = build()
    if "adam" in settings:
        settings = {"optimizer": tg.optim.Adam(net.parameters(), lr=settings["adam"])}
    diagnosis = tg.diagnose(net, (X, y), **settings)
    assert not diagnosis.ok
    assert len(diagnosis.findings) == len(expected), str(diagnosis)
    for finding, (kind, layer, text) in zip(diagnosis.findings, expected):
        assert (finding.kind, finding.layer[: len(layer)]) == (kind, layer)
        assert text in str(finding)
        assert finding.fix


def test_nan_in_the_batch() -> None:
    spoiled = X.copy()
    spoiled[3, 4] = np.nan
    (finding,) = tg.diagnose(stack(10, 16, 3), (spoiled, LABELS)).findings
    assert "affine gives NaN because a constant that goes in holds NaN; clean the data" in str(finding)


def test_promotion_by_the_loss() -> None:
    net = stack(10, 16, 1, dtype=np.float32)
    (finding,) = tg.diagnose(net, (X.astype(np.float32), Y)).findings
    assert "subtract turns float32 into float64 by an input of float64 (64, 1)" in finding.problem


def test_promotion_by_a_parameter() -> None:
    net = nn.Sequential(nn.Linear(10, 8, rng=0, dtype=np.float32), nn.ReLU(), nn.Linear(8, 3, rng=0))
    (finding,) = tg.diagnose(net, (X.astype(np.float32), LABELS)).findings
    assert finding.layer == "layers.2"
    assert "by a parameter of float64" in finding.problem


# ------------------------------------------------------------------------------------------------ healthy

HEALTHY: dict[str, tuple[Callable[[], Any], Any]] = {
    "logistic regression from zeros": (lambda: stack(10, 1, init=zeros), Y),
    "softmax regression from zeros": (lambda: stack(10, 3, init=zeros), LABELS),
    "the default start": (lambda: nn.Sequential(nn.Linear(10, 32, rng=0), nn.ReLU(), nn.Linear(32, 3, rng=1)), LABELS),
    "small": (lambda: stack(10, 32, 3, init=small), LABELS),
    "wide": (lambda: stack(10, 512, 512, 3), LABELS),
    "deep": (lambda: stack(10, 64, 64, 64, 64, 3), LABELS),
    "tanh": (lambda: stack(10, 32, 32, 3, act=nn.Tanh, init=xavier), LABELS),
    "sigmoid": (lambda: stack(10, 32, 32, 1, act=nn.Sigmoid, init=xavier), Y),
    "gelu": (lambda: stack(10, 16, 16, 3, act=nn.GELU), LABELS),
    "leaky relu": (lambda: stack(10, 4, 1, act=nn.LeakyReLU), Y),
    "residual": (Residual, LABELS),
    "columns": (Columns, Y),
    "by hand": (ByHand, Y),
    "a few dead units": (lambda: dead_biases(4), LABELS),
    "through a bottleneck": (lambda: nn.Sequential(nn.Linear(10, 2, rng=0), nn.Linear(2, 3, rng=1)), LABELS),
    "pre-activation residual": (PreActivation, LABELS),
    "tied weights": (Tied, X),
    "a frozen first layer": (lambda: without(stack(10, 32, 32, 3), 0), LABELS),
    "a frozen middle layer": (lambda: without(stack(10, 32, 32, 3), 2), LABELS),
    "at the minimum of least squares": (least_squares, Y),
    "deep tanh": (lambda: stack(10, *[32] * 8, 3, act=nn.Tanh, init=xavier), LABELS),
    "one class only": (lambda: stack(10, 32, 3), np.zeros(64, int)),
    "a last layer from zeros": (
        lambda: nn.Sequential(nn.Linear(10, 16, rng=0), nn.Tanh(), nn.Linear(16, 3, weight_init=zeros)), LABELS,
    ),
    "a first layer from zeros": (
        lambda: nn.Sequential(nn.Linear(10, 16, weight_init=zeros), nn.ReLU(), nn.Linear(16, 3, rng=0)), LABELS,
    ),
    "deep elu": (lambda: stack(10, *[32] * 6, 3, act=nn.ELU), LABELS),
    "the first layer frozen": (frozen, LABELS),
    "an autoencoder": (lambda: stack(10, 8, 2, 8, 10), X),
    "an adapter of low rank from zeros": (Adapted, LABELS),
    "an embedding": (Lookup, LABELS),
    "recurrent": (Recurrent, LABELS),
    "normalised": (Normalised, LABELS),
    "attention": (Attention, LABELS),
    "gated": (Gated, LABELS),
}  # fmt: skip


def test_the_catalogues_are_long_enough() -> None:
    assert len(PLANTED) >= 25
    assert len(HEALTHY) >= 20


@pytest.mark.parametrize("case", HEALTHY)
def test_healthy_networks_give_none(case: str) -> None:
    build, y = HEALTHY[case]
    net = build()
    silent(net, (X, y), lr=0.05)
    silent(net, (X, y), optimizer=tg.optim.Adam(net.parameters()))


@pytest.mark.parametrize("steps", [200, 1500])
def test_a_trained_network_gives_none_also_when_gradients_are_tiny(steps: int) -> None:
    net = stack(10, 32, 3)
    adam = tg.optim.Adam(net.parameters(), lr=0.01)
    for _ in range(steps):
        nn.cross_entropy(net(X), LABELS).backward()
        adam.step()
        adam.zero_grad()
    silent(net, (X, LABELS), optimizer=adam)
    assert steps < 1000 or tg.diagnose(net, (X, LABELS)).loss < 1e-3


@pytest.mark.parametrize("widths", [(10, 32, 3), (10, *[64] * 10, 3)])
def test_float32_throughout_gives_none(widths: tuple[int, ...]) -> None:
    silent(stack(*widths, dtype=np.float32), (X.astype(np.float32), LABELS), lr=0.01)


def test_columns_of_zeros_and_ones_give_none() -> None:
    one_hot = np.eye(10)[RNG.integers(0, 10, 64)]
    silent(stack(10, 32, 3), (one_hot, LABELS), lr=0.05)
    silent(stack(10, 32, 3), (np.where(RNG.random((64, 10)) < 0.1, 1.0, 0.0), LABELS), lr=0.05)


def test_four_samples_of_exclusive_or_give_none() -> None:
    x, y = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]), np.array([[0.0], [1.0], [1.0], [0.0]])
    silent(stack(2, 4, 1, act=nn.Tanh, init=xavier), (x, y), lr=0.1)


def test_a_deep_float32_network_from_he_gives_none() -> None:
    net = stack(10, *[64] * 10, 3, dtype=np.float32)
    silent(net, (X.astype(np.float32), LABELS), lr=0.01)
    silent(net, (X.astype(np.float32), LABELS), optimizer=tg.optim.Adam(net.parameters()))


@pytest.mark.parametrize("act", [nn.ReLU, nn.Sigmoid, nn.Tanh])
def test_a_batch_of_one_gives_none(act: Any) -> None:
    silent(stack(10, 32, 32, 3, act=act, init=xavier), (X[:1], LABELS[:1]), lr=0.05)


def test_one_hot_inputs_give_none_though_most_columns_are_not_seen() -> None:
    words = np.eye(200)[np.random.default_rng(1).integers(0, 50, 64)]
    net = stack(200, 32, 3)
    silent(net, (words, LABELS), lr=0.05)
    silent(net, (words, LABELS), optimizer=tg.optim.Adam(net.parameters()))


def test_parameters_left_out_of_the_optimizer_give_none() -> None:
    net = stack(10, 32, 32, 3)
    silent(net, (X, LABELS), optimizer=tg.optim.Adam(net[4].parameters()))


def test_a_network_that_fits_exactly_gives_none() -> None:
    net = stack(10, 16, 1, act=nn.Tanh, init=xavier)
    fitted = net(X).numpy()
    silent(net, (X, fitted), lr=0.05)
    silent(net, (X, fitted + 1e-9), lr=0.05)
    silent(net, (X, fitted + 1e-9), optimizer=tg.optim.SGD(net.parameters(), lr=0.05))


def test_an_overfitted_network_gives_none() -> None:
    net = stack(10, 32, 3)
    adam = tg.optim.Adam(net.parameters(), lr=0.03)
    for _ in range(600):
        loss = nn.cross_entropy(net(X), LABELS)
        adam.zero_grad()
        loss.backward()
        adam.step()
    assert loss.item() < 1e-3
    silent(net, (X, LABELS), optimizer=adam)
    silent(net, (X, LABELS), lr=0.05)


def test_a_mask_of_infinities_does_no_harm() -> None:
    w = tg.tensor(RNG.normal(size=(10, 4)), requires_grad=True, name="w")

    def masked(x: Any) -> Any:
        return tg.softmax(tg.where(np.arange(4) < 3, x @ w, -np.inf))

    silent(masked, (X, RNG.random((64, 4))), parameters=[w])


@pytest.mark.parametrize("count", [1, 2])
def test_too_few_samples_say_nothing_of_units(count: int) -> None:
    silent(stack(10, 64, 3), (X[:count], LABELS[:count]))


# ---------------------------------------------------------------------------------- what it is given and leaves


def test_everything_is_left_as_it_was() -> None:
    net = ByHand()
    adam = tg.optim.Adam(net.parameters())
    net.W.grad = np.full((10, 12), 7.0)
    before = net.state_dict()
    tg.diagnose(net, (X, Y), optimizer=adam)
    assert net.W.grad is not None
    assert (net.W.grad.numpy() == 7.0).all()
    assert net.V.grad is None
    assert all(not state.numpy().any() for state in adam.state[0][:2])
    for name, value in net.state_dict().items():
        np.testing.assert_array_equal(value, before[name])


def test_a_recorded_loss() -> None:
    net = stack(10, 8, 3, act=nn.Sigmoid, init=zeros)
    with tg.keep_values(), tg.origins():
        loss = nn.cross_entropy(net(X), LABELS)
    (finding,) = tg.diagnose(loss, parameters=net).findings
    assert (finding.kind, finding.layer) == ("symmetric units", "layers.0")
    assert "test_diagnose.py:" in finding.line
    assert tg.diagnose(loss).findings[0].layer == "weight"
    loss.backward()  # the graph is still there
    with pytest.raises(tg.GraphError, match=r"backward has used up this graph; diagnose before it"):
        tg.diagnose(loss)


def test_a_function_with_its_parameters() -> None:
    w1 = tg.tensor(np.zeros((10, 4)), requires_grad=True)
    w2 = tg.tensor(np.zeros((4, 1)), requires_grad=True)

    def model(x: Any) -> Any:
        return tg.sigmoid(x @ w1) @ w2

    (finding,) = tg.diagnose(model, (X, Y), parameters={"w1": w1, "w2": w2}).findings
    assert (finding.layer, finding.share) == ("w1", "4 of 4 units")
    assert "test_diagnose.py:" in finding.line
    assert tg.diagnose(model, (X, Y), parameters=[w1, w2]).findings[0].layer == "parameter 0"


def test_one_layer_used_twice_is_two() -> None:
    shared = nn.Linear(10, 10, rng=0)
    diagnosis = tg.diagnose(nn.Sequential(shared, nn.Tanh(), shared), (X, X))
    assert (diagnosis.ok, diagnosis.layers, diagnosis.parameters) == (True, 2, 110)


def test_printing_is_short() -> None:
    text = str(tg.diagnose(stack(10, 16, 16, 3, act=nn.Sigmoid, init=large), (X, LABELS), lr=1e6))
    assert text.startswith("3 findings (3 layers, 499 parameters, loss ")
    assert len(text.splitlines()) == 4
    assert max(map(len, text.splitlines())) < 250


def test_kinds_are_listed_once() -> None:
    diagnosis = tg.diagnose(stack(10, 16, 16, 3, act=nn.Sigmoid, init=large), (X, LABELS))
    assert diagnosis.kinds == ("saturated units",)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ((np.sin, (X, Y)), TypeError, "diagnose: sin is no Module, so its parameters are unknown; name them by"),
        ((nn.ReLU(), (X, Y)), TypeError, "there are no parameters to train; give leaf tensors"),
        ((stack(10, 1), None), TypeError, r"the batch is None; give a pair \(x, y\)"),
        ((stack(10, 1), (X,)), TypeError, r"give a pair \(x, y\)"),
        ((tg.tensor(1.0),), tg.GraphError, "got an untracked tensor; give a recorded loss of one number"),
        ((tg.tensor([1.0, 2.0], requires_grad=True),), tg.GraphError, r"got a tensor of shape \(2,\)"),
        ((tg.tensor(1.0, requires_grad=True) * 2,), tg.GraphError, r"not kept; record the loss under tg.keep_values\("),
    ],
)
def test_messages(arguments: tuple[Any, ...], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        tg.diagnose(*arguments)


def test_a_loss_of_many_numbers_is_refused() -> None:
    with pytest.raises(TypeError, match="it must be a tensor of one number, such as a mean"):
        tg.diagnose(stack(10, 1), (X, Y), loss=lambda p, y: p - y)


def test_a_model_that_is_cut_off() -> None:
    net = stack(10, 1)
    with pytest.raises(tg.GraphError, match="the loss does not depend on any parameter"):
        tg.diagnose(lambda x: net(x).detach(), (X, Y), parameters=net)
