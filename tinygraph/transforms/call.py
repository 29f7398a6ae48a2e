"""Calling a function with tracked arguments, as every transform does: numbers, arrays, Tensors and nests of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from ..engine.declare import linear
from ..engine.mode import current, depth, handed_over, switch, tracing
from ..engine.node import Node, point, topological, wrap
from ..engine.reverse import pullback
from ..engine.trees import flatten, map_leaves, paths
from ..engine.views import apart
from ..errors import GraphError, NotDifferentiable
from ..tensors import conversions
from ..tensors.tensor import Tensor

_PYTHON = (np.float64, np.complex128)
"""What Python's own numbers are."""


@linear(lambda g, y, x: g, name="alias")
def _alias(x):  # type: ignore[no-untyped-def]
    return x


def check_function(function: str, f: Any) -> None:
    """Raise TypeError where a transform is given a value, as PyTorch's are, instead of a function."""
    if not callable(f):
        raise TypeError(
            f"{function}: got {type(f).__name__} {f!r:.60}, and differentiates functions; write tg.{function}(f)(x) "
            f"for a function f, or y.backward() and then x.grad for a tensor y"
        )


def alias(x: Tensor) -> Tensor:
    """`x` itself under a node of its own, so that a transform can differentiate with respect to it alone."""
    return apart(_alias(x))


def with_own_node(x: Any) -> Tensor:
    """`x`, a recorded tensor or an array, under a node of its own, to differentiate with respect to it alone."""
    if isinstance(x, Tensor) and x.node is not None:
        return alias(x)
    t = Tensor(np.array(x))
    t.node = point(t, None)
    return t


def _without_labels(x: Any) -> Any:
    """The Tensor in an array with labels, such as one of xarray's; anything else as it is."""
    held = None if isinstance(x, Tensor | np.ndarray) else getattr(x, "data", None)
    return held if isinstance(held, Tensor) else x


