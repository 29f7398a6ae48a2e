"""Each verdict, and what is said with it; the 37 planted cases are in planted.py."""

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.check.report import KINK, NONDETERMINISTIC, NOT_DIFFERENTIABLE, NOT_FINITE, OK, UNRESOLVED, WRONG
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

X = np.random.default_rng(0).standard_normal(10)
GRID = np.random.default_rng(1).standard_normal((3, 3))


def declared(kernel: Any, derivative: Any) -> Any:
    """An op, in no registry, that says `derivative` is the derivative of `kernel`."""
    return define(Op("elementwise", kernel, (lambda y, x: derivative(x),), name="planted")).function


def swapped(x: Any) -> Any:
    d = np.cos(x)
    d[[3, 7]] = d[[7, 3]]
    return d


RIGHT = {
    "log at 1e-8": (tg.log, np.abs(X) * 1e-8),
    "short waves": (lambda x: tg.sin(1e6 * x), X),
    "almost a kink": (lambda x: tg.sqrt(x * x + 1e-20), np.array([0.0, 1.0])),
    "float32": (lambda x: tg.log_softmax(30 * x), GRID.astype(np.float32)),
    "float16": (tg.softmax, GRID.astype(np.float16)),
    "float32 that cancels": (lambda x: tg.nn.cross_entropy(20 * x, np.arange(5)), np.eye(5, dtype=np.float32)),
    "longdouble": (tg.tanh, X.astype(np.longdouble)),
    "no elements": (tg.exp, np.zeros((0, 3))),
    "constant": (lambda x: tg.tensor(1.0), X),
    "at the origin": (lambda x: x * x, np.zeros(3)),
    "10,000 elements": (lambda x: tg.log(x).mean(), np.abs(np.random.default_rng(2).standard_normal(10_000)) + 1e-3),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_gradients_pass(name):
    f, x = RIGHT[name]
    assert tg.check_gradients(f, x).ok


WRONGS = {
    "two of 10,000 swapped": (declared(np.sin, swapped), np.random.default_rng(3).standard_normal(10_000)),
    "infinite": (declared(np.sin, lambda x: np.cos(x) / 0.0), X),
    "not a number": (declared(np.sin, lambda x: np.nan * x), X),
}


@pytest.mark.parametrize("name", WRONGS)
def test_wrong_gradients_are_caught(name):
    f, x = WRONGS[name]
    report = tg.check_gradients(f, x, raises=False)
    assert not report.ok
    assert report.findings[0].verdict == (NOT_FINITE if name in ("infinite", "not a number") else WRONG)


@pytest.mark.parametrize("at_zero", [0, 0.5, 1])
def test_any_slope_between_the_sides_is_right_at_a_kink(at_zero):
    report = tg.check_gradients(lambda x: tg.relu(x, at_zero=at_zero), np.array([1.0, 0.0, -1.0]))
    [finding] = report.findings
    assert finding.verdict == (OK if at_zero == 0.5 else KINK)
    if at_zero != 0.5:
        assert finding.element == (1,)
        assert "is a subgradient: f has a kink at element [1] = 0; the slopes on its sides are" in str(report)


@pytest.mark.parametrize("f", [tg.abs, tg.max, lambda x: tg.maximum(x, 0.0)])
def test_ties_and_corners(f):
    assert tg.check_gradients(f, np.array([0.0, 0.0, -1.0])).ok


def test_a_constant_piece_within_the_first_steps_of_a_kink_is_resolved():
    report = tg.check_gradients(lambda x: tg.maximum(x, 2.0), np.array([1.98, -0.95, 2.0]))
    assert [f.verdict for f in report.findings] == [OK]
    assert report.agreement < 1e-9


def test_a_jump_is_not_differentiable():
    report = tg.check_gradients(tg.floor, np.array([1.0, 2.5]), raises=False)
    [finding] = report.findings
    assert finding.verdict == NOT_DIFFERENTIABLE
    assert "is not defined at element [0] = 1; f jumps there; check at another point" in str(report)


def test_the_edge_of_the_domain_is_not_differentiable():
    edge = declared(lambda x: np.abs(x) * np.sqrt(x), lambda x: 1.5 * np.sqrt(x))
    report = tg.check_gradients(edge, np.array([0.0, 2.0]), raises=False)
    assert report.findings[0].verdict == NOT_DIFFERENTIABLE
    assert "f is not finite on both sides of it" in str(report)


def test_an_output_that_is_not_finite():
    report = tg.check_gradients(tg.log, -1.0, raises=False)
    assert report.findings[0].verdict == NOT_FINITE
    assert "log is the first op that is not finite: nan at []" in str(report)
    assert "the output is not finite here; check at another point" in str(report)


@pytest.mark.parametrize("size", [1e-3, 1e-12])
def test_a_function_that_is_not_deterministic(size):
    rng = np.random.default_rng(0)
    report = tg.check_gradients(lambda x: x * (1 + size * rng.standard_normal()), X, raises=False)
    assert not report.ok
    assert report.verdict == NONDETERMINISTIC
    assert "multiply's input y differs from run to run at " in str(report)
    assert "f gave two results for the same inputs; fix its random numbers" in str(report)


def test_a_noisy_function_is_unresolved_and_says_so():
    coarse = declared(lambda x: (1e4 + np.sin(x)).astype(np.float32).astype(x.dtype), np.cos)
    report = tg.check_gradients(coarse, X)
    [finding] = report.findings
    assert finding.verdict == UNRESOLVED
    assert "is unresolved, agrees to " in str(report)


def test_single_precision_inside_f_is_not_an_error():
    single = declared(lambda x: np.sin(x.astype(np.float32)).astype(x.dtype), np.cos)
    assert tg.check_gradients(single, X).agreement < 1e-3


def test_a_float32_gradient_that_only_float32_gets_wrong():
    rounded = declared(np.sin, lambda x: np.cos(x) * (1.1 if x.dtype == np.float32 else 1.0))
    with pytest.raises(tg.GradientError, match="in float32; in float64 it is right"):
        tg.check_gradients(rounded, X.astype(np.float32))


def test_a_function_that_cannot_run_in_float64_is_checked_in_float32():
    def single(x: Any) -> Any:
        if x.dtype != np.float32:
            raise TypeError("float32 only")
        return tg.sin(x)

    assert tg.check_gradients(single, X.astype(np.float32)).ok
    with pytest.raises(TypeError, match="float32 only"):
        tg.check_gradients(single, X)


def test_second_order():
    report = tg.check_gradients(lambda x, y: tg.tanh(x @ y), GRID, GRID[0], order=2)
    assert [finding.order for finding in report.findings] == [1, 1, 2, 2]
    assert "gradients and derivatives up to order 2 of <lambda> are right: 2 inputs, 12 elements" in str(report)


def test_second_order_finds_what_first_order_cannot():
    constant = declared(np.sin, lambda x: np.cos(x.detach() if isinstance(x, tg.Tensor) else x))
    assert tg.check_gradients(constant, X).ok
    with pytest.raises(tg.GradientError, match=r"derivative of order 2 of input 0 wrong by 100 % at"):
        tg.check_gradients(constant, X, order=2)


def test_third_order():
    assert tg.check_gradients(lambda x: tg.exp(x) * x, X[:3], order=3).ok


def test_the_rounding_of_a_hessian_that_is_zero_is_no_asymmetry():
    assert tg.check_gradients(np.std, np.array([1.3, 2.9]), order=2).ok


def test_what_cannot_be_told_is_not_called_right():
    report = tg.check_gradients(lambda x: tg.sum(x + 1e17) - 2e17, np.array([1.3, 2.9]))
    assert report.ok
    assert [f.verdict for f in report.findings] == ["unresolved"]
    assert str(report).startswith("gradients of <lambda> show no mistake as far as they can be told: 1 input")


def test_asymmetric_hessian_is_reported():
    from tinygraph.check.orders import symmetric
    from tinygraph.check.report import Finding
    from tinygraph.check.subject import Subject

    skew = Subject(lambda x: tg.stack([x[1], -x[0]]), [np.ones(2)], None)
    findings = [Finding("input 0", (2,), "float64", OK)]
    [result] = symmetric(skew, findings, [np.ones(2)], np.random.default_rng(0))
    assert result.verdict == WRONG
    assert "the Hessian is not symmetric: <u, Hv> is" in result.note
