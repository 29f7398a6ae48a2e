"""The notes' logistic regression, samples as columns, one full-batch gradient step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.benchmarks.engines import as_it_is
from tests.benchmarks.harness import Array, Step, Workload

ALPHA = 1e-4


def log_loss(a: Any, y: Any, log: Callable[[Any], Any]) -> Any:
    """Mean logistic loss of the probabilities a, written as in the notes, through any engine's operators."""
    return -(y * log(a) + (1 - y) * log(1 - a)).mean()


@dataclass(frozen=True)
class LogisticRegression(Workload):
    """A = sigmoid(W.T @ X + b), log loss, W := W - alpha dW, b := b - alpha db; X: (features, samples)."""

    dtype: str = "float64"
    features: int = 12288
    samples: int = 209

    def small(self) -> Workload:
        return replace(self, features=12, samples=7)

    def data(self) -> tuple[Array, Array, Array, Array]:
        """W (features, 1), b (1, 1), X (features, samples) in [0, 1], Y (1, samples) of zeros and ones."""
        rng = np.random.default_rng(0)
        x = rng.random((self.features, self.samples)).astype(self.dtype)
        y = (rng.random((1, self.samples)) < 0.4).astype(self.dtype)
        w = (1e-4 * rng.standard_normal((self.features, 1))).astype(self.dtype)
        return w, np.zeros((1, 1), self.dtype), x, y

    def hand(self) -> Step:
        w, b, x, y = self.data()

        def step() -> tuple[Any, ...]:
            nonlocal w, b
            a = 1 / (1 + np.exp(-(w.T @ x + b)))
            loss = log_loss(a, y, np.log)
            dz = (a - y) / self.samples
            w = w - ALPHA * (x @ dz.T)
            b = b - ALPHA * dz.sum(axis=1, keepdims=True)
            return loss, w, b

        return step

    def _tinygraph_step(self, wrap: Callable[..., Any]) -> Step:
        import tinygraph as tg

        data_w, data_b, x, y = self.data()
        w: Any = tg.tensor(data_w, requires_grad=True)
        b: Any = tg.tensor(data_b, requires_grad=True)

        @wrap
        def train(x: Any, y: Any) -> Any:
            nonlocal w, b
            loss = log_loss(tg.sigmoid(w.T @ x + b), y, tg.log)
            loss.backward()
            with tg.no_grad():
                w -= ALPHA * w.grad
                b -= ALPHA * b.grad
            w.grad = b.grad = None
            return loss

        return lambda: (train(x, y), w, b)

    def tinygraph(self) -> Step:
        return self._tinygraph_step(as_it_is)

    def compiled(self) -> Step:
        import tinygraph as tg

        return self._tinygraph_step(tg.compile)

    def _torch_step(self, loss_of: Callable[..., Any]) -> Step:
        import torch

        data_w, data_b, data_x, data_y = self.data()
        w, b = torch.tensor(data_w, requires_grad=True), torch.tensor(data_b, requires_grad=True)
        x, y = torch.tensor(data_x), torch.tensor(data_y)

        def step() -> tuple[Any, ...]:
            nonlocal w, b
            loss = loss_of(w, b, x, y)
            loss.backward()
            with torch.no_grad():
                w -= ALPHA * w.grad
                b -= ALPHA * b.grad
            w.grad = b.grad = None
            return loss, w, b

        return step

    def torch(self) -> Step:
        import torch

        return self._torch_step(lambda w, b, x, y: log_loss(torch.sigmoid(w.T @ x + b), y, torch.log))

    def torch_compile(self) -> Step:
        import torch

        return self._torch_step(torch.compile(lambda w, b, x, y: log_loss(torch.sigmoid(w.T @ x + b), y, torch.log)))

    def jax(self) -> Step:
        import jax
        import jax.numpy as jnp

        w, b, x, y = (jnp.asarray(array) for array in self.data())

        def train(w: Any, b: Any, x: Any, y: Any) -> tuple[Any, ...]:
            loss, (dw, db) = jax.value_and_grad(
                lambda w, b: log_loss(jax.nn.sigmoid(w.T @ x + b), y, jnp.log), argnums=(0, 1)
            )(w, b)
            return loss, w - ALPHA * dw, b - ALPHA * db

        jitted = jax.jit(train)

        def step() -> tuple[Any, ...]:
            nonlocal w, b
            loss, w, b = jax.block_until_ready(jitted(w, b, x, y))
            return loss, w, b

        return step

    def mygrad(self) -> Step:
        import mygrad as mg

        data_w, data_b, x, y = self.data()
        w, b = mg.tensor(data_w), mg.tensor(data_b)

        def step() -> tuple[Any, ...]:
            loss = log_loss(mg.nnet.sigmoid(w.T @ x + b), y, mg.log)
            loss.backward()
            w.data -= ALPHA * w.grad
            b.data -= ALPHA * b.grad
            return loss, w, b

        return step

    def autograd(self) -> Step:
        import autograd.numpy as anp
        from autograd import value_and_grad

        w, b, x, y = self.data()
        function = value_and_grad(lambda wb: log_loss(1 / (1 + anp.exp(-(anp.dot(wb[0].T, x) + wb[1]))), y, anp.log))

        def step() -> tuple[Any, ...]:
            nonlocal w, b
            loss, (dw, db) = function((w, b))
            w = w - ALPHA * dw
            b = b - ALPHA * db
            return loss, w, b

        return step


WORKLOADS = (
    LogisticRegression("logreg", eager_bar=1.1, compiled_bar=0.78),
    LogisticRegression("logreg_f32", eager_bar=1.2, compiled_bar=0.95, dtype="float32"),
)
