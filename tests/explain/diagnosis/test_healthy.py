"""`tg.diagnose` is silent on networks that learn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import nn

from . import test_planted
from .networks import (
    LABELS,
    RNG,
    Adapted,
    Attention,
    ByHand,
    Columns,
    Gated,
    Lookup,
    Normalised,
    PreActivation,
    Recurrent,
    Residual,
    Tied,
    X,
    Y,
    dead_biases,
    frozen,
    least_squares,
    silent,
    small,
    stack,
    without,
    xavier,
    zeros,
)

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
    assert len(test_planted.PLANTED) >= 25
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
