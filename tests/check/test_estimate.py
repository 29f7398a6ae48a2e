"""The error bound that a measured slope comes with is honest."""

import math

import numpy as np
import pytest

from tinygraph.check.estimate import central_slope, noise, roughness, sides

ONE = np.ones(1)


def line(f):
    return lambda t: np.array([f(t)])


@pytest.mark.parametrize(
    ("f", "slope"),
    [
        (math.exp, 1.0),
        (lambda t: math.sin(1e3 * t), 1e3),
        (lambda t: 1e8 + t, 1.0),
        (lambda t: 5.0, 0.0),
        (lambda t: t**9, 0.0),
        (lambda t: 1 / (t + 0.01), -1e4),
        (lambda t: abs(t - 1e-6), -1.0),
        (lambda t: math.log1p(20 * t) if t > -0.05 else math.nan, 20.0),
    ],
)
def test_the_truth_lies_within_three_errors(f, slope):
    found = central_slope(line(f), ONE)
    assert abs(found.value - slope) <= 3 * found.error + 1e-15 * abs(slope)
    assert found.error <= 1e-5 * max(abs(slope), 1e-3)


def test_nowhere_finite():
    assert central_slope(line(lambda t: math.sqrt(t) if t >= 0 else math.nan), ONE) is None


def test_outputs_that_stay_the_same_cost_no_digits():
    still = np.array([1e20, 1.0])
    assert noise(np.ones(2), still, still + np.array([0, 1])) < 1e-15
    assert noise(np.ones(2), still, still) > 1e3


def test_roughness_is_the_rounding_of_the_function():
    assert 1e-18 < roughness(line(math.exp), ONE) < 1e-15
    assert 1e-9 < roughness(line(lambda t: float(np.float32(0.3 + math.sin(t)))), ONE) < 1e-7
    assert roughness(line(lambda t: 1.0), ONE) == 0
    assert roughness(line(lambda t: math.log(t) if t > 0 else math.nan), ONE) == 0


def test_sides_of_a_kink():
    around = sides(line(lambda t: 3 * t if t > 0 else t), ONE)
    assert around.continuous
    assert (around.left, around.right) == pytest.approx((1, 3))
    assert around.admit(2.0, 0)
    assert around.admit(3.0, 0)
    assert not around.admit(3.1, 0)


def test_kinks_of_several_outputs_are_admitted_one_by_one():
    ramps = sides(lambda t: np.array([max(t, 0.0), abs(t)]), np.array([1.0, -0.3]))
    assert (ramps.left, ramps.right) == pytest.approx((0.3, 0.7))
    assert ramps.admit(1.0, 0)  # 1 of [0, 1] and 0 of [-1, 1]
    assert not ramps.admit(1.31, 0)


def test_sides_of_a_jump():
    assert not sides(line(lambda t: float(t > 0)), ONE).continuous


@pytest.mark.parametrize(
    "f", [math.sin, lambda t: t * t, lambda t: 2.0, lambda t: abs(t - 0.01), lambda t: float(t > 0.01)]
)
def test_smooth_points_have_no_sides(f):
    assert sides(line(f), ONE) is None
