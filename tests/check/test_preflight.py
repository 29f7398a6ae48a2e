"""Mistakes that show before anything is measured: a rule that is not linear, writes, or gives the wrong shape."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.check.findings import NONDETERMINISTIC, WRONG
from tinygraph.check.shapes import mistake
from tinygraph.engine.declare import define
from tinygraph.engine.node import op_of
from tinygraph.engine.op import Op

X = np.random.default_rng(0).standard_normal((4, 3))


def planted(rule: Any, *more: Any, kernel: Any = np.sin) -> Any:
    return define(Op("primitive", kernel, (rule, *more), name="planted")).function


@pytest.mark.parametrize(
    "rule",
    [
        lambda g, y, x: np.abs(g) * np.cos(x),
        lambda g, y, x: g * g * np.cos(x),
        lambda g, y, x: np.clip(g, -0.5, 0.5) * np.cos(x),
        lambda g, y, x: np.sign(g) * np.cos(x),
        lambda g, y, x: g * np.cos(x) + 1e-3,
        lambda g, y, x: np.maximum(g, 0) * np.cos(x),
        lambda g, y, x: np.cos(x),
    ],
)
def test_a_rule_must_be_linear_in_the_gradient(rule):
    report = tg.check_gradients(lambda x: planted(rule)(x * 2.0) * 3.0, X, raises=False)
    assert report.verdict == WRONG
    assert report.findings[0].note.startswith(
        "backward is not linear in the gradient it is given: for -2 times the gradient of the output, that of input 0"
    )
    assert report.culprit is not None
    assert report.culprit.op == "planted"
    assert report.culprit.pattern.startswith("the rule is not linear in g")
    assert len(str(report).splitlines()) <= 25


def test_a_hook_that_clips_is_found():
    def f(x: Any) -> Any:
        y = tg.exp(x)
        if y.node is not None:
            y.register_hook(lambda g: np.clip(g, -0.5, 0.5))
        return y * 2.0

    report = tg.check_gradients(f, X, raises=False)
    assert "backward is not linear" in report.findings[0].note
    assert "a hook on <Node exp (4, 3) float64> may change the gradient" in str(report)


def test_what_turns_from_run_to_run_is_not_called_a_rule_that_is_not_linear():
    for period in (2, 3):
        turn = iter(range(10_000))

        def rule(g: Any, y: Any, x: Any, *, period: int, turn: Any) -> Any:
            return g * np.cos(x) * (1 + (next(turn) % period == 0))

        turning = planted(functools.partial(rule, period=period, turn=turn))
        assert tg.check_gradients(turning, X, raises=False).verdict == NONDETERMINISTIC


def test_rounding_is_not_taken_for_it():
    f = lambda x: tg.astype(tg.tanh(tg.astype(x, dtype=np.float16)) * 1e-3, dtype=np.float64)  # noqa: E731
    report = tg.check_gradients(f, X, raises=False)
    assert "linear" not in str(report)
    assert tg.check_gradients(lambda x: 1e-300 * tg.exp(x), X).ok


def test_a_rule_may_write_into_the_gradient_that_it_is_given():
    def rule(g: Any, y: Any, x: Any) -> Any:
        g *= np.cos(x)
        return g

    assert tg.check_gradients(planted(rule), X).ok


@pytest.mark.parametrize(
    ("kernel", "rule", "text"),
    [
        (lambda x: x.T * 1.0, lambda g, y, x: g, "the rule gives shape (3, 4) for input (4, 3): transposed"),
        (
            lambda x: np.sin(x),
            lambda g, y, x: (g * np.cos(x))[..., None] * np.ones(2),
            "the rule gives shape (4, 3, 2) for input (4, 3): missing sum over axis 2",
        ),
        (
            lambda x: np.sum(x, 0),
            lambda g, y, x: np.ones((2, 6)) * g[0],
            "the rule gives shape (2, 6) for input (4, 3): its elements in another shape",
        ),
        (
            lambda x: np.sum(x, 1),
            lambda g, y, x: g,
            "the rule gives shape (4,) for input (4, 3): axis 1 is missing, put it back with length 3",
        ),
        (np.sin, lambda g, y, x: g @ x, "the rule raised ValueError: matmul"),
    ],
)
def test_a_shape_that_does_not_fit_is_explained(kernel, rule, text):
    report = tg.check_gradients(lambda x: planted(rule, kernel=kernel)(x * 2.0), X, raises=False)
    assert report.culprit is not None
    assert report.culprit.pattern.startswith(text)


def test_the_rule_that_fails_is_named_among_several():
    op = planted(lambda g, y, x, b: g * b, lambda g, y, x, b: g[:, :2], kernel=lambda x, b: x * b)
    report = tg.check_gradients(op, X, X[0], raises=False)
    assert report.culprit is not None
    assert report.culprit.input == "b"
    assert report.culprit.pattern == "the rule gives shape (4, 2) for input (3,)"


@pytest.mark.parametrize(
    ("given", "wanted", "text"),
    [
        ((4, 3), (3,), "missing sum over axis 0"),
        ((5, 4, 3), (4,), "missing sum over axes 0, 2"),
        ((4, 3), (4, 1), "missing sum over axis 1"),
        ((), (3, 2), "axes 0, 1 are missing, put them back with lengths 3, 2"),
        ((12,), (4, 3), "its elements in another shape"),
        ((2, 3), (5, 7), ""),
    ],
)
def test_shapes_in_words(given, wanted, text):
    assert mistake(given, wanted) == (f": {text}" if text else "")


def test_the_effect_and_the_way_to_repeat_it_are_said():
    half = planted(lambda g, y, x: g * np.cos(x) / 2)
    f = lambda a, b: half(a) + tg.exp(b)  # noqa: E731
    text = str(tg.check_gradients(f, X, X, raises=False, seed=5))
    assert "effect     <lambda>'s gradient of input 0 wrong by 50 % at [" in text
    assert ", of input 1 right\n" in text
    assert "repro      error.report.culprit.check()   # this op alone, on the values it had, seed 5" in text
    assert text == str(tg.check_gradients(f, X, X, raises=False, seed=5))
    cut = tg.check_gradients(lambda x: x * x.detach(), X, raises=False, seed=6)
    assert "repro      tg.check_gradients(..., seed=6)" in str(cut)
    assert cut.json()["seed"] == 6
    some = planted(lambda g, y, x: g * 1.0, kernel=lambda x: x * 0.0)
    assert "instead of 0) at [" in str(tg.check_gradients(some, X, raises=False))


def test_a_leaf_has_no_op() -> None:
    leaf = tg.tensor(1.0, requires_grad=True).node
    with pytest.raises(TypeError, match="op_of: a leaf has no op; ask a node that was made by one"):
        op_of(leaf)
