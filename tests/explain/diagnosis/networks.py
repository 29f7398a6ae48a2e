"""Networks and data that diagnoses are tried on."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np

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
