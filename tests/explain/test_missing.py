"""`tg.why` says why there is no gradient at all, or a sum of several."""

from __future__ import annotations

import pytest

import tinygraph as tg

from .planted import Catalogue, kept, leaf, ran

SITUATIONS = Catalogue()
planted = SITUATIONS.planted


@planted("untracked", "requires_grad is False", "requires_grad=True")
def untracked():
    return tg.tensor([1.0, 2.0], name="w"), None


@planted("untracked", "multiply at test_missing.py:", "used it as a constant", "cannot be told")
def untracked_but_used():
    x, w = leaf([3.0, 4.0], "x"), tg.tensor([1.0, 2.0], name="w")
    return w, kept(lambda x: (w * x).sum(), x)


@planted("untracked", "under no_grad")
def computed_under_no_grad():
    with tg.no_grad():
        return leaf([1.0]) * 2, None


@planted("integer", "int64", "dtype=float")
def integer_input():
    return tg.tensor([1, 2], name="w"), None


@planted("not run", "backward has not been run", "loss.backward()")
def backward_not_run():
    w = leaf([1.0, 2.0])
    return w, (w * w).sum()


@planted("not run", "since it was recorded")
def no_loss_and_no_backward():
    return leaf([1.0, 2.0]), None


@planted("not run", "it will not be well", "0 of 2 elements pass relu")
def backward_not_run_and_will_be_zero():
    w = leaf([-1.0, -2.0])
    return w, tg.relu(w).sum()


@planted("cut", "its own array", "multiply at test_missing.py:", "Pass the tensor itself")
def cut_by_detach():
    w, v = leaf([1.5, 2.5]), leaf([1.0, 1.0], "v")
    return w, kept(lambda v: (w.detach() * v).sum(), v)


@planted("cut", "a view of its array as a constant", "The way is cut there")
def cut_by_numpy():
    w, v = leaf([1.5, 2.5]), leaf([1.0, 1.0], "v")
    return w, ran((w.numpy() * v).sum())


@planted("cut", "an equal number as a constant", "Probably")
def cut_by_item():
    w, v = leaf(1.2345), leaf([1.0, 1.0], "v")
    return w, ran((w.item() * v).sum())


@planted("cut", "an equal array as a constant", "Probably")
def cut_by_a_copy():
    w, v = leaf([1.5, 2.5]), leaf([1.0, 1.0], "v")
    return w, ran((tg.tensor(w.detach()) * v).sum())


@planted("unreached", "made from v", "never used", "cannot be told")
def never_used():
    return leaf([1.5, 2.5]), ran(leaf([1.0, 2.0], "v").sum())


@planted("unreached", "under no_grad")
def used_under_no_grad():
    w, v = leaf([1.5, 2.5]), leaf([1.0, 1.0], "v")
    with tg.no_grad():
        h = tg.exp(w)
    return w, ran((h * v).sum())


@planted("comparison", "a truth value of its shape", "no derivative")
def compared():
    w, v = leaf([1.5, -2.5]), leaf([1.0, 1.0], "v")
    return w, ran(((w > 0) * v).sum())


@planted("loss not recorded", "outside no_grad")
def loss_under_no_grad():
    w = leaf([1.0, 2.0])
    with tg.no_grad():
        return w, w.sum()


@planted("intermediate", "made by multiply", "retain_grad", "here w", "It was [3. 3.]")
def intermediate():
    h = leaf([1.0, 2.0]) * 2
    ran((h * 3).sum())
    return h, None


@planted("intermediate", "w -= lr * w.grad")
def parameter_updated_out_of_place():
    w = leaf([1.0, 2.0])
    loss = ran((w * w).sum())
    v = w - 0.1 * w.grad
    del loss
    return v, ran((v * v).sum())


@planted("cleared", "delivered, once", "zero_grad")
def cleared():
    w = leaf([1.0, 2.0])
    loss = ran((w * w).sum())
    w.grad = None
    return w, loss


@planted("cleared", "zero_grad")
def cleared_by_an_optimizer_and_asked_without_loss():
    w = leaf([1.0, 2.0])
    ran((w * w).sum())
    tg.optim.SGD([w], lr=0.1).zero_grad()
    return w, None


@planted("not delivered", "tg.grad")
def backward_ran_for_others():
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()
    loss.node.saved = None
    return w, loss


@planted("accumulated", "2 backward passes", "zero_grad()")
def accumulated():
    w = leaf([1.0, 2.0])
    ran((w * w).sum())
    return w, ran((w * w).sum())


@planted("accumulated", "3 backward passes")
def accumulated_over_create_graph():
    w = leaf([1.0, 2.0])
    for _ in range(3):
        loss = (w * w).sum()
        loss.backward(create_graph=True)
    w.grad = w.grad.detach()
    return w, loss


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_planted_situation_is_named(name):
    SITUATIONS.demand(name)
