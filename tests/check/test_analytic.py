"""The complex step as a second oracle: what it resolves, what it must not hide, and where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tests.properties.table import OPS
from tinygraph.check.analytic import ComplexStep
from tinygraph.check.report import OK, UNRESOLVED, WRONG
from tinygraph.check.subject import Subject
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

X = np.random.default_rng(0).standard_normal(10)


def planted(kernel: Any, derivative: Any, **facts: Any) -> Any:
    return define(Op("elementwise", kernel, (lambda y, x: derivative(x),), name="planted", **facts)).function


def oracle(f: Any, *inputs: Any, index: int = 0, wrt: Any = None) -> ComplexStep:
    subject = Subject(f, inputs, wrt)
    point = [b.value for b in subject.blocks]
    size = sum(y.size for y in subject.values(point))
    return ComplexStep(subject, point, index, np.ones(size))


def test_many_ops_are_declared_holomorphic_and_none_with_a_corner():
    names = {op.name for op in OPS if op.holomorphic}
    assert len(names) >= 50
    assert {"exp", "power", "matmul", "softmax", "affine", "logsumexp", "sum", "where"} <= names
    assert not names & {
        "absolute", "fabs", "maximum", "minimum", "max", "min", "relu", "elu", "clip", "sign", "floor", "hypot",
        "logaddexp", "softplus", "astype", "std", "greater", "remainder", "arctan2",
    }  # fmt: skip


def test_the_slope_has_all_digits_and_an_honest_error():
    found = oracle(lambda x: tg.exp(x) * tg.sin(x), X).slope(np.ones(10))
    truth = float(np.sum(np.exp(X) * (np.sin(X) + np.cos(X))))
    assert found is not None
    assert abs(found.value - truth) <= found.error <= 1e-11 * abs(truth)


@pytest.mark.parametrize("scale", [1e9, 1e12])
def test_what_cancels_in_differences_is_resolved(scale):
    def f(x: Any) -> Any:
        return scale + tg.sin(x) * tg.exp(x)

    report = tg.check_gradients(f, X)
    assert report.verdict == OK
    assert report.agreement < 1e-10
    cornered = tg.check_gradients(lambda x: f(x) + tg.relu(x + 100.0), X)  # no oracle: differences alone
    assert cornered.agreement > 1e4 * report.agreement


def test_parameters_behind_a_large_constant_are_resolved():
    net = tg.nn.Linear(3, 4, rng=0)
    report = tg.check_gradients(lambda x: 1e12 + net(x).sum(), X[:9].reshape(3, 3), wrt=[0, net])
    assert [f.verdict for f in report.findings] == [OK, OK, OK]
    assert all(f.agreement < 1e-10 for f in report.findings)


def test_noise_that_looks_like_a_jump_or_an_error_is_no_alarm():
    f = (lambda x: tg.exp(x) - tg.exp(x) * (1 + 1e-6), lambda x: tg.log(1e6 + x) - tg.log(tg.tensor(1e6)))
    for seed in range(20):
        x = np.random.default_rng(seed).standard_normal(6)
        assert tg.check_gradients(f[1], x).verdict == OK
        assert tg.check_gradients(f[0], x, raises=False).verdict == OK


def test_a_wrong_gradient_is_confirmed_with_fewer_evaluations():
    counts = [
        tg.check_gradients(
            planted(np.sin, lambda x: 1.5 * np.cos(x), holomorphic=h), np.ones(3), raises=False
        ).evaluations
        for h in (True, False)
    ]
    assert counts[0] < 0.7 * counts[1]


@pytest.mark.parametrize(
    "hides",
    [
        lambda x: x.detach() * 1e-3,
        lambda x: 1e-3 * np.abs(x.numpy()),
        lambda x: 1e-3 * x.numpy().real,
        lambda x: 1e-3 * float(np.real(x.numpy()[0])),
    ],
)
def test_a_cut_path_is_never_hidden(hides):
    def f(x: Any) -> Any:
        return tg.sin(x) + hides(x)

    assert tg.check_gradients(f, X, raises=False).verdict == WRONG
    large = tg.check_gradients(lambda x: 1e12 + f(x), X, raises=False)
    assert large.verdict in (WRONG, UNRESOLVED)


def test_a_false_declaration_is_noticed_by_differences():
    odd = planted(lambda x: x * np.abs(x), np.abs, holomorphic=True)  # the complex step agrees with this rule
    assert oracle(odd, X).slope(np.ones(10)).value == pytest.approx(np.sum(np.abs(X)))
    assert tg.check_gradients(odd, X, raises=False).verdict == WRONG
    right = planted(lambda x: x * np.abs(x), lambda x: 2 * np.abs(x), holomorphic=True)
    assert tg.check_gradients(right, X).verdict == OK


def real_part(x: Any) -> Any:
    return x.real * 2.0


def as_float(x: Any) -> Any:
    return np.asarray(x, np.float64)


def branches(x: Any) -> Any:
    return tg.where(x > 0, x * 2.0, x * x)


@pytest.mark.parametrize(
    ("f", "reason"),
    [
        (tg.relu, "an op that is not"),
        (lambda x: tg.sin(x) + x.detach(), "a constant that moves"),
        (lambda x: tg.sin(x) + float(x.sum().item()), "a number that moves"),
        (planted(lambda x: np.where(np.iscomplex(x).any(), 7.0, 1.0) * x, lambda x: 1.0, holomorphic=True), "a branch"),
        (planted(real_part, lambda x: 2 + 0 * x), "an op that takes no complex arrays"),
        (planted(as_float, lambda x: 1 + 0 * x, holomorphic=True), "an imaginary part that is dropped"),
        (lambda x: tg.tensor(1.0), "nothing recorded"),
    ],
)
def test_there_is_no_oracle(f, reason):
    found = oracle(f, X).slope(np.ones(10))
    assert found is None or (reason == "nothing recorded" and found.value == 0)


def test_a_condition_on_the_inputs_is_no_obstacle_where_it_holds_still():
    x = np.array([0.5, 2.0, -1.5])
    found = oracle(branches, x).slope(np.ones(3))
    assert found is not None
    assert found.value == pytest.approx(2 + 2 - 3)


def test_there_is_none_in_single_precision_and_for_second_order():
    assert oracle(tg.exp, X.astype(np.float32)).slope(np.ones(10)) is None
    assert tg.check_gradients(lambda x: 1e6 + tg.exp(x), X, order=2).ok
