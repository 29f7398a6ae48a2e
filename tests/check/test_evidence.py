"""Finding the wrong elements among many: what is measured together, what apart, and how few evaluations it takes."""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.check.estimate import each_slope
from tinygraph.check.evidence import EVERY, SAMPLE, sample
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

RNG = np.random.default_rng(5)
LONG = RNG.standard_normal(10_000)


def doubled_at(*places: int) -> Any:
    """The derivative of the sine, twice as large in some places."""

    def derivative(x: Any) -> Any:
        d = np.array(np.cos(x))
        for k in places:
            if k < d.size:
                d.flat[k] *= 2
        return d

    return derivative


def elementwise(kernel: Any, *rules: Any) -> Any:
    return define(Op("elementwise", kernel, rules, name="planted")).function


def primitive(kernel: Any, *rules: Any) -> Any:
    return define(Op("primitive", kernel, rules, name="planted")).function


def culprit(f: Any, *inputs: Any) -> Any:
    report = tg.check_gradients(f, *inputs, raises=False)
    assert report.culprit is not None, str(report)
    return report.culprit


def test_every_element_of_a_large_elementwise_op_is_measured():
    derivative = doubled_at(7, 77, 7777)
    found = culprit(elementwise(np.sin, lambda y, x: derivative(x)), LONG)
    assert (found.wrong, found.measured) == (3, LONG.size)


def test_a_large_input_of_another_op_is_sampled():
    derivative = doubled_at(7777)
    found = culprit(primitive(np.sin, lambda g, y, x: g * derivative(x)), LONG)
    assert found.finding.element == (7777,)
    assert found.wrong == 1
    assert found.measured <= SAMPLE + 1


def test_a_wrong_row_of_a_large_matrix_is_told_from_a_wrong_element():
    rows = primitive(np.sin, lambda g, y, x: g * np.cos(x) * np.where(np.arange(len(x)) == 3, 2, 1)[:, None])
    found = culprit(rows, RNG.standard_normal((100, 90)))
    assert found.wrong > 1
    assert found.pattern == "wrong only in slice 3 of axis 0"


@pytest.mark.parametrize("after", [lambda y: y, lambda y: tg.sum(y * 3.0), lambda y: tg.stack([y, y])])
def test_the_element_is_named_behind_other_ops(after):
    derivative = doubled_at(4321)
    planted = elementwise(np.sin, lambda y, x: derivative(x))
    report = tg.check_gradients(lambda x: after(planted(x)), LONG, raises=False)
    assert report.findings[0].element == (4321,)
    assert report.culprit is not None
    assert report.culprit.finding.element == (4321,)


@pytest.mark.parametrize("relative", [1e-1, 1e-4, 1e-6])
def test_halving_finds_an_element_that_is_off_by_little(relative):
    def derivative(x: Any) -> Any:
        d = np.array(np.cos(x))
        d[int(np.argmax(np.abs(d)))] *= 1 + relative
        return d

    planted = primitive(lambda x: np.sum(np.sin(x)), lambda g, y, x: g * derivative(x))
    assert tg.check_gradients(planted, LONG, raises=False).findings[0].element == (
        int(np.argmax(np.abs(np.cos(LONG)))),
    )


@pytest.mark.parametrize("size", [5, 2000])
def test_an_op_that_mixes_elements_is_not_measured_as_elementwise(size):
    x = RNG.standard_normal(size)
    mixing = elementwise(lambda x: np.sin(x) - 100 * np.mean(x), lambda y, x: np.cos(x) * (1 - 100 / x.size))
    found = culprit(mixing, x)
    assert found.measured == (size if size <= EVERY else found.measured)
    assert found.measured <= EVERY
    assert found.wrong >= found.measured - 1


