"""The implicit function theorem as a node: the solution x of F(x, p) = 0 as a function of p.

With g the gradient of x, `J^T u = -g` for the Jacobian J of F in x, and the gradient of p is `u^T dF/dp`: one linear
system, however the solution was found. For higher orders u is itself the solution of an equation in (x, g, p).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...engine.mode import switch, tracing
from ...engine.node import Node
from ...engine.reverse import pullback, pullback_rows
from ...engine.views import apart
from ...errors import GraphError, TraceError
from ...tensors.tensor import Tensor
from ..call import with_own_node
from ..joint import node_of, with_leaves
from .solution import Solution

Linear = Callable[[str, Node, Node, Any], Any]
"""Solves for the adjoint: `(name, node of F, node of x, g) -> u` with `J^T u = -g`."""
_nodes = {name: node_of(name) for name in ("fixed_point", "root", "minimize", "adjoint")}


def start_of(function: str, x0: Any) -> np.ndarray[Any, Any]:
    """`x0` as an array of floating-point numbers, for a solver to begin with."""
    if tracing():
        raise TraceError(
            f"{function}: a solver cannot be compiled, as its number of steps depends on values; "
            f"call it outside of the compiled step"
        )
    x = np.asarray(x0._array if isinstance(x0, Tensor) else x0)
    if x.dtype.kind not in "fiu":
        raise TypeError(f"{function}: x0 is {x0!r:.60} of {x.dtype}; give an array of real numbers to start from")
    return x if x.dtype.kind == "f" else x.astype(float)


def largest_size(x: Any) -> float:
    """The largest absolute value in `x`."""
    return float(np.max(np.abs(x), initial=0))


def array_function(f: Callable[..., Any], params: tuple[Any, ...]) -> Callable[[Any], Any]:
    """`f(x, *params)` as a function of an array x alone, not recorded, with an array as result."""
    given = with_leaves(params, {})

    def values(x: Any) -> Any:
        with switch(grad=False):
            y = f(x.copy(), *given)  # it may write into it
        return np.asarray(y._array if isinstance(y, Tensor) else y)

    return values


def value_and_jacobian(name: str, F: Callable[..., Any], x: Any, params: tuple[Any, ...]) -> tuple[Any, Any]:
    """`F(x, *params)` and its Jacobian in x, as a matrix, at the array x."""
    with switch(grad=True):
        t = with_own_node(np.array(x))
        r = F(t, *with_leaves(params, {}))
    r = output_like(name, r, t)
    return np.asarray(r._array), jacobian_matrix(r.node, t.node)  # type: ignore[arg-type]


def jacobian_matrix(root: Node, x: Node) -> np.ndarray[Any, Any]:
    """The Jacobian of the node `root` in `x`, both of one shape, as a square matrix: one sweep for all rows."""
    basis = np.eye(x.size, dtype=x.dtype).reshape(x.size, *x.shape)
    found = pullback_rows(root, basis, [x]) if x.size else {}
    return found[x].reshape(x.size, x.size) if x in found else np.zeros((x.size, x.size), x.dtype)


def output_like(name: str, r: Any, x: Tensor) -> Tensor:
    """What a function of x returned, if it is a tensor of x's shape that depends on recorded tensors."""
    if np.shape(r) != x.shape:
        raise ValueError(f"{name}: f returned shape {np.shape(r)} for x of shape {x.shape}; return the shape of x")
    if not isinstance(r, Tensor) or r.node is None:
        raise GraphError(f"{name}: what f returned does not depend on x: {r!r:.60}; compute it from x")
    return r


def dense_adjoint(name: str, r: Node, x: Node, g: Any) -> Any:
    """The adjoint u with J^T u = -g, by the Jacobian as a matrix: O(n^3)."""
    try:
        u = np.linalg.solve(jacobian_matrix(r, x).T, -np.reshape(g, -1)) if x.size else -np.reshape(g, -1)
    except np.linalg.LinAlgError:
        raise GraphError(
            f"{name}: the Jacobian at the solution is singular ({x.size} x {x.size}), so the solution is not a "
            f"function of the parameters there; restate the equation so that solutions are isolated"
        ) from None
    return u.reshape(x.shape).astype(x.dtype, copy=False)


def implicit_solution(
    name: str, F: Callable[..., Any], find: Callable[..., Any], params: tuple[Any, ...], linear: Linear
) -> Any:
    """`find(*params)`, which gets arrays, recorded as the solution x of F(x, *params) = 0.

    A function of the recorded tensors in `params` and of those that F uses without being given them. Where there are
    none, the plain value: a Tensor if one was given.
    """
    equation = _Equation(name, F, find, params, linear)
    x = equation.value

    def trial(*args: Any) -> Node | None:
        t = with_own_node(x)
        return output_like(name, F(t, *args), t).node

    return equation.value_recorded_by(_nodes[name.split()[0]], trial)


class _Equation(Solution):
    """An equation F(x, *params) = 0 and its solution x, as one node."""

    def __init__(
        self, name: str, F: Callable[..., Any], find: Callable[..., Any], params: tuple[Any, ...], linear: Linear
    ) -> None:
        super().__init__(F, find, params)
        self.name, self.linear = name, linear

    def _run(self, y: Any, leaves: tuple[Any, ...]) -> tuple[Tensor, list[Tensor], Tensor]:
        """x and the parameters, each under a node of its own, and F of them, recorded."""
        with switch(grad=True):
            x, *args = map(with_own_node, (y, *leaves))
            theirs = dict(zip(self.chosen, map(apart, args), strict=False))  # f may write into what it is given
            r = self.f(apart(x), *with_leaves(self.given, theirs))
        return x, args, r

    def gradients(self, g: Any, y: Any, xs: tuple[Any, ...]) -> list[Any]:
        leaves = xs[: len(self.chosen)]
        x, args, r = self._run(y, leaves)
        recorded = isinstance(g, Tensor)
        if recorded:
            name = f"adjoint of {self.name.removeprefix('adjoint of ')}"
            u = implicit_solution(name, self._adjoint, self._find_adjoint, (y, g, *leaves), self.linear)
        else:
            u = self.linear(self.name, r.node, x.node, g)  # type: ignore[arg-type]
        nodes: list[Any] = [t.node for t in (*args, *self.others)]
        with switch(grad=recorded):
            found = pullback([(r.node, u)], wrt=nodes, create_graph=recorded)  # type: ignore[list-item]
        return [found[n] if n in found else np.zeros(n.shape, n.dtype) for n in nodes]

    def _find_adjoint(self, y: Any, g: Any, *leaves: Any) -> Any:
        x, _, r = self._run(y, leaves)
        return self.linear(self.name, r.node, x.node, g)  # type: ignore[arg-type]

    def _adjoint(self, u: Any, y: Any, g: Any, *leaves: Any) -> Any:
        """J^T u + g, which is 0 where u is the adjoint: an equation linear in u."""
        x, _, r = self._run(y, leaves)
        found = pullback([(r.node, u)], wrt=[x.node], create_graph=True)  # type: ignore[list-item]
        return found[x.node] + g  # type: ignore[index]
