"""The workload bound by memory bandwidth: an elementwise expression over a million numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.benchmarks.engines import as_it_is
from tests.benchmarks.harness import Array, Step, Workload

Function = Callable[[Any], Any]


def expression(x: Any, tanh: Function, sigmoid: Function, exp: Function) -> Any:
    """mean(tanh x * sigmoid x + x exp(-x^2)), through any engine's operators."""
    return (tanh(x) * sigmoid(x) + x * exp(-(x * x))).mean()


@dataclass(frozen=True)
class Elementwise(Workload):
    """Value and gradient of the expression at `size` float32 numbers."""

    size: int = 1_000_000

    def small(self) -> Workload:
        return replace(self, size=100)

    def data(self) -> Array:
        """Normally distributed float32 numbers."""
        return np.random.default_rng(0).standard_normal(self.size).astype(np.float32)

    def hand(self) -> Step:
        x = self.data()

        def step() -> tuple[Any, ...]:
            square = x * x
            t = np.tanh(x)
            s = 1 / (1 + np.exp(-x))
            e = np.exp(-square)
            ts = t * s
            loss = (ts + x * e).mean()
            gradient = s - ts * t  # (1 - t^2) s
            gradient += ts - ts * s  # t s (1 - s)
            gradient += e - 2 * square * e
            gradient /= self.size
            return loss, gradient

        return step

    def _tinygraph_step(self, wrap: Callable[..., Any]) -> Step:
        import tinygraph as tg

        x = tg.tensor(self.data(), requires_grad=True)

        @wrap
        def differentiate() -> Any:
            x.grad = None
            loss = expression(x, tg.tanh, tg.sigmoid, tg.exp)
            loss.backward()
            return loss

        return lambda: (differentiate(), x.grad)

    def tinygraph(self) -> Step:
        return self._tinygraph_step(as_it_is)

    def compiled(self) -> Step:
        import tinygraph as tg

        return self._tinygraph_step(tg.compile)

    def _torch_step(self, function: Function) -> Step:
        import torch

        x = torch.tensor(self.data(), requires_grad=True)

        def step() -> tuple[Any, ...]:
            x.grad = None
            loss = function(x)
            loss.backward()
            return loss, x.grad

        return step

    def torch(self) -> Step:
        import torch

        return self._torch_step(lambda x: expression(x, torch.tanh, torch.sigmoid, torch.exp))

    def torch_compile(self) -> Step:
        import torch

        return self._torch_step(torch.compile(lambda x: expression(x, torch.tanh, torch.sigmoid, torch.exp)))

    def jax(self) -> Step:
        import jax
        import jax.numpy as jnp

        function = jax.jit(jax.value_and_grad(lambda x: expression(x, jnp.tanh, jax.nn.sigmoid, jnp.exp)))
        x = jnp.asarray(self.data())
        return lambda: tuple(jax.block_until_ready(function(x)))

    def mygrad(self) -> Step:
        import mygrad as mg

        x = mg.tensor(self.data())

        def step() -> tuple[Any, ...]:
            loss = expression(x, mg.tanh, mg.nnet.sigmoid, mg.exp)
            loss.backward()
            return loss, x.grad

        return step

    def autograd(self) -> Step:
        import autograd.numpy as anp
        from autograd import value_and_grad

        function = value_and_grad(lambda x: anp.mean(anp.tanh(x) / (1 + anp.exp(-x)) + x * anp.exp(-(x * x))))
        x = self.data()
        return lambda: tuple(function(x))


WORKLOADS = (Elementwise("elementwise", eager_bar=0.7, compiled_bar=0.09),)
