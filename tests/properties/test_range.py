"""Rules neither overflow nor underflow where the value and the derivative do not: at extreme numbers of every dtype.

What the rule gives in a dtype is held against what it gives in a wider one, wherever the value itself is right.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.table import OPS
from tinygraph.engine.op import Op

SIZES = np.array([
    1e-320, 1e-300, 1e-200, 1e-160, 1e-40, 1e-30, 1e-8, 6e-8, 1e-3, 0.3, 0.9999999, 1 - 1e-12, 1 - 2**-53,
    1.0000001, 1.5, 3, 8, 100, 300, 700, 6e4, 1e8, 1e20, 1e30, 1e155, 1e160, 1e200, 1e300, 1.7e308,
])  # fmt: skip
WIDER = {np.float16: np.float64, np.float32: np.float64, np.float64: np.longdouble, np.complex128: np.clongdouble}
ELEMENTWISE = [op for op in OPS if op.kind == "elementwise" and op.arity in (1, 2) and any(map(callable, op.rules))]
TOO_SMALL = {"power", "float_power", "absolute", "arctan2"}
"""Ops whose rules make a quotient with a denormal number on the way, which is infinite or has lost its digits."""

CANCELS = {"sigmoid", "tanh", "tan", "log_loss_with_logits"}
"""Ops whose derivative is a difference of numbers near 1: right to the last digit of 1, as the page of singular points
says."""


def points(op: Op, dtype: Any) -> list[Any]:
    """One array for each input: the sizes that the dtype holds, of both signs or all directions, in all pairs."""
    held = SIZES[SIZES <= float(np.finfo(dtype).max)]
    if np.dtype(dtype).kind == "c":
        x = np.multiply.outer(held, np.exp(1j * np.arange(0.1, 6.3, 0.7))).ravel()
    else:
        x = np.concatenate([held, -held]).astype(dtype)
        x = np.unique(x[(x > op.domain[0]) & (x < op.domain[1])])
    if op.name in TOO_SMALL:
        x = x[np.abs(x) >= np.finfo(dtype).tiny]
    return [x] if op.arity == 1 else [grid.ravel() for grid in np.meshgrid(x, x)]


def slopes(op: Op, k: int, y: Any, inputs: list[Any]) -> Any:
    """The local derivative of input `k` as a sweep finds it: the gradient of the sum."""
    given = [tg.tensor(x, requires_grad=j == k) for j, x in enumerate(inputs)]
    out = op.function(*given)
    if out.node is None:
        return None
    out.backward(np.ones(out.shape, out.dtype))
    g = given[k].grad.numpy()
    return np.conj(g) if g.dtype.kind == "c" else g


def mistakes(op: Op, k: int, dtype: Any) -> list[Any]:
    """Where the derivative with respect to input `k` is wrong, though it and the value are numbers of the dtype."""
    narrow, limits = points(op, dtype), np.finfo(dtype)
    wide = [x.astype(WIDER[dtype]) for x in narrow]
    with np.errstate(all="ignore"):
        y, exact = op.kernel(*narrow, **op.defaults), op.kernel(*wide, **op.defaults)
        found = slopes(op, k, y, narrow)
        if found is None:
            return []
        right = np.broadcast_to(np.asarray(op.rules[k](exact, *wide, **op.defaults)), exact.shape)  # type: ignore[operator, misc]
        rounded = right.astype(found.dtype)
        rtol = 1e3 * float(limits.eps) if dtype is not np.float16 else 0.02
        atol = 8 * float(limits.eps) if op.name in CANCELS else 0
        good_value = np.isfinite(y) & (np.abs(y - exact) <= rtol * np.abs(exact))
        in_range = np.isfinite(rounded) & (np.abs(rounded) >= limits.tiny)
        wrong = good_value & in_range & ~(np.abs(found - right) <= rtol * np.abs(right) + atol)
        wrong |= good_value & np.isfinite(rounded) & ~np.isfinite(found)
    return [(*[x[i] for x in narrow], found[i], right[i]) for i in np.flatnonzero(wrong)]


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("op", ELEMENTWISE, ids=lambda op: op.name)
def test_derivatives_at_extreme_numbers(op: Op, dtype: Any) -> None:
    for k, rule in enumerate(op.rules):
        if callable(rule):
            assert not mistakes(op, k, dtype)


@pytest.mark.parametrize("op", [op for op in ELEMENTWISE if op.complex and op.arity == 1], ids=lambda op: op.name)
def test_complex_derivatives_at_extreme_numbers(op: Op) -> None:
    for k, rule in enumerate(op.rules):
        if callable(rule):
            assert not mistakes(op, k, np.complex128)


TAILS = {
    "tanh": (np.tanh, [1.0, -2.0], lambda x: 1 / np.cosh(x) ** 2),
    "expm1": (np.expm1, [-37.0, -300.0, -700.0, 3.0], np.exp),
    "elu": (tg.elu, [-40.0, -700.0, -1e-3], np.exp),
    "sigmoid": (
        tg.sigmoid,
        [-700.0, -37.0, 2.0],
        lambda x: np.exp(-x) / (1 + np.exp(-x)) ** 2 if x > -30 else np.exp(x),
    ),
    "softplus": (tg.softplus, [-700.0, -37.0], np.exp),
    "logaddexp": (lambda x: np.logaddexp(x, 0.0), [-700.0, -37.0], np.exp),
    "logsumexp": (lambda x: tg.logsumexp(np.stack([x, 0.0 * x])), [-700.0, -37.0], np.exp),
    "silu": (tg.silu, [-700.0, -37.0], lambda x: (1 + x) * np.exp(x)),
    "gelu": (
        tg.gelu,
        [-20.0, -8.0, -6.0],
        lambda x: (lambda u, v: np.exp(u) / (1 + np.exp(u)) * (1 + x * v / (1 + np.exp(u))))(
            math.sqrt(8 / math.pi) * (x + 0.044715 * x**3), math.sqrt(8 / math.pi) * (1 + 0.134145 * x * x)
        ),
    ),
    "softmax": (lambda x: tg.softmax(np.stack([x, 0.0 * x]))[0], [-700.0, -37.0], np.exp),
    "log_softmax": (lambda x: tg.log_softmax(np.stack([x, 0.0 * x]))[1], [-700.0, -37.0], lambda x: -np.exp(x)),
    "arctanh": (np.arctanh, [1 - 2.0**-40, -1 + 2.0**-53], lambda x: 1 / ((1 - x) * (1 + x))),
    "arcsin": (np.arcsin, [1 - 2.0**-40, -1 + 2.0**-53], lambda x: 1 / math.sqrt((1 - x) * (1 + x))),
    "arccos": (np.arccos, [1 - 2.0**-40, -1 + 2.0**-53], lambda x: -1 / math.sqrt((1 - x) * (1 + x))),
    "log1p": (np.log1p, [1e-300, -1 + 2.0**-53], lambda x: 1 / (1 + x)),
    "arcsinh": (np.arcsinh, [1e160, -1e300, 0.5], lambda x: 1 / math.hypot(x, 1)),
    "arctan2": (lambda x: np.arctan2(x, 1e200), [1e200, -1e190], lambda x: 1 / math.hypot(x / 1e200, 1) ** 2 / 1e200),
}


@pytest.mark.parametrize("name", TAILS)
def test_digits_in_the_tails(name: str) -> None:
    f, at, right = TAILS[name]
    for x in at:
        np.testing.assert_allclose(tg.grad(f)(x), right(x), rtol=1e-12)
        np.testing.assert_allclose(tg.jvp(f, (x,), (1.0,))[1], right(x), rtol=1e-12)


def test_values_of_gelu_in_the_tail() -> None:
    x = -8.0
    u = math.sqrt(8 / math.pi) * (x + 0.044715 * x**3)
    assert float(tg.gelu(x)) == pytest.approx(x * math.exp(u) / (1 + math.exp(u)), rel=1e-13)


WHOLE = {
    "sigmoid": (tg.sigmoid, [0, 1, 3, 100]),
    "softplus": (tg.softplus, [0, 1, 3, 100]),
    "elu": (tg.elu, [0, 1, 3, 100]),
    "silu": (tg.silu, [0, 1, 3, 100]),
    "gelu": (tg.gelu, [0, 1, 3, 100]),
    "softmax": (tg.softmax, [0, 1, 3, 100]),
    "log_softmax": (tg.log_softmax, [0, 1, 3, 100]),
    "logsumexp": (tg.logsumexp, [0, 1, 3, 100]),
    "with logits": (lambda z: tg.nn.binary_cross_entropy_with_logits(z, np.ones(4)), [0, 1, 3, 100]),
    "cross_entropy": (lambda z: tg.nn.cross_entropy(z[None], np.array([0])), [0, 1, 3, 100]),
}


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int16, np.uint64, np.int32])
@pytest.mark.parametrize("name", WHOLE)
def test_differences_of_whole_numbers_do_not_wrap_around(name: str, dtype: Any) -> None:
    f, numbers = WHOLE[name]
    for x in (numbers, [-127, 100, 0, 1]) if np.dtype(dtype).kind == "i" else (numbers,):
        for given in (np.array(x, dtype), tg.tensor(np.array(x, dtype))):
            np.testing.assert_allclose(np.asarray(f(given)), np.asarray(f(np.array(x, float))), rtol=1e-12)


def test_sums_of_exponentials_above_65504() -> None:
    x = np.zeros(70_000, np.float16)
    for found, right in [
        (tg.logsumexp(x), math.log(70_000)), (tg.log_softmax(x)[0], -math.log(70_000)), (tg.softmax(x)[0], 1 / 70_000),
        (tg.nn.cross_entropy(x[None], np.array([0])), math.log(70_000)),
    ]:  # fmt: skip
        assert np.asarray(found).dtype == np.float16
        assert float(found) == pytest.approx(right, rel=2e-3)
