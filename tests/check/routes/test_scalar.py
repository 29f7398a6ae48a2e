"""The scalar route of `tg.compare`: every op computed and differentiated number by number, and what it refuses."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.table import OPS, cases
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op
from tinygraph.testing import Case
from tinygraph.testing.derivatives import positions


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
    if op.name in ("even", "extreme_value", "shares", "single"):  # of values that LAPACK has found
        return False
    return module.startswith("tinygraph.ops.linalg") or op.name in ("bincount", "characteristic")


@pytest.mark.parametrize("op", [op for op in OPS if by_lapack(op) and op.differentiable], ids=lambda op: op.name)
def test_what_lapack_computes_is_not_computed_number_by_number(op: Op) -> None:
    with pytest.raises(TypeError, match=f"compare: scalar cannot compute {op.name} number by number"):  # noqa: PT012
        for case in cases(op):
            f, inputs = tracked(op, case)
            tg.compare(f, inputs, against="scalar")


FLAT = ("imag", "angle", "shares")
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
    assert tg.compare(
        lambda x: tg.nn.cross_entropy(net(x), labels), np.random.default_rng(0).normal(size=(3, 4)), against="scalar"
    ).ok


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


def test_a_users_kernel_on_pythons_numbers() -> None:
    squares = np.frompyfunc(lambda x: x * x + 1.0, 1, 1)

    def declared(rule: Any) -> Any:
        return define(Op("elementwise", lambda x: squares(x).astype(float), (rule,), name="squares")).function

    x = np.array([3.0])
    assert tg.compare(declared(lambda y, x: 2 * x), x, against="scalar").ok
    place = tg.compare(declared(lambda y, x: x), x, against="scalar").place
    assert place is not None
    assert (place.op, place.ours, place.other) == ("squares", 3.0, 6.0)


def test_a_users_kernel_by_another_package() -> None:
    special = pytest.importorskip("scipy.special")
    gamma = define(
        Op("elementwise", lambda x: special.gamma(x), (lambda y, x: y * special.digamma(x),), name="gamma")
    ).function
    with pytest.raises(TypeError, match=r"cannot compute gamma number by number .*no derivative of gamma is known"):
        tg.compare(gamma, 3.0, against="scalar")
