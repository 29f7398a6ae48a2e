"""`tg.why` says why a gradient is exactly zero."""

from __future__ import annotations

import numpy as np
import pytest

import tinygraph as tg

from .planted import Catalogue, kept, leaf, ran

SITUATIONS = Catalogue()
planted = SITUATIONS.planted
KEPT = []  # a leaf's value is known as long as somebody holds the tensor


@planted("dead relu", "0 of 800 elements pass relu at test_zero.py:", "inputs are negative", "leaky_relu")
def dead_relu():
    w = leaf(-np.ones((2, 800)))
    return w, kept(lambda w: tg.relu(np.ones((1, 2)) @ w).sum(), w)


@planted("dead relu", "2 of 4 elements pass", "No gradient arrives at those that pass")
def relu_and_mask():
    w = leaf([-1.0, -2.0, 1.0, 2.0])
    return w, ran((tg.relu(w) * np.array([1.0, 1.0, 0.0, 0.0])).sum())


@planted("saturated", "1,000 of 1,000 outputs of sigmoid at test_zero.py:", "within 1e-06 of 0 or 1")
def saturated_sigmoid():
    return (w := leaf(np.full(1000, 800.0))), kept(lambda w: tg.sigmoid(w).sum(), w)


@planted("saturated", "outputs of tanh", "of -1 or 1")
def saturated_tanh():
    return (w := leaf([400.0, -400.0])), ran(tg.tanh(w).sum())


@planted("times zero", "multiply multiplies by zero", "small random numbers")
def times_zero():
    return (w := leaf([1.0, 2.0])), ran((w * np.zeros(2)).sum())


@planted("times zero", "matmul", "of shape (3, 1)")
def weights_that_start_at_zero():
    w, v = leaf(np.ones((2, 3))), leaf(np.zeros((3, 1)), "v")
    KEPT.append(v)
    return w, ran((np.ones((4, 2)) @ w @ v).sum())


@planted("zero", "let the values go")
def weights_that_are_gone():
    w, v = leaf(np.ones((2, 3))), leaf(np.zeros((3, 1)), "v")
    return w, ran((np.ones((4, 2)) @ w @ v).sum())


@planted("zero derivative", "sign", "constant between its steps")
def step():
    return (w := leaf([1.0, -2.0])), ran((tg.sign(w) * 3).sum())


@planted("zero derivative", "floor")
def rounded_down():
    return (w := leaf([1.2, -2.0])), ran(tg.floor(w).sum())


@planted("unselected", "where picks its other branch")
def not_selected():
    return (w := leaf([1.0, 2.0])), ran(tg.where(np.array([False, False]), w, 1.0).sum())


@planted("masked", "sum_where", "its mask holds for none of them", "Check where=")
def left_out():
    return (w := leaf([1.0, 2.0])), ran(np.sum(w * 2, where=np.array([False, False])))


@planted("masked", "sum_where", "leaves out every element", "leave out what is NaN")
def all_nan():
    with np.errstate(all="ignore"):
        return (w := leaf([-1.0, -2.0])), ran(np.nansum(tg.log(w)))


@planted("not attained", "max", "picks other elements")
def not_the_maximum():
    return (w := leaf([1.0, 2.0])), ran(tg.maximum(w, 5.0).sum())


@planted("clipped", "(-1, 1)", "Widen the limits")
def clipped():
    return (w := leaf([3.0, -2.0])), ran(tg.clip(w, -1, 1).sum())


@planted("overwritten", "setitem")
def overwritten():
    w = leaf([1.0, 2.0])
    h = w * 1
    h[:] = leaf([3.0, 4.0], "v")
    return w, ran(h.sum())


@planted("cancels", "adds up to exactly 0")
def cancels():
    return (w := leaf([1.0, 2.0])), ran((w - w).sum())


@planted("underflow", "exp", "-1e+04")
def underflow():
    return (w := leaf([-1e4, -2e4])), ran(tg.exp(w).sum())


@planted("unreached", "never used")
def never_used_and_equal_by_chance():
    return leaf([1.0, 1.0]), ran((leaf([3.0, 4.0], "v") * np.ones(2)).sum())


@planted("underflow", "at most 1e-200", "Scale the loss up")
def underflow_of_the_product():
    return (w := leaf([1.0, 2.0])), ran((w * 1e-200).sum(), gradient=np.array(1e-200))


@planted("dead relu", "zero or negative (the largest is 0)")
def relu_at_zero():
    return (w := leaf([0.0, -1.0])), ran(tg.relu(w, at_zero=0).sum())


@planted("flat", "square", "from 0 to 0")
def at_the_minimum():
    return (w := leaf([0.0, 0.0])), ran(tg.square(w).sum())


@planted("seed", "zero itself")
def zero_given():
    w = leaf([1.0, 2.0])
    return w, ran(w * 2, gradient=np.zeros(2))


@planted("zero", "tg.why(t, loss)")
def zero_without_loss():
    w = leaf([-1.0, -2.0])
    ran(tg.relu(w).sum())
    return w, None


@planted("zero", "tg.keep_values(), tg.origins()", "let the values go")
def zero_and_values_gone():
    return (w := leaf(np.full(100, -1.0))), ran((tg.relu(w * 2.0) * 3.0).sum())


@planted("other loss", "another loss")
def zero_from_another_loss():
    w = leaf([-1.0, -2.0])
    ran(tg.relu(w).sum())
    return w, (w * w).sum()


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_planted_situation_is_named(name):
    SITUATIONS.demand(name)


def test_a_smooth_activation_far_out_is_not_called_dead():
    """The slope of elu is exp(x): it is rounded to 0 far out, and not 0 below the kink as that of relu."""
    x = tg.tensor([-1600.0, -800.0], requires_grad=True)
    loss = tg.elu(x).sum()
    loss.backward()
    answer = str(tg.why(x, loss))
    assert "The result of elu is exactly -1: its inputs are so negative (the largest is -800)." in answer
    assert "leaky_relu" not in answer


def test_an_activation_that_nears_its_ends_slowly_is_near_them():
    x = tg.tensor([-1e5, -5e4], requires_grad=True)
    loss = tg.arctan(x).sum()
    loss.backward()
    assert "2 of 2 outputs of arctan are within 0.0001 of -1.5708 or 1.5708" in str(tg.why(x, loss))
