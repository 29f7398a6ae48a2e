"""All modes agree, to the third order, behind selections and at degenerate points; or SingularPointWarning is given."""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.table import OPS
from tinygraph.engine.op import Op

F = Callable[[Any], Any]
STEPS: dict[str, Callable[[F], F]] = {
    "grad": tg.grad,
    "jvp": lambda f: lambda x: tg.jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f: lambda x: tg.vjp(f, x)[1](1.0)[0],
    "jacobian": tg.jacobian,
    "jacobian by columns": lambda f: lambda x: tg.jacobian(lambda x: np.stack([f(x), x]))(x)[0],
}
"""From a function of one number to its derivative, in every mode."""
HVP: Callable[[F], F] = lambda f: lambda x: tg.hvp(f, (x,), (1.0,))[0]  # noqa: E731


def derivatives(f: F, x: float, order: int) -> dict[str, float]:
    """The derivative of that order by every succession of modes; NaNs and all."""
    chosen = STEPS if order == 1 else ["grad", "jvp", "jacobian by columns"][: 5 - order]
    ways = {
        " of ".join(names): [STEPS[name] for name in reversed(names)]
        for names in itertools.product(chosen, repeat=order)
    }
    if order >= 2:
        rest = [tg.grad] * (order - 2)
        ways |= {"hvp": [HVP, *rest], "hessian": [tg.hessian, *rest]}
    if order == 3:
        ways |= {"hvp of grad": [tg.grad, HVP], "hessian of jvp": [STEPS["jvp"], tg.hessian]}
    found = {}
    for name, steps in ways.items():
        g = f
        for step in steps:
            g = step(g)
        with np.errstate(all="ignore"):
            found[name] = float(np.asarray(g(x)).reshape(()))
    return found


# ----------------------------------------------------------------------------------------- behind a selection

NOT_SMOOTH_AT_0: dict[str, F] = {
    "power 3/2": lambda x: x**1.5,
    "power 5/2": lambda x: x**2.5,
    "power 1/2": lambda x: x**0.5,
    "float_power": lambda x: np.float_power(x, 1.5),
    "power of itself": lambda x: x**x,
    "sqrt": np.sqrt,
    "sqrt cubed": lambda x: np.sqrt(x) ** 3,
    "x sqrt": lambda x: x * np.sqrt(x),
    "sqrt sqrt": lambda x: np.sqrt(x) * np.sqrt(x),
    "cbrt": np.cbrt,
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": lambda x: np.log1p(x - 1),
    "x log x": lambda x: x * np.log(x),
    "x^1.5 log x": lambda x: x**1.5 * np.log(x),
    "log sqrt": lambda x: np.log(np.sqrt(x)),
    "1/x": lambda x: 1 / x,
    "reciprocal": np.reciprocal,
    "x/x": lambda x: x / x,
    "sin x / x": lambda x: np.sin(x) / x,
    "tan x / sqrt x": lambda x: np.tan(x) / np.sqrt(x),
    "exp(-1/x)": lambda x: np.exp(-1 / x),
    "exp, too large": lambda x: np.exp(1000 * (1 - x)),
    "arccos": lambda x: np.arccos(1 - x),
    "arcsin": lambda x: np.arcsin(1 - x),
    "arctanh": lambda x: np.arctanh(1 - x),
    "arccosh": lambda x: np.arccosh(1 + x),
    "arctan2": lambda x: np.arctan2(x, x),
    "mean of a power": lambda x: np.mean(np.stack([x, x]) ** 1.5),
}
SELECTIONS: dict[str, Callable[[F], F]] = {
    "where": lambda f: lambda x: np.where(x > 0, f(x), 0.0),
    "three times where": lambda f: lambda x: 3 * np.where(x > 0, f(x), 0.0),
    "sin of where": lambda f: lambda x: np.sin(np.where(x > 0, f(x), 0.0)),
    "where between tracked": lambda f: lambda x: np.where(x > 0, f(x), x * 0.0),
    "sum where": lambda f: lambda x: np.sum(f(x), where=x > 0),
    "where in where": lambda f: lambda x: np.where(x > 0, np.where(x > 0, f(x), 0.0) ** 1.5, 0.0),
    "select": lambda f: lambda x: np.select([x > 0], [f(x)], 0.0),
    "where in a product": lambda f: lambda x: np.where(x > 0, f(x), 0.0) * np.cos(x),
}


