"""`tg.diagnose` knows layers and nonlinearities by what their declarations say, and users' like ours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph import nn

from .networks import LABELS, RNG, X, he, large, xavier

pytestmark = pytest.mark.usefixtures("forget_declarations")


def sigmoid() -> Any:
    rule = lambda y, x: y * (1 - y)  # noqa: E731
    return tg.elementwise(rule, saturates=(0, 1), name="my_sigmoid")(lambda x: 1 / (1 + np.exp(-x)))


def relu() -> Any:
    facts: dict[str, Any] = {"kinks": (0.0,), "saturates": (0, np.inf)}
    return tg.elementwise(lambda y, x: x > 0, name="my_relu", **facts)(lambda x: np.maximum(x, 0))


def affine() -> Any:
    rules = lambda g, y, x, w: g @ w.T, lambda g, y, x, w: x.T @ g
    return tg.linear(*rules, contracts="(n,k),(k,m)->(n,m)", name="my_product")(lambda x, w: x @ w)


def double() -> Any:
    return tg.elementwise(lambda y, x: 2.0, holomorphic=True, name="my_double")(lambda x: 2.0 * x)


def two_layers(act: Any, init: Any, bias: float = 0.0) -> tuple[Any, dict[str, tg.Tensor]]:
    rng = np.random.default_rng(0)
    w = {"first": tg.tensor(init(rng, (16, 10)).T, True), "last": tg.tensor(init(rng, (3, 16)).T, True)}
    product = affine()
    return lambda x: product(act(product(x, w["first"]) + bias), w["last"]), w


@pytest.mark.parametrize(
    ("act", "init", "bias", "kind", "layer", "text"),
    [
        (sigmoid, large, 0.0, "saturated units", "first", "my_sigmoid is at its flat ends"),
        (sigmoid, lambda rng, shape: np.zeros(shape), 0.0, "symmetric units", "first", "their weights are zero"),
        (relu, he, -100.0, "dead units", "first", "my_relu is never positive on 64 samples and passes no gradient"),
        (double, he, 0.0, "linear after linear", "last", "nothing but linear steps between first and last"),
    ],
)
def test_a_network_of_ones_own_operations(act: Any, init: Any, bias: float, kind: str, layer: str, text: str) -> None:
    model, parameters = two_layers(act(), init, bias)
    diagnosis = tg.diagnose(model, (X, LABELS), parameters=parameters)
    (found,) = [f for f in diagnosis.findings if f.kind == kind]
    assert diagnosis.layers == 2
    assert found.layer == layer
    assert text in found.problem


@pytest.mark.parametrize("act", [sigmoid, relu])
def test_a_healthy_network_of_ones_own_operations(act: Any) -> None:
    model, parameters = two_layers(act(), xavier)
    assert tg.diagnose(model, (X, LABELS), parameters=parameters).ok


def test_a_step_of_constant_slope_is_no_linear_step() -> None:
    rounded = tg.elementwise(1, name="my_straight_through")(lambda x: np.round(x))
    model, parameters = two_layers(rounded, he)
    assert tg.diagnose(model, (X, LABELS), parameters=parameters).ok


def test_a_reciprocal_is_no_linear_step() -> None:
    net = nn.Sequential(nn.Linear(10, 8, rng=0), lambda z: 1.0 / (z * z + 1.0), nn.Linear(8, 3, rng=1))
    assert "linear after linear" not in tg.diagnose(net, (X, LABELS)).kinds
    straight = nn.Sequential(nn.Linear(10, 8, rng=0), lambda z: 1.0 / (z - 100.0), nn.Linear(8, 3, rng=1))
    assert "linear after linear" not in tg.diagnose(straight, (X, LABELS)).kinds


def test_a_floor_at_another_number_than_zero() -> None:
    net = nn.Sequential(
        nn.Linear(10, 16, rng=0), lambda z: np.maximum(z - 100.0, 0.5), nn.Linear(16, 3, rng=1)
    )  # fmt: skip
    (found,) = [f for f in tg.diagnose(net, (X, LABELS)).findings if f.kind == "dead units"]
    assert "maximum is never above 0.5 on 64 samples" in found.problem


def test_a_limit_that_holds_nearly_everywhere() -> None:
    net = nn.Sequential(nn.Linear(10, 16, rng=0), lambda z: np.clip(50 * z, -0.1, 0.1), nn.Linear(16, 3, rng=1))
    (found,) = [f for f in tg.diagnose(net, (X, LABELS)).findings if f.kind == "saturated units"]
    assert "clip is at its flat ends" in found.problem


def test_the_remedy_is_that_of_detect_anomaly() -> None:
    my_divide = tg.elementwise(lambda z, x, y: 1 / y, lambda z, x, y: -z / y, name="my_divide")(lambda x, y: x / y)
    w = tg.tensor(RNG.normal(size=(10, 3)), requires_grad=True, name="w")
    loss = lambda p, y: tg.mean(my_divide(1.0, p - p.detach()))  # noqa: E731
    (found,) = tg.diagnose(lambda x: x @ w, (X, LABELS), loss=loss, parameters=[w]).findings
    assert found.kind == "not finite"
    assert found.fix.startswith("keep y away from 0, as in my_divide(x, y + 1e-12)")
