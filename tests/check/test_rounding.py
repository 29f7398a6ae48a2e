"""Correct programs whose rounding or waves deceive differences raise no alarm, and wrong ones still do."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.check.estimate import seen
from tinygraph.check.report import OK, UNRESOLVED, WRONG
from tinygraph.check.rounding import inner
from tinygraph.check.subject import Subject
from tinygraph.engine.declare import define
from tinygraph.engine.op import Op

X = np.random.default_rng(0).standard_normal(6)


def test_the_rounding_inside_is_as_large_as_it_is():
    f = lambda x: (tg.exp(x) + 1e8) - 1e8  # noqa: E731
    weights = np.random.default_rng(1).standard_normal(6)
    said = inner(Subject(f, [X], None), [X], weights)
    made = np.linalg.norm(weights * (f(X) - np.exp(X)))
    assert 0.3 * made < said < 10 * made
    exact = inner(Subject(lambda x: x * 2.0, [X], None), [X], weights)
    assert exact == pytest.approx(0.5 * np.finfo(float).eps * np.linalg.norm(weights * 2 * X))


def test_there_is_none_where_nothing_is_recorded_or_it_fails():
    assert inner(Subject(lambda x: tg.tensor(1.0), [X], None), [X], np.ones(1)) == 0
    failing = define(Op("primitive", np.sin, (lambda g, y, x: np.ones(7),), name="failing")).function
    assert inner(Subject(failing, [X], None), [X], np.ones(6)) == 0


def test_outputs_and_integers_are_counted_in_their_order():
    f = lambda x: [tg.sum(x), np.arange(3), tg.tensor(5.0), x * 2.0]  # noqa: E731
    weights = np.array([3.0, 100.0, *np.ones(6)])
    said = inner(Subject(f, [X], None), [X], weights)
    expected = np.linalg.norm([3.0 * X.sum(), *(2 * X)]) * 0.5 * np.finfo(float).eps
    assert said == pytest.approx(expected)


RIGHT: dict[str, tuple[Any, Any]] = {
    "differences that are lost in what is subtracted": (lambda x: tg.relu(tg.log(1e8 + x) - np.log(1e8)), X),
    "softmax of almost equal numbers": (lambda x: tg.softmax(tg.exp(x) - x) - 1 / 4, X[:4] * 1e-8),
    "waves on a slope": (lambda x: x + tg.sin(x) + 0.0 * tg.abs(x), X[:4] * 1e8),
    "a bend that is narrow": (lambda x: tg.sqrt(x * x + 1e-6) + 0.0 * tg.abs(x - 1.0), np.array([0.0, 800.0, 900.0])),
    "waves that no step resolves": (lambda x: tg.cos(tg.square(tg.square(x))), X[:4] * 1e8),
    "overflow in float32": (lambda x: tg.square(tg.square(x)) * x, (X[:4] * 1e8).astype(np.float32)),
}


@pytest.mark.parametrize("name", RIGHT)
def test_no_alarm(name):
    f, x = RIGHT[name]
    assert tg.check_gradients(f, x, raises=False).verdict in (OK, UNRESOLVED, "not finite")


def test_fine_steps_outweigh_coarse_ones_but_only_if_finer():
    one = np.ones(1)
    wave = lambda t: np.array([t + 1e-6 * np.sin(1e8 * t)])  # noqa: E731
    assert seen(wave, one, 101.0, below=1e-7)
    assert not seen(wave, one, 1.0, below=1e-7)
    assert seen(wave, one, 1.0)
    forgotten = define(
        Op("elementwise", lambda x: x + 1e-2 * np.sin(1e3 * x), (lambda y, x: 1 + 0 * x,), name="forgotten")
    ).function  # its rule is right on coarse steps only
    assert tg.check_gradients(forgotten, np.zeros(3) + 0.1, raises=False).verdict == WRONG


@pytest.mark.parametrize("off", [1e-1, 1e-3, 1e-5])
def test_wrong_gradients_behind_it_are_caught_all_the_same(off):
    planted = define(Op("elementwise", np.sin, (lambda y, x: (1 + off) * np.cos(x),), name="planted")).function
    for f in (
        lambda x: tg.log(10.0 + planted(x)) * 3.0,
        lambda x: tg.softmax(planted(x)) * tg.exp(x),
        lambda x: planted(x * 1e-3) * 1e3,
        lambda x: tg.square(planted(x)).mean() + tg.relu(x).sum(),
    ):
        assert tg.check_gradients(f, X, raises=False).verdict == WRONG