@pytest.mark.parametrize("selection", SELECTIONS)
@pytest.mark.parametrize("name", NOT_SMOOTH_AT_0)
def test_a_branch_that_is_not_chosen_has_no_derivative_of_any_order(name: str, selection: str) -> None:
    f = SELECTIONS[selection](NOT_SMOOTH_AT_0[name])
    for order in (1, 2, 3):
        found = derivatives(f, 0.0, order)
        assert set(found.values()) == {0.0}, f"order {order}: {found}"


def test_ops_with_settings_go_forward_behind_a_selection() -> None:
    x = np.array([-1.0, 0.0, 2.0])
    for f in (tg.relu, lambda x: tg.relu(x, at_zero=0.5), lambda x: tg.leaky_relu(x, slope=0.1)):
        value, slope = tg.jvp(lambda x, f=f: np.where(x > -5, f(x), 0.0), (x,), (np.ones(3),))
        np.testing.assert_array_equal(slope, tg.grad(lambda x, f=f: f(x).sum())(x))
        np.testing.assert_array_equal(value, f(x))


def test_what_is_infinite_without_a_selection_stays_so_in_every_mode() -> None:
    assert set(derivatives(lambda x: x**1.5, 0.0, 2).values()) == {np.inf}
    assert set(derivatives(np.sqrt, 0.0, 1).values()) == {np.inf}
    assert np.isnan(list(derivatives(lambda x: np.sqrt(x) * 0.0, 0.0, 1).values())).all()


# --------------------------------------------------------------------------------------- at degenerate points

SPECIAL = (0.0, 1.0, -1.0)


def on_a_line(op: Op) -> list[tuple[str, F, F]]:
    """An elementwise op as functions of one number, by each of its inputs and by all: of tensors, and its kernel."""
    attrs = dict(op.defaults)
    if op.arity == 1:
        return [("", lambda x: op.function(x, **attrs), lambda x: op.kernel(x, **attrs))]
    if op.arity != 2:
        return []
    lines = []
    for c in (0.0, 1.0):
        if op.rules[0] is not None:
            lines.append((f"(x, {c})", lambda x, c=c: op.function(x, c), lambda x, c=c: op.kernel(x, c)))
        if op.rules[1] is not None:
            lines.append((f"({c}, x)", lambda x, c=c: op.function(c, x), lambda x, c=c: op.kernel(c, x)))
    if None not in op.rules:
        lines.append(("(x, -x)", lambda x: op.function(x, -x), lambda x: op.kernel(x, -x)))
        lines.append(("(x, x)", lambda x: op.function(x, x), lambda x: op.kernel(x, x)))
    return lines


ELEMENTWISE = [op for op in OPS if op.kind == "elementwise" and op.differentiable]
SMALL = 1e-6
CONVENTIONS = {"log_loss", "power", "float_power"}
"""Ops whose first derivative is a convention at some of the points: a loss that is limited, and 0 ** 0, whose slope
is infinite."""


def one_sided(kernel: F, x: float) -> list[float]:
    """The slopes to the right and to the left, measured; NaN where there is nothing."""
    with np.errstate(all="ignore"):
        y, right, left = (float(kernel(np.float64(x + d))) for d in (0.0, SMALL, -SMALL))
    return [(right - y) / SMALL, (y - left) / SMALL]


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_elementwise_ops_at_their_degenerate_points(op: Op) -> None:
    """Squared about the point, so that the gradient that arrives is 0: twice the square of a slope, or the warning."""
    for name, f, kernel in on_a_line(op):
        for x in {*SPECIAL, *op.kinks}:
            with np.errstate(all="ignore"):
                y = float(kernel(np.float64(x)))
            if not np.isfinite(y):
                continue
            squared = lambda t, y=y, f=f: (f(t) - y) ** 2  # noqa: E731
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found = derivatives(squared, x, 2)
            told = [w for w in caught if issubclass(w.category, tg.SingularPointWarning)]
            values = np.array([*found.values()])
            assert np.allclose(values, values[0], rtol=1e-9, equal_nan=True), f"{name} at {x}: {found}"
            slopes = [s for s in one_sided(kernel, x) if np.isfinite(s)]
            jumps = any(abs(s) > 1e3 for s in slopes) or op.name in CONVENTIONS
            if not told and np.isfinite(values[0]) and slopes and not jumps:
                right = [2 * s * s for s in slopes]
                assert np.any(np.isclose(values[0], right, rtol=1e-3, atol=1e-4)), (
                    f"{name} at {x}: {values[0]}, {right}"
                )


