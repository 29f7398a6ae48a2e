"""What an answer of `tg.why` consists of, and what asking leaves alone."""

from __future__ import annotations

import re

import numpy as np
import pytest

import tinygraph as tg
from tinygraph.explain import Why

from . import test_bad, test_missing, test_scale, test_zero
from .planted import kept, leaf, ran


def test_the_catalogue_is_long_enough():
    assert sum(len(module.SITUATIONS) for module in (test_missing, test_zero, test_scale, test_bad)) >= 50


def test_an_answer_has_parts():
    w = leaf([-1.0, -2.0])
    answer = tg.why(w, kept(lambda w: tg.relu(w).sum(), w))
    assert isinstance(answer, Why)
    assert answer.node.op.name == "relu"
    assert re.search(r"test_answer\.py:\d+$", answer.origin)
    assert answer.fix.startswith("Lower the learning rate")
    assert repr(answer).startswith("<Why dead relu: The gradient of w")
    assert "tg.origins()" not in str(answer)


def test_without_lines_it_says_how_to_get_them():
    w = leaf([-1.0, -2.0])
    answer = tg.why(w, ran(tg.relu(w).sum()))
    assert answer.origin is None
    assert str(answer).endswith("Record under `with tg.origins():` to learn the line.")


def test_the_bad_element_is_told():
    w = leaf([[1.0, 4.0], [0.0, 4.0]])
    assert tg.why(w, kept(lambda w: tg.sqrt(w).sum(), w)).element == (1, 0)


def test_a_tensor_without_name_is_told_by_its_shape():
    assert "the tensor of shape (2,)" in str(tg.why(tg.tensor([1.0, 2.0], requires_grad=True)))


def test_other_ways_that_are_cut_too():
    w = leaf([-1.0, -2.0])
    assert "Other ways to it are cut too: relu." in str(tg.why(w, ran((tg.relu(w) + tg.sign(w)).sum())))


def test_a_graph_that_was_retained_needs_no_kept_values():
    w = leaf(np.full(100, -1.0))
    assert tg.why(w, ran(tg.relu(w * 2.0).sum(), retain_graph=True)).cause == "dead relu"


def test_an_update_since_does_not_mislead():
    w = leaf([-1.0, -2.0])
    loss = ran(tg.relu(w).sum())
    with tg.no_grad():
        w += 5.0
    assert tg.why(w, loss).cause in ("zero", "dead relu")


def test_it_leaves_the_graph_alone():
    w = leaf([1.0, 2.0])
    loss = (w * w).sum()
    tg.why(w, loss)
    assert w.grad is None
    assert getattr(loss.node, "grad", None) is None
    ran(loss)
    assert np.array_equal(w.grad.data, [2.0, 4.0])
    assert tg.why(w, loss).healthy


def test_long_chains():
    w = leaf(1.0)
    h = w
    for _ in range(20_000):
        h = h * 1.0
    assert tg.why(w, ran(h)).healthy
    w.grad = None
    assert tg.why(w, ran(tg.relu(-(w * 1.0)))).cause == "dead relu"


def test_only_tensors_are_asked_about():
    with pytest.raises(TypeError, match=r"why: t is float 1.0, not a Tensor; ask tg.why\(t\) about a tensor"):
        tg.why(1.0)
    with pytest.raises(TypeError, match="why: loss is list"):
        tg.why(leaf([1.0]), [1.0])
