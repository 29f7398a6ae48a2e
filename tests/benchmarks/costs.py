"""What is not time: memory of graphs and of training."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tests.benchmarks.engines import Engine
from tests.benchmarks.harness import Array, FailedError, Side, Step, TooSlowError, Workload
from tests.benchmarks.mlp import BIG

NODE_BAR, PEAK_BAR = 600, 1.2  # bytes a node; times PyTorch's peak


@dataclass(frozen=True)
class GraphMemory(Workload):
    """A chain of `length` products of (32,) float64 with one shared constant, kept alive by its last tensor.

    The rule of a multiplication reads the constant only, and 32 numbers are too many to be kept for pictures,
    so what is measured is the graph without any saved arrays.
    """

    length: int = 200_000

    def small(self) -> Workload:
        return replace(self, length=100)

    def data(self) -> tuple[Array, Array]:
        """The first value and the constant."""
        return np.linspace(0.1, 0.8, 32), np.ones(32)

    def chain(self, y: Any, c: Any) -> Any:
        """The last value of the chain, through any engine's operators."""
        for _ in range(self.length):
            y = y * c
        return y

    def hand(self) -> Step:
        x, c = self.data()
        return lambda: (self.chain(x, c),)

    def tinygraph(self) -> Step:
        import tinygraph as tg

        data, c = self.data()
        x = tg.tensor(data, requires_grad=True)
        return lambda: (self.chain(x, c),)

    def torch(self) -> Step:
        import torch

        data, c = (torch.tensor(array) for array in self.data())
        x = data.requires_grad_()
        return lambda: (self.chain(x, c),)

    def mygrad(self) -> Step:
        import mygrad as mg

        data, c = self.data()
        x = mg.tensor(data)
        return lambda: (self.chain(x, c),)

    def autograd(self) -> Step:
        from autograd import make_vjp

        x, c = self.data()
        record = make_vjp(lambda x: self.chain(x, c))
        return lambda: record(x)


NODES = GraphMemory("graph_memory")


@dataclass
class Cost:
    """One row: a figure for each engine by name in `unit`, and the greatest that tinygraph may need."""

    name: str
    unit: str
    figures: dict[str, float]
    bar: float | None
    failures: dict[str, str]


def _memory(
    workload: Workload, engines: Iterable[Engine], limit: float
) -> tuple[dict[str, dict[str, int]], dict[str, str]]:
    """Each engine's resident memory in a process of its own, and what went wrong."""
    found: dict[str, dict[str, int]] = {}
    failures: dict[str, str] = {}
    for engine in engines:
        if not workload.supports(engine):
            continue
        side = Side(workload, engine)
        try:
            found[engine.name] = side.ask("memory", limit=limit)
        except (FailedError, TooSlowError) as problem:
            failures[engine.name] = str(problem)
        finally:
            side.close()
    return found, failures


def graph_memory(engines: Iterable[Engine], limit: float) -> Cost:
    """Bytes of resident memory a recorded node takes."""
    found, failures = _memory(NODES, engines, limit)
    figures = {name: (used["held"] - used["before"]) / NODES.length for name, used in found.items()}
    return Cost("graph memory a node", "bytes", figures, NODE_BAR, failures)


def peak_memory(engines: Iterable[Engine], limit: float) -> list[Cost]:
    """Peak of mlp_big's processes: of the whole process, and above what it held before the first step."""
    found, failures = _memory(BIG, engines, limit)
    whole = {name: used["peak"] / 2**20 for name, used in found.items()}
    steps = {name: (used["peak"] - used["before"]) / 2**20 for name, used in found.items()}

    def bar(figures: dict[str, float]) -> float | None:
        return PEAK_BAR * figures["torch"] if "torch" in figures else None

    return [
        Cost("peak memory of mlp_big", "MiB", whole, bar(whole), failures),
        Cost("peak memory of mlp_big above parameters and libraries", "MiB", steps, bar(steps), {}),
    ]
