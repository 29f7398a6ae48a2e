"""The gradient of a differential equation's solution by the adjoint equation, as the rule of one node.

With a = dL/dy along the solution, da/dt = -a df/dy and dL/dp = -integral of a df/dp, from the last time to the first
(Chen, Rubanova, Bettencourt and Duvenaud, Neural Ordinary Differential Equations, 2018).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from .. import autodiff, graph, ops
from ..call import alias, flatten
from ..joint import Joint, filled, node_of, outside, tick, tracked
from ..tensor import Tensor

_record = node_of("odeint")


class Settings(NamedTuple):
    """How an equation is solved."""

    rtol: float
    atol: float
    max_steps: int
    gradient: str


def recorded_solution(
    odeint: Callable[..., Any], f: Callable[..., Any], find: Callable[..., Any], given: tuple[Any, ...],
    settings: Settings,
) -> Any:  # fmt: skip
    """`find(*given)`, which gets arrays, recorded as the solution of f, where `given` is (y0, t, *params)."""
    leaves, values = flatten(given), find(*filled(given, {}))
    if not graph.current().grad:
        return Tensor(values) if any(isinstance(x, Tensor) for x in leaves) else values
    chosen, start = tracked(leaves), tick()
    ends = {k: alias(leaves[k]) for k in chosen}
    y0, t, *params = filled(given, ends)
    slope = f(Tensor(values[0], requires_grad=True) if isinstance(y0, np.ndarray) else y0, t[0], *params)
    nodes = {end.node for end in ends.values()}
    others = outside(slope.node, nodes, start) if isinstance(slope, Tensor) and slope.node is not None else []
    if not chosen and not others:
        return Tensor(values) if any(isinstance(x, Tensor) for x in leaves) else values
    joint = _Solution(odeint, f, find, values, filled(given, dict.fromkeys(chosen)), chosen, others, settings)
    return _record(*[leaves[k] for k in chosen], *others, joint=joint)


class _Solution(Joint):
    """A differential equation with its solution."""

    def __init__(
        self, odeint: Callable[..., Any], f: Callable[..., Any], find: Callable[..., Any], values: Any, given: Any,
        chosen: list[int], others: list[Tensor], settings: Settings,
    ) -> None:  # fmt: skip
        super().__init__()
        self.odeint, self.f, self.find, self.values, self.given = odeint, f, find, values, given
        self.chosen, self.others, self.settings = chosen, others, settings

    def output(self, xs: tuple[Any, ...]) -> Any:
        """The solution: the one found, given away so that it lives no longer than it is needed; later, anew."""
        values, self.values = self.values, None
        return self.find(*filled(self.given, dict(zip(self.chosen, xs, strict=False)))) if values is None else values

    def gradients(self, g: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
        shape = y.shape[1:]
        n = math.prod(shape)
        own = dict(zip(self.chosen, xs, strict=False))
        _, t, *params = filled(self.given, own)
        leaves = {k: x for k, x in own.items() if k > 1}  # those among the parameters
        sizes = [x.size for x in (*leaves.values(), *self.others)]
        a: Any = np.zeros(n, y.dtype)
        by_parameter: Any = np.zeros(sum(sizes), y.dtype)
        moments: list[Any] = []
        with graph.switch(grad=isinstance(g, Tensor)):
            for k in range(y.shape[0] - 1, 0, -1):
                if 1 in own:
                    moments.append(np.sum(g[k] * self._slope(y[k], t[k], params)))
                a = a + np.reshape(g[k], n)
                state = _joined([np.reshape(y[k], n), a, by_parameter])
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
        slope = self.f(y, t, *params)
        return slope._data if isinstance(slope, Tensor) and slope.node is None else slope

    def _backward(self, shape: tuple[int, ...], leaves: dict[int, Any]) -> Callable[..., Any]:
        """The slope of (y, dL/dy, dL/dp), as one vector, where the recorded parameters are `leaves`."""
        n = math.prod(shape)

        def slope(state: Any, t: Any, *values: Any) -> Any:
            recorded = graph.current().grad
            y, a = np.reshape(state[:n], shape), np.reshape(state[n : 2 * n], shape)
            with graph.switch(grad=True):
                x, *args = [
                    alias(v) if isinstance(v, Tensor) and v.node is not None else Tensor(v, requires_grad=True)
                    for v in (y, *values)
                ]
                rest = filled(self.given, {0: x, 1: t, **dict(zip(leaves, args, strict=True))})[2:]
                dy = self.f(x, t, *rest)
            nodes: list[Any] = [v.node for v in (x, *args, *self.others)]
            found: dict[Any, Any] = {}
            if isinstance(dy, Tensor) and dy.node is not None:
                seed = -a if not recorded or isinstance(a, Tensor) else Tensor(-a)
                found = autodiff.pullback([(dy.node, seed)], wrt=nodes, create_graph=recorded)
            parts = [dy, *[found[v] if v in found else np.zeros(v.shape) for v in nodes]]
            if not recorded:
                parts = [p._data if isinstance(p, Tensor) else p for p in parts]
            return _joined([np.reshape(p, -1) for p in parts])

        return slope

    def __repr__(self) -> str:
        return getattr(self.f, "__name__", repr(self.f))


def _joined(parts: list[Any]) -> Any:
    return ops.concatenate(parts) if any(isinstance(p, Tensor) for p in parts) else np.concatenate(parts)


def _pair(start: Any, end: Any) -> Any:
    return ops.stack([start, end]) if isinstance(start, Tensor) else np.stack([start, end])
