"""A kink is named: which op, how many elements, and on which line."""

from __future__ import annotations

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.check.report import KINK, WRONG
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

X = np.array([0.0, 0.0, -1.0, 2.0])


def reasons(report):
    return [kink.reason for kink in report.kinks]


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (tg.relu, "2 of 4 elements of relu's input are at its kink"),
        (tg.leaky_relu, "2 of 4 elements of leaky_relu's input are at its kink"),
        (lambda x: tg.abs(x[1:3]) * (1.0 + x[1:3]), "1 of 2 elements of absolute's input is at its kink"),
        (
            lambda x: tg.max(tg.square(x - 1.0)[:3] * np.array([1.0, 1.0, 0.25])),
            "3 of 3 elements of max's input are tied",
        ),
        (lambda x: tg.maximum(x, 0.0) + tg.abs(x) + tg.relu(x), "2 of 4 elements of maximum's input are tied"),
        (lambda x: tg.clip(x, 0.0, 5.0), "2 of 4 elements of clip's input are tied"),
        (lambda x: tg.relu(x[0]), "the element of relu's input is at its kink"),
    ],
)
def test_the_op_and_the_elements_are_named(f, reason):
    report = tg.check_gradients(f, X)
    assert report.verdict == KINK
    assert reason in reasons(report)
    assert f"  {reason} at " in str(report)


def test_the_line_is_named():
    def model(x):
        h = x * 2.0
        return tg.relu(h).sum()  # here

    [kink] = tg.check_gradients(model, X).kinks
    assert kink.source == "return tg.relu(h).sum()  # here"
    assert kink.function.endswith("model")
    assert "test_kinks.py:" in kink.origin


def test_nothing_is_said_where_there_is_no_kink():
    report = tg.check_gradients(tg.relu, np.array([1.0, -1.0]))
    assert report.kinks == ()
    assert "kink" not in str(report)


def test_a_wrong_gradient_at_a_kink_names_it_too():
    outside = define(
        Op("elementwise", lambda x: np.maximum(x, 0), (lambda y, x: np.where(x == 0, 2, x > 0),), name="outside")
    )
    report = tg.check_gradients(lambda x, y: outside.function(x) + tg.relu(y), X, X, raises=False)
    assert report.verdict == WRONG
    assert "kink       2 of 4 elements of relu's input are at its kink at " in str(report)
    assert report.json()["kinks"][0]["reason"] == "2 of 4 elements of relu's input are at its kink"


def test_a_recorded_tensor_says_it_too():
    x = tg.tensor(X, requires_grad=True)
    with tg.keep_values():
        loss = tg.relu(x).sum()
    assert reasons(tg.check_gradients(loss)) == ["2 of 4 elements of relu's input are at its kink"]


def test_a_slope_that_is_not_between_the_sides_is_the_pattern():
    outside = define(
        Op("elementwise", lambda x: np.maximum(x, 0), (lambda y, x: np.where(x == 0, 2, x > 0),), name="outside")
    )
    report = tg.check_gradients(outside.function, np.array([0.0, 1.0]), raises=False)
    assert report.culprit is not None
    assert report.culprit.pattern.startswith("outside of the slopes at a kink: the slopes on its sides are 0 and")
