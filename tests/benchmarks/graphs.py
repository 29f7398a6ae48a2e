"""Graphs of extreme shape made of small operations: very deep, and very wide."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from tests.benchmarks.engines import Engine, as_it_is
from tests.benchmarks.harness import Array, Step, Workload

WIDTH = 8  # numbers in each small array


def _gradient_steps(x: Any, function: Callable[[Any], Any], wrap: Callable[..., Any] = as_it_is) -> Step:
    """Forward, backward, and a fresh gradient each time: alike for tinygraph and PyTorch."""

    @wrap
    def differentiate() -> Any:
        x.grad = None
        loss = function(x)
        loss.backward()
        return loss

    return lambda: (differentiate(), x.grad)


def _mygrad_steps(x: Any, function: Callable[[Any], Any]) -> Step:
    """MyGrad forgets gradients by itself and does not let them be assigned."""

    def step() -> tuple[Any, ...]:
        loss = function(x)
        loss.backward()
        return loss, x.grad

    return step


def chain(y: Any, tanh: Callable[[Any], Any], length: int, up: Any, down: Any) -> Any:
    """Sum of x after `length` operations, multiplication and tanh in turn, through any engine's operators."""
    for _ in range(length // 4):
        y = tanh(y * up)
        y = tanh(y * down)
    return y.sum()


@dataclass(frozen=True)
class DeepChain(Workload):
    """Loss and gradient of y = tanh(y * a), repeated; `length` counts products and tanhs; y: (8,) float64.

    The factor a is an array, 1.25 and 0.8 in turn, so that neither value nor gradient dies away.
    """

    length: int = 10_000
    verified_steps: ClassVar[int] = 2  # nothing is updated, so the second must equal the first

    def supports(self, engine: Engine) -> bool:
        """JAX and torch.compile unroll the chain, and their compilers need minutes for it."""
        return super().supports(engine) and not (self.length > 10_000 and engine.name in ("jax", "torch_compile"))

    def small(self) -> Workload:
        return replace(self, length=min(self.length // 100, 2_000))

    def data(self) -> tuple[Array, Array, Array]:
        """x, and the two factors."""
        return np.linspace(0.1, 0.8, WIDTH), np.full(WIDTH, 1.25), np.full(WIDTH, 0.8)

    def hand(self) -> Step:
        x, up, down = self.data()

        def step() -> tuple[Any, ...]:
            y = x
            saved = []
            for _ in range(self.length // 4):
                y = np.tanh(y * up)
                saved.append(y)
                y = np.tanh(y * down)
                saved.append(y)
            loss = y.sum()
            gradient = np.ones_like(x)
            for _ in range(self.length // 4):
                y = saved.pop()
                gradient *= 1 - y * y
                gradient *= down
                y = saved.pop()
                gradient *= 1 - y * y
                gradient *= up
            return loss, gradient

        return step

    def _tinygraph_step(self, wrap: Callable[..., Any]) -> Step:
        import tinygraph as tg

        x, up, down = self.data()
        return _gradient_steps(
            tg.tensor(x, requires_grad=True), lambda x: chain(x, tg.tanh, self.length, up, down), wrap
        )

    def tinygraph(self) -> Step:
        return self._tinygraph_step(as_it_is)

    def compiled(self) -> Step:
        import tinygraph as tg

        return self._tinygraph_step(tg.compile)

    def _torch_step(self, wrap: Callable[..., Any]) -> Step:
        import torch

        x, up, down = (torch.tensor(array) for array in self.data())
        return _gradient_steps(x.requires_grad_(), wrap(lambda x: chain(x, torch.tanh, self.length, up, down)))

    def torch(self) -> Step:
        return self._torch_step(lambda function: function)

    def torch_compile(self) -> Step:
        import torch

        return self._torch_step(torch.compile)

    def jax(self) -> Step:
        import jax
        import jax.numpy as jnp

        x, up, down = (jnp.asarray(array) for array in self.data())
        function = jax.jit(jax.value_and_grad(lambda x: chain(x, jnp.tanh, self.length, up, down)))
        return lambda: tuple(jax.block_until_ready(function(x)))

    def mygrad(self) -> Step:
        import mygrad as mg

        x, up, down = self.data()
        return _mygrad_steps(mg.tensor(x), lambda x: chain(x, mg.tanh, self.length, up, down))

    def autograd(self) -> Step:
        import autograd.numpy as anp
        from autograd import value_and_grad

        x, up, down = self.data()
        function = value_and_grad(lambda x: anp.sum(chain(x, anp.tanh, self.length, up, down)))
        return lambda: tuple(function(x))


def fan(x: Any, factors: list[Any]) -> Any:
    """Sum of x times each factor, one product and one addition a factor, through any engine's operators."""
    y = x * factors[0]
    for factor in factors[1:]:
        y = y + x * factor
    return y.sum()


@dataclass(frozen=True)
class WideFanout(Workload):
    """Loss and gradient of sum(x * c_1 + x * c_2 + ...): x, (8,) float64, is used `uses` times."""

    uses: int = 10_000

    def small(self) -> Workload:
        return replace(self, uses=100)

    def data(self) -> tuple[Array, list[Array]]:
        """x and the factors, each an array of its own."""
        rng = np.random.default_rng(0)
        return rng.standard_normal(WIDTH), list(rng.standard_normal((self.uses, WIDTH)))

    def hand(self) -> Step:
        x, factors = self.data()

        def step() -> tuple[Any, ...]:
            y = np.zeros_like(x)
            for factor in factors:
                y += x * factor
            loss = y.sum()
            g = np.ones_like(x)
            gradient = np.zeros_like(x)
            for factor in factors:
                gradient += g * factor
            return loss, gradient

        return step

    def _tinygraph_step(self, wrap: Callable[..., Any]) -> Step:
        import tinygraph as tg

        x, factors = self.data()
        return _gradient_steps(tg.tensor(x, requires_grad=True), lambda x: fan(x, factors), wrap)

    def tinygraph(self) -> Step:
        return self._tinygraph_step(as_it_is)

    def compiled(self) -> Step:
        import tinygraph as tg

        return self._tinygraph_step(tg.compile)

    def _torch_step(self, wrap: Callable[..., Any]) -> Step:
        import torch

        x, arrays = self.data()
        factors = [torch.tensor(array) for array in arrays]
        return _gradient_steps(torch.tensor(x, requires_grad=True), wrap(lambda x: fan(x, factors)))

    def torch(self) -> Step:
        return self._torch_step(lambda function: function)

    def torch_compile(self) -> Step:
        import torch

        return self._torch_step(torch.compile)

    def jax(self) -> Step:
        import jax
        import jax.numpy as jnp

        x, arrays = self.data()
        factors = [jnp.asarray(array) for array in arrays]
        function = jax.jit(jax.value_and_grad(lambda x: fan(x, factors)))
        return lambda: tuple(jax.block_until_ready(function(x)))

    def mygrad(self) -> Step:
        import mygrad as mg

        x, factors = self.data()
        return _mygrad_steps(mg.tensor(x), lambda x: fan(x, factors))

    def autograd(self) -> Step:
        import autograd.numpy as anp
        from autograd import value_and_grad

        x, factors = self.data()
        function = value_and_grad(lambda x: anp.sum(fan(x, factors)))
        return lambda: tuple(function(x))


WORKLOADS = (
    DeepChain("deep_chain_10k", eager_bar=4, compiled_bar=0.15),
    DeepChain("deep_chain_100k", eager_bar=4, compiled_bar=0.5, length=100_000),
    DeepChain("deep_chain_1m", eager_bar=4, length=1_000_000),
    WideFanout("wide_fanout", eager_bar=5, compiled_bar=1.0),
)
