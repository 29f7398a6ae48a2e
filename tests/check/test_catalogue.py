"""Planted bugs, one mistake per op: each is traced to its op and line, with the pattern it shows where one applies."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

RNG = np.random.default_rng(7)
V, W, P = RNG.standard_normal(5), RNG.standard_normal(5), RNG.uniform(0.5, 2.0, 5)
M, N, T = RNG.standard_normal((3, 4)), RNG.standard_normal((3, 4)), RNG.standard_normal((3, 3))

Bug = tuple[Op, tuple[Any, ...], str]


def local(kernel: Any, *rules: Any) -> Op:
    return define(Op("elementwise", kernel, rules, name="planted"))


def vjp(kernel: Any, *rules: Any) -> Op:
    return define(Op("primitive", kernel, rules, name="planted"))


def at(index: Any, change: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """A derivative that is changed at one index."""

    def changed(d: Any) -> Any:
        d = np.array(d)
        d[index] = change(d[index])
        return d

    return changed


def softmax(x: Any) -> Any:
    e = np.exp(x - np.max(x, -1, keepdims=True))
    return e / np.sum(e, -1, keepdims=True)


def normalised(x: Any) -> Any:
    return (x - np.mean(x)) / np.std(x)


cos, sin, tanh, exp = np.cos, np.sin, np.tanh, np.exp
two, half, bump = (lambda d: 2 * d), (lambda d: d / 2), (lambda d: d + 0.1)

CATALOGUE: dict[str, Bug] = {
    # a constant factor
    "sin, twice": (local(np.sin, lambda y, x: 2 * cos(x)), (V,), "a constant factor 2"),
    "square, half": (local(np.square, lambda y, x: x), (V,), "a constant factor 1/2"),
    "cube, a third": (local(lambda x: x * x * x, lambda y, x: x * x), (V,), "a constant factor 1/3"),
    "exp, 1 % too large": (local(np.exp, lambda y, x: 1.01 * y), (V,), "a constant factor 1.01"),
    "exp, 1e-6 too large": (local(np.exp, lambda y, x: (1 + 1e-6) * y), (V,), "a constant factor 1.000001"),
    "mean as sum": (vjp(lambda x: np.mean(x), lambda g, y, x: g * np.ones_like(x)), (M,), "n = 12, the number of"),
    "sum as mean": (vjp(lambda x: np.sum(x), lambda g, y, x: g * np.ones_like(x) / x.size), (M,), "mean/sum mix-up"),
    "rows: mean as sum": (
        vjp(lambda x: np.mean(x, 0), lambda g, y, x: np.broadcast_to(g, x.shape)),
        (M,), "n = 3, the length of axis 0",
    ),
    "mean over another length": (
        vjp(lambda x: np.mean(x, 1), lambda g, y, x: g[:, None] * np.ones_like(x) / len(x)), (M,), "4/3|1.333333",
    ),
    "minus twice": (local(np.sin, lambda y, x: -2 * cos(x)), (V,), "a constant factor minus 2"),
    # the sign
    "cos": (local(np.cos, lambda y, x: sin(x)), (V,), "the sign"),
    "subtract's second": (local(lambda x, y: x - y, 1, 1), (V, W), "the sign"),
    "reciprocal": (local(lambda x: 1 / x, lambda y, x: y * y), (P,), "the sign"),
    # transposed, reversed, shifted
    "transposed": (vjp(lambda x: x * 1.0, lambda g, y, x: g.T), (T,), "transposed"),
    "matmul's right, transposed": (
        vjp(lambda x, y: x @ y, lambda g, z, x, y: g @ y.T, lambda g, z, x, y: g.T @ x), (T, T + 1), "transposed",
    ),
    "flip forgotten": (vjp(lambda x: np.flip(x), lambda g, y, x: g), (V,), "reversed along axis 0"),
    "roll not undone": (vjp(lambda x: np.roll(x, 1), lambda g, y, x: g), (V,), "shifted by 1 along axis 0"),
    "axes of three": (
        vjp(lambda x: np.transpose(x, (1, 2, 0)), lambda g, y, x: np.transpose(g, (1, 2, 0))),
        (RNG.standard_normal((2, 2, 2)),), "transposed",
    ),
    # a broadcast that is not summed
    "bias, first row": (
        vjp(lambda x, b: x + b, lambda g, y, x, b: g, lambda g, y, x, b: g[0]), (M, M[1]), "slice 0 alone",
    ),
    "bias, last row": (
        vjp(lambda x, b: x * b, lambda g, y, x, b: g * b, lambda g, y, x, b: (g * x)[-1]), (M, M[1]), "slice 2 alone",
    ),
    "column kept": (
        vjp(lambda x, c: x * c, lambda g, y, x, c: g * c, lambda g, y, x, c: (g * x)[:, :1]), (M, M[:, :1]),
        "sum over the broadcast axis 1 is missing",
    ),
    "broadcast_to": (vjp(lambda x: np.broadcast_to(x, (4, 5)) * 1.0, lambda g, y, x: g[0]), (V,), "slice 0 alone"),
    # one input swapped for another
    "product": (local(lambda x, y: x * y, lambda z, x, y: x, lambda z, x, y: y), (V, W), "gradient of"),
    "product's second": (local(lambda x, y: x * y, lambda z, x, y: y, lambda z, x, y: y), (V, W), "gradient of x"),
    "quotient": (local(lambda x, y: x / y, lambda z, x, y: -z / y, lambda z, x, y: -z / y), (V, P), "gradient of y"),
    "hypot": (local(lambda x, y: np.hypot(x, y), lambda z, x, y: y / z, lambda z, x, y: y / z),
        (V, W), "gradient of y"),
    # one path missing
    "softmax without its sum": (vjp(softmax, lambda g, y, x: g * y), (M,), "one path is missing"),
    "mean not subtracted": (
        vjp(lambda x: x - np.mean(x), lambda g, y, x: g), (V,), "one path is missing: an output depends on other",
    ),
    "normalised without its deviation": (
        vjp(normalised, lambda g, y, x: (g - np.mean(g)) / np.std(x)), (V,), "",
    ),
    "normalised, g only": (vjp(normalised, lambda g, y, x: g / np.std(x)), (V,), "one path is missing"),
    "x + sin x": (local(lambda x: x + sin(x), lambda y, x: cos(x)), (V,), "the truth is this plus 1 · g"),
    "x² + exp x": (local(lambda x: x * x + exp(x), lambda y, x: exp(x)), (V,), "this plus 2 · x · g"),
    "cumulative sum": (vjp(lambda x: np.cumsum(x), lambda g, y, x: g), (V,), "one path is missing"),
    # one element, one part
    "one element doubled": (local(np.sin, lambda y, x: at(3, two)(cos(x))),
        (V,), r"only one element is wrong, \[3\]"),
    "last element": (local(np.exp, lambda y, x: at(-1, bump)(y)), (V,), r"only one element is wrong, \[4\]"),
    "one of a matrix": (local(np.tanh, lambda y, x: at((1, 2), half)(1 - y * y)),
        (M,), r"element is wrong, \[1, 2\]"),
    "one row": (local(np.sin, lambda y, x: at(1, two)(cos(x))), (M,), "wrong only in slice 1 of axis 0"),
    "one of 1,000": (
        local(np.sin, lambda y, x: at(777, two)(cos(x)) if x.size > 777 else cos(x)),
        (RNG.standard_normal(1000),), r"only one element is wrong, \[777\]",
    ),
    "a branch": (local(lambda x: np.where(x > 0, x, 0.1 * x), lambda y, x: np.where(x > 0, 1, 0.2)),
        (V,), "x < 0: look"),
    # zero where it should not be
    "zero": (local(np.sin, lambda y, x: 0 * x), (V,), "zero everywhere"),
    "zero in one": (local(np.sin, lambda y, x: at(2, lambda d: 0 * d)(cos(x))),
        (V,), r"zero in one element only, \[2\]"),
    "leaky as relu": (
        local(lambda x: np.where(x > 0, x, 0.1 * x), lambda y, x: np.where(x > 0, 1.0, 0.0)),
        (V,), "zero in .* x < 0",
    ),
    "second input forgotten": (local(lambda x, y: x * y, lambda z, x, y: y, lambda z, x, y: 0 * x),
        (V, W), "zero everyw"),
    # the wrong formula
    "tanh as 1 - y": (local(np.tanh, lambda y, x: 1 - y), (V,), r"a factor 1 \+ y is missing"),
    "sigmoid without y": (local(lambda x: 1 / (1 + exp(-x)), lambda y, x: 1 - y), (V,), r"a factor y .*is missing"),
    "log as 1": (local(np.log, lambda y, x: np.ones_like(x)), (P,), "a factor x is too much"),
    "power without x": (local(lambda x: x * x, lambda y, x: 2 + 0 * x), (P,), "a factor x is missing"),
    "square root inverted": (local(np.sqrt, lambda y, x: 2 * y), (P,), "a factor x is too much, besides"),
    "scaled input forgotten": (local(lambda x, y: sin(x * y),
        lambda z, x, y: cos(x * y), lambda z, x, y: x * cos(x * y)),
                               (V, W), "a factor y is missing"),
}  # fmt: skip


def test_the_catalogue_is_long_enough():
    assert len(CATALOGUE) >= 40


@pytest.mark.parametrize("name", CATALOGUE)
def test_each_bug_is_traced_to_its_op_and_line(name):
    op, inputs, expected = CATALOGUE[name]

    def program(*xs):
        before = [x * 1.0 + 0.0 for x in xs]
        middle = op.function(*before)  # the line that is blamed
        return tg.tanh(middle * 0.5) + 1.0

    with pytest.raises(tg.GradientError) as caught:
        tg.check_gradients(program, *inputs)
    report: Any = caught.value.report
    culprit = report.culprit
    assert culprit is not None, str(report)
    lines, first = inspect.getsourcelines(program)
    line = first + next(k for k, text in enumerate(lines) if "blamed" in text)
    assert culprit.op == "planted"
    assert culprit.origin.endswith(f"test_catalogue.py:{line}")
    assert culprit.function.endswith("program")
    assert "test_catalogue.py:" in culprit.declared
    assert culprit.rank == 1
    assert re.search(expected, culprit.pattern), culprit.pattern
    assert len(str(report).splitlines()) <= 25
    assert not culprit.check().ok
