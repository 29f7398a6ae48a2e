"""Calling a function with tracked arguments, as every transform does: numbers, arrays, Tensors and nests of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextvars import ContextVar
from functools import partial
from typing import Any

import numpy as np

from ..engine.declare import linear
from ..engine.mode import current, switch, tracing
from ..engine.node import Node, leaf, topological, wrap
from ..engine.reverse import pullback
from ..engine.trees import flatten, map_leaves
from ..engine.views import apart
from ..errors import GraphError, NotDifferentiable
from ..tensors.tensor import Tensor

_depth: ContextVar[int] = ContextVar("tinygraph.depth", default=0)
"""How many transforms enclose this one: an inner gradient is recorded, for the outer one to differentiate."""
_PYTHON = (np.float64, np.complex128)
"""What Python's own numbers are."""


@linear(lambda g, y, x: g, name="alias")
def _alias(x):  # type: ignore[no-untyped-def]
    return x


def alias(x: Tensor) -> Tensor:
    """`x` itself under a node of its own, so that a transform can differentiate with respect to it alone."""
    return apart(_alias(x))


class Call:
    """One call of `f` with the arguments `argnums` tracked, and the way back to what the caller gave."""

    def __init__(
        self,
        function: str,
        f: Callable[..., Any],
        argnums: int | Sequence[int],
        args: Sequence[Any],
        kwargs: dict[str, Any],
    ) -> None:
        self.function, self.single = function, isinstance(argnums, int | np.integer)
        chosen = [int(argnums)] if isinstance(argnums, int | np.integer) else [int(a) for a in argnums]
        for a in chosen:
            if not -len(args) <= a < len(args):
                raise TypeError(f"{function}: argnums {a} asks for an argument that is not there; {len(args)} given")
        self.chosen = [a % len(args) for a in chosen]
        self.given = [args[a] for a in self.chosen]
        self.depth = _depth.get()
        token = _depth.set(self.depth + 1)
        try:
            with switch(grad=True):
                self.inputs = [
                    map_leaves(x, partial(self._track, a), records=True)
                    for a, x in zip(self.chosen, self.given, strict=True)
                ]
                tracked = list(args)
                for a, x in zip(self.chosen, self.inputs, strict=True):
                    tracked[a] = x
                self.nodes: list[Node] = [
                    t.node for t in flatten(self.inputs, records=True)
                ]  # before f assigns into them
                self.output = f(*tracked, **kwargs)
        finally:
            _depth.reset(token)
        self.nested = self.depth > 0 or tracing() or (current().grad and self._must_record())

    def _must_record(self) -> bool:
        """Whether results must be recorded: Tensors were given, and they or what `f` closes over are tracked."""
        tensors = [x for x in flatten(self.given, records=True) if isinstance(x, Tensor)]
        if not tensors or any(x.node is not None for x in tensors):
            return bool(tensors)
        roots = [x.node for x in flatten(self.output, records=True) if isinstance(x, Tensor) and x.node is not None]
        tracked = set(self.nodes)
        return any(node.op is None and node not in tracked for node in topological(roots))

    def _track(self, position: int, x: Any) -> Tensor:
        if isinstance(x, Tensor) and x.node is not None:
            return alias(x)
        data = x._data if isinstance(x, Tensor) else np.asarray(x)
        if data.dtype.kind not in "fc":
            raise NotDifferentiable(
                f"{self.function}: argument {position} is {type(x).__name__} of {data.dtype}, which has no "
                f"gradient; pass floating-point numbers, or choose other argnums"
            )
        t: Tensor = wrap(Tensor, data, None)
        t.node = leaf(t, x.name if isinstance(x, Tensor) else None)
        return t

    def scalar(self, value: Any) -> Tensor:
        """`value`, what f returned, as a tensor of one element, which must be real."""
        if not isinstance(value, Tensor):
            if isinstance(value, int | float | np.generic | np.ndarray) and np.size(value) == 1:
                return Tensor(np.asarray(value))  # constant in its arguments
            raise GraphError(f"{self.function}: f returned {type(value).__name__} {value!r:.60}; return one number")
        if value.size != 1:
            raise GraphError(
                f"{self.function}: f returned shape {value.shape}, not one number; "
                f"reduce it, or use tg.jacobian or tg.vjp"
            )
        if value.dtype.kind == "c":
            raise GraphError(
                f"{self.function}: f returned a complex number ({value.dtype}), and a gradient is that of a real one; "
                f"return np.abs(y) ** 2, y.real or the like, or use tg.jacobian or tg.vjp"
            )
        return value

    def pull(self, output: Tensor, seed: Any = None, *, recorded: bool, retain: bool = False) -> list[Any]:
        """The gradient of the inner product `<seed, output>` for every tracked input, zeros without influence."""
        if output.node is None:
            return [np.zeros(n.shape, n.dtype) for n in self.nodes]
        if seed is None:
            seed = np.ones_like(output._data)[()]
        if recorded:
            seed = seed if isinstance(seed, Tensor) else wrap(Tensor, seed, None)
        with switch(grad=recorded):
            found = pullback([(output.node, seed)], wrt=self.nodes, create_graph=recorded, retain_graph=retain)
        return [found[n] if n in found else np.zeros(n.shape, n.dtype) for n in self.nodes]

    def like_arguments(self, results: list[Any]) -> Any:
        """Results, one per tracked input, put together as the arguments were: arrays for arrays, Tensors for Tensors.

        `results` is used up. An array among them shares memory with nothing, and is handed out as it is.
        """
        results.reverse()
        trees = [map_leaves(x, lambda leaf: self.like_argument(leaf, results.pop()), records=True) for x in self.given]
        return trees[0] if self.single else tuple(trees)

    def like_argument(self, given: Any, result: Any) -> Any:
        """`result` in the kind of the argument `given`: a Tensor for one or where a transform needs it, else an array.

        Nobody else holds `result`.
        """
        if isinstance(result, Tensor):
            if isinstance(given, Tensor) or result.node is not None:
                return result
            result = result._data.copy()  # what it is part of may hold it
        if isinstance(given, Tensor):
            return Tensor(result)
        if isinstance(given, float | complex):
            return result.item() if result.ndim == 0 and result.dtype in _PYTHON else result[()]
        return result if isinstance(given, np.ndarray) else result[()]


def output_for_caller(value: Any, call: Call) -> Any:
    """What `f` returned, as the caller gets it: without tracking, and as arrays where arrays were given."""
    given = flatten(call.given, records=True)
    tensors, numbers = any(isinstance(x, Tensor) for x in given), all(isinstance(x, float | complex) for x in given)

    def convert(x: Any) -> Any:
        if not isinstance(x, Tensor) or call.nested:
            return x
        if numbers and x.ndim == 0 and x.dtype in _PYTHON:
            return x.item()
        return x.detach() if tensors else x._data

    return map_leaves(value, convert, records=True)
