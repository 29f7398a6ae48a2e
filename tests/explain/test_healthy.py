"""`tg.why` keeps quiet about healthy gradients."""

from __future__ import annotations

import numpy as np
import pytest

import tinygraph as tg

from .healthy import HEALTHY, RNG, X
from .planted import leaf, ran


@pytest.mark.parametrize("name", HEALTHY)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_silence_on_healthy_gradients(name, dtype):
    w = leaf([0.5, -1.5, 0.7], dtype=dtype)
    with np.errstate(all="ignore"):
        loss = ran(HEALTHY[name](w))
    for asked in (tg.why(w), tg.why(w, loss)):
        assert asked.healthy, str(asked)
        assert str(asked).startswith("The gradient of w looks healthy: norm ")
        assert asked.fix == ""


def test_silence_on_a_network_in_training():
    model = tg.nn.Sequential(tg.nn.Linear(3, 8, rng=RNG), tg.nn.ReLU(), tg.nn.Linear(8, 1, rng=RNG))
    optimizer = tg.optim.Adam(model.parameters(), lr=0.01)
    for _ in range(10):
        optimizer.zero_grad()
        loss = ran(tg.nn.mse_loss(model(X), X[:, :1]))
        assert all(tg.why(p, loss).healthy for p in model.parameters())
        optimizer.step()
