"""The gradient of a differential equation's solution by the adjoint equation, as the rule of one node.

With a = dL/dy along the solution, da/dt = -a df/dy and dL/dp = -integral of a df/dp, from the last time to the first
(Chen, Rubanova, Bettencourt and Duvenaud, Neural Ordinary Differential Equations, 2018).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from ... import ops
from ...engine.lending import copied
from ...engine.mode import current, switch
from ...engine.node import Node
from ...engine.reverse import pullback
from ...engine.views import apart
from ...tensors.tensor import Tensor
from ..call import with_own_node
from ..joint import node_of, with_leaves
from .solution import Solution

_record = node_of("odeint")


class Settings(NamedTuple):
    """How an equation is solved: tolerances, the most steps, and which gradient."""

    rtol: float
    atol: float
    max_steps: int
    gradient: str


def recorded_solution(
    odeint: Callable[..., Any], f: Callable[..., Any], find: Callable[..., Any], given: tuple[Any, ...],
    settings: Settings,
) -> Any:  # fmt: skip
    """`find(*given)`, which gets arrays, recorded as the solution of f, where `given` is (y0, t, *params)."""
    solution = _Trajectory(odeint, f, find, given, settings)
    start = solution.value[0]

    def trial(y0: Any, t: Any, *params: Any) -> Node | None:
        y = with_own_node(start) if isinstance(y0, np.ndarray) else y0
        slope = f(y, t[0], *params)
        return slope.node if isinstance(slope, Tensor) else None

    return solution.value_recorded_by(_record, trial)


class _Trajectory(Solution):
    """A differential equation and its solution, as one node whose rule is the adjoint equation."""

    def __init__(
        self, odeint: Callable[..., Any], f: Callable[..., Any], find: Callable[..., Any], given: tuple[Any, ...],
        settings: Settings,
    ) -> None:  # fmt: skip
        super().__init__(f, find, given)
        self.odeint, self.settings = odeint, settings

    def gradients(self, g: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
        shape = y.shape[1:]
        n = math.prod(shape)
        own = dict(zip(self.chosen, xs, strict=False))
        _, t, *params = with_leaves(self.given, own)
        leaves = {k: x for k, x in own.items() if k > 1}  # those among the parameters
        sizes = [x.size for x in (*leaves.values(), *self.others)]
        a: Any = np.zeros(n, y.dtype)
        by_parameter: Any = np.zeros(sum(sizes), y.dtype)
        moments: list[Any] = []
        with switch(grad=isinstance(g, Tensor)):
            for k in range(y.shape[0] - 1, 0, -1):
                if 1 in own:
                    moments.append(np.sum(g[k] * self._slope(y[k], t[k], params)))
                a = a + np.reshape(g[k], n)
                state = _concatenate_parts([np.reshape(y[k], n), a, by_parameter])
                rtol, atol, max_steps, how = self.settings
                state = self.odeint(
                    self._backward(shape, leaves), state, _pair(t[k], t[k - 1]), *leaves.values(),
                    rtol=rtol, atol=atol, max_steps=max_steps, gradient=how,
                )[-1]  # fmt: skip
                a, by_parameter = state[n : 2 * n], state[2 * n :]
            grads: dict[int, Any] = {0: np.reshape(a, shape) + g[0]}
            if 1 in own:
                moments.append(-np.sum(np.reshape(a, shape) * self._slope(y[0], t[0], params)))
                grads[1] = ops.stack(moments[::-1]) if isinstance(g, Tensor) else np.stack(moments[::-1])
            ends = np.cumsum(sizes)
            parts = [by_parameter[end - size : end] for size, end in zip(sizes, ends, strict=True)]
            grads |= dict(zip(leaves, parts, strict=False))
            found = [grads[k] for k in self.chosen] + parts[len(leaves) :]
            return [np.reshape(c, x.shape) for c, x in zip(found, (*own.values(), *self.others), strict=True)]

    def _slope(self, y: Any, t: Any, params: Any) -> Any:
        slope = self.f(copied(y), t, *params)
        return slope._array if isinstance(slope, Tensor) and slope.node is None else slope

    def _backward(self, shape: tuple[int, ...], leaves: dict[int, Any]) -> Callable[..., Any]:
        """The slope of (y, dL/dy, dL/dp), as one vector, where the recorded parameters are `leaves`."""
        n = math.prod(shape)

        def slope(state: Any, t: Any, *values: Any) -> Any:
            recorded = current().grad
            y, a = np.reshape(state[:n], shape), np.reshape(state[n : 2 * n], shape)
            with switch(grad=True):
                x, *args = map(with_own_node, (y, *values))
                theirs = map(apart, args)  # f may write into what it is given
                rest = with_leaves(self.given, {0: x, 1: t, **dict(zip(leaves, theirs, strict=True))})[2:]
                dy = self.f(apart(x), t, *rest)
            nodes: list[Any] = [v.node for v in (x, *args, *self.others)]
            found: dict[Any, Any] = {}
            if isinstance(dy, Tensor) and dy.node is not None:
                seed = -a if not recorded or isinstance(a, Tensor) else Tensor(-a)
                found = pullback([(dy.node, seed)], wrt=nodes, create_graph=recorded)
            parts = [dy, *[found[v] if v in found else np.zeros(v.shape) for v in nodes]]
            if not recorded:
                parts = [p._array if isinstance(p, Tensor) else p for p in parts]
            return _concatenate_parts([np.reshape(p, -1) for p in parts])

        return slope


def _concatenate_parts(parts: list[Any]) -> Any:
    """The vectors joined into one: recorded where one of them is a Tensor."""
    return ops.concatenate(parts) if any(isinstance(p, Tensor) for p in parts) else np.concatenate(parts)


def _pair(start: Any, end: Any) -> Any:
    """Two times as one array, recorded if they are."""
    return ops.stack([start, end]) if isinstance(start, Tensor) else np.stack([start, end])
