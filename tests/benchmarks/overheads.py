"""What one operation costs on a small array, forward and backward, in chains of a thousand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.benchmarks.harness import Array, Step, Workload

FORWARD_BAR, BACKWARD_BAR = 1.2, 1.5  # microseconds an operation
LENGTH = 1000  # operations in a chain


@dataclass(frozen=True)
class Overhead(Workload):
    """A chain of `length` equal operations on a tracked float64 array: add, tanh of (8,), matmul of (8, 8).

    The second operand is an untracked array. With `backward` false the chain is only recorded (and dropped);
    the difference of the two is the cost of the backward pass.
    """

    op: str = "add"
    backward: bool = False
    length: int = LENGTH

    def small(self) -> Workload:
        return replace(self, length=10)

    def data(self) -> tuple[Array, Array]:
        """The first and the second operand; the matrix is orthogonal, so a long chain keeps its size."""
        rng = np.random.default_rng(0)
        if self.op == "matmul":
            return rng.standard_normal((8, 8)), np.linalg.qr(rng.standard_normal((8, 8)))[0]
        return rng.standard_normal(8), rng.standard_normal(8)

    def chain(self, y: Any, c: Any, tanh: Callable[[Any], Any]) -> Any:
        """The result of the chain, through any engine's operators."""
        if self.op == "add":
            for _ in range(self.length):
                y = y + c
        elif self.op == "tanh":
            for _ in range(self.length):
                y = tanh(y)
        else:
            for _ in range(self.length):
                y = y @ c
        return y

    def hand(self) -> Step:
        x, c = self.data()

        def backward(outputs: list[Array]) -> Array:
            g = np.ones_like(x)
            if self.op == "tanh":
                for y in reversed(outputs):
                    g = g * (1 - y * y)
            elif self.op == "matmul":
                for _ in range(self.length):
                    g = g @ c.T
            return g

        def step() -> tuple[Any, ...]:
            if not self.backward:
                return (self.chain(x, c, np.tanh),)
            y, outputs = x, []
            if self.op == "tanh":
                for _ in range(self.length):
                    y = np.tanh(y)
                    outputs.append(y)
            else:
                y = self.chain(x, c, np.tanh)
            return y.sum(), backward(outputs)

        return step

    def _steps(self, x: Any, c: Any, tanh: Callable[[Any], Any]) -> Step:
        def forward() -> tuple[Any, ...]:
            return (self.chain(x, c, tanh),)

        def both() -> tuple[Any, ...]:
            x.grad = None
            loss = self.chain(x, c, tanh).sum()
            loss.backward()
            return loss, x.grad

        return both if self.backward else forward

    def tinygraph(self) -> Step:
        import tinygraph as tg

        x, c = self.data()
        return self._steps(tg.tensor(x, requires_grad=True), c, tg.tanh)

    def torch(self) -> Step:
        import torch

        x, c = self.data()
        return self._steps(torch.tensor(x, requires_grad=True), torch.tensor(c), torch.tanh)

    def mygrad(self) -> Step:
        import mygrad as mg

        data, c = self.data()
        x = mg.tensor(data)

        def forward() -> tuple[Any, ...]:
            return (self.chain(x, c, mg.tanh),)

        def both() -> tuple[Any, ...]:
            loss = self.chain(x, c, mg.tanh).sum()
            loss.backward()
            return loss, x.grad

        return both if self.backward else forward

    def autograd(self) -> Step:
        import autograd.numpy as anp
        from autograd import make_vjp

        x, c = self.data()
        record = make_vjp(lambda x: self.chain(x, c, anp.tanh))

        def step() -> tuple[Any, ...]:
            vjp, y = record(x)
            return (y.sum(), vjp(np.ones_like(x))) if self.backward else (y,)

        return step


WORKLOADS = tuple(
    Overhead(f"op_{op}_{phase}", op=op, backward=phase == "both")
    for op in ("add", "tanh", "matmul")
    for phase in ("forward", "both")
)
