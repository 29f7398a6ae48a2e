"""`tg.diagnose` names what is planted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import nn

from .networks import (
    LABELS,
    Columns,
    Forgetful,
    TwoBranches,
    X,
    Y,
    at,
    dead_biases,
    he,
    large,
    small,
    stack,
    twins,
    xavier,
    zeros,
)

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
