"""`tg.compare` by every route: agreement, the first difference, and what it refuses."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

import tinygraph as tg

ROUTES = ["finite", "complex-step", "torch", "jax"]
RNG = np.random.default_rng(0)
W, X = RNG.normal(size=(3, 4)), RNG.normal(size=(4, 2))


def installed(route: str) -> str:
    if route in ("torch", "jax"):
        pytest.importorskip(route)
    return route


def with_namespace(w: Any, x: Any, xp: Any) -> Any:
    return xp.tanh(w @ x) * 0.5


def quadratic(x: Any, y: Any) -> Any:
    return (x * x * y).sum()


@pytest.mark.parametrize("route", ROUTES)
def test_agreement(route: str) -> None:
    found = tg.compare(with_namespace, (W, X), against=installed(route))
    assert found.ok
    assert (found.input, found.positions) == (None, (0, 1))
    assert str(found) == f"gradients agree with {route}: 2 inputs"
    assert [g.shape for g in found.others] == [(3, 4), (4, 2)]


@pytest.mark.parametrize("route", ROUTES)
def test_an_input_without_influence(route: str) -> None:
    found = tg.compare(lambda x, y: (x * x).sum(), (X, W), against=installed(route))
    assert found.ok
    assert not found.gradients[1].any()


@pytest.mark.parametrize("route", ["finite", "complex-step"])
def test_the_first_difference_is_named(route: str, forget_declarations: None) -> None:
    @tg.elementwise(lambda y, x: np.where(x == 2.0, 2 * y, y))
    def slope_doubled_at_2(x: Any) -> Any:
        return np.exp(x)

    found = tg.compare(lambda x, y: x.sum() + slope_doubled_at_2(y).sum(), (X, np.array([[1.0, 2.0]])), against=route)
    assert not found.ok
    assert (found.input, found.element) == (1, (0, 1))
    assert str(found) == (
        f"gradients differ from {route}, first at input 1[0, 1] of shape (1, 2): tinygraph 14.77811, "
        f"{route} 7.389056, ratio 2"
    )


def test_a_detached_term() -> None:
    found = tg.compare(lambda x: x * x.detach() if isinstance(x, tg.Tensor) else x * x, 3.0)
    assert (found.input, found.element) == (0, ())
    assert str(found) == (
        "gradients differ from finite, first at input 0 of shape (): tinygraph 3, finite 6, ratio 0.5"
    )


def test_nan_is_a_difference() -> None:
    found = tg.compare(lambda x: np.sqrt(x), np.array([1.0, 0.0]))
    assert found.element == (1,)


def test_one_of_two_elements() -> None:
    def half_detached(x: Any) -> Any:
        return np.sqrt(x[0]) + x[1] * (x[1].detach() if isinstance(x, tg.Tensor) else x[1])

    found = tg.compare(half_detached, np.array([4.0, 3.0]))
    assert found.element == (1,)


def test_scales_of_input_and_value() -> None:
    assert tg.compare(np.log, np.array([1e-7, 1.0, 1e7])).ok
    assert tg.compare(lambda x: (x - 1.0) ** 2 + 1e6, np.array([1.1, 2.0])).ok
    assert str(tg.compare(np.sin, 1e-12)) == "gradients agree with finite: 1 input"


def test_integers_are_passed_on() -> None:
    found = tg.compare(lambda x, n: x**n, (2.0, 3))
    assert (found.ok, found.positions) == (True, (0,))
    assert float(found.gradients[0]) == 12.0


def test_inputs_stay_as_they_are() -> None:
    t = tg.tensor([1.0, 2.0], requires_grad=True)
    assert tg.compare(quadratic, [t, np.ones(2, np.float32)]).ok
    assert t.grad is None


@pytest.mark.parametrize("package", ["torch", "jax"])
def test_an_absent_package_is_named(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(
        ImportError, match=rf"compare: {package} is not installed; install it \(pip install {package}\)"
    ):
        tg.compare(quadratic, (X, X), against=package)


def test_messages() -> None:
    with pytest.raises(ValueError, match="compare: there is no route 'mpmath'; choose one of finite, complex-step"):
        tg.compare(quadratic, (X, X), against="mpmath")
    with pytest.raises(tg.NotDifferentiable, match=r"compare: no input is of floating point; pass 3\.0, not 3"):
        tg.compare(quadratic, (3, 4))
    with pytest.raises(TypeError, match="compare: f returned 2 values; return one tensor"):
        tg.compare(lambda x: (x, x), 1.0)
