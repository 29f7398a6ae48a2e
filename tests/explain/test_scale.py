"""`tg.why` says why a gradient is tiny or huge."""

from __future__ import annotations

import numpy as np
import pytest

import tinygraph as tg

from .planted import Catalogue, kept, leaf, ran

SITUATIONS = Catalogue()
planted = SITUATIONS.planted


@planted("saturated", "812 of 1,000 outputs of sigmoid", "norm shrinks")
def nearly_saturated():
    z = np.full((1, 1000), -20.0)
    z[0, 812:] = -12.0
    return (w := leaf(1e-4)), kept(lambda w: (tg.sigmoid(w * 1e-4 + z)).mean(), w)


@planted("vanishing", "sigmoid", "test_scale.py:")
def vanishing():
    def net(w):
        h = w
        for _ in range(20):
            h = tg.sigmoid(h)
        return h.sum()

    return (w := leaf([0.1, 0.2])), kept(net, w)


@planted("vanishing", "multiply at test_scale.py:", "1e-20")
def multiplied_by_a_tiny_number():
    return (w := leaf([1.0, 2.0])), kept(lambda w: (w * 1e-20).sum() * 3, w)


@planted("exploding", "norm grows", "matmul")
def exploding():
    def net(w):
        h = w
        for _ in range(12):
            h = h @ np.full((5, 5), 2.0)
        return h.sum()

    return (w := leaf(np.ones((1, 5)))), kept(net, w)


@planted("seed", "already started")
def scaled_seed():
    w = leaf([1.0, 2.0])
    return w, ran(w.sum(), gradient=np.array(1e-15))


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_planted_situation_is_named(name):
    SITUATIONS.demand(name)
