"""The workload that is all overhead: an expression of 30 operations on single numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.engines import as_it_is
from tests.benchmarks.harness import Step, Workload

A, B, ROUNDS = 0.6, 0.9, 4
Function = Callable[[Any], Any]


def expression(a: Any, b: Any, tanh: Function, exp: Function) -> Any:
    """Seven operations, four times, and two more, through any engine's operators."""
    for _ in range(ROUNDS):
        a, b = tanh(a * b + a), b - a / (1 + b * b)
    return exp(a) * b


@dataclass(frozen=True)
class ScalarExpr(Workload):
    """Value and both derivatives of a 30-operation scalar expression in float64; by hand on Python floats."""

    def small(self) -> Workload:
        return self

    def hand(self) -> Step:
        tanh, exp = math.tanh, math.exp

        def step() -> tuple[float, float, float]:
            a, b = A, B
            saved = []
            for _ in range(ROUNDS):
                divisor = 1 + b * b
                after, quotient = tanh(a * b + a), a / divisor
                saved.append((a, b, after, divisor, quotient))
                a, b = after, b - quotient
            db = exp(a)
            y = da = db * b
            for a, b, after, divisor, quotient in reversed(saved):
                g = da * (1 - after * after)
                da = g * (b + 1) - db / divisor
                db = g * a + db * (1 + 2 * b * quotient / divisor)
            return y, da, db

        return step

    def _tinygraph_step(self, wrap: Callable[..., Any]) -> Step:
        import tinygraph as tg

        a, b = tg.tensor(A, requires_grad=True), tg.tensor(B, requires_grad=True)

        @wrap
        def differentiate() -> Any:
            a.grad = b.grad = None
            y = expression(a, b, tg.tanh, tg.exp)
            y.backward()
            return y

        return lambda: (differentiate(), a.grad, b.grad)

    def tinygraph(self) -> Step:
        return self._tinygraph_step(as_it_is)

    def compiled(self) -> Step:
        import tinygraph as tg

        return self._tinygraph_step(tg.compile)

    def torch(self) -> Step:
        import torch

        a = torch.tensor(A, dtype=torch.float64, requires_grad=True)
        b = torch.tensor(B, dtype=torch.float64, requires_grad=True)

        def step() -> tuple[Any, ...]:
            a.grad = b.grad = None
            y = expression(a, b, torch.tanh, torch.exp)
            y.backward()
            return y, a.grad, b.grad

        return step

    def torch_compile(self) -> Step:
        import torch

        a = torch.tensor(A, dtype=torch.float64, requires_grad=True)
        b = torch.tensor(B, dtype=torch.float64, requires_grad=True)
        function = torch.compile(lambda a, b: expression(a, b, torch.tanh, torch.exp))

        def step() -> tuple[Any, ...]:
            a.grad = b.grad = None
            y = function(a, b)
            y.backward()
            return y, a.grad, b.grad

        return step

    def jax(self) -> Step:
        import jax
        import jax.numpy as jnp

        function = jax.jit(jax.value_and_grad(lambda a, b: expression(a, b, jnp.tanh, jnp.exp), argnums=(0, 1)))
        a, b = jnp.asarray(A), jnp.asarray(B)

        def step() -> tuple[Any, ...]:
            y, (da, db) = jax.block_until_ready(function(a, b))
            return y, da, db

        return step

    def mygrad(self) -> Step:
        import mygrad as mg

        a, b = mg.tensor(A), mg.tensor(B)

        def step() -> tuple[Any, ...]:
            y = expression(a, b, mg.tanh, mg.exp)
            y.backward()
            return y, a.grad, b.grad

        return step

    def autograd(self) -> Step:
        import autograd.numpy as np
        from autograd import value_and_grad

        function = value_and_grad(lambda ab: expression(ab[0], ab[1], np.tanh, np.exp))

        def step() -> tuple[Any, ...]:
            y, (da, db) = function((A, B))
            return y, da, db

        return step


WORKLOADS = (ScalarExpr("scalar_expr", eager_bar=35, compiled_bar=0.2),)