@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_modes_agree_on_the_ops_themselves(op: Op) -> None:
    for name, f, kernel in on_a_line(op):
        for x in {*SPECIAL, *op.kinks}:
            with np.errstate(all="ignore"), warnings.catch_warnings():
                warnings.simplefilter("ignore", tg.SingularPointWarning)
                if not np.isfinite(kernel(np.float64(x))):
                    continue
                for order in (1, 2, 3):
                    found = derivatives(f, x, order)
                    values = np.array([*found.values()])
                    finite = values[np.isfinite(values)]
                    agree = np.allclose(finite, finite[:1], rtol=1e-9, atol=1e-12)
                    assert agree, f"{name} at {x}, order {order}: {found}"
                    assert finite.size in (0, values.size), f"{name} at {x}, order {order}: {found}"


# ------------------------------------------------------------------------------- reductions, norms and losses

TIES, STILL = np.array([2.0, 2.0, 1.0]), np.ones(3)
REDUCTIONS: dict[str, tuple[F, Any]] = {
    "max of ties": (np.max, TIES),
    "min of ties": (np.min, -TIES),
    "nanmax of ties": (np.nanmax, TIES),
    "nanmin of ties": (np.nanmin, -TIES),
    "ptp of ties": (np.ptp, TIES),
    "std of a constant": (np.std, STILL),
    "nanstd of a constant": (np.nanstd, STILL),
    "var of a constant": (np.var, STILL),
    "norm of zeros": (np.linalg.norm, 0 * STILL),
    "norm 1 of zeros": (lambda x: np.linalg.norm(x, 1), 0 * STILL),
    "norm 3 of zeros": (lambda x: np.linalg.norm(x, 3), 0 * STILL),
    "norm inf of zeros": (lambda x: np.linalg.norm(x, np.inf), 0 * STILL),
    "norm -inf of ties": (lambda x: np.linalg.norm(x, -np.inf), STILL),
    "prod of zeros": (np.prod, 0 * STILL),
    "cumprod of zeros": (lambda x: np.sum(np.cumprod(x)), 0 * STILL),
    "logsumexp of ties": (tg.logsumexp, TIES),
    "softmax of ties": (lambda x: tg.softmax(x)[0], TIES),
    "mean": (np.mean, TIES),
    "mse_loss at its minimum": (lambda x: tg.nn.mse_loss(x, TIES), TIES),
    "with logits at 0": (lambda x: tg.nn.binary_cross_entropy_with_logits(x, np.ones(3)), 0 * STILL),
    "cross_entropy of ties": (lambda x: tg.nn.cross_entropy(x[None], np.array([0])), STILL),
    "max_pool of ties": (lambda x: tg.max_pool1d(x[None, :2], 2)[0, 0], TIES),
}


@pytest.mark.parametrize("name", REDUCTIONS)
def test_reductions_at_their_degenerate_points(name: str) -> None:
    f, x = REDUCTIONS[name]
    v = np.array([0.6, -0.7, 1.1])
    y = float(f(x))
    around = [(float(f(x + s * SMALL * v)) - y) / (s * SMALL) for s in (1, -1)]
    right = [2 * s * s for s in around]

    def squared(t: Any) -> Any:
        return (f(t) - y) ** 2

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = tg.hessian(squared)(x) @ v @ v
        others = [
            tg.hvp(squared, x, v) @ v,
            tg.jvp(tg.grad(squared), (x,), (v,))[1] @ v,
            tg.jacobian(tg.jacobian(squared))(x) @ v @ v,
            tg.jvp(lambda t: tg.jvp(squared, (t,), (v,))[1], (x,), (v,))[1],
            tg.grad(tg.grad(lambda t: squared(x + t * v)))(0.0),
        ]
    told = [w for w in caught if issubclass(w.category, tg.SingularPointWarning)]
    np.testing.assert_allclose(others, found, rtol=1e-9, atol=1e-12)
    assert told or np.any(np.isclose(found, right, rtol=1e-3, atol=1e-4)), f"{found}, right {right}"
