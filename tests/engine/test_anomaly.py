"""`detect_anomaly` stops at the first NaN or infinity, and says where, of what, why, and what to do."""

from __future__ import annotations

import numpy as np
import pytest

import tinygraph as tg
from tests.explain.healthy import HEALTHY
from tests.explain.planted import leaf
from tinygraph import AnomalyError

FORWARD = {
    "log: element [1] of the result is -inf at ": lambda: tg.log(leaf([1.0, 0.0])),
    "made from x = 1000: the result is too large for its type; subtract the largest": lambda: tg.exp(leaf(1000.0)),
    "divide: element [0] of the result is inf": lambda: leaf([1.0]) / leaf([0.0]),
    "x = 0, y = 0: it divides by 0": lambda: leaf([0.0]) / np.zeros(1),
    "sqrt: element [1, 0] of the result is nan": lambda: tg.sqrt(leaf([[1.0], [-1.0]])),
    "matmul: element [0, 0] of the result is inf": lambda: leaf([[1e200]]) @ np.array([[1e200]]),
    "y of shape (1, 1) from 1e+200 to 1e+200": lambda: leaf([[1e200]]) @ np.array([[1e200]]),
    "multiply: element [1] of the result is inf": lambda: leaf([1.0, 1e308]) * 1.5 * 1.5,
    "-2 is outside the domain (-1, 1) of arcsin": lambda: tg.arcsin(tg.tensor([-2.0])),
    "there is no finite result there": lambda: undefined(leaf([1.0])),
}


def undefined(x):
    return tg.elementwise(lambda y, x: y, name="undefined")(lambda x: x * np.nan)(x)


@pytest.mark.usefixtures("forget_declarations")
@pytest.mark.parametrize("words", FORWARD)
def test_the_first_nan_in_forward_stops(words):
    with tg.detect_anomaly(), pytest.raises(AnomalyError) as error:
        FORWARD[words]()
    assert words in str(error.value)
    assert "test_anomaly.py:" in str(error.value)


BACKWARD = {
    "sqrt (2,) float64> (recorded at ": lambda: tg.sqrt(leaf([1.0, 0.0])),
    "passes on is nan, made from the gradient 0 and x = 0: the slope of sqrt": lambda: tg.sqrt(leaf([1.0, 0.0])) * 0.0,
    "made from the gradient 1 and x = 0, y = 0.5: the slope of power at 0": lambda: leaf([0.0]) ** 0.5,
    "x = 1, y = nan: the input is not finite itself": lambda: leaf([1.0]) * np.array([np.nan]),
    "the slope of arcsin at 1 is infinite": lambda: tg.arcsin(leaf([1.0])),
    "gradient 1e+200 and x = 1e-200, y = 1e+200: the result is too large": lambda: leaf(1e-200) * 1e200 * 1e200,
}


@pytest.mark.parametrize("words", BACKWARD)
def test_the_first_nan_in_backward_stops(words):
    with tg.detect_anomaly():
        y = BACKWARD[words]()
        with pytest.raises(AnomalyError) as error:
            y.sum().backward()
    assert str(error.value).startswith("backward: ")
    assert words in str(error.value)
    assert "test_anomaly.py:" in str(error.value)


def test_a_gradient_given_as_nan_is_told_from_one_that_was_made():
    with tg.detect_anomaly():
        y = leaf([1.0, 2.0]) * 2
    with pytest.raises(AnomalyError, match=r"backward: element \[1\] of the gradient that reaches <Node multiply"):
        y.backward(np.array([1.0, np.nan]))


def test_anomalies_in_backward_that_is_recorded_and_in_transforms():
    with tg.detect_anomaly():
        y = tg.sqrt(leaf([1.0, 0.0])).sum()
        with pytest.raises(AnomalyError, match="slope of sqrt"):
            y.backward(create_graph=True)
        with pytest.raises(AnomalyError, match="slope of sqrt"):
            tg.jacobian(tg.sqrt)(np.array([1.0, 0.0]))


@pytest.mark.parametrize("name", [n for n in HEALTHY if n != "hidden log"])
def test_no_anomaly_in_healthy_code(name):
    w, v = leaf([0.5, -1.5, 0.7]), leaf([0.5, -1.5, 0.7])
    with tg.detect_anomaly():
        HEALTHY[name](w).backward()
    HEALTHY[name](v).backward()
    assert np.array_equal(w.grad.data, v.grad.data)


def test_zero_wins_behind_where_is_no_anomaly_in_backward():
    w = leaf([4.0, 0.0])
    with tg.detect_anomaly():
        tg.where(w > 0, tg.sqrt(w), 0.0).sum().backward()
    assert np.array_equal(w.grad.data, [0.25, 0.0])


def test_values_that_were_infinite_before_are_no_anomaly_in_forward():
    w = leaf([1.0, 2.0])
    with tg.detect_anomaly():
        tg.softmax(tg.where(np.array([True, False]), w, -np.inf))[0].backward()
    assert np.array_equal(w.grad.data, [0.0, 0.0])