class Call:
    """One call of `f` with the arguments `argnums` tracked, and the way back to what the caller gave.

    `output` is what f returned; with `has_aux` the first of the two that it returned, and `aux` the second.
    """

    def __init__(
        self,
        function: str,
        f: Callable[..., Any],
        argnums: int | Sequence[int],
        args: Sequence[Any],
        kwargs: dict[str, Any],
        has_aux: bool = False,
    ) -> None:
        f = handed_over(f)
        self.function, self.single = function, isinstance(argnums, int | np.integer)
        chosen = [int(argnums)] if isinstance(argnums, int | np.integer) else [int(a) for a in argnums]
        for a in chosen:
            if not -len(args) <= a < len(args):
                raise TypeError(f"{function}: argnums {a} asks for an argument that is not there; {len(args)} given")
        self.chosen = [a % len(args) for a in chosen]
        self.given = [args[a] for a in self.chosen]
        outer = depth.get()
        token = depth.set(outer + 1)
        try:
            with switch(grad=True):
                self.inputs = [map_leaves(x, self._track, records=True) for x in self.given]
                tracked = list(args)
                for a, x in zip(self.chosen, self.inputs, strict=True):
                    tracked[a] = x
                self.nodes: list[Node] = [
                    t.node for t in flatten(self.inputs, records=True)
                ]  # before f assigns into them
                self.output = _without_labels(f(*tracked, **kwargs))
        finally:
            depth.reset(token)
        self.nested = outer > 0 or tracing() or (current().grad and self._must_record())
        self.has_aux, self.aux = has_aux, None
        if has_aux:
            if not (isinstance(self.output, tuple | list) and len(self.output) == 2):
                raise GraphError(f"{function}: with has_aux f returns (value, aux), not {type(self.output).__name__}")
            self.output, self.aux = _without_labels(self.output[0]), self.output[1]

    def _must_record(self) -> bool:
        """Whether results must be recorded: Tensors were given, and they or what `f` closes over are tracked."""
        tensors = [x for x in flatten(self.given, records=True) if isinstance(x, Tensor)]
        if not tensors or any(x.node is not None for x in tensors):
            return bool(tensors)
        roots = [x.node for x in flatten(self.output, records=True) if isinstance(x, Tensor) and x.node is not None]
        tracked = set(self.nodes)
        return any(node.op is None and node not in tracked for node in topological(roots))

    def _track(self, x: Any) -> Tensor:
        if isinstance(x, Tensor) and x.node is not None:
            return alias(x)
        data = np.asarray(float(x) if type(x) is int else x._array if isinstance(x, Tensor) else x)
        if data.dtype.kind not in "fc":
            a, tree = next((a, g) for a, g in zip(self.chosen, self.given, strict=True) if _place(g, x) is not None)
            raise NotDifferentiable(
                f"{self.function}: argument {a}{_place(tree, x)} is {type(x).__name__} of {data.dtype}, which has no "
                f"gradient; pass floating-point numbers, such as x.astype(float), or choose other argnums"
            )
        t: Tensor = wrap(Tensor, data, None)
        t.node = point(t, x.name if isinstance(x, Tensor) else None)
        return t

    def outputs(self) -> list[Tensor]:
        """The leaves of what f returned, each as a Tensor of numbers that can have a derivative."""
        return [self._number(x) for x in flatten(self.output, records=True)]

    def _number(self, x: Any) -> Tensor:
        """A leaf of what f returned as a Tensor; numbers and arrays are constants, Python's integers floats."""
        value = float(x) if type(x) is int else x
        if not isinstance(value, Tensor) and not _is_number(value):
            raise GraphError(
                f"{self.function}: f returned {self._where(x)}{type(x).__name__} {x!r:.60}; return numbers, arrays, "
                f"Tensors, or lists, tuples, dicts and dataclasses of them, and anything else beside with has_aux=True"
            )
        output = value if isinstance(value, Tensor) else Tensor(np.asarray(value))
        if output.dtype.kind not in "fc":
            raise NotDifferentiable(
                f"{self.function}: f returned {self._where(x)}{conversions.jumps(output.dtype)}, or give these beside "
                f"them with has_aux=True"
            )
        return output

    def _where(self, x: Any) -> str:
        place = _place(self.output, x)
        return f"at {place} " if place else ""

    def scalar(self) -> Tensor:
        """What f returned as a tensor of one element, which must be real."""
        given = self.output
        if not isinstance(given, Tensor) and np.size(given if _is_number(given) else ()) != 1:
            raise GraphError(f"{self.function}: f returned {type(given).__name__} {given!r:.60}; return one number")
        value = self._number(given)
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

    def pull(self, outputs: Sequence[Tensor], seeds: Sequence[Any], *, retain: bool = False) -> list[Any]:
        """The gradient of the sum of `<seed, output>` for every tracked input, zeros without influence.

        It is recorded if a seed is a Tensor.
        """
        recorded = any(isinstance(seed, Tensor) for seed in seeds)
        roots = [
            (y.node, wrap(Tensor, seed, None) if recorded and not isinstance(seed, Tensor) else seed)
            for y, seed in zip(outputs, seeds, strict=True)
            if y.node is not None
        ]
        found: dict[Node, Any] = {}
        if roots:
            with switch(grad=recorded):
                found = pullback(roots, wrt=self.nodes, create_graph=recorded, retain_graph=retain)
        return [found[n] if n in found else np.zeros(n.shape, n.dtype) for n in self.nodes]

    def gradient(self, *, recorded: bool, retain: bool = False) -> list[Any]:
        """The gradient of the one number that f returned for every tracked input."""
        loss = self.scalar()
        seed = np.ones_like(loss._array)[()]
        return self.pull([loss], [wrap(Tensor, seed, None) if recorded else seed], retain=retain)

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
            result = result._array.copy()  # what it is part of may hold it
        if isinstance(given, Tensor):
            return Tensor(result)
        if isinstance(given, int | float | complex) and not isinstance(given, np.generic):
            return result.item() if result.ndim == 0 and result.dtype in _PYTHON else result[()]
        return result if isinstance(given, np.ndarray) else result[()]

    def to_caller(self, value: Any) -> Any:
        """What `f` computed, as the caller gets it: without tracking, and as arrays where arrays were given."""
        given = flatten(self.given, records=True)
        tensors = any(isinstance(x, Tensor) for x in given)
        numbers = all(isinstance(x, int | float | complex) and not isinstance(x, np.generic) for x in given)

        def convert(x: Any) -> Any:
            if not isinstance(x, Tensor) or self.nested:
                return x
            if numbers and x.ndim == 0 and x.dtype in _PYTHON:
                return x._array.item()
            return x.detach() if tensors else x._array

        return map_leaves(value, convert, records=True)

    def beside_aux(self, *results: Any) -> Any:
        """The results of a transform, with `has_aux` followed by what f returned beside its value."""
        if self.has_aux:
            results = (*results, self.to_caller(self.aux))
        return results if len(results) > 1 else results[0]


def _is_number(x: Any) -> bool:
    """Whether `x` is a number or an array, of which a transform can take the derivative."""
    return isinstance(x, int | float | complex | np.ndarray | np.generic)


def _place(tree: Any, x: Any) -> str | None:
    """The indexes and keys that lead to `x` in `tree`, such as "['w'][0]"; "" if it is all, None if it is not there."""
    return next(("".join(f"[{k!r}]" for k in path) for path, y in paths(tree, records=True) if y is x), None)
