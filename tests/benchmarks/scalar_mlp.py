"""The smallest network: written with the graph's primitives, one sample, where only overhead counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tests.benchmarks.engines import as_it_is
from tests.benchmarks.harness import Array, Step, Workload
from tests.benchmarks.mlp import parameters

RATE = 0.01


def squared_error(parameters: Any, x: Any, target: Any, tanh: Callable[[Any], Any]) -> Any:
    """Squared error of the network's one output, through any engine's operators."""
    w1, b1, w2, b2, w3, b3 = parameters
    h = tanh(tanh(x @ w1.T + b1) @ w2.T + b2)
    return ((h @ w3.T + b3 - target) ** 2).sum()


@dataclass(frozen=True)
class ScalarMlp(Workload):
    """2-16-16-1 with tanh, squared error, SGD, float64; x: (1, 2)."""

    def small(self) -> Workload:
        return self

    def data(self) -> tuple[list[Array], Array, Array]:
        """Parameters, x and target."""
        return parameters((2, 16, 16, 1), "float64"), np.array([[0.5, -0.3]]), np.array([[0.7]])

    def hand(self) -> Step:
        (w1, b1, w2, b2, w3, b3), x, target = self.data()

        def step() -> tuple[Any, ...]:
            h1 = np.tanh(x @ w1.T + b1)
            h2 = np.tanh(h1 @ w2.T + b2)
            difference = h2 @ w3.T + b3 - target
            loss = difference[0, 0] ** 2
            g3 = 2 * difference
            g2 = (g3 @ w3) * (1 - h2 * h2)
            g1 = (g2 @ w2) * (1 - h1 * h1)
            for w, b, g, h in ((w3, b3, g3, h2), (w2, b2, g2, h1), (w1, b1, g1, x)):
                g *= RATE
                w -= g.T * h  # the outer product of one sample
                b -= g[0]
            return loss, w1, b1, w2, b2, w3, b3

        return step

    def _tinygraph_step(self, wrap: Callable[..., Any]) -> Step:
        import tinygraph as tg

        arrays, x, target = self.data()
        tensors: list[Any] = [tg.tensor(array, requires_grad=True) for array in arrays]

        @wrap
        def train(x: Any, target: Any) -> Any:
            loss = squared_error(tensors, x, target, tg.tanh)
            loss.backward()
            with tg.no_grad():
                for tensor in tensors:
                    tensor -= RATE * tensor.grad
                    tensor.grad = None
            return loss

        return lambda: (train(x, target), *tensors)

    def tinygraph(self) -> Step:
        return self._tinygraph_step(as_it_is)

    def compiled(self) -> Step:
        import tinygraph as tg

        return self._tinygraph_step(tg.compile)

    def _torch_step(self, wrap: Callable[..., Any]) -> Step:
        import torch

        arrays, *arguments = self.data()
        tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
        x, target = (torch.tensor(array) for array in arguments)
        loss_of = wrap(lambda tensors: squared_error(tensors, x, target, torch.tanh))

        def step() -> tuple[Any, ...]:
            loss = loss_of(tensors)
            loss.backward()
            with torch.no_grad():
                for tensor in tensors:
                    tensor -= RATE * tensor.grad
                    tensor.grad = None
            return loss, *tensors

        return step

    def torch(self) -> Step:
        return self._torch_step(lambda function: function)

    def torch_compile(self) -> Step:
        import torch

        return self._torch_step(torch.compile)

    def jax(self) -> Step:
        import jax
        import jax.numpy as jnp

        tensors, x, target = jax.tree.map(jnp.asarray, self.data())

        def train(tensors: Any) -> tuple[Any, ...]:
            loss, gradients = jax.value_and_grad(squared_error)(tensors, x, target, jnp.tanh)
            return loss, [w - RATE * g for w, g in zip(tensors, gradients, strict=True)]

        jitted = jax.jit(train)

        def step() -> tuple[Any, ...]:
            nonlocal tensors
            loss, tensors = jax.block_until_ready(jitted(tensors))
            return loss, *tensors

        return step

    def mygrad(self) -> Step:
        import mygrad as mg

        arrays, x, target = self.data()
        tensors = [mg.tensor(array) for array in arrays]

        def step() -> tuple[Any, ...]:
            loss = squared_error(tensors, x, target, mg.tanh)
            loss.backward()
            for tensor in tensors:
                tensor.data -= RATE * tensor.grad
            return loss, *tensors

        return step

    def autograd(self) -> Step:
        import autograd.numpy as anp
        from autograd import value_and_grad

        arrays, x, target = self.data()
        function = value_and_grad(squared_error)

        def step() -> tuple[Any, ...]:
            loss, gradients = function(arrays, x, target, anp.tanh)
            for array, gradient in zip(arrays, gradients, strict=True):
                array -= RATE * gradient
            return loss, *arrays

        return step


WORKLOADS = (ScalarMlp("scalar_mlp", eager_bar=3, compiled_bar=0.1),)