def test_the_broadcast_input_of_an_elementwise_op_is_measured_apart():
    x, b = RNG.standard_normal((40, 300)), RNG.standard_normal(300)
    planted = elementwise(lambda x, b: x * b, lambda z, x, b: b, lambda z, x, b: 2 * x)
    found = culprit(planted, x, b)
    assert (found.input, found.pattern.split(":")[0]) == ("b", "a constant factor 2")
    planted = elementwise(lambda x, b: x * b, lambda z, x, b: 2 * b, lambda z, x, b: x)
    found = culprit(planted, x, b)
    assert (found.input, found.wrong, found.measured) == ("x", x.size, x.size)


def test_a_function_of_one_op_is_not_measured_twice():
    calls: list[int] = []

    def kernel(x: Any) -> Any:
        calls.append(1)
        return np.sin(x)

    again = elementwise(kernel, lambda y, x: 2 * np.cos(x))
    tg.check_gradients(again, LONG, raises=False)
    alone = len(calls)
    calls.clear()
    tg.check_gradients(lambda x: again(x) * 2.0, LONG, raises=False)
    assert alone < 0.7 * len(calls)


@pytest.mark.parametrize("cut", [lambda x: x * x.detach(), lambda x: tg.exp(x * 1.0).detach() * x])
def test_a_function_of_one_op_and_a_constant_is_not_that_op(cut):
    report = tg.check_gradients(cut, LONG[:5], raises=False)
    assert not report.ok
    assert report.culprit is None
    assert "a path is cut" in str(report)


def test_a_function_that_changes_what_its_op_gave_is_not_that_op():
    def f(x: Any) -> Any:
        y = tg.exp(x)
        y._array = y._array * 2
        return y

    report = tg.check_gradients(f, LONG[:5], raises=False)
    assert not report.ok
    assert report.culprit is None


def test_slopes_of_all_outputs_at_once_and_their_errors():
    x = np.array([0.3, 1.0, 2.0, -1.0])
    weights = np.array([1.0, -2.0, 0.5, 3.0])
    slopes, errors = each_slope(lambda t: np.exp(x + t), weights, 2.0**-12)
    assert np.all(np.abs(slopes - weights * np.exp(x)) <= 3 * errors)
    assert np.all(errors < 1e-9)
    with np.errstate(invalid="ignore"):
        slopes, _ = each_slope(lambda t: np.log(x + t), weights, 2.0**-12)
    assert np.isfinite(slopes).tolist() == [True, True, True, False]


def test_the_sample_has_the_element_first_and_others_beside_it():
    rng = np.random.default_rng(0)
    chosen = sample((50, 60), (3, 4), rng)
    assert chosen[0] == 3 * 60 + 4
    assert len(set(chosen.tolist())) == len(chosen) <= SAMPLE + 1
    rows, columns = np.unravel_index(chosen, (50, 60))
    assert np.sum(rows == 3) >= 5
    assert np.sum(columns == 4) >= 5
    assert sample((3, 4), (2, 2), rng).tolist() == [10, *range(10), 11]
    assert sample((0,), (), rng).size == 0


def test_one_wrong_element_of_ten_thousand_is_named_quickly():
    derivative = doubled_at(7777)
    planted = elementwise(np.sin, lambda y, x: derivative(x))
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        report = tg.check_gradients(planted, LONG, raises=False)
        seconds.append(time.perf_counter() - start)
    assert report.findings[0].element == (7777,)
    assert min(seconds) < 0.2  # a tenth of it where nothing else runs


@pytest.mark.slow
def test_one_wrong_element_of_a_million_is_named_in_seconds():
    derivative = doubled_at(777_777)
    planted = elementwise(np.sin, lambda y, x: derivative(x))
    start = time.perf_counter()
    report = tg.check_gradients(planted, RNG.standard_normal(1_000_000), raises=False)
    assert report.findings[0].element == (777_777,)
    assert report.culprit is not None
    assert report.culprit.measured == 1_000_000
    assert time.perf_counter() - start < 10  # 2 s where nothing else runs
