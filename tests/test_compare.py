"""`tg.compare` by every route: agreement, the first difference, and what it refuses."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.table import OPS, cases
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op
from tinygraph.testing import Case
from tinygraph.testing.derivatives import positions

ROUTES = ["finite", "complex-step", "scalar", "torch", "jax"]
RNG = np.random.default_rng(0)
HERE = Path(__file__).name
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


@pytest.mark.parametrize("route", ["finite", "complex-step", "scalar"])
def test_the_first_difference_is_named(route: str, forget_declarations: None) -> None:
    @tg.elementwise(lambda y, x: np.where(x == 2.0, 2 * y, y))
    def slope_doubled_at_2(x: Any) -> Any:
        return np.exp(x)

    found = tg.compare(lambda x, y: x.sum() + slope_doubled_at_2(y).sum(), (X, np.array([[1.0, 2.0]])), against=route)
    assert not found.ok
    assert (found.input, found.element) == (1, (0, 1))
    first, second = str(found).split("\n")
    assert first == (
        f"gradients differ from {route}, first at input 1[0, 1] of shape (1, 2): tinygraph 14.77811, "
        f"{route} 7.389056, ratio 2"
    )
    assert second.startswith("  first in slope_doubled_at_2 at ")
    assert f"gradient of its input x[0, 1]: tinygraph 14.77811, {route} 7.389056, ratio 2: found = " in second


def test_a_detached_term() -> None:
    found = tg.compare(lambda x: x * x.detach() if isinstance(x, tg.Tensor) else x * x, 3.0)
    assert (found.input, found.element) == (0, ())
    first, second = str(found).split("\n")
    assert first == "gradients differ from finite, first at input 0 of shape (): tinygraph 3, finite 6, ratio 0.5"
    assert "a path is cut: multiply's input y () changes with the inputs of f" in second
    assert "looks like detach() at " in second


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


# ------------------------------------------------------------------------------ the op at which they begin to differ


def squash_with(rule: Any) -> Any:
    return define(Op("elementwise", np.tanh, (rule,), name="squash")).function


@pytest.mark.parametrize("route", ROUTES)
def test_the_first_wrong_op_is_named_with_its_line(route: str) -> None:
    squash = squash_with(lambda a, x: 1 - a)

    def model(x: Any, xp: Any) -> Any:
        h = xp.tanh(x) if xp.__name__ in ("torch", "jax.numpy") else squash(x)
        return (xp.exp(h) * x).sum()

    place = tg.compare(model, X, against=installed(route)).place
    assert place is not None
    assert (place.op, place.input, place.shape) == ("squash", "x", X.shape)
    assert HERE in place.origin
    assert place.source == 'h = xp.tanh(x) if xp.__name__ in ("torch", "jax.numpy") else squash(x)'
    a = np.tanh(X[place.element])
    assert place.ours / place.other == pytest.approx(1 / (1 + a), rel=1e-4)


def test_of_several_wrong_ops_the_last_applied_is_named() -> None:
    first, second = squash_with(lambda a, x: 2 * (1 - a * a)), squash_with(lambda a, x: 3 * (1 - a * a))
    place = tg.compare(lambda x: first(second(first(x))), 0.5, against="scalar").place
    assert place is not None
    assert place.ours / place.other == pytest.approx(2)


def test_a_variadic_op_names_the_position() -> None:
    def rule(g: Any, y: Any, *xs: Any, wrt: int) -> Any:
        return g * (1 + wrt)

    total = define(Op("linear", lambda *xs: xs[0] + xs[1], (rule,), name="total")).function
    place = tg.compare(lambda x: total(np.sin(x), x), 0.5, against="scalar").place
    assert place is not None
    assert (place.op, place.input) == ("total", "xs[1]")


@pytest.mark.parametrize("route", ["finite", "scalar"])
def test_a_kink_is_said(route: str) -> None:
    found = tg.compare(lambda x: np.abs(x) + tg.relu(x), np.array([0.0, 1.0]), against=route)
    assert "first in relu" in str(found)
    assert "0 is a kink of relu, where the slope is a convention" in str(found)


def test_a_hook_is_found() -> None:
    def model(x: Any) -> Any:
        y = x * 2.0
        if isinstance(y, tg.Tensor):
            y.register_hook(lambda g: 3 * g)
        return y.sum()

    assert "a hook on <Node multiply" in str(tg.compare(model, X, against="scalar"))


# ------------------------------------------------------------------------------------------- number by number


def tracked(op: Op, case: Case) -> tuple[Any, list[Any]]:
    """The op as a function of the inputs that have a rule, with those inputs."""
    chosen = list(positions(op, case))

    def f(*xs: Any) -> Any:
        inputs = list(case.inputs)
        for k, x in zip(chosen, xs, strict=True):
            inputs[k] = x
        return op.function(*inputs, **case.attrs)

    return f, [case.inputs[k] for k in chosen]


def by_lapack(op: Op) -> bool:
    """Whether the kernel is one of `np.linalg` or as strict as these, which take no arrays of objects."""
    module = getattr(op.kernel, "__module__", "")  # ufuncs have had one since NumPy 2.1
    return module.startswith("tinygraph.ops.linalg") or op.name == "bincount"


@pytest.mark.parametrize("op", [op for op in OPS if by_lapack(op) and op.differentiable], ids=lambda op: op.name)
def test_what_lapack_computes_is_not_computed_number_by_number(op: Op) -> None:
    with pytest.raises(TypeError, match=f"compare: scalar cannot compute {op.name} number by number"):  # noqa: PT012
        for case in cases(op):
            f, inputs = tracked(op, case)
            tg.compare(f, inputs, against="scalar")


FLAT = ("imag", "angle")
"""Functions that do not move with real numbers."""
SCALAR = [op for op in OPS if op.differentiable and not op.function.__module__.endswith(".fft") and not by_lapack(op)]
"""Ops of real numbers that can be computed number by number."""


@pytest.mark.parametrize("op", SCALAR, ids=lambda op: op.name)
def test_every_op_agrees_with_scalars_and_a_doubled_rule_does_not(op: Op) -> None:
    def doubled(rule: Any) -> Any:
        return (lambda *xs, **attrs: 2.0 * np.asarray(rule(*xs, **attrs))) if callable(rule) else rule and 2 * rule

    wrong = define(dataclasses.replace(op, rules=tuple(map(doubled, op.rules))))
    object.__setattr__(wrong, "_reads", op.reads)  # those of the right rules
    noticed = 0
    for case in cases(op):
        f, inputs = tracked(op, case)
        if inputs:
            found = tg.compare(f, inputs, against="scalar")
            assert found.ok, f"{case}: {found}"
            f, inputs = tracked(wrong, case)
            place = tg.compare(f, inputs, against="scalar").place
            if place is not None:
                assert (place.op, place.ours) == (op.name, pytest.approx(2 * place.other))
                noticed += 1
    assert noticed or all(rule in (0, None) for rule in op.rules) or op.name in FLAT


def test_a_network_number_by_number() -> None:
    net = tg.nn.Sequential(tg.nn.Linear(4, 6, rng=0), tg.nn.ReLU(), tg.nn.Linear(6, 3, rng=1))
    labels = np.array([0, 2, 1])
    assert tg.compare(lambda x: tg.nn.cross_entropy(net(x), labels), RNG.normal(size=(3, 4)), against="scalar").ok


def test_terms_that_cancel_are_no_difference() -> None:
    sure = 35 * np.eye(3)
    found = tg.compare(lambda z: tg.nn.cross_entropy(z, np.arange(3)), sure, against="scalar")
    assert found.ok
    assert float(np.abs(found.gradients[0]).max()) < 1e-14


def test_numbers_that_are_not_finite() -> None:
    x = np.array([0.0, 1.0, 800.0])
    found = tg.compare(lambda x: tg.where(x > 0, np.log(x), x) + tg.where(x > 9, x, np.exp(x)), x, against="scalar")
    assert found.ok
    steep = tg.compare(lambda x: np.sqrt(x) + np.log(x), x, against="scalar")
    assert steep.ok
    assert np.isposinf(steep.others[0][0])


def test_kernels_on_single_elements() -> None:
    def rule(g: Any, y: Any, x: Any) -> Any:
        return g * np.array([np.cos(x[0]) * x[1], np.sin(x[0])])

    product = define(Op("primitive", lambda x: np.sin(x[0]) * x[1], (rule,), name="product")).function
    assert tg.compare(product, np.array([0.5, 2.0]), against="scalar").ok


def test_a_value_that_changed_is_named() -> None:
    def model(x: Any) -> Any:
        h = x * 2.0
        h.data[0] = 7.0
        return (h + 1.0).sum()

    found = tg.compare(model, np.ones(3), against="scalar")
    assert (found.ok, found.input) == (False, None)
    assert found.place is not None
    assert (found.place.op, found.place.input, found.place.element) == ("multiply", "", (0,))
    assert str(found).startswith("values differ from scalar\n  first in multiply at ")
    assert "its value[0]: tinygraph 7, scalar 2, ratio 3.5; the value changed after it was recorded" in str(found)


def test_what_scalars_cannot_compute() -> None:
    solve = define(
        Op("primitive", lambda x: np.linalg.inv(x), (lambda g, y, x: -y.T @ g @ y.T,), name="inverse")
    ).function
    with pytest.raises(
        TypeError, match=r"compare: scalar cannot compute inverse number by number .*; write its kernel with NumPy"
    ):
        tg.compare(solve, np.eye(2), against="scalar")
    cut = define(Op("elementwise", lambda x: np.modf(x)[0], (1,), name="cut")).function
    with pytest.raises(TypeError, match=r"cannot compute cut .*TypeError: no derivative of np\.modf is known"):
        tg.compare(cut, np.ones(2), against="scalar")


def test_messages() -> None:
    with pytest.raises(ValueError, match="compare: there is no route 'mpmath'; choose one of finite, complex-step"):
        tg.compare(quadratic, (X, X), against="mpmath")
    with pytest.raises(tg.NotDifferentiable, match=r"compare: no input is of floating point; pass 3\.0, not 3"):
        tg.compare(quadratic, (3, 4))
    with pytest.raises(TypeError, match="compare: f returned 2 values; return one tensor"):
        tg.compare(lambda x: (x, x), 1.0)
