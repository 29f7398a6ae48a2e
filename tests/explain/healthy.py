"""Losses of three numbers whose gradients are as they should be."""

from __future__ import annotations

import numpy as np

import tinygraph as tg

RNG = np.random.default_rng(0)
X = RNG.normal(size=(20, 3))
HEALTHY = {
    "square": lambda w: (w * w).sum(),
    "mean": lambda w: tg.square(w).mean(),
    "sigmoid": lambda w: tg.sigmoid(X @ w).mean(),
    "tanh": lambda w: tg.tanh(X @ w).mean(),
    "relu": lambda w: tg.relu(X @ w).sum(),
    "leaky relu": lambda w: tg.leaky_relu(X @ w).sum(),
    "softplus": lambda w: tg.softplus(X @ w).sum(),
    "log loss": lambda w: tg.nn.binary_cross_entropy_with_logits(X @ w, (X[:, 0] > 0).astype(float)),
    "cross entropy": lambda w: tg.nn.cross_entropy(tg.tile(w, (4, 1)), np.array([0, 1, 2, 0])),
    "max": lambda w: w.max() * 1.0,
    "one element": lambda w: w[1] * 2,
    "where": lambda w: tg.where(w > 0, tg.sqrt(tg.where(w > 0, w, 1.0)), 0.0).sum(),
    "hidden log": lambda w: tg.where(w > 0, tg.log(w), w).sum(),
    "exp": lambda w: tg.exp(w).sum(),
    "norm": lambda w: tg.sqrt((w * w).sum()),
    "logsumexp": lambda w: tg.logsumexp(w),
    "prod": lambda w: w.prod(),
    "std": lambda w: w.std(),
    "clip": lambda w: tg.clip(w, -1, 1).sum(),
    "quotient": lambda w: (w / (1 + w * w)).sum(),
    "reused": lambda w: (w * w + w * 3 + tg.sin(w)).sum(),
    "sum of many": lambda w: (X @ w).sum() * 1000,
}
