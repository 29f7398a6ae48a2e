"""`tg.why` says why a gradient is NaN or infinite."""

from __future__ import annotations

import numpy as np
import pytest

import tinygraph as tg

from .planted import Catalogue, kept, leaf, ran

SITUATIONS = Catalogue()
planted = SITUATIONS.planted


@planted("sqrt at 0", "0 * inf = nan", "element [1]", "x = 0", "sqrt(x + 1e-12)")
def sqrt_at_zero():
    return (w := leaf([1.0, 0.0])), kept(lambda w: (tg.sqrt(w) * 0.0).sum(), w)


@planted("sqrt at 0", "1 * inf = inf")
def sqrt_at_zero_infinite():
    return (w := leaf([1.0, 0.0])), kept(lambda w: tg.sqrt(w).sum(), w)


@planted("log(0)", "-inf in log at test_bad.py:", "binary_cross_entropy", "x = 0")
def literal_log_loss():
    w = leaf([0.5, 1000.0])

    def loss(w):
        p, y = tg.sigmoid(w), np.ones(2)
        return -(y * tg.log(p) + (1 - y) * tg.log(1 - p)).mean()

    return w, kept(loss, w)


@planted("overflow", "exp", "element [1]", "x = 1000", "logsumexp")
def overflow_in_exp():
    return (w := leaf([1.0, 1000.0])), kept(lambda w: tg.log(tg.exp(w).sum()), w)


@planted("division by 0", "divide", "y = 0", "1e-12")
def division_by_zero():
    return (w := leaf([1.0, 0.0])), kept(lambda w: (1 / w).sum(), w)


@planted("domain", "-1 is outside the domain (0, inf) of sqrt")
def root_of_a_negative():
    return (w := leaf([1.0, -1.0])), kept(lambda w: tg.sqrt(w).sum(), w)


@planted("power at 0", "The slope of power at 0 is infinite")
def power_at_zero():
    return (w := leaf([1.0, 0.0])), kept(lambda w: (w**0.5).sum(), w)


@planted("infinite slope", "arcsin at 1")
def arcsin_at_one():
    return (w := leaf([0.5, 1.0])), kept(lambda w: tg.arcsin(w).sum(), w)


@planted("data", "a constant of shape (2,)", "nan at element [1]", "nan_to_num")
def nan_in_the_data():
    return (w := leaf([1.0, 2.0])), kept(lambda w: (w * np.array([1.0, np.nan])).sum(), w)


@planted("data", "w, used by multiply at", "is not finite in 1 of 2 elements", "lower the learning rate")
def nan_in_the_parameter():
    return (w := leaf([np.nan, 2.0])), kept(lambda w: (w * w).sum(), w)


@planted("overflow", "too large for its type")
def gradient_overflow():
    return (w := leaf(1e-200)), kept(lambda w: w * 1e200 * 1e200, w)


@planted("nan", "tg.why(t, loss)")
def nan_without_loss():
    w = leaf([0.0])
    ran((tg.sqrt(w) * 0.0).sum())
    return w, None


@planted("seed", "given to backward is nan")
def nan_given():
    w = leaf([1.0, 2.0])
    return w, ran(w * 2, gradient=np.array([1.0, np.nan]))


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_planted_situation_is_named(name):
    SITUATIONS.demand(name)
